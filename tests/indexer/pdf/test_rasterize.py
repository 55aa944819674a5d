"""Pages become images of exact size; a page that fails is lost alone; memory is bounded by construction."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pdf.rasterize import page_ranges, rasterize, rasterize_range
from tests.fixtures import pdfs
from vdr.errors import MissingProgram, PageFailed, PageTimeout
from vdr.settings import IngestSettings

SMALL = IngestSettings(page_long_side=256)


def test_every_page_comes_once_and_in_order(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 20)
    pages = list(rasterize(path, range(1, 21), SMALL))
    assert [number for number, _ in pages] == list(range(1, 21))
    assert len({image.tobytes() for _, image in pages}) == 20


@pytest.mark.parametrize("long_side", [256, 777, 1536])
@pytest.mark.parametrize("size", [pdfs.A4, (842.0, 595.0), (612.3, 791.7), (500.0, 500.0), (20.0, 3000.0)])
def test_the_long_side_is_exact(tmp_path, size, long_side):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=size)
    [(_, image)] = rasterize(path, [1], IngestSettings(page_long_side=long_side))
    assert image.mode == "RGB"
    assert max(image.size) == long_side
    assert abs(min(image.size) - long_side * min(size) / max(size)) <= 1


def test_a_turned_page_is_shown_as_turned(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=(400, 600), rotation=90)
    [(_, image)] = rasterize(path, [1], SMALL)
    assert image.width < image.height  # reportlab lays the 400 x 600 page down before it is turned


def test_the_crop_box_is_what_is_shown(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], crop_box=(0, 0, 100, 400))
    [(_, image)] = rasterize(path, [1], SMALL)
    assert image.size == (64, 256)


def test_only_the_pages_asked_for(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 12)
    assert [number for number, _ in rasterize(path, [2, 3, 9, 12], SMALL)] == [2, 3, 9, 12]
    assert list(rasterize(path, [], SMALL)) == []


def test_an_endless_page_is_killed_and_lost_alone(tmp_path):
    path = pdfs.write_with_endless_page(tmp_path / "a.pdf")
    settings = IngestSettings(page_long_side=256, page_timeout_s=5.0)
    pages = dict(rasterize(path, [1, 2, 3], settings))
    assert isinstance(pages[2], PageTimeout)
    assert pages[1].tobytes() == pages[3].tobytes()


def test_a_page_beyond_the_end_fails_alone(tmp_path):
    path = pdfs.write_report(tmp_path / "a.pdf", 2)
    pages = dict(rasterize(path, [1, 2, 3], SMALL))
    assert isinstance(pages[3], PageFailed)
    assert not isinstance(pages[2], PageFailed)


def test_a_file_that_is_gone_fails_every_page(tmp_path):
    pages = dict(rasterize(tmp_path / "gone.pdf", [1, 2], SMALL))
    assert [type(page) for page in pages.values()] == [PageFailed, PageFailed]


def test_half_an_image_from_a_crashed_poppler_is_a_failure(tmp_path, monkeypatch):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    program = tmp_path / "pdftoppm"
    program.write_text("#!/bin/sh\nprintf 'P6\\n100 100\\n255\\nxyz'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    [(_, page)] = rasterize(path, [1], SMALL)
    assert isinstance(page, PageFailed)


def test_without_poppler_its_name_is_told(tmp_path, monkeypatch):
    path = pdfs.write_report(tmp_path / "a.pdf", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="poppler"):
        rasterize_range(path, range(1, 2), SMALL)


@given(numbers=st.sets(st.integers(1, 200)), long_side=st.integers(256, 8192))
def test_ranges_cut_the_pages_on_a_fixed_grid(numbers, long_side):
    settings = IngestSettings(page_long_side=long_side)
    ranges = page_ranges(sorted(numbers), settings)
    assert list(itertools.chain.from_iterable(ranges)) == sorted(numbers)
    whole = page_ranges(range(1, 201), settings)
    for part in ranges:
        assert sum(set(part) <= set(run) for run in whole) == 1


@given(long_side=st.integers(256, 8192))
def test_a_range_never_holds_more_pixels_than_eight_ordinary_pages(long_side):
    longest = max(map(len, page_ranges(range(1, 101), IngestSettings(page_long_side=long_side))))
    assert longest == 1 or longest * long_side**2 <= 8 * 1536**2
