"""The memory of a service, and of API and worker apart, over many documents: does it grow?

python -m benchmarks.memory [--documents 2000] [--shared]
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Annotated

import psutil
import typer

from benchmarks.processes import Service, embedded_service, shared_service
from tests.fixtures.pdfs import write_report
from vdr.objects.checksums import hash_of

_PAGES = 2
_UPLOADERS = 2
_SAMPLES = 20
_MIB = 2**20


def main(
    documents: Annotated[int, typer.Option(help="How many PDFs of two pages.")] = 2_000,
    shared: Annotated[
        bool, typer.Option("--shared", help="API and worker as processes of their own.")
    ] = False,
) -> None:
    """Compare the memory after the first quarter of the documents with that at the end."""
    names = ("api", "worker") if shared else ("service",)
    with tempfile.TemporaryDirectory(prefix="vdr-memory-") as folder:
        files = _written(Path(folder) / "pdfs", documents)
        with _service(Path(folder) / "service", shared=shared) as service:
            samples = _sampled(service, files)
    grown = {}
    for number, name in enumerate(names):
        mib = [each[number] / _MIB for each in samples]
        early, late = mean(mib[_SAMPLES // 4 : _SAMPLES // 2]), mean(mib[-_SAMPLES // 4 :])
        grown[name] = {
            "mib": [round(each) for each in mib],
            "late_to_early": round(late / early, 3),
        }
    typer.echo(json.dumps({"benchmark": "memory", "documents": documents, "pages": _PAGES, **grown}))


def _sampled(service: Service, files: Sequence[Path]) -> list[list[int]]:
    """What each process holds, after each twentieth of the documents is indexed."""
    samples = []
    size = len(files) // _SAMPLES
    for first in range(0, size * _SAMPLES, size):
        some = files[first : first + size]
        with ThreadPoolExecutor(_UPLOADERS) as uploaders:
            list(uploaders.map(service.upload, some))
        for file in some:
            service.wait_until_indexed(hash_of(file))
        samples.append([_private_bytes(process.pid) for process in service.processes])
    return samples


def _private_bytes(pid: int) -> int:
    """What belongs to the process alone: pages of files that are mapped can be given back at any time."""
    return int(psutil.Process(pid).memory_full_info().uss) - _mapped_files(pid)


def _mapped_files(pid: int) -> int:
    return sum(each.private_clean for each in psutil.Process(pid).memory_maps() if each.path.startswith("/"))


@contextmanager
def _service(folder: Path, *, shared: bool) -> Iterator[Service]:
    if shared:
        with shared_service(folder, 1) as parts:
            yield parts.service
    else:
        with embedded_service(folder) as service:
            yield service


def _written(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    return [write_report(folder / f"{number}.pdf", _PAGES, f"report {number}") for number in range(count)]


if __name__ == "__main__":
    typer.run(main)
