"""A shop with an admin who was shown the secret of a trigger and made tokens, for tests of what outlives a membership."""

from datetime import UTC
from typing import Any

from standardwebhooks import Webhook as Signer

from optral.access import service as access
from optral.clusters import enrollment_service as enrollment, fleet_service as fleets
from optral.clusters.fleet import FleetTokenSettings, TokenStatus
from optral.flows.clusters import fleet, manage as clusters
from optral.flows.people import members
from optral.flows.triggers import manage, receiving
from optral.flows.triggers.firing import TriggerWorker
from optral.identity import scim_service as scims, service as identity
from optral.identity.model import ProviderSettings
from optral.kit.paging import PageRequest
from optral.kit.records import changing
from optral.runbooks import service as runbooks
from optral.runbooks.model import ExecutionFilter
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.errors import OptralError
from optral.triggers import service as triggers
from optral.triggers.model import Source, Trigger, TriggerSettings
from tests.flows.executions.shop import Shop
from tests.support.agents import KEY_ENCRYPTION_KEY


def _provisioned(tx: Any) -> str:
    """The SCIM token of a new identity provider."""
    given = ProviderSettings(name="corp", issuer="https://id.example.com", client_id="optral")
    provider = identity.create(tx, given, key=KEY_ENCRYPTION_KEY, secret=None)
    return scims.create_token(tx, provider.id, networks=None, digest=str.encode)[1]


WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}


class Leaver(Shop):
    """A shop with an admin who knows the secret of a trigger and made tokens."""

    trigger_id: str
    secret: str
    admin: Actor
    fleet_id: str
    scim_token: str

    async def prepare(self) -> None:
        await self.open()
        self.admin = await self.add_member()
        made, secret = await self.store.write(self.admin, self._create)
        assert secret is not None
        self.trigger_id, self.secret = made.id, secret
        self.scim_token = await self.store.write(self.owner, _provisioned)
        self.fleet_id = (await self.store.write(self.admin, fleet_token))[0].id
        await self.store.write(self.admin, lambda tx: clusters.new_enrollment_token(tx, self.cluster_id))

    def _create(self, tx: Any) -> tuple[Trigger, str | None]:
        given = {"cluster_id": self.cluster_id, "parameters": WEB}
        wanted = TriggerSettings(source=Source.WEBHOOK, name="deployed", runbook="restart-workload", **given)
        return manage.create(tx, wanted, key=KEY_ENCRYPTION_KEY)

    async def provisions(self) -> bool:
        """Whether the SCIM token opens anything."""
        found = await self.store.read(actors.system(), lambda tx: scims.token_of(tx, self.scim_token, digest=str.encode))
        return found is not None

    async def save(self) -> None:
        wanted = changing(Trigger, {"name": "saved by a colleague"})
        await self.store.write(self.owner, lambda tx: manage.change(tx, self.trigger_id, wanted))

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


def fleet_token(tx: Any) -> Any:
    return fleet.create(tx, FleetTokenSettings(name="edge", name_pattern="edge-{number}", max_uses=3), ttl_s=3600)
