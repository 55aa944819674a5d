"""Finds hard negatives for queries whose vectors, and those of the pages, are known."""

import contextlib
import io
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import mine_hard_negatives

from training.pairs.dataset import Pair
from vdr.errors import BadInput
from vdr.types import FloatArray

# How deep a query's list is looked at: where its page ranks low, all above the margin are skipped.
_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Vectors:
    """Embeddings (dims,) of pages and of queries, by id, and the document of each page."""

    pages: Mapping[str, FloatArray]
    queries: Mapping[str, FloatArray]
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Demand:
    """How many negatives a row gets, how far they keep from the right page, how many share its document."""

    count: int = 4
    margin: float = 0.05
    same_document_share: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Negatives:
    """The rows with their negatives, and how many of these were mined and how many drawn at random."""

    pairs: tuple[Pair, ...]
    mined: int
    padded: int


def find_negatives(pairs: Sequence[Pair], vectors: Vectors, demand: Demand) -> Negatives:
    """Every row with `demand.count` negatives, none of them a right page of its query.

    Raises BadInput where a query's right pages are all the pages there are.
    """
    positives: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        positives[pair.query_id].add(pair.positive_id)
    near = _mine(pairs, vectors, demand, within=True)
    far = _mine(pairs, vectors, demand, within=False)
    mined = {query: _mixed(near[query], far[query], demand) for query in positives}
    known = [_known_first(pair, mined[pair.query_id], demand) for pair in pairs]
    rows = [
        replace(pair, negative_ids=_padded(pair, chosen, positives[pair.query_id], vectors, demand))
        for pair, chosen in zip(pairs, known, strict=True)
    ]
    found = sum(map(len, known))
    return Negatives(tuple(rows), found, demand.count * len(rows) - found)


class PrecomputedModel:
    """As much of a SentenceTransformer as mining asks for: the vectors are known, and items are ids.

    Each vector carries the number of its document behind its dimensions. `similarity` of pages of another
    document than the query's is minus infinity (of the same document, where `within` is False), so that
    they are skipped.
    """

    device = torch.device("cpu")

    def __init__(self, vectors: Vectors, home: Mapping[str, str], *, within: bool) -> None:
        self._vectors, self._home, self._within = vectors, home, within
        self._numbers = {name: n for n, name in enumerate(dict.fromkeys(vectors.documents.values()))}

    def encode_document(self, ids: Sequence[str], **_: object) -> FloatArray:
        """The vectors of pages, (ids, dims + 1)."""
        return self._with_numbers(self._vectors.pages, ids, self._vectors.documents)

    def encode_query(self, ids: Sequence[str], **_: object) -> FloatArray:
        """The vectors of queries, (ids, dims + 1)."""
        return self._with_numbers(self._vectors.queries, ids, self._home)

    def similarity(self, queries: FloatArray, pages: torch.Tensor) -> torch.Tensor:
        """Dot products, (queries, pages)."""
        asked = torch.as_tensor(queries)
        scores = asked[:, :-1] @ pages[:, :-1].T
        is_same = asked[:, -1:] == pages[:, -1]
        return scores.masked_fill(is_same != self._within, -torch.inf)

    def similarity_pairwise(self, queries: FloatArray, pages: torch.Tensor) -> torch.Tensor:
        """Dot products, (pairs,), whatever the documents."""
        return (torch.as_tensor(queries)[:, :-1] * pages[:, :-1]).sum(dim=1)

    def _with_numbers(
        self, vectors: Mapping[str, FloatArray], ids: Sequence[str], documents: Mapping[str, str]
    ) -> FloatArray:
        numbers = np.array([[self._numbers[documents[id_]]] for id_ in ids], np.float32)
        return np.hstack([np.stack([vectors[id_] for id_ in ids]).astype(np.float32), numbers])


def _mine(pairs: Sequence[Pair], vectors: Vectors, demand: Demand, *, within: bool) -> dict[str, list[str]]:
    """The hardest negatives of each query, hardest first: in the document of its first page or outside."""
    home = {pair.query_id: pair.document for pair in reversed(pairs)}
    columns = {"query": [p.query_id for p in pairs], "positive": [p.positive_id for p in pairs]}
    with contextlib.redirect_stderr(io.StringIO()):  # progress bars of no progress
        mined = mine_hard_negatives(
            Dataset.from_dict(columns),
            cast(SentenceTransformer, PrecomputedModel(vectors, home, within=within)),
            corpus=list(vectors.pages),
            range_max=max(demand.count, min(_CANDIDATES, len(vectors.pages))),
            relative_margin=demand.margin,
            num_negatives=demand.count,
            output_format="labeled-pair",
            verbose=False,
        )
    found: dict[str, list[str]] = {query: [] for query in home}
    for row in cast("Iterator[dict[str, Any]]", mined):
        if row["label"] == 0:
            found[row["query"]].append(row["positive"])
    return found


def _mixed(near: Sequence[str], far: Sequence[str], demand: Demand) -> list[str]:
    """So many of both, and more of one where the other has too few."""
    wanted = round(demand.count * demand.same_document_share)
    chosen = [*near[:wanted], *far[: demand.count - min(wanted, len(near))]]
    return [*chosen, *near[wanted:]][: demand.count]


def _known_first(pair: Pair, mined: Sequence[str], demand: Demand) -> list[str]:
    """What people have passed over, and then what was mined."""
    return list(dict.fromkeys((*pair.passed_over_ids, *mined)))[: demand.count]


def _padded(
    pair: Pair, mined: Sequence[str], positives: set[str], vectors: Vectors, demand: Demand
) -> tuple[str, ...]:
    """The negatives, filled up with random other pages; the same twice only where there are too few."""
    missing = demand.count - len(mined)
    if missing <= 0:
        return tuple(mined)
    wrong = [page_id for page_id in vectors.pages if page_id not in positives]
    if not wrong:
        raise BadInput(
            f"All pages answer {pair.query!r}, so none can be a negative.", remedy="Add documents."
        )
    rng = random.Random(f"{demand.seed}:{pair.query_id}")
    fresh = [page_id for page_id in wrong if page_id not in set(mined)]
    drawn = rng.sample(fresh, min(missing, len(fresh)))
    return (*mined, *drawn, *rng.choices(wrong, k=missing - len(drawn)))
