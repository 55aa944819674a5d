"""The command line: what it prints, for people and for programs, and how it ends."""

import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from importlib.metadata import EntryPoint, version
from pathlib import Path
from signal import SIGTERM
from subprocess import Popen
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli import FAILED, compose, main, run_service, show_answer
from indexer.library import open_library
from tests.app.conftest import settings_in
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.pdfs import write_pdf
from vdr.errors import IndexLocked, NotFound
from vdr.settings import ServiceSettings, Settings
from vdr.types import SearchMode, SearchRequest

Ask = Callable[..., str]
COMMANDS = [EntryPoint(name, f"app.cli:{name}", "vdr.commands") for name in ("serve", "search")]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A library of two documents, one page each."""
    folder = tmp_path_factory.mktemp("cli")
    settings = settings_in(folder)
    with closing(open_library(settings, TinyEmbedder())) as library:
        for name, text in (("whales.pdf", "Humpback whales sing for hours"), ("tram.pdf", "Tram fares")):
            document, _ = library.add(write_pdf(folder / name, [text]), name)
            library.process(document.document_id)
    return settings


@pytest.fixture
def ask(settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks, and returns what is printed."""
    monkeypatch.setenv("COLUMNS", "120")

    def ask_one(
        question: str,
        *,
        documents: Sequence[str] = (),
        as_json: bool = False,
        open_best: bool = False,
        **options: Any,
    ) -> str:
        request = SearchRequest(question, **options)
        shown: dict[str, Any] = {"documents": documents, "as_json": as_json, "open_best": open_best}
        show_answer(request, settings, TinyEmbedder(), **shown)
        return capsys.readouterr().out

    return ask_one


def hits_of(output: str) -> list[dict[str, Any]]:
    return list(json.loads(output)["hits"])


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
        page = ("rank", "document_id", "document_name", "page_number")
        assert tuple(best) == (*page, "score", "stages", "snippet")
        assert set(best["snippet"]) == {"text", "from_pixels"}
        assert {"full", "fusion"} <= set(best["stages"])

    def test_an_offset_goes_on_where_the_page_before_ended(self, ask: Ask) -> None:
        both = hits_of(ask("whales", as_json=True))
        assert hits_of(ask("whales", offset=1, as_json=True)) == both[1:]
        assert ask("whales", offset=2) == "No page found.\n"

    def test_it_keeps_to_a_document_by_name_or_id(self, ask: Ask) -> None:
        [by_name] = hits_of(ask("whales", documents=("tram.pdf",), as_json=True))
        [by_id] = hits_of(ask("whales", documents=(by_name["document_id"],), as_json=True))
        assert by_name["document_name"] == by_id["document_name"] == "tram.pdf"

    def test_without_rerank_no_hit_has_that_stage(self, ask: Ask) -> None:
        assert all("rerank" not in hit["stages"] for hit in hits_of(ask("w", rerank=False, as_json=True)))

    def test_finding_nothing_is_said_and_nothing_opened(self, ask: Ask) -> None:
        assert ask("xylophone", mode=SearchMode.TEXT, open_best=True) == "No page found.\n"

    def test_a_snippet_read_from_pixels_is_marked(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        settings = settings_in(tmp_path)
        with closing(open_library(settings, TinyEmbedder())) as library:
            document, _ = library.add(write_pdf(tmp_path / "scan.pdf", [""]), "scan.pdf")
            library.process(document.document_id)
        show_answer(SearchRequest("anything"), settings, TinyEmbedder())
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

    def test_an_unknown_document_is_said_to_be_unknown(self, ask: Ask) -> None:
        with pytest.raises(NotFound, match=r"nowhere\.pdf"):
            ask("whales", documents=("nowhere.pdf",))

    def test_an_empty_index_is_said_to_be_empty_and_let_go_of(self, tmp_path: Path) -> None:
        for _ in range(2):
            with pytest.raises(NotFound, match="Nothing has been indexed yet"):
                show_answer(SearchRequest("whales"), settings_in(tmp_path), TinyEmbedder())


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(compose(COMMANDS), list(arguments))


@pytest.mark.parametrize(
    "arguments", [["--mode", "psychic"], ["--limit", "0"], ["--limit", "101"], ["--offset", "-1"]]
)
def test_bad_options_are_refused(run: Callable[..., Result], arguments: list[str]) -> None:
    assert run("search", "whales", *arguments).exit_code == 2


def test_the_version_is_told(run: Callable[..., Result]) -> None:
    assert run("--version").output == f"vdr {version('vdr')}\n"


def test_without_a_command_help_is_shown(run: Callable[..., Result]) -> None:
    output = run().output
    assert "search" in output
    assert "serve" in output


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["search", "whales"], {"VDR_CANDIDATES": "0"}, "VDR_CANDIDATES"),
        (["search", "whales"], {"VDR_EMBEDDER": "/no/such/folder"}, "/no/such/folder cannot be loaded"),
        (["serve", "--port", "0"], {"VDR_EMBEDDER": "/no/such/folder"}, "/no/such/folder cannot be loaded"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: list[str],
    env: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["vdr", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == FAILED
    assert said in printed.err
    assert len(printed.err.strip().splitlines()) == 1
    assert printed.out == ""


_PATIENCE_S = 60
_PROGRAM = """
from app.cli import run_service
from tests.fixtures.embedder import TinyEmbedder
from vdr.settings import read_settings

run_service(read_settings(), TinyEmbedder())
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Popen[bytes], str]]:
    """A service as a process of its own, in which nothing indexes, and its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"VDR_DATA_DIR": str(tmp_path), "VDR_PORT": str(port), "VDR_WORKER": "false"}
    with Popen([sys.executable, "-c", _PROGRAM], env={**os.environ, **settings}) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.kill()


class TestServe:
    def test_it_ends_though_somebody_follows_a_document(
        self, served: tuple[Popen[bytes], str], tmp_path: Path
    ) -> None:
        process, address = served
        with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=10)) as client:
            sent = {"files": write_pdf(tmp_path / "a.pdf", ["A page"]).read_bytes()}
            [upload] = client.post("/v1/documents", files=sent, timeout=_PATIENCE_S).json()["uploads"]
            with client.stream("GET", upload["document"]["events_url"], timeout=_PATIENCE_S) as events:
                lines = events.iter_lines()
                assert any(line == "event: queued" for line in lines)
                process.terminate()
                list(lines)  # to its end
        assert process.wait(_PATIENCE_S) in {0, -SIGTERM}

    def test_a_library_that_another_process_holds_is_not_served(self, tmp_path: Path) -> None:
        settings = settings_in(tmp_path)
        with closing(open_library(settings, TinyEmbedder())), pytest.raises(IndexLocked):
            run_service(settings, TinyEmbedder())

    def test_a_port_that_is_taken_ends_it(self, tmp_path: Path) -> None:
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            service = ServiceSettings(host="127.0.0.1", port=taken.getsockname()[1])
            settings = settings_in(tmp_path).model_copy(update={"service": service})
            with pytest.raises(SystemExit):
                run_service(settings, TinyEmbedder())
