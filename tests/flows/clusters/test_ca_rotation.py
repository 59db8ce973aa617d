"""The rotation on rows: what every server does by itself, what survives a kill, and what is audited in which organization."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from optral.access import service as access
from optral.clusters import rotation_service as rotations, service as clusters
from optral.clusters.authority import Authority
from optral.clusters.model import AgentFacts, Identity
from optral.clusters.rotation import Phase, Plan
from optral.flows.clusters import ca_rotation as flow, manage as cluster_flow
from optral.flows.clusters.ca_rotation import RotationWorker
from optral.flows.clusters.connect import Connect
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Refused
from optral.terms.ids import ClusterId, OrgId
from tests.conftest import new_org
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey
from tests.support.clock import FakeClock

PLAN = Plan(start_before=timedelta(days=365), warn_before=timedelta(days=90), hold=timedelta(hours=24))
FACTS = AgentFacts(agent_version="0.1.0", kube_system_uid=KUBE_UID, capabilities=(rotations.CAPABILITY,))


class Servers:
    """Replicas of one database, each with an authority of its own."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock = store, clock

    async def authority(self) -> Authority:
        return await self.store.write(actors.system(), lambda tx: clusters.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))

    async def rotation_worker(self, name: str = "a", *, plan: Plan = PLAN) -> RotationWorker:
        return RotationWorker(self.store, self.clock, await self.authority(), replica_id=name, plan=plan)

    async def phase(self) -> Phase:
        return (await self.store.read(actors.system(), rotations.state)).phase

    async def start(self, *, is_automatic: bool = False) -> None:
        authority = await self.authority()
        await self.store.write(actors.system(), lambda tx: flow.start(tx, authority, is_automatic=is_automatic, by="test"))

    async def advance(self, *, force: bool = False) -> flow.Advanced:
        authority = await self.authority()
        return await self.store.write(actors.system(), lambda tx: flow.advance(tx, authority, force=force, by="test"))

    async def roll_back(self) -> None:
        authority = await self.authority()
        await self.store.write(actors.system(), lambda tx: flow.roll_back(tx, authority, by="test"))


@pytest.fixture
def servers(store: Store, clock: FakeClock) -> Iterator[Servers]:
    yield Servers(store, clock)


async def enrolled(servers: Servers, org: OrgId, authority: Authority, name: str = "shop") -> Identity:
    """A cluster whose agent holds a session; it has confirmed no CA."""
    connect = Connect(servers.store, servers.clock, authority)
    made = await servers.store.write(actors.system(org), lambda tx: cluster_flow.create(tx, name=name))
    got = await connect.enrol(token=made.token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n")
    identity = Identity(org, ClusterId(made.cluster.id), got.fingerprint, servers.clock.now() + timedelta(days=7))
    await connect.open(identity, FACTS, frozenset())
    return identity


async def test_a_replica_that_has_not_loaded_the_phase_signs_by_it_all_the_same(servers: Servers, org: OrgId) -> None:
    slow = await servers.authority()
    identity = await enrolled(servers, org, slow)
    await servers.start()
    await servers.advance()
    await servers.advance()
    assert slow.rotation.phase is Phase.IDLE, "it has not looked yet"
    renewed = await Connect(servers.store, servers.clock, slow).renew(identity, AgentKey().csr_der)
    row = await servers.store.read(actors.system(org), lambda tx: clusters.check_certificate(tx, identity.cluster_id, renewed.fingerprint))
    assert row.generation == 2


async def test_two_replicas_start_one_rotation(servers: Servers, org: OrgId) -> None:
    plan = replace(PLAN, start_before=timedelta(days=4000), hold=timedelta(0))
    first, second = await servers.rotation_worker("a", plan=plan), await servers.rotation_worker("b", plan=plan)
    await first.step()
    await second.step()
    records = await servers.store.read(actors.system(org), lambda tx: access.records_after(tx, 0))
    assert [record.action for record in records] == ["ca.rotate"]
    assert await servers.phase() is Phase.STANDBY


async def test_a_rotation_starts_before_the_ca_expires_and_ends_by_itself(servers: Servers, org: OrgId) -> None:
    rotation_worker = await servers.rotation_worker()
    servers.clock.advance(3650 * 86_400 - 366 * 86_400)
    seen = []
    for _ in range(6 * 24):
        servers.clock.advance(3600)
        await rotation_worker.step()
        if (phase := await servers.phase()) not in seen[-1:]:
            seen.append(phase)
    assert seen == [Phase.IDLE, Phase.STANDBY, Phase.BOTH, Phase.SIGNING, Phase.IDLE]
    assert (await servers.authority()).rotation.current == 2


async def test_a_wall_clock_that_jumps_ahead_deletes_no_ca(servers: Servers, org: OrgId) -> None:
    rotation_worker = await servers.rotation_worker()
    await enrolled(servers, org, await servers.authority())
    await servers.start(is_automatic=True)
    await servers.advance(force=True)
    await servers.advance(force=True)
    servers.clock.advance(2 * 3600)
    await rotation_worker.step()
    servers.clock.set_wall(30 * 86_400)  # every certificate looks expired
    for _ in range(50):
        servers.clock.advance(60)
        await rotation_worker.step()
    assert await servers.phase() is Phase.SIGNING
    servers.clock.set_wall(-30 * 86_400)
    for _ in range(50):
        servers.clock.advance(3600)
        await rotation_worker.step()
    assert await servers.phase() is Phase.SIGNING, "the cluster's certificate is valid for days"


async def test_warnings_begin_before_the_ca_expires(servers: Servers, org: OrgId) -> None:
    rotation_worker = await servers.rotation_worker(plan=replace(PLAN, start_before=timedelta(0)))
    await rotation_worker.step()
    assert rotation_worker.warnings == ()
    servers.clock.advance((3650 - 89) * 86_400)
    await rotation_worker.step()
    assert [warning.partition(" on ")[0] for warning in rotation_worker.warnings] == ["the CA expires"]
    assert "optral ca rotate" in rotation_worker.warnings[0]
    await servers.start()
    await rotation_worker.step()
    assert "optral ca status" in rotation_worker.warnings[0]
    servers.clock.advance(15 * 86_400)
    await rotation_worker.step()
    assert "has been in phase standby" in rotation_worker.warnings[1]


async def test_a_cut_off_cluster_is_audited_in_its_own_organisation_alone(
    servers: Servers, store: Store, clock: FakeClock, org: OrgId
) -> None:
    other = await new_org(store, clock, "Other")
    authority = await servers.authority()
    ours = await enrolled(servers, org, authority)
    await servers.start()
    for _ in range(2):
        await servers.advance(force=True)
    with pytest.raises(Refused, match="shop"):
        await servers.advance()
    done = await servers.advance(force=True)
    assert [cluster.cluster_id for cluster in done.cut_off] == [ours.cluster_id]
    told = {}
    for one in (org, other):
        records = await store.read(actors.system(one), lambda tx: access.records_after(tx, 0))
        told[one] = [json.loads(record.detail).get("cutOff") for record in records if record.action == "ca.advance"]
    assert told == {org: [None, None, [ours.cluster_id]], other: [None, None, None]}
    with pytest.raises(Refused) as caught:
        await Connect(store, clock, authority).open(ours, FACTS, frozenset())
    assert caught.value.code == "ca_retired"
    assert "new enrollment token" in caught.value.say


async def test_a_rollback_after_signing_waits_for_the_certificates_of_the_new_ca(servers: Servers, org: OrgId) -> None:
    await servers.start()
    await servers.advance()
    await servers.advance()
    authority = await servers.authority()
    identity = await enrolled(servers, org, authority)
    await servers.roll_back()
    with pytest.raises(Refused, match="shop"):
        await servers.advance()
    connect = Connect(servers.store, servers.clock, authority)
    servers.clock.advance(1)
    renewed = await connect.renew(identity, AgentKey().csr_der)
    await connect.open(replace(identity, fingerprint=renewed.fingerprint), FACTS, frozenset())
    await servers.advance()
    assert (await servers.authority()).rotation.current == 1
