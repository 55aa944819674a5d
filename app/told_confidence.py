"""What web UI and command line say about how sure a search is."""

from vdr.search.calibration import UNLIKELY


def shown_chance(chance: float) -> str:
    """A chance for people, neither certain nor impossible.

    >>> shown_chance(0.724), shown_chance(0.9999), shown_chance(0.0004)
    ('72 %', '99 %', '1 %')
    """
    return f"{min(max(round(100 * chance), 1), 99)} %"


def told_doubt(answerable: float | None) -> str:
    """What stands above the hits where hardly any page answers; empty where one may, or nobody knows.

    >>> told_doubt(0.05), told_doubt(0.9), told_doubt(None)
    ('Nothing here seems to answer that. The closest pages:', '', '')
    """
    if answerable is None or answerable >= UNLIKELY:
        return ""
    return "Nothing here seems to answer that. The closest pages:"
