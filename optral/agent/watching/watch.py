"""One reflector per kind → redaction → buffer. Kubernetes Events go the same way into a ring of their own.

Leases are renewed every few seconds for ever: only those of the cluster's own components are sent, and few of their renewals
(`renewals.py`).

An agent of one namespace asks for nothing outside it: kinds that live elsewhere count as forbidden, and the control plane concludes nothing
from their absence.

No inventory ends before the first list of Events has come (or `EVENTS_WITHIN_S` have passed): the control plane judges once every kind is
complete, and a container whose probe kills it looks like any crash loop without its Events.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from optral.agent.watching.buffer import Buffer
from optral.agent.watching.pod_index import PodIndex
from optral.agent.watching.renewals import Renewals
from optral.kit.tasks import Tasks
from optral.kube.changes import Phase
from optral.kube.kinds import EVENT, Kind
from optral.kube.redact import Redacted, Redactor, Unredactable, metadata_only
from optral.kubeapi.client import KubeClient
from optral.kubeapi.reflector import RawObject, Reflector, Sink, Timing

MAX_OBJECT_BYTES = 1024 * 1024
EVENTS_WITHIN_S = 10
LEASE = "Lease.coordination.k8s.io"
DEFINITIONS = frozenset({"CustomResourceDefinition.apiextensions.k8s.io", "APIService.apiregistration.k8s.io"})
AT_ONCE = 4  # inventories of custom kinds that are listed at the same time
Producer = Callable[[Kind, Sink], Coroutine[Any, Any, None]]
log = structlog.get_logger()


class Watches:
    """Keeps the watches of all kinds running and can restart one of them as a snapshot."""

    def __init__(
        self,
        client: KubeClient,
        redactor: Redactor,
        buffer: Buffer,
        kinds: Callable[[], Sequence[Kind]],
        *,
        namespace: str = "",
        timing: Timing | None = None,
        producers: Mapping[str, Producer] | None = None,
    ) -> None:
        """`producers` make the objects of some kinds, by `Kind.id`, that no API server serves."""
        self._producers = {} if producers is None else producers
        self._client, self._redactor, self._buffer, self._kinds = client, redactor, buffer, kinds
        self._namespace, self._timing = namespace, timing
        self._tasks = Tasks(self._failed)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._refused: set[str] = set()
        self._renewals = Renewals(self._send)
        self._awaits_events = False
        self._ended: dict[str, tuple[Kind, str]] = {}  # inventories that are complete and wait for the Events
        self._denied: frozenset[str] = frozenset()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._listing: dict[str, asyncio.Task[None] | None] = {}  # custom kinds that hold a slot, and the watch that took it
        self._began: set[str] = set()  # definitions that are listed
        self.on_definitions: Callable[[], None] = lambda: None
        """Called after a change of a definition, not for those of the first list."""
        self.pod_index: PodIndex | None = None
        """Who else follows pods, their owners and Services."""

    def snapshot(self, kind: Kind) -> None:
        """List the kind again and send it as a snapshot."""
        self._cancel(kind)
        self._buffer.start_snapshot(kind)
        self._start(kind)

    def leave(self, kind: Kind) -> None:
        """Nobody wants this kind: stop watching it and forget what waits."""
        self._cancel(kind)
        self._buffer.start_snapshot(kind)

    def deny(self, kinds: frozenset[str]) -> None:
        """The kinds (by id) that the agent's role does not allow it to read: nothing is asked of the API server about them."""
        self._denied = kinds

    def is_denied(self, kind: Kind) -> bool:
        return kind.id in self._denied

    def follow_events(self) -> None:
        """Follow Kubernetes Events, once."""
        if EVENT.id not in self._running:
            self._awaits_events = True
            self._start(EVENT)
            asyncio.get_running_loop().call_later(EVENTS_WITHIN_S, self._events_came)

    def is_running(self, kind: Kind) -> bool:
        return kind.id in self._running

    async def stop(self) -> None:
        self._running.clear()
        self._ended.clear()
        self._renewals.forget()
        await self._tasks.stop()

    def _start(self, kind: Kind) -> None:
        if kind.id in self._denied or (self._namespace and not kind.is_in(self._namespace)):
            self._buffer.mark(kind, Phase.FORBIDDEN)
            return
        if (produce := self._producers.get(kind.id)) is not None:
            self._running[kind.id] = self._tasks.start(f"watch {kind.id}", produce(kind, self))
            return
        reflector = Reflector(self._client, kind, self, namespace=self._namespace, timing=self._timing)
        self._running[kind.id] = self._tasks.start(f"watch {kind.id}", self._in_turn(kind, reflector) if kind.custom else reflector.run())

    async def _in_turn(self, kind: Kind, reflector: Reflector) -> None:
        """Run the watch of a custom kind; its first inventory waits for a slot, since there may be hundreds of kinds."""
        await self._slots.acquire()
        self._free_slot(kind)  # an earlier watch of this kind may not have ended yet
        mine = self._listing[kind.id] = asyncio.current_task()
        try:
            await reflector.run()
        finally:
            if self._listing.get(kind.id) is mine:
                self._free_slot(kind)

    def _free_slot(self, kind: Kind) -> None:
        if kind.id in self._listing:
            del self._listing[kind.id]
            self._slots.release()

    def _definitions(self, kind: Kind) -> None:
        if kind.id in self._began:
            self.on_definitions()

    def _cancel(self, kind: Kind) -> None:
        self._ended.pop(kind.id, None)
        if kind.id == LEASE:
            self._renewals.forget()
        if (task := self._running.pop(kind.id, None)) is not None:
            task.cancel()

    def _failed(self, name: str, error: BaseException) -> None:
        # A defect, not a fault of the API server: say it and begin that kind again, the others go on.
        log.error("a watch failed", watch=name, error=repr(error), exc_info=error)
        for kind in (*self._kinds(), EVENT):
            if name == f"watch {kind.id}" and kind.id in self._running:
                asyncio.get_running_loop().call_later(5, self._again, kind)

    def _again(self, kind: Kind) -> None:
        if kind.id not in self._running:
            return
        if kind is EVENT:
            self._start(EVENT)
        else:
            self.snapshot(kind)

    def _events_came(self) -> None:
        """What Events there were is in the buffer, or comes too late: let the inventories end."""
        self._awaits_events = False
        ended, self._ended = self._ended, {}
        for kind, resource_version in ended.values():
            self._buffer.end(kind, resource_version)

    # --- Sink ------------------------------------------------------------------------------------------------------------------

    def begin(self, kind: Kind) -> None:
        if kind.id == LEASE:
            self._renewals.listing(True)
        if self.pod_index is not None:
            self.pod_index.begin(kind)
        if kind is not EVENT:
            self._ended.pop(kind.id, None)
            self._buffer.begin(kind)

    def upsert(self, kind: Kind, seen: RawObject) -> None:
        if kind.only_in and seen.namespace not in kind.only_in:
            return
        if kind.id == LEASE and not self._renewals.admits(kind, seen):
            return
        if kind.id in DEFINITIONS:
            self._definitions(kind)
        if self.pod_index is not None:
            self.pod_index.upsert(kind, seen)
        self._send(kind, seen)

    def _send(self, kind: Kind, seen: RawObject) -> None:
        try:
            redacted = self._redactor.redact(kind, seen.raw)
        except Unredactable as error:
            log.warning("an object was left out: not even its metadata is safe to send", kind=kind.id, name=seen.name, error=str(error))
            return
        if len(redacted) > MAX_OBJECT_BYTES:
            redacted = Redacted(metadata_only(redacted, kind))
            self._buffer.partial.add(seen.uid)
        else:
            self._buffer.partial.discard(seen.uid)
        self._buffer.upsert(kind, seen.uid, seen.namespace, seen.name, seen.resource_version, redacted)

    def delete(self, kind: Kind, seen: RawObject) -> None:
        if kind.only_in and seen.namespace not in kind.only_in:
            return
        if kind.id == LEASE:
            self._renewals.drop(seen.uid)
        if kind.id in DEFINITIONS:
            self._definitions(kind)
        if self.pod_index is not None:
            self.pod_index.delete(kind, seen)
        self._buffer.delete(kind, seen.uid, seen.namespace, seen.name, seen.resource_version)
        self._buffer.partial.discard(seen.uid)

    def end(self, kind: Kind, resource_version: str) -> None:
        self._refused.discard(kind.id)
        self._free_slot(kind)
        if self.pod_index is not None:
            self.pod_index.end(kind)
        if kind.id in DEFINITIONS:
            self._began.add(kind.id)
        if kind.id == LEASE:
            self._renewals.listing(False)
        if kind is EVENT:
            self._events_came()
        elif self._awaits_events:
            self._ended[kind.id] = (kind, resource_version)
        else:
            self._buffer.end(kind, resource_version)

    def forbidden(self, kind: Kind, message: str) -> None:
        if kind.id not in self._refused:
            self._refused.add(kind.id)
            say = log.info if kind.optional else log.warning
            say("a kind cannot be read; trying again later", kind=kind.id, message=message[:300])
        self._buffer.mark(kind, Phase.FORBIDDEN)
        self._without(kind)

    def gone(self, kind: Kind) -> None:
        self._without(kind)
        self._buffer.mark(kind, Phase.GONE)

    def _without(self, kind: Kind) -> None:
        self._free_slot(kind)
        self._ended.pop(kind.id, None)
        if kind is EVENT:
            self._events_came()

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None:
        self._free_slot(kind)
        log.warning("a watch was interrupted", kind=kind.id, error=str(error)[:300], retry_s=round(retry_s, 1))

    async def room(self, kind: Kind) -> None:
        if kind is not EVENT:
            await self._buffer.room()
