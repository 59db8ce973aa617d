"""DNS that is broken for one workload only: its dnsPolicy or dnsConfig keeps it from a name that the cluster has."""

from collections.abc import Iterator

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite, template_path
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit, Step, edit
from optral.analysis.rules import exits
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import quote_line
from optral.analysis.rules.rule import OF_LOGS, rule
from optral.kube import log_signs

_USES_CLUSTER_DNS = ("", "ClusterFirst", "ClusterFirstWithHostNet")


def of_one_workload(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A name that the cluster has does not resolve in this pod."""
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is None or line is None or not log_signs.is_name_failure(line.text):
        return
    for host, service in _names(case, exited, line):
        yield from _policy(case, focus, exited, line, service)
        yield from _config(case, focus, exited, line, host, service)


def _names(case: Case, exited: Exit, line: LogLine) -> list[tuple[str, SnapshotObject]]:
    """The first host of the line that means a Service that exists, as the program asks for it."""
    hosts = [address.host for address in log_signs.hosts(line.text)]
    hosts += [address.host for address in calls.of_container(case, exited.container) if address.host in line.text]
    found = ((host, calls.service_named(case, exited.container.pod.namespace or "", host)) for host in dict.fromkeys(hosts))
    return [(host, service) for host, service in found if service is not None][:1]


def _opening(case: Case, exited: Exit, line: LogLine, service: SnapshotObject) -> list[Sentence]:
    there = case.book.fields(service, "metadata", "name", "namespace")
    return [
        exited.opening,
        quote_line("The log reports a name that does not resolve", line),
        cite("Service {service} exists.", there, service=service.name),
    ]


def _policy(case: Case, focus: Focus, exited: Exit, line: LogLine, service: SnapshotObject) -> Iterator[Hypothesis]:
    pod = exited.container.pod
    policy = pod.text("spec.dnsPolicy")
    wanted = "ClusterFirst"
    if policy == "Default":
        words = "With dnsPolicy {setting} the pod asks the name servers of its node, which do not know Services."
        shown = [case.book.fields(pod, "spec", "dnsPolicy")]
    elif policy in ("", "ClusterFirst") and pod.get("spec.hostNetwork") is True:
        words = "With hostNetwork, dnsPolicy {setting} means the name servers of the node, which do not know Services."
        policy, wanted = "ClusterFirst", "ClusterFirstWithHostNet"
        shown = [case.book.relation(pod.ref, "spec", "hostNetwork: true, dnsPolicy: ClusterFirst")]
    elif policy == "None" and (server := _foreign_server(case, pod)):
        words = "With dnsPolicy {setting} the pod asks only {address}, which is not the cluster's DNS."
        shown = [case.book.fields(pod, "spec", "dnsPolicy", "dnsConfig")]
        yield _answer(
            focus,
            exited,
            "dns_policy_wrong",
            [*_opening(case, exited, line, service), cite(words, *shown, setting=policy, address=server)],
            wanted,
            service,
        )
        return
    else:
        return
    sentences = [*_opening(case, exited, line, service), cite(words, *shown, setting=policy)]
    yield _answer(focus, exited, "dns_policy_wrong", sentences, wanted, service)


def _foreign_server(case: Case, pod: SnapshotObject) -> str:
    """The first name server of the pod, if none of them is the cluster's DNS and that is known."""
    cluster = {one.text("spec.clusterIP") for one in case.snap.all("Service", "kube-system") if one.labels.get("k8s-app") == "kube-dns"}
    servers = [str(nameserver) for nameserver in pod.get("spec.dnsConfig.nameservers") or ()]
    is_foreign = servers and cluster and not cluster & set(servers) and not any(server.startswith("169.254.") for server in servers)
    return servers[0] if is_foreign else ""


def _answer(focus: Focus, exited: Exit, cause: str, sentences: list[Sentence], wanted: str, service: SnapshotObject) -> Hypothesis:
    change = _edit(exited.workload, ("dnsPolicy",), wanted)
    advice = actions.advice(f"Set dnsPolicy to {wanted}", "Names of Services resolve only there.", *sentences[-1].evidence_ids, edit=change)
    asks = probing.of_name(Role.NAME, service)
    return focus.hypothesis(cause, exited.workload, Level.PROVEN, *sentences, actions=[advice], asks=asks)


def _edit(workload: SnapshotObject, steps: tuple[Step, ...], after: object) -> Edit | None:
    return edit(workload, (*template_path(workload.kind).split("."), *steps), after)


def _config(case: Case, focus: Focus, exited: Exit, line: LogLine, host: str, service: SnapshotObject) -> Iterator[Hypothesis]:
    pod = exited.container.pod
    if pod.get("spec.dnsConfig") is None or host.endswith(".cluster.local"):
        return
    shown = case.book.fields(pod, "spec", "dnsPolicy", "dnsConfig")
    searches = [str(search).rstrip(".") for search in pod.get("spec.dnsConfig.searches") or ()]
    ndots = next((str(one.get("value")) for one in pod.many("spec.dnsConfig.options") if one.get("name") == "ndots"), "")
    dots = host.count(".")
    if pod.text("spec.dnsPolicy") == "None" and not any(_completes(domain, host, service) for domain in searches):
        words = "Its {setting} complete {address} to no name of the Service."
        sentence = cite(words, shown, line.evidence_id, setting="searches", address=host)
        title = f"Add {service.namespace}.svc.cluster.local and svc.cluster.local to the searches of dnsConfig"
        level = Level.STRONG
    elif ndots.isdigit() and dots and int(ndots) <= dots and pod.text("spec.dnsPolicy") in _USES_CLUSTER_DNS:
        words = "With {setting} of {limit}, {address} is queried as it stands, and some resolvers then try no search domain."
        sentence = cite(words, shown, line.evidence_id, setting="ndots", limit=ndots, address=host)
        title = f"Raise ndots above {dots}, or use the full name of the Service"
        level = Level.LIKELY
    else:
        return
    yield focus.hypothesis(
        "dns_config_wrong",
        exited.workload,
        level,
        *_opening(case, exited, line, service),
        sentence,
        actions=[actions.advice(title, "The name of the Service does not resolve in this pod.", shown)],
        asks=probing.of_name(Role.NAME, service),
    )


def _completes(domain: str, host: str, service: SnapshotObject) -> bool:
    """Whether the host with this search domain is a name of the Service."""
    return f"{host}.{domain}".startswith(f"{service.name}.{service.namespace}.svc.")


RULES = (rule(of_one_workload, OF_LOGS, {"dns_policy_wrong", "dns_config_wrong"}),)
