"""Families over time: attached at once, kept for five minutes after the cause has gone, then promoted."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from optral.grouping.model import AffectedObject, Arrangement, Failure, Link
from optral.issues.lifecycle import relations
from optral.issues.lifecycle.relations import GroupedIssue
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.support.clock import NOON

EARLIER = NOON - timedelta(minutes=1)
LONG_AGO = NOON - relations.PROMOTED_AFTER
POD = ObjectRef("Pod", "shop", "web-1", "uid-1")


def one(name: str, parent: str | None = None, **more: object) -> GroupedIssue:
    failure = Failure(key=name, type="T", subject=POD, objects=(AffectedObject(POD),), since=NOON, severity=Severity.HIGH, category="c")
    return GroupedIssue(issue_id=name, failure=failure, parent=parent, **more)  # type: ignore[arg-type]


def links(**parents: str) -> Arrangement:
    return Arrangement({symptom: Link(parent, "runs on", parent) for symptom, parent in parents.items()})


@pytest.mark.parametrize(
    ("known", "arrangement", "parents", "orphans"),
    [
        pytest.param([one("a"), one("b")], links(b="a"), {"a": None, "b": "a"}, set(), id="a new symptom"),
        pytest.param([one("a"), one("b"), one("c", "b")], links(b="a", c="a"), {"a": None, "b": "a", "c": "a"}, set(), id="a late cause"),
        pytest.param([one("b", "gone")], links(), {"b": "gone"}, {"b"}, id="its cause has just gone"),
        pytest.param([one("b", "gone", orphaned_at=EARLIER)], links(), {"b": "gone"}, {"b"}, id="a minute later"),
        pytest.param([one("b", "gone", orphaned_at=LONG_AGO)], links(), {"b": None}, set(), id="it outlives its cause"),
        pytest.param([one("a"), one("b", "a", orphaned_at=EARLIER)], links(b="a"), {"a": None, "b": "a"}, set(), id="the cause is back"),
        pytest.param([one("a"), one("b", "gone")], links(b="a"), {"a": None, "b": "a"}, set(), id="another cause takes over"),
        pytest.param(
            [one("b", "gone", orphaned_at=EARLIER), one("c", "gone")], links(c="b"), {"b": "gone", "c": "gone"}, {"b"}, id="not yet a root"
        ),
        pytest.param(
            [one("b", "gone", orphaned_at=LONG_AGO), one("c", "gone")],
            links(c="b"),
            {"b": None, "c": "b"},
            set(),
            id="promoted with its own",
        ),
        pytest.param([one("b", "gone", orphaned_at=EARLIER), one("n")], links(n="b"), {"b": "gone", "n": "gone"}, {"b"}, id="stays quiet"),
        pytest.param([one("a"), one("b", "a")], links(a="b"), {"a": "b", "b": None}, set(), id="cause and symptom change places"),
        pytest.param(
            [one("a"), one("b", "a"), one("c", "a")], links(a="b", c="b"), {"a": "b", "b": None, "c": "b"}, set(), id="with a third"
        ),
        pytest.param([one("a"), one("b", "a"), one("q")], links(a="q"), {"a": "q", "b": None, "q": None}, set(), id="its cause has one"),
        pytest.param([one("a", "a"), one("b", "a")], links(b="a"), {"a": None, "b": "a"}, set(), id="stored as its own cause"),
        pytest.param(
            [one("a", is_resolved=True), one("b")], links(b="a"), {"a": None, "b": "a"}, set(), id="resolved by hand, still the cause"
        ),
    ],
)
def test_every_issue_has_a_place(
    known: list[GroupedIssue], arrangement: Arrangement, parents: Mapping[str, str | None], orphans: set[str]
) -> None:
    placed = relations.place(known, arrangement, now=NOON)
    assert {place.issue_id: place.parent for place in placed} == parents
    assert {place.issue_id for place in placed if place.orphaned_at is not None} == orphans
    assert relations.place(placed, arrangement, now=NOON) == placed, "nothing is left to do"


def test_a_grouping_is_due_when_the_first_orphan_has_waited_long_enough() -> None:
    assert (
        relations.next_due([one("a"), one("b", "x", orphaned_at=EARLIER), one("c", "x", orphaned_at=NOON)])
        == EARLIER + relations.PROMOTED_AFTER
    )
    assert relations.next_due([one("a")]) is None


def test_a_stored_failure_is_read_in_cluster_time() -> None:
    offset = timedelta(hours=1)
    kept = one("a").failure
    read = relations.decode("a", relations.encode(kept), offset=offset)
    assert (read.subject, read.objects, read.since) == (kept.subject, kept.objects, kept.since + offset)
    assert relations.encode(relations.decode("a", relations.encode(kept), offset=timedelta())) == relations.encode(kept)


@pytest.mark.parametrize(("count", "seconds"), [(0, 0), (100, 0), (101, 101 / 300), (900, 3), (100_000, 30)])
def test_many_issues_are_grouped_a_little_later(count: int, seconds: float) -> None:
    assert relations.delay(count).total_seconds() == pytest.approx(seconds)


NAMES = "abcde"
ROUNDS = st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES), max_size=4), min_size=1, max_size=6)


@given(ROUNDS)
def test_families_stay_one_level_deep_whatever_the_order_of_causes(rounds: list[dict[str, str]]) -> None:
    known = [one(name) for name in NAMES]
    for count, parents in enumerate(rounds):
        families = {symptom: parent for symptom, parent in parents.items() if parent not in parents}
        known = relations.place(known, links(**families), now=NOON + count * timedelta(minutes=2))
        placed = {place.issue_id: place.parent for place in known}
        assert [name for name, parent in placed.items() if parent is not None and placed[parent] is not None] == []
