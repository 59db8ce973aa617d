"""What the resources of Argo CD and Flux say about the repository of an object."""

from typing import Any

import pytest

from optral.kube import prune
from optral.runbooks.executions import source
from optral.runbooks.executions.managed import Manager

READY = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-01T12:00:00Z"}]}
KNOWN = {
    "repository": "https://git.example.com/shop/deploy.git",
    "path": "overlays/prod",
    "revision": "main",
    "appliedRevision": "1f0c",
    "appliedAt": "2026-11-01T12:00:00Z",
}


def test_a_kustomization_follows_its_git_repository() -> None:
    spec = {"path": "./overlays/prod", "sourceRef": {"kind": "GitRepository", "name": "deploy"}}
    held = {"metadata": {"namespace": "flux-system", "name": "shop"}, "spec": spec, "status": {**READY, "lastAppliedRevision": "1f0c"}}
    held = prune.prune(source.KUSTOMIZATION, held)
    assert source.repository_of(held) == ("GitRepository.source.toolkit.fluxcd.io", "flux-system", "deploy")
    repository = {"spec": {"url": "https://git.example.com/shop/deploy.git", "ref": {"branch": "main"}}}
    kustomization = {"namespace": "flux-system", "name": "shop"}
    assert source.of_kustomization(held, repository).plain() == KNOWN | {"kustomization": kustomization}
    known = {name: KNOWN[name] for name in ("path", "appliedRevision", "appliedAt")}
    assert source.of_kustomization(held, None).plain() == known | {"kustomization": kustomization}


def test_a_kustomization_names_what_it_changes_of_what_it_builds() -> None:
    spec = {"path": "./prod", "patches": [{"patch": "a: b"}], "postBuild": {"substitute": {"word": "s3cret"}}, "images": []}
    held = prune.prune(source.KUSTOMIZATION, {"metadata": {"namespace": "flux-system", "name": "shop"}, "spec": spec})
    assert source.of_kustomization(held, None).transformers == ("patches", "postBuild")
    assert "s3cret" not in str(held)


def test_a_release_names_its_chart() -> None:
    held = {"spec": {"chart": {"spec": {"chart": "web", "version": "1.2.0"}}}, "status": READY}
    assert source.of_release(held).plain() == {"chart": "web", "revision": "1.2.0", "appliedAt": "2026-11-01T12:00:00Z"}


OWN = source.Source(repository="https://git.example.com/shop/deploy.git", path="apps", revision="main", applied_revision="1f0c")


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


@pytest.mark.parametrize(
    ("kind", "status", "revision"),
    [
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
