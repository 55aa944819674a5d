import pytest

from training.report.chart import quality_by_bytes
from training.report.facts import Answer, Dimension, Facts, Headline, pages_shown, read_facts


def headline(low, high):
    return Headline(0.5, 0.6, low, high, 0.2, 0.9)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.2, "Training made it better."),
        (-0.2, -0.01, "Training made it worse."),
        (-0.01, 0.2, "No gain is shown: its interval holds zero."),
    ],
)
def test_the_verdict_goes_by_the_interval(low, high, verdict):
    assert headline(low, high).verdict == verdict


def answer(before, after, expected="a:1", found="a:1"):
    return Answer(f"{before} {after}", (expected,), before, after, ("b:2",), (found,))


def test_failures_losses_and_gains_come_the_worst_or_the_most_first():
    answers = (
        answer(0.0, 1.0),
        answer(0.5, 0.6),
        answer(1.0, 0.4, found="c:3"),
        answer(0.9, 0.0, found="d:4"),
        answer(0.2, 0.2, found="e:5"),
    )
    facts = Facts({}, headline(0, 0), (), (), answers)
    assert [each.after for each in facts.failures(9)] == [0.0, 0.2, 0.4]
    assert [each.query for each in facts.losses(1)] == ["0.9 0.0"]
    assert [each.query for each in facts.gains(2)] == ["0.0 1.0", "0.5 0.6"]


def test_pictures_are_needed_of_the_right_page_and_of_those_found_first():
    assert pages_shown([answer(0, 1, found="c:3")]) == {"a:1", "b:2", "c:3"}


def test_the_facts_of_a_run_are_those_of_its_files(finished):
    facts = read_facts(finished)
    result = finished.read_result()
    assert facts.headline.after == result["systems"]["tuned@1024"]["corpus"]["ndcg@10"]
    assert [each.dims for each in facts.dimensions] == [1_024, 64]
    assert facts.dimensions[1].tuned_kept == result["kept"]["tuned"]["64"]["corpus"]
    assert len(facts.answers) == 6
    best = max(each["within"]["ndcg@10"] for each in result["systems"].values())
    assert next(each.within.mean for each in facts.systems if each.within.is_best) == best


def test_bytes_go_by_the_dimensions():
    dimension = Dimension(256, 0.5, 0.6, 0.9, 0.95)
    assert (dimension.bytes_float16, dimension.bytes_int8) == (512, 256)


def test_the_chart_has_a_point_for_every_dimension_and_side():
    svg = quality_by_bytes([Dimension(1_024, 0.5, 0.6, 1, 1), Dimension(64, 0.2, 0.5, 0.4, 0.8)])
    assert svg.count("<circle") == 4
    assert svg.count("<polyline") == 2
    assert "2,048" in svg


def test_one_dimension_alone_can_be_drawn():
    assert quality_by_bytes([Dimension(64, 0.2, 0.5, 1, 1)]).count("<circle") == 2
