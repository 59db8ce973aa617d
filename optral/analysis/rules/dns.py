"""DNS that is broken for one workload only: its dnsPolicy or dnsConfig keeps it from a name that the cluster has (`kube/dns.py`).

A log line reports the name, or the objects alone show that it cannot resolve.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.calls import Address
from optral.analysis.reading.case import Case, Focus, cite, containers, template_path
from optral.analysis.reading.snapshot import SnapshotObject, words
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import comparisons, exits, likely_servers, reach, run_logs, siblings
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import failed_connection, quote_line
from optral.analysis.rules.rule import LOGGING, OF_LOGS, UNRESOLVABLE, rule
from optral.kube import dns, log_signs
from optral.kube.addresses import ServiceName


class _Unresolved(NamedTuple):
    """A host that does not resolve: whose template says so, the pod or workload that shows it and where its pod spec is, the Service."""

    case: Case
    focus: Focus
    workload: SnapshotObject
    shown_by: SnapshotObject
    path: str
    host: str
    service: SnapshotObject
    opening: list[Sentence]

    def hypothesis(self, cause: str, level: Level, why: Sentence, action: Action) -> Hypothesis:
        asks = probing.of_name(Role.NAME, self.service)
        return self.focus.hypothesis(cause, self.workload, level, *self.opening, why, actions=[action], asks=asks)


def of_one_workload(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A name that the cluster has does not resolve in this pod: by its log, or by DNS settings that pods that work do not have."""
    if (exited := exits.read(case, focus)) is None:
        return
    line = exited.lines.get(log_signs.DEPENDENCY)
    names = _names(case, exited, line) if line is not None and log_signs.is_name_failure(line.text) else []
    for host, service in names:
        opening = [exited.opening, *_quoted(line), _exists(case, service)]
        unresolved = _Unresolved(case, focus, exited.workload, exited.container.pod, "spec", host, service, opening)
        yield from _fault(unresolved, is_reported=True)
        yield from _too_few_ndots(unresolved)
    if not names:
        yield from _unnamed(case, focus, exited, line)


def _quoted(line: LogLine | None) -> list[Sentence]:
    if line is not None and log_signs.is_name_failure(line.text):
        return [quote_line("The log reports a name that does not resolve", line)]
    return failed_connection(line)


def _unnamed(case: Case, focus: Focus, exited: Exit, line: LogLine | None) -> Iterator[Hypothesis]:
    """No line names what does not resolve, but the DNS settings of the pod keep it from a Service that it calls."""
    pod = exited.container.pod
    spec = dns.decode(pod.map("spec"))
    if dns.is_of_cluster(spec) or not _may_be_dns(focus, exited, line):
        return
    for host, service, called in _called(case, exited, line):
        working = _working(case, exited, service)
        silent = _silent(case, pod, spec.dns_config.nameservers)
        opening = [exited.opening, *_quoted(line), *called, _exists(case, service), *silent, *_compared(case, pod, working)]
        unresolved = _Unresolved(case, focus, exited.workload, pod, "spec", host, service, opening)
        level = LEVEL.decide(told=line is not None or bool(silent), works=bool(working))
        found = list(_fault(unresolved, is_reported=False, level=level))
        yield from found or (_silent_server(unresolved, spec.dns_config.nameservers, silent) if silent else ())
        if found or silent:
            return


LEVEL: Table[Level] = Table(
    row(Level.STRONG, "told", "works"),
    row(Level.LIKELY, "told"),
    row(Level.LIKELY, "works"),
    row(Level.PLAUSIBLE),
)
"""How certain it is that the DNS settings of a pod are why it fails, where no line names what does not resolve. The signs:

- `told`: a log line of the pod reports a failed connection, or that a name server does not answer;
- `works`: another workload calls the same Service with the cluster's DNS, and is ready.
"""


def _may_be_dns(focus: Focus, exited: Exit, line: LogLine | None) -> bool:
    """Whether it may be a name that does not resolve: the name is resolved if a connection is refused, or if its address is logged."""
    if line is not None:
        return not log_signs.is_refused(line.text) and not log_signs.ip_addresses(line.text)
    return focus.symptom != LOGGING and not exited.lines and exited.code not in exits.STATED_BY_CODE


def _called(case: Case, exited: Exit, line: LogLine | None) -> Iterator[tuple[str, SnapshotObject, list[Sentence]]]:
    """What the container calls: by a readable address, else the only server of the kind that its settings name."""
    for address in calls.of_container(case, exited.container):
        if address.service is not None:
            words = cite("It calls {address}, set in {setting}.", address.evidence_id, address=address.host, setting=address.place)
            yield address.host, address.service, [words]
    kinds = likely_servers.kinds_of(case, exited.container, line.text if line is not None else "")
    likely = likely_servers.find(case, exited.container, kinds)
    if likely and likely[0].rank not in (likely_servers.SEVERAL, likely_servers.GUESSED):
        service = likely[0].service  # the Secret may have the full name, which needs no search domain
        yield f"{service.name}.{service.namespace}.svc.cluster.local", service, likely[0].sentences


def _working(case: Case, exited: Exit, service: SnapshotObject) -> list[SnapshotObject]:
    """Pods of other callers of the Service that ask the cluster's DNS, if all of these are ready."""
    found = []
    for other, addresses in calls.of_workloads(case, exited.workload.namespace, at_most=siblings.MAX_WORKLOADS):
        if other.ref[:3] == exited.workload.ref[:3] or not _calls(case, other, addresses, service):
            continue
        pods = [pod for pod in case.live_pods(other) if dns.is_of_cluster(dns.decode(pod.map("spec")))]
        if any(comparisons.fails(case, pod) for pod in pods):
            return []
        found += pods[:1]
    return found


def _calls(case: Case, other: SnapshotObject, addresses: list[Address], service: SnapshotObject) -> bool:
    if any(address.service is not None and address.service.ref == service.ref for address in addresses):
        return True
    seen = [one for pod in case.live_pods(other)[:1] for one in containers(pod)]
    likely = [found for one in seen for found in likely_servers.find(case, one, likely_servers.kinds_of(case, one))[:1]]
    return any(service.name in one.services for one in likely)


def _compared(case: Case, pod: SnapshotObject, working: list[SnapshotObject]) -> list[Sentence]:
    if not working:
        return []
    names = ", ".join(f"`{case.workload(one).name}`" for one in working[:3])
    text = f"ready, with the cluster's DNS: {', '.join(case.workload(one).name for one in working[:10])}"
    count = len(working)
    words = f"`{count}` other {'workload calls' if count == 1 else 'workloads call'} it with the cluster's DNS and {{}} ready: {names}."
    return [cite(words.format("is" if count == 1 else "are"), case.book.relation(pod.ref, "DNS of callers", f"{count} {text}"))]


def _silent(case: Case, pod: SnapshotObject, servers: Sequence[str]) -> list[Sentence]:
    """A line of any container of the pod, a sidecar's too, that one of its name servers does not answer."""
    for seen in containers(pod) if servers else ():
        for key, text in run_logs.of_failed(case, seen).texts:
            for line in reversed(logs.reporting(text)):
                if any(server in line and logs.names(line, server) for server in servers) and log_signs.is_dns_silent(line):
                    said = f"Container `{seen.name}` reports that a name server does not answer"
                    return [quote_line(said, LogLine(case.book.log(key, line), line))]
    return []


def _silent_server(found: _Unresolved, servers: Sequence[str], silent: list[Sentence]) -> Iterator[Hypothesis]:
    """The pod asks a name server of its own, which does not answer."""
    shown = found.case.book.fields(found.shown_by, found.path, "dnsPolicy", "dnsConfig")
    why = cite(_WORDS[dns.SERVERS], shown, *silent[0].evidence_ids, setting=found.shown_by.text("spec.dnsPolicy"), address=servers[0])
    change = edit(found.workload, (*template_path(found.workload.kind).split("."), "dnsPolicy"), dns.CLUSTER_FIRST)
    advice = actions.advice(
        f"Set dnsPolicy to {dns.CLUSTER_FIRST}", "Only the cluster DNS resolves the names of Services.", shown, edit=change
    )
    yield found.hypothesis("dns_policy_wrong", Level.STRONG, why, advice)


def wrong_alias(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An entry of hostAliases hides the name of a Service that the container calls, and its address is none of the Service's."""
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is None or line is None:
        return
    pod = exited.container.pod
    for index, alias in pod.indexed("spec.hostAliases"):
        address = str(alias.get("ip") or "")
        for host in words(alias.get("hostnames")):
            service = _with_selector(case, pod.namespace or "", host)
            is_meant = any(one.host == host for one in calls.of_container(case, exited.container)) or logs.names(line.text, host)
            if service is None or not is_meant or address in _addresses(case, service):
                continue
            shown = case.book.object(pod, f"spec.hostAliases[{index}]")
            said = "{setting} resolves {address} to `" + address + "`, which is not an address of Service {service}."
            why = cite(said, shown, *_exists(case, service).evidence_ids, setting="hostAliases", address=host, service=service.name)
            opening = [exited.opening, *failed_connection(line)]
            unresolved = _Unresolved(case, focus, exited.workload, pod, "spec", host, service, opening)
            advice = actions.advice(f"Remove {host} from hostAliases", "Without it, the name resolves to the Service.", shown)
            level = Level.STRONG if logs.names(line.text, host) or logs.names(line.text, address) else Level.LIKELY
            yield unresolved.hypothesis("dns_config_wrong", level, why, advice)


def _with_selector(case: Case, namespace: str, host: str) -> SnapshotObject | None:
    """The Service that a host means, unless its endpoints are set by hand."""
    service = calls.service_named(case, namespace, host)
    return service if service is not None and service.map("spec.selector") else None


def _addresses(case: Case, service: SnapshotObject) -> set[str]:
    """The addresses that lead to a Service: its own, those of its pods, and those that it is given from outside."""
    pods = (pod.text("status.podIP") for pod in reach.backends(case, service))
    balanced = (str(one.get("ip")) for one in service.many("status.loadBalancer.ingress"))
    return {
        service.text("spec.clusterIP"),
        *words(service.get("spec.clusterIPs")),
        *words(service.get("spec.externalIPs")),
        *pods,
        *balanced,
    }


def of_template(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The template of a workload keeps its pods from resolving the name of a Service that it calls."""
    workload = case.workload(focus.obj)
    if workload.kind not in calls.CALLERS:
        return
    for address in calls.of_workload(case, workload):
        if (service := address.service) is None or case.question.facts.get("host") not in (None, address.host):
            continue
        words = f"{workload.short_kind} `{workload.name}` calls {{address}}, set in {{setting}}."
        called = cite(words, address.evidence_id, address=address.host, setting=address.place)
        opening = [called, _exists(case, service)]
        path = template_path(workload.kind)
        yield from _fault(_Unresolved(case, focus, workload, workload, path, address.host, service, opening), is_reported=False)


def _names(case: Case, exited: Exit, line: LogLine) -> list[tuple[str, SnapshotObject]]:
    """The first host of the line that means a Service that exists, as the program asks for it."""
    hosts = [address.host for address in log_signs.hosts(line.text)]
    hosts += [address.host for address in calls.of_container(case, exited.container) if address.host in line.text]
    found = ((host, calls.service_named(case, exited.container.pod.namespace or "", host)) for host in dict.fromkeys(hosts))
    return [(host, service) for host, service in found if service is not None][:1]


def _exists(case: Case, service: SnapshotObject) -> Sentence:
    return cite("Service {service} exists.", case.book.fields(service, "metadata", "name", "namespace"), service=service.name)


_WORDS = {
    dns.POLICY: "With dnsPolicy {setting}, the pod queries the name servers of its node, which cannot resolve Services.",
    dns.SERVERS: "With dnsPolicy {setting}, the pod queries only {address}, which is not the cluster DNS.",
}
_OF_HOST_NETWORK = "With hostNetwork, dnsPolicy {setting} falls back to the name servers of the node, which cannot resolve Services."


def _fault(found: _Unresolved, *, is_reported: bool, level: Level = Level.STRONG) -> Iterator[Hypothesis]:
    """What keeps the name from resolving. `is_reported`: a log line says that it does not; else the `level`."""
    case, shown_by, service = found.case, found.shown_by, found.service
    spec, name = dns.decode(shown_by.map(found.path)), ServiceName(service.namespace or "", service.name)
    fault = dns.fault(spec, found.host, name, case.snap.cluster, is_unresolved=is_reported)
    if fault is None:
        return
    shown = case.book.fields(shown_by, found.path, "dnsPolicy", "dnsConfig")
    if fault.field == dns.SEARCHES:
        said = "None of its {setting} completes {address} to the name of the Service."
        advice = actions.advice(f"Add {fault.wanted.replace(', ', ' and ')} to the searches in dnsConfig", _UNRESOLVED, shown)
        why = cite(said, shown, *(one for told in found.opening for one in told.evidence_ids), setting="searches", address=found.host)
        yield found.hypothesis("dns_config_wrong", level, why, advice)
        return
    said, of_servers = _WORDS[fault.field], {} if fault.field == dns.POLICY else {"address": spec.dns_config.nameservers[0]}
    if spec.dns_policy == dns.CLUSTER_FIRST:
        said = _OF_HOST_NETWORK
        shown = case.book.relation(shown_by.ref, found.path, "hostNetwork: true, dnsPolicy: ClusterFirst")
    change = edit(found.workload, (*template_path(found.workload.kind).split("."), "dnsPolicy"), fault.wanted)
    advice = actions.advice(f"Set dnsPolicy to {fault.wanted}", "Only the cluster DNS resolves the names of Services.", shown, edit=change)
    yield found.hypothesis(
        "dns_policy_wrong", Level.PROVEN if is_reported else level, cite(said, shown, setting=spec.dns_policy, **of_servers), advice
    )


_UNRESOLVED = "The name of the Service does not resolve in this pod."


def _too_few_ndots(found: _Unresolved) -> Iterator[Hypothesis]:
    pod, host, dots = found.shown_by, found.host, found.host.count(".")
    ndots = next((str(one.get("value")) for one in pod.many("spec.dnsConfig.options") if one.get("name") == "ndots"), "")
    uses_cluster_dns = pod.text("spec.dnsPolicy") in ("", dns.CLUSTER_FIRST, dns.WITH_HOST_NETWORK)
    if not (ndots.isdigit() and dots and int(ndots) <= dots and uses_cluster_dns) or host.endswith(".cluster.local"):
        return
    shown = found.case.book.fields(pod, "spec", "dnsPolicy", "dnsConfig")
    words = "With {setting} set to {limit}, {address} is queried as is, and some resolvers then try no search domain."
    why = cite(words, shown, *found.opening[-2].evidence_ids, setting="ndots", limit=ndots, address=host)
    advice = actions.advice(f"Raise ndots above {dots}, or use the full name of the Service", _UNRESOLVED, shown)
    yield found.hypothesis("dns_config_wrong", Level.LIKELY, why, advice)


CAUSES = {"dns_policy_wrong", "dns_config_wrong"}
RULES = (
    rule(of_one_workload, OF_LOGS, CAUSES, version=3),
    rule(wrong_alias, OF_LOGS, {"dns_config_wrong"}),
    rule(of_template, {UNRESOLVABLE}, CAUSES),
)
