from vdr.snippets import snippet
from vdr.types import PageTexts


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


def test_no_terms_show_the_beginning():
    assert snippet(PageTexts(words("One two")), ()).text == "One two"


def test_related_words_are_shown_where_the_page_holds_none_of_the_question():
    page = PageTexts(words("filler " * 60 + "net sales rose"))
    assert "net sales" in snippet(page, ("revenue",), ("sales",)).text
    assert "net sales" not in snippet(page, ("filler",), ("sales",)).text
