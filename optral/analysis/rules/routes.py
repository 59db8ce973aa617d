"""Routes of the Gateway API that lead to a Service or a port that does not exist."""

from collections.abc import Iterator
from typing import Any

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.edits import edit
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.snapshot import Thing, dicts
from optral.kube.names import nearest

ROUTE = "RouteNotAccepted"


def wrong_backends(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The backends of an HTTPRoute that name a Service that does not exist, or a port that it does not have."""
    route = focus.thing
    if focus.symptom != ROUTE:
        return
    for at, one in route.indexed("spec.rules"):
        for place, backend in enumerate(dicts(one.get("backendRefs"))):
            name, namespace = str(backend.get("name") or ""), str(backend.get("namespace") or route.namespace or "")
            if backend.get("kind", "Service") != "Service" or not name or not case.snap.sees("Service"):
                continue
            service = case.snap.find("Service", namespace, name)
            if (fault := _backend_fault(case, route, service, namespace, backend)) is None:
                continue
            sentence, field, right = fault
            shown = case.book.object(route, f"spec.rules[{at}].backendRefs[{place}]")
            opening = cite(f"HTTPRoute `{route.name}` routes to {{service}}.", shown, service=name)
            change = None if right is None else edit(route, ("spec", "rules", at, "backendRefs", place, field), right)
            title = f"Correct the {field} of backend {name}"
            advice = actions.advice(title, "Requests that match this rule fail.", shown, *sentence.evidence_ids, edit=change)
            yield case.hypothesis("route_backend_wrong", route, Level.PROVEN, opening, sentence, focus=focus, actions=[advice])
            return


def _backend_fault(
    case: Case, route: Thing, service: Thing | None, namespace: str, backend: dict[str, Any]
) -> tuple[Sentence, str, str | int | None] | None:
    """What is wrong with a backend, the field at fault, and its right value where there is only one."""
    name, port = str(backend.get("name")), backend.get("port")
    if service is None:
        near = nearest(name, [one.name for one in case.snap.all("Service", namespace)], at_most=3)
        gone = case.book.absence(route.ref, f"Service {name}", f"no Service {name} in namespace {namespace}; nearest: {near or 'none'}")
        words = "Service {object} does not exist" + (f"; Service `{near}` does." if near else ".")
        return cite(words, gone, object=name), "name", near
    ports = [one.get("port") for one in service.many("spec.ports")]
    if port is None or not ports or port in ports:
        return None
    shown = case.book.object(service, "spec.ports")
    called = case.book.relation(route.ref, "backend", f"{name}:{port}")
    words = f"Service `{name}` has port `{ports[0]}`, not {{port}}."
    return cite(words, shown, called, port=port), "port", ports[0] if len(ports) == 1 else None
