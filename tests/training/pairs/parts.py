"""Small documents, layouts and data sets of pairs, all real."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from training.pairs.dataset import Content, PageRecord, Pair, write_dataset
from training.pairs.images import to_webp
from training.pairs.layout import Fragment, PageLayout, lay_out
from training.pairs.manifest import Manifest
from training.pairs.sources import PageImage, page_id_of

LETTER = 6  # points that a letter takes in a hand-made layout


def row(y: float, *texts: tuple[float, str], size: float = 12, is_bold: bool = False) -> list[Fragment]:
    """Fragments beside each other: (left, text)."""
    return [
        Fragment(text, left, y, left + LETTER * len(text), y + size, size, is_bold) for left, text in texts
    ]


def layout(*rows: list[Fragment], number: int = 1) -> PageLayout:
    """A hand-made page."""
    return lay_out(number, [fragment for each in rows for fragment in each])


def picture(text: str, size: tuple[int, int] = (300, 400)) -> Image.Image:
    """An image that says something, large."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).multiline_text((10, 10), text.replace(" ", "\n"), "black", font_size=40)
    return image


@dataclass(frozen=True)
class PaintedDocument:
    """A document whose pages are painted, or fail, as told."""

    name: str
    texts: tuple[str, ...]
    painted: tuple[PageImage, ...]

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        return (page for page in self.painted if page[0] in page_numbers)


def painted(name: str, *texts: str) -> PaintedDocument:
    """A document that shows its texts."""
    return PaintedDocument(name, texts, tuple((n, picture(text)) for n, text in enumerate(texts, start=1)))


def record(document: str, number: int, split: str) -> PageRecord:
    image = to_webp(picture(f"{document} {number}"), 128)
    return PageRecord(
        page_id_of(document, number), image, document, number, split, f"{document} text {number}"
    )


def pair(document: str, number: int, query: str, *negatives: str, source: str = "labelled") -> Pair:
    return Pair(f"q-{query}", query, page_id_of(document, number), source, "", document, number, negatives)


TRAIN_PAIRS = (pair("a.pdf", 1, "one"), pair("a.pdf", 2, "two"), pair("b.pdf", 1, "three", source="phrases"))
EVAL_PAIRS = (pair("c.pdf", 1, "four"), pair("c.pdf", 2, "four"))
PAGES = (("a.pdf", 3, "train"), ("b.pdf", 2, "train"), ("c.pdf", 4, "eval"))


def write_small(
    folder: Path, train: Sequence[Pair] = TRAIN_PAIRS, evaluation: Sequence[Pair] = EVAL_PAIRS
) -> Path:
    """A data set of nine pages in three documents."""
    pages = (record(name, n, split) for name, count, split in PAGES for n in range(1, count + 1))
    counts = {"train": {"labelled": {"": 2}, "phrases": {"": 1}}, "eval": {"labelled": {"": 1}}}
    content = Content(train, evaluation, Manifest(queries=counts, warnings=["b.pdf is odd."]))
    write_dataset(folder, pages, lambda _: content)
    return folder


def write_filing(path: Path, company: str, topics: Sequence[str]) -> Path:
    """A PDF with a page for each topic: heading, paragraph, table and caption."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for number, topic in enumerate(topics, start=1):
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(60, 780, f"{topic.title()} of {company}")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(
            60, 740, f"{company} spent ${number}7 million on {topic} machinery in Bremen during 2019."
        )
        canvas.drawString(60, 700, f"Figure {number}. Shares of {topic} suppliers by region")
        for x, year in ((300, "2019"), (400, "2018")):
            canvas.drawString(x, 660, year)
        for y, label in ((640, f"{topic.title()} revenue"), (620, f"{topic.title()} wages")):
            canvas.drawString(60, y, label)
            canvas.drawString(300, y, f"{number * 1111 + y:,}")
            canvas.drawString(400, y, f"{number * 999 + y:,}")
        canvas.drawString(60, 40, f"{company} annual filing, page {number}")
        canvas.showPage()
    canvas.save()
    return path
