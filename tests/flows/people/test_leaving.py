"""What a member was shown ends with the membership, or with the right to make it: secrets of triggers, fleet and enrollment tokens."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from optral.access.bindings import BindingSettings
from optral.clusters import fleet_service as fleets
from optral.clusters.fleet import TokenStatus
from optral.events import service as events
from optral.flows.clusters import manage as clusters
from optral.flows.executions import control
from optral.flows.people import bindings, leaving, members
from optral.flows.triggers import manage
from optral.runbooks.model import ExecutionStatus
from optral.store.store import Store
from optral.terms.actor import Role
from optral.terms.errors import Forbidden, Refused
from optral.terms.ids import OrgId
from optral.triggers.model import Block
from tests.flows.people.leaver import Leaver, fleet_token
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock


@pytest.fixture
async def leaver(store: Store, org: OrgId, clock: FakeClock) -> Leaver:
    made = Leaver(store, org, clock)
    await made.prepare()
    return made


@pytest.mark.parametrize("order", ["save, remove", "remove, save"])
async def test_a_removed_member_starts_nothing_with_a_secret_they_know(leaver: Leaver, order: str) -> None:
    assert await leaver.send() == "started"
    for step in order.split(", "):
        await getattr(leaver, step)()
    started = await leaver.executions()
    assert await leaver.send(message="msg_2") == "secret_not_trusted"
    assert await leaver.executions() == started
    assert (await leaver.trigger()).block is Block.SECRET
    with pytest.raises(Refused) as refused:
        await leaver.store.write(leaver.owner, lambda tx: manage.unblock(tx, leaver.trigger_id))
    assert refused.value.code == "secret_not_trusted"
    _, secret = await leaver.store.write(leaver.owner, lambda tx: manage.roll(tx, leaver.trigger_id, key=KEY_ENCRYPTION_KEY))
    assert await leaver.send(secret, message="msg_3") in ("started", "cooling_down", "execution_running")
    assert await leaver.send(message="msg_4") == "invalid_signature"


async def test_a_removal_and_a_save_at_once_leave_the_secret_untrusted(leaver: Leaver) -> None:
    await asyncio.gather(leaver.remove(), leaver.save())
    assert await leaver.send() == "secret_not_trusted"


async def test_a_member_who_rolled_the_secret_while_being_removed_starts_nothing(leaver: Leaver) -> None:
    """The request read the member's rights before the removal."""
    await leaver.remove()
    _, secret = await leaver.store.write(leaver.admin, lambda tx: manage.roll(tx, leaver.trigger_id, key=KEY_ENCRYPTION_KEY))
    assert await leaver.send(secret) == "secret_not_trusted"
    await leaver.save()
    assert await leaver.send(secret, message="msg_2") == "secret_not_trusted"


async def test_tokens_end_with_the_member_who_made_them(leaver: Leaver) -> None:
    assert await leaver.tokens() == (TokenStatus.ACTIVE, 1)
    _, seen = await leaver.store.read(leaver.owner, lambda tx: leaving.preview(tx, leaver.admin.id))
    assert [one.name for one in (*seen.fleet_tokens, *seen.enrollment_tokens, *seen.triggers)] == ["edge", "prod", "deployed"]
    await leaver.remove()
    assert await leaver.tokens() == (TokenStatus.REVOKED, 0)
    ended = {"trigger.block", "fleet_token.revoke", "cluster.enrollment_token_revoke", "member.remove"}
    assert ended <= set(await leaver.actions())
    found = await leaver.store.read(leaver.owner, lambda tx: events.read_after(tx, 0))
    assert [event.data["removed"] for event in found if event.type == "member.updated"] == [True]


async def test_the_removal_names_the_executions_that_it_cancels(leaver: Leaver) -> None:
    async def named() -> list[str]:
        _, seen = await leaver.store.read(leaver.owner, lambda tx: leaving.preview(tx, leaver.admin.id))
        return [f"{one.id} {one.name}" for one in seen.executions]

    other = await leaver.settle(await leaver.raise_limit(by=leaver.owner))
    assert (other.status, await named()) == (ExecutionStatus.PENDING_APPROVAL, [])
    await leaver.store.write(leaver.owner, lambda tx: control.cancel(tx, other.id, reason="a test"))
    own = await leaver.settle(await leaver.raise_limit(by=leaver.admin))
    assert await named() == [f"{own.id} raise-memory-limit on shop/web"]
    await leaver.remove()
    assert (await leaver.get(own)).status is ExecutionStatus.CANCELED


@pytest.mark.parametrize("make", [fleet_token, None])
async def test_a_request_that_passed_the_removal_makes_no_token(leaver: Leaver, make: Any) -> None:
    await leaver.remove()
    with pytest.raises(Forbidden):
        await leaver.store.write(leaver.admin, make or (lambda tx: clusters.new_enrollment_token(tx, leaver.cluster_id)))


async def test_tokens_of_others_stay(leaver: Leaver) -> None:
    made = (await leaver.store.write(leaver.owner, fleet_token))[0]
    await leaver.remove()
    assert (await leaver.store.read(leaver.owner, lambda tx: fleets.get(tx, made.id))).status(leaver.clock.now()) is TokenStatus.ACTIVE


async def test_a_demoted_member_keeps_no_token_and_no_secret_of_what_acts_for_a_colleague(leaver: Leaver) -> None:
    await leaver.save()
    await leaver.store.write(leaver.system, lambda tx: members.set_role(tx, leaver.admin.id, Role.OPERATOR))
    assert await leaver.tokens() == (TokenStatus.REVOKED, 0)
    assert (await leaver.trigger()).block is None, "operators may run runbooks"
    await leaver.store.write(leaver.system, lambda tx: members.set_role(tx, leaver.admin.id, Role.VIEWER))
    assert (await leaver.trigger()).block is Block.SECRET
    await leaver.store.write(leaver.system, lambda tx: members.set_role(tx, leaver.admin.id, Role.OPERATOR))
    assert await leaver.send() == "secret_not_trusted", "until the secret is rolled"


async def test_a_member_limited_to_other_clusters_fires_nothing_here(leaver: Leaver) -> None:
    await leaver.save()
    wanted = BindingSettings(role=Role.OPERATOR, cluster_labels={"env": "test"}, ends_at=leaver.clock.now() + timedelta(days=1))
    await leaver.store.write(leaver.owner, lambda tx: bindings.bind(tx, leaver.admin.id, wanted, proof=None))
    assert await leaver.send() == "secret_not_trusted"
    assert await leaver.tokens() == (TokenStatus.REVOKED, 0)
