from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container, make, owned_by, pod
from tests.detectors.risk.ask import where, workload

DAY = 86400
READER = workload(container(envFrom=[{"configMapRef": {"name": "settings"}}]))
OPERATED = pod(meta={"ownerReferences": owned_by(make("Cluster.example.com", name="db"))})
MOUNTER = workload(spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]})


def settings(**meta: Any) -> KubeObject:
    return make("ConfigMap", name="settings", ago=30 * DAY, meta=meta, data={"a": "b"})


def claim(name: str = "data", ago: float = 30 * DAY, phase: str = "Bound") -> KubeObject:
    return make("PersistentVolumeClaim", name=name, ago=ago, status={"phase": phase})


@pytest.mark.parametrize(
    ("kind", "things", "is_risky"),
    [
        pytest.param("UnusedConfigMap", [settings(), pod(owner=make("DaemonSet.apps", name="log"))], True, id="nobody reads it"),
        pytest.param("UnusedConfigMap", [settings(), READER], False, id="a template reads it"),
        pytest.param("UnusedConfigMap", [settings(), workload(container(args=["--config=settings"]))], False, id="an argument names it"),
        pytest.param("UnusedConfigMap", [settings(labels={"grafana_dashboard": "1"})], False, id="a loader may look for its label"),
        pytest.param("UnusedConfigMap", [settings(creationTimestamp="2026-03-01T00:00:00Z")], False, id="new"),
        pytest.param("UnusedConfigMap", [settings(), OPERATED], False, id="an operator's pods may read it"),
        pytest.param("UnusedConfigMap", [settings(), pod()], False, id="a pod whose template nobody keeps"),
        pytest.param("UnusedPersistentVolumeClaim", [claim()], True, id="nobody mounts it"),
        pytest.param("UnusedPersistentVolumeClaim", [claim(), MOUNTER], False, id="a template mounts it"),
        pytest.param("UnusedPersistentVolumeClaim", [claim(phase="Pending")], False, id="no volume yet"),
        pytest.param(
            "UnusedPersistentVolumeClaim",
            [claim("data-db-2"), make("StatefulSet.apps", name="db", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})],
            False,
            id="kept for a replica that may come back",
        ),
    ],
)
def test_unused_objects(kind: str, things: list[KubeObject], is_risky: bool) -> None:
    assert bool(where(kind, *things)) is is_risky
