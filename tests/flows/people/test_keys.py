"""Making and ending a key leaves its audit record, or neither."""

from typing import Any

import pytest

from optral.access import service as access
from optral.access.model import AuditRecord, KeySettings
from optral.flows.people import keys
from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.errors import Invalid, NotFound
from optral.terms.ids import OrgId
from tests.conftest import new_org
from tests.support.clock import FakeClock

PEPPER = b"p" * 32


async def records(store: Store, org: OrgId) -> list[AuditRecord]:
    return await store.read(system(org), lambda tx: access.records_after(tx, 0))


async def create(store: Store, org: OrgId, **options: Any) -> str:
    scopes = frozenset({"issues:read"})
    wanted = KeySettings(**{"name": "ci", "scopes": scopes, **options})
    key, _ = await store.write(system(org), lambda tx: keys.create(tx, wanted, pepper=PEPPER))
    return key.id


async def test_each_change_is_recorded_once(store: Store, org: OrgId) -> None:
    key_id = await create(store, org)
    for _ in range(2):
        await store.write(system(org), lambda tx: keys.revoke(tx, key_id))
    assert [(record.action, record.target) for record in await records(store, org)] == [("key.create", key_id), ("key.revoke", key_id)]


async def test_a_refused_key_leaves_nothing(store: Store, org: OrgId) -> None:
    with pytest.raises(Invalid):
        await create(store, org, name="")
    with pytest.raises(Invalid):
        await create(store, org, limit_per_minute=0)
    assert await records(store, org) == []
    assert await store.read(system(org), access.count_keys) == 0


async def test_another_organisations_key_is_not_found_and_not_recorded(store: Store, org: OrgId, clock: FakeClock) -> None:
    key_id = await create(store, org)
    other = await new_org(store, clock, name="Other")
    with pytest.raises(NotFound):
        await store.write(system(other), lambda tx: keys.revoke(tx, key_id))
    assert await records(store, other) == []
