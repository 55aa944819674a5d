"""Reads labelled questions from a Hugging Face data set whose rows hold page images."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, load_dataset, load_from_disk
from datasets import Image as ImageColumn
from PIL import Image, UnidentifiedImageError

from indexer.pdf.photographs import upright
from training.pairs.config import LabelledConfig
from training.pairs.sources import LABELLED, PageImage, SourceQuery
from vdr.errors import BadInput

# What Pillow has been seen to raise over broken images; too large a one is a warning, then an error.
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)
_REMEDY = "Correct the data set, or the columns named in the configuration."


@dataclass(frozen=True, slots=True)
class ImageDocument:
    """Page images of a data set that belong together; `places` tells row and column of each."""

    name: str
    rows: Dataset
    places: tuple[tuple[int, str], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Nothing: images have no text layer."""
        return ("",) * len(self.places)

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        """The pages, decoded one at a time."""
        for number in page_numbers:
            row, column = self.places[number - 1]
            yield number, _decode(self.rows, row, column)


def read_image_dataset(config: LabelledConfig) -> tuple[list[ImageDocument], list[SourceQuery]]:
    """The documents and the questions of a data set; the same image twice is one page.

    Images with the same value in the document column are one document, whichever row shows them first;
    without that column each image is one. Raises BadInput where the data set or a column is missing, or an
    image is unreadable (which row).
    """
    rows, images = _open(config)
    name = Path(config.path).name
    pages: dict[str, tuple[str, int]] = {}  # the hash of an image: its document and page number
    places: dict[str, list[tuple[int, str]]] = {}
    marks = [{column: _mark(rows, row, column) for column in images} for row in range(len(rows))]
    groups = {
        right: _group(rows, row, config)
        for row, its in reversed(list(enumerate(marks)))
        if (right := its[config.columns.image])
    }
    queries: list[SourceQuery] = []
    for row, its in enumerate(marks):
        for column, mark in its.items():
            if mark is None or mark in pages:
                continue
            document = f"{name}/{groups.get(mark) or mark[:16]}"
            places.setdefault(document, []).append((row, column))
            pages[mark] = document, len(places[document])
        if right := its[config.columns.image]:
            queries += _query(rows[config.columns.query][row], *pages[right])
    return [ImageDocument(document, rows, tuple(its)) for document, its in places.items()], queries


def _open(config: LabelledConfig) -> tuple[Dataset, list[str]]:
    """The rows with images left encoded, and which columns are images."""
    rows = _load(config)
    columns = config.columns
    for wanted in (columns.query, columns.image):
        if wanted not in rows.column_names:
            raise BadInput(f"{config.path} has no column {wanted}.", remedy=_REMEDY)
    images = [columns.image, *(c for c in rows.column_names if c.startswith(columns.negatives))]
    images = [name for name in images if isinstance(rows.features[name], ImageColumn)]
    if columns.image not in images:
        raise BadInput(f"{config.path}: the column {columns.image} does not contain images.", remedy=_REMEDY)
    for name in images:
        rows = rows.cast_column(name, ImageColumn(decode=False))
    return rows, images


def _load(config: LabelledConfig) -> Dataset:
    try:
        if (Path(config.path) / "dataset_dict.json").is_file() or (
            Path(config.path) / "state.json"
        ).is_file():
            loaded = load_from_disk(config.path)
        else:
            loaded = load_dataset(config.path, split=config.split)
        return loaded[config.split] if isinstance(loaded, DatasetDict) else loaded
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise BadInput(f"Cannot read the data set {config.path}: {reason}", remedy=_REMEDY) from error


def _bytes(rows: Dataset, row: int, column: str) -> bytes | None:
    """The encoded image; None for an empty cell."""
    cell: dict[str, Any] | None = rows[column][row]
    if cell is None:
        return None
    try:
        return cell["bytes"] or Path(cell["path"]).read_bytes()
    except (OSError, TypeError) as error:
        raise _unreadable(row, column) from error


def _mark(rows: Dataset, row: int, column: str) -> str | None:
    encoded = _bytes(rows, row, column)
    return None if encoded is None else hashlib.sha256(encoded).hexdigest()


def _group(rows: Dataset, row: int, config: LabelledConfig) -> str:
    """The document of the right page of a row; a row does not tell which one a wrong page is from."""
    name = config.columns.document
    return str(rows[name][row]) if name in rows.column_names else ""


def _query(text: str | None, document: str, page_number: int) -> Iterator[SourceQuery]:
    """The question of a row; none where the cell is empty, as in rows of further pages."""
    if text and text.strip():
        yield SourceQuery(text.strip(), document, (page_number,), LABELLED)


def _decode(rows: Dataset, row: int, column: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = upright(Image.open(BytesIO(_bytes(rows, row, column) or b"")))
    except _UNREADABLE as error:
        raise _unreadable(row, column) from error
    return image


def _unreadable(row: int, column: str) -> BadInput:
    return BadInput(f"Row {row + 1}: the image in column {column} cannot be read.", remedy=_REMEDY)
