"""Grouping and analysis agree: the root that grouping chooses is about the object that the analysis names as the subject of the cause."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from optral import detectors
from optral.grouping import callers, graph, model
from optral.grouping.failure_index import Place, place
from optral.grouping.model import Failure
from optral.kube import objects, view as kube_view
from optral.kube.objects import KubeObject, kind_id_of
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.analysis.cases import CASES
from tests.analysis.cluster import NOON, Json, World, obj, reference

CLUSTER = "cls_x"
_ANSWERS = "its dependency runs and answers; the case leaves out the status of its replicas, so they look unavailable"
DISAGREE = {
    "has_a_volume_and_calls_a_server_with_a_full_disk": _ANSWERS,
    "is_turned_away_by_a_full_server": _ANSWERS,
    "may_only_read": _ANSWERS,
    "writes_to_a_cache_that_is_full": _ANSWERS,
    "runs_and_calls_a_port_that_the_service_lacks": "nobody else calls the Service, so either side may have the wrong port",
    "has the port of its pods, and its only caller uses another": "the issue is about the Service, whose port is right",
    "may_wait_for_what_answers_first": "which workload calls which is not known, so the durations alone do not join the issues",
    "was_evicted_and_nobody_says_why": "the issue is about the node; without a reason the analysis can only name the workload",
}
"""Cases in which the object that the analysis names has a failure that is not the root, and why that is right."""
NOT_DETECTED: frozenset[str] = frozenset(
    {
        "a full quota and what is missing",
        "asks for too much",
        "asks_for_another_access",
        "comes_and_goes",
        "does_not_answer",
        "ends_soon",
        "guards_nobody",
        "has_no_controller_manager",
        "has_no_replicas_since_a_recorded_change",
        "is ready without its runtime",
        "is_left_over",
        "is_not_issued",
        "is_not_made_larger",
        "is_not_taken_up",
        "is_suspended",
        "its callers are refused while its pods are ready",
        "lets_no_node_go",
        "lets_nobody_in",
        "may_not_grow",
        "names_a_class_that_is_not_there",
        "names_no_class",
        "needs_six_pods_and_may_have_four",
        "omits the label of a caller that is ready",
        "protects_nobody",
        "refuses pods of a namespace that is not looked at",
        "resolves no names",
        "scales_nothing",
        "sends_to_a_pod_that_is_gone",
        "sends_to_two_workloads",
        "sends_to_what_is_switched_off",
        "switched off",
        "the drain of a node waits for it",
        "wants_a_volume_that_is_taken",
        "was_not_renewed",
        "was_scaled_to_zero_by_a_recorded_change",
        "was_suspended_and_forgotten",
    }
)
"""Cases with only what the analysis reads: no detector reports a failure of the object that the question is about."""


class Outcome(NamedTuple):
    """The cluster, the failure that a case asks about, its root, all failures, and the subject of the cause that the analysis names."""

    world: World
    failure: Failure | None
    root: Failure | None
    failures: list[Failure]
    subject: Place


def outcome(name: str) -> Outcome:
    world, explanation = CASES[name][2]()
    asked, named = world.asked, explanation.root_cause
    assert asked is not None
    assert named is not None
    view = _view(world)
    findings = [one for one in detectors.examine_all(view, now=NOON).findings if one.expires_at is None or one.expires_at > NOON]

    def read(namespace: str, pod: str, container: str) -> Iterator[str]:
        if (text := world.logs.get((pod, container))) is not None:
            yield text

    failures = callers.with_log_lines(model.of_findings(findings, CLUSTER), read)
    links = graph.arrange(failures, view, now=NOON).parent_of
    about = [failure for failure in failures if place(failure.subject) == place(asked.owner or asked.resource)]
    failure = min(about, key=lambda one: (one.type != asked.type, one.part != asked.container, one.key), default=None)
    link = links.get(failure.key) if failure is not None else None
    root = failure if link is None else next(one for one in failures if one.key == link.key)
    subject = named["subject"]
    return Outcome(world, failure, root, failures, place(ObjectRef(subject["kind"], subject.get("namespace"), subject["name"])))


def _view(world: World) -> ClusterView:
    """The cluster of a case. A Service without EndpointSlices gets an empty one, as its controller creates it."""
    bodies = list(world.objects)
    kinds = {body["kind"] for body in bodies}
    if "EndpointSlice" not in kinds and world.asked is not None and world.asked.type == "ServiceNoEndpoints":
        labels = {"kubernetes.io/service-name": world.asked.resource.name}
        bodies.append(
            obj(
                "discovery.k8s.io/v1",
                "EndpointSlice",
                "slice-x",
                metadata={"labels": labels},
                endpoints=[],
                namespace=world.asked.resource.namespace,
            )
        )
    return kube_view.of([_decoded(body) for body in bodies])


def _decoded(body: Json) -> KubeObject:
    metadata = body["metadata"]
    place_of = {"uid": metadata["uid"], "namespace": metadata.get("namespace", ""), "name": metadata["name"]}
    return objects.decode(kind_id_of(body["apiVersion"], body["kind"]), json.dumps(body).encode(), **place_of)


def _analyzed(world: World, root: Failure) -> Place | None:
    """The subject that an analysis of the root names."""
    shown = root.objects[0].ref
    [about] = [body for body in world.objects if place(reference(body)) == place(shown)]
    owner = next((body for body in world.objects if place(reference(body)) == place(root.subject)), about)
    explanation = world.ask(root.type, about, owner=owner, container=root.part, **root.facts)
    named = explanation.root_cause["subject"] if explanation.root_cause is not None else None
    return place(ObjectRef(named["kind"], named.get("namespace"), named["name"])) if named is not None else None


def _places(failure: Failure) -> set[Place]:
    return {place(failure.subject), *(place(affected.ref) for affected in failure.objects)}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_root_is_about_the_object_that_the_analysis_names(name: str) -> None:
    """An object without a failure of its own, such as a missing ConfigMap, is no root; then the analysis of the root names it too."""
    world, failure, root, failures, subject = outcome(name)
    assert (failure is None) is (name in NOT_DETECTED)
    if failure is None or root is None:
        return
    has_failure = any(subject in _places(one) for one in failures)
    is_own = place(root.subject) == place(failure.subject)
    agrees = subject in _places(root) if has_failure else is_own or _analyzed(world, root) == subject
    assert agrees is (name not in DISAGREE), (root.type, root.subject, subject)


def test_the_exceptions_are_cases_of_the_book() -> None:
    assert DISAGREE.keys() | NOT_DETECTED <= CASES.keys()
