"""Connecting: what is audited, what is published, and what a client that only asks for certificates runs into."""

import json

import pytest

from optral.access import service as access
from optral.clusters.enrollment_service import UNUSED_CERTIFICATES
from optral.clusters.model import AgentFacts, Identity
from optral.events import service as events
from optral.flows.clusters import manage as flow
from optral.flows.clusters.connect import Connect
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.errors import Refused, TooMany
from optral.terms.ids import ClusterId, OrgId
from tests.support.agents import KUBE_UID, AgentKey
from tests.support.clock import FakeClock


async def enrolled(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> Identity:
    made = await store.write(actors.system(org), lambda tx: flow.create(tx, name="shop"))
    got = await connect.enrol(token=made.token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n")
    return Identity(org, ClusterId(made.cluster.id), got.fingerprint, clock.now().replace(year=2030))


async def test_enrolment_renewal_and_replacement_are_audited_as_done_by_the_agent(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    identity = await enrolled(store, clock, org, connect)
    clock.advance(60)
    renewed = await connect.renew(identity, AgentKey().csr_der)
    for fingerprint in (identity.fingerprint, renewed.fingerprint):
        facts = AgentFacts(agent_version="0.1.0", kube_system_uid=KUBE_UID)
        await connect.open(Identity(org, identity.cluster_id, fingerprint, identity.not_after), facts, frozenset())
    records = await store.read(actors.system(org), lambda tx: access.records_after(tx, 0))
    assert [record.action for record in records] == ["cluster.create", "agent.enrol", "agent.renew", "agent.revoke"]
    news = await store.read(actors.system(org), lambda tx: events.read_after(tx, 0))
    assert [event.type for event in news] == ["cluster.updated", "cluster.connection", "cluster.updated"], "the agent's facts are news once"


async def test_the_same_refusal_is_audited_once_a_minute(store: Store, clock: FakeClock, org: OrgId, connect: Connect) -> None:
    identity = await enrolled(store, clock, org, connect)
    stranger = AgentFacts(kube_system_uid="another")

    async def knock() -> None:
        with pytest.raises(Refused):
            await connect.open(identity, stranger, frozenset())

    for seconds in (0, 59, 1):
        clock.advance(seconds)
        await knock()
    records = await store.read(actors.system(org), lambda tx: access.records_after(tx, 0))
    assert [json.loads(record.detail) for record in records if record.outcome == "refused"] == [{"reason": "cluster_mismatch"}] * 2


async def test_certificates_that_are_requested_and_never_used_are_limited(
    store: Store, clock: FakeClock, org: OrgId, connect: Connect
) -> None:
    identity = await enrolled(store, clock, org, connect)
    for _ in range(UNUSED_CERTIFICATES - 1):
        await connect.renew(identity, AgentKey().csr_der)
    with pytest.raises(TooMany):
        await connect.renew(identity, AgentKey().csr_der)


async def test_a_token_cannot_be_spent_by_guessing_its_form(connect: Connect) -> None:
    for token in ("", "mhe_", "mhe_" + "a" * 43, "mht_" + "a" * 46, "mhe_" + "\x00" * 43):
        with pytest.raises(Refused) as caught:
            await connect.enrol(token=token, csr_der=b"", kube_system_uid="u", nonce="")
        assert caught.value.code == "token_unknown"
