"""Documents under way: followed, cancelled, retried, and refused when too many wait."""

import json

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.talking import UNKNOWN_ID, Service, assert_problem, files
from tests.fixtures.embedder import Gate, TinyEmbedder
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_report
from vdr.settings import JobSettings, OcrMode
from vdr.types import Box, Word

PATIENCE_S = 60


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.opened.set()


def events(client, document_id, **headers):
    """The events of a document as (id, kind, data), until the stream ends."""
    with client.stream("GET", f"/v1/documents/{document_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        found, current = [], {}
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                current[name] = value
            elif "data" in current:
                found.append((int(current.get("id", -1)), current["event"], json.loads(current["data"])))
                current = {}
    return found


def test_a_document_is_followed_to_its_end(service, tmp_path):
    uploaded = service.upload(write_report(tmp_path / "a.pdf", 11)).json()["uploads"][0]["document"]
    seen = events(service.client, uploaded["document_id"])
    ids = [each[0] for each in seen]
    assert ids == sorted(set(ids))
    assert seen[-1][1] == "indexed"
    assert seen[-1][2]["pages_done"] == 11 and seen[-1][2]["finished_at"] is not None
    assert uploaded["events_url"].endswith("/events")


def test_a_client_that_comes_back_is_told_what_is_new(service, tmp_path):
    document_id = service.index(write_report(tmp_path / "a.pdf", 2))
    ((last, kind, _),) = events(service.client, document_id)
    assert kind == "indexed"
    assert len(events(service.client, document_id, **{"Last-Event-ID": str(last - 1)})) == 1
    over = service.client.get(f"/v1/documents/{document_id}/events", headers={"Last-Event-ID": str(last)})
    assert over.status_code == 204
    bad = service.client.get(f"/v1/documents/{document_id}/events", headers={"Last-Event-ID": "x"})
    assert_problem(bad, 422, "bad_input")
    assert_problem(service.client.get(f"/v1/documents/{UNKNOWN_ID}/events"), 404, "not_found")


def test_time_left_is_told_once_there_is_something_to_go_by(start, tmp_path):
    gate, batches = Gate(), []

    def hold_the_second(images):
        batches.append(len(images))
        if len(batches) == 2:
            gate(images)

    service = start(TinyEmbedder(hold_the_second))
    document_id = service.upload(write_report(tmp_path / "a.pdf", 20)).json()["uploads"][0]["document"]
    document_id = document_id["document_id"]
    assert gate.reached.wait(PATIENCE_S)
    assert service.client.get(f"/v1/documents/{document_id}").json()["seconds_left"] > 0
    gate.opened.set()
    assert service.settled(document_id)["seconds_left"] is None


def test_a_document_is_cancelled_and_tried_again(start, gate, tmp_path):
    service = start(TinyEmbedder(gate))
    document = service.upload(write_report(tmp_path / "a.pdf", 3)).json()["uploads"][0]["document"]
    url = document["url"]
    assert gate.reached.wait(PATIENCE_S)
    assert service.client.post(f"{url}/cancel").json()["state"] == "cancelled"
    gate.opened.set()
    assert service.client.post(f"{url}/cancel").json()["state"] == "cancelled"
    assert service.search("page") == []
    again = service.client.post(f"{url}/retry")
    assert again.status_code == 202 and again.json()["attempt"] == 2
    assert service.settled(document["document_id"])["state"] == "indexed"
    assert_problem(service.client.post(f"{url}/cancel"), 409, "already_finished")
    assert service.client.post(f"{url}/retry").json()["attempt"] == 2


@pytest.mark.parametrize("what", ["cancel", "retry"])
def test_what_is_not_there_is_neither_cancelled_nor_retried(filled, what):
    assert_problem(filled.client.post(f"/v1/documents/{UNKNOWN_ID}/{what}"), 404, "not_found")


def test_uploads_are_refused_while_too_many_wait(settings, gate, tmp_path):
    limited = settings.model_copy(update={"jobs": JobSettings(queue_limit=1)})
    with TestClient(create_app(limited, tiny_models(TinyEmbedder(gate)))) as client:
        service = Service(client)
        first = service.upload(write_report(tmp_path / "a.pdf", 1)).json()["uploads"][0]["document"]
        refused = service.upload(write_report(tmp_path / "b.pdf", 1, "b"))
        assert_problem(refused, 429, "queue_full")
        assert int(refused.headers["retry-after"]) > 0
        assert service.ids() == [first["document_id"]]
        gate.opened.set()
        service.settled(first["document_id"])
        assert service.upload(write_report(tmp_path / "b.pdf", 1, "b")).status_code == 202


def test_who_uploaded_is_noted_as_a_proxy_says(service, tmp_path):
    sent = files(write_report(tmp_path / "a.pdf", 1))
    answer = service.client.post("/v1/documents?bulk=true", files=sent, headers={"X-Forwarded-User": "ada"})
    assert answer.json()["uploads"][0]["document"]["added_by"] == "ada"


def test_a_document_is_followed_until_ocr_has_seen_it_too(settings, gate, tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.jobs.worker.check_ocr", lambda *_: None)
    word = Word("zebra", Box(0.8, 0.8, 0.9, 0.9), 0.9)
    monkeypatch.setattr(
        "indexer.ocr.complete.read_pages", lambda images, *_: gate(images) or [(word,)] * len(images)
    )
    ingest = settings.ingest.model_copy(update={"ocr": OcrMode.ALL})
    with TestClient(create_app(settings.model_copy(update={"ingest": ingest}), tiny_models())) as client:
        service = Service(client)
        document_id = service.index(write_report(tmp_path / "a.pdf", 3))
        assert gate.reached.wait(PATIENCE_S)
        assert "running OCR, 0 of 3" in client.get("/ui/library").text
        assert service.search("zebra", mode="text") == []
        gate.opened.set()
        followed = events(client, document_id)
        assert [followed[-1][2][name] for name in ("state", "ocr_pages", "ocr_pages_done")] == [
            "indexed",
            3,
            3,
        ]
        assert "running OCR" not in client.get("/ui/library").text
        assert [hit["page_number"] for hit in service.search("zebra", mode="text")] == [1, 2, 3]
        text = client.get(f"/v1/documents/{document_id}/pages/1/text").json()
        assert [each["text"] for each in text["ocr"]] == ["zebra"]
        assert "zebra" in client.get(f"/ui/pages/{document_id}/1?q=zebra").text
