"""Finds the other rooms: beside this package in a checkout, below it in a wheel.

Their names, such as app, belong to whoever installs the wheel, so none of them is on the path of every
program: the command `vdr` and the programs it starts put all of them on their own, and another program that
imports vdr gets the one room that it needs.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from runpy import run_module

_IN_WHEEL = Path(__file__).resolve().parent / "_rooms"
_HOME = _IN_WHEEL if _IN_WHEEL.is_dir() else Path(__file__).resolve().parents[1]


def main() -> None:
    """The command `vdr`."""
    own_this_process()
    import_module("app.cli.main").main()


def as_program(module: str) -> list[str]:
    """What runs a module of a room as a program of its own, after `python`."""
    return ["-m", "vdr.rooms", module]


def own_this_process() -> None:
    """Put the rooms first: what else is installed under their names is not meant in a process of ours."""
    if str(_HOME) not in sys.path:
        sys.path.insert(0, str(_HOME))


def open_room(name: str) -> None:
    """Make a room importable in a program that is not ours, and leave that program's path alone.

    Raises ImportError where the program has another package of that name.
    """
    entry = _HOME / name / "__init__.py"
    found = find_spec(name)
    if found is not None:
        if found.origin is None or Path(found.origin).resolve() != entry:
            raise ImportError(
                f"vdr has a package {name!r} of its own, and this program has another one"
                f" ({found.origin or 'a folder without __init__.py'})."
                " Rename that, or use vdr by its REST API (vdr serve).",
                name=name,
            )
        return
    spec = spec_from_file_location(name, entry)
    assert spec is not None and spec.loader is not None
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    del sys.argv[0]  # the module reads what follows its own name
    own_this_process()
    run_module(sys.argv[0], run_name="__main__", alter_sys=True)
