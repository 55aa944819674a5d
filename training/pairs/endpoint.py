"""Has a vision model write questions about page images, as many pages as its budget allows."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from datasets import Dataset
from datasets import Image as ImageColumn

from training.pairs.chat import BudgetSpent, Chat, NoAnswer, parse_questions
from training.pairs.config import EndpointConfig
from training.pairs.sources import ENDPOINT, SourceQuery

_MIN_WORDS, _MAX_WORDS = 3, 40
_PROMPT = """\
This is a page of a document in a large collection. Write {count} questions or search queries that a person
might type who looks for what this page says, and who has not seen it. Each must be answered by this page,
name what it asks about (no "this page", "the table", "the document"), and be in the language of the page.
Ask about figures, tables and charts too, not only about sentences. Answer with a JSON list of strings and
nothing else. If the page says nothing that one might look for, answer []."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the model wrote, what came of the pages that got nothing, and how many requests it took."""

    queries: tuple[SourceQuery, ...]
    dropped: Counter[str]
    requests: int
    from_cache: int


def write_questions(pages: Dataset, documents: Sequence[str], chat: Chat, seed: int) -> Written:
    """Questions about pages of these documents, in an order drawn at random until the budget is spent."""
    places = [place for place, name in enumerate(pages["document"]) if name in set(documents)]
    random.Random(seed).shuffle(places)
    encoded = pages.cast_column("image", ImageColumn(decode=False))
    queries, dropped = list[SourceQuery](), Counter[str]()
    with closing(chat):
        for asked, place in enumerate(places):
            try:
                queries += _about(encoded[place], chat, dropped)
            except BudgetSpent:
                dropped["pages over the request budget"] += len(places) - asked
                break
            except NoAnswer:
                dropped["pages without an answer from the endpoint"] += 1
    return Written(tuple(queries), dropped, chat.requests, chat.from_cache)


def prompt_of(config: EndpointConfig) -> str:
    """What the model is asked to do with a page."""
    return _PROMPT.format(count=config.questions_per_page)


def _about(page: dict[str, Any], chat: Chat, dropped: Counter[str]) -> Iterator[SourceQuery]:
    image: bytes = page["image"]["bytes"]
    prompt = prompt_of(chat.config)
    answer = chat.ask(prompt, image)
    questions = parse_questions(answer)
    if not questions and answer.strip() != "[]":
        chat.forget(prompt, image)
        dropped["malformed answers from the endpoint"] += 1
    for text in _sensible(questions[: chat.config.questions_per_page]):
        yield SourceQuery(text, page["document"], (page["page_number"],), ENDPOINT)


def _sensible(questions: Iterable[str]) -> Iterator[str]:
    return (text for text in questions if _MIN_WORDS <= len(text.split()) <= _MAX_WORDS)
