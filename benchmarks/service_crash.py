"""Kills a service at random moments while clients upload, and compares it with an undisturbed library.

python -m benchmarks.service_crash --documents 200 --kills 50

The service is a process with its worker and a tiny embedder that takes some time a page. The settings of the
environment (VDR_DATABASE_URL, VDR_QDRANT_URL, ...) are those of the service, all but its folder.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Annotated

import httpx
import typer
from PIL import Image

from benchmarks.crash import made_up
from indexer.library import Library, open_library
from indexer.upkeep import check
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content
from vdr.objects.checksums import hash_of
from vdr.settings import Settings, read_settings

_ROOT = Path(__file__).resolve().parent.parent
_SECONDS_A_PAGE = 0.01
_UPLOADERS = 4
_GIVE_UP_S = 1_800
_REQUEST_S = 30
_POLL_S = 0.05
_LOG = "pages.log"  # a line for each batch that was embedded


@dataclass(frozen=True, slots=True)
class ServiceCrashReport:
    """What the killing did to documents whose upload was acknowledged, and to the pages embedded."""

    benchmark: str
    database: str
    documents: int
    pages: int
    kills: int
    lost: int
    duplicated: int
    orphaned: int
    different: int
    redone_percent: float
    seconds: float
    seed: int


class SlowEmbedder(TinyEmbedder):
    """Takes its time, and notes how many pages it was given, for work done twice to be seen."""

    def __init__(self, log: Path) -> None:
        self._log = log
        super().__init__(self._note)

    def _note(self, images: Sequence[Image.Image]) -> None:
        time.sleep(_SECONDS_A_PAGE * len(images))
        with self._log.open("a") as log:
            log.write(f"{len(images)}\n")


def serve(data_dir: Path, port: int) -> None:
    """Be the service."""
    import uvicorn  # noqa: PLC0415

    from app.service import create_app  # noqa: PLC0415

    app = create_app(_settings(data_dir), SlowEmbedder(data_dir / _LOG))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def crash(files: Sequence[Path], work_dir: Path, *, kills: int, seed: int) -> ServiceCrashReport:
    """Upload `files` to a service that is killed `kills` times, wait until it is done, and compare."""
    data_dir, chance, started = work_dir / "service", random.Random(seed), time.monotonic()
    data_dir.mkdir()
    base, finished = f"http://127.0.0.1:{(port := _free_port())}", Event()
    killed: list[int] = []
    killer = Thread(target=_keep_alive_and_kill, args=(data_dir, port, chance, kills, killed, finished))
    killer.start()
    try:
        with ThreadPoolExecutor(_UPLOADERS) as uploaders:
            list(uploaders.map(partial(_upload, base), files))
        while len(killed) < kills:  # what is idle may be killed too
            time.sleep(_POLL_S)
        for file in files:
            _wait_until_indexed(base, hash_of(file), started + _GIVE_UP_S)
    finally:
        finished.set()
        killer.join()
    seconds = time.monotonic() - started
    with _library(data_dir) as library:
        found, faults = content(library), list(check(library))
        listed = [document.name for document in library.catalogue.page(10 * len(files))]
    with _library(work_dir / "peaceful") as library:
        for file in files:
            library.process(library.add(file, file.name)[0].document_id)
        expected = content(library)
    embedded = sum(map(int, (data_dir / _LOG).read_text().split()))
    return ServiceCrashReport(
        benchmark="service_crash",
        database="postgresql" if os.getenv("VDR_DATABASE_URL") else "sqlite",
        documents=len(files),
        pages=len(expected),
        kills=len(killed),
        lost=len(expected.keys() - found.keys()),
        duplicated=len(listed) - len(set(listed)),
        orphaned=len(found.keys() - expected.keys()) + len(faults),
        different=sum(expected[key] != found[key] for key in expected.keys() & found.keys()),
        redone_percent=round(100 * (embedded / len(expected) - 1), 2),
        seconds=round(seconds, 1),
        seed=seed,
    )


def _keep_alive_and_kill(
    data_dir: Path, port: int, chance: random.Random, kills: int, killed: list[int], finished: Event
) -> None:
    """Run the service until `finished`; as long as there are kills left, each run ends with one."""
    command = [sys.executable, "-m", "benchmarks.service_crash"]
    command += ["--serve", str(data_dir), "--port", str(port)]
    while not finished.is_set():
        with subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.DEVNULL) as process:
            if len(killed) < kills:
                _wait_until_up(port, process)
                finished.wait(chance.uniform(0, 2.0))
                process.send_signal(signal.SIGKILL)
                killed.append(process.pid)
                continue
            finished.wait()
            process.terminate()


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


def _upload(base: str, file: Path) -> None:
    """Upload a file again and again until it is acknowledged."""
    while True:
        with suppress(httpx.HTTPError), file.open("rb") as opened:
            sent = {"files": (file.name, opened, "application/pdf")}
            answer = httpx.post(f"{base}/v1/documents", files=sent, timeout=_REQUEST_S)
            if answer.status_code == httpx.codes.ACCEPTED:
                return
        time.sleep(_POLL_S)


def _wait_until_indexed(base: str, document_id: str, deadline: float) -> None:
    """Look until a document is indexed, gone, or it is too late; the comparison will tell."""
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            answer = httpx.get(f"{base}/v1/documents/{document_id}", timeout=_REQUEST_S)
            if answer.status_code == httpx.codes.NOT_FOUND or answer.json().get("state") == "indexed":
                return
        time.sleep(_POLL_S)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _settings(data_dir: Path) -> Settings:
    settings = read_settings()
    return settings.model_copy(
        update={
            "index": settings.index.model_copy(update={"data_dir": data_dir}),
            "ingest": settings.ingest.model_copy(update={"page_long_side": 256}),
        }
    )


@contextmanager
def _library(data_dir: Path) -> Iterator[Library]:
    settings = _settings(data_dir)
    if data_dir.name == "peaceful":
        apart = {"database_url": None, "qdrant_url": None, "objects_url": None}
        settings = settings.model_copy(update={"index": settings.index.model_copy(update=apart)})
    library = open_library(settings, TinyEmbedder())
    try:
        yield library
    finally:
        library.close()


def main(
    documents: Annotated[int, typer.Option(help="How many PDFs.")] = 200,
    kills: Annotated[int, typer.Option(help="How many kill -9.")] = 50,
    seed: Annotated[int, typer.Option(help="Decides the moments.")] = 0,
    serve_dir: Annotated[Path | None, typer.Option("--serve", help="Be the service.")] = None,
    port: Annotated[int, typer.Option(help="Of the service.")] = 0,
) -> None:
    """Kill a service at random moments and see that nothing acknowledged is lost, and nothing there twice."""
    if serve_dir is not None:
        serve(serve_dir, port)
        return
    with tempfile.TemporaryDirectory(prefix="vdr-service-crash-") as folder:
        work_dir = Path(folder)
        report = crash(made_up(work_dir / "pdfs", documents), work_dir, kills=kills, seed=seed)
    typer.echo(json.dumps(asdict(report)))
    if report.lost or report.duplicated or report.orphaned or report.different:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
