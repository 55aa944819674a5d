"""A service that listens, with two documents, and assistants of the SDK's own client."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from app.service import create_app
from indexer.commands.describing import Described
from tests.app.conftest import TRAM, WHALES, settings_in
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.serving import listening
from vdr.settings import JobSettings, Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Assistant:
    """Talks to a server of the protocol, which is a URL or how to start one."""

    server: Any

    def do(self, what: Callable[[Client], Awaitable[T]]) -> T:
        async def run() -> T:
            async with Client(self.server) as client:
                return await what(client)

        return asyncio.run(run())

    def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool answers; the SDK holds it against the tool's schema."""
        return self.do(lambda client: client.call_tool(tool, arguments))

    def refusal(self, what: Callable[[Client], Awaitable[object]]) -> MCPError:
        """The error of the protocol that something is refused with."""

        async def run(client: Client) -> MCPError:
            with pytest.raises(MCPError) as raised:
                await what(client)
            return raised.value

        return self.do(run)

    def told(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content."""
        result = self.call(tool, **arguments)
        assert not result.is_error, result.content
        return dict(result.structured_content)


def texts(result: Any) -> list[str]:
    return [block.text for block in result.content if block.type == "text"]


def images(result: Any) -> list[str]:
    return [block.data for block in result.content if block.type == "image"]


@pytest.fixture(scope="package")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("mcp")
    settings = settings_in(folder)
    files = [write_pdf(folder / "whales.pdf", WHALES), write_pdf(folder / "tram.pdf", TRAM)]
    index_into(settings, files, Described(by_name={"whales.pdf": {"year": 2021}}))
    return settings.model_copy(update={"jobs": JobSettings(worker=False)})


@pytest.fixture(scope="package")
def address(indexed: Settings) -> Iterator[str]:
    with listening(create_app(indexed, tiny_models())) as address:
        yield address


@pytest.fixture
def assistant(address: str, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Assistant(f"{address}/mcp")


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "new.pdf", ["Brand new\nNobody knows it."])
