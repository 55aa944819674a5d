"""`vdr samples OUT`: PDFs and questions to try everything on."""

from pathlib import Path
from typing import Annotated

import typer

from samples.corpus import DEFAULT_SEED, write_samples


def samples(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Output folder: new, empty, or with earlier samples.")
    ],
    seed: Annotated[
        int, typer.Option(min=0, help="Seed for noise, dust and landscapes; the text stays the same.")
    ] = DEFAULT_SEED,
) -> None:
    """Write sample PDFs to OUT/pdfs and questions about them to OUT/queries.jsonl."""
    corpus = write_samples(out, seed)
    pages = sum(document.page_count for document in corpus.documents)
    typer.echo(f"{out}: {len(corpus.documents)} PDFs, {pages} pages, {len(corpus.questions)} questions")
