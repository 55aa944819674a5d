"""The same client for asyncio: what iterates is iterated over with `async for`, all else is awaited."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, Unpack

import httpx

from . import endpoints
from .calls import Call, Progress
from .endpoints import Endpoints
from .errors import VdrError
from .events import RECONNECT_S, SILENCE_S, Following
from .models import (
    Collection,
    Deletion,
    Document,
    Documents,
    Hit,
    Listed,
    Page,
    PageExplanation,
    PageRef,
    PageText,
    SearchResult,
    Version,
)
from .options import Filter, Listing, SearchOptions
from .patience import pause_s
from .problems import check, explained
from .sync import CONNECT_S, TIMEOUT_S, as_source

T = TypeVar("T")


class AsyncClient:
    """A service at a URL, or the part of it that a collection is. Tasks of one event loop may share it.

    `key` is sent as a bearer token. Lost connections and answers that say “later” (429, 503) are tried again
    `retries` times; what might be done twice by that is not. `http` is an httpx client of your own, with
    proxies or certificates, which you close yourself. Every method raises VdrError: the error that the
    service answers with, ServiceUnavailable where it cannot be reached, and ServiceMismatch for an answer
    that is not understood.
    """

    def __init__(
        self,
        url: str = "http://localhost:8000",
        *,
        key: str | None = None,
        collection: str | None = None,
        timeout_s: float = TIMEOUT_S,
        retries: int = 4,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._endpoints = Endpoints(collection)
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._retries = retries
        self._owns_http = http is None
        self._http = http or httpx.AsyncClient(
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        )
        self._sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            await self._http.aclose()

    def collection(self, name: str | None) -> "AsyncClient":
        """A client of another collection, by the same connections; None is the service's default one."""
        client = AsyncClient(self.url, collection=name, retries=self._retries, http=self._http)
        client._headers, client._sleep = self._headers, self._sleep
        return client

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> SearchResult:
        """The pages that answer a question, best first, and what else the search tells."""
        return await self._do(self._endpoints.search(query, None, options))

    async def search_many(
        self, queries: Sequence[str], **options: Unpack[SearchOptions]
    ) -> list[SearchResult]:
        """The results of up to 100 questions, in their order."""
        return await self._do(self._endpoints.search_many(queries, options))

    async def hits(self, query: str, **options: Unpack[SearchOptions]) -> AsyncIterator[Hit]:
        """All pages that answer, best first: as many answers of `limit` hits as are looked at."""
        while True:
            found = await self.search(query, **options)
            for hit in found.hits:
                yield hit
            if found.next_cursor is None:
                return
            options = {**options, "cursor": found.next_cursor, "offset": 0}

    async def similar(
        self, page: Hit | PageRef, query: str | None = None, **options: Unpack[SearchOptions]
    ) -> SearchResult:
        """The pages that are like a page; with a question those first that answer it as well."""
        return await self._do(self._endpoints.search(query, page, options))

    async def search_image(
        self, image: str | Path | bytes, query: str | None = None, **options: Unpack[SearchOptions]
    ) -> SearchResult:
        """The pages that are like an image (PNG, JPEG or WebP), and answer a question if one is given."""
        return await self._do(self._endpoints.search_image(as_source(image), query, options))

    async def upload(
        self,
        source: str | Path | bytes,
        *,
        name: str | None = None,
        password: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        replace: bool = False,
        bulk: bool = False,
        progress: Progress | None = None,
    ) -> Document:
        """Send a file, or its bytes under a `name`; it is indexed in the background, which `wait` waits for.

        `replace` deletes other documents of this name once it is indexed, `bulk` is low priority. `progress`
        is told the bytes sent and the bytes of the file, from 0 again where it has to be sent again. Raises
        the DocumentError that says why a file is not taken, QueueFull, and OSError for one that cannot be
        read.
        """
        fields = endpoints.upload_fields(password, metadata, replace=replace)
        call = self._endpoints.upload(as_source(source), name, fields, progress, bulk=bulk)
        try:
            return await self._do(call)
        except httpx.LocalProtocolError as error:  # more or less of it than its size said
            raise OSError(f"{source!r} changed while it was uploaded.") from error

    async def wait(self, document: Document | str) -> Document:
        """The document once it is indexed (OCR included), failed or cancelled: `state` says which.

        Raises NotFound if it is deleted meanwhile.
        """
        last: Document | None = None
        async for each in self.events(document):
            last = each
        return last or await self.document(document)

    async def events(self, document: Document | str) -> AsyncIterator[Document]:
        """The document now, and each time it has changed, until it is finished.

        A lost connection is taken up again. Raises NotFound if it is deleted meanwhile.
        """
        following, tried = Following(), 0
        while not following.is_over:
            try:
                async for each in self._events(document, following):
                    tried = 0
                    yield each
            except VdrError as error:
                pause = pause_s(error, tried, self._retries, may_repeat=True)
                if pause is None:
                    raise
                tried += 1
                await self._sleep(pause)
            else:
                if not following.is_over:  # the service has ended, and may be there again soon
                    await self._sleep(RECONNECT_S)

    async def document(self, document: Document | str) -> Document:
        """A document as it is now. Raises NotFound."""
        return await self._do(self._endpoints.document(document))

    async def documents(self, *, page_size: int = 200, **listing: Unpack[Listing]) -> AsyncIterator[Document]:
        """All documents that a list has, newest first; `page_size` of them are asked for at a time."""
        after: str | None = None
        while True:
            found = await self.documents_page(after, limit=page_size, **listing)
            for document in found.documents:
                yield document
            if (after := found.next_after) is None:
                return

    async def documents_page(
        self, after: str | None = None, *, limit: int = 50, **listing: Unpack[Listing]
    ) -> Documents:
        """One page of that list, how many there are in all, and what the next page is `after`."""
        return await self._do(self._endpoints.documents(after, limit, listing))

    async def change(
        self, document: Document | str, *, name: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> Document:
        """Change the name or metadata of a document; a key whose value is None is removed."""
        return await self._do(self._endpoints.change(document, name, metadata))

    async def cancel(self, document: Document | str) -> Document:
        """Stop indexing a document. Raises AlreadyFinished."""
        return await self._do(self._endpoints.act(document, "cancel"))

    async def retry(self, document: Document | str) -> Document:
        """Index a document again that failed, was cancelled or lacks pages."""
        return await self._do(self._endpoints.act(document, "retry"))

    async def delete(self, document: Document | str) -> None:
        """Delete a document with all that belongs to it. Raises NotFound."""
        await self._do(self._endpoints.delete(document))

    async def delete_where(self, filter: Filter, *, dry_run: bool = True) -> Deletion:
        """Say which documents pass a filter; without `dry_run`, delete them."""
        return await self._do(self._endpoints.delete_where(filter, dry_run=dry_run))

    async def pages(self, document: Document | str) -> AsyncIterator[Page]:
        """The pages of a document, in order."""
        after: str | None = "0"
        while after is not None:
            found: Listed[Page] = await self._do(self._endpoints.pages(document, int(after)))
            for page in found.items:
                yield page
            after = found.following

    async def page_image(
        self,
        page: Hit | PageRef,
        *,
        width: int | None = None,
        kind: Literal["webp", "png", "jpeg"] = "webp",
    ) -> bytes:
        """The image of a page, at most `width` pixels wide. Raises NotFound."""
        return await self._do(self._endpoints.page_image(page, width, kind))

    async def page_text(self, page: Hit | PageRef) -> PageText:
        """The words of a page with their boxes; `text` is them as a text. Raises NotFound."""
        return await self._do(self._endpoints.page_text(page))

    async def explain(self, page: Hit | PageRef, query: str) -> PageExplanation:
        """Which parts of a page answer a question. Raises NotFound."""
        return await self._do(self._endpoints.explain(page, query))

    async def file(self, document: Document | str) -> bytes:
        """The PDF of a document. Raises NotFound."""
        return await self._do(self._endpoints.file(document))

    async def collections(self) -> list[Collection]:
        """All collections, by name."""
        return await self._do(endpoints.collections())

    async def create_collection(
        self, name: str, *, description: str = "", settings: Mapping[str, Any] | None = None
    ) -> Collection:
        """Make a collection; `settings` are those of docs/api.md. Raises CollectionExists."""
        return await self._do(endpoints.create_collection(name, description, settings or {}))

    async def delete_collection(self, name: str) -> None:
        """Delete a collection with all its documents. Raises CollectionNotFound."""
        await self._do(endpoints.delete_collection(name))

    async def version(self) -> Version:
        """The version and the models of the service."""
        return await self._do(endpoints.version())

    async def _do(self, call: Call[T]) -> T:
        tried = 0
        while True:
            try:
                return call.read(await self._answer(call))
            except VdrError as error:
                pause = pause_s(error, tried, self._retries, may_repeat=call.may_repeat)
                if pause is None:
                    raise
            tried += 1
            await self._sleep(pause)

    async def _answer(self, call: Call[T]) -> httpx.Response:
        with call.arguments() as sent, explained(self.url):
            headers = {**self._headers, **sent.pop("headers", {})}
            response = await self._http.request(
                call.method, f"{self.url}{call.path}", headers=headers, **sent
            )
        return check(response, self.url)

    async def _events(self, document: Document | str, following: Following) -> AsyncIterator[Document]:
        url = f"{self.url}{self._endpoints.events(document)}"
        headers = {**self._headers, **following.headers}
        timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
        with explained(self.url):
            async with self._http.stream("GET", url, headers=headers, timeout=timeout) as response:
                if not response.is_success:
                    await response.aread()
                check(response, self.url)
                following.is_over = response.status_code == httpx.codes.NO_CONTENT
                async for line in response.aiter_lines():
                    if (document_now := following.take(line)) is not None:
                        yield document_now
