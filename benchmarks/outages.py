"""Takes away what a service needs while clients upload, gives it back, and looks whether anything is lost.

python -m benchmarks.outages [--documents 60] [--store-s 60] [--database-s 30]

The store (a stand-in for a Qdrant server) and the database (PostgreSQL) go away from an API and two workers.
The disk of a service with SQLite, a small tmpfs, is filled up by a file that is removed later (needs root).
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.agreement import Agreement, agreement
from benchmarks.crash import made_up
from benchmarks.processes import Service, embedded_service, shared_service
from vdr.objects.checksums import hash_of

_UPLOADERS = 4
_WORKERS = 2
_DISK_MIB = 256
_DISK_FULL_S = 20.0


def main(
    documents: Annotated[int, typer.Option(help="How many PDFs.")] = 60,
    store_s: Annotated[float, typer.Option(help="Seconds that the store is away.")] = 60.0,
    database_s: Annotated[float, typer.Option(help="Seconds that the database is away.")] = 30.0,
) -> None:
    """Run the three outages one after the other."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="vdr-outages-") as folder:
        work_dir = Path(folder)
        files = made_up(work_dir / "pdfs", documents)
        for name, seconds in (("store", store_s), ("database", database_s)):
            with shared_service(work_dir / name, _WORKERS) as shared:
                server = shared.qdrant if name == "store" else shared.postgres
                found[name] = _through(
                    shared.service,
                    files,
                    work_dir / f"{name}-peace",
                    _away(server.stop, server.start, seconds),
                )
        with _small_disk(work_dir / "disk") as disk, embedded_service(disk / "service") as service:
            found["disk"] = _through(service, files, work_dir / "disk-peace", _full(disk))
    typer.echo(json.dumps({"benchmark": "outages", "documents": documents, **found}))
    raise typer.Exit(any(each["lost"] or each["duplicated"] or each["orphaned"] for each in found.values()))


def _through(
    service: Service, files: Sequence[Path], peace: Path, outage: Callable[[], float]
) -> dict[str, Any]:
    """Upload a third, cause the outage while uploading continues, and wait until all is indexed."""
    peace.mkdir()
    first = len(files) // 3
    with ThreadPoolExecutor(_UPLOADERS) as uploaders:
        list(uploaders.map(service.upload, files[:first]))
        uploads = [uploaders.submit(service.upload, file) for file in files[first:]]
        away_s = outage()
        back = time.monotonic()
        for upload in uploads:
            upload.result()
    for file in files:
        service.wait_until_indexed(hash_of(file))
    recovered_s = round(time.monotonic() - back, 1)
    ended = sum(process.poll() is not None for process in service.processes)
    found: Agreement = agreement(service, files, peace)
    return {"away_s": away_s, "done_after_s": recovered_s, "processes_ended": ended, **asdict(found)}


def _away(stop: Callable[[], None], start: Callable[[], None], seconds: float) -> Callable[[], float]:
    def outage() -> float:
        stop()
        time.sleep(seconds)
        start()
        return seconds

    return outage


def _full(disk: Path) -> Callable[[], float]:
    """Fill the disk up to the last byte, and free it again."""

    def outage() -> float:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):  # full before it is all written
            file.write(bytes(shutil.disk_usage(disk).free))
        time.sleep(_DISK_FULL_S)
        ballast.unlink()
        return _DISK_FULL_S

    return outage


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


if __name__ == "__main__":
    typer.run(main)
