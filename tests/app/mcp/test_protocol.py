"""What is offered, resources, and whom the address answers, by both versions of the protocol."""

import asyncio
from base64 import b64decode
from io import BytesIO
from typing import Any

import httpx
import pytest
from mcp.client import Client
from PIL import Image

from tests.app.mcp.conftest import Assistant
from tests.app.talking import UNKNOWN_ID, assert_problem
from vdr.distribution import vdr_version

READING = ["search_pages", "get_page", "list_documents", "find_similar"]


class TestOffer:
    @pytest.mark.parametrize("mode", ["legacy", "auto"])
    def test_clients_of_either_age_see_the_tools(self, assistant: Assistant, mode: Any) -> None:
        async def look() -> tuple[list[str], str, str | None]:
            async with Client(assistant.server, mode=mode) as client:
                tools = (await client.list_tools()).tools
                found = await client.call_tool("search_pages", {"query": "humpback", "images": False})
                name = found.structured_content["pages"][0]["document_name"]
                return [tool.name for tool in tools], name, client.instructions

        names, best, instructions = asyncio.run(look())
        assert names == [*READING, "upload"]
        assert best == "whales.pdf" and "search_pages" in str(instructions)

    def test_tools_say_whether_they_change_anything(self, assistant: Assistant) -> None:
        tools = assistant.do(lambda client: client.list_tools()).tools
        assert {tool.name: tool.annotations.read_only_hint for tool in tools} == {
            **dict.fromkeys(READING, True),
            "upload": False,
        }

    def test_every_argument_and_every_part_of_an_answer_is_described(self, assistant: Assistant) -> None:
        for tool in assistant.do(lambda client: client.list_tools()).tools:
            assert tool.title and tool.description and tool.output_schema
            for name, argument in tool.input_schema["properties"].items():
                assert argument.get("description"), (tool.name, name)
            assert tool.input_schema["additionalProperties"] is False

    def test_it_says_who_it_is(self, assistant: Assistant) -> None:
        async def who(client: Client) -> tuple[str, str]:
            assert client.server_info is not None
            return client.server_info.name, client.server_info.version

        assert assistant.do(who) == ("vdr", vdr_version())


class TestResources:
    def test_first_pages_are_listed_and_any_page_is_read(self, assistant: Assistant) -> None:
        listed = assistant.do(lambda client: client.list_resources()).resources
        (whales,) = (each for each in listed if each.name == "whales.pdf")
        assert whales.title == "whales.pdf, page 1 of 3"
        uri = str(whales.uri).removesuffix("1") + "2"
        text, image = assistant.do(lambda client: client.read_resource(uri)).contents
        assert "Humpback whales sing for hours" in text.text
        assert image.mime_type == "image/jpeg"
        assert Image.open(BytesIO(b64decode(image.blob))).format == "JPEG"

    def test_the_template_says_how_pages_are_addressed(self, assistant: Assistant) -> None:
        (template,) = assistant.do(lambda client: client.list_resource_templates()).resource_templates
        assert template.uri_template == "vdr://{collection}/{document_id}/{page}"

    @pytest.mark.parametrize(
        ("uri", "code"),
        [
            (f"vdr://_/{UNKNOWN_ID}/1", "not_found"),
            (f"vdr://nowhere/{UNKNOWN_ID}/1", "collection_not_found"),
            ("vdr://_/../etc/passwd", "bad_input"),
            ("vdr://_/abc/1", "bad_input"),
            ("file:///etc/passwd", "bad_input"),
        ],
    )
    def test_what_is_not_there_is_one_typed_error(self, assistant: Assistant, uri: str, code: str) -> None:
        refused = assistant.refusal(lambda client: client.read_resource(uri))
        assert str(refused).startswith(f"{code}: ")
        assert refused.error.data["code"] == code and refused.error.data["remedy"]


class TestAddress:
    """The guards of the service hold here as everywhere."""

    CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}  # noqa: RUF012
    HEADERS = {"accept": "application/json, text/event-stream"}  # noqa: RUF012

    def post(self, address: str, **sent: Any) -> httpx.Response:
        headers = {**self.HEADERS, **sent.pop("headers", {})}
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.post(f"{address}/mcp", headers=headers, **{"json": self.CALL, **sent})

    def test_a_call_without_a_session_is_answered(self, address: str) -> None:
        answer = self.post(address)
        assert answer.headers["content-type"] == "application/json"
        assert [tool["name"] for tool in answer.json()["result"]["tools"]] == [*READING, "upload"]

    def test_foreign_names_are_turned_away(self, address: str) -> None:
        assert_problem(self.post(address, headers={"host": "evil.example.com"}), 421, "unknown_host")

    def test_other_websites_are_turned_away(self, address: str) -> None:
        assert_problem(self.post(address, headers={"sec-fetch-site": "cross-site"}), 403, "cross_site")

    def test_large_calls_are_turned_away(self, address: str) -> None:
        assert_problem(self.post(address, content=b" " * (2**20 + 1), json=None), 413, "request_too_large")

    def test_what_is_no_call_is_said_so(self, address: str) -> None:
        answer = self.post(address, content=b"{", json=None, headers={"content-type": "application/json"})
        assert answer.status_code == 400 and "error" in answer.json()

    def test_calls_to_the_api_are_made_as_the_caller(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[dict[str, str]] = []

        class Watched(httpx.ASGITransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                seen.append(dict(request.headers))
                return await super().handle_async_request(request)

        monkeypatch.setattr("app.mcp.http.httpx.ASGITransport", Watched)
        call = {"name": "search_pages", "arguments": {"query": "whales", "images": False}}
        sent = {"authorization": "Bearer sk-1", "x-forwarded-user": "ada", "x-request-id": "r-7"}
        answer = self.post(address, json={**self.CALL, "method": "tools/call", "params": call}, headers=sent)
        assert answer.json()["result"]["isError"] is False and answer.headers["x-request-id"] == "r-7"
        assert seen and all(sent.items() <= headers.items() for headers in seen)
