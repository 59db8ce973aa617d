"""The commands that remove an agent take its objects and nothing else, least of all a server in the same namespace."""

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest
import yaml

from optral.clusters import service
from optral.clusters.model import AgentFacts, Identity
from optral.flows.clusters import agent_uninstall, manage as flow
from optral.flows.clusters.agent_uninstall import Uninstall
from optral.flows.clusters.connect import Connect
from optral.install import agent_install
from optral.kube.changes import ObjectChange, Op
from optral.resources import reports
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.ids import ClusterId, OrgId
from tests.support.agents import KEY_ENCRYPTION_KEY, KUBE_UID, AgentKey
from tests.support.clock import FakeClock
from tests.support.objects import reference

Json = dict[str, Any]
NAME, INSTANCE, COMPONENT = ("app.kubernetes.io/" + word for word in ("name", "instance", "component"))
HELM = {"meta.helm.sh/release-name": "watcher", "meta.helm.sh/release-namespace": "tools"}
OF_CHART = {NAME: "optral-agent", INSTANCE: "watcher", COMPONENT: "agent", "app.kubernetes.io/managed-by": "Helm"}
OF_MANIFEST = {NAME: "optral-agent", COMPONENT: "agent"}
SERVER = {NAME: "optral", INSTANCE: "optral", COMPONENT: "server", "app.kubernetes.io/part-of": "optral"}


def workload(name: str, labels: dict[str, str], annotations: dict[str, str], kind: str = "Deployment.apps") -> tuple[str, Json]:
    return kind, {"metadata": {"name": name, "namespace": "tools", "uid": f"uid-{name}", "labels": labels, "annotations": annotations}}


def pod(name: str, labels: dict[str, str]) -> tuple[str, Json]:
    """A pod of the ReplicaSet with the hash 5c9d."""
    owner = reference("ReplicaSet.apps", f"{name}-5c9d", f"uid-{name}-rs")
    labels = {**labels, "pod-template-hash": "5c9d"}
    named = f"{name}-5c9d-x2k4q"
    return "Pod", {"metadata": {"name": named, "namespace": "tools", "uid": f"uid-{named}", "labels": labels, "ownerReferences": [owner]}}


class World:
    """A cluster whose agent connected from a pod."""

    def __init__(self, store: Store, org: OrgId, cluster_id: str) -> None:
        self._store, self._org, self._cluster_id = store, org, cluster_id

    async def uninstall(self, *objects: tuple[str, Json]) -> Uninstall:
        """What deleting the cluster advises when its inventory has these objects."""
        changes = []
        for kind, body in objects:
            metadata = body["metadata"]
            changes.append(
                ObjectChange(Op.UPSERT, kind, metadata["uid"], metadata["namespace"], metadata["name"], "1", json.dumps(body).encode())
            )
        doer = actors.agent(self._org, ClusterId(self._cluster_id))
        await self._store.write(doer, lambda tx: reports.apply(tx, self._cluster_id, changes, offset=timedelta()))
        return (await self._store.write(actors.system(self._org), lambda tx: flow.delete(tx, self._cluster_id))).uninstall


@pytest.fixture
async def world(store: Store, clock: FakeClock, org: OrgId) -> World:
    authority = await store.write(actors.system(), lambda tx: service.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    made = await store.write(actors.system(org), lambda tx: flow.create(tx, name="shop"))
    connect = Connect(store, clock, authority)
    enrolled = await connect.enrol(token=made.token, csr_der=AgentKey().csr_der, kube_system_uid=KUBE_UID, nonce="n")
    identity = Identity(org, ClusterId(made.cluster.id), enrolled.fingerprint, clock.now().replace(year=2030))
    await connect.open(identity, AgentFacts(kube_system_uid=KUBE_UID, instance="agent-5c9d-x2k4q-0a1b2c3d"), frozenset())
    return World(store, org, made.cluster.id)


async def test_what_helm_installed_is_removed_by_helm(world: World) -> None:
    found = await world.uninstall(
        workload("agent", OF_CHART, HELM), pod("agent", OF_CHART), workload("optral", SERVER, {}, "StatefulSet.apps")
    )
    assert found.note is None
    assert found.commands == (
        "helm uninstall watcher --namespace tools",
        "kubectl delete secret agent-identity --namespace tools",
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(workload("optral", {**SERVER, INSTANCE: "watcher"}, HELM, "StatefulSet.apps"), id="the server"),
        pytest.param(workload("shop", {"app": "shop"}, HELM), id="an application"),
    ],
)
async def test_a_release_with_more_than_the_agent_is_not_uninstalled(world: World, other: tuple[str, Json]) -> None:
    found = await world.uninstall(workload("agent", OF_CHART, HELM), pod("agent", OF_CHART), other)
    assert "Helm watcher manages the agent" in str(found.note)
    assert not [one for one in found.commands if one.startswith("helm")]
    assert all(f"{NAME}=optral-agent,{INSTANCE}=watcher" in one for one in found.commands)


async def test_what_kubectl_installed_is_removed_by_its_label(world: World) -> None:
    found = await world.uninstall(workload("agent", OF_MANIFEST, {}), pod("agent", OF_MANIFEST))
    assert found.note is None
    namespaced, cluster_wide = found.commands
    assert "--namespace tools" in namespaced
    assert cluster_wide.endswith(f"--selector '{NAME}=optral-agent,app.kubernetes.io/managed-by!=Helm'")


async def test_what_argo_cd_keeps_is_removed_there_first(world: World) -> None:
    tracked = {"argocd.argoproj.io/tracking-id": "optral-agent:apps/Deployment:tools/agent"}
    found = await world.uninstall(workload("agent", OF_CHART, tracked), pod("agent", OF_CHART))
    assert "Argo CD optral-agent manages the agent" in str(found.note)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param((), id="nothing is known"),
        pytest.param((pod("agent", OF_CHART),), id="its Deployment is not read"),
        pytest.param((workload("agent", OF_CHART, HELM),), id="its pod is gone"),
        pytest.param((workload("agent", SERVER, HELM), pod("agent", SERVER)), id="it runs in the server's pod"),
    ],
)
async def test_without_its_deployment_no_name_is_guessed(world: World, objects: tuple[tuple[str, Json], ...]) -> None:
    found = await world.uninstall(*objects)
    assert found.commands[0] == "helm uninstall RELEASE --namespace NAMESPACE"
    assert "--namespace NAMESPACE" in found.commands[1]
    assert "RELEASE" in str(found.note)


def test_the_selectors_take_every_object_of_the_manifest_but_its_namespace() -> None:
    made = agent_install.manifest(server="https://optral.example.com", ca_pin="p", token="t", image="optral-agent:1")
    namespaced, cluster_wide = (shlex.split(one) for one in agent_uninstall.by_label("optral"))
    assert namespaced[-1] == f"{NAME}=optral-agent"
    for one in yaml.safe_load_all(made):
        labels = one["metadata"].get("labels", {})
        if one["kind"] == "Namespace":
            assert not {name for name in labels if name.startswith("app.kubernetes.io/")}, "the server may be in it"
            continue
        kinds = (namespaced if "namespace" in one["metadata"] else cluster_wide)[2]
        assert one["kind"].lower() in kinds.split(",")
        assert labels == {**OF_MANIFEST, "app.kubernetes.io/part-of": "optral"}
