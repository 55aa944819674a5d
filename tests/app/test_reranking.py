"""A service with a cross-encoder: it ranks what the index found, and says which it is."""

from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import WHALES, settings_in
from tests.app.talking import Service
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.reranker import DarkestFirst


def test_hits_come_in_the_order_of_the_cross_encoder(tmp_path):
    reranker = DarkestFirst()
    with TestClient(create_app(settings_in(tmp_path), tiny_models(reranker=reranker))) as client:
        Service(client).index(write_pdf(tmp_path / "whales.pdf", WHALES))
        answer = client.post("/v1/search", json={"query": "whales"}).json()
        again = client.post("/v1/search", json={"query": "whales", "rerank": False}).json()
        assert client.get("/version").json()["reranker"] == "darkest-first"
    assert reranker.asked == [("whales", 3)]
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True) and len(scores) == 3
    assert "rerank" in answer["timings_ms"] and "rerank" not in again["timings_ms"]
