"""Both clients on a service that answers what a test says, and calls them in one way."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from vdr.client import AsyncClient, Client

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Told:
    """What a service was sent, and how long its client has waited between."""

    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    pauses_s: list[float] = field(default_factory=list)


class Clients:
    """Makes clients of one kind, whose methods are called alike: what iterates comes as a list."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def of(self, *answers: Answer, **options: Any) -> tuple[Callable[..., Any], Told]:
        left, told = list(answers), Told()

        def answer(request: httpx.Request) -> httpx.Response:
            told.requests.append(request)
            given = left.pop(0)
            if isinstance(given, Exception):
                raise given
            return given(request) if callable(given) else given

        def call(name: str, /, *arguments: Any, **named: Any) -> Any:
            if self._kind is Client:
                return _sync(_open(answer, told, options), name, *arguments, **named)
            return asyncio.run(_async(_open_async(answer, told, options), name, *arguments, **named))

        return call, told


@pytest.fixture(params=[Client, AsyncClient])
def clients(request: pytest.FixtureRequest) -> Clients:
    return Clients(request.param)


def _open(answer: Callable[[httpx.Request], httpx.Response], told: Told, options: dict[str, Any]) -> Client:
    def handle(request: httpx.Request) -> httpx.Response:
        told.bodies.append(request.read())
        return answer(request)

    client = Client("http://vdr.test/", http=httpx.Client(transport=httpx.MockTransport(handle)), **options)
    client._sleep = told.pauses_s.append
    return client


def _open_async(
    answer: Callable[[httpx.Request], httpx.Response], told: Told, options: dict[str, Any]
) -> AsyncClient:
    async def handle(request: httpx.Request) -> httpx.Response:
        told.bodies.append(await request.aread())
        return answer(request)

    async def sleep(pause_s: float) -> None:
        told.pauses_s.append(pause_s)

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    client = AsyncClient("http://vdr.test/", http=http, **options)
    client._sleep = sleep
    return client


def _sync(client: Client, name: str, /, *arguments: Any, **named: Any) -> Any:
    given = getattr(client, name)(*arguments, **named)
    return list(given) if inspect.isgenerator(given) else given


async def _async(client: AsyncClient, name: str, /, *arguments: Any, **named: Any) -> Any:
    given = getattr(client, name)(*arguments, **named)
    return [each async for each in given] if inspect.isasyncgen(given) else await given
