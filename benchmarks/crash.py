"""Kills `vdr index` at random moments, runs it to the end, and compares the index with an undisturbed one.

python -m benchmarks.crash --documents 20 --kills 10 [--pdfs FOLDER] [--tiny]
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from indexer.paths import find_pdfs
from indexer.services import open_services
from tests.fixtures.libraries import content, tiny_models
from tests.fixtures.pdfs import write_report
from vdr.environment import read_settings
from vdr.models.loading import Models

if TYPE_CHECKING:  # takes seconds to import
    pass

_ROOT = Path(__file__).resolve().parent.parent
_INDEX = "import typer; from app.cli.index import index; typer.run(index)"
_INDEX_TINY = (
    "import sys; from indexer.commands.index import run; from tests.fixtures.embedder import TinyEmbedder;"
    "sys.exit(run(sys.argv[1:], lambda _: TinyEmbedder()))"
)
_POLL_S = 0.002
_GIVE_UP_S = 600


@dataclass(frozen=True, slots=True)
class CrashReport:
    """What the killing did: how many pages are missing afterwards, differ, or are too many."""

    documents: int
    pages: int
    kills: int
    equal: bool
    lost: int
    different: int
    extra: int
    seed: int


def crash(
    files: Sequence[Path], work_dir: Path, *, kills: int, seed: int = 0, is_tiny: bool = False
) -> CrashReport:
    """Index `files` twice under `work_dir`, once in peace and once killed `kills` times, and compare."""
    chance = random.Random(seed)
    command = [sys.executable, "-c", _INDEX_TINY if is_tiny else _INDEX, *map(str, files)]
    peaceful, killed = work_dir / "peaceful", work_dir / "killed"
    _run_to_end(command, peaceful)
    pages = _pages_written(peaceful)
    done = sum(_run_and_kill(command, killed, pages / kills, chance) for _ in range(kills))
    _run_to_end(command, killed)
    expected, found = _content(peaceful, is_tiny), _content(killed, is_tiny)
    different = sum(expected[key] != found[key] for key in expected.keys() & found.keys())
    return CrashReport(
        documents=len(files),
        pages=len(expected),
        kills=done,
        equal=expected == found,
        lost=len(expected.keys() - found.keys()),
        different=different,
        extra=len(found.keys() - expected.keys()),
        seed=seed,
    )


def _run_to_end(command: Sequence[str], data_dir: Path) -> None:
    subprocess.run(
        command,
        env=_environment(data_dir),
        cwd=_ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=_GIVE_UP_S,
    )


def _run_and_kill(command: Sequence[str], data_dir: Path, pages: float, chance: random.Random) -> bool:
    """Kill -9 after some further pages, about three quarters of `pages` on average, and a moment more.

    False if it came to its end first. Going by pages, not seconds, the kills fall into the indexing on
    slow machines and fast ones alike.
    """
    goal = _pages_written(data_dir) + chance.randint(0, round(1.5 * pages))
    moment_s = chance.uniform(0, 0.1)
    with subprocess.Popen(
        command, env=_environment(data_dir), cwd=_ROOT, stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and _pages_written(data_dir) < goal:
            time.sleep(_POLL_S)
        time.sleep(moment_s)
        was_running = process.poll() is None
        process.kill()
    return was_running


def _pages_written(data_dir: Path) -> int:
    return sum(1 for _ in data_dir.glob("objects/*/*/pages/*.webp"))


def _environment(data_dir: Path) -> dict[str, str]:
    return {**os.environ, "VDR_DATA_DIR": str(data_dir)}


def _content(data_dir: Path, is_tiny: bool) -> dict[tuple[str, int], tuple[object, ...]]:
    settings = read_settings()
    settings = settings.model_copy(update={"index": settings.index.model_copy(update={"data_dir": data_dir})})
    models = tiny_models() if is_tiny else Models(settings.model)
    with open_services(settings, models) as services:
        return content(services.library())


def main(
    documents: Annotated[int, typer.Option(help="How many PDFs.")] = 20,
    kills: Annotated[int, typer.Option(help="How many kill -9.")] = 10,
    seed: Annotated[int, typer.Option(help="Decides the moments.")] = 0,
    pdfs: Annotated[Path | None, typer.Option(help="Folder of PDFs; made up ones if not given.")] = None,
    tiny: Annotated[bool, typer.Option("--tiny", help="A tiny embedder in place of the model.")] = False,
) -> None:
    """Kill `vdr index` at random moments and see that nothing is lost."""
    with tempfile.TemporaryDirectory(prefix="vdr-crash-") as folder:
        work_dir = Path(folder)
        files = find_pdfs([str(pdfs)])[:documents] if pdfs else made_up(work_dir / "pdfs", documents)
        report = crash(files, work_dir, kills=kills, seed=seed, is_tiny=tiny)
    typer.echo(json.dumps(asdict(report)))
    if not report.equal:
        raise typer.Exit(1)


def made_up(folder: Path, documents: int) -> list[Path]:
    """PDFs of 3 to 27 pages, no two of them alike."""
    folder.mkdir(parents=True)
    return [write_report(folder / f"{n:03}.pdf", 3 + n * 7 % 25, f"subject {n}") for n in range(documents)]


if __name__ == "__main__":
    typer.run(main)
