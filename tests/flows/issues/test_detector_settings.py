"""What people set about detectors is in force with the next look: also for what already stands, and for what nobody looked at before."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.detector_settings import service as stored
from optral.detector_settings.model import Tuned
from optral.detectors.tuning import Tuning, TuningScope
from optral.flows.issues import detector_settings, triage
from optral.issues import service as issues
from optral.issues.triage.triage import Change
from optral.kit.paging import PageRequest
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import agent, system
from optral.terms.errors import Invalid, NotFound
from optral.terms.ids import ClusterId, OrgId
from optral.terms.severity import Severity
from tests.conftest import ActorMaker
from tests.flows.inventory.inventory import World, batch, pod, replica_set
from tests.support.clock import NOON, FakeClock
from tests.support.objects import change, gone

RISKY = {"replicas": 1, "template": {"spec": {"containers": [{"name": "api", "image": "shop/api:latest"}]}}}
WELL = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


def web(**annotations: str) -> Any:
    metadata = {"annotations": annotations, "creationTimestamp": "2026-01-01T00:00:00Z"}
    return change("Deployment.apps", "web", rv=str(len(annotations) + 1), metadata=metadata, spec=RISKY, status=WELL)


def restarted(*, rv: str = "2", minutes: int = 5, kill: str = "c1") -> ObjectChange:
    """The pod, an hour old, after four restarts, the last so many minutes ago after a quarter of an hour."""

    def ago(minutes: int) -> str:
        return (NOON - timedelta(minutes=minutes)).isoformat()

    whole = json.loads(pod("web-a").raw)
    whole["metadata"]["creationTimestamp"] = ago(60)
    [container] = whole["status"]["containerStatuses"]
    last = {"exitCode": 1, "startedAt": ago(minutes + 15), "finishedAt": ago(minutes), "containerID": kill}
    container |= {"restartCount": 4, "state": {"running": {"startedAt": ago(minutes)}}, "lastState": {"terminated": last}}
    return change("Pod", "web-a", rv=rv, metadata=whole["metadata"], spec=whole["spec"], status=whole["status"])


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(web(), replica_set(), pod("web-a"))
    return made


async def tune(world: World, place: TuningScope = TuningScope(), **changes: Any) -> None:
    await world.store.write(system(world.org), lambda tx: detector_settings.change(tx, "OOMKilled", place, changes))


async def state(world: World) -> list[tuple[str, str, str]]:
    return sorted((issue.type, issue.status.value, issue.severity.value) for issue in await world.issues())


async def test_a_type_switched_off_ends_its_issues_and_opens_no_more(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert await state(world) == [("OOMKilled", "open", "high")]
    await tune(world, is_enabled=False)
    await world.advance(15)
    await world.advance(125)
    assert await state(world) == [("OOMKilled", "resolved", "high")]
    await world.send(batch(pod("web-a", rv="3", killed_at=world.clock.now(), kill="c2")))
    assert await state(world) == [("OOMKilled", "resolved", "high")]
    await tune(world, is_enabled=None)
    await world.advance(15)
    await world.send(batch(pod("web-a", rv="4", killed_at=world.clock.now(), kill="c3")))
    assert await state(world) == [("OOMKilled", "open", "high")]


async def test_another_severity_is_shown_at_once(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await tune(world, TuningScope("", "shop"), severity=Severity.LOW)
    await world.advance(15)
    assert await state(world) == [("OOMKilled", "open", "low")]


async def test_all_types_of_a_place_are_shifted_under_what_is_set_for_a_type_or_an_issue(world: World, actor: ActorMaker) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    [issue] = await world.issues()

    async def shift(place: TuningScope, steps: int | None) -> list[tuple[str, str, str]]:
        await world.store.write(actor(), lambda tx: detector_settings.shift_severity(tx, place, steps))
        await world.advance(15)
        return await state(world)

    cluster = TuningScope(world.session.cluster_id)
    assert await shift(cluster, -1) == [("OOMKilled", "open", "medium")]
    [seen] = await world.issues()
    assert seen.shown_impact["reason"].endswith("; the organization counts this cluster one step less.")
    assert await shift(TuningScope("", "shop"), 1) == [("OOMKilled", "open", "critical")]
    await tune(world, severity=Severity.LOW)
    assert await shift(cluster, None) == [("OOMKilled", "open", "low")]
    await tune(world, severity=None)
    await world.store.write(actor(), lambda tx: triage.change(tx, issue.id, Change(rates=True, severity=Severity.MEDIUM)))
    assert await shift(TuningScope("", "shop"), -1) == [("OOMKilled", "open", "medium")]
    [seen] = await world.issues()
    assert seen.computed_severity == "medium"
    assert seen.shown_impact["reason"].endswith("; the organization counts namespace shop one step less.")
    records = await world.store.read(actor(), lambda tx: access.find_audit(tx, AuditFilter(), PageRequest(size=50)))
    told = [json.loads(one.detail) for one in records if one.action == "detector.shift"]
    assert {"cluster_id": "", "namespace": "shop", "severityShift": -1} in told and len(told) == 4


async def test_a_place_elsewhere_changes_nothing(world: World) -> None:
    await tune(world, TuningScope("", "other"), is_enabled=False)
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert await state(world) == [("OOMKilled", "open", "high")]


async def test_what_is_set_for_a_cluster_holds_there_whichever_agent_spoke_before(store: Store, org: OrgId) -> None:
    first, second = ClusterId(ids.new("cls")), ClusterId(ids.new("cls"))
    await store.write(system(org), lambda tx: detector_settings.change(tx, "OOMKilled", TuningScope(second, ""), {"is_enabled": False}))
    in_force = detector_settings.InForce()
    seen = [await store.read(agent(org, one), in_force.of) for one in (first, second)]
    assert seen[0] == seen[1]
    assert [seen[1].of("OOMKilled", cluster_id=one, namespace="shop").is_enabled for one in (first, second)] == [None, False]


async def test_an_annotation_of_the_workload_is_read_with_it(world: World) -> None:
    await world.send(batch(web(**{"optral.ai/detectors": "OOMKilled=off"})))
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    assert await state(world) == []


async def test_an_annotation_that_comes_later_holds_for_what_stands(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.send(batch(web(**{"optral.ai/detectors": "OOMKilled=low"})))
    assert await state(world) == [("OOMKilled", "open", "low")]


async def test_an_issue_waits_for_its_own_patience_to_end(world: World) -> None:
    await tune(world, resolve_after_s=900)
    await world.advance(15)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now())))
    await world.advance(600 + 890)
    assert await state(world) == [("OOMKilled", "open", "high")]
    await world.advance(20)
    assert await state(world) == [("OOMKilled", "resolved", "high")]


async def test_a_threshold_that_moves_holds_for_what_stands(world: World) -> None:
    await world.send(batch(restarted()))
    assert await state(world) == [("FrequentRestarts", "open", "medium")]

    async def move(value: int | None) -> None:
        given = {"thresholds": {"restartsPerHour": value, "restartsPerDay": value}}
        await world.store.write(
            system(world.org), lambda tx: detector_settings.change(tx, "FrequentRestarts", TuningScope("", "shop"), given)
        )
        await world.advance(15)

    await move(5)
    await world.advance(125)
    assert await state(world) == [("FrequentRestarts", "resolved", "medium")]
    assert (await ends(world))[0][1] != "detector_disabled"
    await move(None)
    assert await state(world) == [("FrequentRestarts", "resolved", "medium")], "that restart has counted"
    await world.send(batch(restarted(rv="3", minutes=1, kill="c2")))
    assert await state(world) == [("FrequentRestarts", "open", "medium")]


async def test_a_threshold_of_an_annotation_holds_with_its_arrival(world: World) -> None:
    await world.send(batch(web(**{"optral.ai/detectors": "FrequentRestarts.restartsPerHour=5, FrequentRestarts.restartsPerDay=5"})))
    await world.send(batch(restarted()))
    assert await state(world) == []
    await world.send(batch(web(**{"optral.ai/detectors": "FrequentRestarts.restartsPerHour=4", "other": ""})))
    assert await state(world) == [("FrequentRestarts", "open", "medium")]


async def test_thresholds_are_kept_as_they_were_set(world: World) -> None:
    def moves(tx: Transaction) -> None:
        detector_settings.change(tx, "FrequentRestarts", TuningScope(), {"thresholds": {"restartsPerHour": 5.0, "restartsPerDay": 8}})
        detector_settings.change(tx, "NodePodCapacity", TuningScope(), {"thresholds": {"fullFrom": 0.9}})

    await world.store.write(system(world.org), moves)
    settings, _ = await world.store.read(system(world.org), detector_settings.settings)
    assert settings.of("FrequentRestarts") == Tuning(thresholds=(("restartsPerDay", 8), ("restartsPerHour", 5)))
    assert settings.of("NodePodCapacity") == Tuning(thresholds=(("fullFrom", 0.9),))
    again, _ = await world.store.read(system(world.org), detector_settings.settings)
    assert again == settings, "what is equal is not judged again"


async def test_only_thresholds_that_exist_and_may_be_so_are_set(world: World) -> None:
    for wrong in ({"nothing": 5.0}, {"restartsPerHour": 2.0}):
        with pytest.raises(Invalid):
            await world.store.write(
                system(world.org),
                partial(detector_settings.change, issue_type="FrequentRestarts", place=TuningScope(), changes={"thresholds": wrong}),
            )


async def test_risks_are_reported_while_the_organisation_wants_them(world: World) -> None:
    assert await state(world) == []

    async def switch(has_risk: bool) -> None:
        await world.store.write(system(world.org), lambda tx: detector_settings.switch_risk(tx, has_risk=has_risk))
        await world.advance(15)

    await switch(True)
    assert ("ImageTagLatest", "open", "low") in await state(world)
    await switch(False)
    await world.advance(125)
    assert {status for _, status, _ in await state(world)} == {"resolved"}


async def test_only_types_that_exist_can_be_tuned(world: World) -> None:
    with pytest.raises(NotFound):
        await world.store.write(system(world.org), lambda tx: detector_settings.change(tx, "Nothing", TuningScope(), {"is_enabled": False}))


async def at_once(world: World, *jobs: Callable[[Transaction], Any]) -> None:
    """Each job while the one before has done its work and not yet committed, where the database lets them."""

    def slow(tx: Transaction, job: Callable[[Transaction], Any]) -> None:
        job(tx)
        time.sleep(0.2)

    await asyncio.gather(*(world.store.write(system(world.org), partial(slow, job=job)) for job in jobs))


async def test_two_changes_of_one_tuning_at_once_both_hold(world: World) -> None:
    def waits(tx: Transaction) -> None:
        detector_settings.change(tx, "OOMKilled", TuningScope(), {"open_after_s": 60})

    def is_low(tx: Transaction) -> None:
        detector_settings.change(tx, "OOMKilled", TuningScope(), {"severity": Severity.LOW})

    await at_once(world, waits, is_low)
    settings, _ = await world.store.read(system(world.org), detector_settings.settings)
    assert settings.of("OOMKilled") == Tuning(open_after_s=60, severity=Severity.LOW)


async def test_risks_switched_on_by_two_at_once(world: World) -> None:
    on = partial(detector_settings.switch_risk, has_risk=True)
    await at_once(world, on, on)
    settings, _ = await world.store.read(system(world.org), detector_settings.settings)
    assert settings.has_risk


async def ends(world: World) -> list[tuple[str, str | None, str | None]]:
    return sorted((issue.type, issue.resolution, issue.resolved_by) for issue in await world.issues())


async def last_line(world: World) -> tuple[str, str, str, dict[str, Any]]:
    (issue,) = await world.issues()
    line = (await world.store.read(world.system, lambda tx: issues.activity(tx, issue.id)))[-1]
    return line.actor_kind, line.actor_id, line.action, dict(line.detail)


async def test_what_ends_because_its_type_was_switched_off_says_so_and_who_did_it(world: World, actor: ActorMaker) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    admin = actor()
    await world.store.write(admin, lambda tx: detector_settings.change(tx, "OOMKilled", TuningScope("", "shop"), {"is_enabled": False}))
    await world.advance(15)
    assert await ends(world) == [("OOMKilled", "detector_disabled", admin.id)]
    detail = {"resolution": "detector_disabled", "namespace": "shop"}
    assert await last_line(world) == ("key", admin.id, "resolved", detail)
    assert [data["resolution"] for kind, data in await world.published() if kind == "issue.resolved"] == ["detector_disabled"]


async def test_who_switched_a_type_off_is_read_once_for_all_that_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    known = stored.listed

    def listed(tx: Transaction) -> list[Tuned]:
        read.append(tx.org_id)
        return known(tx)

    pods = [pod(f"web-{letter}", rv="2", killed_at=NOON) for letter in "abcd"]
    await world.send(batch(*pods))
    await tune(world, is_enabled=False)
    monkeypatch.setattr(stored, "listed", listed)
    await world.advance(15)
    assert await ends(world) == [("OOMKilled", "detector_disabled", "system")]
    assert read == [world.org]


async def test_what_still_shows_is_open_again_when_its_type_is_switched_on(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await tune(world, is_enabled=False)
    await world.advance(15)
    await tune(world, is_enabled=None)
    await world.advance(15)
    assert await state(world) == [("OOMKilled", "open", "high")]


async def test_a_type_switched_off_by_an_annotation_says_so(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await world.send(batch(web(**{"optral.ai/detectors": "OOMKilled=off"})))
    assert await ends(world) == [("OOMKilled", "detector_disabled", "system")]
    assert (await last_line(world))[2:] == ("resolved", {"resolution": "detector_disabled", "annotation": "optral.ai/detectors"})


async def test_a_type_switched_off_by_the_namespace_resolves_the_issue_of_an_ingress_at_once(world: World) -> None:
    lost = change("Ingress.networking.k8s.io", "web", metadata={"generation": 1}, spec={"ingressClassName": "nowhere"})
    known = change("IngressClass.networking.k8s.io", "nginx", metadata={"namespace": None})._replace(namespace="")
    home = change("Namespace", "shop", metadata={"namespace": None})._replace(namespace="")
    world.session = replace(world.session, kinds=world.session.kinds | {lost.kind, known.kind, home.kind})
    await world.begin()
    for one in (home, known, lost):
        await world.send(KindMark(one.kind, Phase.SNAPSHOT_BEGIN, "g1"), batch(one))
        await world.send(KindMark(one.kind, Phase.SNAPSHOT_END, "g1", "", 1), KindMark(one.kind, Phase.LIVE, "g1"))
    await world.advance(900)
    assert ("IngressClassMissing", "open") in [(type_, status) for type_, status, _ in await state(world)]
    said = {"namespace": None, "annotations": {"optral.ai/detectors": "IngressClassMissing=off"}}
    await world.send(batch(change("Namespace", "shop", rv="2", metadata=said)._replace(namespace="")))
    assert ("IngressClassMissing", "detector_disabled", "system") in await ends(world)


async def test_what_is_gone_when_its_type_is_switched_off_is_gone(world: World) -> None:
    await world.send(batch(pod("web-a", rv="2", killed_at=NOON)))
    await tune(world, is_enabled=False)
    await world.send(batch(gone(pod("web-a")), gone(replica_set()), gone(web())))
    await world.advance(140)
    assert await ends(world) == [("OOMKilled", "resource_deleted", "system")]


async def test_risks_that_are_no_longer_reported_did_not_recover(world: World, actor: ActorMaker) -> None:
    for has_risk in (True, False):
        await world.store.write(actor(), partial(detector_settings.switch_risk, has_risk=has_risk))
        await world.advance(15)
    assert {(resolution, by) for _, resolution, by in await ends(world)} == {("detector_disabled", "system")}
