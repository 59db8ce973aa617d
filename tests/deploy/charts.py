"""Helm as the tests run it: rendered objects, or the sentence that refuses."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from optral.kubeapi.client import KubeClient
from tests.setup import helm

ROOT = Path(__file__).parents[2]
NAMESPACE = "optral"
PIN = "sha256:" + "0123456789abcdef" * 4
Manifest = dict[str, Any]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    if not helm.PROGRAM.exists():
        pytest.fail("helm is missing: run python -m tests.setup helm")
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
        pytest.fail("helm is missing: run python -m tests.setup helm")
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


async def apply_dry(client: KubeClient, objects: list[Manifest]) -> None:
    """Have the API server check each object, fields included, and its pods against the Pod Security level restricted."""
    strict = {"dryRun": "All", "fieldValidation": "Strict", "fieldManager": "test"}
    namespaces = {one["metadata"]["namespace"] for one in objects if "namespace" in one["metadata"]}
    for name in namespaces:
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        path = f"/api/v1/namespaces/{name}"
        params = {"fieldManager": "test", "force": "true"}
        await client.patch(path, msgspec.json.encode(body), content_type="application/apply-patch+yaml", params=params)
    for one_ in objects:
        path = f"{collection(one_)}/{one_['metadata']['name']}"
        await client.patch(path, msgspec.json.encode(one_), content_type="application/apply-patch+yaml", params=strict | {"force": "true"})
        if "template" in one_.get("spec", {}):
            namespace = one_["metadata"]["namespace"]
            pod = {"apiVersion": "v1", "kind": "Pod", **one_["spec"]["template"]}
            for claim in one_["spec"].get("volumeClaimTemplates", []):
                pod["spec"]["volumes"].append({"name": claim["metadata"]["name"], "emptyDir": {}})
            pod["metadata"] = pod.get("metadata", {}) | {"name": "check", "namespace": namespace}
            await client.post(f"/api/v1/namespaces/{namespace}/pods", msgspec.json.encode(pod), params=strict)


def collection(manifest: Manifest) -> str:
    """The API server's path of an object's kind."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    plural = kind.lower()[:-1] + "ies" if kind.endswith("y") else kind.lower() + ("es" if kind.endswith("s") else "s")
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    namespace = manifest["metadata"].get("namespace")
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"
