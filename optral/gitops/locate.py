"""Which file of a repository sets a value of an object: plain manifests, or the folders that Kustomize builds from.

Kustomize's own order counts: what a patch, `images` or `replicas` of an overlay sets wins over the base. What this cannot follow is refused
by name, never guessed. Source: Kubernetes documentation, "Declarative Management of Kubernetes Objects Using Kustomize".
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from optral.gitops import manifest
from optral.gitops.manifest import Document
from optral.gitops.model import CannotEdit, Change, Edit, Files, Target
from optral.kube import diff, images

MAX_DEPTH = 20  # folders of Kustomize that refer to each other
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_UNFOLLOWED = ("helmCharts", "transformers", "replacements", "vars", "patchesJson6902")
_MANIFESTS = (".yaml", ".yml")
_LISTS = frozenset({"containers", "initContainers", "env", "ports", "volumes", "volumeMounts"})


class _Place(NamedTuple):
    """A document that sets the value, and the change as it has to be made there."""

    path: str
    document: Document
    change: Change


def edit(files: Files, folder: str, target: Target, change: Change) -> Edit:
    """The edit that makes this change of this object. `folder` is the one that the tool applies, from the root of the repository.

    Raises `CannotEdit`: nothing or more than one file sets the value, the file says something else than the cluster, or the folder uses
    what cannot be followed here.
    """
    folder = normal(folder)
    place = _Search(files, change).in_folder(folder, target)
    if place is None:
        if joined(folder, "Chart.yaml") in files:
            raise CannotEdit(
                f"{folder or 'The repository'} is a Helm chart, and the plan names no release: update the agent, or change the values"
            )
        raise CannotEdit(f"No file in {folder or 'the repository'} describes {target}. Check the folder (--path) and the revision")
    notes = []
    if folder and not place.path.startswith(folder + "/"):
        notes.append(f"{place.path} is outside {folder}: other folders may build from it, too")
    before = files[place.path]
    return Edit(place.path, before, manifest.edited(before, place.document, place.change), notes)


def edits(files: Files, folder: str, wanted: Sequence[tuple[Target, Change]]) -> list[Edit]:
    """All these changes, one edit for each file. Raises `CannotEdit` when one of them cannot be made."""
    now, notes = dict(files), dict[str, list[str]]()
    for target, change in wanted:
        made = edit(now, folder, target, change)
        now[made.path] = made.after
        held = notes.setdefault(made.path, [])
        held += [note for note in made.notes if note not in held]
    return [Edit(path, files[path], now[path], tuple(said)) for path, said in notes.items()]


def documents(files: Files, folder: str, target: Target) -> list[tuple[str, Document]]:
    """The documents that describe a custom resource, with their files: its manifest, then the patches of Kustomize, the one that wins last.

    Empty where nothing does. Raises `CannotEdit` for what cannot be followed. Patches of resources without a schema replace lists.
    """
    return _Search(files, Change((), None, None)).all_in(normal(folder), target)


def generated(files: Files, folder: str, name: str, key: str) -> str | None:
    """The file from which the kustomization of a folder makes this key of the ConfigMap that it generates."""
    found = _Search(files, Change((), None, None)).kustomization(normal(folder))
    for one in found.entries("configMapGenerator") if found is not None else ():
        if found is None or not isinstance(one, Mapping) or one.get("name") != name:
            continue
        for entry in one.get("files") or ():
            held, _, source = str(entry).rpartition("=")
            if (held or posixpath.basename(source)) == key:
                return joined(found.folder, source)
    return None


class _Kustomization(NamedTuple):
    """The kustomization of a folder."""

    folder: str
    path: str
    read: Document

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.read.value

    def entries(self, *names: str) -> list[Any]:
        lists = [self.settings.get(name) for name in names]
        return [one for found in lists if isinstance(found, list) for one in found]

    def built_from(self, target: Target) -> Target:
        """The object as the folder's own files describe it: without what the kustomization adds to its name and namespace."""
        prefix, suffix = (str(self.settings.get(key) or "") for key in ("namePrefix", "nameSuffix"))
        name = target.name.removeprefix(prefix).removesuffix(suffix)
        return Target(target.kind, "" if self.settings.get("namespace") else target.namespace, name)


class _Search:
    """Looks for the one document of these files that sets the value which the change is about."""

    def __init__(self, files: Files, change: Change) -> None:
        self._files, self._change = files, change

    def in_folder(self, folder: str, target: Target, depth: int = 0) -> _Place | None:
        if depth > MAX_DEPTH:
            raise CannotEdit(f"The folders of Kustomize refer to each other more than {MAX_DEPTH} times")
        if (found := self.kustomization(folder)) is not None:
            return self._in_kustomization(found, target, depth)
        return self._in_manifests(folder, target)

    def kustomization(self, folder: str) -> _Kustomization | None:
        for name in _NAMES:
            path = joined(folder, name)
            if path in self._files and (read := manifest.documents(self._files[path])):
                return _Kustomization(folder, path, read[0])
        return None

    def _in_manifests(self, folder: str, target: Target) -> _Place | None:
        """Plain manifests: every YAML file below the folder."""
        paths = [path for path in sorted(self._files) if path.endswith(_MANIFESTS) and (not folder or path.startswith(folder + "/"))]
        return _only([place for path in paths for place in self._in_file(path, target)], target)

    def _in_file(self, path: str, target: Target) -> list[_Place]:
        return [_Place(path, one, self._change) for one in manifest.documents(self._files[path]) if one.is_about(target)]

    def _in_kustomization(self, found: _Kustomization, target: Target, depth: int) -> _Place | None:
        """What sets the value in this folder, or in one that it builds from."""
        if used := [name for name in _UNFOLLOWED if found.settings.get(name)]:
            raise CannotEdit(f"{found.path} uses {used[0]}, which cannot be followed: change the file by hand")
        inner = found.built_from(target)
        place = self._in_patches(found, (target, inner)) or self._in_transformers(found, inner)
        return place or self._in_resources(found, inner, target, depth)

    def _in_patches(self, found: _Kustomization, names: Sequence[Target]) -> _Place | None:
        """The last patch that sets the value. A patch of operations that touches it cannot be edited."""
        place, path = None, self._change.path
        pointers = {_without_elements(diff.pointer(path))}
        for source, text in self._patches(found):
            for document in manifest.documents(text):
                if manifest.has(document, path) and any(document.is_about(one) for one in names):
                    if source is None:
                        raise CannotEdit(f"{found.path} sets {'.'.join(path)} in a patch inside the file: change it by hand")
                    place = _Place(source, document, self._change)
            if pointers & {_without_elements(one) for one in manifest.operations(text)}:
                raise CannotEdit(f"A patch of operations in {source or found.path} sets {'.'.join(path)}: change it by hand")
        return place

    def all_in(self, folder: str, target: Target, depth: int = 0) -> list[tuple[str, Document]]:
        """The manifest and the patches of an object in what is built from a folder."""
        if depth > MAX_DEPTH:
            raise CannotEdit(f"The folders of Kustomize refer to each other more than {MAX_DEPTH} times")
        if (found := self.kustomization(folder)) is None:
            place = self._in_manifests(folder, target)
            return [] if place is None else [(place.path, place.document)]
        inner = found.built_from(target)
        if used := [name for name in _UNFOLLOWED if found.settings.get(name)]:
            raise CannotEdit(f"{found.path} uses {used[0]}, which cannot be followed: change the file by hand")
        built: list[tuple[str, Document]] = []
        for path in self._resources(found):
            if path in self._files:
                built += [(path, one) for one in manifest.documents(self._files[path]) if one.is_about(inner)]
            elif self.kustomization(path):
                built += self.all_in(path, inner, depth + 1)
        return built + (self._patches_of(found, (target, inner)) if built else [])

    def _patches_of(self, found: _Kustomization, names: Sequence[Target]) -> list[tuple[str, Document]]:
        patches = []
        for source, text in self._patches(found):
            about = [one for one in manifest.documents(text) if any(one.is_about(name) for name in names)]
            if (about and source is None) or any(one.startswith("/spec/") for one in manifest.operations(text)):
                raise CannotEdit(f"A patch in {source or found.path} may change {names[0]}: change it by hand")
            patches += [(source or "", one) for one in about]
        return patches

    def _patches(self, found: _Kustomization) -> Iterator[tuple[str | None, str]]:
        """Each patch with its file, or None when it stands in the kustomization itself."""
        for one in found.entries("patches"):
            if isinstance(one, Mapping) and isinstance(one.get("path"), str):
                yield self._text(found, one["path"])
            elif isinstance(one, Mapping) and isinstance(one.get("patch"), str):
                yield None, one["patch"]
        for entry in found.entries("patchesStrategicMerge"):
            if isinstance(entry, str):
                yield (None, entry) if "\n" in entry else self._text(found, entry)

    def _text(self, found: _Kustomization, entry: str) -> tuple[str, str]:
        path = joined(found.folder, entry)
        if path not in self._files:
            raise CannotEdit(f"{found.path} refers to {path}, which is not there")
        return path, self._files[path]

    def _in_transformers(self, found: _Kustomization, target: Target) -> _Place | None:
        """`replicas` and `images` of the kustomization, which win over what resources say."""
        _, before, after = self._change
        if self._change.path == ("spec", "replicas"):
            named = [one for one in found.entries("replicas") if isinstance(one, Mapping) and one.get("name") == target.name]
            return _Place(found.path, found.read, Change(("replicas", target.name, "count"), before, after)) if named else None
        return self._in_images(found) if self._change.path[-1:] == ("image",) else None

    def _in_images(self, found: _Kustomization) -> _Place | None:
        before, after = str(self._change.before), str(self._change.after)
        repository = images.repository(before)
        for one in found.entries("images"):
            if not isinstance(one, Mapping) or (one.get("newName") or one.get("name")) != repository:
                continue
            if "digest" in one or "@" in after or images.repository(after) != repository or "newTag" not in one:
                raise CannotEdit(f"{found.path} sets the image {repository}: change it there by hand")
            return _Place(found.path, found.read, Change(("images", str(one["name"]), "newTag"), images.tag(before), images.tag(after)))
        return None

    def _in_resources(self, found: _Kustomization, inner: Target, target: Target, depth: int) -> _Place | None:
        """The manifests that the kustomization names, and the folders that it builds from. Those of other repositories are not here."""
        places: list[_Place] = []
        for path in self._resources(found):
            if path in self._files:
                places += self._in_file(path, inner)
            elif self.kustomization(path) and (place := self.in_folder(path, inner, depth + 1)) is not None:
                places.append(place)
        return _only(places, target)

    def _resources(self, found: _Kustomization) -> Iterator[str]:
        """Paths of what the kustomization builds from."""
        for entry in found.entries("resources", "bases", "components"):
            if isinstance(entry, str) and "://" not in entry and "?ref=" not in entry:
                yield joined(found.folder, entry)


def _only(found: Sequence[_Place], target: Target) -> _Place | None:
    if len(found) > 1:
        where = ", ".join(sorted({place.path for place in found}))
        raise CannotEdit(f"More than one document describes {target}: {where}. Narrow the folder with --path")
    return found[0] if found else None


def _without_elements(pointer: str) -> str:
    """A pointer without the elements of lists, which a path names and an operation counts."""
    steps = pointer.split("/")
    return "/".join(
        "*" if before in _LISTS or step.isdigit() or step == "-" else step for before, step in zip(("", *steps), steps, strict=False)
    )


def joined(folder: str, entry: str) -> str:
    """A path within a folder. Raises as `normal`."""
    return normal(posixpath.join(folder, entry))


def normal(path: str) -> str:
    """Without `.`, `..` and slashes at the ends. Raises `CannotEdit` for a path that leaves the repository."""
    found = posixpath.normpath(path.strip("/") or ".")
    if found.startswith(".."):
        raise CannotEdit(f"{path} leaves the repository")
    return "" if found == "." else found
