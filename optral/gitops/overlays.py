"""What an Application of Argo CD or a Kustomization of Flux adds to the folder that it applies: it wins over the files there.

The inventory names such settings and does not show them. Those of Flux are read where the repository describes the Kustomization.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from optral.gitops import kustomizations
from optral.gitops.model import CannotEdit, Change, Files, Target

_ALWAYS = ("components", "namePrefix", "nameSuffix", "patches", "patchesJson6902", "patchesStrategicMerge")


def around(source: Mapping[str, Any]) -> Target | None:
    """The Kustomization of Flux that applies what a source in a plan describes."""
    found = source.get("kustomization")
    return Target("Kustomization", str(found.get("namespace", "")), str(found.get("name", ""))) if found else None


def check(files: Files, source: Mapping[str, Any], wanted: Sequence[tuple[Target, Change]]) -> None:
    """Raises `CannotEdit` where a setting that is not known here may set a planned value: an edit of the folder would do nothing."""
    names, outer = source.get("transformers") or (), around(source)
    for _, change in wanted:
        if (named := list(_deciding(names, change.path))) and not _is_described(files, outer):
            who = f"{outer} sets {', '.join(named)}" if outer else f"The Application sets {', '.join(named)} itself (spec.source.kustomize)"
            where = "there" if outer else "in the manifest of the Application"
            raise CannotEdit(f"{who}, which may set {'.'.join(change.path)}: change it {where}")


def _is_described(files: Files, outer: Target | None) -> bool:
    return outer is not None and kustomizations.of_flux(files, outer) is not None


def _deciding(names: Sequence[str], path: Sequence[str]) -> Iterator[str]:
    for name in names:
        is_image, is_count = name == "images" and path[-1] == "image", name == "replicas" and tuple(path) == ("spec", "replicas")
        if name in _ALWAYS or is_image or is_count:
            yield name
