"""Reports finished documents to another service, signed as Standard Webhooks specifies.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from vdr.settings import JobSettings
from vdr.types import Document

_TIMEOUT_S = 15.0


def event_of(collection: str, document: Document) -> dict[str, Any]:
    """The event that reports a finished document."""
    indexing = document.indexing
    return {
        "type": f"document.{indexing.state}",
        "timestamp": indexing.finished_at,
        "data": {
            "collection": collection,
            "document_id": document.document_id,
            "name": document.name,
            "state": indexing.state,
            "page_count": document.page_count,
            "pages_done": indexing.pages_done,
            "error_code": indexing.error_code,
            "error_message": indexing.error_message,
        },
    }


def send(settings: JobSettings, message_id: str, event: Mapping[str, Any]) -> int:
    """POST an event to `webhook_url`; the status it was answered with.

    Raises httpx.HTTPError where it was not heard: no answer, or one outside of 200 to 299.
    """
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", **signature(settings, message_id, body)}
    answer = httpx.post(settings.webhook_url or "", content=body, headers=headers, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    return answer.status_code


def signature(settings: JobSettings, message_id: str, body: bytes) -> dict[str, str]:
    """Headers that let the receiver know who speaks and refuse what is old; unsigned without a secret."""
    now = datetime.now(UTC)
    headers = {"webhook-id": message_id, "webhook-timestamp": str(int(now.timestamp()))}
    if settings.webhook_secret is not None:
        signer = Webhook(settings.webhook_secret.get_secret_value())
        headers["webhook-signature"] = signer.sign(message_id, now, body.decode())
    return headers
