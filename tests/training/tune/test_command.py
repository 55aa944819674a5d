"""`vdr tune` on a whole library whose reranker makes everything worse."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from indexer.services import open_services
from tests.fixtures.asked import index_topics, write_rows
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.reranker import DarkestFirst
from training.confidence import cli as calibrating
from training.confidence.cli import calibrate_collection
from training.tune import cli
from training.tune.cli import tune_collection
from vdr.errors import BadInput, CollectionNotFound, NotFound
from vdr.models.reranker import LoadedStep
from vdr.search.kept import KeptPlan
from vdr.settings import Settings
from vdr.types import Effort, SearchRequest, SearchResult, Stage

TOPICS = {
    "fees": ("Harbour fees for ferries", "Mooring costs in winter " * 9, "Pilots and their wages"),
    "wind": ("Turbine output by year", "Gear box warranty terms " * 9, "Blade repair at sea"),
    "rail": ("Tram lines of the valley", "Night trains to the coast " * 9, "Tickets for groups"),
}
RERANKER = DarkestFirst()
MODELS = tiny_models(rerankers=[LoadedStep(RERANKER)])
ASKED = SearchRequest("harbour fees for ferries")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return index_topics(tmp_path_factory.mktemp("tuned"), TOPICS)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [
        {"query": " ".join(text.lower().split()[:4]), "document": f"{name}.pdf", "page_numbers": [number]}
        for name, pages in TOPICS.items()
        for number, text in enumerate(pages, start=1)
    ]
    return write_rows(tmp_path, rows)


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `vdr tune` on the library and gives what it prints; raises what it raises."""
    for module in (cli, calibrating):
        monkeypatch.setattr(module, "read_settings", lambda: settings)
        monkeypatch.setattr(module, "open_services", lambda told: open_services(told, MODELS))
        monkeypatch.setattr(module, "LEAST_QUESTIONS", 9)
    yield lambda *arguments: ran(tune_collection, *arguments)
    with open_services(settings, MODELS) as services:
        library = services.library()
        library.collections.note_plan(library.generation, None)
        library.collections.note_calibration(library.generation, None)


def ran(function: Callable[..., None], *arguments: str) -> str:
    command = typer.Typer()
    command.command()(function)
    done = CliRunner().invoke(command, list(arguments))
    if done.exception is not None:
        raise done.exception
    return done.stdout


def plan_of(settings: Settings) -> KeptPlan | None:
    with open_services(settings, MODELS) as services:
        return services.library().kept_plan(MODELS.rerankers())


def found(settings: Settings, request: SearchRequest = ASKED) -> SearchResult:
    with open_services(settings, MODELS) as services:
        library = services.library()
        index = library.index
        assert index is not None
        return library.searcher(settings.search, index, library.query_embedder).search(request)


def first(result: SearchResult) -> tuple[str, int]:
    return result.hits[0].document_name, result.hits[0].page.page_number


def test_a_reranker_that_brings_nothing_is_found(run: Run, settings: Settings, questions: Path) -> None:
    printed = run(str(questions))
    assert re.search(r"^1 +now +200 +darkest-first@50 ", printed, re.MULTILINE)
    assert "Recommended: " in printed and "no reranking" in printed.partition("Recommended: ")[2]
    assert plan_of(settings) is None  # it was only asked for


def test_it_is_told_as_json(run: Run, questions: Path) -> None:
    told = json.loads(run(str(questions), "--json"))
    assert (told["questions"], told["pages"]) == ({"chosen_on": 6, "reported_on": 3}, 9)
    served, recommended = (
        next(each for each in told["plans"] if each[role]) for role in ("is_served", "is_recommended")
    )
    assert served["rerank"] == [{"reranker": "darkest-first", "depth": 50}]
    assert recommended["rerank"] == []
    assert recommended["ndcg@10"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert recommended["over_served"]["low"] > 0
    assert 0 < recommended["p50_ms"] <= recommended["p95_ms"]
    assert 0 < recommended["memory_bytes"] < recommended["disk_bytes"]


def test_a_plan_that_is_kept_is_what_searches_go_by(run: Run, settings: Settings, questions: Path) -> None:
    assert first(found(settings)) != ("fees.pdf", 1)
    assert "keeps it" in run(str(questions), "--apply")
    kept = plan_of(settings)
    assert kept is not None and (kept.shape.rerank, kept.questions) == ((), 9)
    tuned = found(settings)
    assert first(tuned) == ("fees.pdf", 1)
    assert Stage.CROSS_ENCODER not in tuned.hits[0].stages
    best = found(settings, replace(ASKED, effort=Effort.BEST))  # by the settings, as before
    assert Stage.CROSS_ENCODER in best.hits[0].stages
    RERANKER.asked.clear()
    found(settings, replace(ASKED, page=tuned.hits[1].page))  # beside a question: no plan was chosen on that
    assert len(RERANKER.asked) == 2
    found(settings)
    assert len(RERANKER.asked) == 2
    assert "go by the settings" in run("--reset")
    assert first(found(settings)) == first(best)


def test_how_sure_hits_are_is_known_of_searches_by_it(run: Run, settings: Settings, questions: Path) -> None:
    assert found(settings).answerable is None
    assert "How sure hits are was calibrated" in run(str(questions), "--apply")
    tuned = found(settings)
    assert tuned.answerable is not None
    assert all(hit.confidence is not None for hit in tuned.hits)
    assert found(settings, replace(ASKED, effort=Effort.BEST)).answerable is None  # of these nobody knows


def test_questions_about_one_document_do_not_tell_how_sure_hits_are(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    rows = [
        {"query": " ".join(text.lower().split()[:count]), "document": "fees.pdf", "page_numbers": [number]}
        for number, text in enumerate(TOPICS["fees"], start=1)
        for count in (2, 3, 4)
    ]
    assert "is not known with it" in run(str(write_rows(tmp_path, rows)), "--apply")
    kept = plan_of(settings)
    assert kept is not None and kept.calibration is None
    assert found(settings).answerable is None


def test_calibrating_goes_by_the_plan_as_well(run: Run, settings: Settings, questions: Path) -> None:
    run(str(questions), "--apply")
    before = plan_of(settings)
    ran(calibrate_collection, "--forget")
    forgotten = plan_of(settings)
    assert before is not None and before.calibration is not None
    assert forgotten is not None and forgotten.calibration is None
    assert found(settings).answerable is None
    ran(calibrate_collection, str(questions))
    assert plan_of(settings) == before  # fitted to the same searches
    assert found(settings, replace(ASKED, effort=Effort.BEST)).answerable is not None


def test_a_second_time_the_plan_is_what_others_are_compared_with(
    run: Run, settings: Settings, questions: Path
) -> None:
    run(str(questions), "--apply")
    kept = plan_of(settings)
    told = json.loads(run(str(questions), "--json"))
    assert kept is not None
    (served,) = (each for each in told["plans"] if each["is_served"])
    assert served["rerank"] == [] and served["candidates"] == kept.shape.candidates
    by_settings = told["plans"][0]
    assert by_settings["rerank"] != [] and by_settings["over_served"]["high"] < 0


def test_with_other_rerankers_it_is_not_gone_by(run: Run, settings: Settings, questions: Path) -> None:
    run(str(questions), "--apply")
    with open_services(settings, tiny_models()) as services:
        library = services.library()
        assert library.index is not None
        assert library.searcher(settings.search, library.index, library.query_embedder).tuned is None


def test_the_front_is_drawn(run: Run, questions: Path, tmp_path: Path) -> None:
    picture = tmp_path / "front.png"
    run(str(questions), "--front", str(picture))
    with Image.open(picture) as drawn:
        assert drawn.format == "PNG"
        assert len(drawn.convert("RGB").getcolors(1_000_000) or ()) > 100  # it is not blank


def test_a_picture_that_cannot_be_written(run: Run, questions: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a PNG"):
        run(str(questions), "--front", str(tmp_path / "front.jpg"))
    with pytest.raises(BadInput, match="Cannot write"):
        run(str(questions), "--front", str(tmp_path / "nowhere" / "front.png"))


def test_fewer_questions_are_asked(run: Run, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "LEAST_QUESTIONS", 8)
    told = json.loads(run(str(questions), "--json", "--limit-queries", "8"))
    assert sum(told["questions"].values()) == 8


def test_too_few_questions(run: Run, tmp_path: Path) -> None:
    row = {"query": "ferry", "document": "fees.pdf", "page_numbers": [1]}
    with pytest.raises(BadInput, match="2 questions with known answers; 9 are needed, 7 more"):
        run(str(write_rows(tmp_path, [row] * 2)))


def test_documents_without_phrases_need_questions(run: Run, settings: Settings, tmp_path: Path) -> None:
    Image.new("L", (64, 64), 255).save(tmp_path / "blank.png")
    other = settings.model_copy(update={"index": settings.index.model_copy(update={"collection": "blank"})})
    index_into(other, [tmp_path / "blank.png"])
    with pytest.raises(BadInput, match="0 questions with known answers; 9 are needed, 9 more"):
        run("--collection", "blank")


@pytest.mark.parametrize("row", [{"document": "gone.pdf"}, {"document": "fees.pdf", "page_numbers": [4]}])
def test_questions_about_what_is_not_there(run: Run, tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"no document is named gone.pdf|page 4 of fees.pdf, which has 3"):
        run(str(write_rows(tmp_path, [{"query": "ferry", "page_numbers": [1], **row}])))


def test_a_collection_with_nothing_in_it(run: Run, settings: Settings) -> None:
    with pytest.raises(CollectionNotFound):
        run("--collection", "nothing")
    with open_services(settings, MODELS) as services:
        services.collections.ensure("empty")
    with pytest.raises(NotFound, match="Nothing has been indexed yet"):
        run("--collection", "empty")


def test_reset_is_used_alone(run: Run) -> None:
    with pytest.raises(BadInput, match="--reset is used alone"):
        run("--reset", "--apply")
