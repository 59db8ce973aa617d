"""What must be settled in a restored database before a server works with it: nothing that the backup had in progress is done again.

The backup shows a moment in the past. A command that was waiting then may have changed its cluster since, and a key may have been revoked
since. Call inside the transaction that restores.
"""

from dataclasses import dataclass
from datetime import datetime

from optral.access import service as access
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFilter
from optral.commands import service as commands
from optral.flows.executions.persistence import persist
from optral.flows.people import keys
from optral.kit.paging import PageRequest
from optral.kit.times import rfc3339
from optral.runbooks import service as runbooks
from optral.runbooks.effects import Progress, end
from optral.runbooks.model import Execution, Status
from optral.store.transaction import Transaction

_EVERY = PageRequest(size=1_000_000)


@dataclass(slots=True)
class Settled:
    """How many of each were ended by a restore."""

    keys: int = 0
    commands: int = 0
    executions: int = 0


def settle(tx: Transaction, *, taken_at: datetime, keeps_keys: bool) -> Settled:
    """End commands and executions of all organizations, and revoke API keys unless they are kept; each leaves its audit record."""
    settled = Settled()
    for org_id in access.organisation_ids(tx):
        _settle(tx.acting_for(org_id), settled, taken_at=taken_at, keeps_keys=keeps_keys)
    return settled


def _settle(tx: Transaction, settled: Settled, *, taken_at: datetime, keeps_keys: bool) -> None:
    access.audit(tx, action="database.restore", target=tx.org_id, detail={"takenAt": rfc3339(taken_at), "keepsKeys": keeps_keys})
    for cluster in clusters.find(tx, ClusterFilter(), _EVERY):
        settled.commands += commands.disown(tx, cluster.id)
        for execution in runbooks.live_of_cluster(tx, cluster.id):
            _end(tx, execution, taken_at)
            settled.executions += 1
    if not keeps_keys:
        for key in access.find_keys(tx, page=_EVERY):
            keys.revoke(tx, key.id)
            settled.keys += 1


def _end(tx: Transaction, execution: Execution, taken_at: datetime) -> None:
    """An execution that was in progress; one that waited for approval may have been approved and executed since."""
    message = f"the database was restored from a backup of {rfc3339(taken_at)}; what the execution did after that is not known"
    failure = {"code": "restored", "message": message, "changed": None}
    status = Status.CANCELED if execution.dry_run else Status.LOST
    persist(tx, end(Progress(execution, runbooks.steps(tx, execution.id)), status, tx.now, failure=failure))
