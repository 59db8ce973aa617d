"""The official inspector lists the tools and calls one, over streamable HTTP."""

import asyncio
import json
from typing import Any

import pytest

from optral.mcp import calls
from tests.api.conftest import Api, api as api
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop
from tests.setup import inspector, node
from tests.support.sqlite_alone import engine_name as engine_name

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not inspector.PROGRAM.exists(), reason="python -m tests.setup inspector installs it")]


async def inspected(api: Api, *options: str) -> dict[str, Any]:
    """What the inspector prints for one method."""
    server = ("--cli", f"{api.url}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {api.key}")
    command = [str(node.find() / "node"), str(inspector.PROGRAM), *server, *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await asyncio.wait_for(process.communicate(), timeout=120)
    assert process.returncode == 0, (out.decode(), err.decode())
    found: dict[str, Any] = json.loads(out)
    return found


async def test_the_inspector_lists_the_tools_and_calls_one(api: Api) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    await observe(api, shop.cluster_id, finding("api", api=api))
    listed = await inspected(api, "--method", "tools/list")
    assert [tool["name"] for tool in listed["tools"]] == list(calls.TOOLS)
    called = await inspected(api, "--method", "tools/call", "--tool-name", "list_issues", "--tool-arg", "cluster=prod")
    assert "OOMKilled" in called["content"][0]["text"] and not called.get("isError")
