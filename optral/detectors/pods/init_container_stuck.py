"""InitContainerStuck: an init container keeps running, and the other containers of the pod wait for it.

Every pod with an init container starts this way, so the issue opens after ten minutes; for a migration that is known to take longer, set
the pod annotation `optral.ai/init-timeout-seconds`. A native sidecar is supposed to keep running (G4).
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, wording
from optral.detectors.containers import ContainerView
from optral.detectors.detector import Stage, of_container
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Pod, condition
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

PATIENCE_S = 600


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    initialized = condition(pod.status.conditions, pods.INITIALIZED)
    if pod.status.phase != "Pending" or (initialized is not None and initialized.status == "True"):
        return
    for seen in containers.of(pod):
        if seen.is_init and seen.is_running:
            yield _finding(pod, seen, view)


def _finding(pod: Pod, seen: ContainerView, view: ClusterView) -> Finding:
    subject = view.workload_of(pod)
    since = seen.started_at or pod.status.start_time or pod.created_at
    return Finding(
        subject=subject,
        part=seen.name,
        title=titles.InitContainerStuck.stuck(object=wording.label(subject), container=seen.name),
        since=since,
        opens_at=times.after(since, patience_s(pod)),
        facts=seen.facts | {"patienceSeconds": patience_s(pod), "node": pod.spec.node_name},
        suspects=candidate_causes.node_of(pod, view),
    )


def patience_s(pod: Pod) -> int:
    """How long an init container of this pod may run: the value of its annotation, otherwise ten minutes."""
    text = pod.metadata.annotations.init_timeout
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else PATIENCE_S


DETECTOR = of_container(
    type="InitContainerStuck",
    title=titles.InitContainerStuck.what,
    category="health",
    severity=Severity.HIGH,
    gates=("G1", "G2", "G4", "G5", "G10"),
    rank=130,
    stage=Stage.INIT,
    follows_dependencies=True,
    detect=detect,
    open_after_s=PATIENCE_S,
)
