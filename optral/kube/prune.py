"""What of large or free-form kinds leaves the cluster at all: the part that tells whether they are well, and what they refer to.

A CustomResourceDefinition carries the schema of its resources (up to a megabyte), an Argo CD Application lists every object it made, a
HelmRelease holds whatever values its chart takes. Nobody judges by any of that, and values may hold secrets in shapes that no rule
foresees. The redactor calls `prune` before it reads anything else. Unknown kinds pass whole.
"""

from collections.abc import Callable
from typing import Any

Tree = dict[str, Any]

_CRD_SPEC = ("group", "names", "scope", "conversion")
_CRD_VERSION = ("name", "served", "storage", "deprecated", "deprecationWarning")
_SOURCE = ("repoURL", "path", "chart", "targetRevision", "ref")
_DIRECTORY = ("recurse",)
_HELM = ("releaseName", "valueFiles", "ignoreMissingValueFiles")
_HELM_VALUES = ("values", "valuesObject", "parameters", "fileParameters")
_OPERATION = ("phase", "message", "startedAt", "finishedAt", "retryCount")
_CHILD = ("group", "version", "kind", "namespace", "name", "status", "hookPhase", "message", "health")
_FLUX_STATUS = ("conditions", "observedGeneration", "lastAppliedRevision", "lastAttemptedRevision", "failures")
_TRANSFORMERS = (
    "components", "images", "namePrefix", "nameSuffix", "patches", "patchesJson6902", "patchesStrategicMerge", "postBuild", "replicas",
)  # fmt: skip
_HELM_SPEC = ("chart", "chartRef", "interval", "releaseName", "suspend", "targetNamespace", "dependsOn", "timeout")
_KUSTOMIZATION_SPEC = ("sourceRef", "path", "interval", "suspend", "targetNamespace", "dependsOn", "prune", "wait", "timeout")
MAX_FAILING = 10  # objects of an Application that are not well; the first ones name the cause


def prune(kind: str, tree: Tree) -> Tree:
    """The object of this `Kind.id` without what nobody judges by; the tree given is not changed."""
    rule = _RULES.get(kind)
    return tree if rule is None else rule(tree)


def _only(value: Any, keys: tuple[str, ...]) -> Any:
    """These keys of an object; anything else of a wrong shape becomes empty."""
    return {key: value[key] for key in keys if key in value} if isinstance(value, dict) else {}


def _each(value: Any, keys: tuple[str, ...]) -> list[Any]:
    return [_only(item, keys) for item in value] if isinstance(value, list) else []


def _part(tree: Tree, key: str) -> Tree:
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def _definition(tree: Tree) -> Tree:
    spec = _part(tree, "spec")
    return {**tree, "spec": {**_only(spec, _CRD_SPEC), "versions": _each(spec.get("versions"), _CRD_VERSION)}}


def _application(tree: Tree) -> Tree:
    spec, status = _part(tree, "spec"), _part(tree, "status")
    sources = spec.get("sources") if "sources" in spec else [spec.get("source")]
    wanted = _only(spec, ("project", "destination", "syncPolicy")) | {
        "sources": list(map(_source, sources if isinstance(sources, list) else ()))
    }
    said = _only(status, ("health", "conditions", "reconciledAt", "sourceType", "sourceTypes"))
    if failing := [one for one in _each(status.get("resources"), _CHILD) if _part(one, "health").get("status") == "Degraded"]:
        said["resources"] = failing[:MAX_FAILING]
    said |= {
        "sync": _only(status.get("sync"), ("status", "revision", "revisions")),
        "operationState": _operation(_part(status, "operationState")),
    }
    return {**_without(tree, "operation"), "spec": wanted, "status": said}


def _source(one: Any) -> Tree:
    """A source of an Application. Of what it gives to Helm, files are named, and of values and transformers only that there are some."""
    left: Tree = _only(one, _SOURCE)
    read: Tree = one if isinstance(one, dict) else {}
    given = _part(read, "helm")
    parts = {
        "helm": _only(given, _HELM) | _omitted(given, _HELM_VALUES),
        "kustomize": _omitted(_part(read, "kustomize"), _TRANSFORMERS),
        "directory": _only(read.get("directory"), _DIRECTORY),
    }
    return left | {name: kept for name, kept in parts.items() if kept}


def _omitted(given: Tree, names: tuple[str, ...]) -> Tree:
    """Which of these settings there are, but not what they are."""
    found = [name for name in names if given.get(name)]
    return {"omitted": found} if found else {}


def _operation(state: Tree) -> Tree:
    """The last operation, which revision it brought, or which of each source, and the objects that it could not apply."""
    left: Tree = _only(state, _OPERATION)
    if "syncResult" not in state:
        return left
    result = _only(state["syncResult"], ("revision", "revisions"))
    failing = [one for one in _each(_part(state, "syncResult").get("resources"), _CHILD) if _has_failed(one)]
    return left | {"syncResult": result | ({"resources": failing[:MAX_FAILING]} if failing else {})}


def _has_failed(applied: Tree) -> bool:
    return applied.get("status") == "SyncFailed" or applied.get("hookPhase") in ("Failed", "Error")


def _release(tree: Tree) -> Tree:
    return {**tree, "spec": _only(tree.get("spec"), _HELM_SPEC), "status": _only(tree.get("status"), _FLUX_STATUS)}


def _kustomization(tree: Tree) -> Tree:
    spec = _only(tree.get("spec"), _KUSTOMIZATION_SPEC) | _omitted(_part(tree, "spec"), _TRANSFORMERS)
    return {**tree, "spec": spec, "status": _only(tree.get("status"), _FLUX_STATUS)}


def _without(tree: Tree, key: str) -> Tree:
    return {name: value for name, value in tree.items() if name != key}


_RULES: dict[str, Callable[[Tree], Tree]] = {
    "CustomResourceDefinition.apiextensions.k8s.io": _definition,
    "Application.argoproj.io": _application,
    "HelmRelease.helm.toolkit.fluxcd.io": _release,
    "Kustomization.kustomize.toolkit.fluxcd.io": _kustomization,
}
