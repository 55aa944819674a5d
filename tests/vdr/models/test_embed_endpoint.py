"""An embedder behind an address: asked in batches, and in one line where it does not answer as one."""

import itertools
from functools import partial
from threading import Event

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.fixtures.embed_server import WIDTH, embed_server, letters, like_openai
from tests.fixtures.processes import free_port
from tests.fixtures.words import said
from vdr.errors import BadInput, BadSetting, EmbedderUnavailable, ModelError
from vdr.models import endpoint
from vdr.models.embed_endpoint import EndpointTexts
from vdr.models.embedder import load_embedder
from vdr.models.windows_embedder import WindowsEmbedder
from vdr.settings import ModelSettings
from vdr.types import PageWords


def at(url, **settings):
    return WindowsEmbedder(EndpointTexts(ModelSettings(embedder=url, **settings)))


def pages_of(*texts):
    return [PageWords(tuple(said(words))) for words in texts]


def unit(text):
    vector = np.array(letters(text), np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(endpoint, "_PAUSES_S", (0.0, 0.0))


def test_windows_and_questions_are_embedded_by_the_server():
    words = ["harbour"] * 300 + ["dues"] * 20
    with embed_server() as server:
        embedder = at(server.url, embedder_model="bge", embedder_api_key="secret")
        pages = embedder.encode_pages([], pages_of(words, [], ["dues"]))
        (query,) = embedder.encode_queries(["harbour dues"])
    assert [page.embedding.shape for page in pages] == [(2, WIDTH), (1, WIDTH), (1, WIDTH)]
    assert pages[0].embedding[0] == pytest.approx(unit(" ".join(words[:160])), abs=1e-6)
    assert pages[2].coarse == pytest.approx(unit("dues"), abs=1e-6)
    assert query.embedding == pytest.approx(unit("harbour dues")[None], abs=1e-6)
    assert query.terms == ("harbour", "dues")
    assert (embedder.name, server.asked[-1]["model"], server.keys[-1]) == ("bge", "bge", "Bearer secret")


def test_many_windows_are_many_requests():
    with embed_server() as server:
        embedder = at(server.url)
        before = len(server.asked)
        pages = embedder.encode_pages([], pages_of(*([letter] * 5 for letter in "abcdefghij" * 10)))
    assert len(server.asked) - before == 4
    assert [int(page.embedding[0].argmax()) for page in pages[:3]] == [
        ord(letter) % WIDTH for letter in "abc"
    ]
    assert "model" not in server.asked[-1]


def test_dimensions_are_cut_and_normalized():
    with embed_server() as server:
        cut = at(server.url, dims=8)
        (page,) = cut.encode_pages([], pages_of(["harbour"]))
        assert page.embedding.shape == (1, 8)
        assert np.linalg.norm(page.embedding) == pytest.approx(1)
        assert cut.fingerprint != at(server.url).fingerprint
        with pytest.raises(BadSetting, match="has 16 dimensions"):
            load_embedder(ModelSettings(embedder=server.url, reader=None, dims=32))


def test_the_fingerprint_tells_model_and_answers():
    with embed_server() as one, embed_server() as same, embed_server(partial(like_openai, width=32)) as other:
        marks = [at(server.url, embedder_model="bge").fingerprint for server in (one, same, other)]
        named = at(one.url, embedder_model="e5").fingerprint
    assert marks[0] == marks[1]
    assert len({marks[0], marks[2], named}) == 3


def test_what_passes_is_tried_again():
    answers = itertools.chain([(503, {}), (429, {})], itertools.repeat(None))
    with embed_server(lambda asked: next(answers) or like_openai(asked)) as server:
        assert at(server.url).encode_queries(["dues"])


def test_a_server_that_is_away_is_unavailable_and_its_documents_wait():
    with pytest.raises(EmbedderUnavailable, match="does not answer") as away:
        at(f"http://127.0.0.1:{free_port()}/v1/embeddings")
    assert away.value.may_pass
    with embed_server() as server:
        embedder = at(server.url)
    with pytest.raises(EmbedderUnavailable):
        embedder.encode_queries(["dues"])


def test_prompts_come_before_queries_and_windows_and_that_of_pages_is_in_the_fingerprint():
    with embed_server() as server:
        embedder = at(server.url, query_prompt="query: ", page_prompt="passage: ")
        embedder.encode_queries(["dues"])
        embedder.encode_pages([], pages_of(["harbour"]))
        assert [each["input"] for each in server.asked[-2:]] == [["query: dues"], ["passage: harbour"]]
        assert embedder.fingerprint != at(server.url).fingerprint
        assert at(server.url, query_prompt="query: ").fingerprint == at(server.url).fingerprint


def test_of_a_query_longer_than_a_window_its_beginning_is_sent():
    with embed_server() as server:
        at(server.url).encode_queries(["dues " * 10_000])
    assert server.asked[-1]["input"] == [" ".join(["dues"] * 160)]


def test_of_a_window_too_long_for_the_server_the_beginning_is_sent():
    def takes(asked):
        too_long = any(len(text) > 300 for text in asked["input"])
        return (413, {"error": "input must have less than 512 tokens"}) if too_long else like_openai(asked)

    words = ["1,234,567"] * 100
    beside = ["harbour"] * 36  # 287 characters
    with embed_server(takes) as server:
        (page, other) = at(server.url).encode_pages([], pages_of(words, beside))
    assert page.embedding[0] == pytest.approx(unit(" ".join(words)[:249]), abs=1e-6)
    assert other.embedding[0] == pytest.approx(unit(" ".join(beside)), abs=1e-6)


def test_a_server_that_takes_nothing_is_not_asked_for_ever():
    with embed_server(lambda _: (413, {})) as server, pytest.raises(ModelError, match="answers 413"):
        at(server.url)
    assert len(server.asked) == 2


def test_a_server_that_is_slow_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(endpoint, "_TIMEOUT", httpx.Timeout(0.2))
    answered = Event()

    def late(asked):
        answered.wait(5)
        return like_openai(asked)

    with embed_server(late) as server:
        with pytest.raises(EmbedderUnavailable, match="does not answer"):
            at(server.url)
        answered.set()


def test_vectors_of_several_widths_in_one_answer_are_refused():
    def uneven(asked):
        status, answer = like_openai(asked)
        answer["data"][0]["embedding"] += [1.0] * (len(asked["input"]) - 1)
        return status, answer

    with embed_server(uneven) as server:
        embedder = at(server.url)
        with pytest.raises(ModelError, match="does not give vectors of one width"):
            embedder.encode_pages([], pages_of(["dues"], ["harbour"]))


def test_vectors_of_another_width_are_refused():
    widths = itertools.chain([16], itertools.repeat(24))
    with embed_server(lambda asked: like_openai(asked, next(widths))) as server:
        embedder = at(server.url)
        with pytest.raises(ModelError, match="gives vectors of 24 numbers, 16 before"):
            embedder.encode_queries(["dues"])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b"<html>"), "something else than embeddings"),
        ((200, {"data": []}), "does not embed each text once"),
        ((200, {"data": [{"index": 0, "embedding": [1.0]}] * 2}), "does not embed each text once"),
        ((200, {"data": [{"index": 0, "embedding": []}]}), "does not give vectors of one width"),
        ((200, {"data": [{"index": 1, "embedding": [1.0]}]}), "does not embed each text once"),
        ((200, b'{"data": [{"index": 0, "embedding": [1e999]}]}'), "something else|no numbers"),
        ((401, {}), r"refuses the request \(401\). Set VDR_EMBEDDER_API_KEY"),
        ((404, {}), "answers 404"),
    ],
)
def test_what_is_no_embedder_is_said_in_one_line(answer, said):
    with embed_server(lambda _: answer) as server, pytest.raises(ModelError, match=said) as refused:
        at(server.url)
    assert "\n" not in str(refused.value)


def test_credentials_in_its_address_are_sent_and_not_shown():
    with embed_server() as server:
        embedder = at(server.url.replace("://", "://me:pass@"))
    assert embedder.name == server.url
    assert set(server.keys) == {"Basic bWU6cGFzcw=="}


def test_an_image_is_refused_unless_it_is_read():
    image = Image.new("RGB", (64, 64), "white")
    with embed_server() as server:
        with pytest.raises(BadInput, match="sees no images"):
            load_embedder(ModelSettings(embedder=server.url, reader=None)).encode_queries([image])
        (read,) = load_embedder(ModelSettings(embedder=server.url)).encode_queries([image])
    assert read.embedding.shape == (1, WIDTH)
