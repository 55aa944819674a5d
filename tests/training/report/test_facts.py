"""What a result says becomes values, for each kind of training."""

import json

import pytest

from training.fit.result import Score
from training.report.facts import Dimension, read_facts, read_part
from vdr.errors import BadInput


def test_the_facts_of_an_embedder_are_those_of_its_result(finished):
    facts, told = read_facts(finished), json.loads(finished.result.read_text())
    assert facts.result.steps == 6 and facts.result.seconds == told["seconds"]
    gain, change = facts.gains[0], told["gain"]["1024"]["corpus"]
    assert gain.dims == 1_024
    assert gain.before.corpus.mean == told["systems"]["base@1024"]["corpus"]["ndcg@10"]
    assert gain.after.corpus.mean == told["systems"]["tuned@1024"]["corpus"]["ndcg@10"]
    assert [gain.change.corpus.low, gain.change.corpus.high] == change["ndcg@10_interval"]


def test_dimensions_come_the_most_first_with_what_they_keep(finished):
    dimensions, told = read_facts(finished).dimensions, json.loads(finished.result.read_text())
    assert [each.dims for each in dimensions] == [1_024, 64]
    assert dimensions[1].tuned_kept == told["kept"]["tuned"]["64"]["corpus"]
    assert dimensions[1].base.mean == told["systems"]["base@64"]["corpus"]["ndcg@10"]


def test_the_best_of_each_column_is_found(told):
    facts = read_facts(told({"base": (0.5, 0.9), "tuned": (0.7, 0.8)}, {"over base": (0.2, 0.1, 0.3)}))
    assert (facts.best.within.mean, facts.best.corpus.mean) == (0.7, 0.9)


def test_a_reranker_is_compared_with_the_base_and_with_the_embedder(told):
    systems = {"embedder": (0.6, 0.5), "base+rerank": (0.3, 0.2), "tuned+rerank": (0.5, 0.4)}
    gains = {"over base": (0.2, 0.1, 0.3), "over embedder": (-0.1, -0.2, -0.05)}
    facts = read_facts(told(systems, gains, kind="reranker"))
    assert [(each.before.corpus.mean, each.after.corpus.mean) for each in facts.gains] == [
        (0.2, 0.4),
        (0.5, 0.4),
    ]
    assert facts.gains[0].dims is None
    assert facts.dimensions == ()


def test_a_system_ahead_of_the_trained_one_is_named(told):
    gains = {"over base": (0.1, 0.0, 0.2)}
    systems = {"embedder": (0.6, 0.5), "base+rerank": (0.3, 0.2), "tuned+rerank": (0.5, 0.4)}
    assert read_facts(told(systems, gains, kind="reranker")).ahead == "The embedder alone"
    assert read_facts(told({"base": (0.5, 0.4), "tuned": (0.5, 0.4)}, gains)).ahead is None


def test_bytes_go_by_the_dimensions():
    dimension = Dimension(
        256, Score(mean=0.5, interval=(0.4, 0.6)), Score(mean=0.6, interval=(0.5, 0.7)), 0.9, 0.95
    )
    assert (dimension.bytes_float16, dimension.bytes_int8) == (512, 256)


def test_a_part_that_is_gone_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"answers\.jsonl is missing"):
        read_part(tmp_path / "answers.jsonl")
