import numpy as np
import pytest

from training.confidence.fit import calibrate, fit
from training.confidence.observe import Observation, Scope
from training.confidence.quality import held_out, quality
from vdr.errors import BadInput
from vdr.search.calibration import MadeWith
from vdr.search.signs import SIGNS
from vdr.types import SearchMode

PAGES = 12
WORDS, LEAD = SIGNS.index("words"), SIGNS.index("lead")


def observations(rng: np.random.Generator, questions: int = 300, mode: SearchMode = SearchMode.HYBRID):
    """Searches whose first page leads the more, the likelier it answers."""
    for number in range(questions):
        for scope in Scope:
            signs = np.zeros((PAGES, len(SIGNS)))
            signs[:, WORDS] = np.sort(rng.random(PAGES))[::-1]
            answers = np.zeros(PAGES, bool)
            signs[0, LEAD] = rng.normal(2.0 if scope.has_answers else -2.0)
            answers[0] = scope.has_answers and rng.random() < 1 / (1 + np.exp(-signs[0, LEAD]))
            yield Observation(mode, scope, f"document {number % 7}", signs, answers)


def test_confidence_means_what_it_says_of_searches_that_were_not_seen():
    rng = np.random.default_rng(3)
    told = quality(fit(list(observations(rng))), list(observations(rng)))
    assert told.searches == 1200
    assert told.confidence_error < 0.05
    assert told.first_error < 0.08
    assert told.answerable_error < 0.08
    assert told.answerable_auroc > 0.95


def test_signs_that_tell_nothing_weigh_nothing():
    calibration = fit(list(observations(np.random.default_rng(4))))
    assert calibration.answerable.weights["lead"] > 0.5
    assert {calibration.answerable.weights[sign] for sign in SIGNS if sign not in ("lead", "words")} == {0.0}


def test_what_cannot_be_told_is_told_with_the_chance_that_it_has():
    rng = np.random.default_rng(5)
    noise = [
        Observation(each.mode, each.scope, each.document_id, rng.normal(size=each.signs.shape), each.answers)
        for each in observations(rng)
    ]
    told = held_out(noise)
    assert told.answerable_auroc == pytest.approx(0.5, abs=0.08)
    assert told.confidence_error < 0.05


def test_documents_are_told_by_calibrations_that_have_not_seen_them():
    rng = np.random.default_rng(6)
    own = [
        Observation(each.mode, each.scope, each.document_id, each.signs.copy(), each.answers)
        for each in observations(rng)
    ]
    for each in own:  # a sign that tells the answer of one document, and the opposite of all others
        says = 1.0 if each.scope.has_answers else -1.0
        each.signs[:, LEAD] = says if each.document_id == "document 0" else -says
    only_it = [each for each in own if each.document_id == "document 0"]
    assert quality(fit(only_it), only_it).answerable_auroc == 1.0
    assert held_out(own).answerable_auroc < 1.0


def test_one_document_cannot_be_held_out():
    rng = np.random.default_rng(7)
    same = [Observation(o.mode, o.scope, "a", o.signs, o.answers) for o in observations(rng, 20)]
    with pytest.raises(ValueError, match="n_splits"):
        held_out(same)


def test_questions_whose_answers_are_never_found_tell_nothing():
    none = [
        Observation(each.mode, each.scope, each.document_id, each.signs, np.zeros(PAGES, bool))
        for each in observations(np.random.default_rng(9), 20)
    ]
    with pytest.raises(BadInput, match="tell too little"):
        fit(none)


def test_every_mode_that_was_observed_is_calibrated():
    rng = np.random.default_rng(8)
    modes = (SearchMode.TEXT, SearchMode.HYBRID)
    observed = [each for mode in modes for each in observations(rng, 50, mode)]
    made_with = MadeWith(embedder="models/one", dims=64)
    calibration = calibrate(observed, made_with)
    assert (set(calibration.modes), calibration.made_with) == (set(modes), made_with)
