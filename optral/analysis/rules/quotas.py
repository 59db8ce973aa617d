"""ResourceQuotas: which one is full, for what, and who is refused by it."""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules.rule import QUOTA, rule
from optral.analysis.snapshot import Thing
from optral.kube import quantities


class Full(NamedTuple):
    """A quota that has nothing left of a resource, and the words for it."""

    thing: Thing
    resource: str
    sentence: Sentence


def full_for(case: Case, namespace: str, *resources: str) -> Iterator[Full]:
    """Quotas of a namespace that are used up for one of these resources; `services` also means `services.nodeports` and the like."""
    for quota in case.snap.all("ResourceQuota", namespace):
        for name, hard in quota.map("status.hard").items():
            plain = name.removeprefix("count/")
            if not any(plain == one or plain.startswith((one + ".", one + "/")) for one in resources):
                continue
            used = quota.map("status.used").get(name)
            if used is not None and _amount(used) >= _amount(hard):
                yield Full(quota, name, _said(case, quota, name, used, hard))


def _said(case: Case, quota: Thing, name: str, used: object, hard: object) -> Sentence:
    shown = case.book.relation(quota.ref, "status", f"{name}: {used} of {hard} used")
    return cite(f"ResourceQuota `{quota.name}`: `{used}` of `{hard}` `{name}` used.", shown)


def exceeded(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is the quota's own: what is used up."""
    quota = focus.thing
    if quota.kind != "ResourceQuota":
        return
    full = [
        one
        for one in full_for(case, quota.namespace or "", *(n.removeprefix("count/") for n in quota.map("status.hard")))
        if one.thing.name == quota.name
    ]
    refused = _refusal(case, quota) or _no_room(case, quota)
    if not full and refused is None:
        return
    more = [refused] if refused is not None else []
    yield case.hypothesis(
        "quota_exceeded",
        quota,
        Level.PROVEN if refused is not None else Level.POSSIBLE,
        *(one.sentence for one in full[:3]),
        *more,
        focus=focus,
        actions=[
            actions.advice(
                f"Raise the quota {quota.name}, or delete what it counts",
                "The namespace has reached its quota.",
                *(id_ for one in (*[f.sentence for f in full[:1]], *more) for id_ in one.evidence_ids),
            )
        ],
    )


def _no_room(case: Case, quota: Thing) -> Sentence | None:
    """What is needed and not there, as the issue says: to a person who makes a Service or a claim, the quota's refusal leaves no trace."""
    facts = case.question.facts
    kind, missing = facts.get("missingKind"), facts.get("missing")
    if kind not in ("Service", "PersistentVolumeClaim") or not isinstance(missing, list) or case.question.resource.name != quota.name:
        return None
    absent = [name for name in missing if isinstance(name, str) and case.snap.find(kind, quota.namespace, name) is None]
    if not absent or not case.snap.sees(kind):
        return None
    gone = case.book.absence(quota.ref, f"{kind} {absent[0]}", f"no {kind} {absent[0]} in namespace {quota.namespace}")
    return cite(f"{kind} `{absent[0]}` is needed but cannot be created within the quota.", gone)


def _refusal(case: Case, quota: Thing) -> Sentence | None:
    """A controller that says that this very quota refused it, and still wants more than it has."""
    for kind in ("ReplicaSet.apps", "StatefulSet.apps", "Job.batch", "DaemonSet.apps"):
        for controller in case.snap.all(kind, quota.namespace):
            path, failure = controller.condition("ReplicaFailure")
            if failure.get("status") == "True" and f"exceeded quota: {quota.name}" in str(failure.get("message")):
                told = case.book.fields(controller, path, "reason", "message")
                return cite(f"{controller.short_kind} `{controller.name}` was rejected because of it.", told)
            if controller.number("spec.replicas", 1) <= controller.number("status.replicas"):
                continue
            for event in case.events(controller, "FailedCreate"):
                if f"exceeded quota: {quota.name}" in event.text("message"):
                    told = case.event_id(event, controller)
                    return cite(f"{controller.short_kind} `{controller.name}` was rejected because of it.", told)
    return None


def _amount(value: object) -> int:
    """A quantity of any kind in thousandths, so that two of the same kind can be compared."""
    try:
        return quantities.to_milli(str(value))
    except quantities.BadQuantity:
        return 0


RULES = (rule(exceeded, {QUOTA}, {"quota_exceeded"}, version=2),)
