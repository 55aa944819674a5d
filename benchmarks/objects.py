"""What it costs that an object is on the disk when a put returns, and that what is read is checked.

python -m benchmarks.objects [--puts N] [--rounds N]
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import obstore
import typer
from obstore.store import LocalStore

from vdr.objects.checksums import opened, sealed
from vdr.objects.folder import Folder

_BYTES = 100_000  # as a page image has


def main(
    puts: Annotated[int, typer.Option(help="Objects a side and round.")] = 300,
    rounds: Annotated[int, typer.Option(help="How often each side runs.")] = 6,
) -> None:
    """Compare milliseconds an object, the least and the most busy round of each side."""
    content = os.urandom(_BYTES)
    found: dict[str, list[float]] = {"local_store": [], "folder": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="vdr-objects-") as work:
            store, folder = LocalStore(prefix=Path(work, "store"), mkdir=True), Folder(Path(work, "folder"))
            found["local_store"].append(_median(partial(_put_in_store, store, content), puts))
            found["folder"].append(_median(partial(_put_in_folder, folder, content), puts))
    stored = sealed(content)
    told = {name: [round(min(each), 3), round(max(each), 3)] for name, each in found.items()}
    told["checksum"] = [round(_median(lambda _: opened("", stored), puts), 3)]
    typer.echo(
        json.dumps({"benchmark": "objects", "bytes": _BYTES, "puts": puts, "rounds": rounds, "ms": told})
    )


def _put_in_store(store: LocalStore, content: bytes, number: int) -> None:
    obstore.put(store, str(number), content)


def _put_in_folder(folder: Folder, content: bytes, number: int) -> None:
    folder.put(f"a/{number}", content, "")


def _median(work: Callable[[int], object], times: int) -> float:
    """Milliseconds that half of the calls took at most."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        work(number)
        taken.append(1_000 * (time.perf_counter() - started))
    return statistics.median(taken)


if __name__ == "__main__":
    typer.run(main)
