"""A server that refuses what its callers ask, or that several of them cannot reach: what their logs report of it.

The server may be outside of the cluster, or its address in a Secret: then its kind and the names around it tell which one it is
(`likely_servers.py`). Logs of other workloads are those that were captured for the symptoms of this issue, or that a dump holds, and the
lines that the agent reports of containers that run.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.calls import Address
from optral.analysis.reading.case import Case, Container, Focus, cite, containers
from optral.analysis.reading.snapshot import LogKey, SignKey, SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import callers, exits, likely_servers, log_words, reach, run_logs, server_settings, sources
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.likely_servers import LikelyServer
from optral.analysis.rules.rule import LOGGING, OF_LOGS, rule
from optral.analysis.rules.run_logs import Text
from optral.grouping import complaints
from optral.kube import log_signs, server_kinds
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
    "memory": _Report(
        "dependency_memory_full",
        "The log reports that the server has reached its memory limit",
        "Raise the server's memory limit, let it evict old data, or store less in it",
    ),
    "quorum": _Report(
        "dependency_unavailable",
        "The log reports that a cluster has no leader, or too few of its members",
        "Check the members of the server, and start those that are missing",
    ),
    "starting": _Report(
        "dependency_unavailable",
        "The log reports that a server is up and not ready to serve",
        "Find out what the server waits for: recovery, a replica that catches up, or a lock",
    ),
    log_signs.DEPENDENCY: _Report(
        "dependency_unavailable", "The log reports a failed connection", "Check that the server runs and accepts connections"
    ),
}
_NOT_READY = frozenset({"quorum", "starting"})
"""Of a program that exits these alone say nothing about the server: it has not waited for it."""
CAUSE_OF_SIGN = {sign: report.cause for sign, report in _REPORTS.items() if sign not in _NOT_READY and sign != complaints.DISK}
"""Log sign → the cause that it suggests, if nothing in the cluster is found to be at fault."""
NAMED, ONLY, SECRET, CALLER = "named", "only", "secret", "caller"


class _Server(NamedTuple):
    """The server that a line is about: the object to name, how it was found, the text by which lines name it ("" where they do not)."""

    subject: SnapshotObject | ObjectRef
    rank: str
    host: str
    sentences: list[Sentence]
    source: ObjectRef | None = None
    service: SnapshotObject | None = None
    shows_it: bool = False


LEVEL: Table[Level | None] = Table(
    row(None, "unreached", "not others"),
    row(Level.PLAUSIBLE, "guessed"),
    row(Level.LIKELY, "unreached", "many"),
    row(Level.PLAUSIBLE, "unreached"),
    row(Level.POSSIBLE, "several"),
    row(Level.LIKELY, "elsewhere"),
    row(Level.PROVEN, "disk"),
    row(Level.STRONG, "named"),
    row(Level.STRONG, "sole", "shows_it"),
    row(Level.STRONG, "sole", "many"),
    row(Level.LIKELY, "only"),
    row(Level.LIKELY, "sole"),
    row(Level.LIKELY, "shows_it"),
    row(Level.LIKELY, "many"),
    row(Level.PLAUSIBLE),
)
"""How certain it is that this server is at fault. The signs:

- `unreached`: the line says only that a connection failed; `disk`: it says that the server's disk is full;
- `named`: the line names the server; `only`: it is the only one whose address the container has;
- `sole`: it is the only one of its kind; `several`: others may be meant as well; `elsewhere`: it is in another namespace;
- `guessed`: it is in another namespace, and no setting names it;
- `others`: another workload reports the same; `many`: more than one;
- `shows_it`: its own log or settings show it, too.
"""


class _Others(NamedTuple):
    """Other workloads whose logs were read, or only show a failure by the agent's reports: how many, and which report the same."""

    same: list[str]
    total: int
    evidence_ids: list[str]
    which: str


def refused(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A server refuses what its callers ask of it, or more than one of them cannot reach it: the server is at fault."""
    if (exited := exits.read(case, focus)) is None:
        return
    for sign, line in _complaints(case, exited).items():
        for server in _servers(case, exited, sign, line)[: likely_servers.MAX_NAMED]:
            others = _others(case, exited, sign, server)
            if server.rank == SECRET and not others.same:
                server = server._replace(subject=exited.workload)
            if sign in _NOT_READY and focus.symptom != LOGGING and not others.same:
                continue
            level = LEVEL.decide(
                unreached=sign == log_signs.DEPENDENCY,
                disk=sign == complaints.DISK,
                named=server.rank == NAMED,
                only=server.rank == ONLY,
                sole=server.rank == likely_servers.SOLE,
                several=server.rank == likely_servers.SEVERAL,
                elsewhere=server.rank == likely_servers.ELSEWHERE,
                guessed=server.rank == likely_servers.GUESSED,
                others=bool(others.same),
                many=len(others.same) > 1,
                shows_it=server.shows_it,
            )
            if level is not None:
                yield _answer(case, focus, exited, server, sign, line, others, level)


def _answer(
    case: Case, focus: Focus, exited: Exit, server: _Server, sign: str, line: LogLine, others: "_Others", level: Level
) -> Hypothesis:
    report = _REPORTS[sign]
    reported = log_words.reported(sign, line, report.words)
    counted = [_counted(case, exited, others)] if others.same else []
    limit = _limit(case, exited, server, sign)
    advice = actions.advice(report.remedy + (f": {limit[1]}" if limit is not None else ""), f"{report.words}.", line.evidence_id)
    is_other = isinstance(server.subject, SnapshotObject) and server.subject is not exited.workload
    more = [actions.diagnose(server.subject)] if is_other and isinstance(server.subject, SnapshotObject) else []
    told = [limit[0]] if limit is not None and limit[0] not in server.sentences else []
    sentences = [exited.opening, reported, *server.sentences, *told, *counted]
    return focus.hypothesis(report.cause, server.subject, level, *sentences, actions=[advice, *more])


def _limit(case: Case, exited: Exit, server: _Server, sign: str) -> tuple[Sentence, str] | None:
    """The setting of the server, another workload, that explains the sign."""
    subject = server.subject
    if not isinstance(subject, SnapshotObject) or subject is exited.workload:
        return None
    seen = (container for pod in case.live_pods(subject)[:1] for container in containers(pod))
    return next((found for one in seen if (found := server_settings.limiting(case, one, sign)) is not None), None)


def _complaints(case: Case, exited: Exit) -> dict[str, LogLine]:
    """The last line of the log for each sign that is about a server. A container's own full disk is none."""
    found = {sign: exited.lines[sign] for sign in _REPORTS if sign in exited.lines and sign != complaints.DISK}
    lines = ((key, line) for key, text in exited.log.texts for line in reversed(logs.reporting(text)))
    full = next(((key, line) for key, line in lines if complaints.DISK in complaints.signs(line)), None)
    if full is None:
        return found
    return {
        complaints.DISK: LogLine(case.book.log(*full), full[1]),
        **{sign: one for sign, one in found.items() if one.text not in full[1]},
    }


def _has_claim(exited: Exit) -> bool:
    return any(isinstance(volume.get("persistentVolumeClaim"), dict) for volume in exited.container.pod.many("spec.volumes"))


def _ref(subject: SnapshotObject | ObjectRef) -> ObjectRef:
    return subject.ref if isinstance(subject, SnapshotObject) else subject


# --- which server


def _servers(case: Case, exited: Exit, sign: str, line: LogLine) -> list[_Server]:
    """The servers that the line names; if it names none, those whose address can be read, or that the kind and the names tell."""
    named = list(_named(case, exited, line))
    if sign == complaints.DISK and _has_claim(exited):
        is_unknown = not named and bool(log_signs.hosts(line.text)) and not case.snap.holds("Service", exited.container.pod.namespace)
        named = [one for one in named if _ref(one.subject)[:3] != exited.workload.ref[:3]]  # it may be the server itself
        return [_Server(exited.workload, CALLER, "", [])] if is_unknown else named
    return named or list(_unnamed(case, exited, sign, line))


def _unnamed(case: Case, exited: Exit, sign: str, line: LogLine) -> Iterator[_Server]:
    """The only server whose address the container has, then the likeliest ones of the kind that the line is about, then the Secret of the
    address, then the caller itself."""
    kinds, says = likely_servers.kinds_of(case, exited.container, line.text), server_kinds.in_text(line.text)
    likely = likely_servers.find(case, exited.container, kinds, sign=sign)
    known, names = _known(case, exited, kinds, says), {name for one in likely for name in one.services}
    fitting = [one for one in known if one.service is not None and one.service.name in names]
    if len(fitting) == 1:
        yield _called(case, exited, fitting[0], likely)
    elif likely and not fitting and (says or not known):
        yield from (_likely(case, one) for one in likely)
    elif len(known) == 1:
        yield _called(case, exited, known[0], likely)
    elif sign != log_signs.DEPENDENCY or not known:
        yield _of_secret(case, exited, known)


def _known(case: Case, exited: Exit, kinds: frozenset[str], says: frozenset[str]) -> list[Address]:
    """The addresses that the container has, each host once, without those of servers of other kinds. `says`: what the line itself names."""
    others = likely_servers.of_other_kinds(case, exited.container, kinds)
    found = {one.host: one for one in calls.of_container(case, exited.container) if one.service is None or one.service.name not in others}
    return [one for one in found.values() if not says or server_kinds.may_mean(says, (one.host, one.variable), one.port)]


def _called(case: Case, exited: Exit, address: Address, likely: list[LikelyServer]) -> _Server:
    called = cite("It calls {address}, set in {setting}.", address.evidence_id, address=address.host, setting=address.place)
    words = [called, *callers.overridden(case, exited.workload, address.setting)]
    if address.service is None:
        return _Server(exited.workload, ONLY, address.host, words)
    own = next((one.own for one in likely if address.service.name in one.services), [])
    subject, behind = _behind(case, address.service)
    return _Server(subject, ONLY, address.host, [*words, *behind, *own], shows_it=bool(own))


def _likely(case: Case, one: LikelyServer) -> _Server:
    subject, behind = _behind(case, one.service)
    return _Server(subject, one.rank, "", [*one.sentences, *behind, *one.own], service=one.service, shows_it=bool(one.own))


def _of_secret(case: Case, exited: Exit, known: list[Address]) -> _Server:
    found = [] if known else sources.of_container(case, exited.container, sources.ADDRESS)
    if not found:
        return _Server(exited.workload, CALLER, "", [])
    return _Server(found[0].ref, SECRET, "", [found[0].sentence("The address in {setting} comes from key {key} of")], source=found[0].ref)


def _named(case: Case, exited: Exit, line: LogLine) -> Iterator[_Server]:
    """The servers that a line names, by host, by address, or as a Service of the namespace."""
    namespace, seen = exited.container.pod.namespace or "", set[str]()
    addresses = log_signs.ip_addresses(line.text)
    for host, port in (*log_signs.hosts(line.text), *addresses):
        service = calls.service_named(case, namespace, host)
        if service is not None:
            seen.add(service.uid)
            yield _of_service(case, service, line)
        elif (host, port) in addresses or ("." in host and namespace_in(host) is None and not log_signs.is_file(host)):
            yield _outside(case, exited, line, host, f"{host}:{port}" if port is not None else host)
    for service in calls.named_in(case, namespace, line.text):
        if service.uid not in seen and not reach.selects(service, exited.container.pod):
            yield _of_service(case, service, line)


def _of_service(case: Case, service: SnapshotObject, line: LogLine) -> _Server:
    there = case.book.fields(service, "metadata", "name")
    words = cite("It calls {service}.", line.evidence_id, there, service=service.name)
    subject, behind = _behind(case, service)
    return _Server(subject, NAMED, service.name, [words, *behind])


def _behind(case: Case, service: SnapshotObject) -> tuple[SnapshotObject, list[Sentence]]:
    """The workload behind a Service, or behind what it is an alias of; the Service itself where it has no pods."""
    if (external := service.text("spec.externalName")) and service.text("spec.type") == "ExternalName":
        shown = case.book.fields(service, "spec", "type", "externalName")
        is_inside = namespace_in(external.rstrip(".")) is not None
        words = f"Service {{service}} is an alias for {{address}}{'' if is_inside else ', outside of the cluster'}."
        target = calls.service_named(case, service.namespace or "", external.rstrip(".")) if is_inside else None
        alias = cite(words, shown, service=service.name, address=external)
        if target is None or target.text("spec.type") == "ExternalName":
            return service, [alias]
        subject, behind = _behind(case, target)
        return subject, [alias, *behind]
    pod = next(reach.backends(case, service), None)
    if pod is None:
        return service, []
    workload = case.workload(pod)
    chosen, named = case.book.object(service, "spec.selector"), case.book.fields(workload, "metadata", "name")
    return workload, [cite(f"It is served by {workload.short_kind} {{workload}}.", chosen, named, workload=workload.name)]


def _outside(case: Case, exited: Exit, line: LogLine, host: str, address: str) -> _Server:
    """A host that no Service is known to stand for. Its Secret is the object to look at, where the address can only come from one."""
    text, namespace = address if address in line.text else host, exited.container.pod.namespace or ""
    words = [cite("The server is {address}.", line.evidence_id, address=text)]
    if (services := case.snap.listed("Service", namespace)) is not None:
        gone = case.book.absence(services, exited.workload.ref, f"Service {host}", f"no Service of namespace {namespace} stands for {host}")
        stated = f"The server is {{address}}, which is not the address of any Service in namespace `{namespace}`."
        words = [cite(stated, line.evidence_id, gone, address=text)]
    is_in_template = any(known.host == host for known in calls.of_container(case, exited.container))
    found = [] if is_in_template else sources.of_container(case, exited.container, sources.ADDRESS)
    if len({source.ref for source in found}) == 1:
        words.append(found[0].sentence("The address in {setting} comes from key {key} of"))
        return _Server(found[0].ref, NAMED, host, words)
    return _Server(exited.workload, NAMED, host, words)


# --- who reports the same


class _Log(NamedTuple):
    """A log of another workload."""

    key: LogKey | SignKey
    text: str
    pod: SnapshotObject
    workload: SnapshotObject


def _others(case: Case, exited: Exit, sign: str, server: _Server) -> _Others:
    read: dict[ObjectRef, str] = {}
    same: dict[ObjectRef, str] = {}
    for log in case.once(_logs) if server.rank != CALLER or server.host else ():
        if log.workload.ref[:3] == exited.workload.ref[:3]:
            continue
        read[log.workload.ref] = log.workload.name
        line = next(_same_lines(case, log, sign, server), None)
        if line is not None:
            same.setdefault(log.workload.ref, case.book.log(log.key, line))
    which = "whose logs were read" if case.snap.logs else "whose logs show a failure"
    return _Others(sorted(read[ref] for ref in same), len(read), list(same.values())[:2], which)


def _logs(case: Case) -> list[_Log]:
    """The logs that are at hand, then the lines of the agent's reports that still come."""
    reports = (one.typed for one in islice(case.snap.all(LogSigns.kind), MAX_LOGS))
    texts: list[Text] = [
        *case.snap.logs.items(),
        *(text for one in reports if isinstance(one, LogSigns) for text in run_logs.of_report(one, now=case.now)),
    ]
    found = ((key, text, case.snap.find("Pod", key.namespace, key.pod)) for key, text in texts[:MAX_LOGS])
    return [_Log(key, text, pod, case.workload(pod)) for key, text, pod in found if pod is not None]


def _same_lines(case: Case, log: _Log, sign: str, server: _Server) -> Iterator[str]:
    """The lines that report the same of the server, the newest first."""
    if server.host:
        for line in reversed(logs.reporting(log.text)):
            if server.host in line and logs.names(line, server.host) and not complaints.REFUSALS.issuperset(complaints.signs(line)):
                yield line
        return
    container = next((one for one in containers(log.pod) if one.name == log.key.container), None)
    if container is None or (server.service is None and not _reads_from(case, container, server)):
        return
    for line in reversed(logs.reporting(log.text)):
        if sign in complaints.signs(line) and (server.service is None or _means(case, container, line, server.service)):
            yield line


def _reads_from(case: Case, container: Container, server: _Server) -> bool:
    """Whether a container reads its address from the Secret of the server."""
    return any(one.ref == server.source for one in sources.of_container(case, container, sources.ADDRESS))


def _means(case: Case, container: Container, line: str, service: SnapshotObject) -> bool:
    kinds = likely_servers.kinds_of(case, container, line)
    return service.ref in case.once(_likely_services, container.pod, container.name, kinds)


def _likely_services(case: Case, pod: SnapshotObject, name: str, kinds: frozenset[str]) -> list[ObjectRef]:
    """The Services of the servers of these kinds that a container may mean: all lines of its log about them mean the same."""
    container = next(one for one in containers(pod) if one.name == name)
    return [one.service.ref for one in likely_servers.find(case, container, kinds)]


def _counted(case: Case, exited: Exit, others: _Others) -> Sentence:
    count = len(others.same)
    text = f"{count} of {others.total} other workloads {others.which} report the same: {', '.join(others.same[:5])}"
    compared = case.book.relation(exited.workload.ref, "logs", text)
    verb = "reports" if count == 1 else "report"
    words = f"{{count}} of `{others.total}` other workloads {others.which} {verb} the same failure."
    if others.total == 1:
        words = f"The only other workload {others.which} {verb} the same failure."
    return cite(words, compared, *others.evidence_ids, count=count)


RULES = (rule(refused, OF_LOGS, {report.cause for report in _REPORTS.values()}),)
