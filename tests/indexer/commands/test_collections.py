"""`vdr collections` creates, lists and deletes; `--collection` chooses one for any command."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from indexer.commands.collections import collections
from indexer.commands.index import run as index
from indexer.services import open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_settings, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.errors import BadInput, CollectionExists, CollectionNotFound


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(collections, list(arguments))


def test_a_collection_is_created_listed_and_deleted(run: Callable[..., Result], tmp_path: Path) -> None:
    assert (
        run("create", "invoices", "--description", "2019 to today").output == "Created collection invoices.\n"
    )
    report = write_report(tmp_path / "a.pdf", 2)
    assert index([str(report)], lambda _: TinyEmbedder(), collection="invoices") == 0
    assert "invoices    1          tiny   2019 to today" in run("list").output
    assert run("delete", "invoices", "--yes").output == "Deleted collection invoices.\n"
    assert "invoices" not in run("list").output
    assert not list((tmp_path / "data").rglob("*invoices*"))


def test_indexing_into_a_collection_leaves_the_others_as_they_are(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    report = write_report(tmp_path / "a.pdf", 2)
    for name in (None, "invoices"):
        assert index([str(report)], lambda _: TinyEmbedder(), collection=name) == 0
    with open_services(library_settings(tmp_path / "data"), tiny_models()) as services:
        before = content(services.library())
        services.delete_collection("invoices")
        assert content(services.library()) == before


def test_deleting_asks_first(run: Callable[..., Result]) -> None:
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
def test_what_cannot_be_is_refused(
    run: Callable[..., Result], arguments: list[str], error: type[Exception]
) -> None:
    assert isinstance(run(*arguments).exception, error)


def test_a_name_that_is_taken_is_refused(run: Callable[..., Result]) -> None:
    run("create", "invoices")
    assert isinstance(run("create", "invoices").exception, CollectionExists)
