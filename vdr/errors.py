"""The tree of errors, each with a stable code, a message and a remedy; and the exit codes."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; docs/errors.md explains each."""

    OK = 0
    SOME_FAILED = 1
    NOT_DONE = 2
    INTERRUPTED = 130


class VdrError(Exception):
    """An unexpected error occurred.

    Each known error has its own subclass, whose first line says what it means. `code` is stable
    (docs/errors.md lists it); `status` is its HTTP status. If the same request may succeed later,
    `retry_after_s` says when to retry.
    """

    code = "internal_error"
    status = 500
    remedy = "Check the log and report the error that it shows."
    retry_after_s: int | None = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed later."""
        return self.retry_after_s is not None

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class BadInput(VdrError):
    """The request is invalid."""

    code = "bad_input"
    status = 422
    remedy = "Correct the input and try again."


class BadSetting(BadInput):
    """A VDR_* setting has a value that cannot work."""

    code = "bad_setting"
    status = 500
    remedy = "Correct the setting; docs/configuration.md lists them all."


class BadFilter(BadInput):
    """The filter is invalid; the message says where."""

    code = "bad_filter"
    remedy = "Correct the filter; docs/api.md describes the filter language."


class NotCalibrated(BadInput):
    """It is not known how sure the search is: it is not calibrated, not reranked, or asks for no words."""

    code = "not_calibrated"
    remedy = "Ask in words and with reranking, leave min_confidence out, or run vdr calibrate once."


class BudgetTooSmall(BadInput):
    """The search would take longer than `budget_ms` even without the stages that can be left out."""

    code = "budget_too_small"
    remedy = "Raise budget_ms, or leave it out."


class BadMetadata(BadInput):
    """The metadata has a key or value that cannot be stored."""

    code = "bad_metadata"
    remedy = "Send a JSON object of strings, numbers, booleans, ISO dates and lists of strings."


class NotFound(VdrError):
    """The document or page does not exist."""

    code = "not_found"
    status = 404
    remedy = "List documents with GET /v1/documents."


class SearchNotFound(NotFound):
    """The search is not kept: its time is over, it was deleted, or it is of another collection."""

    code = "search_not_found"
    remedy = "Search again, and send feedback with the new search_id."


class FeedbackNotFound(NotFound):
    """This feedback does not exist, or is gone."""

    code = "feedback_not_found"
    remedy = "GET /v1/feedback/export lists what there is."


class QuestionNotFound(NotFound):
    """The labelled question does not exist."""

    code = "question_not_found"
    remedy = "List questions with GET /v1/questions."


class SearchesNotKept(VdrError):
    """Searches are not kept, so there is nothing that feedback could be about."""

    code = "searches_not_kept"
    status = 409
    remedy = "Set VDR_KEEP_SEARCHES_DAYS to more than 0 and restart the service."


class PageNotShown(BadInput):
    """The search has not shown this page."""

    code = "page_not_shown"
    remedy = "Send the kind expected for a page that the search should have found."


class TooMuchFeedback(VdrError):
    """There is more feedback on this search than one person gives."""

    code = "too_much_feedback"
    status = 429
    remedy = "Search again for further feedback, or raise VDR_FEEDBACK_LIMIT."


class CollectionNotFound(NotFound):
    """The collection does not exist."""

    code = "collection_not_found"
    remedy = "List collections with GET /v1/collections or vdr collections list."


class GenerationNotFound(NotFound):
    """The collection has no such generation."""

    code = "generation_not_found"
    remedy = "List generations with GET /v1/collections/{collection}/generations or vdr generations list."


class GenerationServes(VdrError):
    """The generation answers the collection's searches."""

    code = "generation_serves"
    status = 409
    remedy = "Switch to another generation first."


class GenerationIncomplete(VdrError):
    """The generation lacks documents that the collection's searches find now."""

    code = "generation_incomplete"
    status = 409
    remedy = "Build it to the end with vdr generations build, then try again."


class CollectionExists(VdrError):
    """A collection with this name already exists."""

    code = "collection_exists"
    status = 409
    remedy = "Choose another name, or change the existing collection."


class AlreadyFinished(VdrError):
    """Indexing of the document has already finished."""

    code = "already_finished"
    status = 409
    remedy = "Delete the document instead."


class IdempotencyKeyReused(VdrError):
    """The Idempotency-Key was used before, with another request."""

    code = "idempotency_key_reused"
    status = 422
    remedy = "Send a key of its own with each request, and the same one only to repeat it."


class RequestInProgress(VdrError):
    """The first request with this Idempotency-Key has not been answered yet."""

    code = "request_in_progress"
    status = 409
    retry_after_s = 2
    remedy = "Send the request again shortly: then it is answered as the first one was."


class WrongContentType(VdrError):
    """The Content-Type of the request is missing, or not the one that this address takes."""

    code = "wrong_content_type"
    status = 415
    remedy = "Send the header Content-Type: application/json."


class RangeNotSatisfiable(VdrError):
    """The requested range starts beyond the end of the file."""

    code = "range_not_satisfiable"
    status = 416
    remedy = "Request bytes within the file; the Content-Range header gives its size."


class DocumentError(VdrError):
    """A file that cannot become a document. Never raised itself: each subclass says why, with its code."""

    status = 422


class NotAccepted(DocumentError):
    """Unsupported file type."""

    code = "not_accepted"
    status = 415
    remedy = "Upload one of these types, or export the file as PDF first."


class PdfBroken(DocumentError):
    """The PDF is damaged and cannot be opened."""

    code = "pdf_broken"
    remedy = "Repair it (qpdf --replace-input FILE) and try again."


class PdfEncrypted(DocumentError):
    """The PDF is password-protected."""

    code = "pdf_encrypted"
    remedy = "Enter its password (the field `password`, or vdr index --ask-password)."


class ConversionFailed(DocumentError):
    """The file cannot be converted to PDF."""

    code = "conversion_failed"
    remedy = "Open it in the program it was made with, export it as PDF and upload that."


class PdfEmpty(DocumentError):
    """The file is empty, or the PDF has no pages."""

    code = "pdf_empty"
    remedy = "Check that it was exported or copied completely."


class FileTooLarge(DocumentError):
    """The file exceeds the size limit."""

    code = "file_too_large"
    status = 413
    remedy = "Split the file, or raise VDR_MAX_FILE_BYTES."


class TooManyPages(DocumentError):
    """The PDF exceeds the page limit."""

    code = "too_many_pages"
    status = 413
    remedy = "Split the file, or raise VDR_MAX_PAGES."


class PageFailed(VdrError):
    """A page could not be rasterized; the rest of the document is indexed."""

    code = "page_failed"
    remedy = "Open the page in a PDF viewer; re-export the file if it is damaged."


class PageTimeout(PageFailed):
    """A page exceeded the time limit."""

    code = "page_timeout"
    remedy = "Simplify the page, or raise VDR_PAGE_TIMEOUT_S."


class MissingProgram(VdrError):
    """A program that vdr needs is not installed."""

    code = "missing_program"
    remedy = "Install it and make sure that it is on the PATH."

    @classmethod
    def named(cls, program: str) -> "MissingProgram":
        """The error for a program that is not installed; its remedy names the package to install."""
        return cls(f"{program} is not installed, or not on the PATH.", remedy=_PROGRAMS.get(program))


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
    """A checkpoint cannot be loaded, or does not support what was requested."""

    code = "model_error"
    remedy = "Set VDR_EMBEDDER to the folder or Hub name of a Sentence Transformers checkpoint."


class OutOfMemory(VdrError):
    """A model and its batch do not fit into the memory."""

    code = "out_of_memory"
    remedy = "Lower loss.mini_batch_size; the result stays the same."


class IndexMismatch(VdrError):
    """The index was built with another model or other dimensions."""

    code = "index_mismatch"
    status = 409
    remedy = "Serve it with the model that built it; build a generation with the other one (vdr generations)."


class IndexLocked(VdrError):
    """Another process is using the embedded index."""

    code = "index_locked"
    status = 503
    remedy = "Stop the other vdr process, or use a Qdrant server (VDR_QDRANT_URL)."


class ServiceUnavailable(VdrError):
    """The service that a command uses is not responding."""

    code = "service_unavailable"
    status = 503
    retry_after_s = 5
    remedy = "Check that it is running (vdr serve) and, if VDR_URL is set, that this is its address."


class ServiceMismatch(VdrError):
    """The service that a command uses is of another version, or is not vdr."""

    code = "service_mismatch"
    status = 502
    remedy = "Use the same version of vdr for both, and check VDR_URL if it is set."


class IndexUnavailable(VdrError):
    """The Qdrant server is not responding."""

    code = "index_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_QDRANT_URL and that the server is running."


class EmbedderUnavailable(VdrError):
    """The server of the embedder is not responding."""

    code = "embedder_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_EMBEDDER and that its server is running."


class RerankerUnavailable(VdrError):
    """The server of the reranker is not responding."""

    code = "reranker_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_RERANKER and that its server is running; search with reranking off meanwhile."


class DatabaseUnavailable(VdrError):
    """The database is not responding, or its disk is full."""

    code = "database_unavailable"
    status = 503
    retry_after_s = 10
    remedy = "Check VDR_DATABASE_URL and that the server is running; for SQLite, free disk space."


class Cancelled(VdrError):
    """Indexing of the document was cancelled."""

    code = "cancelled"
    status = 409
    remedy = "Index it again with POST /v1/documents/{document_id}/retry."


class QueueFull(VdrError):
    """The queue is full."""

    code = "queue_full"
    status = 429
    retry_after_s = 30
    remedy = "Try again later, or raise VDR_QUEUE_LIMIT."


class TooManySearches(VdrError):
    """Too many searches are waiting."""

    code = "too_many_searches"
    status = 429
    retry_after_s = 1
    remedy = "Try again shortly, or raise VDR_SEARCH_QUEUE_LIMIT."


class WorkerCrashed(VdrError):
    """The worker crashed repeatedly while indexing this document."""

    code = "worker_crashed"
    remedy = "Give the worker more memory and retry, or delete the document."


class ObjectsUnavailable(VdrError):
    """The object store (folder or bucket) is unavailable or denies access."""

    code = "objects_unavailable"
    status = 503
    retry_after_s = 10
    remedy = (
        "Try again shortly; if the problem persists, check VDR_OBJECTS_URL, its credentials and the disk."
    )


class ObjectDamaged(VdrError):
    """A stored file (PDF, page image or page words) is corrupted."""

    code = "object_damaged"
    remedy = "Run `vdr check --repair`, or delete the document and upload it again."


class StorageFull(VdrError):
    """No disk space left."""

    code = "storage_full"
    status = 507
    retry_after_s = 30
    remedy = "Free some space in VDR_DATA_DIR, VDR_OBJECTS_URL or the temporary folder, then try again."


class UnknownRoute(NotFound):
    """This address does not exist."""

    code = "unknown_route"
    remedy = "GET /openapi.json lists all addresses."


class MethodNotAllowed(VdrError):
    """This address does not support this HTTP method."""

    code = "method_not_allowed"
    status = 405
    remedy = "GET /openapi.json lists the methods of each address."


class CrossSite(VdrError):
    """Another website sent this request through a visitor's browser."""

    code = "cross_site"
    status = 403
    remedy = "Use the web UI of this service, or send the request from a program."


class UnknownHost(VdrError):
    """The request names a host that this service does not answer to."""

    code = "unknown_host"
    status = 421
    remedy = "Use an IP address or localhost, or add the name to VDR_ALLOWED_HOSTS."


class NotAnImage(BadInput):
    """Not a supported image."""

    code = "not_an_image"
    status = 415
    remedy = "Send a PNG, JPEG or WebP image."


class ImageTooLarge(BadInput):
    """The image exceeds the limit on bytes or pixels."""

    code = "image_too_large"
    status = 413
    remedy = "Send a smaller image."


class RequestTooLarge(BadInput):
    """The request body is too large."""

    code = "request_too_large"
    status = 413
    remedy = "Send a smaller request; upload files as multipart/form-data."


class CursorExpired(VdrError):
    """The cursor is of an index or of settings that are no longer used."""

    code = "cursor_expired"
    status = 410
    remedy = "Search again without a cursor, and continue from its `next_cursor`."


class NotReady(VdrError):
    """The service is running but cannot answer searches."""

    code = "not_ready"
    status = 503
    retry_after_s = 5
    remedy = "Try again shortly; if the problem persists, check the log of the service."
