"""What a component reports is understood alike by the detector that opens the issue and by the analysis that explains it."""

import json
from enum import StrEnum
from typing import Any

import pytest

from optral.analysis.model import Explanation
from optral.kube.reports import cron_jobs, images, load_balancers, runtime
from optral.scan import dump
from optral.scan.detection import IssueFilter, ScanIssue, detect_issues
from optral.scan.explanation import Explainer
from optral.scan.intake import Intake
from tests.analysis.cluster import (
    NOON,
    Json,
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
from tests.kube.test_reports import READERS


def scan(*objects: Json) -> dict[str, tuple[ScanIssue, Explanation]]:
    """Issue type → the issue that a scan of these objects opens, and its explanation."""
    intake = Intake(keep=True)
    dump.take_document(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode(), intake, name="objects")
    intake.settle(NOON)
    explainer = Explainer(intake)
    roots = detect_issues(intake, IssueFilter(within_s=600)).roots
    return {issue.type: (issue, explainer.explain(issue)) for root in roots for issue in (root, *root.symptoms)}


def cause(explanation: Explanation) -> Json:
    assert explanation.root_cause is not None, explanation.summary
    return explanation.root_cause


def remedies(explanation: Explanation) -> str:
    return " ".join(action["title"] for action in explanation.body["recommendedActions"])


@pytest.mark.parametrize(
    ("reason", "message", "remedy"),
    [
        ("SyncLoadBalancerFailed", "Error syncing load balancer: quota exceeded", "Check the quota"),
        ("FailedBuildModel", "Failed build model due to unable to resolve at least one subnet", "Check the quota"),
        ("FailedDeployModel", "Failed deploy model due to AccessDenied", "Check the quota"),
        ("AllocationFailed", 'Failed to allocate IP for "orders/api": no available IPs', "Add addresses to the pool"),
        ("LoadBalancerFailed", "invalid requested loadbalancer IPs: invalid spec.loadBalancerIP", "Add addresses to the pool"),
    ],
)
def test_the_error_of_a_load_balancer_controller_is_the_cause(reason: str, message: str, remedy: str) -> None:
    waits = service(type="LoadBalancer")
    issue, explanation = scan(waits, event(waits, reason, message))["LoadBalancerPending"]
    assert issue.lead.facts["reason"] == reason
    assert cause(explanation)["id"] == "load_balancer_refused"
    assert message in cause(explanation)["explanation"]
    assert remedy in remedies(explanation)
    assert explanation.confidence > 0.9


def test_every_failure_of_a_load_balancer_has_a_remedy() -> None:
    for reason in load_balancers.FAILURES:
        waits = service(type="LoadBalancer")
        assert cause(scan(waits, event(waits, reason, "why"))["LoadBalancerPending"][1])["id"] == "load_balancer_refused"


def scaled(message: str, *pods: Json, reason: str = "FailedGetResourceMetric") -> tuple[ScanIssue, Explanation]:
    """An autoscaler of a Deployment that reports this message."""
    told = [
        {"type": "AbleToScale", "status": "True", "reason": "SucceededGetScale", "lastTransitionTime": at(20)},
        {"type": "ScalingActive", "status": "False", "reason": reason, "message": message, "lastTransitionTime": at(20)},
    ]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 6}
    status = {"conditions": told, "currentReplicas": 1, "desiredReplicas": 1}
    return scan(API, API_1, *pods, obj("autoscaling/v2", "HorizontalPodAutoscaler", "api", spec=spec, status=status))["HPAScalingInactive"]


API = deployment(of=template(container(resources={"requests": {"cpu": "100m"}})))
API_1 = replica_set(API)
RUNNING = pod(API_1, ready=True, status={"containerStatuses": [state(ready=True)]})
CRASHING = pod(
    API_1,
    status={
        "containerStatuses": [state(restarts=9, now=waiting("CrashLoopBackOff"), last=ended(127, "Error", message="sh: srv: not found"))]
    },
)
NO_METRICS = (
    "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: "
    "no metrics returned from resource metrics API"
)
UNREADY = "failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)"


@pytest.mark.parametrize("message", [NO_METRICS, UNREADY])
def test_a_metrics_api_that_answers_is_not_to_be_installed(message: str) -> None:
    issue, explanation = scaled(message, RUNNING)
    assert issue.lead.facts["cause"] == "metricsMissing"
    assert (cause(explanation)["id"], cause(explanation)["subject"]["name"]) == ("pods_without_metrics", "api")
    assert "Install" not in remedies(explanation)
    assert explanation.confidence < 0.9


def test_pods_that_crash_are_why_there_are_no_metrics_of_them() -> None:
    _, explanation = scaled(UNREADY, CRASHING)
    assert cause(explanation)["id"] == "command_not_found"


def test_a_metrics_api_that_does_not_answer_is_to_be_fixed() -> None:
    words = (
        "unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)"
    )
    issue, explanation = scaled(words, RUNNING)
    assert issue.lead.facts["cause"] == "metricsUnavailable"
    assert cause(explanation)["id"] == "metrics_unavailable"


def test_an_external_metric_without_values_is_not_the_fault_of_the_pods() -> None:
    issue, explanation = scaled("no metrics returned from external metrics API", RUNNING, reason="FailedGetExternalMetric")
    assert [suspect.relation for suspect in issue.lead.suspects] == ["reads"]
    assert cause(explanation)["id"] == "hpa_misconfigured"


REJECTED = "the signature validation failed: Source image rejected: A signature was required, but no signature exists"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("SignatureValidationFailed", f"image pull failed for registry.test/team/api:1.4 because {REJECTED}"),
        ("SignatureValidationFailed", ""),
        ("ImagePullBackOff", f'Back-off pulling image "registry.test/team/api:1.4": SignatureValidationFailed: {REJECTED}'),
    ],
)
def test_an_image_whose_signature_is_rejected(reason: str, message: str) -> None:
    waits = pod(API_1, status={"phase": "Pending", "containerStatuses": [state(now=waiting(reason, message))]})
    issue, explanation = scan(API, API_1, waits)["ImagePullBackOff"]
    assert "its signature was rejected" in issue.lead.title
    assert cause(explanation)["id"] == "image_signature_rejected"


def claim(**status: Any) -> Json:
    spec = {"volumeName": "pv-1", "storageClassName": "fast", "resources": {"requests": {"storage": "20Gi"}}}
    return obj("v1", "PersistentVolumeClaim", "data", spec=spec, status={"phase": "Bound", "capacity": {"storage": "20Gi"}} | status)


@pytest.mark.parametrize("status", [{"capacity": {"storage": "10Gi"}}, {"modifyVolumeStatus": {"status": "InProgress"}}])
def test_a_volume_whose_attributes_cannot_be_modified(status: Json) -> None:
    wants = claim(**status)
    issue, explanation = scan(wants, event(wants, "VolumeModifyFailed", 'VAC "gold" does not exist.'))["VolumeResizeFailed"]
    assert 'VAC "gold" does not exist' in issue.lead.title
    assert cause(explanation)["id"] == "volume_resize_failed"
    assert "The attributes of claim `data` were not changed." in cause(explanation)["explanation"]


def test_a_resizer_that_has_given_up() -> None:
    _, explanation = scan(claim(allocatedResourceStatuses={"storage": "ControllerResizeInfeasible"}))["VolumeResizeFailed"]
    assert cause(explanation)["id"] == "volume_resize_failed"
    assert "ControllerResizeInfeasible" in cause(explanation)["explanation"]


def test_a_claim_that_waits_for_the_resizer_of_its_driver_has_not_failed() -> None:
    wants = claim(capacity={"storage": "10Gi"})
    words = "waiting for an external controller to process this PVC"
    failed = event(wants, "VolumeResizeFailed", "driver: no space")
    _, explanation = scan(wants, failed, event(wants, "ExternalExpanding", words, minutes_ago=0.5))["VolumeResizeFailed"]
    assert "driver: no space" in cause(explanation)["explanation"]
    assert "VolumeResizeFailed" not in scan(wants, event(wants, "ExternalExpanding", words))


def cron_job(schedule: str, **spec: Any) -> Json:
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": template()}}} | spec
    return obj(
        "batch/v1", "CronJob", "nightly", spec=spec, status={"lastScheduleTime": at(60 * 26)}, metadata={"creationTimestamp": at(60 * 72)}
    )


@pytest.mark.parametrize(
    ("schedule", "zone", "words"),
    [
        ("every morning", None, "The schedule is invalid."),
        ("0 0 31 2 *", None, "Its date never occurs."),
        ("0 3 * * *", "Europe/Berlim", "Its time zone `Europe/Berlim` is unknown."),
        ("TZ=Europe/Berlim 0 3 * * *", None, "Its time zone `Europe/Berlim` is unknown."),
    ],
)
@pytest.mark.parametrize("reason", sorted(cron_jobs.INVALID_SCHEDULE))
def test_a_cron_job_that_never_runs(schedule: str, zone: str | None, words: str, reason: str) -> None:
    job = cron_job(schedule, **({"timeZone": zone} if zone else {}))
    _, explanation = scan(job, event(job, reason, "rejected"))["CronJobInvalidSchedule"]
    assert cause(explanation)["id"] == "schedule_invalid"
    assert words in cause(explanation)["explanation"]


@pytest.mark.parametrize("reason", sorted(cron_jobs.MISSED))
def test_a_controller_that_reports_a_missed_run_is_believed_whatever_its_version(reason: str) -> None:
    job = cron_job("0 3 * * *", timeZone="UTC")
    _, silent = scan(job)["CronJobMissedSchedule"]
    _, explanation = scan(job, event(job, reason, "too many missed start times"))["CronJobMissedSchedule"]
    assert (cause(silent)["id"], cause(explanation)["id"]) == ("controller_not_acting", "controller_not_acting")
    assert explanation.confidence > silent.confidence


def test_an_api_group_that_cannot_be_parsed_keeps_a_namespace() -> None:
    words = "unexpected GroupVersion string: example.com/v1/beta"
    told = [
        {"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining"},
        {"type": "NamespaceDeletionGroupVersionParsingFailure", "status": "True", "message": words},
    ]
    status = {"phase": "Terminating", "conditions": told}
    gone = obj("v1", "Namespace", "old", namespace=None, metadata={"deletionTimestamp": at(30)}, status=status)
    issue, explanation = scan(gone)["NamespaceTerminating"]
    assert words in issue.lead.title
    assert cause(explanation)["id"] == "api_group_unavailable"
    assert words in cause(explanation)["explanation"]


def broken_node(*conditions: tuple[str, str]) -> Json:
    return node(conditions=[{"type": kind, "status": status, "message": f"{kind} of the monitor"} for kind, status in conditions])


def test_a_condition_that_is_named_after_health_reports_nothing_while_it_is_true() -> None:
    found = scan(broken_node(("Ready", "True"), ("StorageReady", "True"), ("KernelDeadlock", "True")))["NodeProblem"][1]
    assert "Node `node-1` reports `KernelDeadlock`." in cause(found)["explanation"]
    assert "StorageReady" not in json.dumps(found.body)


def test_a_node_whose_only_problem_is_a_health_condition() -> None:
    found = scan(broken_node(("Ready", "True"), ("StorageReady", "False"), ("EtcdIsVoter", "True")))["NodeProblem"][1]
    assert cause(found)["id"] == "node_damaged"
    assert "Node `node-1` reports that `StorageReady` is false." in cause(found)["explanation"]


@pytest.mark.parametrize(("kind", "reason"), [(runtime.Failure, "RunContainerError"), (images.Kind, "ErrImagePull")])
def test_a_container_that_does_not_start_has_a_cause_whatever_the_kubelet_reports(kind: type[StrEnum], reason: str) -> None:
    for message in (message for message in READERS[kind][1] if message != "odd"):
        failing = pod(API, status={"phase": "Pending", "containerStatuses": [state(now=waiting(reason, message))]})
        found = [explanation for _, explanation in scan(API, failing, node()).values()]
        assert all(cause(explanation)["id"] for explanation in found) and found, message


def test_a_certificate_that_its_issuer_does_not_issue_is_explained_by_the_error_of_the_issuer() -> None:
    error = 'The certificate request has failed to complete and will be retried: order is in "invalid" state'
    told = [
        {"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "Issuing certificate as Secret does not exist"},
        {"type": "Issuing", "status": "False", "reason": "Failed", "message": error},
    ]
    front = obj("cert-manager.io/v1", "Certificate", "front", spec={"secretName": "front-tls"}, status={"conditions": told})
    issue, explanation = scan(front)["TLSSecretMissing"]
    assert issue.lead.facts["message"] == error
    assert cause(explanation)["id"] == "certificate_not_issued"
    assert error in cause(explanation)["explanation"]


def test_a_quota_is_not_the_cause_of_what_another_one_with_a_longer_name_rejects() -> None:
    words = 'pods "api-1-x" is forbidden: exceeded quota: {}, requested: pods=1, used: pods=4, limited: pods=4'
    amounts = {"hard": {"pods": "40"}, "used": {"pods": "4"}}
    quotas = [obj("v1", "ResourceQuota", name, spec={"hard": amounts["hard"]}, status=amounts) for name in ("compute", "compute-batch")]
    for rejects, is_named in (("compute", True), ("compute-batch", False)):
        refused = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": words.format(rejects)}
        short = replica_set(API, status={"replicas": 0, "conditions": [refused]})
        world = World([API, short, *quotas])
        found = world.ask("ResourceQuotaExceeded", quotas[0])
        assert (found.root_cause is not None) is is_named


def reported(kind: str, status: str, reason: str, message: str = "") -> Json:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at(30)}


def test_the_listener_and_not_the_gateway_that_repeats_it_says_why_it_is_not_served() -> None:
    repeated = reported("Accepted", "False", "ListenersNotValid", "a listener is not valid")
    why = reported("ResolvedRefs", "False", "InvalidCertificateRef", "Secret edge-tls does not exist")
    status = {"conditions": [repeated], "listeners": [{"name": "https", "conditions": [why]}]}
    edge = obj("gateway.networking.k8s.io/v1", "Gateway", "edge", spec={"gatewayClassName": "public"}, status=status)
    _, explanation = scan(edge)["GatewayNotProgrammed"]
    assert "Secret edge-tls does not exist" in cause(explanation)["explanation"]


def test_a_gateway_whose_state_is_unknown_to_its_controller_is_processed() -> None:
    unknown = reported("Programmed", "Unknown", "AddressNotAssigned", "waiting for an address")
    edge = obj("gateway.networking.k8s.io/v1", "Gateway", "edge", spec={"gatewayClassName": "public"}, status={"conditions": [unknown]})
    _, explanation = scan(edge)["GatewayNotProgrammed"]
    assert "waiting for an address" in cause(explanation)["explanation"]
    assert "No controller" not in cause(explanation)["explanation"]


def test_a_definition_that_is_not_removed_is_not_to_be_corrected() -> None:
    told = reported("Terminating", "True", "InstanceDeletionInProgress", "2 resources remain")
    metadata = {"deletionTimestamp": at(30), "finalizers": ["customresourcecleanup.apiextensions.k8s.io"]}
    status = {"conditions": [told, reported("Established", "True", "InitialNamesAccepted")]}
    gone = obj("apiextensions.k8s.io/v1", "CustomResourceDefinition", "jobs.example.com", namespace=None, metadata=metadata, status=status)
    _, explanation = scan(gone)["CRDNotEstablished"]
    assert cause(explanation)["id"] == "finalizer_not_removed"
    assert "2 resources remain" in cause(explanation)["explanation"]
    assert "Delete the resources of this kind" in remedies(explanation)


@pytest.mark.parametrize("status", ["False", "Unknown"])
def test_an_aggregated_api_that_is_not_known_to_be_available(status: str) -> None:
    told = reported("Available", status, "FailedDiscoveryCheck", "no response from https://10.0.0.9:443")
    api = obj(
        "apiregistration.k8s.io/v1",
        "APIService",
        "v1beta1.metrics.k8s.io",
        namespace=None,
        spec={"service": {"namespace": "kube-system", "name": "metrics-server"}},
        status={"conditions": [told]},
    )
    _, explanation = scan(api)["APIServiceUnavailable"]
    assert cause(explanation)["id"] == "api_group_unavailable"


@pytest.mark.parametrize(
    ("message", "subject", "remedy"),
    [
        ('failed to setup network for sandbox "x": plugin type="calico" failed (add): timeout', "node-1", "Check the network plugin"),
        ("add cmd: failed to assign an IP address to container", "node-1", "Free pod addresses"),
        ('failed to get sandbox runtime: no runtime for "gvisor" is configured', "api", "Install the handler of the RuntimeClass"),
        ('failed to reserve sandbox name "api-1-x": name is reserved for "0a1b"', "node-1", "Delete the pod"),
        ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "node-1", "Check the container runtime on that node"),
    ],
)
def test_a_sandbox_that_cannot_be_created(message: str, subject: str, remedy: str) -> None:
    waits = pod(API_1, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    events = [event(waits, "FailedCreatePodSandBox", f"Failed to create pod sandbox: {message}", minutes_ago=ago) for ago in (1, 3)]
    for number, one in enumerate(events):
        one["metadata"] |= {"uid": f"event-{number}", "name": f"event-{number}"}
    _, explanation = scan(API, API_1, waits, node(), *events)["FailedCreatePodSandBox"]
    assert (cause(explanation)["id"], cause(explanation)["subject"]["name"]) == ("sandbox_failed", subject)
    assert remedy in remedies(explanation)


@pytest.mark.parametrize("message", ["The node was low on resource: [DiskPressure].", "The node had condition: [DiskPressure]."])
def test_an_eviction_names_what_the_node_was_short_of(message: str) -> None:
    gone = pod(API_1, status={"phase": "Failed", "reason": "Evicted", "message": message, "startTime": at(5)})
    issue, explanation = scan(API, API_1, gone, node())["Evicted"]
    assert issue.lead.facts["resource"] == "DiskPressure"
    assert "ran short of `DiskPressure`" in cause(explanation)["explanation"]


def test_an_address_in_a_file_of_a_config_map_is_found_and_its_line_is_named() -> None:
    mounted = container(volumeMounts=[{"name": "config", "mountPath": "/etc/app"}])
    web = deployment(of=template(mounted, volumes=[{"name": "config", "configMap": {"name": "app"}}]))
    file = "# settings\ncache:\n  url: redis://:hunter2@stroe:6379/0\n"
    config = obj("v1", "ConfigMap", "app", data={"app.yaml": file})
    store = service("store", selector={"app": "store"}, ports=[{"port": 6379}])
    _, explanation = scan(web, config, store)["ServiceMissing"]
    found = cause(explanation)
    assert found["id"] == "wrong_dependency_address"
    assert "cache.url names stroe, which does not exist; store does." in explanation.summary
    assert {one["name"]: one["value"] for one in found["facts"]} == {
        "setting": "cache.url", "address": "stroe", "key": "app.yaml", "object": "app", "line": "3",
    }  # fmt: skip
    assert "hunter2" not in str(explanation)
    assert "Correct cache.url in ConfigMap app, key app.yaml, line 3: it should name store; then restart api" in remedies(explanation)
