"""What the command line says of files that it takes in: some of all of them, some of each by its name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vdr.filters import as_metadata, parse_pair, read_metadata_file
from vdr.names import composed
from vdr.types import Metadata


@dataclass(frozen=True, slots=True)
class Described:
    """Metadata of all files, and of each by its name, which goes before that of all."""

    common: Metadata = field(default_factory=dict)
    by_name: Mapping[str, Metadata] = field(default_factory=dict)

    def of(self, name: str) -> Metadata | None:
        """The metadata of a file; None where nothing is said of it. Raises BadMetadata if it is too much."""
        own = self.by_name.get(name)
        return as_metadata({**self.common, **(own or {})}) if self.common or own is not None else None

    def unused(self, names: Iterable[str]) -> list[str]:
        """The names of which there is no file, given those of all files."""
        return sorted(self.by_name.keys() - set(names))


def read_described(pairs: Sequence[str], file: Path | None) -> Described:
    """What `--metadata` and `--metadata-file` say. Raises BadMetadata."""
    by_name = read_metadata_file(file) if file is not None else {}
    return Described(dict(map(parse_pair, pairs)), {composed(name): each for name, each in by_name.items()})
