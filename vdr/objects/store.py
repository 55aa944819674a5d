"""PDFs, page images and page words of one collection, kept by the hash of their document."""

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from vdr.errors import BadSetting, NotFound, ObjectDamaged
from vdr.objects.bucket import Bucket
from vdr.objects.checksums import check_file, hash_of, note, noted, opened, sealed
from vdr.objects.folder import Folder
from vdr.objects.words import decode_print, decode_texts, decode_words, encode_words, has_read_words
from vdr.remembered import Remembered
from vdr.settings import IndexSettings
from vdr.types import PageRef, PageTexts, PageWords, Print, Word

_DOCUMENT_ID = re.compile(r"[0-9a-f]{64}")
_READ = "read"  # folder of what generations read from a document's pages
# Pages that are asked for are asked for again, and to decode one takes 1 ms: some thousand pages.
_PRINTS = Remembered[Hashable, "_Prints"](64 * 2**20)
_BYTES_A_WORD, _BYTES_A_PAGE = 80, 1_000
_PAGE_NAME = re.compile(r"([1-9]\d*)\.(webp|json)")


class ObjectStore:
    """The bytes behind the index of one collection: those of its documents, and the words that one of its
    generations read from their pages.

    Every put is atomic and durable: when it returns, the object outlasts a loss of power; until then it is
    not there at all. What is read is compared with its checksum. Everything may raise ObjectsUnavailable,
    where trying again later may help, and what writes may raise StorageFull. Threads may share a store.
    """

    def __init__(self, place: Folder | Bucket, generation: str) -> None:
        self._place, self._generation = place, generation

    @classmethod
    def open(cls, settings: IndexSettings, collection: str, generation: str) -> "ObjectStore":
        """The store of a collection; the folder of all is made if it is not there yet, a bucket is not.

        Raises BadSetting if the URL cannot be understood.
        """
        if settings.objects_url is None:
            return cls(Folder(settings.data_dir / "objects" / collection), generation)
        url = urlsplit(settings.objects_url)
        if url.query or url.fragment or (url.scheme == "file" and url.netloc):
            raise BadSetting(
                f"VDR_OBJECTS_URL: {settings.objects_url} must not contain a query, a fragment "
                "or, with file:, a host."
            )
        if url.scheme == "file":
            return cls(Folder(Path(unquote(url.path)) / collection), generation)
        return cls(Bucket(f"{settings.objects_url.rstrip('/')}/{collection}"), generation)

    def check(self) -> None:
        """Raise NotFound or ObjectsUnavailable where folder or bucket cannot be read."""
        self._place.check()

    def put_pdf(self, document_id: str, path: Path, checksum: str | None = None) -> None:
        """Keep the file at `path` as the document's bytes; it is streamed, never held in memory.

        `checksum` is its SHA-256 where that is known. Another PDF put before stays until the document is
        deleted, for those who are reading it.
        """
        checksum = checksum or hash_of(path)
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

    def pdf_path(self, document_id: str) -> Path | None:
        """Where the document's PDF lies on this machine; None in a bucket. Raises NotFound, ObjectDamaged."""
        return self._place.path(_pdf_key(document_id, self._pdf_checksum(document_id)))

    def has_pdf(self, document_id: str) -> bool:
        """Whether a PDF was kept, going by the note of its checksum alone, which takes no time."""
        try:
            self._pdf_checksum(document_id)
        except (NotFound, ObjectDamaged):
            return False
        return True

    def put_page(self, page: PageRef, webp: bytes, words: PageWords) -> None:
        """Keep the image of a page, encoded as WebP, and its words."""
        self.put_page_image(page, webp)
        self.put_page_words(page, words)

    def put_page_image(self, page: PageRef, webp: bytes) -> None:
        """Keep a page image, encoded as WebP."""
        self._place.put(_page_key(page, "webp"), sealed(webp), "image/webp")

    def page_image(self, page: PageRef) -> bytes:
        """The page image as WebP. Raises NotFound, ObjectDamaged."""
        return self._get(_page_key(page, "webp"))

    def page_image_path(self, page: PageRef) -> Path | None:
        """Where a page image lies on this machine; None in a bucket. It is not looked whether it is there."""
        return self._place.path(_page_key(page, "webp"))

    def page_image_url(self, page: PageRef, expires: timedelta) -> str | None:
        """An address at which anybody may read the page image until it expires; None of a local folder.

        It is not looked whether the image is there. What is read there ends in 32 bytes more, the checksum,
        which browsers pass over.
        """
        return self._place.url(_page_key(page, "webp"), expires)

    def put_small_page_image(self, page: PageRef, webp: bytes, width: int, small: bytes) -> None:
        """Keep a page image as it was made of the whole one, `webp`, at most `width` pixels wide."""
        self._place.put(_small_key(page, webp, width), sealed(small), "image/webp")

    def small_page_image(self, page: PageRef, webp: bytes, width: int) -> bytes:
        """The page image at most `width` pixels wide, if it was kept. Raises NotFound, ObjectDamaged."""
        return self._get(_small_key(page, webp, width))

    def put_page_words(self, page: PageRef, words: PageWords) -> None:
        """Keep the words of a page, their boxes rounded to a hundred-thousandth of the page.

        Those that the embedder read belong to the generation, the others to the document.
        """
        self.put_read_words(page, words.read)
        self._put_words(_page_key(page, "json"), replace(words, read=()))

    def page_words(self, page: PageRef) -> PageWords:
        """The words of a page. Raises NotFound, ObjectDamaged."""
        of_document, of_generation = map(decode_words, self._words(page))
        return replace(of_document, read=of_generation.read)

    def put_read_words(self, page: PageRef, words: tuple[Word, ...]) -> None:
        """Keep the words that were read from a page's pixels for this generation."""
        self._put_words(self._read_key(page), PageWords(read=words))

    def document_words(self, page: PageRef) -> PageWords:
        """A page's words that all generations share, so none that were read. Raises as `page_words`."""
        return replace(decode_words(self._get(_page_key(page, "json"))), read=())

    def page_texts(self, page: PageRef) -> PageTexts:
        """The words of a page without their boxes. Raises NotFound, ObjectDamaged."""
        of_document, of_generation = map(decode_texts, self._words(page))
        return replace(of_document, read=of_generation.read)

    def page_print(self, page: PageRef) -> tuple[Print, Callable[[], tuple[Print, Print]]]:
        """The print of a page by its text layer, and what reads that of the pixels: by OCR, by the embedder.

        Both raise NotFound, ObjectDamaged. The same words again give the same objects, so that what is worked
        out of them can be remembered.
        """
        of_document = self._prints(_page_key(page, "json"))

        def of_pixels() -> tuple[Print, Print]:
            if of_document.has_read:  # as the version before kept them
                return of_document.ocr, of_document.read
            return of_document.ocr, self._prints(self._read_key(page)).read

        return of_document.text_layer, of_pixels

    def document_ids(self) -> Iterator[str]:
        """The documents of which anything is there."""
        return filter(_DOCUMENT_ID.fullmatch, self._place.folders())

    def pages(self, document_id: str) -> set[int]:
        """The page numbers of which image and words are there, which is not to say that they are sound."""
        folder = f"{_folder(document_id)}"
        images, words = self._numbers(f"{folder}/pages", "webp"), self._numbers(f"{folder}/pages", "json")
        if "-" in self._generation:  # built by the version before, which kept all words together
            return images & words
        return images & words & self._numbers(f"{folder}/{_READ}/{self._generation}", "json")

    def delete_pages(self, document_id: str) -> None:
        """Forget the pages of a document but keep its bytes; a second time changes nothing."""
        for part in ("pages", _READ):
            self._place.delete_below(f"{_folder(document_id)}/{part}")

    def delete_read_words(self, document_id: str) -> None:
        """Forget what was read of a document for this generation; a second time changes nothing."""
        self._place.delete_below(f"{_folder(document_id)}/{_READ}/{self._generation}")

    def delete_generation(self) -> None:
        """Forget what was read for this generation; a second time changes nothing."""
        for document_id in list(self.document_ids()):
            self.delete_read_words(document_id)

    def delete_document(self, document_id: str) -> None:
        """Forget everything about a document, half-written objects too; a second time changes nothing."""
        self._place.delete_below(_folder(document_id))

    def delete_all(self) -> None:
        """Forget every document of the collection, and the collection; a second time changes nothing."""
        self._place.delete_below("")

    def _numbers(self, folder: str, ending: str) -> set[int]:
        names = (_PAGE_NAME.fullmatch(key.rpartition("/")[2]) for key in self._place.keys(folder))
        return {int(name[1]) for name in names if name and name[2] == ending}

    def _put_words(self, key: str, words: PageWords) -> None:
        self._place.put(key, sealed(encode_words(words)), "application/octet-stream")

    def _words(self, page: PageRef) -> tuple[bytes, bytes]:
        """What is kept of a page's words, for the document and for the generation.

        The version before kept both together, which stays so until the page is written again.
        """
        of_document = self._get(_page_key(page, "json"))
        if has_read_words(of_document):
            return of_document, of_document
        return of_document, self._get(self._read_key(page))

    def _prints(self, key: str) -> "_Prints":
        """A file that has not changed is neither read nor compared with its checksum again."""
        file = self._place.file_state(key)
        known = None if file is None else _PRINTS.get(file)
        if known is None:
            content = self._get(key)
            file = file or sha256(content).digest()
            known = _PRINTS.made(file, lambda: _Prints.of(content), _Prints.size_bytes)
        return known

    def _read_key(self, page: PageRef) -> str:
        return f"{_folder(page.document_id)}/{_READ}/{self._generation}/{page.page_number}.json"

    def _pdf_checksum(self, document_id: str) -> str:
        key = _note_key(document_id)
        try:
            return noted(key, self._place.get(key))
        except NotFound as error:
            raise NotFound(f"The file of document {document_id} is missing.") from error

    def _get(self, key: str) -> bytes:
        return opened(key, self._place.get(key))


class _Prints(NamedTuple):
    """The words in one object; `has_read` where those of the generation are among them."""

    text_layer: Print
    read: Print
    ocr: Print
    has_read: bool

    @classmethod
    def of(cls, content: bytes) -> "_Prints":
        return cls(*decode_print(content), has_read_words(content))

    def size_bytes(self) -> int:
        words = sum(len(each.texts) for each in (self.text_layer, self.read, self.ocr))
        return _BYTES_A_PAGE + _BYTES_A_WORD * words


def _folder(document_id: str) -> str:
    if not _DOCUMENT_ID.fullmatch(document_id):
        raise NotFound(f"Document {document_id!r} does not exist.")
    return document_id


def _pdf_key(document_id: str, checksum: str) -> str:
    # Named by its content, so that another PDF of the document never takes the place of one being read.
    return f"{_folder(document_id)}/{checksum}.pdf"


def _note_key(document_id: str) -> str:
    return f"{_folder(document_id)}/document.sha256"


def _page_key(page: PageRef, suffix: str) -> str:
    return f"{_folder(page.document_id)}/pages/{page.page_number}.{suffix}"


def _small_key(page: PageRef, webp: bytes, width: int) -> str:
    # Named by the image that it was made of: once that is another, what is kept is found no longer.
    return _page_key(page, f"{width}-{sha256(webp).hexdigest()[:16]}.webp")
