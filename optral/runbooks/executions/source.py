"""From which repository Argo CD or Flux applies an object, as their own resources say. Pure: the caller looks these resources up.

Sources of an Application: see `applications.py`.

Sources: Argo CD documentation, Application CRD; Flux documentation, Kustomization, HelmRelease and GitRepository.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from optral.kube.health.model import items, part, text
from optral.runbooks.executions.managed import Manager

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
    `release`, `targetNamespace`, `valueFiles`, `ignoresMissing`, in `omitted` what else it sets, `generatedBy` an ApplicationSet, and the
    place of the source among several (`sourceIndex`). `transformers` names settings of the tool that change what the folder builds,
    `kustomization` (`namespace`, `name`) is the resource of Flux that may have them. `candidates` are the sources of an Application of
    which the last one that describes an object makes it: `path`, `helm`, `transformers`, and whether it `recurses` into folders.
    `problem` says why the files cannot be determined.
    """

    repository: str = ""
    path: str = ""
    revision: str = ""
    applied_revision: str = ""
    applied_at: str = ""
    chart: str = ""
    helm: Mapping[str, Any] | None = None
    transformers: Sequence[str] = ()
    kustomization: Mapping[str, str] | None = None
    candidates: Sequence[Mapping[str, Any]] = ()
    problem: str = ""

    def plain(self) -> dict[str, Any]:
        """For a plan: only what is known."""
        names = {"applied_revision": "appliedRevision", "applied_at": "appliedAt"}
        return {names.get(name, name): value for name, value in asdict(self).items() if value}


def address_of(url: str) -> str:
    """The address of a repository without the credentials in it."""
    return _USER.sub("", url)


def keeper(manager: Manager, manifest: Mapping[str, Any]) -> Named | None:
    """The resource by which the manager keeps an object; None for a manager that has none. Argo CD says no namespace."""
    if manager.kind == "argocd" and manager.name:
        return Named(APPLICATION, "", manager.name)
    for kind in (KUSTOMIZATION, RELEASE) if manager.kind == "flux" else ():
        group = kind.partition(".")[2]
        if text(manifest, "metadata", "labels", f"{group}/name") == manager.name:
            return Named(kind, text(manifest, "metadata", "labels", f"{group}/namespace"), manager.name)
    return None


def repository_of(manifest: Mapping[str, Any]) -> Named | None:
    """The GitRepository (or bucket, or OCI repository) that a Kustomization applies from."""
    kind, name, namespace = (text(manifest, "spec", "sourceRef", key) for key in ("kind", "name", "namespace"))
    if not kind or not name:
        return None
    return Named(f"{kind}.{_SOURCES}", namespace or text(manifest, "metadata", "namespace"), name)


def of_kustomization(manifest: Mapping[str, Any], repository: Mapping[str, Any] | None) -> Source:
    """The source of a Kustomization, with what its repository says where that is in the inventory."""
    return Source(
        repository=address_of(text(repository, "spec", "url")),
        path=text(manifest, "spec", "path").removeprefix("./").strip("/"),
        revision=next(filter(None, (text(repository, "spec", "ref", name) for name in _REVISIONS)), ""),
        applied_revision=text(manifest, "status", "lastAppliedRevision"),
        applied_at=_ready_since(manifest),
        transformers=_transformers(manifest),
        kustomization={key: text(manifest, "metadata", key) for key in ("namespace", "name")},
    )


def _transformers(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    named = part(manifest, "spec", "omitted")
    return tuple(map(str, named)) if isinstance(named, list) else ()


def synced_revision(keeper: str, manifest: Mapping[str, Any]) -> str:
    """The commit that Flux has applied to the end; empty while it has not, and for a kind that does not say."""
    return re.split(r"[:/]", text(manifest, "status", "lastAppliedRevision"))[-1] if keeper == KUSTOMIZATION else ""


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
    is_beside = address_of(text(charts, "spec", "url")) == own.repository
    helm = {"kind": "HelmRelease", **metadata, **({"path": own.path} if own.path else {})}
    return replace(own, chart="" if is_beside else chart or text(manifest, "spec", "chartRef", "name"), helm=helm, applied_at=applied_at)


def _ready_since(manifest: Mapping[str, Any]) -> str:
    ready = (item for item in items(manifest, "status", "conditions") if text(item, "type") == "Ready" and text(item, "status") == "True")
    return text(next(ready, None), "lastTransitionTime")
