"""A client that openapi-python-client generates uploads, searches by image, and reads pages."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from tests.clients.conftest import Served
from tests.fixtures.torchvision import FOLDER

CONFIG = Path(__file__).with_name("openapi-python-client.yaml")
GENERATOR = FOLDER / "openapi_python_client"
pytestmark = pytest.mark.skipif(not GENERATOR.is_dir(), reason=f"{GENERATOR} is missing")


@pytest.fixture(scope="module")
def generated(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package as a user generates it; warnings count as errors."""
    folder = tmp_path_factory.mktemp("generated")
    options: list[str | Path] = [
        "--path",
        served.description,
        "--config",
        CONFIG,
        "--output-path",
        folder / "vdr_client",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--meta=none",
            "--fail-on-warning",
            *options,
        ],
        env={**os.environ, "PYTHONPATH": str(FOLDER)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("vdr_client")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "vdr_client"]:
        del sys.modules[name]


@pytest.fixture
def client(generated: ModuleType, served: Served) -> Iterator[Any]:
    with generated.Client(base_url=served.address, httpx_args={"trust_env": False}) as opened:
        yield opened


def operation(tag: str, name: str) -> Any:
    return importlib.import_module(f"vdr_client.api.{tag}.{name}").sync


def model(name: str) -> Any:
    return getattr(importlib.import_module("vdr_client.models"), name)


def file_of(path: Path) -> Any:
    named = importlib.import_module("vdr_client.types").File
    return named(payload=BytesIO(path.read_bytes()), file_name=path.name)


def test_it_uploads_files(client: Any, served: Served) -> None:
    body = model("UploadDocumentsBody")(files=[file_of(served.pdf)])
    [upload] = operation("documents", "upload_documents")(client=client, body=body).uploads
    assert upload.document.document_id == sha256(served.pdf.read_bytes()).hexdigest()
    assert upload.document.name == "new.pdf"


def test_it_searches_by_image(client: Any, served: Served) -> None:
    body = model("SearchByImageBody")(image=file_of(served.image))
    found = operation("search", "search_by_image")(
        client=client, body=body, mode=model("SearchMode")("visual")
    )
    best = found.hits[0]
    assert (best.document.document_id, best.page_number) == served.page


def test_it_searches_by_words_with_what_has_no_default_left_out(client: Any) -> None:
    best = operation("search", "search")(
        client=client, body=model("SearchBody")(query="humpback", marks=True)
    ).hits[0]
    assert best.document.name == "whales.pdf"
    assert len(best.marks) == 1


def test_it_reads_images_and_files_as_bytes(client: Any, served: Served) -> None:
    document_id, page_number = served.page
    image = operation("documents", "get_page_image")(document_id, page_number, client=client)
    assert Image.open(image.payload).format == "WEBP"
    assert operation("documents", "get_file")(document_id, client=client).payload.read(5) == b"%PDF-"


def test_problems_are_problems(client: Any) -> None:
    name = "sync_detailed"
    search = getattr(importlib.import_module("vdr_client.api.search.search"), name)
    assert b'"bad_input"' in search(client=client, body=model("SearchBody")(query=" ")).content


def test_dates_are_dates(client: Any) -> None:
    listed = operation("documents", "list_documents")(client=client)
    assert listed.total == len(listed.documents) >= 2
    assert all(document.added_at.tzinfo is not None for document in listed.documents)
