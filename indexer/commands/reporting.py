"""Says how indexing goes: a line for each file, a bar on a terminal, and a summary."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from indexer.progress import PagesIndexed, StepSeconds
from vdr.types import Document


@dataclass(slots=True)
class Summary:
    """What one run of `vdr index` did."""

    documents: int = 0
    pages: int = 0
    known: int = 0
    failed: int = 0
    seconds: float = 0.0
    steps: StepSeconds = field(default_factory=StepSeconds)

    def add(self, report: PagesIndexed, seconds: float) -> None:
        """Count a run of pages, `seconds` after the first was begun."""
        self.pages += report.page_count
        self.steps.add(report.seconds)
        self.seconds = seconds

    @property
    def pages_per_second(self) -> float:
        """Pages indexed in a second on the clock."""
        return self.pages / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        return (
            f"{counted(self.documents, 'document')}, {counted(self.pages, 'page')} in {self.seconds:.1f} s"
            f" ({self.pages_per_second:.1f} pages/s); {self.known} already indexed, {self.failed} failed"
        )


class Reporter:
    """Says how the indexing goes: a line for each file, and on a terminal a bar below them."""

    def __init__(self, bar: Progress) -> None:
        self.summary = Summary()
        self._bar = bar
        self._task = bar.add_task("Checking files", total=None, rate="")
        self._started = time.perf_counter()

    def __call__(self, report: PagesIndexed) -> None:
        """Count pages and move the bar."""
        self.summary.add(report, time.perf_counter() - self._started)
        name, rate = report.document.name, self.summary.pages_per_second
        self._bar.update(self._task, advance=report.page_count, description=name, rate=f"{rate:.1f} pages/s")

    def begin(self, documents: Sequence[Document]) -> None:
        """The files have been looked at: the clock and the bar run over the pages to index."""
        self._started = time.perf_counter()
        self._bar.update(self._task, total=sum(d.page_count - d.indexing.pages_done for d in documents))

    def say(self, line: str) -> None:
        """A line about a file that went well."""
        self._bar.console.print(Text(printable(line)), soft_wrap=True)

    def complain(self, line: str) -> None:
        """A line about a file that did not."""
        self.summary.failed += 1
        self.warn(line)

    def warn(self, line: str) -> None:
        """A line about what should not be so."""
        warn(line)

    def summarize(self) -> Summary:
        """The last line."""
        self.summary.seconds = time.perf_counter() - self._started
        self._bar.update(self._task, visible=False)
        self.say(str(self.summary))
        return self.summary


@contextmanager
def reporting() -> Iterator[Reporter]:
    """A reporter whose bar is shown inside the block, on a terminal."""
    console = Console()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield Reporter(bar)


def warn(line: str) -> None:
    """A line on standard error."""
    Console(stderr=True).print(Text(printable(line)), soft_wrap=True)


def printable(line: str) -> str:
    """The line with ? for what would change the terminal or cannot be printed."""
    # File names may contain line ends, commands to the terminal, and bytes that no encoding can print.
    return "".join(c if c.isprintable() else "?" for c in line)


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON whose characters stand for themselves, unless the encoding of the output lacks some."""
    is_unicode = sys.stdout.encoding.lower().startswith("utf")
    return json.dumps(value, ensure_ascii=not is_unicode, indent=indent)


def counted(number: int, noun: str, several: str = "") -> str:
    """A number of things: 1 page, 1,200 pages; `several` of them are called otherwise than by an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {several or f'{noun}s'}"
