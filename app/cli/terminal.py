"""What commands say to people beside their output."""

import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from vdr.errors import BadInput


@contextmanager
def say_loading(model: str) -> Iterator[None]:
    """Say on a terminal that a model is being loaded, and take it back when it is."""
    if not sys.stderr.isatty():
        yield
        return
    said = f"Loading the model {model} (vdr serve keeps it loaded) ..."
    sys.stderr.write(said)
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write(f"\r{' ' * len(said)}\r")


def open_link(url: str) -> None:
    """Show what is at a URL in the browser, or in what else this system has for it."""
    if not webbrowser.open(url):
        typer.echo(f"No browser could be started. Open {url}", err=True)


def check_open(number: int | None, limit: int, offset: int) -> None:
    """Raises BadInput where there cannot be a hit of this rank."""
    if number is not None and not offset < number <= offset + limit:
        raise BadInput(
            f"--open {number}: only results {offset + 1} to {offset + limit} are shown.",
            remedy="Choose one of these, or raise --limit.",
        )
