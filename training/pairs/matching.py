"""Brings queries and pages together: one row for each right page, no query twice, sources by weight."""

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from training.pairs.dataset import Pair
from training.pairs.phrasing import likeness_key
from training.pairs.sources import FEEDBACK, LABELLED, SourceQuery, page_id_of
from training.pairs.splits import EVAL, TRAIN

# A query that more pages answer, taken from pages that do not know of each other, tells them apart no more.
_MAX_PAGES = 5

PageKey = tuple[str, int]  # document, page number


@dataclass(frozen=True, slots=True)
class Matched:
    """The rows of both splits, and how many queries were dropped for which reason."""

    train: tuple[Pair, ...]
    eval: tuple[Pair, ...]
    dropped: Counter[str]


@dataclass(frozen=True, slots=True)
class StoredPages:
    """The pages there are: which one stands for each, and where each stands that is kept."""

    home: Mapping[str, str]
    keys: Mapping[str, PageKey]
    splits: Mapping[str, str]


def match(queries: Sequence[SourceQuery], pages: StoredPages) -> Matched:
    """Rows for all queries whose pages are there.

    Queries of the same words become one with all their pages; what eval asks, train does not.
    """
    dropped = Counter[str]()
    found: dict[str, dict[tuple[str, ...], list[Pair]]] = {EVAL: {}, TRAIN: {}}
    for query in queries:
        ids = list(dict.fromkeys(_homes(query, pages)))
        if not ids:
            dropped["queries whose pages were dropped"] += 1
            continue
        rows = found[pages.splits[ids[0]]].setdefault(likeness_key(query.text), [])
        dropped["duplicate queries"] += bool(rows)
        rows += _rows(query, ids, rows, pages)
    for key in found[EVAL].keys() & found[TRAIN].keys():
        del found[TRAIN][key]
        dropped["train queries that are also in eval"] += 1
    train, evaluation = (_told_apart(found[split].values(), dropped) for split in (TRAIN, EVAL))
    return Matched(tuple(_consistent(train)), tuple(_consistent(evaluation)), +dropped)


def mix(pairs: Sequence[Pair], weights: Mapping[str, float], seed: int) -> list[Pair]:
    """As many queries as can be had with the sources in these shares; those without weight are kept whole."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.query_id not in ids[pair.source][-1:]:
            ids[pair.source].append(pair.query_id)
    scales = [len(ids[source]) / weight for source, weight in weights.items() if weight and ids[source]]
    chosen: set[str] = set()
    for source, own in ids.items():
        count = round(min(scales, default=0) * weights[source]) if source in weights else len(own)
        chosen.update(random.Random(f"{seed}:{source}").sample(own, min(count, len(own))))
    return [pair for pair in pairs if pair.query_id in chosen]


def _homes(query: SourceQuery, pages: StoredPages) -> Iterable[str]:
    ids = (page_id_of(query.document, number) for number in query.page_numbers)
    return (pages.home[page_id] for page_id in ids if page_id in pages.home)


def _rows(query: SourceQuery, ids: Sequence[str], known: Sequence[Pair], pages: StoredPages) -> list[Pair]:
    """Rows for the pages that the query does not have yet; it is called what it was called first."""
    text, source, rule = (
        (known[0].query, known[0].source, known[0].rule) if known else (query.text, query.source, query.rule)
    )
    query_id = f"{source}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    have = {pair.positive_id for pair in known}
    passed_over = tuple(_passed_over(query, pages.splits[ids[0]], pages))
    return [
        Pair(query_id, text, id_, source, rule, *pages.keys[id_], (), passed_over, query.traces)
        for id_ in ids
        if id_ not in have
    ]


def _passed_over(query: SourceQuery, split: str, pages: StoredPages) -> Iterable[str]:
    """The negatives of a query that are in its split."""
    ids = (pages.home.get(page_id_of(*page)) for page in query.negatives)
    return dict.fromkeys(id_ for id_ in ids if id_ is not None and pages.splits[id_] == split)


def _consistent(pairs: Sequence[Pair]) -> Iterable[Pair]:
    """The pairs without negatives that another one of their query calls right."""
    right: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        right[pair.query_id].add(pair.positive_id)
    for pair in pairs:
        kept = tuple(id_ for id_ in pair.passed_over_ids if id_ not in right[pair.query_id])
        yield replace(pair, passed_over_ids=kept)


def _told_apart(queries: Iterable[list[Pair]], dropped: Counter[str]) -> list[Pair]:
    kept: list[Pair] = []
    for rows in queries:
        if len(rows) > _MAX_PAGES and rows[0].source not in (LABELLED, FEEDBACK):
            dropped["queries with too many answering pages"] += 1
        else:
            kept += rows
    return kept
