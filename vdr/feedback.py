"""What people say of what searches have found, and the searches that are kept for it."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from vdr.types import PageRef

# Milliseconds since 1970 in hexadecimal, then 80 random bits: ids come in the order of time, and nobody
# guesses one.
_TIME_DIGITS, _RANDOM_BYTES = 12, 10
_ID_DIGITS = 32


class FeedbackKind(StrEnum):
    """What somebody says of a page, or has done with it.

    RIGHT and WRONG are about a page that the search has shown, EXPECTED about the one that it should have
    found, NOTHING about the whole collection: no page of it answers.
    """

    RIGHT = "right"
    WRONG = "wrong"
    EXPECTED = "expected"
    NOTHING = "nothing"
    OPENED = "opened"
    COPIED = "copied"
    DWELT = "dwelt"


# Said by people on purpose; the others are traces of what they do.
JUDGEMENTS = (FeedbackKind.RIGHT, FeedbackKind.WRONG, FeedbackKind.EXPECTED, FeedbackKind.NOTHING)
OPPOSITES = {FeedbackKind.RIGHT: FeedbackKind.WRONG, FeedbackKind.WRONG: FeedbackKind.RIGHT}


@dataclass(frozen=True, slots=True)
class KeptHit:
    """A hit as it was shown; `stages` are the scores by the names of the stages, rounded."""

    page: PageRef
    rank: int
    score: float
    confidence: float | None = None
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search, kept for a time. `text` is "" where an image or a page was searched by alone.

    `request` is what was asked besides, `plan` what was done: how long each part took, and what there was no
    time for. `key_id` is that of the API key that asked, if one did. `asked_at` is ISO 8601 in UTC.
    """

    search_id: str
    generation: str
    asked_at: str
    text: str
    request: Mapping[str, object]
    plan: Mapping[str, object]
    hits: tuple[KeptHit, ...]
    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody says of a search: of its `page`, or with None of all that it has found.

    `reporter` is who says it in the words of the client, "" where it does not tell, `key_id` the API key that
    it came with. `dwelt_ms` is there for DWELT alone.
    """

    search_id: str
    kind: FeedbackKind
    page: PageRef | None = None
    reporter: str = ""
    key_id: str | None = None
    dwelt_ms: int | None = None
    noted_at: str = ""

    @property
    def feedback_id(self) -> str:
        """The same for what is said twice, so that it counts once."""
        page = "" if self.page is None else f"{self.page.document_id}#{self.page.page_number}"
        told = "\n".join((self.search_id, self.kind, page, self.key_id or "", self.reporter))
        return sha256(told.encode()).hexdigest()[:_ID_DIGITS]

    @property
    def who(self) -> str:
        """Whose opinion it is: that of a key, or of a reporter; "" where nobody knows."""
        return self.reporter if self.key_id is None else f"key:{self.key_id}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which kept searches and feedback are meant: those to which all that is given applies.

    `reporter` and `key_id` are of who gave feedback, or asked; `before` is a time in ISO 8601.
    """

    search_id: str | None = None
    reporter: str | None = None
    key_id: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much was deleted."""

    feedback: int
    searches: int


def new_search_id() -> str:
    """The id of a search that is being answered."""
    return f"{time.time_ns() // 1_000_000:0{_TIME_DIGITS}x}{secrets.token_hex(_RANDOM_BYTES)}"


def age_s(search_id: str) -> float | None:
    """How long ago an id was made, in seconds; None for what is no id."""
    try:
        made_ms = int(search_id[:_TIME_DIGITS], 16)
    except ValueError:
        return None
    return time.time() - made_ms / 1_000 if len(search_id) == _ID_DIGITS else None


def days_ago(days: float) -> str:
    """A time in the past, as the catalogue notes it."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
