"""The Python API as docs/python.md tells it."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

import vdr
from tests.fixtures.pdfs import write_report
from tests.project.files import table_rows, text_of

RECIPE, WITH_SETTINGS = re.findall(r"```python\n(.*?)```", text_of("docs/python.md"), re.DOTALL)
# From here on the reader's own code is called.
THEIRS = "# Not part of vdr:"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the blocks are run; they add report.pdf."""
    monkeypatch.chdir(tmp_path)
    write_report(tmp_path / "report.pdf", 2)
    return tmp_path


@pytest.mark.slow
def test_the_recipe_runs_up_to_the_vision_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, mark, theirs = RECIPE.partition(THEIRS)
    assert mark and len(RECIPE.strip().splitlines()) <= 16
    defined: dict[str, object] = {}
    exec(compile(ours, "docs/python.md", "exec"), defined)
    assert capsys.readouterr().out.startswith("report.pdf ")
    asked: list[tuple[object, object]] = []
    exec(theirs.partition("\n")[2], defined | {"ask_vision_model": lambda *told: asked.append(told)})
    ((question, pages),) = asked
    assert question in RECIPE
    assert [max(page.size) for page in pages] == [1536] * 2  # type: ignore[attr-defined]


@pytest.mark.skipif(which("tesseract") is None, reason="no Tesseract")
def test_settings_given_in_code_count(folder: Path) -> None:
    defined: dict[str, object] = {}
    exec(compile(WITH_SETTINGS, "docs/python.md", "exec"), defined)
    assert dict(defined["document"].metadata) == {"year": 2023}  # type: ignore[attr-defined]
    assert defined["document"].indexing.ocr_pages_done > 0  # type: ignore[attr-defined]


def test_the_readme_uses_it_as_it_is() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", text_of("README.md"), re.DOTALL)
    compile(block, "README.md", "exec")
    assert set(re.findall(r"library\.(\w+)", block)) <= set(dir(vdr.OpenLibrary))


def test_all_that_it_offers_is_documented() -> None:
    told = " ".join(cell for row in table_rows(text_of("docs/python.md")) for cell in row)
    methods = {name for name in vars(vdr.OpenLibrary) if not name.startswith("_")}
    assert {name for name in methods if f"library.{name}(" not in told} == set()
    assert {name for name in vdr.__all__ if not re.search(rf"\b{name}\b", text_of("docs/python.md"))} == {
        "OpenLibrary"  # only made by open_library
    }


def test_importing_it_imports_no_library_that_takes_time() -> None:
    code = "import sys, vdr; print([name for name in ('torch', 'numpy', 'indexer') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_opening_a_library_imports_no_torch(folder: Path) -> None:
    code = (
        "import sys, vdr\n"
        "with vdr.open_library('data') as library: library.search('anything')\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", vdr.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(vdr, name).__name__ == name


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'vdr' has no attribute 'closed_library'"):
        _ = vdr.closed_library
