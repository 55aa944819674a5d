"""The log of the service, for people and for programs, and what it never says."""

import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.logs import log_config
from app.service import create_app
from tests.app.talking import UNKNOWN_ID
from tests.fixtures.libraries import tiny_models
from vdr.settings import JobSettings, Settings
from vdr.telemetry_settings import LogFormat

_CONFIGURED = ("", "uvicorn", "uvicorn.access", "vdr.access")


@pytest.fixture
def configured() -> Iterator[Callable[[LogFormat], StringIO]]:
    """Configures logging, whose lines are then found in what it gives; undone after the test."""
    loggers = [logging.getLogger(name) for name in _CONFIGURED]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]

    def configure(format: LogFormat) -> StringIO:
        said = StringIO()
        config = log_config(format)
        for handler in config["handlers"].values():
            handler["stream"] = said
        logging.config.dictConfig(config)
        return said

    yield configure
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    made = create_app(settings.model_copy(update={"jobs": JobSettings(worker=False)}), tiny_models())

    @made.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    return made


def lines(said: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def asked(app: FastAPI) -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        headers = {"X-Request-ID": "abc"}
        client.post("/v1/search", json={"query": "secret merger"}, headers=headers)
        client.get("/?q=secret+merger", headers=headers)
        client.get(f"/v1/documents/{UNKNOWN_ID}", headers=headers)
        client.get("/broken", headers=headers)


def test_each_request_is_an_object_with_its_id_route_status_time_and_code(
    app: FastAPI, configured: Callable[[LogFormat], StringIO]
) -> None:
    said = configured(LogFormat.JSON)
    asked(app)
    found = [line for line in lines(said) if line["logger"] == "vdr.access"]
    told = [(line["method"], line["route"], line["status"], line.get("code")) for line in found]
    assert told == [
        ("POST", "/v1/search", 200, None),
        ("GET", "/", 200, None),
        ("GET", "/v1/documents/{document_id}", 404, "not_found"),
        ("GET", "/broken", 500, "internal_error"),
    ]
    assert {line["request_id"] for line in found} == {"abc"}
    assert all(line["ms"] > 0 and line["level"] == "INFO" and line["time"] for line in found)
    assert found[2]["path"] == f"/v1/documents/{UNKNOWN_ID}"


def test_a_failure_comes_with_its_trace_in_one_line(
    app: FastAPI, configured: Callable[[LogFormat], StringIO]
) -> None:
    said = configured(LogFormat.JSON)
    asked(app)
    [failed] = [line for line in lines(said) if line["level"] == "ERROR"]
    assert failed["message"] == "GET /broken failed"
    assert failed["request_id"] == "abc"
    assert "ZeroDivisionError" in failed["exception"]


@pytest.mark.parametrize("format", LogFormat)
def test_no_line_has_a_question(
    app: FastAPI, configured: Callable[[LogFormat], StringIO], format: LogFormat
) -> None:
    said = configured(format)
    asked(app)
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "GET", "/?q=secret+merger", "1.1", 200
    )
    assert "secret" not in said.getvalue()


def test_for_people_uvicorn_writes_the_line_of_a_request(configured: Callable[[LogFormat], StringIO]) -> None:
    said = configured(LogFormat.TEXT)
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "GET", "/ui/results?q=x", "1.1", 200
    )
    assert said.getvalue().split(" ", 1)[1] == 'INFO - 127.0.0.1:5000 "GET /ui/results HTTP/1.1" 200 OK\n'


def test_for_programs_uvicorn_writes_no_line_beside_ours(configured: Callable[[LogFormat], StringIO]) -> None:
    configured(LogFormat.JSON)
    assert not logging.getLogger("uvicorn.access").hasHandlers()


def test_lines_that_are_about_no_request_have_no_id(configured: Callable[[LogFormat], StringIO]) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # as a server before may have done
    logging.getLogger("uvicorn").propagate = False
    said = configured(LogFormat.JSON)
    logging.getLogger("uvicorn.error").info("Started %s", "process", extra={"color_message": "\x1b[1m"})
    [line] = lines(said)
    assert (line["message"], line["logger"]) == ("Started process", "uvicorn.error")
    assert line.keys() == {"time", "level", "logger", "message"}
