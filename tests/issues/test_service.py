"""The life of issues through the package's door: findings in, issues and moves out, on a clock that stands still."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.detectors.finding import Examination, Finding
from optral.issues import repository, service
from optral.issues.lists import listing
from optral.issues.model import Issue, IssueFilter, Move, Status
from optral.issues.triage import mute_rules, triage
from optral.issues.triage.mutes import Match
from optral.issues.triage.triage import Change
from optral.kit.paging import PageRequest
from optral.store.metadata import metadata
from optral.store.postgres import PostgresStore
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role, agent, key, system
from optral.terms.errors import NotFound, Refused, Stale
from optral.terms.ids import ClusterId, KeyId, OrgId
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.conftest import new_org
from tests.support.clock import NOON, FakeClock

WEB = ObjectRef("Deployment.apps", "shop", "web")
CART = ObjectRef("Deployment.apps", "shop", "cart")
R = 120


@dataclass(frozen=True)
class Cluster:
    id: str
    clock_offset: timedelta = timedelta()


def finding(pod: str = "web-1", *, now: datetime = NOON, after: float = 0, **more: Any) -> Finding:
    return Finding(
        **{
            "type": "ReadinessProbeFailed",
            "subject": WEB,
            "part": "api",
            "shown_by": ObjectRef("Pod", "shop", pod, f"uid-{pod}"),
            "severity": Severity.MEDIUM,
            "title": "api is not ready",
            "category": "availability",
            "since": NOON,
            "opens_at": NOON + timedelta(seconds=after),
            "facts": {"limit": 1},
        }
        | more
    )


class Room:
    """Issues of one cluster."""

    def __init__(self, store: Store, org: OrgId, clock: FakeClock) -> None:
        self.store, self.org, self.clock = store, org, clock
        self.cluster = Cluster(ids.new("cls"))
        self.actor = agent(org, ClusterId(self.cluster.id))
        self.exists = True

    async def observe(self, *findings: Finding, also: tuple[str, ...] = ("web-1",), **more: Any) -> list[Move]:
        examined = frozenset(f"uid-{pod}" for pod in also)
        synced_at = more.pop("synced_at", NOON - timedelta(hours=1))
        examination = Examination(findings=findings, examined=examined, **more)

        def job(tx: Transaction) -> list[Move]:
            return service.observe(
                tx,
                self.cluster,
                examination,
                now=tx.now,
                synced_at=synced_at,
                exists=lambda _: self.exists,
                resolve_after_s=lambda _: R,
            )

        return await self.store.write(self.actor, job)

    async def issues(self, **wanted: Any) -> list[Issue]:
        return await self.store.read(self.actor, lambda tx: service.find(tx, IssueFilter(**wanted), PageRequest(size=100)))

    async def issue(self) -> Issue:
        [only] = await self.issues()
        return only

    async def set(self, status: str, version: int | None = None, *, issue_id: str = "") -> Move | None:
        issue_id = issue_id or (await self.issue()).id
        return await self.store.write(
            self.actor, lambda tx: triage.change(tx, issue_id, Change(status=Status(status)), if_version=version).move
        )

    async def due(self) -> list[str]:
        refs = await self.store.read(self.actor, lambda tx: service.due(tx, self.cluster.id, now=tx.now))
        return [ref.uid for ref in refs]

    async def next_due(self) -> datetime | None:
        return await self.store.read(self.actor, lambda tx: service.next_due(tx, self.cluster.id))


@pytest.fixture
def room(store: Store, org: OrgId, clock: FakeClock) -> Room:
    return Room(store, org, clock)


def kinds(moves: list[Move]) -> list[str]:
    return [move.kind for move in moves]


async def test_opens_at_once_without_debounce(room: Room) -> None:
    [move] = await room.observe(finding())
    issue = await room.issue()
    assert (move.kind, move.issue) == ("created", issue)
    assert (issue.type, issue.status, issue.substatus, issue.count, issue.version) == ("ReadinessProbeFailed", "open", "new", 1, 1)
    assert (issue.resource, issue.resource_kind, issue.owner_kind, issue.owner_name) == ("web-1", "Pod", "Deployment", "web")
    assert (issue.detected_at, issue.first_seen_at, issue.container) == (NOON, NOON, "api")
    assert issue.resource_id == ids.derive("res", room.cluster.id, "Pod", "uid-web-1")
    assert await room.observe(finding()) == [], "the same again changes nothing"


# Each step: (seconds to move on, is the finding shown, moves it causes).
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(0, True, []), (59, True, []), (1, True, ["created"])], id="opens when its debounce ends"),
        pytest.param([(0, True, []), (30, False, []), (40, True, ["created"])], id="the debounce is the finding's to measure"),
        pytest.param([(0, True, []), (30, False, []), (600, False, [])], id="what heals in time never opens"),
        pytest.param([(60, True, ["created"]), (1, False, []), (119, False, []), (1, False, ["resolved"])], id="resolves after R"),
        pytest.param([(60, True, ["created"]), (1, False, []), (119, True, []), (600, True, [])], id="a short good moment ends nothing"),
        pytest.param(
            [(60, True, ["created"]), (1, False, []), (60, True, []), (1, False, []), (119, False, []), (1, False, ["resolved"])],
            id="the good time must be without a break",
        ),
        pytest.param(
            [(60, True, ["created"]), (1, False, []), (120, False, ["resolved"]), (3600, True, ["updated"])], id="comes back as itself"
        ),
        pytest.param(
            [(60, True, ["created"]), (1, False, []), (120, False, ["resolved"]), (90000, True, ["created"])], id="after a day it is new"
        ),
    ],
)
async def test_debounce_and_hysteresis(room: Room, clock: FakeClock, steps: list[tuple[float, bool, list[str]]]) -> None:
    for number, (seconds, is_shown, expected) in enumerate(steps):
        clock.advance(seconds)
        moves = await room.observe(*([finding(after=60)] if is_shown else []))
        assert kinds(moves) == expected, number


async def test_time_alone_is_an_index(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(after=60))
    assert await room.due() == []
    assert await room.next_due() == NOON + timedelta(seconds=60)
    clock.advance(60)
    assert await room.due() == ["uid-web-1"]
    await room.observe(finding(after=60))
    await room.observe()
    assert await room.next_due() == clock.now() + timedelta(seconds=R)
    clock.advance(R)
    assert kinds(await room.observe()) == ["resolved"]
    assert await room.next_due() is None


async def test_a_finding_that_outstays_its_end_does_not_spin(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(expires_at=NOON + timedelta(seconds=10)))
    clock.advance(10)
    await room.observe(finding(expires_at=NOON + timedelta(seconds=10)))
    due = await room.next_due()
    assert due is not None
    assert due > clock.now()


async def test_objects_without_findings_are_examined_again(room: Room, clock: FakeClock) -> None:
    await room.observe(look_again={"uid-web-1": NOON + timedelta(seconds=30)})
    clock.advance(30)
    assert await room.due() == ["uid-web-1"]
    await room.store.write(room.actor, lambda tx: service.delete_due_looks(tx, room.cluster.id, now=tx.now))
    assert await room.due() == []


async def test_forty_replicas_are_one_issue(room: Room, clock: FakeClock) -> None:
    pods = [f"web-{n:02}" for n in range(60)]
    moves: list[Move] = []
    for pod in pods[:40]:
        moves += await room.observe(finding(pod), also=(pod,))
    assert kinds(moves).count("created") == 1
    issue = await room.issue()
    assert (issue.count, issue.affected_total, len(issue.affected)) == (40, 40, 40)
    await room.observe(*(finding(pod) for pod in pods), also=tuple(pods))
    issue = await room.issue()
    assert (issue.count, issue.affected_total, len(issue.affected)) == (60, 60, 50)
    clock.advance(1)
    await room.observe(*(finding(pod) for pod in pods[1:]), also=tuple(pods))
    clock.advance(R)
    await room.observe(*(finding(pod) for pod in pods[1:]), also=tuple(pods))
    assert (await room.issue()).affected_total == 59
    assert (await room.issue()).status == "open"


async def test_a_replaced_pod_keeps_the_issue_open(room: Room, clock: FakeClock) -> None:
    await room.observe(finding("web-1"))
    clock.advance(10)
    await room.observe(finding("web-2", after=200), also=("web-1", "web-2"))
    clock.advance(R)
    assert await room.observe(finding("web-2", after=200), also=("web-1", "web-2")) == [], "web-2 still waits for its debounce"
    clock.advance(100)
    await room.observe(finding("web-2", after=200), also=("web-2",))
    issue = await room.issue()
    assert (issue.resource, issue.count, issue.status) == ("web-2", 2, "open")


async def test_one_kill_counts_once_however_often_it_is_shown(room: Room, clock: FakeClock, store: Store, org: OrgId) -> None:
    kill = finding(type="OOMKilled", occurrence="c1", severity=Severity.CRITICAL)
    await room.observe(kill)
    for _ in range(5):
        clock.advance(40)
        assert await room.observe(kill) == []
    assert (await room.issue()).count == 1
    again = replace(kill, occurrence="c2")
    assert kinds(await room.observe(again)) == ["updated"]
    assert (await room.issue()).count == 2

    await room.observe()
    clock.advance(R)
    assert kinds(await room.observe()) == ["resolved"]
    assert await room.observe(again) == [], "an occurrence that has ended stays resolved while it is still shown"
    clock.advance(60)
    [move] = await room.observe(replace(kill, occurrence="c3"))
    assert (move.kind, move.action, move.issue.substatus, move.issue.count) == ("updated", "reopened", "regressed", 3)
    assert move.issue.occurrences == 2


async def test_counts_are_published_at_most_every_30_seconds_and_do_not_change_the_version(room: Room, clock: FakeClock) -> None:
    kill = finding(type="OOMKilled", occurrence="0")
    await room.observe(kill)
    published = []
    for n in range(1, 9):
        clock.advance(10)
        published.append(len(await room.observe(replace(kill, occurrence=str(n)))))
    assert published == [0, 0, 1, 0, 0, 1, 0, 0]
    assert await room.next_due() == NOON + timedelta(seconds=90)
    clock.advance(10)
    [move] = await room.observe(replace(kill, occurrence="8"))
    assert move.changes == {"count": (7, 9)}
    issue = await room.issue()
    assert (issue.count, issue.version) == (9, 1)


async def test_severity_is_the_worst_of_now(room: Room, clock: FakeClock) -> None:
    await room.observe(finding("a"), also=("a",))
    [move] = await room.observe(finding("b", severity=Severity.CRITICAL), also=("b",))
    assert move.changes["severity"] == ("medium", "critical")
    assert (move.issue.substatus, move.issue.version) == ("escalating", 2)
    await room.observe(also=("b",))
    clock.advance(R)
    [move] = await room.observe(also=("b",))
    assert move.changes["severity"] == ("critical", "medium")


async def test_a_new_issue_becomes_ongoing(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    clock.advance(1800)
    assert await room.due() == ["uid-web-1"]
    [move] = await room.observe(finding())
    assert move.changes == {"substatus": ("new", "ongoing")}
    assert await room.next_due() is None


async def test_an_issue_that_reopens_often_is_flapping(room: Room, clock: FakeClock) -> None:
    seen = []
    for _ in range(4):
        [move] = await room.observe(finding())
        seen.append(move.issue.substatus.value)
        await room.observe()
        clock.advance(R)
        await room.observe()
        clock.advance(60)
    assert seen == ["new", "regressed", "regressed", "flapping"]
    assert len(await room.issues()) == 1


async def test_the_first_inventory_is_preexisting(room: Room, clock: FakeClock) -> None:
    [move] = await room.observe(finding(), synced_at=None)
    assert move.issue.substatus == "preexisting"
    clock.advance(7200)
    assert await room.observe(finding()) == []


@pytest.mark.parametrize(
    ("began_s", "substatus"),
    [pytest.param(-30, "preexisting", id="before the first inventory"), pytest.param(30, "new", id="after the first inventory")],
)
async def test_a_failure_from_before_the_first_inventory_is_preexisting_even_if_it_opens_later(
    room: Room, clock: FakeClock, began_s: float, substatus: str
) -> None:
    synced_at = NOON
    clock.advance(60)
    [move] = await room.observe(finding(since=NOON + timedelta(seconds=began_s)), synced_at=synced_at)
    assert move.issue.substatus == substatus


async def test_a_failure_with_a_better_name_leaves_no_second_issue(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(type="CrashLoopBackOff"))
    clock.advance(5)
    moves = await room.observe(finding(type="OOMKilled"))
    assert {(move.kind, move.issue.type, move.issue.resolution) for move in moves} == {
        ("resolved", "CrashLoopBackOff", "superseded"),
        ("created", "OOMKilled", None),
    }


WAYS = ["LifecycleHookFailed", "LivenessProbeFailed", "StartupProbeFailed", "ReadinessProbeFailed", "DependencyUnreachable"]


@pytest.mark.parametrize("other", WAYS)
@pytest.mark.parametrize("is_crash_first", [True, False])
async def test_an_issue_changes_its_type_when_the_same_container_fails_in_another_way(
    room: Room, clock: FakeClock, other: str, is_crash_first: bool
) -> None:
    first, then = ("CrashLoopBackOff", other) if is_crash_first else (other, "CrashLoopBackOff")
    await room.observe(finding(type=first))
    before = await room.issue()
    for was, now in ((first, then), (then, first)):
        clock.advance(60)
        [move] = await room.observe(
            finding(type=now, title=f"api: {now}", since=clock.now(), opens_at=clock.now(), occurrence=str(clock.now()))
        )
        assert (move.kind, move.issue.id, move.changes["type"]) == ("updated", before.id, (was, now))
        assert [one.id for one in await room.issues(types={now})] == [before.id]
        assert await room.issues(types={was}) == []
    done = await room.store.read(room.actor, lambda tx: service.activity(tx, before.id))
    assert [entry.detail.get("type") for entry in done] == [None, [first, then], [then, first]]
    await room.observe()
    clock.advance(R)
    [move] = await room.observe()
    assert (move.kind, move.issue.id, move.issue.resolution) == ("resolved", before.id, "recovered")


async def test_what_a_log_shows_first_and_what_it_shows_next_is_one_issue(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(type="DependencyUnreachable"))
    before = await room.issue()
    clock.advance(60)
    [move] = await room.observe(finding(type="CredentialsRejected", since=clock.now(), opens_at=clock.now()))
    assert (move.issue.id, move.changes["type"]) == (before.id, ("DependencyUnreachable", "CredentialsRejected"))


async def test_a_type_that_is_not_certain_yet_leaves_the_issue_as_it_is(room: Room, clock: FakeClock) -> None:
    await room.observe(finding(type="LivenessProbeFailed"))
    clock.advance(5)
    crashes = finding(type="CrashLoopBackOff", since=clock.now(), opens_at=clock.now() + timedelta(seconds=60))
    assert await room.observe(crashes) == []
    clock.advance(60)
    [move] = await room.observe(crashes)
    assert (move.kind, move.changes["type"]) == ("updated", ("LivenessProbeFailed", "CrashLoopBackOff"))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"part": "proxy"}, id="another container"),
        pytest.param({"subject": CART, "shown_by": ObjectRef("Pod", "shop", "cart-1", "uid-cart-1")}, id="another workload"),
    ],
)
async def test_the_failure_of_another_container_is_an_issue_of_its_own(room: Room, clock: FakeClock, more: dict[str, Any]) -> None:
    await room.observe(finding(type="LivenessProbeFailed"))
    clock.advance(5)
    crashes = finding(type="CrashLoopBackOff", **more)
    assert kinds(await room.observe(crashes)) == ["created"]
    clock.advance(R)
    assert kinds(await room.observe(crashes)) == ["resolved"]
    assert {issue.type for issue in await room.issues()} == {"LivenessProbeFailed", "CrashLoopBackOff"}


async def test_of_two_issues_that_are_open_already_one_resolves(room: Room, clock: FakeClock) -> None:
    """As an earlier version left them."""
    both = finding(type="LivenessProbeFailed"), finding(type="CrashLoopBackOff")
    await room.observe(*both)
    clock.advance(5)
    [move] = await room.observe(both[1])
    assert (move.kind, move.issue.type, move.issue.resolution) == ("resolved", "LivenessProbeFailed", "superseded")
    [left] = await room.issues(statuses={"open"})
    assert left.type == "CrashLoopBackOff"


async def test_a_mute_rule_for_the_first_type_does_not_hide_the_next(room: Room, clock: FakeClock) -> None:
    match, until = Match(types=["LivenessProbeFailed"]), clock.now() + timedelta(days=1)
    await room.store.write(system(room.org), lambda tx: mute_rules.create(tx, match, reason="known", expires_at=until))
    await room.observe(finding(type="LivenessProbeFailed"))
    assert (await room.issue()).is_quiet
    clock.advance(5)
    await room.observe(finding(type="CrashLoopBackOff", since=clock.now(), opens_at=clock.now()))
    assert not (await room.issue()).is_quiet


@pytest.mark.parametrize(
    ("exists", "resolution"),
    [
        pytest.param(True, "recovered", id="it is well"),
        pytest.param(False, "resource_deleted", id="the workload is gone"),
    ],
)
async def test_a_resolution_says_why(room: Room, clock: FakeClock, exists: bool, resolution: str) -> None:
    await room.observe(finding())
    room.exists = exists
    await room.observe()
    clock.advance(R)
    [move] = await room.observe()
    assert (move.kind, move.issue.resolution, move.issue.resolved_by) == ("resolved", resolution, "system")
    assert move.changes["status"] == ("open", "resolved")


async def test_a_new_issue_after_a_day_names_the_one_before(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    await room.observe()
    clock.advance(R)
    await room.observe()
    clock.advance(86401)
    [move] = await room.observe(finding())
    assert move.issue.previous_issue_id == (await room.issues(statuses={"resolved"}))[0].id


async def test_resolved_by_hand_holds_while_the_same_occurrence_lasts(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    move = await room.set("resolved")
    assert move is not None
    assert (move.kind, move.issue.resolution, move.issue.resolved_by) == ("resolved", "manual", room.actor.id)
    for _ in range(3):
        clock.advance(50000)
        assert await room.observe(finding()) == []
    await room.observe()
    clock.advance(R)
    assert await room.observe() == []
    clock.advance(60)
    assert kinds(await room.observe(finding())) == ["created"], "more than a day has passed"


async def test_a_new_occurrence_reopens_what_was_resolved_by_hand(room: Room, clock: FakeClock) -> None:
    kill = finding(type="OOMKilled", occurrence="1")
    await room.observe(kill)
    await room.set("resolved")
    assert await room.observe(kill) == []
    clock.advance(60)
    [move] = await room.observe(replace(kill, occurrence="2"))
    assert (move.issue.status, move.issue.substatus, move.changes["status"]) == ("open", "regressed", ("resolved", "open"))


async def test_acknowledged_stays_so_until_resolved(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    await room.set("acknowledged", 1)
    await room.observe(finding("web-2"), also=("web-2",))
    assert (await room.issue()).status == "acknowledged"
    await room.observe(also=("web-1", "web-2"))
    clock.advance(R)
    assert kinds(await room.observe(also=("web-1", "web-2"))) == ["resolved"]


async def test_people_move_issues_by_version(room: Room) -> None:
    await room.observe(finding())
    with pytest.raises(Stale):
        await room.set("resolved", 7)
    assert await room.set("open", 1) is None
    await room.set("resolved", 1)
    with pytest.raises(Refused) as refusal:
        await room.set("acknowledged", 2)
    assert refusal.value.code == "issue_resolved"
    await room.set("open", 2)
    issue = await room.issue()
    done = await room.store.read(room.actor, lambda tx: service.activity(tx, issue.id))
    assert [(entry.action, entry.actor_id) for entry in done] == [(action, room.actor.id) for action in ("opened", "resolved", "reopened")]
    assert issue.version == 3


async def test_a_failed_detector_changes_nothing(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    unexamined = frozenset({("uid-web-1", "ReadinessProbeFailed")})
    for _ in range(3):
        clock.advance(1000)
        assert [m for m in await room.observe(unexamined=unexamined) if m.kind == "resolved"] == []
    assert (await room.issue()).status == "open"
    due = await room.next_due()
    assert due is None or due > clock.now()


async def test_only_examined_objects_are_affected(room: Room, clock: FakeClock) -> None:
    await room.observe(finding())
    await room.observe(also=("other",))
    clock.advance(R)
    await room.observe(also=("other",))
    assert (await room.issue()).status == "open"


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_wrong_cluster_clock_changes_no_time(room: Room, clock: FakeClock, hours: int) -> None:
    offset = timedelta(hours=hours)
    room.cluster = replace(room.cluster, clock_offset=offset)
    shifted = finding(after=60, since=NOON + offset, opens_at=NOON + offset + timedelta(seconds=60))
    assert await room.observe(shifted) == []
    assert await room.next_due() == NOON + timedelta(seconds=60)
    clock.advance(60)
    [move] = await room.observe(shifted)
    assert (move.issue.detected_at, move.issue.first_seen_at) == (NOON + timedelta(seconds=60), NOON)


async def test_a_deleted_cluster_resolves_its_issues(room: Room) -> None:
    await room.observe(finding(), finding(type="OOMKilled"))
    moves = await room.store.write(system(room.org), lambda tx: service.resolve_cluster(tx, room.cluster.id, "cluster_deleted"))
    assert [(move.kind, move.issue.resolution) for move in moves] == [("resolved", "cluster_deleted")] * 2
    assert await room.next_due() is None


async def test_other_organizations_see_nothing(room: Room, store: Store, clock: FakeClock) -> None:
    await room.observe(finding())
    issue = await room.issue()
    stranger = system(await new_org(store, clock, "Other"))
    narrow = key(room.org, KeyId(ids.new("key")), scopes=frozenset(), clusters=frozenset({ClusterId("cls_x")}), role=Role.VIEWER)
    for actor in (stranger, narrow):
        assert await store.read(actor, lambda tx: service.find(tx, IssueFilter(), PageRequest())) == []
        assert await store.read(actor, lambda tx: service.count(tx, IssueFilter())) == 0
        for work in (service.get, service.activity, lambda tx, id_: triage.change(tx, id_, Change(status=Status.RESOLVED))):
            with pytest.raises(NotFound):
                await store.write(actor, lambda tx, work=work: work(tx, issue.id))


async def test_filters_sorts_and_facets(room: Room, clock: FakeClock) -> None:
    for n, severity in enumerate([Severity.LOW, Severity.CRITICAL, Severity.HIGH]):
        clock.advance(1)
        subject = ObjectRef("Deployment.apps", f"ns{n}", f"app{n}")
        await room.observe(finding(f"p{n}", severity=severity, subject=subject, title=f"Title {n}"), also=())
    read = room.store.read

    async def found(sort: str = "", descending: bool = True, **wanted: Any) -> list[str]:
        page = PageRequest(size=10, sort=sort, descending=descending)
        issues = await read(room.actor, lambda tx: service.find(tx, IssueFilter(**wanted), page))
        assert len(issues) == await read(room.actor, lambda tx: service.count(tx, IssueFilter(**wanted)))
        return [issue.resource for issue in issues]

    assert await found() == ["p2", "p1", "p0"]
    assert await found("severity") == ["p1", "p2", "p0"]
    assert await found(severities={"critical", "high"}) == ["p2", "p1"]
    assert await found(types={"Nope"}) == []
    assert await found(q="TITLE 1") == ["p1"]
    assert await found(since=NOON + timedelta(seconds=2), until=NOON + timedelta(seconds=3)) == ["p1"]
    for sort in ("detected_at", "last_seen_at", "severity", "status"):
        for descending in (True, False):
            seen: list[str] = []
            after = None
            while True:
                page = PageRequest(size=2, sort=sort, descending=descending, after=after)
                some = await read(room.actor, lambda tx, page=page: service.find(tx, IssueFilter(), page))
                if not some:
                    break
                seen += [issue.id for issue in some]
                after = service.place(some[-1], sort)
            assert len(seen) == len(set(seen)) == 3
    facets = await read(room.actor, lambda tx: service.facets(tx, IssueFilter(statuses=frozenset({"open"}))))
    assert facets["severity"] == {"critical": 1, "high": 1, "low": 1}
    assert facets["cluster"] == {room.cluster.id: 3}


@pytest.mark.parametrize(
    ("wanted", "sort"),
    [
        (IssueFilter(), "detected_at"),
        (IssueFilter(), "last_seen_at"),
        (IssueFilter(), "severity"),
        (IssueFilter(), "status"),
        (IssueFilter(statuses=frozenset({"open"})), "detected_at"),
        (IssueFilter(types=frozenset({"OOMKilled"})), "detected_at"),
        (IssueFilter(namespaces=frozenset({"shop"})), "detected_at"),
        (IssueFilter(clusters=frozenset({"c"}), statuses=frozenset({"open"})), "detected_at"),
    ],
)
async def test_lists_walk_an_index_and_sort_nothing(room: Room, wanted: IssueFilter, sort: str) -> None:
    def plan(tx: Transaction) -> str:
        shape, values = listing.shape_of(wanted)
        statement = listing.find_statement(shape, sort, True, False)
        bound = statement.params(values | {"org": tx.org_id, "limit": 20, "offset": 0})
        text = bound.compile(dialect=tx.connection.dialect, compile_kwargs={"literal_binds": True})
        if tx.dialect == "postgresql":
            tx.connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            tx.connection.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
            tx.connection.execute(sa.text("SET LOCAL enable_sort = off"))  # only where no index gives the order
            return "\n".join(row[0] for row in tx.connection.exec_driver_sql(f"EXPLAIN {text}".replace("%", "%%")))
        return "\n".join(row[3] for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))

    found = await room.store.read(room.actor, plan)
    assert "ix_issues_" in found, found
    assert "TEMP B-TREE" not in found, found
    assert "Sort" not in found, found


async def test_the_query_of_every_ingest_is_a_lookup(room: Room) -> None:
    """Whether anything is known of the examined objects, what is due, and when the next is due."""

    def plans(tx: Transaction) -> list[str]:
        statements = [repository._BY_UIDS.statement("sqlite"), *repository._DUE, repository._dues]
        values = {"org": tx.org_id, "cluster": "c", "wanted": '["u"]', "now": tx.now, "limit": 5}
        found = []
        for statement in statements:
            text = statement.compile(dialect=tx.connection.dialect)
            given = tuple(text.construct_params(values)[name] for name in text.positiontup or ())
            given = tuple(0 if isinstance(one, datetime) else one for one in given)
            rows = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)
            found.append("\n".join(row[3] for row in rows))
        return found

    if isinstance(room.store, PostgresStore):
        return  # its planner prefers a scan while tables are empty
    for plan in await room.store.read(room.actor, plans):
        assert "USING" in plan, plan
        assert "SCAN issue" not in plan, plan


def test_every_table_of_the_room_belongs_to_an_organization() -> None:
    assert all("org_id" in table.c for name, table in metadata.tables.items() if name.startswith("issue"))


async def test_replicas_that_fail_in_turn_leave_no_entry_for_each(room: Room, clock: FakeClock) -> None:
    """The issue names the one that failed last, and so does its event; its history says what happened to the issue."""
    both = ("web-1", "web-2")
    await room.observe(finding("web-1"), also=both)
    named = []
    for pod in ("web-2", "web-1", "web-2"):
        clock.advance(60)
        [move] = await room.observe(finding(pod), also=both)
        named.append(move.changes["resource"][1])
    issue = await room.issue()
    done = await room.store.read(room.actor, lambda tx: service.activity(tx, issue.id))
    assert (named, [entry.action for entry in done]) == (["web-2", "web-1", "web-2"], ["opened"])
