"""How long a tool of `/mcp` takes: each is called in turn by the Python client, on one server with one small cluster and its agent."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from typing import Any

from lab.bench.executing import APP, NAMESPACE, TARGET, World, seconds_of, world_of
from lab.bench.rows import Options, Row
from optral.mcp.calls import TOOLS
from tests.mcp.assistants import Assistant, connected

CALLS = 40  # of each tool
MOST_MS = 300
ASK_THE_AGENT = ("get_logs", "plan_fix")


def assistants(_: Options) -> Iterator[Row]:
    """Rows: the 95th percentile of the slowest tool, of those that read the store and of those that ask the agent."""
    for engine in ("SQLite", "PostgreSQL"):
        with world_of(engine) as world:
            base = 1000 * seconds_of(lambda w=world: w.platform.call("GET", "/v1/issues"), CALLS)
            taken = asyncio.run(_measured(world))
            for what, is_asked in (("reads the store", False), ("asks the agent", True)):
                names = [name for name in TOOLS if (name in ASK_THE_AGENT) == is_asked]
                ranked = sorted((statistics.quantiles(taken[name], n=20)[-1], name) for name in names)
                slowest, name = ranked[-1]
                text = f"GET /v1/issues {base:.0f} ms"
                yield Row(f"MCP, {what}, p95, {name}, {engine}", slowest, "ms", f"<= {MOST_MS}", slowest <= MOST_MS, text, slowest / base)


async def _measured(world: World) -> dict[str, list[float]]:
    """Milliseconds of each call, by the name of the tool."""
    taken: dict[str, list[float]] = {name: [] for name in TOOLS}
    async with connected(world.platform.url, world.platform.key) as assistant:
        calls = _calls(world)
        for _ in range(CALLS):
            for name, arguments in calls.items():
                began = time.perf_counter()
                answer = await _call(assistant, name, arguments)
                taken[name].append(1000 * (time.perf_counter() - began))
                if name == "plan_fix":
                    execution = next(word.strip('",') for word in answer.split() if word.strip('",').startswith("exe_"))
                    calls["get_plan"] = {"execution": execution}
            await asyncio.to_thread(world.platform.call, "POST", f"/v1/executions/{execution}/cancel", json={})
    return taken


def _calls(world: World) -> dict[str, dict[str, Any]]:
    issue = world.platform.call("GET", "/v1/issues?pageSize=1")["issues"][0]["id"]
    pod = world.small.pods()[0]["metadata"]["name"]
    return {
        "list_issues": {},
        "get_issue": {"issue": issue},
        "find_objects": {"query": "kind:Pod"},
        "get_object": TARGET,
        "get_topology": TARGET,
        "get_logs": {"kind": "Pod", "namespace": NAMESPACE, "name": pod},
        "get_changes": TARGET,
        "get_similar_incidents": {"issue": issue},
        "search": {"text": APP},
        "get_coverage": {},
        "plan_fix": {"cluster": world.cluster_id, "runbook": "restart-workload", "parameters": TARGET},
        "get_plan": {},
    }


async def _call(assistant: Assistant, tool: str, arguments: dict[str, Any]) -> str:
    answer = await assistant(tool, **arguments)
    assert not answer.is_error, f"{tool}: {answer.text[:500]}"
    return answer.text


ROWS = {"assistants": assistants}
