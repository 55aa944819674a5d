"""An odd PDF is taken in with the pages it has, or refused with a reason, or loses the bad pages alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

from indexer.ingest import index_document
from indexer.pdf.inspect import count_pages
from indexer.pdf.prepare import PreparedPage, prepare_pages
from tests.fixtures import odd_pages, odd_pdfs
from tests.fixtures.libraries import library_in
from vdr import errors
from vdr.settings import IngestSettings
from vdr.types import DocumentState

SETTINGS = IngestSettings(page_long_side=256)
HOSTILE = IngestSettings(page_long_side=256, page_timeout_s=2)
UPRIGHT, LYING = (171, 256), (256, 171)


@dataclass(frozen=True)
class Shown:
    """A page as it must come out; by default all that can be seen of it are its words."""

    words: str = "hello world"
    size: tuple[int, int] = UPRIGHT
    is_visible: bool = True
    has_pictures: bool = False


HELLO = Shown()
PICTURE = Shown("", has_pictures=True)
LOST, LATE = errors.PageFailed.code, errors.PageTimeout.code

REFUSED: dict[str, tuple[Callable[[], bytes], type[errors.DocumentError]]] = {
    "cut off in the second page": (odd_pdfs.cut_off_in_the_second_page, errors.PdfBroken),
    "cut off in the xref": (odd_pdfs.cut_off_in_the_xref, errors.PdfBroken),
    "counts no pages": (partial(odd_pdfs.with_page_count, 0), errors.PdfEmpty),
    "counts less than no pages": (partial(odd_pdfs.with_page_count, -1), errors.PdfEmpty),
    "counts more pages than objects": (partial(odd_pdfs.with_page_count, 10**6), errors.PdfBroken),
    "counts more pages than a number holds": (partial(odd_pdfs.with_page_count, 2**40), errors.PdfEmpty),
    "5,001 pages": (partial(odd_pdfs.many_pages, 5_001), errors.TooManyPages),
    "asks for a password": (partial(odd_pages.encrypted, "user"), errors.PdfEncrypted),
    "a ZIP file": (odd_pdfs.zip_file, errors.NotAccepted),
    "a web page": (odd_pdfs.html, errors.NotAccepted),
    "a web page about PDFs": (partial(odd_pdfs.html, "It began with %PDF-1.7."), errors.PdfBroken),
    "no bytes": (bytes, errors.PdfEmpty),
}

DAMAGED = {
    "plain": (odd_pdfs.raw, [HELLO]),
    "no xref": (odd_pdfs.without_xref, [HELLO]),
    "an xref of wrong offsets": (odd_pdfs.with_wrong_offsets, [HELLO]),
    "an xref that loops": (odd_pdfs.with_looping_xref, [HELLO]),
    "a page tree that loops": (odd_pdfs.with_looping_page_tree, [HELLO, LOST]),
    "counts more pages than it has": (partial(odd_pdfs.with_page_count, 3), [HELLO, LOST, LOST]),
    "a content stream that cannot be inflated": (odd_pdfs.with_broken_stream, [HELLO, LOST, HELLO]),
    "a blank page in a damaged file": (partial(odd_pdfs.with_wrong_offsets, b""), [Shown("")]),
    "a blank page beside one with an error": (
        partial(odd_pdfs.raw, [b"", b"BT /G 20 Tf (lost) Tj ET 0 0 50 50 re f"]),
        [Shown(""), PICTURE],
    ),
    "no font at all": (odd_pages.no_font_at_all, [Shown("", has_pictures=True)]),  # by pdfium
    "JBIG2 of absurd size": (odd_pages.jbig2_bomb, [Shown("", has_pictures=True)]),
    "a picture that is not there": (odd_pages.without_its_picture, [LOST]),
}
LARGE = {
    "200 x 200 inches": (partial(odd_pdfs.sized, 14_400, 14_400), [Shown("", (256, 256), has_pictures=True)]),
    "one point square": (partial(odd_pdfs.sized, 1, 1), [Shown("", (256, 256), has_pictures=True)]),
    "a thread of a page": (partial(odd_pdfs.sized, 1, 14_400), [Shown("", (1, 256))]),
    "a page of 10^12 points": (
        partial(odd_pdfs.sized, 1e12, 1e12),
        [Shown("", (256, 256), has_pictures=True)],
    ),
    "100,000 objects": (partial(odd_pdfs.many_objects, 100_000), [HELLO]),
    "forms in forms": (partial(odd_pdfs.nested_forms, 50), [HELLO]),
    "a form that draws itself": (odd_pdfs.self_referencing_form, [Shown(has_pictures=True)]),
}
WORDS = {
    "an owner password only": (partial(odd_pages.encrypted, ""), [HELLO]),
    "a font that is nowhere": (odd_pages.missing_font, [HELLO]),
    "invisible text": (odd_pages.invisible_text, [Shown(is_visible=False)]),
    "private-use characters": (odd_pages.private_text, [PICTURE]),
    "other letters than are shown": (odd_pages.lying_text, [Shown("bye")]),
    "a ToUnicode map of garbage": (odd_pages.to_unicode_of_garbage, [HELLO]),
    "Hebrew": (odd_pages.hebrew, [Shown("על5ום שלום")]),
    "Chinese": (odd_pages.chinese, [Shown("年度报告")]),
    "image only": (odd_pages.image_only, [PICTURE]),
}
BOXES = {
    **{
        f"turned by {degrees}{', by the page tree' * inherited}": (
            partial(odd_pages.turned, degrees, inherited=inherited),
            [Shown(size=LYING if degrees % 180 else UPRIGHT)],
        )
        for degrees in (0, 90, 180, 270, -90, 450)
        for inherited in (False, True)
    },
    "turned by half a right angle": (partial(odd_pages.turned, 45), [HELLO]),
    "a unit of ten points": (partial(odd_pages.turned, 90, user_unit=10), [Shown(size=LYING)]),
    "crop box inside": (partial(odd_pages.cropped, 10, 150, 180, 250), [Shown(size=(256, 151))]),
    "crop box inside, turned": (
        partial(odd_pages.cropped, 10, 150, 180, 250, rotate=90),
        [Shown(size=(151, 256))],
    ),
    "crop box cuts the words": (partial(odd_pages.cropped, 0, 150, 60, 250), [Shown("hello", (154, 256))]),
    "crop box over the edge": (partial(odd_pages.cropped, -100, -100, 500, 500), [HELLO]),
    "crop box elsewhere": (partial(odd_pages.cropped, 500, 500, 700, 600), [LOST]),
    "crop box without area": (partial(odd_pages.cropped, 50, 50, 50, 50), [LOST]),
    "media box from its other corner": (partial(odd_pages.boxed, 200, 300, 0, 0), [HELLO]),
    "media box below zero": (partial(odd_pages.boxed, -100, -100, 200, 300), [Shown(size=(192, 256))]),
    "media box without area": (partial(odd_pages.boxed, 0, 0, 0, 0), [Shown(size=(198, 256))]),
    "no media box": (odd_pages.unboxed, [Shown(size=(198, 256))]),
}
CONTENT = {
    "transparency": (odd_pages.transparent, [HELLO]),
    "JPEG 2000": (odd_pages.jpeg2000, [PICTURE]),
    "JBIG2": (odd_pages.jbig2, [PICTURE]),
    "an attachment": (odd_pages.attached, [HELLO]),
    "JavaScript": (odd_pages.scripted, [HELLO]),
    "a filled form": (odd_pages.filled_form, [Shown("hello world Ada")]),
    "a filled form to be drawn": (
        partial(odd_pages.filled_form, has_appearance=False),
        [Shown("hello world Ada")],
    ),
    "PDF 2.0": (odd_pages.pdf_2, [HELLO]),
    "linearized": (odd_pages.linearized, [HELLO, HELLO]),
    "an incremental update": (odd_pages.updated, [Shown("later world")]),
}
ACCEPTED = DAMAGED | LARGE | WORDS | BOXES | CONTENT

BOMBS = {
    "300 MiB of painting": (partial(odd_pdfs.deflate_bomb, 300), [HELLO, LATE, HELLO]),
    "an image of 4 GiB": (partial(odd_pdfs.image_bomb, 65_536), [LATE]),
    "JPEG 2000 of 60,000 pixels square": (partial(odd_pages.jpeg2000_bomb, 60_000), [LATE]),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "odd.pdf"


@pytest.mark.parametrize(("make", "error"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_refused_with_the_reason(path, make, error):
    path.write_bytes(make())
    with pytest.raises(errors.DocumentError) as caught:
        count_pages(path, "odd.pdf", SETTINGS)
    assert type(caught.value) is error


@pytest.mark.parametrize(("make", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_pages_come_out_as_they_look_and_read_or_are_named(path, make, expected):
    path.write_bytes(make())
    assert_pages(path, expected, SETTINGS)


@pytest.mark.parametrize(("make", "expected"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_a_page_and_no_more(path, make, expected):
    path.write_bytes(make())
    assert_pages(path, expected, HOSTILE)


def test_the_last_of_5000_pages(path):
    path.write_bytes(odd_pdfs.many_pages(5_000))
    assert count_pages(path, "odd.pdf", SETTINGS) == 5_000
    prepared = prepare_pages(path, range(4_993, 5_001), SETTINGS)
    assert [page.page_number for page in prepared.pages] == list(range(4_993, 5_001))
    assert_page(prepared.pages[-1], HELLO)


def test_forms_too_deep_for_poppler_do_no_harm(path):
    path.write_bytes(odd_pdfs.nested_forms(1_000))
    assert_pages(path, [Shown("")], SETTINGS)


def assert_pages(path, expected, settings):
    assert count_pages(path, "odd.pdf", settings) == len(expected)
    prepared = prepare_pages(path, range(1, len(expected) + 1), settings)
    outcomes = {page.page_number: page for page in prepared.pages}
    outcomes |= {error.page_number: error for error in prepared.errors}  # type: ignore[misc]
    assert sorted(outcomes) == list(range(1, len(expected) + 1))
    for number, page in enumerate(expected, start=1):
        if isinstance(page, str):
            assert outcomes[number].code == page  # type: ignore[attr-defined]
        else:
            assert_page(outcomes[number], page)


def assert_page(page: PreparedPage, expected: Shown):
    assert page.image.size == expected.size
    assert " ".join(word.text for word in page.text_layer) == expected.words
    assert all(0 <= b.x0 < b.x1 <= 1 and 0 <= b.y0 < b.y1 <= 1 for b in boxes(page))
    ink = np.asarray(page.image.convert("L")) < 140  # (height, width)
    inside = [ink[rows(box, ink), columns(box, ink)] for box in boxes(page)]
    assert all(part.any() for part in inside) == expected.is_visible or not inside
    beside = ink.copy()
    for box in boxes(page):
        beside[rows(box, ink), columns(box, ink)] = False
    assert beside.any() == expected.has_pictures


def boxes(page):
    return [word.box for word in page.text_layer]


def rows(box, ink):
    return slice(max(0, int(box.y0 * len(ink)) - 1), int(box.y1 * len(ink)) + 2)


def columns(box, ink):
    return slice(max(0, int(box.x0 * ink.shape[1]) - 1), int(box.x1 * ink.shape[1]) + 2)


NAMES = {
    "📊 Q3 🚀.pdf": "📊 Q3 🚀.pdf",
    """the "quoted" 'report' `id` $(id).pdf""": """the "quoted" 'report' `id` $(id).pdf""",
    "../../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "..": "document.pdf",
    "-rf.pdf": "-rf.pdf",
    "%s%n {0}.pdf": "%s%n {0}.pdf",
    "é" * 125 + "a.pdf": "é" * 125 + "a.pdf",
    "a\x00b\x1b[31m\u202egnp.pdf": "ab[31mgnp.pdf",
    "\ud800.pdf": "?.pdf",
    "a" * 400: "a" * 255,
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=map(ascii, NAMES.values()))
def test_a_name_only_labels_a_document(tmp_path, path, name, shown):
    path.write_bytes(odd_pdfs.raw())
    with library_in(tmp_path / "data") as library:
        document, _ = library.add(path, name)
        index_document(library, document.document_id)
        document = library.catalogue.get(document.document_id)
        [point] = library.index.points()
    assert (document.name, document.indexing.state) == (shown, DocumentState.INDEXED)
    assert point.document_name == shown
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data", "odd.pdf"]


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".pdf") and name.isprintable()])
def test_a_file_may_have_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(odd_pdfs.raw())
    assert_pages(path, [HELLO], SETTINGS)


@pytest.mark.parametrize(
    ("make", "pages", "lost"),
    [
        (odd_pdfs.with_broken_stream, {1, 3}, {2: LOST}),
        (partial(odd_pdfs.with_page_count, 3), {1}, {2: LOST, 3: LOST}),
        (partial(odd_pages.turned, 90, inherited=True), {1}, {}),
        (odd_pages.jpeg2000, {1}, {}),
        (odd_pages.invisible_text, {1}, {}),
    ],
)
def test_a_document_is_indexed_but_for_the_pages_it_lost(tmp_path, path, make, pages, lost):
    path.write_bytes(make())
    with library_in(tmp_path / "data") as library:
        document = index_document(library, library.add(path, "odd.pdf")[0].document_id)
        assert library.index.page_numbers(document.document_id) == pages
    assert document.indexing.state is DocumentState.INDEXED
    assert {error.page_number: error.code for error in document.indexing.page_errors} == lost


def test_a_document_fails_when_none_of_its_pages_can_be_drawn(tmp_path, path):
    path.write_bytes(odd_pages.without_its_picture())
    with library_in(tmp_path / "data") as library:
        document, _ = library.add(path, "odd.pdf")
        with pytest.raises(errors.PageFailed, match="cannot be drawn"):
            index_document(library, document.document_id)
        assert library.catalogue.get(document.document_id).indexing.state is DocumentState.FAILED
