"""People move issues: the event, the audit record and the version go with it."""

import json
from datetime import timedelta

import pytest

from optral.access import service as access
from optral.access.model import AuditFilter
from optral.flows.clusters import manage
from optral.flows.issues import triage
from optral.issues import service as issues
from optral.issues.model import Issue, Status, Substatus
from optral.issues.triage import mute_rules, triage_repository as rule_rows
from optral.issues.triage.mutes import Match
from optral.issues.triage.snooze import SnoozeConditions
from optral.issues.triage.triage import Change
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.terms import ids
from optral.terms.errors import NotFound, Stale
from optral.terms.ids import OrgId
from tests.conftest import ActorMaker, new_org
from tests.flows.inventory.inventory import World, batch, deployment, pod, replica_set
from tests.support.clock import NOON, FakeClock


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = await World.begun(store, org, clock)
    await made.snapshot(deployment(), replica_set(), pod("web-a", killed_at=NOON))
    return made


async def test_acknowledge_and_resolve_are_published_and_audited(world: World, actor: ActorMaker) -> None:
    who, [issue] = actor(), await world.issues()

    async def update(status: str, version: int) -> Issue:
        return await world.store.write(who, lambda tx: triage.change(tx, issue.id, Change(status=Status(status)), if_version=version))

    assert (await update("acknowledged", 1)).version == 2
    assert (await update("acknowledged", 2)).version == 2, "so it is already"
    done = await update("resolved", 2)
    assert (done.status, done.resolution, done.resolved_by, done.version) == ("resolved", "manual", who.id, 3)
    (_, _), (updated, first), (resolved, second) = await world.published()
    assert (updated, first["changes"]) == ("issue.updated", {"status": {"from": "open", "to": "acknowledged"}})
    assert (resolved, second["resolution"]) == ("issue.resolved", "manual")
    records = await world.store.read(who, lambda tx: access.find_audit(tx, AuditFilter(), PageRequest(size=50)))
    assert sorted(one.action for one in records if one.action.startswith("issue.")) == ["issue.acknowledged", "issue.resolved"]


async def test_many_changes_are_one_audit_record(world: World, actor: ActorMaker) -> None:
    who, [issue] = actor(), await world.issues()
    wanted = Change(status=Status.ACKNOWLEDGED, labels={"team": "pay"})
    for _ in range(2):
        await world.store.write(who, lambda tx: triage.change_many(tx, [issue.id, ids.new("iss")], wanted))
    records = await world.store.read(who, lambda tx: access.find_audit(tx, AuditFilter(), PageRequest(size=50)))
    [record] = [one for one in records if one.action.startswith("issue.")]
    assert (record.action, record.actor_id) == ("issue.bulk", who.id)
    assert json.loads(record.detail) == {"actions": ["acknowledged", "labelled"], "issues": [issue.id]}


async def test_an_observation_keeps_what_people_did(world: World, actor: ActorMaker) -> None:
    [issue] = await world.issues()
    wanted = Change(labels={"team": "pay"}, snoozes=True, wish=SnoozeConditions(occurrences=2))
    await world.store.write(actor(), lambda tx: triage.change(tx, issue.id, wanted))
    for number, seen in ((2, Substatus.SNOOZED), (3, Substatus.PREEXISTING)):
        world.clock.advance(40)
        await world.send(batch(pod("web-a", rv=str(number), killed_at=world.clock.now(), kill=f"c{number}")))
        [after] = await world.issues()
        assert (after.labels, after.count, after.shown_as) == ({"team": "pay"}, number, seen)
    lines = await world.store.read(world.system, lambda tx: issues.activity(tx, issue.id))
    [woke] = [one for one in lines if one.action == "woke"]
    assert (woke.detail["why"], woke.actor_kind) == ("occurrences", "agent")


async def test_a_deleted_cluster_ends_snoozes_and_mutes_nobody(world: World, actor: ActorMaker) -> None:
    who, [issue] = actor(), await world.issues()
    await world.store.write(who, lambda tx: triage.change(tx, issue.id, Change(snoozes=True, wish=SnoozeConditions(occurrences=2))))
    await world.store.write(who, lambda tx: manage.delete(tx, world.session.cluster_id))
    after = await world.store.read(who, lambda tx: issues.get(tx, issue.id))
    assert (after.status, after.resolution, after.snooze) == ("resolved", "cluster_deleted", None)


async def test_a_stale_version_writes_nothing(world: World, actor: ActorMaker) -> None:
    [issue] = await world.issues()
    with pytest.raises(Stale):
        await world.store.write(actor(), lambda tx: triage.change(tx, issue.id, Change(status=Status.RESOLVED), if_version=9))
    assert [one.status for one in await world.issues()] == ["open"]
    assert len(await world.published()) == 1


async def test_what_read_a_mute_rule_before_it_ended_neither_revives_it_nor_ends_its_second_look(
    world: World, actor: ActorMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, until = actor(), world.clock.now() + timedelta(days=1)
    made = await world.store.write(who, lambda tx: triage.create_rule(tx, Match(names=("web",)), reason="known", expires_at=until))
    before = await world.store.read(who, lambda tx: rule_rows.rule(tx, made.rule.id))
    await world.store.write(who, lambda tx: triage.delete_rule(tx, made.rule.id))
    await world.store.write(who, lambda tx: mute_rules.mark_applied(tx, made.rule, to=None))
    waiting = await world.store.read(who, lambda tx: rule_rows.rule(tx, made.rule.id))
    assert waiting is not None and waiting.swept_to == ""
    monkeypatch.setattr(rule_rows, "rule", lambda _tx, _rule_id: before)  # as a transaction that began earlier sees it
    with pytest.raises(Stale):
        await world.store.write(who, lambda tx: triage.change_rule(tx, made.rule.id, reason="still known"))
    monkeypatch.undo()
    assert (await world.store.read(who, lambda tx: triage.rule(tx, made.rule.id))).rule.ended_at is not None


async def test_others_find_nothing_to_move(world: World, actor: ActorMaker, clock: FakeClock) -> None:
    [issue] = await world.issues()
    for who in (actor(org_id=await new_org(world.store, clock, "Other")), actor(clusters=set())):
        with pytest.raises(NotFound):
            await world.store.write(who, lambda tx: triage.change(tx, issue.id, Change(status=Status.RESOLVED)))
