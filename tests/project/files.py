"""The project's own files, and the tables in its documents."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WRITTEN = {".md", ".py", ".toml", ".yml", ".yaml", ".html", ".js", ".j2", ".txt"}
_CELL_BORDER = re.compile(r"(?<!\\)\|")


def text_of(name: str) -> str:
    """A file of the project, named from its root."""
    return (ROOT / name).read_text(encoding="utf-8")


def project_texts() -> Iterator[str]:
    """The files that people or programs read instructions in, named from the root."""
    folders = (
        "vdr",
        "indexer",
        "app",
        "training",
        "samples",
        "benchmarks",
        "tests",
        "docs",
        "configs",
        ".github",
    )
    written = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in _WRITTEN)
    shown = (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith("."))
    top = (path for path in shown if path.suffix in {*_WRITTEN, ""})
    yield from sorted(str(path.relative_to(ROOT)) for path in (*written, *top))


def table_rows(markdown: str) -> list[tuple[str, ...]]:
    """The rows of all tables of a Markdown text, without heads; cells without code marks."""
    lines = [line.strip() for line in markdown.splitlines()]
    rows = [_cells(line) for line in lines if line.startswith("|") and line.endswith("|")]
    return [row for n, row in enumerate(rows) if not _is_rule(row) and not _is_rule_after(rows, n)]


def _cells(line: str) -> tuple[str, ...]:
    cells = _CELL_BORDER.split(line[1:-1])
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def _is_rule(row: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r":?-+:?", cell) for cell in row)


def _is_rule_after(rows: list[tuple[str, ...]], n: int) -> bool:
    return n + 1 < len(rows) and _is_rule(rows[n + 1])
