"""`vdr samples OUT` writes a corpus, and never over somebody's files."""

import json

import pytest
import typer
from typer.testing import CliRunner

from samples.cli import samples
from samples.documents import DOCUMENTS
from vdr.errors import BadInput

PDF_NAME = DOCUMENTS[5].file_name


@pytest.fixture
def run(monkeypatch):
    """Runs the command; what it refuses is in the result's `exception`."""
    monkeypatch.setattr("samples.corpus.DOCUMENTS", DOCUMENTS[5:6])
    command = typer.Typer()
    command.command()(samples)
    return lambda *arguments: CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_it_tells_what_it_wrote(run, tmp_path):
    result = run(tmp_path / "new" / "folder")

    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'new' / 'folder'}: 1 PDFs, 5 pages, 10 questions\n"


def test_its_own_folder_is_written_again(run, tmp_path):
    run(tmp_path)

    assert run(tmp_path, "--seed", 3).exit_code == 0


@pytest.mark.parametrize(
    "foreign",
    ["notes.txt", "pdfs/mine.pdf", f"pdfs/{PDF_NAME}", "queries.jsonl", "pdfs", ".hidden"],
)
def test_a_folder_with_foreign_files_is_left_alone(run, tmp_path, foreign):
    path = tmp_path / foreign
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"source": "mine"}\n')

    result = run(tmp_path)

    assert isinstance(result.exception, BadInput)
    assert foreign in str(result.exception)
    assert path.read_text() == '{"source": "mine"}\n'
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def test_a_foreign_file_beside_samples_is_found(run, tmp_path):
    run(tmp_path)
    (tmp_path / "thesis.pdf").write_bytes(b"%PDF")

    assert "thesis.pdf" in str(run(tmp_path).exception)


def test_a_list_with_one_foreign_question_is_not_overwritten(run, tmp_path):
    run(tmp_path)
    path = tmp_path / "queries.jsonl"
    mixed = path.read_text() + json.dumps({"source": "mine"}) + "\n"
    path.write_text(mixed)

    assert isinstance(run(tmp_path).exception, BadInput)
    assert path.read_text() == mixed


def test_a_file_in_place_of_the_folder_is_refused(run, tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")

    assert str(run(path).exception) == f"{path} is a file. Choose a folder."


def test_a_negative_seed_is_refused(run, tmp_path):
    assert run(tmp_path, "--seed", -1).exit_code == 2
