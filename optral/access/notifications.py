"""What a person wants to be notified of. A browser shows the notifications; the server keeps the settings for all browsers of a person."""

from optral.access import notifications_repository as repository
from optral.access.notifications_repository import QuietHours, Settings
from optral.store.transaction import Transaction

__all__ = ["QuietHours", "Settings", "forget", "get", "put"]


def get(tx: Transaction) -> Settings:
    """The settings of the signed-in person."""
    return repository.get(tx, tx.actor.id) or Settings()


def put(tx: Transaction, settings: Settings) -> None:
    """Store the settings of the signed-in person."""
    repository.put(tx, tx.actor.id, settings)


def forget(tx: Transaction, user_id: str) -> None:
    """Delete the settings of a member who is removed."""
    repository.delete(tx, user_id)
