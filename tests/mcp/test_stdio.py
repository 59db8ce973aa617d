"""`optral mcp` as an assistant starts it: a process that speaks over stdin and stdout, with the key of a context."""

import os
import sys
from pathlib import Path
from unittest import mock

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from optral.mcp import calls
from tests.api.conftest import Api, api as api
from tests.api.seeds import finding, objects, observe
from tests.flows.executions.shop import Shop
from tests.mcp.assistants import Assistant
from tests.support.commandline import optral


async def test_the_command_offers_the_same_tools_with_the_same_rights(api: Api, tmp_path: Path) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    await observe(api, shop.cluster_id, finding("api", api=api))
    await objects(api, shop.cluster_id, "api")
    key = await api.new_key(scopes={"issues:read", "clusters:read"})
    environment = {"OPTRAL_URL": api.url, "OPTRAL_API_KEY": key, "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = StdioServerParameters(command=sys.executable, args=["-m", "optral", "mcp"], env=environment, cwd=Path.cwd())
    async with Client(command) as client:
        assistant = Assistant(client)
        assert [tool.name for tool in (await client.list_tools()).tools] == list(calls.TOOLS)
        said = await assistant("list_issues", cluster="prod")
        assert not said.is_error and "OOMKilled" in said.text
        assert "prod" in (await assistant("list_issues", cluster="prodd")).text
        refused = await assistant("find_objects", query="api")
        assert refused.is_error and "missing_scope" in refused.text


def test_without_the_package_it_says_how_to_install_it() -> None:
    with mock.patch("optral.cli.mcp.find_spec", return_value=None):
        done = optral("mcp", url="http://127.0.0.1:1")
    assert done.returncode == 2 and "pip install 'optral[mcp]'" in done.stderr
