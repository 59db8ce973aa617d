"""CertificateExpiring: a TLS certificate ends soon, or has expired, and is not being renewed.

Optral never sees a Secret, so it knows only the certificates that cert-manager keeps: their end stands in the Certificate. Short lives are
normal there, so what counts is not the days that are left but that a renewal is overdue: its time has passed by an hour (a quarter of what
was left, if that is less), or the Certificate says itself that it is not ready. Without a time for renewal, three weeks count. Medium, high
in the last week, critical when it has expired.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from optral.detectors import gates, severity, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Watch
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, times
from optral.kube.objects import Certificate, Condition, condition
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

TYPE = "CertificateExpiring"
CATEGORY = "network"
SECRET = "Secret"  # noqa: S105 - the name of a kind
MAX_NAME = 253  # of any object; what a custom resource holds may be longer
OVERDUE_S = 3600
PATIENCE_S = 300
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
    ready = condition(certificate.status.conditions, "Ready")
    soon_s, urgent_s = limits["soonSeconds"], limits["urgentSeconds"]
    due = _due(certificate, end, soon_s=soon_s)
    is_refused = ready is not None and ready.status == "False"
    if not is_refused and now < due:
        yield Watch(due)
        return
    since = due if now >= due else (ready.last_transition_time if ready is not None else None) or due
    if (turn := _next_turn(end, urgent_s=urgent_s, now=now)) is not None:
        yield Watch(turn)
    subject = ObjectRef(SECRET, certificate.namespace, (certificate.spec.secret_name or certificate.name)[:MAX_NAME])
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=owners.ref(certificate),
        severity=severity.judge(_base(end, urgent_s=urgent_s, now=now), subject=subject, view=view),
        title=wording.clip(_title(certificate, end, now=now), wording.MAX_TITLE),
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S),
        facts={
            "certificate": certificate.name,
            "secret": certificate.spec.secret_name or None,
            "notAfter": end.isoformat(),
            "renewalTime": certificate.status.renewal_time.isoformat() if certificate.status.renewal_time is not None else None,
            "soonSeconds": soon_s if certificate.status.renewal_time is None else None,
            "urgentSeconds": urgent_s,
            "issuer": certificate.spec.issuer_ref.name or None,
            "reason": ready.reason if ready is not None else None,
            "message": _message(certificate, ready),
        },
    )


def _due(certificate: Certificate, end: datetime, *, soon_s: float) -> datetime:
    """From when on it should have been renewed, patience included."""
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


def _next_turn(end: datetime, *, urgent_s: float, now: datetime) -> datetime | None:
    """When its severity rises next."""
    left_s = -times.age_s(end, now=now)
    return None if left_s <= 0 else end if left_s <= urgent_s else times.after(now, left_s - urgent_s + 1)


def _title(certificate: Certificate, end: datetime, *, now: datetime) -> str:
    when = "has expired" if end <= now else f"expires on {end:%Y-%m-%d}"
    return f"Certificate {certificate.namespace}/{certificate.name} {when} and has not been renewed"


def _message(certificate: Certificate, ready: Condition | None) -> str | None:
    issuing = condition(certificate.status.conditions, "Issuing")
    told = issuing if issuing is not None and issuing.message else ready
    return wording.clip(told.message) if told is not None and told.message else None


DETECTOR = Detector(
    type=TYPE,
    title="A certificate has expired or is about to expire",
    category=CATEGORY,
    about=About.ROUTE,
    severity=Severity.MEDIUM,
    gates=("G1",),
    looks_at=frozenset({Certificate.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    tier=Tier.EXTENDED,
    needs=frozenset({"certificates"}),
    thresholds=THRESHOLDS,
)
