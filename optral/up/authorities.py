"""`optral ca`: the rotation of the certificate authorities, on the database itself.

It concerns every organization of the server, so no API key may do it: whoever can read the data folder and its key-encryption key may.
Each command is one transaction beside the running servers, which notice it within seconds.
"""

import getpass
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from optral.clusters import rotation_service as rotations
from optral.clusters.authority import Authority
from optral.clusters.rotation import MEANING, ClusterStanding, Phase, Rotation
from optral.flows.clusters import ca_rotation
from optral.kit.clock import SystemClock
from optral.kit.times import rfc3339
from optral.server import database
from optral.server.settings import Settings
from optral.store.transaction import Transaction
from optral.terms import actor

T = TypeVar("T")
NEXT = {
    Phase.IDLE: "optral ca rotate",
    Phase.STANDBY: "optral ca advance, once no cluster is waited for: the servers then accept both CAs",
    Phase.BOTH: "optral ca advance, once no cluster is waited for: the new CA then signs",
    Phase.SIGNING: "optral ca advance, once no cluster is waited for: the old CA is then deleted",
    Phase.REVERTING: "optral ca advance, once no cluster is waited for: the new CA is then deleted",
}


async def status(settings: Settings) -> dict[str, Any]:
    """How the rotation stands, for people and programs."""
    return await _change(settings, _status)


async def rotate(settings: Settings, *, is_automatic: bool) -> dict[str, Any]:
    """Begin a rotation. Raises `Refused`."""

    def change(tx: Transaction, authority: Authority) -> dict[str, Any]:
        ca_rotation.start(tx, authority, is_automatic=is_automatic, by=_operator())
        return _status(tx, authority)

    return await _change(settings, change)


async def advance(settings: Settings, *, force: bool) -> dict[str, Any]:
    """Begin the next phase. Raises `Refused`, with what it waits for."""

    def change(tx: Transaction, authority: Authority) -> dict[str, Any]:
        advanced = ca_rotation.advance(tx, authority, force=force, by=_operator())
        return {**_status(tx, authority), "cutOff": [_cluster(one, advanced.rotation) for one in advanced.cut_off]}

    return await _change(settings, change)


async def roll_back(settings: Settings) -> dict[str, Any]:
    """Return to the old CA. Raises `Refused`."""

    def change(tx: Transaction, authority: Authority) -> dict[str, Any]:
        ca_rotation.roll_back(tx, authority, by=_operator())
        return _status(tx, authority)

    return await _change(settings, change)


async def _change(settings: Settings, change: Callable[[Transaction, Authority], T]) -> T:
    async with database.beside(settings, SystemClock()) as (store, authority):
        return await store.write(actor.system(), lambda tx: change(tx, authority))


def _status(tx: Transaction, authority: Authority) -> dict[str, Any]:
    now = rotations.overview(tx, authority)
    rotation, clusters = now.rotation, now.standing.clusters
    return {
        "phase": rotation.phase.value,
        "meaning": MEANING[rotation.phase],
        "automatic": rotation.is_automatic,
        "since": _moment(rotation.since),
        "startedAt": _moment(rotation.started_at),
        "authorities": [_authority(authority, number, rotation, clusters) for number in rotation.published],
        "waitingFor": {
            "clusters": [_cluster(cluster, rotation) for cluster in now.waiting.clusters],
            "servers": [replica.id for replica in now.waiting.replicas],
        },
        "next": NEXT[rotation.phase],
    }


def _authority(authority: Authority, number: int, rotation: Rotation, clusters: Sequence[ClusterStanding]) -> dict[str, Any]:
    return {
        "generation": number,
        "signs": number == rotation.signer,
        "pin": authority.pin_of(number),
        "expiresAt": _moment(authority.expiry_of(number)),
        "trustedBy": sum(number in cluster.trusts for cluster in clusters),
        "certificates": sum(number in cluster.certificates for cluster in clusters),
        "clusters": len(clusters),
    }


def _cluster(cluster: ClusterStanding, rotation: Rotation) -> dict[str, Any]:
    if rotation.leaving is not None or rotation.phase is Phase.IDLE:
        why = f"has a certificate of the CA that goes, valid until {cluster.valid_until:%Y-%m-%d %H:%M} UTC"
    elif not cluster.takes_roots:
        why = f"its agent is too old to trust a second CA: upgrade it, or wait until {cluster.valid_until:%Y-%m-%d %H:%M} UTC"
    else:
        why = "its agent has not confirmed the new CA yet"
    return {
        "id": cluster.cluster_id,
        "organisation": cluster.org_id,
        "name": cluster.name,
        "status": "online" if cluster.is_online else "offline",
        "lastSeenAt": _moment(cluster.last_seen),
        "why": why,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _operator() -> str:
    try:
        return f"{getpass.getuser()[:60]} on the server"
    except (KeyError, OSError):  # a container's user without a name
        return "operator on the server"
