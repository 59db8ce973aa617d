"""One root each for faults that show in many places; none for faults that only coincide."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs

from optral.detectors.finding import Suspect
from optral.grouping import graph
from optral.grouping.model import AffectedObject, Failure
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from tests.detectors import build
from tests.grouping.graphs import arranged, calling, failing, node, roots, unready
from tests.support.examples import examples

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
    links = arranged([*refused, *short, failing("ResourceQuotaExceeded", quota, ago=220)], quota, *owners_).parent_of
    assert links["FailedCreate/app3"].relation == "is rejected by"
    assert links["DeploymentReplicasUnavailable/app3"].relation == "depends on", "it counts the pods of app3, not those of the quota"
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
        build.deployment(f"app{number}", spec={"template": calling("db.shop.svc.cluster.local", f"app{number}")}) for number in range(4)
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
        called = calling(f"app{number - 1}.shop.svc.cluster.local:80", name)
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


def test_a_caller_of_a_host_whose_mesh_route_is_wrong_is_a_symptom_of_the_route() -> None:
    caller, route = build.deployment("web"), build.make("VirtualService.networking.istio.io", name="store")
    wrong = failing("MeshRouteInvalid", route, ago=300, callers=["Deployment/shop/web"], hosts=["store.shop.svc.cluster.local"])
    for line, expected in (("GET http://store:80/: 503 no healthy upstream", 1), ("GET http://cache:80/: 503 no healthy upstream", 2)):
        crash = replace(failing("CrashLoopBackOff", caller, part="web", ago=200, exitCode=1), log_lines=(line,))
        assert len(roots([wrong, crash], caller, route)) == expected, line


@pytest.mark.parametrize(("is_full", "expected"), [(True, 1), (False, 2)])
def test_a_crash_of_the_workload_that_fills_a_volume_is_a_symptom_of_the_volume(is_full: bool, expected: int) -> None:
    writer, claim = build.deployment("web"), build.make("PersistentVolumeClaim", name="data")
    full = failing("VolumeFillingUp", claim, ago=100, isFull=is_full, usedBy="Deployment/shop/web")
    crash = failing("CrashLoopBackOff", writer, part="web", ago=200, exitCode=1)
    assert len(roots([full, crash], writer, claim)) == expected
