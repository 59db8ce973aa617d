"""Budgets and policies whose selector matches no pod, so that they have no effect."""

from collections.abc import Iterator
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import Listing, SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import intended_target
from optral.analysis.rules.rule import rule
from optral.kube import selectors

BLOCKING, BUDGET, MATCHES_NOTHING = "PDBBlocksEviction", "PDBInsufficientHealthyPods", "NetworkPolicyMatchesNothing"
_PATHS = {"PodDisruptionBudget": "spec.selector", "NetworkPolicy": "spec.podSelector"}


def selects_no_pod(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """No pod and no workload of the namespace has the labels that the budget or policy selects."""
    obj = focus.obj
    path = _PATHS.get(obj.short_kind)
    if path is None:
        return
    wanted, has_expressions = obj.strings(f"{path}.matchLabels"), bool(obj.many(f"{path}.matchExpressions"))
    workloads, pods = list(intended_target.workloads(case, obj.namespace)), _all_pods(case, obj.namespace)
    if pods is None or not (wanted or has_expressions) or _matches_any(obj.get(path), [*pods.objects, *workloads]):
        return
    chosen = case.book.object(obj, path)
    none = case.book.absence(pods, obj.ref, "pods", f"the selector matches no pod and none of {len(workloads)} workloads of the namespace")
    opening = cite(f"{obj.short_kind} `{obj.name}` selects no pod and has no effect.", chosen, none)
    target = None if has_expressions else intended_target.find(case, wanted, owner=obj)
    differences = [] if target is None else intended_target.differences(case, target, wanted, chosen)
    if not differences and wanted:
        key = next(iter(wanted))
        differences = [cite("It selects the label {label}.", chosen, label=f"{key}={wanted[key]}")]
    is_clear = target is not None and target.level >= intended_target.CLEAR
    todo, change = f"Correct the selector of {obj.name}, or delete it", None
    if target is not None and is_clear:
        todo = intended_target.remedy(target, wanted, owner=obj)
        change = intended_target.edit_of(target, obj, (*path.split("."), "matchLabels"))
    evidence = (differences or [opening])[0].evidence_ids
    yield focus.hypothesis(
        "policy_selects_nobody",
        obj,
        Level.PROVEN if is_clear else Level.STRONG,
        opening,
        *differences,
        actions=[actions.advice(todo, "A selector without pods has no effect.", *evidence, edit=change)],
    )


def _all_pods(case: Case, namespace: str | None) -> Listing | None:
    """The pods of a namespace if neither a pod nor a workload may be missing."""
    return case.snap.listed("Pod", namespace) if intended_target.knows_workloads(case, namespace) else None


def _matches_any(selector: Any, things: list[SnapshotObject]) -> bool:
    parsed = selectors.parse(selector)
    return any(selectors.fits(parsed, intended_target.labels_of(obj)) for obj in things)


RULES = (rule(selects_no_pod, {BLOCKING, BUDGET, MATCHES_NOTHING}, {"policy_selects_nobody"}, version=2),)
