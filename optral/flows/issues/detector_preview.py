"""Detectors on objects that somebody pasted: read, redacted, judged, explained; nothing is kept.

The text is JSON or YAML, one object, several, or Lists of them. Secrets are dropped before anything looks at them, and so is every kind
that Optral does not watch; the rest goes through the agent's own redactor. It takes a while: run it on a thread of its own.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import yaml

from optral.detectors import explain
from optral.detectors.explain import Explanation
from optral.detectors.tuning import Settings
from optral.kit import yamls
from optral.kube import objects
from optral.kube.kinds import BY_ID
from optral.kube.objects import KubeObject, kind_id_of
from optral.kube.redact import Redactor, Unredactable
from optral.kube.view import ClusterView
from optral.terms.errors import Invalid

MAX_OBJECTS = 500
MAX_TEXT = 64 * 1024  # characters of YAML
MAX_DEPTH = 60
MAX_LISTS = 3  # of lists within lists
_NEVER = frozenset({"Secret", "SecretList"})
Tree = dict[str, Any]


@dataclass(slots=True)
class DetectorPreview:
    """What came in and what was said of it. `ignored` counts objects of kinds that are not watched, by kind."""

    now: datetime
    objects: int = 0
    secrets_dropped: int = 0
    unreadable: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    explanation: Explanation = field(default_factory=lambda: Explanation((), ()))


def examine(given: Any, *, now: datetime, include_risk: bool, settings: Settings, cluster_id: str) -> DetectorPreview:
    """Judge what was pasted as it would be at `now`. Raises `Invalid` for what cannot be read or is too much."""
    tried = DetectorPreview(now)
    view = ClusterView()
    redactor = Redactor(secrets.token_bytes(32))
    view.load((obj.kind, obj) for tree in _objects(given) if (obj := _taken(tree, redactor, tried)) is not None)
    tried.explanation = explain.explain(view, now=now, include_risk=include_risk, settings=settings, cluster_id=cluster_id)
    return tried


def _taken(tree: Tree, redactor: Redactor, tried: DetectorPreview) -> KubeObject | None:
    """The object as detectors get it; None for what is dropped, ignored or cannot be read."""
    name, version, meta = tree.get("kind"), tree.get("apiVersion"), tree.get("metadata")
    if isinstance(name, str) and name in _NEVER:
        tried.secrets_dropped += 1
        return None
    if not isinstance(name, str) or not isinstance(version, str) or not isinstance(meta, dict):
        tried.unreadable += 1
        return None
    kind = BY_ID.get(kind_id_of(version, name))
    if kind is None:
        key = name[:63] if name.isascii() and name.isalnum() else "?"
        tried.ignored[key] = tried.ignored.get(key, 0) + 1
        return None
    namespace, called = _text(meta, "namespace"), _text(meta, "name")
    try:
        raw = redactor.redact(kind._replace(version=version.rpartition("/")[2]), msgspec.json.encode(tree))
    except (Unredactable, msgspec.MsgspecError, UnicodeError, TypeError, ValueError):
        tried.unreadable += 1
        return None
    tried.objects += 1
    uid = _text(meta, "uid") or f"{kind.id}/{namespace}/{called}"
    return objects.decode(kind.id, raw, uid=uid, namespace=namespace if kind.namespaced else "", name=called)


def _text(meta: Tree, key: str) -> str:
    value = meta.get(key)
    return value[:253] if isinstance(value, str) else ""


def _objects(given: Any) -> Iterator[Tree]:
    """Every object in what was given, Lists opened. Raises `Invalid`."""
    count = 0
    for tree in _opened(_documents(given)):
        count += 1
        if count > MAX_OBJECTS:
            raise _bad("too_many_objects", f"at most {MAX_OBJECTS} objects can be tried at once")
        yield tree
    if not count:
        raise _bad("no_objects", "there is no Kubernetes object in it")


def _opened(documents: Iterable[Any], depth: int = 0) -> Iterator[Tree]:
    for document in documents:
        if isinstance(document, list) and depth < MAX_LISTS:
            yield from _opened(document, depth + 1)
        elif isinstance(document, dict):
            kind, items = document.get("kind"), document.get("items")
            if isinstance(items, list) and isinstance(kind, str) and kind.endswith("List"):
                yield from (_named(item, kind, document) for item in items if isinstance(item, dict))
            else:
                yield document
        elif document is not None:
            raise _bad("unreadable_objects", "each document must be an object or a list of objects")


def _named(item: Tree, kind: str, of: Tree) -> Tree:
    """An item of a typed list (`PodList`) may leave out what the list says."""
    return {"apiVersion": of.get("apiVersion"), "kind": kind.removesuffix("List"), **item}


def _documents(given: Any) -> list[Any]:
    if not isinstance(given, str):
        return [given]
    text = given.strip()
    if text.startswith(("{", "[")):
        try:
            return [msgspec.json.decode(text)]
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            pass  # YAML begins like that too
    return _yaml(text)


def _yaml(text: str) -> list[Any]:
    """The documents of a YAML text. Aliases are refused: a few lines of them make gigabytes."""
    if len(text) > MAX_TEXT:
        raise _bad("objects_too_large", f"YAML may have {MAX_TEXT} characters; send JSON, or less")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yamls.LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise _bad("unreadable_objects", "YAML with aliases is not read")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _bad("unreadable_objects", f"it is nested deeper than {MAX_DEPTH}")
        return [_plain(document) for document in yaml.load_all(text, Loader=yamls.LOADER)]
    except (yaml.YAMLError, RecursionError, ValueError, UnicodeError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise _bad("unreadable_objects", f"it is neither JSON nor YAML{where}") from None


def _plain(value: Any) -> Any:
    """Only what JSON has: YAML also knows times, bytes and keys of any type."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _bad(code: str, say: str) -> Invalid:
    return Invalid(code, say=f"objects: {say}", errors=[{"field": "objects", "code": code, "message": say}])
