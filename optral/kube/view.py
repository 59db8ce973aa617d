"""ClusterView: every object of one cluster as detectors need it, with the indexes their questions use.

**The overlay contract** (flows/ingest and flows/views build on it):

1. `overlay = view.with_changes(changes)` is the view as it will be once the changes are true. It costs what the changes cost, never
   what the cluster costs, and `view` does not see them. Make one overlay per transaction, out of all its changes, in order; the last
   change of a uid wins.
   `overlay.with_changes(more)` also works and pays for the earlier changes again.
2. After the commit: `view.absorb(overlay, now=…)` moves `view` itself. After a failed commit: drop the overlay, nothing else.
3. An overlay is worth something only while its base stands still: once the base absorbs anything, older overlays are void, and absorbing
   one raises `ValueError`. One writer per view; no locks in here. A second `absorb` of the same overlay raises too.
4. An overlay still knows what its base held: `previous(kind, uid)` gives the object before the change, also of a deleted one.

A change is any value with `kind` (a `Kind.id`) and `uid`, beside the decoded object, or None when the object is gone. The change's uid is
the key, so decode with `objects.decode(change.kind, change.raw, uid=…, namespace=…, name=…)`.

Kubernetes Events come by the same calls but are kept loosely: ≤ 20 per object, ≤ 20,000 in all, and one hour by `now`. The view
is memory, not truth: it is rebuilt from rows, and then has only the Events that the rows still have.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

from optral.kube import owners, view_keys
from optral.kube.object_index import Limit, ObjectIndex
from optral.kube.objects import (
    Event,
    Gateway,
    IngressClass,
    Job,
    KubeObject,
    Metadata,
    PersistentVolumeClaim,
    Pod,
    Service,
    StorageClass,
)
from optral.kube.view_keys import Key
from optral.kube.view_lookups import Lookups
from optral.terms.refs import ObjectRef

MAX_EVENTS_PER_OBJECT = 20
MAX_EVENTS = 20_000
EVENT_LIFE = timedelta(hours=1)  # as long as a default API server keeps them
MAX_GONE = 2000  # names whose going is remembered


Thing = TypeVar("Thing", bound=KubeObject)
Answer = TypeVar("Answer")


class Change(Protocol):
    """What `with_changes` needs of an `ObjectChange`."""

    @property
    def kind(self) -> str: ...

    @property
    def uid(self) -> str: ...


class ClusterView(Lookups):
    """One cluster's objects; see the module for how views and overlays move. All answers are in no particular order."""

    __slots__ = ("_absorbed", "_alike", "_base", "_changed", "_gone", "_known", "_own", "_seen_version", "_version")

    def __init__(self, typed_at_most: Limit | None = None) -> None:
        """`typed_at_most` limits the namespaced objects that are kept typed (`object_index.py`); without it all are."""
        self._own = ObjectIndex(typed_at_most)
        self._base: ClusterView | None = None
        self._changed: dict[str, tuple[str, KubeObject | None]] = {}
        self._alike: dict[str, KubeObject] = {}  # changed, and found where the base has it: almost every change of a pod
        self._gone: dict[Key, datetime] = {}
        self._known: dict[tuple[Callable[..., Any], int], tuple[KubeObject, Any]] = {}
        self._version = 0
        self._seen_version = 0
        self._absorbed = False

    # --- moving

    def with_changes(self, changes: Iterable[tuple[Change, KubeObject | None]]) -> "ClusterView":
        """The view as these changes leave it; this view stays as it is."""
        overlay = ClusterView()
        overlay._base = self if self._base is None else self._base
        overlay._seen_version = overlay._base._version
        for uid, (kind, obj) in self._changed.items():
            overlay._change(kind, uid, obj)
        for change, obj in changes:
            overlay._change(change.kind, change.uid, obj)
        return overlay

    def absorb(self, overlay: "ClusterView", *, now: datetime | None = None) -> None:
        """Make the overlay's changes this view's own. With `now` (cluster time), Events older than an hour go.

        Raises `ValueError` for an overlay of another view, of an earlier state of this one, or absorbed before.
        """
        if overlay._base is not self or overlay._seen_version != self._version or overlay._absorbed:
            raise ValueError("this overlay does not stand on the view as it is now")
        if now is not None:
            self._remember_gone(overlay, now)
        for uid, (kind, obj) in overlay._changed.items():
            if uid in overlay._alike:
                self._own.replace(kind, uid, overlay._alike[uid])
            else:
                self._settle(kind, uid, obj)
        overlay._absorbed = True
        self._version += 1
        self._known.clear()
        if now is not None:
            self.forget_events(before=now - EVENT_LIFE)
        self._own.shrink()

    def load(self, rows: Iterable[tuple[str, KubeObject]]) -> None:
        """Fill a view that nobody reads yet, from (kind id, object) pairs: what a rebuild from rows does."""
        for kind, obj in rows:
            self._settle(kind, obj.metadata.uid, obj)
        self._version += 1
        self._known.clear()

    def forget_events(self, *, before: datetime) -> int:
        """Drop Events last seen before that moment, oldest arrivals first; tells how many. Stops at the first that is young enough."""
        old = []
        for uid, obj in self._own.all(Event.kind):
            if cast(Event, obj).last_seen >= before:
                break
            old.append(uid)
        for uid in old:
            self._own.drop(Event.kind, uid)
        self._known.clear()
        return len(old)

    def _remember_gone(self, overlay: "ClusterView", now: datetime) -> None:
        for uid, (kind, obj) in overlay._changed.items():
            if obj is None and kind in _MISSED and (before := self._own.get(kind, uid)) is not None:
                key = (kind, before.metadata.namespace, before.metadata.name)
                self._gone.pop(key, None)
                self._gone[key] = now
                if len(self._gone) > MAX_GONE:
                    del self._gone[next(iter(self._gone))]

    def _change(self, kind: str, uid: str, obj: KubeObject | None) -> None:
        known = self._changed.get(uid)
        if known is not None and known[1] is not None and self._alike.pop(uid, None) is None:
            self._own.drop(known[0], uid)
        self._changed[uid] = (kind, obj)
        if obj is None:
            return
        if self._is_in_place(kind, uid, obj):
            self._alike[uid] = obj
        else:
            self._own.put(kind, uid, obj)

    def _is_in_place(self, kind: str, uid: str, obj: KubeObject) -> bool:
        """Whether the base's index and names already lead to this object."""
        base = self._base
        if base is None or kind == Event.kind:
            return False
        before = base._own.get(kind, uid)
        return (
            before is not None
            and before.metadata.name == obj.metadata.name
            and before.metadata.namespace == obj.metadata.namespace
            and base._own.named(kind, obj.metadata.namespace, obj.metadata.name) == uid
            and view_keys.is_found_alike(kind, before, obj)
        )

    def _settle(self, kind: str, uid: str, obj: KubeObject | None) -> None:
        if obj is None:
            self._own.drop(kind, uid)
        elif kind == Event.kind:
            self._settle_event(uid, cast(Event, obj))
        else:
            self._own.put(kind, uid, obj)

    def _settle_event(self, uid: str, event: Event) -> None:
        self._own.drop(Event.kind, uid)  # put again at the end: the order of the index is the order of arrival
        self._own.put(Event.kind, uid, event)
        siblings = self._own.index.get(("events", event.involved_object.uid), {})
        if len(siblings) > MAX_EVENTS_PER_OBJECT:
            self._own.drop(Event.kind, next(iter(siblings)))
        if self._own.count(Event.kind) > MAX_EVENTS:
            self._own.drop(Event.kind, next(iter(self._own.uids(Event.kind))))

    # --- asking

    def once(self, ask: Callable[["ClusterView", Thing], Answer], obj: Thing) -> Answer:
        """What `ask` says of an object and of this view as it stands: asked once, remembered until the view moves.

        For what several detectors want to know of one object. All of them get the same answer, so nobody may change it.
        """
        key = (ask, id(obj))  # of this very object: another version of it may have another answer
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (obj, ask(self, obj))  # keeps the object, and with it its id
        return cast(Answer, known[1])

    def get(self, kind: str, uid: str) -> KubeObject | None:
        """The object of this kind id with this uid."""
        base = self._base
        if base is None:
            return self._own.get(kind, uid)
        if uid in self._changed:
            known, obj = self._changed[uid]
            return obj if known == kind else None
        return base._own.get(kind, uid)

    def among(self, kind: str, uids: Iterable[str]) -> list[Any]:
        """The objects of this kind id that have these uids, as far as they are there."""
        if self._base is None:
            return self._own.among(kind, list(uids))
        every, changed = list(uids), self._changed
        found: list[Any] = self._base._own.among(kind, [uid for uid in every if uid not in changed])
        found += [obj for uid in every if uid in changed and (obj := self.get(kind, uid)) is not None]
        return found

    def previous(self, kind: str, uid: str) -> KubeObject | None:
        """The object before this overlay's change; on a view without changes, the object itself."""
        return self.get(kind, uid) if self._base is None else self._base.get(kind, uid)

    def has_change(self, uid: str) -> bool:
        """Whether this overlay changes the object; False on a view without changes."""
        return uid in self._changed

    def by_name(self, kind: str, namespace: str | None, name: str) -> KubeObject | None:
        """The object with this name; `namespace` None (or "") for cluster-scoped kinds."""
        uid = self._own.named(kind, namespace or "", name)
        if uid is not None:
            return self.get(kind, uid)
        if self._base is None:
            return None
        uid = self._base._own.named(kind, namespace or "", name)
        if uid is None or (uid in self._changed and uid not in self._alike):
            return None
        return self.get(kind, uid)

    def gone_since(self, kind: str, namespace: str | None, name: str, *, now: datetime) -> datetime | None:
        """When an object of this name went away, `now` when it goes with this overlay; None when nobody saw one go, or it is there.

        Memory of this process, of kinds that others refer to (`_MISSED`): good for patience, no proof of what was.
        """
        if self.by_name(kind, namespace, name) is not None:
            return None
        key = (kind, namespace or "", name)
        if self._base is None:
            return self._gone.get(key)
        return now if self._base._own.named(*key) else self._base._gone.get(key)

    def all(self, kind: str) -> Iterator[KubeObject]:
        """Every object of a kind id."""
        for _, obj in self._own.all(kind):
            yield obj
        if self._base is not None:
            for uid, obj in self._base._own.all(kind):
                if uid not in self._changed:
                    yield obj
                elif uid in self._alike:
                    yield self._alike[uid]

    def uids(self, kind: str) -> list[str]:
        """The uid of every object of a kind id; reads no object."""
        own = list(self._own.uids(kind))
        if self._base is None:
            return own
        return own + [uid for uid in self._base._own.uids(kind) if uid not in self._changed or uid in self._alike]

    def walk(self, kind: str, uids: Iterable[str]) -> Iterator[tuple[str, KubeObject | None]]:
        """(uid, object) of each of these uids in their order, None for one that is not there.

        For a walk over many: objects are decoded as they are read, and none of them displaces another in memory.
        """
        index = self._own if self._base is None else self._base._own
        for uid in uids:
            yield uid, self.get(kind, uid) if uid in self._changed else index.peek(kind, uid)

    def count(self, kind: str) -> int:
        """How many objects of a kind there are."""
        own = self._own.count(kind)
        if self._base is None:
            return own
        of_base = self._base._own
        moved = sum(1 for uid in self._changed if uid not in self._alike and of_base.has(kind, uid))
        return own + of_base.count(kind) - moved

    def sees(self, kind: str, namespace: str | None = None) -> bool:
        """Whether an object of a kind that is not here does not exist: of a kind without objects the agent may not list any."""
        return kind == Service.kind or self.count(kind) > 0

    def size(self) -> int:
        """How many objects a view without changes holds."""
        return sum(map(self._own.count, self._own.kinds()))

    def kinds(self) -> frozenset[str]:
        """The kind ids of which there is anything."""
        known = set(self._own.kinds())
        if self._base is not None:
            known |= set(self._base._own.kinds())
        return frozenset(kind for kind in known if self.count(kind))

    def object_at(self, reference: ObjectRef) -> KubeObject | None:
        """The object a reference means: by uid where it has one that we know, else by name."""
        found = self.get(reference.kind, reference.uid) if reference.uid else None
        return found or self.by_name(reference.kind, reference.namespace, reference.name)

    def workload_of(self, obj: KubeObject) -> ObjectRef:
        """The workload people know: Pod → ReplicaSet → Deployment (or Rollout), Pod → Job → CronJob, StatefulSet, DaemonSet;
        a static pod → its Node; anything without an owner → itself.

        The name is the same before the owners are seen; only the reference's uid is empty then.
        """
        reference = owners.controller(obj)
        if reference is None:
            return owners.ref(obj)
        owner = owners.owner_ref(reference, obj.namespace)
        if owner.kind not in owners.STEPPING_STONES:
            return owner
        seen = self.get(owner.kind, owner.uid)
        if seen is None:
            above = owners.guess_above(owner, obj.metadata.labels)
        elif (next_reference := owners.controller(seen)) is not None:
            above = owners.owner_ref(next_reference, obj.namespace)
        else:
            return owner
        if not above.uid and (known := self.by_name(above.kind, above.namespace, above.name)) is not None:
            return owners.ref(known, above.kind)
        return above

    def runs_of(self, job: Job) -> list[Job]:
        """The Jobs that run the same thing: all runs of its CronJob; without one, the Job that failed first and its reruns."""
        above = self.workload_of(job)
        if above.kind == owners.CRON_JOB:
            return self.jobs_of(above)
        first = job.metadata.labels.get(owners.RERUN_OF) or job.uid
        original = self.get(Job.kind, first)
        return [*([] if original is None else [cast(Job, original)]), *self._lookup(("rerun", first), Job.kind)]

    def by_workload(self, pods: Iterable[Pod]) -> dict[ObjectRef, list[Pod]]:
        """These pods by the workload they belong to (`workload_of`). Pods alike that follow each other are looked up once."""
        found: dict[ObjectRef, list[Pod]] = {}
        last: Metadata | None = None
        together: list[Pod] = []
        for pod in pods:
            metadata = pod.metadata
            if last is None or not metadata.owner_references or not view_keys.belong_together(last, metadata):
                together = found.setdefault(self.workload_of(pod), [])
                last = metadata
            together.append(pod)
        return found

    def _is_indexed(self, key: Key) -> bool:
        """In the view or in its base."""
        return key in self._own.index or (self._base is not None and key in self._base._own.index)

    def _lookup(self, key: Key, kind: str) -> list[Any]:
        found: list[Any] = self._own.among(kind, self._own.index.get(key, ()))
        if self._base is not None and (uids := self._base._own.index.get(key, ())):
            changed, alike = self._changed, self._alike
            found += self._base._own.among(kind, [uid for uid in uids if uid not in changed])
            found += [alike[uid] for uid in uids if uid in alike]
        return found


_MISSED = frozenset({Service.kind, PersistentVolumeClaim.kind, StorageClass.kind, IngressClass.kind, Gateway.kind})


def of(things: Sequence[KubeObject]) -> ClusterView:
    """A view of these typed objects; for scans of a dump, and for tests."""
    view = ClusterView()
    view.load((obj.kind, obj) for obj in things)
    return view
