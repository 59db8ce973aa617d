"""Each verb that changes something, on a real cluster with its controllers and kubelets: a fault, the verb, and the fault is gone.

The agent's commands run here with journal, access review and dry run, as after a message from the control plane.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from optral.agent.commands import policy
from optral.kubeapi import credentials
from optral.kubeapi.credentials import Access
from optral.terms.verbs import WRITES
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import Agent, name
from tests.e2e.faults import IDLE, SERVE, autoscaler, container, deployment, job, namespace, pod_spec, probe, quota, service
from tests.support.platform import until
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.cluster
HOME = "verbs"
WITHIN_S = 90
TAINT = "dedicated=batch:NoSchedule"


class Server(NamedTuple):
    access: Access


@pytest.fixture(scope="module")
def home(cluster: Cluster) -> Iterator[Cluster]:
    cluster.apply(namespace(HOME))
    yield cluster
    cluster.kubectl("uncordon", "node-2")
    cluster.kubectl("delete", "namespace", HOME, "--wait=false")


@pytest.fixture
async def agent(home: Cluster, tmp_path: Path) -> AsyncIterator[Agent]:
    allowed = msgspec.structs.replace(policy.of([HOME], sorted(WRITES)), taints=(TAINT,))
    async with Agent(Server(credentials.load(home.kubeconfig)), tmp_path, allowed=allowed) as made:
        yield made


async def do(agent: Agent, verb: str, **more: Any) -> pb.CommandState:
    given = more if verb in ("drain", "uncordon") else {"namespace": HOME, **more}
    end = await agent.do(verb, wait_s=120, timeout_s=60, **given)
    print(f"{verb} {more}: {name(end)} {end.code} {end.message}")
    return end


async def succeed(agent: Agent, verb: str, **more: Any) -> dict[str, Any]:
    end = await do(agent, verb, **more)
    assert name(end) == "SUCCEEDED", end.message
    return msgspec.json.decode(end.result_json)  # type: ignore[no-any-return]


def cured(done: Callable[[], Any], what: str) -> None:
    began = time.monotonic()
    shows(what, done)
    print(f"{what}: {time.monotonic() - began:.1f} s after the change")


def field(cluster: Cluster, kind: str, obj: str, path: str) -> str:
    return cluster.kubectl("-n", HOME, "get", kind, obj, "-o", f"jsonpath={{{path}}}")


def available(cluster: Cluster, obj: str, count: int = 1) -> Callable[[], bool]:
    return lambda: field(cluster, "deployment", obj, ".status.availableReplicas") == str(count)


def shows(what: str, done: Callable[[], Any]) -> None:
    until(done, within_s=WITHIN_S, every_s=0.5, what=what)


def waiting(cluster: Cluster, app: str) -> str:
    reasons = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
    return cluster.kubectl("-n", HOME, "get", "pods", "-l", f"app={app}", "-o", reasons)


async def test_an_image_tag_that_does_not_exist_is_set_back(home: Cluster, agent: Agent) -> None:
    home.apply(deployment(HOME, "image", container() | {"image": "docker.io/library/busybox:1.36-typo"}))
    shows("the pull fails", lambda: "ImagePull" in waiting(home, "image"))
    await succeed(agent, "setImage", kind="Deployment", name="image", container="main", tag="1.36")
    cured(available(home, "image"), "the Deployment is available")


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
async def test_a_set_is_rolled_back(home: Cluster, agent: Agent, kind: str) -> None:
    obj = kind.lower()

    def apply(script: str) -> None:
        spec: dict[str, Any] = {"selector": {"matchLabels": {"app": obj}}}
        spec |= {"serviceName": obj, "podManagementPolicy": "Parallel"} if kind == "StatefulSet" else {}
        spec["template"] = {"metadata": {"labels": {"app": obj}}, "spec": pod_spec(container(script))}
        home.apply({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": obj, "namespace": HOME}, "spec": spec})

    def is_ready() -> bool:
        status = msgspec.json.decode(home.kubectl("-n", HOME, "get", obj, obj, "-o", "json"))["status"]
        if kind == "StatefulSet":
            return bool(status.get("readyReplicas") == 1 and status.get("currentRevision") == status.get("updateRevision"))
        return bool(status.get("numberReady") == status.get("desiredNumberScheduled") == status.get("updatedNumberScheduled"))

    apply(IDLE)
    shows("the first revision runs", is_ready)
    apply("exit 1")
    shows("the second crashes", lambda: "CrashLoopBackOff" in waiting(home, obj))
    await succeed(agent, "rollback", kind=kind, name=obj)
    cured(is_ready, f"the {kind} runs the first template")


async def test_a_failed_job_runs_again_when_its_cause_is_gone(home: Cluster, agent: Agent) -> None:
    report = job(HOME, "report", '[ "$READY" = yes ]')
    report["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "report", "optional": True}}]
    home.apply(report)
    shows("it fails", lambda: "Failed" in field(home, "job", "report", ".status.conditions[*].type"))
    home.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "report", "namespace": HOME}, "data": {"READY": "yes"}})
    made = await succeed(agent, "rerunJob", name="report")
    assert made["created"]["name"] == "report-rerun-1"
    cured(lambda: "Complete" in field(home, "job", "report-rerun-1", ".status.conditions[*].type"), "the rerun is complete")


async def test_fields_of_the_table_cure(home: Cluster, agent: Agent) -> None:
    serve = container(SERVE, readinessProbe=probe("/", 9999), ports=[{"name": "http", "containerPort": 8080}])
    home.apply(deployment(HOME, "web", serve), service(HOME, "web", {"app": "other"}, 9999), autoscaler(HOME, "web", "web"))
    await succeed(agent, "patch", kind="Deployment", name="web", container="main", field="readinessProbe.port", value="http")
    cured(available(home, "web"), "the readiness probe passes")

    def endpoints() -> str:
        listed = ("-n", HOME, "get", "endpointslices", "-l", "kubernetes.io/service-name=web", "-o")
        return home.kubectl(*listed, "jsonpath={.items[*].endpoints[*].addresses[0]}:{.items[*].ports[*].port}")

    await succeed(agent, "patch", kind="Service", name="web", field="selector", key="app", value="web")
    await succeed(agent, "patch", kind="Service", name="web", field="targetPort", key="80", value=8080)
    cured(lambda: not endpoints().startswith(":") and endpoints().endswith(":8080"), "the Service has an endpoint at its port")
    await succeed(agent, "patch", kind="HorizontalPodAutoscaler", name="web", field="maxReplicas", value=6)
    assert field(home, "hpa", "web", ".spec.maxReplicas") == "6"


async def test_a_quota_is_raised(home: Cluster, agent: Agent) -> None:
    home.apply(deployment(HOME, "crowded", container()))
    shows("it runs", available(home, "crowded"))
    home.apply(quota(HOME))
    home.kubectl("-n", HOME, "scale", "deployment", "crowded", "--replicas=2")
    shows("the quota refuses a pod", lambda: "exceeded quota" in home.kubectl("-n", HOME, "get", "events"))
    await succeed(agent, "patch", kind="ResourceQuota", name="few", field="hard", key="pods", value="50")
    cured(available(home, "crowded", 2), "the second pod runs")


async def test_a_workload_tolerates_a_listed_taint(home: Cluster, agent: Agent) -> None:
    home.kubectl("taint", "node", "node-2", TAINT, "--overwrite")
    try:
        home.apply(deployment(HOME, "batch", container(), nodeSelector={"kubernetes.io/hostname": "node-2"}))
        shows("it is not scheduled", lambda: "untolerated taint" in home.kubectl("-n", HOME, "get", "events"))
        await succeed(agent, "patch", kind="Deployment", name="batch", field="toleration", value=TAINT)
        cured(available(home, "batch"), "the pod runs on node-2")
    finally:
        home.kubectl("taint", "node", "node-2", f"{TAINT}-")
        home.kubectl("-n", HOME, "delete", "deployment", "batch")


async def test_a_cron_job_is_suspended_and_resumed(home: Cluster, agent: Agent) -> None:
    template = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container("true")]}}}}
    spec = {"schedule": "* * * * *", "jobTemplate": template}
    home.apply({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "often", "namespace": HOME}, "spec": spec})
    for value, shown in ((True, "true"), (False, "false")):
        await succeed(agent, "patch", kind="CronJob", name="often", field="suspend", value=value)
        assert field(home, "cronjob", "often", ".spec.suspend") == shown


def budget(obj: str, least: int) -> dict[str, Any]:
    spec = {"minAvailable": least, "selector": {"matchLabels": {"app": obj}}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": obj, "namespace": HOME}, "spec": spec}


async def test_a_pod_is_evicted_when_its_budget_allows_it(home: Cluster, agent: Agent) -> None:
    home.apply(deployment(HOME, "evicted", container(), replicas=1), budget("evicted", 1))
    shows("it runs", available(home, "evicted"))
    shows("the budget is counted", lambda: field(home, "pdb", "evicted", ".status.currentHealthy") == "1")
    (pod,) = home.items("pods", "-n", HOME, "-l", "app=evicted")
    held = await do(agent, "evict", name=pod["metadata"]["name"])
    assert held.code == "DISRUPTION_BUDGET" and "PodDisruptionBudget evicted" in held.message
    home.kubectl("-n", HOME, "scale", "deployment", "evicted", "--replicas=2")
    shows("it allows one", lambda: field(home, "pdb", "evicted", ".status.disruptionsAllowed") == "1")
    await succeed(agent, "evict", name=pod["metadata"]["name"])
    cured(available(home, "evicted", 2), "another pod takes its place")


async def test_a_drain_is_held_by_a_budget_and_goes_on(home: Cluster, agent: Agent) -> None:
    home.apply(deployment(HOME, "kept", container(), replicas=2, nodeSelector={"kubernetes.io/hostname": "node-2"}), budget("kept", 2))
    shows("both run on node-2", available(home, "kept", 2))
    shows("the budget is counted", lambda: field(home, "pdb", "kept", ".status.currentHealthy") == "2")
    held = await do(agent, "drain", node="node-2", timeoutSeconds=10)
    assert held.code == "DRAIN_INCOMPLETE" and f"PodDisruptionBudget {HOME}/kept allows no eviction now" in held.message
    assert home.kubectl("get", "node", "node-2", "-o", "jsonpath={.spec.unschedulable}") == "true"
    home.kubectl("-n", HOME, "patch", "deployment", "kept", "-p", '{"spec":{"replicas":4,"template":{"spec":{"nodeSelector":null}}}}')
    done = await succeed(agent, "drain", node="node-2", timeoutSeconds=50)
    assert done["left"] == []
    on_node = home.items("pods", "-A", "--field-selector", "spec.nodeName=node-2,status.phase=Running")
    owners = [one["kind"] for pod in on_node for one in pod["metadata"].get("ownerReferences", ())]
    assert set(owners) <= {"DaemonSet"}, "only the pods of DaemonSets are left"
    await succeed(agent, "uncordon", node="node-2")
