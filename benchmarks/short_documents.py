"""A folder to evaluate that holds the short documents of another, so that slow things can be measured too.

python -m benchmarks.short_documents FOLDER OUT [--most-pages 45]
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from indexer.paths import find_pdfs
from indexer.pdf.inspect import count_pages
from training.evaluate.questions import FILE_NAME
from vdr.settings import IngestSettings


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    out: Annotated[Path, typer.Argument(help="The folder to make.")],
    most_pages: Annotated[int, typer.Option(help="Longer documents are left out.")] = 45,
) -> None:
    """Make the folder."""
    typer.echo(json.dumps(write_short(folder, out, most_pages)))


def write_short(folder: Path, out: Path, most_pages: int = 45) -> dict[str, int]:
    """Link the PDFs that are short enough and write the questions about them; how many of what."""
    settings = IngestSettings()
    counts = {file: count_pages(file, file.name, settings) for file in find_pdfs([str(folder / "pdfs")])}
    chosen = {file.name: file for file, pages in counts.items() if pages <= most_pages}
    kept = link_part(folder, out, chosen)
    pages = sum(counts[file] for file in chosen.values())
    return {"documents": len(chosen), "pages": pages, "questions": kept}


def link_part(folder: Path, out: Path, chosen: Mapping[str, Path]) -> int:
    """A folder with links to some of the PDFs, by name, and the questions about them; how many these are."""
    (out / "pdfs").mkdir(parents=True)
    for name, file in chosen.items():
        (out / "pdfs" / name).symlink_to(file.resolve())
    lines = (folder / FILE_NAME).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["document"] in chosen]
    (out / FILE_NAME).write_text("".join(kept), encoding="utf-8")
    return len(kept)


if __name__ == "__main__":
    typer.run(main)
