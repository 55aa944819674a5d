"""`vdr mcp` as an assistant starts it: by the service of VDR_URL, or one of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client.stdio import StdioServerParameters

from app.mcp.own_service import own_service
from app.presence import find_service
from tests.app.conftest import settings_in
from tests.app.mcp.conftest import Assistant, images, texts
from tests.fixtures.libraries import tiny_models
from tests.project.files import ROOT
from vdr.client import Client
from vdr.settings import JobSettings

_COMMAND = "import typer; from app.cli.mcp import mcp; typer.run(mcp)"


def started(data_dir: Path, *arguments: str, **variables: str) -> Assistant:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VDR_")} | {
        "PYTHONPATH": str(ROOT),
        "VDR_DATA_DIR": str(data_dir),
        "NO_PROXY": "127.0.0.1",
        **variables,
    }
    return Assistant(
        StdioServerParameters(
            command=sys.executable, args=["-c", _COMMAND, *arguments], env=environment, cwd=ROOT
        )
    )


@pytest.mark.slow
def test_it_acts_by_way_of_the_service_and_reads_files_of_its_machine(
    address: str, tmp_path: Path, pdf: Path
) -> None:
    assistant = started(tmp_path, VDR_URL=address)

    async def use(client: Any) -> tuple[Any, Any]:
        found = await client.call_tool("search_pages", {"query": "humpback whales sing", "limit": 1})
        return found, await client.call_tool("upload", {"path": str(pdf), "wait_s": 0})

    found, uploaded = assistant.do(use)
    assert texts(found)[0].startswith("[1] whales.pdf, page 2") and len(images(found)) == 1
    assert uploaded.structured_content["name"] == "new.pdf"


@pytest.mark.slow
def test_read_only_offers_nothing_that_changes_anything(tmp_path: Path) -> None:
    tools = started(tmp_path, "--read-only").do(lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search_pages", "get_page", "list_documents", "find_similar"]
    assert not any(tmp_path.iterdir())  # nothing was opened


@pytest.mark.slow
def test_without_a_service_one_is_started_that_ends_with_it(tmp_path: Path, pdf: Path) -> None:
    assistant = started(tmp_path, VDR_RASTERIZER="pdfium", VDR_PAGE_LONG_SIDE="512")

    async def use(client: Any) -> tuple[Any, Any, str | None]:
        uploaded = await client.call_tool("upload", {"path": str(pdf), "wait_s": 120})
        found = await client.call_tool("search_pages", {"query": "brand new"})
        return uploaded, found, find_service(tmp_path)

    uploaded, found, url = assistant.do(use)
    assert uploaded.structured_content["state"] == "indexed", texts(uploaded)
    assert found.structured_content["pages"][0]["document_name"] == "new.pdf"
    assert str(url).startswith("http://127.0.0.1:")  # commands use it meanwhile
    assert find_service(tmp_path) is None


def test_an_own_service_is_for_this_machine_and_found_by_commands(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"jobs": JobSettings(worker=False)})
    data_dir = settings.index.data_dir
    with (
        own_service(settings, tiny_models()) as url,
        httpx.Client(trust_env=False) as http,
        Client(url, http=http) as client,
    ):
        assert url.startswith("http://127.0.0.1:") and find_service(data_dir) == url
        assert client.search("humpback").hits == []
    assert find_service(data_dir) is None


def test_its_answer_to_the_first_message_does_not_wait_for_models(tmp_path: Path) -> None:
    """Nor does it import what takes seconds."""
    code = f"import sys, typer; {_COMMAND.partition('; ')[2]}".replace(
        "typer.run(mcp)", "mcp(read_only=True)"
    )
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print('torch' in sys.modules)"],
        input=json.dumps(hello) + "\n",
        env={**os.environ, "PYTHONPATH": str(ROOT), "VDR_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answer, imported = done.stdout.splitlines()
    assert json.loads(answer)["result"]["serverInfo"]["name"] == "vdr"
    assert imported == "False"
