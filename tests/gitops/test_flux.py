"""What a Kustomization of Flux adds to a folder: its patches, images and variables win, and are changed where they stand or refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.gitops import edits
from optral.gitops.model import CannotEdit, Edit, Files
from optral.kube import diff
from tests.gitops.shop_chart import CHART, InMemory, release
from tests.gitops.test_locate import BASE, BASE_ONLY, IMAGE, MEMORY, built
from tests.setup import helm as program

REPLICAS = "spec.replicas"
FLUX = {"path": "base", "kustomization": {"namespace": "flux-system", "name": "shop"}}


def kustomization(spec: str, *, name: str = "shop") -> str:
    """The manifest of a Kustomization with this below `spec`."""
    body = "".join(f"  {line}\n" for line in spec.splitlines())
    head = f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\n"
    return f"{head}spec:\n  path: ./base\n  targetNamespace: shop\n{body}"


def files_of(spec: str, base: str = BASE, **more: str) -> Files:
    files = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": base, "clusters/prod.yaml": kustomization(spec)}
    return files | {f"{path}.yaml": text for path, text in more.items()}


def plan(field: str, before: object, after: object, **source: Any) -> dict[str, Any]:
    step = {"name": "Raise", "object": {"kind": "Deployment", "namespace": "shop", "name": "web"}}
    managers = [{"step": "Raise", "kind": "flux", "name": "shop", "source": {**FLUX, **source}}]
    return {"steps": [step], "managers": managers, "diff": [{"step": "Raise", "path": field, "from": before, "to": after}]}


def made_of(files: Files, path: str, before: object, after: object, **source: Any) -> Edit:
    (made,) = edits.of_plan(InMemory(files), "base", plan(path, before, after, **source))
    return made


PATCHED = """\
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {replicas: 3} # peak
"""
COUNT = BASE.replace("replicas: 1", "replicas: ${COUNT}")
SHARED = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sizes, namespace: flux-system}\ndata:\n  COUNT: '3' # all\n"
FROM = "postBuild:\n  substituteFrom: [{kind: ConfigMap, name: sizes}]\n"
SET = "postBuild:\n  substitute:\n    COUNT: '3' # peak\n"
TAG = BASE.replace("app:1.0", "app:${TAG}")
CASES: dict[str, tuple[Files, tuple[str, object, object], str, str, str]] = {
    "nothing of its own": (files_of(""), (REPLICAS, 1, 2), "base/web.yaml", "  replicas: 1", "  replicas: 2"),
    "a patch": (
        files_of(PATCHED), (REPLICAS, 3, 4),
        "clusters/prod.yaml", "        spec: {replicas: 3} # peak", "        spec: {replicas: 4} # peak",
    ),
    "a value that its patch leaves alone": (
        files_of(PATCHED), (MEMORY, "128Mi", "256Mi"), "base/web.yaml", "              memory: 128Mi", "              memory: 256Mi",
    ),
    "images": (
        files_of("images:\n  - name: registry.example/app\n    newTag: '1.1' # now\n"),
        (IMAGE, "registry.example/app:1.1", "registry.example/app:1.2"), "clusters/prod.yaml",
        "      newTag: '1.1' # now", "      newTag: '1.2' # now",
    ),
    "a variable": (files_of(SET, COUNT), (REPLICAS, 3, 4), "clusters/prod.yaml", "      COUNT: '3' # peak", "      COUNT: '4' # peak"),
    "a variable in a text": (
        files_of("postBuild: {substitute: {TAG: '1.1'}}\n", TAG), (IMAGE, "registry.example/app:1.1", "registry.example/app:1.2"),
        "clusters/prod.yaml", "  postBuild: {substitute: {TAG: '1.1'}}", "  postBuild: {substitute: {TAG: '1.2'}}",
    ),
    "a variable of a ConfigMap": (
        files_of(FROM, COUNT, sizes=SHARED), (REPLICAS, 3, 4), "sizes.yaml", "  COUNT: '3' # all", "  COUNT: '4' # all",
    ),
    "a variable that the Kustomization sets over a ConfigMap": (
        files_of(FROM + "  substitute: {COUNT: '3'}\n", COUNT, sizes=SHARED.replace("'3'", "'9'")), (REPLICAS, 3, 4),
        "clusters/prod.yaml", "    substitute: {COUNT: '3'}", "    substitute: {COUNT: '4'}",
    ),
    "a variable that the Kustomization sets over a Secret": (
        files_of("postBuild:\n  substituteFrom: [{kind: Secret, name: keys}]\n  substitute: {COUNT: '3'}\n", COUNT), (REPLICAS, 3, 4),
        "clusters/prod.yaml", "    substitute: {COUNT: '3'}", "    substitute: {COUNT: '4'}",
    ),
    "the default of a variable that nothing sets": (
        files_of("postBuild: {substitute: {other: x}}\n", BASE.replace("replicas: 1", "replicas: ${COUNT:=3}")), (REPLICAS, 3, 4),
        "base/web.yaml", "  replicas: ${COUNT:=3}", "  replicas: ${COUNT:=4}",
    ),
    "a variable over its default": (
        files_of(SET, BASE.replace("replicas: 1", "replicas: ${COUNT:-1}")), (REPLICAS, 3, 4),
        "clusters/prod.yaml", "      COUNT: '3' # peak", "      COUNT: '4' # peak",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_value_is_changed_where_it_is_set(name: str) -> None:
    files, change, *expected = CASES[name]
    made = made_of(files, *change)
    old, new = made.before.splitlines(), made.after.splitlines()
    assert [made.path, *(one for one in old if one not in new), *(one for one in new if one not in old)] == expected


DISABLED = "kustomize.toolkit.fluxcd.io/substitute"
OPERATIONS = "patches:\n  - patch: |\n      - {op: replace, path: /spec/replicas, value: 3}\n    target: {kind: Deployment, name: web}\n"
SECRET = "postBuild:\n  substituteFrom: [{kind: Secret, name: keys}]\n"
TWICE = COUNT + "  # ${COUNT}\n"
REFUSED: dict[str, tuple[Files, tuple[str, object, object], Mapping[str, Any], str]] = {
    "the folder has another value than its patch": (
        files_of(PATCHED), (REPLICAS, 1, 2), {}, "spec.replicas is 3 in the file and 1 in the cluster",
    ),
    "a patch of all": (
        files_of(PATCHED + "    target: {kind: Deployment}\n"), (REPLICAS, 3, 4), {}, "maybe of several objects",
    ),
    "operations": (
        files_of(OPERATIONS), (REPLICAS, 3, 4), {}, "A patch of operations in clusters/prod.yaml sets spec.replicas",
    ),
    "components": (files_of("components: [../extra]\n"), (REPLICAS, 1, 2), {}, "clusters/prod.yaml uses components"),
    "a Secret": (files_of(SECRET, COUNT), (REPLICAS, 3, 4), {}, "the variable COUNT, which may come from Secret keys"),
    "a ConfigMap that is not there": (files_of(FROM, COUNT), (REPLICAS, 3, 4), {}, "may come from ConfigMap sizes, which is not read"),
    "a ConfigMap that a Secret may override": (
        files_of("postBuild: {substituteFrom: [{kind: ConfigMap, name: sizes}, {kind: Secret, name: keys}]}\n", COUNT, sizes=SHARED),
        (REPLICAS, 3, 4), {}, "may come from Secret keys",
    ),
    "two ConfigMaps of one name": (
        files_of(FROM, COUNT, sizes=SHARED, more=SHARED), (REPLICAS, 3, 4), {}, "ConfigMap sizes, which several documents describe",
    ),
    "a variable that stands twice": (files_of(SET, TWICE), (REPLICAS, 3, 4), {}, "COUNT is used more than once"),
    "a variable of two Kustomizations": (
        files_of(FROM, COUNT, sizes=SHARED, other=kustomization(FROM, name="other")), (REPLICAS, 3, 4), {},
        "sizes.yaml has variables of more than one Kustomization",
    ),
    "two variables": (
        files_of("postBuild: {substitute: {A: '1', B: '1'}}\n", BASE.replace("app:1.0", "app:${A}.${B}")),
        (IMAGE, "registry.example/app:1.1", "registry.example/app:1.2"), {}, "only one plain variable can be followed",
    ),
    "an operator": (
        files_of("postBuild: {substitute: {TAG: v1}}\n", BASE.replace("app:1.0", "app:${TAG#v}")),
        (IMAGE, "registry.example/app:1", "registry.example/app:2"), {}, "only one plain variable can be followed",
    ),
    "an escaped variable": (
        files_of(SET, BASE.replace("replicas: 1", "replicas: $${COUNT}")), (REPLICAS, 3, 4), {}, "only one plain variable",
    ),
    "nothing sets it": (files_of("postBuild: {substitute: {x: y}}\n", COUNT), (REPLICAS, "", 4), {}, "COUNT, which nothing sets"),
    "the cluster has another value": (files_of(SET, COUNT), (REPLICAS, 5, 6), {}, "'3' with the variable COUNT in the files and 5 in the"),
    "what the variable cannot change": (
        files_of("postBuild: {substitute: {TAG: '1.1'}}\n", TAG), (IMAGE, "registry.example/app:1.1", "registry.example/web:1.1"), {},
        "cannot become 'registry.example/web:1.1' by another value of the variable TAG",
    ),
    "substitution switched off": (
        files_of(SET, COUNT.replace("  name: web\n", f"  name: web\n  annotations: {{{DISABLED}: disabled}}\n", 1)),
        (REPLICAS, 3, 4), {}, "switches the substitution of variables off",
    ),
    "patches that the repository does not describe": (
        BASE_ONLY, (REPLICAS, 1, 2), {"transformers": ["patches"]}, "flux-system/shop sets patches, which may set spec.replicas",
    ),
    "a variable that the repository does not describe": (
        {**BASE_ONLY, "base/web.yaml": COUNT}, (REPLICAS, 3, 4), {"transformers": ["postBuild"]},
        "is set by a variable of Kustomization flux-system/shop, which the repository does not describe",
    ),
    "two documents": (
        files_of("", again=kustomization("")), (REPLICAS, 1, 2), {}, "More than one document describes Kustomization flux-system/shop",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_certain_is_refused_with_the_reason(name: str) -> None:
    files, change, source, say = REFUSED[name]
    with pytest.raises(CannotEdit, match=say):
        made_of(files, *change, **source)


def test_settings_that_cannot_set_the_value_do_not_matter() -> None:
    for names in (["images"], ["postBuild"], []):
        assert made_of(BASE_ONLY, REPLICAS, 1, 2, transformers=names).path == "base/web.yaml"
    other = kustomization(FROM.replace("sizes", "else"), name="other")
    assert made_of(files_of(FROM, COUNT, sizes=SHARED, other=other), REPLICAS, 3, 4).path == "sizes.yaml"
    elsewhere = kustomization(FROM, name="other").replace("namespace: flux-system", "namespace: team")
    assert made_of(files_of(FROM, COUNT, sizes=SHARED, other=elsewhere), REPLICAS, 3, 4).path == "sizes.yaml"
    longer = COUNT + "  # ${COUNTER}\n"
    assert made_of(files_of(SET, longer), REPLICAS, 3, 4).path == "clusters/prod.yaml"


# --- what Kustomize builds


@pytest.mark.slow
@pytest.mark.cluster  # its kubectl is built with the test cluster
@pytest.mark.parametrize("name", CASES)
def test_what_is_built_from_the_edited_files_differs_by_the_change(name: str, tmp_path: Path) -> None:
    files, (path, before, after), *_ = CASES[name]
    made = made_of(files, path, before, after)
    found = diff.walk(applied(files, tmp_path / "a"), applied({**files, made.path: made.after}, tmp_path / "b"), limit=9, is_deep=True)
    assert [(diff.dotted(one.path), one.before, one.after) for one in found] == [(path, before, after)]


def applied(files: Files, root: Path) -> Any:
    """As Flux does it: its settings in the kustomization of the folder, then Kustomize, then the variables."""
    spec = yaml.safe_load(files["clusters/prod.yaml"])["spec"]
    folder = yaml.safe_load(files["base/kustomization.yaml"])
    folder |= {"namespace": spec["targetNamespace"], "patches": spec.get("patches", []), "images": spec.get("images", [])}
    tree = built({**files, "base/kustomization.yaml": yaml.safe_dump(folder)}, "base", root)
    given = spec.get("postBuild", {})
    variables = {}
    for one in given.get("substituteFrom", ()):
        variables |= {} if one["kind"] == "Secret" else yaml.safe_load(files[f"{one['name']}.yaml"])["data"]
    variables |= given.get("substitute", {})
    text = yaml.safe_dump(tree)
    for name, value in variables.items():
        for shape in (f"${{{name}}}", f"${{{name}:-1}}", f"${{{name}:=3}}"):
            text = text.replace(shape, value)
    for count in ("3", "4"):
        text = text.replace(f"${{COUNT:={count}}}", count)
    return yaml.safe_load(text)


# --- releases

HELM = {"kind": "HelmRelease", "namespace": "shop", "name": "web", "path": "fleet"}
IN_GIT = "chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: fleet}}}\n"
RELEASES: dict[str, tuple[Files, list[str], str]] = {
    "a patch of the Kustomization": (
        {"clusters/prod.yaml": kustomization(PATCHED.replace("Deployment", "HelmRelease"))},
        [], "A patch in clusters/prod.yaml may change HelmRelease shop/web",
    ),
    "a patch that the repository does not describe": ({}, ["patches"], "sets patches, which may change HelmRelease shop/web"),
    "a variable in its values": (
        {"clusters/prod.yaml": kustomization(SET), "fleet/web.yaml": release(IN_GIT + "values: {replicas: 3, image: {tag: '${TAG}'}}\n")},
        [], r"fleet/web.yaml has variables of Kustomization flux-system/shop \(postBuild\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RELEASES)
def test_what_a_kustomization_may_change_of_a_release_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.find().parent), prepend=":")
    more, names, say = RELEASES[name]
    files = {**CHART, "fleet/web.yaml": release(IN_GIT + "values: {replicas: 3}\n"), **more}
    source = {"helm": HELM, "path": "fleet", "transformers": names, "kustomization": FLUX["kustomization"]}
    with pytest.raises(CannotEdit, match=say):
        edits.of_plan(InMemory(files), "fleet", plan(REPLICAS, 3, 4, **source))
