"""What a member was shown ends with the membership, or with the right to make it: secrets of triggers, fleet and enrollment tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Signer

from optral.access import service as access
from optral.clusters import enrollment_service as enrollment, fleet_service as fleets
from optral.clusters.fleet import TokenStatus
from optral.events import service as events
from optral.flows.clusters import fleet, manage as clusters
from optral.flows.people import bindings, leaving, members
from optral.flows.triggers import manage, receiving
from optral.flows.triggers.firing import TriggerWorker
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import ExecutionFilter
from optral.store.store import Store
from optral.terms.actor import Actor, Role
from optral.terms.errors import Forbidden, OptralError, Refused
from optral.terms.ids import OrgId
from optral.triggers import service as triggers
from optral.triggers.model import Block, Source, Trigger
from tests.flows.executions.shop import Shop
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
Step = Callable[[], Awaitable[Any]]


class Leaver(Shop):
    """A shop with an admin who knows the secret of a trigger and made tokens."""

    trigger_id: str
    secret: str
    admin: Actor
    fleet_id: str

    async def prepare(self) -> None:
        await self.open()
        self.admin = await self.add_member()
        made, secret = await self.store.write(self.admin, self._create)
        assert secret is not None
        self.trigger_id, self.secret = made.id, secret
        self.fleet_id = (await self.store.write(self.admin, _fleet_token))[0].id
        await self.store.write(self.admin, lambda tx: clusters.new_enrollment_token(tx, self.cluster_id))

    def _create(self, tx: Any) -> tuple[Trigger, str | None]:
        given = {"cluster_id": self.cluster_id, "parameters": WEB}
        return manage.create(tx, key=KEY_ENCRYPTION_KEY, source=Source.WEBHOOK, name="deployed", runbook="restart-workload", **given)

    async def save(self) -> None:
        await self.store.write(self.owner, lambda tx: manage.change(tx, self.trigger_id, {"name": "saved by a colleague"}))

    async def remove(self) -> None:
        await self.store.write(self.owner, lambda tx: members.remove(tx, self.admin.id))

    async def send(self, secret: str | None = None, *, message: str = "msg_1") -> str:
        """The state of the firing that a signed request ends as, or the code of its refusal."""
        now = self.clock.now()
        signature = Signer(secret or self.secret).sign(message, now.replace(tzinfo=UTC), "")
        headers = {"webhook-id": message, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
        try:
            fired = await receiving.receive(
                self.store, self.trigger_id, headers=headers, body=b"", key=KEY_ENCRYPTION_KEY, decode=lambda _: None
            )
        except OptralError as error:
            return error.code
        await TriggerWorker(self.store, self.clock).step()
        found = await self.store.read(self.owner, lambda tx: triggers.firing(tx, fired.id))
        assert found is not None
        return found.code or found.state.value

    async def executions(self) -> int:
        found = await self.store.read(self.owner, lambda tx: runbooks.find_executions(tx, ExecutionFilter(), PageRequest()))
        return len(found)

    async def trigger(self) -> Trigger:
        return await self.store.read(self.owner, lambda tx: triggers.get(tx, self.trigger_id))

    async def tokens(self) -> tuple[TokenStatus, int]:
        """The status of the fleet token, and how many enrollment tokens can be used."""
        token = await self.store.read(self.owner, lambda tx: fleets.get(tx, self.fleet_id))
        return token.status(self.clock.now()), len(await self.store.read(self.owner, enrollment.open_tokens))

    async def actions(self) -> list[str]:
        return [one.action for one in await self.store.read(self.owner, lambda tx: access.records_after(tx, 0))]


def _fleet_token(tx: Any) -> Any:
    given: dict[str, Any] = {"labels": {}, "sources": (), "needs_approval": False}
    return fleet.create(tx, name="edge", name_pattern="edge-{number}", max_uses=3, ttl_s=3600, **given)


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


@pytest.mark.parametrize("make", [_fleet_token, None])
async def test_a_request_that_passed_the_removal_makes_no_token(leaver: Leaver, make: Any) -> None:
    await leaver.remove()
    with pytest.raises(Forbidden):
        await leaver.store.write(leaver.admin, make or (lambda tx: clusters.new_enrollment_token(tx, leaver.cluster_id)))


async def test_tokens_of_others_stay(leaver: Leaver) -> None:
    made = (await leaver.store.write(leaver.owner, _fleet_token))[0]
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
    wanted = bindings.Wanted(role=Role.OPERATOR, cluster_labels={"env": "test"}, ends_at=leaver.clock.now() + timedelta(days=1))
    await leaver.store.write(leaver.owner, lambda tx: bindings.bind(tx, leaver.admin.id, wanted, proof=None))
    assert await leaver.send() == "secret_not_trusted"
    assert await leaver.tokens() == (TokenStatus.REVOKED, 0)
