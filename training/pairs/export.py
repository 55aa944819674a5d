"""The questions held out of a data set of pairs, with their pages as PDFs: a folder for `vdr evaluate`."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from datasets import Dataset
from datasets import Image as ImageFeature
from PIL import Image

from training.evaluate.questions import FILE_NAME
from training.pairs.dataset import Pair, check_parent, pairs_of, read_pairs, replacing
from training.pairs.splits import EVAL
from vdr.errors import BadInput

_LETTER = 792.0  # points, of a page's long side: the images know none
_QUALITY = 95  # of JPEG, the form of images in PDFs
_LONGEST_NAME = 80  # bytes


def export(dataset: Path, out: Path) -> tuple[int, int]:
    """Write pdfs/ and queries.jsonl of the eval split into a new folder; how many questions and pages.

    A page is its image alone: what a search finds of it, it has read. Pages are numbered as they follow each
    other, without gaps where a data set has left one out. Raises BadInput where `out` exists, or for what
    `read_pairs` does not take.
    """
    if out.exists():
        raise BadInput(f"{out} exists already.", remedy="Choose another folder.")
    check_parent(out)
    pairs = read_pairs(dataset)
    rows = _rows(pairs.pages)
    names = {document: _file_name(place, document) for place, document in enumerate(rows, start=1)}
    questions = list(_questions(pairs_of(pairs.eval), _places(pairs.pages, rows), names))
    images = pairs.pages.cast_column("image", ImageFeature(decode=False))
    with replacing(out) as draft:
        (draft / "pdfs").mkdir()
        for document, shown in rows.items():
            _write_pdf(draft / "pdfs" / names[document], (images[row]["image"]["bytes"] for row in shown))
        lines = (f"{json.dumps(question, ensure_ascii=False)}\n" for question in questions)
        (draft / FILE_NAME).write_text("".join(lines), encoding="utf-8")
    return len(questions), sum(map(len, rows.values()))


def _rows(pages: Dataset) -> dict[str, list[int]]:
    """Where the pages of each held-out document are, in the order of their numbers."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    told = zip(pages["document"], pages["page_number"], pages["split"], strict=True)
    for row, (document, number, split) in enumerate(told):
        if split == EVAL:
            found[document].append((number, row))
    return {document: [row for _, row in sorted(found[document])] for document in sorted(found)}


def _places(pages: Dataset, rows: Mapping[str, Sequence[int]]) -> dict[str, tuple[str, int]]:
    """The document of each held-out page, by its id, and its number there."""
    ids = pages["page_id"]
    return {
        ids[row]: (document, number)
        for document, shown in rows.items()
        for number, row in enumerate(shown, start=1)
    }


def _questions(
    pairs: Iterable[Pair], places: Mapping[str, tuple[str, int]], names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """What queries.jsonl says of each query: of several documents that answer it, the first."""
    asked: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        asked[pair.query_id].append(pair)
    for query_id, answers in asked.items():
        found = [places[each.positive_id] for each in answers]
        document, _ = found[0]
        yield {
            "query_id": query_id,
            "query": answers[0].query,
            "document": names[document],
            "page_numbers": sorted(number for other, number in found if other == document),
            "source": answers[0].source,
        }


def _file_name(place: int, document: str) -> str:
    """A name that any file system takes, and that no other document has."""
    told = re.sub(r"\W+", "-", document.removesuffix(".pdf")).strip("-")
    return f"{place:04}-{told.encode()[:_LONGEST_NAME].decode(errors='ignore')}.pdf"


def _write_pdf(file: Path, images: Iterable[bytes]) -> None:
    with pypdfium2.PdfDocument.new() as pdf:
        for encoded in images:
            _add_page(pdf, Image.open(BytesIO(encoded)).convert("RGB"))
        pdf.save(file)


def _add_page(pdf: pypdfium2.PdfDocument, image: Image.Image) -> None:
    """A page of the image's shape, which it fills."""
    size: Sequence[float] = [_LETTER * side / max(image.size) for side in image.size]
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=_QUALITY)
    drawn = pypdfium2.PdfImage.new(pdf)
    drawn.load_jpeg(encoded, inline=True)
    drawn.set_matrix(pypdfium2.PdfMatrix().scale(*size))
    page = pdf.new_page(*size)
    page.insert_obj(drawn)
    page.gen_content()
