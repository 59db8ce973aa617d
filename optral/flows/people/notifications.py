"""People change what they are notified of, with an audit record; it concerns nobody else, so it is no event."""

from optral.access import notifications, service as access
from optral.access.notifications import Settings
from optral.store.transaction import Transaction


def change(tx: Transaction, wanted: Settings) -> Settings:
    """Set the settings of the signed-in person; no audit record if nothing changes."""
    if notifications.get(tx) != wanted:
        notifications.put(tx, wanted)
        access.audit(tx, action="member.notifications", target=tx.actor.id, detail={"isOn": wanted.is_on})
    return wanted
