"""What a report says, as values: read from the files of a run, before any of it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.fit.run_folder import RunFolder
from vdr.errors import BadInput

EMBEDDER, RERANKER = "embedder", "reranker"
OVER_EMBEDDER, RERANKED = "over embedder", "reranked"
_NAMES = {
    "bm25": "BM25 on the text layer",
    "embedder": "The embedder alone",
    "base": "Base",
    "tuned": "Fine-tuned",
    "base+rerank": "Reranked by the base",
    "tuned+rerank": "Reranked, fine-tuned",
}
_INT8, _FLOAT16 = 1, 2  # bytes a dimension


@dataclass(frozen=True, slots=True)
class Training:
    """What was trained, on what, and for how long."""

    kind: str
    base: str
    rows: int
    questions: int
    pages: int
    steps: int
    best_step: int | None
    minutes: float


@dataclass(frozen=True, slots=True)
class Score:
    """A system's nDCG@10 with its 95 % interval; the best of a column is marked."""

    mean: float
    low: float
    high: float
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table: within the document, and over all pages."""

    name: str
    within: Score
    corpus: Score


@dataclass(frozen=True, slots=True)
class Change:
    """From what to what nDCG@10 went, question by question: the mean difference and its 95 % interval."""

    before: float
    after: float
    mean: float
    low: float
    high: float
    error_removed: float
    share_above_zero: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What the trained model has over what `key` names: some dimensions of the base, the base, or another."""

    key: str
    within: Change
    corpus: Change

    @property
    def dims(self) -> int | None:
        """At how many dimensions it was measured, where there are several."""
        return int(self.key) if self.key.isdigit() else None


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a number of dimensions gives over all pages, costs and keeps, before and after."""

    dims: int
    base: Score
    tuned: Score
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
class Facts:
    """Everything that the result of a run says; the first gain is the one its answers are of."""

    training: Training
    systems: tuple[System, ...]
    gains: tuple[Gain, ...]
    dimensions: tuple[Dimension, ...]

    @property
    def ahead(self) -> System | None:
        """The best system over all pages, where it is better than what was trained."""
        best = max(self.systems, key=lambda system: system.corpus.mean)
        return best if best.corpus.mean > self.gains[0].corpus.after else None


def read_facts(folder: RunFolder) -> Facts:
    """The facts of a finished run, most dimensions first. Raises BadInput for a folder that is none."""
    result = folder.read_result()
    return Facts(_training(result), _systems(result["systems"]), _gains(result), _dimensions(result))


def read_part(file: Path) -> bytes:
    """The bytes of a file that every finished run has. Raises BadInput where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"{file} is missing, so the run is not whole.", remedy="Train it again.") from error


def _training(result: Mapping[str, Any]) -> Training:
    counts = {name: result[name] for name in ("rows", "questions", "pages", "steps", "best_step")}
    return Training(kind=result["kind"], base=result["base"], minutes=result["seconds"] / 60, **counts)


def _systems(systems: Mapping[str, Any]) -> tuple[System, ...]:
    best = {scope: max(each[scope]["ndcg@10"] for each in systems.values()) for scope in ("within", "corpus")}
    return tuple(
        System(_named(name), _score(each["within"], best["within"]), _score(each["corpus"], best["corpus"]))
        for name, each in systems.items()
    )


def _named(system: str) -> str:
    name, _, dims = system.partition("@")
    return _NAMES.get(name, name) + (f", {int(dims):,} dimensions" if dims else "")


def _score(told: Mapping[str, Any], best: float | None = None) -> Score:
    low, high = told["ndcg@10_interval"]
    return Score(told["ndcg@10"], low, high, told["ndcg@10"] == best)


def _gains(result: Mapping[str, Any]) -> tuple[Gain, ...]:
    found = []
    for key, gain in result["gain"].items():
        before, after = (result["systems"][name] for name in _sides(result["kind"], key))
        within, corpus = (_change(before[scope], after[scope], gain[scope]) for scope in ("within", "corpus"))
        found.append(Gain(key, within, corpus))
    return tuple(found)


def _sides(kind: str, key: str) -> tuple[str, str]:
    """The names of the two systems that a gain compares."""
    if kind == EMBEDDER:
        return f"base@{key}", f"tuned@{key}"
    if key == OVER_EMBEDDER:
        return "embedder", "tuned+rerank"
    if kind == RERANKER or key == RERANKED:
        return "base+rerank", "tuned+rerank"
    return "base", "tuned"


def _change(before: Mapping[str, Any], after: Mapping[str, Any], gain: Mapping[str, Any]) -> Change:
    low, high = gain["ndcg@10_interval"]
    return Change(
        before["ndcg@10"],
        after["ndcg@10"],
        gain["ndcg@10"],
        low,
        high,
        gain["error_removed"],
        gain["share_above_zero"],
    )


def _dimensions(result: Mapping[str, Any]) -> tuple[Dimension, ...]:
    kept, systems = result.get("kept", {"base": {}, "tuned": {}}), result["systems"]
    return tuple(
        Dimension(
            int(dims),
            _score(systems[f"base@{dims}"]["corpus"]),
            _score(systems[f"tuned@{dims}"]["corpus"]),
            kept["base"][dims]["corpus"],
            kept["tuned"][dims]["corpus"],
        )
        for dims in sorted(kept["tuned"], key=int, reverse=True)
    )
