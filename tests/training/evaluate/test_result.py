"""The evaluation as JSON, line of details and tables: what is there is told, what is not is left out."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from training.evaluate.bootstrap import Difference, Estimate
from training.evaluate.latency import Latency
from training.evaluate.print_result import print_result
from training.evaluate.result import Conditions, Costs, Evaluation, to_json
from training.evaluate.scores import Scores
from training.evaluate.systems import Scope

METRICS = {
    "ndcg@10": Estimate(0.43216, 0.38, 0.48),
    "recall@1": Estimate(0.25, 0.2, 0.3),
    "recall@5": Estimate(0.5, 0.4, 0.6),
    "recall@10": Estimate(0.75, 0.7, 0.8),
}
GAIN = Difference(Estimate(0.12345, -0.01, 0.25), 0.97)


@pytest.fixture
def evaluation():
    scores = {("bm25", scope): Scores(METRICS) for scope in Scope}
    scores |= {("visual", scope): Scores(METRICS, GAIN) for scope in Scope}
    return Evaluation(
        conditions=Conditions("reader", "looker", "abcdef" * 10, 1024, True, "off", 200, 50, 2, 1234, 255),
        costs=Costs(3.21987, {"embed": Latency(1.0, 2.0), "total": Latency(10.126, 20.0)}, 2048.4, 4096.0),
        meanings={"bm25": "the baseline", "visual": "pixels [alone]"},
        scores=scores,
        by_evidence={},
        by_source={},
    )


def printed(evaluation):
    console = Console(file=StringIO(), width=140)
    print_result(evaluation, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_figures_are_rounded_to_what_can_be_meant(evaluation):
    content = json.loads(to_json(evaluation))
    assert content["systems"]["visual"]["within"]["ndcg@10"] == 0.4322
    assert content["systems"]["visual"]["within"]["ndcg@10_interval"] == [0.38, 0.48]
    assert content["systems"]["visual"]["against_bm25"]["corpus"] == {
        "ndcg@10": 0.1235,
        "ndcg@10_interval": [-0.01, 0.25],
        "share_above_zero": 0.97,
    }
    assert content["query_ms"] == {"p50": 10.13, "p95": 20.0, "parts": {"embed": {"p50": 1.0, "p95": 2.0}}}
    assert (content["pages_per_s"], content["bytes_per_page"]) == (3.2199, 2048)


def test_an_unknown_speed_is_null_in_json_and_left_out_of_the_tables(evaluation):
    unknown = replace(evaluation, costs=replace(evaluation.costs, pages_per_s=None))
    assert json.loads(to_json(unknown))["pages_per_s"] is None
    assert "Indexing:" not in printed(unknown)
    assert "Indexing: 3.22 pages/s" in printed(evaluation)


def test_a_row_shows_the_mean_the_interval_and_the_gain_with_its_sign(evaluation):
    [row] = [line for line in printed(evaluation).splitlines() if "│ visual" in line][:1]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[:6] == ["visual", "0.432", "0.380 0.480", "0.250", "0.500", "0.750"]
    assert cells[6:] == ["+0.123", "-0.010 +0.250", "0.970"]


def test_the_baseline_has_no_gain_over_itself(evaluation):
    [row] = [line for line in printed(evaluation).splitlines() if "│ bm25" in line][:1]
    assert [cell.strip() for cell in row.strip("│").split("│")][6:] == ["", "", ""]


def test_costs_and_model_are_told(evaluation):
    out = printed(evaluation)
    assert "255 questions, 1,234 pages, within the question's document" in out
    assert "p50 10.1 ms, p95 20.0 ms" in out
    assert "2.0 KiB per page for the index, 4.0 KiB for the page image" in out
    assert "Model: reader, fingerprint abcdefabcdef" in out
    assert "taken for a scan" not in out


def test_brackets_in_a_legend_are_shown_as_they_are(evaluation):
    assert "pixels [alone]" in printed(evaluation)
