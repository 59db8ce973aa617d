"""`optral clusters map`: a row for each node with what is requested and used of it, and the pods that need attention."""

import asyncio
import json

from optral.store.store import Store
from tests.api.conftest import running
from tests.api.resources.test_cluster_map import node, pod, usage
from tests.api.seeds import report
from tests.support.clock import FakeClock
from tests.support.commandline import optral


async def test_shows_nodes_with_shares_and_pods_that_are_not_healthy(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await report(api, cluster, node("node-1", cordoned=True), node("node-2", is_ready=False), usage("node-1", "uid-Node-node-1"))
        await report(api, cluster, pod("web-1", "node-1", cpu="2"), pod("web-2", "node-1", phase="Failed"), pod("waits", phase="Pending"))
        done = await asyncio.to_thread(optral, "clusters", "map", "production", "--pods", url=api.url, key=api.key)
        assert done.returncode == 0, done.stderr
        lines = [line.split() for line in done.stdout.splitlines()]
        assert [line[0] for line in lines if line][:4] == ["NODE", "node-2", "node-1", "(no"]
        shown = next(line for line in done.stdout.splitlines() if line.startswith("node-1"))
        assert "cordoned" in shown and "2/110" in shown and "2 (51 %)" in shown and "1.2 (30 %)" in shown
        assert "%" not in next(line for line in done.stdout.splitlines() if line.startswith("node-2")).replace("0m (0 %)", "").replace(
            "0 (0 %)", ""
        ), "a node without a report has no usage"
        assert [line[:3] for line in lines if "web-2" in line or "waits" in line] == [["node-1", "shop", "web-2"], ["(no", "node)", "shop"]]
        data = await asyncio.to_thread(optral, "clusters", "map", "production", "-o", "json", url=api.url, key=api.key)
        assert {one["name"] for one in json.loads(data.stdout)["nodes"]} == {"node-1", "node-2"}
