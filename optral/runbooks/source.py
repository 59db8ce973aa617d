"""From which repository Argo CD or Flux applies an object, as their own resources say. Pure: the caller looks these resources up.

Sources: Argo CD documentation, Application CRD; Flux documentation, Kustomization, HelmRelease and GitRepository.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from optral.kube.health.model import items, part, text
from optral.runbooks.managed import Manager

APPLICATION = "Application.argoproj.io"
KUSTOMIZATION = "Kustomization.kustomize.toolkit.fluxcd.io"
RELEASE = "HelmRelease.helm.toolkit.fluxcd.io"
_SOURCES = "source.toolkit.fluxcd.io"
_REVISIONS = ("commit", "tag", "semver", "branch", "name")
_USER = re.compile(r"(?<=://)[^/@]*@")


class Named(NamedTuple):
    """A resource by which a tool keeps an object. `namespace` is empty where nothing gives it away."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files are; a text is empty where the tool does not say.

    `path` is the folder that the tool applies, `revision` the branch, tag or commit that it follows, `applied_revision` what it applied
    last. `chart` is set where the source is a Helm chart that is not in the repository. `helm` says which release Helm makes: the
    Application or HelmRelease (`kind`, `namespace`, `name`) and the folder with its manifest (`path`), and, of an Application, `chart`,
    `release`, `targetNamespace`, `valueFiles`, `ignoresMissing`, and in `omitted` what else it sets.
    """

    repository: str = ""
    path: str = ""
    revision: str = ""
    applied_revision: str = ""
    applied_at: str = ""
    chart: str = ""
    helm: Mapping[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """For a plan: only what is known."""
        names = {"applied_revision": "appliedRevision", "applied_at": "appliedAt"}
        return {names.get(name, name): value for name, value in asdict(self).items() if value}


def keeper(manager: Manager, manifest: Mapping[str, Any]) -> Named | None:
    """The resource by which the manager keeps an object; None for a manager that has none. Argo CD says no namespace."""
    if manager.kind == "argocd" and manager.name:
        return Named(APPLICATION, "", manager.name)
    for kind in (KUSTOMIZATION, RELEASE) if manager.kind == "flux" else ():
        group = kind.partition(".")[2]
        if text(manifest, "metadata", "labels", f"{group}/name") == manager.name:
            return Named(kind, text(manifest, "metadata", "labels", f"{group}/namespace"), manager.name)
    return None


def of_application(manifest: Mapping[str, Any], own: Source | None = None) -> Source | None:
    """The source of an Application. None where it has several: which of them makes the object is not recorded.

    `own` is the source of the Application itself, where something applies it.
    """
    found = part(manifest, "spec", "sources") or [part(manifest, "spec", "source")]
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], Mapping):
        return None
    (one,) = found
    return Source(
        repository=(repository := _USER.sub("", text(one, "repoURL"))),
        path=text(one, "path").strip("/"),
        revision=text(one, "targetRevision"),
        applied_revision=text(manifest, "status", "sync", "revision"),
        applied_at=text(manifest, "status", "operationState", "finishedAt"),
        chart=text(one, "chart"),
        helm=_of_helm(manifest, one, own.path if own is not None and own.repository == repository else ""),
    )


def _of_helm(manifest: Mapping[str, Any], one: Mapping[str, Any], folder: str) -> dict[str, Any] | None:
    """What Argo CD gives to Helm; None for an Application of another tool."""
    if text(manifest, "status", "sourceType") != "Helm":
        return None
    named, omitted = part(one, "helm", "valueFiles"), part(one, "helm", "omitted")
    found = {
        "kind": "Application",
        "namespace": text(manifest, "metadata", "namespace"),
        "name": text(manifest, "metadata", "name"),
        "path": folder,
        "chart": text(one, "path").strip("/"),
        "release": text(one, "helm", "releaseName"),
        "targetNamespace": text(manifest, "spec", "destination", "namespace"),
        "valueFiles": [str(name) for name in named] if isinstance(named, list) else [],
        "ignoresMissing": part(one, "helm", "ignoreMissingValueFiles") is True,
        "omitted": [str(name) for name in omitted] if isinstance(omitted, list) else [],
    }
    return {name: value for name, value in found.items() if value}


def repository_of(manifest: Mapping[str, Any]) -> Named | None:
    """The GitRepository (or bucket, or OCI repository) that a Kustomization applies from."""
    kind, name, namespace = (text(manifest, "spec", "sourceRef", key) for key in ("kind", "name", "namespace"))
    if not kind or not name:
        return None
    return Named(f"{kind}.{_SOURCES}", namespace or text(manifest, "metadata", "namespace"), name)


def of_kustomization(manifest: Mapping[str, Any], repository: Mapping[str, Any] | None) -> Source:
    """The source of a Kustomization, with what its repository says where that is in the inventory."""
    return Source(
        repository=_USER.sub("", text(repository, "spec", "url")),
        path=text(manifest, "spec", "path").removeprefix("./").strip("/"),
        revision=next(filter(None, (text(repository, "spec", "ref", name) for name in _REVISIONS)), ""),
        applied_revision=text(manifest, "status", "lastAppliedRevision"),
        applied_at=_ready_since(manifest),
    )


def synced_revision(keeper: str, manifest: Mapping[str, Any]) -> str:
    """The commit that a tool has applied to the end; empty while it has not, and where it does not say.

    Argo CD names the revision that it compares with before it applies it: that counts only once the Application is synced with it.
    """
    if keeper == APPLICATION:
        if text(manifest, "status", "sync", "status") == "Synced":
            return text(manifest, "status", "sync", "revision")
        is_done = text(manifest, "status", "operationState", "phase") == "Succeeded"
        return text(manifest, "status", "operationState", "syncResult", "revision") if is_done else ""
    if keeper == KUSTOMIZATION:
        return re.split(r"[:/]", text(manifest, "status", "lastAppliedRevision"))[-1]
    return ""


def chart_repository(release: Mapping[str, Any]) -> Named | None:
    """The GitRepository with the chart of a HelmRelease; None for a chart from elsewhere."""
    kind, name, namespace = (text(release, "spec", "chart", "spec", "sourceRef", key) for key in ("kind", "name", "namespace"))
    return Named(f"{kind}.{_SOURCES}", namespace or text(release, "metadata", "namespace"), name) if kind == "GitRepository" else None


def of_release(manifest: Mapping[str, Any], own: Source | None = None, charts: Mapping[str, Any] | None = None) -> Source:
    """The source of a HelmRelease: where its manifest is, which has the values. `own` is the source of the manifest.

    `charts` is the GitRepository with its chart; a chart from elsewhere is named.
    """
    chart, version = (text(manifest, "spec", "chart", "spec", key) for key in ("chart", "version"))
    applied_at = _ready_since(manifest)
    if own is None:
        return Source(chart=chart, revision=version, applied_at=applied_at)
    metadata = {key: text(manifest, "metadata", key) for key in ("namespace", "name")}
    is_beside = _USER.sub("", text(charts, "spec", "url")) == own.repository
    helm = {"kind": "HelmRelease", **metadata, **({"path": own.path} if own.path else {})}
    return replace(own, chart="" if is_beside else chart or text(manifest, "spec", "chartRef", "name"), helm=helm, applied_at=applied_at)


def _ready_since(manifest: Mapping[str, Any]) -> str:
    ready = (one for one in items(manifest, "status", "conditions") if text(one, "type") == "Ready" and text(one, "status") == "True")
    return text(next(ready, None), "lastTransitionTime")
