"""What a report says, as values: read from the files of a run, before any of it is drawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.fit.run_folder import RunFolder

_NAMES = {
    "bm25": "BM25 on the text layer",
    "embedder": "the embedder alone",
    "base": "base",
    "tuned": "fine-tuned",
    "base+rerank": "reranked by the base",
    "tuned+rerank": "reranked, fine-tuned",
}
_INT8, _FLOAT16 = 1, 2  # bytes a dimension


@dataclass(frozen=True, slots=True)
class Score:
    """A system's nDCG@10 with its 95 % interval; the best of a column is marked."""

    mean: float
    low: float
    high: float
    is_best: bool


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table: within the document, and over all pages."""

    name: str
    within: Score
    corpus: Score


@dataclass(frozen=True, slots=True)
class Headline:
    """By how much training changed nDCG@10 over all pages, in words and numbers."""

    before: float
    after: float
    low: float
    high: float
    error_removed: float
    share_above_zero: float

    @property
    def verdict(self) -> str:
        """Whether anything is shown: the interval of the gain says so."""
        if self.low > 0:
            return "Training made it better."
        if self.high < 0:
            return "Training made it worse."
        return "No gain is shown: its interval holds zero."


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a number of dimensions costs and keeps, before and after."""

    dims: int
    base: float
    tuned: float
    base_kept: float
    tuned_kept: float

    @property
    def bytes_float16(self) -> int:
        """Bytes a page in half precision."""
        return self.dims * _FLOAT16

    @property
    def bytes_int8(self) -> int:
        """Bytes a page in eight bits."""
        return self.dims * _INT8


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its right pages and what was found before and after."""

    query: str
    expected: tuple[str, ...]
    before: float
    after: float
    found_before: tuple[str, ...]
    found_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of a run but its pictures."""

    result: Mapping[str, Any]
    headline: Headline
    systems: tuple[System, ...]
    dimensions: tuple[Dimension, ...]
    answers: tuple[Answer, ...]

    def failures(self, count: int) -> list[Answer]:
        """Questions without a right page in the first place, the worst first."""
        missed = [each for each in self.answers if not set(each.found_after[:1]) & set(each.expected)]
        return sorted(missed, key=lambda each: each.after)[:count]

    def losses(self, count: int) -> list[Answer]:
        """Questions that training made worse, the most so first."""
        worse = [each for each in self.answers if each.after < each.before]
        return sorted(worse, key=lambda each: each.after - each.before)[:count]

    def gains(self, count: int) -> list[Answer]:
        """Questions that training made better, the most so first."""
        better = [each for each in self.answers if each.after > each.before]
        return sorted(better, key=lambda each: each.before - each.after)[:count]


def read_facts(folder: RunFolder) -> Facts:
    """The facts of a finished run. Raises BadInput for a folder that is none."""
    result = folder.read_result()
    answers = [json.loads(line) for line in folder.answers.read_text().splitlines()]
    return Facts(
        result,
        _headline(result),
        _systems(result["systems"]),
        _dimensions(result),
        tuple(_answer(line) for line in answers),
    )


def _headline(result: Mapping[str, Any]) -> Headline:
    name, gain = next(iter(result["gain"].items()))
    suffix = {"reranker": "+rerank", "embedder": f"@{name}"}.get(result["kind"], "")
    before, after = (result["systems"][each + suffix]["corpus"]["ndcg@10"] for each in ("base", "tuned"))
    low, high = gain["corpus"]["ndcg@10_interval"]
    return Headline(
        before, after, low, high, gain["corpus"]["error_removed"], gain["corpus"]["share_above_zero"]
    )


def _systems(systems: Mapping[str, Any]) -> tuple[System, ...]:
    best = {scope: max(each[scope]["ndcg@10"] for each in systems.values()) for scope in ("within", "corpus")}
    return tuple(
        System(_named(name), _score(each["within"], best["within"]), _score(each["corpus"], best["corpus"]))
        for name, each in systems.items()
    )


def _named(system: str) -> str:
    name, _, dims = system.partition("@")
    return _NAMES.get(name, name) + (f", {dims} dimensions" if dims else "")


def _score(told: Mapping[str, Any], best: float) -> Score:
    low, high = told["ndcg@10_interval"]
    return Score(told["ndcg@10"], low, high, told["ndcg@10"] == best)


def _dimensions(result: Mapping[str, Any]) -> tuple[Dimension, ...]:
    kept = result.get("kept", {"base": {}, "tuned": {}})
    return tuple(
        Dimension(
            int(dims),
            result["systems"][f"base@{dims}"]["corpus"]["ndcg@10"],
            result["systems"][f"tuned@{dims}"]["corpus"]["ndcg@10"],
            kept["base"][dims]["corpus"],
            shares["corpus"],
        )
        for dims, shares in sorted(kept["tuned"].items(), key=lambda item: -int(item[0]))
    )


def _answer(line: Mapping[str, Any]) -> Answer:
    return Answer(
        line["query"],
        tuple(line["expected"]),
        line["base"]["ndcg@10"],
        line["tuned"]["ndcg@10"],
        tuple(line["base"]["found"]),
        tuple(line["tuned"]["found"]),
    )


def pages_shown(answers: Sequence[Answer]) -> set[str]:
    """The pages that pictures are needed of: the right one and the first found, before and after."""
    return {
        page
        for each in answers
        for page in (*each.expected[:1], *each.found_before[:1], *each.found_after[:1])
    }
