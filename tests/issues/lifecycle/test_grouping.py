"""A cause is as urgent as what it causes, and no longer than that."""

from datetime import timedelta
from functools import partial

from optral.detectors.impact import Impact
from optral.grouping.model import Arrangement, Link
from optral.issues.lifecycle import grouping
from optral.issues.model import Issue, Move
from optral.issues.triage import triage
from optral.issues.triage.triage import Change
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.issues.test_service import Room, finding, room
from tests.support.clock import FakeClock

__all__ = ["room"]
POLICY = ObjectRef("NetworkPolicy.networking.k8s.io", "shop", "deny", "uid-deny")
ROOT = {"type": "NetworkPolicyBlocks", "subject": POLICY, "shown_by": POLICY, "part": None}


async def settle(room: Room, parents: dict[str, str]) -> list[Move]:
    """Group as told: types by type."""

    def job(tx: Transaction) -> list[Move]:
        known = grouping.load(tx, room.cluster.id, offset=timedelta())
        ids = {one.failure.type: one.issue_id for one in known}
        links = {ids[one]: Link(ids[parent], "is cut off by", ids[parent]) for one, parent in parents.items() if one in ids}
        return grouping.apply(tx, room.cluster.id, known, Arrangement(links))

    return await room.store.write(room.actor, job)


async def root(room: Room) -> Issue:
    [found] = [issue for issue in await room.issues() if issue.type == "NetworkPolicyBlocks"]
    return found


async def test_a_root_is_shown_as_severe_as_its_worst_symptom(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(**ROOT), finding(severity=Severity.CRITICAL), also=("web-1",))
    before = await root(room)
    assert before.severity is Severity.MEDIUM
    moves = await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"})
    assert sorted((move.action, *move.changes) for move in moves) == [("attached", "parent_issue_id"), ("updated", "severity")]
    raised = await root(room)
    assert (raised.severity, raised.version) == (Severity.CRITICAL, before.version + 1)
    assert await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"}) == [], "once is enough"

    clock.advance(60)
    await room.observe(finding(**ROOT, title="it still does"), finding(severity=Severity.CRITICAL), also=("web-1",))
    assert (await root(room)).severity is Severity.CRITICAL, "a look at the root alone does not forget"

    await room.observe(finding(**ROOT), also=("web-1",))
    clock.advance(121)
    await room.observe(finding(**ROOT), also=("web-1",))
    await settle(room, {})
    assert (await root(room)).severity is Severity.MEDIUM


async def test_a_severity_that_somebody_set_stays_whatever_the_family_says(room: Room) -> None:
    await room.observe(finding(**ROOT), finding(severity=Severity.HIGH), also=("web-1",))
    symptom = next(issue for issue in await room.issues() if issue.type == "ReadinessProbeFailed")
    by_hand = {(await root(room)).id: Severity.LOW, symptom.id: Severity.CRITICAL}

    async def set_by_hand(wish: dict[str, Severity | None]) -> None:
        for issue_id, severity in wish.items():
            change = Change(rates=True, severity=severity)
            await room.store.write(room.actor, partial(triage.change, issue_id=issue_id, wanted=change))

    async def shown() -> dict[str, tuple[Severity, str | None]]:
        return {issue.id: (issue.severity, issue.computed_severity) for issue in await room.issues()}

    await set_by_hand(dict(by_hand))
    await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"})
    assert await shown() == {issue_id: (severity, "high") for issue_id, severity in by_hand.items()}

    await room.observe(finding(**ROOT, title="it still does"), finding(severity=Severity.MEDIUM), also=("web-1",))
    await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"})
    assert await shown() == {issue_id: (severity, "medium") for issue_id, severity in by_hand.items()}
    await set_by_hand(dict.fromkeys(by_hand))
    assert {severity for severity, _ in (await shown()).values()} == {Severity.MEDIUM}


async def test_a_milder_symptom_changes_nothing(room: Room) -> None:
    await room.observe(finding(**ROOT), finding(severity=Severity.LOW), also=("web-1",))
    moves = await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"})
    assert [move.action for move in moves] == ["attached"]
    assert (await root(room)).family_severity is None


def affecting(pods: int, reason: str = "because") -> Impact:
    return Impact({("Deployment", "shop", "web"): pods}, reason=reason)


async def test_a_root_shows_what_it_and_its_symptoms_affect(room: Room) -> None:
    node = Impact({("Deployment", "shop", "cart"): 1}, reason="the root's")
    await room.observe(
        finding(**ROOT, impact=node), finding(severity=Severity.CRITICAL, impact=affecting(3, "users see it")), also=("web-1",)
    )
    assert (await root(room)).shown_impact == {"workloads": 1, "pods": 1, "namespaces": 1, "callers": 0, "reason": "the root's"}
    await settle(room, {"ReadinessProbeFailed": "NetworkPolicyBlocks"})
    found = await root(room)
    assert found.shown_impact == {"workloads": 2, "pods": 4, "namespaces": 1, "callers": 0, "reason": "users see it"}
    assert found.urgency > max(one.urgency for one in await room.issues() if one.id != found.id)


async def test_an_impact_that_changes_all_the_time_is_published_every_30_seconds(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(impact=affecting(1)))
    published = []
    for pods in range(2, 9):
        clock.advance(10)
        moves = await room.observe(finding(impact=affecting(pods)))
        published.append(len(moves) + len(await settle(room, {})))
    assert published == [0, 0, 1, 0, 0, 1, 0]
    issue = await room.issue()
    assert (issue.shown_impact["pods"], issue.version) == (8, 1)
    clock.advance(20)
    [move] = await settle(room, {})
    assert (move.changes["impact"][0]["pods"], move.changes["impact"][1]["pods"]) == (6, 8)
    assert await settle(room, {}) == []
