"""Where words begin and end, and how their letters are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.words import wholes


def test_numbers_keep_their_points_and_accents_fall():
    assert wholes("Net sales rose 3.5% to $1,452.4 – São Paulo’s best") == [
        "net", "sales", "rose", "3.5", "to", "1,452.4", "sao", "paulo's", "best",
    ]  # fmt: skip


def test_letters_of_other_languages_fall_together_with_what_people_type():
    assert wholes("Straße Ærø œuvre Łódź Đakovo Þórr") == [
        "strasse", "aero", "oeuvre", "lodz", "dakovo", "thorr",
    ]  # fmt: skip


def test_other_scripts_have_words_too():
    assert wholes("Годовой отчёт 2023, Ετήσια έκθεση") == ["годовои", "отчет", "2023", "ετησια", "εκθεση"]
    assert wholes("דוח שנתי") == ["דוח", "שנתי"]
    assert wholes("घाट की क्रेन") == ["घाट", "की", "क्रेन"]
    assert wholes("계약서에 서명") == ["계약서에", "서명"]


def test_scripts_without_spaces_are_cut_into_pairs():
    assert wholes("2023年度報告 GDP成長") == ["2023", "年度", "度報", "報告", "gdp", "成長"]
    assert wholes("水") == ["水"]
    assert set(wholes("報告")) <= set(wholes("年度報告書"))
    assert wholes("เย็น") == ["เย็", "ย็น"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("commence", "com\u00admence"),  # a soft hyphen
        ("fire", "ﬁre"),
        ("pump-house", "pump\u2011house"),  # a hyphen at which no line ends
        ("2023", "٢٠٢٣"),
        ("2023", "२०२३"),
        ("コンプレッサー", "ｺﾝﾌﾟﾚｯｻｰ"),
        ("لا", "\ufefb"),  # lam and alef as one presentation form
        ("خلال", "\ufea7\ufefc\ufedd"),
        ("الله", "\ufdf2"),
        ("كتاب", "ک\u062aاب"),  # as a Persian keyboard types it
        ("كتاب", "كِتَاب"),
        ("ريال", "\ufdfc"),
        ("שלום", "שָׁלוֹם"),
        ("שלום", "\ufb2aלום"),
        ("น้ำ", "น\u0e4d\u0e49า"),  # marks in the order of the keyboard
        ("क़लम", "क\u093cलम"),
    ],
)
def test_what_looks_alike_is_the_same(one: str, other: str) -> None:
    assert wholes(one) == wholes(other)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("की", "का"), ("ปี", "ปู")])
def test_marks_that_make_another_letter_tell_words_apart(one: str, other: str) -> None:
    assert wholes(one) != wholes(other)


@given(st.text())
def test_wholes_of_wholes_are_the_wholes(text):
    found = wholes(text)
    assert wholes(" ".join(found)) == found
