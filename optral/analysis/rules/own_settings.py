"""One client of a server that works for all others: the connection settings in its own Secret are wrong.

Their values are never read. What shows it is a comparison: workloads that read the same settings for a server of the same kind, each from
its own Secret, are ready, and so are all servers that it may be. With a line of the driver it is the address; without a log any of the
settings may be wrong, and so may something else, hence the low level.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Container, Focus, cite, containers, is_ready
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import comparisons, exits, likely_servers, reach, sources
from optral.analysis.rules.containers import LogLine, last_error
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import CRASH, OF_LOGS, rule
from optral.analysis.rules.sources import Source
from optral.kube import dns, log_signs, server_kinds
from optral.kube.addresses import SERVER_SETTING
from optral.terms.refs import ObjectRef

MIN_WORKING = 2
MAX_CLIENTS = 100
MAX_SERVERS = 10  # that it may be; of more, not all are named
MAX_KEYS = 6  # that a sentence names
LEVEL: Table[Level] = Table(
    row(Level.STRONG, "refused", "changed"),
    row(Level.LIKELY, "refused"),
    row(Level.PLAUSIBLE, "reported"),
    row(Level.PLAUSIBLE, "changed"),
    row(Level.POSSIBLE),
)
"""How certain it is that the Secret of one client is wrong. The signs:

- `refused`: its log reports a connection that fails at once; `reported`: or that its driver fails in another way;
- `changed`: the Secret was written shortly before the pod started, or after it.
"""


class _Clients(NamedTuple):
    """The other workloads that read the same settings: those whose pods all work, and those of which none does."""

    working: list[SnapshotObject]
    failing: list[SnapshotObject]


def one_client(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container fails at its server, and everybody else who has such settings works."""
    exited = exits.read(case, focus)
    if exited is None or not dns.is_of_cluster(dns.decode(exited.container.pod.map("spec"))):
        return
    is_comparable, line = _failure(case, focus, exited)
    if not is_comparable:
        return
    kinds = likely_servers.kinds_of(case, exited.container, line.text if line is not None else "")
    own = _connection(case, exited.container, kinds)
    clients = _others(case, exited, kinds, own) if own else _Clients([], [])
    if len(clients.working) < MIN_WORKING:
        return
    servers = likely_servers.find(case, exited.container, kinds, at_most=MAX_SERVERS + 1)
    if (
        not 0 < len(servers) <= MAX_SERVERS
        or len(clients.failing) * 2 >= len(clients.working)
        or not all(_serves(case, exited, one.pods) for one in servers)
    ):
        return
    yield _answer(case, focus, exited, line, own, clients, servers)


def _failure(case: Case, focus: Focus, exited: Exit) -> tuple[bool, LogLine | None]:
    """Whether the container fails as with wrong settings, and the line that shows it: one that names no host, or a program that leaves no
    log, or whose last words are those of a driver and no answer to a statement."""
    if (line := exited.lines.get(log_signs.DEPENDENCY)) is not None:
        return not (log_signs.hosts(line.text) or log_signs.ip_addresses(line.text)), line
    if focus.symptom != CRASH or exited.lines or exited.code in (None, *exits.STATED_BY_CODE):
        return False, None
    last = last_error(case, exited.container)
    if last is None:
        return _all_ready(case, exited), None
    return bool(server_kinds.in_text(last.text)) and not server_kinds.is_answer(last.text), last


def _all_ready(case: Case, exited: Exit) -> bool:
    """Whether the Services with a readable address work, and older revisions do not: nothing else explains the exit."""
    called = (address.service for address in calls.of_container(case, exited.container))
    is_new = case.template_change(exited.workload) is not None and case.fails_only_in_newest_revision(exited.workload)
    return not is_new and all(
        any(map(is_ready, reach.backends(case, service))) for service in called if service and service.map("spec.selector")
    )


def _connection(case: Case, container: Container, kinds: frozenset[str]) -> list[Source]:
    """The settings of a server of these kinds that come from one Secret; those that name the kind before others."""
    found = [one for one in sources.every(case, container) if one.ref.kind == "Secret"]
    named = [one for one in found if server_kinds.in_names(one.names) & kinds]
    chosen = named or [one for one in found if any(SERVER_SETTING.search(name.upper()) for name in one.names)]
    return chosen if len({one.ref for one in chosen}) == 1 else []


def _others(case: Case, exited: Exit, kinds: frozenset[str], own: list[Source]) -> _Clients:
    """Workloads of the namespace that read settings of the same names from another Secret."""
    shapes, found = {_shape(one, exited.workload) for one in own}, _Clients([], [])
    for workload in calls.callers(case, exited.workload.namespace, at_most=MAX_CLIENTS):
        pods = case.live_pods(workload) if workload.ref[:3] != exited.workload.ref[:3] else []
        read = [source for pod in pods[:1] for container in containers(pod) for source in _connection(case, container, kinds)]
        if any(source.ref == own[0].ref for source in read):
            return _Clients([], [])  # then the Secret works for another one
        if any(_shape(source, workload) in shapes for source in read):
            failing = [comparisons.fails(case, pod) for pod in pods]
            if not any(failing):
                found.working.append(workload)
            elif all(failing):
                found.failing.append(workload)
    return found


def _shape(source: Source, workload: SnapshotObject) -> tuple[frozenset[str], ...]:
    """The names of a setting without the words of its workload: `host` of key `host` of Secret `orders-db` for `orders` and all others."""
    own = server_kinds.words(workload.name)
    return tuple(frozenset(server_kinds.words(name) - own) for name in source.names)


def _serves(case: Case, exited: Exit, pods: list[SnapshotObject]) -> bool:
    """Whether all pods of a server are ready, run for longer than the failure lasts, and no policy keeps the caller away."""
    began = exited.container.pod.created_at
    runs = [one.started_at for pod in pods for one in containers(pod) if one.kind == "main"]
    is_older = all(at is not None and (began is None or at < began) for at in runs)
    blocked = any(
        reach.blocking_ingress(case, exited.container.pod, pod, None) or reach.blocking_egress(case, exited.container.pod, pod, None)
        for pod in pods[:1]
    )
    return bool(pods) and all(map(is_ready, pods)) and is_older and not blocked


def _answer(
    case: Case,
    focus: Focus,
    exited: Exit,
    line: LogLine | None,
    own: list[Source],
    clients: _Clients,
    servers: list[likely_servers.LikelyServer],
) -> Hypothesis:
    is_failed = line is not None and log_signs.is_dependency_failure(line.text)
    changed = list(_changed(case, exited, own[0].ref))
    level = LEVEL.decide(
        refused=line is not None and is_failed and not log_signs.is_timeout(line.text), reported=line is not None, changed=bool(changed)
    )
    told = [] if line is None else [quote_line("The log reports a failed connection" if is_failed else "Its last log line is", line)]
    kind = sorted(servers[0].kinds)[0]
    ready = f"{len(servers)} {kind} servers are ready: {', '.join(one.service.name for one in servers)}"
    compared = case.book.relation(servers[0].service.ref, "kind of server", ready)
    names = ", ".join(f"`{one.service.name}`" for one in servers)
    working = cite(f"All {kind} servers that it may use ({names}) are ready, and have been since before the failure.", compared)
    count, total = len(clients.working), len(clients.working) + len(clients.failing)
    text = f"{count} of {total} other workloads with such settings are ready: {', '.join(one.name for one in clients.working[:5])}"
    counted = case.book.relation(exited.workload.ref, "clients", text)
    words = f"{{count}} of `{total}` other workloads that read such settings from another Secret are ready."
    title = f"Compare {_settings(own)} of Secret {own[0].ref.name} with those of a client that works, then restart {exited.workload.name}"
    return focus.hypothesis(
        "wrong_address_in_secret" if is_failed else "wrong_setting_in_secret",
        exited.workload,
        level,
        exited.opening,
        *told,
        *_read(own),
        working,
        cite(words, counted, count=count),
        *changed,
        actions=[actions.advice(title, "The server works for its other clients.", own[0].evidence_id, counted)],
        missing=[] if line is not None else [f"log lines of container {exited.container.name}"],
    )


def _settings(own: list[Source]) -> str:
    keys = [one.key for one in own if one.key][:MAX_KEYS]
    return f"keys {', '.join(keys)}" if keys else "host, port, user, password and database"


def _read(own: list[Source]) -> Iterator[Sentence]:
    """The Secret, with the keys that are known."""
    keyed = [one for one in own if one.key][:MAX_KEYS]
    if len(keyed) < 2:
        yield own[0].sentence()
        return
    others = "".join(f", `{one.key}`" for one in keyed[1:])
    words = f"Its connection settings come from the keys {{key}}{others} of Secret {{object}}, whose values are not read."
    yield cite(words, *(one.evidence_id for one in keyed), key=keyed[0].key, object=keyed[0].ref.name)


def _changed(case: Case, exited: Exit, secret: ObjectRef) -> Iterator[Sentence]:
    """That the Secret was written before the pod started, or only after it, so that the pod still has the old values."""
    write = comparisons.write_of(case, secret)
    if write is None or (started := exited.container.pod.created_at) is None:
        return
    yield from write.sentences
    when = "started after that" if started >= write.at else "started before that and has the old values"
    shown = case.book.fields(exited.container.pod, "metadata", "name", "creationTimestamp")
    yield cite(f"Pod `{exited.container.pod.name}` {when}.", shown)


CAUSES = {"wrong_address_in_secret", "wrong_setting_in_secret"}
RULES = (rule(one_client, OF_LOGS, CAUSES),)
