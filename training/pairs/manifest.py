"""What a data set of pairs says of itself: counts, what was dropped and why, and how it was made."""

from collections import Counter
from pathlib import Path

from pydantic import BaseModel, ValidationError

from vdr.errors import BadInput

FILE_NAME = "manifest.json"
VERSION = 1


class Mining(BaseModel):
    """How the negatives were found: by which model, how many a row, how many of them at random."""

    embedder: str
    fingerprint: str
    negatives: int
    margin: float
    same_document_share: float
    mined: dict[str, int]
    padded: dict[str, int]


class FeedbackMade(BaseModel):
    """What feedback was used: searches, impressions that told ranks apart, and the ranks' propensities."""

    collection: str
    searches: int
    interventions: int
    propensities: dict[int, float]


class Manifest(BaseModel):
    """The content of manifest.json; `queries` counts by split, source and rule ("" for none)."""

    version: int = VERSION
    seed: int = 0
    queries: dict[str, dict[str, dict[str, int]]] = {}
    rows: dict[str, int] = {}
    pages: dict[str, int] = {}
    documents: dict[str, int] = {}
    dropped: dict[str, int] = {}
    warnings: list[str] = []
    mining: Mining | None = None
    feedback: FeedbackMade | None = None

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The sources and rules that have queries."""
        found = ((s, rule) for split in self.queries.values() for s, rules in split.items() for rule in rules)
        return sorted(set(found))

    def count(self, split: str, source: str, rule: str) -> int:
        """How many queries of a split a rule of a source made."""
        return self.queries.get(split, {}).get(source, {}).get(rule, 0)


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder. Raises BadInput if it has none that can be read."""
    try:
        return Manifest.model_validate_json((folder / FILE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(
            f"{folder} is not a data set of pairs.", remedy="Create one with vdr pairs build."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise BadInput(f"Cannot read {folder / FILE_NAME}.", remedy="Build the data set again.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into a folder."""
    (folder / FILE_NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def nested(counts: Counter[tuple[str, str, str]]) -> dict[str, dict[str, dict[str, int]]]:
    """Counts of (split, source, rule) as a tree.

    >>> nested(Counter({("eval", "labelled", ""): 2}))
    {'eval': {'labelled': {'': 2}}}
    """
    tree: dict[str, dict[str, dict[str, int]]] = {}
    for (split, source, rule), count in sorted(counts.items()):
        tree.setdefault(split, {}).setdefault(source, {})[rule] = count
    return tree
