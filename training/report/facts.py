"""What a report says, as values: read from the files of a run, before any of it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.fit.result import RunResult, ScopeGains, ScopeScores, Score
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
class Gain:
    """What the trained model has over what `key` names: some dimensions of the base, the base, or another."""

    key: str
    before: ScopeScores
    after: ScopeScores
    change: ScopeGains

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
    """A run's result with its systems named for people; the first gain is the one its answers are of."""

    result: RunResult
    systems: Mapping[str, ScopeScores]
    gains: tuple[Gain, ...]
    dimensions: tuple[Dimension, ...]

    @property
    def best(self) -> ScopeScores:
        """The best score in each column of the table of systems."""
        return ScopeScores(
            within=max((each.within for each in self.systems.values()), key=lambda score: score.mean),
            corpus=max((each.corpus for each in self.systems.values()), key=lambda score: score.mean),
        )

    @property
    def ahead(self) -> str | None:
        """The best system over all pages, where it is better than what was trained."""
        name = max(self.systems, key=lambda name: self.systems[name].corpus.mean)
        return name if self.systems[name].corpus.mean > self.gains[0].after.corpus.mean else None


def read_facts(folder: RunFolder) -> Facts:
    """The facts of a finished run, most dimensions first. Raises BadInput for a folder that is none."""
    result = folder.read_result()
    systems = {_named(name): scores for name, scores in result.systems.items()}
    return Facts(result, systems, _gains(result), _dimensions(result))


def read_part(file: Path) -> bytes:
    """The bytes of a file that every finished run has. Raises BadInput where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"{file} is missing, so the run is incomplete.", remedy="Train it again.") from error


def _named(system: str) -> str:
    name, _, dims = system.partition("@")
    return _NAMES.get(name, name) + (f", {int(dims):,} dimensions" if dims else "")


def _gains(result: RunResult) -> tuple[Gain, ...]:
    found = []
    for key, change in result.gain.items():
        before, after = (result.systems[name] for name in _sides(result.kind, key))
        found.append(Gain(key, before, after, change))
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


def _dimensions(result: RunResult) -> tuple[Dimension, ...]:
    kept, systems = result.kept, result.systems
    if kept is None:
        return ()
    return tuple(
        Dimension(
            dims,
            systems[f"base@{dims}"].corpus,
            systems[f"tuned@{dims}"].corpus,
            kept.base[dims].corpus,
            kept.tuned[dims].corpus,
        )
        for dims in sorted(kept.tuned, reverse=True)
    )
