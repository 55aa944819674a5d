"""Rerankers: what takes a second look at the pages that a search has found, their images or their words."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Literal, Protocol

import numpy as np
from PIL import Image

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


def load_reranker(settings: ModelSettings) -> AnyReranker | None:
    """The reranker that the settings name: a checkpoint, on the best device there is, or a server's address.

    None where they name none. Raises ModelError when the checkpoint cannot be loaded or gives more than one
    score, or what answers at the address is no reranker; RerankerUnavailable when nothing answers.
    """
    if settings.reranker is None:
        return None
    if settings.reranker.startswith(("http://", "https://")):
        from vdr.models.rerank_endpoint import EndpointReranker  # noqa: PLC0415 - most need none

        return EndpointReranker(settings)
    from vdr.models.cross_encoder import load_cross_encoder  # noqa: PLC0415 - takes seconds

    return load_cross_encoder(settings.reranker, settings)


def best_of_each(pages: Sequence[Sequence[str]], scores: Sequence[float] | FloatArray) -> FloatArray:
    """The best score (pages,) of each page's stretches; `scores` are those of all, page after page."""
    ends = accumulate(map(len, pages), initial=0)
    return np.array([max(scores[start:end]) for start, end in pairwise(ends)], np.float32)
