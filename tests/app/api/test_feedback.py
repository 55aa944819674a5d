"""Feedback over HTTP: what is said of a search is kept with it, or nothing is."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import feedback as taking
from app.askers import KEY_ID
from app.service import create_app
from tests.app.asking import ask, ask_image, batch, page_image
from tests.app.conftest import WHALES, settings_in
from tests.app.talking import UNKNOWN_ID, Service, assert_problem
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.feedback import age_s, new_search_id
from vdr.settings import FeedbackSettings, JobSettings, Settings

QUESTION = "humpback whales sing"


@pytest.fixture
def indexed(settings: Settings, tmp_path: Any) -> Settings:
    index_into(settings, [write_pdf(tmp_path / "whales.pdf", WHALES)])
    return settings.model_copy(update={"jobs": JobSettings(worker=False)})


@pytest.fixture
def whales(indexed: Settings) -> Iterator[Service]:
    """A service with three pages about whales."""
    with TestClient(create_app(indexed, tiny_models())) as client:
        yield Service(client)


def asked(service: Service, **body: Any) -> dict[str, Any]:
    return dict(ask(service, **{"query": QUESTION, **body}).json())


def page_of(hit: dict[str, Any]) -> dict[str, Any]:
    return {"document_id": hit["document"]["document_id"], "page_number": hit["page_number"]}


def say(service: Service, found: dict[str, Any], kind: str, rank: int | None = None, **told: Any) -> Any:
    body = {"search_id": found["search_id"], "kind": kind, **told}
    if rank is not None:
        body["page"] = page_of(found["hits"][rank - 1])
    return service.client.post("/v1/feedback", json=body)


def exported(service: Service, **params: Any) -> list[dict[str, Any]]:
    answer = service.client.get("/v1/feedback/export", params=params)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


class TestIds:
    def test_every_search_has_one_of_its_own(self, whales: Service) -> None:
        found = [asked(whales) for _ in range(3)]
        found += batch(whales, [{"query": QUESTION}, {"query": "krill"}]).json()["results"]
        found.append(ask_image(whales, page_image(whales, found[0]["hits"][0])).json())
        ids = [each["search_id"] for each in found]
        assert len(set(ids)) == 6
        assert all(0 <= (age_s(each) or -1) < 60 for each in ids)

    def test_what_was_asked_found_and_done_is_kept(self, whales: Service) -> None:
        found = asked(whales, limit=2, filter={"page_number": {"$gte": 1}})
        (kept,) = exported(whales, all=True)
        assert (kept["search_id"], kept["query"]) == (found["search_id"], QUESTION)
        assert kept["request"] == {
            "mode": "hybrid",
            "effort": "balanced",
            "sort": "relevance",
            "filter": {"page_number": {"$gte": 1}},
            "limit": 2,
            "offset": 0,
            "rerank": True,
        }
        shown = [{**page_of(hit), "rank": hit["rank"]} for hit in found["hits"]]
        assert [{name: hit[name] for name in shown[0]} for hit in kept["hits"]] == shown
        assert kept["hits"][0]["score"] == pytest.approx(found["hits"][0]["score"], abs=1e-5)
        assert "full" in kept["plan"]["stages"]
        assert kept["plan"]["timings_ms"]["total"] > 0
        assert kept["feedback"] == []

    def test_an_image_is_not_kept(self, whales: Service) -> None:
        image = page_image(whales, asked(whales)["hits"][0])
        ask_image(whales, image)
        *_, kept = exported(whales, all=True)
        assert (kept["query"], kept["request"]["image"]) == ("", True)

    def test_text_that_no_database_takes_is_kept_as_far_as_it_goes(self, whales: Service) -> None:
        asked(whales, query="whales \0 and krill")
        (kept,) = exported(whales, all=True)
        assert kept["query"] == "whales  and krill"

    def test_nothing_is_kept_where_the_setting_says_so(self, indexed: Settings) -> None:
        settings = indexed.model_copy(update={"feedback": FeedbackSettings(keep_searches_days=0)})
        with TestClient(create_app(settings, tiny_models())) as client:
            service = Service(client)
            found = asked(service)
            assert found["search_id"] is None
            assert exported(service, all=True) == []
            problem = assert_problem(
                say(service, {**found, "search_id": new_search_id()}, "nothing"), 409, "searches_not_kept"
            )
            assert "VDR_KEEP_SEARCHES_DAYS" in problem["remedy"]
            assert_problem(client.get("/v1/feedback/summary"), 409, "searches_not_kept")


class TestGiving:
    def test_it_is_kept_right_after_the_answer(self, whales: Service) -> None:
        found = asked(whales)
        answer = say(whales, found, "right", 1, reporter="ada")
        assert answer.status_code == 201
        (kept,) = exported(whales)
        assert kept["feedback"] == [answer.json()]
        assert answer.json()["page"] == page_of(found["hits"][0])
        assert (answer.json()["reporter"], answer.json()["key_id"]) == ("ada", None)

    def test_the_same_twice_counts_once(self, whales: Service) -> None:
        found = asked(whales)
        first, second = (say(whales, found, "opened", 2) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()

    def test_every_kind_is_taken(self, whales: Service) -> None:
        found = asked(whales, limit=1)
        expected = {"document_id": found["hits"][0]["document"]["document_id"], "page_number": 3}
        answers = [
            say(whales, found, "wrong", 1),
            say(whales, found, "expected", page=expected),
            say(whales, found, "nothing"),
            say(whales, found, "copied", 1),
            say(whales, found, "dwelt", 1, dwelt_ms=4_200),
        ]
        assert [answer.status_code for answer in answers] == [201] * 5

    def test_it_is_taken_back(self, whales: Service) -> None:
        given = say(whales, asked(whales), "right", 1).json()
        address = f"/v1/feedback/{given['feedback_id']}"
        assert whales.client.delete(address).status_code == 204
        assert exported(whales) == []
        assert_problem(whales.client.delete(address), 404, "feedback_not_found")

    def test_the_key_that_it_came_with_is_noted(self, whales: Service, indexed: Settings) -> None:
        token = KEY_ID.set("k1")
        try:
            given = say(whales, asked(whales), "nothing").json()
        finally:
            KEY_ID.reset(token)
        assert given["key_id"] == "k1"
        (kept,) = exported(whales, key_id="k1")
        assert kept["key_id"] == "k1"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"kind": "right"}, "about a page"),
            ({"kind": "nothing", "page": {"document_id": UNKNOWN_ID, "page_number": 1}}, "about no page"),
            ({"kind": "dwelt", "page": {"document_id": UNKNOWN_ID, "page_number": 1}}, "dwelt_ms"),
            ({"kind": "nothing", "dwelt_ms": 5}, "dwelt_ms"),
            ({"kind": "liked"}, "kind"),
            ({"kind": "nothing", "reporter": "ada lovelace"}, "reporter"),
            ({"kind": "nothing", "stars": 5}, "stars"),
        ],
    )
    def test_what_does_not_fit_together(self, filled: Service, body: dict[str, Any], field: str) -> None:
        answer = filled.client.post("/v1/feedback", json={"search_id": new_search_id(), **body})
        assert field in assert_problem(answer, 422, "bad_input")["detail"]

    @pytest.mark.parametrize("search_id", ["0" * 32, "unknown", "z" * 32])
    def test_a_search_that_is_gone(self, filled: Service, search_id: str) -> None:
        answer = filled.client.post("/v1/feedback", json={"search_id": search_id, "kind": "nothing"})
        assert_problem(answer, 404, "search_not_found")

    def test_a_fresh_id_that_nobody_writes_down_is_waited_for_and_given_up(
        self, filled: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(taking, "_WRITTEN_WITHIN_S", 0.3)
        answer = filled.client.post("/v1/feedback", json={"search_id": new_search_id(), "kind": "nothing"})
        assert_problem(answer, 404, "search_not_found")

    def test_a_search_of_another_collection(self, whales: Service) -> None:
        whales.client.post("/v1/collections", json={"name": "other"})
        body = {"search_id": asked(whales)["search_id"], "kind": "nothing"}
        whales.client.get("/v1/feedback/export")  # it is written down
        answer = whales.client.post("/v1/collections/other/feedback", json=body)
        assert_problem(answer, 404, "search_not_found")
        assert exported(whales) == []

    def test_a_page_that_is_not_there_or_was_not_shown(self, whales: Service) -> None:
        found = asked(whales, limit=1)
        document_id = found["hits"][0]["document"]["document_id"]
        others = {1, 2, 3} - {found["hits"][0]["page_number"]}
        for page, kind, status, code in (
            ({"document_id": document_id, "page_number": min(others)}, "right", 422, "page_not_shown"),
            ({"document_id": document_id, "page_number": 9}, "expected", 404, "not_found"),
            ({"document_id": UNKNOWN_ID, "page_number": 1}, "opened", 404, "not_found"),
        ):
            assert_problem(say(whales, found, kind, page=page), status, code)
        assert exported(whales) == []

    def test_too_much_of_it(self, indexed: Settings) -> None:
        settings = indexed.model_copy(update={"feedback": FeedbackSettings(feedback_limit=2)})
        with TestClient(create_app(settings, tiny_models())) as client:
            service = Service(client)
            found = asked(service)
            for rank in (1, 2):
                say(service, found, "opened", rank)
            assert_problem(say(service, found, "opened", 3), 429, "too_much_feedback")
            assert [len(each["feedback"]) for each in exported(service)] == [2]


class TestDeleting:
    def test_what_a_reporter_has_said_goes(self, whales: Service) -> None:
        for who in ("ada", "bob"):
            say(whales, asked(whales), "right", 1, reporter=who)
        gone = whales.client.delete("/v1/feedback", params={"reporter": "ada"})
        assert gone.json() == {"feedback": 1, "searches": 0}
        assert [each["reporter"] for search in exported(whales) for each in search["feedback"]] == ["bob"]

    def test_a_search_goes_with_what_was_said_of_it(self, whales: Service) -> None:
        first, second = asked(whales), asked(whales)
        for found in (first, second):
            say(whales, found, "right", 1)
        gone = whales.client.delete("/v1/feedback", params={"search_id": first["search_id"]})
        assert gone.json() == {"feedback": 1, "searches": 1}
        assert [each["search_id"] for each in exported(whales, all=True)] == [second["search_id"]]

    def test_everything_goes(self, whales: Service) -> None:
        say(whales, asked(whales), "right", 1)
        gone = whales.client.delete("/v1/feedback", params={"older_than_days": 0})
        assert gone.json() == {"feedback": 1, "searches": 1}
        assert exported(whales, all=True) == []

    def test_nothing_is_said_by_saying_nothing(self, filled: Service) -> None:
        problem = assert_problem(filled.client.delete("/v1/feedback"), 422, "bad_input")
        assert "older_than_days" in problem["remedy"]

    def test_a_document_takes_it_along(self, whales: Service) -> None:
        found = asked(whales)
        say(whales, found, "right", 1)
        whales.client.delete(f"/v1/documents/{found['hits'][0]['document']['document_id']}")
        assert exported(whales) == []
        assert_problem(say(whales, found, "right", 1), 404, "not_found")


def test_a_summary_shows_what_there_is_and_who_disagrees(indexed: Settings) -> None:
    weights = FeedbackSettings(feedback_weights={"eve": 0.5})
    settings = indexed.model_copy(update={"feedback": weights})
    with TestClient(create_app(settings, tiny_models())) as client:
        service = Service(client)
        for query in ("krill", "songs", "ships", "whales", "strikes"):
            for who, kind in (("ada", "right"), ("bob", "right"), ("eve", "wrong")):
                say(service, asked(service, query=query), kind, 1, reporter=who)
        say(service, asked(service), "opened", 1)
        told = client.get("/v1/feedback/summary").json()
    assert (told["searches"], told["kinds"]) == (16, {"opened": 1, "right": 10, "wrong": 5})
    assert [each["kinds"] for each in told["days"]] == [told["kinds"]]
    eve, *others = told["reporters"]
    assert eve == {
        "who": "eve", "weight": 0.5, "votes": 5, "compared": 5, "disagreed": 5, "is_outlier": True,
    }  # fmt: skip
    assert {each["who"]: each["is_outlier"] for each in others} == {"ada": False, "bob": False}


def test_a_service_that_ends_has_kept_its_searches(indexed: Settings) -> None:
    def served(act: Callable[[Service], Any]) -> Any:
        with TestClient(create_app(indexed, tiny_models())) as client:
            return act(Service(client))

    found = served(asked)
    assert [each["search_id"] for each in served(lambda service: exported(service, all=True))] == [
        found["search_id"]
    ]


def test_where_nothing_is_found_that_can_be_said(tmp_path: Any) -> None:
    """A collection that has no page yet finds nothing, and that can be said to be wrong as well."""
    settings = settings_in(tmp_path).model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(settings, tiny_models())) as client:
        service = Service(client)
        found = asked(service)
        assert found["hits"] == []
        assert say(service, found, "nothing").status_code == 201
