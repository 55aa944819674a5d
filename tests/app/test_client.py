"""The connection of commands to a service: which one is found, and what is said where it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from app.api.documents.schemas import DocumentList
from app.client.finding import found_service
from app.client.served import chosen_collection
from app.presence import announced
from app.problems import MEDIA_TYPE, Problem
from tests.app.cli.conftest import answering
from tests.app.conftest import settings_in
from tests.fixtures.serving_http import serving_http
from vdr.client.problems import error_of
from vdr.distribution import vdr_version
from vdr.errors import NotFound, PdfBroken, QueueFull, ServiceMismatch, ServiceUnavailable, VdrError
from vdr.files import write_whole
from vdr.settings import CommandSettings, IndexSettings, Settings


def version_of(release: str) -> bytes:
    about = {"version": release, "embedder": "page-reader", "fingerprint": "3f", "dims": 8, "reranker": None}
    return httpx.Response(200, json=about).content


@contextmanager
def listening(release: str) -> Iterator[str]:
    """A program that says it is vdr of that release; its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(version_of(release))

    with serving_http(Answer) as address:
        yield address


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.client.connection.sleep", lambda _: None)
    monkeypatch.setattr("app.client.finding._LOOK_S", 0.01)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_in(tmp_path)
    settings.index.data_dir.mkdir()
    return settings


class TestFinding:
    def test_none_is_found_where_none_runs(self, settings: Settings) -> None:
        with found_service(settings) as connection:
            assert connection is None

    def test_the_one_on_the_data_folder_is_found(self, settings: Settings) -> None:
        with (
            listening(vdr_version()) as url,
            announced(settings.index.data_dir, url),
            found_service(settings) as connection,
        ):
            assert connection is not None and connection.url == url

    def test_one_that_is_starting_is_waited_for_and_said_to_be(
        self, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with listening(vdr_version()) as url, announced(settings.index.data_dir, "http://127.0.0.1:9"):
            address = settings.index.data_dir / "service.json"
            started = lambda _: write_whole(address, f'{{"url": "{url}"}}')  # noqa: E731
            monkeypatch.setattr("app.client.finding.sleep", started)
            with found_service(settings) as connection:
                assert connection is not None and connection.url == url
        assert capsys.readouterr().err == "Waiting for the service at http://127.0.0.1:9 to start.\n"

    def test_one_that_gives_up_while_starting_is_none(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = settings.index.data_dir / "service.json"
        monkeypatch.setattr("app.client.finding.sleep", lambda _: address.unlink())
        with announced(settings.index.data_dir, "http://127.0.0.1:9"), found_service(settings) as connection:
            assert connection is None

    def test_one_that_never_answers_is_given_up(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.client.finding._START_S", 0.05)
        with (
            announced(settings.index.data_dir, "http://127.0.0.1:9"),
            pytest.raises(ServiceUnavailable),
            found_service(settings),
        ):
            pytest.fail("There is no service.")

    def test_with_a_database_server_only_an_address_leads_to_one(self, settings: Settings) -> None:
        index = IndexSettings.model_validate(
            {"data_dir": settings.index.data_dir, "database_url": "postgresql://host/vdr"}
        )
        with (
            listening(vdr_version()) as url,
            announced(settings.index.data_dir, url),
            found_service(settings.model_copy(update={"index": index})) as connection,
        ):
            assert connection is None

    def test_the_address_of_the_settings_goes_first(self, settings: Settings) -> None:
        with listening(vdr_version()) as url, announced(settings.index.data_dir, "http://127.0.0.1:9"):
            given = settings.model_copy(update={"commands": CommandSettings(url=f"{url}/")})
            with found_service(given) as connection:
                assert connection is not None and connection.url == url

    def test_another_version_is_refused_in_one_line(self, settings: Settings) -> None:
        with listening("7.1.0") as url:
            given = settings.model_copy(update={"commands": CommandSettings(url=url)})
            said = rf"is vdr 7\.1\.0; this is vdr {vdr_version()}\."
            with pytest.raises(ServiceMismatch, match=said), found_service(given):
                pytest.fail("It was taken.")


class TestAnswers:
    def test_a_problem_is_the_error_that_it_was(self) -> None:
        sent = PdfBroken("a.pdf is damaged and cannot be opened.", remedy="Print it again.")
        received = error_of(sent.code, sent.message, sent.remedy)
        assert type(received) is PdfBroken and str(received) == str(sent)

    def test_what_is_asked_again_says_so(self) -> None:
        assert error_of(QueueFull.code, "Full.", "Wait.").may_pass

    @pytest.mark.parametrize(
        ("response", "error", "said"),
        [
            (httpx.Response(502, text="<html>"), ServiceUnavailable, "answered 502 Bad Gateway"),
            (
                httpx.Response(301, headers={"location": "https://x"}),
                ServiceUnavailable,
                "answered 301",
            ),
            (httpx.Response(599), ServiceUnavailable, r"answered 599\."),
            (httpx.Response(200, text="hello"), ServiceMismatch, "does not understand"),
            (httpx.ReadTimeout("timed out"), ServiceUnavailable, "not responding: timed out"),
            (httpx.Response(404, json={}, headers={"content-type": MEDIA_TYPE}), VdrError, "answered 404"),
        ],
    )
    def test_what_is_no_answer_is_one_line(
        self, response: httpx.Response | Exception, error: type[VdrError], said: str
    ) -> None:
        with pytest.raises(error, match=said):
            answering(*[response] * 9).get("/documents", DocumentList)

    def test_what_only_reads_is_tried_again(self) -> None:
        empty = {"documents": [], "next_after": None, "total": 0}
        connection = answering(httpx.ConnectError("refused"), httpx.Response(200, json=empty))
        assert connection.get("/documents", DocumentList).documents == []

    def test_an_error_of_the_service_is_not_tried_again(self) -> None:
        missing = Problem.of(NotFound("It is gone."))
        response = httpx.Response(404, text=missing.model_dump_json(), headers={"content-type": MEDIA_TYPE})
        with pytest.raises(NotFound, match=r"It is gone\."):
            answering(response).get("/documents", DocumentList)

    def test_links_are_made_whole_below_a_path_of_a_proxy_too(self) -> None:
        connection = answering()
        assert connection.absolute("/documents/9f/pages/3") == "http://vdr.test/documents/9f/pages/3"
        connection.url = "https://docs.example.com/vdr"
        assert connection.absolute("/vdr/documents/9f") == "https://docs.example.com/vdr/documents/9f"


def test_without_a_name_the_service_chooses_the_collection(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen_collection(settings, None) is None
    assert chosen_collection(settings, "invoices") == "invoices"
    monkeypatch.setenv("VDR_COLLECTION", "letters")
    assert chosen_collection(Settings(), None) == "letters"


class TestLines:
    def test_they_come_one_by_one(self) -> None:
        connection = answering(httpx.Response(200, text="{}\n[]\n"))
        assert list(connection.lines("/feedback/export", {"all": True})) == ["{}", "[]"]

    def test_a_problem_is_the_error_that_it_was(self) -> None:
        body = Problem.of(NotFound("It is gone.")).model_dump_json()
        response = httpx.Response(404, text=body, headers={"Content-Type": MEDIA_TYPE})
        with pytest.raises(NotFound, match="It is gone"):
            list(answering(response).lines("/questions/export", {}))

    def test_a_service_that_is_gone(self) -> None:
        with pytest.raises(ServiceUnavailable):
            list(answering(httpx.ConnectError("refused")).lines("/questions/export", {}))
