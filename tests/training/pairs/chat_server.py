"""A chat endpoint that answers as it is told, for tests to talk to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fixtures.post_server import answering_posts


@dataclass
class ChatServer:
    """What it is asked, and what it answers: (status, headers, body); the last answer again and again."""

    answers: list[tuple[int, dict[str, str], str]]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


def message(content: str) -> tuple[int, dict[str, str], str]:
    """An answer that says this."""
    return 200, {}, json.dumps({"choices": [{"message": {"content": content}}]})


@contextmanager
def chat_server(*answers: tuple[int, dict[str, str], str]) -> Iterator[ChatServer]:
    """A server in a thread, gone after the block."""
    told = ChatServer(list(answers))

    def answered(asked: dict[str, Any], key: str | None) -> tuple[int, dict[str, str], bytes]:
        told.asked.append(asked)
        told.keys.append(key)
        status, headers, body = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
        return status, headers, body.encode()

    with answering_posts(answered) as address:
        told.url = f"{address}/v1"
        yield told
