"""The cluster that the cases run in: one of tests/cluster, found by its kubeconfig."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from lab.silent import certificates, policies
from lab.silent.images import build

Json = dict[str, Any]
READY_S = 420
LIST_S = 4


class Cluster:
    """Its folder holds the kubeconfig, and for each node the socket of containerd and the process id of its namespaces."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig, self.folder = kubeconfig.resolve(), kubeconfig.resolve().parent
        self.netns = self.folder.name
        self._lock, self._read, self._missing = threading.Lock(), -LIST_S, set[str]()

    def kubectl(self, *words: str, given: str | None = None, timeout_s: float = 120, check: bool = True) -> str:
        done = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode and check:
            raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def items(self, kind: str, *words: str) -> list[Json]:
        return list(json.loads(self.kubectl("get", kind, "-o", "json", *words))["items"])

    def load(self, names: Sequence[str]) -> None:
        """Bring images onto each node that does not have them yet."""
        nodes = sorted(self.folder.glob("node-*/"))
        with ThreadPoolExecutor(len(nodes)) as pool:
            for name in names:
                archive = build.build(name)
                list(pool.map(lambda node, name=name, archive=archive: self._load(node, name, archive), nodes))
                print(f"image {build.reference(name)} is on every node", flush=True)

    def _load(self, node: Path, name: str, archive: Path) -> None:
        done = self.folder / f"image-{name}-{node.name}-{build.recipe(name)[:12]}"
        if not done.exists():
            self._import(node, archive)
            done.touch()

    def _import(self, node: Path, archive: Path) -> None:
        into = ["nsenter", "-t", (self.folder / f"{node.name}.init.pid").read_text().strip(), "--mount", "--net", "--pid", "--"]
        command = ["ctr", "-a", str(node / "containerd.sock"), "-n", "k8s.io", "images", "import", str(archive)]
        subprocess.run([*into, *command], check=True, capture_output=True, timeout=300)

    def apply(self, manifest: Path) -> None:
        objects = [certificates.fill(one) for one in yaml.safe_load_all(manifest.read_text())]
        self.kubectl("apply", "-f", "-", given=yaml.safe_dump_all(objects))

    def wait_ready(self, namespace: str, until_s: float = READY_S) -> bool:
        """Wait until all Deployments of a namespace have their replicas, and say whether that happened."""
        end = time.monotonic() + until_s
        time.sleep(LIST_S)
        while time.monotonic() < end:
            if namespace not in self._incomplete():
                return True
            time.sleep(LIST_S)
        return False

    def _incomplete(self) -> set[str]:
        """The namespaces with a Deployment that lacks replicas, read once for all who wait."""
        with self._lock:
            if time.monotonic() - self._read >= LIST_S:
                found = self.items("deployments", "-A")
                self._missing = {
                    one["metadata"]["namespace"] for one in found if one["status"].get("readyReplicas", 0) != one["spec"]["replicas"]
                }
                self._read = time.monotonic()
            return self._missing

    def inject(self, script: Path, namespace: str) -> str:
        """What the script wrote when it failed; otherwise nothing."""
        done = subprocess.run(
            ["bash", script],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig), "NS": namespace},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.stderr.strip() if done.returncode else ""

    def pods(self, namespace: str) -> list[Json]:
        return self.items("pods", "-n", namespace)

    def log(self, namespace: str, workload: str) -> str:
        """The newest lines of all pods of a workload, from the containers that ran before too."""
        words = ["logs", "-n", namespace, "-l", f"app={workload}", "--tail=2000", "--prefix=false"]
        return self.kubectl(*words, check=False)


class Enforcer(threading.Thread):
    """Keeps the rules of the network policies up to date until `stop`."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self.cluster, self.ended, self.state = cluster, threading.Event(), ""

    def run(self) -> None:
        while not self.ended.wait(LIST_S):
            try:
                found = self.cluster.items("networkpolicies", "-A")
                if not found and not self.state:
                    continue
                namespaces = {one["metadata"]["namespace"] for one in found}
                pods = [pod for namespace in namespaces for pod in self.cluster.pods(namespace)]
                state = "\n".join(policies.rules(found, pods))
                if state != self.state:
                    policies.enforce(self.cluster.netns, found, pods)
                    self.state = state
            except (RuntimeError, subprocess.SubprocessError) as error:
                print(f"policies: {error}", flush=True)

    def stop(self) -> None:
        self.ended.set()
        self.join(30)
        policies.remove(self.cluster.netns)


def ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod is Ready, or done."""
    if pod["status"].get("phase") == "Succeeded" or pod["metadata"].get("deletionTimestamp"):
        return True
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def restarts(pod: Mapping[str, Any]) -> int:
    return sum(one.get("restartCount", 0) for one in pod["status"].get("containerStatuses", []))
