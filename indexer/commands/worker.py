"""The command `vdr worker`: a process that indexes what services have accepted."""

import signal
from contextlib import ExitStack
from threading import Event
from typing import Annotated

import typer

from indexer.jobs.heartbeat import PATIENCE_S
from indexer.jobs.worker import Worker
from indexer.log_lines import log_as_json
from indexer.metrics.process import new_registry
from indexer.metrics.server import metrics_served
from indexer.metrics.work import WorkMetrics
from indexer.services import open_services
from vdr.catalogue.database import is_server
from vdr.environment import read_settings
from vdr.errors import BadSetting
from vdr.models.loading import Models
from vdr.settings import Settings
from vdr.telemetry_settings import LogFormat


def worker(
    metrics_port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Port to serve metrics on. Default: VDR_METRICS_PORT, or none."),
    ] = None,
) -> None:
    """Index uploaded documents of all collections until interrupted. Needs PostgreSQL and a Qdrant server."""
    settings = read_settings()
    if metrics_port is not None:
        telemetry = settings.telemetry.model_copy(update={"metrics_port": metrics_port})
        settings = settings.model_copy(update={"telemetry": telemetry})
    if settings.telemetry.log_format is LogFormat.JSON:
        log_as_json()
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
    metrics, port = new_registry(), settings.telemetry.metrics_port
    with ExitStack() as opened:
        if port is not None:
            port = opened.enter_context(metrics_served(metrics, settings.service.host, port))
            typer.echo(f"Metrics are at http://{settings.service.host}:{port}/metrics.")
        services = opened.enter_context(open_services(settings, models, with_jobs=True))
        running = Worker(services, patience_s, WorkMetrics(metrics))
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
