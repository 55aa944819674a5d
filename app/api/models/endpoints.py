"""/v1/embeddings and /v1/rerank."""

from asyncio import gather
from base64 import b64encode
from collections.abc import Iterator, Sequence
from uuid import uuid4

import numpy as np
from anyio import to_thread
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from app.api.models.schemas import (
    EmbeddingOut,
    Embeddings,
    EmbeddingsBody,
    Ranked,
    RankedDocument,
    RerankBody,
    TextDocument,
    Usage,
)
from app.problems import documented
from app.request_ids import request_id
from app.state import Services, ServicesOf
from vdr.errors import (
    BadInput,
    CrossSite,
    EmbedderUnavailable,
    RequestTooLarge,
    RerankerUnavailable,
    WrongContentType,
)
from vdr.models.reranker import WordsReranker
from vdr.types import FloatArray
from vdr.vectors import truncate

router = APIRouter(tags=["models"])

_ASKING = (BadInput, CrossSite, RequestTooLarge, WrongContentType)
# A long document is ranked by its best stretch: models read a few hundred words at once.
_STRETCH_WORDS = 200


@router.post("/embeddings", name="create_embeddings", responses=documented(*_ASKING, EmbedderUnavailable))
async def create_embeddings(body: EmbeddingsBody, services: ServicesOf) -> Embeddings:
    """Embed texts by the model that the service embeds questions with, in the form that OpenAI has."""
    embedder = await run_in_threadpool(services.opened.models.embedder)
    _check_model(body.model, [embedder.name])
    if embedder.coarse_dims is not None:
        raise BadInput(
            f"{embedder.name} makes many vectors of a text.",
            remedy="Serve a model that makes one (docs/models.md).",
        )
    if body.dimensions is not None and body.dimensions > embedder.dims:
        raise BadInput(
            f"dimensions: {embedder.name} has {embedder.dims}.", remedy="Ask for fewer, or leave it out."
        )
    batcher = services.batchers.of(embedder)  # with the questions of searches
    vectors = await gather(*(batcher.embed(text) for text in body.texts))
    rows = truncate(np.stack([each.embedding for each in vectors]), body.dimensions or embedder.dims)
    is_text = body.encoding_format == "base64"
    return Embeddings(
        data=[EmbeddingOut(index=place, embedding=_written(row, is_text)) for place, row in enumerate(rows)],
        model=embedder.name,
        usage=Usage.of(*body.texts),
    )


@router.post("/rerank", name="rerank", responses=documented(*_ASKING, RerankerUnavailable))
async def rerank(body: RerankBody, services: ServicesOf) -> Ranked:
    """Rank texts by how well they answer a query, by the cross-encoder that searches are reranked with.

    In the form that Cohere and Jina have.
    """
    model, texts = await run_in_threadpool(_reranker, services, body.model), body.texts
    stretches = [list(_stretches(text)) for text in texts]
    scores = await to_thread.run_sync(model.score_words, body.query, stretches, limiter=services.searches)
    order = sorted(range(len(texts)), key=lambda place: -scores[place])
    return Ranked(
        id=request_id() or uuid4().hex,
        model=model.name,
        results=[
            RankedDocument(
                index=place,
                relevance_score=float(scores[place]),
                document=TextDocument(text=texts[place]) if body.return_documents else None,
            )
            for place in order[: body.top_n]
        ],
        usage=Usage.of(body.query, *texts),
    )


def _reranker(services: Services, name: str | None) -> WordsReranker:
    """The last that reads words, as in searches, or that of a name. Raises BadInput where there is none."""
    found = [
        step.model
        for step in services.opened.models.rerankers()
        if step.model is not None and step.model.reads_words is True
    ]
    if not found:
        raise BadInput(
            "This service has no reranker that reads texts.",
            remedy="Set VDR_RERANKER to a cross-encoder for texts (docs/models.md).",
        )
    _check_model(name, [model.name for model in found])
    return next((model for model in found if model.name == name), found[-1])


def _check_model(name: str | None, loaded: Sequence[str]) -> None:
    if name is not None and name not in loaded:
        raise BadInput(
            f"model: {name!r} is not loaded.", remedy=f"Leave it out, or use {' or '.join(loaded)}."
        )


def _written(row: FloatArray, is_text: bool) -> list[float] | str:
    return b64encode(row.astype("<f4").tobytes()).decode() if is_text else row.tolist()


def _stretches(text: str) -> Iterator[str]:
    """A text in stretches of so many words; one at least."""
    words = text.split()
    for start in range(0, max(len(words), 1), _STRETCH_WORDS):
        yield " ".join(words[start : start + _STRETCH_WORDS])
