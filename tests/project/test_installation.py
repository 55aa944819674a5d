"""What is installed: the wheel holds everything, the lock pins everything, the commands are there."""

import inspect
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points, requires
from pathlib import Path

import pytest
import typer
import yaml

from app.cli.lazy import help_of
from app.cli.main import compose
from tests.project.files import ROOT, text_of

PROJECT = tomllib.loads(text_of("pyproject.toml"))
_TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of the files in the wheel that the project builds."""
    # The build backend is called as installed: pip would fetch one anew, and tests have no network.
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return frozenset(archive.namelist())


def files_below(folder: str) -> set[str]:
    found = (
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {str(path.relative_to(ROOT)) for path in found}


class TestWheel:
    @pytest.mark.parametrize("folder", ["vdr", "indexer", "app", "training", "samples"])
    def test_every_file_of_every_room_is_in_it(self, wheel: frozenset[str], folder: str) -> None:
        assert files_below(folder) <= wheel

    def test_weights_templates_and_static_files_are_in_it(self, wheel: frozenset[str]) -> None:
        assert any(
            name.startswith("vdr/page_reader/weights/") and name.endswith(".safetensors") for name in wheel
        )
        assert {"app/ui/templates/home.html", "app/ui/static/style.css"} <= wheel

    def test_tests_and_benchmarks_are_not(self, wheel: frozenset[str]) -> None:
        assert {Path(name).parts[0] for name in wheel} & {"tests", "benchmarks", "docs"} == set()


class TestLock:
    def test_every_requirement_is_pinned(self) -> None:
        pinned = {_plain(name) for name, _ in pins()}
        wanted = [re.split(r"[<>=!~;\[ ]", line)[0] for line in requires("vdr") or []]
        assert wanted
        assert {_plain(name) for name in wanted} <= pinned

    def test_every_pin_is_exact(self) -> None:
        assert all(re.fullmatch(r"[\w.!+-]+", version) for _, version in pins())

    def test_torch_fits_builds_for_cpus_and_gpus(self) -> None:
        assert re.fullmatch(r"\d+\.\d+\.\d+", dict(pins())["torch"])


class TestCommands:
    def test_every_command_of_the_project_can_be_run(self) -> None:
        declared = PROJECT["project"]["entry-points"]["vdr.commands"]
        installed = entry_points(group="vdr.commands")
        assert {point.name: point.value for point in installed} == declared
        app = compose(installed)
        assert {command.name for command in app.registered_commands} == set(declared)
        assert all(command.help for command in app.registered_commands)

    @pytest.mark.parametrize("name", sorted(PROJECT["project"]["entry-points"]["vdr.commands"]))
    def test_the_help_of_every_command_is_that_of_its_source(self, name: str) -> None:
        (command,) = entry_points(group="vdr.commands", name=name)
        loaded = command.load()
        is_group = isinstance(loaded, typer.Typer)
        assert help_of(command) == (loaded.info.help if is_group else inspect.getdoc(loaded))

    def test_make_help_lists_every_target_for_people(self) -> None:
        done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
        listed = {line.split()[0] for line in done.stdout.splitlines()}
        assert listed == set(_TARGET.findall(text_of("Makefile")))
        assert {"setup", "demo", "test", "check", "page-reader", "evaluate", "lock"} <= listed

    def test_ci_runs_what_people_run(self) -> None:
        lines = [line for line in text_of(".ci/run").splitlines() if line.startswith("make ")]
        assert lines == ["make setup", "make check", "make test COVERAGE=1", "make page-reader-small"]
        steps = yaml.safe_load(text_of(".github/workflows/ci.yml"))["jobs"]["ci"]["steps"]
        assert [step["run"] for step in steps if step.get("run", "").startswith("make ")] == lines

    def test_what_runs_before_a_commit_is_a_target(self) -> None:
        (local,) = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]
        targets = {f"make {name}" for name in _TARGET.findall(text_of("Makefile"))}
        assert {hook["entry"] for hook in local["hooks"]} <= targets


def pins() -> list[tuple[str, str]]:
    lines = (line for line in text_of("constraints.txt").splitlines() if line and not line.startswith("#"))
    return [(name, version) for name, version in (line.split("==") for line in lines)]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
