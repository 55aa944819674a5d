"""Takes the documents out that are attached to a PDF, in the cage."""

import logging
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, NonNegativeInt, ValidationError

from indexer.pdf.cage import Overrun, cage
from vdr.rooms import as_program
from vdr.settings import IngestSettings

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached document: where it lies, its name, and in which of those before it, if in any."""

    path: Path
    name: str
    parent: int | None


class _File(BaseModel):
    name: str
    parent: NonNegativeInt | None


class _Told(BaseModel):
    """What `extract_attachments` prints."""

    files: list[_File]
    left_out: NonNegativeInt


def take_out(pdf: Path, settings: IngestSettings, folder: Path) -> tuple[list[Attachment], int]:
    """The documents attached to a PDF and to PDFs among them, moved to `folder`, and how many were left out.

    They are at most `max_attachments`, of `max_file_bytes` each and twice that in all. Where that takes too
    long, or what is printed makes no sense, all of them are left out.
    """
    with cage(settings, settings.convert_timeout_s) as caged:
        caged.program("python", sys.executable)
        made = caged.folder / "attached"
        made.mkdir()
        limits = (str(settings.max_attachments), str(settings.max_file_bytes))
        command = [
            "python",
            *as_program("indexer.pdf.extract_attachments"),
            str(pdf.resolve()),
            str(made),
            *limits,
        ]
        try:
            status, printed = caged.read(command, settings.convert_timeout_s)
            told = _Told.model_validate_json(printed) if status == 0 else _Told(files=[], left_out=1)
        except (Overrun, ValidationError) as error:
            _logger.warning("What is attached to %s cannot be taken out: %s", pdf, error)
            return [], 1
        moved = (shutil.move(made / str(n), folder / str(n)) for n in range(len(told.files)))
        taken = [
            Attachment(Path(path), file.name, file.parent)
            for path, file in zip(moved, told.files, strict=True)
        ]
    return taken, told.left_out
