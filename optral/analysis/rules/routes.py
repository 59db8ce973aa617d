"""Routes of the Gateway API that lead to a Service or port that does not exist, that may not refer to it, or that no listener accepts.

Routes of all kinds have the same `parentRefs`; HTTP and gRPC routes have hostnames, and a listener's hostname may have one wildcard, its
first label. Without `allowedRoutes` a listener accepts routes of its own namespace. Source: Gateway API reference.
"""

from collections.abc import Iterator
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject, dicts, words
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit, edit
from optral.kube import selectors
from optral.kube.names import nearest

ROUTE = "RouteNotAccepted"
GROUP = "gateway.networking.k8s.io"
KINDS = frozenset(f"{kind}Route.{GROUP}" for kind in ("HTTP", "GRPC", "TCP", "TLS", "UDP"))
GRANT, GATEWAY = f"ReferenceGrant.{GROUP}", f"Gateway.{GROUP}"
CAUSES = {"route_backend_wrong", "reference_grant_missing", "listener_rejects_route"}
_NAME_LABEL = "kubernetes.io/metadata.name"


def faults(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The first backend that is wrong, and the first parent whose listeners do not accept the route."""
    if focus.obj.kind in KINDS:
        yield from _first(_backends(case, focus))
        yield from _first(_parents(case, focus))


def _first(found: Iterator[Hypothesis]) -> Iterator[Hypothesis]:
    if (one := next(found, None)) is not None:
        yield one


# --- backends


def _backends(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    route = focus.obj
    for at, one in route.indexed("spec.rules"):
        for place, backend in enumerate(dicts(one.get("backendRefs"))):
            name, namespace = str(backend.get("name") or ""), str(backend.get("namespace") or route.namespace or "")
            if backend.get("kind", "Service") != "Service" or not name:
                continue
            shown = case.book.object(route, f"spec.rules[{at}].backendRefs[{place}]")
            rule = str(one.get("name") or f"rules[{at}]")
            named = case.book.relation(route.ref, "rule", f"{rule} sends to {name}")
            words_ = f"Rule {{rule}} of {route.short_kind} `{route.name}` routes to {{service}}."
            opening = cite(words_, shown, named, rule=rule, service=name)
            service = case.snap.find("Service", namespace, name)
            if (wrong := _backend_fault(case, route, service, namespace, backend)) is not None:
                sentence, field, right = wrong
                change = None if right is None else edit(route, ("spec", "rules", at, "backendRefs", place, field), right)
                title = f"Correct the {field} of backend {name}"
                advice = actions.advice(title, "Requests that match this rule fail.", shown, *sentence.evidence_ids, edit=change)
                yield focus.hypothesis("route_backend_wrong", route, Level.PROVEN, opening, sentence, actions=[advice])
            elif service is not None and namespace != route.namespace:
                yield from _no_grant(case, focus, opening, namespace, name)


def _backend_fault(
    case: Case, route: SnapshotObject, service: SnapshotObject | None, namespace: str, backend: dict[str, Any]
) -> tuple[Sentence, str, str | int | None] | None:
    """What is wrong with a backend, the field at fault, and its right value where there is only one."""
    name, port = str(backend.get("name")), backend.get("port")
    if service is None:
        if (others := case.snap.listed("Service", namespace)) is None:
            return None
        near = nearest(name, others.names, at_most=3)
        gone = case.book.absence(
            others, route.ref, f"Service {name}", f"no Service {name} in namespace {namespace}; nearest: {near or 'none'}"
        )
        text = "Service {object} does not exist" + (f"; Service `{near}` does." if near else ".")
        return cite(text, gone, object=name), "name", near
    ports = [one.get("port") for one in service.many("spec.ports")]
    if port is None or not ports or port in ports:
        return None
    shown = case.book.object(service, "spec.ports")
    called = case.book.relation(route.ref, "backend", f"{name}:{port}")
    text = f"Service `{name}` has port `{ports[0]}`, not {{port}}."
    return cite(text, shown, called, port=port), "port", ports[0] if len(ports) == 1 else None


def _is_from(grant: SnapshotObject, route: SnapshotObject) -> bool:
    source = (route.kind.partition(".")[2], route.short_kind, route.namespace)
    return any((one.get("group"), one.get("kind"), one.get("namespace")) == source for one in grant.many("spec.from"))


def _is_to(grant: SnapshotObject, service: str) -> bool:
    targets = [one for one in grant.many("spec.to") if not one.get("group") and one.get("kind") == "Service"]
    return any(target.get("name") in (None, "", service) for target in targets)


def _no_grant(case: Case, focus: Focus, opening: Sentence, namespace: str, service: str) -> Iterator[Hypothesis]:
    """No ReferenceGrant lets the route refer to the Service."""
    route, grants = focus.obj, case.snap.listed(GRANT, namespace)
    if grants is None or any(_is_from(grant, route) and _is_to(grant, service) for grant in grants.objects):
        return
    source = f"{route.short_kind} of namespace {route.namespace}"
    looked = f"no ReferenceGrant in namespace {namespace} covers {source}; there are: {', '.join(grants.names[:5]) or 'none'}"
    gone = case.book.absence(grants, route.ref, "ReferenceGrant", looked)
    yield focus.hypothesis(
        "reference_grant_missing",
        route,
        Level.PROVEN,
        opening,
        cite(
            f"Service `{service}` is in namespace `{namespace}`, and no ReferenceGrant there allows the reference.",
            gone,
            opening.evidence_ids[1],
        ),
        actions=[
            actions.advice(
                f"Create a ReferenceGrant in namespace {namespace}: from {source} to Service {service}",
                "Without it the Gateway does not send requests there.",
                gone,
                opening.evidence_ids[1],
            )
        ],
    )


# --- parents


def _parents(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    route = focus.obj
    for index, parent in route.indexed("spec.parentRefs"):
        gateway = case.snap.find(GATEWAY, str(parent.get("namespace") or route.namespace or ""), str(parent.get("name") or ""))
        if parent.get("kind", "Gateway") == "Gateway" and gateway is not None:
            yield from _at_gateway(case, focus, gateway, index, parent)


def _at_gateway(case: Case, focus: Focus, gateway: SnapshotObject, index: int, parent: dict[str, Any]) -> Iterator[Hypothesis]:
    """Why the Gateway that a parentRef names does not accept the route."""
    route, listeners, wanted = focus.obj, gateway.many("spec.listeners"), str(parent.get("sectionName") or "")
    chosen = [
        listener for listener in listeners if wanted in ("", listener.get("name")) and parent.get("port") in (None, listener.get("port"))
    ]
    if not chosen and wanted:
        yield _no_listener(case, focus, gateway, index, wanted, [str(listener.get("name")) for listener in listeners])
    elif chosen and (refused := _refusal(case, route, gateway, chosen)) is not None:
        sentence, title, change = refused
        opening = _names_gateway(case, route, gateway, index)
        advice = actions.advice(title, "The Gateway does not serve the route.", *sentence.evidence_ids, edit=change)
        yield focus.hypothesis("listener_rejects_route", route, Level.PROVEN, opening, sentence, actions=[advice])


def _names_gateway(case: Case, route: SnapshotObject, gateway: SnapshotObject, index: int) -> Sentence:
    shown = case.book.object(route, f"spec.parentRefs[{index}]")
    return cite(f"{route.short_kind} `{route.name}` names Gateway `{gateway.name}`.", shown)


def _no_listener(case: Case, focus: Focus, gateway: SnapshotObject, index: int, wanted: str, there: list[str]) -> Hypothesis:
    route, near = focus.obj, nearest(wanted, there)
    shown = case.book.object(route, f"spec.parentRefs[{index}]")
    gone = case.book.absence(gateway, gateway.ref, "listeners", f"no listener {wanted}; there are: {', '.join(there[:10]) or 'none'}")
    right = near or (there[0] if len(there) == 1 else None)
    change = None if right is None else edit(route, ("spec", "parentRefs", index, "sectionName"), right)
    words_ = f"Its {{setting}} names listener {{object}}, which the Gateway does not have; it has `{', '.join(there[:10]) or 'none'}`."
    return focus.hypothesis(
        "listener_rejects_route",
        route,
        Level.PROVEN,
        _names_gateway(case, route, gateway, index),
        cite(words_, gone, case.book.fields(route, f"spec.parentRefs[{index}]", "sectionName"), setting="sectionName", object=wanted),
        actions=[
            actions.advice(
                f"Correct the sectionName of {route.short_kind} {route.name}", "No listener serves it.", shown, gone, edit=change
            )
        ],
    )


def _refusal(
    case: Case, route: SnapshotObject, gateway: SnapshotObject, listeners: list[dict[str, Any]]
) -> tuple[Sentence, str, Edit | None] | None:
    """Why none of these listeners accepts the route, by the last that is left; None if one may accept it."""
    of_kind = [listener for listener in listeners if _accepts_kind(listener, route)]
    if not of_kind:
        return _kind_refused(case, route, gateway, listeners[0])
    of_namespace = [one for one in of_kind if _accepts_namespace(case, one, route, gateway)]
    if not of_namespace:
        return _namespace_refused(case, route, gateway, of_kind[0])
    hosts = words(route.get("spec.hostnames"))
    if hosts and not any(_overlap(host, str(one.get("hostname") or "")) for one in of_namespace for host in hosts):
        return _hostname_refused(case, route, gateway, of_namespace, hosts)
    return None


def _accepts_kind(listener: dict[str, Any], route: SnapshotObject) -> bool:
    kinds = dicts((listener.get("allowedRoutes") or {}).get("kinds"))
    return not kinds or any(one.get("kind") == route.short_kind for one in kinds)


def _accepts_namespace(case: Case, listener: dict[str, Any], route: SnapshotObject, gateway: SnapshotObject) -> bool:
    allowed = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    match allowed.get("from", "Same"):
        case "Same":
            return route.namespace == gateway.namespace
        case "Selector":
            known = case.snap.find("Namespace", None, route.namespace or "")
            selector = selectors.parse(allowed.get("selector"))
            return known is None or selector is None or selectors.fits(selector, {_NAME_LABEL: known.name, **known.labels})
        case "None":
            return False
    return True


def _overlap(host: str, listener: str) -> bool:
    """Whether some name fits both hostnames; an empty one fits every name."""
    if not listener or not host or host == listener:
        return True
    for pattern, name in ((listener, host), (host, listener)):
        if pattern.startswith("*.") and name.removeprefix("*").endswith(pattern[1:]):
            return True
    return False


def _kind_refused(
    case: Case, route: SnapshotObject, gateway: SnapshotObject, listener: dict[str, Any]
) -> tuple[Sentence, str, Edit | None]:
    name = str(listener.get("name"))
    shown = case.book.relation(gateway.ref, f"listener {name}", f"allowedRoutes.kinds of {name} does not list {route.short_kind}")
    text = f"Listener {{listener}} does not accept routes of kind `{route.short_kind}` ({{setting}})."
    return cite(text, shown, listener=name, setting="allowedRoutes.kinds"), f"Add {route.short_kind} to the kinds of listener {name}", None


def _namespace_refused(
    case: Case, route: SnapshotObject, gateway: SnapshotObject, listener: dict[str, Any]
) -> tuple[Sentence, str, Edit | None]:
    name = str(listener.get("name"))
    allowed = ((listener.get("allowedRoutes") or {}).get("namespaces") or {}).get("from", "Same")
    told = f"allowedRoutes.namespaces.from of {name} is {allowed}; the route is in {route.namespace}, the Gateway in {gateway.namespace}"
    shown = case.book.relation(gateway.ref, f"listener {name}", told)
    text = f"Listener {{listener}} does not accept routes of namespace `{route.namespace}`: {{setting}} is `{allowed}`."
    title = f"Allow namespace {route.namespace} in listener {name} of Gateway {gateway.name}"
    return cite(text, shown, listener=name, setting="allowedRoutes.namespaces.from"), title, None


def _hostname_refused(
    case: Case, route: SnapshotObject, gateway: SnapshotObject, listeners: list[dict[str, Any]], hosts: list[str]
) -> tuple[Sentence, str, Edit | None]:
    name, theirs = str(listeners[0].get("name")), [str(listener.get("hostname")) for listener in listeners]
    told = f"hostname of {name}: {', '.join(theirs[:5])}; hostnames of the route: {', '.join(hosts[:5])}"
    shown = case.book.relation(gateway.ref, f"listener {name}", told)
    text = f"The {{setting}} of the route, `{', '.join(hosts[:5])}`, do not match listener {{listener}} with `{', '.join(theirs[:5])}`."
    near = nearest(hosts[0], theirs) if len(hosts) == 1 else None
    change = None if near is None else edit(route, ("spec", "hostnames", 0), near)
    title = f"Correct the hostnames of {route.short_kind} {route.name}, or the hostname of listener {name}"
    return cite(text, shown, listener=name, setting="hostnames"), title, change
