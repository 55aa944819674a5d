"""What web UI and command line say above the hits about words of the question."""

from collections.abc import Mapping, Sequence


def told_words(missing: Sequence[str], excluded: Sequence[str], corrected: Mapping[str, str]) -> str:
    """The words understood as others, those whose pages are left out, and those that no page has, in a line.

    Empty without any.

    >>> told_words(["ethanol"], ["marine"], {})
    'Left out: pages that say marine. On no other page: ethanol'
    >>> told_words([], [], {"revnue": "revenue"})
    'Searched for “revenue” instead of “revnue”'
    """
    instead = [f"“{meant}” instead of “{word}”" for word, meant in corrected.items()]
    parts = [
        f"Searched for {', '.join(instead)}" if instead else "",
        f"Left out: pages that say {' or '.join(excluded)}" if excluded else "",
        f"On no {'other ' if excluded else ''}page: {', '.join(missing)}" if missing else "",
    ]
    return ". ".join(filter(None, parts))
