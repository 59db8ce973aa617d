"""Anchors of the audit log: the newest hash goes outside once an hour, and shows a chain that was rewritten."""

from pathlib import Path

import sqlalchemy as sa

from optral.access import service as access
from optral.access.chain import Checkpoint
from optral.access.tables import audit_heads, audit_records
from optral.cli import audit_check
from optral.events import service as events
from optral.events.model import EventFilter
from optral.flows import audit
from optral.flows.anchors import AnchorWorker
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.ids import OrgId
from optral.webhooks import service as webhooks
from optral.webhooks.model import Filters, WebhookSettings
from tests.support.clock import FakeClock


async def act(store: Store, org: OrgId, what: str) -> None:
    def job(tx: Transaction) -> None:
        access.audit(tx, action="cluster.create", target=what)

    await store.write(actor.system(org), job)


async def sent(store: Store, org: OrgId) -> list[str]:
    found = await store.read(actor.system(org), lambda tx: events.find(tx, EventFilter(types=frozenset({"audit.anchor"}))))
    return [one.data["head"] for one in found]


async def subscribe(store: Store, org: OrgId) -> None:
    wanted = WebhookSettings(name="ledger", filters=Filters(events=frozenset({"audit.anchor"})))

    def job(tx: Transaction) -> None:
        webhooks.create(tx, wanted, url="https://ledger.example.com/", key=b"k" * 32, cursor=0)

    await store.write(actor.system(org), job)


async def test_the_newest_hash_is_written_once_an_hour_if_it_changed(store: Store, org: OrgId, clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    worker = AnchorWorker(store, clock, file=file)
    await worker.step()
    await act(store, org, "a")
    for _ in range(3):
        await worker.step()
    assert len(file.read_text().splitlines()) == 1 and file.stat().st_mode & 0o777 == 0o600
    await act(store, org, "b")
    await worker.step()
    assert len(file.read_text().splitlines()) == 1, "not within the hour"
    clock.advance(3600)
    for _ in range(2):
        await worker.step()
    first, second = file.read_text().splitlines()
    head = await store.read(actor.system(org), access.audit_place)
    assert second.endswith(f"{org} {head}") and first != second
    assert audit_check.read_heads([first, second], org).keys() == {1, 2}
    assert await sent(store, org) == [], "nobody subscribed to the event"


async def test_webhooks_that_subscribe_get_the_hash_as_an_event(store: Store, org: OrgId, clock: FakeClock) -> None:
    await subscribe(store, org)
    await act(store, org, "a")
    one, other = AnchorWorker(store, clock), AnchorWorker(store, clock)
    for worker in (one, other, one):
        await worker.step()
    head = await store.read(actor.system(org), access.audit_place)
    assert await sent(store, org) == [str(head)], "two servers send it once"
    clock.advance(3600)
    await one.step()
    assert len(await sent(store, org)) == 1, "the log has not changed"
    await act(store, org, "b")
    await one.step()
    assert len(await sent(store, org)) == 2


async def test_a_rewritten_chain_does_not_contain_the_anchor(store: Store, org: OrgId, clock: FakeClock, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        await act(store, org, name)
    file = tmp_path / "anchors"
    await AnchorWorker(store, clock, file=file).step()
    number, _, digest = file.read_text().split()[-1].partition(":")
    kept = Checkpoint(int(number), bytes.fromhex(digest))
    assert (await audit.verify(store, actor.system(org), kept=kept)).met is True

    def cut(tx: Transaction) -> None:
        """The last records and the end of the chain go together, and others take their numbers."""
        first = access.records_after(tx, 0)[0]
        tx.execute(sa.delete(audit_records).where(audit_records.c.org_id == org, audit_records.c.seq > first.seq)).close()
        tx.execute(sa.update(audit_heads).where(audit_heads.c.org_id == org).values(seq=first.seq, hash=first.hash)).close()

    await store.write(actor.system(org), cut)
    assert (await audit.verify(store, actor.system(org))).fault is None, "nothing in the database shows it"
    missing = await audit.verify(store, actor.system(org), kept=kept)
    assert missing.fault is not None and "missing at the end" in missing.fault.say
    for name in ("x", "y", "z"):
        await act(store, org, name)
    rewritten = await audit.verify(store, actor.system(org), kept=kept)
    assert rewritten.met is False and rewritten.fault is not None and "were rewritten" in rewritten.fault.say
