"""The page reader as Sentence Transformers modules: `SentenceTransformer(path)` alone loads it.

A Router sends text to `QueryText` and images to `PageImage`; both end in words, which `WordSuperposition`
turns into one vector each. Beside `sentence_embedding` the features keep what was read: `page_words`,
`region_embeddings`, `token_embeddings_list`.
"""

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import torch
from PIL import Image
from sentence_transformers.base.modules import InputModule, Module
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from vdr.page_reader.calibration import Calibration
from vdr.page_reader.codes import NO_HASH, WordCodes, hash_words
from vdr.page_reader.quantized import FOLDER, QuantizedReader
from vdr.page_reader.reading import Reader
from vdr.types import Word
from vdr.words import terms

Features = dict[str, Any]
Saved = TypeVar("Saved", bound=Module)
_MAX_ENLARGEMENT = 2.0
TRAITS = 5
_YEAR = re.compile("(19|20)[0-9]{2}")
_LONG, _LARGEST = 12, 4.0


class Occurrences(NamedTuple):
    """A distinct term of a page.

    How often it occurs, counted by confidence; its best confidence; how high its largest print is, as a share
    of the page; how near to the top it stands, from 0 to 1.
    """

    times: float
    confidence: float
    height: float
    top: float


# A word of a query: it has no place and no print.
_ASKED = Occurrences(1.0, 1.0, 0.0, 0.0)


class QueryText(InputModule):
    """Splits texts into the words that a page reader looks for."""

    config_keys: list[str] = []  # noqa: RUF012

    @property
    def modalities(self) -> list[str]:
        """Text alone."""
        return ["text"]

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> Features:  # noqa: ANN401
        """The distinct words of each text, in order; a prompt is left out."""
        return {
            **word_features([dict.fromkeys(terms(text), _ASKED) for text in inputs]),
            "is_query": True,
        }

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

    `quantized` reads in place of `reader`, where a checkpoint has it. With a `pool` pages are read side by
    side in its threads, which pays where the nets themselves run on one. Nothing learns from reading, so it
    is done while inputs are prepared; with a `memory`, a page whose image has a `page_id` in its `info` is
    read only once. `offset` and `slope` are those of the Calibration of its words' confidence.
    """

    config_keys: list[str] = ["long_side", "offset", "slope"]  # noqa: RUF012

    def __init__(
        self, reader: Reader | None = None, long_side: int = 1_536, offset: float = 0.0, slope: float = 1.0
    ) -> None:
        super().__init__()
        self.reader = reader or Reader()
        self.long_side = long_side
        self.offset, self.slope = offset, slope
        self.quantized: QuantizedReader | None = None
        self.pool: Executor | None = None
        self.memory: dict[str, list[Word]] | None = None

    @property
    def modalities(self) -> list[str]:
        """Images alone."""
        return ["image"]

    def preprocess(self, inputs: Sequence[Image.Image], prompt: str | None = None, **_: Any) -> Features:  # noqa: ANN401
        """`page_words` of each page, and the same words as tensors."""
        each = map if self.pool is None else self.pool.map
        page_words = list(each(self._remembered, inputs))
        return {
            **word_features([count_words(words) for words in page_words]),
            "is_query": False,
            "page_words": page_words,
        }

    def forward(self, features: Features) -> Features:
        """Passes the words on."""
        return features

    def _remembered(self, image: Image.Image) -> list[Word]:
        known_as = image.info.get("page_id")
        if self.memory is None or known_as is None:
            return self._read(image)
        if known_as not in self.memory:
            self.memory[known_as] = self._read(image)
        return self.memory[known_as]

    def _read(self, image: Image.Image) -> list[Word]:
        page = torch.from_numpy(_gray(image, self.long_side))
        words = (self.quantized or self.reader).read(page.float().mul_(1 / 255))
        return Calibration(self.offset, self.slope).apply(words)

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Writes configuration and weights, and the quantized nets that were made from them."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)
        if self.quantized is not None:
            self.quantized.copy_to(Path(output_path) / FOLDER)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote; quantized nets that were made from other weights are passed by."""
        module = _loaded(cls, model_name_or_path, subfolder, kwargs)
        folder = cls.load_dir_path(model_name_or_path, subfolder=subfolder, **_hub_options(kwargs))
        if folder is not None:
            module.quantized = QuantizedReader.find(Path(folder) / FOLDER, module.reader)
        return module


class WordSuperposition(Module):
    """Turns words into one unit vector (dims,) a text or page, and into the codes late interaction compares.

    The vector is the weighted sum of the words' codes, through a learned matrix where there is a
    `projection`; with `traits` the weights also depend on what a word looks like. `region_embeddings`: per
    page, (regions, region_dims) codes of its distinct words, as long as their confidence.
    `token_embeddings_list`: per text, (words, region_dims) codes whose lengths are the weights of its words
    and sum to 1: their MaxSim is the share of the question that the page holds. As part of a multi-vector
    encoder (`is_late_interaction`) the codes also come in the form that one has.
    """

    config_keys: list[str] = [  # noqa: RUF012
        "dims",
        "buckets",
        "weight_buckets",
        "seed",
        "region_dims",
        "max_regions",
        "projection",
        "traits",
    ]

    def __init__(
        self,
        dims: int = 1_024,
        buckets: int = 16_384,
        weight_buckets: int = 65_536,
        seed: int = 7,
        region_dims: int = 64,
        max_regions: int = 256,
        projection: bool = False,
        traits: bool = False,
    ) -> None:
        super().__init__()
        self.dims, self.buckets, self.weight_buckets, self.seed = dims, buckets, weight_buckets, seed
        self.region_dims, self.max_regions, self.projection = region_dims, max_regions, projection
        self.codes = WordCodes(dims, buckets, weight_buckets, seed)
        self.is_late_interaction = False
        self.project = _identity(dims) if projection else None
        self.traits = traits
        self.page_traits, self.query_traits = (_nothing() if traits else None for _ in range(2))

    def get_embedding_dimension(self) -> int:
        """Width of `sentence_embedding`."""
        return self.dims

    def add_projection(self) -> None:
        """Gives the vectors a matrix to learn, which as yet changes nothing."""
        if self.project is None:
            self.project, self.projection = _identity(self.dims), True

    def add_traits(self) -> None:
        """Lets the weights of words depend on what they look like, which as yet changes nothing."""
        if self.page_traits is None:
            self.page_traits, self.query_traits, self.traits = _nothing(), _nothing(), True

    def forward(self, features: Features) -> Features:
        """Adds `sentence_embedding` (batch, dims) and, but while training, the codes for late interaction."""
        counts = features["word_counts"]  # (batch, words)
        is_word = counts > 0
        hashes = features["input_ids"][is_word]
        codes = self.codes.codes_of(hashes)
        confidence = features["word_confidence"][is_word]
        shares = self._shares(features, hashes, is_word)
        owner = is_word.nonzero()[:, 0]
        summed = torch.zeros(len(counts), self.dims).index_add(0, owner, codes * shares[:, None])
        projected = summed if self.project is None else self.project(summed)
        features["sentence_embedding"] = F.normalize(projected, dim=-1)
        if self.training and not self.is_late_interaction:
            return features
        weights = shares if features["is_query"] else self.codes.query_weights_of(hashes)
        sizes = is_word.sum(1).tolist()
        rows = zip(codes.split(sizes), weights.split(sizes), confidence.split(sizes), strict=True)
        if features["is_query"]:
            features["token_embeddings_list"] = [self._tokens(c, w) for c, w, _ in rows]
        else:
            features["region_embeddings"] = [self._regions(*row) for row in rows]
        if self.is_late_interaction:
            _add_tokens(features)
        return features

    def _shares(self, features: Features, hashes: torch.Tensor, is_word: torch.Tensor) -> torch.Tensor:
        """How much each word (words,) counts in its query or page."""
        if features["is_query"]:
            shares, looks = self.codes.query_weights_of(hashes), self.query_traits
        else:
            shares = self.codes.page_weights_of(hashes, features["word_counts"][is_word])
            looks = self.page_traits
        return shares if looks is None else shares * looks(features["word_traits"][is_word])[:, 0].exp()

    def _regions(self, codes: torch.Tensor, weights: torch.Tensor, confidence: torch.Tensor) -> torch.Tensor:
        if len(codes) > self.max_regions:
            kept = weights.argsort(descending=True, stable=True)[: self.max_regions]
            codes, confidence = codes[kept], confidence[kept]
        return self._short(codes) * confidence[:, None]

    def _tokens(self, codes: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return self._short(codes) * (weights / weights.sum().clamp(min=1e-6))[:, None]

    def _short(self, codes: torch.Tensor) -> torch.Tensor:
        """Unit codes (words, region_dims) whose numbers sum to 0, so that they can be stored as bytes."""
        cut = codes[:, : self.region_dims]
        return F.normalize(cut - cut.mean(-1, keepdim=True), dim=-1)

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Writes configuration and weights; the random signs are made anew from their seed."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote."""
        return _loaded(cls, model_name_or_path, subfolder, kwargs)


def count_words(words: Sequence[Word]) -> dict[str, Occurrences]:
    """The distinct terms of read words."""
    counted: dict[str, Occurrences] = {}
    for word in words:
        here = Occurrences(
            word.confidence, word.confidence, word.box.y1 - word.box.y0, max(1 - word.box.y0, 0.0)
        )
        for term in terms(word.text):
            before = counted.get(term)
            counted[term] = here if before is None else _both(before, here)
    return counted


def _both(one: Occurrences, other: Occurrences) -> Occurrences:
    return Occurrences(
        one.times + other.times,
        max(one.confidence, other.confidence),
        max(one.height, other.height),
        max(one.top, other.top),
    )


def word_features(counted: Sequence[Mapping[str, Occurrences]]) -> Features:
    """Words as tensors: hashes (batch, words, longest), traits (batch, words, TRAITS), counts and confidences
    (batch, words).

    Rows with fewer words end in words that occur 0 times. Trainers know the inputs of a column by the name
    `input_ids`.
    """
    rows = [hash_words(list(words)) for words in counted]
    counts = [torch.tensor([each.times for each in words.values()]) for words in counted]
    confidence = [torch.tensor([each.confidence for each in words.values()]) for words in counted]
    longest = max((row.shape[1] for row in rows), default=1)
    wide = [F.pad(row, (0, longest - row.shape[1]), value=NO_HASH) for row in rows]
    return {
        "input_ids": pad_sequence(wide, batch_first=True, padding_value=NO_HASH),
        "word_traits": pad_sequence([_traits(words) for words in counted], batch_first=True),
        "word_counts": pad_sequence(counts, batch_first=True),
        "word_confidence": pad_sequence(confidence, batch_first=True),
    }


def _traits(words: Mapping[str, Occurrences]) -> torch.Tensor:
    """What can be said of words never seen (words, TRAITS): whether they hold a digit, are a year, how long
    they are; in a page also how large they are printed beside its other words, and how near to the top."""
    if not words:
        return torch.zeros(0, TRAITS)
    usual = statistics.median(each.height for each in words.values()) or 1.0
    return torch.tensor(
        [
            (
                float(any(c.isdigit() for c in word)),
                float(_YEAR.fullmatch(word) is not None),
                min(len(word), _LONG) / _LONG,
                math.log2(min(max(each.height / usual, 1 / _LARGEST), _LARGEST)) if each.height else 0.0,
                each.top**4,  # of the page's height only the first tenths are told apart
            )
            for word, each in words.items()
        ]
    )


def _add_tokens(features: Features) -> None:
    """The codes as multi-vector encoders have them: (batch, tokens, region_dims), and a mask of them."""
    codes = features["token_embeddings_list" if features["is_query"] else "region_embeddings"]
    features["token_embeddings"] = pad_sequence(codes, batch_first=True)
    lengths = torch.tensor([len(each) for each in codes])
    features["attention_mask"] = torch.arange(int(lengths.max()))[None] < lengths[:, None]


def _nothing() -> nn.Linear:
    """A linear map that gives zero until it has learned."""
    none = nn.Linear(TRAITS, 1, bias=False)
    nn.init.zeros_(none.weight)
    return none


def _identity(dims: int) -> nn.Linear:
    matrix = nn.Linear(dims, dims, bias=False)
    nn.init.eye_(matrix.weight)
    return matrix


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
    hub = _hub_options(options)
    module = kind(**kind.load_config(path, subfolder=subfolder, **hub))
    kind.load_torch_weights(path, subfolder=subfolder, model=module, **hub)
    module.eval()
    return module


def _hub_options(options: dict[str, Any]) -> dict[str, Any]:
    where = ("token", "cache_folder", "revision", "local_files_only")
    return {name: value for name, value in options.items() if name in where}
