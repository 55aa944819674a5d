"""What the feedback endpoints take and give."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.api.search.asking import PageQuery
from vdr.errors import BadInput
from vdr.feedback import Choice, Deleted, Feedback, FeedbackKind, KeptSearch, days_ago
from vdr.opinions import Reporter
from vdr.types import PageRef

_SEARCH_ID = "0199a2b4c6d07f3e5a1b9c8d2e4f6a70"
_FEEDBACK_ID = "5d41402abc4b2a76b9719d911017c592"
MAX_REPORTER = 64
_LONGEST_MS = 24 * 3_600_000
_REPORTERS_SHOWN = 100
_KIND = (
    "`right` and `wrong`: a page that the search has shown, judged. `expected`: the page that it should have "
    "found. `nothing`: no page of the collection answers. `opened`, `copied`, `dwelt`: what somebody does "
    "with a page."
)
_REPORTER = (
    "Who says it, in your own words: an opaque id, better than a name. What the same one says twice counts "
    "once. With an API key that counts as well."
)
SearchId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ReporterName = Annotated[str, StringConstraints(max_length=MAX_REPORTER, pattern=r"^[\w.:@+~-]*$")]


class FeedbackIn(BaseModel):
    """What somebody says of a search, or of a page."""

    model_config = ConfigDict(extra="forbid")

    search_id: SearchId = Field(description="That of the answer.", examples=[_SEARCH_ID])
    kind: FeedbackKind = Field(description=_KIND, examples=[FeedbackKind.RIGHT])
    page: PageQuery | None = Field(None, description="Which page; none for `nothing`.")
    reporter: ReporterName = Field("", description=_REPORTER, examples=["u-48213"])
    dwelt_ms: int | None = Field(
        None,
        ge=0,
        le=_LONGEST_MS,
        strict=True,
        description="How long the page was looked at, in milliseconds; for `dwelt` alone.",
        examples=[None],
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "FeedbackIn":
        if (self.page is None) != (self.kind is FeedbackKind.NOTHING):
            needs = "no page" if self.page is not None else "a page"
            raise PydanticCustomError("page", "{kind} is about {needs}", {"kind": self.kind, "needs": needs})
        if (self.dwelt_ms is None) != (self.kind is not FeedbackKind.DWELT):
            raise PydanticCustomError("dwelt_ms", "dwelt_ms belongs to dwelt, and dwelt needs it")
        return self

    def to_feedback(self, key_id: str | None) -> Feedback:
        """The feedback, as it came with a key or without."""
        page = None if self.page is None else PageRef(self.page.document_id, self.page.page_number)
        return Feedback(self.search_id, self.kind, page, self.reporter, key_id, self.dwelt_ms)


class JudgedPage(BaseModel):
    """A page of the collection."""

    document_id: str
    page_number: int

    @classmethod
    def of(cls, page: PageRef) -> "JudgedPage":
        """The page as the API shows it."""
        return cls(document_id=page.document_id, page_number=page.page_number)


class FeedbackOut(BaseModel):
    """Feedback as it is kept."""

    feedback_id: str = Field(description="To take it back by.", examples=[_FEEDBACK_ID])
    search_id: str = Field(examples=[_SEARCH_ID])
    kind: FeedbackKind = Field(description=_KIND, examples=[FeedbackKind.RIGHT])
    page: JudgedPage | None
    reporter: str = Field(description=_REPORTER, examples=["u-48213"])
    key_id: str | None = Field(description="Id of the API key that it came with.", examples=[None])
    dwelt_ms: int | None = Field(examples=[None])
    noted_at: datetime = Field(examples=["2026-03-01T09:30:00Z"])

    @classmethod
    def of(cls, given: Feedback) -> "FeedbackOut":
        """The feedback as the API shows it."""
        return cls(
            feedback_id=given.feedback_id,
            search_id=given.search_id,
            kind=given.kind,
            page=None if given.page is None else JudgedPage.of(given.page),
            reporter=given.reporter,
            key_id=given.key_id,
            dwelt_ms=given.dwelt_ms,
            noted_at=datetime.fromisoformat(given.noted_at),
        )


class KeptHitOut(BaseModel):
    """A hit as it was shown."""

    document_id: str
    page_number: int
    rank: int
    score: float
    confidence: float | None
    stages: dict[str, float]


class JudgedSearchOut(BaseModel):
    """A line of an export: a search as it was kept, and the feedback on it."""

    search_id: str
    asked_at: datetime
    query: str
    generation: str
    key_id: str | None
    request: dict[str, Any]
    plan: dict[str, Any]
    hits: list[KeptHitOut]
    feedback: list[FeedbackOut]

    @classmethod
    def of(cls, search: KeptSearch, feedback: Sequence[Feedback]) -> "JudgedSearchOut":
        """The search as an export has it."""
        return cls(
            search_id=search.search_id,
            asked_at=datetime.fromisoformat(search.asked_at),
            query=search.text,
            generation=search.generation,
            key_id=search.key_id,
            request=dict(search.request),
            plan=dict(search.plan),
            hits=[
                KeptHitOut(
                    document_id=hit.page.document_id,
                    page_number=hit.page.page_number,
                    rank=hit.rank,
                    score=hit.score,
                    confidence=hit.confidence,
                    stages=dict(hit.stages),
                )
                for hit in search.hits
            ],
            feedback=[FeedbackOut.of(each) for each in feedback],
        )


class DayOut(BaseModel):
    """The feedback of one day (UTC)."""

    day: str = Field(examples=["2026-03-01"])
    kinds: dict[FeedbackKind, int] = Field(examples=[{"right": 4, "opened": 11}])


class ReporterOut(BaseModel):
    """Somebody who judges pages, and how often others think differently."""

    who: str = Field(description="The reporter, or `key:` and the id of the API key.", examples=["u-48213"])
    weight: float = Field(description="By `VDR_FEEDBACK_WEIGHTS`.", examples=[1.0])
    votes: int = Field(description="Pages judged right, wrong or expected.", examples=[12])
    compared: int = Field(description="Of them on pages that others judge as well.", examples=[8])
    disagreed: int = Field(description="Of these against most others.", examples=[1])
    is_outlier: bool = Field(
        description="Whether more than half of at least five compared votes disagree.", examples=[False]
    )

    @classmethod
    def of(cls, reporter: Reporter) -> "ReporterOut":
        """The reporter as the API shows it."""
        return cls(
            who=reporter.who,
            weight=reporter.weight,
            votes=reporter.votes,
            compared=reporter.compared,
            disagreed=reporter.disagreed,
            is_outlier=reporter.is_outlier,
        )


class FeedbackSummary(BaseModel):
    """How much feedback there is, and who gives it."""

    searches: int = Field(description="Searches that are kept.", examples=[420])
    kinds: dict[FeedbackKind, int] = Field(examples=[{"right": 31, "wrong": 12, "opened": 188}])
    days: list[DayOut] = Field(description="Days with feedback, newest first.")
    reporters: list[ReporterOut] = Field(
        description="Outliers first, then those who disagree most often; 100 at most. Those who do not say "
        "who they are are left out."
    )

    @classmethod
    def of(
        cls, searches: int, counts: Mapping[tuple[str, str], int], reporters: Sequence[Reporter]
    ) -> "FeedbackSummary":
        """The summary of counts by kind and day."""
        kinds: defaultdict[FeedbackKind, int] = defaultdict(int)
        days: defaultdict[str, dict[FeedbackKind, int]] = defaultdict(dict)
        for (kind, day), count in sorted(counts.items()):
            kinds[FeedbackKind(kind)] += count
            days[day][FeedbackKind(kind)] = count
        return cls(
            searches=searches,
            kinds=dict(kinds),
            days=[DayOut(day=day, kinds=days[day]) for day in sorted(days, reverse=True)],
            reporters=[ReporterOut.of(each) for each in reporters[:_REPORTERS_SHOWN]],
        )


class FeedbackDeletion(BaseModel):
    """How much was deleted."""

    feedback: int = Field(examples=[14])
    searches: int = Field(description="Searches, which go with all feedback on them.", examples=[9])

    @classmethod
    def of(cls, deleted: Deleted) -> "FeedbackDeletion":
        """The deletion as the API shows it."""
        return cls(feedback=deleted.feedback, searches=deleted.searches)


def choice_of(
    search_id: str | None, reporter: str | None, key_id: str | None, older_than_days: float | None
) -> Choice:
    """The choice that parameters make."""
    before = None if older_than_days is None else days_ago(older_than_days)
    return Choice(search_id, reporter, key_id, before)


def check_chosen(choice: Choice) -> None:
    """Raises BadInput where everything is meant, which nobody says by saying nothing."""
    if choice == Choice():
        raise BadInput(
            "It is not said what to delete.",
            remedy="Give search_id, reporter, key_id or older_than_days; older_than_days=0 is all.",
        )
