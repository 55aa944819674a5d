"""A model behind an address: JSON is posted to it, and sent again where it does not answer at once."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from vdr.addresses import without_credentials
from vdr.errors import VdrError

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_PAUSES_S = (0.2, 0.6)  # before the second and the third attempt
_MAY_PASS = frozenset({429, 502, 503, 504})


class Endpoint:
    """Where a model answers. Threads may share one."""

    def __init__(self, url: str, key: SecretStr | None, unavailable: type[VdrError]) -> None:
        """`unavailable` is raised where nothing answers."""
        self.name, self._url, self._unavailable = without_credentials(url), url, unavailable
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT)

    def post(self, body: Mapping[str, Any]) -> httpx.Response:
        """The answer, at the third attempt if it has to be."""
        for pause in (*_PAUSES_S, None):
            try:
                answer = self._client.post(self._url, json=body)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if pause is None or isinstance(error, httpx.ReadTimeout | httpx.InvalidURL):
                    raise self._unavailable(f"{self.name} does not answer.") from error
            else:
                if answer.status_code not in _MAY_PASS:
                    return answer
                if pause is None:
                    raise self._unavailable(f"{self.name} answers {answer.status_code}.")
            time.sleep(pause)
        raise AssertionError("The last attempt returns or raises.")
