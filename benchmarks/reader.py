"""How well the page reader reads the pages of an indexed folder: the last line is JSON.

    python -m benchmarks.reader CACHE [--pages 600]

CACHE is the folder in which `vdr evaluate` or `vdr index` keeps its objects.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch

from training.page_reader.measure import score_reading, vocabulary_of
from vdr.models.embedder import load_embedder
from vdr.objects.store import ObjectStore
from vdr.page_reader.codes import WordCodes
from vdr.settings import IndexSettings, ModelSettings
from vdr.types import PageWords


def main() -> None:
    """Reads the stored words of every page, scores an even sample of them, prints the shares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cache", type=Path)
    parser.add_argument("--pages", type=int, default=600, help="pages scored; the vocabulary comes from all")
    parser.add_argument("--collection", default="evaluate")
    options = parser.parse_args()
    settings = IndexSettings(data_dir=options.cache, collection=options.collection)
    pages = list(_stored_pages(options.cache / "objects" / settings.collection, ObjectStore.open(settings)))
    with_text = [page for page in pages if page.text_layer]
    sample = with_text[:: max(len(with_text) // options.pages, 1)]
    embedder = load_embedder(ModelSettings())
    score = score_reading(sample, vocabulary_of(with_text), WordCodes())
    print(
        json.dumps(
            {
                "benchmark": "reader",
                "pages": len(sample),
                "fingerprint": embedder.fingerprint,
                **asdict(score),
            }
        )
    )


def _stored_pages(root: Path, objects: ObjectStore) -> Iterator[PageWords]:
    for document in sorted(folder for folder in root.iterdir() if (folder / "document.pdf").exists()):
        for number in sorted(int(file.stem) for file in document.rglob("*.json")):
            yield objects.page_words(document.name, number)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
