"""A reranker behind an address: asked in its own form, and in one line where it does not answer as one."""

import itertools

import numpy as np
import pytest

from tests.fixtures.processes import free_port
from tests.fixtures.rerank_server import like_jina, like_tei, rerank_server
from vdr.errors import ModelError, RerankerUnavailable
from vdr.models import endpoint
from vdr.models.loading import Models
from vdr.models.rerank_endpoint import EndpointReranker
from vdr.settings import ModelSettings


def at(url, **settings):
    return EndpointReranker(url, ModelSettings(**settings))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(endpoint, "_PAUSES_S", (0.0, 0.0))


@pytest.mark.parametrize("form", [like_jina, like_tei])
def test_it_is_asked_as_it_takes_it_and_scores_come_back_in_order(form):
    with rerank_server(form) as server:
        reranker = at(server.url, reranker_model="bge", reranker_api_key="secret")
        scores = reranker.score_words("fees", [("a" * 10,), ("a" * 30, "a" * 20)])
    assert scores == pytest.approx([0.010, 0.030])
    last = server.asked[-1]
    assert (last["model"], last["query"]) == ("bge", "fees")
    assert server.keys[-1] == "Bearer secret"
    assert ("texts" in last) is (form is like_tei) is not ("documents" in last)


@pytest.mark.parametrize("form", [like_jina, like_tei])
def test_many_texts_are_many_requests(form):
    pages = [(f"{'a' * n}", "a") for n in range(1, 101)]
    with rerank_server(form) as server:
        reranker = at(server.url)
        before = len(server.asked)
        scores = reranker.score_words("fees", pages)
    assert scores == pytest.approx(np.arange(1, 101) / 1_000)
    assert len(server.asked) - before == 7
    assert "model" not in server.asked[-1]
    assert reranker.name == server.url


def test_what_passes_is_tried_again():
    answers = itertools.chain([(503, {}), (429, {})], itertools.repeat(None))
    with rerank_server(lambda asked: next(answers) or like_jina(asked)) as server:
        assert at(server.url).score_words("fees", [("a",)]) == pytest.approx([0.001])


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_does_not_pass_is_unavailable(status):
    with rerank_server(like_jina) as server:
        reranker = at(server.url)
        server.answer = lambda _: (status, {})
        with pytest.raises(RerankerUnavailable, match=f"answers {status}"):
            reranker.score_words("fees", [("a",)])
        assert len(server.asked) == 2 + 3  # what it takes and whether it works; three attempts


def test_a_server_that_is_away_is_unavailable():
    with pytest.raises(RerankerUnavailable, match="does not answer"):
        at(f"http://127.0.0.1:{free_port()}/rerank")


def test_one_that_goes_away_is_unavailable():
    with rerank_server(like_jina) as server:
        reranker = at(server.url)
    with pytest.raises(RerankerUnavailable):
        reranker.score_words("fees", [("a",)])


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>It works!</html>",
        {},
        {"results": []},
        {"results": [{"index": 0, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.1}]},
        {"results": [{"index": 0, "relevance_score": 0.5}, {"index": 7, "relevance_score": 0.1}]},
        [{"index": 0, "score": "high"}, {"index": 1, "score": 0.1}],
        b'[{"index": 0, "score": NaN}, {"index": 1, "score": 0.1}]',
        {"data": [{"embedding": [0.1, 0.2]}]},
    ],
)
def test_what_answers_garbage_is_no_reranker(answer):
    with rerank_server(lambda _: (200, answer)) as server, pytest.raises(ModelError, match="score") as caught:
        at(server.url)
    assert "VDR_RERANKER" in str(caught.value)


@pytest.mark.parametrize(("status", "told"), [(404, "answers 404"), (401, "RERANKER_API_KEY"), (500, "500")])
def test_a_server_that_refuses_is_told_apart(status, told):
    with rerank_server(lambda _: (status, {})) as server, pytest.raises(ModelError, match=told):
        at(server.url)


def test_every_server_of_a_chain_gets_model_and_key():
    with rerank_server(like_jina) as one, rerank_server(like_tei) as other:
        named = f"late-interaction@50,{one.url}@20,{other.url}"
        models = Models(ModelSettings(reranker=named, reranker_model="bge", reranker_api_key="secret"))
        assert (one.asked, other.asked) == ([], [])
        chain = models.rerankers()
        assert models.rerankers() is chain
    assert [(step.name, step.depth) for step in chain] == [
        ("late-interaction", 50),
        (one.url, 20),
        (other.url, None),
    ]
    for server in (one, other):
        assert {asked["model"] for asked in server.asked} == {"bge"}
        assert set(server.keys) == {"Bearer secret"}


def test_credentials_in_its_address_are_sent_and_not_shown():
    with rerank_server(like_tei) as server:
        secret = server.url.replace("://", "://me:pass@")
        reranker = at(secret)
    assert reranker.name == server.url
    assert set(server.keys) == {"Basic bWU6cGFzcw=="}
    with pytest.raises(RerankerUnavailable) as refused:
        reranker.score_words("fees", [("a",)])
    assert "pass" not in refused.value.message
