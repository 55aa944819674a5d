"""Reads the words of page images by Tesseract, in the cage: what a text layer leaves out."""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

from indexer.ocr import tesseract
from indexer.pdf.cage import Overrun, cage
from vdr.errors import BadSetting, MissingProgram
from vdr.readability import is_hardly_read
from vdr.rooms import as_program
from vdr.settings import IngestSettings, OcrMode
from vdr.types import Box, PageWords, Word

_logger = logging.getLogger(__name__)
# A page with fewer words in its text layer is taken for a scan: many get a stamp or a page number as text.
_FEW_WORDS = 10
_SURE = 100.0
_START_S = 10.0


def is_wanted(words: PageWords, mode: OcrMode) -> bool:
    """Whether Tesseract should read a page that has these words."""
    if mode is OcrMode.MISSING:
        return len(words.text_layer) < _FEW_WORDS or is_hardly_read(replace(words, ocr=None))
    return mode is OcrMode.ALL


def languages_of(collection: str, settings: IngestSettings) -> str:
    """What Tesseract is to read in a collection."""
    return settings.ocr_languages.get(collection, settings.ocr_language)


def check_ocr(collection: str, settings: IngestSettings) -> None:
    """Raises MissingProgram or BadSetting where OCR is wanted but Tesseract, or a language, is not there."""
    if settings.ocr is OcrMode.OFF:
        return
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MissingProgram.named("tesseract") from error
    missing = set(languages_of(collection, settings).split("+")) - set(listed.stdout.split())
    if missing:
        raise BadSetting(
            f"VDR_OCR_LANGUAGE: Tesseract languages not installed: {', '.join(sorted(missing))}.",
            remedy="Install tesseract-ocr-<language>; `tesseract --list-langs` lists what is installed.",
        )


def read_pages(images: Sequence[bytes], languages: str, settings: IngestSettings) -> list[tuple[Word, ...]]:
    """The words of page images, encoded as WebP; none of a page that Tesseract cannot read within its limits.

    Raises MissingProgram without Tesseract.
    """
    if not images:
        return []
    try:
        return _read(images, languages, settings)
    except _Unread as error:
        if len(images) == 1:
            _logger.warning("OCR of a page failed: %s", error)
            return [()]
        return [words for image in images for words in read_pages([image], languages, settings)]


class _Unread(Exception):
    pass


def _read(images: Sequence[bytes], languages: str, settings: IngestSettings) -> list[tuple[Word, ...]]:
    seconds = settings.page_timeout_s
    limit_s = _START_S + seconds * len(images)
    with cage(settings, limit_s) as caged:
        caged.program("tesseract")
        files = [caged.folder / f"{number}.webp" for number in range(len(images))]
        for file, image in zip(files, images, strict=True):
            file.write_bytes(image)
        made = caged.folder / "words.json"
        command = ["python", *as_program("indexer.ocr.tesseract"), languages, str(seconds), str(made)]
        try:
            status = caged.run([*command, *files], limit_s, program=sys.executable)
        except Overrun as error:
            raise _Unread(str(error)) from error
        if status == tesseract.NO_LANGUAGE:
            raise BadSetting(f"VDR_OCR_LANGUAGE: a language of {languages} is not installed.")
        if status != tesseract.DONE:
            raise _Unread(f"Tesseract exited with status {status}.")
        return [_words(page) for page in json.loads(made.read_text(encoding="utf-8"))]


def _words(page: list[list[float | str]] | None) -> tuple[Word, ...]:
    if page is None:
        return ()
    (width, height), *rows = page
    return tuple(_word(row, float(width), float(height)) for row in rows)


def _word(row: list[float | str], width: float, height: float) -> Word:
    text = str(row[0])
    left, top, wide, high, confidence = (float(number) for number in row[1:])
    box = Box(left / width, top / height, (left + wide) / width, (top + high) / height)
    return Word(text, box, max(confidence, 0.0) / _SURE)
