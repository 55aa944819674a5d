"""What counts of a page that is read window by window: its best window, the mean of all, or the first alone.

    python -m benchmarks.windows ../shared/data/train/questions.jsonl MODEL [--source COVID-QA] [--length 64]

MODEL is a Sentence Transformers checkpoint that takes texts. Pages are those of one source, as their words,
and nothing is rendered. The last line is one JSON object: nDCG@10 of each, over all of these pages.
"""

import json
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sentence_transformers import SentenceTransformer

from benchmarks.source_pages import pages_of
from training.evaluate.metrics import mean_ndcg
from vdr.models.backend import choose_backend
from vdr.models.checkpoint import open_checkpoint
from vdr.models.fingerprint import fingerprint
from vdr.models.text_windows import text_windows, window_length
from vdr.settings import Backend
from vdr.types import FloatArray
from vdr.vectors import best_of_each, truncate

_AT_ONCE, _DEPTH = 32, 10


def main(
    questions: Annotated[Path, typer.Argument(help="Pages with questions, one JSON object a line.")],
    model: Annotated[str, typer.Argument(help="Folder or Hub name of the checkpoint.")],
    source: Annotated[str, typer.Option(help="Whose pages.")] = "COVID-QA",
    backend: Annotated[Backend, typer.Option(help="What runs the checkpoint.")] = Backend.AUTO,
    length: Annotated[
        int | None, typer.Option(min=8, help="Tokens of a window. Default: the model's.")
    ] = None,
) -> None:
    """Rank the pages of a source for each of its questions."""
    pages = pages_of(questions, source)
    asked = [(query, row) for row, page in enumerate(pages) for query in page.queries]
    loaded = open_checkpoint(model, None)
    loaded.max_seq_length = length or loaded.max_seq_length
    choose_backend(loaded, model, backend, fingerprint(model, {}))
    windows = [text_windows(page.words, loaded.tokenizer, window_length(loaded)) for page in pages]
    started = time.perf_counter()
    rows = _embedded(loaded, [text for page in windows for text in page])
    seconds = time.perf_counter() - started
    queries = _embedded(loaded, [query for query, _ in asked])
    counts = list(map(len, windows))
    starts = np.cumsum([0, *counts[:-1]])
    scores = queries @ rows.T
    means = truncate(np.add.reduceat(rows, starts), rows.shape[1])
    ranked = {
        "best": best_of_each(scores, counts),
        "mean": queries @ means.T,
        "first": scores[:, starts],
    }
    figures = {
        "benchmark": "windows",
        "model": Path(model).name,
        "source": source,
        "backend": backend.value,
        "length": loaded.max_seq_length,
        "pages": len(pages),
        "windows": len(rows),
        "questions": len(asked),
        "windows_per_s": round(len(rows) / seconds, 1),
        **{
            name: round(mean_ndcg(each, [row for _, row in asked], _DEPTH), 4)
            for name, each in ranked.items()
        },
    }
    typer.echo(json.dumps(figures))


def _embedded(model: SentenceTransformer, texts: list[str]) -> FloatArray:
    found: FloatArray = model.encode(texts, batch_size=_AT_ONCE, normalize_embeddings=True)
    return found


if __name__ == "__main__":
    typer.run(main)
