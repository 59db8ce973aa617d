"""What is built from a folder and how: a kustomization file, or the Kustomization of Flux that applies the folder.

Flux adds its own settings to the kustomization of the folder, so they win, and replaces variables in what is built.
Sources: Kubernetes documentation, "Declarative Management of Kubernetes Objects Using Kustomize"; Flux documentation, Kustomization.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from optral.gitops import manifest
from optral.gitops.manifest import Document
from optral.gitops.model import CannotEdit, Files, Target
from optral.gitops.paths import joined
from optral.kube import diff

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FLUX = "kustomize.toolkit.fluxcd.io/"
_PLAIN_NAME, _PLAIN_KIND = re.compile(r"[a-z0-9-]+"), re.compile(r"[A-Za-z]+")


class Patch(NamedTuple):
    """A patch: in a file (`path`), or inside the kustomization (`at`). Without a selector (`target`), it names its object itself."""

    path: str
    at: tuple[str, ...]
    text: str
    target: Mapping[str, Any] | None

    def selects(self, names: Sequence[Target]) -> bool:
        """Whether the selector may fit an object with one of these names; true without one."""
        if self.target is None:
            return True
        wanted = [(self.target.get("kind"), "kind"), (self.target.get("name"), "name"), (self.target.get("namespace"), "namespace")]
        return any(all(_fits(pattern, getattr(name, part)) for pattern, part in wanted) for name in names)

    @property
    def is_for_one(self) -> bool:
        """Whether no other object has it."""
        if self.target is None:
            return True
        kind, name = str(self.target.get("kind") or ""), str(self.target.get("name") or "")
        return bool(_PLAIN_KIND.fullmatch(kind) and _PLAIN_NAME.fullmatch(name))


class Kustomization(NamedTuple):
    """`at` is where its settings stand in the document."""

    folder: str
    path: str
    read: Document
    at: tuple[str, ...] = ()

    @property
    def settings(self) -> Mapping[str, Any]:
        found = diff.value_at(self.read.value, self.at)
        if not isinstance(found, Mapping):
            return {}
        return found if not self.at else {**found, "namespace": found.get("targetNamespace")}

    def entries(self, *names: str) -> list[Any]:
        lists = [self.settings.get(name) for name in names]
        return [one for found in lists if isinstance(found, list) for one in found]

    def built_from(self, target: Target) -> Target:
        """The object as the folder's own files describe it: without what the kustomization adds to its name and namespace."""
        prefix, suffix = (str(self.settings.get(key) or "") for key in ("namePrefix", "nameSuffix"))
        name = target.name.removeprefix(prefix).removesuffix(suffix)
        return Target(target.kind, "" if self.settings.get("namespace") else target.namespace, name)

    def patches(self, files: Files) -> Iterator[Patch]:
        """In the order in which they are applied. Raises `CannotEdit` for a file that is not there."""
        for number, one in enumerate(self.entries("patches")):
            target = one.get("target") if isinstance(one, Mapping) else None
            selector = target if isinstance(target, Mapping) and target else None
            if isinstance(one, Mapping) and isinstance(one.get("path"), str):
                yield self._in_file(files, one["path"], selector)
            elif isinstance(one, Mapping) and isinstance(one.get("patch"), str):
                yield Patch(self.path, (*self.at, "patches", diff.Index(number), "patch"), one["patch"], selector)
        for number, entry in enumerate(self.entries("patchesStrategicMerge")):
            if isinstance(entry, str) and "\n" not in entry:
                yield self._in_file(files, entry, None)
            elif isinstance(entry, str):
                yield Patch(self.path, (*self.at, "patchesStrategicMerge", diff.Index(number)), entry, None)

    def _in_file(self, files: Files, entry: str, selector: Mapping[str, Any] | None) -> Patch:
        path = joined(self.folder, entry)
        if path not in files:
            raise CannotEdit(f"{self.path} refers to {path}, which is not there")
        return Patch(path, (), files[path], selector)


def in_folder(files: Files, folder: str) -> Kustomization | None:
    """The kustomization file of a folder."""
    for name in NAMES:
        path = joined(folder, name)
        if path in files and (read := manifest.documents(files[path])):
            return Kustomization(folder, path, read[0])
    return None


def of_flux(files: Files, target: Target) -> Kustomization | None:
    """The Kustomization of Flux with this name; None where the repository does not describe it.

    Raises `CannotEdit` where more than one document does.
    """
    found = [(path, document) for path in sorted(files) if FLUX in files[path] for document in manifest.documents(files[path])]
    found = [(path, one) for path, one in found if str(one.value.get("apiVersion", "")).startswith(FLUX) and one.is_about(target)]
    if len(found) > 1:
        where = ", ".join(dict.fromkeys(path for path, _ in found))
        raise CannotEdit(f"More than one document describes {target}: {where}. What it adds cannot be followed: change the files by hand")
    return Kustomization("", *found[0], ("spec",)) if found else None


def _fits(pattern: Any, text: str) -> bool:
    """Selectors are regular expressions of the whole text. Nothing fits all, and a name that is not known may be any."""
    if not pattern or not text:
        return True
    try:
        return re.fullmatch(str(pattern), text) is not None
    except re.error:
        return True
