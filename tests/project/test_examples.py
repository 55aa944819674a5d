"""Every block of code in the documents is run or parsed, or says why it is not run."""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml
from typer.core import TyperCommand
from typer.main import get_command

from app.cli.main import compose
from app.service import create_app
from tests.app.conftest import settings_in
from tests.fixtures.libraries import tiny_models
from tests.project.curl import faults, request_of
from tests.project.examples import DOCUMENTS, Command, Example, commands_in, examples_in
from tests.project.files import text_of
from tests.project.settings import setting_fields
from vdr.filters import parse_filter

EXAMPLES = [example for document in DOCUMENTS for example in examples_in(document)]
SHELL = {"sh", "bash"}
# Programs of every system, which these documents use in one way only.
PLAIN = {"", "sha256sum", "cut"}
CHECKED = {"vdr", "make", "curl", "python"}


def of(*languages: str) -> pytest.MarkDecorator:
    found = [each for each in EXAMPLES if each.language in languages]
    return pytest.mark.parametrize("example", found, ids=str)


def commands() -> Iterator[tuple[Example, Command]]:
    for example in EXAMPLES:
        if example.language in SHELL:
            yield from ((example, command) for command in commands_in(example.text))


def calling(program: str) -> pytest.MarkDecorator:
    """A test for each command that calls a program, also in blocks that are not run."""
    found = [(example, command.arguments_of(program)) for example, command in commands()]
    called = [(example, arguments) for example, arguments in found if arguments is not None]
    assert called
    names = [f"{example} {' '.join(arguments)[:60]}" for example, arguments in called]
    return pytest.mark.parametrize("arguments", [arguments for _, arguments in called], ids=names)


class TestEveryBlock:
    def test_none_is_overlooked(self) -> None:
        fences = sum(len(re.findall(r"^ *```", text_of(document), re.MULTILINE)) for document in DOCUMENTS)
        assert fences == 2 * len(EXAMPLES) > 80

    @pytest.mark.parametrize("example", EXAMPLES, ids=str)
    def test_it_can_be_checked_or_says_why_it_is_not_run(self, example: Example) -> None:
        assert example.not_run or example.run_by or example.language in {*CHECKS, *SHELL}, "a language"
        if example.language in SHELL and not example.not_run and not example.run_by:
            unknown = {each.program for each in commands_in(example.text)} - PLAIN - CHECKED
            assert unknown == set(), "run by no test: say `<!-- not run: why -->` before the block"

    @pytest.mark.parametrize("example", [each for each in EXAMPLES if each.run_by], ids=str)
    def test_a_test_that_runs_it_reads_its_document(self, example: Example) -> None:
        assert Path(example.document).name in text_of(example.run_by)

    @pytest.mark.parametrize("document", DOCUMENTS)
    def test_commands_stand_in_blocks_that_say_their_language(self, document: str) -> None:
        assert re.findall(r"^ {4,}(?:vdr|make|curl|python|docker) .*", text_of(document), re.MULTILINE) == []


@of(*SHELL)
def test_the_shell_understands_it(example: Example) -> None:
    done = subprocess.run(["bash", "-n"], input=example.text, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_setting_in_a_command_exists() -> None:
    set_ones = {name for _, command in commands() for name in command.variables}
    assert (
        {"VDR_EMBEDDER", "VDR_DATA_DIR"}
        <= {name for name in set_ones if name.startswith("VDR_")}
        <= {name for name, _ in setting_fields()}
    )


@calling("vdr")
def test_the_command_line_takes_it(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # Commands are parsed as when they are run; only what they do is left out.
    monkeypatch.setattr(TyperCommand, "invoke", lambda *_: None, raising=False)
    get_command(compose(entry_points(group="vdr.commands"))).main(arguments, standalone_mode=False)
    if "--filter" in arguments:
        parse_filter(json.loads(arguments[arguments.index("--filter") + 1]))


@pytest.mark.parametrize(
    "arguments", [["search", "a", "--limt", "3"], ["serch"], ["documents", "remove", "a"]]
)
def test_a_command_that_is_not_there_is_noticed(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Exception, match="No such"):
        test_the_command_line_takes_it(arguments, monkeypatch)


@calling("make")
def test_the_makefile_has_its_targets_and_variables(arguments: list[str]) -> None:
    makefile = text_of("Makefile")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    variables = set(re.findall(r"\$\((\w+)\)|^(\w+) \?=", makefile, re.MULTILINE))
    for each in arguments:
        name, is_variable, _ = each.partition("=")
        assert name in (set(chain.from_iterable(variables)) if is_variable else targets)


@calling("python")
def test_the_module_is_there_with_its_options(arguments: list[str]) -> None:
    assert arguments[0] == "-m"
    spec = find_spec(arguments[1])
    assert spec and spec.origin
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert [each for each in arguments[2:] if each.startswith("--") and f'"{each}"' not in source] == []


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(settings_in(tmp_path_factory.mktemp("described")), tiny_models()).openapi()


@calling("curl")
def test_the_service_has_the_address_and_what_is_sent(
    arguments: list[str], description: dict[str, Any]
) -> None:
    assert list(faults(request_of(arguments), description)) == []


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("localhost:8000/v1/seek", "no GET /v1/seek"),
        ("localhost:8000/v1/search", "no GET /v1/search"),
        ("localhost:8000/v1/documents?colour=red", "no parameter colour"),
        ("localhost:8000/v1/documents -F file=@a.pdf", "no field file"),
        ("localhost:8000/v1/search -d {\"query\":\"a\",\"limit\":0}", "0 is less than the minimum of 1.0"),
    ],
)  # fmt: skip
def test_a_request_that_is_not_taken_is_noticed(
    command: str, fault: str, description: dict[str, Any]
) -> None:
    assert list(faults(request_of(command.split()), description)) == [fault]


def check_python(text: str) -> None:
    """It compiles, and what it imports is there."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            module = import_module(str(node.module))
            assert [each.name for each in node.names if not hasattr(module, each.name)] == []
        if isinstance(node, ast.Import):
            assert [each.name for each in node.names if find_spec(each.name) is None] == []


def check_caddyfile(text: str) -> None:
    """Caddy itself reads it."""
    caddy = which("caddy") or pytest.skip("no caddy is installed")
    command = [caddy, "adapt", "--adapter", "caddyfile", "--config", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def check_drawing(text: str) -> None:
    """A drawing whose parts are closed: Mermaid itself is a program for browsers."""
    assert text.startswith("flowchart ")
    assert len(re.findall(r"^\s*subgraph ", text, re.M)) == len(re.findall(r"^\s*end$", text, re.M))


CHECKS: dict[str, Callable[[str], object]] = {
    "python": check_python,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "toml": tomllib.loads,
    "caddyfile": check_caddyfile,
    "mermaid": check_drawing,
}


@of(*CHECKS)
def test_what_reads_it_understands_it(example: Example) -> None:
    CHECKS[example.language](example.text)
