"""Rerankers behind an address: whatever answers POST as the /rerank of Cohere, Jina or TEI does.

Cohere and Jina (and vLLM) take `documents` and answer `results` with `relevance_score`; TEI takes `texts` and
answers a list with `score`. Which of the two it is, a first question tells.
"""

import math
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from vdr.errors import RerankerUnavailable
from vdr.models.endpoint import Endpoint, OfOneText, Task, requests_of
from vdr.settings import ModelSettings
from vdr.types import FloatArray
from vdr.vectors import best_of_each

_OTHER_FORM = frozenset({400, 422})
_TASK = Task(
    does="score",
    gives="scores",
    key_setting="VDR_RERANKER_API_KEY",
    remedy="Set VDR_RERANKER to the address of a server's /rerank, as Cohere, Jina, TEI and vLLM have it.",
    unavailable=RerankerUnavailable,
)
_PROBE = ("is it there?", ("It is there.", "Nothing is."))


class _Form(Enum):
    """What a server takes."""

    DOCUMENTS = auto()
    TEXTS = auto()


class _Ranked(OfOneText):
    score: float = Field(validation_alias=AliasChoices("relevance_score", "score"))


class _Results(BaseModel):
    results: list[_Ranked]


_ANSWER: TypeAdapter[_Results | list[_Ranked]] = TypeAdapter(_Results | list[_Ranked])


class EndpointReranker:
    """Asks a server, in as many requests as the texts need. Threads may share one."""

    reads_words: Literal[True] = True

    def __init__(self, url: str, settings: ModelSettings) -> None:
        """Raises RerankerUnavailable if the server does not answer, ModelError if it is no reranker."""
        self._server = Endpoint(url, settings.reranker_api_key, _TASK)
        self.name, self._model = self._server.name, settings.reranker_model
        self._form = self._found_form()

    def score_words(self, question: str, pages: Sequence[Sequence[str]]) -> FloatArray:
        """The server's scores (pages,), each of the page's best stretch. Raises as the constructor."""
        texts = [text for stretches in pages for text in stretches]
        scores = [score for some in requests_of(texts) for score in self._scores(self._form, question, some)]
        return best_of_each(scores, list(map(len, pages)))

    def _found_form(self) -> _Form:
        question, texts = _PROBE
        answer = self._server.post(self._body(_Form.DOCUMENTS, question, texts))
        form = _Form.TEXTS if answer.status_code in _OTHER_FORM else _Form.DOCUMENTS
        self._scores(form, question, texts)
        return form

    def _scores(self, form: _Form, question: str, texts: Sequence[str]) -> list[float]:
        found = self._server.ask(self._body(form, question, texts), _ANSWER)
        ranked = found.results if isinstance(found, _Results) else found
        scores = [each.score for each in self._server.in_order(ranked, len(texts))]
        if not all(map(math.isfinite, scores)):
            raise self._server.wrong("gives scores that are no numbers")
        return scores

    def _body(self, form: _Form, question: str, texts: Sequence[str]) -> Mapping[str, Any]:
        model = {} if self._model is None else {"model": self._model}
        if form is _Form.TEXTS:
            return {**model, "query": question, "texts": list(texts), "truncate": True}
        return {**model, "query": question, "documents": list(texts), "top_n": len(texts)}
