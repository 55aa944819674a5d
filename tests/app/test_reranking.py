"""A service with rerankers: they rank what the index found, and it says which they are."""

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import WHALES, settings_in
from tests.app.talking import Service
from tests.fixtures.checkpoints import tiny_bert_reranker
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.rerank_server import like_tei, rerank_server
from tests.fixtures.reranker import DarkestFirst
from vdr.models.loading import Models
from vdr.models.reranker import LoadedStep
from vdr.settings import ModelSettings


def test_hits_come_in_the_order_of_the_cross_encoder(tmp_path):
    reranker = DarkestFirst()
    with TestClient(
        create_app(settings_in(tmp_path), tiny_models(rerankers=[LoadedStep(reranker)]))
    ) as client:
        Service(client).index(write_pdf(tmp_path / "whales.pdf", WHALES))
        answer = client.post("/v1/search", json={"query": "whales"}).json()
        again = client.post("/v1/search", json={"query": "whales", "rerank": False}).json()
        assert client.get("/version").json()["reranker"] == "darkest-first"
    assert reranker.asked == [("whales", 3)]
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True) and len(scores) == 3
    assert "rerank" in answer["timings_ms"] and "rerank" not in again["timings_ms"]


def test_late_interaction_a_checkpoint_and_a_server_work_one_after_the_other(tmp_path):
    checkpoint = tiny_bert_reranker(tmp_path / "text-ce")
    with rerank_server(like_tei) as server:
        chain = f"late-interaction@3,{checkpoint}@3,{server.url}@2"
        models = Models(ModelSettings(reranker=chain, device="cpu"), lambda _: TinyEmbedder())
        with TestClient(create_app(settings_in(tmp_path), models)) as client:
            Service(client).index(write_pdf(tmp_path / "whales.pdf", WHALES))
            hits = client.post("/v1/search", json={"query": "whales"}).json()["hits"]
            cut = client.post("/v1/search", json={"query": "whales", "limit": 1, "offset": 1}).json()["hits"]
            assert client.get("/version").json()["reranker"] == chain
    texts = server.asked[-1]["texts"]
    assert len(hits) == 3 and len(texts) == 2
    # Longer texts are better to this server; the page that it did not see has the checkpoint's score.
    by_length = sorted((len(text) / 1_000 for text in texts), reverse=True)
    assert [hit["score"] for hit in hits[:2]] == pytest.approx(by_length)
    assert all(hit["stages"]["rerank"] == hit["score"] for hit in hits)
    assert cut == [hits[1]]
