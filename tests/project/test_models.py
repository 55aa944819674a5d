"""docs/models.md: what each model that is named anywhere needs is among the requirements of its extra."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import transformers
from transformers.models.auto.auto_mappings import (
    CONFIG_MAPPING_NAMES,
    IMAGE_PROCESSOR_MAPPING_NAMES,
    PROCESSOR_MAPPING_NAMES,
    VIDEO_PROCESSOR_MAPPING_NAMES,
)
from transformers.utils.import_utils import define_import_structure

from tests.project.files import project_texts, table_rows, text_of
from vdr.settings import PAGE_READER

PROJECT = tomllib.loads(text_of("pyproject.toml"))["project"]
CLASSES: dict[str, dict[str, dict[str, str]]] = {
    "image_processor": IMAGE_PROCESSOR_MAPPING_NAMES,
    "video_processor": VIDEO_PROCESSOR_MAPPING_NAMES,
}
# What Transformers calls a backend by another name than its package has.
PACKAGES = {"vision": "pillow"}
# What a model is given by in docs, configurations and compose files.
_NAMED = re.compile(r"""(?:VDR_EMBEDDER=|VDR_RERANKER=|base = ")([\w.-]+/[\w.-]+)|\b(Qwen/[\w.-]*\w)""")
_COLUMNS = 4  # checkpoint, setting, architecture, extra
_FOLDERS = ("runs/", "models/", "build/", "path/")


def models() -> dict[str, tuple[str, str]]:
    """Architecture and extra of each checkpoint in the table."""
    rows = table_rows(text_of("docs/models.md"))
    cells = [[cell.strip("`") for cell in row] for row in rows]
    named = [row for row in cells if len(row) == _COLUMNS]
    return {name: (kind, extra) for name, _, kind, extra in named if name != PAGE_READER}


def named_models() -> Iterator[str]:
    for file in project_texts():
        if not file.endswith(".py"):
            yield from (one or other for one, other in _NAMED.findall(text_of(file)))


def backends(architecture: str) -> set[str]:
    """What Transformers says that the processor of an architecture cannot be loaded without."""
    processor = PROCESSOR_MAPPING_NAMES.get(architecture)
    if processor is None:  # it takes texts alone
        assert architecture in CONFIG_MAPPING_NAMES
        return set()
    needed = declared(processor)
    for part in getattr(transformers, processor).get_attributes():
        choices = CLASSES.get(part, {}).get(architecture, {})
        if choices:  # by the backend; it takes one that is there
            needed |= set.intersection(*(declared(name) for name in choices.values()))
    return needed


def declared(name: str) -> set[str]:
    """The backends that Transformers declares for a class of its own."""
    *folder, _ = sys.modules["transformers"]._class_to_module[name].split(".")
    modules = define_import_structure(Path(transformers.__file__).parent.joinpath(*folder))
    return next(
        set(backends) for backends, files in modules.items() if any(name in names for names in files.values())
    )


def required(*extras: str) -> set[str]:
    lines = [
        *PROJECT["dependencies"],
        *(line for each in extras for line in PROJECT["optional-dependencies"][each]),
    ]
    return {re.split(r"[<>=!~;\[ ]", line)[0] for line in lines}


def test_every_model_that_is_named_is_in_the_table() -> None:
    named = {name for name in named_models() if not name.startswith(_FOLDERS)}
    assert {"Qwen/Qwen3-VL-Embedding-2B", "Qwen/Qwen3-VL-Reranker-2B"} <= named <= models().keys()


@pytest.mark.parametrize(("name", "architecture", "extra"), [(name, *row) for name, row in models().items()])
def test_the_extra_of_a_model_has_all_that_its_processor_needs(
    name: str, architecture: str, extra: str
) -> None:
    extras = [] if extra == "none" else [extra]
    assert {PACKAGES.get(each, each) for each in backends(architecture)} <= required(*extras), name


def test_qwen3_vl_needs_what_is_not_installed_with_vdr() -> None:
    """Or the test above could not fail."""
    assert "torchvision" in backends("qwen3_vl") - required()
