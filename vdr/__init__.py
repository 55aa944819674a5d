"""What all programs share: vocabulary, errors, settings, catalogue, filters, models, index, objects, search.

For other programs this package is also the Python API: what `__all__` lists, as docs/python.md describes it.
Imports none of the other rooms: neither HTTP, jobs nor training are known here. `python.py`, which opens a
library in another program, is the exception: it stands on indexer.
Begin with `types.py`: the vocabulary.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from vdr.telemetry import turn_off

if TYPE_CHECKING:
    from vdr.errors import VdrError
    from vdr.python import OpenLibrary, open_library
    from vdr.settings import Settings
    from vdr.types import Document, Hit, PageRef, SearchMode

__all__ = [
    "Document",
    "Hit",
    "OpenLibrary",
    "PageRef",
    "SearchMode",
    "Settings",
    "VdrError",
    "open_library",
]

_MODULES = {
    "Document": "vdr.types",
    "Hit": "vdr.types",
    "OpenLibrary": "vdr.python",
    "PageRef": "vdr.types",
    "SearchMode": "vdr.types",
    "Settings": "vdr.settings",
    "VdrError": "vdr.errors",
    "open_library": "vdr.python",
}

turn_off()


def __getattr__(name: str) -> object:
    """What the API offers, imported when it is asked for: every program of ours imports this package."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
