"""Problems of a service (RFC 9457), and faults on the way to it, as errors of the tree."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from math import ceil
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from .errors import ServiceMismatch, ServiceUnavailable, VdrError

MEDIA_TYPE = "application/problem+json"
M = TypeVar("M", bound=BaseModel)


class _Problem(BaseModel):
    code: str
    detail: str
    remedy: str


def error_of(code: str, message: str, remedy: str) -> VdrError:
    """The error that a service means by a code; VdrError, with the code, for one that is not known here."""
    error = _kinds().get(code, VdrError)(message, remedy=remedy)
    error.code = code
    return error


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Raises ServiceUnavailable where the service at a URL cannot be reached or stops answering."""
    try:
        yield
    except httpx.LocalProtocolError:  # what was to be sent is not what was announced
        raise
    except (httpx.TransportError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise ServiceUnavailable(f"The service at {url} is not responding: {reason}.") from error


def check(response: httpx.Response, url: str) -> httpx.Response:
    """The response, read completely. Raises the error that it is, if it is one."""
    if response.is_success:
        return response
    error = _error(response, url)
    error.status = response.status_code
    seconds = _retry_after_s(response.headers.get("retry-after", ""))
    if seconds is not None:
        error.retry_after_s = seconds
    raise error


def parsed(response: httpx.Response, model: type[M]) -> M:
    """The answer as a model. Raises ServiceMismatch."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise ServiceMismatch(
            f"The service at {_origin(response)} gives answers that this version does not understand."
        ) from error


def _error(response: httpx.Response, url: str) -> VdrError:
    if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
        with suppress(ValidationError):
            problem = _Problem.model_validate_json(response.content)
            return error_of(problem.code, problem.detail, problem.remedy)
    status = f"{response.status_code} {_phrase(response.status_code)}".strip()
    return ServiceUnavailable(f"The service at {url} answered {status}.")


@cache
def _kinds() -> dict[str, type[VdrError]]:
    kinds, found = [VdrError], dict[str, type[VdrError]]()
    while kinds:
        kind = kinds.pop()
        found.setdefault(kind.code, kind)
        kinds += kind.__subclasses__()
    return found


def _retry_after_s(told: str) -> int | None:
    """Seconds, or a date, as RFC 9110 has it; None for anything else."""
    if told.isdecimal():
        return int(told)
    try:
        return max(0, ceil((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()))
    except (ValueError, TypeError):
        return None


def _origin(response: httpx.Response) -> str:
    return str(response.request.url.copy_with(raw_path=b"/")).rstrip("/")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
