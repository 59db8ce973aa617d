"""Starting, deciding and ending executions, as people see it."""

from collections.abc import Callable
from typing import Any

import pytest

from optral.access import bindings_service, people_service
from optral.clusters.model import ClusterStatus as ClusterStatus
from optral.flows.deadlines import DeadlineWorker
from optral.flows.executions import control
from optral.flows.issues import precedents
from optral.flows.issues.precedents import Ending
from optral.runbooks.model import ExecutionStatus, Phase, StepState
from optral.safeguards import model as safeguards
from optral.store.transaction import Transaction
from optral.terms.errors import Forbidden, Invalid, NotFound, Refused
from tests.flows.executions.shop import Shop, changed


async def test_a_low_risk_runbook_is_planned_applied_verified(shop: Shop) -> None:
    one = await shop.start()
    assert (one.status, one.phase) == (ExecutionStatus.QUEUED, Phase.PLANNING)
    done = await shop.run(one)
    assert (done.status, done.failure) == (ExecutionStatus.SUCCEEDED, None)
    assert shop.agent.applied == 1
    assert done.verification is not None
    assert done.verification["status"] == "passed"
    step = (await shop.steps(one))[0]
    assert (step.state, step.attempt) == (StepState.SUCCEEDED, 1)
    assert step.pre_image == {"spec.template.metadata.annotations.restartedAt": "0"}
    told = await shop.published()
    assert told[0] == ("runbook.started", "queued")
    assert told[-1] == ("runbook.completed", "succeeded")
    assert [kind for kind, _ in told].count("runbook.completed") == 1


async def test_a_dry_run_gives_the_diff_and_changes_nothing(shop: Shop) -> None:
    one = await shop.raise_limit(dry_run=True)
    done = await shop.run(one)
    assert done.status is ExecutionStatus.SUCCEEDED
    assert shop.agent.applied == 0
    assert done.plan is not None
    path = "spec.template.spec.containers[api].resources.limits.memory"
    assert done.plan["diff"] == [{"step": "Raise the limit", "path": path, "from": "64Mi", "to": "128Mi"}]
    assert not any(kind.startswith("runbook.") for kind, _ in await shop.published())


async def test_high_risk_waits_for_somebody_else(shop: Shop) -> None:
    other = await shop.add_member()
    one = await shop.raise_limit()
    assert one.status is ExecutionStatus.PENDING_APPROVAL
    with pytest.raises(Refused) as early:
        await shop.approve(one, by=other)
    assert early.value.code == "plan_not_ready"
    waiting = await shop.settle(one)
    assert (waiting.status, waiting.phase, shop.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, Phase.APPROVAL, 0)
    with pytest.raises(Forbidden) as own:
        await shop.approve(one, by=shop.owner, reason="because", confirm="web")
    assert own.value.code == "own_request"
    with pytest.raises(Refused) as another_plan:
        await shop.approve(one, by=other, plan_hash="sha256:other")
    assert another_plan.value.code == "plan_changed"
    approved = await shop.approve(one, by=other, plan_hash=waiting.plan_hash)
    assert approved.status is ExecutionStatus.QUEUED
    done = await shop.run(one)
    assert (done.status, done.approved_by, shop.agent.limit) == (ExecutionStatus.SUCCEEDED, other.id, "128Mi")
    kinds = [kind for kind, _ in await shop.published()]
    assert kinds.index("approval.requested") < kinds.index("approval.approved") < kinds.index("runbook.completed")


@pytest.mark.parametrize(
    ("reason", "confirm"),
    [
        pytest.param("", "web", id="no reason"),
        pytest.param("it leaks", "", id="no name"),
        pytest.param("it leaks", "api", id="another name"),
    ],
)
async def test_a_lone_member_confirms_with_reason_and_name(shop: Shop, reason: str, confirm: str) -> None:
    one = await shop.raise_limit()
    await shop.settle(one)
    with pytest.raises(Invalid) as lacking:
        await shop.approve(one, by=shop.owner, reason=reason, confirm=confirm)
    assert lacking.value.code == "confirmation_needed"
    await shop.approve(one, by=shop.owner, reason="it leaks and the fix comes tomorrow", confirm="web")
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_an_approval_nobody_gives_expires(shop: Shop) -> None:
    one = await shop.raise_limit()
    await shop.settle(one)
    shop.clock.advance(901)
    with pytest.raises(Refused) as late:
        await shop.approve(one, by=shop.person("late"))
    assert late.value.code == "approval_expired"
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["changed"], shop.agent.applied) == (ExecutionStatus.EXPIRED, False, 0)


@pytest.mark.parametrize("away", [people_service.remove_member, bindings_service.limit], ids=["removed", "limited"])
async def test_an_approval_does_not_count_when_the_right_ended_before_the_start(
    shop: Shop, away: Callable[[Transaction, str], Any]
) -> None:
    one = await shop.raise_limit()
    await shop.settle(one)
    approver = await shop.add_member()
    await shop.approve(one, by=approver)
    await shop.store.write(shop.system, lambda tx: away(tx, approver.id))
    waiting = await shop.settle(one)
    assert (waiting.status, waiting.approved_by, shop.agent.applied) == (ExecutionStatus.PENDING_APPROVAL, None, 0)
    assert any("may not approve here any more" in line for line in await shop.log(one))
    await shop.approve(one, by=await shop.add_member())
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_rejecting_ends_it(shop: Shop) -> None:
    one = await shop.raise_limit()
    await shop.settle(one)
    done = await shop.store.write(shop.person("other"), lambda tx: control.reject(tx, one.id, reason="not on a Friday"))
    assert done.status is ExecutionStatus.REJECTED
    assert shop.agent.applied == 0
    with pytest.raises(Refused, match="rejected"):
        await shop.approve(one, by=shop.person("third"))


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        pytest.param({"kind": "Deployment", "namespace": "shop"}, ["missing_parameter"], id="missing"),
        pytest.param({"kind": "Deployment", "namespace": "shop", "name": "web", "force": True}, ["unknown_parameter"], id="extra"),
        pytest.param({"kind": "Secret", "namespace": "shop", "name": "web"}, ["bad_parameter"], id="not in the enum"),
        pytest.param({"kind": "Deployment", "namespace": 7, "name": "web"}, ["bad_parameter"], id="of another type"),
        pytest.param({"kind": "Deployment", "namespace": "shop", "name": "${parameters.kind}"}, ["bad_parameter"], id="a reference"),
        pytest.param({}, ["missing_parameter"] * 3, id="none"),
    ],
)
async def test_parameters_must_fit(shop: Shop, parameters: dict[str, object], codes: list[str]) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.start(parameters=parameters)
    assert wrong.value.code == "invalid_parameters"
    assert [one["code"] for one in wrong.value.errors] == codes


async def test_a_value_the_verb_does_not_take_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid):
        await shop.start(parameters={"kind": "Deployment", "namespace": "Shop/../x", "name": "web"})


async def test_kube_system_is_never_touched(shop: Shop) -> None:
    with pytest.raises(Invalid) as wrong:
        await shop.start(parameters={"kind": "Deployment", "namespace": "kube-system", "name": "coredns"})
    assert wrong.value.code == "out_of_scope"


async def test_what_is_not_there_cannot_be_changed(shop: Shop) -> None:
    with pytest.raises(Refused) as wrong:
        await shop.start(parameters={"kind": "Deployment", "namespace": "shop", "name": "other"})
    assert wrong.value.code == "target_not_found"
    with pytest.raises(NotFound):
        await shop.start("no-such-runbook")
    with pytest.raises(NotFound):
        await shop.start(cluster="elsewhere")


async def test_an_offline_cluster_is_refused(shop: Shop) -> None:
    await shop.presence(ClusterStatus.OFFLINE)
    with pytest.raises(Refused) as wrong:
        await shop.start()
    assert wrong.value.code == "cluster_offline"


async def test_the_same_again_is_the_same_execution_and_another_is_refused(shop: Shop) -> None:
    one = await shop.start()
    assert (await shop.start()).id == one.id
    with pytest.raises(Refused) as busy:
        await shop.start("scale-workload", parameters={"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": 2})
    assert busy.value.code == "execution_running"
    assert one.id in busy.value.say
    assert (await shop.start("cordon-node", parameters={"node": "n1"})).id != one.id
    await shop.run(one)
    shop.clock.advance(301)
    assert (await shop.start()).id != one.id


async def test_a_runbook_cools_down_on_its_object(shop: Shop) -> None:
    await shop.run(await shop.start())
    with pytest.raises(Refused) as hot:
        await shop.start()
    assert hot.value.code == "cooling_down"
    assert (await shop.start(dry_run=True)).dry_run


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        pytest.param("32Mi", "only be raised", id="lower"),
        pytest.param("512Mi", "at most 4 times", id="eightfold"),
    ],
)
async def test_a_limit_is_raised_within_bounds(shop: Shop, limit: str, why: str) -> None:
    done = await shop.run(await shop.raise_limit(limit, dry_run=True))
    assert done.status is ExecutionStatus.FAILED
    assert done.failure is not None
    assert done.failure["code"] == "out_of_bounds"
    assert why in done.failure["message"]
    assert shop.agent.applied == 0


async def test_the_same_limit_changes_nothing(shop: Shop) -> None:
    done = await shop.run(await shop.raise_limit("64Mi", dry_run=True))
    assert done.plan is not None
    assert (done.status, done.plan["diff"]) == (ExecutionStatus.SUCCEEDED, [])
    assert "Planned: nothing would change" in await shop.log(done)


async def test_a_limit_beyond_64gi_is_no_parameter(shop: Shop) -> None:
    with pytest.raises(Invalid):
        await shop.raise_limit("65Gi")


@pytest.mark.parametrize(
    ("labels", "who"),
    [
        pytest.param({"argocd.argoproj.io/instance": "shop"}, "Argo CD shop", id="argocd"),
        pytest.param({"kustomize.toolkit.fluxcd.io/name": "apps"}, "Flux apps", id="flux"),
        pytest.param({"app.kubernetes.io/managed-by": "Helm"}, "Helm", id="helm"),
    ],
)
async def test_what_another_manages_is_named_and_refused(shop: Shop, labels: dict[str, str], who: str) -> None:
    shop.agent.resource_version += 1
    await shop.show(labels=labels)
    with pytest.raises(Refused) as wrong:
        await shop.start()
    assert wrong.value.code == "managed_object"
    assert who in wrong.value.say
    allowed = await shop.start(allow_drift=True)
    assert allowed.allow_drift


async def test_the_plan_names_the_repository_of_a_managed_object(shop: Shop) -> None:
    source = {"repoURL": "https://git.example.com/shop/deploy.git", "path": "overlays/prod", "targetRevision": "main"}
    application = changed("Application.argoproj.io", "uid-app", "argocd", "shop", "5", {"spec": {"sources": [source]}}, {})
    shop.agent.resource_version += 1
    await shop.show(labels={"argocd.argoproj.io/instance": "shop"}, more=[application])
    planned = await shop.settle(await shop.start(dry_run=True))
    known = {"repository": source["repoURL"], "path": "overlays/prod", "revision": "main"}
    assert planned.plan is not None
    assert planned.plan["managers"] == [{"step": "Restart", "kind": "argocd", "name": "shop", "source": known}]


async def test_an_issue_gives_the_target_and_records_it(shop: Shop) -> None:
    issue_id = await shop.observe(shown=True)
    one = await shop.start("raise-memory-limit", issue_id=issue_id, cluster=None, parameters={"limit": "128Mi"})
    assert one.parameters == {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "api", "limit": "128Mi"}
    await shop.settle(one)
    await shop.approve(one, by=shop.person("other"))
    await shop.settle(one)
    assert (await shop.get(one)).status is ExecutionStatus.VERIFYING
    shop.clock.advance(30)
    assert (await shop.settle(one)).status is ExecutionStatus.VERIFYING
    await shop.observe(shown=False)
    done = await shop.run(one)
    assert (done.status, done.verification and done.verification["status"]) == (ExecutionStatus.SUCCEEDED, "passed")
    from optral.issues import service as issues

    actions = [line.action for line in await shop.store.read(shop.system, lambda tx: issues.activity(tx, issue_id))]
    assert actions[-2:] == ["runbook_started", "runbook_completed"]


async def test_the_runbook_that_ended_an_issue_is_named_to_the_next_one(shop: Shop) -> None:
    issue_id = await shop.observe(shown=True)
    one = await shop.start("raise-memory-limit", issue_id=issue_id, cluster=None, parameters={"limit": "128Mi"})
    await shop.settle(one)
    await shop.approve(one, by=shop.person("other"))
    await shop.settle(one)
    shop.clock.advance(600)
    for _ in range(2):
        await shop.observe(shown=False)
        shop.clock.advance(400)
    await shop.run(one)
    shop.clock.advance(30 * 3600)
    returned = await shop.observe(shown=True)
    assert returned != issue_id
    [earlier] = (await shop.store.read(shop.system, lambda tx: precedents.of(tx, returned))).similar
    assert earlier.ending == Ending(kind="runbook", execution_id=one.id, runbook=one.runbook_name, by=one.requested_by)


async def test_what_did_not_help_is_said(shop: Shop) -> None:
    issue_id = await shop.observe(shown=True)
    one = await shop.start(issue_id=issue_id)
    done = await shop.run(one)
    assert (done.status, done.failure and done.failure["code"]) == (ExecutionStatus.FAILED, "verification_failed")
    assert done.verification is not None
    assert done.verification["status"] == "failed"


async def test_what_cannot_be_seen_is_inconclusive(shop: Shop) -> None:
    one = await shop.start()
    while (await shop.settle(one)).status is not ExecutionStatus.VERIFYING:
        pass
    await shop.presence(ClusterStatus.OFFLINE)
    done = await shop.run(one)
    assert (done.status, done.verification and done.verification["status"]) == (ExecutionStatus.SUCCEEDED, "inconclusive")


@pytest.mark.parametrize(("ahead_s", "back_s"), [(0, 3600), (40 * 86400, 40 * 86400)], ids=["an hour back", "40 days ahead and back"])
async def test_a_clock_that_is_set_back_does_not_hold_a_verification(shop: Shop, ahead_s: float, back_s: float) -> None:
    issue_id = await shop.observe(shown=True)
    shop.clock.set_wall(ahead_s)
    one = await shop.start(issue_id=issue_id)
    while (await shop.settle(one)).status is not ExecutionStatus.VERIFYING:
        pass
    shop.clock.set_wall(-back_s)
    await DeadlineWorker(shop.store, shop.clock).step()
    done = await shop.run(one, seconds=600)
    assert (done.status, done.failure and done.failure["code"]) == (ExecutionStatus.FAILED, "verification_failed")


async def test_it_must_be_well_for_a_minute_without_a_break(shop: Shop) -> None:
    one = await shop.start()
    assert (await shop.settle(one)).status is ExecutionStatus.VERIFYING
    shop.clock.advance(50)
    shop.is_well = False
    shop.agent.resource_version += 1
    await shop.show()
    assert (await shop.settle(one)).status is ExecutionStatus.VERIFYING
    shop.is_well = True
    shop.agent.resource_version += 1
    await shop.show()
    await shop.settle(one)
    shop.clock.advance(50)
    assert (await shop.settle(one)).status is ExecutionStatus.VERIFYING
    shop.clock.advance(11)
    assert (await shop.settle(one)).status is ExecutionStatus.SUCCEEDED


async def test_canceling_before_anything_was_begun_ends_it_at_once(shop: Shop) -> None:
    one = await shop.start()
    done = await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    assert done.status is ExecutionStatus.CANCELED
    assert await shop.answer() == 0
    assert (await shop.run(one)).status is ExecutionStatus.CANCELED
    assert shop.agent.applied == 0
    with pytest.raises(Refused) as late:
        await shop.store.write(shop.owner, lambda tx: control.cancel(tx, one.id))
    assert late.value.code == "execution_finished"


async def test_paused_means_nothing_new_is_changed(shop: Shop) -> None:
    one = await shop.start()
    await shop.store.write(shop.owner, lambda tx: control.pause(tx, is_paused=True, reason="freeze"))
    with pytest.raises(Refused) as wrong:
        await shop.start("cordon-node", parameters={"node": "n1"})
    assert wrong.value.code == "executions_paused"
    assert (await shop.settle(one)).status is ExecutionStatus.QUEUED
    assert shop.agent.applied == 0
    await shop.store.write(shop.owner, lambda tx: control.pause(tx, is_paused=False))
    assert (await shop.run(one)).status is ExecutionStatus.SUCCEEDED


async def test_diagnostics_read_and_keep_what_they_found(shop: Shop) -> None:
    one = await shop.start("collect-diagnostics")
    done = await shop.run(one)
    assert (done.status, done.applied_at, done.verification) == (ExecutionStatus.SUCCEEDED, None, None)
    assert [step.result for step in await shop.steps(one)] == [{"object": {"kind": "Deployment"}}] * 2


@pytest.mark.parametrize(
    ("runbook", "parameters"),
    [
        ("cordon-node", {"node": "n1"}),
        ("delete-pod", {"namespace": "shop", "pod": "web-1"}),
        ("rollback-workload", {"namespace": "shop", "name": "web"}),
        ("rollback-workload", {"namespace": "shop", "name": "web", "toRevision": 1}),
        ("scale-workload", {"kind": "Deployment", "namespace": "shop", "name": "web", "replicas": 3}),
    ],
)
async def test_every_builtin_runs(shop: Shop, runbook: str, parameters: dict[str, object]) -> None:
    one = await shop.start(runbook, parameters=parameters)
    if (await shop.settle(one)).status is ExecutionStatus.PENDING_APPROVAL:
        await shop.approve(one, by=shop.person("other"))
    done = await shop.run(one)
    assert (done.status, done.failure) == (ExecutionStatus.SUCCEEDED, None)
    assert done.verification is not None
    assert done.verification["status"] == "passed"
    assert shop.agent.applied == 1


async def test_a_runaway_is_stopped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safeguards, "OF_A_CLUSTER", 1)
    await shop.run(await shop.start())
    with pytest.raises(Refused) as runaway:
        await shop.start("cordon-node", parameters={"node": "n1"})
    assert runaway.value.code == "too_many_changes"
    assert (await shop.start("collect-diagnostics")).id
    shop.clock.advance(3601)
    assert (await shop.start("cordon-node", parameters={"node": "n1"})).id
