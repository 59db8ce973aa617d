"""Redaction: what leaves the cluster goes through `Redactor.redact`, the one function between decoder and buffer.

The buffer accepts only `Redacted`, so no path leads around it. Three rules decide: what a place means (Secret data, ConfigMap
values, `env`, `args`, annotations), what a key is called (`…password…`), and what a value looks like (a detector: tokens, keys, URLs with
credentials). A masked value becomes `[redacted:<kind>:<8 hex>]`, an HMAC under a salt that stays in the cluster: equal values can be
seen to be equal, and nothing more. What cannot be understood leaves as metadata only.

Pods are the bulk of the traffic and have a fast path: msgspec cuts the object into raw pieces, only pieces that may hold secrets are
opened, and what the pods of one workload share (`env`, probes, annotations) is remembered by its bytes. The typed rest of a pod has no
free-form keys, so one scan by value (`scan`, re2: one big alternation in `re` costs ten times more) covers it; a hit takes the slow path.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NewType

import msgspec

from optral.kit.times import rfc3339
from optral.kube import config_files, redact_keys as keys, redact_pod_fields as pod_fields, redact_settings as settings
from optral.kube.certificates import bundle_not_after
from optral.kube.kinds import Kind
from optral.kube.prune import prune
from optral.kube.redact_keys import class_of, is_secret_key
from optral.kube.redact_metadata import Unredactable as Unredactable, metadata_only as metadata_only
from optral.kube.redact_settings import is_plain_address, store_of
from optral.kube.redact_values import (
    BASE64,
    MARKER,
    MENTION,
    SCAN,
    hides,
    is_opaque,
    scan as scan,
    substituted,
)

Redacted = NewType("Redacted", bytes)

VERSION = 1  # raise it when a rule becomes stricter
CA_NOT_AFTER = "optralCaNotAfter"  # beside a masked `caBundle`: when nothing verifies against it any more
MAX_ANNOTATION_CHARS = 1024
MAX_DEPTH = 64
MAX_MEMO_BYTES = 16 * 1024  # a larger piece is worked out each time: the memo stays below about 100 MB at its very worst, 5 in practice
MEMO_PIECES = 4096
MEMO_CLEAN = 32_768  # digests of pieces in which there was nothing to hide, about 100 bytes each


def scrub(raw: bytes) -> bytes:
    """The second pass, for bytes in which `scan` found something: mask by every rule, or leave metadata only. Never raises.

    Markers made here use a salt of this process: the receiver has no share in the cluster's own.
    """
    redactor = process_redactor()
    try:
        tree = msgspec.json.decode(raw)
        answer = msgspec.json.encode(redactor.walk(tree)) if isinstance(tree, dict) else b"{}"
        return answer if not scan(answer) else metadata_only(raw)
    except (msgspec.DecodeError, _TooDeep, Unredactable, RecursionError, UnicodeError, ValueError):
        return b"{}"


class _TooDeep(Exception):
    pass


class _Unknown(Exception):
    """A pod with fields that this code does not know: the slow path redacts it by names."""


class _Managed(msgspec.Struct, omit_defaults=True):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""


_PIECES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_PIECE_LIST = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_MANAGED = msgspec.json.Decoder(list[_Managed])
_encode = msgspec.json.encode


class Redactor:
    """Redacts objects of one cluster under one salt. Not thread-safe beyond what the GIL gives; use one per process."""

    def __init__(self, salt: bytes) -> None:
        if len(salt) < 16:
            raise ValueError("the salt needs at least 16 bytes")
        self._salt = salt
        self._text: Callable[[str], str] = lru_cache(MEMO_PIECES)(self._read_text)
        self._remembered: Callable[[str, bytes], msgspec.Raw] = lru_cache(MEMO_PIECES)(self._walked)
        self._clean: set[bytes] = set()
        self._clean_before: set[bytes] = set()

    def redact(self, kind: Kind, raw: bytes) -> Redacted:
        """Redact one object of this kind, given as the JSON of the API server. Always carries `apiVersion` and `kind`.

        What is not understood leaves as metadata only. Raises `Unredactable` when even that cannot be read.
        """
        try:
            if kind.id == "Pod":
                try:
                    answer = self._pod(kind, raw)
                    if not scan(answer):
                        return Redacted(answer)
                except _Unknown:
                    pass
            answer = self._object(kind, raw)
        except (msgspec.MsgspecError, _TooDeep, RecursionError, UnicodeError, ValueError, TypeError, AttributeError):
            return Redacted(metadata_only(raw, kind))
        # A detector may still fire across what the walk sees as separate strings; then only the metadata is safe.
        return Redacted(answer if not scan(answer) else metadata_only(raw, kind))

    def mask(self, kind: str, text: str) -> str:
        """The marker for this text; equal texts have equal markers within one cluster."""
        digest = hmac.digest(self._salt, text.encode("utf-8", "surrogatepass"), "sha256")
        return f"[redacted:{kind}:{digest[:4].hex()}]"

    def variable(self, name: str, value: str) -> str:
        """The value of an environment variable, masked unless it is an address or harmless."""
        answer: str = self._env_value(name, value, depth=0)
        return answer

    def arguments(self, words: Sequence[str]) -> tuple[str, ...]:
        """The arguments of a command; the values of options that hold secrets are masked."""
        return tuple(self._args(list(words), tainted=False, depth=0))

    def leaves(self, key: str, raw: bytes) -> bool:
        """Whether this piece of a pod, under this key, stays as it is."""
        return bytes(self._piece(key, msgspec.Raw(raw))) == raw

    # --- pods: pieces ----------------------------------------------------------------------------------------------------------

    def _pod(self, kind: Kind, raw: bytes) -> bytes:
        pieces = _PIECES.decode(raw)
        if not pieces.keys() <= pod_fields.POD_FIELDS:
            raise _Unknown
        pod: dict[str, Any] = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": self._metadata(pieces["metadata"])}
        if (spec := pieces.get("spec")) is not None:
            pod["spec"] = self._pod_spec(spec)
        if (status := pieces.get("status")) is not None:
            pod["status"] = self._pod_status(status)
        return _encode(pod)

    def _metadata(self, raw: msgspec.Raw) -> dict[str, Any]:
        meta: dict[str, Any] = _PIECES.decode(raw)
        if not meta.keys() <= pod_fields.META_FIELDS:
            raise _Unknown
        if (managed := meta.get("managedFields")) is not None:
            meta["managedFields"] = _MANAGED.decode(managed)
        if (annotations := meta.get("annotations")) is not None:
            meta["annotations"] = self._piece("annotations", annotations)
        if (labels := meta.get("labels")) is not None:
            meta["labels"] = self._piece("labels", labels)
        return meta

    def _pod_spec(self, raw: msgspec.Raw) -> dict[str, Any]:
        spec: dict[str, Any] = _PIECES.decode(raw)
        if not spec.keys() <= pod_fields.SPEC_FIELDS:
            raise _Unknown
        for field in ("containers", "initContainers", "ephemeralContainers"):
            if (containers := spec.get(field)) is not None:
                spec[field] = [self._container(container) for container in _PIECE_LIST.decode(containers)]
        if (selector := spec.get("nodeSelector")) is not None:
            spec["nodeSelector"] = self._piece("nodeSelector", selector)
        if (volumes := spec.get("volumes")) is not None:
            text = bytes(volumes)
            if any(name in text for name in pod_fields.FREE_VOLUMES):
                spec["volumes"] = self._piece("volumes", volumes)
        return spec

    def _container(self, container: dict[str, Any]) -> dict[str, Any]:
        if not container.keys() <= pod_fields.CONTAINER_FIELDS:
            raise _Unknown
        for field in pod_fields.WALKED_OF_CONTAINER:
            if (piece := container.get(field)) is not None:
                container[field] = self._piece(field, piece)
        return container

    def _pod_status(self, raw: msgspec.Raw) -> Any:
        # Messages are free text (the last log lines of a dead container, too): a mention of a secret has them read.
        text = bytes(raw)
        if b'"message"' in text and MENTION.search(text) is not None:
            return self._walked("status", text)
        return raw

    def _piece(self, key: str, raw: msgspec.Raw) -> msgspec.Raw:
        """A piece after redaction. What each pod has of its own (annotations, arguments) and hides nothing is known by its digest."""
        text = bytes(raw)
        if key not in pod_fields.OWN_PIECES:
            return self._remembered(key, text) if len(text) <= MAX_MEMO_BYTES else self._walked(key, text)
        digest = hashlib.blake2b(text, digest_size=16, key=self._salt[:64], person=key[:16].encode()).digest()
        if digest in self._clean:
            return raw
        if digest not in self._clean_before:
            walked = self._walked(key, text)
            if bytes(walked) != text:
                return walked
        self._note_clean(digest)
        return raw

    def _note_clean(self, digest: bytes) -> None:
        """Two generations: when one is full the one before it is forgotten."""
        if len(self._clean) >= MEMO_CLEAN // 2:
            self._clean_before, self._clean = self._clean, set()
        self._clean.add(digest)

    def _walked(self, key: str, raw: bytes) -> msgspec.Raw:
        return msgspec.Raw(_encode(self._value(key, msgspec.json.decode(raw), tainted=False, depth=4)))

    # --- everything else: the whole tree ---------------------------------------------------------------------------------------

    def _object(self, kind: Kind, raw: bytes) -> bytes:
        tree = msgspec.json.decode(raw)
        if not isinstance(tree, dict):
            raise ValueError("not an object")
        if kind.metadata_only:
            tree = {"metadata": tree.get("metadata")}
        return _encode(self.walk(prune(kind.id, {"apiVersion": kind.api_version, "kind": kind.name, **tree})))

    def walk(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Redact a decoded object of any kind by every rule."""
        return self._dict(tree, tainted=False, depth=0)

    def _value(self, key: str, value: Any, *, tainted: bool, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _TooDeep
        kind = class_of(key)
        if isinstance(value, str):
            return self._leaf(key, value, tainted=tainted, kind=kind)
        if isinstance(value, dict):
            return self._by_place(key, value, kind=kind, tainted=tainted, depth=depth)
        if isinstance(value, list):
            return self._list(key, value, kind=kind, tainted=tainted, depth=depth)
        if isinstance(value, int | float) and not isinstance(value, bool) and keys.STRICTLY_SECRET.search(key):
            return self.mask("number", repr(value))
        return value

    def _list(self, key: str, items: list[Any], *, kind: int, tainted: bool, depth: int) -> list[Any]:
        if kind == keys.ENV:
            return [self._env(item, depth=depth + 1) for item in items]
        if kind == keys.ARGS:
            return self._args(items, tainted=tainted, depth=depth + 1)
        if key == "managedFields":
            condensed: list[Any] = msgspec.to_builtins(msgspec.convert(items, list[_Managed]))
            return condensed
        inner = tainted or kind == keys.SECRET
        return [self._value(key if isinstance(item, str) else "", item, tainted=inner, depth=depth + 1) for item in items]

    def _by_place(self, key: str, value: dict[str, Any], *, kind: int, tainted: bool, depth: int) -> Any:
        if kind == keys.ANNOTATIONS:
            return self._annotations(value, depth=depth + 1)
        if kind == keys.ENV:
            return {name: self._env_value(name, item, depth=depth + 1) for name, item in value.items()}
        if key in keys.MASKED_MAPS:
            return self._masked_map("data", value)
        return self._dict(value, tainted=tainted or kind == keys.SECRET, depth=depth + 1)

    def _dict(self, node: dict[str, Any], *, tainted: bool, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise _TooDeep
        if (kind := node.get("kind")) in ("Secret", "ConfigMap", "CertificateSigningRequest"):
            node = self._without_data(kind, node)
        if isinstance(name := node.get("name"), str) and isinstance(value := node.get("value"), str) and class_of(name) == keys.SECRET:
            node = {**node, "value": self._forced("named", value)}
        answer = {}
        for key, value in node.items():
            key = self._key(key)
            # `key` beside `name` is a reference (secretKeyRef); alone under a secretive word it is the secret.
            harmless = tainted and (key in keys.REFERENCE_LEAVES or (key == "key" and "name" in node))
            answer[key] = self._value(key, value, tainted=tainted and not harmless, depth=depth + 1)
        if isinstance(bundle := node.get("caBundle"), str) and (until := bundle_not_after(bundle)) is not None:
            answer[CA_NOT_AFTER] = rfc3339(until)
        return answer

    def _without_data(self, kind: str, node: dict[str, Any]) -> dict[str, Any]:
        """The object of a kind whose whole data is masked, whatever its keys are called."""
        if kind != "CertificateSigningRequest" and isinstance(node.get("data"), dict):
            if kind == "ConfigMap":
                return {**node, "data": self._masked_map("configmap", node["data"]), **config_files.notes(node["data"])}
            return {**node, "data": self._masked_map("secret", node["data"])}
        if kind == "Secret" and "data" in node:
            return {**node, "data": self._whole("secret", node["data"])}
        if kind == "CertificateSigningRequest" and isinstance(spec := node.get("spec"), dict) and "request" in spec:
            return {**node, "spec": {**spec, "request": self._whole("csr", spec["request"])}}
        return node

    def _key(self, key: str) -> str:
        return key if not is_secret_key(key) else self.mask("key", key)

    def _leaf(self, key: str, value: str, *, tainted: bool, kind: int) -> str:
        if kind == keys.CA:
            return self.mask("ca", value) if not MARKER.fullmatch(value) else value
        if kind == keys.ENV and not tainted and keys.STAGE.fullmatch(value):
            return self.text(value)
        if tainted or kind in (keys.SECRET, keys.ENV):
            return self._forced("named", value)
        return self.text(value)

    def _forced(self, kind: str, value: str) -> str:
        return (
            value if value in settings.HARMLESS or MARKER.fullmatch(value) or settings.VARIABLE.fullmatch(value) else self.mask(kind, value)
        )

    def _whole(self, kind: str, value: Any) -> str:
        return value if isinstance(value, str) and MARKER.fullmatch(value) else self.mask(kind, repr(value))

    def _masked_map(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """Keys stay, values become markers that tell the size: `[redacted:configmap-1234:…]`."""
        return {key: self._sized(kind, value) for key, value in values.items()}

    def _sized(self, kind: str, value: Any) -> str:
        text = value if isinstance(value, str) else repr(value)
        return text if MARKER.fullmatch(text) else self.mask(f"{kind}-{len(text.encode('utf-8', 'surrogatepass'))}", text)

    def _annotations(self, annotations: dict[str, Any], *, depth: int) -> dict[str, Any]:
        answer = {}
        for key, value in annotations.items():
            if keys.DROPPED_ANNOTATION.search(key):
                continue
            if isinstance(value, str) and len(value) > MAX_ANNOTATION_CHARS:
                answer[key] = self.mask("long", value)
            else:
                answer[key] = self._value(key, value, tainted=False, depth=depth)
        return answer

    # --- environment and arguments ---------------------------------------------------------------------------------------------

    def _env(self, item: Any, *, depth: int) -> Any:
        if not isinstance(item, dict):
            return self._forced("env", item) if isinstance(item, str) else self._value("", item, tainted=True, depth=depth)
        answer = {}
        name = item.get("name")
        for key, value in item.items():
            if key == "value":
                answer[key] = self._env_value(name if isinstance(name, str) else "", value, depth=depth)
            else:
                answer[key] = self._value("", value, tainted=False, depth=depth)
        return answer

    def _env_value(self, name: str, value: Any, *, depth: int) -> Any:
        if isinstance(value, dict):  # valueFrom in a map form
            return self._dict(value, tainted=True, depth=depth + 1)
        if not isinstance(value, str):
            return value if isinstance(value, bool) or value is None else self.mask("env", repr(value))
        if name.upper() in settings.LISTED_ENV:
            return self.text(value)
        if is_plain_address(name, value):
            return value
        return self._of_store("env", name, value) or self._forced("env", value)

    def _of_store(self, kind: str, name: str, value: str) -> str | None:
        """The server of a connection string with a mark of the whole; None where it is none."""
        if (masked := settings.MASKED_STORE.fullmatch(value)) is not None and store_of(name, masked.group(1)) == masked.group(1):
            return value
        store = store_of(name, value)
        return f"{store} {self.mask(kind, value)}" if store is not None else None

    def _args(self, args: list[Any], *, tainted: bool, depth: int) -> list[Any]:
        answer: list[Any] = []
        flag = ""
        for item in args:
            if not isinstance(item, str):
                answer.append(self._value("", item, tainted=tainted, depth=depth))
                flag = ""
                continue
            if tainted or (flag and not item.startswith("--")):
                answer.append(self._argument(flag, item))
            elif (pair := settings.FLAG_VALUE.match(item)) is not None:
                answer.append(pair.group(1) + self._argument(pair.group(1), pair.group(2)))
            else:
                answer.append(self.text(item))
            flag = item if settings.FLAG.match(item) else ""
        return answer

    def _argument(self, flag: str, value: str) -> str:
        if settings.FILE.fullmatch(value) and not is_opaque(value.rpartition("/")[2]):
            return value
        if settings.FILE_FLAG.search(flag):
            return self.text(value)
        return self._of_store("arg", flag, value) or self._forced("arg", value)

    # --- free text -------------------------------------------------------------------------------------------------------------

    def text(self, value: str) -> str:
        """Mask what looks like a secret inside a text; the rest stays readable."""
        if len(value) < 8:
            return value
        return self._text(value) if len(value) <= MAX_ANNOTATION_CHARS else self._read_text(value)

    def _read_text(self, value: str) -> str:
        if MARKER.fullmatch(value):
            return value
        if value[0] in "{[" and value[-1] in "}]" and (inner := self._json(value)) is not None:
            return inner
        raw = value.encode("utf-8", "surrogatepass")
        mentions = MENTION.search(raw) is not None
        if mentions or SCAN.search(raw) is not None:
            value = substituted(value, self.mask, mentions=mentions)
        elif BASE64.fullmatch(value) and hides(value):
            return self.mask("base64", value)
        return value

    def _json(self, value: str) -> str | None:
        """JSON inside a string (many controllers keep objects in annotations) is walked like any other."""
        try:
            inner = msgspec.json.decode(value)
        except (msgspec.MsgspecError, UnicodeError):
            return None
        if not isinstance(inner, dict | list):
            return None
        walked = self._value("", inner, tainted=False, depth=MAX_DEPTH // 2)
        return value if walked == inner else _encode(walked).decode()


@lru_cache(1)
def process_redactor() -> Redactor:
    return Redactor(secrets.token_bytes(32))
