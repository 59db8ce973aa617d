"""The inventory through its door: what is applied, what a snapshot may delete, what a digest finds."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from optral.kit.paging import PageCursor, PageRequest
from optral.kube.changes import KindCursor, KindDigest, KindMark, ObjectChange, Op, Phase
from optral.resources import model, reports, service
from optral.resources.model import ResourceFilter
from optral.store.store import Store
from optral.terms import ids
from optral.terms.actor import Role, agent, key, system
from optral.terms.errors import NotFound
from optral.terms.ids import ClusterId, KeyId, OrgId
from tests.conftest import new_org
from tests.support.clock import FakeClock
from tests.support.objects import change, gone, reference

NONE = timedelta()


def mark(phase: Phase, generation: str = "g1", count: int = 0, kind: str = "Pod") -> KindMark:
    return KindMark(kind, phase, generation, "", count)


class Inventory:
    """One cluster's inventory, each call in a transaction of its own."""

    def __init__(self, store: Store, org: OrgId) -> None:
        self.store, self.org = store, org
        self.cluster = ClusterId(ids.new("cls"))
        self.actor = agent(org, self.cluster)

    async def apply(self, *changes: ObjectChange, offset: timedelta = NONE) -> list[str]:
        done = await self.store.write(self.actor, lambda tx: reports.apply(tx, self.cluster, changes, offset=offset))
        return [change.name for change in done]

    async def mark(self, said: KindMark) -> reports.Marked:
        return await self.store.write(self.actor, lambda tx: reports.mark(tx, self.cluster, said))

    async def snapshot(self, generation: str, *changes: ObjectChange, kind: str = "Pod", count: int | None = None) -> reports.Marked:
        await self.mark(mark(Phase.SNAPSHOT_BEGIN, generation, kind=kind))
        await self.apply(*changes)
        return await self.mark(mark(Phase.SNAPSHOT_END, generation, len(changes) if count is None else count, kind=kind))

    async def names(self, **wanted: Any) -> list[str]:
        found = await self.store.read(
            self.actor, lambda tx: service.find(tx, ResourceFilter(**wanted), PageRequest(size=100, sort="name", descending=False))
        )
        return [resource.name for resource in found]

    async def state(self, kind: str = "Pod") -> model.KindState:
        return (await self.store.read(self.actor, lambda tx: service.kind_states(tx, self.cluster)))[kind]

    async def digest(self, kind: str = "Pod", *changes: ObjectChange) -> bool:
        total = sum(model.fingerprint(change.uid, change.resource_version) for change in changes) % model.SPACE
        said = KindDigest(kind, len(changes), total)
        return await self.store.write(self.actor, lambda tx: reports.matches(tx, self.cluster, said))


@pytest.fixture
async def inventory(store: Store, org: OrgId) -> AsyncIterator[Inventory]:
    """Whatever a test does to the inventory, the kept numbers are those of its rows."""
    made = Inventory(store, org)
    yield made
    every = ResourceFilter()
    counted = await store.read(made.actor, lambda tx: [(c.kind, c.namespace, c.count) for c in service.counts(tx, every)])
    found = await store.read(made.actor, lambda tx: service.find(tx, every, PageRequest(size=1000)))
    assert dict(Counter((one.kind, one.namespace) for one in found)) == {(kind, namespace): count for kind, namespace, count in counted}


async def test_keeps_the_newest_version_and_says_what_changed(inventory: Inventory) -> None:
    a, b = change("Pod", "a"), change("Pod", "b")
    assert await inventory.apply(a, b) == ["a", "b"]
    assert await inventory.apply(a, b) == []
    assert await inventory.apply(a, change("Pod", "b", rv="2"), change("Pod", "b", rv="3")) == ["b"]
    assert await inventory.apply(gone(a)) == ["a"]
    assert await inventory.apply(gone(a)) == []
    assert await inventory.names() == ["b"]
    assert await inventory.digest("Pod", change("Pod", "b", rv="3"))


async def test_a_deletion_counts_where_the_object_was_found(inventory: Inventory) -> None:
    a = change("Pod", "a")
    await inventory.apply(a, change("Pod", "b", namespace="pay"))
    await inventory.apply(gone(a)._replace(namespace="pay"))
    counts = await inventory.store.read(inventory.actor, lambda tx: service.counts(tx, ResourceFilter()))
    assert [(one.namespace, one.count) for one in counts] == [("pay", 1)]


async def test_reads_columns_out_of_the_object(inventory: Inventory, clock: FakeClock) -> None:
    owner = reference("ReplicaSet.apps", "rs", "u-rs")
    pod = change(
        "Pod",
        "a",
        metadata={"labels": {"app": "web", "tier/x": "front"}, "ownerReferences": [owner], "creationTimestamp": "2026-01-15T13:00:00Z"},
        status={"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
    )
    await inventory.apply(pod, change("Pod", "b"), offset=timedelta(hours=1))
    [found] = await inventory.store.read(
        inventory.actor, lambda tx: service.find(tx, ResourceFilter(labels={"app": "web", "tier/x": "front"}), PageRequest())
    )
    assert (found.owner_kind, found.owner_name, found.status) == ("ReplicaSet.apps", "rs", "CrashLoopBackOff")
    assert found.created_at == clock.now(), "cluster time becomes server time"
    raw = await inventory.store.read(inventory.actor, lambda tx: service.manifest(tx, found.id))
    assert raw == pod.raw


async def test_odd_objects_are_kept_with_their_name(inventory: Inventory) -> None:
    odd = [
        ObjectChange(Op.UPSERT, "Pod", "u1", "shop", "odd1", "1", b'{"metadata":{"labels":{"a":7}},"status":[]}'),
        ObjectChange(Op.UPSERT, "Pod", "u2", "shop", "odd2", "1", b"no json"),
        ObjectChange(
            Op.UPSERT, "Pod", "u3", "shop", "odd3", "1", b'{"metadata":{"labels":{"a":"x\\u0000y"}},"status":{"phase":"\\u0000"}}'
        ),
    ]
    assert await inventory.apply(*odd) == ["odd1", "odd2", "odd3"]


async def test_a_snapshot_deletes_only_after_its_matching_end(inventory: Inventory) -> None:
    a, b, c = (change("Pod", name) for name in "abc")
    assert await inventory.snapshot("g1", a, b) == reports.Marked()
    assert (await inventory.state()).phase == "live"

    await inventory.mark(mark(Phase.SNAPSHOT_BEGIN, "g2"))
    await inventory.apply(b)
    assert await inventory.names() == ["a", "b"], "an aborted snapshot deletes nothing"
    assert (await inventory.snapshot("g3", b, count=2)).resync == "count_mismatch"
    assert await inventory.names() == ["a", "b"]

    done = await inventory.snapshot("g4", b, c)
    assert [change.name for change in done.removed] == ["a"]
    assert await inventory.names() == ["b", "c"]
    assert await inventory.digest("Pod", b, c)
    assert await inventory.mark(mark(Phase.SNAPSHOT_END, "g4", 2)) == reports.Marked(), "the same END again"
    assert (await inventory.mark(mark(Phase.SNAPSHOT_END, "g5", 2))).resync == "unexpected_end"


async def test_an_object_deleted_again_during_the_snapshot_still_counts(inventory: Inventory) -> None:
    a, b = change("Pod", "a"), change("Pod", "b")
    await inventory.mark(mark(Phase.SNAPSHOT_BEGIN, "g1"))
    await inventory.apply(a, b)
    await inventory.apply(gone(a))
    assert (await inventory.mark(mark(Phase.SNAPSHOT_END, "g1", 2))).resync is None
    assert await inventory.names() == ["b"]


async def test_a_mass_deletion_must_be_said_twice(inventory: Inventory) -> None:
    pods = [change("Pod", f"p{n:02}") for n in range(30)]
    await inventory.snapshot("g1", *pods)
    assert (await inventory.snapshot("g2", *pods[:5])).resync == "confirm_deletion"
    assert len(await inventory.names()) == 30
    assert len((await inventory.snapshot("g3", *pods[:5])).removed) == 25
    assert len(await inventory.names()) == 5


async def test_a_forbidden_kind_goes_stale_and_keeps_its_rows(inventory: Inventory) -> None:
    await inventory.snapshot("g1", change("Pod", "a"))
    await inventory.mark(mark(Phase.FORBIDDEN, ""))
    [found] = await inventory.store.read(inventory.actor, lambda tx: service.find(tx, ResourceFilter(), PageRequest()))
    assert found.stale
    await inventory.snapshot("g2", change("Pod", "a"))
    [found] = await inventory.store.read(inventory.actor, lambda tx: service.find(tx, ResourceFilter(), PageRequest()))
    assert not found.stale


@pytest.mark.parametrize("phase", [Phase.FORBIDDEN, Phase.GONE])
async def test_a_kind_that_can_be_seen_again_is_no_longer_stale(inventory: Inventory, phase: Phase) -> None:
    await inventory.snapshot("g1", change("Pod", "a"))
    await inventory.mark(mark(phase, "g1"))
    await inventory.mark(mark(Phase.LIVE, "other"))
    [found] = await inventory.store.read(inventory.actor, lambda tx: service.find(tx, ResourceFilter(), PageRequest()))
    assert found.stale
    await inventory.mark(mark(Phase.LIVE, "g1"))
    [found] = await inventory.store.read(inventory.actor, lambda tx: service.find(tx, ResourceFilter(), PageRequest()))
    assert not found.stale


@pytest.mark.parametrize(
    ("generation", "rv", "mode"),
    [("g1", "1", "resume"), ("g0", "1", "snapshot"), ("g1", "2", "snapshot"), ("", "1", "snapshot")],
)
async def test_a_session_resumes_only_on_the_same_copy(inventory: Inventory, generation: str, rv: str, mode: str) -> None:
    pod = change("Pod", "a")
    await inventory.snapshot("g1", pod)
    cursor = KindCursor("Pod", generation, 1, model.fingerprint(pod.uid, rv))
    kinds = frozenset({"Pod", "Node"})
    answer = await inventory.store.write(inventory.actor, lambda tx: reports.begin(tx, inventory.cluster, kinds, [cursor]))
    assert answer == {"Node": "snapshot", "Pod": mode}


async def test_corrects_a_digest_that_differs_from_its_rows(inventory: Inventory) -> None:
    a, b = change("Pod", "a"), change("Pod", "b")
    await inventory.snapshot("g1", a, b)
    assert not await inventory.digest("Pod", a)
    assert not await inventory.digest("Pod", a, change("Pod", "b", rv="9"))
    assert await inventory.digest("Pod", a, b)


async def test_history_shows_the_changes_of_the_spec_and_their_manager(inventory: Inventory) -> None:
    def deployment(rv: str, generation: int, image: str, manager: str) -> ObjectChange:
        managed = [
            {"manager": manager, "operation": "Update", "time": f"2026-01-15T1{generation}:00:00Z"},
            {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "time": "2026-01-15T23:00:00Z"},
        ]
        spec = {"template": {"spec": {"containers": [{"name": "api", "image": image}]}}}
        return change("Deployment.apps", "web", rv=rv, metadata={"generation": generation, "managedFields": managed}, spec=spec)

    first = deployment("1", 1, "api:1", "kubectl")
    await inventory.snapshot("g1", first, kind="Deployment.apps")
    await inventory.apply(deployment("2", 1, "api:1", "kubectl"))
    await inventory.apply(deployment("3", 2, "api:2", "helm"))
    await inventory.apply(gone(first))
    resource_id = service.id_of(inventory.cluster, "Deployment.apps", first.uid)
    deleted, changed = await inventory.store.read(inventory.actor, lambda tx: service.history(tx, resource_id))
    assert deleted.action == "deleted"
    assert (changed.action, changed.manager, changed.generation) == ("changed", "helm", 2)
    assert changed.diff == [{"path": "/spec/template/spec/containers/api/image", "op": "replace", "from": "api:1", "to": "api:2"}]


async def test_history_keeps_twenty_revisions(inventory: Inventory) -> None:
    for n in range(30):
        await inventory.apply(change("ConfigMap", "settings", rv=str(n), data={"keys": [str(n)]}))
    resource_id = service.id_of(inventory.cluster, "ConfigMap", "uid-ConfigMap-settings")
    revisions = await inventory.store.read(inventory.actor, lambda tx: service.history(tx, resource_id))
    assert [revision.revision for revision in revisions] == list(range(30, 10, -1))


async def test_pages_follow_a_place_in_every_order(inventory: Inventory) -> None:
    await inventory.apply(*(change("Pod" if n % 2 else "Node", f"n{n}", namespace="shop" if n % 3 else "") for n in range(7)))
    for sort in sorted(model.SORTS):
        for descending in (True, False):
            seen: list[str] = []
            after: PageCursor | None = None
            for _ in range(4):
                page = PageRequest(size=2, sort=sort, descending=descending, after=after)
                found = await inventory.store.read(inventory.actor, lambda tx, page=page: service.find(tx, ResourceFilter(), page))
                if not found:
                    break
                seen += [resource.id for resource in found]
                after = service.place_of(found[-1], sort)
            assert len(seen) == len(set(seen)) == 7, (sort, descending)


async def test_finds_counts_and_draws_the_tree(inventory: Inventory) -> None:
    def owned(kind: str, name: str, owner: ObjectChange) -> ObjectChange:
        group = owner.kind.partition(".")[2]
        api = f"{group}/v1" if group else "v1"
        reference = {"apiVersion": api, "kind": owner.kind.partition(".")[0], "name": owner.name, "uid": owner.uid, "controller": True}
        return change(kind, name, metadata={"ownerReferences": [reference]})

    web = change("Deployment.apps", "web")
    rs = owned("ReplicaSet.apps", "web-1", web)
    pods = [owned("Pod", f"web-1-{n}", rs) for n in range(3)]
    await inventory.apply(web, rs, *pods)
    assert await inventory.names(kinds={"Deployment"}) == ["web"]
    assert await inventory.names(kinds={"Deployment.apps", "ReplicaSet"}, q="B-") == ["web-1"]
    assert await inventory.names(namespaces={"other"}) == []
    counts = await inventory.store.read(inventory.actor, lambda tx: service.counts(tx, ResourceFilter()))
    assert [(c.kind, c.namespace, c.count) for c in counts] == [
        ("Deployment.apps", "shop", 1),
        ("Pod", "shop", 3),
        ("ReplicaSet.apps", "shop", 1),
    ]
    root = service.id_of(inventory.cluster, "ReplicaSet.apps", rs.uid)
    tree = await inventory.store.read(inventory.actor, lambda tx: service.tree(tx, root))
    assert [owner.name for owner in tree.owners] == ["web"]
    assert [child.name for child in tree.children] == ["web-1-0", "web-1-1", "web-1-2"]


async def test_others_see_nothing(inventory: Inventory, store: Store, clock: FakeClock) -> None:
    await inventory.apply(change("Pod", "a"))
    resource_id = service.id_of(inventory.cluster, "Pod", "uid-Pod-a")
    stranger = system(await new_org(store, clock, "Other"))
    narrow = key(inventory.org, KeyId(ids.new("key")), scopes=frozenset(), clusters=frozenset({ClusterId("cls_x")}), role=Role.VIEWER)
    for actor in (stranger, narrow):
        assert await store.read(actor, lambda tx: service.count(tx, ResourceFilter())) == 0
        assert await store.read(actor, lambda tx: service.find(tx, ResourceFilter(), PageRequest())) == []
        for read in (service.get, service.manifest, service.history, service.events, service.tree):
            with pytest.raises(NotFound):
                await store.read(actor, lambda tx, read=read: read(tx, resource_id))


async def test_kubernetes_events_merge_by_uid(inventory: Inventory, clock: FakeClock) -> None:
    def event(rv: str, count: int) -> ObjectChange:
        involved = {"kind": "Pod", "namespace": "shop", "name": "a", "uid": "uid-Pod-a"}
        return change(
            "Event", "e", rv=rv, involvedObject=involved, type="Warning", reason="BackOff", message="again", count=count,
            lastTimestamp="2026-01-15T12:59:00Z",
        )  # fmt: skip

    async def apply(*changes: ObjectChange) -> int:
        hour = timedelta(hours=1)
        return len(
            await inventory.store.write(inventory.actor, lambda tx: reports.apply_events(tx, inventory.cluster, changes, offset=hour))
        )

    await inventory.apply(change("Pod", "a"))
    assert [await apply(event("1", 1)), await apply(event("1", 1)), await apply(event("2", 4))] == [1, 0, 1]
    pod = service.id_of(inventory.cluster, "Pod", "uid-Pod-a")
    [kept] = await inventory.store.read(inventory.actor, lambda tx: service.events(tx, pod))
    assert (kept.count, kept.reason) == (4, "BackOff")
    assert kept.last_at == clock.now() - timedelta(minutes=1)
    assert await inventory.names() == ["a"], "Events are no resources"


async def test_purge_removes_a_cluster_in_batches(inventory: Inventory) -> None:
    other = Inventory(inventory.store, inventory.org)
    await other.apply(change("Pod", "kept"))
    await inventory.apply(*(change("Pod", f"p{n}") for n in range(5)))
    rounds = 0
    while await inventory.store.write(system(inventory.org), lambda tx: service.purge(tx, inventory.cluster, 2)):
        rounds += 1
    assert rounds == 8  # of two: five objects, their kind and count, and their five sets
    assert await other.names() == ["kept"]
    assert await inventory.names() == []
