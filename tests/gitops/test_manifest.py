"""A change in the text of a manifest: the value and nothing else."""

import difflib
import json

import pytest
import yaml
from hypothesis import given, strategies as st

from optral.gitops import manifest
from optral.gitops.model import CannotEdit, Change, Target
from optral.kube import diff

DEPLOYMENT = """\
# The shop's front door.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # as in the dashboard
  namespace: shop
spec:
  replicas: 2

  template:
    spec:
      containers:
      - name: app
        image: "registry.example/app:1.0"
        resources:
          limits: # agreed with the platform team
            memory: 128Mi # see the runbook
      - name: side
        image: 'registry.example/side:2'
        resources: {requests: {cpu: 10m}}
        args:
          - |
            first
            second
      # everything mounted
      volumes: []
---
kind: Service
apiVersion: v1
metadata: {name: web, labels: }
spec: {ports: []}
"""
APP, SIDE = "spec.template.spec.containers[app]", "spec.template.spec.containers[side]"


def changed(text: str, path: str, before: object, after: object, *, of: int = 0) -> list[str]:
    """The lines of the file that differ, as a diff without context."""
    document = manifest.documents(text)[of]
    made = manifest.edited(text, document, Change(diff.steps(path), before, after))
    lines = difflib.unified_diff(text.splitlines(), made.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


IN_PLACE = {
    (f"{APP}.resources.limits.memory", "128Mi", "256Mi"): ("memory: 128Mi # see the runbook", "memory: 256Mi # see the runbook"),
    ("spec.replicas", 2, 4): ("replicas: 2", "replicas: 4"),
    (f"{APP}.image", "registry.example/app:1.0", "registry.example/app:1.1"): (
        'image: "registry.example/app:1.0"',
        'image: "registry.example/app:1.1"',
    ),
    (f"{SIDE}.image", "registry.example/side:2", "registry.example/side:3"): (
        "image: 'registry.example/side:2'",
        "image: 'registry.example/side:3'",
    ),
    (f"{SIDE}.resources.requests.cpu", "10m", "20m"): ("resources: {requests: {cpu: 10m}}", "resources: {requests: {cpu: 20m}}"),
    (f"{SIDE}.resources.limits.memory", None, "64Mi"): (
        "resources: {requests: {cpu: 10m}}",
        "resources: {requests: {cpu: 10m}, limits: {memory: 64Mi}}",
    ),
}
NEW = {
    (f"{APP}.resources.requests.memory", "64Mi"): ["          requests:", "            memory: 64Mi"],
    (f"{SIDE}.livenessProbe.timeoutSeconds", 3): ["        livenessProbe:", "          timeoutSeconds: 3"],
    ("metadata.labels[app.kubernetes.io/part-of]", "yes"): ["  labels:", '    app.kubernetes.io/part-of: "yes"'],
    ("spec.paused", True): ["  paused: true"],
}


@pytest.mark.parametrize(("change", "lines"), IN_PLACE.items())
def test_only_the_value_changes(change: tuple[str, object, object], lines: tuple[str, str]) -> None:
    old, new = changed(DEPLOYMENT, *change)
    assert (old[0], old[1:].lstrip(), new[0], new[1:].lstrip()) == ("-", lines[0], "+", lines[1])


@pytest.mark.parametrize(("change", "lines"), NEW.items())
def test_a_value_that_was_not_there_gets_its_own_lines(change: tuple[str, object], lines: list[str]) -> None:
    assert changed(DEPLOYMENT, change[0], None, change[1]) == [f"+{line}" for line in lines]


def test_a_second_document_and_an_empty_value() -> None:
    assert changed(DEPLOYMENT, "spec.selector.app", None, "web", of=1) == ["-spec: {ports: []}", "+spec: {ports: [], selector: {app: web}}"]
    _, now = changed(DEPLOYMENT, "metadata.labels.team", None, "pay", of=1)
    assert yaml.safe_load(now[1:]) == {"metadata": {"name": "web", "labels": {"team": "pay"}}}


@pytest.mark.parametrize(
    ("path", "before", "after", "say"),
    [
        ("spec.replicas", 3, 4, "is 2 in the file and 3 in the cluster"),
        (f"{APP}.resources.limits.cpu", "1", "2", "not set in the file"),
        ("spec.template.spec.containers[other].image", None, "x", "no element other"),
        ("spec.template.spec.volumes", [], ["x"], "by hand"),
        ("spec.replicas", 2, None, "would be removed"),
        (f"{SIDE}.image", "registry.example/side:2", "a\nb", "several lines"),
    ],
)
def test_what_cannot_be_changed_is_said(path: str, before: object, after: object, say: str) -> None:
    with pytest.raises(CannotEdit, match=say):
        changed(DEPLOYMENT, path, before, after)


@pytest.mark.parametrize("name", ["alias", "merge"])
def test_a_value_that_also_stands_elsewhere_is_refused(name: str) -> None:
    text = {
        "alias": "kind: Deployment\nspec:\n  a: &shared {limits: {memory: 1Gi}}\n  b: *shared\n",
        "merge": "kind: Deployment\nspec:\n  a: &shared\n    memory: 1Gi\n  b:\n    <<: *shared\n",
    }[name]
    path, before = {"alias": ("spec.b.limits.memory", "1Gi"), "merge": ("spec.b.cpu", None)}[name]
    with pytest.raises(CannotEdit):
        changed(text, path, before, "2Gi")
    with pytest.raises(CannotEdit, match="more than one place"):
        changed(text, {"alias": "spec.a.limits.memory", "merge": "spec.a.memory"}[name], "1Gi", "2Gi")


@pytest.mark.parametrize("text", ["{{ .Values.name }}: {", "a: [", "- 1\n- 2\n", "", "just words", "a: *nothing", "\x00", "a: " * 20_000])
def test_what_is_no_manifest_is_passed_over(text: str) -> None:
    assert manifest.documents(text) == []


TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), max_size=30)
VALUES = st.one_of(TEXTS, st.integers(-(10**9), 10**9), st.booleans())


@given(held=VALUES, wanted=VALUES, style=st.sampled_from([None, "'", '"']), flow=st.booleans())
def test_any_value_is_written_so_that_it_is_read_again(held: object, wanted: object, style: str | None, flow: bool) -> None:
    tree = {"kind": "X", "metadata": {"name": "x"}, "spec": {"first": held, "last": 1}}
    text = yaml.dump(tree, default_style=style, default_flow_style=flow, allow_unicode=True, width=4096)
    document = manifest.documents(text)[0]
    change = Change(("spec", "first"), document.value["spec"]["first"], wanted)
    if manifest.is_same(change.before, wanted):
        return
    made = yaml.safe_load(manifest.edited(text, document, change))
    assert manifest.is_same(made["spec"]["first"], wanted) and json.dumps(made["spec"]["last"]) == json.dumps(
        document.value["spec"]["last"]
    )


def test_numbers_and_quantities_mean_the_same() -> None:
    assert manifest.is_same(1, "1") and manifest.is_same("1000m", "1") and manifest.is_same("1Gi", "1024Mi")
    assert not manifest.is_same(True, 1) and not manifest.is_same("1Gi", "1G") and not manifest.is_same(None, "")


def test_a_document_may_leave_the_namespace_to_the_tool() -> None:
    web = Target("Deployment", "shop", "web")
    said = [
        manifest.documents(f"kind: Deployment\nmetadata: {{name: web{where}}}\n")[0]
        for where in ("", ", namespace: shop", ", namespace: pay")
    ]
    assert [one.is_about(web) for one in said] == [True, True, False]
