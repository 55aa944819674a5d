"""Documents that are attached to a document: taken in as documents of their own, or warned of."""

from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.library import Library
from indexer.pdf.attachments import Attachment, take_out
from indexer.pdf.facts import PdfFacts
from vdr.errors import DocumentError
from vdr.types import Document, DocumentWarning


def warnings_of(library: Library, document: Document, pdf: Path, facts: PdfFacts) -> list[DocumentWarning]:
    """What a person should know of a document; what is attached to it is taken in, if that is wanted."""
    warnings = [_PLACEHOLDER] if facts.is_placeholder else []
    if facts.attached and document.parent_id is None:  # what is attached to that came with its parent
        if not library.settings.index_attachments:
            warnings.append(_not_indexed(facts.attached, _SWITCH_ON))
        elif left_out := _take_in(library, document, pdf):
            warnings.append(_not_indexed(left_out, _SEND_THEM))
    return warnings


_PLACEHOLDER = DocumentWarning(
    "xfa_form",
    "This is a dynamic XFA form: its pages are a placeholder, and what it contains was not indexed. "
    "Open it in Adobe Acrobat, print it to a PDF and upload that.",
)
_SWITCH_ON = "Set VDR_INDEX_ATTACHMENTS=true and index it again, or upload them separately."
_SEND_THEM = (
    "They are of an unsupported type, damaged, or beyond VDR_MAX_ATTACHMENTS or VDR_MAX_FILE_BYTES. "
    "Upload them separately."
)


def _not_indexed(count: int, remedy: str) -> DocumentWarning:
    files = "1 attached document was" if count == 1 else f"{count:,} attached documents were"
    return DocumentWarning("attachments_not_indexed", f"{files} not indexed. {remedy}")


def _take_in(library: Library, document: Document, pdf: Path) -> int:
    """Queue what is attached to a document; how many of it could not be taken. Twice changes nothing."""
    with TemporaryDirectory(prefix="vdr-", ignore_cleanup_errors=True) as folder:
        attachments, left_out = take_out(pdf, library.settings, Path(folder))
        ids: list[str] = []
        for each in attachments:
            parent_id = document.document_id if each.parent is None else ids[each.parent]
            added = _add(library, document, each, parent_id or document.document_id)
            left_out += added is None
            ids.append(added or "")
    return left_out


def _add(library: Library, document: Document, attachment: Attachment, parent_id: str) -> str | None:
    try:
        added, _ = library.add(
            attachment.path,
            attachment.name,
            document.indexing.priority,
            document.added_by,
            metadata=document.metadata,
            is_still=True,
            parent_id=parent_id,
        )
    except DocumentError:
        return None
    return added.document_id
