"""The service that a tool works with: the client that reaches it, and what links begin with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from vdr.client import AsyncClient, Hit, PageRef

# Stands for the collection that the service means where none is named; no collection can have this name.
DEFAULT = "_"


@dataclass(frozen=True, slots=True)
class Reached:
    """`client` acts as whoever called the tool; `origin` is where people reach the service.

    `reads_files` says that the caller's files are this process's: it was started by the caller.
    """

    client: AsyncClient
    origin: str
    reads_files: bool = False

    def of(self, collection: str | None) -> AsyncClient:
        """The client of a collection, by its name or DEFAULT."""
        return self.client if collection in {None, DEFAULT} else self.client.collection(collection)

    def link(self, url: str) -> str:
        """The whole URL of one that the service gave out."""
        return urljoin(f"{self.origin}/", url)


# Given the HTTP request of a call; None over stdio.
Reach = Callable[[Any], AbstractAsyncContextManager[Reached]]


def uri_of(collection: str | None, page: Hit | PageRef) -> str:
    """The resource that a page is."""
    ref = page.page if isinstance(page, Hit) else page
    return f"vdr://{collection or DEFAULT}/{ref.document_id}/{ref.page_number}"
