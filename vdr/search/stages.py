"""The stages of a search plan, as values that can be printed."""

from dataclasses import dataclass

from vdr.search.calibration import ModeCalibration
from vdr.search.places import Places
from vdr.search.sought import Sought
from vdr.types import FloatArray, QueryInput, QueryTokens, SparseVector, Stage

# Of the full and the coarse embedding of each embedder of a generation.
_STAGES = {
    1: (Stage.FULL, Stage.COARSE),
    2: (Stage.FULL_2, Stage.COARSE_2),
    3: (Stage.FULL_3, Stage.COARSE_3),
}


@dataclass(frozen=True, slots=True, eq=False)
class DenseStage:
    """The best `coarse_candidates` by coarse embedding (None: not stored), rescored by full embedding."""

    embedding: FloatArray  # (dims,), or (vectors, dims) for MaxSim
    coarse: FloatArray | None  # (coarse_dims,)
    candidates: int
    coarse_candidates: int
    weight: float
    place: int = 1  # of the embedder among those of the generation
    exact: int | None = (
        None  # so many of the candidates, best in quantized form, are compared in full and stay
    )
    noise: float | None = None  # what pages score by chance, where that is known of the model

    @property
    def stage(self) -> Stage:
        """The stage of the full embedding."""
        return _STAGES[self.place][0]

    @property
    def coarse_stage(self) -> Stage:
        """The stage of the coarse embedding."""
        return _STAGES[self.place][1]

    @property
    def dims(self) -> int:
        """Width of the full embedding."""
        return int(self.embedding.shape[-1])

    def __str__(self) -> str:
        first = (
            ""
            if self.coarse is None
            else f"coarse {self.coarse.size} dims -> {self.coarse_candidates} pages -> "
        )
        many = f"MaxSim of {len(self.embedding)} x " if self.embedding.ndim > 1 else ""
        exact = "" if self.exact is None else f" -> {self.exact} in full"
        return (
            f"{first}{self.stage} {many}{self.dims} dims -> {self.candidates} pages{exact}, "
            f"weight {self.weight:g}"
        )


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the question: what it asks for by itself, and what stands for it where no page has it."""

    text: str
    alone: SparseVector
    stand_ins: SparseVector

    @property
    def weight(self) -> float:
        """How much it counts."""
        return self.alone.values[0]


@dataclass(frozen=True, slots=True)
class SparseStage:
    """The best pages by BM25 over the text layer (TEXT) or over the words read from pixels (READ).

    `reach` are words of the question one by one: the best scores that each finds, summed and times
    `reach_scale`, are what a page would score that said all of them best.
    """

    stage: Stage
    terms: SparseVector
    candidates: int
    weight: float
    reach: tuple[AskedWord, ...] = ()
    reach_scale: float = 1.0

    def __str__(self) -> str:
        count = len(self.terms.indices)
        return f"{self.stage} {count} terms -> {self.candidates} pages, weight {self.weight:g}"


@dataclass(frozen=True, slots=True)
class ExcludedWord:
    """A word that must not stand on a page, in the sources that the mode looks at; `terms` are all of it."""

    text: str
    terms: tuple[SparseVector, ...]
    stages: tuple[Stage, ...]

    def __str__(self) -> str:
        return f"without pages that say {self.text}"


@dataclass(frozen=True, slots=True)
class DocumentStage:
    """A document's evidence joins the words of its pages; its name counts by `name_terms`."""

    name_terms: tuple[str, ...]

    def __str__(self) -> str:
        return f"documents by their pages{' and names' if self.name_terms else ''}"


@dataclass(frozen=True, slots=True)
class PhraseStage:
    """Pages that have the phrases which the question quotes are preferred; the best `candidates` are read."""

    phrases: tuple[str, ...]
    candidates: int = 50

    def __str__(self) -> str:
        quoted = ", ".join(f"“{phrase}”" for phrase in self.phrases)
        return f"{Stage.PHRASE} {quoted}: words of the best {self.candidates}"


@dataclass(frozen=True, slots=True)
class PlaceStage:
    """Pages that are where the question says are preferred, in the best `documents` and by their numbers.

    The best `candidates` are read for captions and for the number that they print.
    """

    places: Places
    candidates: int = 30
    documents: int = 10

    def __str__(self) -> str:
        read = f", words of the best {self.candidates}" if self.places.are_printed else ""
        return f"{Stage.PLACE} {self.places}: pages of the best {self.documents} documents{read}"


@dataclass(frozen=True, slots=True, eq=False)
class LateInteractionStage:
    """Late interaction over the best `candidates` fused pages; its scores are added to the fusion's.

    They are shares of the question: the lengths of the tokens sum to 1.
    """

    tokens: QueryTokens
    candidates: int

    def __str__(self) -> str:
        tokens, dims = self.tokens.rows.shape
        return f"rerank: late interaction of {tokens} tokens x {dims} over the best {self.candidates}"


@dataclass(frozen=True, slots=True, eq=False)
class CrossEncoderStage:
    """A cross-encoder over the best `candidates` pages so far; its scores replace those they had.

    `reranker` is the name of the model.
    """

    reranker: str
    query: QueryInput
    candidates: int

    def __str__(self) -> str:
        return f"rerank: {self.reranker} over the images of the best {self.candidates}"


@dataclass(frozen=True, slots=True, eq=False)
class WordsStage:
    """A cross-encoder that reads words of the best `candidates` pages so far; see CrossEncoderStage."""

    reranker: str
    question: str
    sought: Sought
    candidates: int

    def __str__(self) -> str:
        return f"rerank: {self.reranker} over the words of the best {self.candidates}"


RerankStage = LateInteractionStage | CrossEncoderStage | WordsStage


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceStage:
    """How sure each page is; those below `least` are left out."""

    calibration: ModeCalibration
    least: float = 0.0

    def __str__(self) -> str:
        return f"confidence, at least {self.least:g}" if self.least else "confidence"
