"""Values that Flux puts in place of variables after it has built a folder (`postBuild` of a Kustomization): changed where that is set.

`substitute` of the Kustomization wins over `substituteFrom`, of which the last one wins. A variable that something else uses, too, is
refused: the edit would change more than the plan. Source: Flux documentation, Kustomization, "Post build variable substitution".
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from optral.gitops import manifest
from optral.gitops.kustomizations import FLUX, Kustomization
from optral.gitops.manifest import Document, is_same
from optral.gitops.model import CannotEdit, Change, Edit, Files, Target

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<how>:?[=-])?(?P<default>(?<=[=-])[^${}]*)?\}", re.ASCII)
_DISABLED = "kustomize.toolkit.fluxcd.io/substitute"


class _Variable(NamedTuple):
    """Where a variable is set: a document of a file, and the path in it."""

    path: str
    document: Document
    at: tuple[str, ...]
    value: str


class _Use(NamedTuple):
    """A text with one variable in it."""

    head: str
    name: str
    default: str | None
    tail: str


def is_used(held: object) -> bool:
    """Whether the text of a manifest has a variable."""
    return isinstance(held, str) and "${" in held


def edit(files: Files, outer: Kustomization, path: str, document: Document, change: Change, reached: Collection[str]) -> Edit:
    """The edit that makes a change of a value that a variable sets in this document. `outer` is the Kustomization of Flux that replaces the
    variables, `reached` are the files from which it builds. Raises `CannotEdit`."""
    if _is_disabled(document):
        raise CannotEdit(f"{path} switches the substitution of variables off, and has one: change it by hand")
    where, use = ".".join(change.path), _use(document, change)
    known, unknown = _variables(files, outer)
    found = known.get(use.name)
    if unknown and (found is None or found.path != outer.path):
        raise CannotEdit(f"{where} is set by the variable {use.name}, which may come from {unknown[0]}: change it there by hand")
    now = use.default or "" if found is None else found.value
    if not is_same(f"{use.head}{now}{use.tail}", change.before) and f"{use.head}{now}{use.tail}" != str(change.before):
        raise CannotEdit(
            f"{where} is {use.head + now + use.tail!r} with the variable {use.name} in the files and {change.before!r} in the cluster: "
            "something else sets it, or the files were not applied yet"
        )
    new = _part(use, str(change.after), where)
    if found is None:
        return _with_default(files, path, document, change, use, new)
    _check_uses(files, outer, use.name, reached)
    if found.path != outer.path:
        _check_readers(files, outer, found)
    after = manifest.edited(files[found.path], found.document, Change(found.at, found.value, new))
    return Edit(found.path, files[found.path], after, [f"{found.path} sets the variable {use.name}, which stands for {where} in {path}"])


def _is_disabled(document: Document) -> bool:
    metadata = document.value.get("metadata")
    named = [metadata.get(part) for part in ("labels", "annotations")] if isinstance(metadata, Mapping) else []
    return any(isinstance(one, Mapping) and one.get(_DISABLED) == "disabled" for one in named)


def _use(document: Document, change: Change) -> _Use:
    text = str(manifest.at(document, change.path))
    found = list(_VARIABLE.finditer(text))
    if len(found) != 1 or text.count("${") != 1 or "$${" in text or (found[0]["how"] and found[0]["default"] is None):
        raise CannotEdit(f"{'.'.join(change.path)} is {text[:200]!r}, and only one plain variable can be followed: change it by hand")
    (one,) = found
    return _Use(text[: one.start()], one["name"], one["default"] if one["how"] else None, text[one.end() :])


def _part(use: _Use, after: str, where: str) -> str:
    """What the variable has to be so that the text becomes `after`."""
    if not (after.startswith(use.head) and after.endswith(use.tail) and len(after) > len(use.head) + len(use.tail)):
        raise CannotEdit(f"{where} cannot become {after[:100]!r} by another value of the variable {use.name}: change it by hand")
    return after[len(use.head) : len(after) - len(use.tail)]


def _with_default(files: Files, path: str, document: Document, change: Change, use: _Use, new: str) -> Edit:
    if use.default is None or any(letter in new for letter in "${}"):
        raise CannotEdit(f"{'.'.join(change.path)} is set by the variable {use.name}, which nothing sets: change it by hand")
    held = str(manifest.at(document, change.path))
    old = held[len(use.head) : len(held) - len(use.tail)]
    made = old.removesuffix(use.default + "}") + new + "}"
    whole = Change(change.path, held, use.head + made + use.tail)
    after = manifest.edited_part(files[path], document, whole, old, made)
    return Edit(path, files[path], after, [f"{path} has the default of the variable {use.name}, which nothing sets"])


# --- where variables are set


def _variables(files: Files, outer: Kustomization) -> tuple[dict[str, _Variable], list[str]]:
    """Those that can be read by their name, and what cannot be read."""
    given = outer.settings.get("postBuild")
    settings = given if isinstance(given, Mapping) else {}
    found: dict[str, _Variable] = {}
    unknown = []
    listed = settings.get("substituteFrom")
    for one in listed if isinstance(listed, list) else ():
        kind, name = (str(one.get(key) or "") if isinstance(one, Mapping) else "" for key in ("kind", "name"))
        held = list(_config_maps(files, Target(kind, outer.read.namespace, name))) if kind == "ConfigMap" else []
        if len(held) != 1:
            unknown.append(f"{kind} {name}, which {'several documents describe' if held else 'is not read here'}")
            continue
        path, document = held[0]
        found |= {key: _Variable(path, document, ("data", key), value) for key, value in _texts(document.value.get("data"))}
    at = (*outer.at, "postBuild", "substitute")
    own = {key: _Variable(outer.path, outer.read, (*at, key), value) for key, value in _texts(settings.get("substitute"))}
    return found | own, unknown


def _texts(data: Any) -> Iterator[tuple[str, str]]:
    for key, value in data.items() if isinstance(data, Mapping) else ():
        yield str(key), str(value)


def _config_maps(files: Files, target: Target) -> Iterator[tuple[str, Document]]:
    for path in sorted(files):
        if target.name in files[path]:
            yield from ((path, one) for one in manifest.documents(files[path]) if one.is_about(target))


# --- what else a variable changes


def _check_uses(files: Files, outer: Kustomization, name: str, reached: Collection[str]) -> None:
    """Raises `CannotEdit` where the variable stands more than once in what is built."""
    pattern = re.compile(r"\$\{#?" + name + r"\b")
    counts = {path: len(pattern.findall(files[path])) for path in {*reached, outer.path} if path in files}
    if sum(counts.values()) > 1:
        where = ", ".join(sorted(path for path, count in counts.items() if count))
        raise CannotEdit(
            f"The variable {name} is used more than once ({where}), so its change would be more than the plan: change it by hand"
        )


def _check_readers(files: Files, outer: Kustomization, found: _Variable) -> None:
    """Raises `CannotEdit` where other Kustomizations take variables from the same ConfigMap."""
    for path in sorted(files):
        for one in manifest.documents(files[path]) if FLUX in files[path] else ():
            is_flux = str(one.value.get("apiVersion", "")).startswith(FLUX)
            if one.value == outer.read.value or not is_flux or one.namespace not in ("", outer.read.namespace):
                continue
            listed = manifest.at(one, ("spec", "postBuild", "substituteFrom"))
            for read in listed if isinstance(listed, list) else ():
                if isinstance(read, Mapping) and (read.get("kind"), read.get("name")) == ("ConfigMap", found.document.name):
                    say = f"{found.path} has variables of more than one Kustomization ({path})"
                    raise CannotEdit(f"{say}, so a change would be more than the plan: change it by hand")
