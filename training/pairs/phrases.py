"""Takes queries from the pages of a PDF and keeps those that lead back to their page."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from training.evaluate.bm25 import Bm25
from training.pairs.config import PhrasesConfig
from training.pairs.layout import PageLayout, Row
from training.pairs.phrasing import likeness_key
from training.pairs.rules import RULES
from training.pairs.sources import PHRASES, SourceQuery
from vdr.words import wholes

# A row that stands on so many pages is a running header, a footer or a stamp.
_REPEATED_SHARE, _REPEATED_LEAST = 0.2, 3
_EDGE_ROWS = 3
# Pages within this share of the best score match as well as the best; three of them, and nobody could tell.
_AS_GOOD, _TOO_MANY = 0.95, 3
_SECOND_BEST_RANK = 3
_TOO_ALIKE = 0.7
_DIGITS = re.compile(r"\d+")


class LaidOut(Protocol):
    """A document of which it is known how its pages are set."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def layouts(self) -> tuple[PageLayout, ...]:
        """Its pages."""
        ...

    @property
    def texts(self) -> tuple[str, ...]:
        """What they say."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """A candidate: what to type, the page it comes from (counted from 0) and the rule that made it."""

    text: str
    page_index: int
    rule: str


def phrase_queries(
    document: LaidOut, config: PhrasesConfig, seed: int
) -> tuple[list[SourceQuery], Counter[str]]:
    """Queries about the pages of a document, in order of page, and how many were dropped for which reason."""
    pages = without_repeated_rows(document.layouts)
    rng = random.Random(f"{seed}:{document.name}")
    candidates = [phrase for page in pages for phrase in find_phrases(page, config.rules)]
    candidates, dropped = drop_repeated(candidates)
    kept, unclear = keep_findable(candidates, document.texts, config.second_best_share, rng)
    chosen, over = cap(kept, config, rng)
    queries = [
        SourceQuery(each.text, document.name, (each.page_index + 1,), PHRASES, each.rule) for each in chosen
    ]
    return queries, dropped + unclear + over


def without_repeated_rows(pages: Sequence[PageLayout]) -> list[PageLayout]:
    """The pages without the rows at top and bottom that many share, figures aside: headers and footers."""
    seen = Counter(key for page in pages for key in {_row_key(page.rows[place]) for place in _edges(page)})
    limit = max(_REPEATED_LEAST, _REPEATED_SHARE * len(pages))
    return [replace(page, rows=tuple(_lasting(page, seen, limit))) for page in pages]


def find_phrases(page: PageLayout, rules: Sequence[str]) -> Iterator[Phrase]:
    """What the rules find on a page."""
    for rule in rules:
        for text in dict.fromkeys(RULES[rule](page)):
            yield Phrase(text, page.page_number - 1, rule)


def drop_repeated(phrases: Sequence[Phrase]) -> tuple[list[Phrase], Counter[str]]:
    """The phrases that only one page of the document says, each once."""
    pages: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for phrase in phrases:
        pages[likeness_key(phrase.text)].add(phrase.page_index)
    single = [phrase for phrase in phrases if len(pages[likeness_key(phrase.text)]) == 1]
    once = list({likeness_key(phrase.text): phrase for phrase in reversed(single)}.values())[::-1]
    dropped = Counter(
        {"on several pages": len(phrases) - len(single), "twice on a page": len(single) - len(once)}
    )
    return once, +dropped


def keep_findable(
    phrases: Sequence[Phrase], texts: Sequence[str], second_best_share: float, rng: random.Random
) -> tuple[list[Phrase], Counter[str]]:
    """The phrases whose own page is the best match of BM25 within the document, or nearly.

    Of those whose page comes second or third, so many are kept that they make up `second_best_share`. A
    phrase that several pages match as well as the best is dropped.
    """
    bm25 = Bm25(texts, wholes)
    by_rank: defaultdict[int, list[Phrase]] = defaultdict(list)
    dropped = Counter[str]()
    for phrase in phrases:
        scores = bm25.scores(phrase.text)
        own, best = scores[phrase.page_index], scores.max()
        if (scores >= _AS_GOOD * best).sum() >= _TOO_MANY:
            dropped["matches many pages"] += 1
            continue
        by_rank[int((scores > own).sum()) + 1].append(phrase)
    first, near = by_rank[1], [p for rank in range(2, _SECOND_BEST_RANK + 1) for p in by_rank[rank]]
    share = min(second_best_share, 0.99)
    chosen = rng.sample(near, min(len(near), round(len(first) * share / (1 - share))))
    dropped["matches other pages better"] = len(phrases) - dropped.total() - len(first) - len(chosen)
    return [phrase for phrase in phrases if phrase in {*first, *chosen}], +dropped


def cap(
    phrases: Sequence[Phrase], config: PhrasesConfig, rng: random.Random
) -> tuple[list[Phrase], Counter[str]]:
    """At most so many phrases a page and a document: the rules take turns, and none says much the same."""
    pages: defaultdict[int, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        pages[phrase.page_index].append(phrase)
    chosen = [p for page in pages.values() for p in _varied(_by_turns(page, rng), config.per_page)]
    kept = set(rng.sample(chosen, min(len(chosen), config.per_document)))
    return [phrase for phrase in chosen if phrase in kept], +Counter(
        {"over the cap": len(phrases) - len(kept)}
    )


def _by_turns(phrases: Sequence[Phrase], rng: random.Random) -> list[Phrase]:
    """One phrase of each rule, then another of each, in an order drawn at random."""
    turns: list[tuple[int, Phrase]] = []
    for rule in dict.fromkeys(phrase.rule for phrase in phrases):
        own = [phrase for phrase in phrases if phrase.rule == rule]
        turns += enumerate(rng.sample(own, len(own)))
    return [phrase for _, phrase in sorted(turns, key=lambda turn: turn[0])]


def _varied(phrases: Sequence[Phrase], count: int) -> list[Phrase]:
    chosen: list[Phrase] = []
    for phrase in phrases:
        if len(chosen) < count and not any(_are_alike(phrase, other) for other in chosen):
            chosen.append(phrase)
    return chosen


def _are_alike(one: Phrase, other: Phrase) -> bool:
    words, others = set(likeness_key(one.text)), set(likeness_key(other.text))
    return len(words & others) > _TOO_ALIKE * min(len(words), len(others))


def _edges(page: PageLayout) -> list[int]:
    """The places of the first and the last rows of a page."""
    count = len(page.rows)
    return [place for place in range(count) if place < _EDGE_ROWS or place >= count - _EDGE_ROWS]


def _lasting(page: PageLayout, seen: Counter[str], limit: float) -> Iterator[Row]:
    edges = set(_edges(page))
    for place, row in enumerate(page.rows):
        if place not in edges or seen[_row_key(row)] < limit:
            yield row


def _row_key(row: Row) -> str:
    return _DIGITS.sub("0", " ".join(cell.text for cell in row).lower())
