"""How long commands take from nothing to their end: `python -m benchmarks.cold_start`, one line of JSON.

A library of one document is indexed in a temporary folder; then `vdr --version`, `vdr search` without a
service and with one, and `vdr serve` until it answers are started several times. Seconds on the clock, and of
the processor (user and system), which a busy machine disturbs less.
"""

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from benchmarks.commands import environment_in, run, serving

_SEARCH = ("search", "Which figures rose?", "--json")


def main() -> None:
    """Measure, and print the least and the median of each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_in(Path(folder), os.environ)
        run(environment, "index", str(_document(Path(folder))))
        measured = {
            "version": _measured(runs, lambda: run(environment, "--version")),
            "search": _measured(runs, lambda: run(environment, *_SEARCH)),
            "serve": _measured(runs, lambda: _serve_once(environment)),
        }
        with serving(environment):
            measured["search_by_service"] = _measured(runs, lambda: run(environment, *_SEARCH))
    print(json.dumps(measured))


def _measured(runs: int, work: Callable[[], None]) -> dict[str, float]:
    work()  # the first run fills the caches of the disk
    clock, cpu = [], []
    for _ in range(runs):
        started, used = time.perf_counter(), _cpu_s()
        work()
        clock.append(time.perf_counter() - started)
        cpu.append(_cpu_s() - used)
    return {
        "min_s": round(min(clock), 2),
        "median_s": round(statistics.median(clock), 2),
        "cpu_min_s": round(min(cpu), 2),
        "cpu_median_s": round(statistics.median(cpu), 2),
    }


def _cpu_s() -> float:
    """Of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _serve_once(environment: dict[str, str]) -> None:
    with serving(environment):
        pass


def _document(folder: Path) -> Path:
    file = folder / "figures.pdf"
    canvas = Canvas(str(file))
    canvas.drawString(72, 720, "Figures rose in every region but one.")
    canvas.save()
    return file


if __name__ == "__main__":
    main()
