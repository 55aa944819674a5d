"""The page reader as Sentence Transformers modules: `SentenceTransformer(path)` alone loads it.

A Router sends text to `QueryText` and images to `PageImage`; both end in words, which `WordSuperposition`
turns into one vector each. Beside `sentence_embedding` the features keep what was read: `words`,
`region_embeddings`, `token_embeddings_list`.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any, Self, TypeVar

import numpy as np
import torch
from PIL import Image
from sentence_transformers.base.modules import InputModule, Module
from torch.nn import functional as F

from vdr.page_reader.codes import WordCodes
from vdr.page_reader.reading import Reader
from vdr.types import Word
from vdr.words import terms

Features = dict[str, Any]
Saved = TypeVar("Saved", bound=Module)
_MAX_ENLARGEMENT = 2.0


class QueryText(InputModule):
    """Splits texts into the words that a page reader looks for."""

    config_keys: list[str] = []  # noqa: RUF012

    @property
    def modalities(self) -> list[str]:
        """Text alone."""
        return ["text"]

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> Features:  # noqa: ANN401
        """`query_words`: the distinct words of each text, in order; a prompt is left out."""
        return {"query_words": [list(dict.fromkeys(terms(text))) for text in inputs]}

    def forward(self, features: Features) -> Features:
        """Passes the words on."""
        return features

    def save(self, output_path: str, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Writes the (empty) configuration."""
        self.save_config(output_path)

    @classmethod
    def load(cls, *_: Any, **__: Any) -> Self:  # noqa: ANN401
        """There is nothing to load."""
        return cls()


class PageImage(InputModule):
    """Reads page images: `page_words` for each, every word with its box and confidence.

    With a `pool` pages are read side by side in its threads, which pays where torch itself runs on one.
    """

    config_keys: list[str] = ["long_side"]  # noqa: RUF012

    def __init__(self, reader: Reader | None = None, long_side: int = 1_536) -> None:
        super().__init__()
        self.reader = reader or Reader()
        self.long_side = long_side
        self.pool: Executor | None = None

    @property
    def modalities(self) -> list[str]:
        """Images alone."""
        return ["image"]

    def preprocess(self, inputs: Sequence[Image.Image], prompt: str | None = None, **_: Any) -> Features:  # noqa: ANN401
        """`pages` (batch, height, width) in gray uint8, white where a page is smaller, and their `sizes`."""
        images = [_gray(image, self.long_side) for image in inputs]
        height, width = (max(image.shape[axis] for image in images) for axis in (0, 1))
        pages = torch.full((len(images), height, width), 255, dtype=torch.uint8)
        for page, image in zip(pages, images, strict=True):
            page[: image.shape[0], : image.shape[1]] = torch.from_numpy(image)
        return {"pages": pages, "sizes": torch.tensor([image.shape for image in images])}

    def forward(self, features: Features) -> Features:
        """Adds `page_words`."""
        pages = zip(features["pages"], features["sizes"].tolist(), strict=True)
        cut = [page[:height, :width] for page, (height, width) in pages]
        each = map if self.pool is None else self.pool.map
        features["page_words"] = list(each(lambda page: self.reader.read(page.float() / 255), cut))
        return features

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Writes configuration and weights."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote."""
        return _loaded(cls, model_name_or_path, subfolder, kwargs)


class WordSuperposition(Module):
    """Turns words into one unit vector (dims,) a text or page, and into the codes late interaction compares.

    `region_embeddings`: per page, (regions, region_dims) codes of its distinct words, as long as their
    confidence. `token_embeddings_list`: per text, (words, region_dims) codes whose lengths are the words'
    weights and sum to 1, so that their MaxSim is the share of the question that the page holds.
    """

    config_keys: list[str] = [  # noqa: RUF012
        "dims",
        "buckets",
        "weight_buckets",
        "seed",
        "region_dims",
        "max_regions",
    ]

    def __init__(
        self,
        dims: int = 1_024,
        buckets: int = 16_384,
        weight_buckets: int = 65_536,
        seed: int = 7,
        region_dims: int = 128,
        max_regions: int = 384,
    ) -> None:
        super().__init__()
        self.dims, self.buckets, self.weight_buckets, self.seed = dims, buckets, weight_buckets, seed
        self.region_dims, self.max_regions = region_dims, max_regions
        self.codes = WordCodes(dims, buckets, weight_buckets, seed)

    def get_embedding_dimension(self) -> int:
        """Width of `sentence_embedding`."""
        return self.dims

    def forward(self, features: Features) -> Features:
        """Adds `sentence_embedding` (batch, dims) and the codes for late interaction."""
        if "page_words" in features:
            return self._pages(features)
        words = features["query_words"]
        features["sentence_embedding"] = torch.stack([self.codes.query(w) for w in words])
        features["token_embeddings_list"] = [self._tokens(w) for w in words]
        return features

    def _pages(self, features: Features) -> Features:
        counted = [count_words(words) for words in features["page_words"]]
        features["sentence_embedding"] = torch.stack(
            [self.codes.page(list(c), [n for n, _ in c.values()]) for c in counted]
        )
        features["region_embeddings"] = [self._regions(c) for c in counted]
        return features

    def _regions(self, counted: dict[str, tuple[float, float]]) -> torch.Tensor:
        words = list(counted)
        if len(words) > self.max_regions:
            order = self.codes.word_weights(words).argsort(descending=True, stable=True)
            words = [words[i] for i in order[: self.max_regions].tolist()]
        confidence = torch.tensor([counted[w][1] for w in words])
        return self._short_codes(words) * confidence[:, None]

    def _tokens(self, words: Sequence[str]) -> torch.Tensor:
        weights = self.codes.word_weights(words)
        weights = weights / weights.sum().clamp(min=1e-6)
        return self._short_codes(words) * weights[:, None]

    def _short_codes(self, words: Sequence[str]) -> torch.Tensor:
        return F.normalize(self.codes.codes(words)[:, : self.region_dims], dim=-1)

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Writes configuration and weights; the random signs are made anew from their seed."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote."""
        return _loaded(cls, model_name_or_path, subfolder, kwargs)


def count_words(words: Sequence[Word]) -> dict[str, tuple[float, float]]:
    """Distinct terms of read words: how often each occurs, counted by confidence, and its best confidence."""
    counted: dict[str, tuple[float, float]] = {}
    for word in words:
        for term in terms(word.text):
            count, best = counted.get(term, (0.0, 0.0))
            counted[term] = (count + word.confidence, max(best, word.confidence))
    return counted


def _gray(image: Image.Image, long_side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The image in gray, its long side as asked; small ones are enlarged up to _MAX_ENLARGEMENT times."""
    scale = min(long_side / max(image.size), _MAX_ENLARGEMENT)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    gray = image.convert("L")
    return np.array(
        gray if size == image.size else gray.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    )


def _loaded(kind: type[Saved], path: str, subfolder: str, options: dict[str, Any]) -> Saved:
    """A module with the configuration and the weights of a checkpoint's folder, ready to answer."""
    where = ("token", "cache_folder", "revision", "local_files_only")
    hub = {name: value for name, value in options.items() if name in where}
    module = kind(**kind.load_config(path, subfolder=subfolder, **hub))
    kind.load_torch_weights(path, subfolder=subfolder, model=module, **hub)
    module.eval()
    return module
