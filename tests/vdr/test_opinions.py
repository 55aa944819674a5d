"""Judgements of several people are brought together by hand-worked numbers."""

import pytest

from vdr.feedback import FeedbackKind
from vdr.opinions import Vote, asked_alike, opinions, reporters
from vdr.types import PageRef

RIGHT, WRONG, EXPECTED = FeedbackKind.RIGHT, FeedbackKind.WRONG, FeedbackKind.EXPECTED
PAGE = PageRef("a" * 64, 1)
ASKED = "harbour dues", PAGE


def votes(*said, text="harbour dues", page=PAGE):
    return [Vote(who, kind, text, page, f"{who}{n}") for n, (who, kind) in enumerate(said)]


def test_whoever_votes_often_counts_once():
    found = opinions(votes(("ada", RIGHT), ("ada", RIGHT), ("ada", RIGHT), ("bob", WRONG)), {})[ASKED]
    assert (found.score, found.weight, found.is_disputed) == (0.0, 2.0, True)
    assert found.feedback_ids == ("ada0", "ada1", "ada2", "bob3")


def test_weights_count():
    found = opinions(votes(("ada", RIGHT), ("bob", WRONG)), {"bob": 0.25})[ASKED]
    assert found.score == pytest.approx((1 - 0.25) / 1.25)


def test_who_weighs_nothing_does_not_count():
    found = opinions(votes(("ada", EXPECTED), ("bob", WRONG)), {"bob": 0.0})[ASKED]
    assert (found.score, found.is_disputed) == (1.0, False)
    assert opinions(votes(("bob", WRONG)), {"bob": 0.0}) == {}


@pytest.mark.parametrize("text", ["Harbour  dues?", "harbour dues", " HARBOUR dues "])
def test_questions_that_are_written_alike_are_one(text):
    assert asked_alike(text) == "harbour dues"
    assert opinions(votes(("ada", RIGHT), text=text), {}).keys() == {ASKED}


def test_who_disagrees_with_most_others_comes_first():
    said = [
        vote
        for number in range(6)
        for vote in votes(("ada", RIGHT), ("bob", RIGHT), ("eve", WRONG), page=PageRef("a" * 64, number + 1))
    ]
    eve, ada, bob = reporters(said, {})
    assert (eve.who, eve.votes, eve.compared, eve.disagreed, eve.is_outlier) == ("eve", 6, 6, 6, True)
    assert (ada.compared, ada.disagreed, ada.is_outlier) == (0, 0, False)  # one says this, one says that
    assert bob.votes == 6


def test_few_votes_make_nobody_an_outlier():
    (eve, *_) = reporters(votes(("ada", RIGHT), ("bob", RIGHT), ("eve", WRONG)), {})
    assert (eve.who, eve.disagreed, eve.is_outlier) == ("eve", 1, False)


def test_nobody_knows_who_nobody_is():
    assert [each.who for each in reporters(votes(("", RIGHT), ("ada", RIGHT)), {})] == ["ada"]
