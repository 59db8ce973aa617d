"""Fleet tokens: N uses are N whatever races, each cluster has an identity of its own, and an approval is for one key."""

import asyncio
from typing import Any

import pytest

from optral.access import service as access
from optral.clusters import fleet as rules, fleet_service, service
from optral.clusters.connection import Contact
from optral.clusters.enrollment_service import Enrolled
from optral.clusters.model import AgentFacts, ClusterFilter, Identity
from optral.events import service as events
from optral.flows.clusters import connection, fleet as flow, manage
from optral.flows.clusters.connect import Connect
from optral.kit.paging import PageRequest
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Invalid, NotFound, OptralError, Refused, Stale
from optral.terms.ids import ClusterId, OrgId
from tests.support.agents import AgentKey
from tests.support.clock import FakeClock


async def fleet_token(store: Store, org: OrgId, **change: Any) -> tuple[str, str]:
    """Id and secret."""
    wish = {"name": "edge", "name_pattern": "edge-{number}", "max_uses": 3, "labels": {"tier": "edge"}} | change
    ttl_s = wish.pop("ttl_s", 3600)
    token, secret = await store.write(actors.system(org), lambda tx: flow.create(tx, rules.FleetTokenSettings(**wish), ttl_s=ttl_s))
    return token.id, secret


async def enroll(
    connect: Connect, secret: str, uid: str, *, key: AgentKey | None = None, name: str = "", address: str = "10.0.0.1"
) -> Enrolled | str:
    """The certificate, or the code of the refusal."""
    try:
        return await connect.enrol(
            token=secret,
            csr_der=(key or AgentKey()).csr_der,
            kube_system_uid=uid,
            nonce="n",
            contact=Contact(address=address, cluster_name=name),
        )
    except OptralError as error:
        return error.code


async def names(store: Store, org: OrgId) -> list[str]:
    found = await store.read(actors.system(org), lambda tx: service.find(tx, ClusterFilter(), PageRequest(size=100)))
    return sorted(cluster.name for cluster in found)


async def test_each_use_creates_a_cluster_with_an_identity_of_its_own(store: Store, org: OrgId, connect: Connect) -> None:
    token_id, secret = await fleet_token(store, org)
    made = [await enroll(connect, secret, f"uid-{number}") for number in range(3)]
    assert len({one.cluster_id for one in made if isinstance(one, Enrolled)}) == 3
    assert len({one.fingerprint for one in made if isinstance(one, Enrolled)}) == 3
    assert await names(store, org) == ["edge-1", "edge-2", "edge-3"]
    assert await enroll(connect, secret, "uid-9") == "token_exhausted"
    token = await store.read(actors.system(org), lambda tx: fleet_service.get(tx, token_id))
    assert (token.uses, token.last_used_at is not None) == (3, True)
    actions = [one.action for one in await store.read(actors.system(org), lambda tx: access.records_after(tx, 0))]
    assert actions == ["fleet_token.create", "agent.enrol", "agent.enrol", "agent.enrol", "agent.connect"]
    news = [
        event.data["uses"]
        for event in await store.read(actors.system(org), lambda tx: events.read_after(tx, 0))
        if event.type == "fleet.updated"
    ]
    assert news == [0, 1, 2, 3]


async def test_of_many_at_once_no_more_than_allowed_enroll(store: Store, org: OrgId, connect: Connect) -> None:
    _, secret = await fleet_token(store, org, max_uses=5)
    outcomes = await asyncio.gather(*(enroll(connect, secret, f"uid-{number}") for number in range(12)))
    assert sum(isinstance(one, Enrolled) for one in outcomes) == 5
    assert {one for one in outcomes if isinstance(one, str)} == {"token_exhausted"}
    assert len(await names(store, org)) == 5


async def test_one_kubernetes_cluster_is_one_cluster_even_when_its_agents_race(store: Store, org: OrgId, connect: Connect) -> None:
    token_id, secret = await fleet_token(store, org, max_uses=5)
    await asyncio.gather(*(enroll(connect, secret, "uid") for _ in range(4)))
    assert await names(store, org) == ["edge-1"]
    assert (await store.read(actors.system(org), lambda tx: fleet_service.get(tx, token_id))).uses == 1


async def test_a_lost_answer_is_given_again_until_the_agent_has_connected(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    _, secret = await fleet_token(store, org)
    first, second = await enroll(connect, secret, "uid"), await enroll(connect, secret, "uid")
    assert isinstance(first, Enrolled) and isinstance(second, Enrolled) and first.cluster_id == second.cluster_id
    identity = Identity(org, ClusterId(second.cluster_id), second.fingerprint, clock.now().replace(year=2030))
    ref = await connect.open(identity, AgentFacts(kube_system_uid="uid"), frozenset())
    await store.write(actors.system(), lambda tx: service.record_heartbeats(tx, [(ref, tx.now, None)]))
    assert await enroll(connect, secret, "uid") == "cluster_exists", "a fleet token takes over no cluster that has connected"
    old = Identity(org, ClusterId(first.cluster_id), first.fingerprint, identity.not_after)
    with pytest.raises(Refused):
        await connect.open(old, AgentFacts(kube_system_uid="uid"), frozenset())


@pytest.mark.parametrize(
    ("change", "uid", "name", "code"),
    [
        pytest.param({"sources": ("192.0.2.0/24",)}, "u", "", "source_not_allowed", id="another network"),
        pytest.param({"name_pattern": "{name}"}, "u", "", "name_required", id="no name"),
        pytest.param({"name_pattern": "{name}"}, "u", "Not A Name", "name_invalid", id="bad name"),
        pytest.param({"name_pattern": "{name}"}, "u", "shop", "name_taken", id="taken name"),
    ],
)  # fmt: skip
async def test_a_refused_use_costs_nothing(
    store: Store, org: OrgId, connect: Connect, change: dict[str, object], uid: str, name: str, code: str
) -> None:
    await store.write(actors.system(org), lambda tx: manage.create(tx, name="shop"))
    token_id, secret = await fleet_token(store, org, **change)
    assert await enroll(connect, secret, uid, name=name) == code
    assert (await store.read(actors.system(org), lambda tx: fleet_service.get(tx, token_id))).uses == 0
    assert await names(store, org) == ["shop"]


async def test_a_revoked_or_expired_token_enrolls_nobody(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> None:
    token_id, secret = await fleet_token(store, org)
    _, later = await fleet_token(store, org)
    await store.write(actors.system(org), lambda tx: flow.revoke(tx, token_id))
    assert await enroll(connect, secret, "uid") == "token_revoked"
    clock.advance(3601)
    assert await enroll(connect, later, "uid") == "token_expired"


async def test_an_agent_waits_for_approval_and_the_approval_is_for_its_key_alone(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    _, secret = await fleet_token(store, org, needs_approval=True)
    key, thief = AgentKey(), AgentKey()
    assert await enroll(connect, secret, "uid", key=key) == "approval_pending"
    (waiting,) = await store.read(actors.system(org), fleet_service.waiting)
    await store.write(actors.system(org), lambda tx: flow.approve(tx, waiting.cluster_id))
    assert await enroll(connect, secret, "uid", key=thief) == "approval_held", "before the approved agent has fetched its certificate"
    enrolled = await enroll(connect, secret, "uid", key=key)
    assert isinstance(enrolled, Enrolled)
    assert await enroll(connect, secret, "uid", key=thief) == "approval_held", "before it has connected"
    identity = Identity(org, ClusterId(enrolled.cluster_id), enrolled.fingerprint, clock.now().replace(year=2030))
    await connect.open(identity, AgentFacts(kube_system_uid="uid"), frozenset())
    with pytest.raises(Refused):
        await store.write(actors.system(org), lambda tx: flow.approve(tx, waiting.cluster_id))


async def test_a_rejected_agent_stays_out_and_its_cluster_is_gone(store: Store, org: OrgId, connect: Connect) -> None:
    _, secret = await fleet_token(store, org, needs_approval=True)
    await enroll(connect, secret, "uid")
    (waiting,) = await store.read(actors.system(org), fleet_service.waiting)
    await store.write(actors.system(org), lambda tx: flow.reject(tx, waiting.cluster_id))
    assert await names(store, org) == []
    assert await enroll(connect, secret, "uid") == "approval_rejected"


async def test_another_organization_sees_nothing(store: Store, org: OrgId) -> None:
    token_id, _ = await fleet_token(store, org)
    made, _ = await store.write(
        actors.system(), lambda tx: access.create_organisation(tx, name="Other", plan="free", owner_email="o@example.org")
    )
    other = actors.system(made.id)
    with pytest.raises(NotFound):
        await store.read(other, lambda tx: fleet_service.get(tx, token_id))
    assert await store.read(other, lambda tx: fleet_service.find(tx, PageRequest(size=10))) == []


async def test_a_decision_is_for_the_key_that_was_shown(store: Store, org: OrgId, connect: Connect) -> None:
    _, secret = await fleet_token(store, org, needs_approval=True)
    await enroll(connect, secret, "uid")
    (waiting,) = await store.read(actors.system(org), fleet_service.waiting)
    cluster_id = waiting.cluster_id
    shown = (await store.read(actors.system(org), lambda tx: service.get(tx, cluster_id))).version
    await enroll(connect, secret, "uid", key=AgentKey())
    for decide in (flow.approve, flow.reject):
        with pytest.raises(Stale):
            await store.write(actors.system(org), lambda tx, decide=decide: decide(tx, cluster_id, if_version=shown))  # type: ignore[misc]
    now_shown = (await store.read(actors.system(org), lambda tx: service.get(tx, cluster_id))).version
    await store.write(actors.system(org), lambda tx: flow.approve(tx, cluster_id, if_version=now_shown))


async def test_an_agent_whose_cluster_was_deleted_waits_no_more(store: Store, org: OrgId, connect: Connect) -> None:
    _, secret = await fleet_token(store, org, needs_approval=True)
    await enroll(connect, secret, "uid")
    (waiting,) = await store.read(actors.system(org), fleet_service.waiting)
    await store.write(actors.system(org), lambda tx: manage.delete(tx, waiting.cluster_id))
    assert await store.read(actors.system(org), fleet_service.waiting) == []


async def problem(store: Store, org: OrgId, cluster_id: str) -> str | None:
    found = await store.read(actors.system(org), lambda tx: connection.progress(tx, cluster_id))
    return None if found.problem is None else found.problem.code


async def test_an_agent_that_was_approved_and_never_came_back_is_named(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    _, secret = await fleet_token(store, org, needs_approval=True)
    await enroll(connect, secret, "uid")
    (waiting,) = await store.read(actors.system(org), fleet_service.waiting)
    assert await problem(store, org, waiting.cluster_id) == "approval_pending"
    clock.advance(10)
    await store.write(actors.system(org), lambda tx: flow.approve(tx, waiting.cluster_id))
    assert await problem(store, org, waiting.cluster_id) is None
    clock.advance(59)
    assert await problem(store, org, waiting.cluster_id) is None
    clock.advance(1)
    assert await problem(store, org, waiting.cluster_id) == "no_contact"
    clock.advance(rules.HELD.total_seconds())
    await enroll(connect, secret, "uid", key=AgentKey())
    assert await problem(store, org, waiting.cluster_id) == "approval_pending", "another key waits for an approval of its own"


async def test_an_agent_that_enrolled_and_never_connected_is_named(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> None:
    _, secret = await fleet_token(store, org)
    enrolled = await enroll(connect, secret, "uid")
    assert isinstance(enrolled, Enrolled)
    assert await problem(store, org, enrolled.cluster_id) is None
    clock.advance(60)
    assert await problem(store, org, enrolled.cluster_id) == "tunnel_unreachable"
    clock.advance(3600)
    await store.write(actors.system(org), lambda tx: manage.new_enrollment_token(tx, enrolled.cluster_id))
    assert await problem(store, org, enrolled.cluster_id) == "tunnel_unreachable", "looking at the install command hides nothing"


@pytest.mark.parametrize("pattern", ["", "edge", "{name}{number}", "{other}", "Edge-{number}", "{number} x"])
def test_a_pattern_names_each_cluster_apart(pattern: str) -> None:
    with pytest.raises(Invalid):
        rules.check_pattern(pattern)


@pytest.mark.parametrize(
    ("address", "is_allowed"), [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.0.0.1", False), ("fd00::1", True), ("", False)]
)
def test_source_networks(address: str, is_allowed: bool) -> None:
    assert rules.is_allowed(address, rules.check_sources(["10.9.9.9/8", "fd00::/8"])) is is_allowed
