"""The first organization with its owner and admin key: what `optral setup` makes, and `demo` and `up` before their server starts."""

from optral.access import service as access
from optral.flows.people import setup
from optral.kit.clock import SystemClock
from optral.server import database
from optral.server.settings import Settings
from optral.terms import actor


async def exists(settings: Settings) -> bool:
    """Whether the database of these settings, which no server may hold, has an organization."""
    async with database.opened(settings, SystemClock()) as base:
        return await base.store.read(actor.system(), access.count_organisations) > 0


async def create(settings: Settings, *, name: str, email: str, plan: str = setup.DEFAULT_PLAN, add: bool = False) -> str:
    """Make them in the database of these settings, which no server may hold; returns the key, which is kept nowhere.

    Raises `Refused("already_set_up")` when there is an organization and `add` is not given, `Invalid` for a bad name, address or plan.
    """
    async with database.opened(settings, SystemClock()) as base:
        made = await base.store.write(
            actor.system(),
            lambda tx: setup.set_up(tx, pepper=base.secrets.pepper, organisation=name, owner_email=email, plan=plan, add=add),
        )
    return made.secret
