"""What is tried again, when, and what is not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.vdr.client.answers import DOCUMENT_ID, document, found, listed, problem, uploaded
from tests.vdr.client.conftest import Answer, Clients
from vdr.errors import (
    IndexLocked,
    IndexUnavailable,
    NotFound,
    PdfBroken,
    QueueFull,
    ServiceMismatch,
    ServiceUnavailable,
    VdrError,
)


def test_a_lost_connection_is_taken_up_again_with_growing_pauses(clients: Clients) -> None:
    call, told = clients.of(httpx.ConnectError("refused"), httpx.ReadError("reset"), found("a.pdf"))
    assert len(call("search", "sales").hits) == 1
    first, second = told.pauses_s
    assert 0.375 <= first <= 0.625 and 0.75 <= second <= 1.25


def test_an_upload_that_is_sent_again_is_whole_and_has_the_same_key(clients: Clients) -> None:
    call, told = clients.of(httpx.ReadError("reset"), problem(QueueFull("Full.")), uploaded())
    call("upload", b"%PDF-1.7", name="a.pdf", progress=lambda *_: None)
    assert len({request.headers["idempotency-key"] for request in told.requests}) == 1
    assert all(b"%PDF-1.7" in body for body in told.bodies) and len(told.bodies) == 3


def test_the_service_says_when_to_come_back(clients: Clients) -> None:
    call, told = clients.of(problem(QueueFull("Full."), {"retry-after": "7"}), uploaded())
    call("upload", b"%PDF")
    assert told.pauses_s == [7.0]


def test_a_date_to_come_back_at_is_understood(clients: Clients) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    call, told = clients.of(httpx.Response(503, headers={"retry-after": later}), listed())
    assert call("documents") == []
    assert 15 <= told.pauses_s[0] <= 20


def test_nobody_waits_for_minutes(clients: Clients) -> None:
    call, told = clients.of(problem(QueueFull("Full."), {"retry-after": "3600"}))
    with pytest.raises(QueueFull) as raised:
        call("upload", b"%PDF")
    assert told.pauses_s == [] and raised.value.retry_after_s == 3_600


def test_it_gives_up_at_last(clients: Clients) -> None:
    call, told = clients.of(*[httpx.ConnectError("refused")] * 3, retries=2)
    with pytest.raises(ServiceUnavailable, match=r"http://vdr\.test is not responding: refused"):
        call("version")
    assert len(told.requests) == 3


@pytest.mark.parametrize("error", [NotFound("Gone."), PdfBroken("Damaged."), IndexLocked("In use.")])
def test_what_stays_as_it_is_is_not_asked_again(clients: Clients, error: VdrError) -> None:
    call, told = clients.of(problem(error))
    with pytest.raises(type(error), match=error.message):
        call("search", "sales")
    assert len(told.requests) == 1


@pytest.mark.parametrize(
    ("first", "is_again"),
    [
        (httpx.ConnectError("refused"), True),
        (httpx.ReadTimeout("slow"), False),
        (lambda _: problem(IndexUnavailable("Down.")), True),
        (lambda _: httpx.Response(502), False),
    ],
)
def test_what_may_be_done_twice_is_sent_again_only_where_it_was_not_done(
    clients: Clients, first: Answer, is_again: bool
) -> None:
    call, told = clients.of(first, httpx.Response(202, json=document()))
    if is_again:
        call("retry", DOCUMENT_ID)
    else:
        with pytest.raises(ServiceUnavailable):
            call("retry", DOCUMENT_ID)
    assert len(told.requests) == 1 + is_again


def test_a_proxy_that_is_there_before_the_service_is_asked_again(clients: Clients) -> None:
    call, _ = clients.of(httpx.Response(502, text="<html>"), found())
    assert call("search", "sales").hits == []


def test_a_code_that_is_not_known_here_is_told_all_the_same(clients: Clients) -> None:
    error = VdrError("It rains.", remedy="Wait.")
    error.code, error.status = "weather", 409
    call, _ = clients.of(problem(error))
    with pytest.raises(VdrError, match=r"It rains\. Wait\.") as raised:
        call("search", "sales")
    assert (raised.value.code, raised.value.status) == ("weather", 409)


def test_an_answer_of_something_else_is_a_mismatch(clients: Clients) -> None:
    call, told = clients.of(httpx.Response(200, text="hello"))
    with pytest.raises(ServiceMismatch, match=r"http://vdr\.test gives answers"):
        call("search", "sales")
    assert len(told.requests) == 1
