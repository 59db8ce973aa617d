"""A container that cannot use what it calls: the Service behind the address is broken, a NetworkPolicy blocks it, or the server refuses."""

from collections.abc import Iterator
from typing import NamedTuple, cast

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask, Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.case import Case, Focus, cite, is_ready
from optral.analysis.reading.snapshot import SnapshotObject, dicts
from optral.analysis.remedies import actions
from optral.analysis.rules import callers, exits, log_words, reach, services, siblings, sources
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import FAILED_CONNECTION, failed_connection, quote_line
from optral.analysis.rules.rule import INIT, JOB, LOGGING, OF_LOGS, READINESS, SERVICE, rule
from optral.kube import addresses as addresses_of, calls as kube_calls, log_signs, policies
from optral.kube.names import nearest
from optral.kube.objects import EndpointSlice
from optral.terms.refs import ObjectRef

_PLUGIN = "whether the cluster's network plugin enforces NetworkPolicies"


class CalledService(NamedTuple):
    """A Service that a container calls, whether the log line names it, and the sentences that lead to it."""

    service: SnapshotObject
    is_named: bool
    link: tuple[Sentence, ...]


def unreachable(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container cannot reach what it calls: the Service is broken, a policy blocks it, or the address is wrong."""
    if (exited := exits.read(case, focus)) is None:
        return
    line = exited.lines.get("dependency")
    if line is None and focus.symptom in (JOB, LOGGING):
        return
    addresses = _in_question(focus, calls.of_container(case, exited.container), line)
    for address in addresses:
        yield from callers.check(callers.Call(case, focus, exited.workload, address, (exited.opening,), line))
    of_services = [found for called in _called(case, exited, addresses, line) for found in _at_service(case, focus, exited, called, line)]
    yield from of_services
    if line is None:
        return
    if log_signs.is_dns_silent(line.text):
        yield from _dns_blocked(case, focus, exited, line)
    yield from _unknown_name(case, focus, exited, addresses, line)
    if not of_services:
        yield from _by_other_callers(case, focus, exited, addresses, line)
        yield _unknown_dependency(focus, exited, line, addresses)


def _in_question(focus: Focus, addresses: list[calls.Address], line: LogLine | None) -> list[calls.Address]:
    """Those that a line may be about. A container that runs reaches most of what it calls: where its line names hosts, only those."""
    if focus.symptom != LOGGING or line is None:
        return addresses
    named = [one for one in addresses if logs.names(line.text, one.host.partition(".")[0])]
    names_another = any(not log_signs.is_file(one.host) for one in log_signs.hosts(line.text))
    return named if named or names_another else addresses


def _unknown_name(case: Case, focus: Focus, exited: Exit, addresses: list[calls.Address], line: LogLine) -> Iterator[Hypothesis]:
    """The name that does not resolve is that of no Service, and a Service has nearly this name. No setting shows where it comes from."""
    namespace = exited.container.pod.namespace or ""
    if not log_signs.is_name_failure(line.text):
        return
    if sources.of_container(case, exited.container, sources.ADDRESS):
        return  # then the Secret or ConfigMap is what is wrong
    settings = {address.host for address in addresses}
    for host in dict.fromkeys(one.host for one in log_signs.hosts(line.text)):
        if host in settings or not addresses_of.is_service_of(host, there := addresses_of.namespace_in(host) or namespace):
            continue
        name = addresses_of.services(host, there)[0].name
        others = case.snap.listed("Service", there)
        near = nearest(name, others.names) if others is not None else None
        if others is None or near is None or calls.service_named(case, namespace, host) is not None:
            continue
        gone = case.book.absence(others, exited.workload.ref, f"Service {name}", f"no Service {name} in namespace {there}; nearest: {near}")
        yield focus.hypothesis(
            "service_missing",
            ObjectRef("Service", there, name),
            Level.STRONG,
            exited.opening,
            quote_line("The log reports a name that does not resolve", line),
            cite(f"Service {{object}} does not exist; Service `{near}` does.", gone, object=name),
            *(told := _config_maps(case, exited)),
            actions=[actions.advice(_rename(name, near, told), "The name does not resolve.", gone, line.evidence_id)],
        )


def wrong_port(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A container that runs calls a port that the Service does not have. No setting shows the address, and no Secret or ConfigMap key."""
    if (exited := exits.read(case, focus)) is None or (line := exited.lines.get(log_signs.DEPENDENCY)) is None:
        return
    if sources.of_container(case, exited.container, sources.ADDRESS):
        return
    settings = {address.service.uid for address in calls.of_container(case, exited.container) if address.service is not None}
    for called in (*log_signs.hosts(line.text), *log_signs.ip_addresses(line.text)):
        service = calls.service_named(case, exited.container.pod.namespace or "", called.host)
        if service is None or service.uid in settings or not calls.lacks_port(service, called.port):
            continue
        port = service.many("spec.ports")[0].get("port")
        shown = case.book.object(service, "spec.ports")
        told = _config_maps(case, exited)
        place = f" in ConfigMap {dict(told[0].facts)['setting']}" if told else ""
        yield focus.hypothesis(
            "wrong_dependency_address",
            exited.workload,
            Level.STRONG,
            exited.opening,
            log_words.reported(log_signs.DEPENDENCY, line, FAILED_CONNECTION),
            cite(f"Service {{service}} has port `{port}`, not {{port}}.", shown, line.evidence_id, service=service.name, port=called.port),
            *told,
            actions=[actions.advice(f"Change the port to {port}{place}", "The Service does not have this port.", shown)],
        )


def _config_maps(case: Case, exited: Exit) -> list[Sentence]:
    """The ConfigMap that the container mounts, if it is one: what the program reads its addresses from."""
    mounted = {str(one.get("name")) for one in dicts(exited.container.spec.get("volumeMounts"))}
    volumes = [(index, one) for index, one in exited.container.pod.indexed("spec.volumes") if one.get("name") in mounted]
    named = [
        (index, str(one["configMap"]["name"]))
        for index, one in volumes
        if isinstance(one.get("configMap"), dict) and one["configMap"].get("name")
    ]
    if len(named) != 1:
        return []
    index, name = named[0]
    return [
        cite(
            "Its configuration comes from ConfigMap {setting}.",
            case.book.object(exited.container.pod, f"spec.volumes[{index}]"),
            setting=name,
        )
    ]


def _rename(host: str, near: str, told: list[Sentence]) -> str:
    place = dict(told[0].facts)["setting"] if told else ""
    return f"Change {host} to {near} in ConfigMap {place}" if place else f"Change the host {host} to {near}"


def awaits_nobody(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """An init container waits for a host by its command, and no Service has this name."""
    if focus.container is None:
        return
    seen, namespace = focus.container, focus.obj.namespace or ""
    for host, _ in kube_calls.awaited(kube_calls.decode_container(seen.spec)):
        if not addresses_of.is_service_of(host, namespace) or calls.service_named(case, namespace, host) is not None:
            continue
        if (others := case.snap.listed("Service", namespace)) is None:
            return
        name = addresses_of.services(host, namespace)[0].name
        near = nearest(name, others.names)
        shown = case.book.fields(seen.pod, seen.spec_path, "name", "command", "args")
        text = f"no Service {name} in namespace {namespace}; nearest: {near or 'none'}"
        gone = case.book.absence(others, case.workload(focus.obj).ref, f"Service {name}", text)
        waits = cite(f"Init container `{seen.name}` waits for {{address}}, set in its {{setting}}.", shown, address=host, setting="command")
        missing = cite("Service {object} does not exist" + (f"; Service `{near}` does." if near else "."), gone, object=name)
        title = f"Change {name} to {near} in the command" if near else f"Create Service {name}, or correct the name in the command"
        yield focus.hypothesis(
            "wrong_dependency_address" if near else "service_missing",
            case.workload(focus.obj) if near else ObjectRef("Service", namespace, name),
            Level.STRONG,
            waits,
            missing,
            actions=[actions.advice(f"{title} of init container {seen.name}", "It waits until the name resolves.", gone, shown)],
        )
        return


def _by_other_callers(case: Case, focus: Focus, exited: Exit, addresses: list[calls.Address], line: LogLine) -> Iterator[Hypothesis]:
    """Of the Service that the line names, or the only one that the container calls: whether its other callers work."""
    for service, is_named, link in _named_or_only(list(_called(case, exited, addresses, line)))[:2]:
        if is_named or _is_only_address(addresses):
            yield from siblings.compare(case, focus, exited, service, link)


def _is_only_address(addresses: list[calls.Address]) -> bool:
    return len({address.host for address in addresses}) == 1


def _at_service(case: Case, focus: Focus, exited: Exit, called: CalledService, line: LogLine | None) -> Iterator[Hypothesis]:
    """What is wrong with a Service that the container calls; with the policies on the way to it, if the Service itself is healthy."""
    service, is_named, link = called
    if line is not None:
        yield from _nothing_listens(case, focus, exited, called, line)
    if not case.once(_is_faulty, service):
        if line is not None:
            yield from _policy_blocks(case, focus, exited, called, line)
        return
    if not _explains(focus, exited, line, is_named=is_named):
        return
    deeper = Focus(case, SERVICE, service, via=link, steps=focus.steps + 1, lower=focus.lower + (0 if is_named else 1))
    yield from services.of_service(case, deeper)
    level = Level.LIKELY if is_named else Level.PLAUSIBLE
    asks = probing.of_service(Role.DOWN, service, _called_port(case, exited, service))
    yield focus.hypothesis("dependency_unavailable", service, level, *link, actions=[actions.diagnose(service)], asks=asks)


def _nothing_listens(case: Case, focus: Focus, exited: Exit, called: CalledService, line: LogLine) -> Iterator[Hypothesis]:
    """A container that runs keeps being refused by a Service whose pods are ready, and no policy blocks it."""
    service = called.service
    target = next((pod for pod in reach.backends(case, service) if is_ready(pod)), None)
    named = line.slots.get("port", "")
    port = int(named) if named.isdigit() else _called_port(case, exited, service)
    if focus.symptom != LOGGING or not called.is_named or not log_signs.is_refused(line.text) or target is None or port is None:
        return
    caller, number = exited.container.pod, reach.target_port(service, port, target)
    if reach.blocking_ingress(case, caller, target, number) or reach.blocking_egress(case, caller, target, number):
        return
    state = case.book.fields(target, target.condition("Ready")[0], "type", "status")
    said = cite(f"Pod `{target.name}` behind it is ready but refuses connections: nothing listens on its port.", state, line.evidence_id)
    deeper = Focus(case, SERVICE, service, via=called.link, steps=focus.steps + 1, lower=focus.lower)
    yield from services.listens_elsewhere(case, deeper, service, {port: said}, Level.LIKELY)


def _is_faulty(case: Case, service: SnapshotObject) -> bool:
    return any(True for _ in services.of_service(case, Focus(case, SERVICE, service)))


def _explains(focus: Focus, exited: Exit, line: LogLine | None, *, is_named: bool) -> bool:
    """Whether a broken Service that the container calls explains the failure: its log reports it, or it is an init container that waits."""
    if line is None:
        return focus.symptom == INIT
    return is_named or exited.code is not None or focus.symptom in (READINESS, INIT, LOGGING)


def _policy_blocks(case: Case, focus: Focus, exited: Exit, called: CalledService, line: LogLine) -> Iterator[Hypothesis]:
    """The Service is healthy and a NetworkPolicy blocks the traffic. Packets are dropped, so calls time out; a few plugins refuse them."""
    service, caller = called.service, exited.container.pod
    target = next(reach.backends(case, service), None)
    if target is None:
        return
    port = reach.target_port(service, _called_port(case, exited, service), target)
    inward = f"selects the pods behind `{service.name}` and does not allow traffic from these pods"
    inward += reach.omitted(case, policies.INGRESS, caller, target, port)
    outward = f"does not allow traffic from these pods to `{service.name}`"
    outward += reach.omitted(case, policies.EGRESS, caller, target, port)
    blocking = [(policy, inward) for policy in reach.blocking_ingress(case, caller, target, port)[:2]]
    blocking += [(policy, outward) for policy in reach.blocking_egress(case, caller, target, port)[:2]]
    named = Level.STRONG if called.is_named else Level.LIKELY
    level = named if log_signs.is_timeout(line.text) else Level.POSSIBLE
    for policy, effect in blocking:
        shown = case.book.fields(policy, "spec", "podSelector", "policyTypes", "ingress", "egress")
        own = case.book.fields(caller, "metadata", "name", "labels")
        there = case.book.fields(service, "metadata", "name")
        title = f"Allow {exited.workload.name} in NetworkPolicy {policy.name}"
        yield focus.hypothesis(
            "network_policy_blocks",
            policy,
            level,
            *called.link,
            cite(f"NetworkPolicy `{policy.name}` {effect}.", shown, own, there),
            actions=[actions.advice(title, "Traffic that no rule allows is dropped.", shown)],
            missing=[_PLUGIN],
            asks=probing.of_pod(Role.POLICY, target, port),
        )


def _called_port(case: Case, exited: Exit, service: SnapshotObject) -> int | None:
    """The port of the Service that the container calls, if its spec names one."""
    addresses = calls.of_container(case, exited.container)
    return next((a.port for a in addresses if a.service is not None and a.service.uid == service.uid and a.port), None)


def _dns_blocked(case: Case, focus: Focus, exited: Exit, line: LogLine) -> Iterator[Hypothesis]:
    """The container cannot resolve names, and a NetworkPolicy blocks its DNS queries."""
    for policy in reach.blocking_dns(case, exited.container.pod)[:1]:
        shown = case.book.fields(policy, "spec", "podSelector", "policyTypes", "egress")
        yield focus.hypothesis(
            "network_policy_blocks",
            policy,
            Level.STRONG,
            exited.opening,
            quote_line("The log reports names that do not resolve", line),
            cite(f"NetworkPolicy `{policy.name}` allows these pods some egress, but not to the cluster DNS.", shown),
            actions=[actions.advice(f"Allow port {reach.DNS_PORT} in NetworkPolicy {policy.name}", "Without DNS no name resolves.", shown)],
            missing=[_PLUGIN],
            asks=reach.cluster_dns(case, Role.NAME),
        )


def _called(case: Case, exited: Exit, addresses: list[calls.Address], line: LogLine | None) -> Iterator[CalledService]:
    """The Services that the container has an address of, then those that only the log line names."""
    opening = (exited.opening, *failed_connection(line))
    seen: set[str] = set()
    for address in addresses:
        service = address.service
        if service is None or service.uid in seen:
            continue
        seen.add(service.uid)
        words = "It calls {service}, set in {setting}."
        configured = cite(words, address.evidence_id, service=service.name, setting=address.place)
        link = (*opening, configured, *callers.overridden(case, exited.workload, address.setting))
        yield CalledService(service, line is not None and _names(line, service), link)
    if line is None:
        return
    pod = exited.container.pod
    for service in calls.named_in(case, pod.namespace or "", line.text):
        if service.uid not in seen and not reach.selects(service, pod):
            seen.add(service.uid)
            there = case.book.fields(service, "metadata", "name")
            yield CalledService(
                service, True, (*opening, cite("The log mentions {service}.", there, line.evidence_id, service=service.name))
            )


def _names(line: LogLine, service: SnapshotObject) -> bool:
    """Whether a line names a Service or its address; an address must be long enough not to be an ordinary word."""
    address = service.text("spec.clusterIP")
    return logs.names(line.text, service.name) or (len(address) > 6 and logs.names(line.text, address))


def _asks_about(addresses: list[calls.Address]) -> Iterator[Ask]:
    """Whether the Services that a container calls accept connections on the ports that it uses."""
    for address in addresses:
        if address.service is not None:
            yield from probing.of_service(Role.DOWN, address.service, address.port)


def _source_of_address(focus: Focus, exited: Exit, addresses: list[calls.Address]) -> list[Sentence]:
    """Of a container that runs, the only Secret or ConfigMap that it reads an address from, if no setting shows one."""
    found = sources.of_container(focus.case, exited.container, sources.ADDRESS) if focus.symptom == LOGGING and not addresses else []
    return [found[0].sentence("The address in {setting} comes from key {key} of")] if len({one.ref for one in found}) == 1 else []


def _unknown_dependency(focus: Focus, exited: Exit, line: LogLine, addresses: list[calls.Address]) -> Hypothesis:
    """Everything in this cluster that the container calls looks healthy, or it calls something outside."""
    alias = next(_aliases(focus.case, exited, line), None)
    outside = _host_outside(focus, exited, line) if alias is None else alias.target
    title = (
        "Find out which address it cannot reach"
        if outside is None
        else f"Check that {outside} runs and accepts connections from this cluster"
    )
    return focus.hypothesis(
        "dependency_unavailable",
        exited.workload,
        Level.POSSIBLE if outside is None else Level.PLAUSIBLE,
        exited.opening,
        log_words.reported("dependency", line, FAILED_CONNECTION),
        *_source_of_address(focus, exited, addresses),
        *([] if alias is None else [alias.words]),
        actions=[actions.advice(title, "Nothing in the cluster's objects shows a fault.", line.evidence_id)],
        missing=["the state of what it calls outside of this cluster's Services"],
        asks=tuple(_asks_about([address for address in addresses if address.host in line.text] or addresses)),
    )


class _Alias(NamedTuple):
    """What a Service without a selector stands for, and the sentence that says so."""

    target: str
    words: Sentence


def _aliases(case: Case, exited: Exit, line: LogLine) -> Iterator[_Alias]:
    """What the Services that a line names stand for: a name of DNS, or addresses that somebody wrote."""
    for service in calls.named_in(case, exited.container.pod.namespace or "", line.text):
        if external := service.text("spec.externalName"):
            shown = case.book.fields(service, "spec", "type", "externalName")
            words = cite("Service {service} is an alias for {address}.", shown, service=service.name, address=external)
            yield _Alias(external, words)
        elif not service.strings("spec.selector"):
            yield from _written_addresses(case, service)


def _written_addresses(case: Case, service: SnapshotObject) -> Iterator[_Alias]:
    for piece in case.snap.all(EndpointSlice.kind, service.namespace):
        typed = cast(EndpointSlice, piece.typed)
        addresses = [address for endpoint in typed.endpoints for address in endpoint.addresses]
        if typed.service_name == service.name and addresses:
            shown = case.book.object(piece, "endpoints")
            words = cite(
                "Service {service} has no selector and sends traffic to {address}.", shown, service=service.name, address=addresses[0]
            )
            yield _Alias(addresses[0], words)


def _host_outside(focus: Focus, exited: Exit, line: LogLine) -> str | None:
    """The host that a container that runs keeps failing to reach, if no Service of the cluster can have this name."""
    host = line.slots.get("host", "") if focus.symptom == LOGGING else ""
    is_outside = "." in host and addresses_of.namespace_in(host) is None and not log_signs.is_file(host)
    return host if is_outside and calls.service_named(focus.case, exited.container.pod.namespace or "", host) is None else None


def _named_or_only(called: list[CalledService]) -> list[CalledService]:
    """Those that the log line names; where it names none, the only one there is."""
    named = [service for service in called if service.is_named]
    return named or (called if len(called) == 1 else [])


RULES = (
    rule(
        unreachable,
        OF_LOGS,
        {"dependency_unavailable", "network_policy_blocks"} | callers.CAUSES | services.CAUSES | siblings.CAUSES,
        version=7,
    ),
    rule(wrong_port, {LOGGING}, {"wrong_dependency_address"}),
    rule(awaits_nobody, {INIT}, {"service_missing", "wrong_dependency_address"}),
)
