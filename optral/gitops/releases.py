"""What Argo CD or Flux gives to Helm: the chart, and the layers of values with the places where each is written.

The manifest of the Application or HelmRelease is read from the repository, since an inventory has no values. Where an Application is in no
repository, what the inventory shows of it has to do. What cannot be read here is refused by name.
Sources: Argo CD documentation, "Helm"; Flux documentation, HelmRelease and HelmChart.
"""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from optral.gitops import helm, kustomizations, locate, manifest, overlays, paths, values, variables
from optral.gitops.model import CannotEdit, Files, Target
from optral.gitops.values import Form, Layer
from optral.kube import diff

CHART, DEFAULTS = "Chart.yaml", "values.yaml"
_MAX_RELEASE = 53  # letters of the name of a release


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the cluster says of a release. `keeper` is the Application or HelmRelease, `folder` the one from which itself is applied.

    Both folders are empty where the cluster does not say. `omitted` names what an Application sets that the inventory does not show.
    `source_index` is the place of the source in `spec.sources`; None for an Application with one. `elsewhere` names the chart where it is
    not in this repository: values files that do not begin with `/` are then in the chart. `kustomization` is the one of Flux that applies
    the HelmRelease, `transformers` what it adds.
    """

    keeper: Target
    folder: str = ""
    chart: str = ""
    release: str = ""
    namespace: str = ""
    value_files: Sequence[str] = ()
    ignores_missing: bool = False
    omitted: Sequence[str] = ()
    generated_by: str = ""
    source_index: int | None = None
    elsewhere: str = ""
    kustomization: Target | None = None
    transformers: Sequence[str] = ()


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
    found = [source for manager in plan.get("managers") or () if (source := manager.get("source")) and source.get("helm")]
    return None if not found or any(one["helm"] != found[0]["helm"] for one in found) else of_source(found[0])


def of_source(source: Mapping[str, Any]) -> Applied:
    """The release of a source in a plan, which has `helm`."""
    one: Mapping[str, Any] = source["helm"]
    return Applied(
        keeper=Target(str(one["kind"]), str(one.get("namespace", "")), str(one["name"])),
        folder=str(one.get("path", "")),
        chart=str(one.get("chart", "")),
        release=str(one.get("release", "")),
        namespace=str(one.get("targetNamespace", "")),
        value_files=tuple(one.get("valueFiles", ())),
        ignores_missing=bool(one.get("ignoresMissing")),
        omitted=tuple(one.get("omitted", ())),
        generated_by=str(one.get("generatedBy", "")),
        source_index=one.get("sourceIndex"),
        elsewhere=str(source.get("chart", "")),
        kustomization=overlays.around(source),
        transformers=tuple(source.get("transformers", ())),
    )


def setup(files: Files, applied: Applied) -> Setup:
    """Raises `CannotEdit`."""
    outer = None if applied.kustomization is None else kustomizations.of_flux(files, applied.kustomization)
    found = _documents(files, applied, outer)
    if applied.keeper.kind != "HelmRelease":
        return _of_application(files, applied, found)
    made = _of_release(files, applied, found, outer)
    _check_overlay(files, applied, outer, made.layers)
    return made


def _check_overlay(files: Files, applied: Applied, outer: kustomizations.Kustomization | None, layers: Sequence[Layer]) -> None:
    """Raises `CannotEdit` where the Kustomization that applies a HelmRelease may change it in a way that is not followed."""
    if outer is None and (unknown := [name for name in applied.transformers if name in ("components", "patches")]):
        say = f"{applied.kustomization} sets {unknown[0]}, which may change {applied.keeper}, and the repository does not describe it"
        raise CannotEdit(f"{say}: change the values by hand")
    is_built = "postBuild" in applied.transformers or (outer is not None and outer.settings.get("postBuild"))
    for layer in layers if is_built else ():
        if not layer.is_default and not layer.is_of_chart and variables.is_used(files[layer.path]):
            say = f"{layer.path} has variables of {applied.kustomization} (postBuild), which are not followed in values of a release"
            raise CannotEdit(f"{say}: change the values by hand")


def _documents(files: Files, applied: Applied, outer: kustomizations.Kustomization | None) -> list[tuple[str, manifest.Document]]:
    """The manifest of the keeper and its patches; where its folder is unknown, the only one in the repository."""
    if applied.folder:
        return locate.documents(files, applied.folder, applied.keeper, outer=outer)
    found = [
        (path, document) for path in sorted(files) for document in manifest.documents(files[path]) if document.is_about(applied.keeper)
    ]
    if len(found) > 1:
        where = ", ".join(dict.fromkeys(path for path, _ in found))
        raise CannotEdit(f"More than one document describes {applied.keeper}: {where}")
    return found


# --- Argo CD


class _Given(NamedTuple):
    """What one document gives to Helm: a manifest of the Application, a patch of it, or a file that overrides parameters."""

    path: str
    target: Target | None
    at: tuple[str, ...]
    helm: Mapping[str, Any]


def _of_application(files: Files, applied: Applied, found: Sequence[tuple[str, manifest.Document]]) -> Setup:
    if not found and applied.omitted:
        where = f"{applied.generated_by} generates it: change its template" if applied.generated_by else "change it there"
        raise CannotEdit(f"{applied.keeper} sets {', '.join(applied.omitted)} itself, and its manifest is not in the repository; {where}")
    source, said = _sources(applied, found)
    is_elsewhere = bool(source.get("chart") or applied.elsewhere)
    chart = None if is_elsewhere else paths.normal(str(source.get("path") or applied.chart))
    said += _overrides(files, chart, applied)
    given = values.merged(one.helm for one in said)
    _check(applied, given)
    is_said = bool(found) and applied.source_index is None
    named, ignores = applied.value_files, applied.ignores_missing
    if is_said:
        named, ignores = given.get("valueFiles", []), bool(given.get("ignoreMissingValueFiles"))
    layers = [*_defaults(files, chart), *_value_files(files, chart, list(map(str, named)), ignores_missing=ignores)]
    layers += [layer for one in said for layer in _inline(one, given)]
    return Setup(chart, str(source.get("chart") or chart or applied.elsewhere), _release(applied, given, found), layers)


def _release(applied: Applied, given: Mapping[str, Any], found: Sequence[tuple[str, manifest.Document]]) -> helm.Release:
    """The release of an Application, whose own namespace comes after that of its destination."""
    destination = _map(_map(values.merged(one.value for _, one in found), "spec"), "destination")
    return helm.Release(
        str(given.get("releaseName") or applied.release or applied.keeper.name),
        str(given.get("namespace") or applied.namespace or destination.get("namespace") or "default"),
        str(given.get("kubeVersion") or ""),
        tuple(map(str, given.get("apiVersions") or ())),
    )


def _sources(applied: Applied, found: Sequence[tuple[str, manifest.Document]]) -> tuple[Mapping[str, Any], list[_Given]]:
    """The source as the repository describes it, and what each document gives to Helm. Lists of sources are replaced, not merged."""
    spec = _map(values.merged(one.value for _, one in found), "spec")
    several, number = spec.get("sources"), applied.source_index
    if number is None and isinstance(several, list) and len(several) == 1:
        number = 0
    if number is None:
        if several:
            raise CannotEdit(f"{applied.keeper} has several sources in the repository and one in the cluster: sync it, then plan again")
        at = ("spec", "source", "helm")
        given = [_Given(path, _named(one), at, _map(_map(_map(one.value, "spec"), "source"), "helm")) for path, one in found]
        return _map(spec, "source"), given
    if not found:
        return {}, []
    if not isinstance(several, list) or number >= len(several) or not isinstance(several[number], Mapping):
        raise CannotEdit(f"{applied.keeper} has other sources in the repository than in the cluster: sync it, then plan again")
    path, last = [(path, one) for path, one in found if _map(one.value, "spec").get("sources")][-1]
    source: Mapping[str, Any] = several[number]
    return source, [_Given(path, _named(last), ("spec", "sources", diff.Index(number), "helm"), _map(source, "helm"))]


def _overrides(files: Files, chart: str | None, applied: Applied) -> list[_Given]:
    """Files beside the chart that override parameters of its source; the one with the name of the Application comes last."""
    found = []
    for name in (".argocd-source.yaml", f".argocd-source-{applied.keeper.name}.yaml") if chart is not None else ():
        path = paths.joined(chart or "", name)
        read = manifest.documents(files.get(path, ""))[:1]
        found += [_Given(path, None, ("helm",), _map(one.value, "helm")) for one in read]
    return found


def _check(applied: Applied, given: Mapping[str, Any]) -> None:
    if given.get("fileParameters"):
        raise CannotEdit(f"{applied.keeper} uses fileParameters, which cannot be followed: change the values by hand")
    parameters = given.get("parameters")
    for one in parameters if isinstance(parameters, list) else ():
        if isinstance(one, Mapping) and "$" in str(one.get("value") or ""):
            raise CannotEdit(f"The parameter {one.get('name')} has a variable ($), which is not known here: change the values by hand")


def _inline(one: _Given, given: Mapping[str, Any]) -> Iterator[Layer]:
    """The layers within one document. `valuesObject` replaces `values`; the last patch with a list or a text replaces it."""
    if one.helm.get("valuesObject"):
        yield Layer(path=one.path, form=Form.MAP, target=one.target, at=(*one.at, "valuesObject"))
    elif one.helm.get("values") and not given.get("valuesObject") and one.helm["values"] == given["values"]:
        yield Layer(path=one.path, form=Form.TEXT, target=one.target, at=(*one.at, "values"))
    if one.helm.get("parameters") and one.helm["parameters"] == given["parameters"]:
        yield Layer(path=one.path, form=Form.PARAMETERS, target=one.target, at=(*one.at, "parameters"))


def _value_files(files: Files, chart: str | None, named: Sequence[str], *, ignores_missing: bool) -> Iterator[Layer]:
    """The files, relative to the chart or, with `/`, to the repository. `chart` is None for one that is not in the repository."""
    for number, one in enumerate(named):
        if one in named[:number]:
            raise CannotEdit(
                f"The values file {one[:200]} is named twice, and versions of the tool differ in which one counts: name it once"
            )
        if "://" in one or "$" in one or any(letter in one for letter in "*?["):
            raise CannotEdit(f"The values file {one[:200]} is not a file of this repository, or a pattern: change the values by hand")
        if chart is None and not one.startswith("/"):
            yield Layer(path=paths.normal(one), is_of_chart=True, is_fixed=True, may_miss=ignores_missing)
            continue
        path = paths.normal(one) if one.startswith("/") else paths.joined(chart or "", one)
        if path in files:
            yield Layer(path=path)
        elif not ignores_missing:
            raise CannotEdit(f"The values file {path} is not in the repository")


# --- Flux


def _of_release(
    files: Files, applied: Applied, found: Sequence[tuple[str, manifest.Document]], outer: kustomizations.Kustomization | None
) -> Setup:
    if not found:
        raise CannotEdit(f"No file in {applied.folder or 'the repository'} describes {applied.keeper}. Check the folder and the revision")
    spec = _map(values.merged(one.value for _, one in found), "spec")
    if spec.get("postRenderers"):
        raise CannotEdit(f"{applied.keeper} uses postRenderers, which cannot be followed: change the values by hand")
    wanted = _map(_map(spec, "chart"), "spec")
    in_git = _map(wanted, "sourceRef").get("kind") == "GitRepository" and not applied.elsewhere
    chart = paths.normal(str(wanted.get("chart", ""))) if in_git else None
    if wanted.get("valuesFiles") and not in_git:
        raise CannotEdit(f"{applied.keeper} uses valuesFiles of a chart that is not in the repository: change the values by hand")
    layers = [*_chart_values(files, chart, wanted), *(_referred(files, applied, value, outer) for value in spec.get("valuesFrom") or ())]
    _check_singles(applied, layers, _map(spec, "values"))
    layers += [
        Layer(path=path, form=Form.MAP, target=_named(one), at=("spec", "values")) for path, one in found if _says_values(one, found)
    ]
    name = str(wanted.get("chart") or "of a chart reference")
    return Setup(chart, name, _flux_release(applied.keeper, spec), layers, has_defaults=not wanted.get("valuesFiles"))


def _chart_values(files: Files, chart: str | None, wanted: Mapping[str, Any]) -> Iterator[Layer]:
    """The default values: the `valuesFiles` of the chart if there are any, else its values.yaml."""
    if not wanted.get("valuesFiles"):
        yield from _defaults(files, chart)
        return
    named = [str(file) for file in wanted["valuesFiles"]]
    yield from map(_as_default, _value_files(files, "", named, ignores_missing=bool(wanted.get("ignoreMissingValuesFiles"))))


def _flux_release(keeper: Target, spec: Mapping[str, Any]) -> helm.Release:
    target = str(spec.get("targetNamespace") or "")
    name = str(spec.get("releaseName") or _shortened(f"{target}-{keeper.name}" if target else keeper.name))
    return helm.Release(name, target or keeper.namespace)


def _says_values(document: manifest.Document, found: Sequence[tuple[str, manifest.Document]]) -> bool:
    """Whether a manifest or patch is a layer: those with values, and the manifest itself, which comes first.

    So a value never has to go into the chart, which Flux applies only when its version changes.
    """
    return document is found[0][1] or bool(_map(document.value, "spec").get("values"))


def _check_singles(applied: Applied, layers: Sequence[Layer], inline: Mapping[str, Any]) -> None:
    """Raises `CannotEdit` where a single value meets one of `spec.values`: versions of Flux differ in which one wins."""
    for layer in layers:
        if layer.form is Form.SINGLE and _meets(inline, layer.under):
            say = f"{applied.keeper} sets {'.'.join(layer.under)} by targetPath and in spec.values"
            raise CannotEdit(f"{say}, and versions of Flux differ in which one wins: set it once")


def _meets(tree: Any, path: Sequence[str]) -> bool:
    """Whether something stands at the path, or in its way."""
    for step in path:
        if not isinstance(tree, Mapping):
            return True
        if step not in tree:
            return False
        tree = tree[step]
    return True


def _shortened(name: str) -> str:
    """The name of a release as Flux shortens it."""
    return name if len(name) <= _MAX_RELEASE else f"{name[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _referred(files: Files, applied: Applied, one: Mapping[str, Any], outer: kustomizations.Kustomization | None) -> Layer:
    """The layer of an entry in `valuesFrom`: a ConfigMap in the same folder."""
    name, key, single = (str(one.get(field) or "") for field in ("name", "valuesKey", "targetPath"))
    key = key or DEFAULTS
    _check_reference(applied, one, single)
    form, under = (Form.SINGLE, tuple(single.split("."))) if single else (Form.TEXT, ())
    target = Target("ConfigMap", applied.keeper.namespace, name)
    for path, document in reversed(locate.documents(files, applied.folder, target, outer=outer)):
        if diff.present(diff.value_at(document.value, ("data", key))) is not None:
            return Layer(path=path, form=form, target=_named(document), at=("data", key), under=under)
    if (path_of := locate.generated(files, applied.folder, name, key)) is not None and path_of in files:
        return Layer(path=path_of, form=Form.SINGLE if single else Form.FILE, under=under)
    raise CannotEdit(f"{key} of {target}, from which {applied.keeper} takes values, is not in {applied.folder or 'the repository'}")


def _check_reference(applied: Applied, one: Mapping[str, Any], single: str) -> None:
    if (kind := str(one.get("kind") or "")) != "ConfigMap":
        say = f"{applied.keeper} uses valuesFrom {kind} {one.get('name') or ''}, which is not read here: change the values by hand"
        raise CannotEdit(say)
    if single and (one.get("literal") or not values.is_plain(single)):
        raise CannotEdit(f"{applied.keeper} uses the targetPath {single[:200]} in a way that is not followed: change the values by hand")


# --- both


def _defaults(files: Files, chart: str | None) -> Iterator[Layer]:
    """What charts within the chart set, then the chart itself."""
    if chart is None:
        return
    own = paths.joined(chart, DEFAULTS)
    for path in sorted(files):
        inner = posixpath.relpath(path, chart or ".").split("/")
        if len(inner) == 3 and inner[0] == "charts" and inner[2] == DEFAULTS:
            yield Layer(path=path, is_default=True, is_fixed=True, under=(_alias(files, chart, inner[1]),))
    if own in files:
        yield Layer(path=own, is_default=True)


def _alias(files: Files, chart: str, name: str) -> str:
    """The key of a chart within the chart."""
    for dependency in dependencies(files, chart):
        if dependency.get("name") == name and dependency.get("alias"):
            return str(dependency["alias"])
    return name


def dependencies(files: Files, chart: str) -> list[Mapping[str, Any]]:
    """Those of `Chart.yaml`."""
    found = manifest.documents(files.get(paths.joined(chart, CHART), ""))
    listed = found[0].value.get("dependencies") if found else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _as_default(layer: Layer) -> Layer:
    return Layer(path=layer.path, is_default=True)


def _named(document: manifest.Document) -> Target:
    return Target(document.kind, document.namespace, document.name)


def _map(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
