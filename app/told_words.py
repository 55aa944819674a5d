"""What web UI and command line say above the hits about words of the question."""

from collections.abc import Sequence


def told_words(missing: Sequence[str], excluded: Sequence[str]) -> str:
    """The words that no page has, and those whose pages are left out, in a line; empty without any.

    >>> told_words(["ethanol"], ["marine"])
    'Left out: pages that say marine. On no other page: ethanol'
    """
    parts = [
        f"Left out: pages that say {' or '.join(excluded)}" if excluded else "",
        f"On no {'other ' if excluded else ''}page: {', '.join(missing)}" if missing else "",
    ]
    return ". ".join(filter(None, parts))
