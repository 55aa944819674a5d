"""What people see as one page is one page, whatever else its file keeps."""

import io
import struct
import weakref

import numpy as np
import pikepdf
import pytest
import tifffile
from PIL import Image, ImageDraw, ImageFont, TiffImagePlugin

from indexer.pdf.as_pdf import as_pdf
from indexer.pdf.frames import Picture, pictures
from indexer.pdf.inspect import count_pages, inspect
from indexer.pdf.pictured import write_pictures
from tests.indexer.pdf.test_as_pdf import SETTINGS, converted, half_black, saved, shown
from vdr.errors import FileTooLarge
from vdr.settings import IngestSettings


def page(text, size=(850, 1_100)):
    image = Image.new("L", size, "white")
    ImageDraw.Draw(image).text((90, 120), text, "black", ImageFont.load_default(60))
    return image


def written(path, frames, **options):
    """A TIFF of images with their tags."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out, True) as tiff:
        for image, tags in frames:
            info = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in tags.items():
                info[tag] = value
            image.save(tiff, "TIFF", tiffinfo=info, **options)
            tiff.newFrame()
    path.write_bytes(out.getvalue())
    return path


def pages_in(path):
    with Image.open(path) as image:
        return [picture.image.size for picture in pictures(image, 10**8)]


def test_a_photograph_is_one_page_whatever_a_telephone_keeps_beside_it(tmp_path):
    gain, other_eye = Image.new("RGB", (30, 50), "gray"), half_black()
    path = tmp_path / "photo.jpg"
    half_black().save(path, "MPO", save_all=True, append_images=[gain, other_eye])
    pdf = converted(path, tmp_path)
    assert count_pages(pdf, "photo.jpg", SETTINGS) == 1
    assert shown(pdf).getpixel((70, 220)) < 50


@pytest.mark.parametrize("tags", [{254: 1}, {254: 4}, {254: 5}, {254: 8}, {255: 2}])
@pytest.mark.parametrize("copy_first", [False, True])
def test_copies_and_masks_of_a_tiff_are_no_pages(tmp_path, tags, copy_first):
    frames = [(page("The tide gauge"), {}), (page("The tide gauge").resize((85, 110)), tags)]
    path = written(tmp_path / "scan.tif", frames[::-1] if copy_first else frames)
    assert pages_in(path) == [(850, 1_100)]


def test_pages_that_say_so_are_pages(tmp_path):
    frames = [(page(f"Sheet {n}"), {254: 2, 297: (n, 3)}) for n in range(3)]
    assert len(pages_in(written(tmp_path / "scan.tif", frames))) == 3


def test_levels_of_a_pyramid_that_do_not_say_so_are_no_pages(tmp_path):
    full = [page(f"The keeper's log, sheet {n}\nFog from four to nine") for n in range(2)]
    levels = [(each.reduce(factor), {}) for each in full for factor in (1, 2, 4, 8)]
    assert pages_in(written(tmp_path / "slide.tif", levels)) == [(850, 1_100)] * 2


@pytest.mark.parametrize(
    "second", [page("Wholly other words", (425, 550)), Image.new("L", (425, 550), "white")]
)
def test_a_smaller_page_of_the_same_shape_is_a_page(tmp_path, second):
    path = written(tmp_path / "scan.tif", [(page("The tide gauge was cleaned"), {}), (second, {})])
    assert len(pages_in(path)) == 2


def test_a_file_of_nothing_but_a_copy_is_one_page(tmp_path):
    assert pages_in(written(tmp_path / "small.tif", [(page("Only this"), {254: 1})])) == [(850, 1_100)]


@pytest.mark.parametrize("is_thumbnail_on_top", [True, False])
def test_an_image_below_another_is_the_page_if_the_other_is_its_thumbnail(tmp_path, is_thumbnail_on_top):
    scan, thumbnail = (Image.effect_noise((64, 32), 60), 0), (Image.effect_noise((16, 8), 60), 1)
    path = tmp_path / "raw.tif"
    path.write_bytes(one_below_the_other(*((thumbnail, scan) if is_thumbnail_on_top else (scan, thumbnail))))
    assert pages_in(path) == [(64, 32)]


def one_below_the_other(top, below):
    """A TIFF whose directory leads to another by its tag SubIFDs; each is an image and its subfile type."""
    pixels = [image.tobytes() for image, _ in (top, below)]
    starts = 8, 8 + len(pixels[0])
    first = starts[1] + len(pixels[1])
    second = first + 2 + 12 * 11 + 4
    directories = [
        _directory(image, subfile, start, extra)
        for (image, subfile), start, extra in zip((top, below), starts, ([(330, 4, second)], []), strict=True)
    ]
    return b"".join([struct.pack("<2sHI", b"II", 42, first), *pixels, *directories])


def _directory(image, subfile, start, extra):
    width, height = image.size
    rows = [(254, 4, subfile), (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    rows += [(273, 4, start), (277, 3, 1), (278, 4, height), (279, 4, width * height), *extra]
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in rows)
    return struct.pack("<H", len(rows)) + packed + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_of_large_offsets_is_a_tiff(tmp_path, order):
    tifffile.imwrite(tmp_path / "big", np.asarray(half_black(mode="L")), bigtiff=True, byteorder=order)
    page_image = shown(converted(tmp_path / "big", tmp_path))
    assert page_image.getpixel((70, 40)) > 200 and page_image.getpixel((70, 220)) < 50


def test_an_image_too_large_for_the_memory_is_said(tmp_path):
    path = saved(tmp_path / "large.png", Image.new("L", (12_000, 12_000)), "PNG")
    settings = IngestSettings(program_memory_bytes=2**27)
    with pytest.raises(FileTooLarge, match="needs more memory") as refused:
        as_pdf(inspect(path, path.name, settings), settings, tmp_path)
    assert "VDR_PROGRAM_MEMORY_BYTES" in refused.value.remedy


def test_one_page_is_in_memory_at_a_time():
    alive = []

    def made():
        for _ in range(5):
            gone = [reference() is None for reference in alive[:-1]]
            assert all(gone)
            image = Image.new("L", (10, 10))
            alive.append(weakref.ref(image))
            yield Picture(image, (150, 150))
            del image

    assert write_pictures(io.BytesIO(), made()) == 5


def test_pages_beyond_what_jpeg_and_pdf_can_hold_are_made_smaller(tmp_path):
    path = saved(tmp_path / "strip.png", Image.new("1", (8, 70_000), 1), "PNG", dpi=(36, 36))
    pdf = converted(path, tmp_path)
    assert count_pages(pdf, "strip.png", SETTINGS) == 1
    with pikepdf.open(pdf) as opened:
        assert float(opened.pages[0].mediabox[3]) == 14_400
