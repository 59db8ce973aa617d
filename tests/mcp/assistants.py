"""Clients of `/mcp`, and what each tool is asked in tests: a new tool needs a row here, decided by a person."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.api.accounts import Browser
from tests.api.conftest import NO_TLS, Api
from tests.api.people.test_device import approve, poll, start

Ids = Mapping[str, str]


class Decision(NamedTuple):
    """What is asked about an object by its ids, and whether asking about one that the caller may not see is refused.

    Of what is not refused, the answer shows nothing of it. `changes`: it makes a plan. `by_name`: the same by its name.
    """

    ask: Callable[[Ids], dict[str, Any]]
    is_refused: bool
    by_name: Callable[[Ids], dict[str, Any]] | None = None
    changes: bool = False


def _named(one: Ids) -> dict[str, Any]:
    return {"kind": "Pod", "name": one["name"]}


DECISIONS: dict[str, Decision] = {
    "list_issues": Decision(lambda one: {"query": one["name"]}, is_refused=False),
    "get_issue": Decision(lambda one: {"issue": one["issue_id"]}, is_refused=True),
    "find_objects": Decision(lambda one: {"query": one["name"]}, is_refused=False),
    "get_object": Decision(lambda one: {"object": one["resource_id"]}, True, _named),
    "get_topology": Decision(lambda one: {"issue": one["issue_id"]}, True, _named),
    "get_logs": Decision(lambda one: {"object": one["resource_id"]}, True, _named),
    "get_changes": Decision(lambda one: {"object": one["resource_id"]}, True, lambda one: {"issue": one["issue_id"]}),
    "get_similar_incidents": Decision(lambda one: {"issue": one["issue_id"]}, is_refused=True),
    "search": Decision(lambda one: {"text": one["name"]}, is_refused=False),
    "get_coverage": Decision(lambda one: {}, is_refused=False),
    "plan_fix": Decision(
        lambda one: {
            "cluster": one["cluster_id"],
            "runbook": "restart-workload",
            "parameters": {"kind": "Deployment", "namespace": one["namespace"], "name": f"{one['name']}-app"},
        },
        True,
        lambda one: {"issue": one["issue_id"]},
        changes=True,
    ),
    "get_plan": Decision(lambda one: {"execution": one["execution_id"]}, is_refused=True),
}


class Reply(NamedTuple):
    text: str
    is_error: bool


class Assistant:
    """A client that calls tools and keeps what they say."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments: Any) -> Reply:
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        return Reply(content.text, bool(result.is_error))  # type: ignore[union-attr]


@asynccontextmanager
async def connected(url: str, key: str, *, mode: str = "auto") -> AsyncIterator[Assistant]:
    """The Python client over streamable HTTP, with an API key. `mode`: which revisions of the protocol it speaks."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, verify=NO_TLS, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield Assistant(client)


async def key_of(api: Api, person: Browser) -> str:
    """An API key of this person, as `optral login` gets one."""
    codes = await start(api)
    assert (await approve(person, codes)).status_code == 200
    return str((await poll(api, codes)).json()["key"])
