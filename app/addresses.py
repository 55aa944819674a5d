"""Where things are found: below the collection that a request names, or without one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from vdr.settings import COLLECTION_NAME
from vdr.types import PageRef

API = "/v1"
IN_COLLECTION = "/collections/{collection}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a collection; with None those of the one that is meant where none is named.

    `root` is what all of them begin with: the path below which a proxy shows the service.
    """

    collection: str | None = None
    root: str = ""

    @property
    def api(self) -> str:
        """What the addresses of the API begin with."""
        return f"{self.root}{API}{self._within}"

    @property
    def ui(self) -> str:
        """What the addresses of the web UI begin with."""
        return f"{self.root}{self._within}"

    def document(self, document_id: str) -> str:
        """A document in the API."""
        return f"{self.api}/documents/{document_id}"

    def page_image(self, page: PageRef) -> str:
        """A page's image in the API."""
        return f"{self.document(page.document_id)}/pages/{page.page_number}/image"

    def page(self, page: PageRef) -> str:
        """A page in the web UI."""
        return f"{self.ui}/documents/{page.document_id}/pages/{page.page_number}"

    @property
    def _within(self) -> str:
        return IN_COLLECTION.format(collection=self.collection) if self.collection else ""


CollectionName = Annotated[
    str, Path(pattern=COLLECTION_NAME, description="Name of the collection.", examples=["invoices"])
]


async def named_collection(collection: CollectionName) -> str:
    """The collection that an address names."""
    return collection


def addresses(request: Request) -> Addresses:
    """The addresses of the collection that the request is about."""
    return Addresses(request.path_params.get("collection"), request.scope.get("root_path", ""))


async def _addresses(request: Request) -> Addresses:
    """For FastAPI, which would call a function in a thread."""
    return addresses(request)


AddressesOf = Annotated[Addresses, Depends(_addresses)]
