"""Says in words what pydantic found wrong."""

from pydantic import ValidationError


def first_fault(error: ValidationError, *, below: int = 0) -> str:
    """The first mistake and where it is, as in `page_numbers.0: Input should be ...`, with no full stop.

    `below` leaves out that many parts of the place, for callers who name them in words of their own.
    """
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"][below:])
    return f"{place}: {first['msg']}" if place else first["msg"]


def first_field(error: ValidationError) -> str:
    """The field that the first mistake is in; "" if it is none of one field."""
    return str(next(iter(error.errors(include_url=False)[0]["loc"]), ""))
