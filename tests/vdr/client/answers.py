"""What a service answers, for tests that stand in for one."""

import json
from typing import Any

import httpx

from vdr.client.problems import MEDIA_TYPE
from vdr.errors import VdrError

DOCUMENT_ID = "9f" * 32


def document(**changed: Any) -> dict[str, Any]:
    return {
        "document_id": DOCUMENT_ID,
        "name": "report.pdf",
        "other_names": [],
        "state": "indexed",
        "page_count": 2,
        "pages_done": 2,
        "size_bytes": 1_000,
        "added_at": "2025-03-01T09:30:00Z",
        "ocr_pages": 0,
        "ocr_pages_done": 0,
        "attempt": 1,
        "added_by": None,
        "kind": "pdf",
        "pdf_title": None,
        "pdf_author": None,
        "pdf_created_at": None,
        "pdf_modified_at": None,
        "metadata": {},
        "page_errors": [],
        "warnings": [],
        "url": f"/v1/documents/{DOCUMENT_ID}",
        "file_url": f"/v1/documents/{DOCUMENT_ID}/file",
        "events_url": f"/v1/documents/{DOCUMENT_ID}/events",
        "told_by_a_newer_service": True,
        **changed,
    }


def listed(*names: str, next_after: str | None = None) -> httpx.Response:
    documents = [document(name=name) for name in names]
    return httpx.Response(200, json={"documents": documents, "total": 3, "next_after": next_after})


def found(*names: str, next_cursor: str | None = None) -> httpx.Response:
    hits = [hit(name) for name in names]
    return httpx.Response(200, json={"hits": hits, "next_cursor": next_cursor, "timings_ms": {"total": 1.0}})


def hit(name: str) -> dict[str, Any]:
    return {
        "rank": 1,
        "document": {
            "document_id": DOCUMENT_ID,
            "name": name,
            "pdf_title": None,
            "page_count": 2,
            "url": "/v1/documents/9f",
        },
        "page_number": 2,
        "page_label": "2",
        "score": 0.5,
        "stages": {"full": 0.5},
        "image_url": "/v1/documents/9f/pages/2/image",
        "page_url": "/documents/9f/pages/2",
        "snippet": {"text": "Net sales", "from_pixels": False},
        "matched_words": ["sales"],
    }


def uploaded(**changed: Any) -> httpx.Response:
    upload = {"name": "report.pdf", "document": document(state="queued"), "is_new": True, **changed}
    return httpx.Response(202, json={"uploads": [upload]})


def problem(error: VdrError, headers: dict[str, str] | None = None) -> httpx.Response:
    told = {"code": error.code, "detail": error.message, "remedy": error.remedy, "status": error.status}
    return httpx.Response(
        error.status, content=json.dumps(told), headers={"content-type": MEDIA_TYPE, **(headers or {})}
    )


def event(kind: str, event_id: int, **changed: Any) -> str:
    return f"event: {kind}\nid: {event_id}\ndata: {json.dumps(document(**changed))}\n\n"


def stream(*events: str) -> httpx.Response:
    return httpx.Response(
        200, content="retry: 2000\n\n" + "".join(events), headers={"content-type": "text/event-stream"}
    )
