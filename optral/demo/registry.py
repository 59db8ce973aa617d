"""The storage of the demo cluster: every object with its resourceVersion, and a bounded log of changes for watchers.

It keeps the guarantees that clients of a Kubernetes API server rely on: one rising resourceVersion for everything, an unchanged write
changes nothing, `generation` changes only with `spec`, and a watch that is older than the log gets `Expired` instead of missing changes.
Use it on one event loop only.
"""

import asyncio
from collections import deque
from itertools import takewhile
from typing import Any, NamedTuple

import msgspec

from optral.kube.kinds import Kind

Manifest = dict[str, Any]
Key = tuple[str, str]

LOG_LENGTH = 4096  # changes kept for watchers; an agent that is further behind lists again, as with a compacted etcd
FIRST_VERSION = 184_000  # a cluster that has lived for a while


class Expired(Exception):
    """The requested resourceVersion is older than the log; the HTTP status is 410."""


class Change(NamedTuple):
    """One entry of the log. `type` is ADDED, MODIFIED or DELETED; `raw` is the JSON of the object at `version`."""

    version: int
    type: str
    kind_id: str
    namespace: str
    raw: bytes


class Stored(NamedTuple):
    """An object as it is served. `fingerprint` is its JSON without resourceVersion and generation, to detect real changes."""

    version: int
    namespace: str
    name: str
    raw: bytes
    fingerprint: bytes
    spec: bytes


class Registry:
    """All objects of the cluster by kind and (namespace, name)."""

    def __init__(self) -> None:
        self.version = FIRST_VERSION
        self._objects: dict[str, dict[Key, Stored]] = {}
        self._log: deque[Change] = deque(maxlen=LOG_LENGTH)
        self._forgotten = FIRST_VERSION
        self._news = asyncio.Event()
        self.is_closed = False

    def put(self, kind: Kind, manifest: Manifest) -> bool:
        """Create or update the object and set its resourceVersion and generation in place; False when nothing changed."""
        metadata = manifest["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        known = self._objects.setdefault(kind.id, {}).get(key)
        bare = {name: value for name, value in metadata.items() if name not in ("resourceVersion", "generation")}
        fingerprint = msgspec.json.encode({**manifest, "metadata": bare})
        if known is not None and known.fingerprint == fingerprint:
            return False
        spec = msgspec.json.encode(manifest.get("spec"))
        if "spec" in manifest and (known is None or known.spec != spec):
            metadata["generation"] = max(1, metadata.get("generation", 0) + (known is not None))
        self.version += 1
        metadata["resourceVersion"] = str(self.version)
        stored = Stored(self.version, *key, msgspec.json.encode(manifest), fingerprint, spec)
        self._objects[kind.id][key] = stored
        self._append(Change(self.version, "ADDED" if known is None else "MODIFIED", kind.id, key[0], stored.raw))
        return True

    def delete(self, kind: Kind, namespace: str, name: str) -> bool:
        """Delete the object; watchers get its last state with the resourceVersion of the deletion. False if it does not exist."""
        stored = self._objects.get(kind.id, {}).pop((namespace, name), None)
        if stored is None:
            return False
        self.version += 1
        last = msgspec.json.decode(stored.raw)
        last["metadata"]["resourceVersion"] = str(self.version)
        self._append(Change(self.version, "DELETED", kind.id, namespace, msgspec.json.encode(last)))
        return True

    def get(self, kind: Kind, namespace: str, name: str) -> Stored | None:
        return self._objects.get(kind.id, {}).get((namespace, name))

    def items(self, kind: Kind, namespace: str | None = None) -> list[Stored]:
        """All objects of a kind in the order of their keys, as etcd would list them."""
        found = self._objects.get(kind.id, {})
        return [found[key] for key in sorted(found) if namespace is None or key[0] == namespace]

    def count(self, kind: Kind) -> int:
        return len(self._objects.get(kind.id, {}))

    def since(self, version: int) -> tuple[Change, ...]:
        """The changes after `version`, oldest first. Raises `Expired` if some of them were deleted."""
        if version < self._forgotten:
            raise Expired(f"too old resource version: {version} ({self._forgotten})")
        newest_first = takewhile(lambda change: change.version > version, reversed(self._log))
        return tuple(newest_first)[::-1]

    async def wait_after(self, version: int, timeout_s: float) -> bool:
        """Wait until something newer than `version` exists; False after `timeout_s` seconds without, or when the cluster stops."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.version <= version and not self.is_closed:
                    await self._news.wait()
        except TimeoutError:
            return False
        return self.version > version

    def close(self) -> None:
        """End every watch; the cluster stops."""
        self.is_closed = True
        self._wake()

    def compact(self) -> None:
        """Delete the log: every older watch gets 410."""
        self._log.clear()
        self._forgotten = self.version

    def _append(self, change: Change) -> None:
        if len(self._log) == LOG_LENGTH:
            self._forgotten = self._log[0].version
        self._log.append(change)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
