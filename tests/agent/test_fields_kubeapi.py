"""The closed table of `patch` against a real kube-apiserver: an object changes in the one field of the row, or stays as it is."""

from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure, Order
from optral.terms.fields import TABLE, Field
from tests.agent.kubeworld import World
from tests.agent.test_fields import TAINT, params
from tests.support.kubedouble import path_of

pytestmark = pytest.mark.kubeapi
POD = {
    "restartPolicy": "Always",
    "containers": [
        {
            "name": "web",
            "image": "shop/web:1",
            "ports": [{"name": "http", "containerPort": 8080}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "5", "memory": "8Gi"}},
            "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
            "startupProbe": {"httpGet": {"path": "/", "port": 80}},
        },
        {
            "name": "side",
            "image": "shop/side:1",
            "livenessProbe": {"exec": {"command": ["true"]}},
            "startupProbe": {"grpc": {"port": 9000}},
        },
    ],
    "tolerations": [{"key": "other", "operator": "Exists"}],
}
SELECTED = {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD}}
JOB = {"template": {"spec": POD | {"restartPolicy": "Never"}}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "storageClassName": "growing", "resources": {"requests": {"storage": "10m"}}}
PORTS = [
    {"name": "tcp", "port": 80, "targetPort": 81},
    {"name": "udp", "port": 80, "protocol": "UDP", "targetPort": 82},
    {"name": "admin", "port": 90, "targetPort": 91},
]
SCALED = {"minReplicas": 1, "maxReplicas": 1000, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
SPECS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Deployment": ("apps/v1", "deployments", SELECTED | {"replicas": 2}),
    "StatefulSet": ("apps/v1", "statefulsets", SELECTED | {"serviceName": "web", "replicas": 2}),
    "DaemonSet": ("apps/v1", "daemonsets", SELECTED),
    "CronJob": ("batch/v1", "cronjobs", {"schedule": "0 3 * * *", "jobTemplate": {"spec": JOB}}),
    "Job": ("batch/v1", "jobs", JOB),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "horizontalpodautoscalers", SCALED),
    "Service": ("v1", "services", {"selector": {"app": "web", "app.kubernetes.io/name": "old"}, "ports": PORTS}),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims", CLAIM),
    "ResourceQuota": ("v1", "resourcequotas", {"hard": {"requests.nvidia.com/gpu": "2", "pods": "10"}}),
}
WANTED: dict[str, Any] = {
    "limits.cpu": "6", "limits.memory": "9Gi", "requests.cpu": "50m", "requests.memory": "32Mi", "hard": "4", "suspend": True,
    "path": "/new", "port": 81, "targetPort": "http", "selector": "new", "toleration": TAINT,
    "imagePullSecret": "regcred", "protocol": "SCTP",
}  # fmt: skip
"""A value for each field that is not a plain number; for those, 7."""
SHOWN = {
    "toleration": [
        {"key": "other", "operator": "Exists"},
        {"key": "dedicated", "operator": "Equal", "value": "batch", "effect": "NoSchedule"},
    ],
    "imagePullSecret": [{"name": "regcred"}],
}
ENDS = {
    "toleration": "tolerations",
    "selector": "[app.kubernetes.io/name]",
    "hard": "[requests.nvidia.com/gpu]",
    "targetPort": "[tcp].targetPort",
    "protocol": "[tcp].protocol",
    "imagePullSecret": "imagePullSecrets",
}
UNTRIED = ("storage", "successThreshold")  # tried below; and of the latter, the API server allows only 1 for two of three probes


async def make(world: World, kind: str) -> str:
    version, plural, spec = SPECS[kind]
    path = path_of(plural, "web", world.namespace, version)
    await world.make(path, {"apiVersion": version, "kind": kind, "metadata": {"name": "web", "namespace": world.namespace}, "spec": spec})
    return path


def order(world: World, **given: Any) -> Order:
    return world.order("patch", **{"namespace": world.namespace, "name": "web", **given})


def container(name: str, field: str, value: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "container": name, "field": field, "value": value}


@pytest.mark.parametrize("row", [row for row in TABLE if not row.name.endswith(UNTRIED)], ids=lambda row: f"{row.kind} {row.name}")
async def test_a_row_changes_its_field_and_nothing_else(world: World, row: Field) -> None:
    path = await make(world, row.kind)
    before = await world.get(path)
    last = row.name if row.name in WANTED else row.name.rpartition(".")[2]
    value = WANTED.get(last, 7)
    result = await world.write(order(world, **params(row, namespace=world.namespace, value=value)))
    ((where, to),) = ((one["path"], one["to"]) for one in result["diff"])
    assert where.endswith(ENDS.get(row.name, last))
    assert to == SHOWN.get(row.name, value)
    after = await world.get(path)
    for part in (before, after):
        for changing in ("resourceVersion", "generation", "managedFields", "annotations"):
            part["metadata"].pop(changing, None)
    assert before["metadata"] == after["metadata"]


async def test_a_pull_secret_is_added_to_others_and_taken_away_alone(world: World) -> None:
    path = await make(world, "Deployment")
    for name in ("first", "second"):
        await world.write(order(world, kind="Deployment", field="imagePullSecret", value=name))
    await world.write(order(world, kind="Deployment", field="imagePullSecret", value="first", remove=True))
    assert (await world.get(path))["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "second"}]
    with pytest.raises(Failure, match="uses no pull secret first; it uses second"):
        await world.write(order(world, kind="Deployment", field="imagePullSecret", value="first", remove=True))


async def test_a_success_threshold_is_what_the_api_server_allows(world: World) -> None:
    path = await make(world, "Deployment")
    await world.write(order(world, **container("web", "readinessProbe.successThreshold", 3)))
    assert (await world.get(path))["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["successThreshold"] == 3
    with pytest.raises(Failure, match="must be 1"):
        await world.write(order(world, **container("web", "livenessProbe.successThreshold", 3)))


SERVICE, QUOTA = {"kind": "Service"}, {"kind": "ResourceQuota", "field": "hard"}
VOLUME = {"kind": "PersistentVolumeClaim", "field": "storage"}


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        pytest.param(container("db", "limits.cpu", "6"), "CONTAINER_NOT_FOUND", "web, side", id="no such container"),
        pytest.param(container("side", "readinessProbe.path", "/"), "NOT_FOUND", "no readinessProbe", id="no such probe"),
        pytest.param(container("side", "livenessProbe.port", 80), "UNSUPPORTED", "of type exec", id="the port of a command"),
        pytest.param(container("side", "startupProbe.path", "/"), "UNSUPPORTED", "of type grpc", id="the path of a gRPC probe"),
        pytest.param(container("side", "startupProbe.port", "http"), "INVALID", "use a number", id="the name of a gRPC port"),
        pytest.param(container("web", "livenessProbe.port", "web"), "INVALID", "or one of http", id="a port that is not declared"),
        pytest.param(container("web", "requests.memory", "9Gi"), "INVALID", "limit", id="a request above its limit"),
        pytest.param(SERVICE | {"field": "targetPort", "key": "81", "value": 1}, "NOT_FOUND", "80/TCP, 80/UDP", id="no such port"),
        pytest.param(SERVICE | {"field": "selector", "key": "a", "remove": True}, "NOTHING_TO_DO", "no label a", id="no such label"),
        pytest.param(QUOTA | {"key": "limits.cpu", "value": "4"}, "NOT_FOUND", "adds no limit", id="a new limit"),
        pytest.param(VOLUME | {"value": "10m"}, "INVALID", "only become larger", id="the same size"),
        pytest.param(VOLUME | {"value": "9m"}, "INVALID", "only become larger", id="a smaller volume"),
        pytest.param(VOLUME | {"value": "1Gi"}, "INVALID", "for bound claims", id="a claim without a volume"),
    ],
)
async def test_an_object_that_the_row_does_not_fit_stays_as_it_is(world: World, given: dict[str, Any], code: str, says: str) -> None:
    path = await make(world, given["kind"])
    before = await world.get(path)
    with pytest.raises(Failure, match=says) as failure:
        await world.write(order(world, **given))
    assert failure.value.code == code
    assert await world.get(path) == before


async def test_a_selector_loses_labels_but_never_the_last(world: World) -> None:
    path = await make(world, "Service")
    await world.write(order(world, **SERVICE, field="selector", key="app", remove=True))
    assert (await world.get(path))["spec"]["selector"] == {"app.kubernetes.io/name": "old"}
    with pytest.raises(Failure, match="the only label"):
        await world.write(order(world, **SERVICE, field="selector", key="app.kubernetes.io/name", remove=True))


async def test_a_service_whose_endpoints_are_kept_by_hand_gets_no_selector(world: World) -> None:
    meta, spec = {"name": "web", "namespace": world.namespace}, {"ports": [{"port": 80}]}
    await world.make(
        path_of("services", "web", world.namespace, "v1"), {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}
    )
    with pytest.raises(Failure, match="kept by hand"):
        await world.write(order(world, **SERVICE, field="selector", key="app", value="web"))


async def test_a_target_port_is_changed_for_one_protocol(world: World) -> None:
    path = await make(world, "Service")
    await world.write(order(world, **SERVICE, field="targetPort", key="80/UDP", value=5353))
    targets = {one["name"]: one["targetPort"] for one in (await world.get(path))["spec"]["ports"]}
    assert targets == {"tcp": 81, "udp": 5353, "admin": 91}


async def test_a_toleration_is_there_once_and_goes_again(world: World) -> None:
    path = await make(world, "Deployment")
    for remove, count in ((False, 2), (False, 2), (True, 1)):
        await world.write(order(world, kind="Deployment", field="toleration", value=TAINT, remove=remove))
        assert len((await world.get(path))["spec"]["template"]["spec"]["tolerations"]) == count


@pytest.mark.parametrize("may_grow", [True, False])
async def test_a_bound_volume_grows_when_its_class_allows_it(world: World, may_grow: bool) -> None:
    name = f"growing-{world.namespace}"
    growing = {"metadata": {"name": name}, "provisioner": "example.com/none", "allowVolumeExpansion": may_grow}
    await world.make("/apis/storage.k8s.io/v1/storageclasses/x", {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", **growing})
    path = path_of("persistentvolumeclaims", "web", world.namespace, "v1")
    meta, spec = {"name": "web", "namespace": world.namespace}, CLAIM | {"storageClassName": name, "volumeName": "v1"}
    await world.make(path, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec})
    await world.client.patch(f"{path}/status", b'{"status":{"phase":"Bound","capacity":{"storage":"10m"}}}')
    if not may_grow:
        with pytest.raises(Failure, match="must support resize") as failure:
            await world.write(order(world, **VOLUME, value="20Gi"))
        assert failure.value.code == "ADMISSION_DENIED", "the role allows it"
        return
    result = await world.write(order(world, **VOLUME, value="20Gi"))
    assert [(one["path"], one["to"]) for one in result["diff"]] == [("spec.resources.requests.storage", "20Gi")]
