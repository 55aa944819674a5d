"""What can be said of results in the web UI, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass

from vdr.feedback import FeedbackKind

VIEWER = "viewer"
_OF_HIT = (
    (FeedbackKind.RIGHT, "Right page", "This page answers the question"),
    (FeedbackKind.WRONG, "Not this one", "This page does not answer the question"),
)
_OF_ALL = ((FeedbackKind.NOTHING, "None of these answers", "No page here answers the question"),)


@dataclass(frozen=True, slots=True)
class JudgedView:
    """A page that can be judged, or all that was found; `said` is what was, `back` asks the search again.

    `place` tells buttons of one page apart: the rank of a hit, or VIEWER.
    """

    search_id: str
    document_id: str = ""
    page_number: int = 0
    place: str = ""
    back: str = ""
    said: str = ""

    @property
    def choices(self) -> Sequence[tuple[FeedbackKind, str, str]]:
        """What can be said: the kind, what is on the button, and what it means."""
        if not self.document_id:
            return _OF_ALL
        return _OF_HIT[:1] if self.place == VIEWER else _OF_HIT
