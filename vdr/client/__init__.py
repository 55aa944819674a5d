"""The client of a running service: sync and async, typed, and without anything that searches.

Imports httpx, pydantic and the errors alone. Modules import each other relatively: the small distribution
vdr-pages-client (`clients/python`) has the same files as `vdr_client`.
Begin with `sync.py`: what a client does.
"""

from . import errors
from .asynchronous import AsyncClient
from .errors import VdrError
from .models import (
    Collection,
    Document,
    Facet,
    Hit,
    Page,
    PageRef,
    PageText,
    SearchResult,
    Version,
)
from .options import SearchOptions
from .sync import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Collection",
    "Document",
    "Facet",
    "Hit",
    "Page",
    "PageRef",
    "PageText",
    "SearchOptions",
    "SearchResult",
    "VdrError",
    "Version",
    "errors",
]
