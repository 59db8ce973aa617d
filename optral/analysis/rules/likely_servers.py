"""The server that a container calls where no address can be read: by its kind, its name, older log lines, and its own state.

The kind follows from the driver's words, else from the names of the settings (`kube/server_kinds.py`). One server of that kind is the
server. Of several, one that shows the same failure itself comes first, then one that a log names, then one whose name is in the settings.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.model import Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.case import Case, Container, cite, containers
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.rules import run_logs, server_settings, sources
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.quotes import quote_line
from optral.kube import log_reports, log_signs, server_kinds
from optral.terms.refs import ObjectRef

SHOWN = frozenset({"full", "frozen", "memory", "disk", "quorum", "starting"})
"""Log signs that a server may show in its own log."""
SOLE, PREFERRED, SEVERAL, ELSEWHERE, GUESSED = "sole", "preferred", "several", "elsewhere", "guessed"
"""`GUESSED` is the only one of its kind, in another namespace, that no setting names: the server may be outside of the cluster."""
MAX_NAMED = 3
MAX_NAMESPACES = 8


class LikelyServer(NamedTuple):
    """`rank` tells how it was chosen, `sentences` why, `own` what its own log or settings say of the failure.

    `service` is the first of the Services that lead to it.
    """

    service: SnapshotObject
    services: list[str]
    pods: list[SnapshotObject]
    kinds: frozenset[str]
    rank: str
    sentences: list[Sentence]
    own: list[Sentence]


def kinds_of(case: Case, container: Container, text: str = "") -> frozenset[str]:
    """The kinds of server that a line is about; where it does not say, those that the settings name."""
    return server_kinds.kinds_meant(text[: logs.MAX_LINE], [name for one in sources.every(case, container) for name in one.names])


def find(case: Case, container: Container, kinds: frozenset[str], *, sign: str = "", at_most: int = MAX_NAMED) -> list[LikelyServer]:
    """The servers of these kinds that the container may mean, the likeliest first; one where that is certain.

    `sign` is the log sign of what is wrong with the server.
    """
    pod = container.pod
    every = [one for one in case.once(_servers, pod.namespace or "") if one.kinds & kinds and pod.uid not in {its.uid for its in one.pods}]
    if not every:
        return _elsewhere(case, container, kinds)
    own = {id(one): list(_own_signs(case, one, sign)) if sign in SHOWN else [] for one in every}
    chosen, rank, why = _chosen(case, container, every, own)
    return [_likely(case, one, rank, [*why, *_kind_sentence(case, one, every, kinds, rank)], own[id(one)]) for one in chosen[:at_most]]


def _elsewhere(case: Case, container: Container, kinds: frozenset[str]) -> list[LikelyServer]:
    """The server of these kinds in another namespace, by the port of its Service, if there is one or the settings name it."""
    found = sources.every(case, container)
    every = [one for one in case.once(_servers_elsewhere, container.pod.namespace or "") if one.kinds & kinds]
    names = [name for one in found for name in one.names]
    best = server_kinds.closest(every, names) if every else []
    if len(best) != 1:
        return []
    is_named = not server_kinds.distinctive(names).isdisjoint(best[0].own_words)
    service, kind = best[0].services[0], sorted(best[0].kinds & kinds)[0]
    ports = ", ".join(str(port.port) for port in service.spec.ports)
    ref = ObjectRef("Service", service.namespace, service.name)
    seen = case.book.relation(ref, "kind of server", f"{len(every)} {kind} servers in other namespaces, by their ports; port {ports}")
    words = f"Its namespace has no {kind} server; the best match of `{len(every)}` elsewhere is {{service}} in `{service.namespace}`."
    if not is_named or len(every) == 1:
        words = f"Its namespace has no {kind} server; the only one found elsewhere is {{service}} in `{service.namespace}`."
    return [_likely(case, best[0], ELSEWHERE if is_named else GUESSED, [cite(words, seen, service=service.name)], [])]


def _servers_elsewhere(case: Case, namespace: str) -> list[server_kinds.Server]:
    """The servers of other namespaces whose names say that they hold servers, such as `data` or `shop-db`; at most eight are read."""
    names = sorted(one.name for one in case.snap.all("Namespace") if one.name != namespace and server_kinds.may_hold_servers(one.name))
    return [server for other in names[:MAX_NAMESPACES] for server in case.once(_servers, other)]


def of_other_kinds(case: Case, container: Container, kinds: frozenset[str]) -> set[str]:
    """The names of the Services that lead to servers of other kinds; none where the kind is not known."""
    every = case.once(_servers, container.pod.namespace or "") if kinds else []
    return {service.name for one in every if one.is_by_image and not one.kinds & kinds for service in one.services}


def _servers(case: Case, namespace: str) -> list[server_kinds.Server]:
    return server_kinds.in_namespace(case.snap.cluster, namespace)


def _chosen(
    case: Case, container: Container, every: list[server_kinds.Server], own: dict[int, list[Sentence]]
) -> tuple[list[server_kinds.Server], str, list[Sentence]]:
    if len(every) == 1:
        return every, SOLE, []
    showing = [one for one in every if own[id(one)]]
    if len(showing) == 1:
        return showing, PREFERRED, []
    named, line = _named_in_log(case, container, every)
    if len(named) == 1 and line is not None:
        return named, PREFERRED, [quote_line("Its log names the server", line)]
    found = sources.every(case, container)
    best = server_kinds.closest(every, [name for one in found for name in one.names])
    if len(best) > 1:
        return every, SEVERAL, []
    origin = next(one for one in found if server_kinds.distinctive(one.names) & best[0].own_words)
    return best, PREFERRED, [origin.sentence()]


def _named_in_log(case: Case, container: Container, every: list[server_kinds.Server]) -> tuple[list[server_kinds.Server], LogLine | None]:
    """The servers that any line of the container's logs names, and the newest such line."""
    by_name = {service.name: one for one in every for service in one.services}
    found: dict[int, server_kinds.Server] = {}
    newest: LogLine | None = None
    for key, text in case.logs(container):
        for line in reversed(logs.reporting(text)):
            for service in calls.named_in(case, container.pod.namespace or "", line):
                if service.name in by_name:
                    found[id(by_name[service.name])] = by_name[service.name]
                    newest = newest or LogLine(case.book.log(key, line), line)
    return list(found.values()), newest


def _likely(case: Case, one: server_kinds.Server, rank: str, why: list[Sentence], own: list[Sentence]) -> LikelyServer:
    service = case.snap.find("Service", one.services[0].namespace, one.services[0].name)
    assert service is not None, "it was read from this snapshot"
    pods = [pod for its in one.pods if (pod := case.snap.find("Pod", its.namespace, its.name)) is not None]
    return LikelyServer(service, [its.name for its in one.services], pods, one.kinds, rank, why, own)


def _kind_sentence(
    case: Case, one: server_kinds.Server, every: list[server_kinds.Server], kinds: frozenset[str], rank: str
) -> Iterator[Sentence]:
    kind, names = sorted(one.kinds & kinds)[0], [other.services[0].name for other in every]
    service = one.services[0]
    ref = next(obj.ref for obj in case.snap.all("Service", service.namespace) if obj.name == service.name)
    ports = ", ".join(str(port.port) for port in service.spec.ports)
    images = ", ".join(sorted({container.image for pod in one.pods[:1] for container in pod.spec.containers}))
    seen = case.book.relation(
        ref, "kind of server", f"{len(names)} {kind} servers in the namespace: {', '.join(names)}; port {ports}; images {images}"
    )
    if rank == SOLE:
        yield cite(f"{{service}} is the only {kind} server of its namespace.", seen, service=service.name)
    elif rank == PREFERRED:
        yield cite(f"Of `{len(names)}` {kind} servers, {{service}} fits best.", seen, service=service.name)
    else:
        others = ", ".join(f"`{name}`" for name in names if name != service.name)
        yield cite(f"It may be the {kind} server {{service}} or {others}: no readable setting says which.", seen, service=service.name)


# --- what the server itself shows


def _own_signs(case: Case, one: server_kinds.Server, sign: str) -> Iterator[Sentence]:
    """A line of its own log with the same sign, or a setting of its own that explains it."""
    for pod in (case.snap.find("Pod", its.namespace, its.name) for its in one.pods):
        for seen in containers(pod) if pod is not None else ():
            if (line := _own_line(case, seen, sign)) is not None:
                yield quote_line("Its own log reports it", line)
                return
            if (limit := server_settings.limiting(case, seen, sign)) is not None:
                yield limit[0]
                return


def _own_line(case: Case, seen: Container, sign: str) -> LogLine | None:
    report = log_reports.of_pod(seen.pod, case.snap.cluster)
    texts = [*case.logs(seen), *(run_logs.of_report(report, now=case.now) if report is not None else ())]
    lines = ((key, line) for key, text in texts for line in reversed(logs.reporting(text)))
    return next((LogLine(case.book.log(key, line), line) for key, line in lines if sign in log_signs.of_line(line)), None)
