"""HorizontalPodAutoscalers that cannot scale, or that reached their limit."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite, is_ready, template_path
from optral.analysis.reading.snapshot import Listing, SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import rule
from optral.kit.words import plural
from optral.kube.names import nearest
from optral.kube.objects import kind_id_of
from optral.kube.reports import autoscalers
from optral.kube.reports.autoscalers import ABLE_TO_SCALE, SCALING_ACTIVE, Cause, Inactive

INACTIVE, UNABLE, MAXED, MISMATCH = "HPAScalingInactive", "HPAUnableToScale", "HPAMaxedOut", "HPAReplicasMismatch"
_API_KIND = "APIService.apiregistration.k8s.io"


def autoscaler(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Its target does not exist, it cannot scale, or it has reached its maximum."""
    hpa = focus.obj
    if not hpa.kind.startswith("HorizontalPodAutoscaler"):
        return
    target, kind, workload = target_of(case, hpa)
    declared = case.book.object(hpa, "spec.scaleTargetRef")
    if workload is None and (others := case.snap.listed(kind, hpa.namespace)) is not None:
        yield _no_target(case, focus, hpa, target, others, declared)
    elif workload is None:
        return  # what the conditions mean depends on the target
    elif (found := next(_inactive(case, focus, hpa, workload), None)) is not None:
        yield found
    else:
        yield from _at_limit(case, focus, hpa)


def _no_target(case: Case, focus: Focus, hpa: SnapshotObject, target: Mapping[str, Any], others: Listing, declared: str) -> Hypothesis:
    """The target of scaleTargetRef does not exist; the closest name, or the same name of another kind, is suggested."""
    gone = case.book.absence(others, hpa.ref, f"{target.get('kind')} {target.get('name')}", "not among the namespace's objects")
    near = nearest(str(target.get("name") or ""), others.names)
    there = case.snap.find(others.kind, hpa.namespace, near) if near is not None else None
    more = [cite(f"`{near}` exists, with nearly the same name.", case.book.fields(there, "metadata", "name"))] if there else []
    wanted = f"{there.short_kind} {there.name}" if there is not None else None
    if there is None and (twin := _of_another_kind(case, hpa, str(target.get("name") or ""))) is not None:
        more = [cite(f"A {twin.short_kind} with that name exists.", case.book.fields(twin, "metadata", "name"))]
        wanted = f"{twin.short_kind} {twin.name}"
    todo = f"Change scaleTargetRef to {wanted}" if wanted else "Correct scaleTargetRef"
    return focus.hypothesis(
        "hpa_target_missing",
        hpa,
        Level.PROVEN,
        cite(f"Autoscaler `{hpa.name}` targets {{object}}, which does not exist.", declared, gone, object=target.get("name")),
        *more,
        actions=[
            actions.advice(
                todo,
                "It names an object that does not exist.",
                declared,
                gone,
                edit=edit(hpa, ("spec", "scaleTargetRef", "name"), there.name) if there is not None else None,
            )
        ],
    )


class _Stated(NamedTuple):
    """A condition that is false: of which autoscaler, the sentence that names its reason, its evidence and its message."""

    case: Case
    focus: Focus
    hpa: SnapshotObject
    opening: Sentence
    reported: str
    reason: str
    message: str

    @property
    def quoted(self) -> Sentence:
        return quote("Message from the autoscaler", self.message, self.reported)


def target_of(case: Case, hpa: SnapshotObject) -> tuple[Mapping[str, Any], str, SnapshotObject | None]:
    """(scaleTargetRef, its `Kind.id`, the workload if it exists)."""
    target = hpa.map("spec.scaleTargetRef")
    kind = kind_id_of(str(target.get("apiVersion") or "apps/v1"), str(target.get("kind") or ""))
    return target, kind, case.snap.find(kind, hpa.namespace, str(target.get("name") or ""))


def inactive(hpa: SnapshotObject) -> tuple[str, Inactive] | None:
    """(path, meaning) of the condition that it cannot scale because of its metrics; None if it can."""
    path, active = hpa.condition(SCALING_ACTIVE)
    if active.get("status") != "False":
        return None
    return path, autoscalers.inactive(str(active.get("reason") or ""), str(active.get("message") or ""))


def _inactive(case: Case, focus: Focus, hpa: SnapshotObject, workload: SnapshotObject | None) -> Iterator[Hypothesis]:
    """Its conditions state why it does not scale."""
    found = inactive(hpa)
    path, meaning = found if found is not None else (hpa.condition(ABLE_TO_SCALE)[0], Inactive(Cause.UNKNOWN))
    condition = hpa.map(path) if path else {}
    if condition.get("status") != "False":
        return
    reported, reason = case.book.fields(hpa, path, "reason", "message"), str(condition.get("reason") or condition.get("type"))
    opening = cite(f"Autoscaler `{hpa.name}` cannot scale: {{reason}}.", reported, reason=reason)
    stated = _Stated(case, focus, hpa, opening, reported, reason, str(condition.get("message") or ""))
    if meaning.cause is Cause.REQUESTS_MISSING and workload is not None:
        yield _needs_request(stated, workload, meaning)
    elif meaning.cause is Cause.METRICS_MISSING and meaning.is_of_pods:
        yield _has_no_metrics(stated, workload)
    elif meaning.cause is Cause.METRICS_UNAVAILABLE:
        yield _gets_no_answer(stated)
    else:
        remedy = actions.advice("Correct the metric or the selector that it names", "The condition names the error.", reported)
        yield focus.hypothesis("hpa_misconfigured", hpa, Level.LIKELY, opening, stated.quoted, actions=[remedy])


def _needs_request(stated: _Stated, workload: SnapshotObject, meaning: Inactive) -> Hypothesis:
    shown = stated.case.book.object(workload, f"{template_path(workload.kind)}.containers[0].resources")
    return stated.focus.hypothesis(
        "hpa_needs_requests",
        workload,
        Level.PROVEN,
        stated.opening,
        cite("A container has no request for {metric}.", stated.reported, metric=meaning.resource),
        cite("The evidence shows the resources of its first container.", shown),
        actions=[
            actions.set_request(
                workload,
                meaning.container,
                meaning.resource,
                "Set the request that the autoscaler needs",
                "Utilization is measured against the request.",
                stated.reported,
                shown,
            )
        ],
    )


def _has_no_metrics(stated: _Stated, workload: SnapshotObject | None) -> Hypothesis:
    """The metrics API answers: what is missing are the metrics of these pods. Why pods are not ready is found below the target."""
    pods = [] if workload is None else stated.case.live_pods(workload)
    ready = sum(is_ready(pod) for pod in pods)
    target = stated.hpa.map("spec.scaleTargetRef")
    words = f"The metrics API answers, but has no metrics for the pods of {target.get('kind')} {{workload}}."
    is_of_resource = autoscalers.METRICS_APIS.get(stated.reason) == autoscalers.RESOURCE_METRICS_API
    todo = "Check whether the metrics server can read the kubelets of their nodes" if is_of_resource else "Check what exports the metric"
    return stated.focus.hypothesis(
        "pods_without_metrics",
        workload or stated.hpa,
        Level.LIKELY if ready else Level.PLAUSIBLE,
        stated.opening,
        cite(words, stated.reported, workload=target.get("name")),
        *_ready_of(stated.case, workload, ready, len(pods)),
        stated.quoted,
        actions=[
            actions.advice(
                todo if ready or not pods else "Find out why its pods are not ready",
                "Without pod metrics, the autoscaler does not scale.",
                stated.reported,
            )
        ],
    )


def _ready_of(case: Case, workload: SnapshotObject | None, ready: int, count: int) -> list[Sentence]:
    if workload is None or not count:
        return []
    counted = case.book.relation(workload.ref, "pods", f"{ready} of {count} pods are ready")
    return [cite(f"`{ready}` of its {{count}} {plural(count, 'pod')} {'is' if ready == 1 else 'are'} ready.", counted, count=count)]


def _gets_no_answer(stated: _Stated) -> Hypothesis:
    return stated.focus.hypothesis(
        "metrics_unavailable",
        stated.hpa,
        Level.STRONG,
        stated.opening,
        cite("It gets no metrics.", stated.reported),
        stated.quoted,
        *_no_metrics_api(stated),
        actions=[
            actions.advice(
                "Install or fix the metrics server, or the adapter of the metric",
                "The autoscaler has no metrics to scale by.",
                stated.reported,
            )
        ],
    )


def _at_limit(case: Case, focus: Focus, hpa: SnapshotObject) -> Iterator[Hypothesis]:
    limit = hpa.number("spec.maxReplicas")
    if limit and hpa.number("status.desiredReplicas") >= limit and focus.symptom in (MAXED, MISMATCH):
        shown = case.book.fields(hpa, "", "spec.maxReplicas", "status.currentReplicas", "status.desiredReplicas")
        yield focus.hypothesis(
            "hpa_limit_reached",
            hpa,
            Level.STRONG,
            cite(f"Autoscaler `{hpa.name}` needs more than its maximum of {{limit}} replicas.", shown, limit=limit),
            *_above_target(case, hpa),
            actions=[actions.raise_replicas(hpa, _wanted(hpa), shown, *_measured(case, hpa))],
        )


def _above_target(case: Case, hpa: SnapshotObject) -> Iterator[Sentence]:
    """The resource whose utilization asks for more replicas, with its target."""
    targets = {key: _utilization(one, "target") for one in hpa.many("spec.metrics") if (key := _resource_of(one))}
    for one in hpa.many("status.currentMetrics"):
        if (key := _resource_of(one)) and (usage := _utilization(one, "current")) > targets.get(key, usage):
            told = case.book.relation(hpa.ref, "metrics", f"{key}: {usage}% of requests, target {targets[key]}%")
            yield cite(
                f"Utilization of {{metric}} is {{usage}}, above its target of `{targets[key]}%`.", told, metric=key, usage=f"{usage}%"
            )


def _wanted(hpa: SnapshotObject) -> int | None:
    """The replicas that its metrics ask for, ceil(replicas x current / target) of the highest; None where it reports no utilization.

    Source: Kubernetes documentation, Horizontal Pod Autoscaling, algorithm details.
    """
    targets = {key: target for one in hpa.many("spec.metrics") if (key := _resource_of(one)) and (target := _utilization(one, "target"))}
    replicas = hpa.number("status.currentReplicas")
    found = [
        -(-replicas * current // targets[key])
        for one in hpa.many("status.currentMetrics")
        if (key := _resource_of(one)) in targets and (current := _utilization(one, "current"))
    ]
    return max(found, default=0) or None


def _resource_of(metric: Mapping[str, Any]) -> str | None:
    found = metric.get("resource")
    return str(found.get("name")) if isinstance(found, dict) else None


def _utilization(metric: Mapping[str, Any], which: str) -> int:
    """The average utilization in percent, of the target or as it is now; 0 where the metric has none."""
    amounts = metric["resource"].get(which)
    value = amounts.get("averageUtilization") if isinstance(amounts, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _measured(case: Case, hpa: SnapshotObject) -> list[str]:
    return [case.book.fields(hpa, "", "spec.metrics", "status.currentMetrics")] if hpa.many("status.currentMetrics") else []


def _no_metrics_api(stated: _Stated) -> list[Sentence]:
    """That no APIService provides resource metrics."""
    case, name = stated.case, autoscalers.RESOURCE_METRICS_API
    is_asked = autoscalers.METRICS_APIS.get(stated.reason) == name
    if not is_asked or (missing := case.snap.missing(_API_KIND, None, name)) is None:
        return []
    gone = case.book.absence(missing, stated.hpa.ref, f"APIService {name}", "not among the cluster's APIServices")
    return [cite("No APIService provides resource metrics: the metrics server is not installed.", gone)]


def _of_another_kind(case: Case, hpa: SnapshotObject, name: str) -> SnapshotObject | None:
    """A workload with this name that can be scaled."""
    found = (case.snap.find(kind, hpa.namespace, name) for kind in ("Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps"))
    return next((obj for obj in found if obj is not None), None)


RULES = (
    rule(
        autoscaler,
        {INACTIVE, UNABLE, MAXED, MISMATCH},
        {
            "hpa_target_missing",
            "hpa_needs_requests",
            "metrics_unavailable",
            "pods_without_metrics",
            "hpa_misconfigured",
            "hpa_limit_reached",
        },
        version=4,
    ),
)
