"""`vdr feedback`, here and by way of a service, sums up, exports and deletes."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli.feedback import feedback
from app.service import create_app
from tests.app.cli.conftest import HERE, connected
from tests.fixtures.libraries import index_into, library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.errors import BadInput, SearchesNotKept
from vdr.settings import JobSettings, Settings

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a folder with a document, and two searches of which one was judged."""
    settings = library_settings(tmp_path / "data")
    index_into(settings, [write_report(tmp_path / "a.pdf", 2)])
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        client.post("/v1/search", json={"query": "tides"})
        found = client.post("/v1/search", json={"query": "fees"}).json()
        hit = found["hits"][0]
        page = {"document_id": hit["document"]["document_id"], "page_number": hit["page_number"]}
        given = {"search_id": found["search_id"], "kind": "right", "page": page, "reporter": "ada"}
        assert client.post("/v1/feedback", json=given).status_code == 201
    return settings


@pytest.fixture
def alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("VDR_DATA_DIR", str(settings.index.data_dir))
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(feedback, list(arguments))


@pytest.fixture
def run(way: str, alone: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    if way == HERE:
        yield alone
        return
    with connected(settings) as connection:
        monkeypatch.setattr("app.cli.feedback.found_service", lambda _: nullcontext(connection))
        yield alone


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_there_is_is_summed_up(run: Run) -> None:
    output = run("summary").output
    assert "2 searches kept; feedback: 1 right" in output
    assert "ada" in output
    assert json.loads(run("summary", "--json").output)["kinds"] == {"right": 1}


def test_it_is_exported(run: Run, tmp_path: Path) -> None:
    (judged,) = lines(run("export").output)
    assert (judged["query"], judged["feedback"][0]["reporter"]) == ("fees", "ada")
    assert [each["query"] for each in lines(run("export", "--all").output)] == ["tides", "fees"]
    assert run("export", "--reporter", "bob").output == ""
    file = tmp_path / "out.jsonl"
    assert run("export", "--out", str(file)).output == f"1 search written to {file}.\n"
    assert lines(file.read_text()) == [judged]


def test_it_is_deleted(run: Run) -> None:
    assert run("delete", "--reporter", "ada").exit_code != 0  # nobody has said yes
    deleted = run("delete", "--reporter", "ada", "--yes").output
    assert deleted == "Deleted 0 searches and 1 feedback.\n"
    assert run("export").output == ""
    assert "Deleted 2 searches" in run("delete", "--older-than-days", "0", "--yes").output
    assert "0 searches kept; feedback: none" in run("summary").output


def test_nothing_is_deleted_by_saying_nothing(run: Run) -> None:
    assert isinstance(run("delete", "--yes").exception, BadInput)


def test_where_nothing_is_kept(alone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VDR_KEEP_SEARCHES_DAYS", "0")
    assert isinstance(alone("summary").exception, SearchesNotKept)
