"""The sheet shows queries with their pages, and needs nothing but itself."""

import re
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image

from tests.fixtures.embedder import TinyEmbedder
from tests.training.pairs.parts import pair, picture, write_small
from training.pairs.mine import mine
from training.pairs.negatives import Demand
from training.pairs.show import by_turns, show, thumbnail
from vdr.errors import BadInput


def sheet(folder, count=40):
    out = folder.parent / "sheet.html"
    shown = show(folder, out, count, seed=0)
    return shown, out.read_text(encoding="utf-8")


def test_every_query_is_shown_with_its_right_pages(small):
    shown, html = sheet(small)
    assert shown == 4 and html.count("<article>") == 4
    assert html.count('class="right"') == 5  # one query has two
    assert html.count('class="wrong"') == 0 and "none mined yet" in html
    assert "phrases · train" in html and "c.pdf, page 2" in html


def test_negatives_are_shown_once_they_are_mined(small):
    mine(small, TinyEmbedder(), Demand(2), print)
    _, html = sheet(small)
    assert html.count('class="wrong"') == 8 and "found with tiny" in html


def test_the_sheet_refers_to_nothing_outside(small):
    _, html = sheet(small)
    assert set(re.findall(r'(?:src|href)="([^:"]*)', html)) == {"data"}
    assert "<script" not in html and "@import" not in html and "url(" not in html


def test_counts_of_the_manifest_are_on_it(small):
    _, html = sheet(small)
    assert re.search(r"<td>labelled</td><td>–</td><td>2</td>\s*<td>1</td>", html)


def test_what_a_query_says_cannot_become_markup(tmp_path):
    folder = write_small(tmp_path / "small", [pair("a.pdf", 1, "<script>alert(1)</script>")])
    assert "&lt;script&gt;alert(1)" in sheet(folder)[1]


def test_no_more_are_shown_than_asked_for_and_kinds_take_turns(small):
    assert sheet(small, 2)[0] == 2
    one, two, three = (pair("a.pdf", n, str(n)) for n in (1, 2, 3))
    assert by_turns([[one, two], [three]], 2) == [one, three]
    assert by_turns([[one, two], [three]], 9) == [one, three, two]


def test_thumbnails_are_small_images():
    uri = thumbnail(picture("page", (1200, 1600)))
    image = Image.open(BytesIO(b64decode(uri.removeprefix("data:image/webp;base64,"))))
    assert image.format == "WEBP" and image.size == (360, 480)


def test_a_file_that_cannot_be_written_is_said_at_once(small):
    with pytest.raises(BadInput, match="Cannot write"):
        show(small, small / "nowhere" / "sheet.html", 1, 0)
