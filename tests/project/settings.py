"""Every setting of the program, read from the classes that define it."""

from collections.abc import Iterator
from enum import Enum

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from vdr.settings import Settings


def setting_fields() -> Iterator[tuple[str, FieldInfo]]:
    """The environment variable of each setting, and its field."""
    for concern in Settings.model_fields.values():
        kind = concern.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseSettings)
        prefix = kind.model_config["env_prefix"]
        for name, field in kind.model_fields.items():
            yield f"{prefix}{name}".upper(), field


def default_of(field: FieldInfo) -> str:
    """The default as a person would write it into the environment; "unset" where there is none or nothing."""
    default = field.get_default(call_default_factory=True)
    if default is None or default == ():
        return "unset"
    return str(default.value if isinstance(default, Enum) else default)
