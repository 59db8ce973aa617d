"""DNS that is broken for one workload only: its dnsPolicy or dnsConfig keeps it from a name that the cluster has (`kube/dns.py`).

A log line reports the name, or the objects alone show that it cannot resolve.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite, template_path
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import edit
from optral.analysis.rules import exits
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import OF_LOGS, UNRESOLVABLE, rule
from optral.kube import dns, log_signs
from optral.kube.addresses import ServiceName


def of_one_workload(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A name that the cluster has does not resolve in this pod."""
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is None or line is None or not log_signs.is_name_failure(line.text):
        return
    for host, service in _names(case, exited, line):
        opening = [exited.opening, quote_line("The log reports a name that does not resolve", line), _exists(case, service)]
        unresolved = _Unresolved(case, focus, exited.workload, exited.container.pod, "spec", host, service, opening)
        yield from _fault(unresolved, is_reported=True)
        yield from _too_few_ndots(unresolved)


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


def _names(case: Case, exited: Exit, line: LogLine) -> list[tuple[str, SnapshotObject]]:
    """The first host of the line that means a Service that exists, as the program asks for it."""
    hosts = [address.host for address in log_signs.hosts(line.text)]
    hosts += [address.host for address in calls.of_container(case, exited.container) if address.host in line.text]
    found = ((host, calls.service_named(case, exited.container.pod.namespace or "", host)) for host in dict.fromkeys(hosts))
    return [(host, service) for host, service in found if service is not None][:1]


def _exists(case: Case, service: SnapshotObject) -> Sentence:
    return cite("Service {service} exists.", case.book.fields(service, "metadata", "name", "namespace"), service=service.name)


_WORDS = {
    dns.POLICY: "With dnsPolicy {setting} the pod asks the name servers of its node, which do not know Services.",
    dns.SERVERS: "With dnsPolicy {setting} the pod asks only {address}, which is not the cluster's DNS.",
}
_OF_HOST_NETWORK = "With hostNetwork, dnsPolicy {setting} means the name servers of the node, which do not know Services."


def _fault(found: _Unresolved, *, is_reported: bool) -> Iterator[Hypothesis]:
    """What keeps the name from resolving. `is_reported`: a log line says that it does not."""
    case, shown_by, service = found.case, found.shown_by, found.service
    spec, name = dns.decode(shown_by.map(found.path)), ServiceName(service.namespace or "", service.name)
    fault = dns.fault(spec, found.host, name, case.snap.cluster, is_unresolved=is_reported)
    if fault is None:
        return
    shown = case.book.fields(shown_by, found.path, "dnsPolicy", "dnsConfig")
    if fault.field == dns.SEARCHES:
        words = "Its {setting} complete {address} to no name of the Service."
        advice = actions.advice(f"Add {fault.wanted.replace(', ', ' and ')} to the searches of dnsConfig", _UNRESOLVED, shown)
        why = cite(words, shown, *found.opening[-2].evidence_ids, setting="searches", address=found.host)
        yield found.hypothesis("dns_config_wrong", Level.STRONG, why, advice)
        return
    words, of_servers = _WORDS[fault.field], {} if fault.field == dns.POLICY else {"address": spec.dns_config.nameservers[0]}
    if spec.dns_policy == dns.CLUSTER_FIRST:
        words = _OF_HOST_NETWORK
        shown = case.book.relation(shown_by.ref, found.path, "hostNetwork: true, dnsPolicy: ClusterFirst")
    change = edit(found.workload, (*template_path(found.workload.kind).split("."), "dnsPolicy"), fault.wanted)
    advice = actions.advice(f"Set dnsPolicy to {fault.wanted}", "Names of Services resolve only there.", shown, edit=change)
    yield found.hypothesis(
        "dns_policy_wrong", Level.PROVEN if is_reported else Level.STRONG, cite(words, shown, setting=spec.dns_policy, **of_servers), advice
    )


_UNRESOLVED = "The name of the Service does not resolve in this pod."


def _too_few_ndots(found: _Unresolved) -> Iterator[Hypothesis]:
    pod, host, dots = found.shown_by, found.host, found.host.count(".")
    ndots = next((str(one.get("value")) for one in pod.many("spec.dnsConfig.options") if one.get("name") == "ndots"), "")
    uses_cluster_dns = pod.text("spec.dnsPolicy") in ("", dns.CLUSTER_FIRST, dns.WITH_HOST_NETWORK)
    if not (ndots.isdigit() and dots and int(ndots) <= dots and uses_cluster_dns) or host.endswith(".cluster.local"):
        return
    shown = found.case.book.fields(pod, "spec", "dnsPolicy", "dnsConfig")
    words = "With {setting} of {limit}, {address} is queried as it stands, and some resolvers then try no search domain."
    why = cite(words, shown, *found.opening[-2].evidence_ids, setting="ndots", limit=ndots, address=host)
    advice = actions.advice(f"Raise ndots above {dots}, or use the full name of the Service", _UNRESOLVED, shown)
    yield found.hypothesis("dns_config_wrong", Level.LIKELY, why, advice)


CAUSES = {"dns_policy_wrong", "dns_config_wrong"}
RULES = (rule(of_one_workload, OF_LOGS, CAUSES, version=2), rule(of_template, {UNRESOLVABLE}, CAUSES))
