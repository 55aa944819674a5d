"""`vdr search`: what it prints, for people and for programs, the same with a service and without one."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from pikepdf import Name
from typer.testing import CliRunner

from app.api.search.schemas import SearchResponse
from app.cli.corpus import Corpus
from app.cli.search import search, show_answer
from indexer.ingest import index_document
from tests.app.cli.conftest import HERE, SERVED, reached
from tests.app.conftest import settings_in
from tests.fixtures.libraries import index_into, opened
from tests.fixtures.pdfs import write_labelled, write_pdf
from vdr.errors import BadFilter, BadInput, NotFound
from vdr.filters import parse_filter_text
from vdr.settings import Settings
from vdr.types import SearchMode, SearchRequest, SearchSort

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A library of two documents, one page each."""
    folder = tmp_path_factory.mktemp("cli")
    settings = settings_in(folder)
    with opened(settings) as library:
        for name, text in (("whales.pdf", "Humpback whales sing for hours"), ("tram.pdf", "Tram fares")):
            path = write_pdf(folder / name, [text])
            document, _ = library.add(path, name, metadata={"subject": name.removesuffix(".pdf")})
            index_document(library, document.document_id)
    return settings


@pytest.fixture(scope="module", params=[HERE, SERVED])
def corpus(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Corpus]:
    with reached(request.param, settings) as corpus:
        yield corpus


@pytest.fixture
def ask(corpus: Corpus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks, and returns what is printed."""
    monkeypatch.setenv("COLUMNS", "80")

    def ask_one(
        question: str | None,
        *,
        documents: Sequence[str] = (),
        like: str | None = None,
        as_json: bool = False,
        open_hit: int | None = None,
        **options: Any,
    ) -> str:
        shown: dict[str, Any] = {"documents": documents, "like": like, "as_json": as_json}
        show_answer(SearchRequest(question, **options), corpus, open_hit=open_hit, **shown)
        return capsys.readouterr().out

    return ask_one


def hits_of(output: str) -> list[dict[str, Any]]:
    return list(json.loads(output)["hits"])


def names_of(output: str) -> list[str]:
    return [hit["document"]["name"] for hit in hits_of(output)]


def test_pages_are_called_what_is_printed_on_them(
    tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path)
    path = write_labelled(tmp_path / "a.pdf", ["Tides", "Pilots"], {0: {"S": Name.r}, 1: {"S": Name.D}})
    index_into(settings, [write_pdf(tmp_path / "b.pdf", ["Buoys and pilots"]), path])
    capsys.readouterr()
    request = SearchRequest("pilots", mode=SearchMode.TEXT)
    with reached(way, settings) as corpus:
        show_answer(request, corpus, as_json=True)
        found = {hit["document"]["name"]: hit for hit in hits_of(capsys.readouterr().out)}
        assert (found["a.pdf"]["page_number"], found["a.pdf"]["page_label"]) == (2, "1")
        assert (found["b.pdf"]["page_number"], found["b.pdf"]["page_label"]) == (1, "1")
        show_answer(request, corpus)
    shown = capsys.readouterr().out
    assert "a.pdf, page 1 (2)  " in shown and "b.pdf, page 1  " in shown


def test_why_a_page_was_found_is_printed_under_it_where_it_was_asked_for(ask: Ask) -> None:
    assert "stands on the page" not in ask("whales")
    assert "“whales” stands on the page" in ask("whales", explain=True)
    [hit] = hits_of(ask("whales", explain=True, limit=1, as_json=True))
    assert hit["explanation"]["stages"][0]["rank"] == 1


def test_the_pages_of_a_document_come_together(ask: Ask) -> None:
    found = json.loads(ask("whales tram", pages_per_document=1, as_json=True))
    assert sorted(each["pages_found"] for each in found["groups"]) == [1, 1]
    assert len(found["hits"]) == 2


def test_the_pages_around_a_hit_are_printed_under_it(
    tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path)
    index_into(settings, [write_pdf(tmp_path / "a.pdf", ["Tides", "Pilots", "Buoys and beacons"])])
    request = SearchRequest("pilots", mode=SearchMode.TEXT, neighbours=1)
    with reached(way, settings) as corpus:
        capsys.readouterr()
        show_answer(request, corpus)
        shown = capsys.readouterr().out
        show_answer(request, corpus, as_json=True)
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines[2:4] == ["    page 1  Tides", "    page 3  Buoys and beacons"]
    [hit] = hits_of(capsys.readouterr().out)
    for each in hit["neighbours"]:
        assert each["page_url"].startswith(("file:///", "http://testserver/"))
        assert each["image_url"].startswith(("file:///", "http://testserver/"))


def test_facets_are_counted_in_lines_after_the_hits(ask: Ask) -> None:
    facets = ("subject", "kind", "nowhere")
    lines = ask("whales tram", facets=facets, limit=1).splitlines()
    assert lines[-3:] == ["subject: tram (1), whales (1)", "kind: pdf (2)", "nowhere: on no page found"]
    assert json.loads(ask("whales tram", facets=facets, as_json=True))["facets"].keys() == {*facets}
    assert "kind" not in ask("whales tram")


@pytest.mark.parametrize(("facets", "error"), [(["$x"], BadFilter), ([f"f{n}" for n in range(11)], BadInput)])
def test_facets_that_cannot_be_are_refused(facets: list[str], error: type[Exception]) -> None:
    options = [option for each in facets for option in ("--facet", each)]
    assert isinstance(CliRunner().invoke(app_of(search), ["whales", *options]).exception, error)


def test_a_cursor_goes_on_after_the_results_before(ask: Ask) -> None:
    both = json.loads(ask("whales", as_json=True))
    first = json.loads(ask("whales", limit=1, as_json=True))
    rest = json.loads(ask("whales", cursor=first["next_cursor"], as_json=True))
    assert first["hits"] + rest["hits"] == both["hits"]
    assert rest["next_cursor"] is None
    with pytest.raises(BadInput, match="another search"):
        ask("tram", cursor=first["next_cursor"])


def test_results_of_like_relevance_are_sorted_by_date(ask: Ask) -> None:
    for order in SearchSort:
        shown = names_of(ask("pdf", sort=order, sort_field=None, rerank=False, as_json=True))
        assert sorted(shown) == ["tram.pdf", "whales.pdf"]
    newest, oldest = (
        names_of(ask(None, like="whales.pdf#1", sort=order, as_json=True))
        for order in (SearchSort.NEWEST, SearchSort.OLDEST)
    )
    assert newest == oldest == ["tram.pdf"]


def test_a_field_to_sort_by_without_an_order_is_refused() -> None:
    result = CliRunner().invoke(app_of(search), ["whales", "--sort-field", "due"])
    assert isinstance(result.exception, BadInput)


class TestLike:
    def test_pages_like_a_page(self, ask: Ask) -> None:
        hits = hits_of(ask(None, like="whales.pdf#1", as_json=True))
        assert [hit["document"]["name"] for hit in hits] == ["tram.pdf"]

    @pytest.mark.parametrize(
        ("like", "error", "said"),
        [
            ("whales.pdf", BadInput, "report.pdf#12"),
            ("whales.pdf#x", BadInput, "report.pdf#12"),
            ("whales.pdf#9", NotFound, "page 9 does not exist"),
            ("whale.pdf#1", NotFound, "'whale.pdf' does not exist"),
        ],
    )
    def test_one_that_is_not_there(self, ask: Ask, like: str, error: type[Exception], said: str) -> None:
        with pytest.raises(error, match=said):
            ask(None, like=like)

    def test_with_a_question_too(self, ask: Ask) -> None:
        [hit] = hits_of(ask("tram fares", like="whales.pdf#1", as_json=True))
        assert hit["document"]["name"] == "tram.pdf"
        assert {"query", "like"} <= hit["stages"].keys()
        assert {word.lower() for word in hit["matched_words"]} == {"tram", "fares"}
        assert "none of your words" in ask("whales", like="whales.pdf#1")

    def test_nothing_asked_is_refused(self) -> None:
        assert isinstance(CliRunner().invoke(app_of(search), []).exception, BadInput)


class TestFilter:
    @pytest.mark.parametrize(
        "filter", ['{"subject": "tram"}', '{"document_name": {"$prefix": "tr"}, "page_number": 1}']
    )
    def test_it_narrows_what_is_found(self, ask: Ask, filter: str) -> None:
        found = ask("whales and trams", filter=parse_filter_text(filter), as_json=True)
        assert names_of(found) == ["tram.pdf"]

    def test_how_an_id_begins_is_enough(self, ask: Ask) -> None:
        [best] = hits_of(ask("tram fares", mode=SearchMode.TEXT, limit=1, as_json=True))
        start = best["document"]["document_id"][:8]
        start = parse_filter_text(f'{{"document_id": {{"$prefix": "{start}"}}}}')
        assert names_of(ask("whales and trams", filter=start, as_json=True)) == ["tram.pdf"]

    def test_it_holds_beside_the_documents_named(self, ask: Ask) -> None:
        subject = parse_filter_text('{"subject": "tram"}')
        assert hits_of(ask("whales", filter=subject, documents=["whales.pdf"], as_json=True)) == []

    def test_what_is_wrong_with_it_is_said_before_anything_is_opened(self) -> None:
        result = CliRunner().invoke(app_of(search), ["whales", "--filter", '{"year": {"$gt": "x"}}'])
        assert isinstance(result.exception, BadFilter)
        assert "filter.year.$gt" in str(result.exception)


def app_of(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer()
    app.command()(command)
    return app


class TestSearch:
    def test_each_hit_has_a_heading_its_words_and_a_link(self, ask: Ask) -> None:
        heading, snippet, link = ask("how do whales sing", mode=SearchMode.TEXT).splitlines()[:3]
        assert heading.split()[:4] == ["1", "whales.pdf,", "page", "1"]
        assert snippet.strip() == "Humpback whales sing for hours"
        assert link.strip().startswith(("file:///", "http://testserver/documents/"))

    def test_a_page_without_any_of_the_words_says_so(self, ask: Ask) -> None:
        printed = ask("whales", limit=2)
        assert printed.count("none of your words") == 1
        assert printed.index("whales.pdf") < printed.index("tram.pdf") < printed.index("none of your words")
        assert "none of your words" not in ask(None, like="whales.pdf#1")

    def test_words_that_no_page_has_are_named_first(self, ask: Ask) -> None:
        assert ask("whales or xylophones").splitlines()[0] == "On no page: xylophones"

    def test_words_understood_as_others_are_named_first(self, ask: Ask) -> None:
        told, best, *_ = ask("humpbakc whales").splitlines()
        assert told == "Searched for “humpback” instead of “humpbakc”"
        assert best.split()[:2] == ["1", "whales.pdf,"]

    def test_words_whose_pages_are_left_out_are_named_first(self, ask: Ask) -> None:
        left_out = "Left out: pages that say humpback"
        assert ask("tram -humpback").splitlines()[0] == left_out
        assert ask("tram whales -humpback").splitlines()[0] == f"{left_out}. On no other page: whales"

    def test_all_but_links_fits_80_columns(self, ask: Ask) -> None:
        lines = ask("how long do whales sing").splitlines()
        assert all(len(line) <= 80 for line in lines if "://" not in line)

    def test_json_is_what_the_api_returns(self, ask: Ask) -> None:
        found = SearchResponse.model_validate_json(ask("tram fares", mode=SearchMode.TEXT, as_json=True))
        best = found.hits[0]
        assert (best.document.name, best.page_number, best.rank) == ("tram.pdf", 1, 1)
        assert set(json.loads(found.model_dump_json())["hits"][0]) == set(type(best).model_fields)

    def test_links_are_whole(self, ask: Ask) -> None:
        [best] = hits_of(ask("whales", limit=1, as_json=True))
        for url in (best["page_url"], best["image_url"]):
            assert url.startswith(("file:///", "http://testserver/"))
            path = url.removeprefix("file://").partition("#")[0]
            assert not url.startswith("file") or Path(path).is_file()

    def test_it_keeps_to_its_limit(self, ask: Ask) -> None:
        assert len(hits_of(ask("whales", limit=1, as_json=True))) == 1

    def test_an_offset_goes_on_where_the_page_before_ended(self, ask: Ask) -> None:
        both = hits_of(ask("whales", as_json=True))
        assert hits_of(ask("whales", offset=1, as_json=True)) == both[1:]
        assert ask("whales", offset=2) == "No matching pages.\n"

    def test_it_keeps_to_a_document_by_name_in_any_case_or_id(self, ask: Ask) -> None:
        [by_name] = hits_of(ask("whales", documents=("Tram.PDF",), as_json=True))
        [by_id] = hits_of(ask("whales", documents=(by_name["document"]["document_id"],), as_json=True))
        assert by_name["document"] == by_id["document"]
        assert by_id["document"]["name"] == "tram.pdf"

    def test_without_rerank_no_hit_has_that_stage(self, ask: Ask) -> None:
        assert all("rerank" not in hit["stages"] for hit in hits_of(ask("w", rerank=False, as_json=True)))

    def test_finding_nothing_is_said_and_nothing_opened(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("webbrowser.open", pytest.fail)
        assert ask("xylophone", mode=SearchMode.TEXT, open_hit=1) == (
            "On no page: xylophone\nNo matching pages.\n"
        )

    def test_a_snippet_read_from_pixels_is_marked(
        self, tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings = settings_in(tmp_path)
        with opened(settings) as library:
            document, _ = library.add(write_pdf(tmp_path / "scan.pdf", [""]), "scan.pdf")
            index_document(library, document.document_id)
        with reached(way, settings) as corpus:
            show_answer(SearchRequest("anything"), corpus)
        assert "(read from pixels)" in " ".join(capsys.readouterr().out.split())

    def test_the_hit_of_that_number_is_opened(self, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
        opened_links: list[str] = []
        monkeypatch.setattr("webbrowser.open", lambda url: bool(opened_links.append(url)) or True)
        second = hits_of(ask("whales", as_json=True, open_hit=2))[1]
        assert opened_links == [second["page_url"]]

    def test_without_a_browser_the_link_is_said(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("webbrowser.open", lambda _: False)
        monkeypatch.setattr("typer.echo", lambda text, **_: print(text))
        assert "No browser could be started. Open " in ask("whales", open_hit=1)

    @pytest.mark.parametrize("options", [["--open", "11"], ["--open", "3", "--offset", "3"]])
    def test_a_hit_that_cannot_be_there_is_refused(self, options: list[str]) -> None:
        result = CliRunner().invoke(app_of(search), ["whales", *options])
        assert isinstance(result.exception, BadInput)

    def test_documents_of_the_same_name_are_told_apart(
        self, tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings, ids = settings_in(tmp_path), list[str]()
        with opened(settings) as library:
            for text in ("Ferry timetable one", "Ferry timetable two"):
                path = write_pdf(tmp_path / "ferry.pdf", [text])
                ids.append(library.add(path, path.name)[0].document_id)
                index_document(library, ids[-1])
        asked = SearchRequest("ferry timetable", mode=SearchMode.TEXT)
        with reached(way, settings) as corpus:
            show_answer(asked, corpus)
            shown = capsys.readouterr().out
            assert all(f"ferry.pdf [{each[:8]}, " in shown for each in ids)
            show_answer(asked, corpus, documents=(ids[0][:8],), as_json=True)
        assert [hit["document"]["document_id"] for hit in hits_of(capsys.readouterr().out)] == [ids[0]]

    def test_an_unknown_document_is_said_to_be_unknown(self, ask: Ask) -> None:
        with pytest.raises(NotFound, match=r"'whale\.pdf' does not exist. Did you mean whales\.pdf\?"):
            ask("whales", documents=("whale.pdf",))

    def test_an_empty_index_is_said_to_be_empty_and_let_go_of(self, tmp_path: Path, way: str) -> None:
        for _ in range(2):
            with (
                reached(way, settings_in(tmp_path)) as corpus,
                pytest.raises(NotFound, match="Nothing has been indexed yet"),
            ):
                show_answer(SearchRequest("whales"), corpus)
