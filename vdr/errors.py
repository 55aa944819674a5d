"""One tree of errors: each has a stable code, a message for people, and a remedy. How a command ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; docs/errors.md explains each."""

    OK = 0
    SOME_FAILED = 1
    NOT_DONE = 2
    INTERRUPTED = 130


class VdrError(Exception):
    """Something went wrong that should not have.

    What vdr can explain has a class of its own below this one, whose first line says what it means. `code` is
    stable (docs/errors.md lists it); `status` is its HTTP status. Where the same may work later,
    `retry_after_s` says when it is worth another try.
    """

    code = "internal_error"
    status = 500
    remedy = "Look at the log of the program, and report what it says there."
    retry_after_s: int | None = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    @property
    def may_pass(self) -> bool:
        """Whether the same may work later, with nothing changed about what was asked."""
        return self.retry_after_s is not None

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class BadInput(VdrError):
    """What was asked for cannot be understood."""

    code = "bad_input"
    status = 422
    remedy = "Correct the input and try again."


class BadSetting(BadInput):
    """A VDR_* setting has a value that cannot work."""

    code = "bad_setting"
    status = 500
    remedy = "Correct the setting; docs/configuration.md lists them all."


class BadFilter(BadInput):
    """The filter cannot be understood; the message says where in it."""

    code = "bad_filter"
    remedy = "Correct the filter; docs/api.md has the language."


class BadMetadata(BadInput):
    """The metadata of a document has a key or value that cannot be stored."""

    code = "bad_metadata"
    remedy = "Send a JSON object of strings, numbers, booleans, ISO dates and lists of strings."


class NotFound(VdrError):
    """There is no such document or page."""

    code = "not_found"
    status = 404
    remedy = "List what there is with GET /v1/documents."


class CollectionNotFound(NotFound):
    """There is no such collection."""

    code = "collection_not_found"
    remedy = "List what there is with GET /v1/collections or vdr collections list."


class CollectionExists(VdrError):
    """There is a collection of this name already."""

    code = "collection_exists"
    status = 409
    remedy = "Choose another name, or change the settings of the one that is there."


class RangeNotSatisfiable(VdrError):
    """The file ends before the range that was asked for begins."""

    code = "range_not_satisfiable"
    status = 416
    remedy = "Ask for bytes within the file, whose size the header Content-Range tells."


class DocumentError(VdrError):
    """A file that cannot become a document. Never raised itself: each class below says why, with its code."""

    status = 422


class NotAccepted(DocumentError):
    """The file is of no kind that can become a document, whatever its name says."""

    code = "not_accepted"
    status = 415
    remedy = "Send one of the kinds that the message lists; most programs export PDF."


class PdfBroken(DocumentError):
    """Poppler cannot open the PDF."""

    code = "pdf_broken"
    remedy = "Repair it (qpdf --replace-input FILE) and try again."


class PdfEncrypted(DocumentError):
    """The PDF asks for a password."""

    code = "pdf_encrypted"
    remedy = "Send the password along (the field `password`, or vdr index --ask-password)."


class ConversionFailed(DocumentError):
    """No PDF can be made of the file."""

    code = "conversion_failed"
    remedy = "Open it in its own program, export it as PDF and send that."


class PdfEmpty(DocumentError):
    """The file has no bytes, or the PDF has no pages."""

    code = "pdf_empty"
    remedy = "Check that the file was exported or copied whole."


class FileTooLarge(DocumentError):
    """The file is over the size limit."""

    code = "file_too_large"
    status = 413
    remedy = "Split the file, or raise VDR_MAX_FILE_BYTES."


class TooManyPages(DocumentError):
    """The PDF is over the page limit."""

    code = "too_many_pages"
    status = 413
    remedy = "Split the file, or raise VDR_MAX_PAGES."


class PageFailed(VdrError):
    """One page could not be rasterized; the rest of its document goes on."""

    code = "page_failed"
    remedy = "Look at the page in a PDF viewer; re-export it if it is damaged."


class PageTimeout(PageFailed):
    """One page took longer than the limit."""

    code = "page_timeout"
    remedy = "Simplify the page, or raise VDR_PAGE_TIMEOUT_S."


class MissingProgram(VdrError):
    """A program vdr needs is not installed."""

    code = "missing_program"
    remedy = "Install it, and see that it is on the PATH."

    @classmethod
    def named(cls, program: str) -> "MissingProgram":
        """The error of a program that cannot be found; its remedy names the package that brings it."""
        return cls(f"The program {program} cannot be found.", remedy=_PROGRAMS.get(program))


_POPPLER = "Install poppler-utils (apt-get install poppler-utils, or brew install poppler)."
_PROGRAMS = {
    "pdfinfo": _POPPLER,
    "pdftoppm": _POPPLER,
    "pdftotext": _POPPLER,
    "pdftohtml": _POPPLER,
    "tesseract": "Install tesseract-ocr (or brew install tesseract), or set VDR_OCR=off.",
    "soffice": "Install LibreOffice, or export the file as PDF.",
    "fc-list": "Install fontconfig and some fonts.",
}


class ModelError(VdrError):
    """A checkpoint cannot be loaded or cannot do what is asked of it."""

    code = "model_error"
    remedy = "Check VDR_EMBEDDER: a folder or hub name of a Sentence Transformers checkpoint."


class OutOfMemory(VdrError):
    """A training needs more memory than there is."""

    code = "out_of_memory"
    remedy = "Lower loss.mini_batch_size, which changes nothing else."


class IndexMismatch(VdrError):
    """The index was made by another model or with other dimensions."""

    code = "index_mismatch"
    status = 409
    remedy = "Serve it with the model that made it, or index again into another VDR_DATA_DIR."


class IndexLocked(VdrError):
    """Another process holds the embedded index."""

    code = "index_locked"
    status = 503
    remedy = "Stop the other vdr process, or use a Qdrant server (VDR_QDRANT_URL)."


class IndexUnavailable(VdrError):
    """The Qdrant server does not answer."""

    code = "index_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_QDRANT_URL and that the server runs."


class DatabaseUnavailable(VdrError):
    """The database of documents and jobs does not answer, or its disk is full."""

    code = "database_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_DATABASE_URL and that the server runs; for SQLite, that the disk has room."


class Cancelled(VdrError):
    """The document was cancelled while it was being indexed."""

    code = "cancelled"
    status = 409
    remedy = "Retry it with POST /v1/documents/{id}/retry."


class QueueFull(VdrError):
    """More documents wait to be indexed than VDR_QUEUE_LIMIT allows."""

    code = "queue_full"
    status = 429
    retry_after_s = 30
    remedy = "Try again later, or raise VDR_QUEUE_LIMIT."


class WorkerCrashed(VdrError):
    """The program ended again and again while it was indexing this document."""

    code = "worker_crashed"
    remedy = "Give the worker more memory, or leave this document out; then retry it."


class ObjectsUnavailable(VdrError):
    """The folder or bucket of the PDFs and page images does not answer, or refuses."""

    code = "objects_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Try again shortly; if it stays so, check VDR_OBJECTS_URL, the credentials and the disk."


class ObjectDamaged(VdrError):
    """A stored PDF, page image or list of words is not what was written."""

    code = "object_damaged"
    remedy = "Run `vdr check --repair`, or delete the document and add its PDF again."


class StorageFull(VdrError):
    """There is no space left to write to."""

    code = "storage_full"
    status = 507
    retry_after_s = 30
    remedy = "Free space in VDR_DATA_DIR, the folder of VDR_OBJECTS_URL or the temporary folder; try again."


class UnknownRoute(NotFound):
    """There is nothing at this address."""

    code = "unknown_route"
    remedy = "GET /openapi.json lists every address."


class MethodNotAllowed(VdrError):
    """The address is there but does not answer to this HTTP method."""

    code = "method_not_allowed"
    status = 405
    remedy = "GET /openapi.json lists the methods of every address."


class CrossSite(VdrError):
    """Another website sent this request through the browser of someone who visits it."""

    code = "cross_site"
    status = 403
    remedy = "Send it from the page this service serves, or from a program."


class NotAnImage(BadInput):
    """The bytes are not an image that can be searched with, whatever the name says."""

    code = "not_an_image"
    status = 415
    remedy = "Send a PNG, JPEG or WebP image."


class ImageTooLarge(BadInput):
    """The image is over the limit on bytes or pixels."""

    code = "image_too_large"
    status = 413
    remedy = "Send a smaller version of the image."


class RequestTooLarge(BadInput):
    """The request holds more than a question needs."""

    code = "request_too_large"
    status = 413
    remedy = "Send less; files are uploaded as multipart/form-data."


class NotReady(VdrError):
    """The service runs but cannot answer searches."""

    code = "not_ready"
    status = 503
    retry_after_s = 5
    remedy = "Try again shortly; if it stays so, look at the log of the service."
