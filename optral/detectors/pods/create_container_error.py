"""CreateContainerError and RunContainerError: the runtime could not create a container, or could not start its program.

One file, since both are errors of the runtime and share the parsing of its message. RunContainerError also covers a `terminated` state with
the reason StartError or ContainerCannotRun while the kubelet already reports CrashLoopBackOff: the program never ran, so it did not crash.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import containers, gates, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.detectors.pods import create_container_config_error
from optral.kube.objects import Pod
from optral.kube.reports import containers as reported, runtime
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Template

CREATE_TYPE = "CreateContainerError"
RUN_TYPE = "RunContainerError"
CATEGORY = "configuration"
PATIENCE_S = 30
_EVENTS = frozenset({"Failed"})
_HANDED_ON = re.compile(
    r"^(?:(?:failed to (?:create|start)|unable to start|error (?:during|running)|OCI runtime|runc|crun|rpc error)\b[^:]{0,60}: )+",
    re.IGNORECASE,
)


def detect_create(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for seen in containers.of(pod):
        if seen.waiting_reason in reported.CREATE_FAILURES:
            yield _finding(pod, seen, view, template=titles.CreateContainerError.failed, message=seen.waiting_message, now=now)


def detect_run(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    for seen in containers.of(pod):
        ended = seen.last_exit
        never_ran = ended is not None and ended.reason in reported.NEVER_RAN and not seen.is_running
        if seen.waiting_reason in reported.RUN_FAILURES or (never_ran and seen.waiting_reason in ("", "CrashLoopBackOff")):
            message = ended.message if never_ran and ended is not None and ended.message else seen.waiting_message
            yield _finding(pod, seen, view, template=titles.RunContainerError.failed, message=message, now=now)


def cause_of(message: str) -> tuple[str, str]:
    """The name and the description of the cause that the message of the runtime names."""
    failure = runtime.start_failure(message)
    if failure is None:
        return "unknown", wording.clip(_core(message), 120) or titles.START_FAILURES["unknown"]()
    return failure, titles.START_FAILURES[failure]()


def _core(message: str) -> str:
    """The message of the innermost runtime, without the prefixes of the layers above: a title has no room for those."""
    return _HANDED_ON.sub("", message).removesuffix(": unknown")


def _finding(pod: Pod, seen: ContainerView, view: ClusterView, *, template: Template, message: str, now: datetime) -> Finding:
    subject = view.workload_of(pod)
    since = _since(pod, seen, view, now=now)
    cause, say = cause_of(message)
    ended = seen.last_exit
    return Finding(
        subject=subject,
        part=seen.name,
        title=template(object=wording.label(subject), container=seen.name, why=say),
        since=since,
        facts=seen.facts
        | {"cause": cause, "message": wording.clip(message), "reason": seen.waiting_reason or (ended.reason if ended is not None else "")}
        | ({"exitCode": ended.exit_code} if ended is not None else {}),
    )


def _since(pod: Pod, seen: ContainerView, view: ClusterView, *, now: datetime) -> datetime:
    """When the failures began: each failed start changes the time of the last exit, and that must not restart the grace period."""
    if seen.status.restart_count > 0:
        first_seen = [event.first_seen for event in gates.fresh_events(view, pod.uid, _EVENTS, now=now) if event.container == seen.name]
        return max([pod.status.start_time or pod.created_at, *([min(first_seen)] if first_seen else [])])
    return create_container_config_error.failing_since(pod, seen, view, now=now)


CREATE = of_container(
    type=CREATE_TYPE,
    title=titles.CreateContainerError.what,
    category=CATEGORY,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G10"),
    rank=30,
    stage=Stage.CONTAINER,
    detect=detect_create,
    event_reasons=_EVENTS,
    open_after_s=PATIENCE_S,
)
RUN = of_container(
    type=RUN_TYPE,
    title=titles.RunContainerError.what,
    category=CATEGORY,
    severity=Severity.HIGH,
    gates=("G1", "G2", "G5", "G10"),
    rank=50,
    stage=Stage.CONTAINER,
    detect=detect_run,
    event_reasons=_EVENTS,
    open_after_s=PATIENCE_S,
)
