"""The stretches of a page that a model reads."""

import numpy as np
import pytest

from vdr.search.sought import sought_by
from vdr.search.source import source_of
from vdr.search.windows import windows_of
from vdr.types import Print, QueryVectors

FILLER = "The weather was as it often is in that part of the country at the end of a long year . "


def windows(text: str, *asked: str) -> tuple[str, ...]:
    sought = sought_by(QueryVectors(np.zeros(2, np.float32), terms=asked))
    return windows_of(source_of(Print(tuple(text.split())), sought), sought)


def test_a_short_page_is_one_window() -> None:
    text = "Fees rose. The harbour is open all day."
    assert windows(text, "harbour") == windows(text, "fees", "harbour") == windows(text, "none") == (text,)


def test_the_answer_is_in_a_window_wherever_it_stands() -> None:
    for place in (0, 17, 60):
        sentences = [FILLER] * 60
        sentences.insert(place, "Harbour fees rose to 12 euros . ")
        found = windows("".join(sentences), "harbour", "fees")
        assert "Harbour fees rose to 12 euros" in found[0]


def test_windows_are_short_few_and_have_nothing_in_common() -> None:
    numbered = " ".join(f"Fee {n} of the harbour is due in week {n} of the year." for n in range(200))
    found = windows(numbered, "harbour", "fee")
    assert len(found) == 3
    assert all(len(window.split()) <= 160 for window in found)
    sentences = [sentence for window in found for sentence in window.split(".") if sentence.strip()]
    assert len(sentences) == len(set(sentences))


def test_what_has_more_of_the_question_comes_first() -> None:
    one, both = "Harbour news . " + FILLER * 12, "Harbour fees . " + FILLER * 12
    found = windows(one * 2 + both + one * 2, "harbour", "fees")
    assert "Harbour fees" in found[0]
    assert all("Harbour" in window for window in found)


def test_of_a_page_without_any_of_it_its_beginning_is_read() -> None:
    (found,) = windows("Annual report . " + FILLER * 40, "harbour")
    assert found.startswith("Annual report")


@pytest.mark.parametrize("text", ["", "  "])
def test_a_page_without_words_has_none(text: str) -> None:
    assert windows(text, "harbour") == ()


def test_a_page_without_any_end_of_a_sentence_is_cut() -> None:
    found = windows("word " * 5_000 + "harbour " + "word " * 5_000, "harbour")
    assert len(found) == 1
    assert "harbour" in found[0].split()
    assert len(found[0].split()) <= 160
