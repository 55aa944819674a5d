"""A snippet shows what answers: rare words of the question, whole sentences and rows, a number asked for."""

import timeit

import pytest

from tests.fixtures.printing import line, paragraph, printed
from vdr.search.snippets import snippet
from vdr.search.sought import sought_by
from vdr.types import Print, QueryVectors, Snippet
from vdr.words import asked_terms, asked_words, wholes

FILLER = "This sentence is here to keep the others apart and says nothing of use. "
NOTHING = Print()


def asked(question: str, related: dict[str, str] | None = None) -> QueryVectors:
    forms = {term: form.word for term, form in asked_terms(question).items() if form.word != term}
    terms = tuple(asked_words(question))
    return QueryVectors(embedding=None, terms=terms, forms=forms, related=related or {})  # type: ignore[arg-type]


def shown(
    page: Print | str, question: str, *pixels: Print | str, related: dict[str, str] | None = None
) -> Snippet:
    sought = sought_by(asked(question, related), question)
    return snippet(_page(page), lambda: map(_page, pixels), sought)


def _page(page: Print | str) -> Print:
    return Print(tuple(page.split())) if isinstance(page, str) else page


def test_whole_sentences_of_40_to_60_words_are_shown() -> None:
    text = shown(FILLER * 20 + "The pump weighs 40 kg. " + FILLER * 20, "weight of the pump").text
    assert "The pump weighs 40 kg." in text
    assert text.startswith("… This sentence")
    assert text.endswith("of use. …")
    assert 40 <= len(wholes(text)) <= 60


def test_a_short_page_is_shown_whole() -> None:
    assert shown("Net sales rose", "sales").text == "Net sales rose"


def test_rare_words_count_more_than_those_that_stand_everywhere() -> None:
    page = "The company had sales in 2019 and in 2018. " * 20 + FILLER + "Goodwill was written off. " + FILLER
    text = shown(page, "goodwill of the company in 2019").text
    assert "Goodwill was written off." in text


def test_a_number_right_after_the_words_of_the_question_is_in_sight() -> None:
    page = FILLER * 8 + "Cash returned to shareholders is told here. It was $1.2 billion. " + FILLER * 8
    assert "$1.2 billion" in shown(page, "How much cash was returned to shareholders?").text
    full = (
        "Cash returned to shareholders: "
        + "the board of directors met in spring " * 5
        + "and agreed. It was $1.2 billion. "
    )
    assert (
        "$1.2 billion"
        in shown(FILLER * 8 + full + FILLER * 8, "How much cash was returned to shareholders?").text
    )


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("How many people work in Lyon?", "In Lyon 230 people work.", "People in Lyon work hard."),
        (
            "When was the Lyon plant opened?",
            "The Lyon plant opened in May 1987.",
            "The Lyon plant was opened.",
        ),
        ("Who runs the Lyon plant?", "The Lyon plant is run by Ada Nkemelu.", "The Lyon plant runs on gas."),
        ("Combien de personnes à Lyon ?", "Lyon : 230 personnes.", "Des personnes travaillent à Lyon aussi."),
    ],
)
def test_what_is_asked_for_is_shown_rather_than_as_many_words(question: str, answer: str, other: str) -> None:
    apart = FILLER * 8
    for page in (f"{other} {apart}{answer}", f"{answer} {apart}{other}"):
        assert answer in shown(apart + page + " " + apart, question).text


def test_a_row_comes_with_its_label_and_the_header_of_its_table() -> None:
    header = [("2018", 0.6), ("2017", 0.8)]
    rows = [
        (f"Item {name} of costs", f"1,{n}07", f"1,{n}03")
        for n, name in enumerate("abcdefghijklmnopqrstuvwxyz", 100)
    ]
    rows.insert(13, ("Total assets", "44,792", "42,346"))
    columns = [
        [word for n, row in enumerate(rows) for word in line(row[column], x, 0.2 + 0.02 * n)]
        for column, x in ((0, 0.1), (1, 0.6), (2, 0.8))
    ]
    head = [word for text, x in header for word in line(text, x, 0.18)]
    text = shown(printed(head, *columns), "What were the total assets?").text
    assert "Total assets 44,792 42,346" in text
    assert text.startswith("2018 2017")


def test_columns_are_not_mixed() -> None:
    left = paragraph(
        "Visit the pages of the programme before you apply for any of our courses here. " * 3, 0.05, 0.1, 5
    )
    right = paragraph(
        "The test of English must be no older than two years at the date you apply. " * 3, 0.55, 0.1, 5
    )
    lines = sorted({box[1] for _, box in left})
    mixed = printed(*([word for word in left + right if abs(word[1][1] - y) < 0.001] for y in lines))
    assert (
        "The test of English must be no older than two years"
        in shown(mixed, "How old may the English test be?").text
    )


def test_several_things_asked_are_shown_from_where_they_stand() -> None:
    page = FILLER * 3 + "Canada came seventh. " + FILLER * 5 + "Italy came eighth. " + FILLER * 3
    text = shown(page, "How did Canada and Italy do?").text
    assert "Canada came seventh." in text
    assert "Italy came eighth." in text


def test_inflections_and_related_words_are_found() -> None:
    page = FILLER * 8 + "The Company returned cash. " + FILLER * 8
    assert "returned cash" in shown(page, "cash returns").text
    page = FILLER * 8 + "Net sales rose. " + FILLER * 8
    assert "Net sales rose." in shown(page, "revenue", related={"sales": "revenue"}).text


def test_what_only_the_pixels_hold_comes_from_them() -> None:
    found = shown("Figure 3", "turbine", "turbine output 2019")
    assert (found.text, found.from_pixels) == ("turbine output 2019", True)


def test_the_text_layer_is_preferred_where_both_hold_as_much() -> None:
    found = shown("Turbine output", "turbine", "turbime turbine")
    assert (found.text, found.from_pixels) == ("Turbine output", False)


def test_pixels_are_not_read_where_the_text_layer_has_most_of_the_question() -> None:
    def unread() -> list[Print]:
        raise AssertionError("read")

    sought = sought_by(asked("turbine output"))
    assert snippet(_page("The turbine is old"), unread, sought).text == "The turbine is old"


def test_pixels_known_to_have_no_more_are_read_only_where_the_text_layer_has_nothing() -> None:
    sought = sought_by(asked("turbine output of the northern wind farm by month"))
    pixels = _page("turbine output of the northern wind farm")
    for text, has_more, shown_text in (
        ("The turbine is old", True, " ".join(pixels.texts)),
        ("The turbine is old", False, "The turbine is old"),
        ("Figure 3", False, " ".join(pixels.texts)),
    ):
        found = snippet(_page(text), lambda: [pixels], sought, pixels_may_have_more=has_more)
        assert found.text == shown_text


def test_a_page_without_the_words_begins_at_its_beginning() -> None:
    assert shown("One two", "other").text == "One two"
    assert shown(FILLER * 9, "zebra").text.startswith("This sentence")
    assert shown("One two", "").text == "One two"


def test_a_page_without_words_has_an_empty_snippet() -> None:
    found = shown(NOTHING, "sales", NOTHING, NOTHING)
    assert (found.text, found.from_pixels) == ("", False)


def test_accents_and_case_do_not_hide_a_match() -> None:
    assert "SÃO Paulo’s SALES" in shown(FILLER * 8 + "SÃO Paulo’s SALES. " + FILLER * 8, "sao sales").text


def test_another_form_of_what_is_asked_is_shown() -> None:
    page = FILLER * 8 + "Due 12 480,50 on 17 May 2031. " + FILLER * 8
    assert "12 480,50 on" in shown(page, "12480.5").text
    assert "17 May 2031" in shown(page, "2031-05-17").text


@pytest.mark.parametrize("text", ["0 " * 50_000, "sales rose. " * 25_000, "one two three sales " * 12_500])
def test_a_page_of_50_000_words_takes_a_second_at_most(text: str) -> None:
    page = printed(paragraph(text, 0.1, 0.1, 40))
    assert timeit.timeit(lambda: shown(page, "How much sales 0?"), number=1) < 3
