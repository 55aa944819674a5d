"""What searches show of questions whose answers are known: where they are, and where they are not."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from training.confidence.asked import AskedQuestion
from vdr.search.plan import SearchPlan
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.search.signs import COMPARED, signs
from vdr.types import Filter, Not, QueryVectors, SearchMode, SearchRequest

Floats = npt.NDArray[np.float64]
_SEED = 0


class Scope(StrEnum):
    """Where a question is asked: of all documents, of its own, of all others, or of one of the others."""

    EVERYWHERE = "everywhere"
    WITHIN = "within"
    WITHOUT = "without"
    ELSEWHERE = "elsewhere"

    @property
    def has_answers(self) -> bool:
        """Whether the pages that answer are searched."""
        return self in (Scope.EVERYWHERE, Scope.WITHIN)


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """The pages that a search has found, best first: their signs (pages, signs), and which answer (pages,).

    `document_id` is that of the document that the question is about.
    """

    mode: SearchMode
    scope: Scope
    document_id: str
    signs: Floats
    answers: npt.NDArray[np.bool_]


def observe(
    searcher: Searcher,
    asked: Sequence[AskedQuestion],
    vectors: Sequence[QueryVectors],
    modes: Sequence[SearchMode] = tuple(SearchMode),
    *,
    are_scans: bool = False,
) -> Iterator[Observation]:
    """Each question in each mode and scope, those without another document left out.

    A search that finds nothing is left out as well: that it cannot be answered needs no calibration. Where
    the pages `are_scans` and have no text layer, the words read from them are taken for one in TEXT mode.
    """
    rng = random.Random(_SEED)
    documents = sorted({question.document_id for question in asked})
    for question, made in zip(asked, vectors, strict=True):
        others = [each for each in documents if each != question.document_id]
        for scope, where in _scopes(question, others, rng):
            for mode in modes:
                request = SearchRequest(question.text, mode=mode, filter=where, limit=COMPARED, explain=True)
                plan = _plan(searcher, request, made, are_scans=are_scans)
                observed = _observed(searcher, plan, question)
                if len(observed[0]):
                    yield Observation(mode, scope, question.document_id, *observed)


def _scopes(
    question: AskedQuestion, others: Sequence[str], rng: random.Random
) -> Iterator[tuple[Scope, Filter | None]]:
    own = in_documents([question.document_id])
    assert own is not None
    yield Scope.EVERYWHERE, None
    yield Scope.WITHIN, own
    if others:
        yield Scope.WITHOUT, Not(own)
        yield Scope.ELSEWHERE, in_documents([rng.choice(others)])


def _plan(
    searcher: Searcher, request: SearchRequest, vectors: QueryVectors, *, are_scans: bool
) -> SearchPlan:
    if not (are_scans and request.mode is SearchMode.TEXT):
        return searcher.plan(request, vectors)
    read = searcher.plan(replace(request, mode=SearchMode.VISUAL), vectors)
    return replace(read, dense=(), rerank=())


def _observed(
    searcher: Searcher, plan: SearchPlan, question: AskedQuestion
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    found = searcher.execute(plan)
    told = signs(found.candidates, found.missing_share)
    return told, np.array([each.page in question.answers for each in found.candidates], bool)
