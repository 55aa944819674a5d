"""Everything that the page reader's card claims, measured on a folder of PDFs and questions it never saw.

    python -m benchmarks.reader FOLDER [--cache CACHE] [--pages 640] [--scanned 60]

FOLDER has pdfs/ and queries.jsonl; pages are indexed into CACHE as `vdr evaluate` does. The last line is
JSON: reading, also of pages scanned again; how far confidence is from the share that is right; ranking by
each representation; Matryoshka; Tesseract for comparison; speed; size.
"""

import io
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from math import cos, radians, sin
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from PIL import Image, ImageFilter

from benchmarks.short_documents import write_short
from indexer.ahead import ahead
from indexer.commands.index import index_files
from indexer.ocr.pages import read_pages
from indexer.paths import find_pdfs
from indexer.services import open_services
from training.evaluate.corpus import DEFAULT_CACHE, open_corpus
from training.evaluate.reliability import calibration_error, reliability
from training.evaluate.result import Evaluation
from training.evaluate.run import Task, evaluate_folder, read_task
from training.evaluate.scores import NDCG
from training.evaluate.systems import Scope
from training.page_reader.measure import score_reading, vocabulary_of
from training.page_reader.reliability import judge
from vdr.environment import read_settings
from vdr.models.checkpoint import open_checkpoint
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.loading import Models
from vdr.models.several import first_of
from vdr.objects.store import ObjectStore
from vdr.page_reader.calibration import Calibration
from vdr.page_reader.codes import WordCodes
from vdr.page_reader.modules import PageImage
from vdr.settings import PAGE_READER, OcrMode, Settings
from vdr.types import Box, PageRef, PageWords, Word

_WEIGHTS = Path(__file__).resolve().parent.parent / "vdr" / "page_reader" / "weights"
_TURNED, _BLUR, _NOISE, _JPEG = 1.0, 0.8, 8.0, 40
_TIMED_DOCUMENTS = 4


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where pages are kept for the next time.")] = DEFAULT_CACHE,
    pages: Annotated[int, typer.Option(help="Pages whose words are compared with the text layer.")] = 640,
    scanned: Annotated[int, typer.Option(help="Pages of those that are scanned again.")] = 60,
) -> None:
    """Measure all of it."""
    settings = read_settings()
    settings = settings.model_copy(update={"model": first_of(settings.model)})
    embedder = load_embedder(settings.model)
    load = lambda _: embedder  # noqa: E731
    report = evaluate_folder(Task(folder, cache), settings, load, typer.echo).evaluation
    reading = _reading(folder, cache, settings, embedder, pages, scanned)
    with tempfile.TemporaryDirectory(prefix="vdr-reader-") as work:
        beside = _beside_tesseract(folder, cache, Path(work), settings, embedder)
    told = {
        "benchmark": "reader",
        "fingerprint": embedder.fingerprint,
        **reading,
        "ndcg@10": {name: _ndcg(report, name) for name in report.meanings},
        "matryoshka": {
            f"1/{share}": _kept(report, embedder.dims, embedder.dims // share) for share in (4, 32)
        },
        **beside,
        "weights_mb": round(sum(f.stat().st_size for f in _WEIGHTS.rglob("*") if f.is_file()) / 1e6, 2),
    }
    typer.echo(json.dumps(told))


def _ndcg(report: Evaluation, system: str) -> dict[str, float] | None:
    """nDCG@10 within the document and over the corpus."""
    scores = [report.scores.get((system, scope)) for scope in Scope]
    return {
        scope: round(each.metrics[NDCG].mean, 4) for scope, each in zip(Scope, scores, strict=True) if each
    } or None


def _kept(report: Evaluation, dims: int, fewer: int) -> dict[str, float]:
    """The share of the one vector's nDCG@10 that is left at fewer dimensions."""
    full, cut = _ndcg(report, f"visual@{dims}"), _ndcg(report, f"visual@{fewer}")
    return {scope: round(cut[scope] / full[scope], 4) for scope in full} if full and cut else {}


def _reading(
    folder: Path, cache: Path, settings: Settings, embedder: Embedder, count: int, scanned: int
) -> dict[str, Any]:
    _, documents = read_task(Task(folder, cache), settings)
    with open_corpus(folder, documents, settings, embedder, cache=cache, say=typer.echo) as corpus:
        objects = corpus.library.objects
        stored = [(page, objects.page_words(page)) for page in documents.pages]
        with_text = [(page, words) for page, words in stored if words.text_layer]
        vocabulary = vocabulary_of(words for _, words in with_text)
        sample = with_text[:: max(len(with_text) // count, 1)]
        again = sample[:: max(len(sample) // scanned, 1)]
        read_again = [
            _read_again(objects, embedder, page, words, seed) for seed, (page, words) in enumerate(again)
        ]
        confidence = _confidence(objects, settings, again)
    codes = WordCodes()
    return {
        "pages_read": len(sample),
        "reading": _shares([words for _, words in sample], vocabulary, codes),
        "pages_scanned_again": len(again),
        "the_same_before": _shares([words for _, words in again], vocabulary, codes),
        "scanned_again": _shares(read_again, vocabulary, codes),
        "confidence": {**confidence, "ece_scanned_again": round(calibration_error(judge(read_again)), 4)},
    }


def _shares(pages: Sequence[PageWords], vocabulary: Sequence[str], codes: WordCodes) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(score_reading(pages, vocabulary, codes)).items()}


def _confidence(
    objects: ObjectStore, settings: Settings, pages: Sequence[tuple[PageRef, PageWords]]
) -> dict[str, Any]:
    """The expected calibration error on pages, with the confidence that the nets give and as calibrated."""
    model = settings.model.embedder
    loaded = open_checkpoint(str(_WEIGHTS) if model == PAGE_READER else model, "cpu")
    page_image = next(module for module in loaded.modules() if isinstance(module, PageImage))
    calibration = Calibration(page_image.offset, page_image.slope)
    page_image.offset, page_image.slope = Calibration().offset, Calibration().slope
    before = []
    for page, words in pages:
        with Image.open(io.BytesIO(objects.page_image(page))) as image:
            (read,) = page_image.preprocess([image.convert("RGB")])["page_words"]
        before.append(replace(words, read=tuple(read)))
    judged = judge([replace(words, read=tuple(calibration.apply(words.read))) for words in before])
    return {
        "words": len(judged.right),
        "ece_of_nets": round(calibration_error(judge(before)), 4),
        "ece": round(calibration_error(judged), 4),
        "reliability": [(b.size, round(b.confidence, 3), round(b.right, 3)) for b in reliability(judged)],
    }


def _read_again(
    objects: ObjectStore, embedder: Embedder, page: PageRef, words: PageWords, seed: int
) -> PageWords:
    """The words of a page read from a print of it that was scanned, and those of its text layer there."""
    with Image.open(io.BytesIO(objects.page_image(page))) as image:
        turned = tuple(_turn(word, image.size) for word in words.text_layer)
        (vectors,) = embedder.encode_pages([_scan(image.convert("RGB"), seed)])
    return PageWords(text_layer=turned, read=vectors.words)


def _scan(image: Image.Image, seed: int) -> Image.Image:
    """The page turned by a degree, blurred, noisy, and squeezed into a bad JPEG."""
    turned = image.rotate(_TURNED, Image.Resampling.BILINEAR, fillcolor="white")
    pixels = np.asarray(turned.filter(ImageFilter.GaussianBlur(_BLUR)), np.float32)
    noise = np.random.default_rng(seed).normal(0, _NOISE, pixels.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=_JPEG)
    return Image.open(buffer).convert("RGB")


def _turn(word: Word, size: tuple[int, int]) -> Word:
    """Where the middle of a word goes when its page turns counter-clockwise about its centre."""
    width, height = size
    box = word.box
    x, y = ((box.x0 + box.x1) / 2 - 0.5) * width, ((box.y0 + box.y1) / 2 - 0.5) * height
    across, down = (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2
    turned_x = (x * cos(radians(_TURNED)) + y * sin(radians(_TURNED))) / width + 0.5
    turned_y = (y * cos(radians(_TURNED)) - x * sin(radians(_TURNED))) / height + 0.5
    return replace(word, box=Box(turned_x - across, turned_y - down, turned_x + across, turned_y + down))


def _beside_tesseract(
    folder: Path, cache: Path, work: Path, settings: Settings, embedder: Embedder
) -> dict[str, Any]:
    """Tesseract and BM25 on the short documents, and how fast both are on some of them."""
    short = cache.expanduser() / "short"
    if not short.exists():
        write_short(folder, short)
    every = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"ocr": OcrMode.ALL})})
    report = evaluate_folder(Task(short, cache, dims=()), every, lambda _: embedder, typer.echo).evaluation
    ours, theirs = _ndcg(report, "visual+rerank"), _ndcg(report, "ocr")
    files = find_pdfs([str(short / "pdfs")])[:_TIMED_DOCUMENTS]
    index = settings.index.model_copy(update={"data_dir": work / "timed"})
    models = Models.of(settings.model, embedder)
    with open_services(settings.model_copy(update={"index": index}), models) as services:
        library = services.library()
        summary = index_files(files, library)
        images = list(_images(library.objects, summary.pages))
    started = time.perf_counter()
    tasks = (partial(read_pages, [image], settings.ingest.ocr_language, settings.ingest) for image in images)
    with closing(ahead(tasks, settings.ingest.rasterize_workers)) as done:
        count = sum(1 for _ in done)
    tesseract = count / (time.perf_counter() - started)
    return {
        "short_documents": {"ours": ours, "read": _ndcg(report, "read"), "tesseract+bm25": theirs},
        "share_of_tesseract": {scope: round(ours[scope] / theirs[scope], 4) for scope in ours}
        if ours and theirs
        else {},
        "pages_per_s": {
            "pages": summary.pages,
            "indexing": round(summary.pages_per_second, 2),
            "tesseract": round(tesseract, 2),
            "ratio": round(summary.pages_per_second / tesseract, 2),
        },
    }


def _images(objects: ObjectStore, most: int) -> Iterator[bytes]:
    for document_id in objects.document_ids():
        for number in sorted(objects.pages(document_id))[:most]:
            yield objects.page_image(PageRef(document_id, number))


if __name__ == "__main__":
    with torch.inference_mode():
        typer.run(main)
