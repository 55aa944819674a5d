"""The MCP server: what an assistant may do with the documents, over stdio and at /mcp.

Imports the SDK (the extra `mcp`), the client of `vdr`, and of `app` what finds or starts a service.
Begin with `tools.py`: what each tool does.
"""
