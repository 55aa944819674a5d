"""`vdr collections`, here and by way of a service, creates, lists and deletes; `--collection` chooses one."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.collections import collections
from indexer.commands.index import run as index
from indexer.services import open_services
from tests.app.cli.conftest import HERE, connected
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.errors import BadInput, CollectionExists, CollectionNotFound
from vdr.search.calibration import MadeWith
from vdr.search.kept import KeptPlan, PlanShape

Run = Callable[..., Result]


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command where no service is."""
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(collections, list(arguments))


@pytest.fixture
def run(way: str, alone: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command here, or where a service has the data folder."""
    if way == HERE:
        yield alone
        return
    with connected(library_settings(tmp_path / "data")) as connection:
        monkeypatch.setattr("app.cli.collections.found_service", lambda _: nullcontext(connection))
        yield alone


def test_a_collection_is_created_listed_and_deleted(alone: Run, tmp_path: Path) -> None:
    created = alone("create", "invoices", "--description", "2019 to today")
    assert created.output == "Created collection invoices.\n"
    report = write_report(tmp_path / "a.pdf", 2)
    assert index([str(report)], lambda _: TinyEmbedder(), collection="invoices") == 0
    assert "invoices    1          tiny   2019 to today" in alone("list").output
    assert alone("delete", "invoices", "--yes").output == "Deleted collection invoices.\n"
    assert "invoices" not in alone("list").output
    assert not list((tmp_path / "data").rglob("*invoices*"))


def test_indexing_into_a_collection_leaves_the_others_as_they_are(alone: Run, tmp_path: Path) -> None:
    report = write_report(tmp_path / "a.pdf", 2)
    for name in (None, "invoices"):
        assert index([str(report)], lambda _: TinyEmbedder(), collection=name) == 0
    with open_services(library_settings(tmp_path / "data"), tiny_models()) as services:
        before = content(services.library())
        services.delete_collection("invoices")
        assert content(services.library()) == before


def test_deleting_asks_first(run: Run) -> None:
    run("create", "invoices")
    assert run("delete", "invoices").exit_code != 0
    assert "invoices" in run("list").output


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["create", "Invoices!"], BadInput),
        (["create", "invoices", "--embedder", "somebody/else"], BadInput),
        (["delete", "nothing", "--yes"], CollectionNotFound),
    ],
)
def test_what_cannot_be_is_refused(run: Run, arguments: list[str], error: type[Exception]) -> None:
    assert isinstance(run(*arguments).exception, error)


def test_a_name_that_is_taken_is_refused(run: Run) -> None:
    run("create", "invoices")
    assert isinstance(run("create", "invoices").exception, CollectionExists)


def test_a_service_is_asked_for_them(run: Run, way: str, tmp_path: Path) -> None:
    assert run("create", "invoices", "--description", "2019 to today").exit_code == 0
    assert "invoices    0                 2019 to today" in run("list").output
    assert run("delete", "invoices", "--yes").output == "Deleted collection invoices.\n"
    assert "invoices" not in run("list").output


def test_a_plan_that_is_kept_is_listed(run: Run, tmp_path: Path) -> None:
    run("create", "invoices")
    assert "plan" not in run("list").output
    tuned_at = datetime(2026, 3, 1, tzinfo=UTC)
    kept = KeptPlan(
        shape=PlanShape(candidates=100),
        made_with=MadeWith(embedder="tiny", dims=64),
        tuned_at=tuned_at,
        questions=1_060,
    )
    with open_services(library_settings(tmp_path / "data"), tiny_models()) as services:
        generation = services.collections.opened("invoices")[1]
        services.collections.note_plan(generation, kept.model_dump(mode="json"))
    assert "100 candidates, no reranking (2026-03-01, 1,060 questions)" in run("list").output


def test_no_database_is_opened_beside_a_service(
    alone: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(library_settings(tmp_path / "served")) as connection:
        monkeypatch.setattr("app.cli.collections.found_service", lambda _: nullcontext(connection))
        assert "default" in alone("list").output
    assert not (tmp_path / "data").exists()
