"""`optral resources list` as people who know kubectl read it: the columns of the kind, and more of them with `-o wide`."""

import asyncio

from optral.store.store import Store
from tests.api.conftest import Api, running
from tests.api.resources.test_resources import POD, WORST_FIRST, pods
from tests.api.seeds import objects
from tests.support.clock import FakeClock
from tests.support.commandline import optral


async def lines(api: Api, *words: str) -> list[str]:
    done = await asyncio.to_thread(optral, "resources", "list", *words, url=api.url, key=api.key)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


async def test_one_kind_has_its_own_columns(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await objects(api, cluster, "web", **POD)
        await objects(api, cluster, "shop", kind="Deployment.apps", spec={"replicas": 2}, status={"readyReplicas": 1, "replicas": 2})
        head, row = await lines(api, "--kind", "Pod")
        assert head.split()[:7] == ["CLUSTER", "NAMESPACE", "NAME", "STATUS", "READY", "RESTARTS", "NODE"] and head.split()[-1] == "ID"
        assert row.split()[2:6] == ["web", "Running", "1/1", "3"] and "node-1" in row and "shop/web:2" not in row
        assert "shop/web:2" in (await lines(api, "--kind", "Pod", "-o", "wide"))[1]
        head, row = await lines(api, "--kind", "Deployment")
        assert "STATUS" not in head and "UP-TO-DATE" in head and row.split()[2:4] == ["shop", "1/2"]
        head, *_ = await lines(api)
        assert head.split()[:5] == ["KIND", "CLUSTER", "NAMESPACE", "NAME", "STATUS"] and "READY" not in head


async def test_what_fails_is_listed_first_and_alone(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await pods(api)
        rows = await lines(api, "--kind", "Pod", "--sort", "status")
        assert [row.split()[2] for row in rows[1:]] == WORST_FIRST
        rows = await lines(api, "--state", "failing", "--label", "app:e-crash")
        assert len(rows) == 2 and "e-crash" in rows[1]
        assert len(await lines(api, "--status", "Pending")) == 2


async def test_a_query_narrows_the_list_and_an_unknown_key_names_the_nearest(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await pods(api)
        rows = await lines(api, "kind:Pod state:failing -name:b*")
        assert [row.split()[2] for row in rows[1:]] == ["e-crash"]
        assert len(await lines(api, "-q", "-state:failing kind:Pod")) == 5
        assert len(await lines(api, "crash")) == 3
        done = await asyncio.to_thread(optral, "resources", "list", "stat:failing", url=api.url, key=api.key)
        assert done.returncode != 0 and "there is no key stat (did you mean state?)" in done.stderr
