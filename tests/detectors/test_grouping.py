"""One root each for faults that show in many places; none for faults that only coincide."""

import random
from collections.abc import Sequence
from typing import Any

from optral.detectors import grouping
from optral.detectors.ailments import Ailment, Arrangement, Shown
from optral.detectors.finding import Suspect
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.detectors import build

HERE = ObjectRef("Cluster", None, "cluster")


def ref(thing: KubeObject | ObjectRef) -> ObjectRef:
    return thing if isinstance(thing, ObjectRef) else owners.ref(thing)


def ailing(
    type: str,
    subject: KubeObject | ObjectRef,
    *shown: KubeObject | Shown,
    ago: float = 300,
    part: str | None = None,
    category: str = "workload",
    suspects: tuple[Suspect, ...] = (),
    heard: tuple[str, ...] = (),
    **facts: Any,
) -> Ailment:
    """An ailment that began `ago` seconds before noon; its key is readable: type, subject and part."""
    about = ref(subject)
    objects = [one if isinstance(one, Shown) else Shown(ref(one), suspects) for one in shown] or [Shown(about, suspects)]
    return Ailment(
        key="/".join([type, about.name, *([part] if part else [])]),
        type=type,
        subject=about,
        part=part,
        shown=tuple(objects),
        since=build.when(ago),
        severity=Severity.HIGH,
        category=category,
        facts=facts,
        heard=heard,
    )


def arranged(found: Sequence[Ailment], *things: KubeObject) -> Arrangement:
    """Grouped, and the same in every order that is tried."""
    view = build.view_of(*things)
    arrangement = grouping.arrange(found, view, now=build.NOON)
    for seed in range(3):
        shuffled = list(found)
        random.Random(seed).shuffle(shuffled)
        assert grouping.arrange(shuffled, view, now=build.NOON) == arrangement
    return arrangement


def roots(found: Sequence[Ailment], *things: KubeObject) -> list[str]:
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
    things, found = [down], [ailing("NodeNotReady", down, ago=300)]
    for number in range(40):
        name = f"app{number}"
        workload = build.deployment(name, replicas=1, available=0)
        pod = unready(workload, f"{name}-1", ago=299)
        service = build.make("Service", name=name)
        things += [workload, pod, service]
        found += [
            ailing("DeploymentReplicasUnavailable", workload, ago=299),
            ailing("ServiceNoEndpoints", service, ago=290, case="podsNotReady", workloads=[f"Deployment/shop/{name}"]),
        ]
        if number % 2:
            found.append(ailing("PodStuckTerminating", down, pod, ago=10) if number == 1 else ailing("PodNotReady", workload, pod, ago=299))
    replacement = build.pod(phase="Pending", name="app0-2", owner=things[1], spec={"nodeName": ""})
    found.append(ailing("FailedScheduling", things[1], replacement, ago=20, blockers=["taint:node.kubernetes.io/unreachable"]))
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
        ailing("CrashLoopBackOff", workload, *pods[:20], part="api", ago=60, exitCode=1),
        ailing("OOMKilled", workload, *pods[20:], part="api", ago=100),
        ailing("DeploymentProgressDeadlineExceeded", workload, ago=10),
        ailing("DeploymentReplicasUnavailable", workload, ago=600),
        ailing("ServiceNoEndpoints", service, ago=300, case="podsNotReady", workloads=["Deployment/shop/api"]),
        ailing("PDBInsufficientHealthyPods", budget, ago=300),
        ailing("HPAScalingInactive", scaler, ago=200),
    ]
    assert roots(found, workload, *pods, service, budget, scaler) == ["OOMKilled/api/api"]


def test_an_exhausted_quota_is_one_root() -> None:
    quota = build.make("ResourceQuota", name="compute")
    owners_ = [build.deployment(f"app{number}") for number in range(5)]
    refused = [ailing("FailedCreate", one, ago=200 - place, cause="quotaExceeded", named="compute") for place, one in enumerate(owners_)]
    short = [ailing("DeploymentReplicasUnavailable", one, ago=150) for one in owners_]
    assert roots([*refused, *short, ailing("ResourceQuotaExceeded", quota, ago=220)], quota, *owners_) == ["ResourceQuotaExceeded/compute"]
    assert roots([*refused, *short], *owners_) == ["FailedCreate/app0"], "a quota that nobody may see: the first speaks for all"


def test_dead_dns_is_one_root() -> None:
    coredns = build.deployment("coredns", namespace="kube-system", available=0, meta={"labels": {"k8s-app": "kube-dns"}})
    pod = unready(coredns, "coredns-1", namespace="kube-system")
    service = build.make("Service", name="kube-dns", namespace="kube-system")
    callers = [
        build.deployment(f"app{number}", spec={"template": _calling("db.shop.svc.cluster.local", f"app{number}")}) for number in range(4)
    ]
    pods = [unready(one, f"{one.name}-1", ago=200) for one in callers]
    found = [
        ailing("CrashLoopBackOff", coredns, pod, part="coredns", ago=300, exitCode=1),
        ailing("ClusterDNSUnavailable", service, ago=280),
        ailing("DeploymentReplicasUnavailable", coredns, ago=290),
        ailing("ServiceNoEndpoints", service, ago=280, case="podsNotReady", workloads=["Deployment/kube-system/coredns"]),
        *(ailing("CrashLoopBackOff", one, two, part="app", ago=200, exitCode=1) for one, two in zip(callers, pods, strict=True)),
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
    refused = [ailing("FailedCreate", one, ago=100, cause="webhookFailed", named="check.policies.example") for one in workloads]
    found = [ailing("WebhookUnavailable", configuration, ago=120), *refused]
    assert roots(found, configuration, *workloads) == ["WebhookUnavailable/policies"]
    behind = [
        ailing("ServiceNoEndpoints", service, ago=150, case="podsNotReady", workloads=["Deployment/policy/hook"]),
        ailing("CrashLoopBackOff", hook, ago=200, part="hook", exitCode=1),
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
        ailing("WebhookUnavailable", configuration, ago=300),
        ailing("FailedCreate", hook, ago=280, cause="webhookFailed", named="check.example"),
        ailing("ServiceNoEndpoints", service, ago=290, case="podsMissing", workloads=["Deployment/policy/hook"]),
        ailing("DeploymentReplicasUnavailable", hook, ago=290),
    ]
    assert roots(found, configuration, hook, service) == ["WebhookUnavailable/policies"]


def _calling(address: str, name: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "env": [{"name": "UPSTREAM", "value": address}]}]},
    }
