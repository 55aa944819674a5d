"""The server of the protocol: lists the tools, calls them, and hands out pages as resources."""

import logging
import re
from base64 import b64encode
from collections.abc import Sequence

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError

from app.mcp.cursors import Place, cursor_at, read_cursor
from app.mcp.reached import Reach, Reached, uri_of
from app.mcp.tools import CHANGING, READING, Tool
from vdr.client import PageRef
from vdr.distribution import vdr_version
from vdr.errors import BadInput, VdrError
from vdr.faults import first_fault

_LOG = logging.getLogger(__name__)
_URI = re.compile(r"vdr://(?P<collection>[a-z0-9_][a-z0-9_-]*)/(?P<document>[0-9a-f]{64})/(?P<page>\d{1,9})")
_LISTED = 50
_INSTRUCTIONS = (
    "vdr searches the pages of documents by what they look like and what they say. Start with search_pages; "
    "read the images, and cite document name and page number. get_page has neighbouring pages."
)
_TEMPLATE = types.ResourceTemplate(
    uri_template="vdr://{collection}/{document_id}/{page}",
    name="page",
    title="A page of a document",
    description="Its text and its image. The collection _ is the service's default one.",
)


def make_server(reach: Reach, *, read_only: bool) -> Server:
    """A server whose tools use the services that `reach` gives; without those that change anything if
    `read_only`."""
    tools = {tool.name: tool for tool in (READING if read_only else (*READING, *CHANGING))}

    async def list_tools(_: ServerRequestContext, __: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools.values()])

    async def call_tool(
        ctx: ServerRequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        if params.name not in tools:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name!r}.")
        try:
            return await _called(reach, ctx, tools[params.name], params.arguments or {})
        except VdrError as error:
            return _failed(error)
        except Exception:  # the outermost edge of a call
            _LOG.exception("The tool %s failed", params.name)
            return _failed(VdrError("An unexpected error occurred."))

    async def list_templates(_: ServerRequestContext, __: object) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=[_TEMPLATE])

    async def list_resources(
        ctx: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        try:
            async with reach(ctx.request) as reached:
                return await _first_pages(reached, params.cursor if params else None)
        except VdrError as error:
            raise _refused(error) from error

    async def read_resource(
        ctx: ServerRequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            async with reach(ctx.request) as reached:
                return types.ReadResourceResult(contents=await _contents(reached, str(params.uri)))
        except VdrError as error:
            raise _refused(error) from error

    return Server(
        "vdr",
        title="vdr",
        version=vdr_version(),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


async def _called(
    reach: Reach, ctx: ServerRequestContext, tool: Tool, arguments: dict[str, object]
) -> types.CallToolResult:
    try:
        asked = tool.takes.model_validate(arguments)
    except ValidationError as error:
        raise BadInput(f"{first_fault(error)}.") from error
    async with reach(ctx.request) as reached:
        told = await tool.run(reached, asked)
    return types.CallToolResult(
        content=told.content, structured_content=told.structured.model_dump(mode="json")
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=_schema(tool.gives),
        annotations=tool.annotations,
    )


def _schema(model: type[BaseModel]) -> dict[str, object]:
    return model.model_json_schema(mode="serialization")


def _problem(error: VdrError) -> dict[str, object]:
    return {"code": error.code, "status": error.status, "detail": error.message, "remedy": error.remedy}


def _failed(error: VdrError) -> types.CallToolResult:
    """What a model can act on: the code, what happened, and what to do."""
    text = types.TextContent(type="text", text=f"{error.code}: {error}")
    return types.CallToolResult(content=[text], structured_content=_problem(error), is_error=True)


def _refused(error: VdrError) -> MCPError:
    is_asked_wrongly = error.status < 500
    code = types.INVALID_PARAMS if is_asked_wrongly else types.INTERNAL_ERROR
    return MCPError(code, f"{error.code}: {error}", data=_problem(error))


async def _first_pages(reached: Reached, cursor: str | None) -> types.ListResourcesResult:
    """The first page of each document, newest first: the others have the same address but for the number."""
    after = read_cursor(cursor).of_service if cursor else None
    found = await reached.client.documents_page(after, limit=_LISTED, state=["indexed"])
    resources = [
        types.Resource(
            uri=uri_of(None, PageRef(document.document_id, 1)),
            name=document.name,
            title=f"{document.name}, page 1 of {document.page_count:,}",
            description="Another page: its number instead of 1 at the end.",
        )
        for document in found.documents
    ]
    following = None if found.next_after is None else cursor_at(Place(found.next_after))
    return types.ListResourcesResult(resources=resources, next_cursor=following)


async def _contents(
    reached: Reached, uri: str
) -> Sequence[types.TextResourceContents | types.BlobResourceContents]:
    """Raises BadInput for an address that is no page's, NotFound, CollectionNotFound."""
    named = _URI.fullmatch(uri)
    if named is None:
        raise BadInput(
            f"{uri} is not the address of a page.", remedy=f"Write it as {_TEMPLATE.uri_template}."
        )
    client, page = reached.of(named["collection"]), PageRef(named["document"], int(named["page"]))
    text = (await client.page_text(page)).text
    image = await client.page_image(page, kind="jpeg")
    return [
        types.TextResourceContents(uri=uri, text=text, mime_type="text/plain"),
        types.BlobResourceContents(uri=uri, blob=b64encode(image).decode(), mime_type="image/jpeg"),
    ]
