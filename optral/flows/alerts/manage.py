"""Alert receivers as people change them: the package's work and its audit record, in one transaction."""

from typing import Any

from optral.access import service as access
from optral.alerts import service as alerts
from optral.alerts.model import Receiver, ReceiverSettings
from optral.clusters import service as clusters
from optral.kit import records
from optral.kit.records import Change
from optral.store.transaction import Transaction


def create(tx: Transaction, given: ReceiverSettings, *, key: bytes) -> tuple[Receiver, str]:
    """A new receiver and its secret, shown this once. Raises as `alerts.create`, and `NotFound` for an unknown cluster."""
    _check_cluster(tx, given)
    made, secret = alerts.create(tx, given, key=key)
    access.audit(tx, action="alert_receiver.create", target=made.id, detail=_detail(made))
    return made, secret


def _check_cluster(tx: Transaction, given: ReceiverSettings) -> None:
    if given.cluster_rule.cluster_id is not None:
        clusters.get(tx, given.cluster_rule.cluster_id)


def _detail(made: Receiver) -> dict[str, Any]:
    return records.plain(made, ReceiverSettings, but=("mapping",))


def change(tx: Transaction, receiver_id: str, wanted: Change[Receiver], *, if_version: int | None = None) -> Receiver:
    """Raises as `alerts.change`, and `NotFound` for an unknown cluster."""
    before = alerts.get(tx, receiver_id)
    after = alerts.change(tx, receiver_id, wanted, if_version=if_version)
    if after != before:
        _check_cluster(tx, after)
        access.audit(tx, action="alert_receiver.update", target=after.id, detail=_detail(after))
    return after


def roll(tx: Transaction, receiver_id: str, *, key: bytes) -> tuple[Receiver, str]:
    """A new secret, shown this once. Raises `NotFound`."""
    made, secret = alerts.roll(tx, receiver_id, key=key)
    access.audit(tx, action="alert_receiver.roll", target=made.id, detail={"name": made.name})
    return made, secret


def delete(tx: Transaction, receiver_id: str, *, if_version: int | None = None) -> Receiver:
    """Delete a receiver with its alerts. Raises `NotFound`, `Stale`."""
    gone = alerts.delete(tx, receiver_id, if_version=if_version)
    access.audit(tx, action="alert_receiver.delete", target=gone.id, detail={"name": gone.name})
    return gone
