"""PDFs, page images and page words, kept by the hash of their document in an object store."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.store import LocalStore

from vdr.errors import NotFound
from vdr.settings import IndexSettings
from vdr.types import Box, PageTexts, PageWords, Word

_DOCUMENT_ID = re.compile(r"[0-9a-f]{64}")
_DECIMALS = 5  # a hundred-thousandth of a page is far below a pixel


class ObjectStore:
    """The bytes behind the index. Every put is atomic: an object is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().resolve()
        self._store = LocalStore(prefix=self._root, mkdir=True)

    @classmethod
    def open(cls, settings: IndexSettings) -> "ObjectStore":
        """The store of the settings' collection, made if it is not there yet."""
        return cls(settings.data_dir / "objects" / settings.collection)

    def put_pdf(self, document_id: str, path: Path) -> None:
        """Keep the file at `path` as the document's bytes; it is streamed, never held in memory."""
        obstore.put(self._store, _pdf_key(document_id), path)

    @contextmanager
    def pdf_file(self, document_id: str) -> Iterator[Path]:
        """A local path to read the document from, good inside the `with` block. Raises NotFound."""
        path = self._root / _pdf_key(document_id)
        if not path.is_file():
            raise NotFound(f"The bytes of document {document_id} are not there.")
        yield path

    def put_page_image(self, document_id: str, page_number: int, webp: bytes) -> None:
        """Keep a page image, encoded as WebP."""
        obstore.put(self._store, _page_key(document_id, page_number, "webp"), webp)

    def page_image(self, document_id: str, page_number: int) -> bytes:
        """The page image as WebP. Raises NotFound."""
        return self._get(_page_key(document_id, page_number, "webp"))

    def put_page_words(self, document_id: str, page_number: int, words: PageWords) -> None:
        """Keep the words of a page, their boxes rounded to a hundred-thousandth of the page."""
        obstore.put(self._store, _page_key(document_id, page_number, "json"), _encode_words(words))

    def page_words(self, document_id: str, page_number: int) -> PageWords:
        """The words of a page. Raises NotFound."""
        return _decode_words(self._get(_page_key(document_id, page_number, "json")))

    def page_texts(self, document_id: str, page_number: int) -> PageTexts:
        """The words of a page without their boxes. Raises NotFound."""
        rows = json.loads(self._get(_page_key(document_id, page_number, "json")))
        return PageTexts(*(tuple(row[0] for row in rows[source]) for source in ("text_layer", "read")))

    def delete_pages(self, document_id: str) -> None:
        """Forget the pages of a document but keep its bytes; a second time changes nothing."""
        shutil.rmtree(self._root / _folder(document_id) / "pages", ignore_errors=True)

    def delete_document(self, document_id: str) -> None:
        """Forget everything about a document; a second time changes nothing."""
        # The whole folder goes, with what a killed process may have left half written in it.
        shutil.rmtree(self._root / _folder(document_id), ignore_errors=True)

    def _get(self, key: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            raise NotFound(f"There is no object {key}.") from error


def _folder(document_id: str) -> str:
    if not _DOCUMENT_ID.fullmatch(document_id):
        raise NotFound(f"There is no document {document_id!r}.")
    return document_id


def _pdf_key(document_id: str) -> str:
    return f"{_folder(document_id)}/document.pdf"


def _page_key(document_id: str, page_number: int, suffix: str) -> str:
    return f"{_folder(document_id)}/pages/{page_number}.{suffix}"


def _encode_words(words: PageWords) -> bytes:
    rows = {"text_layer": _rows(words.text_layer), "read": _rows(words.read)}
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _decode_words(encoded: bytes) -> PageWords:
    rows = json.loads(encoded)
    return PageWords(text_layer=_words(rows["text_layer"]), read=_words(rows["read"]))


def _rows(words: Sequence[Word]) -> list[list[str | float]]:
    return [[word.text, *(round(value, _DECIMALS) for value in _numbers(word))] for word in words]


def _numbers(word: Word) -> tuple[float, ...]:
    return (word.box.x0, word.box.y0, word.box.x1, word.box.y1, word.confidence)


def _words(rows: Sequence[tuple[str, float, float, float, float, float]]) -> tuple[Word, ...]:
    return tuple(Word(text, Box(x0, y0, x1, y1), confidence) for text, x0, y0, x1, y1, confidence in rows)
