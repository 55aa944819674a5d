"""Real pages out of data folders, and questions made of their words, for benchmarks that need many pages."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from vdr.environment import read_settings
from vdr.index import EdgeIndex, IndexSchema
from vdr.index.edge_folder import folder_of
from vdr.index.schema import from_json
from vdr.models.embedder import load_embedder
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import FloatArray, PagePoint

_WORDS, _LEAST_WORDS = 10, 60  # of a question; of the page that it is taken from
_SEED = 7


class Asked:
    """Questions with their vectors."""

    def __init__(self, texts: Sequence[str]) -> None:
        embedder = load_embedder(read_settings().model)
        self.texts = texts
        self.vectors = [embedder.encode_queries([text])[0] for text in texts]

    @property
    def embeddings(self) -> FloatArray:
        """Those of the first embedder (questions, dims)."""
        return np.stack([each.embedding for each in self.vectors])


def read_real(data_dirs: Sequence[Path], collection: str) -> tuple[list[PagePoint], list[str], IndexSchema]:
    """Real pages, questions that are consecutive words of some of them, and the schema of their index."""
    points: list[PagePoint] = []
    words: list[Sequence[str]] = []
    for data_dir in data_dirs:
        (file,) = folder_of(data_dir, collection).glob("schema-*.json")
        schema = from_json(file.read_bytes())
        with closing(EdgeIndex.open(data_dir, schema)) as index:
            found = list(index.points())
        objects = ObjectStore.open(IndexSettings(data_dir=data_dir), collection, schema.generation)
        some = np.random.default_rng(_SEED).permutation(len(found))[:500]
        words += [objects.page_texts(found[place].page).text_layer for place in some]
        points += found
    return points, _questions(words), schema


def _questions(texts: Sequence[Sequence[str]]) -> list[str]:
    rng = np.random.default_rng(_SEED)
    long = [words for words in texts if len(words) >= _LEAST_WORDS]
    chosen = [long[place] for place in rng.permutation(len(long))]
    starts = [int(rng.integers(len(words) - _WORDS)) for words in chosen]
    return [" ".join(words[at : at + _WORDS]) for words, at in zip(chosen, starts, strict=True)]
