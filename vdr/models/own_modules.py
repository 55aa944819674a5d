"""Which checkpoints are made of this package's modules, told from their files alone.

Sentence Transformers asks for trust before it imports any module but its own; for ours, installed with this
package, it is answered here. Nothing else may come along: with trust, a Transformer would run Python files of
the checkpoint, and a Dense whatever it names as its activation.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError

from vdr.errors import ModelError
from vdr.text_encoder.eight_bits import ROTATION

_T = TypeVar("_T")
OWN_MODULES = frozenset(
    f"vdr.page_reader.modules.{name}" for name in ("PageImage", "QueryText", "WordSuperposition")
)
EIGHT_BITS = "vdr.text_encoder.modules.EightBits"
_LIBRARY = "sentence_transformers."
_IDENTITY = "torch.nn.modules.linear.Identity"


def is_page_reader(folder: Path) -> bool:
    """Whether every module of a checkpoint is one of the page reader's, or a Router of them."""
    types = _listed(folder)
    if not types:
        return False
    types += _routed(folder)
    return any(name in OWN_MODULES for name in types) and all(
        name in OWN_MODULES or (name.startswith(_LIBRARY) and name.endswith(".Router")) for name in types
    )


def is_text_encoder(folder: Path) -> bool:
    """Whether a checkpoint is a Transformer in eight bits, its pooled tokens rotated and of length 1."""
    kinds = [name.rpartition(".")[2] if name.startswith(_LIBRARY) else name for name in _listed(folder)]
    return kinds == [EIGHT_BITS, "Pooling", "Dense", "Normalize"] and not _activates(folder)


def read_ours(path: str, read: Callable[[Path], _T]) -> _T:
    """What `read` makes of such a checkpoint. Raises ModelError, which names it, where that is damaged."""
    try:
        return read(Path(path))
    except (OSError, ValueError, LookupError, SafetensorError) as error:
        raise ModelError(f"{path} cannot be loaded: {error}.") from error


def _listed(folder: Path) -> list[str]:
    """The modules of a checkpoint in order; none where there is no list."""
    file = folder / "modules.json"
    return [str(module["type"]) for module in json.loads(file.read_text())] if file.is_file() else []


def _activates(folder: Path) -> bool:
    """Whether the rotation is more than that."""
    config = json.loads((folder / ROTATION / "config.json").read_text())
    return bool(config["activation_function"] != _IDENTITY or config["bias"])


def _routed(folder: Path) -> Iterator[str]:
    """The modules that Routers bring in: listed in any folder, in a file of an old name or a new one."""
    for file in folder.rglob("*config.json"):
        config = json.loads(file.read_text())
        if "types" in config:
            yield from config["types"].values()
