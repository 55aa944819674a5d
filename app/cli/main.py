"""The command line: `vdr` with the commands that each room offers, each loaded when it is run."""

import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, NoReturn

import typer

from app.cli.lazy import add_lazily
from app.cli.streams import settle_streams
from app.cli.user import settle_user
from vdr.distribution import pip_install, vdr_version
from vdr.errors import ExitCode, VdrError

# The packages that commands import of an extra, and its name.
_TRAIN = dict.fromkeys(("accelerate", "datasets", "httpx", "matplotlib", "nncf", "peft"), "train")
_EXTRAS = {**_TRAIN, "mcp": "mcp", "mcp_types": "mcp"}


def main() -> None:
    """Run a command; errors are printed in one line, with exit code 2 (docs/errors.md)."""
    settle_streams()
    settle_user()
    try:
        compose(entry_points(group="vdr.commands"))()
    except VdrError as error:
        _fail(str(error))
    except OSError as error:
        if error.strerror is None:
            raise
        _fail(f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}.")
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        _fail(f"{error.name} is not installed. Install it with: {pip_install(_EXTRAS[error.name])}")


def compose(commands: Iterable[EntryPoint]) -> typer.Typer:
    """The application with these commands, each a function that typer understands or a group of such."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(help="Ask a question, get the PDF page that answers it.")(_options)
    for command in sorted(commands, key=lambda each: each.name):
        add_lazily(app, command)
    return app


def _fail(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    sys.exit(ExitCode.NOT_DONE)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"vdr {vdr_version()}")
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What `vdr` itself takes, before any command."""
