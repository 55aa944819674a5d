"""Large pages come in tiles at the scale of their print; ordinary ones do not."""

from itertools import pairwise

import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer.ocr.complete import read_large_page
from indexer.pdf.closer import _spans, closer_look
from indexer.pdf.prepare import prepare_pages
from tests.fixtures import pdfs
from tests.indexer.ocr.test_ocr import needs_tesseract
from tests.indexer.pdf.test_as_pdf import converted, saved
from vdr.closer import CLOSER_LOOK
from vdr.models.embedder import load_embedder
from vdr.settings import PAGE_READER, IngestSettings, ModelSettings, Rasterizer

SETTINGS = IngestSettings()
A0 = (2_384.0, 3_370.0)


@pytest.fixture(scope="module")
def embedder():
    return load_embedder(ModelSettings(embedder=PAGE_READER))


def prepared(pdf, settings=SETTINGS):
    (page,) = prepare_pages(pdf, range(1, 2), settings).pages
    return page


def tiles_of(pdf, points, settings=SETTINGS):
    look = closer_look(pdf, 1, points, settings)
    assert look is not None
    return list(look())


@pytest.mark.parametrize("points", [pdfs.A4, (842.0, 595.0), (612.0, 1_008.0), (960.0, 540.0)])
def test_pages_of_ordinary_size_have_no_tiles(tmp_path, points):
    assert closer_look(tmp_path / "a.pdf", 1, points, SETTINGS) is None


@pytest.mark.parametrize("rasterizer", Rasterizer)
@pytest.mark.parametrize("points", [A0, (204.0, 4_255.0), (3_000.0, 150.0)])
def test_tiles_cover_the_page_at_the_scale_of_print(tmp_path, points, rasterizer):
    pdf = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=points)
    tiles = tiles_of(pdf, points, IngestSettings(rasterizer=rasterizer))
    assert sum((t.core.x1 - t.core.x0) * (t.core.y1 - t.core.y0) for t in tiles) == pytest.approx(1)
    for tile in tiles:
        assert max(tile.image.size) <= 2_048
        dots = [
            tile.image.width / ((tile.box.x1 - tile.box.x0) * points[0] / 72),
            tile.image.height / ((tile.box.y1 - tile.box.y0) * points[1] / 72),
        ]
        assert dots == pytest.approx([150, 150], rel=0.02)


@pytest.mark.parametrize("length", [1, 2_047, 2_048, 2_049, 4_000, 50_000])
def test_spans_overlap_and_leave_nothing_out(length):
    spans = _spans(length)
    assert (spans[0][0], spans[-1][1]) == (0, length)
    assert all(end - start <= 2_049 for start, end in spans)
    assert all(before[1] - after[0] == 256 for before, after in pairwise(spans))


def test_what_the_first_rasterizer_cannot_draw_the_other_one_draws(tmp_path, monkeypatch):
    pdf = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=A0)
    monkeypatch.setattr("indexer.pdf.closer.pdfium_command", lambda *_: ["false"])
    assert tiles_of(pdf, A0, IngestSettings(rasterizer=Rasterizer.PDFIUM))


def test_a_page_that_cannot_be_drawn_has_no_tiles(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    assert tiles_of(tmp_path / "a.pdf", A0) == []


def test_a_page_too_large_for_its_limits_is_drawn_smaller(tmp_path):
    pdf = pdfs.write_pdf(tmp_path / "a.pdf", ["text"], size=A0)
    tiles = tiles_of(pdf, A0, IngestSettings(max_file_bytes=6_000_000))
    assert sum(tile.image.width * tile.image.height for tile in tiles) < 9_000_000


@pytest.mark.parametrize(("size", "has_tiles"), [((1_400, 787), False), (A0, True)])
def test_a_text_layer_says_whether_its_print_is_small(tmp_path, size, has_tiles):
    """14 points: on a large slide as high as 9 points on a page of A4, on A0 lost."""
    pdf = pdfs.write_pdf(tmp_path / "a.pdf", ["one two three four five six seven eight nine ten"], size=size)
    assert (CLOSER_LOOK in prepared(pdf).image.info) is has_tiles


GOODS = ["rye bread", "goat cheese", "lamp oil", "sea salt", "hemp rope", "smoked eel"]


def strip(size, step=34, is_level=True):
    """Rows of goods from one end of a strip to the other, each with its number."""
    length = max(size)
    image = Image.new("L", (min(size), length) if is_level else size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    for number, y in enumerate(range(20, image.height - step, step)):
        draw.text((30, y), f"{GOODS[number % len(GOODS)]} {1_000 + number}", "black", font)
    return image


def read(embedder, pdf):
    (vectors,) = embedder.encode_pages([prepared(pdf).image])
    return vectors.words


def test_a_strip_is_read_from_end_to_end(tmp_path, embedder):
    image = strip((576, 12_000))
    pdf = converted(saved(tmp_path / "receipt.png", image, "PNG", dpi=(203, 203)), tmp_path)
    words = read(embedder, pdf)
    expected = {str(1_000 + n): y + 16 for n, y in enumerate(range(20, 12_000 - 34, 34))}
    middles = [(word.text, (word.box.y0 + word.box.y1) / 2 * 12_000) for word in words]
    found = [text for text, y in middles if abs(expected.get(text, -99) - y) < 15]
    # On a CPU without VNNI products in eight bits saturate, and of 352 words 340 are right.
    assert len(found) == len(set(found)) >= 0.96 * len(expected)


def test_a_plan_is_read_in_all_its_corners(tmp_path, embedder):
    plan = Image.new("L", (6_600, 4_600), "white")
    draw, font = ImageDraw.Draw(plan), ImageFont.load_default(30)
    places = {
        f"4{column}{row}7": (300 + 1_000 * column, 300 + 500 * row) for row in range(9) for column in range(6)
    }
    for text, place in places.items():
        draw.text(place, f"Sluice {text}", "black", font)
    draw.text((2_000, 50), "DRAWING", "black", ImageFont.load_default(220))
    pdf = converted(saved(tmp_path / "plan.png", plan, "PNG", dpi=(200, 200)), tmp_path)
    words = read(embedder, pdf)
    texts = [word.text for word in words]
    assert sum(text in texts for text in places) >= 50
    assert texts.count("DRAWING") == 1
    assert len(words) <= 2 * len(places) + 1  # none twice


@needs_tesseract
def test_tesseract_reads_a_strip_as_well(tmp_path):
    pdf = converted(saved(tmp_path / "receipt.png", strip((576, 3_000)), "PNG", dpi=(203, 203)), tmp_path)
    image = prepared(pdf).image
    words = read_large_page(pdf, 1, (), image.size, "eng", SETTINGS)
    expected = {str(1_000 + n) for n in range(len(range(20, 3_000 - 34, 34)))}
    assert len(expected & {word.text for word in words}) >= 0.9 * len(expected)
