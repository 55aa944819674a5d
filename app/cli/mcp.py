"""The command `vdr mcp`: the documents as tools of an assistant, over standard input and output."""

from typing import Annotated

import typer

from indexer.commands.options import CollectionOption
from vdr.environment import read_settings


def mcp(
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Offer no tool that changes documents.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """Serve MCP to an assistant that starts this command (docs/mcp.md).

    If a service is running (VDR_URL, or vdr serve on the same data), it answers; otherwise one is started
    with the first question, for this machine alone, and ends with the assistant.
    """
    from app.mcp.stdio import serve_stdio  # noqa: PLC0415 - without the SDK help is given all the same

    serve_stdio(read_settings(), collection, read_only=read_only)
