"""The text layer of whole documents as plain `pdftotext` gives it, page by page, for the baseline."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from training.evaluate.documents import CorpusDocument
from training.evaluate.files import write_whole
from vdr.errors import MissingProgram, PdfBroken

_PAGE_END = "\f"


def read_texts(documents: Sequence[CorpusDocument], cache: Path) -> list[str]:
    """The text of every page of every document, in order; "" for a page without. Kept in `cache`.

    Raises MissingProgram without poppler, PdfBroken where pdftotext fails.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return [text for document in documents for text in _cached(document, cache)]


def _cached(document: CorpusDocument, cache: Path) -> list[str]:
    file = cache / f"{document.document_id}.json"
    if not file.exists():
        write_whole(file, json.dumps(_extract(document), ensure_ascii=False))
    pages: list[str] = json.loads(file.read_text(encoding="utf-8"))
    return pages


def _extract(document: CorpusDocument) -> list[str]:
    command = ["pdftotext", "-q", "-enc", "UTF-8", str(document.path.resolve()), "-"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise MissingProgram.named("pdftotext") from error
    except subprocess.CalledProcessError as error:
        raise PdfBroken(f"The text of {document.path.name} cannot be read.") from error
    pages = done.stdout.decode(errors="ignore").split(_PAGE_END)
    return (pages + [""] * document.page_count)[: document.page_count]
