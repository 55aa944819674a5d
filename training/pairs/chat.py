"""Asks an OpenAI-compatible chat endpoint about an image: within a budget, tried again, and remembered."""

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import BaseModel, ValidationError

from training.pairs.config import EndpointConfig
from vdr.errors import BadInput
from vdr.files import write_whole

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_REFUSED = frozenset({401, 403, 404})
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0


class NoAnswer(Exception):
    """This image has got no answer; the next one may."""


class BudgetSpent(NoAnswer):
    """No request is left."""


@dataclass
class Chat:
    """An endpoint and how much of the budget is spent; `sleep` is how it waits."""

    config: EndpointConfig
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    from_cache: int = 0
    _client: httpx.Client = field(default_factory=httpx.Client, repr=False)

    def ask(self, prompt: str, image: bytes) -> str:
        """The answer about a WebP image: from the cache where it was asked before.

        Raises NoAnswer when all tries failed, BudgetSpent when none is left, BadInput where the endpoint
        does not let us in.
        """
        file = self._cache_file(prompt, image)
        if file.is_file():
            self.from_cache += 1
            return file.read_text(encoding="utf-8")
        answer = self._request(_body(self.config.model, prompt, image))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, answer)
        return answer

    def forget(self, prompt: str, image: bytes) -> None:
        """Drop an answer that was of no use, so that the next run asks again."""
        self._cache_file(prompt, image).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _cache_file(self, prompt: str, image: bytes) -> Path:
        mark = hashlib.sha256()
        for part in (self.config.model.encode(), prompt.encode(), image):
            mark.update(hashlib.sha256(part).digest())
        return self.config.cache.expanduser() / f"{mark.hexdigest()}.txt"

    def _request(self, body: dict[str, object]) -> str:
        wait_s, reason = _FIRST_WAIT_S, ""
        for attempt in range(self.config.retries + 1):
            if attempt:
                self.sleep(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            try:
                response = self._send(body)
            except httpx.RequestError as error:
                reason = str(error) or type(error).__name__
                continue
            if response.status_code not in _TRY_AGAIN:
                return self._content(response)
            reason, wait_s = f"status {response.status_code}", _asked_wait_s(response) or wait_s
        raise NoAnswer(reason)

    def _send(self, body: dict[str, object]) -> httpx.Response:
        if self.requests >= self.config.max_requests:
            raise BudgetSpent
        self.requests += 1
        url = self.config.base_url.rstrip("/") + "/chat/completions"
        return self._client.post(
            url, json=body, headers=headers_of(self.config), timeout=self.config.timeout_s
        )

    def _content(self, response: httpx.Response) -> str:
        if response.status_code in _REFUSED:
            raise BadInput(
                f"{self.config.base_url} responded with status {response.status_code}.",
                remedy="Check base_url, model and api_key_env.",
            )
        try:
            return _Completion.model_validate_json(response.content).choices[0].message.content
        except (ValidationError, IndexError) as error:
            raise NoAnswer(f"status {response.status_code}, without a message") from error


def headers_of(config: EndpointConfig) -> dict[str, str]:
    """What lets us in. Raises BadInput where the key is not in the environment."""
    name = config.api_key_env
    if name is None:
        return {}
    if not os.environ.get(name):
        raise BadInput(
            f"The environment variable {name} is not set.", remedy="Set it to the API key of the endpoint."
        )
    return {"Authorization": f"Bearer {os.environ[name]}"}


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice]


def parse_questions(answer: str) -> list[str]:
    """The strings of the first JSON list in an answer, whatever stands around it; [] where there is none."""
    start, end = answer.find("["), answer.rfind("]")
    try:
        listed = json.loads(answer[start : end + 1])
    except json.JSONDecodeError:
        return []
    return [" ".join(each.split()) for each in listed if isinstance(each, str) and each.strip()]


def _body(model: str, prompt: str, image: bytes) -> dict[str, object]:
    url = f"data:image/webp;base64,{base64.b64encode(image).decode()}"
    content = [{"type": "text", "text": prompt}, {"type": "image_url", "image_url": {"url": url}}]
    return {"model": model, "messages": [{"role": "user", "content": content}]}


def _asked_wait_s(response: httpx.Response) -> float | None:
    """What the server asks for with Retry-After, in seconds and within reason."""
    asked = response.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdecimal() else None
