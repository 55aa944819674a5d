"""Cursors of tools: where the service's own list stood, and how much of its answer did not fit any more."""

from base64 import b64decode, urlsafe_b64encode
from typing import NamedTuple

from vdr.errors import BadInput


class Place(NamedTuple):
    """`of_service` is the service's cursor, "" at the beginning; `skipped` results after it were shown."""

    of_service: str = ""
    skipped: int = 0


def cursor_at(place: Place) -> str:
    """The cursor to continue from a place."""
    return urlsafe_b64encode(f"{place.skipped} {place.of_service}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> Place:
    """The place that a cursor stands for; the beginning without. Raises BadInput."""
    if cursor is None:
        return Place()
    try:
        text = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        skipped, _, of_service = text.partition(" ")
        return Place(of_service, int(skipped))
    except ValueError as error:
        raise BadInput(
            "cursor: this is not a cursor.", remedy="Use next_cursor of the previous answer, or leave it out."
        ) from error


def following(place: Place, shown: int, found: int, next_of_service: str | None) -> str | None:
    """The cursor after `shown` more of the `found` results of an answer; None at the end."""
    if place.skipped + shown < found:
        return cursor_at(Place(place.of_service, place.skipped + shown))
    return None if next_of_service is None else cursor_at(Place(next_of_service))
