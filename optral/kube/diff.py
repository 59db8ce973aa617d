"""What differs between an object before and after a change, in what somebody wants: labels, annotations, spec. Given redacted objects.

Paths read as people write them: `spec.template.spec.containers[api].resources.limits.memory`. Lists of named things are compared by name.
"""

from collections.abc import Collection, Mapping
from typing import Any

MAX_ENTRIES = 200
MAX_TEXT = 2000
_PARTS = (("metadata", "labels"), ("metadata", "annotations"), ("spec",))


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, ignoring: Collection[str] = ()) -> list[dict[str, Any]]:
    """[{path, from, to}], None for what is absent; at most 200 entries, long texts cut. `ignoring`: annotations that do not count."""
    found: list[dict[str, Any]] = []
    for keys in _PARTS:
        old, new = _at(before, keys), _at(after, keys)
        if keys[-1] == "annotations":
            old, new = _without(old, ignoring), _without(new, ignoring)
        _walk(".".join(keys), old, new, found)
    return found[:MAX_ENTRIES]


def _at(tree: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    node: Any = tree
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return {} if node is None else node


def _without(annotations: Any, ignoring: Collection[str]) -> Any:
    return {key: value for key, value in annotations.items() if key not in ignoring} if isinstance(annotations, dict) else annotations


def _walk(path: str, before: Any, after: Any, out: list[dict[str, Any]]) -> None:
    if before == after or len(out) > MAX_ENTRIES:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            _walk(_joined(path, str(key)), before.get(key), after.get(key), out)
    elif isinstance(before, list) and isinstance(after, list) and _are_named(before) and _are_named(after):
        old, new = {item["name"]: item for item in before}, {item["name"]: item for item in after}
        for name in [*old, *(name for name in new if name not in old)]:
            _walk(f"{path}[{name}]", old.get(name), new.get(name), out)
    elif isinstance(before, dict) and after is None and before:
        _walk(path, before, {}, out)
    elif before is None and isinstance(after, dict) and after:
        _walk(path, {}, after, out)
    else:
        out.append({"path": path, "from": _short(before), "to": _short(after)})


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if key.replace("-", "").replace("_", "").isalnum() else f"{path}[{key}]"


def _are_named(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in items)


def _short(value: Any) -> Any:
    return value[:MAX_TEXT] + "…" if isinstance(value, str) and len(value) > MAX_TEXT else value
