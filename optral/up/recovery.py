"""`optral reset-password`: on the database of a server, also beside servers that use it."""

from optral.access import passwords, people
from optral.flows.people import recovery
from optral.kit.clock import SystemClock
from optral.server import database
from optral.server.settings import Settings
from optral.terms import actor


async def reset_password(settings: Settings, *, email: str, organisation: str, password: str, is_any_network: bool) -> int:
    """Set a member's password, and with `is_any_network` remove the networks that people are limited to.

    Returns how many sign-in sessions ended. Raises `Misconfigured`, `Invalid` for a weak password."""
    async with database.beside(settings, SystemClock()) as (store, _):
        await store.read(actor.system(), lambda tx: recovery.find_member(tx, email=email, organisation=organisation))
        kept = await passwords.hashed(people.checked_password(password, email=email))
        return await store.write(
            actor.system(),
            lambda tx: recovery.reset_password(tx, email=email, organisation=organisation, hash=kept, is_any_network=is_any_network),
        )
