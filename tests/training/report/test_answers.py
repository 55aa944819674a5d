"""Which questions are shown, in which order, with which pages."""

from training.report.answers import FAILURES, Figure, Outcome, groups, read_answers


def answer(before, after, first_before="b:2", first_after="a:1", expected=("a:1",)):
    found = (first_before, "a:1"), (first_after, "z:9")
    return Outcome(f"{before} {after}", expected, before, after, *found)


def test_each_question_is_in_one_group_the_worst_or_the_most_first():
    answers = [
        answer(0.5, 0.6),
        answer(0.0, 1.0),
        answer(0.2, 0.2, first_after="c:3"),
        answer(1.0, 0.4, first_after="c:3"),
        answer(0.9, 0.0, first_after="c:3"),
        answer(0.0, 0.0, first_after="c:3"),
        answer(1.0, 1.0),
    ]
    shown = {group.title: [each.query for each in group.shown] for group in groups(answers)}
    assert shown == {
        "Still wrong after training": ["0.0 0.0", "0.2 0.2"],
        "Made worse by training": ["0.9 0.0", "1.0 0.4"],
        "Fixed by training": ["0.0 1.0", "0.5 0.6"],
    }


def test_a_group_shows_a_few_and_counts_all():
    group = groups([answer(0.0, 0.0, first_after="c:3")] * 30)[0]
    assert (len(group.shown), group.total) == (FAILURES, 30)


def test_right_pages_stand_beside_those_found_first():
    assert answer(0.6, 0.5, first_after="c:3").figures() == [
        Figure("a:1", True, "rank 2 → below 2"),
        Figure("b:2", False, "first for the base"),
        Figure("c:3", False, "first after training"),
    ]


def test_no_page_is_shown_twice():
    assert [each.role for each in answer(0.6, 0.6, "b:2", "b:2").figures()] == [
        "rank 2 → below 2",
        "first for both",
    ]
    assert [each.page_id for each in answer(0.6, 1.0).figures()] == ["a:1", "b:2"]


def test_of_many_right_pages_two_are_shown_and_one_that_was_found():
    many = answer(0.1, 0.4, first_after="d:4", expected=("a:1", "a:2", "a:3", "d:4"))
    assert [(each.page_id, each.is_right) for each in many.figures()] == [
        ("a:1", True),
        ("a:2", True),
        ("b:2", False),
        ("d:4", True),
    ]
    assert many.unshown == 1
    assert many.is_first


def test_answers_are_read_in_an_order_that_is_always_the_same(finished):
    answers = read_answers(finished)
    assert answers == read_answers(finished)
    lines = finished.answers.read_text().splitlines()
    assert len(answers) == len(lines) == 6
    assert all(len(each.found_after) == 5 and len(each.expected) == 1 for each in answers)
