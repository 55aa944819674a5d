"""The text layer of whole documents as plain `pdftotext` gives it, page by page, for the baseline."""

import json
from collections.abc import Sequence
from pathlib import Path

from indexer.pdf.cage import Overrun, cage
from training.evaluate.documents import CorpusDocument
from vdr.errors import PdfBroken
from vdr.files import write_whole
from vdr.settings import IngestSettings

_PAGE_END = "\f"


def read_texts(documents: Sequence[CorpusDocument], cache: Path, settings: IngestSettings) -> list[str]:
    """The text of every page of every document, in order; "" for a page without. Kept in `cache`.

    Raises MissingProgram without poppler, PdfBroken where pdftotext fails or takes longer than its pages may.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return [text for document in documents for text in _cached(document, cache, settings)]


def _cached(document: CorpusDocument, cache: Path, settings: IngestSettings) -> list[str]:
    file = cache / f"{document.document_id}.json"
    if not file.exists():
        write_whole(file, json.dumps(_extract(document, settings), ensure_ascii=False))
    pages: list[str] = json.loads(file.read_text(encoding="utf-8"))
    return pages


def _extract(document: CorpusDocument, settings: IngestSettings) -> list[str]:
    command = ["pdftotext", "-q", "-enc", "UTF-8", str(document.path.resolve()), "-"]
    timeout_s = settings.page_timeout_s * max(document.page_count, 1)
    try:
        with cage(settings, timeout_s) as caged:
            status, told = caged.read(command, timeout_s)
    except Overrun as error:
        raise PdfBroken(
            f"Reading the text of {document.path.name} took longer than {timeout_s:g} s."
        ) from error
    if status != 0:
        raise PdfBroken(f"The text of {document.path.name} cannot be read.")
    pages = told.decode(errors="ignore").split(_PAGE_END)
    return (pages + [""] * document.page_count)[: document.page_count]
