"""The client's own wheel: it needs httpx and pydantic alone, and lies beside the whole of vdr."""

import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

from tests.project.files import ROOT
from tests.project.test_installation import PROJECT

FOLDER = ROOT / "clients" / "python"
# What httpx and pydantic need.
NEEDED = ("httpx", "pydantic")
_USE = """
import sys
from vdr.client import Client, errors
import httpx
answer = lambda request: httpx.Response(
    404,
    json={"code": "not_found", "detail": "It is gone.", "remedy": "Look elsewhere."},
    headers={"content-type": "application/problem+json"},
)
with Client("http://vdr.test", http=httpx.Client(transport=httpx.MockTransport(answer))) as client:
    try:
        client.search("anything")
    except errors.NotFound as error:
        print(Client.__module__, error)
print(sorted({"torch", "numpy", "fastapi", "PIL", "vdr_client"} & set(sys.modules)))
"""


def build(folder: Path, out: Path) -> Path:
    # The build backend is called as installed: pip would fetch one anew, and tests have no network.
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=folder, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(FOLDER, tmp_path_factory.mktemp("client"))


def environment(folder: Path, *wheels: Path) -> Path:
    """Python of an environment with these wheels, and with what the client needs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (home,) = {path for path in sys.path if (Path(path) / "httpx").is_dir()}
    for name in names_needed():
        for path in Path(home).glob(name):
            (packages / path.name).symlink_to(path)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", *map(str, wheels)], check=True)
    return python


def names_needed() -> list[str]:
    """The modules of the dependencies and of theirs."""
    own = ["httpx", "httpcore", "h11", "certifi", "idna", "anyio", "sniffio", "typing_extensions.py"]
    return [*own, "pydantic", "pydantic_core", "annotated_types", "typing_inspection"]


def said(python: Path, code: str = _USE) -> list[str]:
    done = subprocess.run(
        [python, "-I", "-c", code], capture_output=True, text=True, check=False, cwd=python.parent
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_asks_for_httpx_and_pydantic_as_vdr_does(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()
    lines = [line for line in metadata.splitlines() if "Requires-Dist" in line and "extra" not in line]
    asked = {line.removeprefix("Requires-Dist: ") for line in lines}
    assert {each.split(">")[0] for each in asked} == set(NEEDED)
    assert asked <= {each for each in requires("vdr-pages") or () if "extra" not in each}
    assert f"Version: {PROJECT['project']['version']}" in metadata


def test_it_has_every_file_of_the_client(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info" not in name}
        errors = archive.read("vdr_client/errors.py")
    files = {f"vdr_client/{path.name}" for path in (ROOT / "vdr" / "client").glob("*.py")}
    assert names == {*files, "vdr_client/py.typed", "vdr/client.py"}
    assert errors == (ROOT / "vdr" / "errors.py").read_bytes()


def test_alone_it_is_imported_as_the_client_of_vdr(wheel: Path, tmp_path: Path) -> None:
    told, heavy = said(environment(tmp_path / "alone", wheel))
    assert told == "vdr_client.sync It is gone. Look elsewhere."
    assert heavy == "['vdr_client']"


@pytest.mark.slow
def test_beside_the_whole_of_vdr_either_is_there(wheel: Path, tmp_path: Path) -> None:
    whole = build(ROOT, tmp_path)
    with zipfile.ZipFile(whole) as ours, zipfile.ZipFile(wheel) as small:
        assert set(ours.namelist()) & set(small.namelist()) == set()
    python = environment(tmp_path / "both", whole, wheel)
    assert said(python) == ["vdr.client.sync It is gone. Look elsewhere.", "[]"]
    assert said(python, "import vdr_client; print(vdr_client.Client.__module__)") == ["vdr_client.sync"]
