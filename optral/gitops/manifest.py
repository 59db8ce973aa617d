"""One change in the text of a YAML file: only the value is replaced, so that comments, order and style stay as they are.

The text is parsed for positions and edited as text. Afterwards both texts are read again: the change is accepted only if exactly this
path differs between them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from optral.gitops.model import CannotEdit, Change, Target
from optral.kit import yamls
from optral.kube import diff
from optral.kube.quantities import read_milli

MAX_BYTES = 1024 * 1024
MAX_VALUES = 200_000  # of one file with all its aliases written out
_MERGE_KEY = "<<"


class Document(NamedTuple):
    """One document of a file that is a Kubernetes object."""

    node: yaml.MappingNode
    value: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.value.get("kind", ""))

    @property
    def name(self) -> str:
        return str(self._metadata.get("name", ""))

    @property
    def namespace(self) -> str:
        return str(self._metadata.get("namespace") or "")

    @property
    def _metadata(self) -> Mapping[str, Any]:
        metadata = self.value.get("metadata")
        return metadata if isinstance(metadata, Mapping) else {}

    def is_about(self, target: Target) -> bool:
        """Whether it describes the object. A document may leave the namespace to the tool, and a target without one fits any."""
        is_namespace = not target.namespace or self.namespace in ("", target.namespace)
        return self.kind == target.kind and self.name == target.name and is_namespace


def documents(text: str) -> list[Document]:
    """The objects in a file. Empty for a file that is no YAML, such as a template of a Helm chart."""
    if len(text) > MAX_BYTES:
        return []
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        check_size(nodes)
        values = list(yaml.load_all(text, Loader=yamls.LOADER))
    except (yaml.YAMLError, RecursionError, ValueError):
        return []
    pairs = zip(nodes, values, strict=True)
    return [Document(node, value) for node, value in pairs if isinstance(node, yaml.MappingNode) and isinstance(value, dict)]


def check_size(nodes: Iterable[yaml.Node | None]) -> None:
    """Raises `ValueError` for YAML whose aliases stand for more than `MAX_VALUES` values, and for aliases that contain themselves."""
    sizes: dict[int, int] = {}
    if sum(_size(node, sizes) for node in nodes if node is not None) > MAX_VALUES:
        raise ValueError("too many values")


def _size(node: yaml.Node, sizes: dict[int, int]) -> int:
    if (known := sizes.get(id(node))) is not None:
        return known
    sizes[id(node)] = MAX_VALUES + 1  # until it is known: within itself
    inner = node.value if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.MappingNode):
        inner = [one for pair in node.value for one in pair]
    sizes[id(node)] = 1 + sum(_size(one, sizes) for one in inner)
    return sizes[id(node)]


def has(document: Document, path: Sequence[str]) -> bool:
    """Whether the document says something about this path."""
    return diff.value_at(document.value, path) is not diff.ABSENT


def at(document: Document, path: Sequence[str]) -> Any:
    """What the document says about this path; None where nothing."""
    return diff.present(diff.value_at(document.value, path))


def edited(text: str, document: Document, change: Change) -> str:
    """The text with the change in this document. Raises `CannotEdit`."""
    _check_before(document, change)
    after = _spliced(text, document.node, change)
    _prove(text, after, document, change)
    return after


def edited_part(text: str, document: Document, change: Change, old: str, new: str) -> str:
    """As `edited`, where only a part of the value changes, and its quotes stay. Raises `CannotEdit`."""
    node: yaml.Node | None = document.node
    for step in change.path:
        node = None if node is None else _child(node, step)
    span = "" if node is None else text[node.start_mark.index : node.end_mark.index]
    if node is None or span.count(old) != 1:
        raise CannotEdit(f"{'.'.join(change.path)} is not written in one piece: change it by hand")
    after = text[: node.start_mark.index] + span.replace(old, new) + text[node.end_mark.index :]
    _prove(text, after, document, change)
    return after


def edited_inside(text: str, document: Document, at: Sequence[str], change: Change) -> str:
    """As `edited`, where the document holds YAML as a text at this path, written as a block with `|`: the change is made in that text.

    Raises `CannotEdit`.
    """
    where = ".".join(at)
    node: yaml.Node | None = document.node
    for step in at:
        node = None if node is None else _child(node, step)
    if not isinstance(node, yaml.ScalarNode) or node.style != "|":
        raise CannotEdit(f"{where} is not written as a block of text (|): change it by hand")
    inner = next(iter(documents(node.value)), None)
    if inner is None:
        raise CannotEdit(f"{where} holds no values: change it by hand")
    new = edited(node.value, inner, change)
    start = text.index("\n", node.start_mark.index) + 1
    old = text[start : node.end_mark.index].splitlines(keepends=True)
    count = len(node.value.splitlines())
    first = next(line for line in old if line.strip())
    indent = first[: len(first) - len(first.lstrip(" "))]
    lines = [f"{indent}{line}\n" if line.strip() else f"{line}\n" for line in new.splitlines()]
    if not old[count - 1].endswith("\n"):
        lines[-1] = lines[-1].removesuffix("\n")
    after = text[:start] + "".join([*lines, *old[count:]]) + text[node.end_mark.index :]
    _prove(text, after, document, Change(tuple(at), node.value, new))
    return after


def is_same(one: Any, other: Any) -> bool:
    """Whether two values mean the same to the API server: `1`, `"1"` and `1000m` as quantities do."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or ((amount := read_milli(one)) is not None and amount == read_milli(other))


def _check_before(document: Document, change: Change) -> None:
    held = diff.present(diff.value_at(document.value, change.path))
    if not is_same(held, change.before):
        raise CannotEdit(
            f"{'.'.join(change.path)} is {_shown(held)} in the file and {_shown(change.before)} in the cluster: "
            "something else sets it, or the file was not applied yet"
        )


def _spliced(text: str, node: yaml.Node, change: Change) -> str:
    if isinstance(change.after, dict | list) or isinstance(change.before, dict | list):
        raise CannotEdit(f"{'.'.join(change.path)} is a list or a map: change it by hand")
    for depth, step in enumerate(change.path):
        inner = _child(node, step)
        if inner is None or (_is_null(inner) and depth < len(change.path) - 1):
            return _with_new(text, node, inner, change.path[depth:], change)
        if inner.start_mark.index < node.start_mark.index:
            raise CannotEdit(f"{'.'.join(change.path[: depth + 1])} is a YAML alias, which also stands elsewhere: change it by hand")
        node = inner
    assert isinstance(node, yaml.ScalarNode)
    if change.after is None:
        raise CannotEdit(f"{'.'.join(change.path)} would be removed: change it by hand")
    return text[: node.start_mark.index] + _scalar(change.after, node.style) + text[node.end_mark.index :]


def _child(node: yaml.Node, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, diff.Index):
        return node.value[int(step)] if int(step) < len(node.value) else None
    if isinstance(node, yaml.SequenceNode):
        return next((one for one in node.value if isinstance(one, yaml.MappingNode) and _scalar_of(one, "name") == step), None)
    return None


def _scalar_of(node: yaml.MappingNode, key: str) -> str | None:
    found = _child(node, key)
    return str(found.value) if isinstance(found, yaml.ScalarNode) else None


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _with_new(text: str, parent: yaml.Node, empty: yaml.Node | None, path: Sequence[str], change: Change) -> str:
    """The text with a value that the file does not hold yet: a new member of a map, with the maps between them."""
    if not isinstance(parent, yaml.MappingNode):
        raise CannotEdit(f"The file has no element {path[0]} of {'.'.join(change.path[: -len(path)])}")
    if any(key.value == _MERGE_KEY for key, _ in parent.value):
        raise CannotEdit(f"{'.'.join(change.path)} may come from a YAML merge key (<<): change it by hand")
    if empty is not None:
        at = empty.start_mark.index
        gap = "" if text[at - 1] == " " else " "
        return text[:at] + gap + _flow(path[1:], change.after) + text[empty.end_mark.index :]
    if parent.flow_style or not parent.value:
        at = parent.end_mark.index - 1
        return text[:at].rstrip(" ") + (", " if parent.value else "") + _flow(path, change.after)[1:-1] + text[at:]
    at = _line_end(text, parent)
    column = parent.value[0][0].start_mark.column
    return text[:at] + _block(path, change.after, column) + text[at:]


def _line_end(text: str, node: yaml.Node) -> int:
    """The end of the line on which a block ends; what follows is another block."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    end = node.end_mark.index
    if end and text[end - 1] == "\n":  # a block scalar ends where the next line begins
        return end - 1
    found = text.find("\n", end)
    return len(text) if found < 0 else found


def _block(path: Sequence[str], value: Any, column: int) -> str:
    lines = [f"{' ' * (column + 2 * depth)}{_key(step)}:" for depth, step in enumerate(path)]
    return "\n" + "\n".join(lines) + f" {_scalar(value, None)}"


def _flow(path: Sequence[str], value: Any) -> str:
    text = _scalar(value, None)
    for step in reversed(path):
        text = "{" + f"{_key(step)}: {text}" + "}"
    return text


def _key(step: str) -> str:
    return _scalar(step, None)


def _scalar(value: Any, style: str | None) -> str:
    """A value as YAML in the style of the one it replaces; a text is quoted where it would be read as something else."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if not isinstance(value, str):
        return str(value)
    if "\n" in value or any(ord(letter) < 32 for letter in value):
        raise CannotEdit("The new value has several lines: change it by hand")
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    return value if style != '"' and _is_plain(value) else json.dumps(value, ensure_ascii=False)


def _is_plain(value: str) -> bool:
    try:
        return bool(yaml.safe_load(f"[{value}]") == [value] and yaml.safe_load(f"a: {value}") == {"a": value})
    except (yaml.YAMLError, ValueError):
        return False


def _prove(before: str, after: str, document: Document, change: Change) -> None:
    """Read both texts and accept exactly one difference: this path of this document."""
    try:
        old, new = (list(yaml.load_all(text, Loader=yamls.LOADER)) for text in (before, after))
    except yaml.YAMLError:  # the value was an anchor
        raise CannotEdit(f"{'.'.join(change.path)} is a YAML anchor, which also stands elsewhere: change it by hand") from None
    here = next((number for number, value in enumerate(old) if value == document.value), None)
    if here is None or len(old) != len(new) or any(a != b for n, (a, b) in enumerate(zip(old, new, strict=True)) if n != here):
        raise CannotEdit("The file would change in more than one place: change it by hand")
    if not _differs_only_at(old[here], new[here], change.path) or not is_same(
        diff.present(diff.value_at(new[here], change.path)), change.after
    ):
        raise CannotEdit("The file would change in more than one place: change it by hand")


def _without(mapping: Mapping[Any, Any], left_out: str) -> dict[Any, Any]:
    return {name: value for name, value in mapping.items() if str(name) != left_out}


def _differs_only_at(old: Any, new: Any, path: Sequence[str]) -> bool:
    """Whether nothing else differs. Nothing counts as an empty map where the other side has one."""
    if not path:
        return True
    old = {} if old is None or old is diff.ABSENT else old
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _without(old, path[0]) == _without(new, path[0]) and _differs_only_at(
            old.get(path[0], diff.ABSENT), new.get(path[0], diff.ABSENT), path[1:]
        )
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        before, after = diff.value_at(old, path[:1]), diff.value_at(new, path[:1])
        is_one = all(a == b or (a is before and b is after) for a, b in zip(old, new, strict=True))
        return is_one and _differs_only_at(before, after, path[1:])
    return False


def _shown(value: Any) -> str:
    return "not set" if value is None else repr(value)


def operations(text: str) -> list[str]:
    """The JSON pointers of a patch of operations; none for any other text."""
    try:
        read = yaml.load(text, Loader=yamls.LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):
        return []
    listed = read if isinstance(read, list) else []
    return [one["path"] for one in listed if isinstance(one, Mapping) and isinstance(one.get("path"), str)]
