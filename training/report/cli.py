"""The command `vdr report`: a finished training on one sheet of HTML."""

from pathlib import Path
from typing import Annotated

import typer

from training.report.write import write_report


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished training.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; RUN/report.html if unset.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Where its pairs are now, if they were moved.")] = None,
) -> None:
    """Write what a training brought: gains, dimensions, speed, failures side by side."""
    typer.echo(f"The report is in {write_report(run, out or run / 'report.html', pairs)}")
