"""What is installed: the lock pins everything, the commands are there, and only our own name is told."""

import inspect
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, entry_points, requires

import pytest
import typer
import yaml

from app.cli.lazy import help_of
from app.cli.main import compose
from tests.fixtures.torchvision import FOLDER
from tests.project.files import ROOT, project_texts, text_of
from vdr.distribution import NAME

PROJECT = tomllib.loads(text_of("pyproject.toml"))
# That name in a command of pip, also after options, in quotes, with extras or a version.
_STRANGER = re.compile(r"""pip3? install\b[^\n`]*?[\s'"]vdr(?![\w./-])[^\n`]*""")
_EXTRAS = re.compile(rf"""(?:{NAME}|'\.)\[(\w+)|pip_install\(['"](\w+)['"]\)""")
_TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)


class TestName:
    def test_the_distribution_is_called_as_the_code_says(self) -> None:
        assert PROJECT["project"]["name"] == NAME

    def test_nobody_is_told_to_install_what_others_have_called_vdr(self) -> None:
        told = {name: _STRANGER.findall(text_of(name)) for name in project_texts()}
        assert {
            "README.md",
            "Makefile",
            "Dockerfile",
            "vdr/distribution.py",
            "docs/training.md",
        } <= told.keys()
        assert {name: found for name, found in told.items() if found} == {}

    def test_every_extra_that_is_named_exists(self) -> None:
        found = (each for name in project_texts() for each in _EXTRAS.finditer(text_of(name)))
        named = {each[1] or each[2] for each in found}
        assert {"train", "dev"} <= named <= PROJECT["project"]["optional-dependencies"].keys()


class TestLock:
    def test_every_requirement_is_pinned(self) -> None:
        pinned = {_plain(name) for name, _ in pins()}
        wanted = [re.split(r"[<>=!~;\[ ]", line)[0] for line in requires("vdr-pages") or []]
        assert wanted
        assert {_plain(name) for name in wanted} <= pinned

    def test_every_pin_is_exact(self) -> None:
        assert all(re.fullmatch(r"[\w.!+-]+", version) for _, version in pins())

    def test_torchvision_is_the_one_for_torch_and_the_one_that_the_tests_have(self) -> None:
        pinned = dict(pins())
        assert f"torchvision=={pinned['torchvision']}" in text_of("tests/requirements-without-deps.txt")
        found = [*distributions(name="torchvision", path=[*sys.path, str(FOLDER)])]
        if not found:
            pytest.skip(f"no torchvision, neither installed nor in {FOLDER}")
        assert found[0].version.partition("+")[0] == pinned["torchvision"]
        assert f"torch=={pinned['torch']}" in [re.sub(r"[() ]", "", line) for line in found[0].requires or []]

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
        assert {"setup", "setup-dev", "demo", "test", "check", "page-reader", "evaluate", "lock"} <= listed

    def test_the_demo_installs_no_more_than_searching_needs(self) -> None:
        """And its index is where `vdr search` looks for it."""
        done = subprocess.run(
            ["make", "-n", "demo", "VENV=build/none"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        installed = re.findall(r"-e '(.*)'", done.stdout)
        assert installed in (["."], [".[qwen]"])
        assert not re.search("chromium|postgresql|tesseract|VDR_DATA_DIR", done.stdout)

    def test_ci_runs_what_people_run(self) -> None:
        lines = [line for line in text_of(".ci/run").splitlines() if line.startswith("make ")]
        assert lines == ["make setup-dev", "make check", "make test COVERAGE=1", "make page-reader-small"]
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
