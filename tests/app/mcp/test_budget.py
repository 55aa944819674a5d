"""How tokens are counted, and text cut to fit."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.mcp.budget import CUT, Budget, image_tokens, text_tokens
from app.mcp.cursors import Place, cursor_at, following, read_cursor
from vdr.errors import BadInput


def test_text_is_a_token_for_three_bytes_and_an_image_one_for_750_pixels() -> None:
    assert [text_tokens(text) for text in ("", "a", "abc", "abcd", "鯨")] == [0, 1, 1, 2, 1]
    out = BytesIO()
    Image.new("RGB", (1_000, 1_414)).save(out, "JPEG")
    assert image_tokens(out.getvalue()) == 1_886


@given(st.text(), st.integers(0, 60))
def test_what_is_cut_fits_and_is_paid_for(text: str, tokens: int) -> None:
    budget = Budget(tokens)
    kept = budget.cut(text)
    assert text_tokens(kept) == tokens - budget.tokens <= tokens
    assert kept == text or not kept or (kept.endswith(CUT) and text.startswith(kept.removesuffix(CUT)))


def test_words_stay_whole() -> None:
    assert Budget(6).cut("net sales by region rose") == "net sales …"
    assert Budget(1).cut("net sales") == ""


@given(st.text(), st.integers(0, 99))
def test_a_cursor_is_read_as_it_was_written(of_service: str, skipped: int) -> None:
    place = Place(of_service, skipped)
    assert read_cursor(cursor_at(place)) == place


def test_a_cursor_stays_in_an_answer_until_all_of_it_was_shown() -> None:
    assert following(Place("x", 1), 2, 5, "y") == cursor_at(Place("x", 3))
    assert following(Place("x", 1), 4, 5, "y") == cursor_at(Place("y"))
    assert following(Place("x", 1), 4, 5, None) is None


@pytest.mark.parametrize("cursor", ["?", "abc", "é", cursor_at(Place("x"))[:-1] + "!"])
def test_what_is_no_cursor_is_bad_input(cursor: str) -> None:
    with pytest.raises(BadInput, match="this is not a cursor"):
        read_cursor(cursor)
