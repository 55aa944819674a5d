"""Which service a command uses: that of VDR_URL, or the one that serves the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import typer

from app.client.connection import TIMEOUT, Connection
from app.presence import find_service
from vdr.errors import ServiceUnavailable
from vdr.settings import Settings

# A service loads its models before it answers, from a slow disk as well.
_START_S = 120.0
_LOOK_S = 0.2


@contextmanager
def found_service(settings: Settings) -> Iterator[Connection | None]:
    """The service, if there is one; one that is starting is waited for.

    Where documents are in a server's database, that of VDR_URL alone: commands and services may then work
    side by side, and a folder says nothing of other machines. Raises what a Connection raises.
    """
    with httpx.Client(timeout=TIMEOUT, trust_env=settings.commands.url is not None) as client:
        if settings.commands.url is not None:
            connection = Connection(client, settings.commands.url)
            connection.check()
            yield connection
        elif settings.index.database_url is not None:
            yield None
        else:
            yield _serving(client, settings.index.data_dir.expanduser())


def _serving(client: httpx.Client, data_dir: Path) -> Connection | None:
    """The service on a folder once it answers; None if there is none, or it has given up."""
    deadline, was_said = monotonic() + _START_S, False
    while (url := find_service(data_dir)) is not None:
        connection = Connection(client, url)
        try:
            connection.check()
        except ServiceUnavailable:
            if monotonic() > deadline:
                raise
        else:
            return connection
        if not was_said:
            typer.echo(f"Waiting for the service at {url} to start.", err=True)
        was_said = True
        sleep(_LOOK_S)
    return None
