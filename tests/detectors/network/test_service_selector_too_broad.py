import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import deployment, make, only, replica_set, when
from tests.detectors.network.things import server, service

TYPE = "ServiceSelectorTooBroad"
OTHER = {"name": "db", "containerPort": 5432}
JOB = make("Job.batch", name="migrate")


def of(owner: str, *ports: dict[str, object], image: str = "", name: str = "", ready: bool = True, **more: object) -> list[KubeObject]:
    top = deployment(owner)
    between = replica_set(top, name=f"{owner}-1")
    made = server(*ports, name=name or f"{owner}-1-x", owner=between, ready=ready, box={"image": image or f"r.example/{owner}:1"}, **more)
    return [top, between, made]


def run(**box: object) -> list[KubeObject]:
    made = server(name="migrate-x", owner=JOB, ago=400, box={"image": "r.example/tools:1"} | box)
    return [JOB, made]


def test_a_workload_that_does_not_serve_the_port_gets_a_share_of_the_traffic() -> None:
    [finding] = only(TYPE, service(), *of("api"), *of("db", OTHER, ago=900))
    assert (finding.severity, finding.since, finding.opens_at) == (Severity.MEDIUM, when(900), when(600))
    assert finding.title == "Service shop/api also sends traffic to Deployment shop/db, which does not serve it"
    assert (finding.facts["serving"], finding.facts["notServing"]) == (["Deployment/shop/api"], ["Deployment/shop/db"])


def test_a_job_behind_a_service_fails_its_callers() -> None:
    [finding] = only(TYPE, service(), *of("api"), *run(ports=[]))
    assert finding.facts["notServing"] == ["Job/shop/migrate"]


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param([service(), *of("api")], id="one workload"),
        pytest.param([service(), *of("api"), *of("canary")], id="both serve: canary, blue and green"),
        pytest.param([service(), *of("api"), *of("db", OTHER, ready=False)], id="the other is not ready, so it gets nothing"),
        pytest.param([service(), *of("api"), *of("old", OTHER, image="r.example/api:0")], id="the same program in another version"),
        pytest.param([service("api", {"port": 80, "targetPort": "http"}), *of("api"), *of("db", OTHER)], id="a name passes it by"),
        pytest.param([service(clusterIP="None"), *of("api"), *of("db", OTHER)], id="headless"),
        pytest.param([service(), *of("a", OTHER), *of("b", OTHER)], id="nobody serves: another type"),
    ],
)
def test_no_issue(cluster: list[KubeObject]) -> None:
    assert only(TYPE, *cluster) == []
