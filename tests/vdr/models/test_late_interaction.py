"""Queries of late-interaction checkpoints, cut and padded in their own way: together, and by threads."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import numpy as np
import pytest
from sentence_transformers.base.modules.transformer import QueryExpansionConfig

from tests.fixtures.checkpoints import tiny_bert_multi_vector, tiny_pylate
from tests.fixtures.words import said
from vdr.models.embedder import load_embedder
from vdr.settings import Backend, ModelSettings
from vdr.types import PageWords

CLOSE = 1e-5
QUERIES = [
    "a",
    "h a r b o u r d u e s a n d f e e s",
    "",
    "n e t s",
    "x",
]  # the checkpoint knows letters alone
EXPANSIONS: dict[str, QueryExpansionConfig | None] = {
    "none": None,
    "fixed": {"strategy": "fixed", "length": 16, "attend": False},
    "fixed, attended": {"strategy": "fixed", "length": 16, "attend": True},
    "at least": {"strategy": "min", "length": 8, "attend": False},
}


@pytest.fixture(scope="module", params=EXPANSIONS)
def checkpoint(request, tmp_path_factory):
    return tiny_bert_multi_vector(tmp_path_factory.mktemp("models") / "tiny", EXPANSIONS[request.param])


@pytest.fixture(params=[Backend.TORCH, Backend.OPENVINO])
def embedder(request, checkpoint):
    return load_embedder(ModelSettings(embedder=str(checkpoint), reader=None, backend=request.param))


def same(one, other):
    return one.embedding.shape == other.embedding.shape and np.allclose(
        one.embedding, other.embedding, atol=CLOSE
    )


def test_queries_together_have_the_vectors_that_each_has_alone_in_order(embedder):
    together = embedder.encode_queries(QUERIES)
    alone = [embedder.encode_queries([query])[0] for query in QUERIES]
    assert [query.terms for query in together] == [query.terms for query in alone]
    assert all(map(same, together, alone))
    assert not same(together[0], together[1])


def test_queries_are_run_together(embedder, monkeypatch):
    encoded = []
    encode = embedder._model.encode_query
    monkeypatch.setattr(
        embedder._model, "encode_query", lambda texts, **how: encoded.append(texts) or encode(texts, **how)
    )
    embedder.encode_queries(QUERIES)
    assert [len(texts) for texts in encoded] == [len(QUERIES)]


def test_a_query_is_cut_as_alone_while_pages_are_embedded(tmp_path, monkeypatch):
    folder = tiny_bert_multi_vector(tmp_path / "tiny", EXPANSIONS["fixed"])
    embedder: Any = load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=Backend.TORCH))
    long = QUERIES[1]  # as a query it is cut, as a page it is not
    pages = [PageWords(tuple(said(long.split())))]
    (query,), (page,) = embedder.encode_queries([long]), embedder.encode_pages((), pages)
    both_set, tokenizer = Barrier(2), embedder._model.tokenizer
    choose = tokenizer.set_truncation_and_padding

    def choose_and_meet(*state, **named):
        choose(*state, **named)
        with suppress(BrokenBarrierError):  # the other is not there, and that is as it should be
            both_set.wait(0.5)

    monkeypatch.setattr(tokenizer, "set_truncation_and_padding", choose_and_meet)
    with ThreadPoolExecutor(2) as threads:
        asked = threads.submit(embedder.encode_queries, [long])
        shown = threads.submit(embedder.encode_pages, (), pages)
    assert same(asked.result()[0], query)
    assert same(shown.result()[0], page)


@pytest.mark.parametrize("backend", [Backend.TORCH, Backend.OPENVINO])
def test_a_page_is_read_whole_however_little_of_a_document_is_taken_at_once(backend, tmp_path):
    folder = tiny_bert_multi_vector(tmp_path / "tiny", document_length=16)
    embedder = load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=backend))
    letters = list("harbourduesandfees") * 8
    (page,) = embedder.encode_pages((), [PageWords(tuple(said(letters)))])
    assert len(page.embedding) >= len(letters)


@pytest.mark.parametrize("says_its_kind", [True, False])
def test_what_pylate_saved_gives_many_vectors(says_its_kind, tmp_path):
    folder = tiny_pylate(tmp_path / "tiny", says_its_kind=says_its_kind)
    embedder = load_embedder(ModelSettings(embedder=str(folder), reader=None, backend=Backend.TORCH))
    letters = list("harbourduesandfees") * 8
    (page,) = embedder.encode_pages((), [PageWords(tuple(said(letters)))])
    assert len(page.embedding) >= len(letters) and embedder.dims == 8
    (query,) = embedder.encode_queries(["n e t s"])
    assert len(query.embedding) >= 4
