"""The wheel has everything in it, takes one name of who installs it, and what it installs runs."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.pdfs import write_report
from tests.project.files import ROOT

ROOMS = ("app", "indexer", "samples", "training")
Run = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The build backend is called as installed: pip would fetch one anew, and tests have no network.
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> frozenset[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and what it depends on by a path to where the tests have it."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Of what lies on such a path no .pth file is read: the checkout is not on it.
    lines = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(lines))
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    return folder


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Run:
    """Runs a program of the environment outside of the checkout; what it prints."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("VDR_", "PYTHON"))}
    variables |= {"VDR_DATA_DIR": str(tmp_path / "data"), "VDR_RASTERIZER": "pdfium", "COLUMNS": "200"}

    def run(program: str, *arguments: str) -> str:
        command = [str(environment / "bin" / program), *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def files_below(folder: str) -> set[str]:
    found = (
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {str(path.relative_to(ROOT)) for path in found}


def test_the_only_name_it_takes_is_vdr(names: frozenset[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"vdr"}


def test_every_file_of_vdr_is_in_it(names: frozenset[str]) -> None:
    assert files_below("vdr") <= names
    assert any(
        name.startswith("vdr/page_reader/weights/") and name.endswith(".safetensors") for name in names
    )


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_every_other_room_is_below_vdr(names: frozenset[str], room: str) -> None:
    assert {f"vdr/_rooms/{name}" for name in files_below(room)} <= names


def test_it_says_that_it_is_typed(names: frozenset[str]) -> None:
    assert "vdr/py.typed" in names


@pytest.mark.slow
def test_documents_are_indexed_and_found(run: Run, tmp_path: Path) -> None:
    """By the command, and by the programs that it starts: the cage has none of its environment."""
    pdf = write_report(tmp_path / "report.pdf", 2)
    run("vdr", "index", str(pdf))
    hits = json.loads(run("vdr", "search", "page 2", "--json"))["hits"]
    assert {hit["document"]["name"] for hit in hits} == {"report.pdf"}


def test_every_command_is_listed_with_its_help(run: Run) -> None:
    said = run("vdr", "--help")
    for command, first_word in (
        ("index", "Index"),
        ("search", "Find"),
        ("samples", "Write"),
        ("train", "Fine"),
    ):
        assert f" {command} " in said
        assert f" {first_word}" in said


def test_other_programs_find_none_of_the_rooms(run: Run) -> None:
    code = f"import vdr; from importlib.util import find_spec; print([*map(find_spec, {ROOMS})])"
    assert run("python", "-c", code).split() == ["[None,", "None,", "None,", "None]"]


def test_processes_that_are_spawned_find_the_rooms(run: Run) -> None:
    code = (
        "from vdr.rooms import own_this_process; own_this_process()\n"
        "from multiprocessing import get_context\n"
        "from indexer.naming import clean_name\n"
        "with get_context('spawn').Pool(1) as pool: print(pool.apply(clean_name, ('a.pdf',)))"
    )
    assert run("python", "-c", code) == "a.pdf\n"


def test_a_program_opens_a_library_and_keeps_its_own_packages(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("WHOSE = 'theirs'")
    code = (
        "import vdr\n"
        "with vdr.open_library() as library: print(library.search('anything'))\n"
        "import app; print(app.WHOSE)"
    )
    assert run("python", "-c", code).split() == ["[]", "theirs"]


def test_a_program_with_an_indexer_of_its_own_is_told_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "indexer.py").write_text("WHOSE = 'theirs'")
    code = (
        "import vdr, indexer\n"
        "try: vdr.open_library()\n"
        "except ImportError as error: print(error)\n"
        "print(indexer.WHOSE)"
    )
    refused, whose = run("python", "-c", code).splitlines()
    assert "has a package 'indexer' of its own" in refused
    assert whose == "theirs"
