"""Sets of objects: their base names, what leads to them, and that they are kept as long as there is an object in them."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.kube.changes import ObjectChange
from optral.resources import object_sets, service
from optral.resources.tables import resource_labels, resource_names, resource_sets, resources
from optral.store.store import Store
from optral.terms.actor import system
from optral.terms.ids import OrgId
from tests.resources.test_service import Inventory
from tests.support.clock import FakeClock
from tests.support.objects import change, gone, reference

HASH = {"pod-template-hash": "7d4f8b9c6"}


@pytest.mark.parametrize(
    ("name", "owner", "labels", "base"),
    [
        pytest.param("api", None, {}, "api", id="nothing owns it"),
        pytest.param("api-7d4f8b9c6", None, {}, "api-7d4f8b9c6", id="nothing owns it, whatever it looks like"),
        pytest.param("api-7d4f8b9c6", ("Deployment.apps", "api"), {}, "api", id="ReplicaSet"),
        pytest.param("api-7d4f8b9c6-xk2lm", ("ReplicaSet.apps", "api-7d4f8b9c6"), HASH, "api", id="pod of a Deployment"),
        pytest.param("api-7d4f8b9c6-xk2lm", ("ReplicaSet.apps", "api-7d4f8b9c6"), {}, "api-7d4f8b9c6", id="pod of a bare ReplicaSet"),
        pytest.param("db-0", ("StatefulSet.apps", "db"), {}, "db", id="pod of a StatefulSet"),
        pytest.param("logs-x2x4z", ("DaemonSet.apps", "logs"), {}, "logs", id="pod of a DaemonSet"),
        pytest.param("backup-28912345-abcde", ("Job.batch", "backup-28912345"), {}, "backup", id="pod of a scheduled Job"),
        pytest.param("api-7d4f8b9c6-xk2lm", ("Pod", "api-7d4f8b9c6-xk2lm"), {}, "api", id="report about a pod"),
        pytest.param("logs-x2x4z", ("Pod", "logs-x2x4z"), {}, "logs", id="report about a pod without a template hash"),
        pytest.param("settings", ("Deployment.apps", "api"), {}, "settings", id="an owner of another name"),
        pytest.param("apiserver", ("Deployment.apps", "api"), {}, "apiserver", id="a name that goes on within the word"),
    ],
)
def test_a_base_name_is_without_what_controllers_append(
    name: str, owner: tuple[str, str] | None, labels: dict[str, str], base: str
) -> None:
    kind, of = owner or (None, None)
    assert object_sets.base_name(name, kind, of, json.dumps(labels)) == base


def test_a_name_is_found_from_the_beginning_of_each_word() -> None:
    assert object_sets.terms("Kube-DNS.v2") == {"kube-dns.v2": 0, "dns.v2": 5, "v2": 9}
    assert list(object_sets.words("coredns-xk2lm-tls-db-api")) == ["coredns", "api"]


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        pytest.param("oauth2", ["oauth"], id="letters before digits"),
        pytest.param("customer124", ["customer"], id="the same for every number"),
        pytest.param("k8sworker03", ["k8sworker"], id="letters after one digit"),
        pytest.param("3scale", ["3scale"], id="a digit first"),
        pytest.param("cafe", ["cafe"], id="a word that could be a number"),
        pytest.param("cafe2", [], id="a number that could be a word"),
        pytest.param("3fa85f64", [], id="a hash"),
        pytest.param("7d4f8b9c6", [], id="what Kubernetes generates"),
        pytest.param("t4711service", [], id="letters after a longer number"),
        pytest.param("db01", [], id="too few letters"),
    ],
)
def test_letters_of_a_word_with_digits_are_kept_unless_there_would_be_one_for_every_name(word: str, kept: list[str]) -> None:
    assert list(object_sets.words(word)) == kept


def pod(name: str, *, of: str = "", labels: dict[str, str] | None = None, rv: str = "1") -> ObjectChange:
    owner = reference("ReplicaSet.apps", of, f"u-{of}") if of else None
    return change("Pod", name, rv=rv, owner=owner, metadata={"labels": labels or {}})


@pytest.fixture
async def inventory(store: Store, org: OrgId) -> AsyncIterator[Inventory]:
    yield Inventory(store, org)


async def number_of(inventory: Inventory, table: sa.Table) -> int:
    count = sa.select(sa.func.count()).select_from(table).where(table.c.org_id == inventory.org)
    found: int = await inventory.store.read(inventory.actor, lambda tx: tx.execute(count).scalar_one())
    return found


async def clean(inventory: Inventory, clock: FakeClock) -> None:
    clock.advance(2 * 24 * 3600)
    before = clock.now() - timedelta(days=1)
    await inventory.store.write(system(), lambda tx: service.delete_unused_sets(tx, before=before, limit=500))


async def searched(inventory: Inventory, text: str) -> list[str]:
    found = await inventory.store.read(inventory.actor, lambda tx: service.search(tx, text, limit=8))
    return [one.name for one in found]


async def test_pods_of_a_workload_share_a_set_and_changes_move_none(inventory: Inventory) -> None:
    await inventory.apply(*(pod(f"api-7d4f8b9c6-xk2l{n}", of="api-7d4f8b9c6", labels=HASH) for n in range(5)))
    assert (await number_of(inventory, resource_sets), await number_of(inventory, resource_labels)) == (1, 1)
    await inventory.apply(pod("api-7d4f8b9c6-xk2l0", of="api-7d4f8b9c6", labels=HASH, rv="2"))
    assert await number_of(inventory, resource_sets) == 1


async def test_labels_find_what_has_them_now(inventory: Inventory) -> None:
    await inventory.apply(pod("a", labels={"app": "web", "tier": "front"}), pod("b", labels={"app": "web"}), pod("c"))
    assert await inventory.names(labels={"app": "web"}) == ["a", "b"]
    assert await inventory.names(labels={"app": "web", "tier": "front"}) == ["a"]
    await inventory.apply(pod("a", labels={"app": "api"}, rv="2"))
    assert await inventory.names(labels={"app": "web"}) == ["b"]
    assert await inventory.names(labels={"app": "api"}) == ["a"]
    assert await inventory.names(labels={"app": "we"}) == []


async def test_an_object_that_an_earlier_version_wrote_is_found_after_its_next_change(inventory: Inventory) -> None:
    await inventory.apply(pod("a", labels={"app": "web"}))
    forget = sa.update(resources).where(resources.c.org_id == inventory.org).values(set_number=None)
    await inventory.store.write(inventory.actor, lambda tx: tx.execute(forget))
    assert await inventory.names(labels={"app": "web"}) == []
    await inventory.apply(pod("a", labels={"app": "web"}, rv="2"))
    assert await inventory.names(labels={"app": "web"}) == ["a"]


async def test_a_set_stays_while_it_has_an_object_and_goes_with_all_that_leads_to_it(inventory: Inventory, clock: FakeClock) -> None:
    a, b = pod("kept", labels={"app": "web"}), pod("gone-soon", labels={"app": "web"})
    await inventory.apply(a, b)
    await inventory.apply(gone(b))
    await clean(inventory, clock)
    for table in (resource_sets, resource_names, resource_labels):
        assert await number_of(inventory, table) == 1
    assert await searched(inventory, "kept") == ["kept"]
    await inventory.apply(pod("gone-soon", labels={"app": "web"}))
    assert await searched(inventory, "soon") == ["gone-soon"]


async def test_what_was_looked_at_lately_is_not_looked_at_again(inventory: Inventory, clock: FakeClock) -> None:
    await inventory.apply(pod("a"))
    await clean(inventory, clock)
    before = clock.now() - timedelta(days=1)
    looked: int = await inventory.store.write(system(), lambda tx: service.delete_unused_sets(tx, before=before, limit=500))
    assert looked == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("api", ["api", "api-gateway", "api-7d4f8b9c6-xk2lm"], id="workloads before pods"),
        pytest.param("api-7d4f8b9c6-xk", ["api-7d4f8b9c6-xk2lm"], id="a pod by its beginning"),
        pytest.param("API-7d4f8b9c6-XK2LM", ["api-7d4f8b9c6-xk2lm"], id="a pod as it is pasted"),
        pytest.param("gate", ["api-gateway"], id="the beginning of a word"),
        pytest.param("teway", ["api-gateway"], id="within a word"),
        pytest.param("dns", ["coredns"], id="the end of a word"),
        pytest.param("pi-gate", ["api-gateway"], id="across words"),
        pytest.param("xk2lm", ["api-7d4f8b9c6-xk2lm"], id="what a controller appended"),
        pytest.param("checkout", [], id="nothing"),
        pytest.param("-gateway", ["api-gateway"], id="from a separator on"),
        pytest.param("system:node", ["system:node"], id="a role"),
        pytest.param("auth", ["oauth2-proxy"], id="within a word with a digit"),
        pytest.param("auth2-pro", ["oauth2-proxy"], id="from within a word with a digit on"),
        pytest.param("worker0", ["k8sworker03"], id="within a word between digits"),
        pytest.param("4f8b", ["api-7d4f8b9c6-xk2lm"], id="within a hash"),
        pytest.param("10.0.3.7", ["ip-10-0-3-7.ec2.internal"], id="a node by its address"),
        pytest.param("10.0.3", [], id="a part of an address"),
        pytest.param("1.27", ["nginx-1.27"], id="a version"),
    ],
)
async def test_search(inventory: Inventory, text: str, found: list[str]) -> None:
    await inventory.apply(
        pod("api-7d4f8b9c6-xk2lm", of="api-7d4f8b9c6", labels=HASH),
        *(change("Deployment.apps", name) for name in ("api", "api-gateway", "coredns", "oauth2-proxy", "nginx-1.27")),
        *(change("Node", name, namespace="") for name in ("ip-10-0-3-7.ec2.internal", "k8sworker03")),
        change("ClusterRole.rbac.authorization.k8s.io", "system:node", namespace=""),
    )
    assert await searched(inventory, text) == found


async def test_many_objects_of_one_name_leave_room_for_no_others(inventory: Inventory) -> None:
    changes: list[Any] = [change("ConfigMap", "ca", uid=f"u{n}", namespace=f"n{n:03}") for n in range(80)]
    await inventory.apply(*changes, change("ConfigMap", "ca-bundle"))
    assert await searched(inventory, "ca") == ["ca"] * 8
    assert await searched(inventory, "ca-") == ["ca-bundle"]
