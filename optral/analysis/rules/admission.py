"""The API server refuses to make pods: who refused, with which words, and what there is of what they name."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules import services
from optral.analysis.rules.rule import REFUSED, SERVICE, rule
from optral.analysis.snapshot import Thing
from optral.detectors.workloads import failed_create
from optral.kube.names import nearest
from optral.terms.refs import ObjectRef

_QUOTA_PAIR = re.compile(r"([A-Za-z0-9./_-]{1,200})=([^,\s]{1,40})")
_BOUND = re.compile(r"(minimum|maximum) (\S{1,80}) usage per (?:Container|Pod) is ([^,\s]{1,40}), but (?:request|limit) is ([^,\s]{1,40})")
MAX_WORDS = 160
_SERVICE_HOST = re.compile(r"https?://([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc")


class Refusal(NamedTuple):
    """Pods that could not be made: of which controller and workload, in whose words, and what the words name."""

    controller: Thing
    workload: Thing
    opening: Sentence
    told: str
    message: str
    named: str


def refused(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The newest refusal of a controller that is still short of pods."""
    controller = focus.thing
    told, message = _refusal(case, controller)
    if not message:
        return
    kind, _, named = failed_create.cause_of(message)
    workload = case.workload(controller)
    opening = cite(f"{controller.short_kind} `{controller.name}` cannot create its pods.", told)
    judge = {
        "quotaExceeded": _quota,
        "limitsRequired": _must_specify,
        "serviceAccountMissing": _account,
        "webhookFailed": _webhook_failed,
    }.get(kind)
    if judge is not None:
        yield from judge(case, focus, Refusal(controller, workload, opening, told, message, named or ""))
        return
    cause, level, words, remedy = _PLAIN.get(kind, _PLAIN["forbidden"])
    text = words.format(named=f"`{named}`" if named else "it")
    back = actions.rollback(case, workload) if case.changes(workload) else None
    more, remedy = _bounds(case, controller, message, told, remedy) if kind == "limitRange" else (_words(kind, message, told), remedy)
    advice = actions.advice(remedy, text.replace("`", ""), told)
    yield case.hypothesis(cause, workload, level, opening, cite(text, told), *more, focus=focus, actions=[back, advice])


def _words(kind: str, message: str, told: str) -> list[Sentence]:
    """What a policy objects to, in its own words: the end of them says which rule it was."""
    _, denied, words = message.partition("denied the request: ")
    plain = " ".join(words.replace("`", "'").split())
    if kind != "webhookDenied" or not denied or not plain or "`" in words:
        return []
    shown = plain if len(plain) <= MAX_WORDS else plain[-MAX_WORDS:].partition(" ")[2]
    return [cite(f"Reason: `{shown}`.", told)]


def _bounds(case: Case, controller: Thing, message: str, told: str, remedy: str) -> tuple[list[Sentence], str]:
    """Which bound, and who set it."""
    match = _BOUND.search(message)
    if match is None:
        return [], remedy
    which, resource, bound, asked = match.groups()
    ranges = [one for one in case.snap.all("LimitRange", controller.namespace) if one.get("spec.limits")]
    proof = [case.book.fields(one, "spec", "limits") for one in ranges[:3]]
    most = "most" if which == "maximum" else "least"
    words = cite(f"It requests `{asked}` of `{resource}`; the {most} allowed is `{bound}`.", told)
    by = cite(f"LimitRange `{ranges[0].name}` sets it.", *proof) if len(ranges) == 1 else None
    todo = f"Request {'at most' if which == 'maximum' else 'at least'} {bound} of {resource}, or change the LimitRange"
    return [words, *([by] if by is not None else [])], todo


_PLAIN = {
    "limitRange": (
        "limit_range_violation",
        Level.PROVEN,
        "A LimitRange does not allow its requests or limits.",
        "Change its resources so that they are within the bounds",
    ),
    "podSecurity": (
        "pod_security_violation",
        Level.PROVEN,
        "The pod does not meet the Pod Security level that the namespace enforces.",
        "Set the security context",
    ),
    "webhookDenied": ("webhook_denied", Level.PROVEN, "The admission webhook {named} rejects the pods.", "Change what the policy rejects"),
    "priorityClassMissing": (
        "forbidden",
        Level.PROVEN,
        "PriorityClass {named} does not exist.",
        "Create the PriorityClass, or correct its name",
    ),
    "runtimeClassMissing": (
        "forbidden",
        Level.PROVEN,
        "RuntimeClass {named} does not exist.",
        "Create the RuntimeClass, or correct its name",
    ),
    "forbidden": ("forbidden", Level.POSSIBLE, "The API server rejects the pods.", "Change what it rejects"),
}


def _quota(case: Case, focus: Focus, refusal: Refusal) -> Iterator[Hypothesis]:
    quota = case.snap.find("ResourceQuota", refusal.controller.namespace, refusal.named)
    sentences = [refusal.opening, cite(f"ResourceQuota `{refusal.named}` is exhausted.", refusal.told)]
    short = _short_of(refusal.message)
    if quota is not None:
        used = case.book.fields(quota, "status", "used", "hard")
        for resource in short:
            hard, taken = _hard(quota, resource, "hard"), _hard(quota, resource, "used")
            if hard and taken:
                sentences.append(cite(f"`{resource}`: `{taken}` of `{hard}` used.", used))
    subject = quota.ref if quota is not None else ObjectRef("ResourceQuota", refusal.controller.namespace, refusal.named)
    wanted = refusal.controller.get("spec.replicas")
    remedy = actions.advice(
        f"Raise the quota {refusal.named}, or lower what the pods request", "The namespace has reached its quota.", refusal.told
    )
    yield case.hypothesis(
        "quota_exceeded", subject, Level.PROVEN, *sentences, focus=focus, actions=[_scaled_back(case, refusal.workload, wanted), remedy]
    )


def _scaled_back(case: Case, workload: Thing, wanted: Any) -> Action | None:
    """Back to as many as there are, where the workload was scaled up past the quota."""
    have = workload.number("status.replicas")
    if not isinstance(wanted, int) or not 0 < have < wanted:
        return None
    evidence = case.book.fields(workload, "status", "replicas")
    return actions.scale(workload, have, "As many as the quota allows now.", evidence)


def _short_of(message: str) -> list[str]:
    """The resources of which more is requested than is left."""
    requested = re.search(r"requested: (.+?), used:", message)
    return [name for name, _ in _QUOTA_PAIR.findall(requested.group(1))][:4] if requested is not None else []


def _hard(quota: Thing, resource: str, which: str) -> str:
    value = quota.map(f"status.{which}").get(resource)
    return str(value) if value is not None else ""


def _must_specify(case: Case, focus: Focus, refusal: Refusal) -> Iterator[Hypothesis]:
    asked = case.book.object(refusal.controller, "spec.template.spec.containers[0].resources")
    yield case.hypothesis(
        "quota_needs_resources",
        refusal.workload,
        Level.PROVEN,
        refusal.opening,
        cite(f"Quota `{refusal.named}` rejects pods without resource requests or limits.", refusal.told, asked),
        focus=focus,
        actions=[actions.advice("Set requests and limits, or create a LimitRange with defaults", "The quota requires them.", refusal.told)],
    )


def _account(case: Case, focus: Focus, refusal: Refusal) -> Iterator[Hypothesis]:
    """Only while it is still missing: at an installation the account often comes a moment after the workload."""
    if case.snap.find("ServiceAccount", refusal.controller.namespace, refusal.named) is not None:
        return
    sentences = [refusal.opening, cite(f"ServiceAccount `{refusal.named}` does not exist.", refusal.told)]
    if case.snap.sees("ServiceAccount"):
        names = [one.name for one in case.snap.all("ServiceAccount", refusal.controller.namespace)]
        gone = case.book.absence(
            refusal.controller.ref, f"ServiceAccount {refusal.named}", "the namespace has " + (", ".join(sorted(names)[:20]) or "none")
        )
        near = nearest(refusal.named, names)
        sentences.append(
            cite("It is not in the namespace.", gone) if near is None else cite(f"The closest existing name is `{near}`.", gone)
        )
    yield case.hypothesis(
        "service_account_missing",
        refusal.workload,
        Level.PROVEN,
        *sentences,
        focus=focus,
        actions=[
            actions.advice(f"Create ServiceAccount {refusal.named}, or correct its name", "Pods are rejected without it.", refusal.told)
        ],
    )


def _webhook_failed(case: Case, focus: Focus, refusal: Refusal) -> Iterator[Hypothesis]:
    sentences = [refusal.opening, cite(f"The API server cannot call the admission webhook `{refusal.named}`.", refusal.told)]
    subject: Thing | ObjectRef = ObjectRef("ValidatingWebhookConfiguration.admissionregistration.k8s.io", None, refusal.named)
    host = _SERVICE_HOST.search(refusal.message)
    service = case.snap.find("Service", host.group(2), host.group(1)) if host is not None else None
    if service is not None:
        subject = service
        for deeper in services.of_service(case, Focus(SERVICE, service)):
            sentences += deeper.sentences
            break
    elif host is not None:
        subject = ObjectRef("Service", host.group(2), host.group(1))
    remedy = actions.advice(
        f"Fix the workload behind the webhook {refusal.named}", "Until it responds, every request that it covers is rejected.", refusal.told
    )
    yield case.hypothesis("webhook_unavailable", subject, Level.PROVEN, *sentences, focus=focus, actions=[remedy])


def _refusal(case: Case, controller: Thing) -> tuple[str, str]:
    """(evidence id, text): the condition when it is true, else the newest Event, else what the detector saw."""
    path, failure = controller.condition("ReplicaFailure")
    if failure.get("status") == "True":
        return case.book.fields(controller, path, "reason", "message"), str(failure.get("message") or "")
    for event in case.events(controller, "FailedCreate"):
        return case.event_id(event, controller), event.text("message")
    facts = case.question.facts
    if case.question.type == REFUSED and facts.get("message"):
        return case.book.fact(controller.ref, facts, "cause", "named", "message"), str(facts["message"])
    return "", ""


RULES = (
    rule(
        refused,
        {REFUSED},
        {
            "quota_exceeded",
            "quota_needs_resources",
            "limit_range_violation",
            "service_account_missing",
            "pod_security_violation",
            "webhook_denied",
            "webhook_unavailable",
            "forbidden",
        },
        version=2,
    ),
)
