import pytest

from optral.kube.objects import KubeObject
from optral.kube.reports import scheduler
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, event, make, only, pod, replica_set, when

TYPE = "FailedScheduling"
MESSAGE = (
    "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. "
    "preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod."
)


def pending(message: str = MESSAGE, reason: str = "Unschedulable", ago: float = 90, **more: object) -> KubeObject:
    said = condition("PodScheduled", "False", reason=reason, message=message, ago=ago)
    return pod(phase="Pending", conditions=[said], spec={"nodeName": ""} | more.pop("spec", {}), ago=ago, **more)  # type: ignore[arg-type, operator]


@pytest.mark.parametrize(
    ("message", "keys"),
    [
        (MESSAGE, ["taint:node-role.kubernetes.io/control-plane:", "insufficient:cpu"]),
        ("0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/1", ["taint"]),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", ["nodeSelector"]),
        (
            "0/3 nodes are available: 2 node(s) didn't match pod anti-affinity rules, 1 node(s) were unschedulable.",
            ["antiAffinity", "cordoned"],
        ),
        ("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.", ["podAffinity"]),
        ("0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.", ["topologySpread"]),
        ("0/3 nodes are available: 3 node(s) had volume node affinity conflict.", ["volumeNodeAffinity"]),
        ("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found", ["claimUnbound"]),
        ('0/3 nodes are available: persistentvolumeclaim "data" not found.', ["claimNotFound:data"]),
        ("0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports.", ["hostPort"]),
        ("0/3 nodes are available: 3 Too many pods.", ["tooManyPods"]),
        ("0/3 nodes are available: 3 Insufficient example.com/gpu.", ["insufficient:example.com/gpu"]),
        ("no nodes available to schedule pods", ["noNodes"]),
        ("0/3 nodes are available: 3 brand new reason.", ["other"]),
        ("", []),
    ],
)
def test_parses_the_message_into_clauses(message: str, keys: list[str]) -> None:
    assert [clause.key for clause in scheduler.clauses(message)] == keys


def test_counts_of_the_clauses_sum_to_the_nodes() -> None:
    [finding] = only(TYPE, pending())
    assert sum(clause["nodes"] for clause in finding.facts["clauses"]) == finding.facts["nodes"] == 4
    assert finding.title == (
        "Pod shop/api-5d4f9c-x1 cannot be scheduled: "
        "3 nodes do not have enough CPU, 1 node has the untolerated taint node-role.kubernetes.io/control-plane"
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(pending(), 1, id="unschedulable"),
        pytest.param(pending(reason="SchedulerError"), 1, id="the scheduler failed"),
        pytest.param(pending(reason="SchedulingGated"), 0, id="gated by condition"),
        pytest.param(pending(spec={"schedulingGates": [{"name": "example.com/queue"}]}), 0, id="gated by spec"),
        pytest.param(pending(meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}), 0, id="being deleted"),
        pytest.param(pod(phase="Pending", conditions=[condition("PodScheduled")]), 0, id="scheduled"),
        pytest.param(pod(phase="Pending", conditions=[]), 0, id="no scheduler has looked yet"),
    ],
)
def test_only_an_unschedulable_pod_is_an_issue(shown: KubeObject, expected: int) -> None:
    assert len(only(TYPE, shown)) == expected


def test_waits_a_minute_or_for_the_autoscaler_or_not_at_all() -> None:
    shown = pending(ago=90)
    scaling = event(shown, "TriggeredScaleUp", ago=80, kind="Normal")
    refused = event(shown, "NotTriggerScaleUp", ago=10, kind="Normal")
    assert only(TYPE, shown)[0].opens_at == when(90 - 60)
    assert only(TYPE, shown, scaling)[0].opens_at == when(80 - 600)
    assert only(TYPE, shown, scaling, refused)[0].opens_at == when(90)


def test_no_replica_left_makes_it_high() -> None:
    top = deployment(available=0)
    between = replica_set(top)
    [finding] = only(TYPE, pending(owner=between), between, top)
    assert (finding.severity, str(finding.subject)) == (Severity.HIGH, "Deployment/shop/api")


def test_a_reference_to_another_kind_is_ignored() -> None:
    assert only(TYPE, make("ConfigMap", name="x")) == []


def wants(*disks: str) -> dict[str, object]:
    terms = [{"matchExpressions": [{"key": "disk", "operator": "In", "values": list(disks)}]}]
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}}


def daemon() -> KubeObject:
    terms = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-7"]}]}]
    return pending(spec={"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}})


@pytest.mark.parametrize(
    ("spec", "age", "opens"),
    [
        pytest.param({}, 86400, 30, id="its node is in use"),
        pytest.param({"unschedulable": True}, 86400, None, id="its node is cordoned"),
        pytest.param({"taints": [{"key": "karpenter.sh/disrupted"}]}, 86400, None, id="its node is taken away"),
        pytest.param({}, 200, -100, id="its node has just joined"),
    ],
)
def test_a_daemon_sets_pod_follows_its_node(spec: dict[str, object], age: float, opens: float | None) -> None:
    place = make("Node", name="node-7", namespace=None, spec=spec, ago=age)
    assert [finding.opens_at for finding in only(TYPE, daemon(), place)] == ([when(opens)] if opens is not None else [])


def node(name: str, taint: str, **labels: str) -> KubeObject:
    return make("Node", name=name, namespace=None, meta={"labels": labels}, spec={"taints": [{"key": taint, "effect": "NoSchedule"}]})


SICK = node("sick", "node.kubernetes.io/unreachable")
CORDONED = node("cordoned", "node.kubernetes.io/unschedulable", disk="ssd")
OTHER = node("other", "node.kubernetes.io/unschedulable", disk="hdd")
MASTER = make(
    "Node",
    name="master",
    namespace=None,
    meta={"labels": {"node-role.kubernetes.io/control-plane": ""}},
    spec={"taints": [{"key": "node.kubernetes.io/unschedulable"}]},
)


@pytest.mark.parametrize(
    ("message", "spec", "expected"),
    [
        pytest.param("0/3 nodes are available: 3 Insufficient cpu.", {}, [], id="room"),
        pytest.param("1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }", {}, ["Node/sick"], id="a node that is down"),
        pytest.param("1 node(s) had untolerated taint(s)", {}, ["Node/sick"], id="the same without the taint's name"),
        pytest.param("2 node(s) had untolerated taint {dedicated: gpu}", {}, [], id="an ordinary taint"),
        pytest.param(
            "3 node(s) were unschedulable", {"nodeSelector": {"disk": "ssd"}}, ["Node/cordoned"], id="the cordoned node that fits"
        ),
        pytest.param("3 node(s) were unschedulable", wants("ssd"), ["Node/cordoned"], id="the cordoned node that its affinity names"),
        pytest.param("1 node(s) were unschedulable, 2 Insufficient cpu", {}, [], id="a cordon beside a lack of room"),
        pytest.param("pod has unbound immediate PersistentVolumeClaims", {}, [], id="no claim is mounted"),
        pytest.param(
            'persistentvolumeclaim "data" not found',
            {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]},
            ["PersistentVolumeClaim/shop/data", "Pod/shop/api-5d4f9c-x1"],
            id="a claim that is not there",
        ),
    ],
)
def test_names_the_candidate_causes(message: str, spec: dict[str, object], expected: list[str]) -> None:
    [finding] = only(TYPE, pending(message, spec=spec), SICK, CORDONED, OTHER, MASTER)
    assert [str(suspect.ref) for suspect in finding.suspects] == expected
