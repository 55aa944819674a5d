"""How sure a search is, from a plan with a calibration to hits, on both engines."""

import pytest

from tests.fixtures.calibrations import calibration, logistic
from vdr.errors import NotCalibrated
from vdr.search.calibration import MadeWith
from vdr.search.confidence import judged
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.search.stages import ConfidenceStage
from vdr.settings import SearchSettings
from vdr.types import Candidate, Effort, PageRef, QueryVectors, SearchMode, SearchRequest, Stage

BY_LEAD = calibration(MadeWith(embedder="tiny", dims=32))


def page(number, score):
    return Candidate(PageRef("a" * 64, number), "a.pdf", score, {Stage.FUSION: score})


def stage(least=0.0):
    return ConfidenceStage(BY_LEAD.modes[SearchMode.HYBRID], least)


def test_pages_that_are_too_unsure_are_left_out_and_the_others_keep_their_order():
    found = [page(1, 0.9), page(2, 0.5), page(3, 0.1)]
    sure, answerable = judged(stage(), found, 0.0)
    assert [each.page.page_number for each in sure] == [1, 2, 3]
    first, second, third = (each.confidence or 0.0 for each in sure)
    assert first > second > third > 0
    assert answerable == first  # by the same weights, of the first
    left, same = judged(stage(second), found, 0.0)
    assert ([each.confidence for each in left], same) == ([first, second], answerable)


def test_what_is_left_out_does_not_change_whether_anything_answers():
    assert judged(stage(1.0), [page(1, 0.5)], 0.0)[0] == []
    assert judged(stage(1.0), [page(1, 0.5)], 0.0)[1] > 0


def test_where_nothing_is_found_nothing_answers():
    assert judged(stage(), [], 0.0) == ([], 0.0)


@pytest.fixture
def ask(index, library):
    index.upsert(library)

    def ask_one(vectors, text="net sales", **options):
        request = SearchRequest(text, **options)
        plan = plan_search(request, vectors, index.schema, SearchSettings(), calibration=BY_LEAD)
        return execute(plan, index)

    return ask_one


def vectors_of(page):
    return QueryVectors(page.embedding, terms=("sales",))


def test_how_many_are_asked_for_changes_no_confidence(ask, library):
    few, many = (ask(vectors_of(library[0]), limit=limit) for limit in (1, 30))
    assert few.answerable == many.answerable
    assert few.candidates[0].confidence == many.candidates[0].confidence
    later = ask(vectors_of(library[0]), limit=1, offset=3)
    assert later.candidates[0].confidence == many.candidates[3].confidence
    assert later.answerable == many.answerable


def test_an_offset_counts_the_sure_ones(ask, library):
    every = ask(vectors_of(library[0]), limit=30)
    least = every.candidates[4].confidence
    sure = ask(vectors_of(library[0]), limit=30, min_confidence=least)
    assert [each.page for each in sure.candidates] == [
        each.page for each in every.candidates if each.confidence >= least
    ]
    second = ask(vectors_of(library[0]), limit=1, offset=1, min_confidence=least)
    assert [each.page for each in second.candidates] == [sure.candidates[1].page]


@pytest.mark.parametrize(
    "asked", [SearchRequest(page=PageRef("a" * 64, 1), min_confidence=0.5), SearchRequest(min_confidence=0.5)]
)
def test_only_of_words_it_is_known(asked, index, library):
    with pytest.raises(NotCalibrated):
        plan_search(asked, vectors_of(library[0]), index.schema, SearchSettings(), calibration=BY_LEAD)


@pytest.mark.parametrize("less", [{"rerank": False}, {"effort": Effort.FAST}])
def test_of_a_search_with_fewer_stages_it_is_not_known(less, index, library):
    """They are not those that the calibration was fitted to."""
    index.upsert(library)

    def plan(**options):
        request = SearchRequest("net sales", **less, **options)
        vectors = vectors_of(library[0])
        return plan_search(request, vectors, index.schema, SearchSettings(), calibration=BY_LEAD)

    assert execute(plan(), index).answerable is None
    with pytest.raises(NotCalibrated):
        plan(min_confidence=0.5)


def test_without_a_calibration_nobody_knows(index, library):
    index.upsert(library)
    vectors = vectors_of(library[0])
    with pytest.raises(NotCalibrated, match="not known how sure"):
        plan_search(SearchRequest("a", min_confidence=0.0), vectors, index.schema, SearchSettings())
    found = execute(plan_search(SearchRequest("a"), vectors, index.schema, SearchSettings()), index)
    assert found.answerable is None
    assert {each.confidence for each in found.candidates} == {None}


def test_weights_of_other_signs_count_as_well(index, library):
    index.upsert(library)
    by_rank = calibration(MadeWith(embedder="tiny", dims=32), hit=logistic(0.0, rank=-5.0))
    plan = plan_search(
        SearchRequest("net sales"),
        vectors_of(library[0]),
        index.schema,
        SearchSettings(),
        calibration=by_rank,
    )
    found = [each.confidence or 0.0 for each in execute(plan, index).candidates]
    assert found[0] == pytest.approx(0.5)
    assert found == sorted(found, reverse=True)
