"""Claims that get no volume."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import World, container, event, node, obj, template


def claim(name: str = "data", *volumes: Any, events: tuple[tuple[str, str], ...] = (), **spec: Any) -> tuple[World, Explanation]:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}} | spec
    made = obj("v1", "PersistentVolumeClaim", name, spec=wanted, status={"phase": "Pending"})
    world = World([made, *volumes, *(event(made, *told) for told in events)])
    return world, world.ask("PersistentVolumeClaimPending", made)


def volume(name: str = "pv-1", **spec: Any) -> Any:
    body = {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "manual"} | spec
    return obj("v1", "PersistentVolume", name, namespace=None, spec=body, status={"phase": "Available"})


def storage_class(name: str, provisioner: str = "disk.test/csi", **more: Any) -> Any:
    return obj("storage.k8s.io/v1", "StorageClass", name, namespace=None, provisioner=provisioner, **more)


@case("storage_class_missing", "data")
def names_a_class_that_is_not_there() -> tuple[World, Explanation]:
    return claim("data", storage_class("archive"), storageClassName="archvie")


@case("no_default_storage_class", "data")
def names_no_class() -> tuple[World, Explanation]:
    return claim("data", storage_class("archive"))


@case("no_matching_volume", "data", "asks for too much")
def asks_for_too_much() -> tuple[World, Explanation]:
    return claim("data", volume(capacity={"storage": "5Gi"}), storageClassName="manual")


@case("no_matching_volume", "data")
def asks_for_another_access() -> tuple[World, Explanation]:
    return claim("data", volume(), storageClassName="manual", accessModes=["ReadWriteMany"])


@case("volume_taken", "data")
def wants_a_volume_that_is_taken() -> tuple[World, Explanation]:
    taken = volume(claimRef={"namespace": "orders", "name": "other"})
    return claim("data", taken, storageClassName="manual", volumeName="pv-1")


@case("provisioner_failing", "data")
def waits_for_its_provisioner() -> tuple[World, Explanation]:
    told = (("ProvisioningFailed", "failed to provision volume: rpc error: code = ResourceExhausted desc = out of space"),)
    return claim("data", storage_class("fast"), events=told, storageClassName="fast")


@case("quota_exceeded", "storage", "a quota of storage refuses a claim")
def has_no_storage_left_for_its_claim() -> tuple[World, Explanation]:
    quota = obj("v1", "ResourceQuota", "storage", status={"hard": {"requests.storage": "100Gi"}, "used": {"requests.storage": "95Gi"}})
    claims = [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "10Gi"}}}}]
    spec = {"replicas": 1, "template": template(container("db")), "volumeClaimTemplates": claims}
    owner = obj("apps/v1", "StatefulSet", "db", spec=spec, status={"replicas": 0})
    message = (
        'create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: persistentvolumeclaims "data-db-0" is forbidden: '
        "exceeded quota: storage, requested: requests.storage=10Gi, used: requests.storage=95Gi, limited: requests.storage=100Gi"
    )
    world = World([owner, quota, event(owner, "FailedCreate", message), node()])
    return world, world.ask("FailedCreate", owner)
