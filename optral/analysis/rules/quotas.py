"""ResourceQuotas: which one is full, for which resource, and what it rejects."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules.rule import QUOTA, rule
from optral.analysis.snapshot import Thing
from optral.kube import quantities

_CLAIM = re.compile(
    r"persistentvolumeclaims \"(?P<claim>[a-z0-9.-]{1,253})\" is forbidden: exceeded quota: .{0,200}?"
    r"requested: (?:[^:]{0,200},)?(?P<metric>[A-Za-z0-9./-]{0,200}requests\.storage)=(?P<request>[0-9A-Za-z.]{1,40})"
)

_AMOUNTS = re.compile(r"requested: (.{1,400}?), used: (.{1,400}?), limited: ")
_PAIR = re.compile(r"([A-Za-z0-9./_-]{1,200})=([0-9A-Za-z.]{1,40})")
_REQUESTED = re.compile(
    r"requested: (?P<metric>[A-Za-z0-9./-]{1,200})=(?P<request>[0-9A-Za-z.]{1,40})\b.{0,400}?"
    r"used: (?P=metric)=(?P<used>[0-9A-Za-z.]{1,40})\b.{0,400}?limited: (?P=metric)=(?P<limit>[0-9A-Za-z.]{1,40})"
)
"""The first resource of which the quota has too little left; the API server lists no other resources."""


class Full(NamedTuple):
    """A quota that has nothing left of a resource, and the sentence that reports it."""

    thing: Thing
    resource: str
    sentence: Sentence


def full_for(case: Case, namespace: str, *resources: str) -> Iterator[Full]:
    """Quotas of a namespace that are used up for one of these resources; `services` also means `services.nodeports` and the like."""
    for quota in case.snap.all("ResourceQuota", namespace):
        for name, hard in quota.map("status.hard").items():
            plain = name.removeprefix("count/")
            if not any(plain == wanted or plain.startswith((wanted + ".", wanted + "/")) for wanted in resources):
                continue
            used = quota.map("status.used").get(name)
            if used is not None and _amount(used) >= _amount(hard):
                yield Full(quota, name, _usage(case, quota, name, used, hard))


def _usage(case: Case, quota: Thing, name: str, used: object, hard: object) -> Sentence:
    shown = case.book.relation(quota.ref, "status", f"{name}: {used} of {hard} used")
    return cite(f"ResourceQuota {{quota}}: `{used}` of {{limit}} {{metric}} used.", shown, quota=quota.name, limit=hard, metric=name)


def exceeded(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is about the quota itself: what is used up."""
    quota = focus.thing
    if quota.kind != "ResourceQuota":
        return
    full = [
        found
        for found in full_for(case, quota.namespace or "", *(n.removeprefix("count/") for n in quota.map("status.hard")))
        if found.thing.name == quota.name
    ]
    refused = _rejection(case, quota)
    rejected = refused.sentence if refused is not None else _missing_object(case, quota)
    if not full and rejected is None:
        return
    more = [rejected] if rejected is not None else []
    advice = actions.advice(
        f"Raise the quota {quota.name}, or delete what it counts",
        "The namespace has reached its quota.",
        *(id_ for sentence in (*[found.sentence for found in full[:1]], *more) for id_ in sentence.evidence_ids),
    )
    yield case.hypothesis(
        "quota_exceeded",
        quota,
        Level.PROVEN if rejected is not None else Level.POSSIBLE,
        *(found.sentence for found in full[:3]),
        *more,
        focus=focus,
        actions=[*_raised(quota, refused, full), advice],
    )


def _raised(quota: Thing, refused: "Refused | None", full: list[Full]) -> list[Action | None]:
    """Each entry to what is needed, as the rejection says it; without one, what is used up, with the amount left open."""
    found = [] if refused is None else raises(quota, refused.message, refused.lacking, *refused.sentence.evidence_ids)
    return found or [actions.raise_quota(quota, one.resource, None, *one.sentence.evidence_ids) for one in full[:2]]


class Requested(NamedTuple):
    """One resource of which a rejected pod or claim requested more than was left: the amounts as the API server wrote them."""

    resource: str
    request: str
    used: str


def requested(message: str) -> list[Requested]:
    """The resources that the API server lists in a rejection; empty where the message says nothing of amounts."""
    if (found := _AMOUNTS.search(message)) is None:
        return []
    asked, used = (dict(_PAIR.findall(text)) for text in found.groups())
    return [Requested(name, amount, used[name]) for name, amount in asked.items() if name in used][:4]


def raises(quota: Thing, message: str, lacking: int, *evidence_ids: str) -> list[Action | None]:
    """Raise each entry to what is used and what the `lacking` pods request, at least one."""
    return [actions.raise_quota(quota, one.resource, _needed(quota, one, max(1, lacking)), *evidence_ids) for one in requested(message)]


def _needed(quota: Thing, one: Requested, count: int) -> str | None:
    used = str(quota.map("status.used").get(one.resource) or one.used)
    try:
        more, before = quantities.to_milli(one.request), max(quantities.to_milli(used), quantities.to_milli(one.used))
    except quantities.BadQuantity:
        return None
    return quantities.written(before + count * more, one.resource)


def _missing_object(case: Case, quota: Thing) -> Sentence | None:
    """A Service or claim that is needed and does not exist, from the facts of the issue: a rejected person leaves no trace."""
    facts = case.question.facts
    kind, missing = facts.get("missingKind"), facts.get("missing")
    if kind not in ("Service", "PersistentVolumeClaim") or not isinstance(missing, list) or case.question.resource.name != quota.name:
        return None
    absent = [name for name in missing if isinstance(name, str) and case.snap.find(kind, quota.namespace, name) is None]
    if not absent or not case.snap.sees(kind):
        return None
    gone = case.book.absence(quota.ref, f"{kind} {absent[0]}", f"no {kind} {absent[0]} in namespace {quota.namespace}")
    return cite(f"{kind} {{object}} is needed but cannot be created within the quota.", gone, object=absent[0])


class Refused(NamedTuple):
    """A rejection because of the quota: the sentence that reports it, the message, and how many pods the controller lacks."""

    sentence: Sentence
    message: str
    lacking: int


def lacking(controller: Thing) -> int:
    """How many pods a controller has too few."""
    return controller.number("spec.replicas", 1) - controller.number("status.replicas")


def _rejection(case: Case, quota: Thing) -> Refused | None:
    """A controller that reports that this quota rejected its pods, and that still has too few."""
    for kind in ("ReplicaSet.apps", "StatefulSet.apps", "Job.batch", "DaemonSet.apps"):
        for controller in case.snap.all(kind, quota.namespace):
            path, failure = controller.condition("ReplicaFailure")
            if failure.get("status") == "True" and f"exceeded quota: {quota.name}" in str(failure.get("message")):
                condition, message = case.book.fields(controller, path, "reason", "message"), str(failure.get("message"))
                return Refused(_rejected(controller, quota, message, condition), message, lacking(controller))
            if lacking(controller) <= 0:
                continue
            for event in case.events(controller, "FailedCreate"):
                if f"exceeded quota: {quota.name}" in event.text("message"):
                    rejected, message = case.event_id(event, controller), event.text("message")
                    return Refused(_rejected(controller, quota, message, rejected), message, lacking(controller))
    return None


def refused_claim(message: str, evidence_id: str) -> list[Sentence]:
    """The claim that the quota refuses and what it requests, as the API server names them; empty where pods are refused."""
    if (found := _CLAIM.search(message)) is None:
        return []
    words = "It refuses claim {claim}, which requests {request} of `" + found["metric"] + "`."
    return [cite(words, evidence_id, claim=found["claim"], request=found["request"])]


def _rejected(controller: Thing, quota: Thing, message: str, evidence_id: str) -> Sentence:
    if (found := _CLAIM.search(message)) is not None:
        words = f"{controller.short_kind} `{controller.name}` cannot create claim {{claim}} of {{request}} because of {{quota}}."
        return cite(words, evidence_id, claim=found["claim"], request=found["request"], quota=quota.name)
    words = f"{controller.short_kind} `{controller.name}` was rejected because of {{quota}}"
    if (found := _REQUESTED.search(message)) is None:
        return cite(f"{words}.", evidence_id, quota=quota.name)
    words += f": it requests {{request}} of {{metric}}, and `{found['used']}` of {{limit}} is used."
    return cite(words, evidence_id, quota=quota.name, request=found["request"], metric=found["metric"], limit=found["limit"])


def _amount(value: object) -> int:
    """A quantity in thousandths, to compare two of the same unit; 0 for an unreadable one."""
    try:
        return quantities.to_milli(str(value))
    except quantities.BadQuantity:
        return 0


RULES = (rule(exceeded, {QUOTA}, {"quota_exceeded"}, version=5),)
