"""What usage adds to an answer that objects alone allow, and when it adds nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optral.analysis.model import Explanation
from optral.analysis.rules.measured import UNREAD
from tests.analysis.cases import usage
from tests.analysis.cases.base import limited
from tests.analysis.cases.usage import measured, memory, throttling, with_cpu
from tests.analysis.cluster import World


def without_usage(world: World) -> World:
    return replace(world, objects=[one for one in world.objects if not one["kind"].endswith("Usage")])


@pytest.mark.parametrize(
    ("ask", "cause", "before"),
    [
        pytest.param(usage.killed_after_a_steady_rise, "memory_leak", "memory_limit_too_low", id="the curve before a kill"),
        pytest.param(
            usage.too_slow_for_its_probe_because_it_is_throttled, "cpu_limit_too_low", "readiness_probe_too_tight", id="throttled"
        ),
        pytest.param(usage.answers_its_probe_later_than_before, "application_slow", "readiness_probe_too_tight", id="slow probes"),
        pytest.param(usage.loses_its_packets, "packets_lost", "readiness_probe_too_tight", id="lost packets"),
    ],
)
def test_usage_names_what_objects_cannot_show(ask: Callable[[], tuple[World, Explanation]], cause: str, before: str) -> None:
    world, found = ask()
    assert (found.cause_id, found.root_cause is not None and found.root_cause["missingFacts"]) == (cause, [])
    assert any(fact["kind"] == "metric" and "observedAt" in fact for fact in found.body["evidence"])
    assert without_usage(world).again().cause_id == before


def test_a_report_about_an_earlier_pod_of_this_name_proves_nothing() -> None:
    world, _ = usage.killed_after_a_steady_rise()
    world = world.copy()
    report = world.objects.pop()
    other = {**report["metadata"], "ownerReferences": [{**report["metadata"]["ownerReferences"][0], "uid": "another"}]}
    world.objects.append(report | {"metadata": other})
    assert world.again().cause_id == "memory_limit_too_low"


@pytest.mark.parametrize(
    ("type_", "used", "spec"),
    [
        pytest.param("CPUThrottled", throttling(0.1), with_cpu("200m"), id="hardly throttled"),
        pytest.param("CPUThrottled", {}, with_cpu("200m"), id="nothing measured of it"),
        pytest.param("MemoryNearLimit", {"memory": {"nowBytes": 100}}, limited("512Mi"), id="no limit measured"),
    ],
)
def test_says_that_it_does_not_know_when_the_report_does_not_show_it(type_: str, used: dict[str, Any], spec: dict[str, Any]) -> None:
    _, found = measured(type_, used, spec=spec)
    assert found.root_cause is None


def test_a_slow_rise_that_matters_little_is_no_leak() -> None:
    _, found = measured("MemoryNearLimit", {"memory": memory(480, first=470, per_hour=10)}, spec=limited("512Mi"))
    assert found.cause_id == "memory_limit_too_low"


def test_says_that_usage_was_not_looked_at_only_while_it_is_not_read() -> None:
    world, _ = usage.loses_its_packets()
    blind = without_usage(world)
    assert UNREAD in blind.again().body["missingEvidence"]
    sighted = replace(blind, visible=blind.visible | {"PodUsage.usage.optral.io"})
    assert UNREAD not in sighted.again().body["missingEvidence"]


def test_the_change_of_a_limit_is_named_with_what_it_throttles() -> None:
    _, found = usage.throttled_since_its_limit_was_lowered()
    assert found.root_cause is not None and "The limit changed from `1` to `200m`." in found.root_cause["explanation"]


@pytest.mark.parametrize(
    ("ask", "is_outside"), [(usage.has_no_cpu_left, False), (usage.has_no_memory_left, True)], ids=["pods use it", "something else does"]
)
def test_a_node_that_its_pods_do_not_fill_says_so(ask: Callable[[], tuple[World, Explanation]], is_outside: bool) -> None:
    _, found = ask()
    assert found.root_cause is not None
    assert ("processes of the node itself" in found.root_cause["explanation"]) is is_outside


def test_the_remedy_for_throttling_is_one_command_with_the_limit_worked_out() -> None:
    _, found = usage.throttled_all_the_time()
    [action] = found.body["recommendedActions"]
    assert action["title"] == "Raise the CPU limit of api to 550m"
    assert '"path":"/spec/template/spec/containers/0/resources/limits/cpu","value":"550m"' in action["edit"]["command"]
