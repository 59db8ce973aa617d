"""A Job that hangs is suspended, its pods end, and it is resumed; when they do not end, it is resumed as well."""

from optral.commands.model import Command, Report
from optral.kit.paging import PageRequest
from optral.kube.changes import ObjectChange
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter, ExecutionStatus, StepState
from tests.flows.executions.shop import Shop, changed, report


class Job:
    """A Job with one pod, whose controller deletes it while the Job is suspended, unless the pod is stuck."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.version, self.is_suspended, self.is_stuck, self.active = shop, 20, False, False, 1
        shop.agent.answers["patch"] = self.patch

    def patch(self, command: Command) -> Report:
        wanted, now = command.params["value"], self.is_suspended
        if not command.dry_run:
            self.version, self.is_suspended = self.version + 1, wanted
        diff = [] if wanted == now else [{"path": "spec.suspend", "from": now, "to": wanted}]
        before, after = ({one["path"]: one[side] for one in diff} for side in ("from", "to"))
        result = {"before": before, "after": after, "diff": diff, "uid": "uid-j", "resourceVersion": str(self.version)}
        return report(command, result=result)

    def seen(self) -> ObjectChange:
        body = {"spec": {"suspend": self.is_suspended}, "status": {"active": self.active} if self.active else {}}
        return changed("Job.batch", "uid-j", "shop", "import", str(self.version), body)

    async def react(self) -> None:
        if not self.is_stuck:
            self.active = 0 if self.is_suspended else 1
        await self.shop.show(more=[self.seen()])

    async def run(self, one: Execution, *, seconds: int) -> Execution:
        """Driver, agent and controller in turns while time passes."""
        for _ in range(seconds // 3):
            if (now := await self.shop.settle(one)).status.is_final:
                return now
            await self.react()
            self.shop.clock.advance(3)
        return now


async def started(shop: Shop, job: Job) -> Execution:
    await shop.show(more=[job.seen()])
    other = await shop.add_member()
    one = await shop.settle(await shop.start("restart-job", parameters={"namespace": "shop", "name": "import"}))
    assert one.plan is not None
    assert one.plan["impact"]["steps"][0]["podsRemoved"] == 1
    return await shop.approve(one, by=other)


async def test_it_is_resumed_when_its_pods_are_gone(shop: Shop) -> None:
    job = Job(shop)
    done = await job.run(await started(shop, job), seconds=180)
    assert (done.status, job.is_suspended, job.active) == (ExecutionStatus.SUCCEEDED, False, 1)
    assert [step.state for step in await shop.steps(done)] == [StepState.SUCCEEDED] * 3


async def test_it_is_resumed_when_its_pods_do_not_end(shop: Shop) -> None:
    job = Job(shop)
    job.is_stuck = True
    done = await job.run(await started(shop, job), seconds=600)
    assert (done.status, done.failure and done.failure["code"]) == (ExecutionStatus.FAILED, "wait_timed_out")
    found = await shop.store.read(shop.system, lambda tx: runbooks.find_executions(tx, ExecutionFilter(), PageRequest()))
    (back,) = [one for one in found if one.undo_of == done.id]
    await job.run(back, seconds=60)
    assert job.is_suspended is False
