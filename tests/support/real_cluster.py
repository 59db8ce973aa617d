"""The real cluster of tests/cluster: brought up when none runs, and spoken to with kubectl."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tools.setup import kube, machine

SCRIPTS = Path(__file__).parents[1] / "cluster"
RUN = Path(os.environ.get("CLUSTER_DIR") or "/run/optral-cluster")


class Cluster:
    """kubectl for the running cluster."""

    kubeconfig = RUN / "admin.kubeconfig"

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
        subprocess.run([SCRIPTS / "load.sh", *archives], stdin=subprocess.DEVNULL, timeout=300, check=True)

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
        subprocess.run([SCRIPTS / "part.sh", word, name], stdin=subprocess.DEVNULL, timeout=60, check=True)


def runs() -> bool:
    return (RUN / "control.init.pid").exists()


@contextmanager
def standing(*, nodes: int = 1) -> Iterator[Cluster]:
    """The cluster; started with so many nodes, and then stopped again, unless one runs already."""
    ours = not runs()
    if ours:
        environment = {**os.environ, "PYTHON": sys.executable}
        # Its parts outlive the script and keep what they inherit open: no pipes.
        up = subprocess.run([SCRIPTS / "up.sh", "--nodes", str(nodes)], env=environment, stdin=subprocess.DEVNULL, timeout=300, check=False)
        assert up.returncode == 0, "the cluster did not come up"
    try:
        yield Cluster()
    finally:
        if ours:
            subprocess.run([SCRIPTS / "down.sh"], stdin=subprocess.DEVNULL, timeout=120, check=False)
