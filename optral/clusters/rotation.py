"""Rotation of the certificate authorities: which generation signs, which are trusted, and when the next phase may begin.

A generation is a pair of authorities, one for agents and one for servers. A rotation replaces generation N by N + 1 in phases:

    idle → standby → both → signing → idle   forward
    standby → idle, both → idle              rollback while the new generation has signed nothing: it is removed at once
    signing → reverting → idle               rollback afterwards: the old generation signs again; once agents have renewed, the new one goes

Pure: rows in, the next state or a reason to wait out. The row is `ca_rotation`; its `version` rises with every change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from optral.kit.words import counted
from optral.terms.errors import Refused

REPLICA_SILENT_AFTER_S = 90.0  # three missed reports; a stopped replica must not hold up a rotation for ever


class Phase(StrEnum):
    IDLE = "idle"
    STANDBY = "standby"
    BOTH = "both"
    SIGNING = "signing"
    REVERTING = "reverting"


MEANING = {
    Phase.IDLE: "one CA; no rotation is running",
    Phase.STANDBY: "the new CA exists and agents add it to the CAs they trust; nothing is signed with it",
    Phase.BOTH: "the server accepts certificates of both CAs; the old CA still signs",
    Phase.SIGNING: "the new CA signs; agents replace their certificates; the old CA is still trusted",
    Phase.REVERTING: "rolling back: the old CA signs again; agents replace their certificates; the new CA is still trusted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The state. `upcoming` is set in every phase but idle; `is_automatic`: the server advances it by itself."""

    version: int = 1
    phase: Phase = Phase.IDLE
    current: int = 1
    upcoming: int | None = None
    is_automatic: bool = False
    since: datetime | None = None
    started_at: datetime | None = None

    @property
    def signer(self) -> int:
        """The generation that signs new certificates."""
        return self.upcoming if self.phase is Phase.SIGNING and self.upcoming else self.current

    @property
    def published(self) -> tuple[int, ...]:
        """The generations that agents trust, as published to them, the signer first."""
        both = (self.current,) if self.upcoming is None else (self.current, self.upcoming)
        return tuple(sorted(both, key=lambda number: number != self.signer))

    @property
    def accepted(self) -> tuple[int, ...]:
        """The generations whose client certificates the tunnel listener accepts."""
        return (self.current,) if self.phase is Phase.STANDBY else self.published

    @property
    def leaving(self) -> int | None:
        """The generation that goes when this phase ends; None in the phases before the new CA has signed."""
        return {Phase.SIGNING: self.current, Phase.REVERTING: self.upcoming}.get(self.phase)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStanding:
    """One cluster that can connect: it has a certificate that is neither revoked nor expired."""

    org_id: str
    cluster_id: str
    name: str
    is_online: bool
    takes_roots: bool
    """Whether its agent is recent enough to add a CA to the ones it trusts."""
    trusts: frozenset[int]
    """The generations its agent has confirmed that it trusts."""
    certificates: frozenset[int]
    """The generations of its valid certificates."""
    valid_until: datetime
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A running server and the version of the rotation it has loaded."""

    id: str
    version: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class RotationProgress:
    clusters: Sequence[ClusterStanding]
    replicas: Sequence[Replica]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the next phase waits for."""

    clusters: tuple[ClusterStanding, ...]
    replicas: tuple[Replica, ...]

    def __bool__(self) -> bool:
        return bool(self.clusters or self.replicas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the server acts by itself. `start_before` of zero: never."""

    start_before: timedelta
    warn_before: timedelta
    hold: timedelta
    """How long an automatic rotation stays in a phase at least."""


def start(rotation: Rotation, *, newest: int, is_automatic: bool, now: datetime) -> Rotation:
    """Begin a rotation; `newest` is the highest generation there is. Raises `Refused`."""
    if rotation.phase is not Phase.IDLE:
        raise Refused("ca_rotation_running", say=f"a CA rotation is already in phase {rotation.phase}; see: optral ca status")
    return _next(rotation, Phase.STANDBY, now, upcoming=newest + 1, is_automatic=is_automatic, started_at=now)


def advance(rotation: Rotation, waiting: Waiting, *, now: datetime, force: bool = False) -> Rotation:
    """The next phase. Raises `Refused` with what it waits for; `force` overrides clusters, never replicas."""
    if rotation.phase is Phase.IDLE:
        raise Refused("ca_rotation_idle", say="no CA rotation is running; start one with: optral ca rotate")
    if waiting.replicas:
        names = ", ".join(replica.id for replica in waiting.replicas)
        raise Refused("ca_rotation_waits", say=f"these servers have not loaded phase {rotation.phase} yet: {names}; try again in a moment")
    if waiting.clusters and not force:
        raise Refused("ca_rotation_waits", say=_say_waiting(rotation, waiting.clusters))
    match rotation.phase:
        case Phase.STANDBY:
            return _next(rotation, Phase.BOTH, now)
        case Phase.BOTH:
            return _next(rotation, Phase.SIGNING, now)
        case Phase.SIGNING:
            assert rotation.upcoming is not None
            return _finished(rotation, rotation.upcoming, now)
        case _:
            return _finished(rotation, rotation.current, now)


def roll_back(rotation: Rotation, *, now: datetime) -> Rotation:
    """Back to the old CA: at once while nothing is signed by the new one, through `reverting` afterwards. Raises `Refused`."""
    match rotation.phase:
        case Phase.STANDBY | Phase.BOTH:
            return _finished(rotation, rotation.current, now)
        case Phase.SIGNING:
            return _next(rotation, Phase.REVERTING, now)
        case Phase.REVERTING:
            raise Refused("ca_rotation_running", say="the rotation is already rolling back; finish it with: optral ca advance")
        case _:
            raise Refused(
                "ca_rotation_idle",
                say="no CA rotation is running, so there is nothing to roll back; an old CA that is gone cannot be restored",
            )


def waiting(rotation: Rotation, standing: RotationProgress, *, now: datetime) -> Waiting:
    """What the next phase waits for.

    Before the new CA signs, every connected agent must trust it, and every agent that is away must be able to add it when it returns.
    Before a CA goes, no certificate signed by it may still be valid. In every phase, all running servers must have loaded the phase.
    """
    silent = now - timedelta(seconds=REPLICA_SILENT_AFTER_S)
    behind = tuple(replica for replica in standing.replicas if replica.seen_at > silent and replica.version < rotation.version)
    return Waiting(tuple(cluster for cluster in standing.clusters if _holds_up(rotation, cluster)), behind)


def due(rotation: Rotation, held_up: Waiting, *, expires_at: datetime, plan: Plan, now: datetime) -> str | None:
    """What the server does by itself now: "start", "advance" or None."""
    if rotation.phase is Phase.IDLE:
        return "start" if plan.start_before and expires_at - now <= plan.start_before else None
    is_held = rotation.since is not None and now - rotation.since < plan.hold
    return "advance" if rotation.is_automatic and not is_held and not held_up else None


def _holds_up(rotation: Rotation, cluster: ClusterStanding) -> bool:
    if rotation.upcoming is None:
        return False
    if rotation.leaving is not None:
        return rotation.leaving in cluster.certificates
    return rotation.upcoming not in cluster.trusts and (cluster.is_online or not cluster.takes_roots)


def _say_waiting(rotation: Rotation, clusters: Sequence[ClusterStanding]) -> str:
    names = ", ".join(sorted(cluster.name for cluster in clusters)[:10]) + (", …" if len(clusters) > 10 else "")
    lack = "with a certificate of the old CA" if rotation.leaving is not None else "without trust in the new CA"
    behind = f"{counted(len(clusters), 'cluster')} still {lack}"
    return f"{behind}: {names}; wait for them (optral ca status), or cut them off with --force"


def _next(
    rotation: Rotation,
    phase: Phase,
    now: datetime,
    *,
    upcoming: int | None = None,
    is_automatic: bool | None = None,
    started_at: datetime | None = None,
) -> Rotation:
    return replace(
        rotation,
        version=rotation.version + 1,
        phase=phase,
        upcoming=upcoming or rotation.upcoming,
        is_automatic=rotation.is_automatic if is_automatic is None else is_automatic,
        since=now,
        started_at=started_at or rotation.started_at,
    )


def _finished(rotation: Rotation, current: int, now: datetime) -> Rotation:
    return Rotation(version=rotation.version + 1, current=current, since=now)
