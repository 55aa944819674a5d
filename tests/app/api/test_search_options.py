"""What a search gives beside its best pages: pages around them, counts, cursors, an order by date."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from indexer.commands.describing import Described
from tests.app.asking import ask, ask_image, batch, page_image
from tests.app.conftest import settings_in
from tests.app.talking import Service, assert_problem
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.search.budget import StageTimes
from vdr.settings import JobSettings


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Three documents that say the same, and one that says it less."""
    folder = tmp_path_factory.mktemp("dated")
    files = [write_pdf(folder / f"{name}.pdf", [f"Harbour fees\n{name}"]) for name in ("b", "c", "a")]
    files.append(write_pdf(folder / "other.pdf", ["Fees for trams and much more\n" * 3]))
    years = {"a.pdf": 2022, "b.pdf": 2024, "c.pdf": 2023, "other.pdf": 2025}
    settings = settings_in(folder)
    index_into(settings, files, Described(by_name={n: {"issued": f"{y}-06-30"} for n, y in years.items()}))
    without = settings.model_copy(update={"jobs": JobSettings(worker=False)})
    with TestClient(create_app(without, tiny_models())) as client:
        yield Service(client)


class TestTextBesideAnImage:
    def test_pages_that_answer_and_are_like_the_image_come_first(self, filled: Service) -> None:
        image = page_image(filled, filled.search("blue whale krill", mode="text")[0])
        best = ask_image(filled, image, query="strikes of ships").json()["hits"][0]
        assert (best["document"]["name"], best["page_number"]) == ("whales.pdf", 3)
        assert {"query", "like"} <= best["stages"].keys()
        alone = ask_image(filled, image).json()["hits"]
        assert all("like" not in hit["stages"] for hit in alone)

    def test_everything_else_works_with_both(self, filled: Service) -> None:
        image = page_image(filled, filled.search("humpback whales")[0])
        asked: dict[str, Any] = {"query": "whales zebras", "filter": '{"year": 2021}', "explain": True}
        every = ask_image(filled, image, **asked, facets="kind", neighbours=1).json()
        assert {hit["document"]["name"] for hit in every["hits"]} == {"whales.pdf"}
        assert every["missing_words"] == ["zebras"]
        assert every["facets"]["kind"]["values"] == [{"value": "pdf", "pages": 3, "documents": 1}]
        assert every["hits"][0]["neighbours"] and every["hits"][0]["explanation"]["reason"]
        first = ask_image(filled, image, **asked, limit=2).json()
        rest = ask_image(filled, image, **asked, cursor=first["next_cursor"]).json()
        assert [hit["page_number"] for hit in (*first["hits"], *rest["hits"])] == [
            hit["page_number"] for hit in every["hits"]
        ]
        left_out = ask_image(filled, image, query="whales -humpback").json()
        assert left_out["excluded_words"] == ["humpback"]
        assert ("whales.pdf", 2) not in [
            (hit["document"]["name"], hit["page_number"]) for hit in left_out["hits"]
        ]

    @pytest.mark.parametrize("query", ["", " ", "-whales", "x" * 2_001])
    def test_a_text_that_asks_nothing_is_refused(self, filled: Service, query: str) -> None:
        image = page_image(filled, filled.search("whales")[0])
        assert_problem(ask_image(filled, image, query=query), 422, "bad_input")


class TestNeighbours:
    def test_a_hit_comes_with_the_pages_around_it(self, filled: Service) -> None:
        body = {"filter": {"document_name": "whales.pdf"}, "neighbours": 1}
        first, *_ = filled.search("how do humpback whales sing?", **body)
        before, after = first["neighbours"]
        assert (before["page_number"], first["page_number"], after["page_number"]) == (1, 2, 3)
        assert before["page_label"] == "1" and before["text"].endswith("four tonnes of it a day.")
        assert after["text"].startswith("Ships and whales")
        assert filled.client.get(after["image_url"]).headers["content-type"] == "image/webp"
        assert filled.client.get(after["page_url"]).status_code == 200

    def test_they_come_whether_or_not_they_pass_the_filter(self, filled: Service) -> None:
        page = {"document_name": "whales.pdf", "page_number": 2}
        (hit,) = filled.search("whales", filter=page, neighbours=5)
        assert [each["page_number"] for each in hit["neighbours"]] == [1, 3]

    def test_none_come_unasked(self, filled: Service) -> None:
        assert all(hit["neighbours"] == [] for hit in filled.search("whales"))

    def test_what_is_like_an_image_has_some_too(self, filled: Service) -> None:
        image = page_image(filled, filled.search("humpback whales")[0])
        assert ask_image(filled, image, neighbours=2).json()["hits"][0]["neighbours"]

    @pytest.mark.parametrize("neighbours", [-1, 6, "1"])
    def test_so_many_are_refused(self, filled: Service, neighbours: Any) -> None:
        assert_problem(ask(filled, query="whales", neighbours=neighbours), 422, "bad_input")

    def test_they_count_among_the_pages_of_an_answer(self, filled: Service) -> None:
        assert ask(filled, query="whales", limit=40, neighbours=2).status_code == 200
        problem = assert_problem(ask(filled, query="whales", limit=41, neighbours=2), 422, "bad_input")
        assert "205 pages" in problem["detail"]


class TestFacets:
    def test_all_that_was_found_is_counted_before_the_cut(self, filled: Service) -> None:
        asked = {
            "query": "whales ships harbour report",
            "facets": ["year", "document_name", "topics", "kind"],
        }
        every = ask(filled, **asked, limit=100).json()
        assert len(every["hits"]) == 5
        for options in ({"limit": 1}, {"limit": 2, "offset": 3}, {"pages_per_document": 1, "limit": 1}):
            assert ask(filled, **asked, **options).json()["facets"] == every["facets"]
        assert list(every["facets"]) == asked["facets"]
        assert every["facets"]["year"] == {"values": [{"value": 2021, "pages": 3, "documents": 1}], "more": 0}
        names = [each["value"] for each in every["facets"]["document_name"]["values"]]
        assert names == ["whales.pdf", "Zürich tram.pdf"]
        assert {each["value"] for each in every["facets"]["topics"]["values"]} == {"sea", "song"}
        assert every["facets"]["kind"]["values"] == [{"value": "pdf", "pages": 5, "documents": 2}]

    def test_a_value_as_a_filter_finds_as_many_pages(self, filled: Service) -> None:
        found = ask(filled, query="whales", facets=["document_name"]).json()["facets"]["document_name"]
        for each in found["values"]:
            hits = filled.search("whales", filter={"document_name": each["value"]})
            assert len(hits) == each["pages"]

    def test_a_field_that_nobody_has_is_empty(self, filled: Service, service: Service) -> None:
        empty = {"values": [], "more": 0}
        assert ask(filled, query="whales", facets=["nowhere"]).json()["facets"] == {"nowhere": empty}
        assert ask(service, query="whales", facets=["kind"]).json()["facets"] == {"kind": empty}

    def test_none_come_unasked(self, filled: Service) -> None:
        assert ask(filled, query="whales").json()["facets"] == {}

    def test_what_cannot_be_a_field_is_named(self, filled: Service) -> None:
        problem = assert_problem(ask(filled, query="x", facets=["kind", "$and"]), 422, "bad_filter")
        assert "facets[1]" in problem["detail"]
        wrong = batch(filled, [{"query": "x"}, {"query": "x", "facets": ["_a"]}])
        assert "searches.1.facets[0]" in assert_problem(wrong, 422, "bad_filter")["detail"]
        assert_problem(ask(filled, query="x", facets=[f"f{n}" for n in range(11)]), 422, "bad_input")

    def test_what_is_like_an_image_is_counted_too(self, filled: Service) -> None:
        image = page_image(filled, filled.search("humpback whales")[0])
        found = ask_image(filled, image, facets=["kind", "year"]).json()["facets"]
        assert found.keys() == {"kind", "year"}
        assert_problem(ask_image(filled, image, facets="$and"), 422, "bad_filter")


class TestCursor:
    ASKED: ClassVar[dict[str, Any]] = {"query": "whales ships harbour report"}

    def test_page_after_page_it_shows_what_one_answer_does(self, filled: Service) -> None:
        every = ask(filled, **self.ASKED).json()
        hits, cursor = list[Any](), None
        for limit in (1, 2, 1, 2):
            answer = ask(filled, **self.ASKED, limit=limit, cursor=cursor).json()
            hits += answer["hits"]
            cursor = answer["next_cursor"]
        assert (hits, cursor, every["next_cursor"]) == (every["hits"], None, None)

    def test_after_the_end_there_is_nothing(self, filled: Service) -> None:
        answer = ask(filled, **self.ASKED, limit=4).json()
        last = ask(filled, **self.ASKED, cursor=answer["next_cursor"]).json()
        assert (len(last["hits"]), last["next_cursor"]) == (1, None)

    def test_it_goes_on_after_an_offset(self, filled: Service) -> None:
        every = ask(filled, **self.ASKED).json()["hits"]
        cursor = ask(filled, **self.ASKED, limit=1, offset=1).json()["next_cursor"]
        assert ask(filled, **self.ASKED, cursor=cursor).json()["hits"] == every[2:]

    def test_documents_are_counted_where_they_come_together(self, filled: Service) -> None:
        asked = {**self.ASKED, "pages_per_document": 2}
        every = ask(filled, **asked).json()
        first = ask(filled, **asked, limit=1).json()
        second = ask(filled, **asked, limit=1, cursor=first["next_cursor"]).json()
        assert first["groups"] + second["groups"] == every["groups"]
        assert first["hits"] + second["hits"] == every["hits"]
        assert second["next_cursor"] is None

    def test_an_image_has_one_too(self, filled: Service) -> None:
        image = page_image(filled, filled.search("humpback whales")[0])
        every = ask_image(filled, image).json()["hits"]
        cursor = ask_image(filled, image, limit=2).json()["next_cursor"]
        assert ask_image(filled, image, cursor=cursor).json()["hits"] == every[2:]
        other = page_image(filled, filled.search("tram")[0])
        assert_problem(ask_image(filled, other, cursor=cursor), 422, "bad_input")

    def test_documents_that_come_and_go_are_neither_missed_nor_shown_twice(
        self, service: Service, tmp_path: Path
    ) -> None:
        for name in ("north", "south", "east"):
            service.index(write_pdf(tmp_path / f"{name}.pdf", [f"Harbour fees of the {name} quay"]))
        asked: dict[str, Any] = {"query": "harbour fees quay", "limit": 1, "mode": "text"}
        first = ask(service, **asked).json()
        shown = first["hits"][0]["document"]["name"]
        service.client.delete(f"/v1/documents/{first['hits'][0]['document']['document_id']}")
        service.index(write_pdf(tmp_path / "west.pdf", ["Harbour fees quay"]))
        names, cursor = list[str](), first["next_cursor"]
        while cursor:
            answer = ask(service, **asked, cursor=cursor).json()
            names += [hit["document"]["name"] for hit in answer["hits"]]
            cursor = answer["next_cursor"]
        assert sorted([*names, shown]) == ["east.pdf", "north.pdf", "south.pdf", "west.pdf"]
        assert names[0] == "west.pdf"  # every word and no other: the best now

    def test_a_filter_by_name_may_mean_other_documents_meanwhile(
        self, service: Service, tmp_path: Path
    ) -> None:
        for name, pages in (("a", ["Tides of May", "Tides of June"]), ("b", ["Tides"])):
            service.index(write_pdf(tmp_path / f"{name}.pdf", pages))
        asked: dict[str, Any] = {"query": "tides", "filter": {"document_name": {"$in": ["a.pdf", "c.pdf"]}}}
        cursor = ask(service, **asked, limit=1).json()["next_cursor"]
        service.index(write_pdf(tmp_path / "c.pdf", ["Tides of July"]))
        assert len(ask(service, **asked, cursor=cursor).json()["hits"]) == 2

    def test_one_of_another_search_or_with_an_offset_is_refused(self, filled: Service) -> None:
        cursor = ask(filled, **self.ASKED, limit=1).json()["next_cursor"]
        for change in ({"query": "whales"}, {"mode": "text"}, {"offset": 1}, {"cursor": "x"}):
            assert_problem(ask(filled, **{**self.ASKED, "cursor": cursor, **change}), 422, "bad_input")

    def test_one_of_another_index_has_expired(self, filled: Service) -> None:
        cursor = ask(filled, **self.ASKED, limit=1).json()["next_cursor"]
        other = f"{cursor[:2]}{'AB'[cursor[2] == 'A']}{cursor[3:]}"  # in the bytes that tell the index
        problem = assert_problem(ask(filled, **self.ASKED, cursor=other), 410, "cursor_expired")
        assert "without a cursor" in problem["remedy"]


class TestSort:
    def names(self, dated: Service, **options: Any) -> list[str]:
        hits = dated.search("harbour fees", mode="text", rerank=False, **options)
        assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
        return [hit["document"]["name"] for hit in hits]

    def test_hits_of_like_relevance_come_in_the_order_of_a_date(self, dated: Service) -> None:
        newest = self.names(dated, sort="newest", sort_field="issued")
        oldest = self.names(dated, sort="oldest", sort_field="issued")
        assert newest == ["b.pdf", "c.pdf", "a.pdf", "other.pdf"]
        assert oldest == ["a.pdf", "c.pdf", "b.pdf", "other.pdf"]

    def test_a_field_of_every_document_will_do(self, dated: Service) -> None:
        listed = dated.client.get("/v1/documents").json()["documents"]
        added = [each["name"] for each in sorted(listed, key=lambda each: each["added_at"])]
        assert self.names(dated, sort="oldest", sort_field="added_at") == added
        assert self.names(dated, sort="newest", sort_field="added_at") == [*added[2::-1], "other.pdf"]

    def test_documents_that_come_together_and_cursors_keep_to_the_order(self, dated: Service) -> None:
        options: dict[str, Any] = {"sort": "newest", "sort_field": "issued", "limit": 2}
        grouped = dated.search("harbour fees", mode="text", rerank=False, pages_per_document=1, **options)
        assert [hit["document"]["name"] for hit in grouped] == ["b.pdf", "c.pdf"]
        asked = {"query": "harbour fees", "mode": "text", "rerank": False, **options}
        cursor = ask(dated, **asked).json()["next_cursor"]
        rest = ask(dated, **asked, cursor=cursor).json()["hits"]
        assert [(hit["rank"], hit["document"]["name"]) for hit in rest] == [(3, "a.pdf"), (4, "other.pdf")]

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"sort": "latest"}, "bad_input"),
            ({"sort_field": "issued"}, "bad_input"),
            ({"sort": "newest", "sort_field": "$x"}, "bad_filter"),
        ],
    )
    def test_an_order_that_cannot_be_is_refused(
        self, filled: Service, options: dict[str, Any], code: str
    ) -> None:
        assert_problem(ask(filled, query="whales", **options), 422, code)
        image = page_image(filled, filled.search("whales")[0])
        assert_problem(ask_image(filled, image, **options), 422, code)


class TestEffort:
    """How much a search does, and how long it may take."""

    @pytest.mark.parametrize("effort", ["fast", "balanced", "best"])
    def test_every_effort_finds_the_page(self, filled: Service, effort: str) -> None:
        (first, *_) = filled.search("“humpback whales” sing", effort=effort)
        assert first["page_number"] == 2
        assert ("phrase" in first["stages"]) == (effort != "fast")

    def test_nothing_is_left_out_where_there_is_time(self, filled: Service) -> None:
        asked = {"query": "“humpback whales” on page 2", "budget_ms": 60_000}
        assert filled.client.post("/v1/search", json=asked).json()["left_out"] == []

    def test_what_there_is_no_time_for_is_named(
        self, filled: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow = ("balanced phrase", "balanced place")
        monkeypatch.setattr(StageTimes, "expected_ms", lambda _, name: 1e6 if name in slow else 0.0)
        asked = {"query": "“humpback whales” on page 2", "budget_ms": 59_000}  # asked by nobody before
        found = filled.client.post("/v1/search", json=asked).json()
        assert found["left_out"] == ["phrase", "place"]
        assert not {"phrase", "place"} & set(found["hits"][0]["stages"])

    def test_a_cursor_belongs_to_its_effort(self, filled: Service) -> None:
        asked = {"query": "whales", "limit": 1}
        cursor = filled.client.post("/v1/search", json=asked).json()["next_cursor"]
        again = filled.client.post("/v1/search", json={**asked, "cursor": cursor, "effort": "best"})
        assert "another search" in assert_problem(again, 422, "bad_input")["detail"]

    def test_a_misspelt_word_is_not_corrected_where_there_is_no_time(
        self, filled: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(StageTimes, "expected_ms", lambda _, name: 1e6 if "asked again" in name else 0.0)
        found = filled.client.post("/v1/search", json={"query": "humpbakc sing", "budget_ms": 60_000}).json()
        assert (found["left_out"], found["corrected_words"]) == (["spelling"], {})
        assert found["missing_words"] == ["humpbakc"]

    def test_a_search_by_image_takes_them_as_well(self, filled: Service) -> None:
        image = page_image(filled, filled.search("whales")[0])
        assert ask_image(filled, image, effort="fast", budget_ms=60_000).json()["left_out"] == []
        assert_problem(ask_image(filled, image, budget_ms=0), 422, "bad_input")

    def test_a_budget_for_nothing_at_all(self, filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(StageTimes, "expected_ms", lambda *_: 1e6)
        asked = filled.client.post("/v1/search", json={"query": "whales", "budget_ms": 5})
        assert_problem(asked, 422, "budget_too_small")

    @pytest.mark.parametrize("asked", [{"budget_ms": 0}, {"budget_ms": 2.5}, {"effort": "most"}])
    def test_what_is_none(self, filled: Service, asked: dict[str, object]) -> None:
        response = filled.client.post("/v1/search", json={"query": "whales", **asked})
        assert_problem(response, 422, "bad_input")
