"""How sure a search is, over HTTP and in the web UI."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import TRAM, WHALES, settings_in
from tests.app.talking import Service, assert_problem
from tests.fixtures.calibrations import calibration, logistic
from tests.fixtures.libraries import index_into, opened, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import JobSettings

ASKED = "humpback whales sing"


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose collection is calibrated: any word of the question makes a page sure."""
    folder = tmp_path_factory.mktemp("calibrated")
    settings = settings_in(folder)
    index_into(settings, [write_pdf(folder / f"{n}.pdf", text) for n, text in enumerate((WHALES, TRAM))])
    by_words = logistic(-4.0, words=8.0)
    with opened(settings) as library:
        told = calibration(library.made_with(()), by_words, by_words).model_dump(mode="json")
        library.collections.note_calibration(library.generation, told)
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        yield Service(client)


def test_every_hit_says_how_sure_it_is_and_the_answer_whether_any_page_answers(calibrated: Service) -> None:
    found = calibrated.client.post("/v1/search", json={"query": ASKED}).json()
    first, *others = (hit["confidence"] for hit in found["hits"])
    assert first > 0.9
    assert first == found["answerable"]
    assert all(0 < each < first for each in others)


def test_pages_that_are_too_unsure_are_left_out(calibrated: Service) -> None:
    every = calibrated.search(ASKED)
    sure = calibrated.search(ASKED, min_confidence=0.5)
    assert [hit["rank"] for hit in sure] == [hit["rank"] for hit in every if hit["confidence"] >= 0.5] == [1]
    assert calibrated.search(ASKED, min_confidence=1) == []


def test_nobody_knows_how_sure_a_page_is_that_is_like_another(calibrated: Service) -> None:
    page = {"document_id": calibrated.ids()[0], "page_number": 1}
    found = calibrated.client.post("/v1/search", json={"page": page}).json()
    assert found["answerable"] is None
    assert {hit["confidence"] for hit in found["hits"]} == {None}
    asked = calibrated.client.post("/v1/search", json={"page": page, "min_confidence": 0.5})
    assert_problem(asked, 422, "not_calibrated")


def test_a_collection_that_is_not_calibrated(filled: Service) -> None:
    assert {hit["confidence"] for hit in filled.search(ASKED)} == {None}
    asked = filled.client.post("/v1/search", json={"query": ASKED, "min_confidence": 0.5})
    assert "vdr calibrate" in assert_problem(asked, 422, "not_calibrated")["remedy"]


@pytest.mark.parametrize("least", [-0.1, 1.1, "high"])
def test_what_is_no_chance(calibrated: Service, least: object) -> None:
    asked = calibrated.client.post("/v1/search", json={"query": ASKED, "min_confidence": least})
    assert_problem(asked, 422, "bad_input")


def test_the_page_of_results_says_so_too(calibrated: Service) -> None:
    shown = calibrated.client.get("/ui/results", params={"q": ASKED}).text
    assert "% sure</span>" in shown
    assert "Nothing here seems to answer that" not in shown


def test_a_page_of_results_that_answers_nothing_says_so_above(calibrated: Service) -> None:
    asked = "ocean tax credit depreciation zebra"  # one word of five is there
    assert 0 < calibrated.client.post("/v1/search", json={"query": asked}).json()["answerable"] < 0.2
    shown = calibrated.client.get("/ui/results", params={"q": asked}).text
    assert '<p class="doubt">Nothing here seems to answer that. The closest pages:</p>' in shown


def test_where_nobody_knows_nothing_is_said(filled: Service) -> None:
    shown = filled.client.get("/ui/results", params={"q": ASKED}).text
    assert "sure</span>" not in shown
    assert "doubt" not in shown
