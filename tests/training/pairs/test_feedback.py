"""Queries out of feedback: votes are settled, and clicks corrected for the ranks they are from."""

import pytest

from tests.fixtures.judged import BLUE, RED, kept_search, said
from training.pairs.feedback import CLICKS, JUDGED, feedback_queries
from training.pairs.sources import FEEDBACK
from vdr.feedback import FeedbackKind
from vdr.types import PageRef

RIGHT, WRONG, EXPECTED, NOTHING = (
    FeedbackKind.RIGHT,
    FeedbackKind.WRONG,
    FeedbackKind.EXPECTED,
    FeedbackKind.NOTHING,
)
OPENED, COPIED, DWELT = FeedbackKind.OPENED, FeedbackKind.COPIED, FeedbackKind.DWELT
NAMES = {BLUE: "blue.pdf", RED: "red.pdf"}


def session(*acts, text="harbour dues", pages=()):
    """A search with what was said of it: kind, page number and more."""
    search = kept_search(text, pages)
    told = []
    for kind, *where, more in acts:
        told.append(said(search, kind, *where, **more))
    return search, tuple(told)


def by(who, **more):
    return {"reporter": who, **more}


def queries(*sessions, weights=None):
    return feedback_queries(sessions, NAMES, weights or {})


def test_a_page_that_was_called_right_is_and_those_above_it_are_not():
    judged = session((RIGHT, 3, by("ada")))
    (query,) = queries(judged).queries
    assert (query.text, query.document, query.page_numbers) == ("harbour dues", "blue.pdf", (3,))
    assert (query.source, query.rule) == (FEEDBACK, JUDGED)
    assert query.negatives == (("blue.pdf", 1), ("blue.pdf", 2))
    assert query.traces == (f"feedback:{judged[1][0].feedback_id}",)


def test_what_is_below_it_may_not_have_been_seen():
    (query,) = queries(session((RIGHT, 1, by("ada")))).queries
    assert query.negatives == ()


def test_what_was_opened_is_no_negative():
    (query,) = queries(session((RIGHT, 3, by("ada")), (OPENED, 1, by("ada")))).queries
    assert query.negatives == (("blue.pdf", 2),)


def test_a_page_that_is_called_wrong_is_a_negative_wherever_it_was():
    (query,) = queries(session((RIGHT, 1, by("ada")), (WRONG, 3, by("ada")))).queries
    assert query.negatives == (("blue.pdf", 3),)


def test_a_page_that_the_search_has_missed():
    (query,) = queries(session((EXPECTED, 4, RED, by("ada")))).queries
    assert (query.document, query.page_numbers) == ("red.pdf", (4,))


def test_a_question_with_answers_in_two_documents_is_asked_of_both():
    both = session((RIGHT, 1, by("ada")), (EXPECTED, 4, RED, by("ada")), (RIGHT, 2, by("ada")))
    found = {query.document: query.page_numbers for query in queries(both).queries}
    assert found == {"blue.pdf": (1, 2), "red.pdf": (4,)}


class TestVotes:
    def test_the_majority_counts(self):
        sessions = [session((kind, 1, by(who))) for who, kind in
                    (("ada", RIGHT), ("bob", RIGHT), ("eve", WRONG))]  # fmt: skip
        (query,) = queries(*sessions).queries
        assert query.page_numbers == (1,)
        assert len(query.traces) == 3

    def test_where_there_is_none_nobody_knows(self):
        use = queries(session((RIGHT, 1, by("ada"))), session((WRONG, 1, by("eve"))))
        assert use.queries == []
        assert use.dropped["feedback: pages that people disagree on"] == 1

    def test_weights_make_one(self):
        sessions = session((RIGHT, 1, by("ada"))), session((WRONG, 1, by("eve")))
        (query,) = queries(*sessions, weights={"eve": 0.2}).queries
        assert query.page_numbers == (1,)

    def test_questions_that_are_written_alike_are_one(self):
        sessions = session((RIGHT, 1, by("ada"))), session((RIGHT, 2, by("bob")), text="Harbour dues?")
        (query,) = queries(*sessions).queries
        assert (query.text, query.page_numbers) == ("Harbour dues?", (1, 2))


class TestClicks:
    def test_whoever_stays_has_found_something(self):
        stayed = session(
            (OPENED, 2, by("ada")), (DWELT, 2, by("ada", dwelt_ms=45_000)), (OPENED, 3, by("ada"))
        )
        (query,) = queries(stayed).queries
        assert (query.rule, query.page_numbers) == (CLICKS, (2,))
        assert query.negatives == (("blue.pdf", 1),)
        assert query.traces == tuple(f"feedback:{each.feedback_id}" for each in stayed[1][:2])

    @pytest.mark.parametrize("acts", [[(OPENED, 1, {})], [(OPENED, 1, {}), (DWELT, 1, {"dwelt_ms": 5_000})]])
    def test_whoever_only_looks_has_not(self, acts):
        use = queries(session(*acts))
        assert use.queries == []
        assert use.dropped["feedback: questions without a page that is known to be right"] == 1

    def test_a_page_that_others_leave_is_not_right_for_one_who_copied_from_it(self):
        copied, left = session((COPIED, 1, by("ada"))), [session((OPENED, 1, by(f"r{n}"))) for n in range(3)]
        assert len(queries(copied).queries) == 1
        assert queries(copied, *left).queries == []

    def test_below_where_fewer_look_as_many_count_for_more(self):
        """At rank 1 one of three is too few; at rank 3 the three are worth one look, and one is enough."""
        rest = [PageRef(RED, 1), PageRef(RED, 2)]
        for pages, count in (([PageRef(BLUE, 1), *rest], 0), ([*rest, PageRef(BLUE, 1)], 1)):
            sessions = [
                session((COPIED, 1, by("ada")), pages=pages),
                *(session((OPENED, 1, RED, by(f"r{n}")), pages=pages) for n in range(2)),
            ]
            assert len(queries(*sessions).queries) == count

    def test_judgements_go_before_them(self):
        told = session((RIGHT, 1, by("ada")), (COPIED, 2, by("bob")), (DWELT, 3, by("bob", dwelt_ms=90_000)))
        (query,) = queries(told).queries
        assert (query.rule, query.page_numbers) == (JUDGED, (1,))

    def test_of_who_weighs_nothing_they_do_not_count(self):
        assert queries(session((COPIED, 1, by("eve"))), weights={"eve": 0.0}).queries == []


def test_what_is_of_no_document_any_more_is_left_out():
    gone = "d" * 64
    told = session((EXPECTED, 1, gone, by("ada")), (RIGHT, 2, by("ada")), (WRONG, 3, gone, by("ada")))
    (query,) = queries(told).queries
    assert (query.page_numbers, query.negatives) == ((2,), (("blue.pdf", 1),))


def test_two_pages_that_satisfy_are_both_right():
    (query,) = queries(session((COPIED, 1, by("ada")), (COPIED, 2, by("ada")))).queries
    assert query.page_numbers == (1, 2)


def test_searches_by_an_image_and_those_without_feedback_make_none():
    use = queries(session((RIGHT, 1, by("ada")), text=""), session(), session((NOTHING, {}), text="tides"))
    assert use.queries == []
    assert use.searches == 2
