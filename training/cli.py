"""The command `vdr evaluate`: how well pages are found, on questions with known answers."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from training.evaluate.corpus import DEFAULT_CACHE
from training.evaluate.print_result import print_result
from training.evaluate.result import details, to_json
from training.evaluate.run import Result, Task, evaluate_folder
from vdr.environment import read_settings
from vdr.errors import BadInput, ExitCode
from vdr.files import check_writable, write_whole
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import ModelSettings


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder with pdfs/ and queries.jsonl.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report to this file.")] = None,
    details_file: Annotated[
        Path | None, typer.Option("--details", help="Write each system's answers to this file, one per line.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder to cache indexed pages in.")] = None,
    no_text_layer: Annotated[bool, typer.Option("--no-text-layer", help="Ignore text layers.")] = False,
    limit_queries: Annotated[int | None, typer.Option(min=1, help="Use only the first N questions.")] = None,
    documents: Annotated[int | None, typer.Option(min=1, help="Use only the first N PDFs.")] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Compare with an earlier evaluation: the file that its --details wrote."),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option(
            help="Dimensions of the dense vector to evaluate, such as 1024,256. Default: 1/1 to 1/32."
        ),
    ] = None,
) -> None:
    """Measure search quality of every search mode against BM25."""
    task = Task(
        folder, cache or DEFAULT_CACHE, not no_text_layer, documents, limit_queries, parse_dims(dims), against
    )
    run(task, load_embedder, json_file, details_file)


def run(
    task: Task,
    load: Callable[[ModelSettings], Embedder],
    json_file: Path | None = None,
    details_file: Path | None = None,
) -> None:
    """Evaluate with the settings of the environment, print, and write the files, each whole or not at all.

    Raises BadInput before any work if a file cannot be written or the input is not as it should be.
    """
    for file in filter(None, (json_file, details_file)):
        check_writable(file)
    try:
        result = evaluate_folder(task, read_settings(), load, typer.echo)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run the same command again to resume.\n")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    _show(result, json_file, details_file)


def parse_dims(listed: str | None) -> tuple[int, ...] | None:
    """The numbers of a list like "1024,256"; None for None. Raises BadInput."""
    if listed is None:
        return None
    try:
        return tuple(int(part) for part in listed.split(","))
    except ValueError as error:
        raise BadInput(
            f"--dims {listed} is not a list of numbers.", remedy="Use a list such as 1024,256."
        ) from error


def _show(result: Result, json_file: Path | None, details_file: Path | None) -> None:
    print_result(result.evaluation, Console())
    if json_file is not None:
        write_whole(json_file, to_json(result.evaluation))
    if details_file is not None:
        write_whole(details_file, "".join(details(result.runs, result.documents)))
