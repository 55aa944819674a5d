"""JSON that came as text: in an address, a form or on the command line."""

import json


def read_json(text: str) -> object:
    """What the text says. Raises ValueError with where it is wrong."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"invalid JSON at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error
