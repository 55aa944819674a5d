"""The command `vdr serve`: the API and the web UI, until interrupted."""

import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from app.presence import announced, url_of
from vdr.data_folder import open_data_folder
from vdr.environment import read_settings
from vdr.errors import BadSetting, ExitCode
from vdr.models.loading import Models
from vdr.settings import ServiceSettings, Settings

if TYPE_CHECKING:
    import uvicorn

_GRACE_S = 5  # for requests at hand; Docker kills after 10 s
# Longer than proxies keep an idle connection (nginx 60 s, Caddy 120 s): a request sent while it is being
# closed is lost, and the proxy answers 502.
KEEP_ALIVE_S = 150
_OBJECTS_BETWEEN = (50_000, 20, 100)  # two looks for cycles: a page's words alone are some thousand
# What a machine without IPv6 says of localhost's second address.
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_LOG = logging.getLogger("uvicorn.error")


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
    if not settings.jobs.worker:
        from indexer.commands.worker import check_shared  # noqa: PLC0415 - takes seconds

        check_shared(settings)
    run_service(settings, Models(settings.model))


def run_service(settings: Settings, models: Models) -> None:
    """Serve until interrupted. Raises what opening the services raises, BadSetting if it cannot listen."""
    with ExitStack() as opened:
        opened.enter_context(_ending_cleanly())
        # First, so that a port in use is said at once, and commands wait while the models are loaded.
        sockets = [opened.enter_context(closing(each)) for each in bind(settings.service)]
        opened.enter_context(announced(open_data_folder(settings.index.data_dir), url_of(sockets)))
        _serve_on(sockets, settings, models)


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """Has SIGTERM end the program as an exit does: by default nothing would be cleaned up."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(ExitCode.OK))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def bind(service: ServiceSettings) -> list[socket.socket]:
    """Sockets on the addresses of the host, not yet listening. Raises BadSetting where they cannot be had."""
    bound: list[socket.socket] = []
    try:
        addresses = _addresses(service.host)
        for place, (family, address) in enumerate(addresses, start=1):
            port = bound[0].getsockname()[1] if bound else service.port  # 0 picks one, which all of them have
            try:
                bound.append(_bind(family, address, port))
            except OSError as error:
                if error.errno not in _NOT_HERE or (place == len(addresses) and not bound):
                    raise
    except OSError as error:
        for each in bound:
            each.close()
        raise BadSetting(
            f"Cannot listen on {service.host}, port {service.port}: {error.strerror}.",
            remedy="Stop the program that uses it, or choose another port (--port or VDR_PORT).",
        ) from error
    return bound


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    """All that a name stands for: localhost may be 127.0.0.1 and ::1."""
    found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # Of a socket whose protocol is not named asyncio does not know that it is TCP, and lets each answer wait
    # for 40 ms: the client delays its acknowledgement of the headers, and the kernel the body until then.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made


def _serve_on(sockets: list[socket.socket], settings: Settings, models: Models) -> None:
    server = make_server(settings, models)
    _LOG.info("Starting on %s (Ctrl+C stops it)", url_of(sockets))
    # The server raises an interruption again once it has ended, and exits by itself where it cannot start.
    with suppress(KeyboardInterrupt, SystemExit):
        server.run(sockets)
    if not server.started:
        raise typer.Exit(ExitCode.NOT_DONE)


def make_server(settings: Settings, models: Models) -> "uvicorn.Server":
    """A server that may be run. Raises what opening the services raises."""
    # Takes seconds to import, and commands that are started meanwhile are to find the service.
    import uvicorn  # noqa: PLC0415

    from app.brief_start import BriefStart  # noqa: PLC0415
    from app.logs import log_config  # noqa: PLC0415
    from app.service import create_app  # noqa: PLC0415

    _check(settings, models)
    look_for_cycles_seldom()
    app = create_app(settings, models, is_ending=lambda: server.should_exit)
    config = uvicorn.Config(
        BriefStart(app),  # another process may take the index between the check and the start
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        log_config=log_config(settings.telemetry.log_format),
    )
    server = uvicorn.Server(config)
    return server


def look_for_cycles_seldom() -> None:
    """What a search leaves behind goes by itself; to look for cycles takes a fifth of its time.

    Models, which are there by now, are never looked through again (docs/decisions/0027-load.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OBJECTS_BETWEEN)


def _check(settings: Settings, models: Models) -> None:
    """Open all parts once before: inside the server an error would be a page of traceback, not a line."""
    from indexer.ocr.pages import check_ocr  # noqa: PLC0415
    from indexer.services import open_services  # noqa: PLC0415

    if settings.jobs.worker:
        check_ocr(settings.index.collection, settings.ingest)
    models.embedder()
    models.rerankers()
    with open_services(settings, models) as services:
        services.library().claim().count()
