"""What somebody wants of an object, apart from how it is doing: when that changed, what differs, and who did it."""

import hashlib
from typing import Any

import msgspec

from optral.kube.changes import ObjectChange

MAX_DIFF = 50  # entries of one diff
MAX_VALUE = 1000  # characters of one value in a diff


class _IntentMeta(msgspec.Struct, frozen=True):
    labels: msgspec.Raw = msgspec.Raw(b"")


class _Intent(msgspec.Struct, frozen=True):
    metadata: _IntentMeta = _IntentMeta()
    spec: msgspec.Raw = msgspec.Raw(b"")
    data: msgspec.Raw = msgspec.Raw(b"")
    binaryData: msgspec.Raw = msgspec.Raw(b"")
    immutable: msgspec.Raw = msgspec.Raw(b"")
    provisioner: msgspec.Raw = msgspec.Raw(b"")
    parameters: msgspec.Raw = msgspec.Raw(b"")
    reclaimPolicy: msgspec.Raw = msgspec.Raw(b"")
    volumeBindingMode: msgspec.Raw = msgspec.Raw(b"")
    allowVolumeExpansion: msgspec.Raw = msgspec.Raw(b"")
    webhooks: msgspec.Raw = msgspec.Raw(b"")


_intent = msgspec.json.Decoder(_Intent)
_INTENT_KEYS = tuple(name for name in _Intent.__struct_fields__ if name != "metadata")


class _Manager(msgspec.Struct, gc=False, frozen=True):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str | None = None


class _ManagedMeta(msgspec.Struct, frozen=True):
    managedFields: list[_Manager] | None = None


class _Managed(msgspec.Struct, frozen=True):
    metadata: _ManagedMeta = _ManagedMeta()


_managed = msgspec.json.Decoder(_Managed)


def mark(change: ObjectChange, generation: int | None) -> str:
    """A word that changes when somebody's intent does: the object's generation, or a hash of its spec where it has none."""
    if generation is not None:
        return f"g{generation}"
    try:
        intent = _intent.decode(change.raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    digest = hashlib.blake2b(digest_size=12)
    for key in _INTENT_KEYS:
        digest.update(key.encode() + b"\x00" + bytes(getattr(intent, key)))
    if change.kind == "Node":
        digest.update(bytes(intent.metadata.labels))
    return digest.hexdigest()


def diff(kind: str, before: bytes, after: bytes) -> tuple[list[dict[str, Any]], bool]:
    """What changed between two manifests in what is wanted: [{path, op, from, to}], and whether the list was cut short."""
    changes: list[dict[str, Any]] = []
    complete = _walk("", _wanted(kind, before), _wanted(kind, after), changes)
    return changes, not complete


def last_manager(raw: bytes) -> tuple[str | None, str | None]:
    """Who changed the object last: (manager, operation), out of its condensed `managedFields`; status updates do not count."""
    try:
        managers = _managed.decode(raw).metadata.managedFields or []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, None
    writers = [m for m in managers if m.subresource != "status"]
    if not writers:
        return None, None
    last = max(writers, key=lambda m: m.time or "")
    return last.manager or None, last.operation or None


def _wanted(kind: str, raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        whole = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if not isinstance(whole, dict):
        return {}
    wanted = {key: whole[key] for key in _INTENT_KEYS if key in whole}
    if kind == "Node" and isinstance(whole.get("metadata"), dict):
        wanted["labels"] = whole["metadata"].get("labels") or {}
    return wanted


def _walk(path: str, before: Any, after: Any, out: list[dict[str, Any]]) -> bool:
    """Append differences below `path`; False as soon as there is no room left."""
    if before == after:
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        return all(_walk(f"{path}/{_escape(key)}", before.get(key, _ABSENT), after.get(key, _ABSENT), out) for key in keys)
    if _named(before) and _named(after):
        old, new = {item["name"]: item for item in before}, {item["name"]: item for item in after}
        if list(old) != list(new) and set(old) == set(new):
            return _note(path, list(old), list(new), out)
        return _walk(path, old, new, out)
    return _note(path, before, after, out)


def _named(value: Any) -> bool:
    """Lists of things with a name (containers, ports, volumes) are compared by name, so that one more does not shift the rest."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in value)


def _note(path: str, before: Any, after: Any, out: list[dict[str, Any]]) -> bool:
    if len(out) >= MAX_DIFF:
        return False
    entry: dict[str, Any] = {"path": path, "op": "add" if before is _ABSENT else "remove" if after is _ABSENT else "replace"}
    if before is not _ABSENT:
        entry["from"] = _short(before)
    if after is not _ABSENT:
        entry["to"] = _short(after)
    out.append(entry)
    return True


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE else value[:MAX_VALUE] + "…"
    if isinstance(value, (dict, list)):
        text = msgspec.json.encode(value).decode()
        return value if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"
    return value


def _escape(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


class _Absent:
    pass


_ABSENT = _Absent()
