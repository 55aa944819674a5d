"""The command `vdr worker`: a process that indexes what services have accepted."""

import signal
from threading import Event

import typer

from indexer.jobs.heartbeat import PATIENCE_S
from indexer.jobs.worker import Worker
from indexer.services import open_services
from vdr.catalogue.database import is_server
from vdr.environment import read_settings
from vdr.errors import BadSetting
from vdr.models.loading import Models
from vdr.settings import Settings


def worker() -> None:
    """Index uploaded documents of all collections until interrupted. Needs PostgreSQL and a Qdrant server."""
    settings = read_settings()
    check_shared(settings)
    models = Models(settings.model)
    models.embedder()  # what cannot be loaded is said now, not at the first document
    run_worker(settings, models)


def run_worker(settings: Settings, models: Models, patience_s: float = PATIENCE_S) -> None:
    """Index the documents of all collections until interrupted; what is under way is resumed later.

    Other workers without a heartbeat for `patience_s` count as dead.
    """
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with open_services(settings, models, with_jobs=True) as services:
        running = Worker(services, patience_s)
        running.start()
        typer.echo("Indexing for all collections. Press Ctrl+C to stop.")
        ended.wait()
        running.stop()


def check_shared(settings: Settings) -> None:
    """Raises BadSetting if the settings keep everything inside one process."""
    if not is_server(settings.index):
        raise BadSetting(
            "vdr worker needs a database that processes can share.",
            remedy="Set VDR_DATABASE_URL (PostgreSQL), or use vdr serve, which indexes by itself.",
        )
    if settings.index.qdrant_url is None:
        raise BadSetting(
            "vdr worker needs an index that processes can share.",
            remedy="Set VDR_QDRANT_URL, or use vdr serve, which indexes by itself.",
        )
