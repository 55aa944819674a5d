"""A retriever for LlamaIndex (the extra `llamaindex`): pages as nodes."""

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from .asynchronous import AsyncClient
from .citing import cited
from .models import Hit
from .options import SearchOptions
from .sync import Client


class VdrRetriever(BaseRetriever):
    """The best pages for a question, each as a node: its words, and where it stands as metadata.

    `whole_pages` has them in full, by a request for each; without, they are snippets of some 60 words.
    `options` are those of a search. Without an `async_client`, async calls block as the others do.
    """

    def __init__(
        self,
        client: Client,
        *,
        async_client: AsyncClient | None = None,
        similarity_top_k: int = 5,
        whole_pages: bool = True,
        options: SearchOptions | None = None,
        **given: Any,  # noqa: ANN401 - what LlamaIndex itself takes
    ) -> None:
        self._client, self._async_client = client, async_client
        self._whole_pages = whole_pages
        self._options = (options or SearchOptions()).copy()
        self._options["limit"] = similarity_top_k
        super().__init__(**given)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._client.search(query_bundle.query_str, **self._options)
        return [
            _node(hit, self._client.page_text(hit).text if self._whole_pages else hit.snippet.text)
            for hit in found.hits
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        client = self._async_client
        if client is None:
            return self._retrieve(query_bundle)
        found = await client.search(query_bundle.query_str, **self._options)
        return [
            _node(hit, (await client.page_text(hit)).text if self._whole_pages else hit.snippet.text)
            for hit in found.hits
        ]


def _node(hit: Hit, text: str) -> NodeWithScore:
    node = TextNode(id_=f"{hit.page.document_id}#{hit.page_number}", text=text, metadata=cited(hit))
    return NodeWithScore(node=node, score=hit.score)
