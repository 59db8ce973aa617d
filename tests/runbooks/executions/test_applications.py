"""From which of its sources an Application makes an object, and what of it was applied."""

import re
from typing import Any

import pytest

from optral.kube import prune
from optral.runbooks.executions import applications, source
from optral.runbooks.executions.source import Source

URL = "https://git.example.com/shop/deploy.git"
SOURCE = {"repoURL": "https://deploy:token@git.example.com/shop/deploy.git", "path": "overlays/prod/", "targetRevision": "main"}
STATUS = {"sync": {"status": "Synced", "revision": "1f0c"}, "operationState": {"phase": "Succeeded", "finishedAt": "2026-11-01T12:00:00Z"}}
KNOWN = {
    "repository": URL,
    "path": "overlays/prod",
    "revision": "main",
    "appliedRevision": "1f0c",
    "appliedAt": "2026-11-01T12:00:00Z",
}
OWN = Source(repository=URL, path="apps", revision="main", applied_revision="1f0c")


def application(*sources: dict[str, Any], own: Source | None = None, **more: Any) -> Source | None:
    """The source of an Application as the agent sends it: without what nobody reads."""
    metadata = {"name": "web", "namespace": "argocd", **more.pop("metadata", {})}
    spec = more.pop("spec", {"sources": list(sources)}) | {"destination": {"namespace": "shop"}}
    status = {**STATUS, "sync": {"status": "Synced", "revision": "1f0c", "revisions": [f"{n}a" for n in range(9)]}, **more}
    return applications.of_application(prune.prune(source.APPLICATION, {"metadata": metadata, "spec": spec, "status": status}), own)


def test_an_application_names_repository_folder_and_revision_without_credentials() -> None:
    found = application(spec={"source": SOURCE})
    assert found is not None and found.plain() == KNOWN


@pytest.mark.parametrize("spec", [{"sources": "nonsense"}, {"source": 7}, {}])
def test_no_source_is_not_guessed(spec: dict[str, Any]) -> None:
    found = application(spec=spec)
    assert found is None or found.plain().keys() <= {"appliedRevision", "appliedAt"}


HELM = {"releaseName": "web", "valueFiles": ["../prod.yaml"], "ignoreMissingValueFiles": True, "values": "word: s3cret"}


def test_an_application_of_a_chart_names_its_release_and_what_else_it_sets() -> None:
    one = {**SOURCE, "path": "charts/web", "helm": HELM}
    found = application(spec={"source": one}, sourceType="Helm", own=OWN)
    assert found is not None and found.plain()["helm"] == {
        "kind": "Application",
        "namespace": "argocd",
        "name": "web",
        "path": "apps",
        "chart": "charts/web",
        "release": "web",
        "targetNamespace": "shop",
        "valueFiles": ["../prod.yaml"],
        "ignoresMissing": True,
        "omitted": ["values"],
    }
    elsewhere = application(spec={"source": one}, sourceType="Helm", own=Source(repository="ssh://other", path="apps"))
    assert elsewhere is not None and elsewhere.helm is not None and "path" not in elsewhere.helm


def test_an_application_of_another_tool_names_no_release() -> None:
    found = application(spec={"source": {**SOURCE, "helm": HELM}}, sourceType="Directory")
    assert found is not None and found.helm is None


def test_the_application_set_that_generates_an_application_is_named() -> None:
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "shop", "controller": True}
    found = application(spec={"source": {**SOURCE, "helm": HELM}}, sourceType="Helm", metadata={"ownerReferences": [owner]})
    assert found is not None and found.helm is not None and found.helm["generatedBy"] == "ApplicationSet shop"
    rollout = {**owner, "kind": "Rollout"}
    other = application(spec={"source": {**SOURCE, "helm": HELM}}, sourceType="Helm", metadata={"ownerReferences": [rollout]})
    assert other is not None and other.helm is not None and "generatedBy" not in other.helm


# --- several sources

VALUES = {"repoURL": URL, "targetRevision": "main", "ref": "values"}
TEAM = {**VALUES, "repoURL": "https://git.example.com/team.git", "ref": "team"}
CHART = {"repoURL": "https://charts.example.com", "chart": "web", "targetRevision": "1.2.0"}


def with_files(one: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**one, "helm": {"valueFiles": list(names)}}


def test_a_chart_from_elsewhere_is_changed_in_the_repository_of_its_values() -> None:
    found = application(with_files(CHART, "prod.yaml", "$values/envs/prod.yaml"), VALUES, sourceTypes=["Helm", ""])
    assert found is not None and found.plain() == {
        "repository": URL,
        "revision": "main",
        "appliedRevision": "1a",
        "appliedAt": "2026-11-01T12:00:00Z",
        "chart": "web",
        "helm": {
            "kind": "Application",
            "namespace": "argocd",
            "name": "web",
            "targetNamespace": "shop",
            "valueFiles": ["prod.yaml", "/envs/prod.yaml"],
            "sourceIndex": 0,
        },
    }


def test_a_chart_of_the_same_repository_takes_its_values_from_the_root_of_it() -> None:
    one = with_files({**SOURCE, "path": "charts/web"}, "$values/envs/prod.yaml", "more.yaml")
    found = application(VALUES, one)
    assert found is not None and (found.repository, found.path, found.applied_revision, found.chart) == (URL, "charts/web", "1a", "")
    assert found.helm is not None and found.helm["valueFiles"] == ["/envs/prod.yaml", "more.yaml"] and found.helm["sourceIndex"] == 1


@pytest.mark.parametrize("other", [{"targetRevision": "v1"}, {"repoURL": "https://git.example.com/shop/charts.git"}])
def test_a_chart_at_another_revision_or_in_another_repository_is_from_elsewhere(other: dict[str, str]) -> None:
    found = application(with_files({**SOURCE, "path": "charts/web", **other}, "$values/envs/prod.yaml"), VALUES)
    assert found is not None and (found.repository, found.revision, found.path, found.chart) == (URL, "main", "", "charts/web")


def test_a_source_with_a_ref_and_a_path_makes_objects_too() -> None:
    found = application({**SOURCE, "path": "charts/web"}, {**VALUES, "path": "extra"}, sourceTypes=["Helm", "Directory"])
    assert found is not None and [one["path"] for one in found.candidates] == ["charts/web", "extra"]
    assert ["helm" in one for one in found.candidates] == [True, False]


def test_several_sources_of_one_repository_are_candidates() -> None:
    more = {"directory": {"recurse": True}, "kustomize": {"images": ["app:1"], "namespace": "shop"}}
    found = application({**SOURCE, "path": "base"}, {**SOURCE, "path": "extra", **more}, sourceTypes=["Directory", "Directory"])
    assert found is not None and found.repository == URL and found.path == ""
    assert found.candidates == ({"path": "base"}, {"path": "extra", "recurses": True, "transformers": ["images"]})


UNCLEAR: dict[str, tuple[list[dict[str, Any]], str]] = {
    "two charts": ([CHART, {**CHART, "chart": "db"}], "2 of its sources make objects, .* one of them is the chart web"),
    "two repositories": ([SOURCE, {**SOURCE, "repoURL": "https://git.example.com/shop/more.git"}], "in more than one repository"),
    "two revisions": ([SOURCE, {**SOURCE, "targetRevision": "v1"}], "at more than one revision"),
    "values of two repositories": (
        [with_files(CHART, "$values/a.yaml", "$team/b.yaml"), VALUES, TEAM],
        "its values files come from more than one repository",
    ),
    "one candidate with values of another repository": (
        [with_files(SOURCE, "$team/a.yaml"), SOURCE, TEAM],
        "source 1 of 3 takes values files from another repository",
    ),
    "an unknown ref": ([with_files(CHART, "$other/a.yaml"), VALUES], r"the values file \$other/a.yaml has a variable"),
    "a variable of the build": ([with_files(CHART, "$values/$ARGOCD_APP_NAME.yaml"), VALUES], "has a variable"),
    "a ref of a single source": ([with_files({**SOURCE, "ref": "values"}, "$values/a.yaml")], "has a variable"),
    "a ref twice": ([with_files(CHART, "$values/a.yaml"), VALUES, VALUES], "more than one of its sources has the ref values"),
    "a ref of a chart": ([{**CHART, "ref": "values"}, SOURCE], "a chart has the ref values"),
    "only refs": ([VALUES, {**VALUES, "ref": "team"}], "none of its sources makes objects"),
    "files beside a chart in another repository": (
        [with_files({**SOURCE, "targetRevision": "v1"}, "/a.yaml", "$values/b.yaml"), VALUES], "/a.yaml is in the repository of the chart",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_cannot_be_determined_is_said(name: str) -> None:
    listed, say = UNCLEAR[name]
    found = application(*listed)
    assert found is not None and found.repository == "" and found.plain().keys() == {"appliedAt", "problem"}
    assert re.search(say, found.problem), found.problem


# --- what was applied

IN_SYNC = {"status": "Synced", "revision": "2e1d"}
OUT_OF_SYNC = {"status": "OutOfSync", "revision": "2e1d"}
DONE = {"phase": "Succeeded", "syncResult": {"revision": "1f0c", "resources": [{"kind": "Deployment"}]}}


@pytest.mark.parametrize(
    ("status", "revision"),
    [
        pytest.param({"sync": IN_SYNC, "operationState": DONE}, "2e1d", id="in sync"),
        pytest.param({"sync": OUT_OF_SYNC, "operationState": DONE}, "1f0c", id="compares with a newer commit"),
        pytest.param({"sync": OUT_OF_SYNC, "operationState": DONE | {"phase": "Running"}}, "", id="is syncing"),
        pytest.param({"sync": OUT_OF_SYNC}, "", id="has never synced"),
    ],
)
def test_the_revision_that_was_applied_to_the_end(status: dict[str, Any], revision: str) -> None:
    held = prune.prune(source.APPLICATION, {"metadata": {"name": "shop"}, "spec": {"source": SOURCE}, "status": status})
    assert applications.synced_revisions(held, URL, "main") == (revision,)


@pytest.mark.parametrize(
    ("status", "revisions"),
    [
        pytest.param({"sync": {"status": "Synced", "revisions": ["1.2.0", "2e1d", "9a9a"]}}, ("2e1d",), id="in sync"),
        pytest.param(
            {"sync": {"status": "OutOfSync", "revisions": ["1.2.0", "2e1d", "9a9a"]},
             "operationState": {"phase": "Succeeded", "syncResult": {"revisions": ["1.2.0", "1f0c", "9a9a"]}}},
            ("1f0c",), id="compares with a newer commit",
        ),
        pytest.param({"sync": {"status": "Synced", "revisions": ["1.2.0"]}}, ("",), id="says too few"),
        pytest.param({"sync": {"status": "Synced", "revision": "2e1d"}}, ("",), id="as an agent before this version sends it"),
    ],
)  # fmt: skip
def test_of_several_sources_only_those_of_the_repository_and_branch_count(status: dict[str, Any], revisions: tuple[str, ...]) -> None:
    spec = {"sources": [CHART, VALUES, {**VALUES, "ref": "old", "targetRevision": "v1"}]}
    held = prune.prune(source.APPLICATION, {"metadata": {"name": "shop"}, "spec": spec, "status": status})
    assert applications.synced_revisions(held, URL, "main") == revisions
    assert applications.synced_revisions(held, "https://git.example.com/other.git", "main") == ("",)
