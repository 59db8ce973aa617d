"""The service of ownership: read the settings and change them."""

from optral.kit.records import Change
from optral.kube.teams import TeamSettings
from optral.ownership import model, repository
from optral.ownership.model import OwnershipSettings
from optral.store.transaction import Transaction
from optral.terms.errors import Stale

_CHANGED = "the ownership rules were changed in the meantime; read them again"


def get(tx: Transaction) -> OwnershipSettings:
    """The settings of the organization; the defaults if nobody changed them."""
    return repository.get(tx)


def save(
    tx: Transaction, wanted: Change[TeamSettings], *, by: str, if_version: int | None = None
) -> tuple[OwnershipSettings, OwnershipSettings]:
    """The settings before and after. Raises `Invalid`, `Stale`."""
    before = repository.get(tx, lock=True)
    if if_version is not None and if_version != before.version:
        raise Stale(say=_CHANGED)
    settings = wanted(before.settings)
    if settings == before.settings:
        return before, before
    model.check(settings)
    after = OwnershipSettings(settings=settings, version=before.version + 1, updated_by=by, updated_at=tx.now)
    if not repository.save(tx, after):
        raise Stale(say=_CHANGED)
    return before, after
