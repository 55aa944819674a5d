"""Alive, ready, and which version."""

from importlib.metadata import version
from threading import Event

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.service import create_app
from tests.app.talking import Service, assert_problem
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from vdr.catalogue.collections import Collections
from vdr.errors import DatabaseUnavailable, EmbedderUnavailable, IndexUnavailable, ObjectsUnavailable
from vdr.objects.store import ObjectStore
from vdr.settings import Settings


def test_it_is_alive(filled: Service) -> None:
    assert filled.client.get("/healthz").json() == {"status": "alive"}


def test_it_is_ready_once_the_index_answers(filled: Service) -> None:
    told = filled.client.get("/readyz").json()
    assert (told["status"], told["pages"]) == ("ready", 5)


def test_a_worker_that_is_away_is_named_and_searches_do_without(filled: Service, service: Service) -> None:
    answer = filled.client.get("/readyz")
    assert answer.status_code == 200
    [away] = answer.json()["away"]
    assert away["part"] == "worker"
    assert "waits" in away["problem"]
    assert service.client.get("/readyz").json()["away"] == []


def test_the_version_tells_the_model(filled: Service) -> None:
    assert filled.client.get("/version").json() == {
        "version": version("vdr-pages"),
        "embedder": TinyEmbedder.name,
        "fingerprint": TinyEmbedder.fingerprint,
        "dims": TinyEmbedder.dims,
        "reranker": None,
    }


def test_each_part_that_is_away_is_named(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise IndexUnavailable("The Qdrant server is not responding.")

    def fail(*_: object) -> None:
        raise ObjectsUnavailable("The bucket is not responding.")

    # Servers that have gone away are nothing that the embedded parts can do.
    monkeypatch.setattr("app.readiness.schema_of", refuse)
    monkeypatch.setattr(ObjectStore, "check", fail)
    problem = assert_problem(service.client.get("/readyz"), 503, "not_ready")
    assert problem["detail"] == (
        "Away: index (The Qdrant server is not responding.); objects (The bucket is not responding.)"
    )
    assert ready_parts(service) == {"database": 1, "index": 0, "objects": 0, "models": 1, "worker": 1}


def test_a_database_that_is_away_hides_no_other_part(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("The database is not responding.")

    monkeypatch.setattr(Collections, "opened", refuse)
    problem = assert_problem(service.client.get("/readyz"), 503, "not_ready")
    assert problem["detail"] == "Away: database (The database is not responding.)"


def test_a_part_that_hangs_is_away_and_is_not_asked_again_meanwhile(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, asked = Event(), list[int]()

    def hang(*_: object) -> None:
        asked.append(1)
        goes_on.wait(60)

    monkeypatch.setattr(ObjectStore, "check", hang)
    readiness = service.client.app_state["services"].readiness
    monkeypatch.setattr(readiness, "_patience_s", 0.2)
    for _ in range(2):
        problem = assert_problem(service.client.get("/readyz"), 503, "not_ready")
        assert "objects (It has not answered within 0.2 s.)" in problem["detail"]
    goes_on.set()
    assert asked == [1]


class TestModelsOnServers:
    def test_they_are_asked_and_named_if_they_do_not_answer(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_server = settings.model.model_copy(update={"embedder": "http://embedder/v1/embeddings"})
        embedder = TinyEmbedder()
        app = create_app(settings.model_copy(update={"model": on_server}), tiny_models(embedder))
        with TestClient(app) as client:
            assert client.get("/readyz").status_code == 200

            def refuse(*_: object) -> None:
                raise EmbedderUnavailable("embedder does not answer.")

            monkeypatch.setattr(embedder, "encode_queries", refuse)
            monkeypatch.setattr(client.app_state["services"].readiness._models, "_known", None)  # it is old
            problem = assert_problem(client.get("/readyz"), 503, "not_ready")
            assert problem["detail"] == "Away: models (embedder does not answer.)"


def ready_parts(service: Service) -> dict[str, float]:
    families = text_string_to_metric_families(service.client.get("/metrics").text)
    [family] = [each for each in families if each.name == "vdr_part_ready"]
    return {sample.labels["part"]: sample.value for sample in family.samples}
