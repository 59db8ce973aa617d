"""Helm as the tests run it: rendered objects, or the sentence that refuses."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.setup import helm

ROOT = Path(__file__).parents[2]
NAMESPACE = "optral"
PIN = "sha256:" + "0123456789abcdef" * 4
Manifest = dict[str, Any]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    if not helm.PROGRAM.exists():
        pytest.fail("helm is missing: run python -m tests.tools.setup helm")
    return subprocess.run([str(helm.PROGRAM), *words], capture_output=True, text=True, check=False)


def render(chart: str, values: Manifest, *, release: str = "", namespace: str = NAMESPACE) -> list[Manifest]:
    """The objects of a release; the chart's own name is the release's unless another is given."""
    done = _template(chart, values, release or chart, namespace)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def refusal(chart: str, values: Manifest) -> str:
    """What Helm says when it does not render."""
    done = _template(chart, values, chart, NAMESPACE)
    assert done.returncode != 0, done.stdout
    return done.stderr


def _template(chart: str, values: Manifest, release: str, namespace: str) -> "subprocess.CompletedProcess[str]":
    if not helm.PROGRAM.exists():
        pytest.fail("helm is missing: run python -m tests.tools.setup helm")
    command = [str(helm.PROGRAM), "template", release, str(ROOT / "charts" / chart), "--namespace", namespace, "--values", "-"]
    return subprocess.run(command, input=yaml.safe_dump(values), capture_output=True, text=True, check=False)


def of_kind(objects: list[Manifest], kind: str) -> list[Manifest]:
    return [one for one in objects if one["kind"] == kind]


def one(objects: list[Manifest], kind: str) -> Manifest:
    (found,) = of_kind(objects, kind)
    return found


def pod_of(objects: list[Manifest], kind: str = "Deployment") -> Manifest:
    spec: Manifest = one(objects, kind)["spec"]["template"]["spec"]
    return spec


def leaves(values: Manifest, above: str = "") -> list[str]:
    """The dotted names of all values that can be set."""
    found = []
    for name, value in values.items():
        path = f"{above}{name}"
        found += leaves(value, f"{path}.") if isinstance(value, dict) and value else [path]
    return found
