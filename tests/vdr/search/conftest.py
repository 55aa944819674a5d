"""The library's page images and words, for searches that look at pages again."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.fixtures.words import said
from tests.vdr.conftest import WORDS
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import PagePoint, PageRef, PageWords


@pytest.fixture
def objects(tmp_path: Path, library: list[PagePoint]) -> ObjectStore:
    """Of each page an image of another gray, and words; the first document's are missing."""
    store = ObjectStore.open(IndexSettings(data_dir=tmp_path / "objects"), "default", "g1")
    for shade, point in enumerate(library):
        if point.page.document_id != library[0].page.document_id:
            out, words = io.BytesIO(), (WORDS * 3)[shade % 12 : shade + 1]
            Image.new("RGB", (8, 8), (10 * (shade * 7 % 20),) * 3).save(out, "WEBP", lossless=True)
            store.put_page_image(_hex(point.page), out.getvalue())
            store.put_page_words(_hex(point.page), PageWords(tuple(said(words))))
    return store


@pytest.fixture
def shown(library: list[PagePoint]) -> list[PagePoint]:
    """The library under ids that the object store takes."""
    return [replace(point, page=_hex(point.page)) for point in library]


def _hex(page: PageRef) -> PageRef:
    """The page by an id that the object store takes."""
    return PageRef(page.document_id[-1] * 64, page.page_number)
