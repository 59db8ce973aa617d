from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import container
from tests.detectors.risk.ask import where, workload


def allowed(context: dict[str, Any], pod: dict[str, Any] | None = None) -> KubeObject:
    return workload(container(securityContext=context), spec={"securityContext": pod or {}})


@pytest.mark.parametrize(
    ("kind", "risky", "safe"),
    [
        ("HostNetwork", workload(spec={"hostNetwork": True}), workload()),
        ("HostPID", workload(spec={"hostPID": True}), workload()),
        ("HostIPC", workload(spec={"hostIPC": True}), workload()),
        (
            "HostPath",
            workload(spec={"volumes": [{"name": "v", "hostPath": {"path": "/var"}}]}),
            workload(spec={"volumes": [{"name": "v", "configMap": {"name": "c"}}]}),
        ),
        ("Privileged", allowed({"privileged": True}), allowed({})),
        ("RunAsRoot", allowed({"runAsUser": 0, "runAsNonRoot": True}), allowed({"runAsUser": 1000})),
        ("RunAsRoot", allowed({}), allowed({}, {"runAsNonRoot": True})),
        ("PrivilegeEscalation", allowed({}), allowed({"allowPrivilegeEscalation": False})),
        ("WritableRootFS", allowed({}), allowed({"readOnlyRootFilesystem": True})),
        (
            "DangerousCapabilities",
            allowed({"capabilities": {"add": ["CAP_SYS_ADMIN"]}}),
            allowed({"capabilities": {"add": ["NET_BIND_SERVICE"]}}),
        ),
        ("SeccompMissing", allowed({}), allowed({}, {"seccompProfile": {"type": "RuntimeDefault"}})),
        ("SeccompMissing", allowed({"seccompProfile": {"type": "Unconfined"}}), allowed({"seccompProfile": {"type": "Localhost"}})),
    ],
)
def test_what_a_container_may_do(kind: str, risky: KubeObject, safe: KubeObject) -> None:
    assert len(where(kind, risky)) == 1
    assert where(kind, safe) == []
