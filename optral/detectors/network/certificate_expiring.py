"""CertificateExpiring: a TLS certificate has expired or expires soon, and is not being renewed.

Optral never reads Secrets. It knows the certificates that cert-manager manages, since the Certificate contains the expiry, and those that
Services present to the agent's probes.

Of a Certificate, short lifetimes are normal. What counts is not the number of days left but an overdue renewal: its time passed more than
an hour ago (or a quarter of the remaining lifetime, if that is shorter), or the Certificate is not ready. Without a renewal time, three
weeks count. The severity is medium, high in the last week, and critical after the expiry.

A presented certificate does not say when it will be renewed. It counts in its last three weeks, or in the last tenth of a shorter
lifetime, if it was observed since then, at most a day ago. Whether its callers verify it is not known, so it is at most high, and a
self-signed one is a level lower. One that is also in a Certificate has that issue, unless the Certificate was renewed and the server does
not present the new one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from optral.detectors import gates, served_certificates, wording
from optral.detectors.detector import Tier, of_route
from optral.detectors.finding import Finding, Watch
from optral.detectors.thresholds import Limits, Threshold
from optral.kube import owners, times
from optral.kube.objects import Certificate, Condition, KubeObject, PresentedCertificate, ServedCertificate, Service, condition
from optral.kube.reports import certificates
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

SECRET = "Secret"  # noqa: S105 - the name of a kind
MAX_NAME = 253  # characters of any object; a name inside a custom resource may be longer
OVERDUE_S = 3600
STALE_S = 86_400  # the agent looks every hour; an older observation says nothing about now
LAST_SHARE = 0.1  # of a lifetime that is shorter than ten times the last three weeks
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


def detect(obj: KubeObject, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding | Watch]:
    if isinstance(obj, Certificate):
        yield from _managed(obj, view, now=now, limits=limits)
    elif isinstance(obj, Service) and (report := served_certificates.report_of(view, obj)) is not None:
        for presented in report.status.ports:
            yield from _presented(obj, presented, view, now=now, limits=limits)


def _presented(service: Service, seen: PresentedCertificate, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding]:
    """The certificate of a port, as it was observed; what has not been observed since it was due may have been renewed."""
    end, observed, due = seen.not_after, seen.observed_at, _presented_due(seen, soon_s=limits["soonSeconds"])
    if end is None or observed is None or due is None or observed < due or times.age_s(observed, now=now) > STALE_S:
        return
    managed = _managed_for(service, view)
    if end in managed.values():
        return
    subject, renewed = owners.ref(service), max((other for other in managed.values() if other > end), default=None)
    base = min(_base(end, urgent_s=limits["urgentSeconds"], now=observed), Severity.HIGH, key=lambda one: one.rank)
    yield Finding(
        subject=subject,
        part=str(seen.port),
        base=base.lowered() if seen.is_self_signed else base,
        title=_presented_title(subject, seen.port, None if end <= observed else end, is_renewed=renewed is not None),
        since=due,
        expires_at=times.after(observed, STALE_S),
        facts={
            "port": seen.port,
            "notAfter": end.isoformat(),
            "names": list(seen.names),
            "issuer": seen.issuer or None,
            "selfSigned": seen.is_self_signed,
            "certificate": next(iter(managed), None),
            "renewedUntil": None if renewed is None else renewed.isoformat(),
            "soonSeconds": limits["soonSeconds"],
            "urgentSeconds": limits["urgentSeconds"],
        },
    )


def _presented_due(seen: PresentedCertificate, *, soon_s: float) -> datetime | None:
    """From when on a presented certificate should have been renewed; None for one that cannot be judged."""
    if seen.not_after is None or seen.not_before is None or seen.not_before >= seen.not_after:
        return None
    return seen.not_after - min(timedelta(seconds=soon_s), (seen.not_after - seen.not_before) * LAST_SHARE)


def _managed_for(service: Service, view: ClusterView) -> dict[str, datetime]:
    """When the Certificates end that are kept in the Secrets of the Service's pods, by name."""
    secrets = served_certificates.of_service(view, service)
    found = (one for secret in secrets for one in view.certificates_of(secret.namespace or "", secret.name))
    return {one.name: one.status.not_after for one in found if one.status.not_after is not None}


def _managed(certificate: Certificate, view: ClusterView, *, now: datetime, limits: Limits) -> Iterator[Finding | Watch]:
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
        base=_base(end, urgent_s=urgent_s, now=now),
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


def _title(certificate: Certificate, end: datetime, *, now: datetime) -> Title:
    label = wording.label(owners.ref(certificate))
    if end <= now:
        return titles.CertificateExpiring.expired(object=label)
    return titles.CertificateExpiring.expires(object=label, date=f"{end:%Y-%m-%d}")


def _presented_title(subject: ObjectRef, port: int, end: datetime | None, *, is_renewed: bool) -> Title:
    """The title about a certificate that a port presents; without an end it has expired."""
    texts, label = titles.CertificateExpiring, wording.label(subject)
    if end is None:
        return (texts.not_reloaded if is_renewed else texts.serves_expired)(object=label, port=port)
    return (texts.not_reloaded_yet if is_renewed else texts.serves_expiring)(object=label, port=port, date=f"{end:%Y-%m-%d}")


DETECTOR = of_route(
    type="CertificateExpiring",
    title=titles.CertificateExpiring.what,
    severity=Severity.MEDIUM,
    looks_at=frozenset({Certificate.kind, Service.kind}),
    reached_from={ServedCertificate.kind: served_certificates.service_of},
    detect=detect,
    open_after_s=300,
    tier=Tier.EXTENDED,
    needs=frozenset({"certificates"}),
    thresholds=THRESHOLDS,
)
