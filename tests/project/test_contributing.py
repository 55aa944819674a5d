"""What CONTRIBUTING.md and SECURITY.md speak of is there."""

import re
from collections.abc import Iterator

import pytest

from tests.project.files import ROOT, text_of
from tests.project.settings import setting_fields

GUIDES = ["CONTRIBUTING.md", "SECURITY.md"]
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_ROOTS = {path.name for path in ROOT.iterdir()} - {".venv"}
_ROOMS = ("vdr", "indexer", "training", "app", "samples", "benchmarks")


def code(guide: str) -> Iterator[str]:
    """What stands between backticks, outside of blocks."""
    yield from _CODE.findall(_FENCE.sub("", text_of(guide)))


def paths(guide: str) -> list[str]:
    """What is named as a path from the root: a file, or a folder with its slash."""
    named = (each for each in code(guide) if re.fullmatch(r"[\w./-]+", each))
    return sorted(
        {each for each in named if "/" in each or each in _ROOTS or each.endswith((".md", ".toml"))}
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_is_named_exists(guide: str) -> None:
    assert [path for path in paths(guide) if not (ROOT / path).exists()] == []


def test_the_recipes_name_files() -> None:
    assert {"vdr/settings.py", "vdr/errors.py", "app/service.py", "vdr/catalogue/tables.py"} <= set(
        paths("CONTRIBUTING.md")
    )


@pytest.mark.parametrize("guide", GUIDES)
def test_every_target_that_is_named_exists(guide: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", text_of(guide))) <= targets


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_that_is_named_exists(guide: str) -> None:
    assert set(re.findall(r"\bVDR_[A-Z0-9_]+\b", text_of(guide))) <= {name for name, _ in setting_fields()}


def rooms() -> Iterator[str]:
    for room in _ROOMS:
        yield room
        yield from (f"{room}/{path.parent.name}" for path in sorted((ROOT / room).glob("*/__init__.py")))


@pytest.mark.parametrize("room", sorted(rooms()))
def test_every_room_says_what_it_is_for_what_it_imports_and_where_to_begin(room: str) -> None:
    doc = text_of(f"{room}/__init__.py").split('"""')[1]
    summary, *rest = doc.strip().splitlines()
    assert summary.endswith(".")
    assert "Imports " in doc, "what it may import"
    (begin,) = re.findall(r"Begin (?:reading )?with `(\w[\w./]*)`", " ".join(rest))
    assert (ROOT / room / begin).exists()
