"""From which repository Argo CD or Flux applies an object, as their own resources say. Pure: the caller looks these resources up.

Sources: Argo CD documentation, Application CRD; Flux documentation, Kustomization, HelmRelease and GitRepository.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

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
    last. `chart` is set where a Helm chart is the source.
    """

    repository: str = ""
    path: str = ""
    revision: str = ""
    applied_revision: str = ""
    applied_at: str = ""
    chart: str = ""

    def plain(self) -> dict[str, str]:
        """For a plan: only what is known."""
        names = {"applied_revision": "appliedRevision", "applied_at": "appliedAt"}
        return {names.get(name, name): value for name, value in asdict(self).items() if value}


def keeper(manager: Manager, manifest: Mapping[str, Any]) -> Named | None:
    """The resource by which the manager keeps an object; None for a manager that has none. Argo CD says no namespace."""
    labels = _part(_part(manifest, "metadata"), "labels")
    if manager.kind == "argocd" and manager.name:
        return Named(APPLICATION, "", manager.name)
    for kind in (KUSTOMIZATION, RELEASE) if manager.kind == "flux" else ():
        group = kind.partition(".")[2]
        if labels.get(f"{group}/name") == manager.name:
            return Named(kind, str(labels.get(f"{group}/namespace") or ""), manager.name)
    return None


def of_application(manifest: Mapping[str, Any]) -> Source | None:
    """The source of an Application. None where it has several: which of them makes the object is not recorded."""
    spec, status = _part(manifest, "spec"), _part(manifest, "status")
    found = spec.get("sources") or [spec.get("source")]
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], Mapping):
        return None
    (one,) = found
    return Source(
        repository=_USER.sub("", _text(one, "repoURL")),
        path=_text(one, "path").strip("/"),
        revision=_text(one, "targetRevision"),
        applied_revision=_text(_part(status, "sync"), "revision"),
        applied_at=_text(_part(status, "operationState"), "finishedAt"),
        chart=_text(one, "chart"),
    )


def repository_of(manifest: Mapping[str, Any]) -> Named | None:
    """The GitRepository (or bucket, or OCI repository) that a Kustomization applies from."""
    ref = _part(_part(manifest, "spec"), "sourceRef")
    kind, name = _text(ref, "kind"), _text(ref, "name")
    if not kind or not name:
        return None
    return Named(f"{kind}.{_SOURCES}", _text(ref, "namespace") or _text(_part(manifest, "metadata"), "namespace"), name)


def of_kustomization(manifest: Mapping[str, Any], repository: Mapping[str, Any] | None) -> Source:
    """The source of a Kustomization, with what its repository says where that is in the inventory."""
    spec, status = _part(manifest, "spec"), _part(manifest, "status")
    held = _part(repository or {}, "spec")
    return Source(
        repository=_USER.sub("", _text(held, "url")),
        path=_text(spec, "path").removeprefix("./").strip("/"),
        revision=next(
            (_text(_part(held, "ref"), name) for name in ("commit", "tag", "semver", "branch", "name") if _text(_part(held, "ref"), name)),
            "",
        ),
        applied_revision=_text(status, "lastAppliedRevision"),
        applied_at=next(_ready_since(status), ""),
    )


def of_release(manifest: Mapping[str, Any]) -> Source:
    """A Helm chart: its files belong to others."""
    chart = _part(_part(_part(manifest, "spec"), "chart"), "spec")
    return Source(
        chart=_text(chart, "chart"), revision=_text(chart, "version"), applied_at=next(_ready_since(_part(manifest, "status")), "")
    )


def _ready_since(status: Mapping[str, Any]) -> Iterator[str]:
    conditions = status.get("conditions")
    for one in conditions if isinstance(conditions, list) else ():
        if isinstance(one, Mapping) and one.get("type") == "Ready" and one.get("status") == "True":
            yield _text(one, "lastTransitionTime")


def _part(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(tree: Mapping[str, Any], name: str) -> str:
    found = tree.get(name)
    return found if isinstance(found, str) else ""
