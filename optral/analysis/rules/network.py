"""Load balancers, Ingresses, gateways, certificates, NetworkPolicies, and selectors that match too much."""

from collections.abc import Iterator, Mapping
from typing import Any

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask, Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite, is_ready
from optral.analysis.reading.snapshot import Listing, SnapshotObject, dicts, steps
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import custom_resources, reach, routes, services
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import BALANCER, BLOCKED, BROAD, SERVICE, rule
from optral.kube.names import nearest
from optral.kube.objects import Certificate
from optral.kube.reports import certificates, gateways, load_balancers

BACKEND, CLASS, TLS, EXPIRING = "IngressBackendMissing", "IngressClassMissing", "TLSSecretMissing", "CertificateExpiring"
GATEWAY = "GatewayNotProgrammed"
INGRESS_CLASS = "IngressClass.networking.k8s.io"


def too_broad(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Ready pods of several unrelated workloads serve one Service."""
    service = focus.obj
    if service.kind != "Service":
        return
    owners: dict[str, SnapshotObject] = {}
    for pod in reach.backends(case, service):
        if is_ready(pod) and not pod.is_deleting:
            owner = case.workload(pod)
            owners.setdefault(owner.name, owner)
    if len(owners) < 2:
        return
    names = sorted(owners)
    chosen = case.book.object(service, "spec.selector")
    counted = case.book.relation(service.ref, "workloads", f"ready pods of {len(names)} workloads match: {', '.join(names[:5])}")
    yield focus.hypothesis(
        "selector_too_broad",
        service,
        Level.STRONG,
        cite(f"The selector of Service `{service.name}` matches pods of {{count}} workloads.", chosen, counted, count=len(names)),
        cite(f"Among them are {{workload}} and `{names[1]}`.", counted, workload=names[0]),
        actions=[
            actions.advice(
                f"Make the selector of Service {service.name} more specific",
                "Requests reach pods that cannot handle them.",
                chosen,
                counted,
            )
        ],
    )


def balancer(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A LoadBalancer Service without an external address: its controller failed, or there is none."""
    service = focus.obj
    if service.kind != "Service" or service.text("spec.type") != "LoadBalancer" or service.many("status.loadBalancer.ingress"):
        return
    shown = case.book.fields(service, "", "spec.type", "status.loadBalancer")
    opening = cite(f"Service `{service.name}` has no external address yet.", shown)
    event = next(iter(case.events(service, *load_balancers.FAILURES)), None)
    if event is not None:
        reported = case.event_id(event, service)
        todo, why = _BALANCER_REMEDY[load_balancers.FAILURES[event.text("reason")]]
        yield focus.hypothesis(
            "load_balancer_refused",
            service,
            Level.STRONG,
            opening,
            quote("Controller error", event.text("message"), reported),
            actions=[actions.advice(todo, why, reported)],
        )
        return
    nothing = case.book.absence(service, service.ref, "status.loadBalancer.ingress", "no address, and no Event of a failure was read")
    yield focus.hypothesis(
        "load_balancer_unserved",
        service,
        Level.LIKELY,
        opening,
        cite("No controller has assigned an address to it or reported a failure.", nothing),
        actions=[
            actions.advice("Install a load balancer controller, or use another Service type", "No controller assigns an address.", nothing)
        ],
    )


_BALANCER_REMEDY = {
    load_balancers.Failure.NOT_CREATED: (
        "Check the quota, permissions and annotations that the controller's message names",
        "It cannot create the load balancer.",
    ),
    load_balancers.Failure.NO_ADDRESS: (
        "Add addresses to the pool that the controller's message names, or correct the address or pool that the Service requests",
        "No address is free for the Service.",
    ),
}


def backend(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A rule of an Ingress sends to a Service or a port that does not exist."""
    ingress = focus.obj
    if not ingress.kind.startswith("Ingress."):
        return
    for path, wanted in _backends(ingress):
        service_name = str((wanted.get("service") or {}).get("name") or "")
        if not service_name:
            continue
        declared = case.book.object(ingress, path)
        service = case.snap.find("Service", ingress.namespace, service_name)
        opening = cite(f"Ingress `{ingress.name}` routes to Service `{service_name}`.", declared)
        if service is None:
            if (others := case.snap.listed("Service", ingress.namespace)) is not None:
                yield _no_service(case, focus, service_name, others, declared, opening)
            continue
        port = (wanted.get("service") or {}).get("port") or {}
        if not _has_port(service, port):
            yield _no_port(case, focus, path, service, port, opening)
        else:
            yield from services.of_service(case, focus.next(SERVICE, service, opening, lower=1))


def _no_service(case: Case, focus: Focus, service_name: str, others: Listing, declared: str, opening: Sentence) -> Hypothesis:
    ingress = focus.obj
    gone = case.book.absence(others, ingress.ref, f"Service {service_name}", "not among the namespace's Services")
    near = nearest(service_name, others.names)
    known = case.snap.find("Service", ingress.namespace, near) if near is not None else None
    more = [cite(f"`{near}` exists, with nearly the same name.", case.book.fields(known, "metadata", "name"))] if known else []
    return focus.hypothesis(
        "ingress_backend_missing",
        ingress,
        Level.PROVEN,
        opening,
        cite("Service {object} does not exist.", gone, object=service_name),
        *more,
        actions=[
            actions.advice(
                f"Change the backend of the Ingress to Service {near}"
                if known
                else f"Create Service {service_name}, or correct the Ingress",
                "Requests that match this rule fail.",
                declared,
                gone,
            )
        ],
    )


def _no_port(case: Case, focus: Focus, path: str, service: SnapshotObject, port: Mapping[str, Any], opening: Sentence) -> Hypothesis:
    """The port of a backend that its Service does not have, with those that it has."""
    ingress, field = focus.obj, "number" if port.get("number") else "name"
    declared, has = case.book.object(ingress, path), case.book.object(service, "spec.ports")
    offered = [one.get("port" if field == "number" else "name") for one in service.many("spec.ports")]
    shown = ", ".join(str(one.get("port")) for one in service.many("spec.ports")[:5])
    words = f"It uses port {{port}}, which Service {{object}} does not have; it has `{shown}`."
    numbers = case.book.relation(service.ref, "ports", f"ports of Service {service.name}: {shown}")
    right = offered[0] if len(offered) == 1 else None
    change = None if right is None else edit(ingress, (*steps(path), "service", "port", field), right)
    return focus.hypothesis(
        "ingress_backend_missing",
        ingress,
        Level.PROVEN,
        opening,
        cite(words, declared, has, numbers, port=port.get(field), object=service.name),
        actions=[actions.advice("Correct the port in the Ingress", "The Service has another port.", declared, has, edit=change)],
    )


def _has_port(service: SnapshotObject, port: Mapping[str, Any]) -> bool:
    """Whether the Service has a port of this number or name; True for a backend that names no port."""
    number, name = port.get("number"), port.get("name")
    if not number and not name:
        return True
    return any(number == offered.get("port") or (name and name == offered.get("name")) for offered in service.many("spec.ports"))


def _backends(ingress: SnapshotObject) -> Iterator[tuple[str, dict[str, Any]]]:
    if default := ingress.map("spec.defaultBackend"):
        yield "spec.defaultBackend", default
    for i, _ in ingress.indexed("spec.rules"):
        for j, entry in ingress.indexed(f"spec.rules[{i}].http.paths"):
            if isinstance(entry.get("backend"), dict):
                yield f"spec.rules[{i}].http.paths[{j}].backend", entry["backend"]


def ingress_class(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The class of an Ingress does not exist, or it names none and there is no default."""
    ingress = focus.obj
    if not ingress.kind.startswith("Ingress."):
        return
    name = ingress.text("spec.ingressClassName") or str(ingress.map("metadata.annotations").get("kubernetes.io/ingress.class") or "")
    classes = case.snap.listed(INGRESS_CLASS)
    if classes is None or (name and name in classes.names):
        return
    names = classes.names
    declared = case.book.fields(ingress, "", "spec.ingressClassName", "metadata.annotations")
    gone = case.book.absence(classes, ingress.ref, "IngressClass", "the cluster has " + (", ".join(sorted(names)[:20]) or "none"))
    missing = cite("It names no class, and there is no default class.", declared, gone)
    if name:
        missing = cite("IngressClass {object} does not exist.", declared, gone, object=name)
    near = nearest(name, names) if name else None
    more = [cite(f"`{near}` exists, with nearly the same name.", gone)] if near is not None else []
    yield focus.hypothesis(
        "ingress_class_missing",
        ingress,
        Level.PROVEN,
        cite(f"No controller serves Ingress `{ingress.name}`.", declared),
        missing,
        *more,
        actions=[
            actions.advice(
                f"Change the class of the Ingress to {near}" if near is not None else "Name an existing IngressClass",
                "Without a class no controller serves it.",
                declared,
                gone,
                edit=edit(ingress, ("spec", "ingressClassName"), near) if near is not None else None,
            )
        ],
    )


def certificate(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A certificate that is missing, expires soon or has expired: as the detector recorded it, and as cert-manager reports it."""
    obj, facts = focus.obj, case.question.facts
    names = [name for name in ("secret", "notAfter", "renewedUntil", "reason", "message") if facts.get(name) not in (None, "")]
    seen = case.book.fact(case.question.resource, facts, *names)
    path, ready = obj.condition(certificates.READY)
    if ready.get("status") == "False":
        reported = case.book.fields(obj, path, "reason", "message")
        told, error = _issuance_error(case, obj) or (reported, ready.get("message"))
        behind = custom_resources.chain(case, obj)
        yield focus.hypothesis(
            "certificate_not_issued",
            behind.obj,
            Level.PROVEN,
            cite(f"{obj.short_kind} `{obj.name}` is not ready: {{reason}}.", reported, reason=ready.get("reason") or "False"),
            *quote_if_any("Message from the issuer", error, told),
            *behind.via[1:],
            *(custom_resources.stated(case, behind.obj) if behind.steps else ()),
            actions=[actions.advice("Read the message from its issuer", "The certificate is not issued or renewed.", told)],
        )
        return
    if not names:
        return
    if focus.symptom == TLS:
        yield focus.hypothesis(
            "tls_secret_missing",
            obj,
            Level.STRONG,
            _bad_secret(obj, facts, seen),
            actions=[actions.advice(_certificate_remedy(facts), "Without it TLS does not work.", seen)],
        )
    else:
        yield focus.hypothesis(
            "certificate_expiring",
            obj,
            Level.PROVEN,
            _expiry(obj, facts, seen),
            *_not_loaded(facts, seen),
            actions=[
                actions.renew(
                    obj,
                    "Restart the pods, so that they load the renewed certificate"
                    if facts.get("renewedUntil")
                    else "Renew the certificate, and find out why it was not renewed automatically",
                    "Clients reject it once it has expired.",
                    seen,
                )
            ],
        )


def _issuance_error(case: Case, obj: SnapshotObject) -> tuple[str, str] | None:
    """(evidence id, message) of the condition that says why a Certificate is not issued."""
    told = certificates.explaining(obj.typed.status.conditions) if isinstance(obj.typed, Certificate) else None
    return None if told is None else (case.book.fields(obj, obj.condition(told.type)[0], "reason", "message"), told.message)


def _secret_of(facts: Mapping[str, Any]) -> str:
    return str(facts.get("secret") or "")


def _bad_secret(obj: SnapshotObject, facts: Mapping[str, Any], seen: str) -> Sentence:
    words = f"{obj.short_kind} `{obj.name}` names"
    if not (name := _secret_of(facts)):
        return cite(f"{words} a TLS Secret that does not exist or has no certificate.", seen)
    return cite(f"{words} the TLS Secret {{object}}, which does not exist or has no certificate.", seen, object=name)


def _expiry(obj: SnapshotObject, facts: Mapping[str, Any], seen: str) -> Sentence:
    if not (at := facts.get("notAfter")):
        return cite(f"The certificate of `{obj.name}` expires soon or has expired.", seen)
    return cite(f"The certificate of `{obj.name}` is valid until {{expiry}}.", seen, expiry=at)


def _not_loaded(facts: Mapping[str, Any], seen: str) -> list[Sentence]:
    """That the Secret has a newer certificate than the one that the Service presents."""
    renewed = facts.get("renewedUntil")
    return (
        [cite(f"Its Secret holds a certificate that is valid until `{renewed}`, which the server has not loaded.", seen)] if renewed else []
    )


def _certificate_remedy(facts: Mapping[str, Any]) -> str:
    name = _secret_of(facts)
    return f"Create the Secret {name} with a certificate and its key" if name else "Create the Secret with a certificate and its key"


def gateway(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A condition that the controller set to False, on the object itself, for a parent or for a listener."""
    obj = focus.obj
    if faults := list(routes.faults(case, focus)):
        yield from faults
        return
    cause = "gateway_not_programmed" if focus.symptom == GATEWAY else "route_not_accepted"
    if fault := min(_gateway_faults(obj), key=lambda fault: fault[1].get("reason") == gateways.REPEATS_LISTENERS, default=None):
        path, condition = fault
        reported, reason = case.book.fields(obj, path, "type", "reason", "message"), condition.get("reason") or condition.get("type")
        yield focus.hypothesis(
            cause,
            obj,
            Level.PROVEN,
            cite(f"The controller does not accept {obj.short_kind} `{obj.name}`: {{reason}}.", reported, reason=reason),
            *quote_if_any("Message from the controller", condition.get("message"), reported),
            actions=[actions.advice("Correct what the controller rejects", "Its message names the reason.", reported)],
        )
        return
    shown = case.book.fields(obj, "spec", "gatewayClassName", "parentRefs")
    missing = case.book.absence(obj, obj.ref, "status.conditions", "no controller has reported anything about it")
    yield focus.hypothesis(
        cause,
        obj,
        Level.POSSIBLE,
        cite(f"No controller has processed {obj.short_kind} `{obj.name}`.", missing, shown),
        actions=[actions.advice("Check that the class exists and that its controller is running", "No controller acts on it.", missing)],
    )


def _gateway_faults(obj: SnapshotObject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, condition) of what a controller reports, of the object itself first, then of each parent and listener."""
    parts = (f"status.{field}[{index}].conditions" for field in ("parents", "listeners") for index, _ in obj.indexed(f"status.{field}"))
    for base in ("status.conditions", *parts):
        for kind in gateways.OF_LISTENER:
            path, condition = obj.condition(kind, base)
            if gateways.is_fault(str(condition.get("status") or ""), str(condition.get("reason") or "")):
                yield path, condition


def blocked(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A policy allows no ingress or no egress at all, or not for the callers of its pods."""
    obj = focus.obj
    policies = [obj] if obj.kind == reach.POLICY else reach.restricting(case, obj)
    for policy in policies:
        if not policy.map("spec"):
            continue
        shut = [kind for kind in reach.directions(policy) if not policy.many(f"spec.{kind.lower()}")]
        shown = case.book.fields(policy, "spec", "podSelector", "policyTypes", "ingress", "egress")
        if not shut and obj.kind != reach.POLICY:
            continue
        words = f"It allows no {shut[0].lower()} at all." if shut else "Its rules do not include the callers."
        omission = _omission(case, policy)
        yield focus.hypothesis(
            "network_policy_blocks",
            policy,
            Level.LIKELY if shut or omission else Level.PLAUSIBLE,
            cite(f"NetworkPolicy `{policy.name}` selects these pods.", shown),
            *(omission or [cite(words, shown)]),
            actions=[
                actions.advice(
                    f"Allow the required traffic in NetworkPolicy {policy.name}", "Traffic that no rule allows is dropped.", shown
                )
            ],
            missing=["whether the cluster's network plugin enforces NetworkPolicies"],
            asks=_asks_about(case, policy),
        )


def _omission(case: Case, policy: SnapshotObject) -> list[Sentence]:
    """The workload that the rules omit, and what they require, as the detector found it."""
    facts = case.question.facts
    workloads, omits, blocked = facts.get("workloads"), facts.get("omits"), facts.get("blocked")
    if policy.ref[:3] != case.question.resource[:3] or not isinstance(workloads, list) or not workloads or not omits:
        return []
    seen = case.book.fact(policy.ref, facts, "workloads", "blocked", "omits")
    return [cite(f"It cuts `{workloads[0]}` off from `{blocked}`: its rules {omits}.", seen)]


def _asks_about(case: Case, policy: SnapshotObject) -> tuple[Ask, ...]:
    """Whether the agent reaches a pod behind the policy, or the DNS that its pods are cut off from."""
    if case.question.facts.get("case") == "dns":
        return reach.cluster_dns(case, Role.NAME)
    if "Ingress" not in reach.directions(policy):
        return ()
    for pod in case.snap.all("Pod", policy.namespace):
        declared = [port for spec in pod.many("spec.containers") for port in dicts(spec.get("ports"))]
        if is_ready(pod) and declared and policy in reach.restricting(case, pod):
            return probing.of_pod(Role.POLICY, pod, declared[0].get("containerPort"))
    return ()


RULES = (
    rule(too_broad, {BROAD}, {"selector_too_broad"}),
    rule(balancer, {BALANCER}, {"load_balancer_refused", "load_balancer_unserved"}),
    rule(backend, {BACKEND}, {"ingress_backend_missing"} | services.CAUSES),
    rule(ingress_class, {CLASS}, {"ingress_class_missing"}),
    rule(certificate, {TLS, EXPIRING}, {"certificate_not_issued", "tls_secret_missing", "certificate_expiring"}, version=2),
    rule(gateway, {GATEWAY, routes.ROUTE}, {"gateway_not_programmed", "route_not_accepted"} | routes.CAUSES, version=3),
    rule(routes.faults, {"CustomResourceNotReady"}, routes.CAUSES),
    rule(blocked, {BLOCKED}, {"network_policy_blocks"}),
)
