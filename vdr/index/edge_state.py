"""Which folder the shard of a generation is in, and how much of it has changed since it was last built."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from vdr.files import write_whole


@dataclass(frozen=True, slots=True)
class ShardState:
    """The folder's name, the pages written since it was built, and those removed.

    `written` is None where nobody has counted.
    """

    name: str
    written: int | None = None
    removed: int = 0


def read_state(folder: Path, generation: str) -> ShardState:
    """The state of a generation in the folder of its collection, and nothing left there of other builds."""
    file = _file(folder, generation)
    state = ShardState(**json.loads(file.read_text())) if file.exists() else ShardState(generation)
    for other in shard_folders(folder, generation):
        if other.name != state.name:
            shutil.rmtree(other)
    return state


def note_state(folder: Path, generation: str, state: ShardState) -> None:
    """Keep the state; whoever opens the index from now on finds its folder."""
    write_whole(_file(folder, generation), json.dumps(asdict(state)))


def erase_state(folder: Path, generation: str) -> None:
    """Remove the state and all that a generation's shard is and was in."""
    for shard in shard_folders(folder, generation):
        shutil.rmtree(shard)
    file = _file(folder, generation)
    for each in (file, file.with_name(f"{file.name}.new")):
        each.unlink(missing_ok=True)


def next_name(generation: str, name: str) -> str:
    """What the folder is called that takes the place of the one of this name."""
    number = int(name.removeprefix(f"{generation}.") or 0) if name != generation else 0
    return f"{generation}.{number + 1}"


def shard_folders(folder: Path, generation: str) -> list[Path]:
    """The folders of a generation's shard: as it was first made, and as it was built since."""
    found = [folder / generation, *(path for path in folder.glob(f"{generation}.*"))]
    return [path for path in found if path.is_dir()]


def _file(folder: Path, generation: str) -> Path:
    return folder / f"shard-{generation}.json"
