"""The edits that make the planned changes, whichever way the tool builds the objects from the repository."""

from collections.abc import Mapping
from typing import Any

from optral.gitops import charts, locate, overlays, patch, paths, releases
from optral.gitops.charts import Wanted
from optral.gitops.model import CannotEdit, Edit, Repository, Target

_JSON = (".json", ".jsonnet", ".libsonnet")


def of_plan(
    repository: Repository, folder: str, plan: Mapping[str, Any], *, value: str = "", chart: Mapping[str, bytes] | None = None
) -> list[Edit]:
    """Values of a release where Helm makes the objects, else manifests. `folder` is the one that the tool applies.

    `value` and `chart` as `charts.edits` takes them. Raises `CannotEdit`.
    """
    wanted, source = patch.changes(plan), patch.source(plan)
    if source.get("problem") and not folder:
        raise CannotEdit(
            f"The files to change cannot be determined: {source['problem']}. Name the folder with --path, or change them by hand"
        )
    if source.get("candidates"):
        source = _maker(repository, source, wanted)
        folder = folder or str(source.get("path", ""))
    if source.get("helm"):
        applied = releases.of_source(source)
        if applied.keeper.kind == "HelmRelease" or chart is not None or applied.elsewhere or _is_chart(repository, applied.chart):
            return charts.edits(repository, applied, wanted, value=value, chart=chart)
    overlays.check(repository.files, source, wanted)
    return locate.edits(repository.files, folder, wanted, around=overlays.around(source))


def _is_chart(repository: Repository, folder: str) -> bool:
    """Whether Argo CD takes the folder of an Application for a chart."""
    return paths.joined(folder, releases.CHART) in repository.files


# --- which source of an Application


def _maker(repository: Repository, source: Mapping[str, Any], wanted: Wanted) -> Mapping[str, Any]:
    """The last source that makes the objects: it wins. Raises `CannotEdit` where none makes them, or different ones do."""
    targets = {target for target, _ in wanted}
    for candidate in reversed(source["candidates"]):
        made = {target for target in targets if _makes(repository, candidate, target)}
        if made == targets:
            return {**source, **candidate}
        if made:
            raise CannotEdit("The objects come from different sources of the Application: plan a change of one of them")
    names = ", ".join(sorted(map(str, targets)))
    raise CannotEdit(f"No source of the Application describes {names}. Check the revision, or name the folder with --path")


def _makes(repository: Repository, one: Mapping[str, Any], target: Target) -> bool:
    path = str(one.get("path", ""))
    if one.get("helm"):
        return charts.makes(repository, releases.of_source(one), target)
    if _is_chart(repository, path):
        raise CannotEdit(f"{path or 'The repository'} is a Helm chart, and the plan names no release: update the agent")
    if locate.is_kustomization(repository.files, path):
        return locate.describes(repository.files, path, target)
    below = [name for name in repository.folder(path) if one.get("recurses") or "/" not in name]
    if odd := [name for name in below if name.endswith(_JSON)]:
        raise CannotEdit(f"{paths.joined(path, odd[0])} is not YAML, and may describe {target}: change the file by hand")
    files = {paths.joined(path, name): text for name in below if (text := repository.files.get(paths.joined(path, name))) is not None}
    return locate.describes(files, path, target)
