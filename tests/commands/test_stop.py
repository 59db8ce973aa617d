"""The stop of all executions, with a real agent, real TLS and an API server that counts what it applied."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from optral.access.model import SCOPES
from optral.flows.executions import stop
from optral.flows.executions.driver import Driver
from optral.flows.executions.start import Request, start
from optral.resources import reports
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionStatus, StepState
from optral.terms import actor as actors
from optral.terms.actor import Role
from tests.commands.conftest import API, Platform
from tests.flows.executions.shop import _owner, changed
from tests.support.kubedouble import deployment

SLUG = "scale-up"
RUNBOOK = f"slug: {SLUG}\nname: Scale up step by step\nrisk: low\nsteps:\n" + "".join(
    f"  - {{name: To {count}, action: scale, with: {{kind: Deployment, namespace: shop, name: api, replicas: {count}}}}}\n"
    for count in (2, 3, 4, 5, 6)
)


class Shop:
    """A cluster with one Deployment, and executions of a runbook that changes it five times."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.store = platform, platform.store
        self.driver = Driver(platform.store, platform.clock)
        self.owner: actors.Actor

    async def open(self) -> None:
        member = await self.store.read(self.platform.actor, _owner)
        self.owner = actors.person(self.platform.org, member, scopes=SCOPES, role=Role.OWNER)
        cluster_id = self.platform.cluster_id
        body = {key: value for key, value in deployment().items() if key not in ("metadata", "apiVersion", "kind")}
        seen = changed("Deployment.apps", "uid-api", "shop", "api", "1", body)
        agent = actors.agent(self.platform.org, cluster_id)  # type: ignore[arg-type]
        await self.store.write(agent, lambda tx: reports.apply(tx, cluster_id, [seen], offset=timedelta()))
        await self.store.write(self.owner, lambda tx: runbooks.create(tx, runbooks.read(RUNBOOK), by=self.owner.id))

    @asynccontextmanager
    async def driving(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.driver.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def start(self) -> Execution:
        request = Request(runbook=SLUG, cluster=self.platform.cluster_id, parameters={})
        return await self.store.write(self.owner, lambda tx: start(tx, request))

    async def stop(self) -> stop.Stopped:
        return await self.store.write(self.owner, lambda tx: stop.stop(tx, reason="checkout breaks"))

    async def ended(self, one: Execution) -> Execution:
        async with asyncio.timeout(20):
            with self.store.hubs[runbooks.CHANGED].follow(one.id) as follower:
                while not (now := await self.store.read(self.owner, lambda tx: runbooks.get_execution(tx, one.id))).status.is_final:
                    await follower.wait(1)
                return now

    async def states(self, one: Execution) -> list[StepState]:
        return [step.state for step in await self.store.read(self.owner, lambda tx: runbooks.steps(tx, one.id))]


@pytest.fixture
async def shop(platform: Platform) -> Shop:
    made = Shop(platform)
    await made.open()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("changes", [0, 2, 4])
async def test_a_change_at_the_api_server_ends_and_nothing_is_applied_after_it(shop: Shop, changes: int) -> None:
    kube, loop = shop.platform.kube, asyncio.get_running_loop()
    seen = 0

    def hold(_: str) -> None:
        nonlocal seen
        if seen == changes:
            kube.gate.clear()
        seen += 1

    kube.before_patch = hold  # type: ignore[method-assign]
    async with shop.platform.agent(), shop.driving():
        one = await shop.start()
        async with asyncio.timeout(20):
            await kube.at_gate.wait()
        began = loop.time()
        stopped = await shop.stop()
        kube.gate.set()
        done = await shop.ended(one)
        print(f"stopped {(loop.time() - began) * 1000:.0f} ms after the request, with {changes + 1} of 5 changes applied")
        assert [found.id for found in stopped.canceled] == [one.id]
        assert kube.changes == changes + 1
        assert kube.objects[API]["spec"]["replicas"] == changes + 2
        assert await shop.states(one) == [StepState.SUCCEEDED] * (changes + 1) + [StepState.SKIPPED] * (4 - changes)
        assert done.status is ExecutionStatus.CANCELED
        assert done.failure == {"code": "canceled", "changed": True, "message": f"canceled by {shop.owner.id}; earlier steps stay done"}


async def test_a_command_that_the_agent_has_not_applied_is_canceled_there(shop: Shop) -> None:
    """The agent reads the object before each change; the stop arrives during the read of the second step."""
    kube, loop = shop.platform.kube, asyncio.get_running_loop()
    kube.before_patch = lambda _: kube.reads.clear()  # type: ignore[method-assign]
    async with shop.platform.agent(), shop.driving():
        one = await shop.start()
        async with asyncio.timeout(20):
            await kube.at_read.wait()
        began = loop.time()
        await shop.stop()
        done = await shop.ended(one)
        print(f"stopped {(loop.time() - began) * 1000:.0f} ms after the request, with 1 of 5 changes applied")
        kube.reads.set()
        assert (done.status, kube.changes) == (ExecutionStatus.CANCELED, 1)
        assert await shop.states(one) == [StepState.SUCCEEDED] + [StepState.SKIPPED] * 4
