"""Flux's source-controller and kustomize-controller, for tests of the way from a merge to the cluster: built once into the cache.

helm-controller takes too long to compile beside them. Newer versions of these two need a newer Go than Kubernetes.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.setup import golang, machine


class Controller(NamedTuple):
    """A module whose root is the program."""

    name: str
    version: str

    @property
    def home(self) -> Path:
        return machine.CACHE / f"flux-{self.name}-{self.version}"

    @property
    def program(self) -> Path:
        return self.home / self.name


SOURCE, KUSTOMIZE = Controller("source-controller", "1.9.0"), Controller("kustomize-controller", "1.9.6")
# What their own go.mod replaces, and what a program within another module would lose.
REPLACED = "github.com/opencontainers/go-digest => github.com/opencontainers/go-digest v1.0.1-0.20220411205349-bde1400a84be"


def find() -> None:
    """Both programs, with the definitions of their resources beside them."""
    for one in (SOURCE, KUSTOMIZE):
        if not one.program.exists():
            one.home.mkdir(parents=True, exist_ok=True)
            machine.say(f"building {one.name} {one.version} of Flux (once, into {one.home})")
            with tempfile.TemporaryDirectory() as folder:
                _build(one, Path(folder))


def is_built() -> bool:
    return SOURCE.program.exists() and KUSTOMIZE.program.exists()


def definitions() -> list[Path]:
    """CustomResourceDefinitions of both."""
    return [path for one in (SOURCE, KUSTOMIZE) for path in sorted((one.home / "crds").glob("*.yaml"))]


def _build(one: Controller, folder: Path) -> None:
    go, module = golang.find(), f"github.com/fluxcd/{one.name}"
    (folder / "go.mod").write_text(f"module optral.test/tool\n\ngo 1.26\n\nreplace {REPLACED}\n")
    machine.run(go, "get", f"{module}@v{one.version}", cwd=folder, env=golang.ENVIRONMENT)
    unfinished = one.program.with_suffix(".part")
    machine.run(go, "build", "-trimpath", "-ldflags", "-s -w", "-o", unfinished, module, cwd=folder, env=golang.ENVIRONMENT)
    tree = json.loads(machine.run(go, "mod", "download", "-json", f"{module}@v{one.version}", cwd=folder, env=golang.ENVIRONMENT))["Dir"]
    shutil.copytree(Path(tree) / "config/crd/bases", one.home / "crds", dirs_exist_ok=True, copy_function=shutil.copyfile)
    unfinished.rename(one.program)  # a build that was cut off leaves nothing that looks finished
