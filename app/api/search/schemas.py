"""What the search endpoints give."""

import math
from typing import Literal, Protocol

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from app.api.documents.schemas import PAGE_LABEL, DocumentRef, RegionOut, corners
from app.stages import public_name, public_stages
from vdr.types import Facet, Hit, Marks, Neighbour, PageRef, SearchResult, Stage, Vote

_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_CONFIDENCE = (
    "The chance that the page answers the query, from 0 to 1, as it was for questions with known answers. "
    "Null where that is not known: for other models than the default ones until `vdr calibrate` was run, and "
    "for searches by image or page."
)
_ANSWERABLE = "The chance that any page searched answers the query, from 0 to 1. Null where `confidence` is."
_SCORE = (
    "How much of the query the page accounts for, from 0 to 1: "
    "1 - (1 - 0.9 words) (1 - document) (1 - weight vector) (1 - 0.8 phrase) (1 - place) "
    "(1 - 0.3 late interaction), where each part is from 0 to 1. "
    "`words` is the better of `text` and `read`, as a share of what a page would "
    "score that matched every word best. With a cross-encoder it is that model's score, on its own scale; of "
    "several, that of the last that scored the page. In a search by a text and an image or page it is "
    "0.75 of the lesser and 0.25 of the greater of `query` and `like`. It ranks the pages of one search and "
    "is no probability, as `confidence` is: a high score means that a page matches the query, not that it "
    "answers it."
)
_STAGES = (
    "Score of each stage that ranked the page, on its own scale: `coarse` and `full` (cosine of the "
    "embeddings, or the mean of the best ones where a page has many; `full_2` and `full_3` those of a second "
    "and third embedder), `text` and `read` (BM25 of the text layer and of the words read from pixels), "
    "`document` (evidence from other pages and from the name of the document), `phrase` (the share of "
    "the phrases in quotes that the page has word for word), `place` (whether the page is "
    "the one that the query names, or has the figure, table or section that it names, from 0 to 1), `fusion` "
    "(these together, from 0 to 1), `rerank` (late interaction, as a share of the query, or the "
    "cross-encoder; of several rerankers the last that scored the page). In a search by a text and an image "
    "or page these are the stages of the text, and `query` and `like` how much of the text, and of the image "
    "or page, the page accounts for, from 0 to 1."
)
_MISSING = (
    "Words of the query that no page searched has, in any form or as a related word, nor the name of its "
    "document. What is found answers the rest of the question at most."
)
_CORRECTED = (
    "Words of the query that no page has, each with the word one spelling mistake away that was searched for "
    "instead. Put a word in quotes to search for it as it is."
)
MarkBox = tuple[float, float, float, float]


class HitDocument(DocumentRef):
    """The document of a hit."""

    pdf_title: str | None = Field(description="Title in the PDF's own metadata.", examples=["Annual report"])
    page_count: int | None = Field(
        description="Number of pages; null for a document indexed by a version before 0.2.", examples=[48]
    )
    url: str = Field(examples=[f"/v1/documents/{_ID}"])


class SnippetOut(BaseModel):
    """The sentences and table rows of the page that match best, 40 to 60 words in all."""

    text: str = Field(examples=["Net sales by region rose in all but one quarter"])
    from_pixels: bool = Field(
        description="Whether the text was read from the page's pixels instead of its text layer.",
        examples=[False],
    )


class NeighbourOut(BaseModel):
    """A page before or after a hit in its document."""

    page_number: int = Field(examples=[13])
    page_label: str = Field(description=PAGE_LABEL, examples=["xiii"])
    image_url: str = Field(examples=[f"/v1/documents/{_ID}/pages/13/image"])
    page_url: str = Field(description="This page in the web UI.", examples=[f"/documents/{_ID}/pages/13"])
    text: str = Field(
        description="The end of a page before the hit, or the beginning of one after it, 40 words at most; "
        "“…” marks what is left out.",
        examples=["In the north they fell by a tenth …"],
    )

    @classmethod
    def of(cls, addresses: "PageAddresses", neighbour: Neighbour) -> "NeighbourOut":
        """The neighbour as the API shows it."""
        return cls(
            page_number=neighbour.page.page_number,
            page_label=neighbour.page_label,
            image_url=addresses.page_image(neighbour.page),
            page_url=addresses.page(neighbour.page),
            text=neighbour.text,
        )


class PageAddresses(Protocol):
    """Where a document, a page and its image are found."""

    def document(self, document_id: str) -> str:
        """The document."""
        ...

    def page_image(self, page: PageRef) -> str:
        """Its image."""
        ...

    def page(self, page: PageRef) -> str:
        """The page as people look at it."""
        ...


class StageOut(BaseModel):
    """What a stage of the search says of a page."""

    stage: str = Field(description="As in `stages`.", examples=["text"])
    score: float = Field(description="On the stage's own scale.", examples=[7.9])
    rank: int = Field(description="Among all pages that the stage found, from 1.", examples=[2])
    share: float | None = Field(
        description="How much of the query the stage fills by itself, from 0 to 1; 0 for `coarse`, which "
        "only finds pages. Null for a cross-encoder, whose score replaces the others.",
        examples=[0.55],
    )


class HitRegion(RegionOut):
    """A part of the page that has a word of the query, itself, in another form or as a related word."""

    source: Literal["text_layer", "read"] = Field(
        description="Whether it stands in the text layer (or was found by OCR), or was read from the pixels.",
        examples=["text_layer"],
    )


class HitExplanation(BaseModel):
    """Why a page was found."""

    reason: str = Field(
        description="One sentence.",
        examples=["“region” stands on the page; “sales” stands for “revenue”."],
    )
    stages: list[StageOut] = Field(
        description="A cross-encoder, then the one that fills most of the query by itself, and so on."
    )
    regions: list[HitRegion] = Field(description="In reading order, 200 at most.")
    windows: list[str] = Field(
        description="Stretches of the page's words that a reranker has read, those that fit the query best "
        "first; its score is that of the best. Empty where no reranker read the page's words.",
        examples=[["Net sales by region rose in all but one quarter"]],
    )

    @classmethod
    def of(cls, hit: Hit) -> "HitExplanation":
        """The explanation as the API shows it."""
        marks = hit.marks or Marks()
        source: Literal["text_layer", "read"] = "read" if marks.from_pixels else "text_layer"
        votes = dict(hit.votes)
        if Stage.CROSS_ENCODER in votes:  # it replaces what late interaction has added
            votes.pop(Stage.LATE_INTERACTION, None)
        in_order = sorted(votes.items(), key=lambda each: -_weight_of(each[1]))
        return cls(
            reason=hit.reason,
            stages=[
                StageOut(stage=public_name(stage), score=hit.stages[stage], rank=vote.rank, share=vote.share)
                for stage, vote in in_order
            ],
            regions=[
                HitRegion(box=corners(box), weight=weight, words=[word], source=source)
                for box, weight, word in zip(marks.boxes, marks.weights, marks.words, strict=True)
            ],
            windows=list(hit.windows),
        )


def _weight_of(vote: Vote) -> float:
    """A stage that replaces the score of others comes before them."""
    return math.inf if vote.share is None else vote.share


class HitOut(BaseModel):
    """A page that may contain the answer."""

    rank: int = Field(description="Among all pages that were found, from 1.", examples=[1])
    document: HitDocument
    page_number: int = Field(examples=[12])
    page_label: str = Field(description=PAGE_LABEL, examples=["xii"])
    score: float = Field(description=_SCORE, examples=[0.62])
    confidence: float | None = Field(None, description=_CONFIDENCE, examples=[0.81])
    stages: dict[str, float] = Field(
        description=_STAGES, examples=[{"full": 0.41, "text": 7.9, "fusion": 0.55, "rerank": 0.48}]
    )
    image_url: str = Field(examples=[f"/v1/documents/{_ID}/pages/12/image"])
    page_url: str = Field(description="This page in the web UI.", examples=[f"/documents/{_ID}/pages/12"])
    snippet: SnippetOut
    matched_words: list[str] = Field(
        description="Words of the query that the page has: themselves, in another form, or as a related "
        "word. Empty: none of them is on the page, and it was found by its looks or its document alone.",
        examples=[["sales", "region"]],
    )
    marks: list[MarkBox] | None = Field(
        description="Where the words of the query, and related words, stand on the page: boxes "
        "`[x0, y0, x1, y1]` in fractions of the page, from the top left corner. Null unless `marks` or "
        "`explain` was set.",
        examples=[[(0.12, 0.08, 0.21, 0.1)]],
    )
    explanation: HitExplanation | None = Field(
        None, description="Why the page was found. Null unless `explain` was set."
    )
    neighbours: list[NeighbourOut] = Field(
        default_factory=list,
        description="The pages around it, in the order of the document; pages that are not indexed are left "
        "out. Empty unless `neighbours` was set.",
    )

    @classmethod
    def of(cls, addresses: PageAddresses, hit: Hit, *, explained: bool) -> "HitOut":
        """The hit as the API shows it."""
        return cls(
            rank=hit.rank,
            document=HitDocument(
                document_id=hit.page.document_id,
                name=hit.document_name,
                id=hit.page.document_id,
                pdf_title=hit.document_title or None,
                page_count=hit.page_count,
                url=addresses.document(hit.page.document_id),
            ),
            page_number=hit.page.page_number,
            page_label=hit.page_label,
            score=hit.score,
            confidence=hit.confidence,
            stages=public_stages(hit.stages),
            image_url=addresses.page_image(hit.page),
            page_url=addresses.page(hit.page),
            snippet=SnippetOut(text=hit.snippet.text, from_pixels=hit.snippet.from_pixels),
            matched_words=list(hit.snippet.matched),
            marks=None if hit.marks is None else [corners(box) for box in hit.marks.boxes],
            explanation=HitExplanation.of(hit) if explained else None,
            neighbours=[NeighbourOut.of(addresses, each) for each in hit.neighbours],
        )


class GroupOut(BaseModel):
    """A document of which pages were found."""

    document_id: str = Field(examples=[_ID])
    pages_found: int = Field(description="How many of its pages were found, shown or not.", examples=[7])


class FacetValueOut(BaseModel):
    """How often a value was found."""

    value: StrictStr | StrictBool | StrictInt | StrictFloat = Field(examples=["sales"])
    pages: int = Field(description="Pages found that have it.", examples=[12])
    documents: int = Field(description="Documents that these pages are of.", examples=[3])


class FacetOut(BaseModel):
    """The values of a field among all pages found."""

    values: list[FacetValueOut] = Field(
        description="The most frequent ones, 50 at most; a list counts with each element."
    )
    more: int = Field(description="How many other values there are.", examples=[0])

    @classmethod
    def of(cls, facet: Facet) -> "FacetOut":
        """The facet as the API shows it."""
        values = (
            FacetValueOut(value=each.value, pages=each.pages, documents=each.documents)
            for each in facet.values
        )
        return cls(values=list(values), more=facet.more)


class SearchResponse(BaseModel):
    """Hits, best first, the words that none of them can have, and how long each part of the search took."""

    search_id: str | None = Field(
        None,
        description="Names the search in POST /v1/feedback. Null where searches are not kept "
        "(`VDR_KEEP_SEARCHES_DAYS`).",
        examples=["0199a2b4c6d07f3e5a1b9c8d2e4f6a70"],
    )
    hits: list[HitOut]
    missing_words: list[str] = Field(default_factory=list, description=_MISSING, examples=[["ethanol"]])
    excluded_words: list[str] = Field(
        default_factory=list,
        description="Words with a minus right before them in the query: pages that say one are left out.",
        examples=[["marine"]],
    )
    corrected_words: dict[str, str] = Field(
        default_factory=dict, description=_CORRECTED, examples=[{"quaterly": "quarterly"}]
    )
    answerable: float | None = Field(None, description=_ANSWERABLE, examples=[0.93])
    left_out: list[str] = Field(
        default_factory=list, description="What there was no time for within `budget_ms`.", examples=[[]]
    )
    groups: list[GroupOut] | None = Field(
        None,
        description="The documents of the hits, in their order. Null unless `pages_per_document` was set.",
    )
    facets: dict[str, FacetOut] = Field(
        default_factory=dict, description="By field. Empty unless `facets` was set."
    )
    next_cursor: str | None = Field(
        None,
        description="Continues after these hits, as `cursor` of the same search. Null at the end, and after "
        "9,500 results.",
        examples=["AV3vYQZ0c9Xo-0nG1zX1bO9t"],
    )
    timings_ms: dict[str, float] = Field(examples=[{"embed": 3.1, "index": 1.2, "total": 4.6}])

    @classmethod
    def of(
        cls, addresses: PageAddresses, result: SearchResult, *, explained: bool = False
    ) -> "SearchResponse":
        """The result as the API shows it, with explanations if they were asked for."""
        return cls(
            search_id=result.search_id,
            hits=[HitOut.of(addresses, hit, explained=explained) for hit in result.hits],
            missing_words=list(result.missing_words),
            excluded_words=list(result.excluded_words),
            corrected_words=dict(result.corrected_words),
            answerable=result.answerable,
            left_out=list(result.left_out),
            groups=None
            if result.pages_found is None
            else [
                GroupOut(document_id=document_id, pages_found=count)
                for document_id, count in result.pages_found.items()
            ],
            facets={field: FacetOut.of(facet) for field, facet in result.facets.items()},
            next_cursor=result.next_cursor,
            timings_ms=result.timings_ms,
        )
