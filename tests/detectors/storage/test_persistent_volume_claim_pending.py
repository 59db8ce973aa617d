import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, event, make, only, owned_by, pod, when

TYPE = "PersistentVolumeClaimPending"
MESSAGE = 'storageclass.storage.k8s.io "fast" not found'


def claim(name: str = "data", phase: str = "Pending", ago: float = 300) -> KubeObject:
    spec = {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return make("PersistentVolumeClaim", name=name, ago=ago, spec=spec, status={"phase": phase})


def user(claimed: str = "data", *others: str, said: str = "", **more: object) -> KubeObject:
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in (claimed, *others)]
    spec = {"volumes": volumes, "nodeName": more.pop("node", "")}
    return pod(phase="Pending", conditions=[condition("PodScheduled", "False", message=said)], spec=spec, **more)  # type: ignore[arg-type]


def storage_class(mode: str) -> KubeObject:
    return make("StorageClass.storage.k8s.io", name="fast", namespace=None, provisioner="example.com/disk", volumeBindingMode=mode)


@pytest.mark.parametrize(
    ("reason", "kind"), [("ProvisioningFailed", "Warning"), ("FailedBinding", "Normal"), ("VolumeMismatch", "Warning")]
)
def test_a_failure_that_an_event_reports(reason: str, kind: str) -> None:
    shown = claim()
    [finding] = only(TYPE, shown, event(shown, reason, MESSAGE, kind=kind))
    assert (finding.since, finding.opens_at) == (when(300), when(240))
    assert finding.title == f"PVC shop/data is pending: {MESSAGE}"
    assert (finding.facts["requestBytes"], finding.facts["storageClassExists"]) == (1024**3, False)


@pytest.mark.parametrize(("named", "why"), [("fast", "no free volume of class fast fits"), ("slow", "StorageClass fast does not exist")])
def test_a_class_whose_volumes_people_create_need_not_exist(named: str, why: str) -> None:
    volume = make("PersistentVolume", name="disk-1", namespace=None, spec={"storageClassName": named, "accessModes": ["ReadWriteOnce"]})
    other = make("StorageClass.storage.k8s.io", name="other", namespace=None, provisioner="example.com/disk")
    [finding] = only(TYPE, claim(), user(), volume, other)
    assert finding.title == f"PVC shop/data is pending: {why}"


def test_a_waiting_pod_is_enough() -> None:
    [finding] = only(TYPE, claim(), user(), storage_class("Immediate"))
    assert finding.severity is Severity.HIGH
    assert finding.expires_at is None


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([claim()], id="nobody uses it and nothing failed"),
        pytest.param([claim(), storage_class("WaitForFirstConsumer")], id="it waits for its first consumer"),
        pytest.param([claim(), user(), storage_class("WaitForFirstConsumer")], id="its consumer has no node yet: the pod has the failure"),
        pytest.param([claim(phase="Bound"), user()], id="bound"),
    ],
)
def test_a_claim_that_waits_rightly_is_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_consumer_with_a_node_makes_waiting_wrong() -> None:
    assert len(only(TYPE, claim(), user(node="node-1"), storage_class("WaitForFirstConsumer"))) == 1


def test_a_scheduler_that_finds_no_volume_makes_waiting_wrong() -> None:
    said = "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind."
    [finding] = only(TYPE, claim(), user(said=said), storage_class("WaitForFirstConsumer"))
    assert [str(suspect.ref) for suspect in finding.suspects] == ["StorageClass/fast"]
    assert only(TYPE, claim(), user("data", "more", said=said), storage_class("WaitForFirstConsumer")) == []  # of two, which?


def test_an_active_external_provisioner_gets_five_minutes() -> None:
    shown = claim(ago=100)
    [finding] = only(TYPE, shown, user(), event(shown, "ExternalProvisioning", "waiting", kind="Normal"))
    assert finding.opens_at == when(100 - 300)


def test_the_claims_of_one_template_are_one_issue() -> None:
    top = make("StatefulSet.apps", name="db", spec={"replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    users = [user(f"data-db-{n}", name=f"db-{n}", meta={"ownerReferences": owned_by(top)}) for n in (0, 1)]
    findings = only(TYPE, top, claim("data-db-0"), claim("data-db-1"), *users)
    assert [str(finding.subject) for finding in findings] == ["StatefulSet/shop/db"] * 2
