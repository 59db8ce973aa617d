"""A server by the logs of its callers: what several of them report of one host, of which the cluster's objects show nothing wrong.

The server may be outside of the cluster, or its address in a Secret. Logs of other workloads are those that were captured for the symptoms
of this issue, or that a dump holds, and the lines that the agent reports of containers that run.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.case import Case, Focus, cite, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import exits, run_logs, sources
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import OF_LOGS, rule
from optral.analysis.rules.run_logs import Text
from optral.grouping import complaints
from optral.kube import log_signs
from optral.kube.addresses import namespace_in
from optral.kube.objects import LogSigns
from optral.terms.refs import ObjectRef

MAX_LOGS = 60  # of other workloads that are read


class _Report(NamedTuple):
    """The cause that a sign reports, in words, and what to do."""

    cause: str
    words: str
    remedy: str


_REPORTS = {
    complaints.DISK: _Report(
        "dependency_disk_full", "The log reports that the disk of a server is full", "Free or expand the disk of the server"
    ),
    "full": _Report(
        "dependency_connections_exhausted",
        "The log reports that the server accepts no more connections",
        "Raise the server's connection limit, or reduce the callers' pools",
    ),
    "frozen": _Report(
        "dependency_read_only",
        "The log reports that the server is read-only",
        "Make the server writable, or point the callers to its primary",
    ),
    log_signs.DEPENDENCY: _Report(
        "dependency_unavailable", "The log reports a failed connection", "Check that the server runs and accepts connections"
    ),
}


class _Server(NamedTuple):
    """The server that a line is about: the object to name, the text by which lines name it ("" where they do not), and the way to it."""

    subject: SnapshotObject | ObjectRef
    host: str
    sentences: list[Sentence]
    source: ObjectRef | None = None


class _Others(NamedTuple):
    """Other workloads whose logs were read, or only show a failure by the agent's reports: how many, and which report the same."""

    same: list[str]
    total: int
    evidence_ids: list[str]
    which: str


def reported_by_others(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Other workloads report the same failure of the same server, so the server is at fault and not this workload."""
    if (exited := exits.read(case, focus)) is None:
        return
    for sign, line in _complaints(case, exited).items():
        report = _REPORTS[sign]
        for server in list(_servers(case, exited, line))[:2]:
            others = _others(case, exited, sign, server)
            if len(others.same) >= 1:
                level = Level.LIKELY if len(others.same) > 1 else Level.PLAUSIBLE
                counted = _counted(case, exited, others)
                yield _answer(focus, exited, server, report, [quote_line(report.words, line), *server.sentences, counted], level)


def server_disk_full(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The line is that of a server whose own disk is full. In a container with a volume of its own, the line has to name the server."""
    if (exited := exits.read(case, focus)) is None:
        return
    line = _complaints(case, exited).get(complaints.DISK)
    if line is None:
        return
    report = _REPORTS[complaints.DISK]
    server = next(_named(case, exited, line) if _has_claim(exited) else _servers(case, exited, line), None)
    if server is None and not _has_claim(exited):
        server = _Server(exited.workload, "", [])
    if server is None or (_has_claim(exited) and _is_own(server.subject, exited)):
        return
    yield _answer(focus, exited, server, report, [quote_line(report.words, line), *server.sentences], Level.PROVEN)


def _answer(focus: Focus, exited: Exit, server: _Server, report: _Report, sentences: list[Sentence], level: Level) -> Hypothesis:
    advice = actions.advice(report.remedy, f"{report.words}.", *sentences[0].evidence_ids)
    more = (
        [actions.diagnose(server.subject)] if isinstance(server.subject, SnapshotObject) and server.subject is not exited.workload else []
    )
    return focus.hypothesis(report.cause, server.subject, level, exited.opening, *sentences, actions=[advice, *more])


def _complaints(case: Case, exited: Exit) -> dict[str, LogLine]:
    """The last line of the log for each sign that is about a server."""
    found: dict[str, LogLine] = {}
    for key, text in exited.log.texts:
        for line in reversed(logs.reporting(text)):
            for sign in complaints.signs(line):
                if sign in _REPORTS and sign not in found:
                    found[sign] = LogLine(case.book.log(key, line), line)
    return {sign: found[sign] for sign in _REPORTS if sign in found}


def _has_claim(exited: Exit) -> bool:
    return any(isinstance(volume.get("persistentVolumeClaim"), dict) for volume in exited.container.pod.many("spec.volumes"))


def _is_own(subject: SnapshotObject | ObjectRef, exited: Exit) -> bool:
    """Whether the server is the workload that the container belongs to."""
    return (subject.ref if isinstance(subject, SnapshotObject) else subject) == exited.workload.ref


# --- which server


def _servers(case: Case, exited: Exit, line: LogLine) -> Iterator[_Server]:
    """The servers that the line names; if it names none, the only one whose address the container has, then the Secret of its address."""
    named = list(_named(case, exited, line))
    if named:
        yield from named
        return
    known = {address.host: address for address in calls.of_container(case, exited.container)}
    if len(known) == 1:
        (address,) = known.values()
        subject = _behind(case, address.service) if address.service is not None else exited.workload
        words = cite("It calls {address}, set in {setting}.", address.evidence_id, address=address.host, setting=address.place)
        yield _Server(subject, address.host, [words])
    elif not known and (found := sources.of_container(case, exited.container, sources.ADDRESS)):
        origin = found[0].sentence("The address in {setting} comes from key {key} of")
        yield _Server(found[0].ref, "", [origin], source=found[0].ref)


def _named(case: Case, exited: Exit, line: LogLine) -> Iterator[_Server]:
    namespace = exited.container.pod.namespace or ""
    for host, port in log_signs.hosts(line.text):
        service = calls.service_named(case, namespace, host)
        if service is not None:
            yield _of_service(case, service, line)
        elif "." in host and namespace_in(host) is None and not log_signs.is_file(host):
            yield _outside(case, exited, line, host, f"{host}:{port}" if port is not None else host)
    for host, port in log_signs.ip_addresses(line.text):
        service = calls.service_named(case, namespace, host)
        yield _of_service(case, service, line) if service is not None else _outside(case, exited, line, host, f"{host}:{port}")


def _of_service(case: Case, service: SnapshotObject, line: LogLine) -> _Server:
    if (external := service.text("spec.externalName")) and service.text("spec.type") == "ExternalName":
        shown = case.book.fields(service, "spec", "type", "externalName")
        words = cite("Service {service} stands for {address}, outside of the cluster.", shown, service=service.name, address=external)
        return _Server(service, service.name, [words])
    there = case.book.fields(service, "metadata", "name")
    words = cite("It calls {service}.", line.evidence_id, there, service=service.name)
    return _Server(_behind(case, service), service.name, [words])


def _behind(case: Case, service: SnapshotObject) -> SnapshotObject:
    pods = case.snap.selected(service.strings("spec.selector"), service.namespace)
    return case.workload(pods[0]) if pods else service


def _outside(case: Case, exited: Exit, line: LogLine, host: str, address: str) -> _Server:
    """A host that no Service stands for. Its Secret is the object to look at, where the address can only come from one."""
    text = address if address in line.text else host
    gone = case.book.absence(exited.workload.ref, f"Service {host}", f"no Service of the cluster stands for {host}")
    words = [cite("The server is {address}, which no Service of the cluster stands for.", line.evidence_id, gone, address=text)]
    is_in_template = any(known.host == host for known in calls.of_container(case, exited.container))
    found = [] if is_in_template else sources.of_container(case, exited.container, sources.ADDRESS)
    if len({source.ref for source in found}) == 1:
        words.append(found[0].sentence("The address in {setting} comes from key {key} of"))
        return _Server(found[0].ref, host, words)
    return _Server(exited.workload, host, words)


# --- who reports the same


def _others(case: Case, exited: Exit, sign: str, server: _Server) -> _Others:
    read: dict[ObjectRef, str] = {}
    same: dict[ObjectRef, str] = {}
    for key, text in _texts(case)[:MAX_LOGS]:
        pod = case.snap.find("Pod", key.namespace, key.pod)
        if pod is None or case.workload(pod).ref[:3] == exited.workload.ref[:3]:
            continue
        workload = case.workload(pod)
        read[workload.ref] = workload.name
        line = next((line for line in reversed(logs.reporting(text)) if _is_same(case, pod, key.container, line, sign, server)), None)
        if line is not None:
            same.setdefault(workload.ref, case.book.log(key, line))
    which = "whose logs were read" if case.snap.logs else "whose logs show a failure"
    return _Others(sorted(read[ref] for ref in same), len(read), list(same.values())[:2], which)


def _texts(case: Case) -> list[Text]:
    """The logs that are at hand, then the lines of the agent's reports that still come."""
    reports = (one.typed for one in islice(case.snap.all(LogSigns.kind), MAX_LOGS))
    return [
        *case.snap.logs.items(),
        *(text for one in reports if isinstance(one, LogSigns) for text in run_logs.of_report(one, now=case.now)),
    ]


def _is_same(case: Case, pod: SnapshotObject, name: str, line: str, sign: str, server: _Server) -> bool:
    found = complaints.signs(line)
    if server.host:
        return bool(found) and not complaints.REFUSALS.issuperset(found) and logs.names(line, server.host)
    if sign not in found or server.source is None:
        return False
    container = next((one for one in containers(pod) if one.name == name), None)
    return container is not None and any(one.ref == server.source for one in sources.of_container(case, container, sources.ADDRESS))


def _counted(case: Case, exited: Exit, others: _Others) -> Sentence:
    count = len(others.same)
    text = f"{count} of {others.total} other workloads {others.which} report the same: {', '.join(others.same[:5])}"
    compared = case.book.relation(exited.workload.ref, "logs", text)
    verb = "reports" if count == 1 else "report"
    words = f"{{count}} of `{others.total}` other workloads {others.which} {verb} the same."
    return cite(words, compared, *others.evidence_ids, count=count)


RULES = (
    rule(reported_by_others, OF_LOGS, {report.cause for report in _REPORTS.values()}),
    rule(server_disk_full, OF_LOGS, {"dependency_disk_full"}, version=2),
)
