"""Helm, to check the charts and to install them on the test cluster: built once into the cache, together with Kubernetes."""

from pathlib import Path

from tests.setup import kube

VERSION = kube.HELM_VERSION
PROGRAM = kube.ASSETS / "helm"


def find() -> Path:
    """The helm of this version, whatever else is in PATH, so that charts are rendered alike everywhere."""
    kube.build(["helm"])
    return PROGRAM
