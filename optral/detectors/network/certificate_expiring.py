"""CertificateExpiring: a TLS certificate has expired or expires soon, and is not being renewed.

Optral never reads Secrets, so it knows only the certificates that cert-manager manages: the Certificate contains the expiry. Short
lifetimes are normal there. What counts is not the number of days left but an overdue renewal: its time passed more than an hour ago (or a
quarter of the remaining lifetime, if that is shorter), or the Certificate is not ready. Without a renewal time, three weeks count. The
severity is medium, high in the last week, and critical after the expiry.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from optral.detectors import gates, severity, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding, Watch
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import times
from optral.kube.objects import Certificate, Condition, condition
from optral.kube.reports import certificates
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

SECRET = "Secret"  # noqa: S105 - the name of a kind
MAX_NAME = 253  # characters of any object; a name inside a custom resource may be longer
OVERDUE_S = 3600
THRESHOLDS = {
    "soonSeconds": Threshold(
        default=21 * 86400,
        min=3600,
        max=365 * 86400,
        unit="s",
        doc="Without a renewal time, a certificate is overdue this long before it expires",
    ),
    "urgentSeconds": Threshold(
        default=7 * 86400, min=0, max=90 * 86400, unit="s", doc="The severity is high from this long before expiry on"
    ),
}


def detect(certificate: Certificate, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding | Watch]:
    end = certificate.status.not_after
    if gates.is_deleting(certificate) or end is None:
        return  # never issued: see TLSSecretMissing
    ready = condition(certificate.status.conditions, certificates.READY)
    soon_s, urgent_s = limits["soonSeconds"], limits["urgentSeconds"]
    due = _due(certificate, end, soon_s=soon_s)
    since = _since(due, ready, now=now)
    if since is None:
        yield Watch(due)
        return
    if (rises_at := _rises_at(end, urgent_s=urgent_s, now=now)) is not None:
        yield Watch(rises_at)
    subject = ObjectRef(SECRET, certificate.namespace, (certificate.spec.secret_name or certificate.name)[:MAX_NAME])
    yield Finding(
        subject=subject,
        severity=severity.adjust(_base(end, urgent_s=urgent_s, now=now), subject=subject, view=view),
        title=_title(certificate, end, now=now),
        since=since,
        facts=_facts(certificate, end, ready, soon_s=soon_s, urgent_s=urgent_s),
    )


def _since(due: datetime, ready: Condition | None, *, now: datetime) -> datetime | None:
    """Since when the renewal is overdue or the Certificate is not ready; None while neither is the case."""
    if now >= due:
        return due
    if ready is None or ready.status != "False":
        return None
    return ready.last_transition_time or due


def _facts(certificate: Certificate, end: datetime, ready: Condition | None, *, soon_s: float, urgent_s: float) -> dict[str, object]:
    renewal, told = certificate.status.renewal_time, certificates.explaining(certificate.status.conditions)
    return {
        "certificate": certificate.name,
        "secret": certificate.spec.secret_name or None,
        "notAfter": end.isoformat(),
        "renewalTime": renewal.isoformat() if renewal is not None else None,
        "soonSeconds": soon_s if renewal is None else None,
        "urgentSeconds": urgent_s,
        "issuer": certificate.spec.issuer_ref.name or None,
        "reason": ready.reason if ready is not None else None,
        "message": wording.clip(told.message) or None if told is not None else None,
    }


def _due(certificate: Certificate, end: datetime, *, soon_s: float) -> datetime:
    """From when on the renewal is overdue, including the grace period."""
    renewal = certificate.status.renewal_time
    if renewal is None:
        try:
            return end - timedelta(seconds=soon_s)
        except OverflowError:
            return end
    return min(end, times.after(renewal, min(OVERDUE_S, max(0.0, (end - renewal).total_seconds() / 4))))


def _base(end: datetime, *, urgent_s: float, now: datetime) -> Severity:
    left_s = -times.age_s(end, now=now)
    return Severity.CRITICAL if left_s <= 0 else Severity.HIGH if left_s < urgent_s else Severity.MEDIUM


def _rises_at(end: datetime, *, urgent_s: float, now: datetime) -> datetime | None:
    """When the severity rises next; None if it is already critical."""
    left_s = -times.age_s(end, now=now)
    return None if left_s <= 0 else end if left_s <= urgent_s else times.after(now, left_s - urgent_s + 1)


def _title(certificate: Certificate, end: datetime, *, now: datetime) -> str:
    when = "has expired" if end <= now else f"expires on {end:%Y-%m-%d}"
    return f"Certificate {certificate.namespace}/{certificate.name} {when} and has not been renewed"


DETECTOR = of_route(
    type="CertificateExpiring",
    title="A certificate has expired or is about to expire",
    severity=Severity.MEDIUM,
    looks_at=frozenset({Certificate.kind}),
    detect=detect,
    open_after_s=300,
    tier=Tier.EXTENDED,
    needs=frozenset({"certificates"}),
    thresholds=THRESHOLDS,
)
