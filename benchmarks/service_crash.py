"""Kills a service at random moments while clients upload, and compares it with an undisturbed library.

python -m benchmarks.service_crash --database sqlite|postgresql --documents 200 --kills 50

With SQLite the service is one process; with PostgreSQL it is an API and two workers, and whichever is killed.
The embedder is a tiny one that takes some time a page.
"""

import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from benchmarks.agreement import Agreement, agreement
from benchmarks.crash import made_up
from benchmarks.processes import Service, embedded_service, shared_service
from vdr.objects.checksums import hash_of

_UPLOADERS = 4
_WORKERS = 2
_LONGEST_LIFE_S = 2.0
_POLL_S = 0.05


class Database(StrEnum):
    """Where documents and jobs are."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def crash(files: Sequence[Path], work_dir: Path, *, database: Database, kills: int, seed: int) -> Agreement:
    """Upload `files` to a service that is killed `kills` times, wait until it is done, and compare."""
    with _service(database, work_dir / "service") as service:
        with ThreadPoolExecutor(_UPLOADERS) as uploaders:
            killed = Killed()
            uploads = [
                uploaders.submit(_upload_after, service, file, killed, place * kills // len(files))
                for place, file in enumerate(files)
            ]
            _kill(service, random.Random(seed), kills, killed)
            for upload in uploads:
                upload.result()
        for file in files:
            service.wait_until_indexed(hash_of(file))
        return agreement(service, files, work_dir)


class Killed:
    """How many kills there have been."""

    count = 0


@contextmanager
def _service(database: Database, folder: Path) -> Iterator[Service]:
    if database is Database.SQLITE:
        with embedded_service(folder) as service:
            yield service
    else:
        with shared_service(folder, _WORKERS) as shared:
            yield shared.service


def _upload_after(service: Service, file: Path, killed: Killed, kills: int) -> None:
    """Upload a file once there have been so many kills: clients keep uploading as long as any are left."""
    while killed.count < kills:
        time.sleep(_POLL_S)
    service.upload(file)


def _kill(service: Service, chance: random.Random, kills: int, killed: Killed) -> None:
    for _ in range(kills):
        service.wait_until_up()
        Event().wait(chance.uniform(0, _LONGEST_LIFE_S))
        victim = chance.randrange(len(service.processes))
        service.processes[victim].kill()
        service.restart(victim)
        killed.count += 1


def main(
    database: Annotated[Database, typer.Option(help="Where documents and jobs are.")] = Database.SQLITE,
    documents: Annotated[int, typer.Option(help="How many PDFs.")] = 200,
    kills: Annotated[int, typer.Option(help="How many kill -9.")] = 50,
    seed: Annotated[int, typer.Option(help="Decides the moments.")] = 0,
) -> None:
    """Kill a service at random moments and see that nothing acknowledged is lost, and nothing there twice."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vdr-service-crash-") as folder:
        work_dir = Path(folder)
        files = made_up(work_dir / "pdfs", documents)
        found = crash(files, work_dir, database=database, kills=kills, seed=seed)
    seconds = round(time.monotonic() - started, 1)
    told = {"benchmark": "service_crash", "database": database, "documents": documents, "kills": kills}
    typer.echo(json.dumps(told | asdict(found) | {"seconds": seconds, "seed": seed}))
    raise typer.Exit(not found.is_full)


if __name__ == "__main__":
    typer.run(main)
