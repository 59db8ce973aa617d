"""Suggested runbooks: each cause has a decision, and what is suggested can be executed as it is and ends the finding."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optral import detectors
from optral.agent.commands import policy
from optral.analysis import causes
from optral.analysis.causes import cures
from optral.analysis.remedies import actions
from optral.kube import objects, view
from optral.kube.kinds import BY_ID
from optral.kube.objects import kind_id_of
from optral.runbooks.builtin import builtin
from optral.runbooks.language import parameters
from optral.runbooks.language.definition import Definition
from optral.terms.errors import Invalid
from optral.terms.verbs import WRITES
from tests.agent.commanding import Agent, name
from tests.analysis.cases import CASES
from tests.analysis.cluster import NOON, World, at, container, deployment, obj, pod, service, state, template
from tests.support.kubedouble import serving

Json = dict[str, Any]
EXAMPLES: dict[str, Any] = {"value": 8080, "path": "/healthz", "tag": "1.4.2", "replicas": 6, "amount": "8"}
"""What a person gives for a parameter that is left open."""


def remedies(case: str) -> list[Json]:
    """The recommended actions with a runbook."""
    return [action for action in CASES[case][2]()[1].body["recommendedActions"] if "runbook" in action]


def definition(slug: str) -> Definition:
    return builtin.all_of_them()[builtin.id_of(slug)].definition


def given(action: Json) -> dict[str, Any]:
    """The parameters, with those that a person decides."""
    opened = {}
    for one in action.get("toDecide", ()):
        key = {"set-probe-path": "path", "raise-quota": "amount", "set-request": "amount"}.get(action["runbook"], one)
        opened[one] = EXAMPLES[key]
    return action["parameters"] | opened


WITH_RUNBOOK = sorted(case for case in CASES if remedies(case))
OPEN = sorted(case for case in WITH_RUNBOOK if any("toDecide" in action for action in remedies(case)))


# --- the decisions


def test_each_cause_has_one_decision() -> None:
    assert set(cures.RUNBOOKS) | set(cures.NONE) == set(causes.BY_ID)
    assert not set(cures.RUNBOOKS) & set(cures.NONE)


def test_each_runbook_of_the_library_has_a_cause_or_a_reason_why_not() -> None:
    suggested = {slug for slugs in cures.RUNBOOKS.values() for slug in slugs}
    assert suggested | set(cures.NOT_SUGGESTED) == builtin.SLUGS
    assert not suggested & set(cures.NOT_SUGGESTED)


@pytest.mark.parametrize("slug", sorted(builtin.SLUGS))
def test_a_runbook_says_when_to_use_it_and_when_not(slug: str) -> None:
    _, use, when = definition(slug).description.partition("Use it ")
    assert use and " not " in f" {when}", definition(slug).description


def test_what_is_suggested_is_what_was_decided() -> None:
    suggested: dict[str, set[str]] = defaultdict(set)
    for case, (cause, _, _) in CASES.items():
        suggested[cause] |= {action["runbook"] for action in remedies(case)} - {"collect-diagnostics", "rerun-job"}
    assert {cause: slugs for cause, slugs in suggested.items() if slugs} == {cause: set(slugs) for cause, slugs in cures.RUNBOOKS.items()}


@pytest.mark.parametrize("slug", sorted(actions.RUNBOOKS))
def test_what_the_analysis_knows_of_a_runbook_is_what_it_is(slug: str) -> None:
    runbook = definition(slug)
    assert set(actions.RUNBOOKS[slug]) <= {one.name for one in runbook.parameters}


# --- the parameters


ISSUE_OF_ANOTHER_OBJECT = {"kind": "Service", "namespace": "other", "name": "door", "container": None, "pod": None, "node": None}


@pytest.mark.parametrize("case", WITH_RUNBOOK)
def test_a_suggestion_passes_the_check_of_its_runbook(case: str) -> None:
    for action in remedies(case):
        runbook = definition(action["runbook"])
        values = parameters.check(runbook, given(action), ISSUE_OF_ANOTHER_OBJECT)
        assert all(step.object.name != "door" for step in parameters.bind(runbook, values, ISSUE_OF_ANOTHER_OBJECT))


@pytest.mark.parametrize("case", OPEN)
def test_what_no_evidence_gives_is_refused_until_a_person_decides(case: str) -> None:
    for action in (one for one in remedies(case) if "toDecide" in one):
        runbook = definition(action["runbook"])
        assert "Choose " in action["why"] or "Decide " in action["why"]
        with pytest.raises(Invalid):
            parameters.bind(runbook, parameters.check(runbook, action["parameters"], {}), {})


def test_parameters_are_left_open_where_nothing_shows_them() -> None:
    opened = {action["runbook"] for case in OPEN for action in remedies(case) if "toDecide" in action}
    assert opened == {"fix-image-tag", "raise-quota", "set-hpa-bounds", "set-probe", "set-probe-path", "set-request"}


def only(case: str, slug: str) -> dict[str, Any]:
    (found,) = [action["parameters"] for action in remedies(case) if action["runbook"] == slug]
    return {key: value for key, value in found.items() if key not in ("namespace", "name", "kind", "container")}


@pytest.mark.parametrize(
    ("case", "slug", "wanted"),
    [
        pytest.param("needs_six_pods_and_may_have_four", "set-hpa-bounds", {"bound": "maxReplicas", "replicas": 6}, id="highest metric"),
        pytest.param("may_not_grow", "set-hpa-bounds", {"bound": "maxReplicas"}, id="no metric"),
        pytest.param("fills_a_volume_that_can_grow", "expand-volume", {"size": "20Gi"}, id="class allows expansion"),
        pytest.param("pulls_a_tag_with_a_typo", "fix-image-tag", {"tag": "3.11.0"}, id="tag in use"),
        pytest.param("pulls_what_is_not_there", "fix-image-tag", {"tag": "1.3"}, id="tag before"),
        pytest.param("asks_for_more_cpu_than_any_node_has", "set-request", {"field": "requests.cpu"}, id="the request of a container"),
        pytest.param("lacks_a_request", "set-request", {"field": "requests.cpu"}, id="the request that an autoscaler needs"),
        pytest.param("needs_far_more_than_its_quota", "raise-quota", {"resource": "cpu"}, id="more than four times"),
        pytest.param("cannot_reach_its_store", "rerun-job", {}, id="Job"),
        pytest.param("cannot_reach_its_store_at_night", "rerun-job", {"ofCronJob": True}, id="run of a CronJob"),
    ],
)
def test_parameters_come_from_the_evidence(case: str, slug: str, wanted: dict[str, Any]) -> None:
    assert only(case, slug) == wanted


def test_a_quota_is_raised_to_what_is_used_and_requested_by_all_that_lack() -> None:
    found = {one["parameters"]["resource"]: one["parameters"]["value"] for one in remedies("exceeds_two_entries_of_its_quota")[1:]}
    assert found == {"limits.memory": "6656Mi", "pods": "4"}


@pytest.mark.parametrize("case", ["fills_its_volume", "fills_a_volume_that_cannot_grow"])
def test_a_volume_is_expanded_only_where_its_class_allows_it(case: str) -> None:
    assert remedies(case) == []


def test_a_job_that_failed_by_itself_is_not_run_again() -> None:
    slugs = {action["runbook"] for case, (cause, _, _) in CASES.items() if cause.startswith("job_") for action in remedies(case)}
    assert "rerun-job" not in slugs


def test_a_drain_is_the_last_suggestion() -> None:
    lists = [CASES[case][2]()[1].body["recommendedActions"] for case in CASES]
    drains = [[action.get("runbook") for action in found] for found in lists if any(one.get("runbook") == "drain-node" for one in found)]
    assert drains and all(slugs.index("drain-node") == len(slugs) - 1 > 0 for slugs in drains)


# --- from the cause to the end of the finding


def wrong_selector() -> tuple[World, Json]:
    web = deployment()
    broken = service(selector={"app": "apl"})
    labels = {"labels": {"kubernetes.io/service-name": "api"}}
    slices = obj("discovery.k8s.io/v1", "EndpointSlice", "api-1", owner=broken, metadata=labels, addressType="IPv4", endpoints=[])
    return World([web, pod(web, ready=True), broken, slices]), broken


def wrong_target_port() -> tuple[World, Json]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080}])))
    broken = service(ports=[{"port": 80, "targetPort": 8081}])
    return World([web, pod(web, ready=True), broken]), broken


def wrong_protocol() -> tuple[World, Json]:
    web = deployment(of=template(container(ports=[{"containerPort": 5353, "protocol": "UDP"}])))
    broken = service(ports=[{"port": 53, "targetPort": 5353, "protocol": "TCP"}])
    return World([web, pod(web, ready=True), broken]), broken


def suspended() -> tuple[World, Json]:
    spec = {"schedule": "0 3 * * *", "suspend": True, "jobTemplate": {"spec": {"template": template()}}}
    job = obj("batch/v1", "CronJob", "nightly", spec=spec, metadata={"creationTimestamp": at(60 * 24 * 60)})
    return World([job]), job


def at_its_maximum() -> tuple[World, Json]:
    def metric(which: str, percent: int) -> Json:
        return {"type": "Resource", "resource": {"name": "cpu", which: {"averageUtilization": percent}}}

    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    limited = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "the desired replica count is more"}
    conditions = [limited | {"lastTransitionTime": at(50)}]
    numbers = {"currentReplicas": 4, "desiredReplicas": 4, "currentMetrics": [metric("current", 118)]}
    scaler = obj(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "api",
        spec={"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4, "metrics": [metric("target", 80)]},
        status={"conditions": conditions} | numbers,
    )
    return World([deployment(replicas=4), scaler]), scaler


def full_quota() -> tuple[World, Json]:
    message = 'pods "api-1-y" is forbidden: exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1'
    refused = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message, "lastTransitionTime": at(5)}
    web = deployment(replicas=2, status={"replicas": 1, "readyReplicas": 1})
    body = {"replicas": 2, "template": web["spec"]["template"]}
    owner = obj("apps/v1", "ReplicaSet", "api-1", owner=web, spec=body, status={"replicas": 1, "conditions": [refused]})
    quota = obj("v1", "ResourceQuota", "team", spec={"hard": {"pods": "1"}}, status={"hard": {"pods": "1"}, "used": {"pods": "1"}})
    return World([web, owner, pod(owner, ready=True), quota]), quota


def wrong_tag() -> tuple[World, Json]:
    web = deployment(of=template(container(image="registry.test/team/api:1.4.O")))
    asked = {"waiting": {"reason": "ImagePullBackOff", "message": "manifest unknown: not found"}}
    failing = pod(web, status={"phase": "Pending", "containerStatuses": [state(now=asked)]})
    sibling = pod(None, "other", ready=True, spec={"containers": [container("web", "registry.test/team/api:1.4.0")]})
    sibling["status"]["containerStatuses"] = [state("web", ready=True)]
    return World([web, failing, sibling]), failing


def wrong_probe_port() -> tuple[World, Json]:
    probe = {"httpGet": {"path": "/", "port": 8081}, "periodSeconds": 5, "failureThreshold": 3}
    web = deployment(of=template(container(ports=[{"containerPort": 8080}], readinessProbe=probe)))
    running = {"phase": "Running", "containerStatuses": [state(now={"running": {"startedAt": at(30)}})]}
    failing = pod(web, status=running)
    message = 'Readiness probe failed: Get "http://10.0.0.9:8081/": dial tcp 10.0.0.9:8081: connect: connection refused'
    return World([web, failing, probe_event(failing, message)]), failing


def probe_event(about: Json, message: str) -> Json:
    involved = {"kind": "Pod", "name": about["metadata"]["name"], "uid": about["metadata"]["uid"], "namespace": "orders"}
    involved["fieldPath"] = "spec.containers{api}"
    times = {"firstTimestamp": at(20), "lastTimestamp": at(1), "count": 200}
    return obj("v1", "Event", "api-x.1", involvedObject=involved, reason="Unhealthy", message=message, type="Warning", **times)


def react(world: World) -> None:
    """What the controllers and the kubelet make of the change: as little of them as these cases need."""
    by_kind: dict[str, list[Json]] = defaultdict(list)
    for one in world.objects:
        by_kind[one["kind"]].append(one)
    for piece in by_kind["EndpointSlice"]:
        (selector,) = [one["spec"]["selector"] for one in by_kind["Service"]]
        selected = [one for one in by_kind["Pod"] if selector.items() <= one["metadata"]["labels"].items()]
        piece["endpoints"] = [{"addresses": ["10.0.0.9"], "conditions": {"ready": True}} for _ in selected]
    for quota in by_kind["ResourceQuota"]:
        quota["status"]["hard"] = quota["spec"]["hard"]
        if int(quota["spec"]["hard"]["pods"]) > int(quota["status"]["used"]["pods"]):
            quota["status"]["used"] = {"pods": "2"}
            for owner in by_kind["ReplicaSet"]:
                owner["status"] = {"replicas": 2, "conditions": []}
    for scaler in by_kind["HorizontalPodAutoscaler"]:
        if scaler["spec"]["maxReplicas"] >= 6:
            scaler["status"] |= {"desiredReplicas": 6, "currentReplicas": 6, "conditions": []}
    for one in by_kind["Pod"]:
        owner = next((web for web in by_kind["Deployment"] if one["metadata"].get("ownerReferences")), None)
        if owner is None or not _is_well(owner["spec"]["template"]["spec"]["containers"][0]):
            continue
        one["spec"]["containers"] = owner["spec"]["template"]["spec"]["containers"]
        one["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [state(ready=True)]}
        world.objects = [each for each in world.objects if each["kind"] != "Event"]


def _is_well(spec: Json) -> bool:
    """Whether the registry has the image, and the probe asks the port that is declared."""
    declared = [port["containerPort"] for port in spec.get("ports", ())]
    probed = spec.get("readinessProbe", {}).get("httpGet", {}).get("port")
    return not spec["image"].endswith("O") and (probed is None or probed in declared)


FAULTS: dict[str, tuple[Callable[[], tuple[World, Json]], str, str]] = {
    "selector_mismatch": (wrong_selector, "ServiceNoEndpoints", "set-service-selector"),
    "target_port_mismatch": (wrong_target_port, "ServiceTargetPortMismatch", "set-target-port"),
    "service_protocol_mismatch": (wrong_protocol, "ServiceTargetPortMismatch", "set-port-protocol"),
    "suspended": (suspended, "CronJobSuspended", "resume-cronjob"),
    "hpa_limit_reached": (at_its_maximum, "HPAMaxedOut", "set-hpa-bounds"),
    "quota_exceeded": (full_quota, "ResourceQuotaExceeded", "raise-quota"),
    "image_tag_not_found": (wrong_tag, "ImagePullBackOff", "fix-image-tag"),
    "readiness_probe_wrong_port": (wrong_probe_port, "ReadinessProbeFailed", "set-probe"),
}


def findings(world: World) -> set[str]:
    things = [objects.decode(kind_id_of(one["apiVersion"], one["kind"]), json.dumps(one).encode()) for one in world.objects]
    examined = detectors.examine_all(view.of(things), now=NOON, include_risk=True)
    assert not examined.failures
    return {one.type for one in examined.findings}


def path_of(one: Json) -> str:
    kind = BY_ID[kind_id_of(one["apiVersion"], one["kind"])]
    root = "apis" if "/" in one["apiVersion"] else "api"
    return f"/{root}/{one['apiVersion']}/namespaces/{one['metadata']['namespace']}/{kind.plural}/{one['metadata']['name']}"


async def execute(world: World, action: Json, directory: Path) -> None:
    """Run the runbook's steps by an agent at an API server that has the objects of the world; the world takes over what it changed."""
    runbook = definition(action["runbook"])
    bound = parameters.bind(runbook, parameters.check(runbook, action["parameters"], {}), {})
    async with serving() as api, Agent(api, directory, allowed=policy.of(["*"], sorted(WRITES))) as agent:
        for one in world.objects:
            api.put(path_of(one), one, uid=one["metadata"]["uid"])
        for step in bound:
            end = await agent.do(step.action.verb, **step.values)
            assert name(end) == "SUCCEEDED", end.message
    world.objects = [api.objects[path_of(one)] for one in world.objects]


@pytest.mark.parametrize("cause", sorted(FAULTS))
async def test_the_suggested_runbook_ends_the_finding(cause: str, tmp_path: Path) -> None:
    make, issue, slug = FAULTS[cause]
    world, about = make()
    react(world)
    assert issue in findings(world)
    owner = next((one for one in world.objects if one["kind"] == "Deployment"), about) if about["kind"] == "Pod" else about
    explained = world.ask(issue, about, owner=owner, container="api" if about["kind"] == "Pod" else None)
    assert explained.cause_id == cause
    (action,) = [one for one in explained.body["recommendedActions"] if one.get("runbook") == slug]
    await execute(world, action, tmp_path)
    react(world)
    assert issue not in findings(world)
