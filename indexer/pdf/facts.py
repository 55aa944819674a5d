"""What a PDF says of itself beside its pages, read in the cage."""

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ValidationError

from indexer.pdf.cage import Overrun, cage
from indexer.pdf.dates import pdf_date
from indexer.pdf.labels import LabelRange, page_labels
from vdr.rooms import as_program
from vdr.settings import IngestSettings
from vdr.types import PdfInfo

# What programs write where nobody has told them.
_PLACEHOLDERS = frozenset({"untitled", "anonymous", "unspecified"})
_MAX_CHARACTERS = 300  # of a title, or of a list of authors
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What a PDF says of itself.

    `page_labels` are what is printed on its pages, from the first on; empty where it does not say.
    `is_placeholder` tells that its pages stand in for a form that they do not show, `attached` how many
    documents it says are attached.
    """

    page_labels: tuple[str, ...] = ()
    info: PdfInfo = field(default_factory=PdfInfo)
    is_placeholder: bool = False
    attached: int = 0


class _Told(BaseModel):
    """What `extract_facts` prints."""

    labels: list[LabelRange] = []
    title: str = ""
    author: str = ""
    created: str = ""
    modified: str = ""
    is_placeholder: bool = False
    attached: int = 0


def read_facts(pdf: Path, page_count: int, settings: IngestSettings) -> PdfFacts:
    """What the PDF of so many pages says of itself: nothing where it is too damaged, or takes too long."""
    told = _told(pdf, page_count, settings)
    if told is None:
        return PdfFacts()
    dates = pdf_date(told.created), pdf_date(told.modified)
    info = PdfInfo(_line(told.title), _line(told.author), *dates)
    return PdfFacts(page_labels(told.labels, page_count), info, told.is_placeholder, told.attached)


def _line(text: str) -> str:
    """A text as it can be shown in a line and stored in a database; "" for one that says nothing."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_MAX_CHARACTERS]
    return "" if shown.lower().strip("()") in _PLACEHOLDERS else shown


def _told(pdf: Path, page_count: int, settings: IngestSettings) -> _Told | None:
    timeout_s = settings.page_timeout_s
    with cage(settings, timeout_s) as caged:
        caged.program("python", sys.executable)
        command = ["python", *as_program("indexer.pdf.extract_facts"), str(pdf.resolve()), str(page_count)]
        try:
            status, printed = caged.read(command, timeout_s)
            return _Told.model_validate_json(printed) if status == 0 else None
        except (Overrun, ValidationError) as error:
            _logger.warning("What %s says of itself cannot be read: %s", pdf, error)
            return None
