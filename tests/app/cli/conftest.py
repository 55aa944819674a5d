"""The same collection as commands reach it: opened here, or by way of a service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import httpx
import pytest
from fastapi.testclient import TestClient

from app.cli.corpus import Corpus
from app.cli.local import opened_here
from app.client.connection import Connection
from app.client.served import ServedCorpus
from app.service import create_app
from tests.fixtures.libraries import tiny_models
from vdr.settings import JobSettings, Settings

HERE, SERVED = "here", "served"


@contextmanager
def connected(settings: Settings, *, worker: bool = False) -> Iterator[Connection]:
    """A connection to a service with these settings, in this process."""
    chosen = settings.model_copy(update={"jobs": settings.jobs if worker else JobSettings(worker=False)})
    with TestClient(create_app(chosen, tiny_models())) as client:
        yield Connection(cast("httpx.Client", client), str(client.base_url))


@contextmanager
def reached(way: str, settings: Settings) -> Iterator[Corpus]:
    """The settings' collection, `HERE` or `SERVED`."""
    if way == HERE:
        with opened_here(settings, None, tiny_models()) as corpus:
            yield corpus
    else:
        with connected(settings) as connection:
            yield ServedCorpus(connection, None)


@pytest.fixture(params=[HERE, SERVED])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answering(*responses: httpx.Response | Exception) -> Connection:
    """A connection to a service that answers with these, one after the other."""
    left = list(responses)

    def answer(_: httpx.Request) -> httpx.Response:
        response = left.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    return Connection(httpx.Client(transport=httpx.MockTransport(answer)), "http://vdr.test")
