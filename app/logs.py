"""The log of the service: lines with time, level and request id; requests go to standard output."""

from typing import Any

_START = "%(asctime)s %(levelname)s %(request_id)s"
_TIME = "%Y-%m-%dT%H:%M:%S%z"


def log_config() -> dict[str, Any]:
    """For uvicorn, as `logging.config.dictConfig` takes it."""
    ids = {"ids": {"()": "app.request_ids.WithRequestId"}}
    access = f'{_START} %(client_addr)s "%(request_line)s" %(status_code)s'
    handler = {"class": "logging.StreamHandler", "filters": ["ids"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": ids,
        "formatters": {
            "plain": {"format": f"{_START} %(name)s: %(message)s", "datefmt": _TIME},
            "access": {
                "()": "uvicorn.logging.AccessFormatter",
                "fmt": access,
                "datefmt": _TIME,
                "use_colors": False,
            },
        },
        "handlers": {
            "plain": {**handler, "formatter": "plain", "stream": "ext://sys.stderr"},
            "access": {**handler, "formatter": "access", "stream": "ext://sys.stdout"},
        },
        "root": {"handlers": ["plain"], "level": "WARNING"},
        "loggers": {
            "uvicorn": {"level": "INFO"},
            "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
        },
    }
