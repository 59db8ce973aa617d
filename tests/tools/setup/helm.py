"""Helm, to check the charts and to install them on the test cluster: built once through the Go module proxy into the cache."""

from pathlib import Path

from tests.tools.setup import kube, machine

VERSION = "4.3.1"
PROGRAM = machine.CACHE / f"helm-{VERSION}/helm"


def find() -> Path:
    """The helm of this version, whatever else is in PATH, so that charts are rendered alike everywhere."""
    if not PROGRAM.exists():
        PROGRAM.parent.mkdir(parents=True, exist_ok=True)
        kube.build_module(f"helm.sh/helm/v4@v{VERSION}", "helm.sh/helm/v4/cmd/helm", PROGRAM)
    return PROGRAM
