"""What is kept of a search: what was asked, what was done, and which pages were shown."""

import json
from dataclasses import replace
from typing import Any

from vdr.catalogue.keeper import SearchKeeper
from vdr.catalogue.rows import now
from vdr.feedback import KeptHit, KeptSearch, new_search_id
from vdr.filters import filter_to_json
from vdr.types import Generation, Hit, SearchRequest, SearchResult

_DIGITS = 5
_PLAIN = ("limit", "offset", "rerank", "pages_per_document", "sort_field", "min_confidence", "budget_ms")


def kept(
    keeper: SearchKeeper,
    generation: Generation,
    request: SearchRequest,
    result: SearchResult,
    *,
    shown: int | None = None,
    key_id: str | None = None,
) -> SearchResult:
    """The result with an id by which feedback names it; as it is where searches are not kept.

    Of its hits the first `shown` have been shown, or all. An image that was searched by is not kept, only
    that there was one; `key_id` is the API key that asks.
    """
    if not keeper.is_on:
        return result
    search_id = new_search_id()
    hits = tuple(map(_kept_hit, result.hits[:shown]))
    asked, done = _storable(_request(request)), _storable(_plan(result))
    text = _storable((request.text or "").strip())
    search = KeptSearch(search_id, generation.name, now(), text, asked, done, hits, key_id)
    keeper.keep(generation.collection, search)
    return replace(result, search_id=search_id)


def _kept_hit(hit: Hit) -> KeptHit:
    stages = {stage.value: round(float(score), _DIGITS) for stage, score in hit.stages.items()}
    confidence = None if hit.confidence is None else round(float(hit.confidence), _DIGITS)
    return KeptHit(hit.page, hit.rank, round(float(hit.score), _DIGITS), confidence, stages)


def _request(request: SearchRequest) -> dict[str, object]:
    """All but the text, as JSON; what is not said is left out."""
    page = request.page
    told: dict[str, object] = {
        "mode": request.mode.value,
        "effort": request.effort.value,
        "sort": request.sort.value,
        "filter": None if request.filter is None else filter_to_json(request.filter),
        "page": None if page is None else {"document_id": page.document_id, "page_number": page.page_number},
        "image": True if request.image is not None else None,
        "cursor": True if request.cursor is not None else None,
        **{name: getattr(request, name) for name in _PLAIN},
    }
    return {name: value for name, value in told.items() if value is not None}


def _plan(result: SearchResult) -> dict[str, object]:
    stages = dict.fromkeys(stage.value for hit in result.hits for stage in hit.stages)
    return {
        "stages": list(stages),
        "left_out": list(result.left_out),
        "corrected_words": dict(result.corrected_words),
        "answerable": result.answerable,
        "timings_ms": {part: round(ms, 2) for part, ms in result.timings_ms.items()},
    }


def _storable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value without halves of characters and NULs, which not every database takes."""
    written = json.dumps(value, ensure_ascii=False).replace("\\u0000", "")
    return json.loads(written.encode(errors="replace"))
