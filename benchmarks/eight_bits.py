"""What the text encoder gains by multiplying in eight bits, and how far its vectors move.

    python -m benchmarks.eight_bits ../shared/data/train/questions.jsonl [--source COVID-QA] [--windows 300]

Windows of the pages of a source are embedded all at once, as pages are, and a question by itself; `float32`
has the same weights and rounds nothing else. The last line is one JSON object: windows a second, milliseconds
a question, and the mean and the least cosine with float32.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.source_pages import pages_of
from vdr.models.query_embedder import folder_of
from vdr.models.text_windows import windows_of
from vdr.settings import TEXT_ENCODER
from vdr.text_encoder.encoder import IN_EIGHT_BITS, TextEncoder
from vdr.types import FloatArray

_GROUP = "DYNAMIC_QUANTIZATION_GROUP_SIZE"
_FLOAT32 = "float32"
_OPTIONS = {
    _FLOAT32: {_GROUP: "0"},
    "as shipped": IN_EIGHT_BITS,
    "groups of 128": {_GROUP: "128"},
    "bfloat16": {_GROUP: "0", "INFERENCE_PRECISION_HINT": "bf16"},
}
_QUESTION = "what was the net revenue of the company in 2019?"
_ASKED = 30  # times


def main(
    questions: Annotated[Path, typer.Argument(help="Pages with questions, one JSON object a line.")],
    source: Annotated[str, typer.Option(help="Whose pages.")] = "COVID-QA",
    windows: Annotated[int, typer.Option(min=1, help="Use only the first N windows.")] = 300,
) -> None:
    """Embed the same windows by each."""
    folder = Path(folder_of(TEXT_ENCODER))
    plain = TextEncoder.read(folder, _OPTIONS[_FLOAT32])
    pages = pages_of(questions, source)
    texts = [w for page in pages for w in windows_of(page.words, plain.count_tokens, plain.length)][:windows]
    wanted = plain.embed(texts)
    figures = {
        name: _measured(TextEncoder.read(folder, chosen), texts, wanted) for name, chosen in _OPTIONS.items()
    }
    typer.echo(json.dumps({"benchmark": "eight_bits", "windows": len(texts), **figures}))


def _measured(encoder: TextEncoder, texts: Sequence[str], wanted: FloatArray) -> dict[str, float]:
    encoder.embed(texts[:8])
    began = time.perf_counter()
    cosines = (encoder.embed(texts) * wanted).sum(axis=1)
    embedded = time.perf_counter()
    for _ in range(_ASKED):
        encoder.embed([_QUESTION])
    asked = time.perf_counter()
    return {
        "windows_per_s": round(len(texts) / (embedded - began), 1),
        "question_ms": round(1000 * (asked - embedded) / _ASKED, 2),
        "mean_cosine": round(float(cosines.mean()), 5),
        "least_cosine": round(float(cosines.min()), 5),
    }


if __name__ == "__main__":
    typer.run(main)
