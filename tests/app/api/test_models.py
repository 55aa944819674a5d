"""/v1/embeddings and /v1/rerank: the forms of others, by the models of this service."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import settings_in
from tests.app.talking import Service, assert_problem
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from tests.fixtures.serving import listening
from vdr.models.rerank_endpoint import EndpointReranker
from vdr.models.reranker import LoadedStep
from vdr.settings import JobSettings, ModelSettings

DOCUMENTS = ["whales eat krill", "net sales rose", {"text": "net sales by region", "id": 7}]


@pytest.fixture(scope="module")
def reranker() -> MostOfTheQuestion:
    return MostOfTheQuestion()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, reranker: MostOfTheQuestion) -> Any:
    settings = settings_in(tmp_path_factory.mktemp("models"))
    steps = [LoadedStep(DarkestFirst()), LoadedStep(reranker)]
    return create_app(
        settings.model_copy(update={"jobs": JobSettings(worker=False)}), tiny_models(rerankers=steps)
    )


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def embedded(service: Service, **body: Any) -> Any:
    return service.client.post("/v1/embeddings", json=body)


class TestEmbeddings:
    def test_they_are_those_of_questions_in_order(self, filled: Service) -> None:
        answer = embedded(filled, input=["blue whale", "tram"], model="tiny").json()
        assert (answer["object"], answer["model"]) == ("list", "tiny")
        assert [(each["object"], each["index"]) for each in answer["data"]] == [
            ("embedding", 0),
            ("embedding", 1),
        ]
        expected = [each.embedding for each in TinyEmbedder().encode_queries(["blue whale", "tram"])]
        assert np.allclose([each["embedding"] for each in answer["data"]], expected)
        assert answer["usage"] == {"prompt_tokens": 3, "total_tokens": 3}

    def test_one_text_is_a_list_of_one(self, filled: Service) -> None:
        assert len(embedded(filled, input="blue whale").json()["data"]) == 1

    def test_base64_holds_the_same_numbers(self, filled: Service) -> None:
        as_list, as_text = (
            embedded(filled, input="blue whale", encoding_format=form).json()["data"][0]["embedding"]
            for form in ("float", "base64")
        )
        assert np.allclose(np.frombuffer(b64decode(as_text), "<f4"), as_list)

    def test_fewer_dimensions_are_the_first_ones_of_length_1(self, filled: Service) -> None:
        whole, cut = (
            np.array(embedded(filled, input="blue whale", **more).json()["data"][0]["embedding"])
            for more in ({}, {"dimensions": 4})
        )
        assert cut.shape == (4,)
        length = np.linalg.norm(whole[:4])
        assert np.allclose(cut * length, whole[:4], atol=1e-6)

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"input": []}, "at least 1 item"),
            ({"input": ""}, "at least 1 character"),
            ({"input": ["a"] * 257}, "at most 256 items"),
            ({"input": "a" * 8_001}, "at most 8000 characters"),
            ({"input": "a", "dimensions": 65}, "tiny has 64"),
            ({"input": "a", "model": "gpt"}, "'gpt' is not loaded"),
            ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
            ({"input": [1, 2]}, "input"),
            ({"text": "a"}, "text"),
        ],
    )
    def test_what_cannot_be_embedded_is_one_problem(self, filled: Service, body: Any, said: str) -> None:
        assert said in assert_problem(embedded(filled, **body), 422, "bad_input")["detail"]

    def test_a_model_of_many_vectors_has_no_one_embedding(self, tmp_path: Path) -> None:
        embedder = TinyEmbedder()
        with TestClient(create_app(settings_in(tmp_path), tiny_models(embedder))) as client:
            embedder.coarse_dims = 8
            assert_problem(client.post("/v1/embeddings", json={"input": "a"}), 422, "bad_input")


class TestRerank:
    def test_the_best_comes_first_with_the_index_of_each(self, client: TestClient) -> None:
        body = {"query": "net sales by region", "documents": DOCUMENTS, "model": "most-of-the-question"}
        answer = client.post("/v1/rerank", json=body).json()
        assert [each["index"] for each in answer["results"]] == [2, 1, 0]
        scores = [each["relevance_score"] for each in answer["results"]]
        assert scores == sorted(scores, reverse=True)
        assert answer["model"] == "most-of-the-question" and answer["id"]
        assert all(each["document"] is None for each in answer["results"])

    def test_so_many_are_returned_with_their_texts(self, client: TestClient) -> None:
        body = {"query": "net sales", "documents": DOCUMENTS, "top_n": 1, "return_documents": True}
        (best,) = client.post("/v1/rerank", json=body).json()["results"]
        assert (best["index"], best["document"]) == (1, {"text": "net sales rose"})

    def test_a_long_document_counts_by_its_best_stretch(
        self, client: TestClient, reranker: MostOfTheQuestion
    ) -> None:
        long = "filler " * 450 + "net sales"
        client.post("/v1/rerank", json={"query": "net sales", "documents": [long, ""]})
        (asked, stretches) = reranker.asked[-1]
        assert asked == "net sales" and [len(each) for each in stretches] == [3, 1]
        assert stretches[0][-1].endswith("net sales")

    def test_another_service_uses_it_as_its_reranker(self, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with listening(app) as address:
            reranker = EndpointReranker(f"{address}/v1/rerank", ModelSettings())
            scores = reranker.score_words("net sales", [["whales eat krill"], ["net sales rose"]])
            reranker._server._client.close()  # services keep it open
        assert scores[1] > scores[0]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"query": "a"}, "documents: Field required"),
            ({"query": "a", "documents": []}, "at least 1 item"),
            ({"query": "a", "documents": ["x"] * 1_001}, "at most 1000 items"),
            ({"query": "", "documents": ["x"]}, "query"),
            ({"query": "a", "documents": ["x"], "top_n": 0}, "top_n"),
            ({"query": "a", "documents": ["x"], "model": "rerank-v3"}, "'rerank-v3' is not loaded"),
            ({"query": "a", "documents": [{"title": "x"}]}, "text"),
        ],
    )
    def test_what_cannot_be_ranked_is_one_problem(self, client: TestClient, body: Any, said: str) -> None:
        answer = client.post("/v1/rerank", json=body)
        assert said in assert_problem(answer, 422, "bad_input")["detail"]

    def test_a_service_without_a_reranker_says_what_to_do(self, filled: Service) -> None:
        answer = filled.client.post("/v1/rerank", json={"query": "a", "documents": ["x"]})
        assert "VDR_RERANKER" in assert_problem(answer, 422, "bad_input")["remedy"]
