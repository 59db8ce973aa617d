"""Applications with several sources: the plan says which one is edited, or the files do; Helm itself renders the chart."""

from collections.abc import Mapping
from typing import Any

import pytest

from optral.gitops import edits, helm
from optral.gitops.model import CannotEdit, Edit, Files
from optral.kube import diff
from tests.gitops.shop_chart import CHART, IMAGE, MEMORY, PROD, REPOSITORY, TEMPLATE, InMemory
from tests.setup import helm as program

URL = "https://git.example.com/shop/deploy.git"
HELM = {"kind": "Application", "namespace": "argocd", "name": "web", "release": "web", "targetNamespace": "shop", "sourceIndex": 0}
IN_GIT = {"chart": "charts/web", "valueFiles": ["/envs/prod.yaml"]}
FROM_ELSEWHERE = {"valueFiles": ["/envs/prod.yaml"]}
ONE = {name: value for name, value in HELM.items() if name != "sourceIndex"} | IN_GIT
PACKED = {path.removeprefix("charts/web/"): text.encode() for path, text in CHART.items()}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  sources:
    - repoURL: https://charts.example.com
      chart: web
      targetRevision: 0.1.0
      helm:
        releaseName: web
        valueFiles: [$values/envs/prod.yaml]
        valuesObject:
          image: {tag: "2.0"} # now
        parameters:
          - name: sidecar.memoryMi
            value: "48"
    - repoURL: https://git.example.com/shop/deploy.git
      targetRevision: main
      ref: values
"""
WORKER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 3 # by hand
"""


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.find().parent), prepend=":")


def plan(source: Mapping[str, Any], path: str, before: object, after: object) -> dict[str, Any]:
    step = {"name": "Raise", "object": {"kind": "Deployment", "namespace": "shop", "name": "web"}}
    managers = [{"step": "Raise", "kind": "argocd", "name": "web", "source": {"repository": URL, **source}}]
    return {"steps": [step], "managers": managers, "diff": [{"step": "Raise", "path": path, "from": before, "to": after}]}


def changed(files: Files, source: Mapping[str, Any], path: str, before: object, after: object, **more: Any) -> tuple[str, str, str]:
    """The one file that is edited, and its lines that go and come."""
    (made,) = made_of(files, source, path, before, after, **more)
    old, new = made.before.splitlines(), made.after.splitlines()
    return made.path, "\n".join(one for one in old if one not in new), "\n".join(one for one in new if one not in old)


def made_of(files: Files, source: Mapping[str, Any], path: str, before: object, after: object, **more: Any) -> list[Edit]:
    return edits.of_plan(InMemory(files), more.pop("folder", str(source.get("path", ""))), plan(source, path, before, after), **more)


def values_of(**files: str) -> Files:
    return {f"envs/{name}.yaml": text for name, text in files.items()}


# --- values of another source


def test_a_chart_of_the_repository_is_rendered_with_values_from_its_root() -> None:
    source = {"path": "charts/web", "helm": HELM | IN_GIT}
    found = changed(REPOSITORY, source, MEMORY, "128Mi", "256Mi")
    assert found == ("envs/prod.yaml", "  limits: {memory: 128Mi} # measured in May", "  limits: {memory: 256Mi} # measured in May")


def test_a_chart_from_elsewhere_is_given_and_its_values_are_edited() -> None:
    source = {"chart": "web", "helm": HELM | FROM_ELSEWHERE}
    found = changed(values_of(prod=PROD), source, MEMORY, "128Mi", "256Mi", chart=PACKED)
    assert found == ("envs/prod.yaml", "  limits: {memory: 128Mi} # measured in May", "  limits: {memory: 256Mi} # measured in May")
    with pytest.raises(CannotEdit, match=r"The chart web is not in the repository, .*optral executions patch with --chart"):
        made_of(values_of(prod=PROD), source, MEMORY, "128Mi", "256Mi")


def test_a_file_of_the_chart_counts_and_is_never_taken_for_one_of_the_repository() -> None:
    source = {"chart": "web", "helm": HELM | {"valueFiles": ["large.yaml", "/envs/prod.yaml"]}}
    chart = {**PACKED, "large.yaml": b"image: {tag: '3.0'}\n"}
    files = {**values_of(prod=PROD), "large.yaml": "image: {tag: '9.9'}\n"}
    found = changed(files, source, IMAGE, "registry.example/web:3.0", "registry.example/web:3.1", chart=chart)
    assert found == ("envs/prod.yaml", "", 'image:\n  tag: "3.1"')
    with pytest.raises(CannotEdit, match=r"The values file large.yaml is not in the chart web"):
        made_of(files, source, IMAGE, "registry.example/web:3.0", "registry.example/web:3.1", chart=PACKED)


def test_what_a_later_file_of_the_chart_sets_cannot_be_overridden_in_an_earlier_one() -> None:
    source = {"chart": "web", "helm": HELM | {"valueFiles": ["/envs/prod.yaml", "large.yaml"]}}
    chart = {**PACKED, "large.yaml": b"replicas: 5\n"}
    with pytest.raises(CannotEdit, match=r"No value of the release that could be found sets spec\.replicas"):
        made_of(values_of(prod=PROD), source, "spec.replicas", 5, 6, chart=chart)


INLINE = {
    "an object": (IMAGE, "registry.example/web:2.0", "registry.example/web:2.1",
                  '          image: {tag: "2.0"} # now', '          image: {tag: "2.1"} # now'),
    "a value that nothing sets yet": ("spec.replicas", 1, 2, "", "          replicas: 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", INLINE)
def test_values_in_one_of_several_sources_are_edited_there(name: str) -> None:
    path, before, after, gone, come = INLINE[name]
    files = {"apps/web.yaml": APPLICATION, **values_of(prod="{}\n")}
    source = {"chart": "web", "helm": HELM | FROM_ELSEWHERE | {"path": "apps", "omitted": ["valuesObject", "parameters"]}}
    assert changed(files, source, path, before, after, chart=PACKED) == ("apps/web.yaml", gone, come)


def test_a_parameter_of_one_of_several_sources_is_edited_there() -> None:
    files = {"apps/web.yaml": APPLICATION, **values_of(prod="sidecar: {enabled: true}\n")}
    source = {"chart": "web", "helm": HELM | FROM_ELSEWHERE | {"path": "apps"}}
    memory = "spec.template.spec.containers[proxy].resources.limits.memory"
    found = changed(files, source, memory, "48Mi", "64Mi", chart=PACKED)
    assert found == ("apps/web.yaml", '            value: "48"', '            value: "64"')


def test_a_list_of_one_source_is_one_source() -> None:
    one = APPLICATION[: APPLICATION.index("    - repoURL: https://git.example.com")].replace("$values/envs/prod.yaml", "/envs/prod.yaml")
    files = {"apps/web.yaml": one.replace("chart: web", "path: charts/web"), **REPOSITORY}
    found = changed(
        files, {"path": "charts/web", "helm": ONE | {"path": "apps"}}, IMAGE, "registry.example/web:2.0", "registry.example/web:2.1"
    )
    assert found == ("apps/web.yaml", '          image: {tag: "2.0"} # now', '          image: {tag: "2.1"} # now')


def test_parameters_that_a_tool_writes_beside_the_chart_win() -> None:
    override = "helm:\n  parameters:\n    - name: image.tag\n      value: '2.0' # by the updater\n      forcestring: true\n"
    source = {"path": "charts/web", "helm": HELM | IN_GIT}
    path = "charts/web/.argocd-source-web.yaml"
    found = changed({**REPOSITORY, path: override}, source, IMAGE, "registry.example/web:2.0", "registry.example/web:2.1")
    assert found == (path, "      value: '2.0' # by the updater", "      value: '2.1' # by the updater")
    other = {**REPOSITORY, "charts/web/.argocd-source-shop.yaml": override}
    assert changed(other, source, IMAGE, "registry.example/web:1.0", "registry.example/web:1.1")[0] == "envs/prod.yaml"


# --- several sources that make objects

BASE = {"path": "base"}
WEB = {"path": "charts/web", "helm": HELM | IN_GIT}


def test_the_last_source_that_describes_the_object_is_edited() -> None:
    files = {**REPOSITORY, "base/web.yaml": WORKER}
    last = changed(files, {"candidates": [WEB, BASE]}, "spec.replicas", 3, 4)
    assert last == ("base/web.yaml", "  replicas: 3 # by hand", "  replicas: 4 # by hand")
    assert changed(files, {"candidates": [BASE, WEB]}, "spec.replicas", 3, 4) == ("envs/prod.yaml", "replicas: 3", "replicas: 4")


def test_a_source_that_describes_other_objects_is_passed_over() -> None:
    other = {"extra/web.yaml": WORKER.replace("name: web", "name: other"), "extra/deep/web.yaml": WORKER}
    files = {**REPOSITORY, **other}
    found = changed(files, {"candidates": [WEB, {"path": "extra"}]}, "spec.replicas", 3, 4)
    assert found == ("envs/prod.yaml", "replicas: 3", "replicas: 4")
    deep = changed(files, {"candidates": [WEB, {"path": "extra", "recurses": True}]}, "spec.replicas", 3, 4)
    assert deep == ("extra/deep/web.yaml", "  replicas: 3 # by hand", "  replicas: 4 # by hand")


KUSTOMIZED = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": WORKER}
REFUSED: dict[str, tuple[Files, Mapping[str, Any], str]] = {
    "it cannot be determined": (
        REPOSITORY, {"problem": "none of its sources makes objects"}, "The files to change cannot be determined: none of its sources",
    ),
    "no source describes it": (
        REPOSITORY, {"candidates": [{"path": "envs"}]}, "No source of the Application describes Deployment shop/web",
    ),
    "a file that is not read": (
        {**KUSTOMIZED, "extra/web.json": "{}"}, {"candidates": [BASE, {"path": "extra"}]}, "extra/web.json is not YAML, and may describe",
    ),
    "a base in another repository": (
        {**KUSTOMIZED, "extra/kustomization.yaml": "resources: ['https://git.example.com/shop/base?ref=v1']\n"},
        {"candidates": [BASE, {"path": "extra"}]},
        "extra/kustomization.yaml builds from https://git.example.com/shop/base",
    ),
    "a generator in the last source": (
        {**KUSTOMIZED, "extra/kustomization.yaml": "helmCharts: [{name: web}]\n"},
        {"candidates": [BASE, {"path": "extra"}]},
        "extra/kustomization.yaml uses helmCharts",
    ),
    "a chart without a release": ({**KUSTOMIZED, **CHART}, {"candidates": [BASE, {"path": "charts/web"}]}, "names no release: update"),
    "images of the Application": (
        KUSTOMIZED, {"candidates": [BASE | {"transformers": ["replicas"]}]}, r"sets replicas itself \(spec.source.kustomize\)",
    ),
    "patches of the Application": (KUSTOMIZED, {"path": "base", "transformers": ["patches"]}, "sets patches itself"),
    "a variable in a parameter": (
        {"apps/web.yaml": APPLICATION.replace('"48"', "$ARGOCD_APP_NAME"), **values_of(prod=PROD)},
        {"chart": "web", "helm": HELM | FROM_ELSEWHERE | {"path": "apps"}},
        r"The parameter sidecar.memoryMi has a variable \(\$\)",
    ),
    "a file twice": (
        REPOSITORY, {"path": "charts/web", "helm": HELM | IN_GIT | {"valueFiles": ["/envs/prod.yaml"] * 2}}, "is named twice",
    ),
    "a pattern": (REPOSITORY, {"path": "charts/web", "helm": HELM | IN_GIT | {"valueFiles": ["/envs/*.yaml"]}}, "or a pattern"),
    "an ApplicationSet": (
        values_of(prod=PROD),
        {"chart": "web", "helm": HELM | FROM_ELSEWHERE | {"omitted": ["valuesObject"], "generatedBy": "ApplicationSet shop"}},
        "sets valuesObject itself, .* ApplicationSet shop generates it: change its template",
    ),
    "other sources in the repository": (
        {"apps/web.yaml": APPLICATION, **values_of(prod=PROD)},
        {"chart": "web", "helm": HELM | FROM_ELSEWHERE | {"path": "apps", "sourceIndex": 5}},
        "has other sources in the repository than in the cluster",
    ),
    "several sources only in the repository": (
        {"apps/web.yaml": APPLICATION, **REPOSITORY},
        {"path": "charts/web", "helm": ONE | {"path": "apps"}},
        "has several sources in the repository and one in the cluster",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_certain_is_refused_with_the_reason(name: str) -> None:
    files, source, say = REFUSED[name]
    with pytest.raises(CannotEdit, match=say):
        made_of(files, source, "spec.replicas", 3, 4, chart=PACKED if "chart" in source else None)


def test_settings_that_cannot_set_the_value_do_not_matter() -> None:
    """Near misses of the ones above."""
    for names in (["images"], ["postBuild"], []):
        source = {"path": "base", "transformers": names}
        assert changed(KUSTOMIZED, source, "spec.replicas", 3, 4)[0] == "base/web.yaml"


def test_a_folder_that_a_person_names_is_taken() -> None:
    found = changed(KUSTOMIZED, {"problem": "none of its sources makes objects"}, "spec.replicas", 3, 4, folder="base")
    assert found[0] == "base/web.yaml"


def test_the_edit_renders_the_planned_value() -> None:
    """What `edits` says of each case, once more with Helm alone."""
    source = {"chart": "web", "helm": HELM | FROM_ELSEWHERE}
    (made,) = made_of(values_of(prod=PROD), source, MEMORY, "128Mi", "256Mi", chart=PACKED)
    with helm.Chart(PACKED, helm.Release("web", "shop"), program=helm.find()) as chart:
        before, after = (chart.render(helm.Values([text])) for text in (made.before, made.after))
    found = [one for target in after for one in diff.walk(before[target], after[target], limit=10, is_deep=True)]
    assert [(diff.dotted(one.path), one.before, one.after) for one in found] == [(MEMORY, "128Mi", "256Mi")]
    assert "{{ .Values.replicas }}" in TEMPLATE
