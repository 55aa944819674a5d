"""PDFs, page images and page words, kept by the hash of their document in a folder or a bucket."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from vdr.errors import BadSetting, NotFound
from vdr.objects.bucket import Bucket
from vdr.objects.checksums import check_file, hash_of, note, noted, opened, sealed
from vdr.objects.folder import Folder
from vdr.objects.words import decode_texts, decode_words, encode_words
from vdr.settings import IndexSettings
from vdr.types import PageTexts, PageWords

_DOCUMENT_ID = re.compile(r"[0-9a-f]{64}")
_PAGE_KEY = re.compile(r".*/pages/([1-9]\d*)\.(webp|json)")


class ObjectStore:
    """The bytes behind the index.

    Every put is atomic and durable: when it returns, the object outlasts a loss of power; until then it is
    not there at all. What is read is compared with its checksum. Everything may raise ObjectsUnavailable,
    where trying again later may help, and what writes may raise StorageFull. Threads may share a store.
    """

    def __init__(self, place: Folder | Bucket) -> None:
        self._place = place

    @classmethod
    def open(cls, settings: IndexSettings) -> "ObjectStore":
        """The store of the settings' collection; a folder is made if it is not there yet, a bucket is not.

        Raises BadSetting if the URL cannot be understood.
        """
        if settings.objects_url is None:
            return cls(Folder(settings.data_dir / "objects" / settings.collection))
        url = urlsplit(settings.objects_url)
        if url.query or url.fragment or (url.scheme == "file" and url.netloc):
            raise BadSetting(f"VDR_OBJECTS_URL: {settings.objects_url} is more than a place.")
        if url.scheme == "file":
            return cls(Folder(Path(unquote(url.path)) / settings.collection))
        return cls(Bucket(f"{settings.objects_url.rstrip('/')}/{settings.collection}"))

    def put_pdf(self, document_id: str, path: Path) -> None:
        """Keep the file at `path` as the document's bytes; it is streamed, never held in memory.

        Another PDF put before stays until the document is deleted, for those who are reading it.
        """
        checksum = hash_of(path)
        key = _pdf_key(document_id, checksum)
        self._place.put_file(key, path, "application/pdf")
        # Written last, so that it never speaks of a PDF that is not there whole.
        self._place.put(_note_key(document_id), note(checksum, Path(key).name), "text/plain")

    @contextmanager
    def pdf_file(self, document_id: str) -> Iterator[Path]:
        """A local path to read the document from, good inside the `with` block.

        Of a bucket it is a copy in the temporary folder (TMPDIR). Raises NotFound, ObjectDamaged, and
        StorageFull where the copy does not fit.
        """
        checksum = self._pdf_checksum(document_id)
        key = _pdf_key(document_id, checksum)
        with self._place.file(key) as path:
            check_file(key, path, checksum)
            yield path

    def put_page_image(self, document_id: str, page_number: int, webp: bytes) -> None:
        """Keep a page image, encoded as WebP."""
        self._place.put(_page_key(document_id, page_number, "webp"), sealed(webp), "image/webp")

    def page_image(self, document_id: str, page_number: int) -> bytes:
        """The page image as WebP. Raises NotFound, ObjectDamaged."""
        return self._get(_page_key(document_id, page_number, "webp"))

    def page_image_url(self, document_id: str, page_number: int, expires: timedelta) -> str | None:
        """An address at which anybody may read the page image until it expires; None of a local folder.

        It is not looked whether the image is there. What is read there ends in 32 bytes more, the checksum,
        which browsers pass over.
        """
        return self._place.url(_page_key(document_id, page_number, "webp"), expires)

    def put_page_words(self, document_id: str, page_number: int, words: PageWords) -> None:
        """Keep the words of a page, their boxes rounded to a hundred-thousandth of the page."""
        key = _page_key(document_id, page_number, "json")
        self._place.put(key, sealed(encode_words(words)), "application/octet-stream")

    def page_words(self, document_id: str, page_number: int) -> PageWords:
        """The words of a page. Raises NotFound, ObjectDamaged."""
        return decode_words(self._get(_page_key(document_id, page_number, "json")))

    def page_texts(self, document_id: str, page_number: int) -> PageTexts:
        """The words of a page without their boxes. Raises NotFound, ObjectDamaged."""
        return decode_texts(self._get(_page_key(document_id, page_number, "json")))

    def document_ids(self) -> Iterator[str]:
        """The documents of which anything is there."""
        return filter(_DOCUMENT_ID.fullmatch, self._place.folders())

    def pages(self, document_id: str) -> set[int]:
        """The page numbers of which both image and words are there; whether they are sound is not looked."""
        found: dict[str, set[int]] = {"webp": set(), "json": set()}
        for key in self._place.keys(f"{_folder(document_id)}/pages"):
            if page := _PAGE_KEY.fullmatch(key):
                found[page[2]].add(int(page[1]))
        return found["webp"] & found["json"]

    def delete_pages(self, document_id: str) -> None:
        """Forget the pages of a document but keep its bytes; a second time changes nothing."""
        self._place.delete_below(f"{_folder(document_id)}/pages")

    def delete_document(self, document_id: str) -> None:
        """Forget everything about a document, half-written objects too; a second time changes nothing."""
        self._place.delete_below(_folder(document_id))

    def _pdf_checksum(self, document_id: str) -> str:
        key = _note_key(document_id)
        try:
            return noted(key, self._place.get(key))
        except NotFound as error:
            raise NotFound(f"The bytes of document {document_id} are not there.") from error

    def _get(self, key: str) -> bytes:
        return opened(key, self._place.get(key))


def _folder(document_id: str) -> str:
    if not _DOCUMENT_ID.fullmatch(document_id):
        raise NotFound(f"There is no document {document_id!r}.")
    return document_id


def _pdf_key(document_id: str, checksum: str) -> str:
    # Named by what it holds, so that another PDF of the document never takes the place of one being read.
    return f"{_folder(document_id)}/{checksum}.pdf"


def _note_key(document_id: str) -> str:
    return f"{_folder(document_id)}/document.sha256"


def _page_key(document_id: str, page_number: int, suffix: str) -> str:
    return f"{_folder(document_id)}/pages/{page_number}.{suffix}"
