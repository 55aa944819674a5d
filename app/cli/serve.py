"""The command `vdr serve`: the API and the web UI, until interrupted."""

import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from app.logs import log_config
from app.service import create_app
from indexer.commands.worker import check_shared
from indexer.ocr.pages import check_ocr
from indexer.services import open_services
from vdr.errors import BadSetting, ExitCode
from vdr.models.loading import Models
from vdr.settings import ServiceSettings, Settings, read_settings

_GRACE_S = 5  # for requests at hand; Docker kills after 10 s


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: VDR_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on. Default: VDR_PORT.")
    ] = None,
) -> None:
    """Serve the web UI and the REST API."""
    settings = read_settings()
    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = settings.model_copy(update={"service": settings.service.model_copy(update=given)})
    check_address(settings.service)
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
            log_config=log_config(),
        )
    )
    # The server raises an interruption again once it has ended, and exits by itself where it cannot start.
    with suppress(KeyboardInterrupt, SystemExit):
        server.run()
    if not server.started:
        raise typer.Exit(ExitCode.NOT_DONE)


def check_address(service: ServiceSettings) -> None:
    """Raises BadSetting if the service cannot listen on its address, before a model is loaded."""
    family = socket.AF_INET6 if ":" in service.host else socket.AF_INET
    try:
        socket.create_server((service.host, service.port), family=family).close()
    except OSError as error:
        raise BadSetting(
            f"Cannot listen on {service.host}, port {service.port}: {error.strerror}.",
            remedy="Stop the program that uses it, or choose another port (--port or VDR_PORT).",
        ) from error
