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
from optral.terms.en import titles
from optral.terms.severity import Severity
from optral.terms.template import Template


def detect(definition: CustomResourceDefinition, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    fault = _fault(definition)
    if fault is None:
        return
    cause, template, since, message = fault
    subject = owners.ref(definition)
    yield Finding(
        subject=subject,
        title=template(object=wording.label(subject), detail=wording.detail(message)),
        since=since,
        facts={"cause": cause, "message": wording.clip(message), "finalizers": list(definition.metadata.finalizers[:20])},
    )


def _fault(definition: CustomResourceDefinition) -> tuple[str, Template, datetime, str] | None:
    conditions = definition.status.conditions
    if (deleted_at := definition.metadata.deletion_timestamp) is not None:
        terminating = condition(conditions, apis.TERMINATING)
        return "terminating", titles.CRDNotEstablished.terminating, deleted_at, terminating.message if terminating is not None else ""
    for name, cause, template in (
        (apis.NAMES_ACCEPTED, "namesConflict", titles.CRDNotEstablished.conflict),
        (apis.ESTABLISHED, "notServed", titles.CRDNotEstablished.not_served),
    ):
        state = condition(conditions, name)
        if state is not None and state.status == "False":
            return cause, template, state.last_transition_time or definition.created_at, state.message
    return None


DETECTOR = Detector(
    type="CRDNotEstablished",
    title=titles.CRDNotEstablished.what,
    category="cluster",
    about=About.OBJECT,
    severity=Severity.HIGH,
    gates=(),
    looks_at=frozenset({CustomResourceDefinition.kind}),
    detect=detect,
    open_after_s=120,
    tier=Tier.EXTENDED,
)
