"""Failures that only a log shows: the pod is ready, and a container keeps logging that something does not work.

The agent samples the logs of running containers and reports what comes again (`agent/logs`). A sign counts once it lasts
(`kube/log_tally.py`); how it counts differs by sign. Of one container the first type in the table is reported, and none while another type
reports that the container crashes, or is not ready.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from optral.detectors import served_certificates, wording
from optral.detectors.detector import About, Detector, Effect, Tier
from optral.detectors.finding import Finding
from optral.detectors.served_certificates import Server
from optral.kube import log_ordinary, log_reports, log_signs
from optral.kube.access_logs import ERRORS
from optral.kube.objects import ContainerLog, LogSign, LogSigns, Pod, Service
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

RESOLVE_AFTER_S = 300
MAX_LINE = 300
_NUMBER = re.compile(r"\d+")  # differs from line to line, and a fact that changes is a change of the issue
FIRST_RANK = 151
MAX_NAMES = 8
CERTIFICATE = "CertificateRejected"
REQUESTS = "RequestsFailing"


class Logged(NamedTuple):
    """A type of issue, and the signs that show it. `title` writes the title of a finding from the subject, the container and the sign."""

    type: str
    what: str
    severity: Severity
    title: Callable[[str, str, LogSign], Title]

    @property
    def signs(self) -> frozenset[str]:
        return log_reports.SIGNS_OF[self.type]


def _server(sign: LogSign) -> str:
    """`store:5432`, or a phrase where the line names no host."""
    host, port = sign.names.get("host", ""), sign.names.get("port", "")
    return f"{host}:{port}" if host and port else host or titles.SOME_SERVER


def _cannot_connect(label: str, container: str, sign: LogSign) -> Title:
    host = sign.names.get("host")
    if sign.sign == "protocol":
        return titles.DependencyUnreachable.protocol(object=label, container=container, server=_server(sign))
    if host and log_signs.is_name_failure(sign.message):
        return titles.DependencyUnreachable.unresolved(object=label, container=container, host=host)
    return titles.DependencyUnreachable.unreachable(object=label, container=container, server=_server(sign))


def _refused(label: str, container: str, sign: LogSign) -> Title:
    """What the server that a container calls reports, or the server in the container itself."""
    why = titles.REFUSALS[sign.sign]()
    if not sign.names.get("host") and log_ordinary.is_of_server(sign.message):
        return titles.DependencyOverloaded.itself(object=label, container=container, why=why)
    return titles.DependencyOverloaded.refused(object=label, container=container, server=_server(sign), why=why)


def _missing(label: str, container: str, sign: LogSign) -> Title:
    if sign.sign in ("migration", "version", "mismatch"):
        return titles.SchemaMissing.differs(object=label, container=container, server=_server(sign))
    for kind in ("table", "column", "database", "topic", "queue", "index"):
        if name := sign.names.get(kind):
            return titles.SchemaMissing.missing(object=label, container=container, kind=kind, name=name)
    return titles.SchemaMissing.unnamed(object=label, container=container)


def _setting(label: str, container: str, sign: LogSign) -> Title:
    for slot in ("key", "file", "library", "program"):
        if name := sign.names.get(slot):
            return titles.ContainerMisconfigured.named(object=label, container=container, name=name)
    return titles.ContainerMisconfigured.reported(object=label, container=container)


def _failing(label: str, container: str, sign: LogSign) -> Title:
    return (titles.RequestsFailing.slow if sign.sign == "timeout" else titles.RequestsFailing.errors)(object=label, container=container)


LOGGED = (
    Logged(
        "ContainerMisconfigured",
        titles.ContainerMisconfigured.what,
        Severity.MEDIUM,
        _setting,
    ),
    Logged(
        "KubernetesAccessDenied",
        titles.KubernetesAccessDenied.what,
        Severity.MEDIUM,
        lambda label, container, _: titles.KubernetesAccessDenied.denied(object=label, container=container),
    ),
    Logged(
        CERTIFICATE,
        titles.CertificateRejected.what,
        Severity.HIGH,
        lambda label, container, sign: titles.CertificateRejected.rejected(object=label, container=container, server=_server(sign)),
    ),
    Logged(
        "CredentialsRejected",
        titles.CredentialsRejected.what,
        Severity.HIGH,
        lambda label, container, sign: titles.CredentialsRejected.refused(object=label, container=container, server=_server(sign)),
    ),
    Logged(
        "SchemaMissing",
        titles.SchemaMissing.what,
        Severity.MEDIUM,
        _missing,
    ),
    Logged(
        "DependencyOverloaded",
        titles.DependencyOverloaded.what,
        Severity.HIGH,
        _refused,
    ),
    Logged(
        "DependencyUnreachable",
        titles.DependencyUnreachable.what,
        Severity.HIGH,
        _cannot_connect,
    ),
    Logged(
        "ContainerExhausted",
        titles.ContainerExhausted.what,
        Severity.HIGH,
        lambda label, container, sign: titles.ContainerExhausted.exhausted(
            object=label, container=container, why=titles.EXHAUSTED[sign.sign]()
        ),
    ),
    Logged(
        "DependencyFailing",
        titles.DependencyFailing.what,
        Severity.MEDIUM,
        lambda label, container, sign: titles.DependencyFailing.failing(object=label, container=container, server=_server(sign)),
    ),
    Logged(
        REQUESTS,
        titles.RequestsFailing.what,
        Severity.HIGH,
        _failing,
    ),
)
IGNORED = {
    "address": "a program that cannot listen stops, or its probe fails",
    "architecture": "the container does not start",
    "lock": "waiting for a lock is part of ordinary operation",
    "port": "a program that cannot listen stops, or its probe fails",
    "route": "requests to a name that nobody serves come from outside",
    "size": "one request is too large; others are served",
}
"""Signs that are no issue of a running container, with the reason."""


def detect(pod: Pod, view: ClusterView, *, now: datetime, logged: Logged) -> Iterator[Finding]:
    report = log_reports.of_pod(pod, view)
    if report is None:
        return
    subject = view.workload_of(pod)
    for container in report.status.containers:
        lasting = [sign for sign in log_reports.lasting(container, now=now) if sign.sign in logged.signs]
        if not lasting:
            continue
        sign = max(lasting, key=lambda sign: (sign.sign != ERRORS, sign.count))  # an error without a reason says least
        finding = _finding(pod, container, sign, subject, view, logged)
        yield _with_server(finding, sign, view) if logged.type == CERTIFICATE else finding


def _with_server(finding: Finding, sign: LogSign, view: ClusterView) -> Finding:
    """The finding about a certificate with the Service that presents it and the Secret that holds it, where objects show them."""
    server = served_certificates.of_host(view, sign.names.get("host", ""), finding.subject.namespace or "")
    if server is None:
        return finding
    service = {} if server.service is None else {"service": f"{server.service.namespace}/{server.service.name}"}
    secrets = [f"{secret.namespace}/{secret.name}" for secret in server.secrets]
    facts = {**finding.facts, **service, **({"secrets": secrets} if secrets else {}), **_presented(server, view)}
    if not secrets:
        return replace(finding, facts=facts)
    title = titles.CertificateRejected.held(
        object=wording.label(finding.subject), container=finding.part, server=_server(sign), secrets=", ".join(secrets)
    )
    return replace(finding, title=title, facts=facts)


def _presented(server: Server, view: ClusterView) -> dict[str, Any]:
    """The names of the certificates that the Service presents, and until when they are valid, where the agent may look."""
    found = None if server.service is None else view.by_name(*server.service[:3])
    report = served_certificates.report_of(view, found) if isinstance(found, Service) else None
    if report is None or not report.status.ports:
        return {}
    names = dict.fromkeys(name for port in report.status.ports for name in port.names)
    ends = [port.not_after.isoformat() for port in report.status.ports if port.not_after is not None]
    return {"presentedNames": list(names)[:MAX_NAMES], "presentedUntil": min(ends, default=None)}


def _finding(pod: Pod, container: ContainerLog, sign: LogSign, subject: ObjectRef, view: ClusterView, logged: Logged) -> Finding:
    return Finding(
        subject=subject,
        part=container.name,
        title=logged.title(wording.label(subject), container.name, sign),
        since=sign.first_at or pod.created_at,
        expires_at=log_reports.over_at(sign),
        is_onset_unknown=sign.first_at is None,
        facts={"logSign": sign.sign, "line": wording.clip(_NUMBER.sub("…", sign.message), MAX_LINE), **sign.names},
    )


def _detector(logged: Logged, rank: int) -> Detector:
    def detect_logged(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
        return detect(pod, view, now=now, logged=logged)

    return Detector(
        type=logged.type,
        title=logged.what,
        category="health",
        about=About.CONTAINER,
        severity=logged.severity,
        gates=("G1", "G2", "G5", "G10"),
        rank=rank,
        effect=Effect.REQUESTS_FAIL if logged.type == REQUESTS else None,
        looks_at=frozenset({Pod.kind}),
        detect=detect_logged,
        tier=Tier.EXTENDED,
        resolve_after_s=RESOLVE_AFTER_S,
        follows_dependencies=True,
        reached_from={LogSigns.kind: log_reports.pod_of},
        rests_on=frozenset({LogSigns.kind}),
        needs=frozenset({"logs"}),
        examines_healthy=True,
    )


DETECTORS = tuple(_detector(logged, FIRST_RANK + number) for number, logged in enumerate(LOGGED))
