"""Each rule finds its kind of query on a hand-made page, and nothing else."""

from tests.training.pairs.parts import layout, row
from training.pairs.rules import RULES, bold_terms, captions, headings, key_sentences, table_cells

BODY = row(200, (60, "Acme sold 31 steel plants in Bremen during 2019. It was glad of that."))


def page():
    return layout(
        row(60, (60, "3.2 Risk Factors of Steel"), size=18),
        row(100, (60, "Figure 4. Suppliers by region")),
        row(130, (300, "2019"), (400, "2018")),
        row(144, (60, "Net revenue"), (300, "10"), (400, "12")),
        row(170, (60, "Market for scrap"), is_bold=True),
        BODY,
        [*row(230, (60, "Exclusion criteria."), is_bold=True), *row(230, (179, "Whoever is ill"))],
    )


def test_headings_are_larger_or_bold():
    assert list(headings(page())) == ["Risk Factors of Steel", "Market for scrap"]


def test_bold_cells_beside_each_other_head_a_table():
    beside = row(60, (60, "Filing date"), (300, "Period end date"), is_bold=True)
    assert list(headings(layout(beside, BODY))) == []


def test_bold_sentences_are_no_headings():
    assert list(headings(layout(row(60, (60, "This is urgent business."), is_bold=True), BODY))) == []


def test_captions_lose_their_number():
    assert list(captions(page())) == ["Suppliers by region"]
    assert list(captions(layout(row(10, (60, "Figure 4 shows"), size=12)))) == []


def test_long_captions_keep_their_first_sentence_and_running_text_is_none():
    long = row(10, (60, "Table 12: Enrolment by site. Numbers are preliminary."))
    assert list(captions(layout(long))) == ["Enrolment by site"]
    running = row(10, (60, "Table 12 " + "is discussed at length in the text " * 5))
    assert list(captions(layout(running))) == []


def test_table_cells_join_row_and_column():
    assert list(table_cells(page())) == ["Net revenue 2019", "Net revenue 2018"]


def test_table_cells_say_no_word_twice():
    twice = layout(
        row(100, (300, "Revenue 2019"), (420, "Revenue 2018")),
        row(114, (60, "Net revenue"), (300, "10"), (420, "12")),
    )
    assert list(table_cells(twice)) == ["Net revenue 2019", "Net revenue 2018"]


def test_rows_without_a_name_are_passed_over():
    nameless = layout(
        row(100, (300, "First year"), (420, "Last year")), row(114, (60, "(a) Mr"), (300, "10"))
    )
    assert list(table_cells(nameless)) == []


def test_bold_terms_open_a_paragraph():
    assert list(bold_terms(page())) == ["Exclusion criteria"]


def test_key_sentences_state_a_fact_about_something_named():
    assert list(key_sentences(page())) == ["Acme sold 31 steel plants Bremen 2019"]


def test_every_rule_copes_with_an_empty_page():
    assert {name: list(rule(layout())) for name, rule in RULES.items()} == {name: [] for name in RULES}
