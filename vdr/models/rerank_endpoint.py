"""Rerankers behind an address: whatever answers POST as the /rerank of Cohere, Jina or TEI does.

Cohere and Jina (and vLLM) take `documents` and answer `results` with `relevance_score`; TEI takes `texts` and
answers a list with `score`. Which of the two it is, a first question tells.
"""

import math
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter, ValidationError

from vdr.errors import ModelError, RerankerUnavailable
from vdr.models.endpoint import Endpoint
from vdr.models.reranker import best_of_each
from vdr.settings import ModelSettings
from vdr.types import FloatArray

_AT_ONCE = 32  # texts a request: what TEI takes unless it is told otherwise
_OTHER_FORM = frozenset({400, 422})
_REMEDY = "Set VDR_RERANKER to the address of a server's /rerank, as Cohere, Jina, TEI and vLLM have it."
_PROBE = ("is it there?", ("It is there.", "Nothing is."))


class _Form(Enum):
    """What a server takes."""

    DOCUMENTS = auto()
    TEXTS = auto()


class _Ranked(BaseModel):
    index: int
    score: float = Field(validation_alias=AliasChoices("relevance_score", "score"))


class _Results(BaseModel):
    results: list[_Ranked]


_ANSWER: TypeAdapter[_Results | list[_Ranked]] = TypeAdapter(_Results | list[_Ranked])


class EndpointReranker:
    """Asks a server, in as many requests as the texts need. Threads may share one."""

    reads_words: Literal[True] = True

    def __init__(self, url: str, settings: ModelSettings) -> None:
        """Raises RerankerUnavailable if the server does not answer, ModelError if it is no reranker."""
        self._server = Endpoint(url, settings.reranker_api_key, RerankerUnavailable)
        self.name, self._model = self._server.name, settings.reranker_model
        self._form = self._found_form()

    def score_words(self, question: str, pages: Sequence[Sequence[str]]) -> FloatArray:
        """The server's scores (pages,), each of the page's best stretch. Raises as the constructor."""
        texts = [text for stretches in pages for text in stretches]
        parts = (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
        scores = [score for some in parts for score in self._scores(self._form, question, some)]
        return best_of_each(pages, scores)

    def _found_form(self) -> _Form:
        question, texts = _PROBE
        answer = self._server.post(self._body(_Form.DOCUMENTS, question, texts))
        form = _Form.TEXTS if answer.status_code in _OTHER_FORM else _Form.DOCUMENTS
        self._scores(form, question, texts)
        return form

    def _scores(self, form: _Form, question: str, texts: Sequence[str]) -> list[float]:
        answer = self._server.post(self._body(form, question, texts))
        if answer.status_code in (401, 403):
            raise ModelError(
                f"{self.name} refuses the request ({answer.status_code}).", remedy="Set VDR_RERANKER_API_KEY."
            )
        if not answer.is_success:
            raise ModelError(
                f"{self.name} answers {answer.status_code} to a request to rerank.", remedy=_REMEDY
            )
        try:
            found = _ANSWER.validate_json(answer.content)
        except ValidationError as error:
            raise ModelError(f"{self.name} answers something else than scores.", remedy=_REMEDY) from error
        ranked = found.results if isinstance(found, _Results) else found
        scores = {each.index: each.score for each in ranked}
        is_whole = len(ranked) == len(texts) and scores.keys() == set(range(len(texts)))
        if not is_whole or not all(map(math.isfinite, scores.values())):
            raise ModelError(f"{self.name} does not score each text once.", remedy=_REMEDY)
        return [scores[place] for place in range(len(texts))]

    def _body(self, form: _Form, question: str, texts: Sequence[str]) -> Mapping[str, Any]:
        model = {} if self._model is None else {"model": self._model}
        if form is _Form.TEXTS:
            return {**model, "query": question, "texts": list(texts), "truncate": True}
        return {**model, "query": question, "documents": list(texts), "top_n": len(texts)}
