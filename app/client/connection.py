"""A connection to a service: answers in the models of the API, problems as errors of our tree."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from time import sleep
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx
from pydantic import BaseModel, ValidationError

from app.addresses import API
from app.api.health.schemas import Version
from app.problems import MEDIA_TYPE, Problem
from vdr.distribution import vdr_version
from vdr.errors import ServiceMismatch, ServiceUnavailable, VdrError

T = TypeVar("T", bound=BaseModel)
# The service looks into a large file before it answers; a search with a cross-encoder takes its time as well.
TIMEOUT = httpx.Timeout(300.0, connect=10.0)
# Over a restart of the service, or a proxy's short outage.
_PAUSES_S = (0.5, 1.0, 2.0, 4.0)


class Connection:
    """A service at a URL. Everything raises ServiceUnavailable, ServiceMismatch, and what the service says.

    What only reads is tried again for a few seconds where the service is not there.
    """

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self.url = client, url.rstrip("/")

    def get(self, path: str, answer: type[T], params: dict[str, Any] | None = None) -> T:
        """What the service has at a path of its API."""
        for pause_s in _PAUSES_S:
            try:
                return self._parsed(self._sent("GET", f"{API}{path}", params=params), answer)
            except ServiceUnavailable:
                sleep(pause_s)
        return self._parsed(self._sent("GET", f"{API}{path}", params=params), answer)

    def post(self, path: str, answer: type[T], **sent: Any) -> T:  # noqa: ANN401 - as httpx takes it
        """What the service answers to JSON or a form sent to a path of its API."""
        return self._parsed(self._sent("POST", f"{API}{path}", **sent), answer)

    def delete(self, path: str) -> None:
        """Have the service delete what it has at a path of its API."""
        self._sent("DELETE", f"{API}{path}")

    def delete_chosen(self, path: str, answer: type[T], params: dict[str, Any]) -> T:
        """What the service says of what it has deleted at a path of its API, chosen by parameters."""
        return self._parsed(self._sent("DELETE", f"{API}{path}", params=params), answer)

    def lines(self, path: str, params: dict[str, Any]) -> Iterator[str]:
        """The lines that the service has at a path of its API, as they come."""
        with self._explained(), self._client.stream("GET", f"{self.url}{API}{path}", params=params) as got:
            if not got.is_success:
                got.read()
                raise self._problem(got)
            yield from got.iter_lines()

    def absolute(self, url: str) -> str:
        """The whole URL of one that the service gave out."""
        return urljoin(f"{self.url}/", url)

    def check(self) -> None:
        """Raises ServiceMismatch where the service is of another version, or no vdr at all."""
        theirs = self._parsed(self._sent("GET", "/version"), Version).version
        ours = vdr_version()
        if _series(theirs) != _series(ours):
            raise ServiceMismatch(f"The service at {self.url} is vdr {theirs}; this is vdr {ours}.")

    def _sent(self, method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401
        with self._explained():
            response = self._client.request(method, f"{self.url}{path}", **sent)
        if response.is_success:
            return response
        raise self._problem(response)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except httpx.LocalProtocolError:  # what was to be sent is not what was announced
            raise
        except (httpx.TransportError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise ServiceUnavailable(f"The service at {self.url} is not responding: {reason}.") from error

    def _problem(self, response: httpx.Response) -> VdrError:
        if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
            with suppress(ValidationError):
                return error_of(Problem.model_validate_json(response.content))
        status = f"{response.status_code} {_phrase(response.status_code)}".strip()
        return ServiceUnavailable(f"The service at {self.url} answered {status}.")

    def _parsed(self, response: httpx.Response, answer: type[T]) -> T:
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise ServiceMismatch(
                f"The service at {self.url} gives answers that this version does not understand."
            ) from error


def error_of(problem: Problem) -> VdrError:
    """The error that a service has answered with."""
    return _kinds().get(problem.code, VdrError)(problem.detail, remedy=problem.remedy)


def _kinds() -> dict[str, type[VdrError]]:
    kinds, found = [VdrError], dict[str, type[VdrError]]()
    while kinds:
        kind = kinds.pop()
        found.setdefault(kind.code, kind)
        kinds += kind.__subclasses__()
    return found


def _series(release: str) -> list[str]:
    """What may not differ: before 1.0 the second number stands for breaking changes."""
    return release.split(".")[:2]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
