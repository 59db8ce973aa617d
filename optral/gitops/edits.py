"""The edits that make the planned changes, whichever way the tool builds the objects from the repository."""

from collections.abc import Mapping
from typing import Any

from optral.gitops import charts, locate, patch, releases
from optral.gitops.model import Edit, Repository


def of_plan(
    repository: Repository, folder: str, plan: Mapping[str, Any], *, value: str = "", chart: Mapping[str, bytes] | None = None
) -> list[Edit]:
    """Values of a release where Helm makes the objects, else manifests. `folder` is the one that the tool applies.

    `value` and `chart` as `charts.edits` takes them. Raises `CannotEdit`.
    """
    wanted = patch.changes(plan)
    applied = releases.of_plan(plan)
    if applied is not None and (applied.keeper.kind == "HelmRelease" or chart is not None or _is_chart(repository, applied.chart)):
        return charts.edits(repository, applied, wanted, value=value, chart=chart)
    return locate.edits(repository.files, folder, wanted)


def _is_chart(repository: Repository, folder: str) -> bool:
    """Whether Argo CD takes the folder of an Application for a chart."""
    return locate.joined(folder, releases.CHART) in repository.files
