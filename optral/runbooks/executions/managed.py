"""Who else manages an object, such as Argo CD, Helm or a controller, and would undo or hide our change.

Recognized by labels, annotations and owners, which redaction keeps; a HorizontalPodAutoscaler by its target.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_BUILT_IN_GROUPS = frozenset({"", "apps", "batch", "core"})
_WRITERS = {
    "argocd-controller": "argocd",
    "argocd-application-controller": "argocd",
    "kustomize-controller": "flux",
    "helm-controller": "flux",
    "helm": "helm",
}
DRIFTING = frozenset({"restart", "scale", "setResources", "setImage", "patch", "rollback"})
"""Verbs that change what a manager keeps; deleting a pod or cordoning a node is no drift."""

SYNCING = frozenset({"argocd", "flux"})
"""Managers that apply a repository again and again: a change of the cluster alone is reverted at their next sync."""

SCALING = frozenset({"scale", "patch"})
"""Verbs that may change the number of replicas; `sets_replicas` says whether one does."""


class Manager(NamedTuple):
    """`kind` is argocd, flux, helm, operator or hpa; `name` is the application, release, owner or autoscaler."""

    kind: str
    name: str

    def __str__(self) -> str:
        called = {"argocd": "Argo CD", "flux": "Flux", "helm": "Helm", "operator": "the operator of", "hpa": "HorizontalPodAutoscaler"}[
            self.kind
        ]
        return f"{called} {self.name}".strip()


def managers_of(verb: str, manifest: Mapping[str, Any], autoscalers: Iterable[Mapping[str, Any]] = ()) -> list[Manager]:
    """Who manages the object that this verb would change; empty for verbs that cause no drift."""
    if verb not in DRIFTING:
        return []
    metadata = _metadata(manifest)
    found = [*_declared(metadata), *_owners(metadata)]
    found += [writer for writer in _writers(metadata) if writer.kind not in {known.kind for known in found}]
    if verb in SCALING:
        found += [Manager("hpa", _name(autoscaler)) for autoscaler in autoscalers if _targets(autoscaler, manifest)]
    return list(dict.fromkeys(found))


def declared_by(manifest: Mapping[str, Any]) -> list[Manager]:
    """Who applies an object, by its labels and annotations."""
    return _declared(_metadata(manifest))


def sets_replicas(verb: str, values: Mapping[str, Any]) -> bool:
    """Whether a step changes the number of replicas, which an autoscaler would set again."""
    return verb == "scale" or (verb == "patch" and values.get("field") == "replicas")


def _metadata(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _declared(metadata: Mapping[str, Any]) -> list[Manager]:
    labels, notes = (_texts(metadata.get(part)) for part in ("labels", "annotations"))
    found = []
    if "argocd.argoproj.io/tracking-id" in notes or "argocd.argoproj.io/instance" in labels:
        tracked = notes.get("argocd.argoproj.io/tracking-id", "").partition(":")[0]
        found.append(Manager("argocd", labels.get("argocd.argoproj.io/instance") or tracked))
    flux = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
    found.extend(Manager("flux", labels[label]) for label in flux if label in labels)
    if labels.get("app.kubernetes.io/managed-by") == "Helm" or "meta.helm.sh/release-name" in notes:
        found.append(Manager("helm", notes.get("meta.helm.sh/release-name", "")))
    return found


def _writers(metadata: Mapping[str, Any]) -> list[Manager]:
    """Those who wrote its fields, where nothing else gives them away."""
    fields = metadata.get("managedFields")
    names = [str(field.get("manager", "")) for field in fields if isinstance(field, Mapping)] if isinstance(fields, list) else []
    return [Manager(_WRITERS[name], "") for name in names if name in _WRITERS]


def _owners(metadata: Mapping[str, Any]) -> list[Manager]:
    owners = metadata.get("ownerReferences")
    found = []
    for owner in owners if isinstance(owners, list) else ():
        if isinstance(owner, Mapping) and owner.get("controller") is True:
            group = str(owner.get("apiVersion", "")).rpartition("/")[0]
            if group not in _BUILT_IN_GROUPS:
                found.append(Manager("operator", f"{owner.get('kind', '')}/{owner.get('name', '')}"))
    return found


def _targets(autoscaler: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """Whether the autoscaler is about this object; items of a list have no kind of their own, so the name alone may have to do."""
    spec = autoscaler.get("spec")
    ref = spec.get("scaleTargetRef") if isinstance(spec, Mapping) else None
    if not isinstance(ref, Mapping) or ref.get("name") != _name(manifest):
        return False
    return not manifest.get("kind") or ref.get("kind") == manifest.get("kind")


def _name(manifest: Mapping[str, Any]) -> str:
    return str(_metadata(manifest).get("name", ""))


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}
