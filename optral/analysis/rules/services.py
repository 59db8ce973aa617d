"""A Service nobody stands behind, or that sends where its pods do not listen."""

from collections.abc import Iterator
from typing import Any

from optral.analysis import actions
from optral.analysis.case import WORKLOADS, Case, Focus, is_ready, said
from optral.analysis.evidence import Change
from optral.analysis.model import Hypothesis
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
    selector = {key: value for key, value in service.map("spec.selector").items() if isinstance(value, str)}
    if not selector or service.text("spec.type") == "ExternalName":
        return
    pods = [pod for pod in case.snap.all("Pod", service.namespace) if _counts(pod)]
    matched = [pod for pod in pods if selectors.matches(selector, pod.labels)]
    chosen = case.book.object(service, "spec.selector")
    if matched:
        yield from _ports(case, focus, service, matched)
        yield from _unready(case, focus, service, matched, chosen)
        return
    yield from _nobody(case, focus, service, selector, pods, chosen)


def _counts(pod: Thing) -> bool:
    return not pod.is_deleting and pod.text("status.phase") not in ("Succeeded", "Failed")


def _nobody(case: Case, focus: Focus, service: Thing, selector: dict[str, str], pods: list[Thing], chosen: str) -> Iterator[Hypothesis]:
    """No pod has the labels: a selector that misses, a workload at zero, pods that cannot be made, or nothing at all."""
    opening = said(f"Service `{service.name}` has no pod to send to.", chosen, _no_pod(case, service, selector, len(pods)))
    meant = [thing for thing in _workloads(case, service) if selectors.matches(selector, _template_labels(thing))]
    for workload in meant:
        if workload.get("spec.replicas") == 0:
            wanted = case.book.object(workload, "spec.replicas")
            yield case.blame(
                "scaled_to_zero",
                workload,
                0.93,
                opening,
                said(f"{workload.short_kind} `{workload.name}` makes such pods and wants `0` of them.", wanted),
                focus=focus,
                actions=[actions.scale(workload, 1, "Nothing answers while there are no pods.", wanted)],
            )
            return
    if meant:
        return  # it makes such pods and has none: the trouble is in the workload, and found there
    near = _nearest(service, selector, pods) or _nearest(service, selector, list(_workloads(case, service)))
    changed = _changed(case, service)
    if near is None:
        yield case.blame(
            "no_workload",
            service,
            0.6 if focus.symptom == SERVICE else 0.4,
            opening,
            said("Nothing of the namespace makes such pods.", chosen),
            focus=focus,
        )
        return
    workload = case.workload(near)
    differs = selectors.differences(selector, _labels(near))
    labels = case.book.object(near, "metadata.labels" if near.kind == "Pod" else "spec.template.metadata.labels")
    sentences = [opening]
    for key, has in differs.items():
        wants = selector[key]
        words = (
            f"It selects `{key}` = `{wants}`; the pods of `{workload.name}` have `{has}`."
            if has is not None
            else f"It selects `{key}` = `{wants}`, a label the pods of `{workload.name}` do not have."
        )
        owner = case.book.fields(near, "metadata", "name", "ownerReferences[0].name") if near.kind == "Pod" else labels
        above = case.book.fields(workload, "metadata", "name")
        sentences.append(said(words, chosen, labels, owner, above))
    if changed is not None:
        sentences.append(said("The selector was changed.", changed.evidence_id))
    score = 0.95 if len(differs) == 1 or changed is not None else 0.85
    remedy = actions.advice(f"Correct the selector of Service {service.name}", "The pods are there under other labels.", chosen, labels)
    yield case.blame("selector_mismatch", service, score, *sentences, focus=focus, actions=[remedy])


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
        opening = said(f"Service `{service.name}` sends port `{port.get('port')}` to `{target}` of its pods.", shown)
        if not fits:
            yield case.blame(
                "target_port_mismatch",
                service,
                0.92,
                opening,
                said(f"No container of `{pod.name}` has this port; `{declared[0].get('containerPort')}` is declared.", offered),
                focus=focus,
                actions=[actions.advice(f"Correct targetPort of Service {service.name}", "Its pods listen elsewhere.", shown, offered)],
            )
        elif (wants := str(port.get("protocol") or "TCP")) not in {str(one.get("protocol") or "TCP") for one in fits}:
            speaks = str(fits[0].get("protocol") or "TCP")
            spoken = case.book.relation(pod.ref, "protocol", f"port {target}: {speaks}, asked for with {wants}")
            yield case.blame(
                "service_protocol_mismatch",
                service,
                0.92,
                opening,
                said(f"The Service speaks `{wants}` and the container `{speaks}`.", shown, offered, spoken),
                focus=focus,
                actions=[actions.advice(f"Correct the protocol of Service {service.name}", "Its pods speak another one.", shown)],
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
        service.ref, "status of its pods", f"{len(matched)} pods of {workload.short_kind} {workload.name} fit the selector, 0 are ready"
    )
    yield case.blame(
        "all_backends_not_ready",
        workload,
        0.48,
        said(f"The selector of Service `{service.name}` fits, and none of its pods is ready.", chosen, counted),
        said(f"They belong to {workload.short_kind} `{workload.name}`.", counted),
        focus=focus,
        actions=[actions.diagnose(workload)],
    )


def _no_pod(case: Case, service: Thing, selector: dict[str, str], looked: int) -> str:
    wanted = ", ".join(f"{key}={value}" for key, value in selector.items())
    return case.book.absence(service.ref, "pods", f"no pod has {wanted}; {looked} pods of the namespace were looked at")


def _workloads(case: Case, service: Thing) -> Iterator[Thing]:
    for kind in WORKLOADS[:3]:
        yield from case.snap.all(kind, service.namespace)


def _template_labels(workload: Thing) -> dict[str, str]:
    return {key: value for key, value in workload.map("spec.template.metadata.labels").items() if isinstance(value, str)}


def _labels(thing: Thing) -> dict[str, str]:
    return thing.labels if thing.kind == "Pod" else _template_labels(thing)


def _nearest(service: Thing, selector: dict[str, str], candidates: list[Thing]) -> Thing | None:
    """Who is plainly meant: the one that bears the Service's name before the one that misses by the fewest labels."""
    best: tuple[tuple[int, int, str], Thing] | None = None
    for thing in candidates:
        labels = _labels(thing)
        missed = len(selectors.differences(selector, labels))
        bears_name = service.name in labels.values() or thing.name == service.name or thing.name.startswith(service.name + "-")
        if missed >= len(selector) and not bears_name:
            continue
        rank = (0 if bears_name else 1, missed, thing.name)
        if best is None or rank < best[0]:
            best = (rank, thing)
    return best[1] if best is not None else None


def _changed(case: Case, service: Thing) -> Change | None:
    for revision in case.snap.history:
        if revision.ref.kind == "Service" and (revision.ref.namespace, revision.ref.name) == (service.namespace, service.name):
            for entry in revision.diff:
                path = str(entry.get("path") or "").lstrip("/")
                if "selector" in path:
                    before: Any = entry.get("from")
                    return case.book.change(service.ref, path, before, entry.get("to"), at=revision.at, manager=revision.manager)
    return None


RULES = (rule(of_service, {SERVICE, PORTS}, CAUSES),)
