"""Flux's controllers as processes beside a real API server, and the resources by which they follow a repository."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.setup import flux
from tests.support.kubeapi import RealApi, free_port, spawned

NAMESPACE = "flux-system"


@contextmanager
def running(api: RealApi, home: Path) -> Iterator[None]:
    """Start both controllers; their resources must be defined. Stop both."""
    home.mkdir(parents=True, exist_ok=True)
    files, environment = free_port(), {**os.environ, "KUBECONFIG": str(api.kubeconfig), "RUNTIME_NAMESPACE": NAMESPACE, "HOME": str(home)}
    storage = (f"--storage-path={home}/data", f"--storage-addr=127.0.0.1:{files}", f"--storage-adv-addr=127.0.0.1:{files}")
    (home / "data").mkdir(exist_ok=True)
    with ExitStack() as stack:
        for one, more in ((flux.SOURCE, storage), (flux.KUSTOMIZE, ())):
            words = (
                "--watch-all-namespaces",
                "--events-addr=",
                f"--metrics-addr=127.0.0.1:{free_port()}",
                f"--health-addr=127.0.0.1:{free_port()}",
            )
            spawned(stack, home / f"{one.name}.log", str(one.program), *words, *more, environment=environment)
        yield


def definitions() -> list[dict[str, Any]]:
    return [one for path in flux.definitions() for one in yaml.safe_load_all(path.read_text()) if one]


def followed(url: str, *, path: str) -> list[dict[str, Any]]:
    """A GitRepository `deploy` and a Kustomization `shop`, which look again every second."""
    metadata = {"namespace": NAMESPACE}
    return [
        {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": {**metadata, "name": "deploy"},
            "spec": {"url": url, "ref": {"branch": "main"}, "interval": "1s"},
        },
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {**metadata, "name": "shop"},
            "spec": {
                "sourceRef": {"kind": "GitRepository", "name": "deploy"},
                "path": f"./{path}",
                "interval": "1m",
                "retryInterval": "1s",
                "prune": True,
            },
        },
    ]
