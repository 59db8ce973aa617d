"""`GET /v1/resources?q=`: every key of the search language finds what it names, on both databases, and errors tell where they are."""

from typing import Any

from optral.resources import query
from optral.terms.actor import Role
from tests.api.accounts import member, signed_in
from tests.api.conftest import Api
from tests.api.seeds import objects

CRASHES = {"phase": "Running", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
RUNS = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


async def seeded(api: Api) -> None:
    """Pods `web` (fails, on node-1), `test-web` (on node-2) and `other` (another cluster, on node-1), a Deployment, two Nodes."""
    prod, edge = await api.new_cluster("prod-1"), await api.new_cluster("edge")
    await objects(api, prod, "web", status=CRASHES, spec={"nodeName": "node-1"})
    await objects(api, prod, "test-web", status=RUNS, spec={"nodeName": "node-2"})
    await objects(api, edge, "other", status=RUNS, spec={"nodeName": "node-1"})
    await objects(api, prod, "shop-api", kind="Deployment.apps")
    for cluster in (prod, edge):
        await objects(api, cluster, "node-1", kind="Node", namespace="")


EVERY = ["node-1", "node-1", "other", "shop-api", "test-web", "web"]
PODS = ["other", "test-web", "web"]
FOUND: list[tuple[str, list[str]]] = [
    ("", EVERY),
    ("web", ["test-web", "web"]),
    ("WEB", ["test-web", "web"]),
    ("-web", ["node-1", "node-1", "other", "shop-api"]),
    ("kind:Pod", PODS),
    ("kind:Pod,Deployment", ["other", "shop-api", "test-web", "web"]),
    ("kind:Deployment.apps", ["shop-api"]),
    ("kind:deploy*", ["shop-api"]),
    ("-kind:Pod,Node", ["shop-api"]),
    ("-kind:Deployment", ["node-1", "node-1", *PODS]),
    ("-kind:Deploy", EVERY),
    ("kind:Pod kind:Node", []),
    ("cluster:edge", ["node-1", "other"]),
    ("cluster:prod-*", ["node-1", "shop-api", "test-web", "web"]),
    ("-cluster:edge", ["node-1", "shop-api", "test-web", "web"]),
    ("cluster:nowhere", []),
    ("ns:shop", ["other", "shop-api", "test-web", "web"]),
    ("ns:none", ["node-1", "node-1"]),
    ("-ns:sh*", ["node-1", "node-1"]),
    ("name:web", ["web"]),
    ("name:web,other", ["other", "web"]),
    ("kind:Pod -name:test*", ["other", "web"]),
    ("owner:none", EVERY),
    ("-owner:none", []),
    ("node:node-1", ["other", "web"]),
    ("node:node-1 cluster:edge", ["other"]),
    ("node:node-1 state:failing", ["web"]),
    ("node:nothing", []),
    ("status:CrashLoopBackOff", ["web"]),
    ("status:crash*", ["web"]),
    ("kind:Pod -status:Crash*", ["other", "test-web"]),
    ("state:failing", ["web"]),
    ("kind:Pod -state:failing", ["other", "test-web"]),
    ("state:failing -state:failing", []),
    ("-state:failing,pending,healthy", []),
    ("label:app=web", ["web"]),
    ("label:app=*web", ["test-web", "web"]),
    ("kind:Pod label:app", PODS),
    ("kind:Pod -label:app=web", ["other", "test-web"]),
    ("kind:Pod ns:shop state:failing label:app=web node:node-1 -name:test*", ["web"]),
]


def test_each_key_is_searched_for() -> None:
    assert {term.key for text, _ in FOUND for term in query.read(text)} - {""} == {key.name for key in query.KEYS}


async def test_each_query_finds_what_it_names(api: Api) -> None:
    await seeded(api)
    wrong: dict[str, Any] = {}
    for text, names in FOUND:
        params = {"q": text} if text else {}
        for sort in ("name", "status"):
            listed = (await api.get("/v1/resources", params=params | {"sort": sort})).json()
            counted = (await api.get("/v1/resources/counts", params=params)).json()["total"]
            found = sorted(one["name"] for one in listed["resources"])
            if (found, listed["total"], counted) != (names, len(names), len(names)):
                wrong[text] = (found, listed["total"], counted)
    assert not wrong


async def test_a_query_and_parameters_must_both_match(api: Api) -> None:
    await seeded(api)
    for address, names in {
        "?kind=Pod&q=kind:Node": [],
        "?cluster=edge&q=kind:Pod": ["other"],
        "?cluster=edge&q=cluster:prod-1": [],
        "?state=failing,healthy&q=-state:failing kind:Pod": ["other", "test-web"],
        "?label=app:web&q=label:app=other": [],
    }.items():
        listed = (await api.get(f"/v1/resources{address}")).json()["resources"]
        assert sorted(one["name"] for one in listed) == names, address


async def test_an_error_tells_where_and_names_the_nearest_key(api: Api) -> None:
    answer = await api.get("/v1/resources", params={"q": "ns:shop stat:failing"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
    message = "invalid query at character 9: there is no key stat (did you mean state?); put text with a colon in quotation marks"
    assert answer.json()["errors"] == [{"field": "q", "code": "bad_query", "message": message}]


async def test_a_node_that_many_clusters_have_needs_a_cluster(api: Api) -> None:
    for number in range(5):
        cluster = await api.new_cluster(f"edge-{number}")
        await objects(api, cluster, "node-1", kind="Node", namespace="")
        await objects(api, cluster, f"web-{number}", spec={"nodeName": "node-1"})
    answer = await api.get("/v1/resources", params={"q": "node:node-1"})
    assert answer.status_code == 400
    assert "more than 4 clusters have a node node-1; add cluster:" in answer.json()["errors"][0]["message"]
    found = (await api.get("/v1/resources", params={"q": "node:node-1 cluster:edge-3,edge-4"})).json()["resources"]
    assert [one["name"] for one in found] == ["web-3", "web-4"]


async def test_a_bound_member_finds_only_what_the_binding_shows(api: Api) -> None:
    await seeded(api)
    cluster = next(one for one in (await api.get("/v1/clusters")).json()["clusters"] if one["name"] == "prod-1")
    await objects(api, cluster["id"], "secret", namespace="pay", spec={"nodeName": "node-1"})
    owner, person = await signed_in(api), await member(api, Role.ADMIN, "bound@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    binding = {"role": "viewer", "clusters": ["prod-1"], "namespaces": ["pay"]}
    assert (await owner("POST", f"/v1/members/{person_id}/bindings", json=binding)).status_code == 201
    for text in ("secret", "-name:web", "ns:pay,shop", "-ns:shop", "kind:Pod", "node:node-1", "-cluster:edge", "label:app"):
        listed = (await person.get("/v1/resources", params={"q": text})).json()
        counted = (await person.get("/v1/resources/counts", params={"q": text})).json()
        assert ([one["name"] for one in listed["resources"]], listed["total"], counted["total"]) == (["secret"], 1, 1), text
    for text in ("ns:shop", "cluster:edge", "name:web", "-ns:pay", "ns:none", "kind:Node"):
        listed = (await person.get("/v1/resources", params={"q": text})).json()
        assert (listed["resources"], listed["total"]) == ([], 0), text
