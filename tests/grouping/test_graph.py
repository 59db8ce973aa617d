"""One root each for faults that show in many places; none for faults that only coincide."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs

from optral.detectors.finding import Suspect
from optral.grouping import graph, model
from optral.grouping.model import AffectedObject, Arrangement, Failure
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.detectors import build
from tests.support.examples import examples

HERE = ObjectRef("Cluster", None, "cluster")


def ref(thing: KubeObject | ObjectRef) -> ObjectRef:
    return thing if isinstance(thing, ObjectRef) else owners.ref(thing)


def failing(
    type: str,
    subject: KubeObject | ObjectRef,
    *shown: KubeObject | AffectedObject,
    ago: float = 300,
    part: str | None = None,
    category: str = "workload",
    suspects: tuple[Suspect, ...] = (),
    log_lines: tuple[str, ...] = (),
    **facts: Any,
) -> Failure:
    """An failure that began `ago` seconds before noon; its key is readable: type, subject and part."""
    about = ref(subject)
    objects = [one if isinstance(one, AffectedObject) else AffectedObject(ref(one), suspects) for one in shown] or [
        AffectedObject(about, suspects)
    ]
    return Failure(
        key="/".join([type, about.name, *([part] if part else [])]),
        type=type,
        subject=about,
        part=part,
        objects=tuple(objects),
        since=build.when(ago),
        severity=Severity.HIGH,
        category=category,
        facts=facts,
        log_lines=log_lines,
    )


def arranged(found: Sequence[Failure], *things: KubeObject) -> Arrangement:
    """Grouped, and the same in every order that is tried."""
    view = build.view_of(*things)
    arrangement = graph.arrange(found, view, now=build.NOON)
    for seed in range(3):
        shuffled = list(found)
        random.Random(seed).shuffle(shuffled)
        assert graph.arrange(shuffled, view, now=build.NOON) == arrangement
    return arrangement


def roots(found: Sequence[Failure], *things: KubeObject) -> list[str]:
    return sorted(one.key for one in arranged(found, *things).roots(found))


def node(name: str = "node-1", *, ready: str = "Unknown", ago: float = 300, taints: Sequence[str] = ()) -> KubeObject:
    return build.make(
        "Node",
        name=name,
        namespace=None,
        ago=86400,
        spec={"taints": [{"key": key, "effect": "NoExecute"} for key in taints]},
        status={"conditions": [build.condition("Ready", ready, ago=ago)], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    )


def unready(owner: KubeObject, name: str, *, on: str = "node-1", ago: float = 300, **more: Any) -> KubeObject:
    conditions = [build.condition("PodScheduled"), build.condition("Ready", "False", ago=ago)]
    return build.pod(build.status(), name=name, owner=owner, conditions=conditions, spec={"nodeName": on}, **more)


# --- the five


def test_a_node_that_goes_down_with_forty_pods_is_one_root() -> None:
    down = node(taints=["node.kubernetes.io/unreachable"])
    things, found = [down], [failing("NodeNotReady", down, ago=300)]
    for number in range(40):
        name = f"app{number}"
        workload = build.deployment(name, replicas=1, available=0)
        pod = unready(workload, f"{name}-1", ago=299)
        service = build.make("Service", name=name)
        things += [workload, pod, service]
        found += [
            failing("DeploymentReplicasUnavailable", workload, ago=299),
            failing("ServiceNoEndpoints", service, ago=290, case="podsNotReady", workloads=[f"Deployment/shop/{name}"]),
        ]
        if number % 2:
            found.append(
                failing("PodStuckTerminating", down, pod, ago=10) if number == 1 else failing("PodNotReady", workload, pod, ago=299)
            )
    replacement = build.pod(phase="Pending", name="app0-2", owner=things[1], spec={"nodeName": ""})
    found.append(failing("FailedScheduling", things[1], replacement, ago=20, blockers=["taint:node.kubernetes.io/unreachable"]))
    arrangement = arranged(found, *things, replacement)
    assert [one.key for one in arrangement.roots(found)] == ["NodeNotReady/node-1"]
    assert arrangement.parent_of["PodNotReady/app3"].relation == "runs on"


def test_a_bad_rollout_of_forty_replicas_is_one_root() -> None:
    workload = build.deployment("api", replicas=40, available=0)
    pods = [unready(workload, f"api-{number}", labels={"pod-template-hash": "new"}) for number in range(40)]
    service, budget = (
        build.make("Service", name="api"),
        build.make("PodDisruptionBudget.policy", name="api", spec={"selector": {"matchLabels": {"pod-template-hash": "new"}}}),
    )
    scaler = build.make(
        "HorizontalPodAutoscaler.autoscaling",
        name="api",
        spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
    )
    found = [
        failing("CrashLoopBackOff", workload, *pods[:20], part="api", ago=60, exitCode=1),
        failing("OOMKilled", workload, *pods[20:], part="api", ago=100),
        failing("DeploymentProgressDeadlineExceeded", workload, ago=10),
        failing("DeploymentReplicasUnavailable", workload, ago=600),
        failing("ServiceNoEndpoints", service, ago=300, case="podsNotReady", workloads=["Deployment/shop/api"]),
        failing("PDBInsufficientHealthyPods", budget, ago=300),
        failing("HPAScalingInactive", scaler, ago=200, cause="metricsMissing"),
    ]
    assert roots(found, workload, *pods, service, budget, scaler) == ["OOMKilled/api/api"]


def test_an_exhausted_quota_is_one_root() -> None:
    quota = build.make("ResourceQuota", name="compute")
    owners_ = [build.deployment(f"app{number}") for number in range(5)]
    refused = [failing("FailedCreate", one, ago=200 - place, cause="quotaExceeded", named="compute") for place, one in enumerate(owners_)]
    short = [failing("DeploymentReplicasUnavailable", one, ago=150) for one in owners_]
    assert roots([*refused, *short, failing("ResourceQuotaExceeded", quota, ago=220)], quota, *owners_) == ["ResourceQuotaExceeded/compute"]
    assert roots([*refused, *short], *owners_) == ["FailedCreate/app0"], "a quota that nobody may see: the first speaks for all"


def test_a_service_a_quota_has_no_room_for_is_the_quotas_issue_whichever_was_seen_first() -> None:
    quota, store = build.make("ResourceQuota", name="services"), build.make("StatefulSet.apps", name="store")
    full = failing("ResourceQuotaExceeded", quota, ago=200, missingKind="Service", missing=["store"])
    absent = failing("ServiceMissing", ObjectRef("Service", "shop", "store"), ago=86400)
    named = failing("MissingReference", store, ago=86400, part="Service/store")
    other = failing("ServiceMissing", ObjectRef("Service", "shop", "cart"), ago=100)
    assert roots([full, absent, named, other], quota, store) == ["ResourceQuotaExceeded/services", "ServiceMissing/cart"]


def test_dead_dns_is_one_root() -> None:
    coredns = build.deployment("coredns", namespace="kube-system", available=0, meta={"labels": {"k8s-app": "kube-dns"}})
    pod = unready(coredns, "coredns-1", namespace="kube-system")
    service = build.make("Service", name="kube-dns", namespace="kube-system")
    callers = [
        build.deployment(f"app{number}", spec={"template": _calling("db.shop.svc.cluster.local", f"app{number}")}) for number in range(4)
    ]
    pods = [unready(one, f"{one.name}-1", ago=200) for one in callers]
    found = [
        failing("CrashLoopBackOff", coredns, pod, part="coredns", ago=300, exitCode=1),
        failing("ClusterDNSUnavailable", service, ago=280),
        failing("DeploymentReplicasUnavailable", coredns, ago=290),
        failing("ServiceNoEndpoints", service, ago=280, case="podsNotReady", workloads=["Deployment/kube-system/coredns"]),
        *(failing("CrashLoopBackOff", one, two, part="app", ago=200, exitCode=1) for one, two in zip(callers, pods, strict=True)),
    ]
    assert roots(found, coredns, pod, service, *callers, *pods) == ["CrashLoopBackOff/coredns/coredns"]
    assert roots(found[1:], coredns, pod, service, *callers, *pods) == ["ClusterDNSUnavailable/kube-dns"]


def test_a_failed_webhook_is_one_root() -> None:
    configuration = build.make(
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
        name="policies",
        namespace=None,
        webhooks=[{"name": "check.policies.example", "clientConfig": {"service": {"namespace": "policy", "name": "hook"}}}],
    )
    workloads = [build.deployment(f"app{number}") for number in range(3)]
    hook = build.deployment("hook", namespace="policy", available=0)
    service = build.make("Service", name="hook", namespace="policy", spec={"selector": {"app": "hook"}})
    refused = [failing("FailedCreate", one, ago=100, cause="webhookFailed", named="check.policies.example") for one in workloads]
    found = [failing("WebhookUnavailable", configuration, ago=120), *refused]
    assert roots(found, configuration, *workloads) == ["WebhookUnavailable/policies"]
    behind = [
        failing("ServiceNoEndpoints", service, ago=150, case="podsNotReady", workloads=["Deployment/policy/hook"]),
        failing("CrashLoopBackOff", hook, ago=200, part="hook", exitCode=1),
    ]
    assert roots([*found, *behind], configuration, *workloads, hook, service) == ["CrashLoopBackOff/hook/hook"]


def test_a_webhook_that_forbids_its_own_pods_is_one_root_and_no_circle() -> None:
    configuration = build.make(
        "MutatingWebhookConfiguration.admissionregistration.k8s.io",
        name="policies",
        namespace=None,
        webhooks=[{"name": "check.example", "clientConfig": {"service": {"namespace": "policy", "name": "hook"}}}],
    )
    hook = build.deployment("hook", namespace="policy", available=0)
    service = build.make("Service", name="hook", namespace="policy", spec={"selector": {"app": "hook"}})
    found = [
        failing("WebhookUnavailable", configuration, ago=300),
        failing("FailedCreate", hook, ago=280, cause="webhookFailed", named="check.example"),
        failing("ServiceNoEndpoints", service, ago=290, case="podsMissing", workloads=["Deployment/policy/hook"]),
        failing("DeploymentReplicasUnavailable", hook, ago=290),
    ]
    assert roots(found, configuration, hook, service) == ["WebhookUnavailable/policies"]


def _calling(address: str, name: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "env": [{"name": "UPSTREAM", "value": address}]}]},
    }


# --- every rule of the catalogue, and its counterpart


def test_rule_1_only_pods_of_that_node_hang_under_it() -> None:
    down, workload = node(), build.deployment("api")
    here, there = unready(workload, "api-1"), unready(workload, "api-2", on="node-2")
    both = [failing("NodeNotReady", down), failing("ReadinessProbeFailed", workload, here, there, part="api")]
    assert roots(both, down, workload, here, there) == ["NodeNotReady/node-1", "ReadinessProbeFailed/api/api"], "one is on a healthy node"
    alone = [failing("NodeNotReady", down), failing("ReadinessProbeFailed", workload, here, part="api")]
    assert roots(alone, down, workload, here) == ["NodeNotReady/node-1"]


@pytest.mark.parametrize(
    ("symptom", "ago", "is_symptom"),
    [
        ("ReadinessProbeFailed", 299, True),
        ("FailedCreatePodSandBox", 100, True),
        ("FailedAttachVolume", 100, True),
        ("Evicted", 100, False),  # pressure evicts, silence does not
        ("OOMKilled", 100, False),
        ("ImagePullBackOff", 100, False),
        ("ReadinessProbeFailed", 300 + 119, True),
        ("ReadinessProbeFailed", 300 + 121, False),  # began before its cause
    ],
)
def test_rule_1_what_a_silent_node_does_to_pods(symptom: str, ago: float, is_symptom: bool) -> None:
    down, workload = node(), build.deployment("api")
    pod = unready(workload, "api-1", ago=ago)
    found = [failing("NodeNotReady", down, ago=300), failing(symptom, workload, pod, part="api", ago=ago, cause="notFound")]
    assert (len(roots(found, down, workload, pod)) == 1) is is_symptom


def test_rule_1_pressure_takes_evictions() -> None:
    short, workload = node(ready="True"), build.deployment("api")
    pod = build.pod(name="api-1", owner=workload, phase="Failed", pod_status={"reason": "Evicted"})
    found = [failing("NodeDiskPressure", short, ago=300), failing("Evicted", short, pod, ago=100)]
    assert roots(found, short, workload, pod) == ["NodeDiskPressure/node-1"]


@pytest.mark.parametrize(("count", "known"), [(2, ["NodeNotReady/node-0"]), (1, ["NodeNotReady/node-0"])])
def test_rule_1_half_of_the_nodes_are_one_failure_of_the_cluster(count: int, known: list[str]) -> None:
    nodes = [node(f"node-{number}", ready="Unknown" if number < count else "True") for number in range(4)]
    found = [failing("NodeNotReady", one, ago=300 - place, status="Unknown", reason="x") for place, one in enumerate(nodes[:count])]
    assert roots(found, *nodes) == known
    assert len(roots([*found, failing("NodeNotReady", nodes[3], status="False", reason="cni")], *nodes)) == 2, "down for another reason"


def test_rule_2_two_revisions_that_fail_are_two_failures() -> None:
    workload = build.deployment("api")
    old = unready(workload, "api-a", labels={"pod-template-hash": "old"})
    new = unready(workload, "api-b", labels={"pod-template-hash": "new"})
    found = [
        failing("OOMKilled", workload, old, part="api"),
        failing("ImagePullBackOff", workload, new, part="api", image="x", cause="notFound"),
    ]
    assert len(roots(found, workload, old, new)) == 2


def test_rule_3_one_issue_for_one_container_and_two_for_two() -> None:
    workload = build.deployment("api")
    pods = [unready(workload, f"api-{number}") for number in range(3)]
    found = [
        failing("LivenessProbeFailed", workload, pods[0], part="api"),
        failing("CrashLoopBackOff", workload, pods[1], part="api", exitCode=1),
        failing("PodNotReady", workload, pods[2]),
        failing("CrashLoopBackOff", workload, pods[1], part="proxy", exitCode=1),
    ]
    assert roots(found, workload, *pods) == ["CrashLoopBackOff/api/proxy", "LivenessProbeFailed/api/api"]


@pytest.mark.parametrize(
    ("blockers", "is_symptom"), [(["claimUnbound"], True), (["claimNotFound:data"], True), (["insufficient:cpu"], False)]
)
def test_rule_4_a_claim_holds_up_scheduling(blockers: list[str], is_symptom: bool) -> None:
    workload = build.deployment("db", available=0)
    claim = build.make("PersistentVolumeClaim", name="data", status={"phase": "Pending"})
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    pod = build.pod(name="db-1", owner=workload, phase="Pending", spec={"nodeName": "", "volumes": [volume]})
    found = [
        failing("PersistentVolumeClaimPending", claim, ago=400),
        failing("FailedScheduling", workload, pod, blockers=blockers),
        failing("DeploymentReplicasUnavailable", workload),
    ]
    expected = ["PersistentVolumeClaimPending/data"] if is_symptom else ["FailedScheduling/db", "PersistentVolumeClaimPending/data"]
    assert roots(found, workload, claim, pod) == expected


def test_rule_4_claims_of_a_class_that_is_missing_share_it() -> None:
    claims = [build.make("PersistentVolumeClaim", name=f"c{number}") for number in range(3)]
    missing = [
        failing("PersistentVolumeClaimPending", one, ago=100 - n, storageClass="fast", storageClassExists=False)
        for n, one in enumerate(claims)
    ]
    assert roots(missing, *claims) == ["PersistentVolumeClaimPending/c0"]
    each = [
        failing("PersistentVolumeClaimPending", one, storageClass="fast", storageClassExists=True, reason="VolumeMismatch", claim=one.name)
        for one in claims
    ]
    assert len(roots(each, *claims)) == 3, "the class is there: each has its own reason"


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"cause": "quotaExceeded", "named": "compute"}, 1),
        ({"cause": "limitRange"}, 1),
        ({"cause": "podSecurity", "named": "restricted"}, 1),
        ({"cause": "webhookFailed", "named": "w.example"}, 1),
        ({"cause": "webhookDenied", "named": "w.example", "message": 'webhook "w" denied the request: the image has no digest'}, 1),
        ({"cause": "serviceAccountMissing", "named": "robot"}, 1),
        ({"cause": "invalid"}, 2),
        ({"cause": "unknown"}, 2),
    ],
)
def test_rule_5_workloads_that_are_refused_alike_are_one_failure(facts: dict[str, Any], count: int) -> None:
    workloads = [build.deployment("app1"), build.deployment("app2")]
    found = [failing("FailedCreate", one, **facts) for one in workloads]
    assert len(roots(found, *workloads)) == count
    elsewhere = build.deployment("app3", namespace="other")
    if facts["cause"] in ("quotaExceeded", "limitRange", "podSecurity", "serviceAccountMissing"):
        assert len(roots([*found, failing("FailedCreate", elsewhere, **facts)], *workloads, elsewhere)) == 2, (
            "another namespace, another rule"
        )


def test_rule_6_a_full_cluster_is_one_failure_and_a_pod_that_fits_nowhere_another() -> None:
    nodes = [node(f"node-{number}", ready="True") for number in range(2)]
    workloads = [build.deployment(f"app{number}") for number in range(3)]

    def pending(workload: KubeObject, cpu: str) -> KubeObject:
        asks = build.container(resources={"requests": {"cpu": cpu}})
        return build.pod(name=f"{workload.name}-1", owner=workload, phase="Pending", containers=[asks], spec={"nodeName": ""})

    pods = [pending(workloads[0], "1"), pending(workloads[1], "500m"), pending(workloads[2], "64")]
    found = [failing("FailedScheduling", one, two, blockers=["insufficient:cpu"]) for one, two in zip(workloads, pods, strict=True)]
    assert roots(found, *nodes, *workloads, *pods) == ["FailedScheduling/app0", "FailedScheduling/app2"]
    wishes = [
        failing("FailedScheduling", one, two, blockers=["insufficient:cpu", "nodeSelector"])
        for one, two in zip(workloads, pods, strict=True)
    ]
    assert len(roots(wishes, *nodes, *workloads, *pods)) == 3, "each has a wish of its own"


def test_rule_6_a_cordon_holds_up_only_what_would_go_there() -> None:
    """The scheduler says of a closed node that it is closed, and not that the pod would not fit there either."""
    closed = node(ready="True", taints=["node.kubernetes.io/unschedulable"])
    top = build.deployment()
    waits = build.pod(name="api-1", owner=build.replica_set(top), phase="Pending", spec={"nodeName": ""})
    clauses = [{"blocker": "nodeSelector", "nodes": 1}, {"blocker": "cordoned", "nodes": 1}]
    suspect = Suspect(owners.ref(closed), "may not run on", frozenset({"NodeCordoned"}))
    for suspects, count in (((), 2), ((suspect,), 1)):
        found = [
            failing("NodeCordoned", closed, ago=400),
            failing("FailedScheduling", top, AffectedObject(ref(waits), suspects), blockers=["nodeSelector", "cordoned"], clauses=clauses),
        ]
        assert len(roots(found, closed, top, waits)) == count


@pytest.mark.parametrize(
    ("cause", "images", "count"),
    [
        ("unreachable", ["r.example/a:1", "r.example/b:1", "r.example/c:1"], 1),
        ("hostUnknown", ["r.example/a:1", "r.example/b:1"], 2),
        ("unreachable", ["r.example/a:1", "s.example/b:1", "t.example/c:1"], 3),
        ("rateLimited", ["nginx", "docker.io/redis:7", "library/alpine"], 1),
        ("denied", ["a/b:1", "c/d:1", "e/f:1"], 3),
        ("denied", ["r.example/a:1", "r.example/b:1", "r.example/c:1"], 1),
        ("notFound", ["r.example/a:1", "r.example/a:2", "r.example/b:1"], 3),
        ("notFound", ["r.example/a:1", "r.example/a:1"], 1),
    ],
)
def test_rule_7_a_registry_is_one_failure_and_a_missing_tag_its_own(cause: str, images: list[str], count: int) -> None:
    workloads = [build.deployment(f"app{number}") for number in range(len(images))]
    found = [failing("ImagePullBackOff", one, part="api", cause=cause, image=image) for one, image in zip(workloads, images, strict=True)]
    assert len(roots(found, *workloads)) == count


DATABASE = {"spec": {"selector": {"app": "db"}, "clusterIP": "10.96.7.7"}}


def _callers(*, made: float = 86400, log_lines: tuple[str, ...] = (), **facts: Any) -> tuple[list[KubeObject], list[Failure]]:
    """A database that went five minutes ago, and a workload that names it and has failed for four."""
    database, service = build.deployment("db", available=0), build.make("Service", name="db", **DATABASE)
    caller = build.deployment("api", spec={"template": _calling("db.shop.svc.cluster.local:5432", "api")})
    gone, pod = (
        unready(database, "db-1", labels={"app": "db"}),
        unready(caller, "api-1", ago=240, meta={"creationTimestamp": build.at(made)}),
    )
    found = [
        failing("OOMKilled", database, gone, part="db", ago=300),
        failing("CrashLoopBackOff", caller, pod, part="app", ago=240, log_lines=log_lines, **({"exitCode": 1} | facts)),
    ]
    return [database, service, caller, gone, pod], found


def test_rule_8_a_caller_that_worked_until_its_database_went_is_a_symptom() -> None:
    things, found = _callers()
    assert roots(found, *things) == ["OOMKilled/db/db"]
    assert arranged(found, *things).parent_of["CrashLoopBackOff/api/app"].relation == "calls"


@pytest.mark.parametrize(
    ("made", "log_lines", "facts", "is_symptom"),
    [
        pytest.param(60, (), {}, False, id="it has never worked"),
        pytest.param(60, ("dial tcp db.shop.svc.cluster.local:5432: connection refused",), {}, True, id="its own words name the database"),
        pytest.param(60, ("dial tcp other.shop.svc.cluster.local:80: connection refused",), {}, False, id="its words name another"),
        pytest.param(60, ("dial tcp 10.96.7.7:5432: connect: connection refused",), {}, True, id="its words name the database's address"),
        pytest.param(60, ("dial tcp 10.0.7.7:5432: connect: connection refused",), {}, False, id="its words name another address"),
        pytest.param(60, ("Caused by: ConnectException: Connection refused",), {}, True, id="its words name nobody, as drivers do"),
        pytest.param(60, ("pool.py:12 connection refused",), {}, True, id="its words name nobody but a line of code"),
        pytest.param(60, ("connect to store.example.org:5432: connection refused",), {}, False, id="its words name a host elsewhere"),
        pytest.param(60, ("my-db: connection refused, see 127.0.0.1",), {}, False, id="its words name a longer name"),
        pytest.param(60, ("connect to localhost: connection refused",), {}, False, id="its words name its own pod"),
        pytest.param(86400, (), {"exitCode": 127}, False, id="the program does not exist"),
        pytest.param(86400, (), {"exitCode": 137}, False, id="it was killed"),
    ],
)
def test_rule_8_a_name_in_a_template_is_no_proof(made: float, log_lines: tuple[str, ...], facts: dict[str, Any], is_symptom: bool) -> None:
    things, found = _callers(made=made, log_lines=log_lines, **facts)
    assert (len(roots(found, *things)) == 1) is is_symptom


def test_rule_8_words_name_a_broken_service_whose_address_is_hidden() -> None:
    service = build.make("Service", name="store", **DATABASE)
    caller = build.deployment("api", spec={"template": _calling("‹env:1›", "api")})
    pod = unready(caller, "api-1", ago=240)
    words = 'OperationalError: connection to server at "store" (10.0.0.1), port 5432 failed: Connection refused'
    found = [
        failing("ServiceNoEndpoints", service, ago=300, case="nothingSelected"),
        failing("ReadinessProbeFailed", caller, pod, part="app", ago=240, log_lines=(words,)),
    ]
    assert roots(found, service, caller, pod) == ["ServiceNoEndpoints/store"]
    other = replace(found[1], log_lines=(words.replace('"store"', '"store-2"'),))
    assert len(roots([found[0], other], service, caller, pod)) == 2


def test_rule_8_a_caller_that_failed_before_its_database_is_on_its_own() -> None:
    things, found = _callers()
    earlier = failing("CrashLoopBackOff", things[2], things[4], part="app", ago=3600, exitCode=1)
    assert len(roots([found[0], earlier], *things)) == 2


@pytest.mark.parametrize(("changed_ago", "count"), [(400, 1), (100, 2)])
def test_rule_8_a_policy_explains_the_pods_that_it_cut_off_however_late_its_issue_opens(changed_ago: float, count: int) -> None:
    """A container that crashes becomes unready again at each restart, so the issue of its policy opens late."""
    policy = build.make("NetworkPolicy.networking.k8s.io", name="store-in")
    caller = build.deployment()
    found = [
        failing("NetworkPolicyBlocks", policy, ago=10, workloads=[str(ref(caller))], policyChangedAt=build.at(changed_ago)),
        failing("CrashLoopBackOff", caller, ago=300, part="api", exitCode=1),
    ]
    assert len(roots(found, policy, caller)) == count


def test_rule_9_without_a_scheduler_pods_wait_for_it() -> None:
    workload = build.deployment("api", replicas=1, available=0)
    pod = build.pod(name="api-1", owner=workload, phase="Pending", conditions=[], spec={"nodeName": ""})
    scheduler = build.pod(name="kube-scheduler-cp", namespace="kube-system")
    found = [
        failing("ControlPlaneUnhealthy", HERE, scheduler, ago=400, part="kube-scheduler", component="kube-scheduler"),
        failing("SchedulerUnavailable", HERE, pod, ago=300, part="default-scheduler"),
        failing("PodNotReady", workload, pod, ago=300),
        failing("DeploymentReplicasUnavailable", workload, ago=300),
    ]
    assert roots(found, workload, pod, scheduler) == ["ControlPlaneUnhealthy/cluster/kube-scheduler"]
    assert roots(found[1:], workload, pod) == ["SchedulerUnavailable/cluster/default-scheduler"]


@pytest.mark.parametrize(("name", "is_symptom"), [("node-1", True), ("node-2", False)])
def test_rule_9_a_network_plugin_explains_sandboxes_of_its_node(name: str, is_symptom: bool) -> None:
    volumes = [{"name": "cni", "hostPath": {"path": "/etc/cni/net.d"}}]
    plugin = build.make("DaemonSet.apps", name="net", namespace="kube-system", spec={"template": {"spec": {"volumes": volumes}}})
    workload = build.deployment("api")
    broken = unready(plugin, "net-1", on="node-1", namespace="kube-system")
    pod = unready(workload, "api-1", on=name)
    found = [
        failing("CrashLoopBackOff", plugin, broken, part="net", exitCode=1, ago=400),
        failing("FailedCreatePodSandBox", workload, pod, ago=300, cause="network"),
    ]
    assert (len(roots(found, plugin, workload, broken, pod)) == 1) is is_symptom


def test_rule_9_a_workload_lacks_the_pods_whose_sandboxes_its_node_cannot_make() -> None:
    workload, here = build.deployment("api", available=1, replicas=2), node(ready="True")
    pod = unready(workload, "api-1")
    found = [
        failing("FailedCreatePodSandBox", here, pod, ago=300, category="node"),
        failing("DeploymentProgressDeadlineExceeded", workload, ago=100),
    ]
    assert roots(found, workload, here, pod) == ["FailedCreatePodSandBox/node-1"]
    elsewhere = unready(workload, "api-2", on="node-2")
    assert len(roots(found, workload, here, pod, elsewhere)) == 2


def test_rule_10_the_runs_of_a_schedule_are_one_failure() -> None:
    cron = ObjectRef("CronJob.batch", "shop", "nightly")
    job = build.make("Job.batch", name="nightly-1")
    pod = unready(job, "nightly-1-x")
    found = [
        failing("ImagePullBackOff", cron, pod, part="run", cause="notFound", image="r.example/a:1"),
        failing("JobFailed", cron, job, ago=100),
        failing("JobNotCompleted", cron, job, ago=100),
        failing("CronJobMissedSchedule", cron, ago=50),
    ]
    assert roots(found, job, pod) == ["ImagePullBackOff/nightly/run"]


@pytest.mark.parametrize(("case", "count"), [("nameMissing", 1), ("numberUndeclared", 2)])
def test_a_port_by_a_name_that_nobody_has_leaves_no_endpoints(case: str, count: int) -> None:
    service = build.make("Service", name="api")
    found = [
        failing("ServiceNoEndpoints", service, ago=500, case="podsNotReady"),
        failing("ServiceTargetPortMismatch", service, ago=300, case=case),
    ]
    assert len(roots(found, service)) == count


def test_one_missing_object_that_many_name_is_one_failure() -> None:
    workloads = [build.deployment(f"app{number}") for number in range(3)]
    found = [
        failing("CreateContainerConfigError", workloads[0], part="api", ago=90, missingKind="Secret", missingName="db"),
        failing("MissingReference", workloads[0], part="Secret/db", ago=300, kind="Secret", name="db"),
        failing("MissingReference", workloads[1], part="Secret/db", ago=200, kind="Secret", name="db"),
        failing("MissingReference", workloads[2], part="Secret/other", ago=200, kind="Secret", name="other"),
    ]
    assert roots(found, *workloads) == ["CreateContainerConfigError/app0/api", "MissingReference/app2/Secret/other"]


def test_a_cause_of_unknown_age_explains_whatever_came() -> None:
    down, workload = node(), build.deployment("api")
    pod = unready(workload, "api-1", ago=3600)
    found = [
        replace(failing("NodeNotReady", down, ago=0), is_onset_unknown=True),
        failing("ReadinessProbeFailed", workload, pod, part="api", ago=3600),
    ]
    assert roots(found, down, workload, pod) == ["NodeNotReady/node-1"]


@pytest.mark.parametrize(("words", "is_symptom"), [("pods is forbidden: User cannot list", True), ("panic", False)])
def test_a_refused_service_account_explains_only_who_says_so(words: str, is_symptom: bool) -> None:
    workload, account = build.deployment("api"), build.make("ServiceAccount", name="robot")
    pod = unready(workload, "api-1")
    found = [
        failing("RBACForbidden", account, part="list pods", asks="Deployment/shop/api"),
        failing("CrashLoopBackOff", workload, pod, part="api", exitCode=1, log_lines=(words,)),
    ]
    assert (len(roots(found, workload, account, pod)) == 1) is is_symptom


def test_what_only_coincides_stays_apart() -> None:
    """An init container that crashes and a wrong architecture, in two workloads that were changed in the same minute."""
    one, two = build.deployment("one"), build.deployment("two")
    pods = [unready(one, "one-1", ago=100), unready(two, "two-1", ago=100)]
    found = [
        failing("CrashLoopBackOff", one, pods[0], part="init", ago=100, exitCode=1),
        failing("CrashLoopBackOff", two, pods[1], part="app", ago=100, exitCode=1),
        failing("DeploymentReplicasUnavailable", one, ago=99),
        failing("DeploymentReplicasUnavailable", two, ago=99),
    ]
    assert roots(found, one, two, *pods) == ["CrashLoopBackOff/one/init", "CrashLoopBackOff/two/app"]


def test_a_risk_is_neither_cause_nor_symptom() -> None:
    workload = build.deployment("api")
    found = [failing("CrashLoopBackOff", workload, part="api"), failing("RequestsMissing", workload, part="api", category="risk")]
    assert not arranged(found, workload).parent_of


def test_what_a_detector_suspects_is_followed_only_to_the_types_it_names() -> None:
    workload, claim = build.deployment("api"), build.make("PersistentVolumeClaim", name="data")
    for type_, count in (("PersistentVolumeClaimLost", 1), ("StuckFinalizer", 2)):
        suspects = (Suspect(ref(claim), "mounts", frozenset({"PersistentVolumeClaimLost"})),)
        found = [failing(type_, claim, ago=400), failing("CreateContainerError", workload, part="api", suspects=suspects)]
        assert len(roots(found, workload, claim)) == count


def test_findings_of_one_examination_become_failures_by_fingerprint() -> None:
    top = build.deployment(available=0)
    pods = [
        build.pod(build.status(state=build.waiting("ImagePullBackOff", "not found")), name=f"api-{number}", owner=top, phase="Pending")
        for number in range(30)
    ]
    view = build.view_of(top, *pods)
    found = model.of_findings(build.found(top, *pods), "cls_1")
    arrangement = graph.arrange(found, view, now=build.NOON)
    [root] = arrangement.roots(found)
    assert (root.type, len(root.objects)) == ("ImagePullBackOff", model.MAX_OBJECTS)


# --- whatever comes

_TYPES = st.sampled_from(
    [
        "NodeNotReady",
        "CrashLoopBackOff",
        "OOMKilled",
        "ReadinessProbeFailed",
        "FailedScheduling",
        "FailedCreate",
        "ServiceNoEndpoints",
        "WebhookUnavailable",
        "ClusterDNSUnavailable",
        "DeploymentReplicasUnavailable",
        "PersistentVolumeClaimPending",
        "ImagePullBackOff",
        "PodNotReady",
        "NamespaceTerminating",
        "StuckFinalizer",
        "MissingReference",
        "Unheard",
    ]
)
_REFS = st.builds(
    ObjectRef,
    st.sampled_from(["Node", "Deployment.apps", "Service", "Pod", "Namespace"]),
    st.sampled_from(["shop", "kube-system", None]),
    st.sampled_from(["a", "b", "c"]),
)
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "cause": st.sampled_from(["quotaExceeded", "webhookFailed", "notFound", "unreachable", 3, None]),
        "named": st.sampled_from(["a", "b", None, ["x"]]),
        "blockers": st.lists(st.sampled_from(["insufficient:cpu", "taint", "claimUnbound", "cordoned"]), max_size=3),
        "workloads": st.lists(st.sampled_from(["Deployment/shop/a", "Deployment/kube-system/b", "x"]), max_size=3),
        "image": st.sampled_from(["r.example/a:1", "a"]),
        "clauses": st.lists(st.fixed_dictionaries({"blocker": st.just("cordoned"), "nodes": st.sampled_from([1, None])}), max_size=2),
    },
)
_SUSPECTS = st.lists(st.builds(Suspect, _REFS, st.sampled_from(["runs on", "waits for"]), st.just(frozenset[str]())), max_size=2).map(tuple)


@st.composite
def _failures(draw: st.DrawFn) -> list[Failure]:
    found = []
    for number in range(draw(st.integers(0, 12))):
        subject = draw(_REFS)
        shown = tuple(AffectedObject(one, draw(_SUSPECTS)) for one in draw(st.lists(_REFS, min_size=1, max_size=3)))
        made = failing(
            draw(_TYPES), subject, *shown, ago=draw(st.integers(0, 900)), part=draw(st.sampled_from([None, "api"])), **draw(_FACTS)
        )
        found.append(replace(made, key=f"k{number}"))
    return found


_PLACE = build.view_of(
    build.deployment("a"),
    build.deployment("b", namespace="kube-system"),
    node("a"),
    build.make("Service", name="a", spec={"selector": {"app": "a"}}),
)


@examples(150)
@given(_failures(), st.randoms())
def test_any_failures_in_any_order_make_the_same_forest(found: list[Failure], chance: random.Random) -> None:
    with capture_logs() as logged:
        arrangement = graph.arrange(found, _PLACE, now=build.NOON)
    assert not logged, "no rule stumbles"
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert graph.arrange(shuffled, _PLACE, now=build.NOON) == arrangement
    keys = {one.key for one in found}
    for key, link in arrangement.parent_of.items():
        assert key != link.key
        assert {key, link.key, link.via} <= keys
        assert link.key not in arrangement.parent_of, "a parent is a root"


def _many(count: int) -> tuple[list[Failure], list[KubeObject]]:
    """A cluster in which everything is wrong at once: three failures for every workload, a node down for every hundred of them."""
    things: list[KubeObject] = []
    found: list[Failure] = []
    for number in range(count // 3):
        if number % 100 == 0:
            things.append(node(f"node-{number // 100}", ready="Unknown" if number % 300 else "True"))
            found.append(failing("NodeNotReady", things[-1], status="Unknown"))
        name = f"app{number}"
        called = _calling(f"app{number - 1}.shop.svc.cluster.local:80", name)
        workload = build.deployment(name, available=0, spec={"template": called})
        service = build.make("Service", name=name, spec={"selector": {"app": name}})
        pods = [unready(workload, f"{name}-{replica}", on=f"node-{number // 100}") for replica in range(3)]
        things += [workload, service, *pods]
        found += [
            failing("CrashLoopBackOff", workload, *pods, part="app", ago=200 + number % 60, exitCode=1),
            failing("DeploymentReplicasUnavailable", workload, ago=200),
            failing("ServiceNoEndpoints", service, ago=200, case="podsNotReady", workloads=[f"Deployment/shop/{name}"]),
        ]
    return found[:count], things


@pytest.mark.slow
def test_ten_times_the_failures_take_about_ten_times_as_long() -> None:
    few, many = (_arranging_s(count) for count in (200, 2000))
    assert many <= 25 * few, f"200 failures took {few:.3f} CPU s, 2,000 {many:.3f}"


def _arranging_s(count: int) -> float:
    found, things = _many(count)
    view = build.view_of(*things)
    spent = []
    for _ in range(3):
        began = time.process_time()
        graph.arrange(found, view, now=build.NOON)
        spent.append(time.process_time() - began)
    return min(spent)


def test_a_workload_explains_missing_metrics_only_if_the_metrics_api_answers() -> None:
    target = build.deployment("web")
    scaled = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = build.make("HorizontalPodAutoscaler.autoscaling", name="web", spec={"scaleTargetRef": scaled})
    short = failing("DeploymentReplicasUnavailable", target, ago=300)
    for cause, expected in (("metricsMissing", 1), ("requestsMissing", 1), ("metricsUnavailable", 2), ("invalid", 2), ("unknown", 2)):
        assert len(roots([short, failing("HPAScalingInactive", scaler, ago=200, cause=cause)], target, scaler)) == expected, cause


def test_a_workload_whose_pods_a_node_evicted_is_a_symptom_of_the_node() -> None:
    workload, short = build.deployment("web"), node("n1")
    evicted = build.pod(phase="Failed", name="web-1", owner=workload, spec={"nodeName": "n1"}, pod_status={"reason": "Evicted"})
    found = [failing("Evicted", short, evicted, ago=300), failing("DeploymentReplicasUnavailable", workload, ago=200)]
    assert roots(found, workload, short, evicted) == ["Evicted/n1"]


def test_a_caller_of_a_port_that_the_service_does_not_have_is_a_symptom_of_the_service() -> None:
    caller, service = build.deployment("web"), build.make("Service", name="store")
    wrong = failing(
        "ServiceTargetPortMismatch", service, ago=300, case="callersUseAnother", callers=["Deployment/shop/web"], ports=[{"port": 6379}]
    )
    for line, expected in (("dial tcp 10.0.3.7:6379: i/o timeout", 1), ("dial tcp 10.0.3.7:5432: i/o timeout", 2)):
        crash = replace(failing("CrashLoopBackOff", caller, part="web", ago=200, exitCode=1), log_lines=(line,))
        assert len(roots([wrong, crash], caller, service)) == expected, line
