"""What each tool answers, by the SDK's own client over HTTP."""

import json
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app.mcp.budget import image_tokens, text_tokens
from tests.app.mcp.conftest import Assistant, images, texts
from tests.app.talking import UNKNOWN_ID


def tokens(result: Any) -> int:
    """What an answer takes, as docs/mcp.md counts it."""
    seen = sum(map(text_tokens, texts(result))) + sum(
        image_tokens(b64decode(each)) for each in images(result)
    )
    return seen + text_tokens(json.dumps(result.structured_content))


def whales(assistant: Assistant) -> str:
    (document,) = assistant.told("list_documents", name="whales")["documents"]
    return str(document["document_id"])


class TestSearchPages:
    def test_the_best_page_comes_first_with_citation_text_and_image(
        self, assistant: Assistant, address: str
    ) -> None:
        result = assistant.call("search_pages", query="humpback whales sing", limit=2)
        first, _ = result.structured_content["pages"]
        uri = f"vdr://_/{first['document_id']}/2"
        assert (first["document_name"], first["page_number"], first["resource"]) == ("whales.pdf", 2, uri)
        assert first["url"] == f"{address}/documents/{first['document_id']}/pages/2"
        assert texts(result)[0].startswith(f"[1] whales.pdf, page 2 <{uri}>\n")
        assert "a song travels through" in texts(result)[0] and first["has_whole_text"]
        assert Image.open(BytesIO(b64decode(images(result)[0]))).format == "JPEG"
        assert [block.type for block in result.content] == ["text", "image"] * 2

    @pytest.mark.parametrize("most", [500, 700, 900, 1_500])
    def test_an_answer_stays_below_its_tokens(self, assistant: Assistant, most: int) -> None:
        result = assistant.call("search_pages", query="whales", limit=5, max_tokens=most)
        assert 0 < tokens(result) <= most
        assert texts(result)

    def test_images_are_left_out_before_pages_are(self, assistant: Assistant) -> None:
        # A page is 512 pixels long here: 270 tokens.
        result = assistant.call("search_pages", query="whales", limit=3, max_tokens=1_000)
        assert len(result.structured_content["pages"]) == 3
        assert 0 < len(images(result)) < 3
        assert [page["has_image"] for page in result.structured_content["pages"]].count(True) == len(
            images(result)
        )

    def test_no_images_are_sent_where_none_are_wanted(self, assistant: Assistant) -> None:
        assert images(assistant.call("search_pages", query="whales", images=False)) == []

    def test_what_did_not_fit_comes_with_the_cursor(self, assistant: Assistant) -> None:
        seen, cursor = list[tuple[str, int]](), None
        for _ in range(9):
            told = assistant.told("search_pages", query="whales", limit=2, max_tokens=500, cursor=cursor)
            seen += [(page["document_id"], page["page_number"]) for page in told["pages"]]
            cursor = told["next_cursor"]
            if cursor is None:
                break
        whole = assistant.told("search_pages", query="whales", limit=20, max_tokens=50_000)["pages"]
        assert seen == [(page["document_id"], page["page_number"]) for page in whole]
        assert cursor is None and len(seen) == 5

    def test_filters_and_documents_restrict_it(self, assistant: Assistant) -> None:
        told = assistant.told("search_pages", query="lines", filter={"year": 2021})
        assert {page["document_name"] for page in told["pages"]} == {"whales.pdf"}
        told = assistant.told("search_pages", query="lines", document_ids=[whales(assistant)])
        assert {page["document_name"] for page in told["pages"]} == {"whales.pdf"}

    def test_nothing_found_is_said(self, assistant: Assistant) -> None:
        result = assistant.call("search_pages", query="whales", filter={"year": 1900})
        assert texts(result) == ["No matching pages."]
        assert result.structured_content["next_cursor"] is None


class TestGetPage:
    def test_it_has_the_image_and_the_whole_text(self, assistant: Assistant) -> None:
        result = assistant.call("get_page", document_id=whales(assistant), page_number=1, image_width=200)
        told = result.structured_content
        assert (told["document_name"], told["page_count"], told["has_image"]) == ("whales.pdf", 3, True)
        assert texts(result)[0].endswith("four tonnes of it a day.") and told["next_cursor"] is None
        assert Image.open(BytesIO(b64decode(images(result)[0]))).width == 200

    def test_a_page_that_is_gone_is_one_problem_with_its_remedy(self, assistant: Assistant) -> None:
        for arguments in (
            {"document_id": UNKNOWN_ID, "page_number": 1},
            {"document_id": whales(assistant), "page_number": 99},
        ):
            for tool in ("get_page", "find_similar"):
                result = assistant.call(tool, **arguments)
                assert result.is_error and len(result.content) == 1
                assert result.structured_content["code"] == "not_found"
                assert texts(result)[0].startswith("not_found: ")


class TestFindSimilar:
    def test_the_page_itself_is_not_among_them(self, assistant: Assistant) -> None:
        document_id = whales(assistant)
        told = assistant.told("find_similar", document_id=document_id, page_number=1, images=False)
        pages = [(page["document_id"], page["page_number"]) for page in told["pages"]]
        assert pages and (document_id, 1) not in pages


class TestListDocuments:
    def test_it_has_ids_metadata_and_the_collections(self, assistant: Assistant) -> None:
        told = assistant.told("list_documents")
        assert [each["name"] for each in told["documents"]] == ["tram.pdf", "whales.pdf"]
        assert told["documents"][1]["metadata"] == {"year": 2021}
        assert (told["total"], told["collections"], told["next_cursor"]) == (2, ["default"], None)

    def test_it_goes_on_with_the_cursor(self, assistant: Assistant) -> None:
        first = assistant.told("list_documents", limit=1)
        second = assistant.told("list_documents", limit=1, cursor=first["next_cursor"])
        assert [each["name"] for each in (*first["documents"], *second["documents"])] == [
            "tram.pdf",
            "whales.pdf",
        ]
        assert second["next_cursor"] is None

    def test_few_tokens_are_few_documents(self, assistant: Assistant) -> None:
        result = assistant.call("list_documents", max_tokens=500)
        assert tokens(result) <= 500 and result.structured_content["total"] == 2


class TestProblems:
    @pytest.mark.parametrize(
        ("tool", "arguments", "code", "said"),
        [
            ("search_pages", {}, "bad_input", "query: Field required"),
            ("search_pages", {"query": " "}, "bad_input", "query: String should have at least 1"),
            ("search_pages", {"query": "a", "limit": 0}, "bad_input", "limit: Input should be greater"),
            ("search_pages", {"query": "a", "colour": "red"}, "bad_input", "colour: Extra inputs"),
            ("search_pages", {"query": "a", "cursor": "?"}, "bad_input", "cursor: this is not a cursor"),
            ("search_pages", {"query": "a", "filter": {"$no": 1}}, "bad_filter", "$no"),
            ("search_pages", {"query": "a", "collection": "nowhere"}, "collection_not_found", "nowhere"),
            ("upload", {}, "bad_input", "Give either path or content_base64"),
            ("upload", {"path": "/etc/passwd"}, "bad_input", "not on your machine"),
            ("upload", {"content_base64": "%"}, "bad_input", "is not Base64"),
            ("upload", {"content_base64": "QUJD"}, "bad_input", "needs a name"),
            ("upload", {"content_base64": "QUJD", "name": "a.exe"}, "not_accepted", "a.exe"),
        ],
    )
    def test_each_is_one_typed_error(
        self, assistant: Assistant, tool: str, arguments: dict[str, Any], code: str, said: str
    ) -> None:
        result = assistant.call(tool, **arguments)
        assert result.is_error
        (text,) = texts(result)
        assert text.startswith(f"{code}: ") and said in text
        assert result.structured_content["code"] == code and result.structured_content["remedy"]

    def test_a_tool_that_is_not_there(self, assistant: Assistant) -> None:
        refused = assistant.refusal(lambda client: client.call_tool("seek", {}))
        assert "There is no tool 'seek'" in str(refused)


def test_a_file_is_uploaded_and_the_same_one_twice_is_one_document(assistant: Assistant, pdf: Any) -> None:
    content = b64encode(pdf.read_bytes()).decode()
    first, second = (
        assistant.told("upload", content_base64=content, name="new.pdf", metadata={"year": 2024}, wait_s=0)
        for _ in range(2)
    )
    assert first["document_id"] == second["document_id"]
    assert (first["name"], first["metadata"], first["error"]) == ("new.pdf", {"year": 2024}, None)
