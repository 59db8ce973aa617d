"""A Service without ready pods, or that sends to a port on which its pods do not listen."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import logs
from optral.analysis.reading.case import Case, Focus, cite, containers, is_ready
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import Listing, SnapshotObject, dicts
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import intended_target, listening, probe_results, reach
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.quotes import changed
from optral.analysis.rules.rule import PORTS, SERVICE, rule
from optral.kube import calls as kube_calls, listens, ports, selectors
from optral.kube.objects import Pod

CAUSES = {
    "selector_mismatch",
    "target_port_mismatch",
    "service_protocol_mismatch",
    "all_backends_not_ready",
    "scaled_to_zero",
    "no_workload",
}


def of_service(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Every fault of a Service; nothing for a Service that works."""
    service = focus.obj
    if service.kind != "Service":
        return
    selector = service.strings("spec.selector")
    if not selector or service.text("spec.type") == "ExternalName":
        return
    matched = [pod for pod in case.snap.selected(selector, service.namespace) if intended_target.counts(pod)]
    chosen = case.book.object(service, "spec.selector")
    if matched:
        if (wrong := _wrong_workload(case, focus, service, selector, matched, chosen)) is not None:
            yield wrong
            return
        yield from _ports(case, focus, service, matched)
        yield from _refused(case, focus, service, matched)
        yield from listens_elsewhere(case, focus, service, _reported(case, service), Level.STRONG)
        yield from _unready(case, focus, service, matched, chosen)
        return
    if (checked := case.snap.listed("Pod", service.namespace)) is not None:
        yield from _no_pods(case, focus, service, selector, checked, chosen)


def _no_pods(
    case: Case, focus: Focus, service: SnapshotObject, selector: dict[str, str], checked: Listing, chosen: str
) -> Iterator[Hypothesis]:
    """No pod has the labels: the selector is wrong, the workload is scaled to zero or cannot create pods, or there is no workload."""
    opening = cite(f"Service `{service.name}` selects no pod.", chosen, _no_pod(case, service, selector, checked))
    matching = [
        obj for obj in intended_target.workloads(case, service.namespace) if selectors.matches(selector, intended_target.labels_of(obj))
    ]
    for workload in matching:
        if workload.get("spec.replicas") == 0:
            wanted = case.book.object(workload, "spec.replicas")
            yield focus.hypothesis(
                "scaled_to_zero",
                workload,
                Level.PROVEN,
                opening,
                cite(f"{workload.short_kind} `{workload.name}` matches the selector and has {{count}} replicas.", wanted, count=0),
                actions=[actions.scale(workload, 1, "The Service has no pods to respond.", wanted)],
            )
            return
    if matching:
        return  # the workload creates such pods and has none: the failure is at the workload and analyzed there
    found = _wrong_selector(case, focus, service, selector, opening, chosen)
    if intended_target.knows_workloads(case, service.namespace):
        yield from found
    elif case.snap.listed("Deployment.apps", service.namespace) is not None:  # a dump lists no kind of which there is no object
        yield from (replace(one, level=one.level.lowered()) for one in found if one.cause == "selector_mismatch")


def _wrong_selector(
    case: Case, focus: Focus, service: SnapshotObject, selector: dict[str, str], opening: Sentence, chosen: str
) -> Iterator[Hypothesis]:
    """No workload creates such pods: another one was intended, or there is none.

    That another namespace has pods with these labels proves nothing: staging and production share a cluster, and their labels are equal.
    """
    target = intended_target.find(case, selector, owner=service)
    change = _selector_change(case, service)
    if target is not None:
        sentences = [opening, *intended_target.differences(case, target, selector, chosen)]
        if change is not None:
            sentences.append(changed(f"The selector's label `{change.path.rpartition('/')[2]}`", change))
        evidence = [id_ for sentence in sentences[1:2] for id_ in sentence.evidence_ids]
        remedy = actions.advice(
            intended_target.remedy(target, selector, owner=service),
            "The pods have other labels.",
            *evidence,
            edit=intended_target.edit_of(target, service, ("spec", "selector")),
        )
        level = Level.PROVEN if change is not None else target.level
        yield focus.hypothesis(
            "selector_mismatch", service, level, *sentences, actions=[remedy], asks=probing.of_service(Role.NO_ENDPOINTS, service)
        )
    if target is None or target.level < intended_target.CLEAR:
        level = NO_WORKLOAD.decide(
            doubtful=target is not None and target.level <= Level.POSSIBLE,
            intended=target is not None,
            reported=focus.symptom == SERVICE,
        )
        todo = f"Deploy the workload behind Service {service.name}, or delete the Service"
        yield focus.hypothesis(
            "no_workload",
            service,
            level,
            opening,
            _unserved(selector, chosen),
            actions=[actions.advice(todo, "The Service has no pods to respond.", chosen)],
            asks=probing.of_service(Role.NO_ENDPOINTS, service),
        )


def _unserved(selector: dict[str, str], chosen: str) -> Sentence:
    key, value = next(iter(selector.items()))
    words = "No workload in the namespace creates pods with the label {label}."
    if len(selector) > 1:
        words = "No workload in the namespace creates pods with {label} and its other labels."
    return cite(words, chosen, label=f"{key}={value}")


NO_WORKLOAD = Table(
    row(Level.PLAUSIBLE, "doubtful", "reported"),
    row(Level.POSSIBLE, "intended"),
    row(Level.PLAUSIBLE, "reported"),
    row(Level.POSSIBLE),
)
"""How likely it is that the workload does not exist, rather than that another one was intended. The signs:

- `intended`: a workload was found that fits; `doubtful`: no better than possible;
- `reported`: the issue is about this Service, rather than about one of its callers.
"""


def _wrong_workload(
    case: Case, focus: Focus, service: SnapshotObject, selector: dict[str, str], matched: list[SnapshotObject], chosen: str
) -> Hypothesis | None:
    """The pods have none of the Service's ports, and a workload with its name has them all: the selector is wrong, not the ports."""
    wanted = {port.get("targetPort", port.get("port")) for port in service.many("spec.ports")}
    if not wanted or wanted & _listens(matched[0].many("spec.containers")):
        return None
    for workload in intended_target.workloads(case, service.namespace):
        differs = selectors.differences(selector, intended_target.labels_of(workload))
        if workload.name != service.name or not differs or not wanted <= _listens(workload.many("spec.template.spec.containers")):
            continue
        target, other = intended_target.Target(workload, differs, Level.PROVEN), case.workload(matched[0])
        matches = case.book.relation(service.ref, "pods", f"the selector matches the pods of {other.short_kind} {other.name}")
        declared = case.book.object(service, "spec.ports")
        return focus.hypothesis(
            "selector_mismatch",
            service,
            target.level,
            cite(
                f"Service `{service.name}` selects the pods of `{other.name}`, which do not have the ports that it sends to.",
                matches,
                declared,
            ),
            *intended_target.differences(case, target, selector, chosen),
            actions=[
                actions.advice(
                    intended_target.remedy(target, selector, owner=service),
                    f"{workload.short_kind} {workload.name} has these ports.",
                    matches,
                )
            ],
        )
    return None


def _listens(containers: list[dict[str, Any]]) -> set[object]:
    """Ports and their names, as containers declare them."""
    declared = [port for spec in containers for port in dicts(spec.get("ports"))]
    return {value for port in declared for value in (port.get("containerPort"), port.get("name")) if value is not None}


def _ports(case: Case, focus: Focus, service: SnapshotObject, matched: list[SnapshotObject]) -> Iterator[Hypothesis]:
    """Ports and protocols of the Service that its pods do not declare. Pods that declare no ports may listen anywhere."""
    pod = matched[0]
    declared = [port for spec in pod.many("spec.containers") for port in dicts(spec.get("ports"))]
    if not declared:
        return
    shown, offered = case.book.object(service, "spec.ports"), _declared(case, pod)
    for index, port in service.indexed("spec.ports"):
        target = port.get("targetPort", port.get("port"))
        fitting = [offer for offer in declared if target in (offer.get("containerPort"), offer.get("name"))]
        words = f"Service `{service.name}` forwards port `{port.get('port')}` to port {{port}} of its pods."
        opening = cite(words, shown, port=target)
        if not fitting:
            yield focus.hypothesis(
                "target_port_mismatch",
                service,
                Level.PROVEN,
                opening,
                cite(f"No container of `{pod.name}` declares this port; it declares `{declared[0].get('containerPort')}`.", offered),
                actions=[
                    actions.advice(
                        f"Change targetPort of Service {service.name} to {declared[0].get('containerPort')}"
                        if len(declared) == 1
                        else f"Correct targetPort of Service {service.name}",
                        "Its pods declare another port.",
                        shown,
                        offered,
                        edit=edit(service, ("spec", "ports", index, "targetPort"), declared[0].get("containerPort"))
                        if len(declared) == 1
                        else None,
                    )
                ],
                asks=probing.of_pod(Role.NOT_LISTENING, pod, target, protocol=port.get("protocol")),
            )
        elif (wants := str(port.get("protocol") or "TCP")) not in {str(offer.get("protocol") or "TCP") for offer in fitting}:
            has = str(fitting[0].get("protocol") or "TCP")
            both = case.book.relation(pod.ref, "protocol", f"port {target}: {has} in the container, {wants} in the Service")
            yield focus.hypothesis(
                "service_protocol_mismatch",
                service,
                Level.PROVEN,
                opening,
                cite(f"The Service uses {{protocol}}, the container `{has}`.", shown, offered, both, protocol=wants),
                actions=[
                    actions.advice(
                        f"Change the protocol of port {port.get('port')} of Service {service.name} to {has}",
                        "Its pods use another protocol.",
                        shown,
                        both,
                        edit=edit(service, ("spec", "ports", index, "protocol"), has),
                    )
                ],
            )


def _refused(case: Case, focus: Focus, service: SnapshotObject, matched: list[SnapshotObject]) -> Iterator[Hypothesis]:
    """Ready pods that refuse connections to the port that the Service sends to, as a probe shows, whatever they declare."""
    pod = next((one for one in matched if is_ready(one)), None) if case.snap.probes else None
    if pod is None:
        return
    for index, port in service.indexed("spec.ports"):
        number = port.get("port")
        target = reach.target_port(service, number, pod) if isinstance(number, int) else None
        asks = (*probing.of_service(Role.NOT_LISTENING, service, number), *probing.of_pod(Role.NOT_LISTENING, pod, target))
        found = next((stated for ask in asks if (stated := probe_results.refused(case, ask.probe)) is not None), None)
        if target is None or found is None:
            continue
        shown = case.book.object(service, f"spec.ports[{index}]")
        leads = case.book.relation(pod.ref, "port", f"port {number} of Service {service.name} leads to port {target}")
        state = case.book.fields(pod, pod.condition("Ready")[0], "type", "status")
        title = f"Correct targetPort of Service {service.name}, or make the container listen on port {target} on all addresses"
        yield focus.hypothesis(
            "target_port_mismatch",
            service,
            Level.PROVEN,
            cite(f"Service `{service.name}` forwards port `{number}` to port {{port}} of its pods.", shown, leads, port=target),
            cite(f"Pod `{pod.name}` is ready, but nothing listens on this port.", state, *found.evidence_ids),
            found,
            actions=[actions.advice(title, "Nothing listens on the port that it sends to.", shown)],
        )


def listens_elsewhere(
    case: Case, focus: Focus, service: SnapshotObject, reported: Mapping[int, Sentence], level: Level
) -> Iterator[Hypothesis]:
    """Nothing listens where the Service sends: `reported` of a port of it, or by the settings of the only container.

    `level` is that of a report alone; a setting, a log line or a probe that names another port makes it strong.
    """
    pods = list(reach.backends(case, service))
    if not pods:
        return
    pod = next((one for one in pods if is_ready(one)), pods[0])
    for index, port in service.indexed("spec.ports"):
        number = port.get("port")
        target = reach.target_port(service, number, pod) if isinstance(number, int) else None
        if target is None or not isinstance(number, int):
            continue
        leads = case.book.relation(pod.ref, "port", f"port {number} of Service {service.name} leads to port {target}")
        said, stated = reported.get(number), _settings(case, pod, target, leads)
        if said is not None:
            stated = [said, *(stated or _logged_elsewhere(case, pod, target) or _probed_elsewhere(case, pod, target, leads))]
        if not stated:
            continue
        shown = case.book.object(service, f"spec.ports[{index}]")
        title = f"Correct targetPort of Service {service.name}, or make the container listen on port {target} on all addresses"
        yield focus.hypothesis(
            "target_port_mismatch",
            service,
            Level.LIKELY if said is None else level if stated == [said] else Level.STRONG,
            cite(f"Service `{service.name}` forwards port `{number}` to port {{port}} of its pods.", shown, leads, port=target),
            *stated,
            actions=[actions.advice(title, "Nothing listens on the port that it sends to.", shown)],
            asks=probing.of_pod(Role.NOT_LISTENING, pod, target, protocol=port.get("protocol")),
        )
        return


def _logged_elsewhere(case: Case, pod: SnapshotObject, target: int) -> list[Sentence]:
    """The line in the log of a container of the pod that says that it listens on another port, or on localhost only."""
    for seen in containers(pod):
        if (local := listening.only_local(case, seen, target)) is not None:
            return [local]
        for key, text in case.logs(seen):
            found = logs.listening(text)
            if found and all(number != target for number, _ in found):
                words = f"The log of `{pod.name}` shows that it listens on port `{found[-1][0]}`."
                return [cite(words, case.book.log(key, found[-1][1]))]
    return []


def _probed_elsewhere(case: Case, pod: SnapshotObject, target: int, leads: str) -> list[Sentence]:
    """The port on which a readiness probe of the pod passes, if none of its probes uses this one."""
    probed = ports.probed_numbers(cast(Pod, pod.typed))
    found = next((index for index, one in pod.indexed("spec.containers") if one.get("readinessProbe")), None)
    if found is None or not probed or target in probed or not is_ready(pod):
        return []
    shown = case.book.object(pod, f"spec.containers[{found}].readinessProbe")
    return [cite(f"Its probes pass on port `{min(probed)}`, and none uses port `{target}`.", shown, leads)]


def _reported(case: Case, service: SnapshotObject) -> dict[int, Sentence]:
    """What the detector found about each port of this Service, in the cases that the objects of the Service alone do not show."""
    facts = case.question.facts
    if case.question.type != PORTS or case.question.resource[:3] != service.ref[:3]:
        return {}
    seen = case.book.fact(service.ref, facts, "ports", "listensOn")
    found = [one for one in dicts(facts.get("ports")) if one.get("case") in ("refused", "localOnly") and isinstance(one.get("port"), int)]
    return {one["port"]: cite(f"Its {str(one.get('says')).replace('{', '(').replace('}', ')')}.", seen) for one in found}


def _settings(case: Case, pod: SnapshotObject, target: int, leads: str) -> list[Sentence]:
    """The setting by which the only container of a pod listens elsewhere than on this port. `leads` is the evidence for the port."""
    specs, typed = pod.many("spec.containers"), cast(Pod, pod.typed)
    if len(specs) != 1 or len(ports.serving(typed)) != 1:
        return []
    container = kube_calls.decode_container(specs[0])
    is_probed = target in ports.probed_numbers(typed)
    names_it = is_probed or target in {port.container_port for port in container.ports}
    local = None if is_probed else listens.only_local(container, target)
    others = list(listens.of_container(container))
    if local is not None:
        shown = case.book.object(pod, f"spec.containers[0].{local.field}")
        return [cite(f"{{setting}} is `{local.in_manifest}`, so its program listens only on localhost.", shown, setting=local.name)]
    if not others or names_it or any(other.port == target for other in others):
        return []
    shown = case.book.object(pod, f"spec.containers[0].{others[0].setting.field}")
    return [
        cite(
            f"{{setting}} lets its program listen on port `{others[0].port}`, and nothing names port `{target}`.",
            shown,
            leads,
            setting=others[0].setting.name,
        )
    ]


def _declared(case: Case, pod: SnapshotObject) -> str:
    index = next((i for i, spec in pod.indexed("spec.containers") if spec.get("ports")), 0)
    return case.book.fields(pod, f"spec.containers[{index}]", "name", "ports")


def _unready(case: Case, focus: Focus, service: SnapshotObject, matched: list[SnapshotObject], chosen: str) -> Iterator[Hypothesis]:
    if any(is_ready(pod) for pod in matched) or case.snap.listed("Pod", service.namespace) is None:
        return
    workload = case.workload(matched[0])
    counted = case.book.relation(
        service.ref, "status of its pods", f"{len(matched)} pods of {workload.short_kind} {workload.name} match the selector, 0 are ready"
    )
    yield focus.hypothesis(
        "all_backends_not_ready",
        workload,
        Level.POSSIBLE,
        cite("The selector of Service {service} matches pods, but none of them is ready.", chosen, counted, service=service.name),
        cite(f"They belong to {workload.short_kind} {{workload}}.", counted, workload=workload.name),
        actions=[actions.diagnose(workload)],
    )


def _no_pod(case: Case, service: SnapshotObject, selector: dict[str, str], checked: Listing) -> str:
    wanted = ", ".join(f"{key}={value}" for key, value in selector.items())
    return case.book.absence(checked, service.ref, "pods", f"no pod has {wanted}")


def _selector_change(case: Case, service: SnapshotObject) -> Change | None:
    for revision in case.snap.history:
        if revision.ref.kind == "Service" and (revision.ref.namespace, revision.ref.name) == (service.namespace, service.name):
            for entry in revision.diff:
                path = str(entry.get("path") or "").lstrip("/")
                if "selector" in path:
                    before: Any = entry.get("from")
                    return case.book.change(service.ref, path, before, entry.get("to"), at=revision.at, manager=revision.manager)
    return None


RULES = (rule(of_service, {SERVICE, PORTS}, CAUSES, version=6),)
