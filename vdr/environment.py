"""Reading the settings of the environment, and what is said where one is wrong."""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_settings import SettingsError

from vdr.errors import BadSetting
from vdr.faults import first_fault, first_field
from vdr.rerank_chain import check_depths
from vdr.settings import Settings
from vdr.variables import PREFIX


def read_settings() -> Settings:
    """The settings of the environment. Raises BadSetting, which names the variable."""
    _check_names()
    settings = _read()
    if settings.search.rerank_candidates:
        check_depths(settings.model.reranker, settings.search.rerank_candidates)
    return settings


def _read() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        # Below the variable's own name is where in its value the mistake is.
        said = first_fault(error, below=1)
        raise BadSetting(f"VDR_{first_field(error).upper()}: {said}.") from error
    except SettingsError as error:  # a value that should be JSON
        raise BadSetting(f"VDR_{_field_of(error).upper()} is not valid JSON: {error.__cause__}.") from error


def _check_names() -> None:
    """Raises BadSetting for a variable that no setting has: a misspelt one would go unnoticed."""
    known = sorted(_names())
    for name, value in os.environ.items():
        if value and name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1)
            meant = f"Did you mean {near[0]}?" if near else "Unset it, or give it another name."
            raise BadSetting(
                f"{name} is not a setting.", remedy=f"{meant} docs/configuration.md lists all settings."
            )


def _names() -> Iterator[str]:
    for concern in Settings.model_fields.values():
        fields: dict[str, object] = getattr(concern.annotation, "model_fields", {})
        yield from (f"{PREFIX}{name.upper()}" for name in fields)


def _field_of(error: SettingsError) -> str:
    found = re.search(r'field "(\w+)"', str(error))  # nothing else of the error tells it
    return found[1] if found else ""
