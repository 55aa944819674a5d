"""Pages as content for a model: a citation and text of each, and images as far as the budget goes."""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from mcp_types import ContentBlock, ImageContent, TextContent

from app.mcp.budget import Budget, image_tokens, text_tokens
from app.mcp.reached import Reached, uri_of
from app.mcp.schemas import FoundPage, Looking
from vdr.client import Hit
from vdr.errors import VdrError

# Before Base64: some programs take no more than a megabyte of a tool.
_IMAGE_BYTES = 700_000
# What JSON needs around the pages.
_AROUND = 100


@dataclass(slots=True)
class _Shown:
    """A page on its way into an answer."""

    hit: Hit
    cited: FoundPage
    head: str
    text: str
    image: bytes | None = None

    def blocks(self) -> list[ContentBlock]:
        """Its content."""
        text = TextContent(type="text", text=f"{self.head}\n{self.text}".rstrip())
        return [text] if self.image is None else [text, image_block(self.image)]


async def shown_pages(
    reached: Reached, asked: Looking, hits: Sequence[Hit]
) -> tuple[list[FoundPage], list[ContentBlock]]:
    """As many of the hits as the budget has room for, one at least, and their content.

    First come citation and snippet of each, then images and then whole texts, in the order of the hits.
    """
    budget = Budget(asked.max_tokens - _AROUND)
    pages: list[_Shown] = []
    for hit in hits:
        page = _cited(reached, asked.collection, hit)
        room = budget.takes(_cost(page))
        if not room and pages:
            break
        if not room:  # one page is always told, its snippet as far as it goes
            page.text = budget.cut(page.text)
        pages.append(page)
    if asked.images:
        await _add_images(reached, asked, pages, budget)
    await _add_texts(reached, asked.collection, pages, budget)
    return [page.cited for page in pages], list(chain.from_iterable(page.blocks() for page in pages))


def image_block(image: bytes) -> ImageContent:
    """An image as content."""
    return ImageContent(type="image", data=b64encode(image).decode(), mime_type="image/jpeg")


def heading(name: str, number: int, label: str, uri: str) -> str:
    """How a page is cited in text."""
    printed = f" (printed {label})" if label != str(number) else ""
    return f"{name}, page {number}{printed} <{uri}>"


def _cited(reached: Reached, collection: str | None, hit: Hit) -> _Shown:
    uri = uri_of(collection, hit)
    cited = FoundPage(
        rank=hit.rank,
        document_id=hit.document.document_id,
        document_name=hit.document.name,
        page_number=hit.page_number,
        page_label=hit.page_label,
        resource=uri,
        url=reached.link(hit.page_url),
        confidence=hit.confidence,
        has_image=False,
        has_whole_text=False,
    )
    head = f"[{hit.rank}] {heading(hit.document.name, hit.page_number, hit.page_label, uri)}"
    return _Shown(hit, cited, head, hit.snippet.text)


def _cost(page: _Shown) -> int:
    return text_tokens(page.head + page.text + json.dumps(page.cited.model_dump(mode="json")))


async def _add_images(reached: Reached, asked: Looking, pages: Sequence[_Shown], budget: Budget) -> None:
    size = 0
    client = reached.of(asked.collection)
    for page in pages:
        image = await client.page_image(page.hit, width=asked.image_width, kind="jpeg")
        size += len(image)
        if size > _IMAGE_BYTES or not budget.takes(image_tokens(image)):
            return
        page.image, page.cited.has_image = image, True


async def _add_texts(
    reached: Reached, collection: str | None, pages: Sequence[_Shown], budget: Budget
) -> None:
    """The whole text in place of the snippet, or as much of it as is more."""
    for page in pages:
        try:
            whole = (await reached.of(collection).page_text(page.hit)).text
        except VdrError:  # its words are damaged or gone meanwhile; the snippet is still there
            continue
        with_snippet = Budget(budget.tokens + text_tokens(page.text))
        text = with_snippet.cut(whole)
        if len(text) > len(page.text) or text == whole:
            page.text, page.cited.has_whole_text = text, text == whole
            budget.tokens = with_snippet.tokens
