"""Budgets and policies whose selector fits no pod: they guard nobody, and nobody notices."""

from collections.abc import Iterator

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Hypothesis
from optral.analysis.rules import intended_target
from optral.analysis.rules.rule import rule
from optral.kube import selectors

BLOCKING, BUDGET, PROTECTS_NOBODY = "PDBBlocksEviction", "PDBInsufficientHealthyPods", "NetworkPolicyMatchesNothing"
_PATHS = {"PodDisruptionBudget": "spec.selector", "NetworkPolicy": "spec.podSelector"}


def selects_nobody(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    thing = focus.thing
    path = _PATHS.get(thing.short_kind)
    if path is None:
        return
    wanted = thing.strings(f"{path}.matchLabels")
    expressions = thing.many(f"{path}.matchExpressions")
    if not wanted and not expressions:
        return
    chosen = case.book.object(thing, path)
    everybody = [*case.snap.all("Pod", thing.namespace), *intended_target.workloads(case, thing.namespace)]
    labels = [intended_target.labels_of(one) for one in everybody]
    selector = selectors.parse(thing.get(path))
    if any(selectors.fits(selector, own) for own in labels):
        return
    looked = case.book.absence(thing.ref, "pods", f"the selector matches none of {len(everybody)} pods and workloads of the namespace")
    opening = cite(f"{thing.short_kind} `{thing.name}` selects no pod and has no effect.", chosen, looked)
    one = intended_target.find(case, wanted, owner=thing) if not expressions else None
    proof = intended_target.differences(case, one, wanted, chosen) if one is not None else []
    is_sure = one is not None and one.level >= intended_target.CLEAR
    todo = (
        intended_target.remedy(one, wanted, owner=thing)
        if one is not None and is_sure
        else f"Correct the selector of {thing.name}, or delete it"
    )
    evidence = [id_ for sentence in proof[:1] for id_ in sentence.evidence_ids] or [chosen, looked]
    yield case.hypothesis(
        "policy_selects_nobody",
        thing,
        Level.PROVEN if is_sure else Level.STRONG,
        opening,
        *proof,
        focus=focus,
        actions=[actions.advice(todo, "A selector without pods has no effect.", *evidence)],
    )


RULES = (rule(selects_nobody, {BLOCKING, BUDGET, PROTECTS_NOBODY}, {"policy_selects_nobody"}, version=2),)
