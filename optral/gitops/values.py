"""The values of a Helm release: in which layers they stand, where each is written, and what Helm makes of them together.

A layer is a values file, a map in the manifest of an Application or HelmRelease, YAML as a text in it, or parameters of an Application.
Later layers win; maps are merged, lists are replaced.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import yaml

from optral.gitops import manifest
from optral.gitops.manifest import Document
from optral.gitops.model import CannotEdit, Change, Files, Target
from optral.kit import yamls
from optral.kube import diff

MAX_LEAVES = 5_000
_WORDS = {"true": True, "false": False, "null": None, "0": 0}
_INTEGER = re.compile(r"[+-]?[1-9][0-9]{0,17}", re.ASCII)
_PARAMETER = re.compile(r"[\w-]+(?:\.[\w-]+)*", re.ASCII)
Path = tuple[str, ...]


class Form(Enum):
    FILE = "file"
    MAP = "map"
    TEXT = "text"
    PARAMETERS = "parameters"
    SINGLE = "single"
    """One value as `--set` takes it, a whole file or a text in a manifest; `under` is its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """`path` is the file. Within a manifest, `target` is the object and `at` the place in it; `is_default`: it comes with the chart."""

    path: str
    form: Form = Form.FILE
    target: Target | None = None
    at: Path = ()
    is_default: bool = False
    is_fixed: bool = False
    """Read, never edited: of a chart within the chart, or of one that is not in the repository."""
    under: Path = ()
    """Where its values stand among those of the release."""
    is_of_chart: bool = False
    """A file of a chart that is not in the repository; `may_miss`: the chart need not have it."""
    may_miss: bool = False

    def read(self, files: Files) -> dict[str, Any]:
        """Its values. Raises `CannotEdit`."""
        if self.form is Form.SINGLE:
            return _within(self.under[:-1], {self.under[-1]: _single(self._raw(files), self.under)})
        document = self._document(files)
        if document is None:
            return {}
        found = diff.present(diff.value_at(document.value, self.at))
        if self.form is Form.TEXT:
            found = _parsed(str(found or ""), self.path)
        if self.form is Form.PARAMETERS:
            found = _tree(self.given(files))
        return _within(self.under, found if isinstance(found, dict) else {})

    def given(self, files: Files) -> list[Mapping[str, Any]]:
        """The parameters of an Application: maps with `name` and `value`."""
        document = self._document(files)
        found = None if document is None else diff.present(diff.value_at(document.value, self.at))
        return [one for one in found if isinstance(one, Mapping) and "name" in one] if isinstance(found, list) else []

    def text(self, files: Files) -> str:
        """As a values file."""
        return files[self.path] if self.form is Form.FILE else yamls.dumped(self.read(files))

    def _raw(self, files: Files) -> str:
        document = None if self.target is None else self._document(files)
        return files[self.path] if document is None else str(diff.present(diff.value_at(document.value, self.at)))

    def _with_single(self, files: Files, change: Change) -> str:
        if change.path != self.under:
            raise CannotEdit(f"{'.'.join(self.under)} is a single value, and nothing can be added to it")
        raw, document = self._raw(files), None if self.target is None else self._document(files)
        new = _as_single(change.after, self.under)
        if document is not None:
            return manifest.edited(files[self.path], document, Change(self.at, raw, new))
        return new

    def edited(self, files: Files, change: Change) -> str:
        """The text of the file with another value. `change.path` is among the values of the release. Raises `CannotEdit`."""
        if self.form is Form.SINGLE:
            return self._with_single(files, change)
        text, document = files[self.path], self._document(files)
        path, before, after = change.path[len(self.under) :], change.before, change.after
        if document is None:
            return _begun(text, path, after)
        if self.form is Form.TEXT:
            return manifest.edited_inside(text, document, self.at, Change(path, before, after))
        if self.form is Form.PARAMETERS:
            return manifest.edited(text, document, Change((*self.at, ".".join(path), "value"), before, str(after)))
        return manifest.edited(text, document, Change((*self.at, *path), before, after))

    def _document(self, files: Files) -> Document | None:
        found = manifest.documents(files.get(self.path, ""))
        if self.target is not None:
            return next(one for one in found if one.kind == self.target.kind and one.name == self.target.name)
        if not found and _has_content(files.get(self.path, "")):
            raise CannotEdit(f"{self.path} is no values file: it cannot be read as YAML, or is not a map")
        return next(iter(found), None)


def merged(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """As Helm merges values: the last layer wins, maps are merged, null removes."""
    found: dict[str, Any] = {}
    for layer in layers:
        _merge(found, layer)
    return found


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no map and no list; elements of lists by their `name`. Raises `CannotEdit` beyond `MAX_LEAVES`."""
    for number, found in enumerate(_leaves(tree, path)):
        if number >= MAX_LEAVES:
            raise CannotEdit(f"The release has more than {MAX_LEAVES:,} values")
        yield found


def maps(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every map and every null, which may stand for one, the outermost first."""
    if tree is None or isinstance(tree, Mapping):
        yield path, tree or {}
        for name, value in (tree or {}).items():
            yield from maps(value, (*path, str(name)))


def holds(values: Mapping[str, Any], path: Sequence[str]) -> bool:
    return diff.value_at(values, path) is not diff.ABSENT


def _leaves(tree: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from _leaves(value, (*path, str(name)))
    elif isinstance(tree, list):
        for one in tree:
            if isinstance(one, Mapping) and isinstance(one.get("name"), str):
                yield from _leaves(one, (*path, one["name"]))
    elif tree is not None:
        yield path, tree


def _merge(into: dict[str, Any], layer: Mapping[str, Any]) -> None:
    for name, value in layer.items():
        held = into.get(name)
        if value is None:
            into.pop(name, None) if name in into else into.update({name: None})
        elif isinstance(held, dict) and isinstance(value, Mapping):
            _merge(held, value)
        else:
            into[name] = merged([value]) if isinstance(value, Mapping) else value


def is_plain(name: str) -> bool:
    """Whether the name of a parameter has only keys of maps."""
    return _PARAMETER.fullmatch(name) is not None


def _single(raw: str, name: Sequence[str]) -> Any:
    """A value as Helm reads it after `--set NAME=`; a quoted one is a text. Raises `CannotEdit` for more than one plain value."""
    is_text = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\""
    text = raw.strip("'\"") if is_text else raw
    if any(letter in text for letter in ",{}[]\\\n="):
        raise CannotEdit(f"The value of {'.'.join(name)} is not one plain value: change it by hand")
    if is_text or text.lower() in _WORDS:
        return text if is_text else _WORDS[text.lower()]
    return int(text) if _INTEGER.fullmatch(text) else text


def _as_single(value: Any, name: Sequence[str]) -> str:
    """The text that is read as this value."""
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    for made in (text, f'"{text}"'):
        if _single(made, name) == value and type(_single(made, name)) is type(value):
            return made
    raise CannotEdit(f"The value of {'.'.join(name)} cannot be written as one plain value: change it by hand")


def _within(path: Sequence[str], values: dict[str, Any]) -> dict[str, Any]:
    for step in reversed(path):
        values = {step: values}
    return values


def _tree(given: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Parameters with plain names as values; others are given to Helm, and not looked at."""
    plain = (one for one in given if is_plain(str(one["name"])))
    return merged(_whole(str(one["name"]).split("."), str(one.get("value") or "")) for one in plain)


def _parsed(text: str, path: str) -> Any:
    found = manifest.documents(text)
    if not found and _has_content(text):
        raise CannotEdit(f"The values inside {path} cannot be read as YAML, or are not a map")
    return found[0].value if found else {}


def _has_content(text: str) -> bool:
    try:
        return yaml.load(text, Loader=yamls.LOADER) not in (None, {})  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):
        return True


def _begun(text: str, path: Sequence[str], value: Any) -> str:
    """A file without values, and its first one."""
    kept = text if not text or text.endswith("\n") else text + "\n"
    if "{" in text or "---" in text:
        raise CannotEdit("A values file without values cannot be extended: write the first one by hand")
    return kept + yamls.dumped(_whole(path, value))


def _whole(path: Sequence[str], value: Any) -> dict[str, Any]:
    return _within(path[:-1], {path[-1]: value})
