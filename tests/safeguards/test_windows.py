"""Freezes and maintenance windows: which changes they hold, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from optral.safeguards import model
from optral.safeguards.model import Window, WindowKind
from optral.terms.errors import Invalid

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
"""A Friday."""
HOUR = timedelta(hours=1)


def window(kind: WindowKind = WindowKind.FREEZE, **more: Any) -> Window:
    return Window(id="win_1", kind=kind, name="w", created_by="usr_1", created_at=NOW, updated_at=NOW, **more)


def once(start: float, end: float, kind: WindowKind = WindowKind.FREEZE, **more: Any) -> Window:
    """From so many hours after now until so many."""
    return window(kind, starts_at=NOW + start * HOUR, ends_at=NOW + end * HOUR, **more)


def recurring(schedule: str, minutes: int, kind: WindowKind = WindowKind.FREEZE, zone: str = "UTC", **more: Any) -> Window:
    return window(kind, schedule=schedule, time_zone=zone, duration_s=minutes * 60, **more)


def held(*windows: Window, cluster: str = "cls_1", namespaces: frozenset[str | None] = frozenset({"shop"}), trigger: bool = False) -> Any:
    found = model.held_by_window(windows, cluster_id=cluster, namespaces=namespaces, is_unattended=trigger, now=NOW)
    return None if found is None else (found.code, found.until)


@pytest.mark.parametrize(
    ("given", "until"),
    [
        pytest.param([once(-1, 2)], 2, id="in force"),
        pytest.param([once(0, 2)], 2, id="begins now"),
        pytest.param([once(-2, 0)], None, id="has just ended"),
        pytest.param([once(1, 2)], None, id="begins later"),
        pytest.param([once(-1, 2), once(-1, 3)], 3, id="the later end counts"),
        pytest.param([once(-1, 2), once(2, 4)], 4, id="another follows without a gap"),
        pytest.param([once(-1, 2), once(3, 4)], 2, id="another follows after a gap"),
        pytest.param([recurring("0 10 * * 5", 180)], 1, id="every Friday 10:00 to 13:00"),
        pytest.param([recurring("0 10 * * 5", 120)], None, id="every Friday 10:00 to 12:00 has ended"),
        pytest.param([recurring("0 10 * * 4", 180)], None, id="on Thursdays"),
        pytest.param([recurring("0 11 * * 5", 180, zone="Europe/Berlin")], 1, id="11:00 in Berlin is 10:00 UTC in winter"),
        pytest.param([recurring("0 0 * * *", 24 * 60)], None, id="without an end"),
    ],
)
def test_a_freeze_holds_everybody_until_its_end(given: list[Window], until: float | None) -> None:
    if given[0].duration_s == 24 * 3600:
        assert held(*given) == ("frozen", None), "a freeze of every whole day has no end"
        return
    expected = None if until is None else ("frozen", NOW + until * HOUR)
    assert held(*given) == held(*given, trigger=True) == expected


@pytest.mark.parametrize("minutes", range(0, 150, 10))
def test_a_freeze_does_not_lapse_while_an_hour_occurs_twice(minutes: int) -> None:
    """From 02:30 in Berlin, two hours of elapsed time: and not without the second pass of the hour from 2 to 3."""
    begins = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    freeze = recurring("30 2 * * *", 120, zone="Europe/Berlin")
    until = begins + 2 * HOUR
    assert freeze.end_at(begins + timedelta(minutes=minutes)) == (until if minutes < 120 else None)


@pytest.mark.parametrize(
    ("place", "namespaces", "is_held"),
    [
        ({}, {"shop"}, True),
        ({"cluster_id": "cls_1"}, {"shop"}, True),
        ({"cluster_id": "cls_2"}, {"shop"}, False),
        ({"namespace": "shop"}, {"shop"}, True),
        ({"namespace": "shop"}, {"shop", "pay"}, True),
        ({"namespace": "shop"}, {"shopping"}, False),
        ({"namespace": "shop"}, {None}, True),
        ({"cluster_id": "cls_2", "namespace": "shop"}, {None}, False),
    ],
)
def test_a_freeze_concerns_its_cluster_and_namespace_and_the_nodes_below(place: Any, namespaces: Any, is_held: bool) -> None:
    assert (held(once(-1, 1, **place), namespaces=frozenset(namespaces)) is not None) is is_held


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([once(-1, 1, WindowKind.MAINTENANCE)], None, id="open"),
        pytest.param([once(2, 3, WindowKind.MAINTENANCE)], 2, id="opens later"),
        pytest.param([once(2, 4, WindowKind.MAINTENANCE), once(1, 3)], 3, id="opens during a freeze, and outlasts it"),
        pytest.param([once(2, 3, WindowKind.MAINTENANCE), once(1, 3)], "never", id="is wholly frozen"),
        pytest.param([recurring("0 10 * * 5", 60, WindowKind.MAINTENANCE)], 7 * 24 - 2, id="a week later"),
        pytest.param([once(-2, -1, WindowKind.MAINTENANCE)], "never", id="was the last"),
        pytest.param([once(2, 3, WindowKind.MAINTENANCE, cluster_id="cls_2")], None, id="of another cluster"),
        pytest.param([once(2, 3, WindowKind.MAINTENANCE, namespace="pay")], None, id="of another namespace"),
    ],
)
def test_triggers_wait_for_a_window_and_people_do_not(given: list[Window], expected: float | str | None) -> None:
    wanted = None if expected is None else ("outside_window", None if isinstance(expected, str) else NOW + expected * HOUR)
    assert held(*given, trigger=True) == wanted
    assert held(*given) is None


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        pytest.param([("shop", -1, 1), ("pay", -1, 1)], None, id="both are open"),
        pytest.param([("shop", -1, 1), ("pay", 2, 3)], "never", id="one is open, and never both"),
        pytest.param([("shop", -1, 4), ("pay", 2, 3)], 2, id="one is open, and the other one soon"),
        pytest.param([("shop", 1, 4), ("pay", 2, 3)], 2, id="both are open later"),
        pytest.param([("shop", -1, 1)], None, id="none is defined for the other one"),
        pytest.param([(None, -1, 1), ("pay", 2, 3)], None, id="one of every namespace is open"),
    ],
)
def test_a_trigger_that_changes_two_namespaces_waits_for_a_window_of_each(given: list[Any], hours: Any) -> None:
    windows = [once(start, end, WindowKind.MAINTENANCE, namespace=namespace) for namespace, start, end in given]
    wanted = None if hours is None else ("outside_window", None if hours == "never" else NOW + hours * HOUR)
    assert held(*windows, namespaces=frozenset({"shop", "pay"}), trigger=True) == wanted


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "schedule"),
        ({"starts_at": NOW}, "endsAt"),
        ({"starts_at": NOW, "ends_at": NOW}, "endsAt"),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(days=400)}, "endsAt"),
        ({"starts_at": NOW.replace(year=1), "ends_at": NOW}, "startsAt"),
        ({"starts_at": NOW, "ends_at": NOW + HOUR, "schedule": "0 1 * * *"}, "schedule"),
        ({"schedule": "0 1 * * *"}, "durationMinutes"),
        ({"schedule": "0 1 * * *", "duration_s": 8 * 24 * 3600}, "durationMinutes"),
        ({"schedule": "0 99 * * *", "duration_s": 60}, "schedule"),
        ({"schedule": "0 1 * * *", "duration_s": 60, "time_zone": "Nowhere"}, "timeZone"),
    ],
)
def test_what_is_no_window_is_refused_with_its_field(more: Any, field: str) -> None:
    with pytest.raises(Invalid) as bad:
        model.check_window(window(**more))
    assert bad.value.errors[0]["field"] == field
