"""PodFailed: a pod failed as a whole, and is not a run of a Job.

A node rejected it after it was scheduled (too few resources, changed labels, another operating system), it exceeded its deadline, or it is
never restarted and exited with an error. Controllers replace such pods and leave the failed ones, so a single failed pod is not an issue:
its owner must lack pods, or three must have failed for the same reason within the hour. A graceful node shutdown ends its pods (G5); that
counts only for a pod without an owner.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, containers, failed_pods, gates, severity, wording
from optral.detectors.detector import of_pod
from optral.detectors.finding import Finding
from optral.kube import owners
from optral.kube.objects import Job, Pod, Terminated
from optral.kube.reports import pods
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase != "Failed" or pod.status.reason == "Evicted" or gates.is_deleting(pod) or gates.is_superseded(pod, view):
        return
    controller = owners.controller(pod)
    if controller is not None and (controller.kind_id == Job.kind or pod.status.reason in pods.SHUT_DOWN or gates.is_disrupted(pod)):
        return
    standing = failed_pods.standing(pod, view, now=now)
    if standing.until is not None and standing.until <= now:
        return
    if standing.is_short or controller is None or _is_unknown_owner(standing, pod, view) or _happens_often(pod, view, now=now):
        yield _finding(pod, view, until=standing.until)


def _is_unknown_owner(standing: failed_pods.Relevance, pod: Pod, view: ClusterView) -> bool:
    """A pod of a custom owner that was not replaced: it is not known whether its owner lacks it."""
    return not standing.is_short and pod.spec.restart_policy == "Never" and severity.capacity(view.workload_of(pod), view) is None


def _happens_often(pod: Pod, view: ClusterView, *, now: datetime) -> bool:
    return failed_pods.happens_often(view.pods_of(view.workload_of(pod)), pod.status.reason, now=now)


def _finding(pod: Pod, view: ClusterView, *, until: datetime | None) -> Finding:
    subject = view.workload_of(pod)
    since = failed_pods.failed_at(pod)
    reason = wording.clip(pod.status.reason, 100) or "Error"
    container, ended = _bad_end(pod) or ("", None)
    return Finding(
        subject=subject,
        part=reason,
        title=titles.PodFailed.failed(pods=wording.pods_of(subject), why=_why(reason)),
        since=since,
        expires_at=until,
        occurrence=pod.uid or None,
        facts={"reason": reason, "message": wording.clip(pod.status.message), "node": pod.spec.node_name}
        | ({"container": container} | containers.exit_facts(ended) if ended is not None else {}),
        suspects=candidate_causes.node_of(pod, view, candidate_causes.NODE_DOWN | candidate_causes.NODE_PRESSURE),
    )


def _bad_end(pod: Pod) -> tuple[str, Terminated] | None:
    """The container that exited with an error, and its exit."""
    ends = ((seen.name, seen.status.state.terminated) for seen in containers.of(pod))
    return next(((name, end) for name, end in ends if end is not None and end.exit_code != 0), None)


def _why(reason: str) -> str:
    resource = pods.lacking(reason)
    known = titles.POD_FAILURES.get("OutOf" if resource is not None else reason)
    return reason if known is None else known(resource=resource)


DETECTOR = of_pod(
    type="PodFailed",
    title=titles.PodFailed.what,
    category="crash",
    severity=Severity.MEDIUM,
    gates=("G1", "G2", "G5", "G7", "G10"),
    detect=detect,
    open_after_s=30,
    reached_from={Pod.kind: failed_pods.beside},
    examines_leaving=True,
)
