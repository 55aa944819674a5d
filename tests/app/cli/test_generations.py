"""`vdr generations`, here and by way of a service: create, build, switch, go back, drop."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli.generations import generations
from app.cli.local_generations import generations_here
from app.client.connection import Connection
from app.service import create_app
from indexer.commands.index import run as index
from tests.app.cli.conftest import HERE
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.jobs import wait_until
from tests.fixtures.libraries import library_settings
from tests.fixtures.pdfs import write_report
from tests.fixtures.turned import TURNED, two_models
from vdr.errors import GenerationIncomplete, GenerationNotFound
from vdr.settings import ModelSettings

Run = Callable[..., Result]


@pytest.fixture
def run(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command here, or where a service has the data folder, which holds a document."""
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("VDR_EMBEDDERS", f'["{TURNED}"]')
    monkeypatch.setenv("COLUMNS", "120")
    assert index([str(write_report(tmp_path / "a.pdf", 2))], lambda _: TinyEmbedder()) == 0

    def invoked(*arguments: str) -> Result:
        return CliRunner().invoke(generations, list(arguments))

    if way == HERE:
        monkeypatch.setattr(
            "app.cli.local_generations.generations_here",
            lambda settings, name: generations_here(settings, name, two_models()),
        )
        yield invoked
        return
    settings = library_settings(tmp_path / "data")
    settings = settings.model_copy(update={"model": ModelSettings(embedders=(TURNED,))})
    with TestClient(create_app(settings, two_models())) as client:
        connection = Connection(cast("httpx.Client", client), str(client.base_url))
        monkeypatch.setattr("app.cli.generations.found_service", lambda _: nullcontext(connection))
        yield invoked


def listed(run: Run) -> list[list[str]]:
    return [line.split() for line in run("list").output.splitlines()[1:]]


def test_a_generation_is_created_built_switched_to_and_back_and_dropped(run: Run) -> None:
    assert "Created generation g2." in run("create", "--embedder", TURNED).output
    assert listed(run) == [
        ["g1", "serving", "1", "of", "1", "tiny", "64"],
        ["g2", "building", "0", "of", "1", TURNED],
    ]
    assert "Generation g2: " in run("build", "g2").output
    wait_until(lambda: listed(run)[1][1] == "ready")
    assert run("switch", "g2").output == "Generation g2 answers searches now.\n"
    assert [each[1] for each in listed(run)] == ["earlier", "serving"]
    assert run("rollback").output == "Generation g1 answers searches again.\n"
    assert run("drop", "g2", "--yes").output == "Dropped generation g2.\n"
    assert [each[0] for each in listed(run)] == ["g1"]


def test_what_cannot_be_is_said(run: Run) -> None:
    assert isinstance(run("build", "g9").exception, GenerationNotFound)
    assert isinstance(run("rollback").exception, GenerationNotFound)
    run("create", "--embedder", TURNED)
    assert isinstance(run("switch", "g2").exception, GenerationIncomplete)
