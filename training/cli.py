"""The command `vdr evaluate`: how well pages are found, on questions with known answers."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vdr.errors import BadInput
from vdr.settings import ModelSettings, read_settings

if TYPE_CHECKING:  # takes seconds to import
    from training.evaluate.run import Result, Task
    from vdr.models.embedder import Embedder

INTERRUPTED = 130


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result to this file.")] = None,
    details_file: Annotated[
        Path | None, typer.Option("--details", help="Write what every system answered, a line each.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where indexed pages are kept for the next time.")
    ] = None,
    no_text_layer: Annotated[
        bool, typer.Option("--no-text-layer", help="Take every page for a scan.")
    ] = False,
    limit_queries: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many questions.")
    ] = None,
    documents: Annotated[int | None, typer.Option(min=1, help="Only the first so many PDFs.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with an earlier evaluation: the file its --details wrote.")
    ] = None,
    dims: Annotated[
        str | None, typer.Option(help="Dimensions to try the dense vector at, as 1024,256; 1/1 to 1/32.")
    ] = None,
) -> None:
    """Measure how well pages are found, by every way of searching, beside BM25."""
    from training.evaluate.corpus import DEFAULT_CACHE  # noqa: PLC0415 - `--help` need not wait
    from training.evaluate.run import Task  # noqa: PLC0415
    from vdr.models.embedder import load_embedder  # noqa: PLC0415

    task = Task(
        folder, cache or DEFAULT_CACHE, not no_text_layer, documents, limit_queries, parse_dims(dims), against
    )
    run(task, load_embedder, json_file, details_file)


def run(
    task: "Task",
    load: Callable[[ModelSettings], "Embedder"],
    json_file: Path | None = None,
    details_file: Path | None = None,
) -> None:
    """Evaluate with the settings of the environment, print, and write the files, each whole or not at all.

    Raises BadInput before any work if a file cannot be written or the input is not as it should be.
    """
    from training.evaluate.run import evaluate_folder  # noqa: PLC0415
    from vdr.files import check_writable  # noqa: PLC0415

    for file in filter(None, (json_file, details_file)):
        check_writable(file)
    try:
        result = evaluate_folder(task, read_settings(), load, typer.echo)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run the same command again to go on from here.\n")
        raise typer.Exit(INTERRUPTED) from None
    _show(result, json_file, details_file)


def parse_dims(listed: str | None) -> tuple[int, ...] | None:
    """The numbers of a list like "1024,256"; None for None. Raises BadInput."""
    if listed is None:
        return None
    try:
        return tuple(int(part) for part in listed.split(","))
    except ValueError as error:
        raise BadInput(f"--dims {listed} is no list of numbers.", remedy="Write them as 1024,256.") from error


def _show(result: "Result", json_file: Path | None, details_file: Path | None) -> None:
    from rich.console import Console  # noqa: PLC0415

    from training.evaluate.print_report import print_report  # noqa: PLC0415
    from training.evaluate.report import details, to_json  # noqa: PLC0415
    from vdr.files import write_whole  # noqa: PLC0415

    print_report(result.report, Console())
    if json_file is not None:
        write_whole(json_file, to_json(result.report))
    if details_file is not None:
        write_whole(details_file, "".join(details(result.runs, result.documents)))
