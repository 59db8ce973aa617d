"""An upgrade that makes fingerprints another way keeps every issue that is open, and what people did with it."""

from dataclasses import replace

import pytest

from optral.detectors import fingerprint
from optral.detectors.finding import Finding
from tests.issues.test_service import Room, finding, room
from tests.support.clock import FakeClock

__all__ = ["room"]


def _version_2(cluster_id: str, found: Finding) -> str:
    return fingerprint._version_1(cluster_id, replace(found, title=""))[::-1]


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fingerprint.VERSIONS, 2, _version_2)


async def test_issues_of_the_old_fingerprint_go_on(room: Room, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.observe(finding("web-1"), finding("web-2"), finding(part="proxy"), also=("web-1", "web-2"))
    before = {issue.container: issue for issue in await room.issues()}
    clock.advance(60)
    monkeypatch.setitem(fingerprint.VERSIONS, 2, _version_2)
    moves = await room.observe(finding("web-1"), also=("web-1",))
    assert moves == []
    after = {issue.container: issue for issue in await room.issues()}
    assert {name: issue.id for name, issue in after.items()} == {name: issue.id for name, issue in before.items()}
    assert after["api"].fingerprint.startswith("2:"), "brought up when it is seen again"
    assert after["proxy"].fingerprint.startswith("1:"), "and not before"


async def test_they_end_and_come_back_as_themselves(room: Room, clock: FakeClock, upgrade: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(fingerprint.VERSIONS, 2)
    await room.observe(finding())
    first = await room.issue()
    monkeypatch.setitem(fingerprint.VERSIONS, 2, _version_2)
    await room.observe(finding())
    clock.advance(10)
    await room.observe(also=("web-1",))
    clock.advance(121)
    [resolved] = await room.observe(also=("web-1",))
    assert resolved.kind == "resolved"
    clock.advance(3600)
    await room.observe(finding(since=clock.now(), opens_at=clock.now()))
    again = await room.issue()
    assert (again.id, again.status.value, again.occurrences) == (first.id, "open", 2)


async def test_an_issue_that_has_a_namesake_already_is_left_alone(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.observe(finding())
    monkeypatch.setitem(fingerprint.VERSIONS, 2, _version_2)
    await room.observe(finding("web-9"), also=("web-9",))
    monkeypatch.delitem(fingerprint.VERSIONS, 2)
    await room.observe(finding("web-8"), also=("web-8",))
    monkeypatch.setitem(fingerprint.VERSIONS, 2, _version_2)
    await room.observe(finding("web-9"), also=("web-9",))
    assert {issue.fingerprint[:2] for issue in await room.issues()} == {"1:", "2:"}
