"""Objects related to an issue: what the graph shows, what it marks as broken, and what it leaves out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optral.analysis.model import Question
from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import Snapshot, SnapshotObject
from optral.analysis.topology import topology
from optral.analysis.topology.topology import Cause, Related, Topology
from optral.analysis.topology.topology_objects import Layer, State, state_of
from optral.terms.refs import ObjectRef
from tests.analysis.cluster import (
    NAMESPACE,
    NOON,
    VISIBLE,
    Json,
    World,
    container,
    deployment,
    node,
    obj,
    pod,
    reference,
    replica_set,
    service,
    state,
    template,
    waiting,
)

SECRET = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "api-token", "key": "token"}}}
INGRESS = "Ingress.networking.k8s.io"


def pods_in(snap: Snapshot) -> topology.Pods:
    def some(uids: Sequence[str], limit: int) -> tuple[list[SnapshotObject], int]:
        found = [one for one in snap.all("Pod") if (owner := one.owner()) is not None and owner.uid in uids]
        found.sort(key=lambda one: state_of(one)[0] is State.OK)
        return found[:limit], len(found)

    return some


def graph(objects: Sequence[Json], about: Json, *, owner: Json | None = None, **more: Any) -> Topology:
    """The graph around an issue of one object."""
    question = Question(
        type="OOMKilled",
        cluster_id="cls_x",
        resource=reference(about),
        owner=reference(owner or about),
        facts=more.pop("facts", {}),
        since=NOON,
    )
    world = World(list(objects), visible=more.pop("visible", VISIBLE | {INGRESS}))
    snap = world.snapshot()
    return topology.build(Case(question, snap), pods_in(snap), **more)


def states(found: Topology) -> dict[str, str]:
    return {f"{one.ref.short_kind} {one.ref.name}": one.state.value for one in found.nodes}


def arrows(found: Topology) -> set[str]:
    return {f"{one.source.short_kind} {one.source.name} {one.relation} {one.target.short_kind} {one.target.name}" for one in found.edges}


def broken(found: Topology) -> dict[str, str]:
    return {f"{one.source.name} {one.relation} {one.target.name}": one.problem for one in found.edges if one.problem}


def shop() -> dict[str, Json]:
    """web calls api, whose pods read a Secret and a ConfigMap and mount a claim on a node."""
    refers = container(env=[SECRET], envFrom=[{"configMapRef": {"name": "settings"}}])
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    api = deployment(of=template(refers, volumes=volumes), replicas=2, status={"replicas": 2, "readyReplicas": 1})
    rs = replica_set(api)
    calls = template(container("web", env=[{"name": "API_URL", "value": "http://api:80"}]), labels={"app": "web"})
    return {
        "api": api,
        "rs": rs,
        "bad": pod(rs, "api-1-bad", status={"containerStatuses": [state(now=waiting("CrashLoopBackOff"))]}),
        "good": pod(rs, "api-1-good", ready=True),
        "service": service(),
        "web": deployment("web", of=calls, status={"replicas": 1, "readyReplicas": 1}),
        "settings": obj("v1", "ConfigMap", "settings"),
        "claim": obj("v1", "PersistentVolumeClaim", "data", status={"phase": "Bound"}),
        "node": node(),
    }


def test_shows_callers_service_workload_pods_and_what_they_use() -> None:
    objects = shop()
    found = graph([*objects.values()], objects["bad"], owner=objects["api"])
    assert arrows(found) >= {
        "Deployment web calls Service api",
        "Service api selects Deployment api",
        "Deployment api runs Pod api-1-bad",
        "Deployment api runs Pod api-1-good",
        "Pod api-1-bad runs on Node node-1",
        "Deployment api reads Secret api-token",
        "Deployment api reads ConfigMap settings",
        "Deployment api mounts PersistentVolumeClaim data",
    }
    layers = {one.ref.name: one.layer for one in found.nodes if one.ref.kind in ("Node", "Pod") or one.ref.name == "web"}
    assert layers == {"web": Layer.CALLER, "api-1-bad": Layer.POD, "api-1-good": Layer.POD, "node-1": Layer.DEPENDENCY}
    known = states(found)
    assert known["Pod api-1-bad"] == known["Deployment api"] == "failing"
    assert known["Pod api-1-good"] == "ok"
    assert known["Secret api-token"] == "unknown", "Secrets are never read"
    assert {one.ref.name for one in found.nodes if one.is_subject} == {"api", "api-1-bad"}
    assert broken(found) == {}


def test_the_same_question_gives_the_same_graph() -> None:
    objects = shop()
    first, again = (graph([*objects.values()], objects["bad"], owner=objects["api"]) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("change", "edge"),
    [
        pytest.param(lambda it: it.pop("settings"), {"api reads settings": "it does not exist"}, id="a ConfigMap that does not exist"),
        pytest.param(
            lambda it: it["claim"]["status"].update(phase="Pending"), {"api mounts data": "Pending"}, id="a claim without a volume"
        ),
        pytest.param(
            lambda it: it["service"]["spec"].update(ports=[{"port": 8080}]),
            {"web calls api": "port 80 is called; the Service has 8080"},
            id="a port that the Service does not have",
        ),
        pytest.param(
            lambda it: it["service"]["spec"].update(clusterIP="None", ports=[{"port": 8080}]), {}, id="a headless Service has any port"
        ),
        pytest.param(lambda it: it.pop("service"), {}, id="nothing is broken by what is not there"),
    ],
)
def test_an_edge_that_cannot_work_says_why(change: Any, edge: dict[str, str]) -> None:
    objects = shop()
    change(objects)
    found = broken(graph([*objects.values()], objects["bad"], owner=objects["api"]))
    assert {name: problem for name, problem in found.items() if not name.startswith("api-1")} == edge


def test_what_may_be_absent_is_not_missing() -> None:
    """An optional reference, and an object of a kind that is not read."""
    optional = container(envFrom=[{"configMapRef": {"name": "extra", "optional": True}}, {"configMapRef": {"name": "settings"}}])
    api = deployment(of=template(optional))
    assert states(graph([api], api, visible=VISIBLE - {"ConfigMap"}))["ConfigMap settings"] == "unknown"
    found = states(graph([api], api))
    assert found["ConfigMap settings"] == "missing"
    assert "ConfigMap extra" not in found


def test_a_missing_secret_that_the_detector_names_is_marked() -> None:
    objects = shop()
    facts = {"missingKind": "Secret", "missingName": "api-token"}
    found = graph([*objects.values()], objects["bad"], owner=objects["api"], facts=facts)
    assert states(found)["Secret api-token"] == "missing"
    assert broken(found) == {"api reads api-token": "it does not exist"}
    other = graph([*objects.values()], objects["bad"], owner=objects["api"], facts=facts | {"missingName": "another"})
    assert broken(other) == {}


def test_a_service_that_selects_nothing_leads_to_the_workload_that_was_meant() -> None:
    api, other = deployment(), deployment("mail", of=template(labels={"app": "mail"}))
    wrong = service(selector={"app": "apu"})
    found = graph([api, other, wrong], wrong)
    assert broken(found) == {"api selects api": "selects app=apu, the pods have app=api"}
    far = service(selector={"app": "something-else"})
    found = graph([api, other, far], far)
    assert [one.status for one in found.nodes] == ["selects no pods"]


def test_a_route_leads_to_its_service_or_shows_that_it_is_missing() -> None:
    def ingress(name: str, port: int = 80) -> Json:
        backend = {"service": {"name": name, "port": {"number": port}}}
        return obj("networking.k8s.io/v1", "Ingress", "front", spec={"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]})

    objects = shop()
    there = graph([*objects.values(), ingress("api")], objects["bad"], owner=objects["api"])
    assert "Ingress front routes to Service api" in arrows(there)
    gone = ingress("nothing")
    assert broken(graph([gone], gone)) == {"front routes to nothing": "it does not exist"}
    closed = ingress("api", 81)
    assert "front routes to api" in broken(graph([*objects.values(), closed], closed))


def test_every_edge_between_the_cause_and_the_issue_is_marked() -> None:
    objects = shop()
    cause = Cause(reference(objects["node"]), "A node is under memory pressure")
    found = graph([*objects.values()], objects["bad"], owner=objects["api"], cause=cause)
    assert broken(found) == {"api-1-bad runs on node-1": "A node is under memory pressure"}
    assert [one.ref.name for one in found.nodes if one.is_cause] == ["node-1"]


def test_a_cause_that_no_edge_leads_to_affects_the_issue() -> None:
    objects, quota = shop(), obj("v1", "ResourceQuota", "compute")
    found = graph([*objects.values(), quota], objects["api"], cause=Cause(reference(quota), "A ResourceQuota is exhausted"))
    assert broken(found) == {"compute affects api": "A ResourceQuota is exhausted"}


def test_what_the_explanation_names_is_marked_where_it_is_used() -> None:
    """The cause is the Deployment; its explanation names the ConfigMap. A Service of that name in front of it is not meant."""
    objects = shop()
    cause = Cause(reference(objects["api"]), "A key is missing", frozenset({"settings", "api"}))
    found = graph([*objects.values()], objects["api"], cause=cause)
    assert broken(found) == {"api reads settings": "A key is missing"}


def test_symptoms_stand_beside_it_with_their_relation() -> None:
    objects, budget = shop(), obj("policy/v1", "PodDisruptionBudget", "api-budget")
    found = graph([*objects.values(), budget], objects["api"], related=[Related(reference(budget), "protects the pods of")])
    assert "PodDisruptionBudget api-budget protects the pods of Deployment api" in arrows(found)
    assert states(found)["PodDisruptionBudget api-budget"] == "failing"
    connected = graph([*objects.values()], objects["api"], related=[Related(reference(objects["bad"]), "runs in")])
    assert "Pod api-1-bad runs in Deployment api" not in arrows(connected), "an edge leads there already"


def test_groups_show_what_fails_first_and_count_the_others() -> None:
    api = deployment(replicas=30)
    rs = replica_set(api, replicas=30)
    pods = [pod(rs, f"api-1-{n:02}", ready=n != 25) for n in range(30)]
    web = [
        deployment(
            f"web-{n}", of=template(container("web", env=[{"name": "API_URL", "value": "http://api:80"}]), labels={"app": f"web-{n}"})
        )
        for n in range(9)
    ]
    found = graph([api, rs, *pods, service(), *web], api)
    shown = [one.ref.name for one in found.nodes if one.ref.kind == "Pod"]
    assert shown[0] == "api-1-25" and len(shown) == topology.MAX_SHOWN
    assert {(one.beside.name, one.kind, one.more) for one in found.left_out} == {("api", "Pod", 24), ("api", "Deployment.apps", 3)}


def test_an_object_that_is_gone_leaves_what_is_left_of_its_workload() -> None:
    objects = shop()
    gone = objects.pop("bad")
    found = graph([*objects.values()], gone, owner=objects["api"])
    assert "Pod api-1-bad" not in states(found)
    assert [one.ref.name for one in found.nodes if one.is_subject] == ["api"]
    nothing = graph([], gone, owner=objects["api"])
    assert [one.status for one in nothing.nodes] == ["not in the inventory"] * 2


def test_a_claim_leads_to_the_pods_of_its_stateful_set() -> None:
    spec = {"template": template(container("db"), labels={"app": "db"}), "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
    database = obj("apps/v1", "StatefulSet", "db", spec=spec, status={"readyReplicas": 0})
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}]
    waits = pod(database, "db-1", spec={"volumes": volumes}, node=None, status={"phase": "Pending"})
    claim = obj("v1", "PersistentVolumeClaim", "data-db-1", status={"phase": "Pending"})
    other = obj("apps/v1", "StatefulSet", "db-1", spec=spec)
    found = graph([database, other, waits, claim], claim)
    assert broken(found) == {"db-1 mounts data-db-1": "Pending"}
    assert "StatefulSet db-1" not in states(found)


def test_a_resolved_issue_does_not_fail_any_more() -> None:
    api = deployment(status={"replicas": 1, "readyReplicas": 1})
    question = Question(type="OOMKilled", cluster_id="cls_x", resource=reference(api), owner=reference(api), since=NOON)
    snap = World([api]).snapshot()
    for resolved, expected in ((False, State.FAILING), (True, State.OK)):
        (only,) = topology.build(Case(replace(question, is_resolved=resolved), snap), pods_in(snap)).nodes
        assert only.state is expected


def test_what_may_not_be_shown_is_absent_and_counted() -> None:
    objects = shop()
    found = graph([*objects.values()], objects["bad"], owner=objects["api"])
    shown, hidden = topology.without(found, lambda ref: ref.kind in ("Pod", "Deployment.apps"))
    assert {one.ref.short_kind for one in shown.nodes} == {"Pod", "Deployment"}
    assert hidden == len(found.nodes) - len(shown.nodes) > 0
    assert arrows(shown) == {"Deployment api runs Pod api-1-bad", "Deployment api runs Pod api-1-good"}


GATEWAYS = {"Gateway.gateway.networking.k8s.io", "HTTPRoute.gateway.networking.k8s.io"}
TO_API: Json = {"name": "api", "port": 80}
OF_FRONT: Json = {"name": "front"}


def route(kind: str = "HTTPRoute", *, to: Json = TO_API, of: Json = OF_FRONT, refused: str = "") -> Json:
    conditions = [{"type": "Accepted", "status": "False" if refused else "True", "reason": refused or "Accepted"}]
    return obj(
        "gateway.networking.k8s.io/v1",
        kind,
        "shop",
        spec={"parentRefs": [of], "rules": [{"backendRefs": [to]}]},
        status={"parents": [{"parentRef": of, "conditions": conditions}]},
    )


def routed(one: Json, *, about: str = "bad", more: Sequence[Json] = ()) -> Topology:
    objects = shop()
    objects["gateway"], objects["route"] = obj("gateway.networking.k8s.io/v1", "Gateway", "front"), one
    owner = objects["api"] if about == "bad" else None
    return graph([*objects.values(), *more], objects[about], owner=owner, visible=VISIBLE | {INGRESS} | GATEWAYS)


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
@pytest.mark.parametrize("about", ["bad", "route", "gateway"])
def test_a_route_leads_from_its_gateway_to_its_service(kind: str, about: str) -> None:
    found = routed(route(kind), about=about)
    assert {f"Gateway front routes to {kind} shop", f"{kind} shop routes to Service api"} <= arrows(found)
    assert {one.layer for one in found.nodes if one.ref.name in ("front", "shop")} == {Layer.CALLER}
    assert broken(found) == {}


def test_a_route_says_what_does_not_work() -> None:
    assert broken(routed(route(to=TO_API | {"port": 81}))) == {"shop routes to api": "port 81 is called; the Service has 80"}
    refused = routed(route(refused="NotAllowedByListeners"))
    assert broken(refused) == {"front routes to shop": "it does not accept the route: NotAllowedByListeners"}
    lost = routed(route(to={"name": "gone", "port": 80}), about="route")
    assert broken(lost) == {"shop routes to gone": "it does not exist"}
    alone = routed(route(of={"name": "back"}), about="route")
    assert broken(alone) == {"back routes to shop": "it does not exist"}


@pytest.mark.parametrize(
    "to",
    [
        pytest.param(TO_API | {"namespace": "other"}, id="a Service of this name elsewhere"),
        pytest.param(TO_API | {"kind": "ServiceImport", "group": "multicluster.x-k8s.io"}, id="no Service"),
        pytest.param(TO_API | {"group": "example.com"}, id="a kind of the same name in another group"),
        pytest.param(TO_API | {"weight": 0}, id="no requests at all"),
        pytest.param({"name": ["api"]}, id="no name"),
    ],
)
def test_a_route_that_does_not_lead_to_the_service_is_not_shown(to: Json) -> None:
    assert "HTTPRoute shop" not in states(routed(route(to=to)))


def test_a_route_leads_to_a_service_of_another_namespace() -> None:
    found = routed(route(to=TO_API | {"namespace": "other"}), about="route")
    (there,) = [one.ref for one in found.nodes if one.ref.kind == "Service"]
    assert (there.namespace, there.name) == ("other", "api")


@pytest.mark.parametrize(
    "of", [{"name": "front", "kind": "Service", "group": ""}, {"name": "front", "namespace": "other"}, {"kind": "Gateway"}], ids=str
)
def test_a_parent_that_is_not_this_gateway_is_not_taken_for_it(of: Json) -> None:
    found = routed(route(of=of))
    here = {(one.ref.namespace, one.ref.name) for one in found.nodes if one.ref.short_kind == "Gateway"}
    assert (NAMESPACE, "front") not in here


@pytest.mark.parametrize("junk", [{"spec": 3, "status": []}, {"spec": {"template": {"spec": {"volumes": [3], "containers": "x"}}}}, {}])
@pytest.mark.parametrize(
    "kind",
    ["Deployment", "Pod", "Service", "Ingress", "PersistentVolumeClaim", "Node", "Job", "HorizontalPodAutoscaler", "HTTPRoute", "Gateway"],
)
def test_a_strange_object_raises_nothing(kind: str, junk: Json) -> None:
    versions = {"Deployment": "apps/v1", "Ingress": "networking.k8s.io/v1", "Job": "batch/v1", "HorizontalPodAutoscaler": "autoscaling/v2"}
    versions |= dict.fromkeys(("HTTPRoute", "Gateway"), "gateway.networking.k8s.io/v1")
    odd = obj(versions.get(kind, "v1"), kind, "odd", **junk)
    found = graph([odd, *shop().values()], odd, cause=Cause(ObjectRef("Widget.x", NAMESPACE, "w"), "title"))
    assert "odd" in {one.ref.name for one in found.nodes}
