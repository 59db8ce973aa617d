"""`optral overview` as a person on call reads it."""

import asyncio
import json

from optral.store.store import Store
from optral.terms.severity import Severity
from tests.api.conftest import Api, running
from tests.api.overview.test_coverage import healthy
from tests.api.overview.test_overview import changed, explained, first_issue
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe
from tests.support.clock import FakeClock
from tests.support.commandline import Done, optral


async def say(api: Api, *words: str) -> Done:
    return await asyncio.to_thread(optral, "overview", *words, url=api.url, key=api.key)


async def test_it_says_what_needs_attention_why_and_where(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await presence(api, cluster, "online", last_seen=api.clock.now())
        await healthy(api, "calm")
        await healthy(api, "blind", forbidden={"Service"})
        await observe(api, cluster, finding("api", api=api))
        await explained(api, await first_issue(api))
        await observe(api, cluster, finding("web", severity=Severity.MEDIUM, api=api))
        await objects(api, cluster, "waits", status={"phase": "Pending"})
        await changed(api, cluster, "1", replicas=1)
        await changed(api, cluster, "2", replicas=3)
        shown = (await say(api)).stdout
        assert shown.splitlines()[:4] == [
            "2 open issues (1 critical, 1 medium), 2 not acknowledged",
            "3 clusters (1 critical, 1 incomplete, 1 healthy)",
            "0 executions running, 0 waiting for approval, 0 failed in 24 hours",
            "last hour: 2 issues opened, 0 resolved, 1 change",
        ]
        assert "The memory limit is too low" in shown
        assert "Deployment shop/web" in shown and "/spec/replicas 1 -> 3" in shown
        assert "calm" not in shown.replace(shown.splitlines()[4], "")  # a healthy cluster is only counted
        assert "blind" in shown and "Service of cluster blind cannot be read" in shown.splitlines()[4]
        assert {one["name"] for one in json.loads((await say(api, "-o", "json")).stdout)["clusters"]} == {"production", "calm", "blind"}
        assert "name: calm" in (await say(api, "-o", "yaml", "--cluster", "calm")).stdout


async def test_an_empty_organization_is_five_lines(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        done = await say(api)
        assert (done.returncode, done.stdout.splitlines()[1], len(done.stdout.splitlines())) == (0, "0 clusters", 5)


async def test_the_cluster_list_says_what_is_wrong_where(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        busy, _ = await api.new_cluster("busy"), await api.new_cluster("calm")
        await objects(api, busy, "node-1", kind="Node", status={})
        await objects(api, busy, "api", "web", kind="Pod", status={"phase": "Pending"})
        await observe(api, busy, *(finding(name, severity=Severity.HIGH, api=api) for name in ("api", "web")))
        done = await asyncio.to_thread(optral, "clusters", "list", "-o", "wide", url=api.url, key=api.key)
        assert done.returncode == 0, done.stderr
        head, first, second = (line for line in done.stdout.splitlines() if line.strip())
        at = {name: head.index(name) for name in ("NODES READY", "PODS NOT READY", "WORST")}
        assert {name: first[column:].split("  ")[0].strip() for name, column in at.items()} == {
            "NODES READY": "0/1",
            "PODS NOT READY": "2/2",
            "WORST": "2 high",
        }
        assert second[at["NODES READY"] :].split()[:3] == ["0/0", "0/0", "0"]
        assert "Clusters busy and calm have never connected" in first[head.index("NOT LOOKED AT") :]
        data = await asyncio.to_thread(optral, "clusters", "list", "-o", "json", url=api.url, key=api.key)
        assert json.loads(data.stdout)["clusters"][0]["counts"]["worst"] == {"severity": "high", "count": 2}
