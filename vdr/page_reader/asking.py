"""Questions as vectors in numpy alone: what QueryText and WordSuperposition make of a text.

Whoever only asks is spared torch, which takes seconds to import. The modules remain what trains and what
embeds pages; a test holds both to the same vectors.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from vdr.page_reader.hashes import NO_HASH, hash_table, part_shares, signs_of
from vdr.page_reader.questions import FILE, QuestionWords
from vdr.page_reader.traits import QUERY_TRAITS, word_traits
from vdr.types import FloatArray
from vdr.words import wholes

# How long a meaning is beside a word's own code. Of 0.5, 0.7 and 1 the one that costs a search for the very
# words nothing (docs/decisions/0015-meanings.md).
MEANING = 0.5
_LEAST = 1e-12  # below it a vector counts as zero, as in torch's normalize


@dataclass(frozen=True, slots=True)
class AskedVectors:
    """A question: `embedding` (dims,) and `tokens` (words, region_dims) for late interaction."""

    embedding: FloatArray
    tokens: FloatArray


class QuestionReader:
    """Turns texts into vectors, by the weights of a page reader's checkpoint; threads may share one."""

    def __init__(self, words: QuestionWords, config: Mapping[str, Any], weights: Mapping[str, Any]) -> None:
        self.words = words
        self.dims, self.region_dims = int(config["dims"]), int(config["region_dims"])
        self._config, self._weights = config, weights
        self._signs = signs_of(config["buckets"], self.dims, config["seed"])

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The checkpoint in a folder. Raises OSError, LookupError and ValueError where it is not sound."""
        router, superposition = _modules(folder)
        asked = router / _route(router)
        words = QuestionWords.read(asked / FILE) if (asked / FILE).is_file() else QuestionWords()
        config = {**_DEFAULTS, **json.loads((superposition / "config.json").read_text())}
        return cls(words, config, load_file(superposition / "model.safetensors"))

    def vectors(self, text: str) -> AskedVectors:
        """The vectors of a text, equal to those of the modules but for rounding."""
        asked = list(dict.fromkeys(wholes(text)))
        standing = self.words.expand(asked)
        words = [*asked, *standing]
        if not words:
            return AskedVectors(np.zeros(self.dims, np.float32), np.zeros((0, self.region_dims), np.float32))
        hashes, codes = hash_table(words), self._codes(hash_table(words))
        shares = self._shares(words, asked, standing, hashes)
        places = {word: place for place, word in enumerate(asked)}
        groups = np.array([*places.values(), *(places[of] for of, _ in standing.values())])
        own = self._with_meanings(codes, hashes)[: len(asked)]
        return AskedVectors(self._embedding(own, shares[: len(asked)]), self._tokens(codes, shares, groups))

    def _embedding(self, codes: FloatArray, shares: FloatArray) -> FloatArray:
        summed = (codes * shares[:, None]).sum(axis=0)
        if self._config["projection"]:
            summed = summed @ self._weight("project.weight").T
        return _unit(summed)

    def _tokens(self, codes: FloatArray, shares: FloatArray, groups: npt.NDArray[np.int64]) -> FloatArray:
        """To each word asked the codes of those that stand for it are added."""
        count = len(np.unique(groups))
        cut = codes[:, : self.region_dims]
        weighed = _unit(cut - cut.mean(axis=-1, keepdims=True))
        weighed *= (shares / max(float(shares[:count].sum()), 1e-6))[:, None]
        summed = np.zeros((count, self.region_dims), np.float32)
        np.add.at(summed, groups, weighed)
        return summed

    def _shares(
        self,
        words: Sequence[str],
        asked: Sequence[str],
        standing: Mapping[str, tuple[str, float]],
        hashes: npt.NDArray[np.int64],
    ) -> FloatArray:
        """How much each word (words,) counts in the question."""
        counts = [self.words.weight(word) for word in asked]
        counts += [share * self.words.weight(of) for of, share in standing.values()]
        table = self._weight("codes.query_weights")
        shares: FloatArray = table[hashes[:, 0] % len(table)] * np.array(counts, np.float32)
        if self._config["traits"]:
            looks = np.array([word_traits(word) + QUERY_TRAITS for word in words], np.float32)
            shares = shares * np.exp(looks @ self._weight("query_traits.weight")[0])
        return shares

    def _codes(self, hashes: npt.NDArray[np.int64]) -> FloatArray:
        """Unit codes (words, dims): see WordCodes."""
        parts = hashes[:, 1:]
        is_part = parts != NO_HASH
        rows = self._signs(parts[is_part] % self._config["buckets"]) * part_shares(is_part)[:, None]
        starts = np.cumsum(is_part.sum(axis=1)) - is_part.sum(axis=1)
        return _unit(np.add.reduceat(rows, starts, axis=0))

    def _with_meanings(self, codes: FloatArray, hashes: npt.NDArray[np.int64]) -> FloatArray:
        """Unit codes (words, dims) of which the first numbers also tell what the words mean."""
        if not self._config["meanings"]:
            return codes
        checksums = self._weights["meaning_of.checksums"]
        place = np.minimum(np.searchsorted(checksums, hashes[:, 0]), len(checksums) - 1)
        meant = _unit(self._weights["meaning_of.vectors"][place].astype(np.float32))
        meant *= (checksums[place] == hashes[:, 0])[:, None] * np.float32(MEANING)
        whole = codes.copy()
        whole[:, : meant.shape[1]] += meant
        return _unit(whole)

    def _weight(self, name: str) -> FloatArray:
        weight: FloatArray = self._weights[name].astype(np.float32)
        return weight


_DEFAULTS = {"projection": False, "traits": False, "meanings": 0, "meaning_dims": 0}


def _modules(folder: Path) -> tuple[Path, Path]:
    """The folders of a checkpoint's Router and of its WordSuperposition."""
    listed = json.loads((folder / "modules.json").read_text())
    paths = {module["type"].rpartition(".")[2]: folder / module["path"] for module in listed}
    return paths["Router"], paths["WordSuperposition"]


def _route(router: Path) -> str:
    """The folder, within a Router's, of the module that texts go to."""
    config = json.loads((router / "router_config.json").read_text())
    return str(config["structure"]["text"][0])


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, _LEAST)).astype(np.float32)
    return unit
