"""An organization with webhooks, and an endpoint that keeps what it got."""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from optral.events import service as events
from optral.events.model import NewEvent
from optral.flows.webhooks import manage as flow
from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.dispatch import Notifier
from optral.issues import repository as issue_rows
from optral.issues.lifecycle import lifecycle
from optral.issues.model import Condition, Issue
from optral.kit.paging import PageRequest
from optral.kit.records import changing
from optral.store.store import Store
from optral.terms import ids
from optral.terms.actor import Actor, system
from optral.terms.ids import OrgId
from optral.terms.severity import Severity
from optral.webhooks import service as webhooks
from optral.webhooks.model import Answer, Delivery, Filters, Form, Webhook, WebhookSettings
from optral.webhooks.sender import Sender
from optral.webhooks.ticket_template import TicketTemplate
from tests.support.clock import NOON, FakeClock

KEY = b"k" * 32
ON, OFF = (changing(Webhook, {"is_enabled": is_on}) for is_on in (True, False))
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@dataclass
class Receiver:
    """An endpoint that keeps what it got, with scripted answers."""

    url: str = ""
    alerts: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        self.paths.append(request.path_qs)
        self.arrived.set()
        await self.gate.wait()
        return web.Response(status=self.answers.pop(0) if self.answers else 204, headers={"Location": "http://127.0.0.1:1/"})


class World:
    """An organization with issues, a notifier and a delivery worker."""

    def __init__(self, store: Store, clock: FakeClock, org: OrgId, owner: Actor, sender: Sender) -> None:
        self.store, self.clock, self.org, self.owner = store, clock, org, owner
        self.cluster = ids.new("cls")
        self.notifier = Notifier(store, clock, link="https://optral.example")
        self.delivery_worker = DeliveryWorker(store, clock, key=KEY, sender=sender, link="https://optral.example")

    async def hook(
        self, url: str, *, filters: Filters | None = None, form: Form = Form.JSON, ticket: TicketTemplate | None = None, **more: Any
    ) -> tuple[Webhook, str]:
        wanted = WebhookSettings(name="on-call", form=form, ticket=ticket, filters=filters or Filters())
        return await self.store.write(self.owner, lambda tx: flow.create(tx, wanted, key=KEY, url=url, **more))

    async def issue(self, kind: str = "issue.created", **more: Any) -> str:
        return (await self.issues(1, kind, **more))[0]

    async def issues(self, count: int, kind: str = "issue.created", **more: Any) -> list[str]:
        """So many issues at the same moment."""
        made = [issue(self.org, self.cluster, **more) for _ in range(count)]

        def job(tx: Any) -> None:
            issue_rows.insert(tx, made)
            events.append(tx, [NewEvent(type=kind, cluster_id=self.cluster, subject_id=one.id, data=_data(one)) for one in made])

        await self.store.write(system(self.org), job)
        return [one.id for one in made]

    async def event(self, kind: str, subject: str, **data: Any) -> None:
        event = NewEvent(type=kind, cluster_id=self.cluster, subject_id=subject, data=data)
        await self.store.write(system(self.org), lambda tx: events.append(tx, [event]))

    async def tell(self, after_s: float = 5) -> None:
        self.clock.advance(after_s)
        for _ in range(3):
            await self.notifier.step()

    async def carry(self) -> None:
        await self.delivery_worker.step()
        await self.delivery_worker.idle()

    async def deliveries(self, hook: Webhook) -> list[Delivery]:
        page = PageRequest(size=100, descending=False)
        return await self.store.read(self.owner, lambda tx: webhooks.find_deliveries(tx, hook.id, page))

    async def kept(self, hook: Webhook) -> Webhook:
        return await self.store.read(self.owner, lambda tx: webhooks.get(tx, hook.id))


def _data(made: Issue) -> dict[str, Any]:
    return {"id": made.id, "type": made.type, "severity": made.severity.value, "namespace": made.namespace}


def issue(org: OrgId, cluster: str, **more: Any) -> Issue:
    shown = Condition(
        cluster_id=cluster,
        uid="uid-web-1",
        fingerprint=ids.new("iss"),
        type="OOMKilled",
        kind="Pod",
        namespace="shop",
        name="web-1",
        subject_kind="Deployment.apps",
        subject_namespace="shop",
        subject_name="web",
        part="api",
        severity=Severity.HIGH,
        title="Container api was killed for memory",
        category="memory",
        since=NOON,
        opens_at=NOON,
        expires_at=None,
        resolve_after_s=120,
    )
    made = lifecycle.open_issue([shown], id=ids.new("iss"), org_id=org, occurrences=1, now=NOON, preexisting=False, previous=None)
    return replace(made, **more)


class Hanging:
    """A sender that gets no answer from some addresses until `close`."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self._closed = asyncio.Event()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.sent.append(url)
        if "hangs" in url:
            await self._closed.wait()
        return Answer(status=204)

    async def close(self) -> None:
        self._closed.set()

    async def until(self, url: str, delivery_worker: DeliveryWorker) -> None:
        """Let the delivery worker run until something was sent there."""
        async with asyncio.timeout(30):
            while url not in self.sent:
                await delivery_worker.step()
                await asyncio.sleep(0.001)
