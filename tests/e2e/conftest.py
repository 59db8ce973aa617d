"""The real cluster of tests/cluster, and Optral beside it as a user runs it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.platform import Platform, running
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
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))

    def items(self, kind: str, *options: str) -> Sequence[dict[str, Any]]:
        return list(json.loads(self.kubectl("get", kind, "-o", "json", *options))["items"])


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster; started, and then stopped again, unless it runs already."""
    if os.environ.get("CI") != "true" and (os.geteuid() != 0 or not shutil.which("unshare")):
        pytest.skip("the real cluster needs root on Linux")
    ours = not (RUN / "control.init.pid").exists()
    if ours:
        environment = {**os.environ, "PYTHON": sys.executable}
        # Its parts outlive the script and keep what they inherit open: no pipes.
        up = subprocess.run([SCRIPTS / "up.sh"], env=environment, stdin=subprocess.DEVNULL, timeout=300, check=False)
        assert up.returncode == 0, "the cluster did not come up"
    try:
        yield Cluster()
    finally:
        if ours:
            subprocess.run([SCRIPTS / "down.sh"], stdin=subprocess.DEVNULL, timeout=120, check=False)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A fresh server on SQLite with its first key."""
    with running(tmp_path_factory.mktemp("optral")) as started:
        yield started
