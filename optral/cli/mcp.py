"""`optral mcp`: the tools for assistants over stdin and stdout, with the current context. It needs the extra `mcp`."""

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from optral.cli.base import options, session
from optral.cli.base.options import DEFAULT_URL
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.http import Http
    from optral.mcp.rest import Params


def mcp(url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Serve the tools for assistants (MCP) over stdin and stdout, with the current context. Plans only: no tool can change a cluster.

    Your assistant starts this command; see docs/how-to/assistants.md. Install it with: pip install 'optral[mcp]'

    Example: optral mcp
    """
    if find_spec("mcp") is None:
        raise Misconfigured("mcp_not_installed", say="optral mcp needs the package mcp; install it with: pip install 'optral[mcp]'")
    with session.client(url, api_key) as client:
        client.me()  # what is wrong with the address or the key is said now, and not at each call
    from optral.client.http import Http
    from optral.kit.clock import SystemClock
    from optral.mcp import server

    http = Http(url, api_key)
    try:
        asyncio.run(server.serve_stdio(_OverHttp(http), SystemClock().now))
    finally:
        http.close()


class _OverHttp:
    """Asks the server with the key of the context (`optral.mcp.rest.Rest`)."""

    def __init__(self, http: "Http") -> None:
        self._http = http

    async def __call__(self, method: str, path: str, *, params: "Params | None" = None, body: object = None) -> Any:
        from optral.client.errors import ClientError
        from optral.mcp.rest import refused

        try:
            answer = await asyncio.to_thread(self._http.call, method, path, dict[str, Any], body=body, params=params)
        except ClientError as error:
            raise refused(error.code, error.say) from error
        return answer.value
