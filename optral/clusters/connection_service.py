"""Attempts to connect, as flows record and read them. The rules about them are in connection.py."""

from datetime import datetime

from optral.clusters import attempts_repository as repository
from optral.clusters.connection import Attempt, Code, Contact
from optral.store.transaction import Transaction


def record(tx: Transaction, subject_id: str, code: Code, contact: Contact) -> None:
    """Count an attempt of a cluster or a fleet token; the last one's details replace those before."""
    repository.record(tx, subject_id, code, contact)


def attempts(tx: Transaction, subject_id: str) -> tuple[Attempt, ...]:
    """What was seen of a cluster or a fleet token, one for each code, in no order."""
    return repository.find(tx, subject_id)


def newest_token_at(tx: Transaction, cluster_id: str) -> datetime | None:
    """When the cluster's newest token was created; None without one."""
    return repository.newest_token_at(tx, cluster_id)


def hinted(tx: Transaction, hint: str) -> tuple[str, str] | None:
    """(organization, cluster or fleet token) of the only token whose SHA-256 begins with these digits.

    The system asks, of all organizations.
    """
    return repository.hinted(tx, hint)
