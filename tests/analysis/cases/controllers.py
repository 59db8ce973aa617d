"""Gated and evicted pods, controllers that do nothing, Ingresses, autoscalers, and objects that report their own failure."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, limited, one_pod, row
from tests.analysis.cluster import (
    World,
    at,
    container,
    deployment,
    ended,
    event,
    node,
    obj,
    pod,
    replica_set,
    service,
    state,
    template,
    waiting,
)

# --- pods


def told_by_pod(type_: str, *, spec: Any = None, status: Any = None, **metadata: Any) -> tuple[World, Explanation]:
    """A Deployment with one pod that shows something by itself."""
    web = deployment()
    failing = pod(web, spec=spec, status=status, metadata=metadata)
    world = World([web, failing, node()])
    return world, world.ask(type_, failing, owner=web)


def conditions(*more: tuple[str, str, str]) -> Any:
    return {"conditions": [{"type": kind, "status": status, "reason": reason, "message": "because"} for kind, status, reason in more]}


@case("scheduling_gated", "api")
def is_held_by_a_gate() -> tuple[World, Explanation]:
    return told_by_pod(
        "SchedulingGated",
        spec={"schedulingGates": [{"name": "queue.test/admission"}]},
        status=conditions(("PodScheduled", "False", "SchedulingGated")),
    )


@case("preempted", "api")
def lost_its_place() -> tuple[World, Explanation]:
    return told_by_pod("Preempted", status={"phase": "Failed"} | conditions(("DisruptionTarget", "True", "PreemptionByScheduler")))


@case("resize_infeasible", "api")
def cannot_be_made_larger() -> tuple[World, Explanation]:
    return told_by_pod("PodResizeInfeasible", status=conditions(("PodResizePending", "True", "Infeasible")))


@case("node_refused_pod", "api")
def was_refused_by_its_node() -> tuple[World, Explanation]:
    return told_by_pod("PodFailed", status={"phase": "Failed", "reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu"})


@case("device_unavailable", "api")
def was_refused_without_a_healthy_device() -> tuple[World, Explanation]:
    words = (
        "Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate unhealthy devices gpu.test/card, which is "
    )
    status = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": f"{words}unexpected"}
    return told_by_pod("PodFailed", status=status)


@case("node_shut_down", "node-1")
def went_with_its_node() -> tuple[World, Explanation]:
    return told_by_pod("PodFailed", status={"phase": "Failed", "reason": "Terminated", "message": "Pod was terminated: node shutdown"})


@case("pod_deadline", "api")
def ran_longer_than_it_may() -> tuple[World, Explanation]:
    return told_by_pod("PodFailed", spec={"activeDeadlineSeconds": 60}, status={"phase": "Failed", "reason": "DeadlineExceeded"})


@case("finalizer_not_removed", "api-1-x")
def does_not_go_for_a_finalizer() -> tuple[World, Explanation]:
    return told_by_pod("PodStuckTerminating", deletionTimestamp=at(20), finalizers=["backup.test/wait"])


@case("containers_not_stopped", "node-1")
def does_not_go_since_nothing_stops_it() -> tuple[World, Explanation]:
    world, _ = told_by_pod("PodStuckTerminating", deletionTimestamp=at(20))
    world.objects.append(event(world.objects[1], "FailedKillPod", "error killing pod: failed to stop container: context deadline exceeded"))
    return world, world.again()


@case("readiness_gate_not_met", "api")
def waits_for_a_load_balancer() -> tuple[World, Explanation]:
    return told_by_pod("PodNotReady", spec={"readinessGates": [{"conditionType": "lb.test/attached"}]})


@case("readiness_gate_not_met", "api", "rolls out behind a readiness gate")
def rolls_out_behind_a_readiness_gate() -> tuple[World, Explanation]:
    progress = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}
    web = deployment(status={"replicas": 1, "conditions": [progress]})
    gate = {"readinessGates": [{"conditionType": "lb.test/attached"}]}
    told = {"containerStatuses": [state(ready=True)]} | conditions(("lb.test/attached", "False", "NoTarget"), ("Ready", "False", ""))
    world = World([web, replica_set(web), pod(replica_set(web), spec=gate, status=told), node()])
    return world, world.ask("DeploymentProgressDeadlineExceeded", web)


@case("lifecycle_hook_failed", "api")
def fails_right_after_its_start() -> tuple[World, Explanation]:
    hooked = container(lifecycle={"postStart": {"exec": {"command": ["/warm-up"]}}})
    told = (("FailedPostStartHook", "PostStartHook failed"),)
    return one_pod("LifecycleHookFailed", state(), spec=hooked, events=told)


@case("init_container_hangs", "api")
def never_gets_past_its_init_container() -> tuple[World, Explanation]:
    web = deployment(of=template(container(), initContainers=[container("migrate")]))
    status = {"phase": "Pending", "initContainerStatuses": [state("migrate")], "containerStatuses": [state(now=waiting("PodInitializing"))]}
    failing = pod(web, status=status | conditions(("Initialized", "False", ""), ("PodScheduled", "True", ""), ("Ready", "False", "")))
    world = World([web, failing, node()])
    return world, world.ask("InitContainerStuck", failing, owner=web, container="migrate")


@case("image_not_on_node", "api")
def must_not_be_pulled() -> tuple[World, Explanation]:
    return one_pod("ErrImageNeverPull", state(now=waiting("ErrImageNeverPull", "image is not present with pull policy of Never")))


@case("image_damaged", "api")
def cannot_be_read() -> tuple[World, Explanation]:
    return one_pod("ImageInspectError", state(now=waiting("ImageInspectError", "failed to inspect image")))


@case("ephemeral_storage_exceeded", "api")
def wrote_too_much() -> tuple[World, Explanation]:
    words = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi."
    return told_by_pod("Evicted", status={"phase": "Failed", "reason": "Evicted", "message": words})


@case("evicted", "api")
def was_evicted_and_nobody_says_why() -> tuple[World, Explanation]:
    return told_by_pod("Evicted", status={"phase": "Failed", "reason": "Evicted", "message": "The pod was evicted."})


STARTUP = {"httpGet": {"path": "/up", "port": 8080}, "periodSeconds": 2, "failureThreshold": 2}


def kept_from_starting(message: str, probe: Any, *, ran_minutes: float = 0.1) -> tuple[World, Explanation]:
    spec = container(startupProbe=probe, ports=[{"containerPort": 8080}])
    status = state(restarts=4, last=ended(137, ran_minutes=ran_minutes))
    told = (("Killing", "Container api failed startup probe, will be restarted"), ("Unhealthy", f"Startup probe failed: {message}"))
    return one_pod("StartupProbeFailed", status, spec=spec, events=told)


@case("startup_probe_wrong", "api")
def has_a_startup_probe_with_a_wrong_path() -> tuple[World, Explanation]:
    return kept_from_starting("HTTP probe failed with statuscode: 404", STARTUP)


@case("startup_probe_too_tight", "api")
def starts_too_slowly() -> tuple[World, Explanation]:
    return kept_from_starting('Get "http://10.0.0.9:8080/up": dial tcp 10.0.0.9:8080: connect: connection refused', STARTUP)


@case("startup_probe_unhealthy", "api")
def starts_and_says_that_it_is_ill() -> tuple[World, Explanation]:
    return kept_from_starting("HTTP probe failed with statuscode: 500", STARTUP)


@case("memory_limit_too_low", "api", "restarts now and then for memory")
def restarts_now_and_then_for_memory() -> tuple[World, Explanation]:
    world, _ = one_pod("OOMKilled", state(ready=True, restarts=6, last=ended(137, "OOMKilled")), spec=limited("128Mi"))
    return world, world.ask("FrequentRestarts", world.objects[2], owner=world.objects[0], container="api")


# --- workloads


def alone(type_: str, api_version: str, kind: str, name: str = "api", **body: Any) -> tuple[World, Explanation]:
    """One object that shows it by itself."""
    namespace = None if kind in ("Namespace", "PersistentVolume", "CustomResourceDefinition", "APIService", "Node") else "orders"
    one = obj(api_version, kind, name, namespace=namespace, **body)
    world = World([one])
    return world, world.ask(type_, one)


@case("rollout_paused", "api")
def is_paused() -> tuple[World, Explanation]:
    return alone("DeploymentPaused", "apps/v1", "Deployment", spec={"paused": True, "template": template()})


@case("controller_not_acting", "api")
def is_not_taken_note_of() -> tuple[World, Explanation]:
    return alone(
        "GenerationMismatch",
        "apps/v1",
        "Deployment",
        metadata={"generation": 7},
        status={"observedGeneration": 6},
        spec={"template": template()},
    )


@case("pods_on_wrong_nodes", "api")
def runs_where_it_should_not() -> tuple[World, Explanation]:
    return alone("DaemonSetMisscheduled", "apps/v1", "DaemonSet", spec={"template": template()}, status={"numberMisscheduled": 2})


@case("update_held_back", "api")
def replaces_pods_only_by_hand() -> tuple[World, Explanation]:
    return alone("StatefulSetUpdateStuck", "apps/v1", "StatefulSet", spec={"updateStrategy": {"type": "OnDelete"}, "template": template()})


@case("scaled_to_zero", "api", "switched off")
def was_switched_off() -> tuple[World, Explanation]:
    return alone("ScaledToZero", "apps/v1", "Deployment", spec={"replicas": 0, "template": template()})


def working(*states: Any) -> tuple[World, Explanation]:
    job = obj("batch/v1", "Job", "report", spec={"template": template()}, status={"active": 1, "startTime": at(900)})
    world = World([job, pod(job, "report-x", ready=True, status={"containerStatuses": list(states)})])
    return world, world.ask("JobNotCompleted", job)


@case("sidecar_keeps_job", "report")
def is_kept_by_its_sidecar() -> tuple[World, Explanation]:
    return working(state("api", now={"terminated": ended(0, "Completed")}), state("proxy"))


row("job_runs_long", "report", "does_not_end", lambda: working(state("api")))


def cron(type_: str, *, status: Any = None, **spec: Any) -> tuple[World, Explanation]:
    spec = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template()}}} | spec
    return alone(type_, "batch/v1", "CronJob", "nightly", spec=spec, status=status or {})


row("schedule_invalid", "nightly", "has_no_schedule_anybody_can_read", lambda: cron("CronJobInvalidSchedule", schedule="every morning"))


@case("suspended", "nightly")
def is_suspended() -> tuple[World, Explanation]:
    return cron("CronJobSuspended", suspend=True)


@case("earlier_run_still_active", "nightly")
def waits_for_its_earlier_run() -> tuple[World, Explanation]:
    return cron("CronJobMissedSchedule", concurrencyPolicy="Forbid", status={"active": [{"name": "nightly-1"}], "lastScheduleTime": at(90)})


# --- nodes and the control plane


def with_condition(type_: str, kind: str) -> tuple[World, Explanation]:
    told = [{"type": "Ready", "status": "True"}, {"type": kind, "status": "True", "reason": "R", "message": "m"}]
    world = World([node(conditions=told)])
    return world, world.ask(type_, world.objects[0])


row("node_pressure", "node-1", "has pressure and is ready", lambda: with_condition("NodeMemoryPressure", "MemoryPressure"))
row("node_network_unavailable", "node-1", "has_no_routes", lambda: with_condition("NodeNetworkUnavailable", "NetworkUnavailable"))
row("node_damaged", "node-1", "has_a_read_only_disk", lambda: with_condition("NodeProblem", "ReadonlyFilesystem"))


@case("node_cordoned", "node-1", "is cordoned")
def is_cordoned() -> tuple[World, Explanation]:
    world = World([node(spec={"unschedulable": True})])
    return world, world.ask("NodeCordoned", world.objects[0])


@case("node_unsteady", "node-1")
def comes_and_goes() -> tuple[World, Explanation]:
    world = World([node()])
    world.objects += [event(world.objects[0], "NodeNotReady", "not ready"), event(world.objects[0], "NodeReady", "ready")]
    return world, world.ask("NodeReadinessFlapping", world.objects[0])


@case("runtime_not_ready", "node-1", "is ready without its runtime")
def is_ready_without_its_runtime() -> tuple[World, Explanation]:
    words = "dial unix /run/containerd/containerd.sock: connect: no such file or directory: transport: Error while dialing"
    web = deployment()
    failing = pod(web, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([node(), web, failing, event(failing, "FailedCreatePodSandBox", words)])
    return world, world.ask("NodeRuntimeFault", world.objects[0])


@case("control_plane_down", "kube-controller-manager")
def has_no_controller_manager() -> tuple[World, Explanation]:
    one = obj("coordination.k8s.io/v1", "Lease", "kube-controller-manager", namespace="kube-system", spec={"renewTime": at(9)})
    world = World([one])
    return world, world.ask("ControlPlaneUnhealthy", one)


@case("dns_unavailable", "api")
def has_no_dns() -> tuple[World, Explanation]:
    web = deployment()
    world = World([web, pod(web)])
    return world, world.ask("ClusterDNSUnavailable", web)


# --- storage


@case("volume_lost", "data")
def lost_its_volume() -> tuple[World, Explanation]:
    return alone("PersistentVolumeClaimLost", "v1", "PersistentVolumeClaim", "data", spec={"volumeName": "pv-1"}, status={"phase": "Lost"})


@case("volume_reclaim_failed", "pv-1")
def could_not_be_freed() -> tuple[World, Explanation]:
    return alone("PersistentVolumeFailed", "v1", "PersistentVolume", "pv-1", status={"phase": "Failed", "message": "driver refuses"})


@case("volume_left_over", "pv-1")
def is_left_over() -> tuple[World, Explanation]:
    return alone(
        "PersistentVolumeReleased", "v1", "PersistentVolume", "pv-1", spec={"claimRef": {"name": "old-data"}}, status={"phase": "Released"}
    )


@case("volume_resize_failed", "data")
def is_not_made_larger() -> tuple[World, Explanation]:
    return alone(
        "VolumeResizeFailed", "v1", "PersistentVolumeClaim", "data", status=conditions(("ControllerResizeError", "True", "Refused"))
    )


@case("pvc_unbound", "api", "names a claim nobody made")
def names_a_claim_nobody_made() -> tuple[World, Explanation]:
    return told_by_pod(
        "PersistentVolumeClaimNotFound",
        spec={"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]},
        status=conditions(("PodScheduled", "False", "Unschedulable")),
    )


@case("pvc_unbound", "api", "names a claim that little quota is left for")
def names_a_claim_that_little_quota_is_left_for() -> tuple[World, Explanation]:
    world, _ = names_a_claim_nobody_made()
    size = {"resources": {"requests": {"storage": "5Gi"}}}
    world.objects += [
        obj("v1", "PersistentVolumeClaim", "archive", spec=size, status={"phase": "Bound"}),
        obj("v1", "ResourceQuota", "storage", status={"hard": {"requests.storage": "12Gi"}, "used": {"requests.storage": "10Gi"}}),
    ]
    return world, world.again()


# --- network


@case("selector_too_broad", "api")
def sends_to_two_workloads() -> tuple[World, Explanation]:
    web, jobs = deployment(), deployment("jobs")
    broad = service()
    world = World([web, jobs, pod(web, ready=True), pod(jobs, "jobs-1", ready=True), broad])
    return world, world.ask("ServiceSelectorTooBroad", broad)


@case("load_balancer_refused", "api")
def gets_no_address() -> tuple[World, Explanation]:
    world, _ = not_balanced()
    world.objects.append(event(world.objects[0], "SyncLoadBalancerFailed", "quota of addresses exceeded"))
    return world, world.again()


@case("load_balancer_refused", "api")
def gets_no_address_of_a_pool() -> tuple[World, Explanation]:
    world = not_balanced()[0].copy()
    world.objects.append(event(world.objects[0], "AllocationFailed", 'Failed to allocate IP for "orders/api": no available IPs'))
    return world, world.again()


@case("load_balancer_unserved", "api")
def not_balanced() -> tuple[World, Explanation]:
    wanted = service(type="LoadBalancer")
    world = World([wanted])
    return world, world.ask("LoadBalancerPending", wanted)


def ingress(*, backend: Any, **spec: Any) -> Any:
    rules = [{"http": {"paths": [{"path": "/", "backend": {"service": backend}}]}}]
    return obj("networking.k8s.io/v1", "Ingress", "front", spec={"rules": rules} | spec)


@case("ingress_backend_missing", "front")
def sends_to_no_service() -> tuple[World, Explanation]:
    front = ingress(backend={"name": "ap1", "port": {"number": 80}})
    world = World([front, service()])
    return world, world.ask("IngressBackendMissing", front)


@case("ingress_backend_missing", "front", "sends to no port")
def sends_to_no_port() -> tuple[World, Explanation]:
    front = ingress(backend={"name": "api", "port": {"number": 8443}})
    world = World([front, service()])
    return world, world.ask("IngressBackendMissing", front)


@case("ingress_class_missing", "front")
def is_served_by_nobody() -> tuple[World, Explanation]:
    front = ingress(backend={"name": "api"}, ingressClassName="ngnix")
    classes = obj("networking.k8s.io/v1", "IngressClass", "nginx", namespace=None)
    world = World([front, classes])
    world.visible |= {"IngressClass.networking.k8s.io"}
    return world, world.ask("IngressClassMissing", front)


@case("tls_secret_missing", "front")
def has_no_certificate() -> tuple[World, Explanation]:
    front = ingress(backend={"name": "api"}, tls=[{"secretName": "front-tls"}])
    world = World([front])
    return world, world.ask("TLSSecretMissing", front, case="controllerComplains", secret="front-tls")


@case("certificate_expiring", "front-tls")
def ends_soon() -> tuple[World, Explanation]:
    one = obj("v1", "Secret", "front-tls")
    world = World([one])
    return world, world.ask("CertificateExpiring", one, notAfter="2026-03-04T00:00:00Z")


@case("certificate_expiring", "front")
def was_not_renewed() -> tuple[World, Explanation]:
    one = obj("cert-manager.io/v1", "Certificate", "front", status=conditions(("Ready", "True", "Ready")))
    world = World([one])
    return world, world.ask("CertificateExpiring", one, secret="front-tls", notAfter="2026-03-04T00:00:00Z")


@case("certificate_not_issued", "front")
def is_not_issued() -> tuple[World, Explanation]:
    return alone("CertificateExpiring", "cert-manager.io/v1", "Certificate", "front", status=conditions(("Ready", "False", "Failed")))


GATEWAYS = "gateway.networking.k8s.io/v1"


@case("gateway_not_programmed", "edge")
def is_not_set_up() -> tuple[World, Explanation]:
    return alone("GatewayNotProgrammed", GATEWAYS, "Gateway", "edge", status=conditions(("Programmed", "False", "Invalid")))


@case("route_not_accepted", "shop")
def is_not_taken_up() -> tuple[World, Explanation]:
    return alone("RouteNotAccepted", GATEWAYS, "HTTPRoute", "shop", status={"parents": [conditions(("ResolvedRefs", "False", "NotFound"))]})


@case("node_missing", "api")
def is_bound_to_a_node_that_nobody_has() -> tuple[World, Explanation]:
    web = obj("apps/v1", "StatefulSet", "api", spec={"replicas": 1, "template": template(nodeName="node-9")}, status={"replicas": 1})
    lost = pod(web, "api-0", node="node-9", status={"phase": "Pending"})
    world = World([web, lost, node()])
    return world, world.ask("PodNotReady", lost, owner=web)


@case("network_policy_blocks", "none-shall-pass")
def lets_nobody_in() -> tuple[World, Explanation]:
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "none-shall-pass", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    world = World([service(), policy])
    return world, world.ask("NetworkPolicyBlocks", world.objects[0])


@case("network_policy_blocks", "clients-only", "omits the label of a caller that is ready")
def lets_in_other_callers() -> tuple[World, Explanation]:
    web = deployment()
    rule = {"from": [{"podSelector": {"matchLabels": {"role": "client"}}}]}
    spec = {"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "clients-only", spec=spec)
    world = World([policy, web, pod(web, ready=True), service()])
    facts = {"workloads": ["Deployment/orders/shop"], "blocked": "Service orders/api", "omits": "require the pod label role=client"}
    return world, world.ask("NetworkPolicyBlocks", policy, **facts)


# --- policy


def scaler(
    type_: str, *extra: Any, condition: tuple[str, str] | None = None, metrics: list[Any] | None = None, **status: Any
) -> tuple[World, Explanation]:
    told = [{"type": condition[0], "status": "False", "reason": "FailedGetResourceMetric", "message": condition[1]}] if condition else []
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    hpa = obj(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "api",
        spec={"scaleTargetRef": target, "maxReplicas": 4} | ({"metrics": metrics} if metrics else {}),
        status={"conditions": told} | status,
    )
    world = World([hpa, *extra])
    return world, world.ask(type_, hpa)


@case("hpa_target_missing", "api")
def scales_nothing() -> tuple[World, Explanation]:
    return scaler("HPAUnableToScale")


@case("hpa_needs_requests", "api")
def lacks_a_request() -> tuple[World, Explanation]:
    return scaler("HPAScalingInactive", deployment(), condition=("ScalingActive", "missing request for cpu in container api"))


@case("metrics_unavailable", "api")
def gets_no_metrics() -> tuple[World, Explanation]:
    words = "unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API"
    return scaler("HPAScalingInactive", deployment(), condition=("ScalingActive", words))


@case("pods_without_metrics", "api")
def scales_pods_that_are_not_measured() -> tuple[World, Explanation]:
    words = "unable to get metrics for resource cpu: no metrics returned from resource metrics API"
    return scaler("HPAScalingInactive", deployment(), condition=("ScalingActive", words))


@case("hpa_misconfigured", "api")
def asks_for_a_metric_of_no_type() -> tuple[World, Explanation]:
    return scaler("HPAScalingInactive", deployment(), condition=("ScalingActive", "the metric source is of no type that is known"))


@case("hpa_limit_reached", "api")
def may_not_grow() -> tuple[World, Explanation]:
    return scaler("HPAMaxedOut", deployment(), desiredReplicas=4, currentReplicas=4)


def used(which: str, percent: int, resource: str = "cpu") -> dict[str, Any]:
    """A metric of the autoscaler: its `target`, or what is `current`."""
    amount = {"averageUtilization": percent} | ({"type": "Utilization"} if which == "target" else {})
    return {"type": "Resource", "resource": {"name": resource, which: amount}}


@case("hpa_limit_reached", "api")
def needs_six_pods_and_may_have_four() -> tuple[World, Explanation]:
    current = [used("current", 118), used("current", 20, "memory")]
    targets = [used("target", 80), used("target", 60, "memory")]
    return scaler("HPAMaxedOut", deployment(), metrics=targets, currentMetrics=current, desiredReplicas=4, currentReplicas=4)


def pdb(type_: str, healthy: int, desired: int) -> tuple[World, Explanation]:
    numbers = {"disruptionsAllowed": 0, "currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": 2}
    return alone(type_, "policy/v1", "PodDisruptionBudget", "api", spec={"minAvailable": desired}, status=numbers)


@case("budget_too_strict", "api")
def lets_no_node_go() -> tuple[World, Explanation]:
    return pdb("PDBBlocksEviction", 2, 2)


@case("budget_too_strict", "api", "the drain of a node waits for it")
def lets_no_node_be_drained() -> tuple[World, Explanation]:
    world, _ = pdb("DrainBlocked", 2, 2)
    return world, world.ask("DrainBlocked", world.objects[0], nodes=["node-1"], pods=["orders/api-1"])


row("too_few_healthy_pods", "api", "has_too_few", lambda: pdb("PDBInsufficientHealthyPods", 0, 1))


@case("webhook_unavailable", "hook", "by its configuration")
def is_served_by_no_service() -> tuple[World, Explanation]:
    hooks = [{"name": "policy.test", "failurePolicy": "Fail", "clientConfig": {"service": {"name": "hook", "namespace": "orders"}}}]
    one = obj("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "policy", namespace=None, webhooks=hooks)
    world = World([one, service()])
    return world, world.ask("WebhookUnavailable", one)


@case("finalizer_not_removed", "team", "a namespace that stays")
def stays_for_a_finalizer() -> tuple[World, Explanation]:
    return alone(
        "NamespaceTerminating",
        "v1",
        "Namespace",
        "team",
        metadata={"deletionTimestamp": at(30)},
        status=conditions(("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain")),
    )


@case("api_group_unavailable", "v1beta1.metrics.k8s.io")
def does_not_answer() -> tuple[World, Explanation]:
    return alone(
        "APIServiceUnavailable",
        "apiregistration.k8s.io/v1",
        "APIService",
        "v1beta1.metrics.k8s.io",
        status=conditions(("Available", "False", "MissingEndpoints")),
    )


@case("definition_not_accepted", "things.test")
def is_not_accepted() -> tuple[World, Explanation]:
    return alone(
        "CRDNotEstablished",
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "things.test",
        status=conditions(("NamesAccepted", "False", "PluralConflict")),
    )


@case("reported_by_controller", "db")
def says_itself_that_it_is_ill() -> tuple[World, Explanation]:
    return alone("CustomResourceNotReady", "stores.test/v1", "Cluster", "db", status=conditions(("Ready", "False", "NoPrimary")))


@case("missing_key", "api")
def refers_to_a_key_that_its_config_map_lacks() -> tuple[World, Explanation]:
    web = deployment(of=template())
    world = World([web, replica_set(web), obj("v1", "ConfigMap", "settings", data={"features.yaml": "a: 1"})])
    return world, world.ask("MissingReference", web, kind="ConfigMap", name="settings", key="features.json", nearest=None)


@case("missing_config_map", "api")
def refers_to_a_key_of_a_config_map_that_does_not_exist() -> tuple[World, Explanation]:
    web = deployment(of=template())
    world = World([web, replica_set(web), obj("v1", "ConfigMap", "setting")])
    return world, world.ask("MissingReference", web, kind="ConfigMap", name="settings", key="features.json", nearest="setting")


@case("service_account_missing", "api")
def names_an_account_nobody_created() -> tuple[World, Explanation]:
    web = deployment(of=template(serviceAccountName="runner"))
    world = World([web, replica_set(web)])
    return world, world.ask("ServiceAccountMissing", web, kind="ServiceAccount", name="runner", key=None, nearest=None)


@case("priority_class_missing", "api")
def names_a_class_nobody_made() -> tuple[World, Explanation]:
    web = deployment(of=template(priorityClassName="urgent"))
    world = World([web, replica_set(web)])
    return world, world.ask("MissingReference", web, kind="PriorityClass", name="urgent", key=None, nearest=None)
