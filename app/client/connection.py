"""A connection to a service: answers in the models of the API, problems as errors of our tree.

What is sent, read and tried again is as in `vdr.client`, the client that other programs have.
"""

from collections.abc import Iterator
from time import sleep
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx
from pydantic import BaseModel

from app.addresses import API
from app.api.health.schemas import Version
from vdr.client.patience import pause_s
from vdr.client.problems import check, explained, parsed
from vdr.client.sync import CONNECT_S, TIMEOUT_S
from vdr.distribution import vdr_version
from vdr.errors import ServiceMismatch, ServiceUnavailable

T = TypeVar("T", bound=BaseModel)
TIMEOUT = httpx.Timeout(TIMEOUT_S, connect=CONNECT_S)
# Over a restart of the service, or a proxy's short outage.
_RETRIES = 4


class Connection:
    """A service at a URL. Everything raises ServiceUnavailable, ServiceMismatch, and what the service says.

    What only reads is tried again for a few seconds where the service is not there.
    """

    def __init__(self, client: httpx.Client, url: str, key: str | None = None) -> None:
        self._client, self.url, self.key = client, url.rstrip("/"), key
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def get(self, path: str, answer: type[T], params: dict[str, Any] | None = None) -> T:
        """What the service has at a path of its API."""
        tried = 0
        while True:
            try:
                return parsed(self._sent("GET", f"{API}{path}", params=params), answer)
            except ServiceUnavailable as error:
                pause = pause_s(error, tried, _RETRIES, may_repeat=True)
                if pause is None:
                    raise
            tried += 1
            sleep(pause)

    def post(self, path: str, answer: type[T], **sent: Any) -> T:  # noqa: ANN401 - as httpx takes it
        """What the service answers to JSON or a form sent to a path of its API."""
        return parsed(self._sent("POST", f"{API}{path}", **sent), answer)

    def delete(self, path: str) -> None:
        """Have the service delete what it has at a path of its API."""
        self._sent("DELETE", f"{API}{path}")

    def delete_chosen(self, path: str, answer: type[T], params: dict[str, Any]) -> T:
        """What the service says of what it has deleted at a path of its API, chosen by parameters."""
        return parsed(self._sent("DELETE", f"{API}{path}", params=params), answer)

    def lines(self, path: str, params: dict[str, Any]) -> Iterator[str]:
        """The lines that the service has at a path of its API, as they come."""
        url = f"{self.url}{API}{path}"
        streamed = self._client.stream("GET", url, params=params, headers=self._headers)
        with explained(self.url), streamed as got:
            if not got.is_success:
                got.read()
            yield from check(got, self.url).iter_lines()

    def absolute(self, url: str) -> str:
        """The whole URL of one that the service gave out."""
        return urljoin(f"{self.url}/", url)

    def check(self) -> None:
        """Raises ServiceMismatch where the service is of another version, or no vdr at all."""
        theirs = parsed(self._sent("GET", "/version"), Version).version
        ours = vdr_version()
        if _series(theirs) != _series(ours):
            raise ServiceMismatch(f"The service at {self.url} is vdr {theirs}; this is vdr {ours}.")

    def _sent(self, method: str, path: str, **sent: Any) -> httpx.Response:  # noqa: ANN401
        with explained(self.url):
            response = self._client.request(method, f"{self.url}{path}", headers=self._headers, **sent)
        return check(response, self.url)


def _series(release: str) -> list[str]:
    """What may not differ: before 1.0 the second number stands for breaking changes."""
    return release.split(".")[:2]
