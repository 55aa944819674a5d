"""A document is followed to its end, over lost connections too."""

import httpx
import pytest

from tests.vdr.client.answers import DOCUMENT_ID, document, event, problem, stream
from tests.vdr.client.conftest import Clients
from vdr.errors import NotFound, ServiceMismatch

EMBEDDING = event("embedding", 3, state="embedding", pages_done=1)
INDEXED = event("indexed", 4)


def test_each_change_comes_until_the_end(clients: Clients) -> None:
    call, _ = clients.of(stream(EMBEDDING, ": still at it\n\n", INDEXED))
    assert [(each.state, each.pages_done) for each in call("events", DOCUMENT_ID)] == [
        ("embedding", 1),
        ("indexed", 2),
    ]


def test_after_a_lost_connection_only_what_is_new_is_asked_for(clients: Clients) -> None:
    call, told = clients.of(stream(EMBEDDING), httpx.ReadError("reset"), stream(INDEXED))
    assert call("wait", DOCUMENT_ID).is_finished
    assert [request.headers.get("last-event-id") for request in told.requests] == [None, "3", "3"]
    assert len(told.pauses_s) == 2


def test_ocr_is_waited_for_too(clients: Clients) -> None:
    reading = event("indexed", 4, ocr_pages=2, ocr_pages_done=1)
    call, _ = clients.of(stream(reading, event("indexed", 5, ocr_pages=2, ocr_pages_done=2)))
    assert call("wait", DOCUMENT_ID).ocr_pages_done == 2


def test_nothing_new_since_the_last_event_is_the_end(clients: Clients) -> None:
    call, _ = clients.of(httpx.Response(204), httpx.Response(200, json=document()))
    assert call("wait", DOCUMENT_ID).state == "indexed"


def test_a_document_that_is_deleted_meanwhile_is_gone(clients: Clients) -> None:
    call, _ = clients.of(stream(EMBEDDING, "event: deleted\ndata: {}\n\n"))
    with pytest.raises(NotFound, match="deleted while it was followed"):
        call("wait", DOCUMENT_ID)


def test_a_document_that_was_never_there_is_gone(clients: Clients) -> None:
    call, told = clients.of(problem(NotFound("No such document.")))
    with pytest.raises(NotFound, match="No such document"):
        call("events", DOCUMENT_ID)
    assert len(told.requests) == 1


def test_events_of_something_else_are_a_mismatch(clients: Clients) -> None:
    call, _ = clients.of(stream('data: {"weather": "rain"}\n\n'))
    with pytest.raises(ServiceMismatch):
        call("events", DOCUMENT_ID)
