"""The command `vdr serve`: the API and the web UI, until interrupted."""

import sys
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from app.service import create_app
from indexer.commands.worker import check_shared
from indexer.ocr.pages import check_ocr
from indexer.services import open_services
from vdr.models.loading import Models
from vdr.settings import Settings, read_settings

_NOT_STARTED = 3  # as uvicorn's own command ends
_GRACE_S = 5  # for requests at hand; Docker kills after 10 s


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; VDR_HOST if unset.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="VDR_PORT if unset.")] = None,
) -> None:
    """Serve the API and the page for people."""
    settings = read_settings()
    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = settings.model_copy(update={"service": settings.service.model_copy(update=given)})
    if not settings.jobs.worker:
        check_shared(settings)
    models = Models(settings.model)
    models.embedder()
    models.reranker()
    run_service(settings, models)


def run_service(settings: Settings, models: Models) -> None:
    """Serve until interrupted. Raises what opening the services raises."""
    # Opened once before: inside the server an error would come as a page of traceback instead of a line.
    if settings.jobs.worker:
        check_ocr(settings.index.collection, settings.ingest)
    with open_services(settings, models) as services:
        services.library().claim().count()
    service = settings.service
    app = create_app(settings, models, is_ending=lambda: server.should_exit)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=service.host,
            port=service.port,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    with suppress(KeyboardInterrupt):  # raised again by the server, once it has ended
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)
