"""The command `vdr worker`: a process that indexes what services have taken in."""

import signal
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event
from typing import Annotated

import typer

from indexer.jobs.heartbeat import PATIENCE_S
from indexer.jobs.queue import Jobs
from indexer.jobs.worker import Worker
from indexer.library import open_library
from vdr.catalogue.database import is_server
from vdr.errors import BadSetting
from vdr.models.embedder import Embedder, load_embedder
from vdr.settings import Settings, read_settings


def worker(
    collection: Annotated[
        list[str] | None,
        typer.Option(help="A collection to index; may be repeated. VDR_COLLECTION if unset."),
    ] = None,
) -> None:
    """Index what services have taken in, until interrupted. Needs PostgreSQL and a Qdrant server."""
    settings = read_settings()
    check_shared(settings)
    run_worker(settings, collection or [settings.index.collection], load_embedder(settings.model))


def run_worker(
    settings: Settings, collections: Sequence[str], embedder: Embedder, patience_s: float = PATIENCE_S
) -> None:
    """Index the documents of these collections until interrupted; what is under way is gone on with later.

    Other workers that do not beat for `patience_s` are taken to be dead.
    """
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ExitStack() as opened:
        jobs = Jobs.open(settings)
        opened.callback(jobs.close)
        libraries = []
        for name in collections:
            index = settings.index.model_copy(update={"collection": name})
            libraries.append(open_library(settings.model_copy(update={"index": index}), embedder, jobs.queue))
            opened.callback(libraries[-1].close)
        running = Worker(settings, jobs, libraries, patience_s)
        running.start()
        typer.echo(f"Indexing {', '.join(collections)}. Ctrl+C ends it.")
        ended.wait()
        running.stop()


def check_shared(settings: Settings) -> None:
    """Raises BadSetting where the settings keep everything inside one process."""
    if not is_server(settings.index):
        raise BadSetting(
            "Worker processes need a database that they can share.",
            remedy="Set VDR_DATABASE_URL to a PostgreSQL database; without one, vdr serve indexes by itself.",
        )
    if settings.index.qdrant_url is None:
        raise BadSetting(
            "Worker processes need an index that they can share.",
            remedy="Set VDR_QDRANT_URL to a Qdrant server; without one, vdr serve indexes by itself.",
        )
