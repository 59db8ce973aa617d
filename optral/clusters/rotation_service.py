"""The door to the rotation of the authorities (rotation.py has the rules). Callers act as the system: it concerns every organization."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from optral.clusters import rotation as rules, rotation_repository
from optral.clusters.authority import Authority
from optral.clusters.rotation import ClusterStanding, Replica, Rotation, RotationProgress, Waiting
from optral.kit.hub import Topic
from optral.store.transaction import Transaction

CAPABILITY = "trust.v1"
"""Agents with it add an endorsed CA to those they trust, and renew their certificate on request."""
RETIRED = "ca_retired"
RETIRED_SAY = (
    "the certificate was signed by a CA that was replaced; create a new enrollment token and start the agent with the new install command"
)
REPLICAS_KEPT = timedelta(days=1)

LOADED: Topic[str] = Topic("CA rotation loaded")
"""Published with `ANY` when this server has loaded another state of the rotation."""
forget = rotation_repository.forget_replica
record_trust = rotation_repository.set_trusted


@dataclass(frozen=True, slots=True)
class Overview:
    """The state with everything that can connect, and what the next phase waits for."""

    rotation: Rotation
    standing: RotationProgress
    waiting: Waiting


def state(tx: Transaction) -> Rotation:
    """The state of the rotation."""
    return rotation_repository.rotation(tx) or Rotation()


def up_to_date(tx: Transaction, authority: Authority) -> None:
    """Load the state of the rotation if it has changed, and hold off the next change until this transaction ends.

    Call before signing: a certificate of a CA that is gone would lock its agent out.
    """
    now = rotation_repository.rotation(tx, to_sign=True)
    if now is not None and now.version != authority.rotation.version:
        load(tx, authority, now)


def load(tx: Transaction, authority: Authority, rotation: Rotation) -> None:
    """Make this authority work as the rows say."""
    authority.adopt(authority.reopened(rotation_repository.sealed_authorities(tx), rotation))


def overview(tx: Transaction, authority: Authority, *, to_change: bool = False) -> Overview:
    """How the rotation stands. With `to_change` the state stays as read until the end of the transaction."""
    rotation = rotation_repository.rotation(tx, to_change=to_change) or Rotation()
    if rotation.version != authority.rotation.version:
        load(tx, authority, rotation)
    clusters = rotation_repository.can_connect(tx, capability=CAPABILITY, generations_of=authority.generations_of)
    standing = RotationProgress(clusters, rotation_repository.known_replicas(tx))
    return Overview(rotation, standing, rules.waiting(rotation, standing, now=tx.now))


def start(tx: Transaction, authority: Authority, *, is_automatic: bool) -> Rotation:
    """Create the next generation and begin to publish it. Raises `Refused("ca_rotation_running")`."""
    before = overview(tx, authority, to_change=True)
    newest = max(row.generation for row in rotation_repository.sealed_authorities(tx))
    after = rules.start(before.rotation, newest=newest, is_automatic=is_automatic, now=tx.now)
    assert after.upcoming is not None
    rotation_repository.insert_authorities(tx, authority.new_generation(after.upcoming, now=tx.now))
    rotation_repository.set_rotation(tx, after, instead_of=before.rotation.version)
    return after


def advance(tx: Transaction, authority: Authority, *, force: bool = False) -> tuple[Rotation, Sequence[ClusterStanding]]:
    """Move to the next phase: the new state, and the clusters that `force` cuts off. Raises `Refused`."""
    before = overview(tx, authority, to_change=True)
    after = rules.advance(before.rotation, before.waiting, now=tx.now, force=force)
    _move(tx, before.rotation, after)
    return after, before.waiting.clusters


def roll_back(tx: Transaction, authority: Authority) -> Rotation:
    """Return to the old CA. Raises `Refused("ca_rotation_idle")`, `Refused("ca_rotation_running")`."""
    before = overview(tx, authority, to_change=True)
    after = rules.roll_back(before.rotation, now=tx.now)
    _move(tx, before.rotation, after)
    return after


def report(tx: Transaction, replica_id: str, version: int) -> None:
    """Record which state this server has loaded."""
    rotation_repository.report_replica(tx, Replica(id=replica_id, version=version, seen_at=tx.now), forget_before=tx.now - REPLICAS_KEPT)


def _move(tx: Transaction, before: Rotation, after: Rotation) -> None:
    rotation_repository.set_rotation(tx, after, instead_of=before.version)
    rotation_repository.delete_authorities(tx, keep=after.published)
    rotation_repository.retire_certificates(tx, keep=after.published, reason=RETIRED)
