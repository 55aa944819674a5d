"""A model behind an address: JSON is posted to it, and sent again where it does not answer at once."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from vdr.addresses import without_credentials
from vdr.errors import ModelError, VdrError

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_PAUSES_S = (0.2, 0.6)  # before the second and the third attempt
_MAY_PASS = frozenset({429, 502, 503, 504})
_REFUSED = (401, 403)
_NOT_TAKEN = (400, 413, 422)  # too long, perhaps
_AT_ONCE = 32  # texts a request: what TEI takes unless it is told otherwise
_Answer = TypeVar("_Answer")
_Part = TypeVar("_Part", bound="OfOneText")


class NotTaken(Exception):
    """A server refuses what it was sent, as it may where that is too much at once."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The answer is {status}.")
        self.status = status


class OfOneText(BaseModel):
    """What a server says of one of the texts that it was sent, the one at `index`."""

    index: int


@dataclass(frozen=True, slots=True)
class Task:
    """What servers of a kind do with texts, in the words of errors: they `score` and give `scores`.

    `unavailable` is raised where nothing answers; `key_setting` is what has the key.
    """

    does: str
    gives: str
    key_setting: str
    remedy: str
    unavailable: type[VdrError]


class Endpoint:
    """Where a model answers. Threads may share one."""

    def __init__(self, url: str, key: SecretStr | None, task: Task) -> None:
        self.name, self._url, self._task = without_credentials(url), url, task
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT)

    def ask(self, body: Mapping[str, Any], form: TypeAdapter[_Answer]) -> _Answer:
        """The answer in this form. Raises what the task calls unavailable, and ModelError for any other."""
        try:
            return self.ask_for_much(body, form)
        except NotTaken as error:
            raise self.wrong(f"answers {error.status} to a request to {self._task.does}") from error

    def ask_for_much(self, body: Mapping[str, Any], form: TypeAdapter[_Answer]) -> _Answer:
        """The same, but raises NotTaken where the server refuses what may be too much for it."""
        answer = self.post(body)
        if answer.status_code in _NOT_TAKEN:
            raise NotTaken(answer.status_code)
        if answer.status_code in _REFUSED:
            raise ModelError(
                f"{self.name} refuses the request ({answer.status_code}).",
                remedy=f"Set {self._task.key_setting}.",
            )
        if not answer.is_success:
            raise self.wrong(f"answers {answer.status_code} to a request to {self._task.does}")
        try:
            return form.validate_json(answer.content)
        except ValidationError as error:
            raise self.wrong(f"answers something else than {self._task.gives}") from error

    def in_order(self, parts: Sequence[_Part], count: int) -> list[_Part]:
        """What it says of each of `count` texts. Raises ModelError unless each is there, and once."""
        by_place = {part.index: part for part in parts}
        if len(parts) != count or by_place.keys() != set(range(count)):
            raise self.wrong(f"does not {self._task.does} each text once")
        return [by_place[place] for place in range(count)]

    def wrong(self, said: str) -> ModelError:
        """That it does not do its task, and what to do."""
        return ModelError(f"{self.name} {said}.", remedy=self._task.remedy)

    def post(self, body: Mapping[str, Any]) -> httpx.Response:
        """The answer, at the third attempt if it has to be."""
        for pause in (*_PAUSES_S, None):
            try:
                answer = self._client.post(self._url, json=body)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if pause is None or isinstance(error, httpx.ReadTimeout | httpx.InvalidURL):
                    raise self._task.unavailable(f"{self.name} does not answer.") from error
            else:
                if answer.status_code not in _MAY_PASS:
                    return answer
                if pause is None:
                    raise self._task.unavailable(f"{self.name} answers {answer.status_code}.")
            time.sleep(pause)
        raise AssertionError("The last attempt returns or raises.")


def requests_of(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in order, as many as a server takes at once."""
    return (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
