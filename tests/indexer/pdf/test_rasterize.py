"""Pages become images of exact size; a page that fails is lost alone; memory is bounded by construction."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from indexer.pdf.poppler import draw_by_poppler
from indexer.pdf.rasterize import page_ranges, rasterize, rasterize_range
from tests.fixtures import odd_pages, pdfs
from tests.fixtures.hanging import is_gone, write_hanging, write_program
from vdr.errors import MissingProgram, PageFailed, PageTimeout
from vdr.settings import IngestSettings, Rasterizer

SMALL = IngestSettings(page_long_side=256)
PDFIUM = IngestSettings(page_long_side=256, rasterizer=Rasterizer.PDFIUM)


def test_every_page_comes_once_and_in_order(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 20)
    pages = list(rasterize(path, range(1, 21), SMALL))
    assert [number for number, _ in pages] == list(range(1, 21))
    assert len({image.tobytes() for _, image in pages}) == 20


@pytest.mark.parametrize("rasterizer", Rasterizer)
@pytest.mark.parametrize("long_side", [256, 777, 1536])
@pytest.mark.parametrize("size", [pdfs.A4, (842.0, 595.0), (612.3, 791.7), (500.0, 500.0), (20.0, 3000.0)])
def test_the_long_side_is_exact(tmp_path, size, long_side, rasterizer):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=size)
    [(_, image)] = rasterize(path, [1], IngestSettings(page_long_side=long_side, rasterizer=rasterizer))
    assert image.mode == "RGB"
    assert max(image.size) == long_side
    assert abs(min(image.size) - long_side * min(size) / max(size)) <= 1


@pytest.mark.parametrize("settings", [SMALL, PDFIUM])
def test_a_turned_page_is_shown_as_turned(tmp_path, settings):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=(400, 600), rotation=90)
    [(_, image)] = rasterize(path, [1], settings)
    assert image.width < image.height  # reportlab lays the 400 x 600 page down before it is turned


@pytest.mark.parametrize("settings", [SMALL, PDFIUM])
def test_the_crop_box_is_what_is_shown(tmp_path, settings):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], crop_box=(0, 0, 100, 400))
    [(_, image)] = rasterize(path, [1], settings)
    assert image.size == (64, 256)


def test_only_the_pages_asked_for(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 12)
    assert [number for number, _ in rasterize(path, [2, 3, 9, 12], SMALL)] == [2, 3, 9, 12]
    assert list(rasterize(path, [], SMALL)) == []


def test_an_endless_page_is_killed_and_lost_alone(tmp_path):
    path = pdfs.write_with_endless_page(tmp_path / "a.pdf")
    settings = IngestSettings(page_long_side=256, page_timeout_s=2.0)
    pages = dict(rasterize(path, [1, 2, 3], settings))
    assert isinstance(pages[2], PageTimeout)
    assert pages[1].tobytes() == pages[3].tobytes()


@pytest.mark.parametrize("settings", [SMALL, PDFIUM])
def test_a_page_beyond_the_end_fails_alone(tmp_path, settings):
    path = pdfs.write_report(tmp_path / "a.pdf", 2)
    pages = dict(rasterize(path, [1, 2, 3], settings))
    assert isinstance(pages[3], PageFailed)
    assert not isinstance(pages[2], PageFailed)


@pytest.mark.parametrize("settings", [SMALL, PDFIUM])
def test_a_file_that_is_gone_fails_every_page(tmp_path, settings):
    pages = dict(rasterize(tmp_path / "gone.pdf", [1, 2], settings))
    assert [type(page) for page in pages.values()] == [PageFailed, PageFailed]


def test_both_rasterizers_show_the_same_page(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 2)
    for (_, one), (_, other) in zip(
        rasterize(path, [1, 2], SMALL), rasterize(path, [1, 2], PDFIUM), strict=True
    ):
        shades = [np.asarray(page.convert("L").reduce(8), float) for page in (one, other)]
        assert np.corrcoef(shades[0].ravel(), shades[1].ravel())[0, 1] > 0.9


def test_a_form_that_is_filled_in_is_drawn_with_its_answers(tmp_path):
    path = tmp_path / "form.pdf"
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(200, 200))
    canvas.acroForm.textfield(value="MMMMMMMM", x=20, y=80, width=160, height=40, borderWidth=0)
    canvas.showPage()
    canvas.save()
    path.write_bytes(made.getvalue())
    for settings in (SMALL, PDFIUM):
        [(_, page)] = rasterize(path, [1], settings)
        assert np.asarray(page).min() < 100


BROKEN = "printf 'P6\\n100 100\\n255\\nxyz'"  # half an image


class TestTheOtherRasterizer:
    @pytest.fixture
    def poppler(self, tmp_path, monkeypatch):
        """Puts a script in pdftoppm's place."""

        def replace(script):
            write_program(tmp_path / "pdftoppm", script)
            monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

        return replace

    @pytest.mark.parametrize("script", [BROKEN, "exit 1", "kill -9 $$"])
    def test_what_poppler_cannot_draw_pdfium_draws(self, tmp_path, poppler, script):
        path = pdfs.write_report(tmp_path / "a.pdf", 2)
        expected = [page.tobytes() for _, page in rasterize(path, [1, 2], PDFIUM)]
        poppler(script)
        assert [page.tobytes() for _, page in rasterize(path, [1, 2], SMALL)] == expected

    def test_what_pdfium_cannot_draw_poppler_draws(self, tmp_path, monkeypatch):
        path = pdfs.write_report(tmp_path / "a.pdf", 2)
        expected = [page.tobytes() for _, page in rasterize(path, [1, 2], SMALL)]
        monkeypatch.setattr("indexer.pdf.pdfium.pdfium_command", lambda *_: ["false"])
        assert [page.tobytes() for _, page in rasterize(path, [1, 2], PDFIUM)] == expected

    @pytest.mark.parametrize("settings", [SMALL, PDFIUM])
    def test_a_page_is_lost_if_neither_can(self, tmp_path, poppler, monkeypatch, settings):
        path = pdfs.write_report(tmp_path / "a.pdf", 1)
        poppler(BROKEN)
        monkeypatch.setattr("indexer.pdf.pdfium.pdfium_command", lambda *_: ["false"])
        [(_, page)] = rasterize(path, [1], settings)
        assert isinstance(page, PageFailed)

    def test_a_page_that_pdfium_leaves_blank_is_asked_of_poppler(self, tmp_path):
        lost, blank = tmp_path / "lost.pdf", pdfs.write_pdf(tmp_path / "blank.pdf", [""])
        lost.write_bytes(odd_pages.without_its_picture())
        assert isinstance(dict(rasterize(lost, [1], PDFIUM))[1], PageFailed)
        assert dict(rasterize(blank, [1], PDFIUM))[1].getextrema() == ((255, 255),) * 3


def test_a_pdfinfo_that_hangs_costs_no_more_than_a_page_may(tmp_path, monkeypatch):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    write_hanging(tmp_path / "pdfinfo", tmp_path / "child")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(PageTimeout):
        draw_by_poppler(path, range(1, 2), IngestSettings(page_timeout_s=1))
    assert is_gone(tmp_path / "child")


def test_without_poppler_its_name_is_told(tmp_path, monkeypatch):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="poppler"):
        rasterize_range(path, range(1, 2), SMALL)


@given(numbers=st.sets(st.integers(1, 200)), long_side=st.integers(256, 8192), at_once=st.integers(1, 100))
def test_ranges_cut_the_pages_on_a_fixed_grid(numbers, long_side, at_once):
    settings = IngestSettings(page_long_side=long_side)
    ranges = page_ranges(sorted(numbers), settings, at_once)
    assert list(itertools.chain.from_iterable(ranges)) == sorted(numbers)
    whole = page_ranges(range(1, 201), settings, at_once)
    for part in ranges:
        assert sum(set(part) <= set(run) for run in whole) == 1


@given(long_side=st.integers(256, 8192), at_once=st.integers(1, 100))
def test_a_range_is_as_long_as_an_embedder_asks_for_up_to_32_ordinary_pages(long_side, at_once):
    settings = IngestSettings(page_long_side=long_side)
    longest = max(map(len, page_ranges(range(1, 101), settings, at_once)))
    assert longest <= min(max(at_once, 8), 32)
    assert longest == 1 or longest * long_side**2 <= min(max(at_once, 8), 32) * 1536**2
    if long_side <= 1536:
        assert longest == min(max(at_once, 8), 32)


@given(long_side=st.integers(256, 8192))
def test_a_range_never_holds_more_pixels_than_eight_ordinary_pages(long_side):
    longest = max(map(len, page_ranges(range(1, 101), IngestSettings(page_long_side=long_side))))
    assert longest == 1 or longest * long_side**2 <= 8 * 1536**2
