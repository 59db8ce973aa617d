"""The API server rejects pods: which admission check, with which message, and whether the objects that it names exist."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import quotas, rejections, services
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import REFUSED, SERVICE, rule
from optral.kube import quantities
from optral.kube.names import nearest
from optral.kube.reports import admission
from optral.kube.reports.admission import Kind
from optral.terms.refs import ObjectRef

_BOUND = re.compile(
    r"(minimum|maximum) (\S{1,80}) usage per (Container|Pod|PersistentVolumeClaim) is ([^,\s]{1,40}), but (?:request"
    r"|limit) is ([^,\s]{1,40})"
)
_NAMED = re.compile(r"\{(\w+)\}")
_DENIED = re.compile(r"denied (?:the )?request: |is invalid: |: violates PodSecurity |is forbidden: (?!\w+ '[^']+' with binding )")
_SECURITY_LEVEL = re.compile(r'violates PodSecurity "([a-z]{1,20}:[a-z0-9.]{1,20})"')
_MUST_SET = re.compile(r"must set (securityContext\.[A-Za-z.]{1,60}=(?:true|false)\b)")
_SERVICE_HOST = re.compile(r"https?://([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc")


class Rejection(NamedTuple):
    """Pods that could not be created: of which controller and workload, the message with its evidence, and the object that it names.

    `earlier`: what the controller still reports, where that is another reason."""

    controller: SnapshotObject
    workload: SnapshotObject
    opening: Sentence
    reported: str
    message: str
    named: str
    earlier: list[Sentence]


def rejected(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The newest rejection of a controller's pods."""
    controller = focus.obj
    if (newest := rejections.newest(case, controller)) is None:
        return
    reported, message, earlier = newest
    kind, named = admission.rejection(message)
    workload = case.workload(controller)
    opening = cite(f"{controller.short_kind} `{controller.name}` cannot create its pods.", reported)
    explain = {
        Kind.QUOTA_EXCEEDED: _quota,
        Kind.LIMITS_REQUIRED: _must_specify,
        Kind.SERVICE_ACCOUNT_MISSING: _missing_account,
        Kind.WEBHOOK_FAILED: _webhook_failed,
    }.get(kind)
    if explain is not None:
        yield from explain(case, focus, Rejection(controller, workload, opening, reported, message, named or "", earlier))
        return
    cause, level, words, remedy = _PLAIN[kind]
    place = _NAMED.search(words)
    stated = cite(words, reported, **{place.group(1): named}) if place and named else cite(_NAMED.sub("it", words), reported)
    back = actions.rollback(case, workload) if case.changes(workload) else None
    if kind is Kind.LIMIT_RANGE:
        more, remedy = _bounds(case, controller, message, reported, remedy)
    elif kind is Kind.POD_SECURITY:
        more, remedy = _security(message, reported, remedy)
    else:
        more = _reason(message, reported)
    advice = actions.advice(remedy, stated.text.replace("`", ""), reported)
    yield focus.hypothesis(cause, workload, level, opening, stated, *more, *earlier, actions=[back, advice])


def _reason(message: str, reported: str) -> list[Sentence]:
    """The message of the policy or the admission check that rejected the pods; its end names the rule."""
    denied = _DENIED.search(message)
    return [quote("Reason", message if denied is None else message[denied.end() :], reported)]


def _security(message: str, reported: str, remedy: str) -> tuple[list[Sentence], str]:
    """The level that the namespace enforces and what violates it; the remedy lists the settings that the message asks for."""
    level = _SECURITY_LEVEL.search(message)
    found = level or _DENIED.search(message)
    sentences = [quote("Reason", message if found is None else message[found.end() :].lstrip(": "), reported)]
    if level is not None:
        sentences.insert(0, cite(f"The namespace enforces `{level.group(1)}`.", reported))
    settings = dict.fromkeys(_MUST_SET.findall(message))
    return sentences, f"Set {' and '.join(list(settings)[:3])}" if settings else remedy


def _bounds(case: Case, controller: SnapshotObject, message: str, reported: str, remedy: str) -> tuple[list[Sentence], str]:
    """Which bound was exceeded, and the LimitRange that sets it."""
    match = _BOUND.search(message)
    if match is None:
        return [quote("Reason", message, reported)], remedy
    which, resource, of, bound, declared = match.groups()
    words = cite(f"It requests {{request}} of `{resource}`; the {which} is {{limit}}.", reported, request=declared, limit=bound)
    todo = f"Request {'at most' if which == 'maximum' else 'at least'} {bound} of {resource}, or change the LimitRange"
    for limits in case.snap.all("LimitRange", controller.namespace):
        for index, entry in limits.indexed("spec.limits"):
            side = entry.get(which[:3])
            if (
                entry.get("type") == of
                and isinstance(side, dict)
                and quantities.read_milli(side.get(resource)) == quantities.read_milli(bound)
            ):
                return [
                    words,
                    cite("LimitRange {object} sets this limit.", case.book.object(limits, f"spec.limits[{index}]"), object=limits.name),
                ], todo
    return [words], todo


_PLAIN = {
    Kind.LIMIT_RANGE: (
        "limit_range_violation",
        Level.PROVEN,
        "A LimitRange does not allow its requests or limits.",
        "Change its requests or limits to fit the LimitRange",
    ),
    Kind.POD_SECURITY: (
        "pod_security_violation",
        Level.PROVEN,
        "The pod does not meet the Pod Security level that the namespace enforces.",
        "Set the security context",
    ),
    Kind.WEBHOOK_DENIED: (
        "webhook_denied",
        Level.PROVEN,
        "The admission webhook {webhook} rejects the pods.",
        "Change the pod template to comply with the policy",
    ),
    Kind.POLICY_DENIED: (
        "forbidden",
        Level.PROVEN,
        "ValidatingAdmissionPolicy {object} rejects the pods.",
        "Change the pod template to comply with the policy",
    ),
    Kind.INVALID: (
        "forbidden",
        Level.PROVEN,
        "The API server rejects its pod template as invalid.",
        "Correct the field that the message names",
    ),
    Kind.NAMESPACE_TERMINATING: (
        "forbidden",
        Level.PROVEN,
        "The namespace is being deleted, so nothing can be created in it.",
        "Create the workload in another namespace, or wait until the namespace is gone and create it again",
    ),
    Kind.PRIORITY_CLASS_MISSING: (
        "forbidden",
        Level.PROVEN,
        "PriorityClass {object} does not exist.",
        "Create the PriorityClass, or correct its name",
    ),
    Kind.RUNTIME_CLASS_MISSING: (
        "forbidden",
        Level.PROVEN,
        "RuntimeClass {object} does not exist.",
        "Create the RuntimeClass, or correct its name",
    ),
    Kind.FORBIDDEN: ("forbidden", Level.STRONG, "The API server rejects the pods.", "Correct what the message names in the pod template"),
    Kind.UNKNOWN: ("forbidden", Level.POSSIBLE, "The API server did not create the pods.", "Read the message from the API server"),
}


def _quota(case: Case, focus: Focus, rejection: Rejection) -> Iterator[Hypothesis]:
    quota = case.snap.find("ResourceQuota", rejection.controller.namespace, rejection.named)
    amounts, has_room = _amounts(case, quota, rejection)
    subject = quota.ref if quota is not None else ObjectRef("ResourceQuota", rejection.controller.namespace, rejection.named)
    remedy = actions.advice(
        f"Raise the quota {rejection.named}, or lower what the pods request", "The namespace has reached its quota.", rejection.reported
    )
    more = [] if quota is None else quotas.raises(quota, rejection.message, quotas.lacking(rejection.controller), rejection.reported)
    back = _scaled_back(case, rejection.workload, rejection.controller.get("spec.replicas"))
    yield focus.hypothesis(
        "quota_exceeded",
        subject,
        Level.PLAUSIBLE if has_room else Level.PROVEN,
        rejection.opening,
        cite("ResourceQuota {quota} does not allow them.", rejection.reported, quota=rejection.named),
        *quotas.refused_claim(rejection.message, rejection.reported),
        *amounts,
        *rejection.earlier,
        actions=[back, *more, remedy],
    )


def _amounts(case: Case, quota: SnapshotObject | None, rejection: Rejection) -> tuple[list[Sentence], bool]:
    """What is used and requested of each resource that the API server lists, and whether the quota has room for it by now."""
    found = admission.exceeded(rejection.message)
    if found is None:
        return [], False
    shown = [] if quota is None else [case.book.fields(quota, "status", "used", "hard")]
    sentences, fits = [], []
    for resource, wanted in list(found.requested.items())[:4]:
        limit, used = _amount(quota, resource, "hard", found.limited), _amount(quota, resource, "used", found.used)
        words = f"Of {{limit}} {{metric}}, `{used}` is in use, and {{request}} more is requested."
        sentences.append(cite(words, rejection.reported, *shown, metric=resource, limit=limit, request=wanted))
        hard, taken, more = map(quantities.read_milli, (limit, used, wanted))
        fits.append(hard is not None and taken is not None and more is not None and taken + more <= hard)
    has_room = bool(shown) and bool(fits) and all(fits)
    if has_room:
        sentences.append(cite("The quota has room for them now, so the next attempt may succeed.", *shown))
    return sentences, has_room


def _scaled_back(case: Case, workload: SnapshotObject, wanted: Any) -> Action | None:
    """Scale back to the replicas that exist, where the workload was scaled up past the quota."""
    have = workload.number("status.replicas")
    if not isinstance(wanted, int) or not 0 < have < wanted:
        return None
    evidence = case.book.fields(workload, "status", "replicas")
    return actions.scale(workload, have, "As many as the quota allows now.", evidence)


def _amount(quota: SnapshotObject | None, resource: str, which: str, reported: Mapping[str, str]) -> str:
    """As the quota has it now, or as it was when the API server rejected the pods."""
    value = None if quota is None else quota.map(f"status.{which}").get(resource)
    return str(value or reported.get(resource, "unknown"))


def _must_specify(case: Case, focus: Focus, rejection: Rejection) -> Iterator[Hypothesis]:
    declared = case.book.object(rejection.controller, "spec.template.spec.containers[0].resources")
    yield focus.hypothesis(
        "quota_needs_resources",
        rejection.workload,
        Level.PROVEN,
        rejection.opening,
        cite("Quota {quota} rejects pods without resource requests or limits.", rejection.reported, declared, quota=rejection.named),
        *_unset(rejection),
        *rejection.earlier,
        actions=[
            actions.advice("Set requests and limits, or create a LimitRange with defaults", "The quota requires them.", rejection.reported)
        ],
    )


def _unset(rejection: Rejection) -> list[Sentence]:
    """What a quota requires and the pods do not set, as the API server names it."""
    _, found, names = rejection.message.partition("must specify ")
    return [cite("They do not set {metric}.", rejection.reported, metric=names.strip(" .")[:80])] if found and "`" not in names else []


def _missing_account(case: Case, focus: Focus, rejection: Rejection) -> Iterator[Hypothesis]:
    """Only while it is missing: during an installation the account is often created a moment after the workload."""
    if case.snap.find("ServiceAccount", rejection.controller.namespace, rejection.named) is not None:
        return
    sentences = [rejection.opening, cite("ServiceAccount {object} does not exist.", rejection.reported, object=rejection.named)]
    if (accounts := case.snap.listed("ServiceAccount", rejection.controller.namespace)) is not None:
        names = accounts.names
        text = "the namespace has " + (", ".join(sorted(names)[:20]) or "none")
        gone = case.book.absence(accounts, rejection.controller.ref, f"ServiceAccount {rejection.named}", text)
        near = nearest(rejection.named, names)
        sentences.append(
            cite("The namespace has no ServiceAccount with a similar name.", gone)
            if near is None
            else cite(f"The closest existing name is `{near}`.", gone)
        )
    yield focus.hypothesis(
        "service_account_missing",
        rejection.workload,
        Level.PROVEN,
        *sentences,
        *rejection.earlier,
        actions=[
            actions.advice(
                f"Create ServiceAccount {rejection.named}, or correct its name", "Pods are rejected without it.", rejection.reported
            )
        ],
    )


def _webhook_failed(case: Case, focus: Focus, rejection: Rejection) -> Iterator[Hypothesis]:
    words = "The API server cannot call the admission webhook {webhook}."
    sentences = [
        rejection.opening,
        cite(words, rejection.reported, webhook=rejection.named),
        quote("Reason", rejection.message, rejection.reported),
    ]
    subject: SnapshotObject | ObjectRef = ObjectRef("ValidatingWebhookConfiguration.admissionregistration.k8s.io", None, rejection.named)
    host = _SERVICE_HOST.search(rejection.message)
    service = case.snap.find("Service", host.group(2), host.group(1)) if host is not None else None
    if service is not None:
        subject = service
        served = case.book.fields(service, "metadata", "name")
        sentences.append(cite("It is served by Service {service}.", rejection.reported, served, service=service.name))
        for deeper in services.of_service(case, Focus(case, SERVICE, service)):
            sentences += deeper.sentences
            break
    elif host is not None:
        subject = ObjectRef("Service", host.group(2), host.group(1))
        sentences.append(cite("It is served by Service {service}.", rejection.reported, service=host.group(1)))
    remedy = actions.advice(
        f"Fix the workload behind the webhook {rejection.named}",
        "Until it responds, every request that it covers is rejected.",
        rejection.reported,
    )
    yield focus.hypothesis("webhook_unavailable", subject, Level.PROVEN, *sentences, *rejection.earlier, actions=[remedy])


RULES = (
    rule(
        rejected,
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
        version=3,
    ),
)
