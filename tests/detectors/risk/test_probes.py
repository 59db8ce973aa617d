from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container, make
from tests.detectors.risk.ask import service, where, workload

GET = {"httpGet": {"path": "/", "port": 80}}


def probed(live: dict[str, Any] | None = None, ready: dict[str, Any] | None = None, **more: Any) -> KubeObject:
    probes = {"livenessProbe": live, "readinessProbe": ready}
    return workload(container(**{name: probe for name, probe in probes.items() if probe is not None}, **more))


@pytest.mark.parametrize(
    ("kind", "things", "is_risky"),
    [
        ("LivenessProbeMissing", [probed()], True),
        ("LivenessProbeMissing", [probed(live=GET)], False),
        ("LivenessProbeMissing", [make("CronJob.batch", name="x")], False),
        ("ReadinessProbeMissing", [probed(), service()], True),
        ("ReadinessProbeMissing", [probed()], False),
        ("ReadinessProbeMissing", [probed(ready=GET), service()], False),
        ("ProbesIdentical", [probed(GET, GET)], True),
        ("ProbesIdentical", [probed(GET | {"failureThreshold": 9}, GET)], False),
        ("ProbesIdentical", [probed({"exec": {"command": ["a"]}}, {"exec": {"command": ["b"]}})], False),
        ("LivenessTooAggressive", [probed(GET | {"failureThreshold": 1})], True),
        ("LivenessTooAggressive", [probed(GET | {"failureThreshold": 1, "initialDelaySeconds": 30})], False),
        ("LivenessTooAggressive", [probed(GET | {"failureThreshold": 1}, startupProbe=GET)], False),
        ("LivenessTooAggressive", [probed(GET)], False),
    ],
)
def test_probes(kind: str, things: list[KubeObject], is_risky: bool) -> None:
    assert where(kind, *things) == (["api"] if is_risky else [])
