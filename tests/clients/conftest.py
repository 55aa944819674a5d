"""A service that listens on a port, as clients of any language need, with a document that can be found."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pytest
import uvicorn
from PIL import Image

from app.service import create_app
from tests.app.conftest import TRAM, WHALES, settings_in
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import JobSettings

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Served:
    """Where the service is, its description, a PDF to upload, and an image of a page that is indexed."""

    address: str
    description: Path
    pdf: Path
    image: Path
    page: tuple[str, int]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    settings = settings_in(folder)
    index_into(settings, [write_pdf(folder / "whales.pdf", WHALES), write_pdf(folder / "tram.pdf", TRAM)])
    without_worker = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    server = uvicorn.Server(
        uvicorn.Config(create_app(without_worker, tiny_models()), port=0, log_config=None)
    )
    running = threading.Thread(target=server.run)
    running.start()
    try:
        yield _prepared(_address(server), folder)
    finally:
        server.should_exit = True
        running.join()


def _address(server: uvicorn.Server) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def _prepared(address: str, folder: Path) -> Served:
    with httpx.Client(base_url=address, trust_env=False, timeout=_PATIENCE_S) as client:
        description = folder / "openapi.json"
        description.write_text(json.dumps(client.get("/openapi.json").json()))
        found = client.post("/v1/search", json={"query": "price of a day pass", "mode": "text"}).json()[
            "hits"
        ][0]
        image = folder / "page.png"
        Image.open(BytesIO(client.get(found["image_url"]).content)).save(image)
    page = (found["document"]["document_id"], found["page_number"])
    return Served(
        address, description, write_pdf(folder / "new.pdf", ["Brand new\nNobody knows it."]), image, page
    )
