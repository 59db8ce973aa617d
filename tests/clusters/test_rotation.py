"""The rules of a CA rotation: which phase follows which, and what it waits for."""

from datetime import UTC, datetime, timedelta

import pytest

from optral.clusters import rotation as rules
from optral.clusters.rotation import ClusterStanding, Phase, Plan, Replica, Rotation, RotationProgress
from optral.terms.errors import Refused

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING = RotationProgress((), ())


def in_phase(phase: Phase, *, is_automatic: bool = False) -> Rotation:
    upcoming = None if phase is Phase.IDLE else 2
    return Rotation(version=5, phase=phase, current=1, upcoming=upcoming, is_automatic=is_automatic, since=NOON, started_at=NOON)


def cluster(
    *, online: bool = True, recent: bool = True, trusts: tuple[int, ...] = (1,), certificates: tuple[int, ...] = (1,)
) -> RotationProgress:
    one = ClusterStanding(
        org_id="org_a",
        cluster_id="cls_a",
        name="shop",
        is_online=online,
        takes_roots=recent,
        trusts=frozenset(trusts),
        certificates=frozenset(certificates),
        valid_until=NOON + timedelta(days=7),
        last_seen=NOON,
    )
    return RotationProgress((one,), ())


@pytest.mark.parametrize(
    ("phase", "signer", "published", "accepted"),
    [
        (Phase.IDLE, 1, (1,), (1,)),
        (Phase.STANDBY, 1, (1, 2), (1,)),
        (Phase.BOTH, 1, (1, 2), (1, 2)),
        (Phase.SIGNING, 2, (2, 1), (2, 1)),
        (Phase.REVERTING, 1, (1, 2), (1, 2)),
    ],
)
def test_each_phase_says_who_signs_who_is_published_and_who_is_accepted(
    phase: Phase, signer: int, published: tuple[int, ...], accepted: tuple[int, ...]
) -> None:
    rotation = in_phase(phase)
    assert (rotation.signer, rotation.published, rotation.accepted) == (signer, published, accepted)


@pytest.mark.parametrize(
    ("before", "after", "current"),
    [
        (Phase.STANDBY, Phase.BOTH, 1),
        (Phase.BOTH, Phase.SIGNING, 1),
        (Phase.SIGNING, Phase.IDLE, 2),
        (Phase.REVERTING, Phase.IDLE, 1),
    ],
)
def test_advance_begins_the_next_phase(before: Phase, after: Phase, current: int) -> None:
    rotation = in_phase(before)
    moved = rules.advance(rotation, rules.waiting(rotation, NOTHING, now=NOON), now=NOON)
    assert (moved.phase, moved.current, moved.version) == (after, current, 6)


@pytest.mark.parametrize(
    ("before", "after"),
    [(Phase.STANDBY, Phase.IDLE), (Phase.BOTH, Phase.IDLE), (Phase.SIGNING, Phase.REVERTING)],
)
def test_roll_back_leads_to_the_old_ca(before: Phase, after: Phase) -> None:
    moved = rules.roll_back(in_phase(before), now=NOON)
    assert (moved.phase, moved.current, moved.signer) == (after, 1, 1)


@pytest.mark.parametrize(
    ("phase", "command", "code"),
    [
        (Phase.IDLE, "advance", "ca_rotation_idle"),
        (Phase.IDLE, "roll_back", "ca_rotation_idle"),
        (Phase.REVERTING, "roll_back", "ca_rotation_running"),
        *((phase, "start", "ca_rotation_running") for phase in Phase if phase is not Phase.IDLE),
    ],
)
def test_a_command_that_does_not_fit_the_phase_is_refused(phase: Phase, command: str, code: str) -> None:
    rotation = in_phase(phase)
    with pytest.raises(Refused) as caught:
        if command == "advance":
            rules.advance(rotation, rules.waiting(rotation, NOTHING, now=NOON), now=NOON)
        elif command == "roll_back":
            rules.roll_back(rotation, now=NOON)
        else:
            rules.start(rotation, newest=2, is_automatic=False, now=NOON)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("phase", "standing", "waits"),
    [
        pytest.param(Phase.STANDBY, cluster(), True, id="connected, has not confirmed the new CA"),
        pytest.param(Phase.STANDBY, cluster(trusts=(1, 2)), False, id="connected, trusts both"),
        pytest.param(Phase.STANDBY, cluster(online=False), False, id="away, adds the new CA when it returns"),
        pytest.param(Phase.BOTH, cluster(online=False, recent=False), True, id="away, and too old to add a CA"),
        pytest.param(Phase.BOTH, cluster(), True, id="connected since the last phase without confirming"),
        pytest.param(Phase.SIGNING, cluster(trusts=(1, 2)), True, id="still has a certificate of the old CA"),
        pytest.param(Phase.SIGNING, cluster(online=False, certificates=(1, 2)), True, id="away with certificates of both"),
        pytest.param(Phase.SIGNING, cluster(certificates=(2,)), False, id="has only certificates of the new CA"),
        pytest.param(Phase.REVERTING, cluster(certificates=(1, 2)), True, id="still has a certificate of the new CA"),
        pytest.param(Phase.REVERTING, cluster(certificates=(1,)), False, id="has only certificates of the old CA again"),
    ],
)
def test_a_phase_waits_for_every_cluster_it_would_cut_off(phase: Phase, standing: RotationProgress, waits: bool) -> None:
    rotation = in_phase(phase)
    waiting = rules.waiting(rotation, standing, now=NOON)
    assert bool(waiting) is waits
    if waits:
        with pytest.raises(Refused, match="shop") as caught:
            rules.advance(rotation, waiting, now=NOON)
        assert caught.value.code == "ca_rotation_waits"
        assert rules.advance(rotation, waiting, now=NOON, force=True).phase is not phase


@pytest.mark.parametrize(
    ("version", "age_s", "waits"),
    [
        pytest.param(4, 10, True, id="running, has not loaded the phase"),
        pytest.param(5, 10, False, id="running, has loaded it"),
        pytest.param(4, 91, False, id="stopped without a word"),
    ],
)
def test_a_phase_waits_until_every_running_server_has_loaded_it(version: int, age_s: float, waits: bool) -> None:
    rotation = in_phase(Phase.BOTH)
    replica = Replica(id="a", version=version, seen_at=NOON - timedelta(seconds=age_s))
    waiting = rules.waiting(rotation, RotationProgress((), (replica,)), now=NOON)
    assert bool(waiting) is waits
    if waits:
        with pytest.raises(Refused):
            rules.advance(rotation, waiting, now=NOON, force=True)


PLAN = Plan(start_before=timedelta(days=365), warn_before=timedelta(days=90), hold=timedelta(hours=24))


@pytest.mark.parametrize(
    ("rotation", "days_left", "hours_later", "plan", "expected"),
    [
        pytest.param(in_phase(Phase.IDLE), 366, 0, PLAN, None, id="not yet"),
        pytest.param(in_phase(Phase.IDLE), 365, 0, PLAN, "start", id="time to rotate"),
        pytest.param(
            in_phase(Phase.IDLE),
            1,
            0,
            Plan(start_before=timedelta(0), warn_before=PLAN.warn_before, hold=PLAN.hold),
            None,
            id="switched off",
        ),
        pytest.param(in_phase(Phase.BOTH, is_automatic=True), 300, 23, PLAN, None, id="phase held too short"),
        pytest.param(in_phase(Phase.BOTH, is_automatic=True), 300, 24, PLAN, "advance", id="phase held long enough"),
        pytest.param(in_phase(Phase.BOTH), 300, 24, PLAN, None, id="started by hand, advanced by hand"),
    ],
)
def test_what_the_server_does_by_itself(rotation: Rotation, days_left: int, hours_later: int, plan: Plan, expected: str | None) -> None:
    now = NOON + timedelta(hours=hours_later)
    waiting = rules.waiting(rotation, NOTHING, now=now)
    assert rules.due(rotation, waiting, expires_at=now + timedelta(days=days_left), plan=plan, now=now) == expected


def test_an_automatic_rotation_never_cuts_a_cluster_off() -> None:
    rotation = in_phase(Phase.SIGNING, is_automatic=True)
    later = NOON + timedelta(days=30)
    waiting = rules.waiting(rotation, cluster(), now=later)
    assert rules.due(rotation, waiting, expires_at=later, plan=PLAN, now=later) is None
