"""What Argo CD or Flux gives to Helm: the chart, and the layers of values with the places where each is written.

The manifest of the Application or HelmRelease is read from the repository, since an inventory has no values. Where an Application is in no
repository, what the inventory shows of it has to do. What cannot be read here is refused by name.
Sources: Argo CD documentation, "Helm"; Flux documentation, HelmRelease and HelmChart.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from optral.gitops import helm, locate, manifest, values
from optral.gitops.model import CannotEdit, Files, Target
from optral.gitops.values import Form, Layer
from optral.kube import diff

CHART, DEFAULTS = "Chart.yaml", "values.yaml"
_INLINE = ("values", "valuesObject", "parameters", "fileParameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the cluster says of a release. `keeper` is the Application or HelmRelease, `folder` the one from which itself is applied.

    Both folders are empty where the cluster does not say. `omitted` names what an Application sets that the inventory does not show.
    """

    keeper: Target
    folder: str = ""
    chart: str = ""
    release: str = ""
    namespace: str = ""
    value_files: Sequence[str] = ()
    ignores_missing: bool = False
    omitted: Sequence[str] = ()


class Setup(NamedTuple):
    """`chart` is a folder of the repository, None for a chart from elsewhere. `layers`: the last one wins.

    `has_defaults`: the chart's own `values.yaml` counts.
    """

    chart: str | None
    name: str
    release: helm.Release
    layers: Sequence[Layer]
    has_defaults: bool = True


def of_plan(plan: Mapping[str, Any]) -> Applied | None:
    """The release that applies what a plan changes; None when no manager names one, or they name several."""
    found = [source["helm"] for one in plan.get("managers") or () if (source := one.get("source")) and source.get("helm")]
    if not found or any(one != found[0] for one in found):
        return None
    one: Mapping[str, Any] = found[0]
    return Applied(
        keeper=Target(str(one["kind"]), str(one.get("namespace", "")), str(one["name"])),
        folder=str(one.get("path", "")),
        chart=str(one.get("chart", "")),
        release=str(one.get("release", "")),
        namespace=str(one.get("targetNamespace", "")),
        value_files=tuple(one.get("valueFiles", ())),
        ignores_missing=bool(one.get("ignoresMissing")),
        omitted=tuple(one.get("omitted", ())),
    )


def setup(files: Files, applied: Applied) -> Setup:
    """Raises `CannotEdit`."""
    found = _documents(files, applied)
    return _of_release(files, applied, found) if applied.keeper.kind == "HelmRelease" else _of_application(files, applied, found)


def _documents(files: Files, applied: Applied) -> list[tuple[str, manifest.Document]]:
    """The manifest of the keeper and its patches; where its folder is unknown, the only one in the repository."""
    if applied.folder:
        return locate.documents(files, applied.folder, applied.keeper)
    found = [(path, one) for path in sorted(files) for one in manifest.documents(files[path]) if one.is_about(applied.keeper)]
    if len(found) > 1:
        where = ", ".join(dict.fromkeys(path for path, _ in found))
        raise CannotEdit(f"More than one document describes {applied.keeper}: {where}")
    return found


# --- Argo CD


def _of_application(files: Files, applied: Applied, found: Sequence[tuple[str, manifest.Document]]) -> Setup:
    if not found and applied.omitted:
        say = f"{applied.keeper} sets {', '.join(applied.omitted)} itself, and its manifest is not in the repository: change it there"
        raise CannotEdit(say)
    whole = values.merged(one.value for _, one in found)
    spec = _map(whole, "spec")
    source = _map(spec, "source")
    given = _map(source, "helm")
    if found and not source:
        raise CannotEdit(f"{applied.keeper} has several sources, which cannot be followed: change the values by hand")
    if given.get("fileParameters"):
        raise CannotEdit(f"{applied.keeper} uses fileParameters, which cannot be followed: change the values by hand")
    chart = None if source.get("chart") else locate.normal(str(source.get("path") or applied.chart))
    named = given.get("valueFiles", []) if found else applied.value_files
    ignores = bool(given.get("ignoreMissingValueFiles")) if found else applied.ignores_missing
    layers = list(_defaults(files, chart))
    layers += _value_files(files, chart or "", [str(one) for one in named], ignores_missing=ignores)
    layers += [layer for path, one in found for layer in _inline(path, one, given)]
    release = helm.Release(
        str(given.get("releaseName") or applied.release or applied.keeper.name),
        str(given.get("namespace") or applied.namespace or _map(spec, "destination").get("namespace") or "default"),
        str(given.get("kubeVersion") or ""),
        tuple(map(str, given.get("apiVersions") or ())),
    )
    return Setup(chart, str(source.get("chart") or chart), release, layers)


def _inline(path: str, document: manifest.Document, given: Mapping[str, Any]) -> Iterator[Layer]:
    """The layers within one manifest or patch. `valuesObject` replaces `values`; the last patch with a list or a text replaces it."""
    own = _map(_map(_map(document.value, "spec"), "source"), "helm")
    at = ("spec", "source", "helm")
    if own.get("valuesObject"):
        yield Layer(path=path, form=Form.MAP, target=_named(document), at=(*at, "valuesObject"))
    elif own.get("values") and not given.get("valuesObject") and own["values"] == given["values"]:
        yield Layer(path=path, form=Form.TEXT, target=_named(document), at=(*at, "values"))
    if own.get("parameters") and own["parameters"] == given["parameters"]:
        yield Layer(path=path, form=Form.PARAMETERS, target=_named(document), at=(*at, "parameters"))


def _value_files(files: Files, folder: str, named: Sequence[str], *, ignores_missing: bool) -> Iterator[Layer]:
    for one in named:
        if "://" in one or one.startswith("$") or "*" in one or "?" in one:
            raise CannotEdit(f"The values file {one[:200]} is not a file of this repository, or a pattern: change the values by hand")
        path = locate.normal(one) if one.startswith("/") else locate.joined(folder, one)
        if path in files:
            yield Layer(path=path)
        elif not ignores_missing:
            raise CannotEdit(f"The values file {path} is not in the repository")


# --- Flux


def _of_release(files: Files, applied: Applied, found: Sequence[tuple[str, manifest.Document]]) -> Setup:
    if not found:
        raise CannotEdit(f"No file in {applied.folder or 'the repository'} describes {applied.keeper}. Check the folder and the revision")
    spec = _map(values.merged(one.value for _, one in found), "spec")
    if spec.get("postRenderers"):
        raise CannotEdit(f"{applied.keeper} uses postRenderers, which cannot be followed: change the values by hand")
    wanted = _map(_map(spec, "chart"), "spec")
    in_git = _map(wanted, "sourceRef").get("kind") == "GitRepository"
    chart = locate.normal(str(wanted.get("chart", ""))) if in_git else None
    listed = [str(one) for one in wanted.get("valuesFiles") or ()]
    if listed and not in_git:
        raise CannotEdit(f"{applied.keeper} uses valuesFiles of a chart that is not in the repository: change the values by hand")
    layers = list(_value_files(files, "", listed, ignores_missing=bool(wanted.get("ignoreMissingValuesFiles"))))
    layers = [_as_default(layer) for layer in layers] if listed else list(_defaults(files, chart))
    layers += [_referred(files, applied, one) for one in spec.get("valuesFrom") or ()]
    layers += [
        Layer(path=path, form=Form.MAP, target=_named(one), at=("spec", "values")) for path, one in found if _says_values(one, found)
    ]
    target = str(spec.get("targetNamespace") or "")
    name = str(spec.get("releaseName") or (f"{target}-{applied.keeper.name}" if target else applied.keeper.name))
    release = helm.Release(name, target or applied.keeper.namespace)
    return Setup(chart, str(wanted.get("chart") or "of a chart reference"), release, layers, has_defaults=not listed)


def _says_values(document: manifest.Document, found: Sequence[tuple[str, manifest.Document]]) -> bool:
    """Whether a manifest or patch is a layer: those with values, and the manifest itself, which comes first.

    So a value never has to go into the chart, which Flux applies only when its version changes.
    """
    return document is found[0][1] or bool(_map(document.value, "spec").get("values"))


def _referred(files: Files, applied: Applied, one: Mapping[str, Any]) -> Layer:
    """The layer of an entry in `valuesFrom`: a ConfigMap in the same folder."""
    kind, name, key = (str(one.get(field) or "") for field in ("kind", "name", "valuesKey"))
    key = key or DEFAULTS
    if kind != "ConfigMap" or one.get("targetPath"):
        what = f"valuesFrom {kind} {name}" + (" with targetPath" if one.get("targetPath") else "")
        raise CannotEdit(f"{applied.keeper} uses {what}, which is not read here: change the values by hand")
    target = Target("ConfigMap", applied.keeper.namespace, name)
    for path, document in reversed(locate.documents(files, applied.folder, target)):
        if diff.present(diff.value_at(document.value, ("data", key))) is not None:
            return Layer(path=path, form=Form.TEXT, target=_named(document), at=("data", key))
    if (path_of := locate.generated(files, applied.folder, name, key)) is not None and path_of in files:
        return Layer(path=path_of)
    raise CannotEdit(f"{key} of {target}, from which {applied.keeper} takes values, is not in {applied.folder or 'the repository'}")


# --- both


def _defaults(files: Files, chart: str | None) -> Iterator[Layer]:
    """What charts within the chart set, then the chart itself."""
    if chart is None:
        return
    own = locate.joined(chart, DEFAULTS)
    for path in sorted(files):
        inner = posixpath.relpath(path, chart or ".").split("/")
        if len(inner) == 3 and inner[0] == "charts" and inner[2] == DEFAULTS:
            yield Layer(path=path, is_default=True, is_fixed=True, under=(_alias(files, chart, inner[1]),))
    if own in files:
        yield Layer(path=own, is_default=True)


def _alias(files: Files, chart: str, name: str) -> str:
    """The key of a chart within the chart."""
    for one in dependencies(files, chart):
        if one.get("name") == name and one.get("alias"):
            return str(one["alias"])
    return name


def dependencies(files: Files, chart: str) -> list[Mapping[str, Any]]:
    """Those of `Chart.yaml`."""
    found = manifest.documents(files.get(locate.joined(chart, CHART), ""))
    listed = found[0].value.get("dependencies") if found else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _as_default(layer: Layer) -> Layer:
    return Layer(path=layer.path, is_default=True)


def _named(document: manifest.Document) -> Target:
    return Target(document.kind, document.namespace, document.name)


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
