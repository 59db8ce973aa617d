"""Pods that are gated, preempted, failed, stuck in termination, or not ready for a reason outside their containers."""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Container, Focus, cite, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import nodes, reach
from optral.analysis.rules.containers import container_events, node_of, parts, program, program_of, spec_id, waiting_id
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import FAILED, GATED, HOOK, INIT, NODE, NOT_READY, PREEMPTED, PULL, RESIZE, RUN, TERMINATING, rule
from optral.kube.reports import images, pods as reports
from optral.kube.reports.containers import HOOKS, NOT_STOPPED, POST_START, POST_START_FAILURE
from optral.kube.reports.runtime import device_named_in

MAX_CIRCLE = 4


def gated(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A scheduling gate keeps the pod pending."""
    pod = focus.obj
    gates = [str(gate.get("name")) for gate in pod.many("spec.schedulingGates")]
    if not gates:
        return
    shown = case.book.object(pod, "spec.schedulingGates")
    yield focus.hypothesis(
        "scheduling_gated",
        case.workload(pod),
        Level.STRONG,
        cite(f"The scheduling gate {{gate}} keeps pod `{pod.name}` pending.", shown, gate=gates[0]),
        actions=[actions.advice(f"Ask the owner of the gate {gates[0]} to remove it", "Only its owner may remove it.", shown)],
    )


def missing_node(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """It is bound to a node that does not exist, so no kubelet starts it."""
    pod = focus.obj
    name = pod.text("spec.nodeName")
    if pod.kind != "Pod" or not name or pod.many("status.containerStatuses"):
        return
    if (missing := case.snap.missing("Node", None, name)) is None:
        return
    declared = case.book.fields(pod, "spec", "nodeName")
    gone = case.book.absence(missing, pod.ref, f"Node {name}", "not among the cluster's nodes")
    yield focus.hypothesis(
        "node_missing",
        case.workload(pod),
        Level.PROVEN,
        cite(f"Pod `{pod.name}` is bound to node {{node}}.", declared, node=name),
        cite("The node does not exist.", gone),
        actions=[actions.advice("Correct nodeName, or remove it", "Only the kubelet of that node can start the pod.", declared, gone)],
    )


def preempted(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """It was preempted by pods with a higher priority."""
    pod = focus.obj
    path, target = pod.condition(reports.DISRUPTION)
    reported, message, level = None, "", Level.STRONG
    if target.get("reason") == reports.PREEMPTED:
        reported, message = case.book.fields(pod, path, "reason", "message"), str(target.get("message") or "")
    elif event := next(iter(case.events(pod, "Preempted")), None):
        reported, message = case.event_id(event, pod), event.text("message")
    elif (facts := case.question.facts).get("priority") is not None:
        reported, level = case.book.fact(case.question.resource, facts, "priorityClass", "priority"), Level.PLAUSIBLE
    if reported is None:
        return
    priority = case.book.fields(pod, "spec", "priorityClassName", "priority")
    details = [*quote_if_any("Message from the scheduler", message, reported), *_preemptor(case)]
    if (own := pod.get("spec.priority")) is not None:
        named = f" (PriorityClass `{name}`)" if (name := pod.text("spec.priorityClassName")) else ""
        details.append(cite(f"Its own priority is {{priority}}{named}.", priority, priority=own))
    yield focus.hypothesis(
        "preempted",
        case.workload(pod),
        level,
        cite("It was preempted by pods with a higher priority.", reported),
        *details,
        actions=[
            actions.advice("Add capacity, or give it a higher PriorityClass", "The cluster has no room for both.", reported, priority)
        ],
    )


def _preemptor(case: Case) -> list[Sentence]:
    """The pod that took its place and its priority, as the detector found them in the whole cluster."""
    facts, names = case.question.facts, ("preemptedBy", "preemptorPriority", "preemptorPriorityClass")
    if not isinstance(name := facts.get("preemptedBy"), str):
        return []
    seen = case.book.fact(case.question.resource, facts, *(one for one in names if facts.get(one) is not None))
    named = f" (PriorityClass `{facts['preemptorPriorityClass']}`)" if facts.get("preemptorPriorityClass") else ""
    return [cite(f"{{pod}} took its place, with priority `{facts.get('preemptorPriority')}`{named}.", seen, pod=name)]


def failed(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The whole pod failed: its node rejected it, its node was lost, or it exceeded its deadline."""
    pod = focus.obj
    reason = pod.text("status.reason")
    if pod.text("status.phase") != "Failed" or not reason:
        return
    reported = case.book.fields(pod, "status", "reason", "message")
    opening = cite(f"Pod `{pod.name}` failed: {{reason}}.", reported, reason=reason)
    message = quote_if_any("Message from the kubelet", pod.text("status.message"), reported)
    node = case.snap.find("Node", None, pod.text("spec.nodeName"))
    workload = case.workload(pod)
    if (device := device_named_in(pod.text("status.message"))) is not None:
        words = cite("The kubelet cannot allocate the device {device}.", reported, device=device)
        remedy = actions.advice("Check the driver and the device plugin of the node", "It offers no healthy device.", reported)
        yield focus.hypothesis("device_unavailable", workload, Level.STRONG, opening, words, *message, actions=[remedy])
    elif reports.is_rejected(reason):
        placed = case.book.fields(pod, "spec", "nodeName")
        more = [cite("Node {node} rejected it.", reported, placed, node=node.name), *message] if node is not None else message
        remedy = actions.advice("Compare the pod's requests with what the node has", "The kubelet rejected it.", reported)
        yield focus.hypothesis("node_refused_pod", workload, Level.STRONG, opening, *more, actions=[remedy])
    elif reason in reports.NODE_LOST:
        name = pod.text("spec.nodeName")
        placed = case.book.fields(pod, "spec", "nodeName")
        words = cite("It ran on node {node}, which was shut down or lost.", reported, placed, node=name)
        yield focus.hypothesis("node_shut_down", node or workload, Level.STRONG, opening, words, actions=[actions.diagnose(workload)])
        if node is not None:
            yield from nodes.not_ready(case, focus.next(NODE, node, opening))
    elif reason == reports.DEADLINE_EXCEEDED:
        limit = case.book.fields(pod, "spec", "activeDeadlineSeconds")
        remedy = actions.advice(
            "Find out whether it is slow or stuck; raise the deadline if it is slow", "It exceeded its deadline.", limit
        )
        yield focus.hypothesis(
            "pod_deadline",
            workload,
            Level.STRONG,
            opening,
            cite("It exceeded its deadline of {deadline} s.", reported, limit, deadline=pod.get("spec.activeDeadlineSeconds")),
            actions=[remedy],
        )


def terminating(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Deleted but not gone: its node does not respond, a finalizer remains, or its containers cannot be stopped."""
    pod = focus.obj
    if not pod.is_deleting:
        return
    gone = case.book.fields(pod, "metadata", "deletionTimestamp", "finalizers")
    opening = cite(f"Pod `{pod.name}` was deleted but still exists.", gone)
    name = pod.text("spec.nodeName")
    node = case.snap.find("Node", None, name)
    placed = case.book.fields(pod, "spec", "nodeName")
    if node is not None:
        on_node = cite(f"It is on node `{name}`.", placed)
        yield from nodes.not_ready(case, focus.next(NODE, node, opening, on_node, steps=0))
    elif name and (missing := case.snap.missing("Node", None, name)) is not None:
        no_node = case.book.absence(missing, pod.ref, f"Node {name}", "not among the cluster's nodes")
        words = cite("Its node {node} is gone.", placed, no_node, node=name)
        remedy = actions.delete_pod(pod, "The node is gone and cannot confirm that the containers stopped.", no_node)
        yield focus.hypothesis("node_shut_down", case.workload(pod), Level.STRONG, opening, words, actions=[remedy])
    finalizers = pod.get("metadata.finalizers")
    if isinstance(finalizers, list) and finalizers:
        words = cite("Finalizer {finalizer} has not been removed.", gone, finalizer=finalizers[0])
        remedy = actions.advice(f"Check the controller that sets {finalizers[0]}", "It has to remove the finalizer.", gone)
        remedies = [remedy, actions.report_finalizers(pod, gone)]
        yield focus.hypothesis("finalizer_not_removed", pod, Level.STRONG, opening, words, actions=remedies)
    elif (stuck := next(iter(case.events(pod, *NOT_STOPPED)), None)) is not None:
        reported = case.event_id(stuck, pod)
        words = quote("The node cannot stop its containers. Message from the kubelet", stuck.text("message"), reported)
        remedy = actions.advice("Check the container runtime on that node", "It does not stop the containers.", reported)
        yield focus.hypothesis("containers_not_stopped", node or case.workload(pod), Level.STRONG, opening, words, actions=[remedy])


def resize(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An in-place resize that the node cannot provide, now or ever."""
    pod = focus.obj
    path, pending = pod.condition(reports.RESIZE_PENDING)
    if pending.get("status") != "True":
        return
    reported = case.book.fields(pod, path, "reason", "message")
    never = pending.get("reason") == reports.RESIZE_NEVER
    words = "The node can never provide the requested resources." if never else "The node does not have enough free resources now."
    yield focus.hypothesis(
        "resize_infeasible",
        case.workload(pod),
        Level.PROVEN if never else Level.LIKELY,
        cite(f"Pod `{pod.name}` was resized in place: `{pending.get('reason')}`.", reported),
        cite(words, reported),
        *(quote_if_any("Message from the kubelet", pending.get("message"), reported) or _requests(case, pod)),
        actions=[actions.advice("Request less, or recreate the pod on another node", words, reported)],
    )


def _requests(case: Case, pod: SnapshotObject) -> list[Sentence]:
    """The first request of CPU, else of memory."""
    for index, spec in pod.indexed("spec.containers"):
        for name, value in ((spec.get("resources") or {}).get("requests") or {}).items():
            shown = case.book.fields(pod, f"spec.containers[{index}]", "name", "resources.requests")
            return [cite(f"Container `{spec.get('name')}` requests {{request}} of `{name}`.", shown, request=value)]
    return []


def hook(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A postStart or preStop hook that fails."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    if (failure := _failed_hook(case, seen)) is None:
        return
    which, message, reported = failure
    declared = spec_id(case, seen, f"lifecycle.{which}")
    command = seen.pod.get(f"{seen.spec_path}.lifecycle.{which}.exec.command")
    yield focus.hypothesis(
        "lifecycle_hook_failed",
        case.workload(pod),
        Level.STRONG,
        cite(f"The {{hook}} hook of container `{seen.name}` fails.", reported, declared, hook=which),
        *program_of(command, "", reported, lambda: declared),
        quote("Message from the kubelet", message, reported),
        actions=[actions.advice(f"Correct the {which} hook of {seen.name}", "The hook fails.", reported, declared)],
    )


def _failed_hook(case: Case, seen: Container) -> tuple[str, str, str] | None:
    """(hook, message, evidence id) of the hook that failed: by its Event, else because the container waits for its postStart hook."""
    if (event := next(iter(container_events(case, seen, *HOOKS)), None)) is not None:
        return HOOKS[event.text("reason")], event.text("message"), case.event_id(event, seen.pod)
    if seen.waiting.get("reason") != POST_START_FAILURE:
        return None
    return POST_START, str(seen.waiting.get("message") or ""), waiting_id(case, seen)


def readiness_gate(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """All containers are ready, but a condition that another controller sets is not true."""
    pod = focus.obj
    for index, gate in pod.indexed("spec.readinessGates"):
        kind = str(gate.get("conditionType") or "")
        path, condition = pod.condition(kind)
        if not kind or condition.get("status") == "True":
            continue
        declared = case.book.object(pod, f"spec.readinessGates[{index}]")
        missing = case.book.absence(pod, pod.ref, kind, "the pod has no condition of this type")
        reported = case.book.fields(pod, path, "status", "reason", "message") if path else missing
        yield focus.hypothesis(
            "readiness_gate_not_met",
            case.workload(pod),
            Level.STRONG,
            cite(f"Pod `{pod.name}` waits for the condition {{condition}}.", declared, reported, condition=kind),
            *quote_if_any("Message", condition.get("message"), reported),
            actions=[actions.advice(f"Check the controller that sets {kind}", "It has not set the condition to true.", declared, reported)],
        )
        return


def hanging_init(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An init container that does not finish. What it waits for is found by its log and addresses (`dependencies.unreachable`)."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    shown = case.book.fields(pod, seen.status_path, "name", "state.running.startedAt")
    command = spec_id(case, seen, "image", "command", "args")
    yield focus.hypothesis(
        "init_container_hangs",
        case.workload(pod),
        Level.POSSIBLE,
        cite(f"Init container {{container}} of pod `{pod.name}` is running and does not finish.", shown, container=seen.name),
        cite("The pod's containers start after it finishes. It runs image {image}.", command, image=seen.image),
        *program(case, seen, "", command),
        actions=[actions.diagnose(case.workload(pod))],
        missing=[] if case.has_logs(seen) else [f"log lines of container {seen.name}"],
    )


def circular_wait(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Init containers wait for Services in a circle: none of the pods behind them starts before another one does."""
    if focus.container is None:
        return
    start = case.workload(focus.obj)
    if not (found := _circle(case, start, start, ())):
        return
    last = found[-1]
    words = f"Stop init container {last.container.name} of {last.workload.name} from waiting for {last.service.name}"
    yield focus.hypothesis(
        "circular_wait",
        start,
        Level.STRONG,
        *(one.sentence(case) for one in found),
        actions=[actions.advice(words, "None of the pods in this cycle can start first.", last.evidence_id)],
    )


class _Wait(NamedTuple):
    """An init container that runs, and the Service that it calls: each pod behind it has an init container that runs too."""

    workload: SnapshotObject
    container: Container
    service: SnapshotObject
    behind: SnapshotObject
    evidence_id: str

    def sentence(self, case: Case) -> Sentence:
        running = case.book.fields(self.container.pod, self.container.status_path, "name", "state.running.startedAt")
        counted = case.book.relation(self.service.ref, "pods", f"all pods of {self.behind.name} behind it have init containers that run")
        facts = {"container": self.container.name, "workload": self.workload.name, "service": self.service.name}
        words = "Init container {container} of {workload} waits for Service {service}, and "
        return cite(f"{words}the pods of `{self.behind.name}` wait too.", running, self.evidence_id, counted, **facts)


def _circle(case: Case, start: SnapshotObject, at: SnapshotObject, path: tuple[_Wait, ...]) -> tuple[_Wait, ...]:
    """The waits from here back to the start; none where no path leads there."""
    for one in _waits(case, at) if len(path) < MAX_CIRCLE else ():
        if one.behind.ref[:3] == start.ref[:3]:
            return (*path, one)
        if found := _circle(case, start, one.behind, (*path, one)):
            return found
    return ()


def _waits(case: Case, workload: SnapshotObject) -> list[_Wait]:
    found = []
    for one in (one for pod in case.live_pods(workload) for one in _running_inits(pod)):
        for address in calls.of_container(case, one):
            pods = list(reach.backends(case, address.service)) if address.service is not None else []
            if address.service is not None and pods and all(map(_running_inits, pods)):
                found.append(_Wait(workload, one, address.service, case.workload(pods[0]), address.evidence_id))
    return found


def _running_inits(pod: SnapshotObject) -> list[Container]:
    return [one for one in containers(pod) if one.kind == "init" and one.started_at is not None]


def unusable_image(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The kubelet does not attempt to pull the image."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    reason = str(seen.waiting.get("reason") or "")
    if reason not in _UNUSABLE:
        return
    cause, level, words, remedy = _UNUSABLE[reason]
    reported, declared = waiting_id(case, seen), spec_id(case, seen, "image", "imagePullPolicy")
    opening = cite(f"Container `{seen.name}` uses image {{image}}.", declared, image=seen.image)
    yield focus.hypothesis(
        cause,
        case.workload(pod),
        level,
        opening,
        cite(words, reported, declared),
        *node_of(case, pod),
        actions=[actions.advice(remedy, words, reported, declared)],
    )


_UNUSABLE = {
    images.INVALID_NAME: ("invalid_image_name", Level.PROVEN, "The image field is not a valid image reference.", "Correct the image field"),
    images.NEVER_PULL: (
        "image_not_on_node",
        Level.PROVEN,
        "Its pull policy is Never, and the image is not on the node.",
        "Load the image onto the node, or allow pulls",
    ),
    images.INSPECT: ("image_damaged", Level.STRONG, "The image on the node cannot be read.", "Remove the image from the node"),
}


RULES = (
    rule(missing_node, {NOT_READY}, {"node_missing"}),
    rule(gated, {GATED}, {"scheduling_gated"}),
    rule(preempted, {PREEMPTED}, {"preempted"}, version=2),
    rule(failed, {FAILED}, {"device_unavailable", "node_refused_pod", "node_shut_down", "pod_deadline"} | nodes.OF_NODES),
    rule(terminating, {TERMINATING}, {"node_shut_down", "finalizer_not_removed", "containers_not_stopped"} | nodes.OF_NODES),
    rule(resize, {RESIZE}, {"resize_infeasible"}),
    rule(hook, {HOOK, RUN}, {"lifecycle_hook_failed"}),
    rule(readiness_gate, {NOT_READY}, {"readiness_gate_not_met"}),
    rule(hanging_init, {INIT}, {"init_container_hangs"}),
    rule(circular_wait, {INIT}, {"circular_wait"}),
    rule(unusable_image, {PULL}, {cause for cause, *_ in _UNUSABLE.values()}),
)
