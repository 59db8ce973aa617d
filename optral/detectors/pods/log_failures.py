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
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

RESOLVE_AFTER_S = 300
MAX_LINE = 300
_NUMBER = re.compile(r"\d+")  # differs from line to line, and a fact that changes is a change of the issue
FIRST_RANK = 151
MAX_NAMES = 8
CERTIFICATE = "CertificateRejected"
REQUESTS = "RequestsFailing"


_RESOURCES = {
    "alarm": "its disk or memory limit, and blocks writers",
    "descriptors": "its open files",
    "disk": "its disk space",
    "heap": "its own memory",
    "kernel": "a limit of the kernel",
    "killed": "its memory: a child process was killed",
    "workers": "its workers",
}


class Logged(NamedTuple):
    """A type of issue, and the signs that show it. `says` is the title after the container."""

    type: str
    title: str
    severity: Severity
    says: Callable[[LogSign], str]

    @property
    def signs(self) -> frozenset[str]:
        return log_reports.SIGNS_OF[self.type]


def _server(sign: LogSign) -> str:
    """`store:5432`, or a phrase where the line names no host."""
    host, port = sign.names.get("host", ""), sign.names.get("port", "")
    return f"{host}:{port}" if host and port else host or "a server that it calls"


def _cannot_connect(sign: LogSign) -> str:
    if sign.sign == "protocol":
        return f"and {_server(sign)} do not use the same protocol"
    host = sign.names.get("host")
    return f"cannot resolve {host}" if host and log_signs.is_name_failure(sign.message) else f"cannot connect to {_server(sign)}"


_REFUSALS = {
    "frozen": "it accepts no writes",
    "full": "it accepts no more connections",
    "memory": "it has reached its memory limit",
    "quorum": "its cluster has no leader, or too few members",
    "rate": "it limits the rate of requests",
    "starting": "it is not ready to serve",
}
"""What a server that answers says of itself, by log sign."""


def _refused(sign: LogSign) -> str:
    """What the server that a container calls says, or the server in the container itself."""
    if not sign.names.get("host") and log_ordinary.is_of_server(sign.message):
        return _REFUSALS[sign.sign].removeprefix("it ")
    return f"cannot use {_server(sign)}: {_REFUSALS[sign.sign]}"


def _missing(sign: LogSign) -> str:
    if sign.sign in ("migration", "version", "mismatch"):
        return f"and the data of {_server(sign)} do not have the same version or settings"
    named = next(
        (f"{slot} {sign.names[slot]}" for slot in ("table", "column", "database", "topic", "queue", "index") if sign.names.get(slot)), ""
    )
    return f"uses {named or 'a database, table or topic'}, which does not exist"


def _setting(sign: LogSign) -> str:
    named = next((sign.names[slot] for slot in ("key", "file", "library", "program") if sign.names.get(slot)), "")
    return f"reports a configuration error: {named}" if named else "reports a configuration error"


LOGGED = (
    Logged(
        "ContainerMisconfigured",
        "A running container reports that a setting or file is missing or invalid",
        Severity.MEDIUM,
        _setting,
    ),
    Logged(
        "KubernetesAccessDenied",
        "A container may not read or change what it needs in the Kubernetes API",
        Severity.MEDIUM,
        lambda _: "is denied access by the Kubernetes API",
    ),
    Logged(
        CERTIFICATE,
        "TLS connections of a container fail because a certificate is not accepted",
        Severity.HIGH,
        lambda sign: f"cannot verify the TLS certificate of {_server(sign)}",
    ),
    Logged(
        "CredentialsRejected",
        "A server refuses the credentials of a container",
        Severity.HIGH,
        lambda sign: f"is refused by {_server(sign)}: wrong credentials or missing permissions",
    ),
    Logged(
        "SchemaMissing",
        "A database, table or topic that a container uses does not exist",
        Severity.MEDIUM,
        _missing,
    ),
    Logged(
        "DependencyOverloaded",
        "A server that a container calls answers that it has no capacity, or takes no writes",
        Severity.HIGH,
        _refused,
    ),
    Logged(
        "DependencyUnreachable",
        "A container cannot resolve or reach what it calls",
        Severity.HIGH,
        _cannot_connect,
    ),
    Logged(
        "ContainerExhausted",
        "A running container reports that its disk, memory, files or workers are used up",
        Severity.HIGH,
        lambda sign: f"has used up {_RESOURCES[sign.sign]}",
    ),
    Logged(
        "DependencyFailing",
        "A server that a container calls answers with errors",
        Severity.MEDIUM,
        lambda sign: f"gets error responses from {_server(sign)}",
    ),
    Logged(
        REQUESTS,
        "A container answers many of its requests with server errors",
        Severity.HIGH,
        lambda sign: "stops workers whose requests take too long" if sign.sign == "timeout" else "answers requests with server errors",
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
    held = f" (Secret {', '.join(secrets)})" if secrets else ""
    facts = {**finding.facts, **service, **({"secrets": secrets} if secrets else {}), **_presented(server, view)}
    return replace(finding, title=f"{finding.title}{held}", facts=facts)


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
        title=f"{wording.of_container(container.name, subject)} {logged.says(sign)}",
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
        title=logged.title,
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
