"""Which file sets a value; for folders of Kustomize, what Kustomize itself builds from the edited files is the judge."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.gitops import locate
from optral.gitops.model import CannotEdit, Change, Files, Target
from optral.kube import diff
from tests.setup import kube, machine

WEB = Target("Deployment", "shop", "web")
MEMORY = "spec.template.spec.containers[app].resources.limits.memory"
IMAGE = "spec.template.spec.containers[app].image"
BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app # the server
          image: registry.example/app:1.0
          resources:
            limits:
              memory: 128Mi
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: app
          resources: {limits: {memory: 192Mi}} # production needs more
"""
INDENTED = "".join(f"      {line}\n" for line in PATCH.splitlines())
OTHER = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: false}\n"
THREE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
SELECTED = "resources: [../base]\nnamespace: shop\npatches: [{{path: memory.yaml, target: {{kind: Deployment, name: {name}}}}}]\n"
BASE_ONLY = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": BASE}


def overlay(kustomization: str, **more: str) -> dict[str, str]:
    return {**BASE_ONLY, "prod/kustomization.yaml": kustomization, **{f"prod/{name}.yaml": text for name, text in more.items()}}


CASES: dict[str, tuple[Files, str, Target, Change, str]] = {
    "a base": (BASE_ONLY, "base", Target("Deployment", "", "web"), Change(diff.steps(MEMORY), "128Mi", "256Mi"), "base/web.yaml"),
    "an overlay without a patch": (
        overlay("resources: [../base]\nnamespace: shop\n"), "prod", WEB, Change(diff.steps(MEMORY), "128Mi", "256Mi"), "base/web.yaml"
    ),
    "a patch in a file": (
        overlay("resources: [../base]\nnamespace: shop\npatches:\n  - path: memory.yaml\n", memory=PATCH),
        "prod", WEB, Change(diff.steps(MEMORY), "192Mi", "256Mi"), "prod/memory.yaml",
    ),
    "a patch inside the kustomization": (
        overlay(f"resources: [../base]\nnamespace: shop\npatches:\n  - patch: |\n{INDENTED}  - path: other.yaml\n", other=OTHER),
        "prod", WEB, Change(diff.steps(MEMORY), "192Mi", "256Mi"), "prod/kustomization.yaml",
    ),
    "a patch with a selector, whatever it is called": (
        overlay(SELECTED.format(name="web"), memory=PATCH.replace("name: web", "name: any")),
        "prod", WEB, Change(diff.steps(MEMORY), "192Mi", "256Mi"), "prod/memory.yaml",
    ),
    "a patch with a selector of another object": (
        overlay(SELECTED.format(name="other"), memory=PATCH),
        "prod", WEB, Change(diff.steps(MEMORY), "128Mi", "256Mi"), "base/web.yaml",
    ),
    "replicas over a patch that sets the same": (
        overlay("resources: [../base]\nnamespace: shop\npatches: [{path: p.yaml}]\nreplicas: [{name: web, count: 3}]\n", p=THREE),
        "prod", WEB, Change(("spec", "replicas"), 3, 5), "prod/kustomization.yaml",
    ),
    "a value that the patch leaves alone": (
        overlay("resources: [../base]\nnamespace: shop\npatches:\n  - path: memory.yaml\n", memory=PATCH),
        "prod", WEB, Change(("spec", "replicas"), 1, 2), "base/web.yaml",
    ),
    "replicas": (
        overlay("resources: [../base]\nnamespace: shop\nreplicas:\n  - name: web\n    count: 3 # peak\n"),
        "prod", WEB, Change(("spec", "replicas"), 3, 5), "prod/kustomization.yaml",
    ),
    "images": (
        overlay('resources: [../base]\nnamespace: shop\nimages:\n  - name: registry.example/app\n    newTag: "1.1"\n'),
        "prod", WEB, Change(diff.steps(IMAGE), "registry.example/app:1.1", "registry.example/app:1.2"), "prod/kustomization.yaml",
    ),
    "a prefix": (
        overlay("resources: [../base]\nnamespace: shop\nnamePrefix: prod-\n"),
        "prod", Target("Deployment", "shop", "prod-web"), Change(diff.steps(MEMORY), "128Mi", "256Mi"), "base/web.yaml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_file_that_sets_the_value_is_edited(name: str) -> None:
    files, folder, target, change, path = CASES[name]
    made = locate.edit(files, folder, target, change)
    assert made.path == path
    assert [note for note in made.notes if "outside" in note] == ([] if path.startswith(folder) else list(made.notes))


@pytest.mark.slow
@pytest.mark.cluster  # its kubectl is built with the test cluster
@pytest.mark.parametrize("name", CASES)
def test_kustomize_builds_exactly_the_change(name: str, tmp_path: Path) -> None:
    files, folder, target, change, _ = CASES[name]
    made = locate.edit(files, folder, target, change)
    before = built(files, folder, tmp_path / "before")
    after = built({**files, made.path: made.after}, folder, tmp_path / "after")
    found = diff.walk(before, after, limit=10, is_deep=True)
    assert [(one.path, one.before, one.after) for one in found] == [change]


def built(files: Files, folder: str, root: Path) -> Any:
    """The one object that Kustomize builds from a folder."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    kubectl = machine.program("kubectl", kube.ASSETS)
    assert kubectl is not None
    done = subprocess.run([str(kubectl), "kustomize", str(root / folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_plain_manifests_are_searched_below_the_folder() -> None:
    files = {
        "apps/shop/web.yaml": BASE.replace("name: web\nspec", "name: web\n  namespace: shop\nspec"),
        "apps/pay/web.yaml": BASE.replace("name: web\nspec", "name: web\n  namespace: pay\nspec"),
        "apps/shop/chart/templates/web.yaml": "kind: {{ .Values.kind }}\n",
    }
    made = locate.edit(files, "apps", WEB, Change(diff.steps(MEMORY), "128Mi", "256Mi"))
    assert made.path == "apps/shop/web.yaml" and made.notes == []


def test_several_changes_of_one_file_are_one_edit() -> None:
    wanted = [(WEB, Change(diff.steps(MEMORY), "128Mi", "256Mi")), (WEB, Change(("spec", "replicas"), 1, 2))]
    (made,) = locate.edits({"web.yaml": BASE}, "", wanted)
    assert made.before == BASE and made.after == BASE.replace("128Mi", "256Mi").replace("replicas: 1", "replicas: 2")


LOOP = {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}
OPERATIONS = "resources: [../base]\npatches:\n  - path: ops.yaml\n    target: {kind: Deployment}\n"
REFUSED: dict[str, tuple[Files, str, str]] = {
    "nothing describes it": (
        {"web.yaml": "kind: Service\nmetadata: {name: web}\n"},
        "",
        "No file in the repository describes Deployment shop/web",
    ),
    "two do": ({"a.yaml": BASE, "b.yaml": BASE}, "", "More than one document describes Deployment shop/web: a.yaml, b.yaml"),
    "another value": ({"web.yaml": BASE.replace("128Mi", "64Mi")}, "", "'64Mi' in the file and '128Mi' in the cluster"),
    "a chart": (overlay("helmCharts: [{name: web}]\n"), "prod", "prod/kustomization.yaml uses helmCharts"),
    "operations": (
        overlay(OPERATIONS, ops="- {op: replace, path: /spec/template/spec/containers/0/resources/limits/memory, value: 128Mi}\n"),
        "prod",
        "A patch of operations in prod/ops.yaml",
    ),
    "a patch inside that is not a block": (
        overlay("resources: [../base]\npatches:\n  - patch: '{kind: Deployment, metadata: {name: web}, spec: {replicas: 3}}'\n"),
        "prod",
        "is not written as a block of text",
    ),
    "a patch of all Deployments": (
        overlay("resources: [../base]\npatches: [{path: memory.yaml, target: {kind: Deployment}}]\n", memory=PATCH),
        "prod",
        "A patch in prod/memory.yaml sets .*, maybe of several objects",
    ),
    "a patch of names that begin so": (
        overlay(SELECTED.format(name="we.*"), memory=PATCH),
        "prod",
        "A patch in prod/memory.yaml sets .*, maybe of several objects",
    ),
    "a patch that is not there": (overlay("resources: [../base]\npatches: [{path: gone.yaml}]\n"), "prod", "refers to prod/gone.yaml"),
    "a loop": (LOOP, "a", "refer to each other"),
    "outside": ({"a/kustomization.yaml": "resources: [../../etc]\n"}, "a", "leaves the repository"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_decided_is_refused_with_the_reason(name: str) -> None:
    files, folder, say = REFUSED[name]
    change = Change(("spec", "replicas"), 3, 4) if "block" in name else Change(diff.steps(MEMORY), "128Mi", "256Mi")
    with pytest.raises(CannotEdit, match=say):
        locate.edit(files, folder, WEB, change)
