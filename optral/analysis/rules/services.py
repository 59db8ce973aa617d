"""A Service nobody stands behind, or that sends where its pods do not listen."""

from collections.abc import Iterator
from typing import Any

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite, is_ready
from optral.analysis.evidence import Change
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules import intended_target
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.rule import PORTS, SERVICE, rule
from optral.analysis.snapshot import Thing, dicts
from optral.kube import selectors

CAUSES = {
    "selector_mismatch",
    "target_port_mismatch",
    "service_protocol_mismatch",
    "all_backends_not_ready",
    "scaled_to_zero",
    "no_workload",
}


def of_service(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Every fault of one Service; nothing for one that works."""
    service = focus.thing
    if service.kind != "Service":
        return
    selector = service.strings("spec.selector")
    if not selector or service.text("spec.type") == "ExternalName":
        return
    pods = list(case.snap.all("Pod", service.namespace))
    matched = [pod for pod in pods if selectors.matches(selector, pod.labels) and intended_target.counts(pod)]
    chosen = case.book.object(service, "spec.selector")
    if matched:
        if (stray := _astray(case, focus, service, selector, matched, chosen)) is not None:
            yield stray
            return
        yield from _ports(case, focus, service, matched)
        yield from _unready(case, focus, service, matched, chosen)
        return
    yield from _nobody(case, focus, service, selector, [pod for pod in pods if intended_target.counts(pod)], chosen)


def _nobody(case: Case, focus: Focus, service: Thing, selector: dict[str, str], pods: list[Thing], chosen: str) -> Iterator[Hypothesis]:
    """No pod has the labels: a selector that misses, a workload at zero, pods that cannot be made, or nothing at all."""
    opening = cite(f"Service `{service.name}` selects no pod.", chosen, _no_pod(case, service, selector, len(pods)))
    makers = [
        thing
        for thing in intended_target.workloads(case, service.namespace)
        if selectors.matches(selector, intended_target.labels_of(thing))
    ]
    for workload in makers:
        if workload.get("spec.replicas") == 0:
            wanted = case.book.object(workload, "spec.replicas")
            yield case.hypothesis(
                "scaled_to_zero",
                workload,
                Level.PROVEN,
                opening,
                cite(f"{workload.short_kind} `{workload.name}` matches the selector and has `0` replicas.", wanted),
                focus=focus,
                actions=[actions.scale(workload, 1, "Without pods nothing responds.", wanted)],
            )
            return
    if makers:
        return  # it makes such pods and has none: the trouble is in the workload, and found there
    yield from _mistaken(case, focus, service, selector, opening, chosen)


def _mistaken(case: Case, focus: Focus, service: Thing, selector: dict[str, str], opening: Sentence, chosen: str) -> Iterator[Hypothesis]:
    """No workload creates such pods: another one was intended, they are in another namespace, or there is none."""
    target = intended_target.find(case, selector, owner=service)
    changed = _changed(case, service)
    if target is not None:
        sentences = [opening, *intended_target.differences(case, target, selector, chosen)]
        if changed is not None:
            sentences.append(cite("The selector was changed recently.", changed.evidence_id))
        proof = [id_ for sentence in sentences[1:2] for id_ in sentence.evidence_ids]
        remedy = actions.advice(intended_target.remedy(target, selector, owner=service), "The pods have other labels.", *proof)
        level = Level.PROVEN if changed is not None else target.level
        yield case.hypothesis("selector_mismatch", service, level, *sentences, focus=focus, actions=[remedy])
    if target is None or target.level < intended_target.CLEAR:
        elsewhere = _elsewhere(case, service)
        level = _NO_WORKLOAD.decide(
            doubtful=target is not None and target.level <= Level.POSSIBLE,
            intended=target is not None,
            elsewhere=elsewhere is not None,
            reported=focus.symptom == SERVICE,
        )
        todo = f"Deploy the workload behind Service {service.name}, or delete the Service"
        if elsewhere is not None:
            todo = f"Move Service {service.name} to the namespace of its pods, or the pods to its namespace"
        yield case.hypothesis(
            "no_workload",
            service,
            level,
            opening,
            cite("No workload in the namespace creates pods with these labels.", chosen),
            *([elsewhere] if elsewhere is not None else []),
            focus=focus,
            actions=[actions.advice(todo, "Without pods nothing responds.", chosen)],
        )


_NO_WORKLOAD = Table(
    row(Level.PLAUSIBLE, "doubtful", "reported"),
    row(Level.POSSIBLE, "intended"),
    row(Level.STRONG, "elsewhere"),
    row(Level.PLAUSIBLE, "reported"),
    row(Level.POSSIBLE),
)
"""That the workload does not exist, against the workload that may have been intended: what one loses, the other gains. The signs:

- `intended`: a workload was found that fits; `doubtful`: no better than possible;
- `elsewhere`: workloads of other namespaces have the labels;
- `reported`: the issue is about this Service, rather than about one of its callers.
"""


def _elsewhere(case: Case, service: Thing) -> Sentence | None:
    """What the detector saw in other namespaces: a Service finds pods in its own alone."""
    found = case.question.facts.get("elsewhere")
    if case.question.resource.name != service.name or not isinstance(found, list) or not found:
        return None
    seen = case.book.fact(case.question.resource, case.question.facts, "elsewhere")
    return cite("Workloads in other namespaces have these labels, but a Service selects only pods of its own namespace.", seen)


def _astray(case: Case, focus: Focus, service: Thing, selector: dict[str, str], matched: list[Thing], chosen: str) -> Hypothesis | None:
    """It leads to pods that have none of its ports, and a workload of its own name has them all: the selector is wrong, not the ports."""
    wanted = {port.get("targetPort", port.get("port")) for port in service.many("spec.ports")}
    if not wanted or wanted & _listens(matched[0].many("spec.containers")):
        return None
    for workload in intended_target.workloads(case, service.namespace):
        differs = selectors.differences(selector, intended_target.labels_of(workload))
        if workload.name != service.name or not differs or not wanted <= _listens(workload.many("spec.template.spec.containers")):
            continue
        one, other = intended_target.Target(workload, differs, Level.PROVEN), case.workload(matched[0])
        led = case.book.relation(service.ref, "pods", f"the selector matches the pods of {other.short_kind} {other.name}")
        asked = case.book.object(service, "spec.ports")
        return case.hypothesis(
            "selector_mismatch",
            service,
            one.level,
            cite(f"Service `{service.name}` selects the pods of `{other.name}`, which do not have the ports that it sends to.", led, asked),
            *intended_target.differences(case, one, selector, chosen),
            focus=focus,
            actions=[
                actions.advice(
                    intended_target.remedy(one, selector, owner=service), f"{workload.short_kind} {workload.name} has these ports.", led
                )
            ],
        )
    return None


def _listens(containers: list[dict[str, Any]]) -> set[object]:
    """Ports and their names, as containers declare them."""
    declared = [port for one in containers for port in dicts(one.get("ports"))]
    return {value for port in declared for value in (port.get("containerPort"), port.get("name")) if value is not None}


def _ports(case: Case, focus: Focus, service: Thing, matched: list[Thing]) -> Iterator[Hypothesis]:
    """Ports and protocols of the Service beside those its pods declare. Pods that declare none may listen anywhere."""
    pod = matched[0]
    declared = [port for one in pod.many("spec.containers") for port in dicts(one.get("ports"))]
    if not declared:
        return
    shown, offered = case.book.object(service, "spec.ports"), _declared(case, pod)
    for port in service.many("spec.ports"):
        target = port.get("targetPort", port.get("port"))
        fits = [one for one in declared if target in (one.get("containerPort"), one.get("name"))]
        opening = cite(f"Service `{service.name}` sends port `{port.get('port')}` to port `{target}` of its pods.", shown)
        if not fits:
            yield case.hypothesis(
                "target_port_mismatch",
                service,
                Level.PROVEN,
                opening,
                cite(f"No container of `{pod.name}` declares this port; it declares `{declared[0].get('containerPort')}`.", offered),
                focus=focus,
                actions=[actions.advice(f"Correct targetPort of Service {service.name}", "Its pods declare another port.", shown, offered)],
            )
        elif (wants := str(port.get("protocol") or "TCP")) not in {str(one.get("protocol") or "TCP") for one in fits}:
            speaks = str(fits[0].get("protocol") or "TCP")
            spoken = case.book.relation(pod.ref, "protocol", f"port {target}: {speaks} in the container, {wants} in the Service")
            yield case.hypothesis(
                "service_protocol_mismatch",
                service,
                Level.PROVEN,
                opening,
                cite(f"The Service uses `{wants}`, the container `{speaks}`.", shown, offered, spoken),
                focus=focus,
                actions=[actions.advice(f"Correct the protocol of Service {service.name}", "Its pods use another protocol.", shown)],
            )


def _declared(case: Case, pod: Thing) -> str:
    index = next((i for i, one in pod.indexed("spec.containers") if one.get("ports")), 0)
    return case.book.fields(pod, f"spec.containers[{index}]", "name", "ports")


def _unready(case: Case, focus: Focus, service: Thing, matched: list[Thing], chosen: str) -> Iterator[Hypothesis]:
    ready = [pod for pod in matched if is_ready(pod)]
    if ready:
        return
    workload = case.workload(matched[0])
    counted = case.book.relation(
        service.ref, "status of its pods", f"{len(matched)} pods of {workload.short_kind} {workload.name} match the selector, 0 are ready"
    )
    yield case.hypothesis(
        "all_backends_not_ready",
        workload,
        Level.POSSIBLE,
        cite(f"The selector of Service `{service.name}` matches pods, but none of them is ready.", chosen, counted),
        cite(f"They belong to {workload.short_kind} `{workload.name}`.", counted),
        focus=focus,
        actions=[actions.diagnose(workload)],
    )


def _no_pod(case: Case, service: Thing, selector: dict[str, str], looked: int) -> str:
    wanted = ", ".join(f"{key}={value}" for key, value in selector.items())
    return case.book.absence(service.ref, "pods", f"no pod has {wanted}; {looked} pods in the namespace were checked")


def _changed(case: Case, service: Thing) -> Change | None:
    for revision in case.snap.history:
        if revision.ref.kind == "Service" and (revision.ref.namespace, revision.ref.name) == (service.namespace, service.name):
            for entry in revision.diff:
                path = str(entry.get("path") or "").lstrip("/")
                if "selector" in path:
                    before: Any = entry.get("from")
                    return case.book.change(service.ref, path, before, entry.get("to"), at=revision.at, manager=revision.manager)
    return None


RULES = (rule(of_service, {SERVICE, PORTS}, CAUSES, version=4),)
