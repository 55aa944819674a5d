"""Settings: what docs/configuration.md says is what the program takes."""

import re

from tests.project.files import table_rows, text_of
from tests.project.settings import default_of, setting_fields


def test_every_setting_is_documented_as_it_is() -> None:
    documented = {row[0]: row for row in table_rows(text_of("docs/configuration.md"))}
    taken = {
        f"`{name}`": (
            f"`{name}`",
            f"`{default_of(field)}`" if default_of(field) != "unset" else "unset",
            text,
        )
        for name, field in setting_fields()
        if (text := str(field.description))
    }
    assert documented == taken


def test_every_setting_has_a_description_of_its_own() -> None:
    descriptions = [field.description for _, field in setting_fields()]
    assert all(descriptions)
    assert len(set(descriptions)) == len(descriptions)


def test_no_other_setting_is_spoken_of_anywhere_in_the_documents() -> None:
    names = {name for name, _ in setting_fields()}
    for path in (
        "README.md",
        "docs/operations.md",
        "docs/architecture.md",
        "docs/errors.md",
        "vdr/errors.py",
    ):
        assert set(re.findall(r"\bVDR_[A-Z0-9_]+\b", text_of(path))) <= names, path
