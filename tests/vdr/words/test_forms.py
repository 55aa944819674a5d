"""What people ask for finds what is written, in every form and script; and the other way round."""

import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.index.bm25 import page_terms
from vdr.index.bm25 import query_terms as query_vector
from vdr.types import Box, Word
from vdr.words import as_written, asked_terms, asked_words, query_terms, terms, wholes
from vdr.words.earlier import earlier_terms

WRITTEN = {
    "codes": [
        ("7721", "KX-7721-B"),
        ("KX7721B", "KX-7721-B"),
        ("KX-7721-B", "KX7721B"),
        ("W-2", "W2"),
        ("W2", "W-2"),
        ("MT310/44", "MT-310/44"),
        ("MT31044", "MT-310/44"),
        ("RZ88", "RZ88-Q"),
        ("55210008", "55.210.008"),
        ("5551234", "555-1234"),
        ("usa", "U.S.A."),
    ],
    "amounts": [
        ("12480.5", "12,480.50"),
        ("12480.50", "12.480,50"),
        ("12,480.50", "12 480,50"),
        ("12 480,50", "€12480.50"),
        ("1045.75", "1.045,75"),
        ("2960.15", "2'960.15"),
        ("1234567", "12,34,567"),
        ("18630.4", "18\u00a0630,40"),
        ("3.5", "3,50"),
    ],
    "units": [
        ("250 kg", "250kg"),
        ("250kg", "250 kg"),
        ("1000 kg", "1,000kg"),
        ("18 m", "18m,"),
        ("10 °C", "10°C"),
    ],
    "dates": [
        ("17 May 2031", "2031-05-17"),
        ("17 May 2031", "17/05/2031"),
        ("May 17, 2031", "17.05.2031"),
        ("2031-05-17", "the 17th of May 2031"),
        ("2031-05-17", "17 de mayo de 2031"),
        ("2031-05-17", "17 мая 2031 г."),
        ("2031-05-17", "17-May-2031"),
        ("2031-05-17", "5/17/2031"),
        ("2031-05-17", "17.05.31"),
        ("2031-05-17", "2031年5月17日"),
        ("2031-05-17", "2031년 5월 17일"),
        ("2031", "2031-05-17"),
        ("May 2031", "2031-05-17"),
    ],
    "compounds": [
        ("pump house", "pump-house"),
        ("pump house", "pumphouse"),
        ("pump-house", "pump house"),
        ("pump-house", "pumphouse"),
        ("pumphouse", "pump house"),
        ("pumphouse", "pump-house"),
        ("email", "e-mail"),
        ("kickoff", "kick off"),
    ],
    "inflections": [
        ("boats", "boat"),
        ("boat", "two boats"),
        ("inspecting", "inspected"),
        ("harbour", "harbour's"),
        ("Pumpe", "Die Pumpen und der Kran"),
        ("société", "les sociétés de la ville"),
        ("contrato", "los contratos de la empresa"),
        ("книга", "книгами"),
        ("λιμάνι", "λιμάνια"),
        ("كتاب", "الكتاب"),
        ("जाँच", "जाँचों"),
    ],
    "divided words": [
        ("commencement", "com- mencement"),
        ("commencement", "com\u00ad mencement"),
        ("pump-house", "pump- house"),
        ("ASSESSMENT", "ASSESS- MENT"),
        ("KX-7721-B", "KX-7721- B"),
        ("起重机", "起重 机"),
    ],
    "spaced words": [
        ("regatta", "R E G A T T A"),
        ("λιμάνι", "Λ Ι Μ Α Ν Ι"),
        ("起重机", "码 头 起 重 机"),
        ("계약", "계 약 서"),
        ("kx7721b", "K X 7 7 2 1 B"),
    ],
    "Chinese and Japanese": [
        ("费", "渔船登记费用表"),
        ("登记", "渔船登记费用表"),
        ("水", "水温を測る"),
        ("水の量", "水温"),
    ],
    "Korean": [
        ("계약서", "계약서에"),
        ("창고", "냉동창고에서"),
        ("등대", "등대의 전지는"),
        ("교체", "교체하였습니다"),
        ("점검을", "점검은"),
    ],
    "scripts without spaces": [
        ("ห้องเย็น", "คู่มือห้องเย็นและสัญญาณเตือน"),
        ("ປະເທດ", "ຢູ່ໃນປະເທດລາວ"),
        ("ភ្នំពេញ", "រាជធានីភ្នំពេញកម្ពុជា"),
        ("မြန်မာ", "ပြည်ထောင်စုမြန်မာနိုင်ငံ"),
    ],
    "Arabic, Persian and Hebrew": [
        ("خلال", "خالل"),  # as poppler gives a glyph of lam and alef
        ("الإسلام", "اإلسالم"),
        ("الله", "هللا"),  # and a word that is one glyph
        ("ریال", "لایر"),
        ("می‌شود", "میشود"),
        ("שנתי", "השנתי"),
        ("חשבון", "החשבונות"),
        ("צה״ל", 'צה"ל'),
    ],
}  # fmt: skip
# In all other kinds both say the same.
ONE_FIRST = ("codes", "amounts", "compounds", "inflections", "Korean")
PAIRS = [pytest.param(*pair, id=f"{kind}: {pair[0]}") for kind, pairs in WRITTEN.items() for pair in pairs]


@pytest.mark.parametrize(("asked", "written"), PAIRS)
def test_a_page_is_found_by_every_form_of_what_it_says(asked: str, written: str) -> None:
    assert set(query_terms(asked)) & set(terms(written))


@pytest.mark.parametrize(("asked", "written"), [pair for kind in ONE_FIRST for pair in WRITTEN[kind]])
def test_the_page_that_says_the_very_words_comes_first(asked: str, written: str) -> None:
    assert _score(asked, asked) > _score(asked, written) > 0


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("pump", "a pumpkin"),
        ("7721", "77210"),
        ("12480.5", "124805"),
        ("17 May 2031", "18/06/2032"),
        ("250 lbs", "2500kg"),
        ("regatta", "R E G A L"),
        ("창고", "등대의 전지는"),
        ("起重机", "渔船登记费用表"),
        ("ภาษี", "ห้องเย็น"),
    ],
)
def test_what_only_resembles_is_not_found(asked: str, written: str) -> None:
    assert not set(query_terms(asked)) & set(terms(written))


def _score(asked: str, written: str) -> float:
    weights = {term: form.share for term, form in asked_terms(asked).items()}
    query = query_vector([], weights)
    page = page_terms([Word(text, Box(n, 0, n + 0.99, 1)) for n, text in enumerate(written.split())])
    stored = dict(zip(page.indices, page.values, strict=True))
    return sum(weight * stored.get(i, 0.0) for i, weight in zip(query.indices, query.values, strict=True))


LETTERS = st.sampled_from("abcdefgßéøжщλאبकกက起か한")
TEXT = st.lists(st.text(st.one_of(LETTERS, st.characters(categories=["L", "N"])), min_size=1), max_size=6)
Normal = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS = st.sampled_from(get_args(Normal))


@given(TEXT, FORMS, FORMS)
def test_a_text_is_found_by_itself_however_unicode_writes_it(
    words: list[str], one: Normal, other: Normal
) -> None:
    text = " ".join(words)
    asked, held = query_terms(unicodedata.normalize(one, text)), terms(unicodedata.normalize(other, text))
    assert set(asked_words(unicodedata.normalize(one, text))) <= set(asked)
    assert not asked or set(asked) & set(held)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=20), st.data())
def test_a_word_divided_at_a_lines_end_is_found_whole(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    assert word in terms(f"{word[:at]}- {word[at:]}")


@given(st.text("abcdefghijklmnopqrstuvwxyzжщλבกか起한", min_size=3, max_size=20))
def test_a_word_set_letter_by_letter_is_found_whole(word: str) -> None:
    assert set(wholes(word)) <= set(terms(" ".join(word)))


@given(st.lists(st.text(LETTERS, min_size=2), min_size=1))
def test_questions_have_the_terms_of_the_version_before(words: list[str]) -> None:
    asked = " ".join(words)
    assert {term for term in earlier_terms(asked) if len(term) > 1} <= set(query_terms(asked))


@pytest.mark.parametrize(
    "asked", ["계약서에 서명", "がんばる", "घाट की क्रेन", "คู่มือห้องเย็น", "Годовой отчёт", "کتاب"]
)
def test_questions_in_all_scripts_have_them(asked: str) -> None:
    assert {term for term in earlier_terms(asked) if len(term) > 1} <= set(query_terms(asked))


def test_only_naming_words_are_searched_for():
    assert asked_words("Which of the charts shows the wind speed, and the wind power?") == [
        "charts", "shows", "wind", "speed", "power",
    ]  # fmt: skip
    assert not {"which", "of", "the", "and"} & set(query_terms("Which of the charts shows the wind speed?"))


def test_a_question_of_asking_words_keeps_them():
    assert asked_words("who is who") == ["who", "is"]
    assert set(asked_words("who is who")) <= set(query_terms("who is who"))


def test_what_a_question_writes_is_told_with_its_words() -> None:
    assert as_written("Is the pH of “Ethanol” – well-known – 3/4?") == {
        "Is": ["is"],
        "the": ["the"],
        "pH": ["ph"],
        "of": ["of"],
        "Ethanol": ["ethanol"],
        "well-known": ["well-known"],
        "3/4": ["3", "4"],
    }
