"""Which checkpoints are page readers, told from their files alone."""

import json
from collections.abc import Iterator
from pathlib import Path

OWN_MODULES = frozenset(
    f"vdr.page_reader.modules.{name}" for name in ("PageImage", "QueryText", "WordSuperposition")
)


def is_page_reader(folder: Path) -> bool:
    """Whether every module of a checkpoint is one of the page reader's, or a Router of them.

    Sentence Transformers asks for trust before it imports any module but its own; for the page reader's,
    installed with this package, it is answered here. Nothing else may come along: with trust, a Transformer
    would run Python files of the checkpoint.
    """
    if not (folder / "modules.json").is_file():
        return False
    types = [module["type"] for module in json.loads((folder / "modules.json").read_text())]
    types += _routed(folder)
    return any(name in OWN_MODULES for name in types) and all(
        name in OWN_MODULES or (name.startswith("sentence_transformers.") and name.endswith(".Router"))
        for name in types
    )


def _routed(folder: Path) -> Iterator[str]:
    """The modules that Routers bring in: listed in any folder, in a file of an old name or a new one."""
    for file in folder.rglob("*config.json"):
        config = json.loads(file.read_text())
        if "types" in config:
            yield from config["types"].values()
