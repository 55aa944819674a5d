"""The same request again is answered without a search, and never as it was before something changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.talking import Service
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.search.searcher import Searcher
from vdr.settings import ServiceSettings, Settings


@pytest.fixture
def searches(monkeypatch) -> list[str | None]:
    """The questions that were really searched for."""
    made, search = list[str | None](), Searcher.search_embedded

    def noted(self, request, *arguments):
        made.append(request.text)
        return search(self, request, *arguments)

    monkeypatch.setattr(Searcher, "search_embedded", noted)
    return made


def ask(service: Service, **body) -> dict:
    answer = service.client.post("/v1/search", json={"query": "whales", **body})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    told.pop("timings_ms")
    return told


def test_the_same_question_is_searched_for_once(service, searches, tmp_path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    first = ask(service)
    assert [hit["document"]["name"] for hit in first["hits"]] == ["a.pdf"]
    again = ask(service)
    assert again.pop("search_id") != first.pop("search_id")  # feedback is given on one of them
    assert again == first
    assert searches == ["whales"]


def test_whatever_is_asked_otherwise_is_searched_for(service, searches, tmp_path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    for body in ({}, {"limit": 3}, {"marks": True}, {"filter": {"x": 1}}, {"filter": {"x": True}}):
        ask(service, **body)
    assert len(searches) == 5


def test_uploads_changes_and_deletions_are_seen_at_once(service, tmp_path) -> None:
    first = service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    assert len(ask(service)["hits"]) == 1
    second = service.index(write_pdf(tmp_path / "b.pdf", ("Whales and ships.",)))
    assert len(ask(service)["hits"]) == 2
    service.client.patch(f"/v1/documents/{second}", json={"name": "new.pdf", "metadata": {"year": 2021}})
    assert {hit["document"]["name"] for hit in ask(service)["hits"]} == {"a.pdf", "new.pdf"}
    assert len(ask(service, filter={"year": 2021})["hits"]) == 1
    service.client.patch(f"/v1/documents/{second}", json={"metadata": {"year": 2022}})
    assert ask(service, filter={"year": 2021})["hits"] == []
    service.client.delete(f"/v1/documents/{first}")
    assert [hit["document"]["name"] for hit in ask(service)["hits"]] == ["new.pdf"]


def test_a_calibration_is_seen_at_once(service, searches, tmp_path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    ask(service)
    opened = service.client.app_state["services"].opened
    library = opened.library()
    library.collections.note_calibration(library.generation, {"modes": {}})
    ask(service)
    assert len(searches) == 2


def test_of_collections_each_has_its_own_answers(service, tmp_path) -> None:
    service.client.post("/v1/collections", json={"name": "other"})
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    assert len(ask(service)["hits"]) == 1
    answer = service.client.post("/v1/collections/other/search", json={"query": "whales"})
    assert answer.json()["hits"] == []


def test_a_question_is_embedded_once(start, tmp_path) -> None:
    embedder = TinyEmbedder()
    embedded, encode = list[object](), embedder.encode_queries

    def noted(queries):
        embedded.extend(queries)
        return encode(queries)

    embedder.encode_queries = noted  # type: ignore[method-assign]
    service = start(embedder)
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    for limit in (1, 2, 3):
        ask(service, limit=limit)
    assert embedded == ["whales"]


@contextmanager
def without_memory(settings: Settings) -> Iterator[Service]:
    chosen = settings.model_copy(update={"service": ServiceSettings(query_cache_bytes=0)})
    with TestClient(create_app(chosen, tiny_models())) as client:
        yield Service(client)


def test_without_memory_every_question_is_searched_for(settings, searches, tmp_path) -> None:
    with without_memory(settings) as service:
        service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
        ask(service)
        ask(service)
    assert len(searches) == 2


def test_what_there_was_no_time_for_is_looked_for_again(service, searches, tmp_path) -> None:
    service.index(write_pdf(tmp_path / "a.pdf", ("Whales sing.",)))
    for _ in range(3):
        told = ask(service, budget_ms=600_000)
        assert told["left_out"] == []
    assert len(searches) == 1
