"""What both clients send, and what they make of the answers."""

import json
from pathlib import Path

import httpx
import pytest

from tests.vdr.client.answers import DOCUMENT_ID, document, found, listed, uploaded
from tests.vdr.client.conftest import Clients
from vdr.client import Client, PageRef
from vdr.errors import PdfEncrypted


def test_a_search_sends_what_was_said_and_nothing_else(clients: Clients) -> None:
    call, told = clients.of(found("report.pdf"))
    hits = call(
        "search", "net sales", limit=3, document_ids=[DOCUMENT_ID], facets=("kind",), cursor=None
    ).hits
    assert json.loads(told.bodies[0]) == {
        "query": "net sales",
        "limit": 3,
        "filters": {"document_ids": [DOCUMENT_ID]},
        "facets": ["kind"],
    }
    assert hits[0].page == PageRef(DOCUMENT_ID, 2)


def test_a_hit_leads_to_similar_pages(clients: Clients) -> None:
    hit = clients.of(found("report.pdf"))[0]("search", "net sales").hits[0]
    call, told = clients.of(found())
    assert call("similar", hit, "costs").hits == []
    assert json.loads(told.bodies[0]) == {
        "query": "costs",
        "page": {"document_id": DOCUMENT_ID, "page_number": 2},
    }


def test_hits_go_on_where_the_last_answer_ended(clients: Clients) -> None:
    call, told = clients.of(found("a.pdf", "b.pdf", next_cursor="AV3"), found("c.pdf"))
    assert [hit.document.name for hit in call("hits", "sales", offset=1)] == ["a.pdf", "b.pdf", "c.pdf"]
    first, second = map(json.loads, told.bodies)
    assert (first.get("cursor"), first["offset"]) == (None, 1)
    assert (second["cursor"], second["offset"]) == ("AV3", 0)


def test_documents_are_listed_to_the_end(clients: Clients) -> None:
    call, told = clients.of(listed("a.pdf", "b.pdf", next_after="x"), listed("c.pdf"))
    documents = call("documents", filter={"year": 2021}, state=["indexed"], page_size=2)
    assert [each.name for each in documents] == ["a.pdf", "b.pdf", "c.pdf"]
    assert dict(told.requests[1].url.params) == {
        "limit": "2",
        "state": "indexed",
        "filter": '{"year": 2021}',
        "after": "x",
    }


def test_pages_are_listed_to_the_end(clients: Clients) -> None:
    page = {"page_number": 1, "page_label": "i", "image_url": "/i", "page_url": "/p"}
    call, told = clients.of(
        httpx.Response(200, json={"pages": [page] * 1_000}), httpx.Response(200, json={"pages": [page]})
    )
    assert len(call("pages", DOCUMENT_ID)) == 1_001
    assert [request.url.params["offset"] for request in told.requests] == ["0", "1000"]


def test_a_collection_and_a_key_are_in_every_request(clients: Clients) -> None:
    call, told = clients.of(httpx.Response(200, content=b"RIFF"), key="sk-1", collection="invoices")
    assert call("page_image", PageRef(DOCUMENT_ID, 2), width=300, kind="png") == b"RIFF"
    (request,) = told.requests
    assert request.url == (
        f"http://vdr.test/v1/collections/invoices/documents/{DOCUMENT_ID}/pages/2/image?width=300"
    )
    assert request.headers["authorization"] == "Bearer sk-1"
    assert request.headers["accept"] == "image/png"


def test_a_client_of_another_collection_has_the_same_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return listed()

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = Client("http://vdr.test", key="sk-1", collection="invoices", http=http)
    assert list(client.collection("letters").documents()) == list(client.collection(None).documents()) == []
    assert [request.url.path for request in seen] == ["/v1/collections/letters/documents", "/v1/documents"]
    assert {request.headers["authorization"] for request in seen} == {"Bearer sk-1"}


def test_an_upload_says_how_far_it_is(clients: Clients, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(b"%PDF" * 50_000)
    said: list[tuple[int, int]] = []
    call, told = clients.of(uploaded())
    given = call(
        "upload",
        file,
        password="secret",
        metadata={"year": 2021},
        replace=True,
        bulk=True,
        progress=lambda sent, size: said.append((sent, size)),
    )
    assert given.state == "queued"
    assert said[-1] == (200_000, 200_000) and len(said) > 1
    assert [sent for sent, _ in said] == sorted({sent for sent, _ in said})
    body = told.bodies[0]
    assert b'filename="report.pdf"' in body and b"secret" in body and b'{"year": 2021}' in body
    assert b'name="replace"\r\n\r\ntrue' in body
    assert dict(told.requests[0].url.params) == {"bulk": "true"}
    assert int(told.requests[0].headers["content-length"]) == len(body)


def test_bytes_are_uploaded_under_a_name(clients: Clients) -> None:
    call, told = clients.of(uploaded())
    call("upload", b"%PDF-1.7", name="scan.pdf")
    assert b'filename="scan.pdf"' in told.bodies[0] and b"%PDF-1.7" in told.bodies[0]


def test_each_upload_has_a_key_of_its_own(clients: Clients) -> None:
    call, told = clients.of(uploaded(), uploaded())
    call("upload", b"a")
    call("upload", b"a")
    keys = {request.headers["idempotency-key"] for request in told.requests}
    assert len(keys) == 2 and all(keys)


def test_a_file_that_is_not_taken_is_the_error_that_says_why(clients: Clients) -> None:
    refusal = {"code": "pdf_encrypted", "detail": "It is protected.", "remedy": "Enter the password."}
    call, _ = clients.of(uploaded(document=None, is_new=False, problem=refusal))
    with pytest.raises(PdfEncrypted, match=r"It is protected\. Enter the password\."):
        call("upload", b"%PDF")


def test_an_image_is_searched_for_with_words_beside_it(clients: Clients) -> None:
    call, told = clients.of(found())
    call("search_image", b"PNG", "a chart", filter={"year": 2021}, limit=3)
    assert dict(told.requests[0].url.params) == {
        "limit": "3",
        "filter": '{"year": 2021}',
        "query": "a chart",
    }
    assert b'name="image"' in told.bodies[0]


def test_what_changes_and_deletes_says_so(clients: Clients) -> None:
    one = httpx.Response(200, json=document())
    gone = httpx.Response(200, json={"dry_run": True, "count": 0, "documents": []})
    call, told = clients.of(one, one, one, httpx.Response(204), gone)
    call("change", DOCUMENT_ID, metadata={"year": None})
    call("cancel", DOCUMENT_ID)
    call("retry", DOCUMENT_ID)
    assert call("delete", DOCUMENT_ID) is None
    assert call("delete_where", {"year": 2021}).dry_run
    assert [(each.method, each.url.path.rpartition("/")[2]) for each in told.requests] == [
        ("PATCH", DOCUMENT_ID),
        ("POST", "cancel"),
        ("POST", "retry"),
        ("DELETE", DOCUMENT_ID),
        ("POST", "deletions"),
    ]
    assert json.loads(told.bodies[0]) == {"metadata": {"year": None}}
    assert json.loads(told.bodies[-1]) == {"filter": {"year": 2021}, "dry_run": True}


def test_a_client_of_its_own_is_closed_and_another_is_not() -> None:
    http = httpx.Client()
    with Client(http=http):
        pass
    assert not http.is_closed
    with Client() as client:
        own = client._http
    assert own.is_closed
    http.close()
