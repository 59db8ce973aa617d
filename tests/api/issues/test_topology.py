"""The topology of an issue over HTTP: the objects around it, what each caller may see, and at what cost."""

import json
from typing import Any

import pytest

from optral.analysis.topology.topology import MAX_SHOWN
from optral.kube.changes import ObjectChange
from optral.resources import repository
from tests.api.conftest import Api
from tests.api.seeds import finding, observe, report
from tests.support.objects import change, reference

POD = "api-7d4f8b9c6-xk2lm"
LABELS = {"app": "api"}


def reported(kind: str, name: str, *, namespace: str = "shop", owner: tuple[str, str] | None = None, **body: Any) -> ObjectChange:
    above = reference(f"{owner[0]}.apps", owner[1], f"uid-{namespace}-{owner[1]}") if owner else None
    return change(kind, name, namespace=namespace, uid=f"uid-{namespace}-{name}", owner=above, **body)


def pod(name: str, *, is_running: bool = True, namespace: str = "shop") -> ObjectChange:
    phase = "Running" if is_running else "Pending"
    return reported(
        "Pod", name, namespace=namespace, owner=("ReplicaSet", "api-7d4f8b9c6"), spec={"nodeName": "node-1"}, status={"phase": phase}
    )


def workload(namespace: str = "shop") -> list[ObjectChange]:
    spec = {"replicas": 1, "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "app", "image": "x"}]}}}
    return [
        reported("Deployment.apps", "api", namespace=namespace, spec=spec),
        reported("ReplicaSet.apps", "api-7d4f8b9c6", namespace=namespace, owner=("Deployment", "api"), spec=spec),
        reported("Service", "api-svc", namespace=namespace, spec={"selector": LABELS, "ports": [{"port": 80}]}),
    ]


@pytest.fixture
async def cluster(api: Api) -> str:
    return await api.new_cluster("production")


@pytest.fixture
async def issue(api: Api, cluster: str) -> str:
    await report(api, cluster, *workload(), pod(POD, is_running=False), pod("api-7d4f8b9c6-well"))
    await observe(api, cluster, finding("api", api=api))
    return str((await api.get("/v1/issues")).json()["issues"][0]["id"])


async def test_gives_nodes_in_layers_and_edges_between_them(api: Api, issue: str) -> None:
    answer = (await api.get(f"/v1/issues/{issue}/topology")).json()
    nodes = {one["id"]: one for one in answer["nodes"]}
    assert [(one["name"], one["layer"]) for one in answer["nodes"]] == [
        ("api-svc", "service"),
        ("api", "workload"),
        (POD, "pod"),
        ("api-7d4f8b9c6-well", "pod"),
        ("node-1", "dependency"),
    ]
    subject = nodes["Deployment.apps/shop/api"]
    assert subject["isSubject"] and subject["issue"] == {"id": issue, "severity": "critical"}
    found = (await api.get(f"/v1/resources/{subject['resourceId']}")).json()
    assert (found["kind"], found["name"]) == ("Deployment", "api")
    assert {"source": "Service/shop/api-svc", "target": "Deployment.apps/shop/api", "relation": "selects", "broken": False} in answer[
        "edges"
    ]
    assert answer["notPermitted"] == 0 and answer["leftOut"] == []


async def test_a_key_that_may_not_read_resources_sees_what_the_issue_names(api: Api, issue: str) -> None:
    key = await api.new_key(scopes={"issues:read"})
    answer = (await api.get(f"/v1/issues/{issue}/topology", key=key)).json()
    assert [one["name"] for one in answer["nodes"]] == ["api", POD]
    assert answer["notPermitted"] == 3
    assert "api-svc" not in json.dumps(answer) and "node-1" not in json.dumps(answer)


async def test_another_organisation_and_a_key_of_another_cluster_find_nothing(api: Api, issue: str) -> None:
    elsewhere = await api.new_cluster("elsewhere")
    key = await api.new_key(scopes={"issues:read", "resources:read"}, clusters={elsewhere})
    assert (await api.get(f"/v1/issues/{issue}/topology", key=key)).status_code == 404
    assert (await api.get("/v1/issues/iss_01jd3q4m6ve5jt8cmykq3rzm0a/topology")).status_code == 404


async def test_costs_the_same_in_a_large_cluster(api: Api, issue: str, cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    unpacked = repository.unpacked
    monkeypatch.setattr(repository, "unpacked", lambda *given: read.append(given) or unpacked(*given))

    async def cost() -> int:
        read.clear()
        assert (await api.get(f"/v1/issues/{issue}/topology")).status_code == 200
        return len(read)

    small = await cost()
    await report(api, cluster, *(pod(f"api-7d4f8b9c6-{n:04}") for n in range(300)))
    for namespace in ("a", "b", "c"):
        await report(api, cluster, *workload(namespace), *(pod(f"p-{n}", namespace=namespace) for n in range(50)))
    large = await cost()
    assert large <= small + 2 * MAX_SHOWN, "the pods that are shown, and nothing of other namespaces"
    answer = (await api.get(f"/v1/issues/{issue}/topology")).json()
    assert answer["leftOut"] == [{"beside": "Deployment.apps/shop/api", "kind": "Pod", "relation": "runs", "count": 296}]
    assert next(one["name"] for one in answer["nodes"] if one["layer"] == "pod") == POD
