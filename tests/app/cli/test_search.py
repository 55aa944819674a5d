"""`vdr search`: what it prints, for people and for programs."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from pikepdf import Name
from typer.testing import CliRunner

from app.cli.search import search, show_answer
from indexer.ingest import index_document
from tests.app.conftest import settings_in
from tests.fixtures.libraries import index_into, opened, tiny_models
from tests.fixtures.pdfs import write_labelled, write_pdf
from vdr.errors import BadFilter, BadInput, NotFound
from vdr.filters import parse_filter_text
from vdr.settings import Settings
from vdr.types import SearchMode, SearchRequest

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


@pytest.fixture
def ask(settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks, and returns what is printed."""
    monkeypatch.setenv("COLUMNS", "120")

    def ask_one(
        question: str | None,
        *,
        documents: Sequence[str] = (),
        like: str | None = None,
        as_json: bool = False,
        open_best: bool = False,
        **options: Any,
    ) -> str:
        request = SearchRequest(question, **options)
        shown: dict[str, Any] = {
            "documents": documents,
            "like": like,
            "as_json": as_json,
            "open_best": open_best,
        }
        show_answer(request, settings, tiny_models(), **shown)
        return capsys.readouterr().out

    return ask_one


def hits_of(output: str) -> list[dict[str, Any]]:
    return list(json.loads(output)["hits"])


def test_pages_are_called_what_is_printed_on_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    settings = settings_in(tmp_path)
    path = write_labelled(tmp_path / "a.pdf", ["Tides", "Pilots"], {0: {"S": Name.r}, 1: {"S": Name.D}})
    index_into(settings, [write_pdf(tmp_path / "b.pdf", ["Buoys and pilots"]), path])
    capsys.readouterr()
    request = SearchRequest("pilots", mode=SearchMode.TEXT)
    show_answer(request, settings, tiny_models(), as_json=True)
    found = {hit["document_name"]: hit for hit in hits_of(capsys.readouterr().out)}
    assert (found["a.pdf"]["page_number"], found["a.pdf"]["page_label"]) == (2, "1")
    assert (found["b.pdf"]["page_number"], found["b.pdf"]["page_label"]) == (1, "1")
    show_answer(request, settings, tiny_models())
    rows = {line.split()[2]: line.split()[3:5] for line in capsys.readouterr().out.splitlines()[1:]}
    assert rows == {"a.pdf": ["1", "(2)"], "b.pdf": ["1", "Buoys"]}


class TestLike:
    def test_pages_like_a_page(self, ask: Ask) -> None:
        hits = hits_of(ask(None, like="whales.pdf#1", as_json=True))
        assert [hit["document_name"] for hit in hits] == ["tram.pdf"]

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

    @pytest.mark.parametrize("arguments", [[], ["whales", "--like", "whales.pdf#1"]])
    def test_one_thing_is_asked_at_a_time(self, arguments: list[str]) -> None:
        result = CliRunner().invoke(app_of(search), arguments)
        assert isinstance(result.exception, BadInput)


class TestFilter:
    @pytest.mark.parametrize(
        "filter", ['{"subject": "tram"}', '{"document_name": {"$prefix": "tr"}, "page_number": 1}']
    )
    def test_it_narrows_what_is_found(self, ask: Ask, filter: str) -> None:
        found = hits_of(ask("whales and trams", filter=parse_filter_text(filter), as_json=True))
        assert [hit["document_name"] for hit in found] == ["tram.pdf"]

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
    def test_it_prints_a_table(self, ask: Ask) -> None:
        header, first = ask("how long do whales sing", mode=SearchMode.TEXT).splitlines()[:2]
        assert header.split() == ["#", "score", "document", "page", "snippet"]
        assert "whales.pdf" in first
        assert "Humpback whales sing" in first

    def test_it_prints_json_for_programs(self, ask: Ask) -> None:
        best = hits_of(ask("tram fares", mode=SearchMode.TEXT, as_json=True))[0]
        assert (best["document_name"], best["page_number"], best["rank"]) == ("tram.pdf", 1, 1)

    def test_it_keeps_to_its_limit(self, ask: Ask) -> None:
        assert len(hits_of(ask("whales", limit=1, as_json=True))) == 1

    def test_json_has_the_fields_that_programs_know(self, ask: Ask) -> None:
        [best] = hits_of(ask("whales", limit=1, as_json=True))
        page = ("rank", "document_id", "document_name", "page_number", "page_label")
        assert tuple(best) == (*page, "score", "stages", "snippet")
        assert set(best["snippet"]) == {"text", "from_pixels"}
        assert {"full", "fusion"} <= set(best["stages"])

    def test_an_offset_goes_on_where_the_page_before_ended(self, ask: Ask) -> None:
        both = hits_of(ask("whales", as_json=True))
        assert hits_of(ask("whales", offset=1, as_json=True)) == both[1:]
        assert ask("whales", offset=2) == "No matching pages.\n"

    def test_it_keeps_to_a_document_by_name_or_id(self, ask: Ask) -> None:
        [by_name] = hits_of(ask("whales", documents=("tram.pdf",), as_json=True))
        [by_id] = hits_of(ask("whales", documents=(by_name["document_id"],), as_json=True))
        assert by_name["document_name"] == by_id["document_name"] == "tram.pdf"

    def test_without_rerank_no_hit_has_that_stage(self, ask: Ask) -> None:
        assert all("rerank" not in hit["stages"] for hit in hits_of(ask("w", rerank=False, as_json=True)))

    def test_finding_nothing_is_said_and_nothing_opened(self, ask: Ask) -> None:
        assert ask("xylophone", mode=SearchMode.TEXT, open_best=True) == "No matching pages.\n"

    def test_a_snippet_read_from_pixels_is_marked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        settings = settings_in(tmp_path)
        with opened(settings) as library:
            document, _ = library.add(write_pdf(tmp_path / "scan.pdf", [""]), "scan.pdf")
            index_document(library, document.document_id)
        show_answer(SearchRequest("anything"), settings, tiny_models())
        assert "(read from pixels)" in capsys.readouterr().out

    def test_open_shows_the_best_page(
        self, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opener = tmp_path / "xdg-open"
        opener.write_text('#!/bin/sh\ncp "$1" "${0%/*}/opened.webp"\n')
        opener.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        ask("whales", open_best=True)
        assert (tmp_path / "opened.webp").read_bytes()[8:12] == b"WEBP"

    def test_documents_of_the_same_name_are_told_apart(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "160")
        settings, ids = settings_in(tmp_path), list[str]()
        with opened(settings) as library:
            for text in ("Ferry timetable one", "Ferry timetable two"):
                path = write_pdf(tmp_path / "ferry.pdf", [text])
                ids.append(library.add(path, path.name)[0].document_id)
                index_document(library, ids[-1])
        show_answer(SearchRequest("ferry timetable", mode=SearchMode.TEXT), settings, tiny_models())
        shown = capsys.readouterr().out
        assert all(f"ferry.pdf [{each[:8]}, " in shown for each in ids)
        asked = SearchRequest("ferry timetable", mode=SearchMode.TEXT)
        show_answer(asked, settings, tiny_models(), documents=(ids[0][:8],), as_json=True)
        assert [hit["document_id"] for hit in hits_of(capsys.readouterr().out)] == [ids[0]]

    def test_an_unknown_document_is_said_to_be_unknown(self, ask: Ask) -> None:
        with pytest.raises(NotFound, match=r"nowhere\.pdf"):
            ask("whales", documents=("nowhere.pdf",))

    def test_an_empty_index_is_said_to_be_empty_and_let_go_of(self, tmp_path: Path) -> None:
        for _ in range(2):
            with pytest.raises(NotFound, match="Nothing has been indexed yet"):
                show_answer(SearchRequest("whales"), settings_in(tmp_path), tiny_models())
