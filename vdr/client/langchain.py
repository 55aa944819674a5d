"""A retriever for LangChain (the extra `langchain`): pages as documents."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from .asynchronous import AsyncClient
from .citing import cited
from .options import SearchOptions
from .sync import Client


class VdrRetriever(BaseRetriever):
    """The `k` best pages for a question, each as a document: its words, and where it stands as metadata.

    `whole_pages` has them in full, by a request for each; without, they are snippets of some 60 words.
    `options` are those of a search. Without an `async_client`, async calls wait in a thread.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: Client
    async_client: AsyncClient | None = None
    k: int = Field(5, ge=1, le=100)
    whole_pages: bool = True
    # Checked by the service: pydantic takes no TypedDict of Python 3.11.
    options: Mapping[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        found = self.client.search(query, **self._options(k))
        return [
            Document(
                id=f"{hit.page.document_id}#{hit.page_number}",
                page_content=self.client.page_text(hit).text if self.whole_pages else hit.snippet.text,
                metadata=cited(hit),
            )
            for hit in found.hits
        ]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        client = self.async_client
        if client is None:
            ask = self._get_relevant_documents
            return await asyncio.to_thread(ask, query, run_manager=run_manager.get_sync(), k=k)
        found = await client.search(query, **self._options(k))
        return [
            Document(
                id=f"{hit.page.document_id}#{hit.page_number}",
                page_content=(await client.page_text(hit)).text if self.whole_pages else hit.snippet.text,
                metadata=cited(hit),
            )
            for hit in found.hits
        ]

    def _options(self, k: int | None) -> SearchOptions:
        options = cast(SearchOptions, dict(self.options))
        options["limit"] = self.k if k is None else k
        return options
