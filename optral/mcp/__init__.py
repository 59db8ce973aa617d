"""Tools for assistants over the Model Context Protocol: what they answer, and how a server of that protocol offers them.

Every tool is a few requests of the REST API, made by whoever runs it: over HTTP by the command line, inside the process by the server. So
it can do what the caller's key can do and no more. Transport and login are the edges' (`optral.api.pages.mcp`, `optral.cli.mcp`).
"""
