"""Lines of the log as JSON, of programs that have no log of their own."""

import json
import logging
from pathlib import Path

import pytest

from indexer.log_lines import JsonLines, log_as_json


def test_what_is_given_beside_the_message_is_told() -> None:
    record = logging.makeLogRecord({"name": "x", "levelname": "WARNING", "msg": "Zürich %d", "args": (7,)})
    record.pages, record.nothing, record.folder = 3, None, Path("/data")
    line = JsonLines().format(record)
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {"level": "WARNING", "logger": "x", "message": "Zürich 7", "pages": 3, "folder": "/data"}
    assert "ü" in line
    assert "\n" not in line


def test_a_worker_writes_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = []  # pytest's own would be closed
    try:
        log_as_json()
        logging.getLogger("indexer").info("not this")
        logging.getLogger("indexer").warning("this")
    finally:
        root.handlers = before
        root.setLevel(level)
    assert [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()] == ["this"]
