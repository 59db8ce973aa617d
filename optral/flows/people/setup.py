"""The first organization, its owner and an admin key: what `optral setup` does, and `up` and `demo` for themselves."""

from dataclasses import dataclass, field

from optral.access import service as access
from optral.access.model import KEY_SCOPES, ApiKey, KeySettings, Member, Organisation
from optral.flows.people import keys
from optral.store.transaction import Transaction
from optral.terms.errors import Refused

DEFAULT_PLAN = "enterprise"
KEY_NAME = "admin"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What was made. `secret` is the admin key itself, to be shown once."""

    organisation: Organisation
    owner: Member
    key: ApiKey
    secret: str = field(repr=False)


def set_up(tx: Transaction, *, pepper: bytes, organisation: str, owner_email: str, plan: str = DEFAULT_PLAN, add: bool = False) -> SetUp:
    """Make an organization with owner and admin key; for the system, across organizations.

    Raises `Refused("already_set_up")` when there is one and `add` is not given, `Invalid` for a bad name, address or plan.
    """
    if not add and access.count_organisations(tx) > 0:
        raise Refused("already_set_up", say="an organization already exists; use --add to create another")
    made, owner = access.create_organisation(tx, name=organisation, plan=plan, owner_email=owner_email)
    acting = tx.acting_for(made.id)
    access.audit(acting, action="organisation.create", target=made.id, detail={"name": made.name, "plan": made.plan, "owner": owner.email})
    key, secret = keys.create(acting, KeySettings(name=KEY_NAME, scopes=KEY_SCOPES), pepper=pepper)
    return SetUp(made, owner, key, secret)
