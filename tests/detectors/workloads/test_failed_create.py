import pytest

from optral.kube.objects import KubeObject
from optral.kube.reports import admission
from optral.terms.severity import Severity
from tests.detectors.build import condition, deployment, event, make, only, owned_by, pod, replica_set, status, when

TYPE = "FailedCreate"
QUOTA = (
    'pods "api-5d4f9c-x" is forbidden: exceeded quota: compute, requested: cpu=500m,memory=1Gi, used: cpu=4,memory=6Gi, '
    "limited: cpu=4,memory=6Gi"
)
REFUSED = condition("ReplicaFailure", reason="FailedCreate", message=QUOTA, ago=60)


def refused(owner: KubeObject | None = None, *, replicas: int = 2, have: int = 0, **more: object) -> KubeObject:
    return replica_set(owner, replicas=replicas, ready=have, status={"conditions": [REFUSED], "replicas": have}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "cause", "named"),
    [
        (QUOTA, "quotaExceeded", "compute"),
        ("failed quota: compute: must specify limits.cpu for: api", "limitsRequired", "compute"),
        ("maximum memory usage per Container is 1Gi, but limit is 2Gi", "limitRange", None),
        ('error looking up service account shop/robot: serviceaccount "robot" not found', "serviceAccountMissing", "robot"),
        ('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', "podSecurity", "restricted:latest"),
        ('admission webhook "policy.example" denied the request: no', "webhookDenied", "policy.example"),
        ('Internal error occurred: failed calling webhook "policy.example": context deadline exceeded', "webhookFailed", "policy.example"),
        ("no PriorityClass with name urgent was found", "priorityClassMissing", "urgent"),
        ('pods "api-1-" is forbidden: pod rejected: RuntimeClass "gvisor" not found', "runtimeClassMissing", "gvisor"),
        ("unable to create new content in namespace shop because it is being terminated", "namespaceTerminating", None),
        ("odd", "unknown", None),
    ],
)
def test_reads_the_cause(message: str, cause: str, named: str | None) -> None:
    told = admission.rejection(message)
    assert told == (cause, named)


def test_a_replica_sets_condition_is_reported_on_its_deployment_after_thirty_seconds() -> None:
    top = deployment(available=0)
    [finding] = only(TYPE, top, refused(top))
    assert (str(finding.subject), finding.severity) == ("Deployment/shop/api", Severity.HIGH)
    assert (finding.since, finding.opens_at) == (when(60), when(30))
    assert finding.facts["quota"]["used"] == {"cpu": "4", "memory": "6Gi"}
    assert (finding.facts["wanted"], finding.facts["created"]) == (2, 0)


def test_an_old_revision_that_scales_down_needs_no_pods() -> None:
    top = deployment()
    old = replica_set(top, name="api-a", revision=1, replicas=1, status={"conditions": [REFUSED], "replicas": 2})
    assert only(TYPE, top, old, replica_set(top, name="api-b", revision=2)) == []
    assert only(TYPE, refused(replicas=2, have=2)) == []
    assert only(TYPE, refused(replicas=0)) == []


def daemon_set(*, desired: int = 3, current: int = 2) -> KubeObject:
    return make("DaemonSet.apps", name="agent", status={"desiredNumberScheduled": desired, "currentNumberScheduled": current})


@pytest.mark.parametrize(
    ("controller", "expected"),
    [
        pytest.param(daemon_set(), 1, id="daemon set, short"),
        pytest.param(daemon_set(current=3), 0, id="daemon set, complete: the event is left over"),
        pytest.param(make("StatefulSet.apps", name="db", spec={"replicas": 3}, status={"replicas": 1}), 1, id="stateful set, short"),
        pytest.param(make("StatefulSet.apps", name="db", spec={"replicas": 1}, status={"replicas": 1}), 0, id="stateful set, complete"),
        pytest.param(make("Job.batch", name="report"), 1, id="job without a pod"),
        pytest.param(make("Job.batch", name="report", status={"active": 1}), 0, id="job with an active pod"),
        pytest.param(
            make("Job.batch", name="report", status={"conditions": [{"type": "Complete", "status": "True"}]}), 0, id="job that is done"
        ),
        pytest.param(make("Job.batch", name="report", spec={"suspend": True}), 0, id="job suspended"),
    ],
)
def test_events_count_while_pods_are_short(controller: KubeObject, expected: int) -> None:
    assert len(only(TYPE, controller, event(controller, "FailedCreate", QUOTA, ago=60))) == expected


def test_a_pod_created_after_the_rejection_ends_it() -> None:
    controller = daemon_set()
    told = event(controller, "FailedCreate", 'error looking up service account shop/robot: serviceaccount "robot" not found', ago=60)
    later = pod(status(), meta={"ownerReferences": owned_by(controller)}, ago=30)
    assert only(TYPE, controller, told, later) == []


def test_a_rejection_of_twenty_minutes_ago_does_not_count() -> None:
    controller = daemon_set()
    assert only(TYPE, controller, event(controller, "FailedCreate", QUOTA, ago=1201)) == []


def test_the_newest_event_tells_more_than_the_condition_that_keeps_the_first_rejection() -> None:
    top = deployment(available=0)
    revision = refused(top)
    denied = event(revision, "FailedCreate", 'Error creating: admission webhook "policy.example" denied the request: no', ago=10)
    [finding] = only(TYPE, top, revision, denied)
    assert (finding.facts["cause"], finding.facts["named"], finding.since) == ("webhookDenied", "policy.example", when(60))
    [before] = only(TYPE, top, revision, event(revision, "FailedCreate", "odd", ago=90))
    assert before.facts["cause"] == "quotaExceeded"
