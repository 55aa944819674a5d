"""`vdr samples OUT`: PDFs and questions to try everything on."""

from pathlib import Path
from typing import Annotated

import typer

from samples.corpus import DEFAULT_SEED, write_samples
from vdr.errors import VdrError

BAD_USAGE = 2


def samples(
    out: Annotated[Path, typer.Argument(help="Folder to write to: new, empty, or an earlier sample corpus.")],
    seed: Annotated[
        int, typer.Option(min=0, help="Sets noise, dust and landscapes; words stay the same.")
    ] = DEFAULT_SEED,
) -> None:
    """Write sample PDFs to OUT/pdfs and questions about them to OUT/queries.jsonl."""
    try:
        corpus = write_samples(out, seed)
    except VdrError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_USAGE) from error
    pages = sum(document.page_count for document in corpus.documents)
    typer.echo(f"{out}: {len(corpus.documents)} PDFs, {pages} pages, {len(corpus.questions)} questions")
