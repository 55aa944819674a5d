"""Each endpoint of the service as a call; the sync and the async client send the same ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from .calls import Call, FileToSend, Progress, answering, content, nothing
from .models import (
    Collection,
    Collections,
    Deletion,
    Document,
    Documents,
    Hit,
    Listed,
    Page,
    PageExplanation,
    PageRef,
    Pages,
    PageText,
    SearchResult,
    SearchResults,
    Uploads,
    Version,
)
from .options import Filter, Listing, SearchOptions, as_body, as_parameters
from .problems import error_of

_PAGES_A_TIME = 1_000
_JPEG, _PNG, _WEBP = "image/jpeg", "image/png", "image/webp"
IMAGE_TYPES = {"jpeg": _JPEG, "png": _PNG, "webp": _WEBP}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of a collection; None is the one that the service means where none is named."""

    collection: str | None = None

    @property
    def base(self) -> str:
        """What the paths of the collection begin with."""
        return f"/v1/collections/{quote(self.collection, safe='')}" if self.collection else "/v1"

    def search(
        self, query: str | None, page: Hit | PageRef | None, options: SearchOptions
    ) -> Call[SearchResult]:
        """Search by words, by a page, or by both."""
        body = _search_body(query, page, options)
        return Call("POST", f"{self.base}/search", answering(SearchResult), {"json": body})

    def search_many(self, queries: Sequence[str], options: SearchOptions) -> Call[list[SearchResult]]:
        """Several searches with the same options."""
        body = {"searches": [_search_body(query, None, options) for query in queries]}
        return Call("POST", f"{self.base}/search/batch", _results, {"json": body})

    def search_image(
        self, image: Path | bytes, query: str | None, options: SearchOptions
    ) -> Call[SearchResult]:
        """Search by an image, and by words beside it."""
        params = as_parameters(options) | ({} if query is None else {"query": query})
        file = FileToSend("image", image.name if isinstance(image, Path) else "image", image)
        path = f"{self.base}/search/image"
        return Call("POST", path, answering(SearchResult), {"params": params}, file)

    def upload(
        self,
        source: Path | bytes,
        name: str | None,
        fields: Mapping[str, str],
        progress: Progress | None,
        *,
        bulk: bool,
    ) -> Call[Document]:
        """Send a file. Sent again, it is known by its key, and by its bytes as well."""
        file = FileToSend("files", _name_of(source, name), source, progress)
        sent: dict[str, Any] = {"data": fields, "headers": {"Idempotency-Key": uuid4().hex}}
        if bulk:
            sent["params"] = {"bulk": "true"}
        return Call("POST", f"{self.base}/documents", _uploaded, sent, file)

    def documents(self, after: str | None, limit: int, listing: Listing) -> Call[Documents]:
        """A page of the list of documents."""
        params = {**as_parameters(listing), "limit": limit}
        if after is not None:
            params["after"] = after
        return Call("GET", f"{self.base}/documents", answering(Documents), {"params": params})

    def document(self, document: Document | str) -> Call[Document]:
        """A document."""
        return Call("GET", self._document(document), answering(Document))

    def events(self, document: Document | str) -> str:
        """Where a document can be followed."""
        return f"{self._document(document)}/events"

    def change(
        self, document: Document | str, name: str | None, metadata: Mapping[str, Any] | None
    ) -> Call[Document]:
        """Change a document."""
        body = {"name": name, "metadata": metadata}
        sent = {"json": {key: value for key, value in body.items() if value is not None}}
        return Call("PATCH", self._document(document), answering(Document), sent)

    def act(self, document: Document | str, action: str) -> Call[Document]:
        """Cancel or retry a document."""
        path = f"{self._document(document)}/{action}"
        return Call("POST", path, answering(Document), may_repeat=False)

    def delete(self, document: Document | str) -> Call[None]:
        """Delete a document."""
        return Call("DELETE", self._document(document), nothing, may_repeat=False)

    def delete_where(self, filter: Filter, *, dry_run: bool) -> Call[Deletion]:
        """Delete all documents that pass a filter."""
        sent = {"json": {"filter": filter, "dry_run": dry_run}}
        return Call("POST", f"{self.base}/deletions", answering(Deletion), sent)

    def pages(self, document: Document | str, offset: int) -> Call[Listed[Page]]:
        """Some of the pages of a document, and where the next ones begin."""

        def read(response: httpx.Response) -> Listed[Page]:
            pages = answering(Pages)(response).pages
            return Listed(pages, str(offset + len(pages)) if len(pages) == _PAGES_A_TIME else None)

        sent = {"params": {"limit": _PAGES_A_TIME, "offset": offset}}
        return Call("GET", f"{self._document(document)}/pages", read, sent)

    def page_image(self, page: Hit | PageRef, width: int | None, kind: str) -> Call[bytes]:
        """The image of a page."""
        sent: dict[str, Any] = {"headers": {"Accept": IMAGE_TYPES[kind]}}
        if width is not None:
            sent["params"] = {"width": width}
        return Call("GET", f"{self._page(page)}/image", content, sent)

    def page_text(self, page: Hit | PageRef) -> Call[PageText]:
        """The words of a page."""
        return Call("GET", f"{self._page(page)}/text", answering(PageText))

    def explain(self, page: Hit | PageRef, query: str) -> Call[PageExplanation]:
        """Why a page answers a question."""
        path = f"{self._page(page)}/explanation"
        return Call("GET", path, answering(PageExplanation), {"params": {"query": query}})

    def file(self, document: Document | str) -> Call[bytes]:
        """The PDF of a document."""
        return Call("GET", f"{self._document(document)}/file", content)

    def _document(self, document: Document | str) -> str:
        document_id = document if isinstance(document, str) else document.document_id
        return f"{self.base}/documents/{quote(document_id, safe='')}"

    def _page(self, page: Hit | PageRef) -> str:
        ref = page.page if isinstance(page, Hit) else page
        return f"{self._document(ref.document_id)}/pages/{ref.page_number}"


def collections() -> Call[list[Collection]]:
    """All collections."""
    return Call("GET", "/v1/collections", lambda response: answering(Collections)(response).collections)


def create_collection(name: str, description: str, settings: Mapping[str, Any]) -> Call[Collection]:
    """Make a collection."""
    body = {"name": name, "description": description, "settings": settings}
    return Call("POST", "/v1/collections", answering(Collection), {"json": body}, may_repeat=False)


def delete_collection(name: str) -> Call[None]:
    """Delete a collection."""
    return Call("DELETE", Endpoints(name).base, nothing, may_repeat=False)


def version() -> Call[Version]:
    """What is running."""
    return Call("GET", "/version", answering(Version))


def upload_fields(
    password: str | None, metadata: Mapping[str, Any] | None, *, replace: bool
) -> dict[str, str]:
    """What is sent beside a file."""
    fields = {"replace": "true"} if replace else {}
    if password:
        fields["password"] = password
    if metadata is not None:
        fields["metadata"] = json.dumps(dict(metadata))
    return fields


def _search_body(query: str | None, page: Hit | PageRef | None, options: SearchOptions) -> dict[str, Any]:
    body = as_body(options)
    if query is not None:
        body["query"] = query
    if page is not None:
        ref = page.page if isinstance(page, Hit) else page
        body["page"] = {"document_id": ref.document_id, "page_number": ref.page_number}
    return body


def _name_of(source: Path | bytes, name: str | None) -> str:
    return name or (source.name if isinstance(source, Path) else "document")


def _results(response: httpx.Response) -> list[SearchResult]:
    return answering(SearchResults)(response).results


def _uploaded(response: httpx.Response) -> Document:
    (upload,) = answering(Uploads)(response).uploads
    if upload.problem is not None:
        raise error_of(upload.problem.code, upload.problem.detail, upload.problem.remedy)
    assert upload.document is not None
    return upload.document
