"""What a search found, as cards: plain values, made from search results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from app.page_images import image_version
from app.stages import shown_score
from app.told_confidence import shown_chance, told_doubt
from app.told_words import told_words
from app.ui.judged import JudgedView
from app.ui.marking import Segment, from_the_marks, marked
from app.ui.narrowing import FieldView
from app.ui.titles import title_of
from vdr.errors import BadFilter
from vdr.search.spelling import as_meant
from vdr.types import Box, Document, Hit, Marks, SearchResult, Stage

_LONGEST = 80  # characters of a question that are repeated above its results
_STAGES = {
    Stage.COARSE: "Vector match (fast)",
    Stage.FULL: "Vector match",
    Stage.COARSE_2: "Second vector (fast)",
    Stage.FULL_2: "Second vector",
    Stage.COARSE_3: "Third vector (fast)",
    Stage.FULL_3: "Third vector",
    Stage.TEXT: "Text layer",
    Stage.READ: "Read from pixels",
    Stage.DOCUMENT: "Document match",
    Stage.PHRASE: "Quoted phrase",
    Stage.PLACE: "Named place",
    Stage.FUSION: "Combined",
    Stage.QUERY: "Question",
    Stage.LIKE: "Likeness",
    Stage.LATE_INTERACTION: "Reranked",
    Stage.CROSS_ENCODER: "Reranked",
}


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit as a card. `boxes` are where the query's words stand on the page, `version` is of its image.

    `title` is what the PDF calls itself, where that says more than its name; `has_none` tells that the page
    has none of the words of a question, in any form; `reason` says in a sentence why it was found, `sure` how
    likely it answers, if that is known. `judged` is there where feedback can be given.
    """

    rank: int
    document_id: str
    document_name: str
    title: str
    version: str
    page_number: int
    page_label: str
    score: str
    stages: Sequence[tuple[str, str]]
    snippet: tuple[Segment, ...]
    is_from_pixels: bool
    has_none: bool
    reason: str
    sure: str
    boxes: tuple[Box, ...]
    weights: tuple[float, ...]
    query: str
    judged: JudgedView | None

    @property
    def place(self) -> str:
        """Where the page stands in the file, if it is not what its label says."""
        return "" if self.page_label == str(self.page_number) else str(self.page_number)

    @property
    def href(self) -> str:
        """The page's own address, the query with it."""
        return f"/documents/{self.document_id}/pages/{self.page_number}{_query(self.query)}"

    @property
    def fragment_href(self) -> str:
        """Where the viewer gets it: with the search, which the page's own address does not tell."""
        search = "" if self.judged is None else self.judged.search_id
        return f"/ui/pages/{self.document_id}/{self.page_number}{_query(self.query, search)}"


@dataclass(frozen=True, slots=True)
class GroupView:
    """The hits of one document."""

    name: str
    title: str
    hits: tuple[HitView, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The hits of a search, or the problem with its filter. `like` names the page or image searched by.

    `judged` is there where feedback can be given on all of them, `fields` are those of metadata that it can
    be narrowed by.
    """

    query: str
    hits: tuple[HitView, ...] = ()
    total_ms: float = 0.0
    problem: BadFilter | None = None
    like: str = ""
    has_more: bool = False
    missing: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=dict)
    answerable: float | None = None
    judged: JudgedView | None = None
    fields: tuple[FieldView, ...] = ()

    @property
    def doubt(self) -> str:
        """A line where hardly any page answers; else empty."""
        return told_doubt(self.answerable) if self.hits else ""

    @property
    def without(self) -> str:
        """Words understood as others, and those that no page has, or may have; empty if there are none."""
        return told_words(self.missing, self.excluded, self.corrected)

    @property
    def summary(self) -> str:
        """What the search found, in a sentence; a long question is cut."""
        return self._summary(shortened(self.query))

    @property
    def whole_summary(self) -> str:
        """The same with all of the question."""
        return self._summary(self.query)

    @property
    def groups(self) -> tuple[GroupView, ...]:
        """The hits by their documents, those of the best hit first."""
        by_document: dict[str, list[HitView]] = {}
        for hit in self.hits:
            by_document.setdefault(hit.document_id, []).append(hit)
        return tuple(
            GroupView(hits[0].document_name, hits[0].title, tuple(hits)) for hits in by_document.values()
        )

    def _summary(self, query: str) -> str:
        if self.problem is not None:
            return self.problem.message
        asked = f"like {self.like}" if self.like else f"for “{query}”"
        if not self.hits:
            return f"No matching pages {asked}"
        if self.has_more:
            return f"The {len(self.hits)} best pages {asked}"
        pages = "1 page" if len(self.hits) == 1 else f"{len(self.hits)} pages"
        return f"{pages} {asked}"


def results_view(
    result: SearchResult,
    documents: Mapping[str, Document],
    query: str,
    shown: int,
    like: str = "",
    back: str = "",
) -> ResultsView:
    """The first `shown` hits of a request with `explain`, the words marked that they were found by.

    One hit more than that tells that there are more. `documents` are those of the hits by their ids; hits of
    one that is gone are left out. `back` is what asks the same again, for those who give feedback.
    """
    found = [hit for hit in result.hits if hit.page.document_id in documents]
    meant = as_meant(query, result.corrected_words)  # by this the viewer marks words
    judged = None if result.search_id is None else JudgedView(result.search_id, back=back)
    hits = tuple(_hit_view(hit, documents[hit.page.document_id], meant, judged) for hit in found[:shown])
    return ResultsView(
        query,
        hits,
        result.timings_ms["total"],
        like=like,
        has_more=len(found) > shown,
        missing=result.missing_words,
        excluded=result.excluded_words,
        corrected=result.corrected_words,
        answerable=result.answerable,
        judged=judged,
    )


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text, cut between words if it is long.

    >>> shortened("net sales by region", 12)
    'net sales …'
    """
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut.rpartition(' ')[0] or cut} …"


def _query(query: str, search: str = "") -> str:
    given = {name: value for name, value in (("q", query), ("search", search)) if value}
    return f"?{urlencode(given, quote_via=quote)}" if given else ""


def _hit_view(hit: Hit, document: Document, query: str, judged: JudgedView | None) -> HitView:
    marks, page = hit.marks or Marks(), hit.page
    return HitView(
        rank=hit.rank,
        document_id=hit.page.document_id,
        document_name=document.name,
        title=title_of(document),
        version=image_version(document),
        page_number=hit.page.page_number,
        page_label=hit.page_label,
        score=shown_score(hit.score),
        stages=_stages(hit),
        snippet=marked(from_the_marks(hit.snippet.text, marks.terms), marks.terms),
        is_from_pixels=hit.snippet.from_pixels,
        has_none=bool(query) and not hit.snippet.matched,
        reason=hit.reason,
        sure="" if hit.confidence is None else shown_chance(hit.confidence),
        boxes=marks.boxes,
        weights=marks.weights,
        query=query,
        judged=judged
        and replace(judged, document_id=page.document_id, page_number=page.page_number, place=str(hit.rank)),
    )


def _stages(hit: Hit) -> Sequence[tuple[str, str]]:
    # Of several rerankers the last one's, as in the API.
    shown = {_STAGES[stage]: shown_score(score) for stage, score in hit.stages.items()}
    return list(shown.items())
