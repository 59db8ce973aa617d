"""What the resources of Argo CD and Flux say about the repository of an object."""

from typing import Any

import pytest

from optral.kube import prune
from optral.runbooks import source
from optral.runbooks.managed import Manager

SOURCE = {"repoURL": "https://deploy:token@git.example.com/shop/deploy.git", "path": "overlays/prod/", "targetRevision": "main"}
STATUS = {"sync": {"status": "Synced", "revision": "1f0c"}, "operationState": {"phase": "Succeeded", "finishedAt": "2026-11-01T12:00:00Z"}}
READY = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-01T12:00:00Z"}]}
KNOWN = {
    "repository": "https://git.example.com/shop/deploy.git",
    "path": "overlays/prod",
    "revision": "main",
    "appliedRevision": "1f0c",
    "appliedAt": "2026-11-01T12:00:00Z",
}


def application(**spec: Any) -> dict[str, Any]:
    """As the agent sends it: without what nobody reads."""
    return prune.prune(source.APPLICATION, {"metadata": {"name": "shop"}, "spec": spec, "status": STATUS})


def test_an_application_names_repository_folder_and_revision_without_credentials() -> None:
    found = source.of_application(application(source=SOURCE))
    assert found is not None and found.plain() == KNOWN


@pytest.mark.parametrize("spec", [{"sources": [SOURCE, SOURCE]}, {"sources": "nonsense"}, {"source": 7}, {}])
def test_several_sources_or_none_are_not_guessed(spec: dict[str, Any]) -> None:
    found = source.of_application(application(**spec))
    assert found is None or found.plain().keys() <= {"appliedRevision", "appliedAt"}


def test_a_kustomization_follows_its_git_repository() -> None:
    spec = {"path": "./overlays/prod", "sourceRef": {"kind": "GitRepository", "name": "deploy"}}
    held = {"metadata": {"namespace": "flux-system"}, "spec": spec, "status": {**READY, "lastAppliedRevision": "1f0c"}}
    held = prune.prune(source.KUSTOMIZATION, held)
    assert source.repository_of(held) == ("GitRepository.source.toolkit.fluxcd.io", "flux-system", "deploy")
    repository = {"spec": {"url": "https://git.example.com/shop/deploy.git", "ref": {"branch": "main"}}}
    assert source.of_kustomization(held, repository).plain() == KNOWN
    assert source.of_kustomization(held, None).plain() == {name: KNOWN[name] for name in ("path", "appliedRevision", "appliedAt")}


def test_a_release_names_its_chart() -> None:
    held = {"spec": {"chart": {"spec": {"chart": "web", "version": "1.2.0"}}}, "status": READY}
    assert source.of_release(held).plain() == {"chart": "web", "revision": "1.2.0", "appliedAt": "2026-11-01T12:00:00Z"}


HELM = {"releaseName": "web", "valueFiles": ["../prod.yaml"], "ignoreMissingValueFiles": True, "values": "word: s3cret"}
OWN = source.Source(repository="https://git.example.com/shop/deploy.git", path="apps", revision="main", applied_revision="1f0c")


def test_an_application_of_a_chart_names_its_release_and_what_else_it_sets() -> None:
    spec = {"source": {**SOURCE, "path": "charts/web", "helm": HELM}, "destination": {"namespace": "shop"}}
    manifest = {"metadata": {"name": "web", "namespace": "argocd"}, "spec": spec, "status": {**STATUS, "sourceType": "Helm"}}
    found = source.of_application(prune.prune(source.APPLICATION, manifest), OWN)
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
    elsewhere = source.of_application(prune.prune(source.APPLICATION, manifest), source.Source(repository="ssh://other", path="apps"))
    assert elsewhere is not None and elsewhere.helm is not None and "path" not in elsewhere.helm


def test_an_application_of_another_tool_names_no_release() -> None:
    spec = {"source": {**SOURCE, "helm": HELM}}
    found = source.of_application({"metadata": {"name": "web"}, "spec": spec, "status": {**STATUS, "sourceType": "Directory"}})
    assert found is not None and found.helm is None


@pytest.mark.parametrize(
    ("source_ref", "url", "chart"),
    [
        ({"kind": "GitRepository", "name": "deploy"}, OWN.repository, ""),
        ({"kind": "GitRepository", "name": "charts"}, "https://git.example.com/shop/charts.git", "./charts/web"),
        ({"kind": "HelmRepository", "name": "shop"}, "", "./charts/web"),
    ],
)
def test_the_values_of_a_helm_release_are_where_its_manifest_is(source_ref: dict[str, str], url: str, chart: str) -> None:
    spec = {"chart": {"spec": {"chart": "./charts/web", "sourceRef": source_ref}}, "values": {"word": "s3cret"}}
    held = prune.prune(source.RELEASE, {"metadata": {"namespace": "shop", "name": "web"}, "spec": spec, "status": READY})
    named = source.chart_repository(held)
    assert (named is not None) is (source_ref["kind"] == "GitRepository")
    plain = source.of_release(held, OWN, {"spec": {"url": url}} if url else None).plain()
    assert plain.pop("chart", "") == chart
    assert plain == KNOWN | {"path": "apps", "helm": {"kind": "HelmRelease", "namespace": "shop", "name": "web", "path": "apps"}}


@pytest.mark.parametrize(
    ("manager", "labels", "kept_by"),
    [
        (Manager("argocd", "shop"), {}, (source.APPLICATION, "", "shop")),
        (Manager("argocd", ""), {}, None),
        (
            Manager("flux", "apps"),
            {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"},
            (source.KUSTOMIZATION, "flux-system", "apps"),
        ),
        (Manager("flux", "web"), {"helm.toolkit.fluxcd.io/name": "web"}, (source.RELEASE, "", "web")),
        (Manager("helm", "web"), {}, None),
        (Manager("hpa", "web"), {}, None),
    ],
)
def test_the_resource_that_keeps_the_object(manager: Manager, labels: dict[str, str], kept_by: tuple[str, str, str] | None) -> None:
    assert source.keeper(manager, {"metadata": {"labels": labels}}) == kept_by


IN_SYNC = {"status": "Synced", "revision": "2e1d"}
OUT_OF_SYNC = {"status": "OutOfSync", "revision": "2e1d"}
DONE = {"phase": "Succeeded", "syncResult": {"revision": "1f0c", "resources": [{"kind": "Deployment"}]}}


@pytest.mark.parametrize(
    ("kind", "status", "revision"),
    [
        pytest.param(source.APPLICATION, {"sync": IN_SYNC, "operationState": DONE}, "2e1d", id="Argo CD is in sync"),
        pytest.param(source.APPLICATION, {"sync": OUT_OF_SYNC, "operationState": DONE}, "1f0c", id="Argo CD compares with a newer commit"),
        pytest.param(source.APPLICATION, {"sync": OUT_OF_SYNC, "operationState": DONE | {"phase": "Running"}}, "", id="Argo CD is syncing"),
        pytest.param(source.APPLICATION, {"sync": OUT_OF_SYNC}, "", id="Argo CD has never synced"),
        pytest.param(
            source.KUSTOMIZATION, {"lastAppliedRevision": "main@sha1:1f0c", "lastAttemptedRevision": "main@sha1:2e1d"}, "1f0c", id="Flux"
        ),
        pytest.param(source.KUSTOMIZATION, {"lastAttemptedRevision": "main@sha1:2e1d"}, "", id="Flux has applied nothing yet"),
        pytest.param(source.RELEASE, {"lastAttemptedRevision": "0.1.0+1f0c"}, "", id="a HelmRelease names a chart, not a commit"),
    ],
)
def test_the_revision_that_was_applied_to_the_end(kind: str, status: dict[str, Any], revision: str) -> None:
    """As the agent sends it."""
    held = prune.prune(kind, {"metadata": {"name": "shop"}, "spec": {}, "status": status})
    assert source.synced_revision(kind, held) == revision
