"""Lines of the log as JSON objects, of service and worker alike."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

# What every record has; whatever else is on one was given as `extra`.
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# For lines of other programs: colours that uvicorn keeps beside its messages.
_FOR_TERMINALS = frozenset({"color_message"})


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message, what was given as `extra`, and a trace if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what is None is left out."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {
            name: value
            for name, value in vars(record).items()
            if name not in _OF_EVERY_RECORD and name not in _FOR_TERMINALS and value is not None
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def log_as_json() -> None:
    """Has a program without a log of its own write warnings to standard error, a JSON object each."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
