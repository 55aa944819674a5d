import timeit

from hypothesis import given
from hypothesis import strategies as st

from vdr.search.snippets import snippet
from vdr.types import PageTexts
from vdr.words import query_terms, terms


def words(text):
    return tuple(text.split())


LONG = "filler " * 60 + "the net sales of 2019 rose " + "padding " * 60


def test_the_stretch_with_most_query_terms_is_shown():
    found = snippet(PageTexts(words("sales " + LONG)), ("net", "sales", "2019"))
    assert "net sales of 2019 rose" in found.text
    assert found.text.startswith("… ")
    assert found.text.endswith(" …")
    assert not found.from_pixels


def test_a_short_page_is_shown_whole():
    assert snippet(PageTexts(words("Net sales rose")), ("sales",)).text == "Net sales rose"


def test_what_only_the_pixels_hold_comes_from_them():
    found = snippet(PageTexts(words("Figure 3"), words("turbine output 2019")), ("turbine",))
    assert found.text == "turbine output 2019"
    assert found.from_pixels


def test_the_text_layer_is_preferred_where_both_hold_as_much():
    found = snippet(PageTexts(words("Turbine output"), words("turbime turbine")), ("turbine",))
    assert (found.text, found.from_pixels) == ("Turbine output", False)


def test_a_page_without_the_terms_begins_at_its_beginning():
    assert snippet(PageTexts(words("One two")), ("other",)).text == "One two"


def test_a_page_without_words_has_an_empty_snippet():
    found = snippet(PageTexts(), ("sales",))
    assert (found.text, found.from_pixels) == ("", False)


def test_accents_and_case_do_not_hide_a_match():
    found = snippet(
        PageTexts(words("filler " * 60 + "SÃO Paulo’s SALES " + "padding " * 60)), ("sao", "sales")
    )
    assert "SÃO Paulo’s SALES" in found.text


def test_another_form_of_what_is_asked_is_shown():
    page = PageTexts(words("filler " * 60 + "due 12 480,50 on 17 May 2031 " + "padding " * 60))
    assert "due 12 480,50 on" in snippet(page, query_terms("12480.5")).text
    assert "17 May 2031" in snippet(page, query_terms("2031-05-17")).text


def test_no_terms_show_the_beginning():
    assert snippet(PageTexts(words("One two")), ()).text == "One two"


def test_related_words_are_shown_where_the_page_holds_none_of_the_question():
    page = PageTexts(words("filler " * 60 + "net sales rose"))
    assert "net sales" in snippet(page, ("revenue",), ("sales",)).text
    assert "net sales" not in snippet(page, ("filler",), ("sales",)).text


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "a/b", "é"]), max_size=90), st.sets(st.sampled_from("abc"))
)
def test_the_stretch_is_the_first_that_holds_most(page: list[str], asked: set[str]) -> None:
    text = snippet(PageTexts(text_layer=tuple(page)), sorted(asked)).text
    stretches = [page[start : start + 28] for start in range(len(page)) if asked & set(terms(page[start]))]
    held = [len(asked & set(terms(" ".join(stretch)))) for stretch in stretches]
    best = stretches[held.index(max(held))] if held else page[:28]
    assert " ".join(best[:23]) in text


def test_a_page_full_of_one_word_takes_no_longer_than_any() -> None:
    def seconds(count: int) -> float:
        page = PageTexts(text_layer=("0",) * count)
        return min(timeit.repeat(lambda: snippet(page, ["0"]), number=1, repeat=5))

    assert seconds(8_000) < 30 * seconds(1_000)
