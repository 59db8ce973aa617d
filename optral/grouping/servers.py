"""Servers that the logs of several workloads complain of, although nothing that the cluster knows about them is broken.

A database that is read-only, out of connections or outside of the cluster has no failure of its own: its callers have. Two things let
callers share one cause: their logs name the same host (and port), or their logs report the same kind of refusal without a host and they
read the address or the credentials from the same key of the same Secret. That they fail at the same time is not enough. An issue of the
server itself whose log reports the same is the root of its callers' issues.

Where neither is known, the kind of server that the driver's words mean may tell (`unaddressed.py`): only of what a server that is down or
full says to everybody, and of connections that fail only if no caller of that server works.

A host means the same server for all signs of its absence (refused, timed out, full, read-only). A refused user and a missing database are
about that user and that database: two users with wrong passwords are two failures.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from optral.grouping import callers, complaints, unaddressed
from optral.grouping.failure_index import FailureIndex
from optral.grouping.model import Failure
from optral.kube import addresses, log_signs, owners, server_kinds
from optral.kube.log_signs import DEPENDENCY
from optral.kube.objects import DaemonSet, Deployment, Service, StatefulSet
from optral.terms.refs import ObjectRef

WITHIN = timedelta(minutes=30)
"""The longest pause between the first two callers that fail for one cause. Those that follow them may fail later: a pool keeps its
connections, and a program may call its database once a day."""
ENOUGH = 3  # callers whose logs agree; of two, no caller that works may be known
MAX_PEERS = 200  # workloads of a namespace that are asked whether they call a server
MAX_SECRETS = 20  # keys of one workload

_ABOUT: dict[str, re.Pattern[str] | None] = {
    "credentials": re.compile(r"\b(?:user(?:name)?|role|for|account)[ :=]{1,2}[\"']([^\"'\s]{1,80})[\"']", re.IGNORECASE),
    "schema": re.compile(r"\b(?:database|table|relation|column|collection)[ :=]{1,2}[\"']([^\"'\s]{1,120})[\"']", re.IGNORECASE),
    "certificate": None,
}
"""What a refusal is about, beside the server; None where it is about the server itself."""
_NAMES_ANOTHER = re.compile(r"\blocalhost\b|\[?::1\b|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}:\d", re.ASCII)
"""An address that is no server: the pod itself, or the DNS server. Then nothing is concluded from the Secrets of the workload."""


class Server(NamedTuple):
    """What a log line complains of. `what` identifies the server, `port` is the one it names, `about` narrows it (see the module)."""

    what: tuple[str, ...]
    port: int | None
    about: str


RELATION = "calls the same server as"
"""How a later caller is related to the first."""
SHOWN = (complaints.DOWN | complaints.NOT_READY) - {DEPENDENCY}
"""Signs of a server's own log that are about itself."""


class Incident(NamedTuple):
    """The failures of one server: the first, and how the others are related to it."""

    root: Failure
    relation: str
    others: list[Failure]


def find(index: FailureIndex, failure: Failure) -> frozenset[Server]:
    """The servers that the log of this failure complains of."""
    return frozenset(_servers(index, failure)) if failure.type in callers.TYPES else frozenset()


def groups(index: FailureIndex, named: Mapping[str, frozenset[Server]]) -> list[Incident]:
    """The failures, by key with what they complain of, that share a server."""
    together: defaultdict[Server, list[Failure]] = defaultdict(list)
    for key, server in _chosen(index, _with_ports(named)).items():
        together[server].append(index.failures[key])
    return [found for server in sorted(together, key=str) if (found := _incident(index, server, together[server])) is not None]


def _incident(index: FailureIndex, server: Server, found: list[Failure]) -> Incident | None:
    """The issue of the server itself is the root, if its own log shows what its callers report; else the first of them."""
    own = next(_own(index, server), None) if not server.about else None
    if own is not None:
        return Incident(own, "calls", [failure for failure in found if failure.key != own.key])
    same = _same(index, server, found)
    return Incident(same[0], RELATION, same[1:]) if same else None


def _own(index: FailureIndex, server: Server) -> Iterator[Failure]:
    if server.what[0] != Service.kind:
        return
    for workload in callers.failing_workloads_behind(index, ObjectRef(*server.what)):
        for failure in index.on(workload, callers.TYPES):
            if any(SHOWN.intersection(complaints.signs(line)) for line in callers.lines_of(index, failure)):
                yield failure


def _servers(index: FailureIndex, failure: Failure) -> Iterator[Server]:
    namespace = failure.subject.namespace or ""
    for line in callers.lines_of(index, failure):
        signs = complaints.signs(line)
        hosts = list(dict.fromkeys(_hosts(index, namespace, line))) if signs else []
        for sign in signs:
            about = _about(sign, line)
            if hosts:
                yield from (Server(what, port, about) for what, port in hosts)
            elif not _NAMES_ANOTHER.search(line):
                yield from (Server(what, None, about or sign) for what in _sources(index, failure.subject))
                yield from _of_kind(index, failure.subject, sign, line)


def _of_kind(index: FailureIndex, caller: ObjectRef, sign: str, line: str) -> Iterator[Server]:
    """The only server of the kind that the line is about."""
    found = unaddressed.server_of(index, caller, line) if sign not in complaints.REFUSALS else None
    if found is not None and (sign != DEPENDENCY or not _serves_others(index, found, caller)):
        yield Server((Service.kind, caller.namespace or "", found.services[0].name), None, "")


def _serves_others(index: FailureIndex, server: server_kinds.Server, caller: ObjectRef) -> bool:
    """Whether a workload whose pods are all ready means this server, too."""
    key = ("serves", caller.namespace, server.services[0].name)
    if key not in index.memo:
        peers = (ref for ref in _peers(index, caller.namespace or "") if unaddressed.server_of(index, ref, "") == server)
        index.memo[key] = any(pods and all(pod.is_ready for pod in pods) for pods in map(index.view.pods_of, peers))
    known: bool = index.memo[key]
    return known


def _about(sign: str, line: str) -> str:
    if sign not in complaints.REFUSALS:
        return ""
    pattern = _ABOUT[sign]
    match = pattern.search(line) if pattern is not None else None
    return f"{sign}:{match.group(1)}" if match is not None else sign


# --- what a line names


def _hosts(index: FailureIndex, namespace: str, line: str) -> Iterator[tuple[tuple[str, ...], int | None]]:
    is_unresolved = log_signs.is_name_failure(line)
    for host, port in log_signs.hosts(line):
        if (what := _of_host(index, namespace, host, is_unresolved=is_unresolved)) is not None:
            yield what, port
    for host, port in log_signs.ip_addresses(line):
        yield _of_address(index, host), port


def _of_host(index: FailureIndex, namespace: str, host: str, *, is_unresolved: bool) -> tuple[str, ...] | None:
    names = addresses.services(host, namespace)
    for name in names:
        found = index.view.by_name(Service.kind, name.namespace, name.name)
        if isinstance(found, Service):
            external = found.spec.external_name.rstrip(".").lower()
            return ("host", external) if external else (Service.kind, name.namespace, name.name)
    if "." not in host or addresses.namespace_in(host) is not None:
        return (Service.kind, names[0].namespace, names[0].name) if is_unresolved and names else None
    return None if log_signs.is_file(host) else ("host", host.lower())


def _of_address(index: FailureIndex, address: str) -> tuple[str, ...]:
    key = ("addresses of services",)
    if key not in index.memo:
        found = (service for service in index.view.all(Service.kind) if isinstance(service, Service))
        index.memo[key] = {service.spec.cluster_ip: (Service.kind, service.metadata.namespace, service.name) for service in found}
    known: dict[str, tuple[str, ...]] = index.memo[key]
    return known.get(address, ("host", address))


def _sources(index: FailureIndex, subject: ObjectRef) -> tuple[tuple[str, ...], ...]:
    """The keys of Secrets from which a workload reads addresses or credentials of servers."""
    key = ("sources", subject.kind, subject.namespace, subject.name)
    if key not in index.memo:
        index.memo[key] = tuple(dict.fromkeys(_secrets(index, subject)))[:MAX_SECRETS]
    known: tuple[tuple[str, ...], ...] = index.memo[key]
    return known


def _secrets(index: FailureIndex, subject: ObjectRef) -> Iterator[tuple[str, ...]]:
    workload, namespace = index.view.object_at(subject), subject.namespace or ""
    if not isinstance(workload, (Deployment, StatefulSet, DaemonSet)):
        return
    for container in (*workload.spec.template.spec.containers, *workload.spec.template.spec.init_containers):
        for variable in container.env:
            chosen = variable.value_from.secret_key_ref if variable.value_from is not None else None
            if chosen is not None and any(_names_server(text) for text in (variable.name, chosen.key, chosen.name)):
                yield "Secret", namespace, chosen.name, chosen.key
        for source in container.env_from:
            if source.secret_ref is not None and _names_server(source.secret_ref.name):
                yield "Secret", namespace, source.secret_ref.name, ""


def _names_server(name: str) -> bool:
    return addresses.SERVER_SETTING.search(name.upper()) is not None


# --- who shares it


def _with_ports(named: Mapping[str, frozenset[Server]]) -> dict[str, set[Server]]:
    """The same, where a line that names no port means the port that most others name of that host."""
    ports: defaultdict[tuple[str, ...], Counter[int]] = defaultdict(Counter)
    for found in named.values():
        for what, port in sorted({(server.what, server.port) for server in found if server.port is not None}):
            ports[what][port] += 1
    usual = {what: min(counts, key=lambda port: (-counts[port], port)) for what, counts in ports.items()}
    return {
        key: {server if server.port is not None else server._replace(port=usual.get(server.what)) for server in found}
        for key, found in named.items()
    }


def _chosen(index: FailureIndex, named: Mapping[str, set[Server]]) -> dict[str, Server]:
    """For each failure the server that most workloads complain of, so that a log with two hosts joins no two incidents."""
    workloads: defaultdict[Server, set[ObjectRef]] = defaultdict(set)
    for key, found in named.items():
        for server in found:
            workloads[server].add(index.failures[key].subject)
    return {key: min(found, key=lambda server: (-len(workloads[server]), str(server))) for key, found in named.items()}


def _same(index: FailureIndex, server: Server, found: list[Failure]) -> list[Failure]:
    """Those that fail in one incident: from the first two that began shortly after each other. Empty if they are too few."""
    ordered = sorted(found, key=lambda failure: (index.began(failure), failure.key))
    for place, (one, other) in enumerate(pairwise(ordered)):
        if index.began(other) - index.began(one) <= WITHIN:
            same = ordered[place:]
            return same if _is_enough(index, server, same) else []
    return []


def _is_enough(index: FailureIndex, server: Server, same: Sequence[Failure]) -> bool:
    workloads = {failure.subject for failure in same}
    if len(workloads) < 2:
        return False
    return len(workloads) >= ENOUGH or server.what[0] != Service.kind or not _works_for_others(index, server.what, workloads)


def _works_for_others(index: FailureIndex, service: tuple[str, ...], but: set[ObjectRef]) -> bool:
    """Whether a workload whose pods are all ready calls this Service: then two callers may each have a cause of their own."""
    _, namespace, name = service
    for ref in _peers(index, namespace):
        if ref in but or not any((namespace, name) in addresses.services(host, namespace) for host in callers.hosts_of(index, ref)):
            continue
        pods = index.view.pods_of(ref)
        if pods and all(pod.is_ready for pod in pods):
            return True
    return False


def _peers(index: FailureIndex, namespace: str) -> tuple[ObjectRef, ...]:
    key = ("peers", namespace)
    if key not in index.memo:
        kinds = (Deployment.kind, StatefulSet.kind, DaemonSet.kind)
        found = (owners.ref(obj) for kind in kinds for obj in index.view.workloads_in(namespace, kind))
        index.memo[key] = tuple(ref for ref, _ in zip(found, range(MAX_PEERS), strict=False))
    known: tuple[ObjectRef, ...] = index.memo[key]
    return known
