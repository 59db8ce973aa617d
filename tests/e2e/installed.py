"""Optral as README.md installs it in a cluster without a registry and without a StorageClass, its REST API, and what the tests break."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.e2e import faults
from tests.setup import helm, kube
from tests.support.platform import until
from tests.support.real_cluster import HOST, RUN, Cluster

ROOT = Path(__file__).parents[2]
SERVER_CHART, AGENT_CHART = str(ROOT / "charts/optral"), str(ROOT / "charts/optral-agent")
NAMESPACE, SHOP = "optral", "checkout"
SERVER_PORTS = (8080, 8443, 8444)
VOLUME = RUN / "volumes/optral"
SHOW_KEY = 'print(open("/var/lib/optral/admin-key").read())'
MINE = "app.kubernetes.io/name=optral-agent"
README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "docs/install/server.md").read_text()
NO_STORAGE_CLASS = "--set persistence.storageClass=by-hand"
"""What the page says for a cluster without a StorageClass."""
SERVER = {
    "setup": {"organization": "Shop", "email": "you@example.com"},
    "insecureHttp": True,
    "agentAddress": f"optral.{NAMESPACE}:8443,8444",  # not below .svc, which an agent never asks a proxy for
    "persistence": {"storageClass": "by-hand"},
    "metrics": {"enabled": True},
    "resources": {"requests": {"cpu": "10m"}},
}


class Installation:
    """Helm and the REST API of what it installed."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.key, self.url, self.began_s = cluster, "", "", 0.0

    def helm(self, *words: str, values: dict[str, Any] | None = None, namespace: str = NAMESPACE) -> str:
        command = [str(helm.PROGRAM), "--kubeconfig", str(self.cluster.kubeconfig), "--namespace", namespace, *words]
        given = json.dumps(values) if values is not None else None
        command += ["--values", "-"] if values is not None else []
        home = {"HELM_CACHE_HOME": str(RUN / "helm"), "HELM_CONFIG_HOME": str(RUN / "helm"), "HELM_DATA_HOME": str(RUN / "helm")}
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **home})
        assert done.returncode == 0, f"helm {' '.join(words)}: {done.stderr}\n{self.state()}"
        return done.stdout

    def shell(self, script: str, *, at: Path = ROOT) -> str:
        """Type commands of a page, with helm and kubectl in the path."""
        path = os.pathsep.join([str(helm.PROGRAM.parent), str(kube.ASSETS), os.environ["PATH"]])
        home = {"HELM_CACHE_HOME": str(RUN / "helm"), "HELM_CONFIG_HOME": str(RUN / "helm"), "HELM_DATA_HOME": str(RUN / "helm")}
        environment = {**os.environ, **home, "PATH": path, "KUBECONFIG": str(self.cluster.kubeconfig)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=at, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}\n{self.state()}"
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

    def create_cluster(self, name: str) -> dict[str, Any]:
        created: dict[str, Any] = self.call("POST", "/v1/clusters", json={"name": name})
        return created

    def is_online(self, cluster_id: str) -> bool:
        return bool(self.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online")

    def issue(self, of_type: str, *, cluster: str = "production", owner: str = "") -> dict[str, Any] | None:
        """The open, analyzed issue of this type in the shop; None while there is none."""
        found = self.call("GET", f"/v1/issues?cluster={cluster}&namespace={SHOP}&status=open")["issues"]
        ours = (one for one in found if one["type"] == of_type and owner in ("", one.get("owner", {}).get("name")))
        return next((one for one in ours if self._cause(one["id"])), None)

    def _cause(self, issue_id: str) -> str:
        analysis = self.call("GET", f"/v1/issues/{issue_id}").get("analysis") or {}
        return str(analysis.get("rootCause") or "") if analysis.get("status") == "ready" else ""

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """Forward a port to the server's pod that runs now."""
        with self.cluster.port_forward(NAMESPACE, "service/optral", 8080) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield

    def agent_log(self, namespace: str = NAMESPACE) -> str:
        """The last lines of the agent; empty while its container is being created."""
        try:
            return self.cluster.kubectl("-n", namespace, "logs", "deployment/optral-agent", "--tail=50")
        except AssertionError:
            return ""


@contextmanager
def installed(cluster: Cluster, images: list[Path]) -> Iterator[Installation]:
    """The server, installed and reachable, in a cluster with a broken workload; everything is removed at the end."""
    cluster.load(*images)
    shutil.rmtree(VOLUME, ignore_errors=True)  # of an earlier run on a cluster that stayed
    VOLUME.mkdir(parents=True)
    os.chown(VOLUME, 65532, 65532)
    cluster.apply(faults.namespace(SHOP), volume())
    cluster.apply(broken("payments"), working("billing"))
    found = Installation(cluster)
    found.began_s = time.monotonic()
    install, show_link, _ = readme_commands()
    found.shell(f"{install} {NO_STORAGE_CLASS}")
    print(f"\nserver ready after {time.monotonic() - found.began_s:.0f} s")
    assert "http" in found.shell(show_link), "the link with which the owner signs in"
    cluster.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")  # for the pods from here on
    found.key = cluster.kubectl("-n", NAMESPACE, "exec", "optral-0", "-c", "server", "--", "python3.11", "-Ic", SHOW_KEY).strip()
    try:
        with found.reachable():
            yield found
    finally:
        cluster.kubectl("delete", "namespace", SHOP, NAMESPACE, "--timeout=150s")
        cluster.kubectl("delete", "clusterrole,clusterrolebinding", "-l", "app.kubernetes.io/part-of=optral")
        cluster.kubectl("delete", "persistentvolume", "optral")


def readme_commands() -> list[str]:
    """What README.md says to type: the installation, the link, and the port to forward."""
    (block,) = [one for one in re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE) if "helm install optral " in one]
    return re.sub(r"\s+#.*", "", block.replace("\\\n", "")).splitlines()


def volume() -> dict[str, Any]:
    """The volume of the page for a cluster without a StorageClass, in a folder of this machine."""
    (text,) = re.findall(r"^```yaml\n(apiVersion: v1\nkind: PersistentVolume\n.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    found: dict[str, Any] = yaml.safe_load(text)
    found["spec"]["local"]["path"] = str(VOLUME)
    return found


def agent_values(created: dict[str, Any], *, token: bool = True, **more: Any) -> dict[str, Any]:
    enrollment = created["enrollment"]
    return {
        "server": {"url": f"http://optral.{NAMESPACE}.svc:8080", "caPin": enrollment["caPin"]},
        "enrollment": {"token": enrollment["token"]} if token else {},
        **more,
    }


@contextmanager
def reachable_from(other: Cluster, server: Installation) -> Iterator[None]:
    """Give another cluster a Service with the name and the ports of the server's, as DNS and a load balancer would."""
    with ExitStack() as stack:
        ports = [stack.enter_context(server.cluster.port_forward(NAMESPACE, "service/optral", port)) for port in SERVER_PORTS]
        for port in ports:
            other.expose(port)
        named = [{"name": f"port-{port}", "port": port} for port in SERVER_PORTS]
        targets = [{"name": f"port-{port}", "port": here} for port, here in zip(SERVER_PORTS, ports, strict=True)]
        other.apply(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "optral", "namespace": NAMESPACE}, "spec": {"ports": named}},
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": "optral-1", "namespace": NAMESPACE, "labels": {"kubernetes.io/service-name": "optral"}},
                "addressType": "IPv4",
                "endpoints": [{"addresses": [HOST]}],
                "ports": targets,
            },
        )
        yield


def broken(name: str) -> dict[str, Any]:
    """A program that ends at once, and says why."""
    script = "echo 'FATAL: environment variable DATABASE_URL is not set'; exit 1"
    return faults.deployment(SHOP, name, faults.container(script))


def working(name: str) -> dict[str, Any]:
    return faults.deployment(SHOP, name, faults.container())


def wait_for(holds: Callable[[], Any], *, what: str, within_s: float = 120) -> Any:
    return until(holds, within_s=within_s, every_s=0.5, what=what)


def resident_mib(program: str) -> dict[str, float]:
    """Resident memory (now, at most, and without files) of the process whose command line has these words; pods run on this machine."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            sizes = re.findall(r"^(VmRSS|VmHWM|RssAnon):\s+(\d+) kB", status.read_text(), re.MULTILINE)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if program in words and words.startswith("/usr/bin/python3.11"):
            return {name: round(int(size) / 1024, 1) for name, size in sizes}
    return {}
