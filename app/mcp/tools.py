"""The tools: each takes its arguments and gives structured content, and text and images for the model."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_types import ContentBlock, TextContent, ToolAnnotations
from pydantic import BaseModel

from app.mcp.budget import CUT, Budget, image_tokens, text_tokens
from app.mcp.cursors import Place, cursor_at, following, read_cursor
from app.mcp.reached import Reached, uri_of
from app.mcp.schemas import (
    Arguments,
    FindSimilar,
    FoundPages,
    GetPage,
    ListDocuments,
    ListedDocument,
    ListedDocuments,
    Looking,
    SearchPages,
    Upload,
    UploadedDocument,
    WholePage,
)
from app.mcp.showing import heading, image_block, shown_pages
from vdr.client import Document, PageRef, SearchOptions, SearchResult
from vdr.errors import BadInput, VdrError

# Tokens of a page's text that come before its image.
_LEAST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool answers."""

    structured: BaseModel
    content: list[ContentBlock]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the protocol describes it, and what it does."""

    name: str
    title: str
    description: str
    takes: type[Arguments]
    gives: type[BaseModel]
    run: Callable[[Reached, Any], Awaitable[Told]]
    annotations: ToolAnnotations


async def search_pages(reached: Reached, asked: SearchPages) -> Told:
    """Pages that answer a question. Raises what a search raises."""
    client, place = reached.of(asked.collection), read_cursor(asked.cursor)
    options = _options(asked, place)
    options["mode"] = asked.mode
    found = await client.search(asked.query, **options)
    return await _told(reached, asked, place, found)


async def find_similar(reached: Reached, asked: FindSimilar) -> Told:
    """Pages like a page. Raises NotFound, and what a search raises."""
    client, place = reached.of(asked.collection), read_cursor(asked.cursor)
    page = PageRef(asked.document_id, asked.page_number)
    found = await client.similar(page, asked.query, **_options(asked, place))
    return await _told(reached, asked, place, found)


async def get_page(reached: Reached, asked: GetPage) -> Told:
    """A page's image and text; a long text comes in parts. Raises NotFound."""
    client, begin = reached.of(asked.collection), read_cursor(asked.cursor).skipped
    page = PageRef(asked.document_id, asked.page_number)
    document, words = await client.document(asked.document_id), await client.page_text(page)
    uri, budget = uri_of(asked.collection, page), Budget(asked.max_tokens)
    told = WholePage(
        document_id=page.document_id,
        document_name=document.name,
        page_number=page.page_number,
        page_label=words.page_label,
        page_count=document.page_count,
        resource=uri,
        url=reached.link(_page_url(document, page)),
        has_image=False,
        next_cursor=None,
    )
    head = heading(document.name, page.page_number, words.page_label, uri)
    budget.takes(text_tokens(head + told.model_dump_json()))
    images: list[ContentBlock] = []
    if asked.image and not begin:
        image = await client.page_image(page, width=asked.image_width, kind="jpeg")
        room_for_text = min(text_tokens(words.text), _LEAST_TEXT)
        if image_tokens(image) + room_for_text <= budget.tokens and budget.takes(image_tokens(image)):
            images, told.has_image = [image_block(image)], True
    rest = words.text[begin:]
    text = budget.cut(rest)
    if text != rest:
        shown = len(text.removesuffix(CUT))
        told.next_cursor = cursor_at(Place(skipped=begin + shown))
    return Told(told, [TextContent(type="text", text=f"{head}\n{text}"), *images])


async def list_documents(reached: Reached, asked: ListDocuments) -> Told:
    """Documents, newest first."""
    client, place = reached.of(asked.collection), read_cursor(asked.cursor)
    found = await client.documents_page(
        place.of_service or None, limit=asked.limit, filter=asked.filter, name=asked.name
    )
    names: list[str] = []
    with suppress(VdrError):  # a key may open a collection and not the list of all
        names = [each.name for each in await reached.client.collections()]
    budget, shown = (
        Budget(asked.max_tokens - text_tokens(f"{names}") - text_tokens("x" * 200)),
        list[Document](),
    )
    for document in found.documents[place.skipped :]:
        # Both as a line of text and as structured content.
        if not budget.takes(text_tokens(_line(document) + _listed(document).model_dump_json())) and shown:
            break
        shown.append(document)
    told = ListedDocuments(
        documents=[_listed(document) for document in shown],
        total=found.total,
        collections=names,
        next_cursor=following(place, len(shown), len(found.documents), found.next_after),
    )
    text = "\n".join([f"{found.total:,} documents", *map(_line, shown)])
    return Told(told, [TextContent(type="text", text=text)])


async def upload(reached: Reached, asked: Upload) -> Told:
    """A file is sent, and waited for. Raises BadInput, and the error that says why it is not taken."""
    client = reached.of(asked.collection)
    source = await asyncio.to_thread(_source, reached, asked)
    name = asked.name or (source.name if isinstance(source, Path) else None)
    if name is None:
        raise BadInput("name: a file in Base64 needs a name.", remedy="Give it one, such as report.pdf.")
    try:
        document = await client.upload(source, name=name, metadata=asked.metadata, replace=asked.replace)
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror or error}.") from error
    with suppress(TimeoutError):
        async with asyncio.timeout(asked.wait_s):
            async for each in client.events(document):
                document = each
    told = UploadedDocument(
        **_listed(document).model_dump(),
        pages_done=document.pages_done,
        error=None if document.error is None else document.error.message,
    )
    return Told(told, [TextContent(type="text", text=_line(document))])


def _options(asked: Looking, place: Place) -> SearchOptions:
    return SearchOptions(
        limit=asked.limit,
        filter=asked.filter,
        document_ids=asked.document_ids,
        cursor=place.of_service or None,
    )


async def _told(reached: Reached, asked: Looking, place: Place, found: SearchResult) -> Told:
    pages, content = await shown_pages(reached, asked, found.hits[place.skipped :])
    told = FoundPages(
        pages=pages,
        answerable=found.answerable,
        missing_words=found.missing_words,
        next_cursor=following(place, len(pages), len(found.hits), found.next_cursor),
    )
    if not pages:
        content = [TextContent(type="text", text="No matching pages.")]
    return Told(told, content)


def _listed(document: Document) -> ListedDocument:
    return ListedDocument(
        document_id=document.document_id,
        name=document.name,
        state=document.state,
        page_count=document.page_count,
        added_at=document.added_at,
        title=document.pdf_title,
        metadata=dict(document.metadata),
    )


def _line(document: Document) -> str:
    pages = f"{document.page_count:,} page{'s' * (document.page_count != 1)}"
    return f"{document.name}: {pages}, {document.state}, document_id {document.document_id}"


def _page_url(document: Document, page: PageRef) -> str:
    """Of the web UI, which is beside the API."""
    return f"{document.url.replace('/v1/', '/', 1)}/pages/{page.page_number}"


def _source(reached: Reached, asked: Upload) -> Path | bytes:
    """Raises BadInput."""
    if (asked.path is None) == (asked.content_base64 is None):
        raise BadInput("Give either path or content_base64.")
    if asked.content_base64 is not None:
        try:
            return b64decode(asked.content_base64, validate=True)
        except binascii.Error as error:
            raise BadInput(f"content_base64 is not Base64: {error}.") from error
    if not reached.reads_files:
        raise BadInput(
            "path: this server is not on your machine and reads no files of its own.",
            remedy="Send content_base64, or upload with POST /v1/documents.",
        )
    path = Path(str(asked.path)).expanduser()
    if not path.is_file():
        raise BadInput(f"{path} is not a file.", remedy="Give the whole path of a file.")
    return path


_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
READING = (
    Tool(
        "search_pages",
        "Search pages",
        "Find the pages of PDFs, slides and scans that answer a question. Returns for each page where it "
        "stands (document, page number, resource), its text, and its image, in which tables, charts and "
        "drawings can be read. Cite document and page. Continue with next_cursor.",
        SearchPages,
        FoundPages,
        search_pages,
        _READS,
    ),
    Tool(
        "get_page",
        "Get a page",
        "Get the image and the whole text of a page, such as one before or after a page that was found.",
        GetPage,
        WholePage,
        get_page,
        _READS,
    ),
    Tool(
        "list_documents",
        "List documents",
        "List the documents that can be searched, newest first, with their ids, pages and metadata; and the "
        "names of all collections.",
        ListDocuments,
        ListedDocuments,
        list_documents,
        _READS,
    ),
    Tool(
        "find_similar",
        "Find similar pages",
        "Find pages that look like a page and are about the same, such as the same form or table of another "
        "year.",
        FindSimilar,
        FoundPages,
        find_similar,
        _READS,
    ),
)
CHANGING = (
    Tool(
        "upload",
        "Upload a document",
        "Add a PDF, image or Office file to the documents that are searched. The same file twice is one "
        "document. replace deletes older documents of the same name.",
        Upload,
        UploadedDocument,
        upload,
        _ADDS,
    ),
)
