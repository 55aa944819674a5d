"""TOML files that tell a training or a build what to do: every key known, and checked before any work."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from vdr.errors import BadInput


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Config = TypeVar("Config", bound=Section)


def read_config(path: Path, kind: type[Config], remedy: str) -> Config:
    """The configuration in a TOML file.

    Raises BadInput with every wrong key and value, an unknown key with the nearest known one.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{path} does not exist.", remedy="Choose a TOML file.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}.", remedy=remedy) from error
    return parse_config(told, kind, str(path), remedy)


def parse_config(told: dict[str, Any], kind: type[Config], name: str, remedy: str) -> Config:
    """The configuration in parsed TOML. Raises BadInput; see `read_config`."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        faults = "; ".join(_fault(fault, kind) for fault in error.errors())
        raise BadInput(f"{name}: {faults}.", remedy=remedy) from error


def _fault(fault: Any, kind: type[BaseModel]) -> str:  # noqa: ANN401 - pydantic's own ErrorDetails
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{where or 'the file'}: {fault['msg']}"
    # The number of a table among several of one name is not part of a key.
    key = ".".join(part for part in fault["loc"] if isinstance(part, str))
    near = difflib.get_close_matches(key, list(_keys(kind)), 1, cutoff=0.4)
    return f"unknown key {where}" + (f", did you mean {near[0]}?" if near else "")


def _keys(kind: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every key of a configuration, with the tables it is in."""
    for name, field in kind.model_fields.items():
        yield before + name
        for section in _sections(field.annotation):
            yield from _keys(section, f"{before}{name}.")


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - an annotation can be anything
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _sections(part)
