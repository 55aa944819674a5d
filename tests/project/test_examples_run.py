"""The requests of the documents, made by their own commands to a service that has the files they name."""

import os
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from shutil import which

import httpx
import pytest
from PIL import Image

from tests.app.talking import Service
from tests.fixtures.pdfs import write_report
from tests.fixtures.serving import serving
from tests.project.examples import DOCUMENTS, Example, commands_in, examples_in

pytestmark = [
    pytest.mark.skipif(which("curl") is None, reason="no curl is installed"),
    pytest.mark.skipif(which("sha256sum") is None, reason="no sha256sum is installed"),
]
_ADDRESS = "localhost:8000"
_COLLECTION = "/v1/collections/invoices"
PAGES = {"annual-report.pdf": 12, "report.pdf": 2, "slides.pdf": 1, "invoice-2041.pdf": 1}
# An answer that is a problem ends the script, and no proxy is asked for this machine.
_STRICT = "set -euo pipefail\ncurl() { command curl --fail-with-body --noproxy '*' --max-time 60 \"$@\"; }\n"


def is_run(example: Example) -> bool:
    """Whether all that a block does is ask the service."""
    if example.language not in {"sh", "bash"} or example.not_run or example.run_by:
        return False
    programs = {each.program for each in commands_in(example.text)}
    return "curl" in programs and programs <= {"", "curl", "sha256sum", "cut"}


# What makes the collection comes before what uses it.
REQUESTS = sorted(
    (example for document in DOCUMENTS for example in examples_in(document) if is_run(example)),
    key=lambda example: _COLLECTION in example.text,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the documents speak of."""
    folder = tmp_path_factory.mktemp("reader")
    for name, count in PAGES.items():
        write_report(folder / name, count, name)
    Image.new("RGB", (64, 48), "white").save(folder / "chart.png")
    return folder


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("service")) as address:
        yield address


@pytest.fixture
def document_id(address: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The document is there, whatever ran before, and so is a collection that is spoken of."""
    report = folder / "annual-report.pdf"
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        service = Service(client)  # type: ignore[arg-type]
        if _COLLECTION in request.getfixturevalue("example").text:
            client.post("/v1/collections", json={"name": "invoices"})
        service.index(report)
    return sha256(report.read_bytes()).hexdigest()


@pytest.fixture
def ids(address: str, document_id: str) -> dict[str, str]:
    """The variables that requests use: a document, a search, feedback on another; and a question is there."""
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        first, second = (
            client.post("/v1/search", json={"query": "sales"}).json()["search_id"] for _ in range(2)
        )
        given = client.post("/v1/feedback", json={"search_id": second, "kind": "nothing"}).json()
        labelled = {"query_id": "q-0018", "query": "sales", "document": document_id, "page_numbers": [1]}
        client.post("/v1/questions", json={"questions": [labelled]})
    return {"ID": document_id, "SEARCH": first, "FEEDBACK": given["feedback_id"]}


def test_there_are_requests_to_make() -> None:
    assert len(REQUESTS) >= 20


@pytest.mark.parametrize("example", REQUESTS, ids=str)
def test_the_service_answers_as_it_says(
    example: Example, address: str, folder: Path, ids: dict[str, str]
) -> None:
    script = _STRICT + example.text.replace(_ADDRESS, address.removeprefix("http://"))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, **ids},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
