from typing import Any

import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import (
    condition,
    container,
    deployment,
    event,
    found,
    make,
    only,
    owned_by,
    pod,
    replica_set,
    status,
    waiting,
    when,
)

TYPE = "MissingReference"
ENV = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]


def api(*, env: list[dict[str, Any]] | None = None, spec: dict[str, Any] | None = None, **more: Any) -> KubeObject:
    template = {"spec": {"containers": [container(env=env or [])]} | (spec or {})}
    return deployment(spec={"template": template} | more.pop("workload", {}), **more)


def settings(name: str = "settings", **data: str) -> KubeObject:
    return make("ConfigMap", name=name, data=data or {"mode": "[redacted:configmap-4:1]"})


OTHER = settings("setings")


@pytest.mark.parametrize(
    ("shown", "others", "part"),
    [
        pytest.param(api(env=ENV), [OTHER], "ConfigMap/settings/mode", id="a ConfigMap in a variable"),
        pytest.param(api(env=ENV), [settings(level="x")], "ConfigMap/settings/mode", id="a key of a ConfigMap"),
        pytest.param(
            api(spec={"volumes": [{"name": "v", "configMap": {"name": "settings"}}]}), [OTHER], "ConfigMap/settings", id="a volume"
        ),
        pytest.param(
            api(spec={"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "settings"}}]}}]}),
            [OTHER],
            "ConfigMap/settings",
            id="a projected volume",
        ),
        pytest.param(
            api(spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}),
            [make("PersistentVolumeClaim", name="x", status={"phase": "Bound"})],
            "PersistentVolumeClaim/data",
            id="a claim",
        ),
        pytest.param(
            api(spec={"priorityClassName": "urgent"}),
            [make("PriorityClass.scheduling.k8s.io", name="calm", namespace=None)],
            "PriorityClass/urgent",
            id="a priority class",
        ),
        pytest.param(
            make("StatefulSet.apps", name="db", spec={"serviceName": "db"}), [make("Service", name="x")], "Service/db", id="a set's Service"
        ),
    ],
)
def test_a_template_that_refers_to_a_missing_object(shown: KubeObject, others: list[KubeObject], part: str) -> None:
    [finding] = only(TYPE, shown, *others)
    assert (finding.part, finding.subject.name) == (part, shown.name)
    assert (finding.since, finding.opens_at) == (when(3600), when(3600 - 120))


def test_a_similar_name_is_suggested() -> None:
    [finding] = only(TYPE, api(env=ENV), OTHER)
    assert finding.facts["nearest"] == "setings"
    assert finding.severity is Severity.MEDIUM
    assert finding.title == "Deployment shop/api refers to ConfigMap shop/settings, which does not exist: its next pod will not start"


def test_a_stateful_set_starts_without_its_service() -> None:
    shown = make("StatefulSet.apps", name="db", spec={"serviceName": "db"})
    [finding] = only(TYPE, shown, make("Service", name="x"))
    assert finding.title == "StatefulSet shop/db refers to Service shop/db, which does not exist: its pods get no stable DNS names"


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([api(env=ENV), settings()], id="it is there"),
        pytest.param([api(env=ENV)], id="ConfigMaps have not been seen"),
        pytest.param(
            [api(env=[{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode", "optional": True}}}]), OTHER],
            id="optional",
        ),
        pytest.param([api(env=ENV, replicas=0, available=0), OTHER], id="scaled to zero"),
        pytest.param([api(spec={"volumes": [{"name": "v", "configMap": {"name": "kube-root-ca.crt"}}]}), OTHER], id="made by the kubelet"),
        pytest.param(
            [api(env=[{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]), OTHER], id="Secrets are never seen"
        ),
        pytest.param([api(env=ENV, meta={"deletionTimestamp": "2026-03-02T11:59:00Z"}), OTHER], id="going away"),
        pytest.param(
            [api(env=ENV), OTHER, make("Namespace", name="shop", namespace=None, meta={"deletionTimestamp": "2026-03-02T11:59:00Z"})],
            id="its namespace goes away",
        ),
    ],
)
def test_references_that_are_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_pod_that_already_shows_it_is_the_only_issue() -> None:
    top = api(env=ENV)
    revision = replica_set(top)
    stuck = pod(
        status(state=waiting("CreateContainerConfigError", 'configmap "settings" not found')),
        phase="Pending",
        owner=revision,
        conditions=[condition("Ready", "False")],
    )
    assert {finding.type for finding in found(top, revision, stuck, OTHER)} & {TYPE, "CreateContainerConfigError"} == {
        "CreateContainerConfigError"
    }
    mounting = pod(status(state=waiting("ContainerCreating")), phase="Pending", owner=revision, conditions=[condition("Ready", "False")])
    said = event(mounting, "FailedMount", 'configmap "settings" not found', times=3)
    assert only(TYPE, top, revision, mounting, said, OTHER) == []


def test_cron_jobs_are_checked_too() -> None:
    template = {"spec": {"template": {"spec": {"containers": [container(env=ENV)]}}}}
    shown = make("CronJob.batch", name="report", spec={"jobTemplate": template, "schedule": "* * * * *"})
    assert len(only(TYPE, shown, OTHER)) == 1


FAST = make("StorageClass.storage.k8s.io", name="fast", namespace=None)


def stored(replicas: int = 2) -> KubeObject:
    """A StatefulSet whose claims name the StorageClass `by-hand`."""
    template = {"metadata": {"name": "data"}, "spec": {"storageClassName": "by-hand"}}
    return make("StatefulSet.apps", name="db", spec={"replicas": replicas, "volumeClaimTemplates": [template]})


def claim(ordinal: int, phase: str = "Bound") -> KubeObject:
    return make("PersistentVolumeClaim", name=f"data-db-{ordinal}", spec={"storageClassName": "by-hand"}, status={"phase": phase})


def volume(storage_class: str) -> KubeObject:
    return make("PersistentVolume", name="disk-1", namespace=None, spec={"storageClassName": storage_class})


@pytest.mark.parametrize(
    ("others", "is_missing"),
    [
        pytest.param([], True, id="nothing provides volumes"),
        pytest.param([volume("by-hand")], False, id="a volume names the class"),
        pytest.param([volume("fast")], True, id="a volume of another class"),
        pytest.param([claim(0), claim(1)], False, id="every claim is bound"),
        pytest.param([claim(0), claim(1, "Pending")], True, id="a claim waits"),
        pytest.param([claim(0)], True, id="the claim of a replica is missing"),
    ],
)
def test_a_storage_class_need_not_exist_for_volumes_that_are_bound_by_hand(others: list[KubeObject], is_missing: bool) -> None:
    parts = [finding.part for finding in only(TYPE, stored(), FAST, *others)]
    assert parts == (["StorageClass/by-hand"] if is_missing else [])


ROBOT = api(spec={"serviceAccountName": "robot"})
DEFAULT = make("ServiceAccount", name="default")


def test_a_missing_account_is_reported_before_pods_are_rejected() -> None:
    [finding] = only("ServiceAccountMissing", ROBOT, DEFAULT)
    assert (finding.part, finding.severity) == ("ServiceAccount/robot", Severity.HIGH)
    assert only("ServiceAccountMissing", ROBOT, DEFAULT, make("ServiceAccount", name="robot")) == []
    assert only("ServiceAccountMissing", ROBOT) == []


def test_once_pods_are_rejected_that_is_the_only_issue() -> None:
    message = 'error looking up service account shop/robot: serviceaccount "robot" not found'
    told = condition("ReplicaFailure", reason="FailedCreate", message=message)
    refused = replica_set(ROBOT, ready=0, status={"replicas": 0, "conditions": [told]})
    types = {finding.type for finding in found(ROBOT, refused, DEFAULT)}
    assert "FailedCreate" in types
    assert "ServiceAccountMissing" not in types


def test_runs_of_a_cron_job_are_not_reported_again() -> None:
    template = {"template": {"spec": {"containers": [container(env=ENV)]}}}
    cron = make("CronJob.batch", name="report", spec={"jobTemplate": {"spec": template}})
    run = make("Job.batch", name="report-1", meta={"ownerReferences": owned_by(cron)}, spec=template)
    assert [finding.subject.short_kind for finding in only(TYPE, cron, run, OTHER)] == ["CronJob"]
