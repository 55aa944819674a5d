"""A service in this process, for as long as an assistant that has found none is connected."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from threading import Thread
from time import sleep

from app.cli.serve import bind, make_server
from app.presence import announced, url_of
from vdr.data_folder import open_data_folder
from vdr.errors import ServiceUnavailable
from vdr.models.loading import Models
from vdr.settings import Settings

_LOOK_S = 0.02


@contextmanager
def own_service(settings: Settings, models: Models | None = None) -> Iterator[str]:
    """Its address, which this machine alone reaches; other commands find it as they find `vdr serve`.

    Raises what opening the services raises, IndexLocked among others.
    """
    service = settings.service.model_copy(update={"host": "127.0.0.1", "port": 0})
    settings = settings.model_copy(update={"service": service})
    with ExitStack() as opened:
        sockets = [opened.enter_context(closing(each)) for each in bind(service)]
        url = url_of(sockets)
        data_dir = open_data_folder(settings.index.data_dir)
        server = make_server(settings, models or Models(settings.model))
        opened.enter_context(announced(data_dir, url))
        thread = Thread(target=server.run, args=(sockets,), name="service", daemon=True)
        thread.start()
        opened.callback(thread.join)
        opened.callback(setattr, server, "should_exit", True)
        while not server.started:
            if not thread.is_alive():
                raise ServiceUnavailable("The service could not start.", remedy="See what it has logged.")
            sleep(_LOOK_S)
        yield url
