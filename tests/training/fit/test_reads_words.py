"""Models that take texts alone are trained on the words of pages, and nothing has to be said about it."""

import json

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer
from sentence_transformers.base.modules import Router, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

from tests.fixtures.checkpoints import save_checkpoint, tiny_bert, tiny_bert_reranker
from tests.fixtures.pairs import write_pairs
from training.fit.config import EmbedderConfig, LateInteractionConfig, RerankerConfig, parse_config
from training.fit.curves import read_metrics
from training.fit.data import EvalQuestions
from training.fit.embedder import train_embedder
from training.fit.late_interaction import max_sim, train_late_interaction
from training.fit.reranker import ByPageId, train_reranker
from training.fit.run_folder import RunFolder
from vdr.errors import BadInput
from vdr.models.checkpoint import open_cross_encoder
from vdr.models.embedder import load_embedder
from vdr.settings import ModelSettings
from vdr.types import Box, PageWords, Word

# The tiny models know letters alone.
LETTERS = (("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j"), ("k", "l"))


def silent(_):
    """Says nothing."""


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Pages that say one letter, queries that say another; images too small to be read."""
    return write_pairs(tmp_path_factory.mktemp("letters") / "pairs", size=(32, 40), topics=LETTERS)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture(scope="module")
def bert_reranker(tmp_path_factory):
    return tiny_bert_reranker(tmp_path_factory.mktemp("models") / "reranker")


@pytest.fixture
def configured(letters, bert, tmp_path):
    """Makes configurations of quick trainings; sections given replace their own."""

    def configure(kind=EmbedderConfig, **sections):
        told = {
            "run": {"folder": str(tmp_path / "run")},
            "model": {"base": str(bert)},
            "data": {"pairs": str(letters), "negatives": 1},
            "optimizer": {"batch_size": 6, "learning_rate": 0.01, "steps": 4},
            "evaluation": {"every_steps": 2},
        }
        return parse_config({**told, **sections}, kind, "test.toml")

    return configure


def test_weights_end_on_the_way_that_they_were_trained(configured, bert, tmp_path):
    def trained(share):
        run = {"folder": str(tmp_path / f"run-{share}")}
        model = {"base": str(bert), "interpolation": share}
        train_embedder(configured(run=run, model=model), silent)
        return weights(RunFolder(tmp_path / f"run-{share}").model)

    def weights(folder):
        return SentenceTransformer(str(folder), device="cpu")[0].model.state_dict()

    base, whole, part = weights(bert), trained(1.0), trained(0.25)
    moved = {name for name in base if not torch.equal(base[name], whole[name])}
    assert moved
    for name in base:
        assert torch.allclose(part[name], base[name] + 0.25 * (whole[name] - base[name]), atol=1e-6)


def test_an_interpolation_has_weights_of_its_own_to_go_between(configured, bert):
    with pytest.raises(BadInput, match="interpolation is for weights that are trained themselves"):
        configured(model={"base": str(bert), "interpolation": 0.5, "lora": {}})


def test_an_embedder_learns_from_words_at_every_dimension(configured):
    config = configured(
        loss={"matryoshka": {"dims": [16, 4]}},
        optimizer={"batch_size": 6, "learning_rate": 0.01, "steps": 40},
        evaluation={"every_steps": 20},
    )
    result, folder = train_embedder(config, silent), RunFolder(config.run.folder)
    assert result.reads_words
    assert set(result.systems) == {"bm25", "base@16", "base@4", "tuned@16", "tuned@4"}
    assert result.gain["16"].corpus.mean > 0.2
    assert "that reads words" in (folder.model / "README.md").read_text()
    served = load_embedder(ModelSettings(embedder=str(folder.model), reader=None))
    assert served.takes_words
    assert not folder.words.exists()  # all pages have a text


def test_what_was_measured_on_the_way_is_what_the_result_has(configured):
    config = configured(evaluation={"every_steps": 4})
    result = train_embedder(config, silent)
    (measured,) = (
        line for line in read_metrics(RunFolder(config.run.folder).metrics) if "eval_ndcg@10" in line
    )
    assert measured["eval_ndcg@10"] == pytest.approx(result.systems["tuned@16"].corpus.mean, abs=1e-4)


def test_a_resumed_run_ends_like_one_undisturbed(configured, tmp_path):
    def interrupt(line):
        if line.startswith("step 4"):
            raise KeyboardInterrupt

    undisturbed = train_embedder(configured(run={"folder": str(tmp_path / "undisturbed")}), silent)
    with pytest.raises(KeyboardInterrupt):
        train_embedder(configured(), interrupt)
    assert train_embedder(configured(), silent).systems == undisturbed.systems


def test_a_reranker_learns_from_words(configured, bert_reranker):
    config = configured(
        RerankerConfig,
        model={"base": str(bert_reranker)},
        embedder=str(configured().model.base),
        candidates=3,
    )
    result = train_reranker(config, silent)
    assert result.reads_words
    assert set(result.systems) == {"embedder", "base+rerank", "tuned+rerank"}
    model = CrossEncoder(str(RunFolder(config.run.folder).model), device="cpu")
    assert model.predict([("b", "The a of 1990")]).shape == (1,)


class Windows:
    """A page of five windows, of which the fifth fits least, and one of one."""

    reads_words = True

    def count(self, page_id):
        return 5 if page_id == "long" else 1

    def shown(self, page_id, view):
        return f"{page_id[0]} {'abcde'[view]}"

    def best(self, page_id, query, most):
        return list(range(self.count(page_id)))[:most]


def test_a_reranked_page_scores_as_the_best_of_its_three_likeliest_windows(bert_reranker):
    model = open_cross_encoder(str(bert_reranker), "cpu")
    scores = ByPageId(model, Windows()).predict([("b", "long"), ("b", "short")])
    alone = model.predict([("b", "l a"), ("b", "l b"), ("b", "l c"), ("b", "s a")])
    assert len(set(alone[:3])) == 3
    assert scores == pytest.approx([alone[:3].max(), alone[3]], abs=1e-6)


def test_the_vectors_of_a_page_are_those_of_all_of_its_windows(bert):
    model = MultiVectorEncoder(modules=[Transformer(str(bert))], device="cpu")
    questions = EvalQuestions(
        {"q": "b", "r": "e"}, {"q": {"long"}, "r": {"short"}}, ["long", "short"], ["d", "d"], ["", ""]
    )
    scores = max_sim(model, questions, Windows(), 2)
    windows = model.encode_document(["l a", "l b", "l c", "l d", "l e"])
    pages = [torch.cat([*windows]), model.encode_document(["s a"])[0]]
    assert scores == pytest.approx(model.similarity(model.encode_query(["b", "e"]), pages).numpy(), abs=1e-5)


@pytest.mark.parametrize("kind", ["lambda", "listwise"])
def test_losses_over_lists_take_words_too(configured, bert, bert_reranker, kind):
    config = configured(
        RerankerConfig,
        model={"base": str(bert_reranker)},
        loss={"kind": kind},
        optimizer={"batch_size": 6, "steps": 1},
        embedder=str(bert),
        candidates=2,
    )
    assert train_reranker(config, silent).steps == 1


def test_candidates_of_a_model_that_looks_are_reranked_by_one_that_reads(configured, bert_reranker):
    config = configured(
        RerankerConfig,
        model={"base": str(bert_reranker)},
        optimizer={"batch_size": 6, "steps": 1},
        candidates=2,
    )
    assert config.embedder == "page-reader"
    assert train_reranker(config, silent).reads_words


def test_a_late_interaction_model_learns_from_words(configured, bert, tmp_path):
    base = tmp_path / "multi-vector"
    MultiVectorEncoder(modules=[Transformer(str(bert))], device="cpu").save_pretrained(
        str(base), create_model_card=False
    )
    config = configured(LateInteractionConfig, model={"base": str(base)}, embedder=str(bert), candidates=3)
    said = []
    result = train_late_interaction(config, said.append)
    assert result.reads_words
    assert set(result.gain) == {"over base", "reranked", "over embedder"}
    assert said[-1] == f"Serve it with VDR_EMBEDDER={config.run.folder}/model"
    embedder = load_embedder(ModelSettings(embedder=str(config.run.folder / "model"), reader=None))
    words = PageWords((Word("a", Box(0, 0, 1, 1)), Word("b", Box(0, 0, 1, 1))))
    (page,) = embedder.encode_pages([], [words])
    assert page.embedding.shape[1] == embedder.dims


@pytest.mark.parametrize("kind", ["distill-vectors", "distill-scores"])
def test_a_model_that_reads_learns_from_one_that_reads(configured, bert, kind):
    config = configured(loss={"kind": kind, "teacher": str(bert)})
    assert train_embedder(config, silent).reads_words


def test_a_model_that_reads_learns_from_one_that_looks(configured):
    config = configured(loss={"kind": "distill-scores", "teacher": "page-reader"})
    assert train_embedder(config, silent).reads_words


def test_queries_and_pages_take_routes_of_their_own(configured, bert, tmp_path):
    def route():
        return [Transformer(str(bert)), Pooling(16)]

    base = save_checkpoint([Router.for_query_document(route(), route())], tmp_path / "routed")
    assert train_embedder(configured(model={"base": str(base)}), silent).steps == 4


def test_pages_without_text_are_read_once_a_run(bert, tmp_path):
    pairs = write_pairs(tmp_path / "pairs", says_nothing=True)
    told = {
        "run": {"folder": str(tmp_path / "run")},
        "model": {"base": str(bert)},
        "data": {"pairs": str(pairs), "negatives": 1},
        "optimizer": {"batch_size": 6, "steps": 1},
    }
    config, said = parse_config(told, EmbedderConfig, "test.toml"), []
    train_embedder(config, said.append)
    folder = RunFolder(config.run.folder)
    assert "harbour" in json.loads(folder.words.read_text())["0.pdf:1"]
    folder.result.unlink()
    train_embedder(config, said.append)
    assert [line for line in said if line.startswith("Reading")] == ["Reading 18 pages without text."]


def test_what_only_images_have_is_refused_by_name(configured, bert):
    with pytest.raises(BadInput, match=r"Remove model\.max_pixels"):
        train_embedder(configured(model={"base": str(bert), "max_pixels": 100_000}), silent)


def test_adapters_learn_from_words(configured, bert):
    config = configured(
        model={"base": str(bert), "lora": {"rank": 2, "alpha": 4}, "gradient_checkpointing": True}
    )
    result, folder = train_embedder(config, silent), RunFolder(config.run.folder)
    assert result.learning_parameters < result.parameters
    merged, adapted = (
        SentenceTransformer(str(path), device="cpu") for path in (folder.model, folder.adapter)
    )
    assert np.allclose(merged.encode("a b"), adapted.encode("a b"), atol=1e-5)
