"""Page images: scaled once, kept with their page, and fresh once the page was made again."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app import page_images
from app.page_images import KEPT_WIDTHS, at_width, etag_of, image_version
from indexer.ingest import index_document
from indexer.library import Library
from tests.fixtures.libraries import library_in
from tests.fixtures.pdfs import write_report
from vdr.errors import StorageFull
from vdr.types import Document, PageRef

WIDTH = KEPT_WIDTHS[0]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path / "data", page_long_side=512) as library:
        yield library


@pytest.fixture
def document(library: Library, tmp_path: Path) -> Document:
    path = write_report(tmp_path / "a.pdf", 1)
    document, _ = library.add(path, path.name)
    index_document(library, document.document_id)
    return library.catalogue.get(document.document_id)


@pytest.fixture
def page(document: Document) -> PageRef:
    return PageRef(document.document_id, 1)


def width_of(webp: bytes) -> int:
    with Image.open(BytesIO(webp)) as image:
        return image.width


def test_an_image_is_scaled_once(library: Library, page: PageRef, monkeypatch: pytest.MonkeyPatch) -> None:
    webp = library.objects.page_image(page)
    first = at_width(library, page, webp, WIDTH)
    assert width_of(first) == WIDTH
    monkeypatch.delattr(page_images, "narrowed")  # nothing is scaled again
    assert at_width(library, page, webp, WIDTH) == first


def test_a_width_that_nobody_agreed_on_is_not_kept(library: Library, page: PageRef, tmp_path: Path) -> None:
    files = set((tmp_path / "data").rglob("*"))
    assert width_of(at_width(library, page, library.objects.page_image(page), 100)) == 100
    assert set((tmp_path / "data").rglob("*")) == files


def test_another_image_of_the_page_is_scaled_itself(library: Library, page: PageRef) -> None:
    old = library.objects.page_image(page)
    at_width(library, page, old, WIDTH)
    out = BytesIO()
    Image.new("RGB", (600, 300), "red").save(out, "WEBP")
    new = out.getvalue()
    with Image.open(BytesIO(at_width(library, page, new, WIDTH))) as small:
        assert small.size == (WIDTH, WIDTH // 2)
    assert etag_of(new, WIDTH) != etag_of(old, WIDTH) != etag_of(old, None)


def test_what_is_kept_goes_with_the_page(library: Library, page: PageRef, tmp_path: Path) -> None:
    at_width(library, page, library.objects.page_image(page), WIDTH)
    assert list((tmp_path / "data").rglob("*.webp"))
    library.delete(page.document_id)
    assert not list((tmp_path / "data").rglob("*.webp"))


def test_nothing_is_kept_of_a_document_deleted_meanwhile(
    library: Library, page: PageRef, tmp_path: Path
) -> None:
    webp = library.objects.page_image(page)
    library.delete(page.document_id)
    assert width_of(at_width(library, page, webp, WIDTH)) == WIDTH
    assert not list((tmp_path / "data").rglob("*.webp"))


def test_it_is_shown_where_it_cannot_be_kept(
    library: Library, page: PageRef, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise StorageFull("No space left.")

    monkeypatch.setattr(type(library.objects), "put_small_page_image", refuse)
    assert width_of(at_width(library, page, library.objects.page_image(page), WIDTH)) == WIDTH
    assert "No space left." in caplog.text


def test_a_document_that_was_reindexed_has_other_addresses(library: Library, document: Document) -> None:
    before = image_version(document)
    assert image_version(library.catalogue.get(document.document_id)) == before
    library.rebuild(document.document_id)
    assert image_version(library.catalogue.get(document.document_id)) != before
    sent_again = replace(document, created_at="2031-05-17T09:30:15.000000+00:00")
    assert image_version(sent_again) != before
