"""TLSSecretMissing: an Ingress or a Certificate needs a TLS Secret that does not exist or is invalid.

Optral never reads Secrets, so it cannot check directly. Two sources report it: cert-manager, if the Certificate that would create the
Secret was never issued; and an ingress controller, if a Warning about the Ingress names one of its TLS Secrets. A later Event of the same
controller that reports success cancels that. An empty `secretName` means the certificate of the controller. For a certificate that was
issued and is not renewed, see CertificateExpiring.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from optral.detectors import gates, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding
from optral.kube import times
from optral.kube.objects import Certificate, Event, Ingress, KubeObject, condition
from optral.kube.reports import certificates
from optral.kube.view import EVENT_LIFE, ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

SECRET = "Secret"  # noqa: S105 - the name of a kind
MAX_NAME = 253  # characters of any object; a name inside a custom resource may be longer
_COMPLAINTS = frozenset(
    {"AddedOrUpdatedWithWarning", "AddedOrUpdatedWithError", "Rejected", "Sync", "Translate", "BadConfig", "TLS", "CertificateNotFound"}
)
_RELIEFS = frozenset({"AddedOrUpdated", "Sync", "UPDATE"})
_MISSING = re.compile(
    r"not found|(?:does not|doesn't) exist|no such|missing|invalid|could not (?:find|be found)|failed to (?:get|load|find)", re.IGNORECASE
)


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if gates.is_deleting(obj):
        return
    if isinstance(obj, Certificate):
        yield from _never_issued(obj, view)
    elif isinstance(obj, Ingress):
        yield from _complained_of(obj, view, now=now)


def _never_issued(certificate: Certificate, view: ClusterView) -> Iterator[Finding]:
    ready = condition(certificate.status.conditions, certificates.READY)
    if ready is None or ready.status != "False" or certificate.status.not_after is not None or not certificate.spec.secret_name:
        return
    since = times.latest(ready.last_transition_time, certificate.created_at) or certificate.created_at
    name = certificate.spec.secret_name
    message = (certificates.explaining(certificate.status.conditions) or ready).message
    title = titles.TLSSecretMissing.never_issued(
        object=wording.label(_secret(certificate, name)), message=wording.clip(message or ready.reason, wording.MAX_DETAIL)
    )
    facts = {
        "case": "neverIssued",
        "secret": name,
        "certificate": certificate.name,
        "issuer": certificate.spec.issuer_ref.name or None,
        "reason": ready.reason or None,
        "message": wording.clip(message) or None,
    }
    yield _finding(certificate, name, view, title=title, since=since, facts=facts)


def _complained_of(ingress: Ingress, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    wanted = sorted({tls.secret_name for tls in ingress.spec.tls if tls.secret_name})
    events = gates.fresh_events(view, ingress.uid, _COMPLAINTS | _RELIEFS, now=now, window_s=EVENT_LIFE.total_seconds()) if wanted else []
    for name in wanted:
        event = _complaint(name, events)
        if event is None or event.last_seen < ingress.changed_at:
            continue
        title = titles.TLSSecretMissing.unusable(
            object=wording.label(_secret(ingress, name)), ingress=ingress.name, message=wording.clip(event.message, wording.MAX_DETAIL)
        )
        facts = {
            "case": "controllerComplains",
            "secret": name,
            "ingress": ingress.name,
            "hosts": sorted({host for tls in ingress.spec.tls if tls.secret_name == name for host in tls.hosts})[:20],
            "reason": event.reason,
            "message": wording.clip(event.message),
        }
        until = times.after(event.last_seen, EVENT_LIFE.total_seconds())
        yield _finding(ingress, name, view, title=title, since=event.first_seen, facts=facts, until=until)


def _complaint(secret: str, events: list[Event]) -> Event | None:
    """The newest Warning that names the Secret, unless its reporter has reported success since. Events come newest first."""
    named = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(secret)}(?![A-Za-z0-9-])")
    content: set[str] = set()
    for event in events:
        if event.type == "Normal" and event.reason in _RELIEFS:
            content.add(event.reporter)
        elif event.type == "Warning" and event.reporter not in content and named.search(event.message) and _MISSING.search(event.message):
            return event
    return None


def _secret(obj: KubeObject, name: str) -> ObjectRef:
    return ObjectRef(SECRET, obj.namespace, name[:MAX_NAME])


def _finding(
    obj: KubeObject,
    secret: str,
    view: ClusterView,
    *,
    title: Title,
    since: datetime,
    facts: Mapping[str, object],
    until: datetime | None = None,
) -> Finding:
    subject = _secret(obj, secret)
    return Finding(
        subject=subject,
        title=title,
        since=since,
        expires_at=until,
        facts=facts,
    )


DETECTOR = of_route(
    type="TLSSecretMissing",
    title=titles.TLSSecretMissing.what,
    severity=Severity.HIGH,
    gates=("G1", "G7"),
    looks_at=frozenset({Ingress.kind, Certificate.kind}),
    detect=detect,
    event_reasons=_COMPLAINTS | _RELIEFS,
    open_after_s=300,
    tier=Tier.EXTENDED,
    needs=frozenset({"certificates", "events"}),
)
