"""The prompts of the settings come before queries and pages, whatever kind of checkpoint they are for."""

import numpy as np
import pytest

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.words import said
from vdr.models.embedder import load_embedder
from vdr.models.loading import Models
from vdr.settings import Backend, ModelSettings
from vdr.types import CollectionSettings, PageWords

PAGE = PageWords(tuple(said(list("harbour"))))


@pytest.fixture(scope="module", params=[tiny_bert, tiny_bert_multi_vector])
def checkpoint(request, tmp_path_factory):
    return str(request.param(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture(params=[Backend.TORCH, Backend.OPENVINO])
def load(request, checkpoint):
    settings = ModelSettings(embedder=checkpoint, reader=None, backend=request.param)
    return lambda **prompts: load_embedder(settings.model_copy(update=prompts))


def test_a_prompt_of_queries_changes_queries_and_no_page(load):
    without, prompted = load(), load(query_prompt="q u e r y ")
    assert prompted.fingerprint == without.fingerprint
    assert same(prompted.encode_pages((), [PAGE]), without.encode_pages((), [PAGE]))
    assert not same(prompted.encode_queries(["n e t s"]), without.encode_queries(["n e t s"]))


def test_a_prompt_of_pages_changes_pages_and_the_fingerprint(load):
    without, prompted = load(), load(page_prompt="p a g e ")
    assert prompted.fingerprint != without.fingerprint
    assert not same(prompted.encode_pages((), [PAGE]), without.encode_pages((), [PAGE]))
    assert same(prompted.encode_queries(["n e t s"]), without.encode_queries(["n e t s"]))


def test_the_words_of_a_query_are_its_own(load):
    (query,) = load(query_prompt="q u e r y ").encode_queries(["nets"])
    assert query.terms == ("nets",)


def same(one, other):
    pairs = zip(one, other, strict=True)
    return all(
        a.embedding.shape == b.embedding.shape and np.allclose(a.embedding, b.embedding, atol=1e-5)
        for a, b in pairs
    )


def test_the_prompts_are_for_the_model_of_the_settings_not_for_one_that_a_collection_chooses():
    asked = []

    def load(settings):
        asked.append((settings.embedder, settings.query_prompt, settings.page_prompt))
        return TinyEmbedder()

    models = Models(ModelSettings(embedder="one", query_prompt="query: ", page_prompt="passage: "), load)
    models.embedder()
    models.embedder(CollectionSettings(embedder="other"))
    assert asked == [("one", "query: ", "passage: "), ("other", None, None)]
