"""The real cluster of tests/cluster: brought up when none runs, and spoken to with kubectl."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.setup import kube, machine

SCRIPTS = Path(__file__).parents[1] / "cluster"
RUN = Path(os.environ.get("CLUSTER_DIR") or "/run/optral-cluster")
HOST = "10.99.0.10"
"""What `expose` makes reachable lies at this address inside a cluster."""


class Cluster:
    """kubectl for a running cluster, and the scripts of tests/cluster for it."""

    def __init__(self, run: Path = RUN, environment: Mapping[str, str] | None = None) -> None:
        self.run, self.kubeconfig, self._environment = run, run / "admin.kubeconfig", environment or {}

    def script(self, name: str, *arguments: str | Path, timeout_s: float = 60, environment: Mapping[str, str] | None = None) -> int:
        """Run a script of tests/cluster; its exit code. Parts of a cluster outlive it and keep what they inherit open: no pipes."""
        given = {**os.environ, **self._environment, **(environment or {})}
        return subprocess.run([SCRIPTS / name, *arguments], env=given, stdin=subprocess.DEVNULL, timeout=timeout_s, check=False).returncode

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        program = machine.program("kubectl", kube.ASSETS) or "kubectl"
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))

    def items(self, kind: str, *options: str) -> Sequence[dict[str, Any]]:
        return list(json.loads(self.kubectl("get", kind, "-o", "json", *options))["items"])

    def load(self, *archives: Path) -> None:
        """Bring container images onto every node."""
        assert self.script("load.sh", *archives, timeout_s=300) == 0, "the images do not load"

    def expose(self, port: int) -> None:
        """Make a loopback port of this machine reachable inside the cluster as `HOST`:port, until the cluster stops."""
        assert self.script("expose.sh", str(port)) == 0, f"port {port} cannot be reached from the cluster"

    @contextmanager
    def port_forward(self, namespace: str, target: str, port: int) -> Iterator[int]:
        """A loopback port of this machine that leads to a port of a Service or pod."""
        program = machine.program("kubectl", kube.ASSETS) or "kubectl"
        words = ["--kubeconfig", str(self.kubeconfig), "-n", namespace, "port-forward", target, f":{port}"]
        with subprocess.Popen([str(program), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                found = re.search(r"127\.0\.0\.1:(\d+) ->", line)
                assert found, f"kubectl port-forward: {line}"
                yield int(found[1])
            finally:
                process.terminate()

    def part(self, word: str, name: str) -> None:
        """Stop, start, pause or resume a part such as `node-2.kubelet`; see tests/cluster/part.sh."""
        assert self.script("part.sh", word, name) == 0, f"{name}: {word} failed"

    def runs(self) -> bool:
        return (self.run / "control.init.pid").exists()


def second() -> Cluster:
    """Another cluster beside the first, in a network namespace of its own."""
    return Cluster(
        RUN.with_name(f"{RUN.name}-2"),
        {"CLUSTER_NETNS": f"{RUN.name}-2", "CLUSTER_DIR": str(RUN.with_name(f"{RUN.name}-2")), "CLUSTER_PORT": "16444"},
    )


@contextmanager
def standing(cluster: Cluster | None = None, *, nodes: int = 1) -> Iterator[Cluster]:
    """The cluster; started with so many nodes, and then stopped again, unless it runs already."""
    cluster = cluster or Cluster()
    ours = not cluster.runs()
    if ours:
        up = cluster.script("up.sh", "--nodes", str(nodes), timeout_s=300, environment={"PYTHON": sys.executable})
        assert up == 0, "the cluster did not come up"
    try:
        yield cluster
    finally:
        if ours:
            cluster.script("down.sh", timeout_s=120)
