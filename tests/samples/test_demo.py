"""The demo: what it asks, what it counts as right, and what it prints."""

import json
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from app.cli.main import compose
from indexer.ingest import index_document
from samples.demo import (
    GENERIC_QUESTIONS,
    DemoAnswer,
    DemoCorpus,
    DemoQuestion,
    answers_table,
    own_corpus,
    read_questions,
    shares_table,
    show_demo,
)
from tests.app.conftest import settings_in
from tests.fixtures.libraries import opened, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.errors import BadInput, ModelError
from vdr.types import Hit, PageRef, Snippet


def hit(page_number: int = 4, name: str = "report.pdf") -> Hit:
    return Hit(1, PageRef("0" * 64, page_number), name, 0.0325, {}, Snippet(""))


def printed(table: object, width: int = 120) -> list[list[str]]:
    """The cells of a table as they are printed, row by row."""
    console = Console(file=StringIO(), width=width)
    console.print(table)
    lines = console.file.getvalue().replace("\N{NO-BREAK SPACE}", " ").splitlines()  # type: ignore[attr-defined]
    return [[cell for cell in line.split("  ") if cell.strip()] for line in lines if line.strip()]


def rows(table: object) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in printed(table)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two PDFs, three pages."""
    folder = tmp_path / "mine"
    folder.mkdir()
    write_pdf(folder / "whales.pdf", ["The blue whale eats krill", "Humpback whales sing for hours"])
    write_pdf(folder / "tram.pdf", ["Tram line eleven runs to Auzelg"])
    return folder


def write_questions(path: Path, *questions: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return path


def shown(corpus: DemoCorpus, data_dir: Path) -> str:
    """What the demo prints about a corpus."""
    console = Console(file=StringIO(), width=140)
    show_demo(corpus, settings_in(data_dir), tiny_models(), console)
    return str(console.file.getvalue()).replace("\N{NO-BREAK SPACE}", " ")  # type: ignore[attr-defined]


class TestQuestions:
    def test_those_beside_the_pdfs_are_asked(self, folder: Path) -> None:
        write_questions(folder / "queries.jsonl", {"query": "Who sings?", "page_numbers": [2]})
        assert [question.query for question in own_corpus(folder).shown] == ["Who sings?"]

    def test_a_file_that_is_named_goes_before_those(self, folder: Path, tmp_path: Path) -> None:
        write_questions(folder / "queries.jsonl", {"query": "Who sings?"})
        named = write_questions(tmp_path / "other.jsonl", {"query": "Where does it run?"})
        assert [question.query for question in own_corpus(folder, named).shown] == ["Where does it run?"]

    def test_without_any_five_general_ones_are_asked(self, folder: Path) -> None:
        corpus = own_corpus(folder)
        assert tuple(question.query for question in corpus.shown) == GENERIC_QUESTIONS
        assert not corpus.has_right_pages

    def test_five_are_shown_and_all_are_counted(self, folder: Path) -> None:
        write_questions(
            folder / "queries.jsonl", *({"query": f"{n}?", "page_numbers": [1]} for n in range(7))
        )
        corpus = own_corpus(folder)
        assert (len(corpus.shown), len(corpus.questions)) == (5, 7)

    def test_a_question_says_where_its_answer_stands(self, tmp_path: Path) -> None:
        line = {
            "query": "q",
            "document": "a.pdf",
            "page_numbers": [3, 4],
            "evidence": ["Chart"],
            "source": "s",
        }
        asked = read_questions(write_questions(tmp_path / "q.jsonl", line))
        assert asked == (DemoQuestion("q", "a.pdf", (3, 4), ("Chart",)),)

    def test_a_broken_line_is_named(self, tmp_path: Path) -> None:
        path = write_questions(tmp_path / "q.jsonl", {"query": "q"}, {"query": 3})
        with pytest.raises(BadInput, match=r"q\.jsonl, line 2: query: Input should be a valid string"):
            read_questions(path)

    def test_a_line_that_is_no_json_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "q.jsonl"
        path.write_text("who?\n")
        with pytest.raises(BadInput, match="line 1: Invalid JSON"):
            read_questions(path)

    def test_an_empty_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="contains no questions"):
            read_questions(write_questions(tmp_path / "q.jsonl"))

    def test_a_missing_file_is_refused(self, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="Cannot read"):
            own_corpus(folder, tmp_path / "none.jsonl")


class TestAnswersTable:
    def test_the_right_page_first_is_right(self) -> None:
        question = DemoQuestion("How much?", "report.pdf", (4,))
        table = answers_table([DemoAnswer(question, (hit(),), 1)])
        assert rows(table) == [
            ["question", "found", "score", "rank"],
            ["How much?", "report.pdf p. 4", "0.0325", "1", "right"],
            ["answer: p. 4"],
        ]

    def test_the_right_page_third_is_wrong_and_its_rank_is_told(self) -> None:
        question = DemoQuestion("How much?", "report.pdf", (9, 10))
        _, first, second = rows(answers_table([DemoAnswer(question, (hit(),), 3)]))
        assert first[3:] == ["3", "wrong"]
        assert second == ["answer: p. 9, 10"]

    def test_a_right_page_of_another_document_is_told_with_its_name(self) -> None:
        question = DemoQuestion("How much?", "other.pdf", (9,))
        assert rows(answers_table([DemoAnswer(question, (hit(),), 2)]))[2] == ["answer: other.pdf p. 9"]

    def test_a_right_page_that_was_not_found_has_no_rank(self) -> None:
        question = DemoQuestion("How much?", "report.pdf", (9,))
        assert rows(answers_table([DemoAnswer(question, (hit(),), None)]))[1][3:] == ["> 10", "wrong"]

    def test_the_judgement_has_room_in_a_narrow_window(self) -> None:
        name = "a-long-name-of-a-document-as-people-give-them.pdf"
        question = DemoQuestion("What did the chair say about the second half? " * 2, name, (4,))
        table = answers_table([DemoAnswer(question, (hit(name=name),), 1)])
        assert "right" in [cell.strip() for cell in printed(table, width=80)[1]]

    def test_an_answer_in_pixels_alone_is_marked(self) -> None:
        question = DemoQuestion("How much?", "a.pdf", (1,), ("Scan",), is_in_pixels_only=True)
        assert rows(answers_table([DemoAnswer(question, (hit(),), 1)]))[2][0] == "only in a scan"

    def test_where_no_right_page_is_known_nothing_is_judged(self) -> None:
        table = answers_table([DemoAnswer(DemoQuestion("How much?"), (hit(),), None)])
        assert rows(table) == [["question", "found", "score"], ["How much?", "report.pdf p. 4", "0.0325"]]

    def test_a_question_without_right_page_among_others_is_not_judged(self) -> None:
        known = DemoAnswer(DemoQuestion("How much?", "report.pdf", (4,)), (hit(),), 1)
        table = answers_table([known, DemoAnswer(DemoQuestion("Who?"), (hit(),), None)])
        assert rows(table)[3] == ["Who?", "report.pdf p. 4", "0.0325"]

    def test_nothing_found_is_said(self) -> None:
        assert rows(answers_table([DemoAnswer(DemoQuestion("How much?"), (), None)]))[1] == [
            "How much?",
            "nothing",
        ]

    def test_names_are_not_read_as_markup(self) -> None:
        table = answers_table([DemoAnswer(DemoQuestion("[red]?"), (hit(name="[b].pdf"),), None)])
        assert rows(table)[1][:2] == ["[red]?", "[b].pdf p. 4"]


class TestSharesTable:
    def test_kinds_of_evidence_are_counted_apart(self) -> None:
        def answer(rank: int | None, *kinds: str, pixels: bool = False) -> DemoAnswer:
            return DemoAnswer(DemoQuestion("q", "a.pdf", (1,), kinds, is_in_pixels_only=pixels), (), rank)

        answers = [
            answer(1, "Text"),
            answer(4, "Text", "Table"),
            answer(3, "Scan", pixels=True),
            answer(None, "Chart", pixels=True),
        ]
        assert rows(shares_table(answers)) == [
            ["Questions with a right page in the top 3 (of 4)"],
            ["answer stands in", "questions", "first", "first 3", "share"],
            ["Text", "2", "1", "1", "50%"],
            ["Table", "1", "0", "0", "0%"],
            ["Scan", "1", "0", "1", "100%"],
            ["Chart", "1", "0", "0", "0%"],
            ["pixels alone", "2", "0", "1", "50%"],
            ["all", "4", "1", "2", "50%"],
        ]

    def test_questions_without_a_right_page_do_not_count(self) -> None:
        table = shares_table([DemoAnswer(DemoQuestion("q"), (), None)])
        assert rows(table)[-1] == ["all", "0", "0", "0"]


class TestShowDemo:
    def test_the_right_page_is_found_and_counted(self, folder: Path, tmp_path: Path) -> None:
        question = {"query": "humpback sing hours", "document": "whales.pdf", "page_numbers": [2]}
        write_questions(folder / "queries.jsonl", question)
        output = shown(own_corpus(folder), tmp_path)
        assert "whales.pdf p. 2" in output
        assert output.split()[-5:] == ["all", "1", "1", "1", "100%"]

    def test_general_questions_are_answered_without_a_share(self, folder: Path, tmp_path: Path) -> None:
        output = shown(own_corpus(folder), tmp_path)
        assert GENERIC_QUESTIONS[0] in output
        assert "share" not in output

    def test_a_file_known_by_another_name_is_still_the_right_one(self, folder: Path, tmp_path: Path) -> None:
        write_questions(folder / "q.jsonl", {"query": "krill", "document": "whales.pdf", "page_numbers": [1]})
        with opened(settings_in(tmp_path)) as library:
            library.add(folder / "whales.pdf", "renamed.pdf")
        assert "right" in shown(own_corpus(folder, folder / "q.jsonl"), tmp_path)

    def test_other_documents_of_the_library_are_left_out(self, folder: Path, tmp_path: Path) -> None:
        write_questions(
            folder / "q.jsonl", {"query": "zeppelin", "document": "tram.pdf", "page_numbers": [1]}
        )
        with opened(settings_in(tmp_path)) as library:
            other, _ = library.add(write_pdf(tmp_path / "other.pdf", ["A zeppelin"]), "other.pdf")
            index_document(library, other.document_id)
        assert "other.pdf" not in shown(own_corpus(folder, folder / "q.jsonl"), tmp_path)


class TestCommand:
    @pytest.fixture
    def run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
        """Runs `vdr demo` with a checkpoint that is not there: it ends when the model is to be loaded."""
        monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("VDR_EMBEDDER", "/no/such/folder")
        monkeypatch.chdir(tmp_path)
        commands = [
            EntryPoint(value.split(":")[1], value, "vdr.commands")
            for value in ("samples.demo:demo", "app.cli.search:search")
        ]
        return lambda *arguments: CliRunner().invoke(compose(commands), ["demo", *arguments])

    def test_samples_are_not_written_among_other_files(
        self, run: Callable[..., Result], folder: Path
    ) -> None:
        assert "tram.pdf, which is not a sample" in str(run("--samples", str(folder)).exception)

    def test_it_takes_ones_own_pdfs(self, run: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
        assert isinstance(run("--pdfs", str(folder)).exception, ModelError)
        assert not (tmp_path / "sample-documents").exists()

    def test_questions_without_pdfs_are_refused(self, run: Callable[..., Result]) -> None:
        assert "--questions requires --pdfs" in str(run("--questions", "q.jsonl").exception)
