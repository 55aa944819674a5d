import math

import numpy as np
import pytest

from vdr.search.signs import COMPARED, SIGNS, signs
from vdr.types import Candidate, PageRef, Stage, Vote

MISSING = 0.25


def page(document, number, fusion, words=(1, 0.0), *, likeness=None, late=0.0):
    stages = {Stage.FUSION: fusion} | ({} if likeness is None else {Stage.FULL: likeness})
    votes = {Stage.TEXT: Vote(*words), Stage.LATE_INTERACTION: Vote(1, late)}
    return Candidate(PageRef(document * 64, number), f"{document}.pdf", fusion, stages, votes=votes)


def told(candidates, sign, missing=MISSING):
    return signs(candidates, missing)[:, SIGNS.index(sign)].tolist()


def test_nothing_found_has_no_signs():
    assert signs([], MISSING).shape == (0, len(SIGNS))


def evidence(*left_open):
    """What pages have that leave so much open of the question."""
    return [-math.log(each) for each in left_open]


def test_the_lead_is_over_the_best_other_page():
    found = [page("a", 1, 0.9), page("b", 1, 0.8), page("c", 1, 0.5)]
    first, second, third = evidence(0.1, 0.2, 0.5)
    assert told(found, "lead") == pytest.approx([first - second, second - first, third - first])


def test_late_interaction_is_evidence_as_well():
    found = [page("a", 1, 0.9), page("b", 1, 0.8, late=0.75)]
    first, second = evidence(0.1, 0.2 * 0.25)
    assert told(found, "lead") == pytest.approx([first - second, second - first])


def test_no_evidence_is_without_end():
    assert told([page("a", 1, 1.0)], "lead") == told([page("a", 1, 0.99999)], "lead")


def test_pages_of_the_same_document_do_not_count_as_others():
    found = [page("a", 1, 0.9), page("a", 2, 0.8), page("b", 1, 0.5)]
    first, second, third = evidence(0.1, 0.2, 0.5)
    assert told(found, "document_lead") == pytest.approx([first - third, second - third, third - first])
    assert told(found, "one_document") == [0, 0, 0]
    alone = found[:2]
    assert (told(alone, "one_document"), told(alone, "document_lead")) == ([1, 1], [0, 0])
    assert told(found, "company") == pytest.approx([2 / 3, 2 / 3, 1 / 3])


def test_a_single_page_leads_by_all_its_evidence():
    found = [page("a", 1, 0.9, (1, 0.7))]
    assert told(found, "lead") == pytest.approx(evidence(0.1))
    assert told(found, "words_relief") == [0]


def test_relief_is_over_the_tenth():
    shares = [0.9 - n / 20 for n in range(12)]
    found = [page(chr(97 + n), 1, 0.9 - n / 100, (n + 1, share)) for n, share in enumerate(shares)]
    assert told(found, "words_relief") == pytest.approx([share - shares[9] for share in shares])


def test_what_no_vector_has_seen_is_as_unlike_as_the_least_like_that_one_has():
    found = [page("a", 1, 0.9, likeness=0.7), page("b", 1, 0.8), page("c", 1, 0.7, likeness=0.2)]
    assert told(found, "likeness") == pytest.approx([0.7, 0.2, 0.2])
    assert told([page("a", 1, 0.9)], "likeness") == [0]


def test_agreement_is_highest_where_all_stages_have_the_page_first():
    all_first = {stage: Vote(1, 0.5) for stage in (Stage.READ, Stage.FULL, Stage.FULL_2)}
    agreed = Candidate(PageRef("a" * 64, 1), "a.pdf", 0.9, {Stage.FUSION: 0.9}, votes=all_first)
    assert told([agreed, page("b", 1, 0.5, (2, 0.4))], "agreement") == pytest.approx([1.0, 0.5 / 3])
    assert told([page("b", 1, 0.5, (1, 0.0))], "agreement") == [0]  # it says nothing of the page


def test_the_question_is_the_same_for_every_page():
    found = [page("a", 1, 0.9), page("b", 1, 0.8)]
    assert told(found, "missing") == [0.25, 0.25]
    assert told(found, "rank") == pytest.approx([0, math.log(2)])


def test_how_many_more_are_asked_for_changes_no_sign():
    found = [
        page(chr(97 + n % 20), n + 1, 0.9 * 0.97**n, (n + 1, 0.5 / (n + 1))) for n in range(COMPARED + 30)
    ]
    some = signs(found[:COMPARED], MISSING)
    np.testing.assert_allclose(signs(found, MISSING)[:COMPARED], some)


def test_whatever_is_found_every_sign_is_a_number():
    found = [page("a", 1, 1.0), page("a", 2, 0.0), Candidate(PageRef("b" * 64, 1), "b.pdf", -3.0)]
    assert np.isfinite(signs(found, 0.0)).all()


def test_pages_that_a_cross_encoder_has_not_scored_are_no_surer_than_those_that_it_has():
    scored = [
        Candidate(PageRef("a" * 64, n), "a.pdf", -n, {Stage.FUSION: 0.5, Stage.CROSS_ENCODER: -8.0 - n})
        for n in (1, 2)
    ]
    assert told([*scored, page("b", 1, 0.4)], "cross_encoder") == [-9.0, -10.0, -10.0]
    assert told([page("b", 1, 0.4)], "cross_encoder") == [0.0]
