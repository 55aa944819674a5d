"""The retrievers for LangChain, by its conformance tests, and for LlamaIndex, where these are installed."""

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec

import httpx
import pytest

from tests.vdr.client.answers import found
from vdr.client import AsyncClient, Client

TEXT = {
    "document_id": "9f",
    "page_number": 2,
    "page_label": "2",
    "text_layer": [{"text": word, "box": [0, 0, 1, 1], "confidence": 1} for word in ("Net", "sales", "rose")],
    "read": [],
    "ocr": [],
    "readability": None,
}


def answer(request: httpx.Request) -> httpx.Response:
    if request.method == "GET":
        return httpx.Response(200, json=TEXT)
    limit = httpx.Response(200, content=request.content).json()["limit"]
    return found(*["report.pdf"] * limit)


@pytest.fixture
def client() -> Iterator[Client]:
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http,
        Client("http://vdr.test", http=http) as made,
    ):
        yield made


def async_client() -> AsyncClient:
    return AsyncClient("http://vdr.test", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


class TestLangChain:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("langchain_core")

    def test_it_gives_pages_as_documents(self, client: Client) -> None:
        from vdr.client.langchain import VdrRetriever

        (document,) = VdrRetriever(client=client, k=1).invoke("net sales")
        assert document.page_content == "Net sales rose"
        assert (document.metadata["document_name"], document.metadata["page_number"]) == ("report.pdf", 2)
        (short,) = VdrRetriever(client=client, k=1, whole_pages=False).invoke("net sales")
        assert short.page_content == "Net sales"

    def test_async_calls_give_the_same(self, client: Client) -> None:
        from vdr.client.langchain import VdrRetriever

        here = VdrRetriever(client=client, k=2)
        for retriever in (here, VdrRetriever(client=client, async_client=async_client(), k=2)):
            assert asyncio.run(retriever.ainvoke("net sales")) == here.invoke("net sales")


if find_spec("langchain_tests") is not None:  # its tests are a class to inherit
    from langchain_tests.integration_tests import RetrieversIntegrationTests

    class TestConformance(RetrieversIntegrationTests):  # type: ignore[misc]
        @property
        def retriever_constructor(self):
            from vdr.client.langchain import VdrRetriever

            return VdrRetriever

        @property
        def retriever_constructor_params(self):
            http = httpx.Client(transport=httpx.MockTransport(answer))
            return {"client": Client("http://vdr.test", http=http)}

        @property
        def retriever_query_example(self):
            return "net sales"


class TestLlamaIndex:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("llama_index.core")

    def test_it_gives_pages_as_nodes(self, client: Client) -> None:
        from vdr.client.llamaindex import VdrRetriever

        (node,) = VdrRetriever(client, similarity_top_k=1).retrieve("net sales")
        assert (node.get_content(), node.score) == ("Net sales rose", 0.5)
        assert node.metadata["document_name"] == "report.pdf"
        (short,) = VdrRetriever(client, similarity_top_k=1, whole_pages=False).retrieve("net sales")
        assert short.get_content() == "Net sales"

    def test_async_calls_give_the_same(self, client: Client) -> None:
        from vdr.client.llamaindex import VdrRetriever

        for other in (None, async_client()):
            retriever = VdrRetriever(client, async_client=other, similarity_top_k=2)
            nodes = asyncio.run(retriever.aretrieve("net sales"))
            assert [node.get_content() for node in nodes] == ["Net sales rose"]  # the same page twice is one
