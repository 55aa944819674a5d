"""Rerankers: what takes a second look at the pages that a search has found, their images or their words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from PIL import Image

from vdr.addresses import is_address
from vdr.rerank_chain import LATE_INTERACTION, RerankStep
from vdr.settings import ModelSettings
from vdr.types import FloatArray, QueryInput


class Reranker(Protocol):
    """Tells how well pages answer a query. Threads may share one."""

    name: str
    reads_words: Literal[False]

    def score(self, query: QueryInput, pages: Iterable[Image.Image]) -> FloatArray:
        """A number (pages,) for each page image, higher for better answers.

        The images are taken as they are scored, so that those of searches that wait need not be in memory.
        """
        ...


class WordsReranker(Protocol):
    """The same by what pages say. Threads may share one."""

    name: str
    reads_words: Literal[True]

    def score_words(self, question: str, pages: Sequence[Sequence[str]]) -> FloatArray:
        """A number (pages,) for each page, higher for better answers.

        A page is given as the stretches of its text that fit the question best, one at least; the best
        counts.
        """
        ...


AnyReranker = Reranker | WordsReranker


@dataclass(frozen=True, slots=True)
class LoadedStep:
    """A step of the chain of rerankers, ready to be used.

    `model` is None for late interaction, which needs but the index; see RerankStep for `depth`.
    """

    model: AnyReranker | None = None
    depth: int | None = None

    @property
    def name(self) -> str:
        """The model's name, or that of late interaction."""
        return LATE_INTERACTION if self.model is None else self.model.name

    @property
    def takes_images(self) -> bool:
        """Whether it is shown page images, and may be asked with one."""
        return self.model is not None and not self.model.reads_words

    def __str__(self) -> str:
        return str(RerankStep(self.name, self.depth))


def load_chain(settings: ModelSettings) -> tuple[LoadedStep, ...]:
    """The rerankers that the settings name, in order. Raises what `load_reranker` raises."""
    return tuple(
        LoadedStep(None if step.name == LATE_INTERACTION else load_reranker(step.name, settings), step.depth)
        for step in settings.reranker
    )


def load_reranker(name: str, settings: ModelSettings) -> AnyReranker:
    """The reranker of this name: a checkpoint, on the best device there is, or a server's address.

    Raises ModelError when the checkpoint cannot be loaded or gives more than one score, or what answers at
    the address is no reranker; RerankerUnavailable when nothing answers.
    """
    if is_address(name):
        from vdr.models.rerank_endpoint import EndpointReranker  # noqa: PLC0415 - most need none

        return EndpointReranker(name, settings)
    from vdr.models.cross_encoder import load_cross_encoder  # noqa: PLC0415 - takes seconds

    return load_cross_encoder(name, settings)
