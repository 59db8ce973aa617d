"""Routes of Istio that lead to a host, port, subset or Gateway that does not exist (`kube/mesh.py` finds them).

Of a workload that calls a host of such a route and fails, the route is the cause.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit, edit
from optral.analysis.rules import exits
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import failed_connection
from optral.analysis.rules.rule import OF_LOGS, rule
from optral.kube import log_signs, mesh
from optral.kube.mesh import Case as FaultCase, Fault
from optral.kube.objects import DestinationRule, MeshGateway, VirtualService

INVALID = "MeshRouteInvalid"
MAX_ROUTES = 200
CAUSES = {
    "mesh_destination_missing",
    "mesh_subset_missing",
    "mesh_subset_selects_no_pod",
    "mesh_reference_missing",
}
_WHY = "Requests that match this rule fail."


def of_route(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What a VirtualService refers to and does not exist."""
    if focus.obj.kind == VirtualService.kind:
        yield from _faults(case, focus, focus.obj)


def of_caller(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A container whose log reports a failed request to a host that a faulty VirtualService routes."""
    exited = exits.read(case, focus)
    line = None if exited is None else exited.lines.get(log_signs.DEPENDENCY) or exited.lines.get("route")
    if exited is None or line is None:
        return
    for route in islice(case.snap.all(VirtualService.kind), MAX_ROUTES):
        if (host := _host_called(case, exited, route, line)) is not None:
            shown = case.book.object(route, "spec.hosts")
            routed = cite(f"VirtualService `{route.name}` routes the host {{address}}.", shown, address=host)
            yield from _faults(case, focus.next(INVALID, route, exited.opening, *failed_connection(line), routed), route)


def _host_called(case: Case, exited: Exit, route: SnapshotObject, line: LogLine) -> str | None:
    """The host of the route that the container calls and that the line names."""
    names = {("Service", name.namespace, name.name) for host in _hosts(route) if (name := mesh.service_of(host, route.namespace or ""))}
    for address in calls.of_container(case, exited.container):
        if address.service is not None and address.service.ref[:3] in names and address.host.partition(".")[0] in line.text:
            return address.host
    return None


def _hosts(route: SnapshotObject) -> tuple[str, ...]:
    typed = route.typed
    return typed.spec.hosts if isinstance(typed, VirtualService) else ()


def _faults(case: Case, focus: Focus, route: SnapshotObject) -> Iterator[Hypothesis]:
    typed = route.typed
    if not isinstance(typed, VirtualService):
        return
    known = case.question.facts.get("faults")
    found = mesh.faults(typed, case.snap.cluster)
    for fault in islice((one for one in found if not isinstance(known, list) or mesh.label(one) in known), 3):
        if (hypothesis := _OF_CASE.get(fault.case, _reference)(case, focus, route, fault)) is not None:
            yield hypothesis


def _opening(case: Case, route: SnapshotObject, fault: Fault) -> Sentence:
    shown = case.book.object(route, _path(fault.steps[:-2] if fault.case is FaultCase.PORT else fault.steps[:-1]))
    named = case.book.relation(route.ref, "rule", f"{fault.rule_name} sends to {fault.host}")
    return cite(
        f"Rule {{rule}} of VirtualService `{route.name}` sends traffic to {{address}}.",
        shown,
        named,
        rule=fault.rule_name,
        address=fault.host,
    )


def _destination(case: Case, focus: Focus, route: SnapshotObject, fault: Fault) -> Hypothesis | None:
    assert fault.service is not None
    name, namespace = fault.service.name, fault.service.namespace
    near = fault.there[0] if fault.there and (fault.is_near or fault.case is FaultCase.PORT) else None
    right: str | int | None = None
    if fault.case is FaultCase.HOST:
        if (absent := case.snap.missing("Service", namespace, name)) is None:
            return None
        gone = case.book.absence(
            absent, route.ref, f"Service {name}", f"no Service {name} in namespace {namespace}; nearest: {near or 'none'}"
        )
        words = f"Service {{object}} does not exist in namespace `{namespace}`" + (f"; Service `{near}` does." if near else ".")
        missing, title = cite(words, gone, object=name), f"Correct the host of rule {fault.rule_name}, or create Service {name}"
        right = None if near is None else near + fault.host[len(name) :]
    else:
        has = case.book.relation(route.ref, f"Service {name}", f"ports of {name}: {', '.join(fault.there)}; the route names {fault.value}")
        words = f"Service `{name}` has no port {{port}}; it has `{', '.join(fault.there[:5])}`."
        missing, title = cite(words, has, port=fault.value), f"Correct the port of rule {fault.rule_name}"
        right = int(fault.there[0]) if len(fault.there) == 1 else None
    change = None if right is None else edit(route, fault.steps, right)
    advice = actions.advice(title, _WHY, *missing.evidence_ids, edit=change)
    return focus.hypothesis("mesh_destination_missing", route, Level.PROVEN, _opening(case, route, fault), missing, actions=[advice])


def _subset(case: Case, focus: Focus, route: SnapshotObject, fault: Fault) -> Hypothesis | None:
    assert fault.service is not None
    name, rule = fault.service.name, fault.rule
    if (rules := case.snap.listed(DestinationRule.kind, fault.service.namespace)) is None:
        return None
    if rule is None:
        gone = case.book.absence(
            rules, route.ref, "DestinationRule", f"no DestinationRule for {name}, so none defines subset {fault.value}"
        )
        missing = cite(f"No DestinationRule for `{name}` exists, so subset {{subset}} is not defined.", gone, subset=fault.value)
        title = f"Create a DestinationRule for {name} with subset {fault.value}"
    else:
        defined = ", ".join(fault.there) or "none"
        gone = case.book.absence(rules, route.ref, "subset", f"DestinationRule {rule.name} has no subset {fault.value}; it has: {defined}")
        missing = cite(f"DestinationRule `{rule.name}` has no subset {{subset}}; its subsets: `{defined}`.", gone, subset=fault.value)
        title = f"Add subset {fault.value} to DestinationRule {rule.name}, or correct its name in rule {fault.rule_name}"
    change = edit(route, fault.steps, fault.there[0]) if fault.is_near else None
    return focus.hypothesis(
        "mesh_subset_missing",
        route,
        Level.PROVEN,
        _opening(case, route, fault),
        missing,
        actions=[actions.advice(title, _WHY, *missing.evidence_ids, edit=change)],
    )


def _labels(case: Case, focus: Focus, route: SnapshotObject, fault: Fault) -> Hypothesis:
    assert fault.rule is not None and fault.subset is not None and fault.service is not None
    rule = case.snap.find(DestinationRule.kind, fault.rule.namespace, fault.rule.name)
    labels = ", ".join(f"{key}={value}" for key, value in fault.subset.labels.items())
    compared = case.book.relation(
        route.ref,
        f"subset {fault.value}",
        f"no pod of {fault.service.name} has {labels}; pods have: {', '.join(fault.there) or 'no such label'}",
    )
    shown = [] if rule is None else [case.book.object(rule, f"spec.subsets[{_index(fault)}]")]
    words = f"Subset {{subset}} of DestinationRule `{fault.rule.name}` requires {{label}}, which no pod of the Service has."
    sentence = cite(words, compared, *shown, subset=fault.value, label=labels)
    more = [cite(f"Pods of the Service have `{', '.join(fault.there)}`.", compared)] if fault.there else []
    title = f"Correct the labels of subset {fault.value} in DestinationRule {fault.rule.name}, or deploy that version"
    change = None if rule is None else _label_edit(rule, fault)
    return focus.hypothesis(
        "mesh_subset_selects_no_pod",
        route if rule is None else rule,
        Level.PROVEN,
        _opening(case, route, fault),
        sentence,
        *more,
        actions=[actions.advice(title, _WHY, compared, edit=change)],
    )


def _index(fault: Fault) -> int:
    assert fault.rule is not None and fault.subset is not None
    return fault.rule.spec.subsets.index(fault.subset)


def _label_edit(rule: SnapshotObject, fault: Fault) -> Edit | None:
    """The only value that pods have for the label, where the subset asks for another."""
    if len(fault.there) != 1:
        return None
    key, _, value = fault.there[0].partition("=")
    return edit(rule, ("spec", "subsets", _index(fault), "labels", key), value)


def _reference(case: Case, focus: Focus, route: SnapshotObject, fault: Fault) -> Hypothesis | None:
    kind_id = MeshGateway.kind if fault.case is FaultCase.GATEWAY else VirtualService.kind
    kind, named = kind_id.partition(".")[0], fault.value.rpartition("/")[0] or route.get(_path((*fault.steps[:-1], "namespace")))
    if (others := case.snap.listed(kind_id, str(named or route.namespace))) is None:
        return None
    near = fault.there[0] if fault.is_near else None
    shown = case.book.object(route, _path(fault.steps))
    gone = case.book.absence(others, route.ref, f"{kind} {fault.value}", f"no {kind} {fault.value}; nearest: {near or 'none'}")
    words = f"{kind} {{object}} does not exist" + (f"; `{near}` does." if near else ".")
    change = None if near is None else edit(route, fault.steps, near)
    return focus.hypothesis(
        "mesh_reference_missing",
        route,
        Level.PROVEN,
        cite(f"VirtualService `{route.name}` refers to {kind} `{fault.value}`.", shown),
        cite(words, gone, object=fault.value),
        actions=[actions.advice(f"Correct the name of the {kind}, or create it", "The route is not in effect.", shown, gone, edit=change)],
    )


_OF_CASE: dict[FaultCase, Callable[[Case, Focus, SnapshotObject, Fault], Hypothesis | None]] = {
    FaultCase.HOST: _destination,
    FaultCase.PORT: _destination,
    FaultCase.SUBSET: _subset,
    FaultCase.LABELS: _labels,
}


def _path(steps: tuple[str | int, ...]) -> str:
    """Steps as a path of `SnapshotObject.get`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


RULES = (
    rule(of_route, {INVALID}, CAUSES),
    rule(of_caller, OF_LOGS, CAUSES),
)
