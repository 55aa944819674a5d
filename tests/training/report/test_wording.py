"""Words go by the interval: a gain is one only if all of it is above zero."""

import pytest

from training.fit.result import ScopeGains, ScopeScores, Score, ScoreGain
from training.report.facts import Gain
from training.report.wording import headline, measured, name_of, percent, places, signed


def change(mean, low, high, removed=0.49, share=0.98):
    return ScoreGain(mean=mean, interval=(low, high), share_above_zero=share, error_removed=removed)


def score(mean):
    return Score(mean=mean, interval=(0, 1))


def told(change):
    return measured(score(0.62), score(0.62 + change.mean), change)


def gain(mean, low, high, key="over base"):
    before, after = (ScopeScores(within=each, corpus=each) for each in (score(0.62), score(0.62 + mean)))
    found = change(mean, low, high)
    return Gain(key, before, after, ScopeGains(within=found, corpus=found))


@pytest.mark.parametrize(
    ("low", "high", "training", "reranking"),
    [
        (0.1, 0.3, "Training improved it.", "Reranking with it beats the embedder alone."),
        (-0.3, -0.1, "Training made it worse.", "Reranking with it is worse than the embedder alone."),
        (-0.1, 0.3, "No gain is shown.", "It is not shown to beat the embedder alone."),
        (0.0, 0.3, "No gain is shown.", "It is not shown to beat the embedder alone."),
        (
            0.0,
            0.0,
            "Training changed nothing.",
            "Reranking with it changes nothing over the embedder alone.",
        ),
    ],
)
def test_the_headline_goes_by_the_interval(low, high, training, reranking):
    assert headline(gain(0.1, low, high)) == training
    assert headline(gain(0.1, low, high, "over embedder")) == reranking


def test_a_gain_is_told_with_its_numbers():
    assert told(change(0.19, 0.1, 0.25)) == (
        "0.620 → 0.810, error down 49 %; better on 98 % of resamples. "
        "The change is +0.190, its 95 % interval +0.100 to +0.250."
    )


def test_an_interval_that_holds_zero_is_called_chance():
    assert told(change(0.01, -0.02, 0.04)).endswith("which contains zero: this may be chance.")


def test_a_loss_is_told_as_one():
    said = told(change(-0.1, -0.2, -0.05, removed=-0.26, share=0.001))
    assert "error up 26 %; better on 0.10 % of resamples" in said
    assert "−0.100, its 95 % interval −0.200 to −0.050." in said


def test_an_error_that_stays_has_no_direction():
    assert "error unchanged" in told(change(0, 0, 0, removed=0.0, share=0.0))


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "100 %"), (0.9985, "99.85 %"), (0.0, "0 %"), (0.985, "98 %"), (1.162, "116 %")]
)
def test_only_all_is_a_hundred_percent(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(("value", "said"), [(0.0123, "+0.012"), (-0.5, "−0.500"), (-0.0001, "0.000")])
def test_differences_have_a_sign_and_nothing_has_none(value, said):
    assert signed(value) == said


def test_rows_say_what_the_model_is_compared_with():
    assert name_of(gain(0, 0, 0, "1024"), "embedder") == "Base, 1,024 dimensions"
    assert name_of(gain(0, 0, 0, "over base"), "reranker") == "Reranked by the base"
    assert name_of(gain(0, 0, 0, "over embedder"), "reranker") == "The embedder alone"
    assert name_of(gain(0, 0, 0, "over base"), "late-interaction model") == "Base"


def test_a_place_that_was_not_kept_is_beyond_those_that_were():
    assert places(3, 1, 5) == "rank 3 → 1"
    assert places(2, None, 5) == "rank 2 → below 5"
    assert places(None, None, 5) == "below rank 5"
