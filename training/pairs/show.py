"""Puts some pairs on one sheet of HTML, with pictures, for people to judge them by."""

import base64
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from datasets import Dataset
from jinja2 import Environment
from PIL import Image

from training.pairs.dataset import Pair, PairsDataset, pairs_of, read_pairs
from training.pairs.images import encode
from training.pairs.splits import EVAL, TRAIN
from vdr.files import check_writable, write_whole

_WIDTH = 360
_WEBP_QUALITY = 70


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of a page and what stands below it."""

    uri: str
    document: str
    page_number: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A query with the pages that answer it and those that only seem to."""

    query: str
    origin: str
    split: str
    positives: tuple[Thumbnail, ...]
    negatives: tuple[Thumbnail, ...]


def show(folder: Path, out: Path, count: int, seed: int) -> int:
    """Write the sheet, whole or not at all; how many queries are on it.

    Raises BadInput if the folder is not a data set of pairs, or the file cannot be written.
    """
    check_writable(out)
    pairs = read_pairs(folder)
    shown = _choose(pairs, count, seed)
    write_whole(out, _render(folder.absolute().name, pairs, shown))
    return len(shown)


def by_turns(groups: Sequence[Sequence[Pair]], count: int) -> list[Pair]:
    """At most so many, one of each group after the other until all are used up."""
    turns = [(turn, place, pair) for place, group in enumerate(groups) for turn, pair in enumerate(group)]
    return [pair for _, _, pair in sorted(turns, key=lambda turn: turn[:2])][:count]


def thumbnail(image: Image.Image) -> str:
    """A small version of a page image as a data URI."""
    small = image.convert("RGB")
    small.thumbnail((_WIDTH, 4 * _WIDTH), Image.Resampling.LANCZOS)
    encoded = base64.b64encode(encode(small, "WEBP", quality=_WEBP_QUALITY)).decode()
    return f"data:image/webp;base64,{encoded}"


def _choose(pairs: PairsDataset, count: int, seed: int) -> list[Shown]:
    """Random queries of both splits, sources and rules in turns."""
    rng, groups = random.Random(seed), defaultdict[tuple[str, str], dict[str, list[Pair]]](dict)
    splits: dict[str, str] = {}
    for split, rows in ((TRAIN, pairs.train), (EVAL, pairs.eval)):
        for pair in pairs_of(rows):
            groups[pair.source, pair.rule].setdefault(pair.query_id, []).append(pair)
            splits[pair.query_id] = split
    queries = {query_id: rows for group in groups.values() for query_id, rows in group.items()}
    firsts = [[rows[0] for rows in rng.sample(list(group.values()), len(group))] for group in groups.values()]
    places = {page_id: place for place, page_id in enumerate(pairs.pages["page_id"])}
    return [
        _shown(queries[first.query_id], splits[first.query_id], pairs.pages, places)
        for first in by_turns(firsts, count)
    ]


def _shown(rows: Sequence[Pair], split: str, pages: Dataset, places: dict[str, int]) -> Shown:
    first = rows[0]
    return Shown(
        first.query,
        " · ".join(filter(None, (first.source, first.rule))),
        split,
        _thumbnails((row.positive_id for row in rows), pages, places),
        _thumbnails(first.negative_ids or first.passed_over_ids, pages, places),
    )


def _thumbnails(ids: Iterable[str], pages: Dataset, places: dict[str, int]) -> tuple[Thumbnail, ...]:
    rows = (pages[places[page_id]] for page_id in ids)
    return tuple(Thumbnail(thumbnail(row["image"]), row["document"], row["page_number"]) for row in rows)


def _render(name: str, pairs: PairsDataset, shown: Sequence[Shown]) -> str:
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        (files("training.pairs") / "sheet.html.j2").read_text(encoding="utf-8")
    )
    return template.render(name=name, manifest=pairs.manifest, shown=shown)
