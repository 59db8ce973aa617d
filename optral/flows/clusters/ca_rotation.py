"""Rotating the certificate authorities: the operator's commands, and the loop that every server runs.

A command and the loop are the same kind of transaction on the one row of the state, so they work on any replica, beside a running server
and after a kill at any moment. Each change is audited in every organization; an organization sees only its own clusters in it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from optral.access import service as access
from optral.clusters import rotation as rules, rotation_service as rotations
from optral.clusters.authority import Authority
from optral.clusters.rotation import ClusterStanding, Phase, Plan, Rotation
from optral.clusters.rotation_service import Overview
from optral.flows import loops
from optral.kit.clock import Clock
from optral.kit.hub import ANY
from optral.kit.words import counted
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor

LOOK_EVERY_S = 3.0
REPORT_EVERY_S = 30.0
DECIDE_EVERY_S = 60.0
WARN_AGAIN_S = 24 * 3600.0
LATE_AFTER = timedelta(days=14)  # twice the life of an agent's certificate: by then every phase should be over
CLOCK_STEADY_S = 3600.0
CLOCK_JUMP = timedelta(seconds=60)
SERVER = "server"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Advanced:
    """The new state, and the clusters that it cuts off."""

    rotation: Rotation
    cut_off: Sequence[ClusterStanding]


def start(tx: Transaction, authority: Authority, *, is_automatic: bool, by: str) -> Rotation:
    """Begin a rotation. Raises `Refused("ca_rotation_running")`."""
    after = rotations.start(tx, authority, is_automatic=is_automatic)
    _audit(tx, "ca.rotate", after, by=by)
    return after


def advance(tx: Transaction, authority: Authority, *, force: bool, by: str) -> Advanced:
    """Begin the next phase. Raises `Refused`: ca_rotation_idle, ca_rotation_waits (with what it waits for)."""
    after, cut_off = rotations.advance(tx, authority, force=force)
    _audit(tx, "ca.advance", after, by=by, cut_off=cut_off)
    return Advanced(after, cut_off)


def roll_back(tx: Transaction, authority: Authority, *, by: str) -> Rotation:
    """Return to the old CA. Raises `Refused`: ca_rotation_idle, ca_rotation_running."""
    after = rotations.roll_back(tx, authority)
    _audit(tx, "ca.rollback", after, by=by)
    return after


class RotationWorker:
    """Keeps this process in step with the rotation, and acts by itself where the plan says so. Own `run` as a task.

    `on_change` are called on the loop after another state was loaded. `warnings` are for people, newest state.
    """

    def __init__(self, store: Store, clock: Clock, authority: Authority, *, replica_id: str, plan: Plan) -> None:
        self._store, self._clock, self._authority, self._replica_id, self._plan = store, clock, authority, replica_id, plan
        self.on_change: list[Callable[[], None]] = []
        self.waiting_clusters = 0
        self.warnings: tuple[str, ...] = ()
        self.retries = loops.retries("ca rotation", clock, _log)
        self._loaded = authority.rotation.version
        self._next_report = self._next_decision = self._next_warning = clock.monotonic()
        self._warned: tuple[str, ...] = ()
        self._steady_since = clock.now(), clock.monotonic()

    async def run(self) -> None:
        while True:
            await self.retries.run_once(self.step)
            await asyncio.sleep(LOOK_EVERY_S)

    async def stop(self) -> None:
        """Nothing waits for this server any more."""
        await self._store.write(actor.system(), lambda tx: rotations.forget(tx, self._replica_id))

    async def step(self) -> None:
        """Load a changed state, report it, and once a minute decide."""
        await self._follow()
        now = self._clock.monotonic()
        if now >= self._next_report:
            version = self._authority.rotation.version
            await self._store.write(actor.system(), lambda tx: rotations.report(tx, self._replica_id, version))
            self._next_report = now + REPORT_EVERY_S
        if now >= self._next_decision:
            await self._decide()
            self._next_decision = now + DECIDE_EVERY_S

    async def _follow(self) -> None:
        authority = self._authority
        state = await self._store.read(actor.system(), rotations.state)
        if state.version != authority.rotation.version:
            await self._store.read(actor.system(), lambda tx: rotations.load(tx, authority, rotations.state(tx)))
        if authority.rotation.version == self._loaded:
            return
        self._loaded = authority.rotation.version  # a signing transaction may have loaded it before us
        self._next_report = self._next_decision = self._clock.monotonic()
        _log.info("CA rotation: new phase", phase=authority.rotation.phase.value, signer=authority.rotation.signer)
        self._store.hubs[rotations.LOADED].publish(ANY)
        for notify in self.on_change:
            notify()

    async def _decide(self) -> None:
        overview = await self._store.read(actor.system(), lambda tx: rotations.overview(tx, self._authority))
        self.waiting_clusters = len(overview.waiting.clusters)
        now = self._clock.now()
        self._warn(warnings(overview, expires_at=self._authority.expires_at, plan=self._plan, now=now))
        if not self._is_clock_steady():
            return
        match rules.due(overview.rotation, overview.waiting, expires_at=self._authority.expires_at, plan=self._plan, now=now):
            case "start":
                await self._store.write(actor.system(), self._start)
            case "advance":
                await self._store.write(actor.system(), self._advance)

    def _is_clock_steady(self) -> bool:
        """Whether the wall clock has not jumped for an hour: a clock that is ahead makes certificates look expired that are not.

        A plan with a shorter hold has less patience.
        """
        wall, monotonic = self._steady_since
        now, now_monotonic = self._clock.now(), self._clock.monotonic()
        if abs(now - wall - timedelta(seconds=now_monotonic - monotonic)) > CLOCK_JUMP:
            self._steady_since = now, now_monotonic
        return now_monotonic - self._steady_since[1] >= min(CLOCK_STEADY_S, self._plan.hold.total_seconds())

    def _start(self, tx: Transaction) -> None:
        """Unless another replica was first."""
        if rotations.state(tx).phase is Phase.IDLE:
            start(tx, self._authority, is_automatic=True, by=SERVER)

    def _advance(self, tx: Transaction) -> None:
        """Unless something has changed since the decision."""
        overview = rotations.overview(tx, self._authority, to_change=True)
        if rules.due(overview.rotation, overview.waiting, expires_at=self._authority.expires_at, plan=self._plan, now=tx.now) == "advance":
            advance(tx, self._authority, force=False, by=SERVER)

    def _warn(self, new: tuple[str, ...]) -> None:
        self.warnings = new
        now = self._clock.monotonic()
        if new and (new != self._warned or now >= self._next_warning):
            for one in new:
                _log.warning(one)
            self._next_warning = now + WARN_AGAIN_S
        self._warned = new


def warnings(overview: Overview, *, expires_at: datetime, plan: Plan, now: datetime) -> tuple[str, ...]:
    """What an operator should act on: a CA that ends soon, or a rotation that does not get on."""
    found = []
    rotation = overview.rotation
    if expires_at <= now:
        found.append(f"the CA expired on {expires_at:%Y-%m-%d}: no agent can connect; rotate it with: optral ca rotate")
    elif expires_at - now <= plan.warn_before:
        do = "rotate it with: optral ca rotate" if rotation.phase is Phase.IDLE else "finish its rotation, see: optral ca status"
        found.append(f"the CA expires on {expires_at:%Y-%m-%d}; {do}")
    if rotation.phase is not Phase.IDLE and rotation.since is not None and now - rotation.since > LATE_AFTER:
        waits = f" and waits for {counted(len(overview.waiting.clusters), 'cluster')}" if overview.waiting.clusters else ""
        found.append(f"the CA rotation has been in phase {rotation.phase} since {rotation.since:%Y-%m-%d}{waits}; see: optral ca status")
    return tuple(found)


def _audit(tx: Transaction, action: str, after: Rotation, *, by: str, cut_off: Sequence[ClusterStanding] = ()) -> None:
    for org_id in access.organisation_ids(tx):
        detail: dict[str, object] = {"phase": after.phase.value, "by": by}
        if lost := sorted(cluster.cluster_id for cluster in cut_off if cluster.org_id == org_id):
            detail["cutOff"] = lost
        access.audit(tx.acting_for(org_id), action=action, target="ca", detail=detail)
