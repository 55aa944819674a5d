"""The page reader as Sentence Transformers modules: `SentenceTransformer(path)` alone loads it.

A Router sends text to `QueryText` and images to `PageImage`; both end in words, which `WordSuperposition`
turns into one vector each. Beside `sentence_embedding` the features keep what was read: `page_words`,
`region_embeddings`, `token_embeddings_list`.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import torch
from PIL import Image
from sentence_transformers.base.modules import InputModule, Module
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from vdr.closer import CLOSER_LOOK, read_closely
from vdr.page_reader.asking import MEANING
from vdr.page_reader.calibration import Calibration
from vdr.page_reader.codes import WordCodes
from vdr.page_reader.features import TRAITS, Features, Occurrences, count_words, word_features
from vdr.page_reader.meanings import Meanings
from vdr.page_reader.quantized import FOLDER, QuantizedReader
from vdr.page_reader.questions import FILE, QuestionWords
from vdr.page_reader.reading import Reader
from vdr.types import Word
from vdr.words import wholes

Saved = TypeVar("Saved", bound=Module)
_MAX_ENLARGEMENT = 2.0
# A word of a query: it has no place and no print.
_ASKED = Occurrences(1.0, 1.0, 0.0, 0.0)


class QueryText(InputModule):
    """Splits texts into the words that a page reader looks for, those that say much the same included."""

    config_keys: list[str] = []  # noqa: RUF012

    def __init__(self, words: QuestionWords | None = None) -> None:
        super().__init__()
        self.words = words or QuestionWords()

    @property
    def modalities(self) -> list[str]:
        """Text alone."""
        return ["text"]

    def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> Features:  # noqa: ANN401
        """The distinct words of each text, in order, then related ones; a prompt is left out.

        `word_counts` are their weights, `word_groups` (batch, words) the places of the words they stand for:
        asked words for themselves.
        """
        asked = [list(dict.fromkeys(wholes(text))) for text in inputs]
        standing = [self.words.expand(words) for words in asked]
        counted = [self._weighted(*each) for each in zip(asked, standing, strict=True)]
        groups = [_groups(*each) for each in zip(asked, standing, strict=True)]
        return {
            **word_features(counted),
            "word_groups": pad_sequence(groups, batch_first=True),
            "is_query": True,
        }

    def _weighted(
        self, asked: Sequence[str], standing: Mapping[str, tuple[str, float]]
    ) -> dict[str, Occurrences]:
        own = {word: _ASKED._replace(times=self.words.weight(word)) for word in asked}
        others = {
            word: _ASKED._replace(times=share * self.words.weight(of))
            for word, (of, share) in standing.items()
        }
        return own | others

    def forward(self, features: Features) -> Features:
        """Passes the words on."""
        return features

    def save(self, output_path: str, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Writes the (empty) configuration, and what is known of words."""
        self.save_config(output_path)
        self.words.write(Path(output_path) / FILE)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote; a checkpoint without a word about words is an old one, and fine."""
        folder = cls.load_dir_path(model_name_or_path, subfolder=subfolder, **_hub_options(kwargs))
        file = Path(folder or "") / FILE
        return cls(QuestionWords.read(file) if file.is_file() else None)


def _groups(asked: Sequence[str], standing: Mapping[str, tuple[str, float]]) -> torch.Tensor:
    places = {word: place for place, word in enumerate(asked)}
    return torch.tensor([*places.values(), *(places[of] for of, _ in standing.values())], dtype=torch.long)


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
        return self.of_words(self.read(inputs))

    @staticmethod
    def of_words(page_words: Sequence[list[Word]]) -> Features:
        """The same of pages that have been read."""
        return {
            **word_features([count_words(words) for words in page_words]),
            "is_query": False,
            "page_words": list(page_words),
        }

    def read(self, images: Sequence[Image.Image]) -> list[list[Word]]:
        """The words of each page."""
        each = map if self.pool is None else self.pool.map
        return list(each(self._remembered, images))

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
        words = self._read_pixels(_gray(image, self.long_side))
        if look := image.info.get(CLOSER_LOOK):
            words = read_closely(words, image.size, look, lambda tile: self._read_pixels(np.array(tile)))
        return Calibration(self.offset, self.slope).apply(words)

    def _read_pixels(self, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> list[Word]:
        page = torch.from_numpy(pixels)
        return (self.quantized or self.reader).read(page.float().mul_(1 / 255))

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

    The vector is the weighted sum of the words' codes, related words left out, through a learned matrix where
    there is a `projection`; with `traits` the weights also depend on what a word looks like. With `meanings`
    of so many words, of `meaning_dims` numbers each, words of like meaning are near in it.
    `region_embeddings`: per page, (regions, region_dims) codes of its distinct words, as long as their
    confidence.
    `token_embeddings_list`: per text, (words, region_dims) codes whose lengths are the weights of its words
    and sum to 1: their MaxSim is the share of the question that the page contains. To each the codes of its
    related words are added, so that the best of them counts and no two do. As part of a multi-vector
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
        "meanings",
        "meaning_dims",
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
        meanings: int = 0,
        meaning_dims: int = 0,
    ) -> None:
        super().__init__()
        self.dims, self.buckets, self.weight_buckets, self.seed = dims, buckets, weight_buckets, seed
        self.region_dims, self.max_regions, self.projection = region_dims, max_regions, projection
        self.codes = WordCodes(dims, buckets, weight_buckets, seed)
        self.is_late_interaction = False
        self.project = _identity(dims) if projection else None
        self.traits = traits
        self.page_traits, self.query_traits = (_nothing() if traits else None for _ in range(2))
        self.meanings, self.meaning_dims = meanings, meaning_dims
        self.meaning_of = Meanings(meanings, meaning_dims) if meanings else None

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

    def add_meanings(self, meanings: Meanings) -> None:
        """Lets words of like meaning be near in the vectors, in place of what it knew of meanings."""
        self.meaning_of, (self.meanings, self.meaning_dims) = meanings, meanings.vectors.shape

    def forward(self, features: Features) -> Features:
        """Adds `sentence_embedding` (batch, dims) and, but while training, the codes for late interaction."""
        counts = features["word_counts"]  # (batch, words)
        is_word = counts > 0
        hashes = features["input_ids"][is_word]
        codes = self.codes.codes_of(hashes)
        confidence = features["word_confidence"][is_word]
        shares = self.shares_of(features, hashes, is_word)
        owner = is_word.nonzero()[:, 0]
        parts = shares * _is_asked(features)[is_word] if features["is_query"] else shares
        meant = self._with_meanings(codes, hashes)
        summed = torch.zeros(len(counts), self.dims).index_add(0, owner, meant * parts[:, None])
        projected = summed if self.project is None else self.project(summed)
        features["sentence_embedding"] = F.normalize(projected, dim=-1)
        if self.training and not self.is_late_interaction:
            return features
        sizes = is_word.sum(1).tolist()
        if features["is_query"]:
            each = (codes, shares, features["word_groups"][is_word])
            rows = zip(*(values.split(sizes) for values in each), strict=True)
            features["token_embeddings_list"] = [self._tokens(*row) for row in rows]
        else:
            each = (codes, self.codes.query_weights_of(hashes), confidence)
            rows = zip(*(values.split(sizes) for values in each), strict=True)
            features["region_embeddings"] = [self._regions(*row) for row in rows]
        if self.is_late_interaction:
            _add_tokens(features)
        return features

    def _with_meanings(self, codes: torch.Tensor, hashes: torch.Tensor) -> torch.Tensor:
        """Unit codes (words, dims) of which the first numbers also tell what the words mean."""
        if self.meaning_of is None:
            return codes
        meant = MEANING * self.meaning_of(hashes[:, 0])
        return F.normalize(codes + F.pad(meant, (0, self.dims - self.meaning_dims)), dim=-1)

    def shares_of(self, features: Features, hashes: torch.Tensor, is_word: torch.Tensor) -> torch.Tensor:
        """How much each word (words,) counts in its query or page."""
        if features["is_query"]:
            shares: torch.Tensor = self.codes.query_weights_of(hashes) * features["word_counts"][is_word]
            looks = self.query_traits
        else:
            shares = self.codes.page_weights_of(hashes, features["word_counts"][is_word])
            looks = self.page_traits
        return shares if looks is None else shares * looks(features["word_traits"][is_word])[:, 0].exp()

    def _regions(self, codes: torch.Tensor, weights: torch.Tensor, confidence: torch.Tensor) -> torch.Tensor:
        kept = self.kept(weights)
        return self.short_codes(codes[kept]) * confidence[kept, None]

    def kept(self, weights: torch.Tensor) -> torch.Tensor:
        """The places of those of a page's words (words,) that have a code: the heaviest in a question."""
        if len(weights) <= self.max_regions:
            return torch.arange(len(weights))
        return weights.argsort(descending=True, stable=True)[: self.max_regions]

    def _tokens(self, codes: torch.Tensor, weights: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        asked = len(groups.unique())
        weighed = self.short_codes(codes) * (weights / weights[:asked].sum().clamp(min=1e-6))[:, None]
        summed: torch.Tensor = torch.zeros(asked, self.region_dims).index_add(0, groups, weighed)
        return summed

    def short_codes(self, codes: torch.Tensor) -> torch.Tensor:
        """Unit codes (words, region_dims) whose numbers sum to 0, so that they can be stored as bytes."""
        cut = codes[:, : self.region_dims]
        return F.normalize(cut - cut.mean(-1, keepdim=True), dim=-1)

    def save(self, output_path: str, *_: Any, safe_serialization: bool = True, **__: Any) -> None:  # noqa: ANN401
        """Writes configuration and weights; the random signs are rebuilt from their seed."""
        self.save_config(output_path)
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> Self:  # noqa: ANN401
        """Reads what `save` wrote."""
        return _loaded(cls, model_name_or_path, subfolder, kwargs)


def _is_asked(features: Features) -> torch.Tensor:
    """Whether words of a query (batch, words) are asked for themselves."""
    groups: torch.Tensor = features["word_groups"]
    return groups == torch.arange(groups.shape[1])


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
