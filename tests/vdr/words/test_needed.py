"""Looking for wanted terms alone finds what making all forms of all words finds."""

import random
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vdr.words.test_forms import WRITTEN
from vdr.types import Box
from vdr.words import query_terms, row_of, wanted_in
from vdr.words.needed import needed

PAIRS = list(chain.from_iterable(WRITTEN.values()))
FILLER = """
the and of a I 3 7 12 480,50 2 019 May 17 2031 kg (kg) $1,452.4 23.2% W-2 10-K U.S. com- mencement pump
house on line Äpfel häuser été 东京 都市 2031年 5月 17日 สวัสดี 계약서에 التعاقد שלום R E G A T T A
naïve café’s — • it's dying skies leaves 192.168.0.1 3.5x °C 10 °C e-mail http://a.b/c – , 000
017 Mai mai. 5/17/2031 – "quoted"
""".split()  # noqa: SIM905


@pytest.mark.parametrize("is_set", [False, True])
@pytest.mark.parametrize(("asked", "on_page"), PAIRS)
def test_every_way_to_write_a_thing_is_found_among_other_words(
    asked: str, on_page: str, is_set: bool
) -> None:
    draw = random.Random(asked + on_page)
    texts = [*draw.choices(FILLER, k=20), *on_page.split(), *draw.choices(FILLER, k=20)]
    boxes = [Box(0.02 * n, 0.1, 0.02 * n + 0.015, 0.12) for n in range(len(texts))] if is_set else None
    _assert_same(texts, frozenset(query_terms(asked)), boxes)


@given(st.lists(st.sampled_from(FILLER), max_size=40), st.lists(st.sampled_from(FILLER), max_size=4))
def test_any_words_are_found_as_if_all_were_looked_at(texts: list[str], asked: list[str]) -> None:
    _assert_same(texts, frozenset(query_terms(" ".join(asked))))


@given(st.lists(st.text(max_size=12), max_size=20), st.text(max_size=20))
def test_whatever_characters_there_are(texts: list[str], asked: str) -> None:
    _assert_same(texts, frozenset(query_terms(" ".join([*texts[:2], asked]))))


def test_of_plain_words_only_those_that_matter_are_looked_at() -> None:
    page = "the annual pumps of every division sold 1,250 units in 2019".split()  # noqa: SIM905
    assert needed(page, frozenset({"pump", "2019"}), ("english",)) == {"pumps", "2019"}


def _assert_same(texts: list[str], wanted: frozenset[str], boxes: list[Box] | None = None) -> None:
    everything = list(wanted_in(row_of(texts, boxes), wanted))
    assert list(wanted_in(row_of(texts, boxes, wanted=wanted), wanted)) == everything
