"""The intent in an object, apart from its status: when it changed, what differs, and who changed it."""

import hashlib
from typing import Any

import msgspec

from optral.kube import diff as kube_diff
from optral.kube.changes import ObjectChange
from optral.kube.diff import ABSENT, Difference
from optral.kube.objects import ConfigMap, decode

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
    found = kube_diff.walk(_compared(kind, before), _compared(kind, after), limit=MAX_DIFF + 1, has_order=True)
    return [_entry(one) for one in found[:MAX_DIFF]], len(found) > MAX_DIFF


def _compared(kind: str, raw: bytes) -> dict[str, Any]:
    """What is wanted; of a ConfigMap, whose values are masked, also what is noted of them, by key, wherever their lines are."""
    found = wanted(kind, raw)
    config = decode(kind, raw) if kind == ConfigMap.kind and found else None
    if not isinstance(config, ConfigMap):
        return found
    addresses = {f"{one.key} {one.name}": one.text for one in config.addresses}
    routes = {f"{one.key} {one.host}{one.path}": one.upstream for one in config.routes if not one.is_partial}
    limits = {f"{one.key} {one.name}": one.text for one in config.limits}
    return found | {name: notes for name, notes in (("addresses", addresses), ("routes", routes), ("limits", limits)) if notes}


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


def wanted(kind: str, raw: bytes) -> dict[str, Any]:
    """What somebody wants of an object of this `Kind.id`; nothing for a manifest that cannot be read."""
    if not raw:
        return {}
    try:
        whole = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if not isinstance(whole, dict):
        return {}
    found = {key: whole[key] for key in _INTENT_KEYS if key in whole}
    if kind == "Node" and isinstance(whole.get("metadata"), dict):
        found["labels"] = whole["metadata"].get("labels") or {}
    return found


def _entry(change: Difference) -> dict[str, Any]:
    is_new, is_gone = change.before is ABSENT, change.after is ABSENT
    entry: dict[str, Any] = {"path": kube_diff.pointer(change.path), "op": "add" if is_new else "remove" if is_gone else "replace"}
    if not is_new:
        entry["from"] = _short(change.before)
    if not is_gone:
        entry["to"] = _short(change.after)
    return entry


def _short(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        text = msgspec.json.encode(value).decode()
        return value if len(text) <= MAX_VALUE else kube_diff.cut(text, MAX_VALUE)
    return kube_diff.cut(value, MAX_VALUE)
