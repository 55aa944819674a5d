"""A whole service in a temporary folder: real library, real index, real worker; only the model is tiny."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from indexer.commands.describing import Described
from tests.app.talking import Service
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import IndexSettings, IngestSettings, JobSettings, Settings

MAX_FILE_BYTES = 60_000
WHALES = (
    "Whales of the north\nThe blue whale eats krill,\nfour tonnes of it a day.",
    "Songs at sea\nHumpback whales sing for hours;\na song travels through\nwhole oceans.",
    "Ships and whales\nStrikes have fallen since 2010.",
)
TRAM = ("Tram lines\nLine 11 runs to Auzelg.", "Fares and passes\nA day pass costs 9.20.\n" * 4)


def settings_in(folder: Path) -> Settings:
    return Settings(
        index=IndexSettings(data_dir=folder / "data"),
        ingest=IngestSettings(max_file_bytes=MAX_FILE_BYTES, max_pages=20, page_long_side=512),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Service]]:
    """Starts services that are stopped when the test ends."""
    running: list[TestClient] = []

    def start_one(embedder: TinyEmbedder | None = None) -> Service:
        client = TestClient(create_app(settings, tiny_models(embedder)))
        client.__enter__()
        running.append(client)
        return Service(client)

    yield start_one
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    return start()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that holds two documents, for tests that change nothing. It has no worker: one a process."""
    folder = tmp_path_factory.mktemp("filled")
    settings = settings_in(folder)
    files = [write_pdf(folder / "whales.pdf", WHALES), write_pdf(folder / "Zürich tram.pdf", TRAM)]
    index_into(settings, files, Described(by_name={"whales.pdf": {"year": 2021, "topics": ("sea", "song")}}))
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        yield Service(client)
