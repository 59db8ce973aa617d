"""ResourceQuotas: which one is full, for which resource, and what it rejects."""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import rejections
from optral.analysis.rules.rule import QUOTA, rule
from optral.kube import quantities
from optral.kube.reports import admission
from optral.kube.reports.admission import Kind


class Full(NamedTuple):
    """A quota that has nothing left of a resource, and the sentence that reports it."""

    obj: SnapshotObject
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
            if used is not None and (quantities.read_milli(used) or 0) >= (quantities.read_milli(hard) or 0):
                yield Full(quota, name, _usage(case, quota, name, used, hard))


def _usage(case: Case, quota: SnapshotObject, name: str, used: object, hard: object) -> Sentence:
    shown = case.book.relation(quota.ref, "status", f"{name}: {used} of {hard} used")
    return cite(f"ResourceQuota {{quota}}: `{used}` of {{limit}} {{metric}} used.", shown, quota=quota.name, limit=hard, metric=name)


def exceeded(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is about the quota itself: what is used up."""
    quota = focus.obj
    if quota.kind != "ResourceQuota":
        return
    full = [
        found
        for found in full_for(case, quota.namespace or "", *(n.removeprefix("count/") for n in quota.map("status.hard")))
        if found.obj.name == quota.name
    ]
    refused = _rejection(case, quota)
    rejected = refused.sentence if refused is not None else _missing_object(case, quota)
    if not full and rejected is None:
        return
    more = [rejected] if rejected is not None else []
    advice = actions.advice(
        f"Raise quota {quota.name}, or delete objects that it counts",
        "The namespace has reached its quota.",
        *(id_ for sentence in (*[found.sentence for found in full[:1]], *more) for id_ in sentence.evidence_ids),
    )
    yield focus.hypothesis(
        "quota_exceeded",
        quota,
        Level.PROVEN if rejected is not None else Level.POSSIBLE,
        *(found.sentence for found in full[:3]),
        *more,
        actions=[*_raised(quota, refused, full), advice],
    )


def _raised(quota: SnapshotObject, refused: "Refused | None", full: list[Full]) -> list[Action | None]:
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
    if (found := admission.exceeded(message)) is None:
        return []
    return [Requested(name, amount, found.used[name]) for name, amount in found.requested.items() if name in found.used][:4]


def raises(quota: SnapshotObject, message: str, lacking: int, *evidence_ids: str) -> list[Action | None]:
    """Raise each entry to what is used and what the `lacking` pods request, at least one."""
    return [actions.raise_quota(quota, one.resource, _needed(quota, one, max(1, lacking)), *evidence_ids) for one in requested(message)]


def _needed(quota: SnapshotObject, one: Requested, count: int) -> str | None:
    used = str(quota.map("status.used").get(one.resource) or one.used)
    more, before, shown = map(quantities.read_milli, (one.request, used, one.used))
    if more is None or before is None or shown is None:
        return None
    return quantities.written(max(before, shown) + count * more, one.resource)


def _missing_object(case: Case, quota: SnapshotObject) -> Sentence | None:
    """A Service or claim that is needed and does not exist, from the facts of the issue: a rejected person leaves no trace."""
    facts = case.question.facts
    kind, missing = facts.get("missingKind"), facts.get("missing")
    if kind not in ("Service", "PersistentVolumeClaim") or not isinstance(missing, list) or case.question.resource.name != quota.name:
        return None
    found = (case.snap.missing(kind, quota.namespace, name) for name in missing if isinstance(name, str))
    if (absent := next(filter(None, found), None)) is None:
        return None
    gone = case.book.absence(absent, quota.ref, f"{kind} {absent.name}", f"no {kind} {absent.name} in namespace {quota.namespace}")
    return cite(f"{kind} {{object}} is needed but cannot be created within the quota.", gone, object=absent.name)


class Refused(NamedTuple):
    """A rejection because of the quota: the sentence that reports it, the message, and how many pods the controller lacks."""

    sentence: Sentence
    message: str
    lacking: int


def lacking(controller: SnapshotObject) -> int:
    """How many pods a controller has too few."""
    return controller.number("spec.replicas", 1) - controller.number("status.replicas")


def _rejection(case: Case, quota: SnapshotObject) -> Refused | None:
    """A controller that reports that this quota rejected its pods, and that still has too few."""
    for kind in ("ReplicaSet.apps", "StatefulSet.apps", "Job.batch", "DaemonSet.apps"):
        for controller in case.snap.all(kind, quota.namespace):
            if lacking(controller) <= 0 or (newest := rejections.newest(case, controller)) is None:
                continue
            if _is_of(quota, newest.message):
                rejected = _rejected(controller, quota, newest.message, newest.evidence_id)
                return Refused(rejected, newest.message, lacking(controller))
    return None


def _is_of(quota: SnapshotObject, message: str) -> bool:
    """Whether this quota is the one that the rejection names."""
    found = admission.rejection(message)
    return found.kind is Kind.QUOTA_EXCEEDED and found.named == quota.name


def refused_claim(message: str, evidence_id: str) -> list[Sentence]:
    """The claim that the quota refuses and what it requests, as the API server names them; empty where pods are refused."""
    if (found := _claim(message)) is None:
        return []
    name, storage = found
    words = f"It refuses claim {{claim}}, which requests {{request}} of `{storage.resource}`."
    return [cite(words, evidence_id, claim=name, request=storage.request)]


def _claim(message: str) -> tuple[str, Requested] | None:
    """The claim that a quota refuses, and the storage that it requests."""
    name = admission.refused_claim(message)
    storage = [one for one in requested(message) if one.resource.endswith("requests.storage")]
    return (name, storage[-1]) if name is not None and storage else None


def _rejected(controller: SnapshotObject, quota: SnapshotObject, message: str, evidence_id: str) -> Sentence:
    if (claim := _claim(message)) is not None:
        words = f"{controller.short_kind} `{controller.name}` cannot create claim {{claim}} of {{request}} because of {{quota}}."
        return cite(words, evidence_id, claim=claim[0], request=claim[1].request, quota=quota.name)
    words = f"{controller.short_kind} `{controller.name}` cannot create pods because of {{quota}}"
    amounts, short = admission.exceeded(message), requested(message)
    if amounts is None or not short or (limit := amounts.limited.get(short[0].resource)) is None:
        return cite(f"{words}.", evidence_id, quota=quota.name)
    words += f": it requests {{request}} of {{metric}}, and `{short[0].used}` of {{limit}} is already in use."
    return cite(words, evidence_id, quota=quota.name, request=short[0].request, metric=short[0].resource, limit=limit)


RULES = (rule(exceeded, {QUOTA}, {"quota_exceeded"}, version=5),)
