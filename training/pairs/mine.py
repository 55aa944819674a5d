"""Gives every row of a data set its hard negatives, by the vectors of the current embedder."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from datasets import Dataset

from training.pairs.dataset import Content, pairs_of, read_pairs, rewrite_rows
from training.pairs.manifest import Manifest, Mining
from training.pairs.negatives import Demand, Negatives, Vectors, find_negatives
from training.pairs.splits import EVAL, TRAIN
from vdr.errors import BadInput
from vdr.types import FloatArray

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder

Say = Callable[[str], object]
_Item = TypeVar("_Item")

_BATCH = 16
_SAY_EVERY = 320


def mine(folder: Path, embedder: "Embedder", demand: Demand, say: Say) -> Manifest:
    """Rewrite train and eval with negatives from their own split, all or nothing; the manifest that results.

    Raises BadInput if the folder is not a data set of pairs, a split has no wrong page to offer, or the
    embedder gives many vectors a page.
    """
    if embedder.coarse_dims is not None:
        raise BadInput(
            f"{embedder.name} gives many vectors a page; negatives are mined by one.",
            remedy="Mine with --embedder page-reader: the pairs are for any model.",
        )
    pairs = read_pairs(folder)
    pages = _embed_pages(pairs.pages, embedder, say)
    found = {
        split: _negatives(rows, pairs.pages, split, pages, embedder, demand)
        for split, rows in ((TRAIN, pairs.train), (EVAL, pairs.eval))
    }
    mining = Mining(
        embedder=embedder.name,
        fingerprint=embedder.fingerprint,
        negatives=demand.count,
        margin=demand.margin,
        same_document_share=demand.same_document_share,
        mined={split: each.mined for split, each in found.items()},
        padded={split: each.padded for split, each in found.items()},
    )
    manifest = pairs.manifest.model_copy(update={"mining": mining})
    rewrite_rows(folder, Content(found[TRAIN].pairs, found[EVAL].pairs, manifest))
    return manifest


def _negatives(
    rows: Dataset,
    pages: Dataset,
    split: str,
    page_vectors: dict[str, FloatArray],
    embedder: "Embedder",
    demand: Demand,
) -> Negatives:
    pairs = pairs_of(rows)
    about = zip(pages["page_id"], pages["document"], pages["split"], strict=True)
    documents = {page_id: document for page_id, document, its in about if its == split}
    own = {page_id: page_vectors[page_id] for page_id in documents}
    texts = {pair.query_id: pair.query for pair in pairs}
    return find_negatives(pairs, Vectors(own, _embed_queries(texts, embedder), documents), demand)


def _embed_pages(pages: Dataset, embedder: "Embedder", say: Say) -> dict[str, FloatArray]:
    """The vector of each page; a batch of images in memory."""
    say(f"Embedding {len(pages):,} pages with {embedder.name}.")
    vectors: dict[str, FloatArray] = {}
    for batch in _batches(range(len(pages))):
        rows = pages[list(batch)]
        encoded = embedder.encode_pages([image.convert("RGB") for image in rows["image"]])
        vectors.update(zip(rows["page_id"], (page.embedding for page in encoded), strict=True))
        if len(vectors) % _SAY_EVERY == 0:
            say(f"{len(vectors):,} of {len(pages):,} pages.")
    return vectors


def _embed_queries(texts: dict[str, str], embedder: "Embedder") -> dict[str, FloatArray]:
    vectors: dict[str, FloatArray] = {}
    for ids in _batches(list(texts)):
        encoded = embedder.encode_queries([texts[query_id] for query_id in ids])
        vectors.update(zip(ids, (query.embedding for query in encoded), strict=True))
    return vectors


def _batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
