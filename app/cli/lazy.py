"""Commands that are loaded when they are run, so that `vdr --help` imports no models."""

import ast
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import typer
from typer.core import TyperCommand


def add_lazily(app: typer.Typer, command: EntryPoint) -> None:
    """Give `app` a command of which only the name and the help are known until it is run."""
    app.command(command.name, cls=_LazyCommand, help=help_of(command))(command.load)


def help_of(command: EntryPoint) -> str:
    """The help of a command as its source has it: a function's docstring, or what a group is given as `help`.

    Read without importing it; "" if no source is available.
    """
    spec = find_spec(command.module)
    if spec is None or spec.origin is None:
        return ""
    module = ast.parse(Path(spec.origin).read_bytes())
    return next(_help_texts(module, command.attr), "")


class _LazyCommand(TyperCommand):
    """Stands in for the command that its callback loads."""

    # typer may have click's types from click or from a copy of its own.
    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401
        """The context of the real command, which is what typer then runs."""
        load = cast("Callable[[], object]", self.callback)
        return _built(str(self.name), load()).make_context(info_name, args, parent, **extra)


def _built(name: str, offered: object) -> Any:  # noqa: ANN401
    app = typer.Typer(add_completion=False)
    if isinstance(offered, typer.Typer):
        app.add_typer(offered, name=name)
    else:
        app.command(name)(cast("Callable[..., object]", offered))
    return typer.main.get_group(app).commands[name]


def _help_texts(module: ast.Module, name: str) -> Iterator[str]:
    for statement in module.body:
        match statement:
            case ast.FunctionDef() if statement.name == name:
                yield ast.get_docstring(statement) or ""
            case ast.Assign(targets=[ast.Name(id=assigned)], value=ast.Call() as call) if assigned == name:
                for keyword in call.keywords:
                    match keyword:
                        case ast.keyword(arg="help", value=ast.Constant(value=str() as text)):
                            yield text
