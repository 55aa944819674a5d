"""A document's progress as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from app.addresses import Addresses
from app.api.documents.schemas import DocumentOut
from vdr.catalogue.documents import Catalogue
from vdr.errors import VdrError
from vdr.types import FINISHED, Document

_LOOK_S = 0.25
_SILENCE_S = 15.0  # proxies close connections on which nothing has come for a minute or so
_RECONNECT_MS = 2_000


def is_over(document: Document, last_event_id: int | None) -> bool:
    """Whether a client that knows the event `last_event_id` has seen the end."""
    seen = last_event_id is not None and document.indexing.revision <= last_event_id
    return seen and _is_finished(document)


async def follow(
    catalogue: Catalogue,
    addresses: Addresses,
    document: Document,
    last_event_id: int | None,
    is_ending: Callable[[], bool],
) -> AsyncIterator[bytes]:
    """The document each time it has changed, until it is finished, OCR included, or deleted.

    It also stops where the service ends, which would wait for it: the client comes back by itself.
    The id of an event is the document's revision, so that a client that reconnects gets what is new.
    """
    last = -1 if last_event_id is None else last_event_id
    yield format_sse_event(retry=_RECONNECT_MS)
    silence_s = 0.0
    current: Document | None = document
    while current is not None:
        if current.indexing.revision > last:
            last, silence_s = current.indexing.revision, 0.0
            yield format_sse_event(
                data_str=DocumentOut.of(addresses, current).model_dump_json(),
                event=current.indexing.state,
                id=str(last),
            )
        if _is_finished(current) or is_ending():
            return
        await asyncio.sleep(_LOOK_S)
        silence_s += _LOOK_S
        if silence_s >= _SILENCE_S:
            silence_s = 0.0
            yield format_sse_event(comment="still at it")
        try:
            current = await run_in_threadpool(catalogue.find, document.document_id)
        except VdrError:  # the client comes back by itself, and to a database that may be there again
            return
    yield format_sse_event(data_str="{}", event="deleted")


def _is_finished(document: Document) -> bool:
    return (
        document.indexing.state in FINISHED
        and document.indexing.ocr_pages_done >= document.indexing.ocr_pages
    )
