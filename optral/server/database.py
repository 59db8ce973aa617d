"""The base of everything: the open, migrated store and the secrets that fit its rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from optral.clusters import service as clusters
from optral.clusters.authority import Authority
from optral.kit import tracing
from optral.kit.clock import Clock
from optral.server import schema, secrets
from optral.server.secrets import Secrets
from optral.server.settings import Settings
from optral.store.disk import Disk
from optral.store.open import make_folder, open_beside, open_store
from optral.store.store import Store
from optral.store.traced import TracedStore
from optral.terms import actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What every subsystem stands on."""

    store: Store
    clock: Clock
    secrets: Secrets
    authority: Authority
    disk: Disk
    is_shared: bool
    """Whether other processes may write the same database (PostgreSQL)."""


@asynccontextmanager
async def beside(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Store, Authority]]:
    """The database of these settings and its authorities, beside the servers that use it. Raises `Misconfigured`."""
    schema.gather()
    store = await open_beside(database_url=settings.database_url, data_dir=settings.data_dir, clock=clock)
    try:
        loaded = await secrets.opened(store, settings)
        yield (
            store,
            await store.write(actor.system(), lambda tx: clusters.open_authority(tx, key_encryption_key=loaded.key_encryption_key)),
        )
    finally:
        await store.close()


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Base]:
    """Open the database of these settings. Raises `Misconfigured` with one line that says what to change."""
    make_folder(settings.data_dir)
    schema.gather()
    store = await open_store(database_url=settings.database_url, data_dir=settings.data_dir, clock=clock, create_all=schema.create_all)
    store = TracedStore(store) if tracing.is_on() else store
    try:
        loaded = await secrets.opened(store, settings)
        authority = await store.write(
            actor.system(),
            lambda tx: clusters.open_authority(tx, key_encryption_key=loaded.key_encryption_key, trust_domain=settings.trust_domain),
        )
        is_shared = (settings.database_url or "").startswith("postgres")
        disk = Disk(None if is_shared else settings.data_dir, clock)
        yield Base(store=store, clock=clock, secrets=loaded, authority=authority, disk=disk, is_shared=is_shared)
    finally:
        await store.close()
