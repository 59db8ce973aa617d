"""Failures that only a log shows: every pod is ready, and each workload that keeps logging a failure gets one issue."""

from typing import Any

import pytest

from tests.e2e.faults import container, deployment, namespace
from tests.support.platform import Platform, until
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.cluster

HOME = "silent"
FOUND_WITHIN_S = 240
LINES = {
    "names": ("DependencyUnreachable", "ERROR dial tcp: lookup ledger.example.com on 10.96.0.10:53: no such host"),
    "passwords": ("CredentialsRejected", 'FATAL:  password authentication failed for user "shop"'),
    "certificates": ("CertificateRejected", "x509: certificate has expired or is not yet valid: current time is after the end"),
    "full": ("DependencyOverloaded", "FATAL:  sorry, too many clients already"),
    "rights": (
        "KubernetesAccessDenied",
        'E pods is forbidden: User "system:serviceaccount:silent:default" cannot list resource "pods" in API group "" at the cluster scope',
    ),
    "settings": ("ContainerMisconfigured", "ERROR required key API_TOKEN missing value"),
}
HEALTHY = {
    "retries": "while :; do echo 'WARN connection refused, retrying'; echo 'INFO connected to store:5432'; sleep 20; done",
    "traffic": "while :; do echo 'INFO GET /healthz 200'; echo 'DEBUG lookup x: no such host'; sleep 5; done",
}


def _secret(name: str, line: str) -> dict[str, Any]:
    """The line is in a Secret, so that no object of the cluster shows it."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": HOME}, "stringData": {"line": line}}


def _failing(name: str) -> dict[str, Any]:
    variable = {"name": "LINE", "valueFrom": {"secretKeyRef": {"name": name, "key": "line"}}}
    return deployment(HOME, name, container('while :; do echo "$LINE"; sleep 6; done', env=[variable]), replicas=2)


def test_workloads_that_keep_logging_a_failure_get_one_issue_each(platform: Platform, cluster: Cluster) -> None:
    cluster.apply(namespace(HOME))
    cluster.apply(*[_secret(name, line) for name, (_, line) in LINES.items()])
    cluster.apply(*[_failing(name) for name in LINES], *[deployment(HOME, name, container(script)) for name, script in HEALTHY.items()])
    cluster.kubectl("-n", HOME, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=120s")
    cluster_id = platform.create_cluster("silent")["id"]
    platform.start_agent(cluster_id, cluster.kubeconfig)

    def found() -> dict[str, list[str]]:
        shown = platform.call("GET", f"/v1/issues?cluster={cluster_id}&namespace={HOME}&status=open&parent=any&pageSize=100")["issues"]
        types: dict[str, list[str]] = {}
        for issue in shown:
            types.setdefault(issue["owner"]["name"], []).append(issue["type"])
        return types

    expected = {name: [kind] for name, (kind, _) in LINES.items()}
    try:
        until(lambda: found() == expected or None, within_s=FOUND_WITHIN_S, every_s=5, what=f"the issues {expected}, not {found()}")
    finally:
        cluster.kubectl("delete", "namespace", HOME, "--wait=false")
