"""Alive, ready, and which version."""

from importlib.metadata import version

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.talking import Service, assert_problem
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from vdr.errors import IndexUnavailable
from vdr.index import VectorIndex
from vdr.index.edge import EdgeIndex
from vdr.settings import Settings


def test_it_is_alive(filled: Service) -> None:
    assert filled.client.get("/healthz").json() == {"status": "alive"}


def test_it_is_ready_once_the_index_answers(filled: Service) -> None:
    assert filled.client.get("/readyz").json() == {"status": "ready", "pages": 5}


def test_the_version_tells_the_model(filled: Service) -> None:
    assert filled.client.get("/version").json() == {
        "version": version("vdr-pages"),
        "embedder": TinyEmbedder.name,
        "fingerprint": TinyEmbedder.fingerprint,
        "dims": TinyEmbedder.dims,
        "reranker": None,
    }


def test_it_is_not_ready_while_the_index_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: FastAPI = create_app(settings, tiny_models())
    with TestClient(app) as client:

        def refuse(_: VectorIndex, document_id: str | None = None) -> int:
            raise IndexUnavailable("The Qdrant server is not responding.")

        # A server that has gone away is nothing the embedded index can do.
        monkeypatch.setattr(EdgeIndex, "count", refuse)
        problem = assert_problem(client.get("/readyz"), 503, "not_ready")
        assert "not responding" in problem["detail"]
