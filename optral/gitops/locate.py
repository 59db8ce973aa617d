"""Which file of a repository sets a value of an object: plain manifests, or the folders that Kustomize builds from.

Kustomize's own order counts: what a patch, `images` or `replicas` of an overlay sets wins over the base. What this cannot follow is refused
by name, never guessed. Source: Kubernetes documentation, "Declarative Management of Kubernetes Objects Using Kustomize".
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from optral.gitops import kustomizations, manifest, variables
from optral.gitops.kustomizations import Kustomization
from optral.gitops.manifest import Document
from optral.gitops.model import CannotEdit, Change, Edit, Files, Target
from optral.gitops.paths import joined, normal
from optral.kube import diff, images

MAX_DEPTH = 20  # folders of Kustomize that refer to each other
_UNFOLLOWED = ("helmCharts", "transformers", "replacements", "vars", "patchesJson6902")
_UNFOLLOWED_OF_FLUX = ("components", "patchesJson6902")
_MANIFESTS = (".yaml", ".yml")
_LISTS = frozenset({"containers", "initContainers", "env", "ports", "volumes", "volumeMounts"})


class _Place(NamedTuple):
    """A document that sets the value, and the change as it has to be made there. `inside` is where it stands in the document of a file as
    a text, `outer` that document."""

    path: str
    document: Document
    change: Change
    inside: tuple[str, ...] = ()
    outer: Document | None = None

    @property
    def held(self) -> object:
        return manifest.at(self.document, self.change.path)

    def edited(self, text: str) -> str:
        if self.outer is None:
            return manifest.edited(text, self.document, self.change)
        return manifest.edited_inside(text, self.outer, self.inside, self.change)


def edit(files: Files, folder: str, target: Target, change: Change, *, around: Target | None = None) -> Edit:
    """The edit that makes this change of this object. `folder` is the one that the tool applies, from the root of the repository, `around`
    the Kustomization of Flux that applies it.

    Raises `CannotEdit`: nothing or more than one file sets the value, the file says something else than the cluster, or the folder uses
    what cannot be followed here.
    """
    folder = normal(folder)
    outer = None if around is None else kustomizations.of_flux(files, around)
    search = _Search(files, change)
    place = search.in_folder(folder, target) if outer is None else search.in_flux(outer, folder, target)
    if place is None:
        if joined(folder, "Chart.yaml") in files:
            raise CannotEdit(
                f"{folder or 'The repository'} is a Helm chart, and the plan names no release: update the agent, or change the values"
            )
        raise CannotEdit(f"No file in {folder or 'the repository'} describes {target}. Check the folder (--path) and the revision")
    notes = []
    if folder and not place.path.startswith(folder + "/"):
        notes.append(f"{place.path} is outside {folder}: other folders may build from it, too")
    if variables.is_used(place.held) and around is not None:
        if outer is None:
            raise CannotEdit(
                f"{'.'.join(change.path)} is set by a variable of {around}, which the repository does not describe: change it there"
            )
        return variables.edit(files, outer, place.path, place.document, place.change, search.reached(folder))
    before = files[place.path]
    return Edit(place.path, before, place.edited(before), notes)


def edits(files: Files, folder: str, wanted: Sequence[tuple[Target, Change]], *, around: Target | None = None) -> list[Edit]:
    """All these changes, one edit for each file. Raises `CannotEdit` when one of them cannot be made."""
    now, notes = dict(files), dict[str, list[str]]()
    for target, change in wanted:
        made = edit(now, folder, target, change, around=around)
        now[made.path] = made.after
        held = notes.setdefault(made.path, [])
        held += [note for note in made.notes if note not in held]
    return [Edit(path, files[path], now[path], tuple(said)) for path, said in notes.items()]


def documents(files: Files, folder: str, target: Target, *, outer: Kustomization | None = None) -> list[tuple[str, Document]]:
    """The documents that describe a custom resource, with their files: its manifest, then the patches of Kustomize, the one that wins last.

    Empty where nothing does. Raises `CannotEdit` for what cannot be followed. Patches of resources without a schema replace lists.
    `outer`: the Kustomization of Flux that applies the folder.
    """
    search = _Search(files, Change((), None, None))
    if outer is None:
        return search.all_in(normal(folder), target)
    search.check_flux(outer)
    inner = outer.built_from(target)
    found = search.all_in(normal(folder), inner)
    return found + (search.patches_of(outer, (target, inner)) if found else [])


def is_kustomization(files: Files, folder: str) -> bool:
    """Whether Kustomize builds from this folder."""
    return any(joined(normal(folder), name) in files for name in kustomizations.NAMES)


def describes(files: Files, folder: str, target: Target) -> bool:
    """Whether a folder describes an object. Raises `CannotEdit` for what cannot be followed."""
    search = _Search(files, Change((), None, None))
    found = kustomizations.in_folder(files, normal(folder))
    if found is None:
        return search.in_manifests(normal(folder), target) is not None
    if search.built(found, target):
        return True
    if remote := next(search.remotes(found), None):
        raise CannotEdit(f"{found.path} builds from {remote[:200]}, which is not in the repository and may describe {target}")
    return False


def generated(files: Files, folder: str, name: str, key: str) -> str | None:
    """The file from which the kustomization of a folder makes this key of the ConfigMap that it generates."""
    found = kustomizations.in_folder(files, normal(folder))
    for one in found.entries("configMapGenerator") if found is not None else ():
        if found is None or not isinstance(one, Mapping) or one.get("name") != name:
            continue
        for entry in one.get("files") or ():
            held, _, source = str(entry).rpartition("=")
            if (held or posixpath.basename(source)) == key:
                return joined(found.folder, source)
    return None


class _Search:
    """Looks for the one document of these files that sets the value which the change is about."""

    def __init__(self, files: Files, change: Change) -> None:
        self._files, self._change = files, change

    def in_folder(self, folder: str, target: Target, depth: int = 0) -> _Place | None:
        if depth > MAX_DEPTH:
            raise CannotEdit(f"The folders of Kustomize refer to each other more than {MAX_DEPTH} times")
        if (found := kustomizations.in_folder(self._files, folder)) is not None:
            return self._in_kustomization(found, target, depth)
        return self.in_manifests(folder, target)

    def in_flux(self, outer: Kustomization, folder: str, target: Target) -> _Place | None:
        """What Flux adds to the kustomization of a folder wins over it."""
        self.check_flux(outer)
        inner = outer.built_from(target)
        place = self._in_transformers(outer, inner) or self._in_patches(outer, (target, inner))
        return place or self.in_folder(folder, inner)

    @staticmethod
    def check_flux(outer: Kustomization) -> None:
        """Raises `CannotEdit` for settings that are not followed."""
        if used := [name for name in _UNFOLLOWED_OF_FLUX if outer.settings.get(name)]:
            raise CannotEdit(f"{outer.path} uses {used[0]}, which cannot be followed: change the file by hand")

    def in_manifests(self, folder: str, target: Target) -> _Place | None:
        """Plain manifests: every YAML file below the folder."""
        paths = [path for path in sorted(self._files) if path.endswith(_MANIFESTS) and (not folder or path.startswith(folder + "/"))]
        return _only([place for path in paths for place in self._in_file(path, target)], target)

    def _in_file(self, path: str, target: Target) -> list[_Place]:
        return [_Place(path, one, self._change) for one in manifest.documents(self._files[path]) if one.is_about(target)]

    def _in_kustomization(self, found: Kustomization, target: Target, depth: int) -> _Place | None:
        """What sets the value in this folder, or in one that it builds from."""
        if used := [name for name in _UNFOLLOWED if found.settings.get(name)]:
            raise CannotEdit(f"{found.path} uses {used[0]}, which cannot be followed: change the file by hand")
        inner = found.built_from(target)
        place = self._in_transformers(found, inner) or self._in_patches(found, (target, inner))
        return place or self._in_resources(found, inner, target, depth)

    def _in_patches(self, found: Kustomization, names: Sequence[Target]) -> _Place | None:
        """The last patch that sets the value. A patch of operations that touches it cannot be edited."""
        place, path = None, self._change.path
        pointer = _without_elements(diff.pointer(path))
        for patch in found.patches(self._files):
            if not patch.selects(names):
                continue
            for document in manifest.documents(patch.text):
                is_about = patch.target is not None or any(document.is_about(name) for name in names)
                if not is_about or not manifest.has(document, path):
                    continue
                if not patch.is_for_one:
                    raise CannotEdit(f"A patch in {patch.path} sets {'.'.join(path)}, maybe of several objects: change it by hand")
                place = _Place(patch.path, document, self._change, patch.at, found.read if patch.at else None)
            if pointer in {_without_elements(operation) for operation in manifest.operations(patch.text)}:
                raise CannotEdit(f"A patch of operations in {patch.path} sets {'.'.join(path)}: change it by hand")
        return place

    def all_in(self, folder: str, target: Target, depth: int = 0) -> list[tuple[str, Document]]:
        """The manifest and the patches of an object in what is built from a folder."""
        if (found := kustomizations.in_folder(self._files, folder)) is None:
            place = self.in_manifests(folder, target)
            return [] if place is None else [(place.path, place.document)]
        built = self.built(found, target, depth)
        return built + (self.patches_of(found, (target, found.built_from(target))) if built else [])

    def built(self, found: Kustomization, target: Target, depth: int = 0) -> list[tuple[str, Document]]:
        """The manifest of an object that a kustomization builds, with the patches of those that it builds from."""
        if depth > MAX_DEPTH:
            raise CannotEdit(f"The folders of Kustomize refer to each other more than {MAX_DEPTH} times")
        if used := [name for name in _UNFOLLOWED if found.settings.get(name)]:
            raise CannotEdit(f"{found.path} uses {used[0]}, which cannot be followed: change the file by hand")
        inner, built = found.built_from(target), list[tuple[str, Document]]()
        for path in self._resources(found):
            if path in self._files:
                built += [(path, one) for one in manifest.documents(self._files[path]) if one.is_about(inner)]
            elif kustomizations.in_folder(self._files, path):
                built += self.all_in(path, inner, depth + 1)
        return built

    def patches_of(self, found: Kustomization, names: Sequence[Target]) -> list[tuple[str, Document]]:
        """The patches of an object. Raises `CannotEdit` for one in the kustomization itself, and for one of several objects."""
        patches = []
        for patch in found.patches(self._files):
            if not patch.selects(names):
                continue
            about = [one for one in manifest.documents(patch.text) if patch.target or any(one.is_about(name) for name in names)]
            if (about and (patch.at or not patch.is_for_one)) or any(
                operation.startswith("/spec/") for operation in manifest.operations(patch.text)
            ):
                raise CannotEdit(f"A patch in {patch.path} may change {names[0]}: change it by hand")
            patches += [(patch.path, one) for one in about]
        return patches

    def _in_transformers(self, found: Kustomization, target: Target) -> _Place | None:
        """`replicas` and `images` of the kustomization, which win over what resources say."""
        _, before, after = self._change
        if self._change.path == ("spec", "replicas"):
            named = [entry for entry in found.entries("replicas") if isinstance(entry, Mapping) and entry.get("name") == target.name]
            return _Place(found.path, found.read, Change((*found.at, "replicas", target.name, "count"), before, after)) if named else None
        return self._in_images(found) if self._change.path[-1:] == ("image",) else None

    def _in_images(self, found: Kustomization) -> _Place | None:
        before, after = str(self._change.before), str(self._change.after)
        repository = images.repository(before)
        for entry in found.entries("images"):
            if not isinstance(entry, Mapping) or (entry.get("newName") or entry.get("name")) != repository:
                continue
            if "digest" in entry or "@" in after or images.repository(after) != repository or "newTag" not in entry:
                raise CannotEdit(f"{found.path} sets the image {repository}: change it there by hand")
            path = (*found.at, "images", str(entry["name"]), "newTag")
            return _Place(found.path, found.read, Change(path, images.tag(before), images.tag(after)))
        return None

    def _in_resources(self, found: Kustomization, inner: Target, target: Target, depth: int) -> _Place | None:
        """The manifests that the kustomization names, and the folders that it builds from. Those of other repositories are not here."""
        places: list[_Place] = []
        for path in self._resources(found):
            if path in self._files:
                places += self._in_file(path, inner)
            elif kustomizations.in_folder(self._files, path) and (place := self.in_folder(path, inner, depth + 1)) is not None:
                places.append(place)
        return _only(places, target)

    def reached(self, folder: str, depth: int = 0) -> set[str]:
        """Every file from which a folder is built."""
        if depth > MAX_DEPTH:
            raise CannotEdit(f"The folders of Kustomize refer to each other more than {MAX_DEPTH} times")
        found = kustomizations.in_folder(self._files, folder)
        if found is None:
            return {path for path in self._files if not folder or path.startswith(folder + "/")}
        paths = {found.path, *(patch.path for patch in found.patches(self._files))}
        for path in self._resources(found):
            paths |= {path} if path in self._files else self.reached(path, depth + 1)
        return paths

    def _resources(self, found: Kustomization) -> Iterator[str]:
        """Paths of what the kustomization builds from."""
        for entry in found.entries("resources", "bases", "components"):
            if isinstance(entry, str) and not _is_remote(entry):
                yield joined(found.folder, entry)

    def remotes(self, found: Kustomization, depth: int = 0) -> Iterator[str]:
        """What it builds from in other repositories."""
        yield from (entry for entry in found.entries("resources", "bases", "components") if isinstance(entry, str) and _is_remote(entry))
        for path in self._resources(found) if depth < MAX_DEPTH else ():
            if path not in self._files and (inner := kustomizations.in_folder(self._files, path)) is not None:
                yield from self.remotes(inner, depth + 1)


def _is_remote(entry: str) -> bool:
    return "://" in entry or "?ref=" in entry


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
