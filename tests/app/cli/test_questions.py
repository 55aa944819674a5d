"""`vdr questions`, here and by way of a service, imports, exports and deletes."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.questions import questions
from tests.app.cli.conftest import HERE, connected
from tests.fixtures.libraries import index_into, library_settings
from tests.fixtures.pdfs import write_report
from vdr.errors import BadInput, NotFound, QuestionNotFound

Run = Callable[..., Result]


@pytest.fixture
def run(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    settings = library_settings(tmp_path / "data")
    index_into(settings, [write_report(tmp_path / "a.pdf", 2)])
    monkeypatch.setenv("VDR_DATA_DIR", str(settings.index.data_dir))
    run: Run = lambda *arguments: CliRunner().invoke(questions, list(arguments))  # noqa: E731
    if way == HERE:
        yield run
        return
    with connected(settings) as connection:
        monkeypatch.setattr("app.cli.questions.found_service", lambda _: nullcontext(connection))
        yield run


def written(tmp_path: Path, *lines: Mapping[str, object]) -> str:
    file = tmp_path / "queries.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(file)


FEES = {"query_id": "q/1 a", "query": "Fees?", "document": "a.pdf", "page_numbers": [2], "notes": "odd"}


def test_a_file_comes_and_goes(run: Run, tmp_path: Path) -> None:
    assert run("import", written(tmp_path, FEES)).output == "1 question added, 0 replaced.\n"
    assert run("import", written(tmp_path, FEES)).output == "0 questions added, 1 replaced.\n"
    (line,) = run("export").output.splitlines()
    assert {name: json.loads(line)[name] for name in ("query", "document", "page_numbers")} == {
        "query": "Fees?",
        "document": "a.pdf",
        "page_numbers": [2],
    }
    file = tmp_path / "out.jsonl"
    assert run("export", "--out", str(file)).output == f"1 question written to {file}.\n"
    assert file.read_text() == f"{line}\n"


def test_one_is_deleted(run: Run, tmp_path: Path) -> None:
    run("import", written(tmp_path, FEES))
    assert run("delete", "q/1 a").output == "Deleted 1 question.\n"
    assert run("export").output == ""
    assert isinstance(run("delete", "q/1 a").exception, QuestionNotFound)


def test_what_is_wrong_is_said_with_its_line(run: Run, tmp_path: Path) -> None:
    wrong = run("import", written(tmp_path, FEES, {**FEES, "page_numbers": []})).exception
    assert isinstance(wrong, BadInput)
    assert "line 2" in str(wrong)
    assert isinstance(run("import", written(tmp_path)).exception, BadInput)
    gone = run("import", written(tmp_path, {**FEES, "document": "b.pdf"})).exception
    assert isinstance(gone, NotFound)
    assert run("export").output == ""
