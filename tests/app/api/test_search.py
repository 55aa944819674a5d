"""Search over HTTP, by words and by image."""

import json
import math
from typing import Any

import pytest

from app.api.search.asking import MAX_QUERY_CHARACTERS
from app.images import MAX_QUERY_BYTES
from tests.app.asking import ask, ask_image, batch, page_image
from tests.app.talking import UNKNOWN_ID, Service, assert_problem


class TestPage:
    def test_what_is_like_a_page_is_found_by_its_number(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        hits = ask(filled, page={"document_id": whales, "page_number": 2}).json()["hits"]
        assert hits and (whales, 2) not in [
            (hit["document"]["document_id"], hit["page_number"]) for hit in hits
        ]
        assert len(hits) == 4

    def test_with_a_question_those_that_answer_it_come_first(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        page = {"document_id": whales, "page_number": 1}
        alike = ask(filled, page=page).json()["hits"]
        best = ask(filled, page=page, query="strikes of ships", explain=True).json()["hits"][0]
        assert (best["document"]["document_id"], best["page_number"]) == (whales, 3)
        assert {"query", "like", "fusion"} <= best["stages"].keys()
        assert set(best["matched_words"]) == {"strikes", "ships"}
        assert "like" in {each["stage"] for each in best["explanation"]["stages"]}
        assert len(alike) == 4
        gone = {"document_id": UNKNOWN_ID, "page_number": 1}
        assert_problem(ask(filled, page=gone, query="whales"), 404, "not_found")

    @pytest.mark.parametrize(("document", "number"), [(UNKNOWN_ID, 1), (None, 4)])
    def test_a_page_that_is_not_there(self, filled: Service, document: str | None, number: int) -> None:
        page = {"document_id": document or filled.ids()[-1], "page_number": number}
        assert_problem(ask(filled, page=page), 404, "not_found")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"query": "", "page": {"document_id": UNKNOWN_ID, "page_number": 1}},
            {"page": {"document_id": UNKNOWN_ID, "page_number": 0}},
            {"page": {"document_id": UNKNOWN_ID}},
            {"page": "whales.pdf"},
        ],
    )
    def test_what_is_no_page_is_refused(self, filled: Service, body: dict[str, Any]) -> None:
        assert_problem(ask(filled, **body), 422, "bad_input")


class TestBatch:
    def test_each_search_is_answered_as_alone_and_in_order(self, filled: Service) -> None:
        searches: list[dict[str, Any]] = [
            {"query": "whales", "limit": 2},
            {"query": "how long do humpback whales sing?", "mode": "text", "explain": True},
            {"page": {"document_id": filled.ids()[-1], "page_number": 2}},
            {"query": "whales", "filter": {"name": "nowhere.pdf"}},
        ]
        results = batch(filled, searches).json()["results"]
        alone = [ask(filled, **each).json() for each in searches]
        assert [each["hits"] for each in results] == [each["hits"] for each in alone]
        assert len(results[0]["hits"]) == 2 and results[3]["hits"] == []

    def test_a_hundred_are_answered(self, filled: Service) -> None:
        results = batch(filled, [{"query": "whales", "limit": 1}] * 100).json()["results"]
        assert len(results) == 100
        assert len({hit["page_number"] for each in results for hit in each["hits"]}) == 1

    @pytest.mark.parametrize(
        ("searches", "at"),
        [
            ([], "searches"),
            ([{"query": "whales"}] * 101, "searches"),
            ([{"query": "whales"}, {"query": ""}], "searches.1.query"),
            ([{"query": "whales"}, {"limit": 0, "query": "a"}], "searches.1.limit"),
            ([{"query": "whales", "limit": 100}] * 11, "1,100 pages together"),
        ],
    )
    def test_what_cannot_be_asked_is_named(self, filled: Service, searches: list[Any], at: str) -> None:
        problem = assert_problem(batch(filled, searches), 422, "bad_input")
        assert at in json.dumps(problem)

    def test_a_page_that_is_gone_fails_the_batch(self, filled: Service) -> None:
        gone = {"page": {"document_id": UNKNOWN_ID, "page_number": 1}}
        assert_problem(batch(filled, [{"query": "whales"}, gone, {"query": "whales"}]), 404, "not_found")

    def test_a_wrong_filter_fails_the_batch(self, filled: Service) -> None:
        wrong = {"query": "whales", "filter": {"name": {"$like": "a"}}}
        problem = assert_problem(batch(filled, [{"query": "whales"}, wrong]), 422, "bad_filter")
        assert "searches.1.filter" in problem["detail"]

    def test_one_that_fails_leaves_no_search_behind(self, filled: Service) -> None:
        gone = {"page": {"document_id": UNKNOWN_ID, "page_number": 1}}
        for _ in range(3):
            assert_problem(batch(filled, [*[{"query": "whales"}] * 20, gone]), 404, "not_found")
        assert len(batch(filled, [{"query": "whales"}] * 20).json()["results"]) == 20


class TestByDocument:
    def test_the_best_pages_of_each_document_come_together(self, filled: Service) -> None:
        every = ask(filled, query="whales ships harbour report", limit=100).json()["hits"]
        found = ask(filled, query="whales ships harbour report", pages_per_document=1).json()
        ids = list(dict.fromkeys(hit["document"]["document_id"] for hit in every))
        assert [hit["document"]["document_id"] for hit in found["hits"]] == ids
        assert [each["document_id"] for each in found["groups"]] == ids
        assert sum(each["pages_found"] for each in found["groups"]) == len(every)
        assert [every[hit["rank"] - 1]["page_number"] for hit in found["hits"]] == [
            hit["page_number"] for hit in found["hits"]
        ]

    def test_limit_and_offset_count_documents(self, filled: Service) -> None:
        whole = ask(filled, query="whales ships harbour report", pages_per_document=2).json()
        second = ask(
            filled, query="whales ships harbour report", pages_per_document=2, limit=1, offset=1
        ).json()
        assert second["groups"] == whole["groups"][1:2]
        assert second["hits"] == [
            hit
            for hit in whole["hits"]
            if hit["document"]["document_id"] == whole["groups"][1]["document_id"]
        ]

    def test_so_many_pages_are_too_many(self, filled: Service) -> None:
        body = {"query": "whales", "limit": 50, "pages_per_document": 5}
        assert_problem(ask(filled, **body), 422, "bad_input")
        page = page_image(filled, filled.search("whales")[0])
        assert_problem(ask_image(filled, page, limit=50, pages_per_document=5), 422, "bad_input")

    def test_where_nothing_is_indexed_there_are_no_groups(self, service: Service) -> None:
        assert ask(service, query="whales", pages_per_document=2).json()["groups"] == []

    def test_nothing_is_grouped_unasked(self, filled: Service) -> None:
        assert ask(filled, query="whales").json()["groups"] is None


class TestExplanation:
    def test_a_hit_says_why_it_was_found(self, filled: Service) -> None:
        hit = ask(filled, query="how do humpback whales sing?", explain=True).json()["hits"][0]
        told = hit["explanation"]
        assert "“whales”" in told["reason"] and told["reason"].endswith(".")
        assert {each["stage"]: each["score"] for each in told["stages"]} == {
            name: score for name, score in hit["stages"].items() if name != "fusion"
        }
        shares = [each["share"] for each in told["stages"]]
        assert shares == sorted(shares, reverse=True) and 0 < shares[0] <= 1
        assert [each["rank"] for each in told["stages"] if each["stage"] == "text"] == [1]
        assert "whales" in {word for region in told["regions"] for word in region["words"]}
        assert [region["box"] for region in told["regions"]] == hit["marks"]

    def test_the_shares_make_the_score(self, filled: Service) -> None:
        for hit in ask(filled, query="how do humpback whales sing?", explain=True).json()["hits"]:
            shares = {each["stage"]: each["share"] for each in hit["explanation"]["stages"]}
            words = max(shares.pop("text", 0.0), shares.pop("read", 0.0))
            left_open = math.prod(1 - share for share in (words, *shares.values()))
            assert hit["score"] == pytest.approx(1 - left_open, abs=1e-6)

    def test_nothing_of_it_comes_unasked(self, filled: Service) -> None:
        hit = ask(filled, query="whales").json()["hits"][0]
        assert hit["explanation"] is None and hit["marks"] is None

    def test_what_an_image_found_says_why_as_well(self, filled: Service) -> None:
        hit = ask(filled, query="whales").json()["hits"][0]
        found = ask_image(filled, page_image(filled, hit), explain=True).json()["hits"][0]
        assert found["explanation"]["reason"] and found["explanation"]["stages"]


class TestWords:
    def test_the_page_that_holds_the_words_comes_first(self, filled: Service) -> None:
        best = filled.search("how long do humpback whales sing?", mode="text")[0]
        assert (best["rank"], best["document"]["name"], best["page_number"]) == (1, "whales.pdf", 2)
        assert "Humpback whales sing" in best["snippet"]["text"]
        assert best["snippet"]["from_pixels"] is False

    def test_a_hit_on_the_page_that_is_named_says_so(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        first, *others = filled.search("hours and oceans on page 2", filters={"document_ids": [whales]})
        assert first["page_number"] == 2
        assert 0 < first["stages"]["place"] < 1
        assert all("place" not in other["stages"] for other in others)

    def test_a_hit_says_what_its_document_is(self, filled: Service) -> None:
        hit = filled.search("tram")[0]
        listed = {
            each["document_id"]: each for each in filled.client.get("/v1/documents").json()["documents"]
        }
        told = listed[hit["document"]["document_id"]]
        assert hit["document"].pop("id") == told["document_id"]
        assert hit["document"] == {name: told[name] for name in hit["document"]}
        assert hit["document"].keys() == {"document_id", "name", "pdf_title", "page_count", "url"}
        assert hit["document"]["page_count"] == 2

    def test_it_says_which_words_of_the_query_the_page_has(self, filled: Service) -> None:
        hit = filled.search("humpback whales zebras", mode="text")[0]
        assert set(hit["matched_words"]) == {"humpback", "whales"}
        image = filled.search("xylophone quartz", mode="visual")
        assert all(hit["matched_words"] == [] for hit in image)

    def test_it_says_which_words_of_the_query_no_page_has(self, filled: Service) -> None:
        asked = {"query": "humpback whales or zebras?"}
        assert filled.client.post("/v1/search", json=asked).json()["missing_words"] == ["zebras"]

    def test_a_misspelt_word_is_searched_for_as_it_is_meant(self, filled: Service) -> None:
        typed, meant = (
            filled.client.post("/v1/search", json={"query": f"{word} whales, zebras", "mode": "text"}).json()
            for word in ("humpbakc", "humpback")
        )
        assert (typed["corrected_words"], meant["corrected_words"]) == ({"humpbakc": "humpback"}, {})
        assert typed["missing_words"] == meant["missing_words"] == ["zebras"]
        assert set(typed["hits"][0]["matched_words"]) == {"humpback", "whales"}
        assert typed["hits"] == meant["hits"]

    def test_pages_that_say_a_word_to_leave_out_are_not_found(self, filled: Service) -> None:
        whales = {hit["page_number"] for hit in filled.search("whales", mode="text")}
        assert {hit["page_number"] for hit in filled.search("whales -humpback", mode="text")} == whales - {2}
        answer = filled.client.post("/v1/search", json={"query": "whales -humpback"}).json()
        assert (answer["excluded_words"], answer["missing_words"]) == (["humpback"], [])
        only = filled.client.post("/v1/search", json={"query": "-humpback"})
        assert_problem(only, 422, "bad_input")
        assert "only what to leave out" in only.json()["detail"]

    def test_marks_say_where_the_words_of_the_query_stand(self, filled: Service) -> None:
        hit = filled.search("humpback", marks=True)[0]
        words = filled.client.get(hit["image_url"].replace("/image", "/text")).json()["text_layer"]
        assert hit["marks"] == [word["box"] for word in words if word["text"] == "Humpback"] != []
        assert filled.search("humpback")[0]["marks"] is None

    def test_what_a_hit_points_to_is_there(self, filled: Service) -> None:
        best = filled.search("tram")[0]
        assert filled.client.get(best["image_url"]).headers["content-type"] == "image/webp"
        page = filled.client.get(best["page_url"])
        assert page.headers["content-type"].startswith("text/html")

    @pytest.mark.parametrize("mode", ["visual", "text", "hybrid"])
    def test_each_mode_says_which_stages_saw_the_page(self, filled: Service, mode: str) -> None:
        seen = {stage for hit in filled.search("whales", mode=mode) for stage in hit["stages"]}
        assert ("text" in seen) == (mode != "visual")
        assert ("full" in seen) == (mode != "text")

    def test_ranks_count_up_and_the_limit_holds(self, filled: Service) -> None:
        hits = filled.search("whales", limit=3)
        assert [hit["rank"] for hit in hits] == [1, 2, 3]

    def test_pages_of_the_list_joined_are_the_list(self, filled: Service) -> None:
        whole = filled.search("whales", limit=100)
        parts = [filled.search("whales", limit=2, offset=n) for n in range(0, len(whole), 2)]
        assert [hit for part in parts for hit in part] == whole
        assert filled.search("whales", offset=len(whole)) == []
        assert filled.search("whales", offset=10**12) == []

    def test_a_filter_keeps_to_its_documents(self, filled: Service) -> None:
        newest = filled.ids()[0]
        hits = filled.search("page", filters={"document_ids": [newest]})
        assert {hit["document"]["document_id"] for hit in hits} == {newest}
        assert filled.search("page", filters={"document_ids": [UNKNOWN_ID]}) == []

    def test_an_empty_index_answers_with_no_hits(self, service: Service) -> None:
        assert service.search("anything") == []

    def test_the_parts_of_the_time_are_told(self, filled: Service) -> None:
        timings = ask(filled, query="whales told in parts of time").json()["timings_ms"]
        assert timings["total"] >= timings["embed"] > 0
        again = ask(filled, query="whales told in parts of time").json()["timings_ms"]
        assert list(again) == ["total"]  # it was not searched for again

    def test_reranking_can_be_left_out(self, filled: Service) -> None:
        hits = filled.search("whales", rerank=False)
        assert hits
        assert all("rerank" not in hit["stages"] for hit in hits)


class TestBadQuestions:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "query"),
            ({"query": ""}, "query"),
            ({"query": "  \n "}, "query"),
            ({"query": "x" * (MAX_QUERY_CHARACTERS + 1)}, "query"),
            ({"query": 7}, "query"),
            ({"query": "x", "limit": 0}, "limit"),
            ({"query": "x", "limit": 101}, "limit"),
            ({"query": "x", "offset": -1}, "offset"),
            ({"query": "x", "mode": "psychic"}, "mode"),
            ({"query": "x", "qeury": "y"}, "qeury"),
            ({"query": "x", "filters": {"document_ids": ["../etc"]}}, "filters.document_ids.0"),
            ({"query": "x", "filters": {"names": []}}, "filters.names"),
            ({"query": "x", "rerank": "maybe"}, "rerank"),
        ],
    )
    def test_the_field_at_fault_is_named(self, filled: Service, body: dict[str, Any], field: str) -> None:
        problem = assert_problem(ask(filled, **body), 422, "bad_input")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert field in problem["detail"]

    def test_the_longest_question_is_answered(self, filled: Service) -> None:
        assert ask(filled, query="w" * MAX_QUERY_CHARACTERS).status_code == 200

    def test_a_body_that_is_no_json(self, filled: Service) -> None:
        headers = {"Content-Type": "application/json"}
        assert_problem(filled.client.post("/v1/search", content=b"{", headers=headers), 422, "bad_input")


class TestImages:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_the_page_that_looks_alike_comes_first(self, filled: Service, kind: str) -> None:
        wanted = filled.search("price of a day pass", mode="text")[0]
        response = ask_image(filled, page_image(filled, wanted, kind), mode="visual", rerank=False)
        best = response.json()["hits"][0]
        assert (best["document"], best["page_number"]) == (wanted["document"], wanted["page_number"])

    def test_marks_can_be_asked_for(self, filled: Service) -> None:
        image = page_image(filled, filled.search("tram")[0])
        assert ask_image(filled, image, marks=True).json()["hits"][0]["marks"] is not None
        assert ask_image(filled, image).json()["hits"][0]["marks"] is None

    def test_options_come_in_the_address(self, filled: Service) -> None:
        image = page_image(filled, filled.search("tram")[0])
        newest = filled.ids()[0]
        hits = ask_image(filled, image, limit=1, rerank=False, document_ids=newest).json()["hits"]
        assert [hit["document"]["document_id"] for hit in hits] == [newest]

    def test_an_offset_leaves_out_the_first(self, filled: Service) -> None:
        image = page_image(filled, filled.search("tram")[0])
        first, second = ask_image(filled, image, limit=2).json()["hits"]
        assert ask_image(filled, image, limit=1, offset=1).json()["hits"] == [second]
        assert (first["rank"], second["rank"]) == (1, 2)

    def test_something_else_is_refused(self, filled: Service) -> None:
        assert_problem(ask_image(filled, b"%PDF-1.4"), 415, "not_an_image")

    def test_too_many_bytes(self, filled: Service) -> None:
        assert_problem(ask_image(filled, b"\x89PNG" * (MAX_QUERY_BYTES // 4 + 1)), 413, "image_too_large")

    def test_no_image_at_all(self, filled: Service) -> None:
        response = filled.client.post("/v1/search/image", files={"image": ("", b"")})
        assert_problem(response, 422, "bad_input")

    @pytest.mark.parametrize(
        "params", [{"limit": 0}, {"offset": -1}, {"mode": "psychic"}, {"document_ids": "x"}]
    )
    def test_bad_options(self, filled: Service, params: dict[str, Any]) -> None:
        assert_problem(ask_image(filled, b"", **params), 422, "bad_input")


PASSING: list[tuple[dict[str, Any], set[str]]] = [
    ({"year": {"$gte": 2021}}, {"whales.pdf"}),
    ({"topics": "song", "page_number": 2}, {"whales.pdf"}),
    ({"document_name": {"$prefix": "Zür"}}, {"Zürich tram.pdf"}),
    ({"$not": {"document_name": {"$prefix": "Zür"}}}, {"whales.pdf"}),
    ({"document_name": {"$prefix": "zür"}}, set()),
    ({"kind": "pdf"}, {"whales.pdf", "Zürich tram.pdf"}),
]


class TestFilters:
    @pytest.mark.parametrize(("filter", "names"), PASSING)
    def test_only_pages_that_pass_are_found(
        self, filled: Service, filter: dict[str, Any], names: set[str]
    ) -> None:
        hits = filled.search("whales and trams", filter=filter, limit=100)
        assert {hit["document"]["name"] for hit in hits} == names
        image = page_image(filled, filled.search("tram")[0])
        seen = ask_image(filled, image, filter=json.dumps(filter), limit=100).json()["hits"]
        assert {hit["document"]["name"] for hit in seen} == names

    def test_pages_of_a_document_are_told_apart(self, filled: Service) -> None:
        hits = filled.search("whales", filter={"page_label": {"$in": ["1", "3"]}, "year": 2021})
        assert {hit["page_number"] for hit in hits} == {1, 3}

    def test_both_ways_to_narrow_a_search_must_hold(self, filled: Service) -> None:
        tram, whales = filled.ids()
        year = {"year": 2021}
        assert filled.search("whales", filter=year, filters={"document_ids": [tram]}) == []
        assert len(filled.search("whales", filter=year, filters={"document_ids": [whales]})) == 3

    @pytest.mark.parametrize(
        ("filter", "place"),
        [
            ({"year": {"$gt": "x"}}, "filter.year.$gt"),
            ({"$or": [{"year": 1}, {"kind": {"$like": "p"}}]}, "filter.$or[1].kind.$like"),
            ({}, "filter"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(
        self, filled: Service, filter: dict[str, Any], place: str
    ) -> None:
        assert place in assert_problem(ask(filled, query="x", filter=filter), 422, "bad_filter")["detail"]
        problem = assert_problem(ask_image(filled, b"", filter=json.dumps(filter)), 422, "bad_filter")
        assert place in problem["detail"]

    @pytest.mark.parametrize("text", ["", "{", "[" * 5_000, "7", '{"a": NaN}'])
    def test_text_that_is_no_filter(self, filled: Service, text: str) -> None:
        assert_problem(ask_image(filled, b"", filter=text), 422, "bad_filter")
