"""HorizontalPodAutoscalers that cannot scale, or that reached their limit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite, template_path
from optral.analysis.edits import edit
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import rule
from optral.analysis.snapshot import Thing
from optral.kube.names import nearest
from optral.kube.objects import kind_id_of

INACTIVE, UNABLE, MAXED, MISMATCH = "HPAScalingInactive", "HPAUnableToScale", "HPAMaxedOut", "HPAReplicasMismatch"
_API_KIND = "APIService.apiregistration.k8s.io"
_NEEDS_REQUEST = re.compile(r"missing request for (\S+)(?: in container (\S+))?")
_NO_METRICS_API = re.compile(
    r"metrics API|metrics\.k8s\.io|no metrics returned|unable to fetch metrics|the server could not find", re.IGNORECASE
)


def autoscaler(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Its target does not exist, it cannot scale, or it has reached its maximum."""
    hpa = focus.thing
    if not hpa.kind.startswith("HorizontalPodAutoscaler"):
        return
    target = hpa.map("spec.scaleTargetRef")
    kind = kind_id_of(str(target.get("apiVersion") or "apps/v1"), str(target.get("kind") or ""))
    workload = case.snap.find(kind, hpa.namespace, str(target.get("name") or ""))
    declared = case.book.object(hpa, "spec.scaleTargetRef")
    if workload is None and case.snap.sees(kind):
        yield _no_target(case, focus, hpa, target, kind, declared)
    elif (found := next(_inactive(case, focus, hpa, workload), None)) is not None:
        yield found
    else:
        yield from _at_limit(case, focus, hpa)


def _no_target(case: Case, focus: Focus, hpa: Thing, target: Mapping[str, Any], kind: str, declared: str) -> Hypothesis:
    """The target of scaleTargetRef does not exist; the closest name, or the same name of another kind, is suggested."""
    gone = case.book.absence(hpa.ref, f"{target.get('kind')} {target.get('name')}", "not among the namespace's objects")
    names = [thing.name for thing in case.snap.all(kind, hpa.namespace)]
    near = nearest(str(target.get("name") or ""), names)
    there = case.snap.find(kind, hpa.namespace, near) if near is not None else None
    more = [cite(f"`{near}` exists, with nearly the same name.", case.book.fields(there, "metadata", "name"))] if there else []
    wanted = f"{there.short_kind} {there.name}" if there is not None else None
    if there is None and (twin := _of_another_kind(case, hpa, str(target.get("name") or ""))) is not None:
        more = [cite(f"A {twin.short_kind} with that name exists.", case.book.fields(twin, "metadata", "name"))]
        wanted = f"{twin.short_kind} {twin.name}"
    todo = f"Change scaleTargetRef to {wanted}" if wanted else "Correct scaleTargetRef"
    return case.hypothesis(
        "hpa_target_missing",
        hpa,
        Level.PROVEN,
        cite(f"Autoscaler `{hpa.name}` targets {{object}}, which does not exist.", declared, gone, object=target.get("name")),
        *more,
        focus=focus,
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


def _inactive(case: Case, focus: Focus, hpa: Thing, workload: Thing | None) -> Iterator[Hypothesis]:
    """Its conditions state why it does not scale."""
    for name in ("ScalingActive", "AbleToScale"):
        path, condition = hpa.condition(name)
        if condition.get("status") != "False":
            continue
        reported = case.book.fields(hpa, path, "reason", "message")
        message = str(condition.get("message") or "")
        words = f"Autoscaler `{hpa.name}` cannot scale: {{reason}}."
        opening = cite(words, reported, reason=condition.get("reason") or name)
        reason = quote("Message of the autoscaler", message, reported)
        if (missing := _NEEDS_REQUEST.search(message)) is not None and workload is not None:
            shown = case.book.object(workload, f"{template_path(workload.kind)}.containers[0].resources")
            yield case.hypothesis(
                "hpa_needs_requests",
                workload,
                Level.PROVEN,
                opening,
                cite("A container has no request for {metric}.", reported, metric=missing.group(1)),
                cite("Its first container has these resources set.", shown),
                focus=focus,
                actions=[
                    actions.set_request(
                        workload,
                        missing.group(2) or "",
                        missing.group(1),
                        "Set the request that the autoscaler needs",
                        "Utilization is measured against the request.",
                        reported,
                        shown,
                    )
                ],
            )
        elif _NO_METRICS_API.search(message):
            yield case.hypothesis(
                "metrics_unavailable",
                hpa,
                Level.STRONG,
                opening,
                cite("It gets no metrics.", reported),
                reason,
                *_no_metrics_api(case, hpa, message),
                focus=focus,
                actions=[
                    actions.advice(
                        "Install or fix the metrics server, or the adapter of the metric",
                        "The autoscaler has no metrics to scale by.",
                        reported,
                    )
                ],
            )
        else:
            yield case.hypothesis(
                "hpa_misconfigured",
                hpa,
                Level.LIKELY,
                opening,
                reason,
                focus=focus,
                actions=[actions.advice("Correct the metric or the selector that it names", "The condition names the error.", reported)],
            )
        return


def _at_limit(case: Case, focus: Focus, hpa: Thing) -> Iterator[Hypothesis]:
    limit = hpa.number("spec.maxReplicas")
    if limit and hpa.number("status.desiredReplicas") >= limit and focus.symptom in (MAXED, MISMATCH):
        shown = case.book.fields(hpa, "", "spec.maxReplicas", "status.currentReplicas", "status.desiredReplicas")
        yield case.hypothesis(
            "hpa_limit_reached",
            hpa,
            Level.STRONG,
            cite(f"Autoscaler `{hpa.name}` needs more than its maximum of {{limit}} replicas.", shown, limit=limit),
            focus=focus,
            actions=[actions.raise_replicas(hpa, _wanted(hpa), shown, *_measured(case, hpa))],
        )


def _wanted(hpa: Thing) -> int | None:
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


def _measured(case: Case, hpa: Thing) -> list[str]:
    return [case.book.fields(hpa, "", "spec.metrics", "status.currentMetrics")] if hpa.many("status.currentMetrics") else []


def _no_metrics_api(case: Case, hpa: Thing, message: str) -> list[Sentence]:
    """That no APIService provides resource metrics."""
    name = "v1beta1.metrics.k8s.io"
    if not case.snap.sees(_API_KIND) or "resource metrics API" not in message or case.snap.find(_API_KIND, None, name) is not None:
        return []
    gone = case.book.absence(hpa.ref, f"APIService {name}", "not among the cluster's APIServices")
    return [cite("No APIService provides resource metrics: the metrics server is not installed.", gone)]


def _of_another_kind(case: Case, hpa: Thing, name: str) -> Thing | None:
    """A workload with this name that can be scaled."""
    found = (case.snap.find(kind, hpa.namespace, name) for kind in ("Deployment.apps", "StatefulSet.apps", "ReplicaSet.apps"))
    return next((thing for thing in found if thing is not None), None)


RULES = (
    rule(
        autoscaler,
        {INACTIVE, UNABLE, MAXED, MISMATCH},
        {"hpa_target_missing", "hpa_needs_requests", "metrics_unavailable", "hpa_misconfigured", "hpa_limit_reached"},
        version=2,
    ),
)
