"""What is reported of a node, from the texts of its kubelet over an hour."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from optral.agent.metrics import intake, report
from optral.agent.metrics.exposition import Reader, Sample
from optral.agent.metrics.rings import NodeRing
from tests.agent.metrics import node
from tests.agent.metrics.node import NOON, UID, Use

MIB, GIB = 1 << 20, 1 << 30


def samples(text: bytes, wanted: Collection[str]) -> list[Sample]:
    reader = Reader(wanted)
    return [*reader.feed(text), *reader.end()]


def watched(use: Callable[[int], Use], *, minutes: int = 60, node_cpu: float = 0.5, ring: NodeRing | None = None) -> NodeRing:
    """A node after so many minutes; `use` gives what its pod uses in each of them."""
    ring = ring or NodeRing("node-1", "node-uid", 4000, 16 * GIB)
    for minute in range(minutes):
        at, uses = NOON - (minutes - minute - 1) * 60, [use(minute)]
        resource = node.resource(uses, at=at, node_cpu_s=1000 + minute * 60 * node_cpu)
        intake.resource(ring, samples(resource, intake.RESOURCE))
        if minute % 5 == 4:
            intake.summary(ring, node.summary(uses), now=at)
            intake.cadvisor(ring, samples(node.cadvisor(uses, at=at), intake.CADVISOR), now=at)
            intake.probes(ring, samples(node.probes(uses), intake.PROBES), now=at)
    return ring


def reported(ring: NodeRing) -> dict[str, Any] | None:
    """The status of the pod, None when it is not notable."""
    found = list(report.pods(ring, now=NOON))
    assert len(found) <= 1
    return json.loads(found[0].raw)["status"] if found else None


def container(ring: NodeRing) -> dict[str, Any]:
    status = reported(ring)
    assert status is not None
    [one] = status["containers"]
    return dict(one)


def throttled(minute: int, *, is_pod_level: bool = False) -> Use:
    return Use(
        cpu_limit_millis=200,
        cpu_s=minute * 60 * 0.19,
        periods=minute * 600,
        throttled=minute * 300,
        is_pod_level=is_pod_level,
    )


@pytest.mark.parametrize("is_pod_level", [False, True], ids=["container", "the runtime reports pods only"])
def test_a_throttled_container_is_reported_with_its_share(is_pod_level: bool) -> None:
    one = container(watched(lambda minute: throttled(minute, is_pod_level=is_pod_level)))
    assert one["throttling"] == {"share": 0.5, "periods": 9000, "throttledPeriods": 4500, "windowSeconds": 900}
    assert (one["cpu"]["limitMillis"], one["cpu"]["p95Millis"]) == (200, 190)


def test_a_leak_is_reported_as_a_line_and_what_the_last_run_used_survives_its_restart() -> None:
    def leak(minute: int) -> Use:
        run, age = divmod(minute, 40)
        return Use(memory=(100 + 9 * age) * MIB, memory_limit=512 * MIB, started=NOON - 7200 + run * 2400)

    ring = watched(leak, minutes=60)
    one = container(ring)
    trend = one["memory"]["trend"]
    assert (round(trend["perHour"] / MIB), trend["fit"]) == (540, 1.0)
    assert (one["previousRun"]["firstBytes"], one["previousRun"]["peakBytes"]) == (109 * MIB, 451 * MIB)
    assert (one["previousRun"]["endedAt"], round(one["previousRun"]["trend"]["perHour"] / MIB)) == ("2027-01-15T07:40:00Z", 540)


def test_a_volume_is_reported_with_the_time_until_it_is_full() -> None:
    status = reported(watched(lambda minute: Use(volumes=[node.claim("data", used=(500 + minute) * MIB, capacity=1000 * MIB)])))
    assert status is not None
    [volume] = status["volumes"]
    assert (volume["claim"], volume["usedBytes"], volume["capacityBytes"]) == ("data-claim", 559 * MIB, 1000 * MIB)
    assert round(volume["fullInSeconds"] / 60) == 441


@pytest.mark.parametrize(
    ("use", "is_noted"),
    [
        pytest.param(lambda minute: Use(memory_limit=512 * MIB), False, id="little of its limit"),
        pytest.param(lambda minute: Use(), False, id="no limits"),
        pytest.param(lambda minute: Use(memory=460 * MIB, memory_limit=512 * MIB), True, id="near its memory limit"),
        pytest.param(lambda minute: Use(volumes=[node.claim("data", used=500, capacity=1000)]), False, id="half a volume"),
        pytest.param(lambda minute: Use(volumes=[node.claim("data", used=800, capacity=1000)]), True, id="much of a volume"),
        pytest.param(lambda minute: Use(volumes=[node.claim("data", used=10, capacity=99, inodes_used=900)]), True, id="inodes"),
        pytest.param(lambda minute: Use(probes={"Readiness": (minute * 6, 0, minute * 0.03)}), False, id="quick probes"),
        pytest.param(lambda minute: Use(probes={"Readiness": (minute * 6, minute, minute * 0.03)}), True, id="probes fail"),
        pytest.param(
            lambda minute: Use(probes={"Readiness": (minute * 6, 0, min(minute, 40) * 0.03 + max(0, minute - 40) * 6.0)}),
            True,
            id="probes take longer than before",
        ),
        pytest.param(
            lambda minute: Use(network={"receive_packets": minute * 1000, "receive_packets_dropped": minute * 50}), True, id="drops packets"
        ),
        pytest.param(
            lambda minute: Use(network={"receive_packets": minute * 9000, "receive_packets_dropped": minute}), False, id="a few drops"
        ),
    ],
)
def test_only_pods_that_are_notable_are_reported(use: Callable[[int], Use], is_noted: bool) -> None:
    assert (reported(watched(use)) is not None) is is_noted


def test_a_pod_stays_for_half_an_hour_after_it_was_notable() -> None:
    ring = watched(lambda minute: Use(memory=460 * MIB, memory_limit=512 * MIB))
    assert reported(ring) is not None
    ring.pods["shop", "api-1"].containers["api"].memory_limit = 0
    assert [len(list(report.pods(ring, now=NOON + later))) for later in (1800, 1801)] == [1, 0]


def test_a_pod_that_takes_the_name_of_another_one_has_a_ring_of_its_own() -> None:
    ring = watched(throttled)
    intake.summary(ring, node.summary([replace(Use(), uid="another")]), now=NOON + 60)
    assert ring.pods["shop", "api-1"].containers == {}


def test_a_pod_that_is_gone_is_forgotten() -> None:
    ring = watched(throttled)
    intake.forget_gone(ring, now=NOON + 301)
    assert ring.pods == {}


def test_a_node_is_reported_with_the_pods_that_use_most() -> None:
    ring = watched(lambda minute: Use(cpu_s=minute * 60 * 1.5, memory=3 * GIB), node_cpu=3.9)
    seen = report.node(ring, now=NOON)
    assert seen is not None and seen.name == "node-1"
    tree = json.loads(seen.raw)
    status = tree["status"]
    assert status["cpu"] == {"nowMillis": 3900, "levelMillis": 3900, "p95Millis": 3900, "capacityMillis": 4000}
    assert status["topCpu"] == [{"namespace": "shop", "name": "api-1", "cpuMillis": 1500}]
    assert status["topMemory"] == [{"namespace": "shop", "name": "api-1", "memoryBytes": 3 * GIB}]
    assert tree["metadata"]["ownerReferences"][0]["uid"] == "node-uid"


def test_a_report_is_about_the_very_pod_and_small() -> None:
    [seen] = report.pods(watched(throttled), now=NOON)
    tree = json.loads(seen.raw)
    assert tree["metadata"]["ownerReferences"] == [{"apiVersion": "v1", "kind": "Pod", "name": "api-1", "uid": UID, "controller": True}]
    assert len(tree["status"]["containers"][0]["series"]["cpuMillis"]) == report.POINTS
    assert len(seen.raw) < 2048


def test_an_answer_that_cannot_be_read_changes_nothing() -> None:
    ring = watched(throttled)
    before = reported(ring)
    assert not intake.summary(ring, b"<html>", now=NOON)
    assert reported(ring) == before


def test_an_hour_of_a_hundred_pods_fits_into_a_few_hundred_kilobytes() -> None:
    ring = watched(throttled, minutes=120)
    one = ring.pods["shop", "api-1"].containers["api"]
    assert (len(one.use.times), len(one.use.memory), len(one.use.peaks)) == (60, 60, 9)
