"""Budgets, webhooks, deletions that do not finish, references and permissions; objects whose conditions report a failure."""

from collections.abc import Iterator, Mapping
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite, is_ready
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import reach, services
from optral.analysis.rules.configuration import existing_keys
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import SERVICE, rule
from optral.kit.words import plural
from optral.kube.names import nearest
from optral.kube.reports import apis
from optral.kube.reports.namespaces import Blocker
from optral.terms.refs import ObjectRef

BUDGET, BLOCKING, DRAIN = "PDBInsufficientHealthyPods", "PDBBlocksEviction", "DrainBlocked"
WEBHOOK, NAMESPACE, FINALIZER = "WebhookUnavailable", "NamespaceTerminating", "StuckFinalizer"
DEFINITION, REFERENCE, ACCOUNT, RIGHTS = "CRDNotEstablished", "MissingReference", "ServiceAccountMissing", "RBACForbidden"
API = "APIServiceUnavailable"


def budget(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A budget that allows no disruption: its pods are unhealthy, or it requires all of them."""
    pdb = focus.obj
    if not pdb.kind.startswith("PodDisruptionBudget") or pdb.number("status.disruptionsAllowed") > 0:
        return
    healthy, desired, expected = (pdb.number(f"status.{name}") for name in ("currentHealthy", "desiredHealthy", "expectedPods"))
    shown = case.book.fields(
        pdb, "", "spec.minAvailable", "spec.maxUnavailable", "status.currentHealthy", "status.desiredHealthy", "status.expectedPods"
    )
    opening = cite(f"Budget `{pdb.name}` allows no disruption.", shown)
    if expected and desired >= expected and healthy >= desired:
        yield focus.hypothesis(
            "budget_too_strict",
            pdb,
            Level.PROVEN,
            opening,
            cite("All of its {count} pods are healthy, and it requires all of them to stay.", shown, count=expected),
            *_waiting_drain(case, pdb),
            actions=[
                actions.advice(
                    "Allow one pod to be unavailable, or run one more replica", "Nodes that run its pods cannot be drained.", shown
                )
            ],
        )
    elif expected and healthy < desired:
        yield focus.hypothesis(
            "too_few_healthy_pods",
            pdb,
            Level.PLAUSIBLE,
            opening,
            cite(
                f"{{count}} {plural(healthy, 'pod')} {'is' if healthy == 1 else 'are'} healthy, and it requires `{desired}`.",
                shown,
                count=healthy,
            ),
        )


def _waiting_drain(case: Case, pdb: SnapshotObject) -> list[Sentence]:
    """The node whose drain waits for the budget, with the pod that remains on it."""
    nodes, pods = (case.question.facts.get(name) for name in ("nodes", "pods"))
    if not isinstance(nodes, list) or not isinstance(pods, list) or not nodes or not pods:
        return []
    seen = case.book.fact(pdb.ref, case.question.facts, "nodes", "pods")
    words = f"The drain of node {{node}} waits for it: the pods left there, such as `{pods[0]}`, are protected by it or a similar budget."
    return [cite(words, seen, node=nodes[0])]


def webhook(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The Service behind an admission webhook does not exist, or has no ready pod."""
    configuration = focus.obj
    for index, entry in configuration.indexed("webhooks"):
        base = f"webhooks[{index}]"
        wanted = configuration.map(f"{base}.clientConfig.service")
        if not wanted.get("name"):
            continue
        name, namespace = str(wanted["name"]), str(wanted.get("namespace") or "default")
        declared = case.book.fields(
            configuration, base, "name", "clientConfig.service.name", "clientConfig.service.namespace", "failurePolicy"
        )
        opening = cite("Webhook {webhook} is served by Service {service}.", declared, webhook=entry.get("name"), service=name)
        service = case.snap.find("Service", namespace, name)
        if service is None:
            if (others := case.snap.listed("Service", namespace)) is None:
                continue
            gone = case.book.absence(others, configuration.ref, f"Service {namespace}/{name}", f"no Service {name}")
            level = Level.PROVEN if others.objects else Level.LIKELY
            yield focus.hypothesis(
                "webhook_unavailable",
                ObjectRef("Service", namespace, name),
                level,
                opening,
                cite("The Service does not exist.", gone),
                actions=[
                    actions.advice(
                        "Install the workload behind the webhook, or remove the configuration",
                        "Every request that it covers is rejected.",
                        declared,
                        gone,
                    )
                ],
            )
            continue
        broken = list(services.of_service(case, focus.next(SERVICE, service, opening)))
        pods = list(reach.backends(case, service))
        if broken or not any(is_ready(pod) for pod in pods):
            chosen = case.book.object(service, "spec.selector")
            counted = case.book.relation(service.ref, "pods", f"{len(pods)} pods behind it, 0 ready")
            yield focus.hypothesis(
                "webhook_unavailable",
                service,
                Level.STRONG,
                opening,
                cite("No pod behind it is ready.", chosen, counted),
                actions=[
                    actions.advice(
                        "Fix the workload behind the webhook",
                        "Until it responds, every request that it covers is rejected.",
                        declared,
                        counted,
                    )
                ],
            )
            yield from broken


def deleting(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Deleted but not gone: objects remain, or a finalizer is not removed."""
    obj = focus.obj
    if not obj.is_deleting:
        return
    gone = case.book.fields(obj, "metadata", "deletionTimestamp", "finalizers")
    opening = cite(f"{obj.short_kind} `{obj.name}` was deleted but still exists.", gone)
    for kind, (cause, words, remedy) in _REMAINS.items():
        path, condition = obj.condition(kind)
        if condition.get("status") == "True":
            reported = case.book.fields(obj, path, "type", "reason", "message")
            stated = quote(words.rstrip("."), condition.get("message"), reported)
            remedies = [actions.advice(remedy, words, reported)]
            remedies += [actions.report_finalizers(obj, reported)] if cause == "finalizer_not_removed" else []
            yield focus.hypothesis(cause, obj, Level.PROVEN, opening, stated, actions=remedies)
            return
    finalizers = obj.get("metadata.finalizers")
    if isinstance(finalizers, list) and finalizers:
        yield focus.hypothesis(
            "finalizer_not_removed",
            obj,
            Level.STRONG,
            opening,
            cite("Finalizer {finalizer} has not been removed.", gone, finalizer=finalizers[0]),
            *_progress(case, obj),
            actions=[
                actions.advice(_check_finalizer(str(finalizers[0])), "It has to remove the finalizer.", gone),
                actions.report_finalizers(obj, gone),
            ],
        )


def _progress(case: Case, obj: SnapshotObject) -> list[Sentence]:
    """What the API server reports about the deletion of a definition: which of its resources remain."""
    path, condition = obj.condition(apis.TERMINATING)
    return quote_if_any("Message", condition.get("message"), case.book.fields(obj, path, "reason", "message")) if path else []


_FINALIZERS = {
    "customresourcecleanup.apiextensions.k8s.io": "Delete the resources of this kind that remain, or find out what keeps them",
    "service.kubernetes.io/load-balancer-cleanup": "Check the cloud controller: it has not removed the load balancer",
    "kubernetes.io/pvc-protection": "Stop the pods that still use the claim",
    "kubernetes.io/pv-protection": "Delete the claim that is still bound to the volume",
    "foregroundDeletion": "Check the objects that it owns: one of them is not deleted",
}
"""Finalizers of Kubernetes → what to check."""


def _check_finalizer(finalizer: str) -> str:
    return _FINALIZERS.get(finalizer, f"Check the controller that sets {finalizer}: it is missing, or it cannot clean up")


_REMAINS = {
    Blocker.DISCOVERY: ("api_group_unavailable", "Some API groups cannot be queried for remaining objects.", "Fix the APIService"),
    Blocker.GROUP_VERSION: (
        "api_group_unavailable",
        "An API group has a version whose name cannot be parsed.",
        "Correct the APIService or the definition that the message names",
    ),
    Blocker.FINALIZERS: (
        "finalizer_not_removed",
        "Objects in it still have finalizers.",
        "Check the controllers that set the finalizers",
    ),
    Blocker.DELETION: ("api_group_unavailable", "Some of its objects could not be deleted.", "Read the message of the condition"),
    Blocker.CONTENT: ("finalizer_not_removed", "It still contains objects.", "Find out what keeps the objects"),
}


def by_condition(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An APIService or a definition whose condition reports the failure."""
    obj = focus.obj
    cause, level, remedy = _BY_CONDITION[focus.symptom]
    for kind in apis.REQUIRED:
        path, condition = obj.condition(kind)
        status = str(condition.get("status") or "")
        if obj.is_deleting or not apis.is_unmet(kind, status):
            continue
        reported = case.book.fields(obj, path, "type", "status", "reason", "message")
        opening = cite(f"{obj.short_kind} `{obj.name}` reports `{kind}` = `{status}`.", reported)
        why = _reason_and_message(condition.get("reason"), condition.get("message"), reported)
        remedies = [actions.advice(remedy, "Its conditions report it.", reported)]
        yield focus.hypothesis(cause, obj, level, opening, *why, actions=remedies)
        return


_BY_CONDITION = {
    DEFINITION: ("definition_not_accepted", Level.STRONG, "Correct the definition: its names or schema are rejected"),
    API: ("api_group_unavailable", Level.STRONG, "Fix the workload that serves this API group"),
}


def _reason_and_message(reason: object, message: object, reported: str) -> list[Sentence]:
    """What stands beside a condition, as far as its controller wrote it."""
    return [*([cite("Reason: {reason}.", reported, reason=reason)] if reason else []), *quote_if_any("Message", message, reported)]


MISSING = {
    "ConfigMap": ("ConfigMap", "missing_config_map"),
    "Secret": ("Secret", "missing_secret"),
    "ServiceAccount": ("ServiceAccount", "service_account_missing"),
    "PersistentVolumeClaim": ("PersistentVolumeClaim", "pvc_unbound"),
    "StorageClass": ("StorageClass.storage.k8s.io", "storage_class_missing"),
    "PriorityClass": ("PriorityClass.scheduling.k8s.io", "priority_class_missing"),
    "Service": ("Service", "service_missing"),
}
"""Kind → its id, and the cause that an object of it does not exist."""


_FACTS = ("kind", "name", "key")
_IN_NAMESPACE = ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "Service")


def reference(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An object that a template refers to and that does not exist. The detector names it, and it is looked up again."""
    workload, facts = case.workload(focus.obj), case.question.facts
    short, named, key = (str(facts.get(name) or "") for name in _FACTS)
    if short not in MISSING or not named:
        return
    kind, cause = MISSING[short]
    place = workload.namespace if kind in _IN_NAMESPACE else None
    exists = case.snap.find(kind, place, named)
    if _may_be_met(case, exists, kind, place, key):
        return
    seen = case.book.fact(workload.ref, facts, *(name for name in _FACTS if facts.get(name)))
    if exists is not None:
        details = [cite("It has no key {key}.", seen, key=key), *existing_keys(case, exists, key)]
        remedy = f"Add the key {key} to {short} {named}, or correct the reference"
    else:
        details, remedy = _absence(case, workload, kind, short, named), f"Create {short} {named}, or correct its name"
    yield focus.hypothesis(
        cause if exists is None else "missing_key",
        workload,
        Level.PROVEN,
        cite(f"{workload.short_kind} `{workload.name}` refers to {short} {{object}}.", seen, object=named),
        *details,
        actions=[actions.advice(remedy, "New pods cannot start without it.", seen)],
    )


def _may_be_met(case: Case, exists: SnapshotObject | None, kind: str, place: str | None, key: str) -> bool:
    """Whether the object has the key; of an object that was not loaded with a key, what is missing is not known."""
    if exists is None:
        return bool(key) and not case.snap.holds(kind, place)
    return not key or key in {**exists.map("data"), **exists.map("binaryData")}


def _absence(case: Case, workload: SnapshotObject, kind: str, short: str, named: str) -> list[Sentence]:
    """That the object does not exist, and the closest name that does; nothing where the kind is not listed."""
    place = workload.namespace if kind in _IN_NAMESPACE else None
    if (others := case.snap.listed(kind, place)) is None:
        return []
    gone = case.book.absence(others, workload.ref, f"{short} {named}", "not among the objects of this kind")
    near = nearest(named, others.names)
    return [cite("It does not exist.", gone), *named_alike(case, kind, place, near)]


def named_alike(case: Case, kind: str, namespace: str | None, name: str | None) -> list[Sentence]:
    """That an object with nearly the same name exists."""
    there = case.snap.find(kind, namespace, name) if name is not None else None
    return [] if there is None else [cite(f"`{name}` exists, with nearly the same name.", case.book.fields(there, "metadata", "name"))]


def permission(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The API server denies an account: its facts state what the account requested."""
    facts = case.question.facts
    names = [name for name in ("serviceAccount", "user", "verb", "resource", "message", "namespace") if facts.get(name)]
    if not names:
        return
    seen = case.book.fact(case.question.resource, facts, *names)
    yield focus.hypothesis(
        "rbac_forbidden",
        focus.obj,
        Level.STRONG,
        cite("The API server denies what the account requests.", seen),
        *_denied_account(facts, seen),
        actions=[actions.advice("Grant the verb in a Role and bind it to the account", "The account lacks the permission.", seen)],
    )


def _denied_account(facts: Mapping[str, Any], seen: str) -> list[Sentence]:
    """The account, and what it may not do."""
    user = facts.get("serviceAccount") or facts.get("user")
    if not isinstance(user, str) or "`" in user:
        return []
    verb, resource = facts.get("verb"), facts.get("resource")
    what = f": it may not `{verb}` `{resource}`" if verb and resource else ""
    return [cite(f"The account is {{user}}{what}.", seen, user=user)]


RULES = (
    rule(budget, {BUDGET, BLOCKING, DRAIN}, {"budget_too_strict", "too_few_healthy_pods"}),
    rule(webhook, {WEBHOOK}, {"webhook_unavailable"} | services.CAUSES),
    rule(deleting, {NAMESPACE, FINALIZER, DEFINITION}, {"finalizer_not_removed", "api_group_unavailable"}, version=2),
    rule(by_condition, set(_BY_CONDITION), {cause for cause, *_ in _BY_CONDITION.values()}, version=3),
    rule(reference, {REFERENCE, ACCOUNT}, {cause for _, cause in MISSING.values()} | {"missing_key"}),
    rule(permission, {RIGHTS}, {"rbac_forbidden"}),
)
