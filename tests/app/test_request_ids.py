"""Each request has an id: in the answer, in problems, and in the lines of the log."""

import logging
import logging.config
from io import StringIO
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import problems
from app.logs import log_config
from app.request_ids import RequestIds
from app.ui.routing import problem_page
from tests.app.talking import UNKNOWN_ID, Service


def test_the_id_that_came_goes_back(filled: Service) -> None:
    answer = filled.client.get("/healthz", headers={"X-Request-ID": "trace-7.a"})
    assert answer.headers["x-request-id"] == "trace-7.a"


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 129, "a\u00e9", 'a"b'])
def test_one_is_made_where_none_came_that_is_sound(filled: Service, sent: str | None) -> None:
    headers: Any = {} if sent is None else {"X-Request-ID": sent.encode("latin-1")}
    made = [filled.client.get("/healthz", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert sent not in made
    assert len(set(made)) == 2


def test_problems_tell_it(filled: Service) -> None:
    answer = filled.client.get(f"/v1/documents/{UNKNOWN_ID}", headers={"X-Request-ID": "abc"})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc"


def test_what_nobody_expected_is_logged_and_answered_with_it(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    app.add_middleware(RequestIds)
    problems.install(app, {}, problem_page)

    @app.get("/")
    def fail() -> None:
        raise ZeroDivisionError

    said = StringIO()
    handler = logging.config.DictConfigurator(log_config())
    handler.configure()
    root = logging.getLogger()
    written = next(each for each in root.handlers if each.name == "plain")
    written.setStream(said)  # type: ignore[attr-defined]
    try:
        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.get("/", headers={"X-Request-ID": "abc"})
    finally:
        root.removeHandler(written)
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc"
    line = next(each for each in said.getvalue().splitlines() if "GET / failed" in each)
    assert line.split(" ", 1)[1].startswith("ERROR abc app.problems: ")
