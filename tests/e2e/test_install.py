"""Optral installed as docs/install says: both images, both charts, in a real cluster, from nothing to an analysed issue.

The tests of this file are one story and run in order.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e import faults
from tests.support.platform import until
from tests.support.real_cluster import RUN, Cluster
from tests.tools.setup import helm

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
NAMESPACE, SHOP = "optral", "checkout"
ISSUE_WITHIN_S = 180  # a deadline for a machine under load; it takes about ten seconds
VOLUME = RUN / "volumes/optral"
SHOW_KEY = 'print(open("/var/lib/optral/admin-key").read())'
SERVER = {
    "setup": {"organization": "Shop", "email": "owner@shop.test"},
    "insecureHttp": True,
    "persistence": {"storageClass": "by-hand", "size": "1Gi"},
    "nodeSelector": {"kubernetes.io/hostname": "node-1"},
    "metrics": {"enabled": True},
    "resources": {"requests": {"cpu": "10m"}},
}


class Installation:
    """Helm and the REST API of what it installed."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.key, self.url = cluster, "", ""

    def helm(self, *words: str, values: dict[str, Any] | None = None) -> str:
        command = [str(helm.PROGRAM), "--kubeconfig", str(self.cluster.kubeconfig), "--namespace", NAMESPACE, *words]
        given = json.dumps(values) if values is not None else None
        command += ["--values", "-"] if values is not None else []
        home = {"HELM_CACHE_HOME": str(RUN / "helm"), "HELM_CONFIG_HOME": str(RUN / "helm"), "HELM_DATA_HOME": str(RUN / "helm")}
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **home})
        assert done.returncode == 0, f"helm {' '.join(words)}: {done.stderr}\n{self.state()}"
        return done.stdout

    def state(self) -> str:
        """What kubectl shows of the namespace, for the message of a failure."""
        shown = [self.cluster.kubectl("-n", NAMESPACE, "get", "pods,events", "-o", "wide")]
        for pod in self.cluster.items("pods", "-n", NAMESPACE):
            for container in (*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]):
                try:
                    shown.append(
                        self.cluster.kubectl("-n", NAMESPACE, "logs", pod["metadata"]["name"], "-c", container["name"], "--tail=20")
                    )
                except AssertionError as error:
                    shown.append(str(error))
        return "\n".join(shown)

    def call(self, method: str, path: str, **more: Any) -> Any:
        answer = httpx2.request(method, self.url + path, headers={"Authorization": f"Bearer {self.key}"}, timeout=20, **more)
        assert answer.status_code < 400, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("images")
    subprocess.run([sys.executable, "-m", "deploy.images", "--out", str(out)], cwd=ROOT, check=True)
    return sorted(out.glob("*.tar"))


@pytest.fixture(scope="module")
def installation(cluster: Cluster, images: list[Path]) -> Iterator[Installation]:
    """The server, installed and reachable; everything is removed at the end."""
    cluster.load(*images)
    VOLUME.mkdir(parents=True, exist_ok=True)
    os.chown(VOLUME, 65532, 65532)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply(faults.namespace(SHOP), {**faults.namespace(NAMESPACE), "metadata": {"name": NAMESPACE, "labels": labels}}, volume())
    found = Installation(cluster)
    found.helm("install", "optral", str(ROOT / "charts/optral"), "--wait", "--timeout", "180s", values=SERVER)
    found.key = cluster.kubectl("-n", NAMESPACE, "exec", "optral-0", "-c", "server", "--", "python3.11", "-Ic", SHOW_KEY).strip()
    try:
        with cluster.port_forward(NAMESPACE, "service/optral", 8080) as port:
            found.url = f"http://127.0.0.1:{port}"
            yield found
    finally:
        cluster.kubectl("delete", "namespace", SHOP, NAMESPACE, "--timeout=150s")
        cluster.kubectl("delete", "clusterrole,clusterrolebinding", "-l", "app.kubernetes.io/part-of=optral")
        cluster.kubectl("delete", "persistentvolume", "optral")


@pytest.fixture(scope="module")
def enrolled(installation: Installation) -> dict[str, Any]:
    created: dict[str, Any] = installation.call("POST", "/v1/clusters", json={"name": "production"})
    return created


def volume() -> dict[str, Any]:
    """The test cluster has no storage provisioner."""
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "by-hand",
        "hostPath": {"path": str(VOLUME), "type": "Directory"},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "optral"}, "spec": spec}


def agent_values(enrolled: dict[str, Any], *, token: bool = True) -> dict[str, Any]:
    enrollment = enrolled["enrollment"]
    return {
        "server": {"url": f"http://optral.{NAMESPACE}.svc:8080", "caPin": enrollment["caPin"]},
        "enrollment": {"token": enrollment["token"]} if token else {},
    }


def broken() -> dict[str, Any]:
    """A program that ends at once, and says why."""
    script = "echo 'FATAL: environment variable DATABASE_URL is not set'; exit 1"
    return faults.deployment(SHOP, "payments", faults.container(script))


def test_the_agent_connects_when_helm_says_so(installation: Installation, enrolled: dict[str, Any]) -> None:
    chart = str(ROOT / "charts/optral-agent")
    installation.helm("install", "optral-agent", chart, "--wait", "--timeout", "120s", values=agent_values(enrolled))
    shown = installation.call("GET", f"/v1/clusters/{enrolled['id']}")
    assert shown["status"] == "online"


def test_a_fault_becomes_an_analysed_issue(installation: Installation, enrolled: dict[str, Any]) -> None:
    installation.cluster.apply(broken())
    began = time.monotonic()

    def analysed() -> dict[str, Any] | None:
        found = installation.call("GET", f"/v1/issues?cluster=production&namespace={SHOP}&status=open")["issues"]
        return next((one for one in found if one["type"] == "CrashLoopBackOff" and _cause(installation, one["id"])), None)

    issue = until(analysed, within_s=ISSUE_WITHIN_S, every_s=0.5, what="an analysed issue")
    print(f"\nissue and analysis after {time.monotonic() - began:.0f} s: {issue['title']}")
    assert "DATABASE_URL" in json.dumps(installation.call("GET", f"/v1/issues/{issue['id']}"))


def _cause(installation: Installation, issue_id: str) -> str:
    analysis = installation.call("GET", f"/v1/issues/{issue_id}").get("analysis") or {}
    return str(analysis.get("rootCause") or "") if analysis.get("status") == "ready" else ""


def test_an_upgrade_keeps_the_data_and_the_agent(installation: Installation, enrolled: dict[str, Any]) -> None:
    issues = installation.call("GET", "/v1/issues?status=open")["total"]
    changed = SERVER | {"settings": {"OPTRAL_LOG_LEVEL": "debug"}}
    installation.helm("upgrade", "optral", str(ROOT / "charts/optral"), "--wait", "--timeout", "180s", values=changed)
    with installation.cluster.port_forward(NAMESPACE, "service/optral", 8080) as port:
        installation.url = f"http://127.0.0.1:{port}"
        assert installation.call("GET", "/v1/issues?status=open")["total"] >= issues > 0
        until(
            lambda: installation.call("GET", f"/v1/clusters/{enrolled['id']}")["status"] == "online",
            within_s=120,
            every_s=0.5,
            what="the agent to return",
        )


def test_a_reinstalled_agent_is_the_same_one_and_needs_no_token(installation: Installation, enrolled: dict[str, Any]) -> None:
    installation.helm("uninstall", "optral-agent", "--wait")

    def remaining(kinds: str, label: str) -> list[str]:
        return installation.cluster.kubectl("get", kinds, "-n", NAMESPACE, "-o", "name", "-l", label).split()

    kinds = "deployment,pod,secret,configmap,serviceaccount,role,rolebinding,networkpolicy,clusterrole,clusterrolebinding"
    identity = ["secret/optral-agent-identity"]
    mine = "app.kubernetes.io/name=optral-agent"
    until(lambda: remaining(kinds, mine) == identity, within_s=60, every_s=0.5, what="only the agent's identity to remain")
    chart = str(ROOT / "charts/optral-agent")
    installation.helm("install", "optral-agent", chart, "--wait", "--timeout", "180s", values=agent_values(enrolled, token=False))
    pods = installation.cluster.items("pods", "-n", NAMESPACE, "-l", mine)
    assert [pod["status"]["containerStatuses"][0]["restartCount"] for pod in pods] == [0]
