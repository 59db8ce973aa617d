"""What the kubelets measured of pods, claims and nodes: `PodUsage` and `NodeUsage` of the snapshot (`agent/metrics/report.py`).

A report counts only for the very pod that it was made of. Numbers are put into words once, here, so that sentences and evidence agree.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from optral.analysis.reading.case import Case
from optral.analysis.reading.snapshot import SnapshotObject, dicts, moment
from optral.kit.durations import in_words
from optral.kube import quantities
from optral.kube.kinds import NODE_USAGE, POD_USAGE

UNREAD = "the usage metrics of the kubelets, which the agent does not report (docs/agent.md, Metrics)"


class Measured(NamedTuple):
    """One part of a report (a container, a volume, a probe) with what it is about."""

    obj: SnapshotObject
    values: Mapping[str, Any]
    at: datetime | None

    def number(self, *path: str) -> float:
        """A number of it; 0 where it is not known."""
        value: Any = self.values
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else 0

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else ""


def report_of(case: Case, pod: SnapshotObject) -> SnapshotObject | None:
    """The report of a pod's usage; None where there is none of this very pod."""
    found = case.snap.find(POD_USAGE.id, pod.namespace, pod.name)
    owner = None if found is None else found.owner()
    return found if owner is not None and owner.uid == pod.uid else None


def of_container(case: Case, pod: SnapshotObject, name: str) -> Measured | None:
    return next((part for part in parts(case, pod, "containers") if part.text("name") == name), None)


def parts(case: Case, pod: SnapshotObject, what: str) -> Iterator[Measured]:
    """The containers, volumes or probes of a pod's report."""
    if (report := report_of(case, pod)) is not None:
        at = moment(report.get("status.observedAt"))
        yield from (Measured(pod, one, at) for one in dicts(report.get(f"status.{what}")))


def network(case: Case, pod: SnapshotObject) -> Measured | None:
    report = report_of(case, pod)
    values = {} if report is None else report.map("status.network")
    return Measured(pod, values, moment(report.get("status.observedAt"))) if report is not None and values else None


def of_claim(case: Case, claim: SnapshotObject) -> Measured | None:
    """A volume of this claim, as the newest report of a pod that mounts it has it."""
    found = [
        part
        for pod in case.snap.all("Pod", claim.namespace)
        for part in parts(case, pod, "volumes")
        if part.text("claim") == claim.name and part.number("capacityBytes")
    ]
    return max(found, key=lambda one: one.at.timestamp() if one.at is not None else 0, default=None)


def of_node(case: Case, node: SnapshotObject) -> Measured | None:
    found = case.snap.find(NODE_USAGE.id, None, node.name)
    return None if found is None else Measured(node, found.map("status"), moment(found.get("status.observedAt")))


def is_unread(case: Case) -> bool:
    """Whether nothing is known because no metrics are read, rather than because nothing is wrong."""
    return not case.snap.sees(POD_USAGE.id)


# --- words


def size(count: float) -> str:
    return quantities.human_bytes(round(count))


def cores(millis: float) -> str:
    return f"{round(millis)}m"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def span(seconds: float) -> str:
    """`15 minutes`, `3 hours`, `2 days`; at least one minute."""
    return in_words(max(60.0, seconds))
