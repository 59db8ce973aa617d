"""CRDNotEstablished: a CustomResourceDefinition is not served, so all its clients get "not found".

Its names conflict with those of another definition, or it has been terminating for long because finalizers hold its resources.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.kube import owners
from optral.kube.objects import CustomResourceDefinition, condition
from optral.kube.reports import apis
from optral.kube.view import ClusterView
from optral.terms.severity import Severity


def detect(definition: CustomResourceDefinition, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    fault = _fault(definition)
    if fault is None:
        return
    cause, say, since, message = fault
    subject = owners.ref(definition)
    yield Finding(
        subject=subject,
        title=f"{wording.label(subject)} {say}{f': {wording.clip(message, 160)}' if message else ''}",
        since=since,
        facts={"cause": cause, "message": wording.clip(message), "finalizers": list(definition.metadata.finalizers[:20])},
    )


def _fault(definition: CustomResourceDefinition) -> tuple[str, str, datetime, str] | None:
    conditions = definition.status.conditions
    if (deleted_at := definition.metadata.deletion_timestamp) is not None:
        terminating = condition(conditions, apis.TERMINATING)
        return "terminating", "is not removed", deleted_at, terminating.message if terminating is not None else ""
    for name, cause, say in (
        (apis.NAMES_ACCEPTED, "namesConflict", "uses names of another definition"),
        (apis.ESTABLISHED, "notServed", "is not served"),
    ):
        state = condition(conditions, name)
        if state is not None and state.status == "False":
            return cause, say, state.last_transition_time or definition.created_at, state.message
    return None


DETECTOR = Detector(
    type="CRDNotEstablished",
    title="A CustomResourceDefinition is not established",
    category="cluster",
    about=About.OBJECT,
    severity=Severity.HIGH,
    gates=(),
    looks_at=frozenset({CustomResourceDefinition.kind}),
    detect=detect,
    open_after_s=120,
    tier=Tier.EXTENDED,
)
