"""Workloads that fail because something they call has failed: cluster DNS, or a Service that their template or their own words name.

A name in a template is no proof. One of three things must come with it: the workload's words (an exit message, an Event of a probe,
captured log lines) name that Service, or complain that names do not resolve; or they complain of connections and name nobody at all, as
drivers often do; or its pods are older than the cause and all of their failures are younger, so that they worked until then. Exits that no
dependency explains (no such program, killed for memory, a segfault) do not count.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from optral.detectors import CATALOG, served_certificates
from optral.detectors.detector import Effect
from optral.grouping import complaints, unaddressed
from optral.grouping.failure_index import Candidate, FailureIndex
from optral.grouping.model import AffectedObject, Failure
from optral.kube import addresses, calls, log_reports, log_signs, selectors, times
from optral.kube.objects import DaemonSet, Deployment, Pod, Service, StatefulSet
from optral.terms.refs import ObjectRef

TYPES = CATALOG.dependents
ENTRANCES = CATALOG.with_effect(Effect.SERVICE_DOWN)
DNS = "ClusterDNSUnavailable"
EXPIRING, CERTIFICATE = "CertificateExpiring", "certificate"
_OTHER_REASON = re.compile(
    r"unknown[ _]authority|self[- ]signed|local issuer|unable to verify the first|certification path|unknown ?(?:issuer|ca)\b"
    r"|alt(?:ernative)?[ _]?name|host ?name|IP SANs|valid for any names",
    re.IGNORECASE,
)
"""What a line says of a certificate whose time is not what is wrong."""
_RUNS = frozenset(log_reports.SIGNS_OF)
FORBIDDEN = "rights"
"""The log sign of a permission that the Kubernetes API denies."""
FOLLOWS_WITHIN = timedelta(minutes=10)  # without words, a failure that comes later has had time for causes of its own
LOOKED_GOOD_FOR = timedelta(minutes=1)  # before its dependency went
BACK_OFF_S = 300  # the longest pause between two restarts
POLICY_CLOCKS_S = 120.0
FAST_RESTARTS = 6  # that fit in before the pauses are at their longest
MAX_HOSTS = 40
MAX_PODS_READ = 5  # of one workload: replicas say the same
MAX_LOG_LINES = complaints.MAX_KEPT + complaints.MAX_REFUSALS  # of one failure

_NOT_A_CALL = frozenset({0, 126, 127, 128, 134, 137, 139})
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", re.ASCII)


def candidates(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """What the workload calls and what is broken, as far as either proof holds for this pod."""
    if failure.facts.get("exitCode") in _NOT_A_CALL or failure.subject.namespace is None:
        return
    words = _words(index, failure, affected)
    hosts = dict.fromkeys((*hosts_of(index, failure.subject), *_named(words), *_broken_services_mentioned(index, failure, affected)))
    for cause in index.on(failure.subject, {"ServiceMissing"}):
        yield Candidate(cause, "calls by a wrong name")
    yield from _unresolved(index, failure, affected, words=words)
    for cause in _about(index, "NetworkPolicyBlocks", "workloads").get(str(failure.subject), ()):
        yield Candidate(cause, "is cut off by", is_same_failure=_came_after(failure, cause.facts.get("policyChangedAt")))
    if "forbidden" in words.lower():
        yield from (Candidate(cause, "is forbidden, see") for cause in _about(index, "RBACForbidden", "asks").get(str(failure.subject), ()))
    for cause in _about(index, "ServiceTargetPortMismatch", "callers").get(str(failure.subject), ()):
        if cause.facts.get("case") == "callersUseAnother" and _mentions_port(words, cause.facts.get("ports")):
            yield Candidate(cause, "calls a wrong port of")
    yield from _mesh_routes(index, failure, words=words)
    yield from _expired_certificates(index, failure)
    yield from _dns(index, failure, affected, words=words, has_hosts=bool(hosts))
    called = [found for host in list(hosts)[:MAX_HOSTS] for found in addresses.services(host, failure.subject.namespace)]
    for namespace, name in dict.fromkeys((*called, *_unaddressed(index, failure, affected))):
        yield from _behind(index, failure, affected, ObjectRef("Service", namespace, name), words=words)


def _unresolved(index: FailureIndex, failure: Failure, affected: AffectedObject, *, words: str) -> Iterator[Candidate]:
    """The DNS settings that keep the workload from a name that it calls, unless its words are about something else."""
    is_said = log_signs.is_name_failure(words)
    if is_said or _names_nobody(index, failure, affected) or not (words or lines_of(index, failure)):
        yield from (Candidate(cause, "cannot resolve what it calls") for cause in index.on(failure.subject, {"ServiceNameUnresolvable"}))
    if is_said:
        yield from _beside(index, failure, affected)


def _unaddressed(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[addresses.ServiceName]:
    """The server of the kind that its complaints are about, where they name nobody."""
    if _names_nobody(index, failure, affected):
        for line in _complaints_of(index, failure, affected):
            if (server := unaddressed.server_of(index, failure.subject, line)) is not None:
                yield from (addresses.ServiceName(failure.subject.namespace or "", service.name) for service in server.services)


def _beside(index: FailureIndex, failure: Failure, affected: AffectedObject) -> Iterator[Candidate]:
    """A container of the same pod that has failed because it cannot resolve names either, or cannot reach what it does not name: they share
    the DNS settings of the pod."""
    if failure.type in _RUNS:
        for other in index.shown_by(affected.ref):
            if other.part == failure.part or other.type in _RUNS or other.type not in TYPES:
                continue
            if log_signs.is_name_failure("\n".join(lines_of(index, other))) or _names_nobody(index, other, affected):
                yield Candidate(other, "shares a pod with", is_same_failure=True)


def _mesh_routes(index: FailureIndex, failure: Failure, *, words: str) -> Iterator[Candidate]:
    """The faulty routes of a mesh for a host that it calls and that its own words name."""
    for cause in _about(index, "MeshRouteInvalid", "callers").get(str(failure.subject), ()):
        if any(_has_word(words, str(host).partition(".")[0]) for host in cause.facts.get("hosts") or ()):
            yield Candidate(cause, "is routed by")


def _expired_certificates(index: FailureIndex, failure: Failure) -> Iterator[Candidate]:
    """The expired certificate of a server whose certificate its log refuses, unless the line gives another reason than the time."""
    if not index.has({EXPIRING}):
        return
    for line in lines_of(index, failure):
        if CERTIFICATE not in complaints.signs(line) or _OTHER_REASON.search(line):
            continue
        for host in dict.fromkeys(_named(line)):
            server = served_certificates.of_host(index.view, host, failure.subject.namespace or "")
            for presented in (*server.secrets, *([] if server.service is None else [server.service])) if server is not None else ():
                for cause in index.on(presented, {EXPIRING}):
                    end = times.moment(cause.facts.get("notAfter"))
                    if end is not None and end <= index.now:
                        yield Candidate(cause, "refuses the certificate of")


def _mentions_port(words: str, faults: object) -> bool:
    """Whether an error names one of the ports that the Service does not have, beside an address of any form."""
    asked = [fault.get("port") for fault in faults if isinstance(fault, dict)] if isinstance(faults, list) else []
    return any(f":{port}" in words for port in asked)


def _came_after(failure: Failure, changed: object) -> bool:
    """Whether it began after the policy changed; the detector opens such an issue only after a period of observation."""
    moment = times.moment(changed)
    return moment is not None and times.age_s(moment, now=failure.since) >= -POLICY_CLOCKS_S


def _dns(index: FailureIndex, failure: Failure, affected: AffectedObject, *, words: str, has_hosts: bool) -> Iterator[Candidate]:
    for cause in index.of_type(DNS):
        if log_signs.is_name_failure(words) or (has_hosts and _worked_before(index, failure, affected, cause)):
            yield Candidate(cause, "resolves names through")


def _about(index: FailureIndex, name: str, fact: str) -> dict[str, list[Failure]]:
    """Failures of this type by the workloads that this fact of theirs names."""
    key = ("about", name, fact)
    if key not in index.memo:
        found: dict[str, list[Failure]] = {}
        for one in index.of_type(name):
            told = one.facts.get(fact)
            for workload in told if isinstance(told, list) else [told]:
                found.setdefault(str(workload), []).append(one)
        index.memo[key] = found
    known: dict[str, list[Failure]] = index.memo[key]
    return known


def _behind(index: FailureIndex, failure: Failure, affected: AffectedObject, service: ObjectRef, *, words: str) -> Iterator[Candidate]:
    workloads = failing_workloads_behind(index, service)
    if failure.subject in workloads:
        return
    causes = [*index.on(service, ENTRANCES), *(cause for workload in workloads for cause in index.on(workload, TYPES | _DOWN))]
    if not causes:
        return
    is_meant = _is_named(index, service, words) or _names_nobody(index, failure, affected)
    for cause in causes:
        if is_meant or _worked_before(index, failure, affected, cause):
            yield Candidate(cause, "calls")


_DOWN = CATALOG.with_effect(Effect.POD_DOWN, Effect.NO_PODS, Effect.CLAIM_UNBOUND) - CATALOG.warnings
"""What takes a workload away from its callers; a warning has not done so yet."""


def _is_named(index: FailureIndex, service: ObjectRef, words: str) -> bool:
    """By its name, or by the address that a driver has looked up for it."""
    if _has_word(words, service.name):
        return True
    found = index.view.by_name(Service.kind, service.namespace, service.name)
    return isinstance(found, Service) and found.spec.cluster_ip in _IPV4.findall(words)


def _has_word(text: str, name: str) -> bool:
    """Whether a name stands in a text as a whole, and not as a part of another one."""
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None


def _broken_services_mentioned(index: FailureIndex, failure: Failure, affected: AffectedObject) -> list[str]:
    """Broken Services of its namespace that its complaints name, whose address its template does not show."""
    there = (one.subject for one in index.of_type(*sorted(ENTRANCES)) if one.subject.namespace == failure.subject.namespace)
    broken = [service.name for service in islice(there, MAX_HOSTS)]
    said = "\n".join(_complaints_of(index, failure, affected)) if broken else ""
    return [name for name in broken if _has_word(said, name)]


def lines_of(index: FailureIndex, failure: Failure) -> tuple[str, ...]:
    """Error lines of a failure's container: of its logs that are at hand, and of what the agent reports of its present run."""
    key = ("lines", failure.key)
    if key not in index.memo:
        index.memo[key] = tuple(dict.fromkeys((*failure.log_lines, *_reported(index, failure))))
    known: tuple[str, ...] = index.memo[key]
    return known


def _reported(index: FailureIndex, failure: Failure) -> Iterator[str]:
    """The lines of the signs that last, as the agent reports them, that are about servers or about permissions."""
    pods = [pod for affected in failure.objects[:MAX_PODS_READ] if (pod := index.pod(affected.ref)) is not None]
    reports = [report for pod in pods if failure.part and (report := log_reports.of_pod(pod, index.view)) is not None]
    for container in (one for report in reports for one in report.status.containers if one.name == failure.part):
        for sign in log_reports.lasting(container, now=index.now):
            yield from (sign.message,) if sign.sign == FORBIDDEN else complaints.kept(sign.message)


def _complaints_of(index: FailureIndex, failure: Failure, affected: AffectedObject) -> list[str]:
    return [line for text in (*lines_of(index, failure), *_last_words(index, affected)) for line in complaints.error_lines(text)]


def _names_nobody(index: FailureIndex, failure: Failure, affected: AffectedObject) -> bool:
    """Whether the container complains of connections alone, and its complaints name no host: then it may mean whomever it calls."""
    key = ("nobody", failure.key, affected.ref.name)
    if key not in index.memo:
        lines = _complaints_of(index, failure, affected)
        said = "\n".join(lines)
        is_elsewhere = "localhost" in said or _IPV4.search(said) is not None or log_signs.is_name_failure(said)
        index.memo[key] = bool(lines) and not is_elsewhere and not any(_means(index, failure, host) for host in _named(said))
    nobody: bool = index.memo[key]
    return nobody


def _means(index: FailureIndex, failure: Failure, host: str) -> bool:
    """Whether a word that looks like a host is one: a Service that is there, or a name of several parts that is no file of code."""
    if "." in host:
        return not log_signs.is_file(host)
    return index.view.by_name(Service.kind, failure.subject.namespace, host) is not None


def failing_workloads_behind(index: FailureIndex, service: ObjectRef) -> list[ObjectRef]:
    """The workloads a Service sends to, among those that something is wrong with."""
    key = ("behind", service.namespace, service.name)
    if key not in index.memo:
        found = index.view.by_name(Service.kind, service.namespace, service.name)
        selector = found.spec.selector if isinstance(found, Service) else {}
        subjects = index.failing_in(service.namespace or "") if selector else []
        index.memo[key] = [subject for subject in subjects if selectors.matches(selector, _labels(index, subject))]
    known: list[ObjectRef] = index.memo[key]
    return known


def _labels(index: FailureIndex, subject: ObjectRef) -> dict[str, str]:
    workload = index.view.object_at(subject)
    if isinstance(workload, (Deployment, StatefulSet, DaemonSet)):
        return workload.spec.template.metadata.labels
    return workload.labels if isinstance(workload, Pod) else {}


def hosts_of(index: FailureIndex, subject: ObjectRef) -> tuple[str, ...]:
    """The hosts that the template of a workload may call, each once."""
    key = ("hosts", subject.kind, subject.namespace, subject.name)
    if key not in index.memo:
        workload = index.view.object_at(subject)
        template = workload.spec.template.spec if isinstance(workload, (Deployment, StatefulSet, DaemonSet)) else None
        index.memo[key] = (
            () if template is None else tuple(dict.fromkeys(calls.hosts(template, index.view.configs_of(subject.namespace or ""))))
        )
    known: tuple[str, ...] = index.memo[key]
    return known


def _named(words: str) -> list[str]:
    return [host.host for host in log_signs.hosts(words)]


def _words(index: FailureIndex, failure: Failure, affected: AffectedObject) -> str:
    """What the container itself, or the kubelet about its probes, has said; a few thousand characters."""
    unanswered = (line for line in lines_of(index, failure) if not complaints.is_refusal(line))
    said = [*unanswered, str(failure.facts.get("message") or ""), *_last_words(index, affected)]
    if (pod := index.pod(affected.ref)) is not None:
        said.extend(event.message for event in index.view.events_of(pod.uid) if event.reason == "Unhealthy")
    return "\n".join(text[:2000] for text in said[:20] if text)


def _last_words(index: FailureIndex, affected: AffectedObject) -> Iterator[str]:
    """The messages with which the containers of a pod have ended."""
    if (pod := index.pod(affected.ref)) is not None:
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            ends = (status.state.terminated, status.last_state.terminated)
            yield from (end.message for end in ends if end is not None and end.message)


def _worked_before(index: FailureIndex, failure: Failure, affected: AffectedObject, cause: Failure) -> bool:
    """Whether the pod is older than the cause, failed soon after it, and has never failed before."""
    pod = index.pod(affected.ref)
    if pod is None or pod.created_at > index.began(cause) - LOOKED_GOOD_FOR:
        return False
    if index.began(failure) - index.began(cause) > FOLLOWS_WITHIN:
        return False
    restarts = max((status.restart_count for status in pod.status.container_statuses), default=0)
    return restarts <= FAST_RESTARTS + (index.now - index.began(cause)).total_seconds() / BACK_OFF_S


def with_log_lines(found: Iterable[Failure], read: Callable[[str, str, str], Iterable[str]]) -> list[Failure]:
    """The failures with what their containers' logs complain of; `read(namespace, pod, container)` gives the logs there are."""
    return [replace(one, log_lines=_complaints(one, read)) if one.part and one.type in TYPES else one for one in found]


def _complaints(failure: Failure, read: Callable[[str, str, str], Iterable[str]]) -> tuple[str, ...]:
    pods = [affected.ref for affected in failure.objects[:MAX_PODS_READ] if affected.ref.kind == Pod.kind]
    logs = (log for pod in pods for log in read(pod.namespace or "", pod.name, failure.part or ""))
    return tuple(dict.fromkeys(line for log in logs for line in complaints.kept(log)))[:MAX_LOG_LINES]
