"""The command line as a whole: what it offers, what it loads for that, and how it ends."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, version
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.lazy import help_of
from app.cli.main import compose, main
from vdr.errors import ExitCode

COMMANDS = [EntryPoint(name, f"app.cli.{name}:{name}", "vdr.commands") for name in ("serve", "search")]


@pytest.fixture
def run() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(compose(COMMANDS), list(arguments))


@pytest.mark.parametrize(
    "arguments", [["--mode", "psychic"], ["--limit", "0"], ["--limit", "101"], ["--offset", "-1"]]
)
def test_bad_options_are_refused(run: Callable[..., Result], arguments: list[str]) -> None:
    assert run("search", "whales", *arguments).exit_code == 2


def test_the_version_is_told(run: Callable[..., Result]) -> None:
    assert run("--version").output == f"vdr {version('vdr-pages')}\n"


def test_without_a_command_help_is_shown(run: Callable[..., Result]) -> None:
    output = run().output
    assert "search" in output
    assert "serve" in output


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["search", "whales"], {"VDR_CANDIDATES": "0"}, "VDR_CANDIDATES"),
        (["serve", "--port", "0"], {"VDR_EMBEDDER": "/no/such/folder"}, "/no/such/folder cannot be loaded"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: list[str],
    env: dict[str, str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path))
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["vdr", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == ExitCode.NOT_DONE
    assert said in printed.err
    assert len(printed.err.strip().splitlines()) == 1
    assert printed.out == ""


_WHAT_HELP_IMPORTS = """
import sys
from app.cli.main import main
sys.argv = ["vdr", "--help"]
try:
    main()
finally:
    print(*{"torch", "openvino", "sqlalchemy", "fastapi", "datasets"} & set(sys.modules), file=sys.stderr)
"""


class TestLazy:
    def test_help_lists_every_command_and_imports_none(self) -> None:
        command = [sys.executable, "-c", _WHAT_HELP_IMPORTS]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        assert done.stderr.strip() == ""
        assert (
            "Find the pages that answer QUESTION, are like a page, or both." in done.stdout
        )  # a function's docstring
        assert "Fine-tune models on your own documents." in done.stdout  # a group's help

    def test_what_talks_to_a_service_opens_no_database(self) -> None:
        script = (
            "import sys, app.cli.search, app.cli.documents; print({'sqlalchemy', 'torch'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
        assert done.stdout.strip() == "set()"

    def test_torch_is_imported_with_the_models_that_need_it(self) -> None:
        script = (
            "import sys, app.service, training.pairs.cli, training.fit.cli;"
            " print({'torch', 'sentence_transformers'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
        assert done.stdout.strip() == "set()"

    @pytest.mark.parametrize("value", ["no_such_module:run", "app.cli.search:no_such_name"])
    def test_a_command_without_source_is_listed_without_help(self, value: str) -> None:
        assert help_of(EntryPoint("gone", value, "vdr.commands")) == ""

    def test_the_help_read_from_source_is_the_help_of_the_command(self) -> None:
        search = compose(COMMANDS).registered_commands[0]
        loaded = COMMANDS[1].load()
        assert search.help == inspect.getdoc(loaded)

    def test_a_group_is_run_with_its_own_commands(self) -> None:
        app = compose([EntryPoint("greet", f"{__name__}:greetings", "vdr.commands")])
        assert CliRunner().invoke(app, ["greet", "say", "--name", "whale"]).output == "hello whale\n"
        assert CliRunner().invoke(app, ["greet", "sing"]).exit_code == 2


greetings = typer.Typer(help="Greets.")


@greetings.callback()
def among_others() -> None:
    """A group although it has one command."""


@greetings.command()
def say(name: str = "you") -> None:
    typer.echo(f"hello {name}")
