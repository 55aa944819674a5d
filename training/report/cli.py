"""The command `vdr report`: a finished training on one sheet of HTML."""

from pathlib import Path
from typing import Annotated

import typer

from training.report.write import write_report


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")],
    out: Annotated[Path | None, typer.Option(help="File to write. Default: RUN/report.html.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Folder of its pairs, if they were moved.")] = None,
) -> None:
    """Write a training report: gains, dimensions, speed, and failures side by side."""
    typer.echo(f"Report written to {write_report(run, out or run / 'report.html', pairs)}")
