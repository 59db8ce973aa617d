"""Labels and names with a typo: the intended value is proposed."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import World, container, deployment, node, obj, pod, service, state, template


def workload(name: str, **labels: str) -> tuple[Any, Any]:
    """A healthy Deployment with a pod of these labels."""
    made = deployment(name, of=template(container(name, ports=[{"containerPort": 8080}]), labels=labels))
    return made, pod(made, f"{name}-1", ready=True, status={"containerStatuses": [state(name, ready=True)]})


def chart(instance: str, name: str) -> dict[str, str]:
    """The two labels that a chart gives each of its parts."""
    return {"app.kubernetes.io/instance": instance, "app.kubernetes.io/name": name}


def sends_to(selector: dict[str, str], *beside: Any, name: str = "lookup", **facts: Any) -> tuple[World, Explanation]:
    front = service(name, selector=selector)
    world = World([front, node(), *beside])
    return world, world.ask("ServiceNoEndpoints", front, **facts)


@case("selector_mismatch", "lookup")
def slips_in_its_only_label() -> tuple[World, Explanation]:
    return sends_to({"app": "fuond"}, *workload("found", app="found"), *workload("mailer", app="mailer"))


@case("selector_mismatch", "lookup")
def slips_in_one_of_many_labels() -> tuple[World, Explanation]:
    whole = {"app.kubernetes.io/part-of": "depot", "app.kubernetes.io/name": "ledger", "app.kubernetes.io/instance": "blue"}
    others = [workload(name, **(whole | {"app.kubernetes.io/name": name})) for name in ("mailer", "stamper")]
    slipped = whole | {"app.kubernetes.io/name": "leddger"}
    return sends_to(slipped, *workload("ledger", **whole), *(one for pair in others for one in pair))


@case("selector_mismatch", "lookup")
def selects_by_another_key() -> tuple[World, Explanation]:
    return sends_to({"app.kubernetes.io/name": "found"}, *workload("found", app="found"), *workload("mailer", app="mailer"))


@case("no_workload", "lookup")
def shares_only_what_everybody_has() -> tuple[World, Explanation]:
    """The workload is gone; that the others belong to the same whole does not make them the one that was meant."""
    others = [workload(name, app=name, team="blue") for name in ("mailer", "stamper")]
    return sends_to({"team": "blue", "app": "lookup"}, *(one for pair in others for one in pair))


@case("no_workload", "lookup")
def has_a_namesake_in_another_namespace() -> tuple[World, Explanation]:
    """Staging and production in one cluster: their labels are equal, and the workload of this one is gone."""
    return sends_to({"app": "lookup"}, *workload("mailer", app="mailer"), elsewhere=["Deployment/depot/lookup"], case="nothingSelected")


@case("no_workload", "shard-2")
def is_not_its_numbered_neighbour() -> tuple[World, Explanation]:
    neighbour = service("shard-1", selector={"app": "shard-1"})
    return sends_to({"app": "shard-2"}, *workload("shard-1", app="shard-1"), neighbour, name="shard-2")


@case("no_workload", "rel-web")
def has_lost_its_part_of_a_release() -> tuple[World, Explanation]:
    """The only other part of the release is another program, not a slip of this one's name."""
    return sends_to(chart("rel", "web"), *workload("rel-worker", **chart("rel", "worker")), name="rel-web")


@case("no_workload", "order")
def is_not_the_neighbour_with_one_letter_more() -> tuple[World, Explanation]:
    return sends_to({"app": "order"}, *workload("orders", app="orders"), service("orders", selector={"app": "orders"}), name="order")


@case("selector_mismatch", "rel-reviews")
def asks_for_many_where_there_is_one() -> tuple[World, Explanation]:
    """Another Service leads to the same pods, under a name of its own."""
    admin = service("console", selector={"app": "review"})
    return sends_to({"app": "reviews"}, *workload("review", app="review"), admin, name="rel-reviews")


@case("policy_selects_nobody", "found-budget")
def guards_nobody() -> tuple[World, Explanation]:
    return budgeted("found-budget", {"app": "foundd"}, *workload("found", app="found"))


def budgeted(name: str, selector: dict[str, str], *beside: Any) -> tuple[World, Explanation]:
    numbers = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 1, "expectedPods": 0}
    spec = {"minAvailable": 1, "selector": {"matchLabels": selector}}
    budget = obj("policy/v1", "PodDisruptionBudget", name, spec=spec, status=numbers)
    world = World([budget, *beside])
    return world, world.ask("PDBBlocksEviction", budget)


@case("policy_selects_nobody", "found-only")
def protects_nobody() -> tuple[World, Explanation]:
    spec = {"podSelector": {"matchLabels": {"app": "foudn"}}, "policyTypes": ["Ingress"], "ingress": []}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "found-only", spec=spec)
    world = World([policy, *workload("found", app="found")])
    return world, world.ask("NetworkPolicyMatchesNothing", policy)


def scaled(kind: str, name: str) -> tuple[World, Explanation]:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name}, "minReplicas": 1, "maxReplicas": 5}
    words = f'{kind.lower()}s.apps "{name}" not found'
    told = [
        {"type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": f"the HPA controller was unable to get: {words}"}
    ]
    hpa = obj("autoscaling/v2", "HorizontalPodAutoscaler", "found-scaler", spec=spec, status={"conditions": told})
    world = World([hpa, *workload("found", app="found")])
    return world, world.ask("HPAUnableToScale", hpa)


@case("hpa_target_missing", "found-scaler")
def scales_a_name_that_slipped() -> tuple[World, Explanation]:
    return scaled("Deployment", "fuond")


@case("hpa_target_missing", "found-scaler")
def scales_another_kind() -> tuple[World, Explanation]:
    return scaled("StatefulSet", "found")


@case("ingress_backend_missing", "entrance")
def is_entered_by_a_name_that_slipped() -> tuple[World, Explanation]:
    backend = {"service": {"name": "lookpu", "port": {"number": 80}}}
    rules = [{"host": "depot.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    entrance = obj("networking.k8s.io/v1", "Ingress", "entrance", spec={"ingressClassName": "nginx", "rules": rules})
    world = World([entrance, service("lookup", selector={"app": "found"}), *workload("found", app="found")])
    return world, world.ask("IngressBackendMissing", entrance)
