"""`vdr calibrate` on a whole library."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from indexer.commands.index import index_files
from indexer.services import open_services
from tests.fixtures.asked import index_topics, write_rows
from tests.fixtures.libraries import index_into, library_settings, opened, tiny_models
from tests.fixtures.pdfs import write_pdf
from training.confidence import cli
from training.confidence.asked import AskedQuestion, labelled_questions, own_questions
from training.confidence.cli import calibrate_collection
from training.confidence.observe import Scope, observe
from vdr.errors import BadInput, NotFound
from vdr.search.searcher import Searcher
from vdr.search.signs import SIGNS
from vdr.settings import IndexSettings, ModelSettings, Settings
from vdr.types import PageRef, SearchMode

TOPICS = {
    "fees": ("Harbour fees for ferries", "Mooring costs in winter", "Pilots and their wages"),
    "wind": ("Turbine output by year", "Gear box warranty terms", "Blade repair at sea"),
    "rail": ("Tram lines of the valley", "Night trains to the coast", "Tickets for groups"),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return index_topics(tmp_path_factory.mktemp("calibrated"), TOPICS)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [
        {"query": text.lower(), "document": f"{name}.pdf", "page_numbers": [number]}
        for name, pages in TOPICS.items()
        for number, text in enumerate(pages, start=1)
    ]
    return write_rows(tmp_path, rows)


Run = Callable[..., str]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `vdr calibrate` on the library and gives what it prints; raises what it raises."""
    monkeypatch.setattr(cli, "read_settings", lambda: settings)
    monkeypatch.setattr(cli, "open_services", lambda told: open_services(told, tiny_models()))
    monkeypatch.setattr(cli, "LEAST_QUESTIONS", 9)
    command = typer.Typer()
    command.command()(calibrate_collection)

    def run_one(*arguments: str) -> str:
        done = CliRunner().invoke(command, list(arguments))
        if done.exception is not None:
            raise done.exception
        return done.stdout

    yield run_one
    with opened(settings) as library:
        library.collections.note_calibration(library.generation, None)


def calibration_of(settings: Settings) -> object:
    with opened(settings) as library:
        return library.generation.calibration


def test_confidence_is_known_from_then_on(run: Run, settings: Settings, questions: Path) -> None:
    assert calibration_of(settings) is None
    printed = run(str(questions))
    assert "Calibrated collection default on 9 questions" in printed
    assert "(before: unknown)" in printed
    with opened(settings) as library:
        calibration = library.calibration(())
    assert calibration is not None
    assert calibration.modes[SearchMode.HYBRID].answerable.weights["words"] > 0


def test_a_second_time_the_first_is_judged_as_well(run: Run, questions: Path) -> None:
    run(str(questions))
    told = json.loads(run(str(questions), "--json"))
    assert told["questions"] == 9
    assert told["before"].keys() == told["after"].keys()
    assert 0.5 < told["after"]["answerable_auroc"] <= 1


def test_it_is_forgotten(run: Run, settings: Settings, questions: Path) -> None:
    run(str(questions))
    run("--forget")
    assert calibration_of(settings) is None
    with pytest.raises(BadInput, match="either questions or --forget"):
        run(str(questions), "--forget")


def test_too_few_questions(run: Run, tmp_path: Path) -> None:
    file = write_rows(tmp_path, [{"query": "ferry", "document": "fees.pdf", "page_numbers": [1]}])
    with pytest.raises(BadInput, match="1 questions with known answers; 9 are needed"):
        run(str(file))


def test_questions_about_one_document(run: Run, tmp_path: Path) -> None:
    row = {"query": "ferry", "document": "fees.pdf", "page_numbers": [1]}
    with pytest.raises(BadInput, match="about one document"):
        run(str(write_rows(tmp_path, [row] * 9)))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"document": "gone.pdf", "page_numbers": [1]}, "no document is named gone.pdf"),
        ({"document": "fees.pdf", "page_numbers": [4]}, "page 4 of fees.pdf, which has 3"),
    ],
)
def test_questions_about_what_is_not_there(
    run: Run, settings: Settings, tmp_path: Path, row: dict[str, object], said: str
) -> None:
    file = write_rows(tmp_path, [{"query": "ferry", **row}])
    with pytest.raises(BadInput, match=said):
        run(str(file))
    assert calibration_of(settings) is None


def test_an_empty_collection(run: Run) -> None:
    with pytest.raises(NotFound, match="Collection 'empty' does not exist"):
        run("--collection", "empty")


def test_without_questions_phrases_of_the_documents_are_asked(tmp_path: Path) -> None:
    settings = library_settings(tmp_path / "data")
    subjects = ("turbine", "ferry", "harbour", "tramway"), ("orchard", "vineyard", "meadow", "quarry")
    files = [
        write_pdf(
            tmp_path / f"{names[0]}.pdf",
            [
                f"Findings of part {n}\nThe {name} measured {n}{n}.4 degrees in winter 20{n}0."
                for n, name in enumerate(names, start=1)
            ],
        )
        for names in subjects
    ]
    index_into(settings, files)
    with opened(settings) as library:
        asked, some = own_questions(library, 40), own_questions(library, 2)
    assert {answer.page_number for each in asked for answer in each.answers} == {1, 2, 3, 4}
    assert any("turbine" in each.text for each in asked if PageRef(each.document_id, 1) in each.answers)
    assert len({each.document_id for each in asked}) == 2
    assert len({each.document_id for each in some}) == 1  # no more than are wanted


def test_a_question_is_observed_where_it_has_answers_and_where_it_has_none(
    settings: Settings, questions: Path
) -> None:
    with opened(settings) as library:
        asked = labelled_questions(questions, library)
        index = library.index
        assert index is not None
        searcher = Searcher(library.query_embedder, index, library.objects, settings.search)
        vectors = searcher.embedder.encode_queries([each.text for each in asked])
        observed = list(observe(searcher, asked, vectors, [SearchMode.HYBRID]))
    assert len(observed) == 9 * len(Scope)
    for each in observed:
        if each.scope.has_answers:
            assert each.answers[0]  # every word of the question stands on the page
            assert each.answers.sum() == 1
        else:
            assert not each.answers.any()
    pages = {scope: {len(each.signs) for each in observed if each.scope is scope} for scope in Scope}
    assert (pages[Scope.WITHIN], pages[Scope.ELSEWHERE], pages[Scope.WITHOUT]) == ({3}, {3}, {6})


def test_what_is_read_from_scans_stands_for_a_text_layer(tmp_path: Path) -> None:
    settings = Settings(
        index=IndexSettings(data_dir=tmp_path / "data"), model=ModelSettings(embedder="page-reader")
    )
    drawn = Image.new("RGB", (900, 1_200), "white")
    ImageDraw.Draw(drawn).text((80, 200), "Harbour fees", fill="black", font=ImageFont.load_default(48))
    drawn.save(tmp_path / "scan.png")
    with open_services(settings) as services:
        library = services.library()
        assert index_files([tmp_path / "scan.png"], library).failed == 0
        index = library.index
        assert index is not None
        searcher = Searcher(library.embedder, index, library.objects, settings.search)
        (document_id, _), *_ = library.catalogue.names()
        asked = [AskedQuestion("harbour fees", document_id, frozenset({PageRef(document_id, 1)}))]
        vectors = searcher.embedder.encode_queries(["harbour fees"])
        assert list(observe(searcher, asked, vectors, [SearchMode.TEXT])) == []
        found = list(observe(searcher, asked, vectors, [SearchMode.TEXT], are_scans=True))
    assert [each.answers.tolist() for each in found] == [[True], [True]]
    assert all(each.signs[0, SIGNS.index("vector")] == 0 for each in found)  # by the words alone
