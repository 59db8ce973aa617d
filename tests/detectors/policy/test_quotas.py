import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import condition, container, deployment, event, make, only, replica_set, when

TYPE = "ResourceQuotaExceeded"
REFUSED = 'pods "api-1" is forbidden: exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=8, limited: requests.cpu=8'


def quota(hard: dict[str, str], used: dict[str, str], name: str = "compute") -> KubeObject:
    return make("ResourceQuota", name=name, spec={"hard": hard}, status={"hard": hard, "used": used})


def refused(owner: KubeObject, name: str = "api-5d4f9c", message: str = REFUSED, ago: float = 60) -> KubeObject:
    told = condition("ReplicaFailure", reason="FailedCreate", message=message, ago=ago)
    return replica_set(owner, name=name, ready=0, status={"replicas": 0, "conditions": [told]})


def calling(host: str) -> KubeObject:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container(env=[{"name": "CART_ADDR", "value": host}])]}}
    return deployment("web", spec={"template": template})


def test_two_rejected_workloads_are_one_issue_of_the_quota() -> None:
    api, web = deployment("api", available=0), deployment("web", available=1)
    things = [api, web, refused(api), refused(web, name="web-1"), quota({"requests.cpu": "8"}, {"requests.cpu": "8"})]
    findings = only(TYPE, *things)
    assert {str(finding.subject) for finding in findings} == {"ResourceQuota/shop/compute"}
    assert {finding.severity for finding in findings} == {Severity.HIGH}
    assert {finding.opens_at for finding in findings} == {when(60)}
    assert findings[0].facts["limited"] == {"requests.cpu": "8"}
    assert findings[0].title == "ResourceQuota shop/compute is exhausted (requests.cpu): pods are rejected"


def test_a_rejection_below_the_limit_counts_too() -> None:
    api = deployment("api")
    assert len(only(TYPE, api, refused(api), quota({"requests.cpu": "8"}, {"requests.cpu": "7500m"}))) == 1


def test_a_rejected_claim_of_a_stateful_set() -> None:
    db = make("StatefulSet.apps", name="db", spec={"replicas": 1}, status={"replicas": 0})
    text = 'create Claim data-db-0 failed: persistentvolumeclaims "data-db-0" is forbidden: exceeded quota: disk, requested: a=1'
    [finding] = only(TYPE, db, event(db, "FailedCreate", text, ago=40))
    assert str(finding.subject) == "ResourceQuota/shop/disk"
    assert finding.expires_at == when(40 - 1200)


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([quota({"pods": "10"}, {"pods": "10"})], id="full, and nobody is refused"),
        pytest.param(
            [quota({"services": "2"}, {"services": "2"}), calling("cart:80"), make("Service", name="cart")], id="the Service is there"
        ),
        pytest.param([quota({"services": "3"}, {"services": "2"}), calling("cart:80"), make("Service", name="x")], id="room for one more"),
        pytest.param([quota({"services": "2"}, {"services": "2"}), calling("db.example.com:80"), make("Service", name="x")], id="outside"),
        pytest.param([quota({"services": "many"}, {"services": "2"}), calling("cart:80"), make("Service", name="x")], id="unreadable"),
        pytest.param(
            [deployment("api"), refused(deployment("api"), message="violates PodSecurity"), quota({"pods": "1"}, {"pods": "1"})],
            id="refused for another reason",
        ),
    ],
)
def test_a_quota_that_rejects_nothing_is_no_issue(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []


def test_a_full_quota_and_a_missing_service_that_is_called() -> None:
    [finding] = only(TYPE, quota({"services": "2"}, {"services": "2"}), calling("cart:80"), make("Service", name="web"))
    assert (finding.facts["missing"], finding.facts["cause"]) == (["cart"], "nothingLeft")
    assert finding.opens_at == when(3600 - 60)


def test_a_full_quota_and_a_missing_claim_that_is_mounted() -> None:
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    user = deployment("web", spec={"template": {"spec": {"containers": [container()], "volumes": [volume]}}})
    full = quota({"requests.storage": "10Gi"}, {"requests.storage": "10Gi"})
    other = make("PersistentVolumeClaim", name="other", status={"phase": "Bound"})
    [finding] = only(TYPE, full, user, other)
    assert (finding.facts["missingKind"], finding.facts["missing"]) == ("PersistentVolumeClaim", ["data"])


def offering(name: str, ago: float) -> KubeObject:
    spec = {"containers": [container(ports=[{"containerPort": 8080}])]}
    return deployment(name, ago=ago, spec={"template": {"metadata": {"labels": {"app": name}}, "spec": spec}})


def leading_to(name: str) -> KubeObject:
    return make("Service", name=name, spec={"selector": {"app": name}})


FULL = quota({"services": "5"}, {"services": "5"})
SERVED = [one for number in range(5) for one in (offering(f"app{number}", 3600), leading_to(f"app{number}"))]


def test_a_full_quota_and_a_newest_workload_without_a_service() -> None:
    [finding] = only(TYPE, FULL, *SERVED, offering("late", 600))
    assert (finding.facts["missing"], finding.facts["cause"]) == (["late"], "nothingLeft")


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([*SERVED, offering("worker", 3590)], id="it came with the others, and may want none"),
        pytest.param([*SERVED[:8], offering("late", 600)], id="too few others to call it a custom"),
        pytest.param([*SERVED, *(offering(f"worker{number}", 600) for number in range(3))], id="so many do without that it is none"),
        pytest.param([*SERVED, deployment("late", ago=600)], id="it offers no port"),
        pytest.param([*SERVED[:8], offering("late", 600), make("Service", name="all", spec={"selector": {"app": "late"}})], id="led to"),
    ],
)
def test_a_workload_that_may_need_no_service(things: list[KubeObject]) -> None:
    assert only(TYPE, FULL, *things) == []


def test_a_full_quota_and_a_missing_service_of_a_stateful_set() -> None:
    store = make("StatefulSet.apps", name="store", spec={"serviceName": "store", "replicas": 1})
    [finding] = only(TYPE, FULL, store, leading_to("web"))
    assert finding.facts["missing"] == ["store"]
