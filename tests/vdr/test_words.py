from hypothesis import given
from hypothesis import strategies as st

from vdr.words import query_terms, terms


def test_numbers_keep_their_points_and_accents_fall():
    assert terms("Net sales rose 3.5% to $1,452.4 – São Paulo’s best") == [
        "net", "sales", "rose", "3.5", "to", "1,452.4", "sao", "paulo's", "best",
    ]  # fmt: skip


def test_letters_of_other_languages_fall_together_with_what_people_type():
    assert terms("Straße Ærø œuvre Łódź Đakovo Þórr") == [
        "strasse", "aero", "oeuvre", "lodz", "dakovo", "thorr",
    ]  # fmt: skip


def test_other_scripts_have_words_too():
    assert terms("Годовой отчёт 2023, Ετήσια έκθεση") == ["годовои", "отчет", "2023", "ετησια", "εκθεση"]
    assert terms("דוח שנתי") == ["דוח", "שנתי"]
    assert terms("التقرير السنوي") == ["التقرير", "السنوي"]


def test_scripts_without_spaces_are_cut_into_pairs():
    assert terms("2023年度報告 GDP成長") == ["2023", "年度", "度報", "報告", "gdp", "成長"]
    assert terms("水") == ["水"]
    assert set(terms("報告")) <= set(terms("年度報告書"))


def test_only_naming_words_are_searched_for():
    assert query_terms("Which of the charts shows the wind speed, and the wind power?") == [
        "charts", "shows", "wind", "speed", "power",
    ]  # fmt: skip


def test_a_question_of_asking_words_keeps_them():
    assert query_terms("who is who") == ["who", "is"]


@given(st.text())
def test_terms_of_terms_are_the_terms(text):
    found = terms(text)
    assert terms(" ".join(found)) == found
