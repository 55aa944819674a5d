"""The log of the service: lines with time, level and request id; requests go to standard output.

No line has a question: of the address of a request its query is left out.
"""

from copy import copy
from logging import LogRecord
from typing import Any

from uvicorn.logging import AccessFormatter

from app.observed import ACCESS_LOG
from vdr.telemetry_settings import LogFormat

_START = "%(asctime)s %(levelname)s %(request_id)s"
_TIME = "%Y-%m-%dT%H:%M:%S%z"
_PATH = 2  # among the arguments of uvicorn's lines: client, method, path, version, status


class WithoutQuery(AccessFormatter):
    """Uvicorn's lines for requests, without what comes after the path: the web UI has questions there."""

    def formatMessage(self, record: LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line."""
        shown = copy(record)
        if isinstance(shown.args, tuple):
            shown.args = tuple(
                str(value).partition("?")[0] if place == _PATH else value
                for place, value in enumerate(shown.args)
            )
        return super().formatMessage(shown)


def log_config(format: LogFormat = LogFormat.TEXT) -> dict[str, Any]:
    """For uvicorn, as `logging.config.dictConfig` takes it."""
    is_json = format is LogFormat.JSON
    handler = {"class": "logging.StreamHandler", "filters": ["ids"]}
    access = {"handlers": ["access"], "level": "INFO", "propagate": False}
    # In JSON a line of our own tells more of a request: its route, how long it took, the code of its error.
    silent = {"handlers": [], "level": "CRITICAL", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"ids": {"()": "app.request_ids.WithRequestId", "missing": None if is_json else "-"}},
        "formatters": _JSON if is_json else _TEXT,
        "handlers": {
            "plain": {**handler, "formatter": "plain", "stream": "ext://sys.stderr"},
            "access": {**handler, "formatter": "access", "stream": "ext://sys.stdout"},
        },
        "root": {"handlers": ["plain"], "level": "WARNING"},
        "loggers": {
            # Told in full: another server in this process may have set them otherwise.
            "uvicorn": {"level": "INFO", "propagate": True},
            "uvicorn.error": {"level": "INFO", "propagate": True},
            "uvicorn.access": silent if is_json else access,
            ACCESS_LOG: access if is_json else silent,
        },
    }


_TEXT: dict[str, Any] = {
    "plain": {"format": f"{_START} %(name)s: %(message)s", "datefmt": _TIME},
    "access": {
        "()": WithoutQuery,
        "fmt": f'{_START} %(client_addr)s "%(request_line)s" %(status_code)s',
        "datefmt": _TIME,
        "use_colors": False,
    },
}
_JSON: dict[str, Any] = {name: {"()": "indexer.log_lines.JsonLines"} for name in ("plain", "access")}
