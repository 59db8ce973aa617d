"""A wrong address in a Secret: its value cannot be read, but the log names what the program called, and the cluster has nothing there."""

from collections.abc import Iterator

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import exits, sources
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import failed_connection
from optral.analysis.rules.rule import OF_LOGS, rule
from optral.analysis.rules.sources import Source
from optral.kube import addresses, log_signs
from optral.kube.addresses import Address


def wrong_address(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The log names a port that the Service does not have, or nearly the name of a Service, and no setting shows the address."""
    exited = exits.read(case, focus)
    line = exited.lines.get(log_signs.DEPENDENCY) if exited is not None else None
    if exited is None or line is None:
        return
    written = {address.host for address in calls.of_container(case, exited.container)}
    found = sources.of_container(case, exited.container, sources.ADDRESS)
    if len({source.ref for source in found}) != 1:
        return
    for called in (*log_signs.hosts(line.text), *log_signs.ip_addresses(line.text)):
        if called.host not in written and (fault := _fault(case, exited, line, called)) is not None:
            yield _answer(case, focus, exited, line, _likely(found, called), called, *fault)


def _likely(found: list[Source], called: Address) -> Source:
    """Of several keys of one Secret that which is about the port, if the port is wrong and there is one."""
    return next((source for source in found if called.port is not None and sources.PORT.search(source.variable.upper())), found[0])


def _fault(case: Case, exited: Exit, line: LogLine, called: Address) -> tuple[Sentence, str] | None:
    """What is wrong with the address, and the remedy."""
    namespace = exited.container.pod.namespace or ""
    service = calls.service_named(case, namespace, called.host)
    if service is not None:
        if not calls.lacks_port(service, called.port):
            return None
        port = service.many("spec.ports")[0].get("port")
        shown = case.book.object(service, "spec.ports")
        words = f"Service {{service}} has port `{port}`, not {{port}}."
        text = cite(words, shown, line.evidence_id, service=service.name, port=called.port)
        return text, f"port {port} of Service {service.name}"
    namespace = addresses.namespace_in(called.host) or namespace
    if not addresses.is_service_of(called.host, namespace) or not log_signs.is_name_failure(line.text):
        return None
    near, others = calls.near_service(case, namespace, called.host, called.port), case.snap.listed("Service", namespace)
    if near is None or others is None:
        return None
    gone = case.book.absence(others, exited.workload.ref, f"Service {called.host}", f"no Service {called.host} in namespace {namespace}")
    there = case.book.fields(near, "metadata", "name")
    text = cite("Service {address} does not exist; {service} does.", gone, there, line.evidence_id, address=called.host, service=near.name)
    return text, f"Service {near.name}"


def _answer(
    case: Case, focus: Focus, exited: Exit, line: LogLine, source: Source, called: Address, fault: Sentence, wanted: str
) -> Hypothesis:
    obj: SnapshotObject | None = case.snap.at(source.ref)
    title = f"Correct key {source.key} of {source.ref.kind} {source.ref.name} to {wanted}, then restart {exited.workload.name}"
    where = f"{called.host}:{called.port}" if called.port is not None else called.host
    shown = where if where in line.text else called.host
    return focus.hypothesis(
        "wrong_address_in_secret",
        obj if obj is not None else source.ref,
        Level.STRONG,
        exited.opening,
        *failed_connection(line),
        cite("It calls {address}, which is in no setting that Optral can read.", line.evidence_id, address=shown),
        source.sentence("The address in {setting} comes from key {key} of"),
        fault,
        actions=[actions.advice(title, "The program calls the address in the Secret.", source.evidence_id, *fault.evidence_ids)],
    )


RULES = (rule(wrong_address, OF_LOGS, {"wrong_address_in_secret"}),)
