"""`prepare`: turns a folder of PDFs into training pages, real ones, scanned-again ones and rendered ones."""

import argparse
import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

import numpy as np

from training.drawing.fonts import reading_fonts
from training.drawing.page_lines import GrayImage, PageLines
from training.drawing.scanning import rescanned
from training.page_reader.pages import RENDERED, PageWriter, read_pages
from training.page_reader.pdf_pages import pdf_pages
from training.page_reader.render import PageRenderer
from training.page_reader.texts import LISTED_SHARE, TextSource, accented, word_lists
from training.page_reader.train import is_held_out
from vdr.objects.checksums import hash_of

LONG_SIDE = 1_536
_SCANNED_SHARE = 0.25


def main() -> None:
    """Command line: `python -m training.page_reader.prepare PDFS OUT`; run again, it resumes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdfs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rendered", type=int, default=2_000, help="rendered pages")
    parser.add_argument(
        "--listed", type=float, default=LISTED_SHARE, help="share of rendered pages written with word lists"
    )
    parser.add_argument(
        "--accents", action="store_true", help="write half of these with accented words alone"
    )
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    prepare_pdfs(sorted(options.pdfs.rglob("*.pdf")), options.out, options.workers)
    lists = Lists(options.listed, options.accents)
    prepare_rendered(options.out, options.rendered, options.workers, lists)


def prepare_pdfs(pdfs: Iterable[Path], out: Path, workers: int) -> None:
    """One folder per PDF, so that processes never write to the same file."""
    with get_context("spawn").Pool(workers) as pool:
        for name, pages in pool.imap_unordered(_prepare_pdf, list(_jobs(pdfs, out / "pdf"))):
            print(f"{name}: {'cannot be read' if pages is None else f'{pages} pages'}", flush=True)


class Lists(NamedTuple):
    """The share of rendered pages that word lists write; with `accents`, half of these in accented words."""

    share: float = LISTED_SHARE
    accents: bool = False

    def source(self, lines: Iterable[list[str]]) -> TextSource:
        """Text of these lines and of the installed lists."""
        lists = word_lists()
        return TextSource.of(lines, (*lists, *accented(lists)) if self.accents else lists, self.share)


def prepare_rendered(out: Path, count: int, workers: int, lists: Lists = Lists()) -> None:  # noqa: B008 - frozen
    """Rendered pages in `workers` folders; their text comes from the prepared PDFs and word lists."""
    jobs = [(out, worker, range(worker, count, workers), lists) for worker in range(workers)]
    with get_context("spawn").Pool(workers) as pool:
        for pages in pool.imap_unordered(_prepare_rendered, jobs):
            print(f"rendered {pages} pages", flush=True)


def said_in(data: Path) -> Iterator[list[str]]:
    """The words of every line of the prepared PDFs but those held out, which nothing may learn from."""
    for folder in sorted((data / "pdf").iterdir()):
        for page in (each for each in read_pages(folder) if not is_held_out(each)):
            yield from ([word.text for word in line.words] for line in page.text.lines)


def _jobs(pdfs: Iterable[Path], out: Path) -> Iterator[tuple[Path, Path]]:
    """Each PDF with its folder, which goes by its name, or of several that share it, by the bytes."""
    seen: set[str] = set()
    for pdf in pdfs:
        key = pdf.name if pdf.name not in seen else f"{pdf.name}/{hash_of(pdf)}"
        if key not in seen:
            seen.add(key)
            yield pdf, out / hashlib.sha256(key.encode()).hexdigest()[:12]


def _prepare_pdf(job: tuple[Path, Path]) -> tuple[str, int | None]:
    """The name of a PDF and how many pages it gave; None where poppler cannot read it."""
    pdf, folder = job
    writer = PageWriter(folder)
    try:
        for index, image, text in pdf_pages(pdf, LONG_SIDE):
            if (name := f"{index:05d}.npy") not in writer.done:
                rng = np.random.default_rng([int(folder.name, 16), index])
                writer.write(name, *_maybe_scan(image, text, rng, pdf.name))
    except (subprocess.CalledProcessError, ParseError):
        return pdf.name, None
    return pdf.name, len(writer.done)


def _prepare_rendered(job: tuple[Path, int, range, Lists]) -> int:
    out, worker, seeds, lists = job
    renderer = PageRenderer(lists.source(said_in(out)), reading_fonts(), LONG_SIDE)
    writer = PageWriter(out / f"rendered-{worker}")
    for seed in seeds:
        if (name := f"{seed:06d}.npy") not in writer.done:
            image, text = renderer.render(seed)
            writer.write(name, *_maybe_scan(image, text, np.random.default_rng([1, seed]), RENDERED))
    return len(writer.done)


def _maybe_scan(
    image: GrayImage, text: PageLines, rng: np.random.Generator, source: str
) -> tuple[GrayImage, str, PageLines]:
    if rng.random() < _SCANNED_SHARE:
        image, text = rescanned(image, text, rng)
    return image, source, text


if __name__ == "__main__":
    main()
