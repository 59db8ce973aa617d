"""An address that leads nowhere: a typo of the caller, a Service that does not exist, or a Service that changed its port.

A name that no Service has may belong to a feature that is switched off, so it counts only with further evidence: a Service of nearly the
same name, a workload of that name, a quota that refuses Services, or a log line of the caller.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.calls import Address
from optral.analysis.reading.case import Case, Focus, cite, containers, template_path
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import Listing, SnapshotObject, dicts
from optral.analysis.remedies import actions
from optral.analysis.remedies.edits import Edit, edit
from optral.analysis.rules import quotas, reach
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.quotes import changed, failed_connection
from optral.analysis.rules.rule import ADDRESS, PORTS, rule
from optral.kit.words import counted
from optral.kube import addresses
from optral.kube.diff import pointer
from optral.kube.names import nearest
from optral.kube.settings import Setting, differ
from optral.terms.refs import ObjectRef

CAUSES = {"wrong_dependency_address", "service_missing", "service_port_mismatch", "quota_exceeded"}


class Call(NamedTuple):
    """An address that a workload calls.

    `opening` are the sentences that lead to it, `line` a log line that reports a failed connection. `is_reported`: the issue itself is
    about an address, so a similar name needs no further evidence.
    """

    case: Case
    focus: Focus
    workload: SnapshotObject
    address: Address
    opening: tuple[Sentence, ...]
    line: LogLine | None
    is_reported: bool = False

    @property
    def namespace(self) -> str:
        return self.workload.namespace or ""

    @property
    def is_confirmed(self) -> bool:
        """Whether the call is known to fail."""
        return self.line is not None or self.is_reported


def missing(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is a Service that does not exist. Every address of the workload is checked."""
    workload = case.workload(focus.obj)
    for address in calls.of_template(case, workload, template_path(workload.kind)):
        named = cite(
            f"{workload.short_kind} `{workload.name}` calls {{address}}.",
            case.book.fields(workload, "metadata", "name"),
            address.evidence_id,
            address=address.host,
        )
        line = _line_about(case, workload, address.host)
        yield from check(Call(case, focus, workload, address, (named,), line, is_reported=case.question.type == ADDRESS))


def check(call: Call) -> Iterator[Hypothesis]:
    """What is wrong with one address."""
    case, host = call.case, call.address.host
    if call.address.service is not None:
        yield from _wrong_alias(call, call.address.service)
        yield from _wrong_port(call, call.address.service)
    elif (found := _as_detected(call)) is not None:
        yield found
    elif (namespace := addresses.namespace_in(host)) is not None and namespace != call.namespace:
        yield from _missing_namespace(call, namespace)
        yield from _wrong_namespace(call, namespace)
        yield from _wrong_port_elsewhere(call, namespace)
    elif addresses.is_service_of(host, call.namespace) and (others := case.snap.listed("Service", call.namespace)) is not None:
        near = calls.near_service(case, call.namespace, call.address.host, call.address.port)
        target = _workload_named(case, call.namespace, host)
        if near is not None and (target is None or target.name != host.partition(".")[0]):
            yield _typo(call, near, others)
        elif call.is_confirmed:
            yield from _absent(call, target, others)


def _as_detected(call: Call) -> Hypothesis | None:
    """A name of another namespace, or one that no Service has, as the detector saw: other namespaces are not part of the snapshot."""
    case, address, facts = call.case, call.address, call.case.question.facts
    if facts.get("host") != address.host or facts.get("case") not in _DETECTED:
        return None
    detected = case.book.fact(case.question.resource, facts, "case", "host", "nearest", "offers")
    near = facts.get("nearest")
    if not isinstance(near, str):
        words = "{setting} names {address}, and the cluster has no such Service."
        return _wrong_address(call, [_stated(call, words, detected)], Level.STRONG)
    name, _, namespace = near.partition(".")
    if namespace == call.namespace or (not namespace and calls.near_service(case, call.namespace, address.host, address.port) is not None):
        return None  # in the snapshot, and checked there
    does = f"Service `{name}` is in namespace `{namespace}`" if namespace else f"Service `{name}` does"
    words = f"{{setting}} names {{address}}, which does not exist; {does}."
    wrong = ".".join(address.host.split(".")[:2])
    correction = Correction(f"it should name {near}", wrong, near)
    return _wrong_address(call, [_stated(call, words, detected)], Level.STRONG, correction)


def _wrong_alias(call: Call, service: SnapshotObject) -> Iterator[Hypothesis]:
    """The Service is an alias (ExternalName) of one that does not exist, as the detector saw."""
    case, facts = call.case, call.case.question.facts
    if facts.get("case") != "aliasWrong" or facts.get("host") != call.address.host:
        return
    near = facts.get("nearest")
    detected = case.book.fact(case.question.resource, facts, "case", "host", "externalName", "nearest")
    shown = case.book.object(service, "spec.externalName")
    words = f"{{setting}} names {{address}}, an alias of `{facts.get('externalName')}`, which does not exist"
    correction = f" to {near}.svc.cluster.local" if isinstance(near, str) else ""
    yield call.focus.hypothesis(
        "wrong_dependency_address",
        service,
        Level.STRONG,
        *call.opening,
        _stated(call, words + (f"; `{near}` does." if near else "."), shown, detected),
        actions=[
            actions.advice(f"Correct externalName of Service {service.name}{correction}", "The name does not resolve.", shown, detected)
        ],
    )


_DETECTED = frozenset({"nameWrong", "namespaceWrong", "namespaceMissing", "nameUnknown"})


def _missing_namespace(call: Call, namespace: str) -> Iterator[Hypothesis]:
    """The namespace in the address does not exist. Objects of other namespaces are not part of the snapshot."""
    case = call.case
    known = case.snap.listed("Namespace") if call.line is not None else None
    if known is None or not known.objects or namespace in known.names:
        return
    near = nearest(namespace, known.names)
    closest = "" if near is None else f"; the closest name is {near}"
    gone = case.book.absence(known, call.workload.ref, f"Namespace {namespace}", f"no namespace {namespace}{closest}")
    words = _stated(call, f"{{setting}} names {{address}} in namespace `{namespace}`, which does not exist.", gone)
    more = [] if near is None else [cite(f"Namespace `{near}` exists.", gone)]
    yield _wrong_address(call, [words, *more], Level.STRONG)


def _wrong_namespace(call: Call, namespace: str) -> Iterator[Hypothesis]:
    """The caller's own namespace has a Service of this name and the one in the address has none, as the detector or the caller reports."""
    case, address = call.case, call.address
    here = case.snap.find("Service", call.namespace, address.host.partition(".")[0])
    facts = case.question.facts
    is_detected = facts.get("case") == "namespaceWrong" and facts.get("host") == address.host
    if here is None or not (is_detected or call.line is not None) or not _offers(here, address.port):
        return
    detected = [case.book.fact(case.question.resource, facts, "case", "nearest")] if is_detected else []
    exists = case.book.fields(here, "metadata", "name", "namespace")
    words = f"{{setting}} names {{address}} in namespace `{namespace}`, but Service `{here.name}` is in `{call.namespace}`."
    level = Level.STRONG if is_detected else Level.LIKELY
    yield _wrong_address(call, [_stated(call, words, exists, *detected)], level)


def _offers(service: SnapshotObject, port: int | None) -> bool:
    return port is None or port in [offered.get("port") for offered in service.many("spec.ports")]


def _wrong_port_elsewhere(call: Call, namespace: str) -> Iterator[Hypothesis]:
    """A port that a Service of another namespace does not have, as the detector saw: that Service is not part of the snapshot."""
    case, address, facts = call.case, call.address, call.case.question.facts
    is_detected = facts.get("case") == "portMissing" and (facts.get("host"), facts.get("port")) == (address.host, address.port)
    if not is_detected or address.port is None:
        return
    detected = case.book.fact(case.question.resource, facts, "case", "host", "port", "nearest", "offers")
    offers = facts.get("offers")
    has = f"has {', '.join(f'`{port}`' for port in offers)}" if isinstance(offers, list) and offers else "does not have it"
    words = f"{{setting}} uses port {{port}} of {{address}}, but Service `{facts.get('nearest')}` in `{namespace}` {has}."
    yield _wrong_address(call, [_stated(call, words, detected, port=address.port)], Level.STRONG)


def _typo(call: Call, near: SnapshotObject, others: Listing) -> Hypothesis:
    host = call.address.host
    text = f"no Service {host} here; the closest name is {near.name}"
    gone = call.case.book.absence(others, call.workload.ref, f"Service {host}", text)
    words = f"{{setting}} names {{address}}, which does not exist; `{near.name}` does."
    level = Level.STRONG if call.is_confirmed else Level.PLAUSIBLE
    correction = Correction(f"it should name {near.name}", host.partition(".")[0], near.name)
    return _wrong_address(call, [_stated(call, words, gone)], level, correction)


def _stated(call: Call, words: str, *evidence_ids: str, **facts: object) -> Sentence:
    """A sentence about the setting and the address that it holds."""
    address = call.address
    return cite(words, address.evidence_id, *evidence_ids, setting=address.variable, address=address.host, **facts)


class Correction(NamedTuple):
    """What an address should say, in words, and the part of it to replace."""

    words: str
    wrong: str
    right: str


def _wrong_address(call: Call, sentences: list[Sentence], level: Level, correction: Correction | None = None) -> Hypothesis:
    """The caller has the wrong address: proven where a recent change set it, else at this level."""
    case, workload, variable = call.case, call.workload, call.address.variable
    change = _change_of(call)
    recent = [] if change is None else [changed(f"`{variable}`", change)]
    where, after = _written_at(call)
    remedies = [
        actions.rollback(case, workload, change.evidence_id) if change is not None and change.ref == workload.ref else None,
        actions.advice(
            f"Correct {variable}{where}" + (f": {correction.words}" if correction is not None else "") + after,
            "Nothing listens at this address.",
            call.address.evidence_id,
            edit=None if correction is None else _corrected(call, correction),
        ),
    ]
    words = (*call.opening, *sentences, *_source(call), *failed_connection(call.line), *recent)
    level = level if change is None else Level.PROVEN
    return call.focus.hypothesis("wrong_dependency_address", workload, level, *words, actions=remedies)


def _change_of(call: Call) -> Change | None:
    """The newest change of the setting, in the template or in the ConfigMap that holds it."""
    setting = call.address.setting
    if (source := setting.source) is None:
        return call.case.changed(call.workload, f"/env/{setting.name}")
    config = call.case.snap.find("ConfigMap", call.namespace, source.config)
    entry = setting.name if source.line else source.key
    return None if config is None else call.case.changed(config, pointer(("addresses", f"{source.key} {entry}"))[1:])


def _written_at(call: Call) -> tuple[str, str]:
    """For the title of a remedy: where a setting is if not in the template, and what its workload needs afterwards."""
    source = call.address.setting.source
    return ("", "") if source is None else (f" in {source}", f"; then restart {call.workload.name}")


def _source(call: Call) -> Iterator[Sentence]:
    """The key of the ConfigMap that holds the address, and the value that does not count because of it."""
    setting = call.address.setting
    if (source := setting.source) is not None:
        line = {"line": source.line} if source.line else {}
        words = "It is in key {key} of ConfigMap {object}" + (", line {line}." if line else ".")
        yield cite(words, call.address.evidence_id, key=source.key, object=source.config, **line)
    yield from overridden(call.case, call.workload, setting)


def overridden(case: Case, workload: SnapshotObject, setting: Setting) -> Iterator[Sentence]:
    """The value of the same variable that does not count, if it is another one."""
    hidden = [one for one in setting.shadowed if one.text and differ(setting, one)]
    if hidden:
        first, last = (str(one.source or "env") for one in (hidden[-1], setting))
        said = f"{setting.name} is set to {hidden[-1].text} ({first}), then to {setting.text} ({last})"
        twice = case.book.relation(workload.ref, "env", said)
        yield cite(
            f"It is also set to `{hidden[-1].text}` in `{first}`; the value in `{last}` takes precedence, because it comes last.", twice
        )


def _corrected(call: Call, correction: Correction) -> Edit | None:
    """The change of the variable, if it holds what is wrong exactly once."""
    path, wrong = f"{template_path(call.workload.kind)}.containers", re.compile(rf"{re.escape(correction.wrong)}(?!\d)")
    for index, _ in call.workload.indexed(path):
        for place, variable in call.workload.indexed(f"{path}[{index}].env"):
            value = variable.get("value")
            if variable.get("name") == call.address.variable and isinstance(value, str) and len(wrong.findall(value)) == 1:
                right = wrong.sub(lambda _: correction.right, value)
                return edit(call.workload, (*path.split("."), index, "env", place, "value"), right)
    return None


class _Levels(NamedTuple):
    """How well a port mismatch is explained by the Service, and by the caller."""

    service: Level | None
    caller: Level


PORT: Table[_Levels] = Table(
    row(_Levels(Level.STRONG, Level.POSSIBLE), "same", "not other", "confirmed"),
    row(_Levels(Level.LIKELY, Level.POSSIBLE), "same", "not other"),
    row(_Levels(Level.LIKELY, Level.POSSIBLE), "of_pods", "not other", "confirmed"),
    row(_Levels(Level.PLAUSIBLE, Level.POSSIBLE), "of_pods", "not other"),
    row(_Levels(None, Level.STRONG), "confirmed"),
    row(_Levels(None, Level.PLAUSIBLE)),
)
"""A Service exists and does not have the port that is called. The signs:

- `same`: another workload calls the same port; `other`: another workload calls another port;
- `of_pods`: the pods listen on this port;
- `confirmed`: a log line or the issue itself says that the call fails.
"""


def _wrong_port(call: Call, service: SnapshotObject) -> Iterator[Hypothesis]:
    case, port = call.case, call.address.port
    detected: list[str] = []
    facts = case.question.facts
    if port is None and facts.get("case") == "portMissing" and facts.get("host") == call.address.host:
        port, detected = facts.get("port"), [case.book.fact(case.question.resource, facts, "case", "host", "port")]  # that of its scheme
    ports = [offered.get("port") for offered in service.many("spec.ports")]
    if not isinstance(port, int) or not ports or port in ports or service.text("spec.type") == "ExternalName":
        return  # an alias forwards nothing: its ports mean nothing
    shown = case.book.object(service, "spec.ports")
    words = f"{{setting}} uses port {{port}} of {{address}}, but the Service has `{ports[0]}`."
    mismatch = _stated(call, words, shown, *detected, port=port)
    same, other = _other_callers(case, call.workload, service, port)
    is_of_pods = port in _target_ports(service) or port in _container_ports(case, service)
    levels = PORT.decide(same=bool(same), other=bool(other), of_pods=is_of_pods, confirmed=call.is_confirmed)
    if levels.service is not None:
        more = failed_connection(call.line)
        if same:
            more.append(cite(f"`{same[0]}` uses the same port.", _users(case, service, port, same)))
        else:
            more.append(cite("This is the port that its pods listen on.", shown, call.address.evidence_id))
        yield call.focus.hypothesis(
            "service_port_mismatch",
            service,
            levels.service,
            *call.opening,
            mismatch,
            *more,
            actions=[actions.advice(f"Correct the port of Service {service.name}", "Its callers use another port.", shown)],
        )
    correction = Correction(f"it should use port {ports[0]}", f":{port}", f":{ports[0]}") if len(ports) == 1 else None
    yield _wrong_address(call, [mismatch], levels.caller, correction)


def unserved_port(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is about a Service's ports: all its callers use a port that it does not have."""
    service = focus.obj
    ports = {port.get("port") for port in service.many("spec.ports")}
    if service.kind != "Service" or not ports:
        return
    callers = _callers_by_port(case, service)
    if not callers or callers.keys() & ports:
        return
    port, found = max(callers.items(), key=lambda item: (len(item[1]), -item[0]))
    workload, address = found[0]
    shown = case.book.object(service, "spec.ports")
    named = case.book.fields(workload, "metadata", "name")
    names = sorted({caller.name for caller, _ in found})
    users, declared = _users(case, service, port, names), _container_ports(case, service)
    has = cite(f"Service `{service.name}` has port `{service.get('spec.ports[0].port')}`.", shown)
    words = f"`{workload.name}` uses port {{port}} of {{address}}, set in {{setting}}."
    uses = cite(words, named, address.evidence_id, port=port, address=address.host, setting=address.place)
    none = cite("No caller uses a port that the Service has.", users)
    is_served = port not in declared and bool(ports & declared)
    if is_served and len(callers) == len(names) == 1:
        call = Call(case, focus, workload, address, (has, uses), None, is_reported=True)
        listens = cite("Its pods declare the port of the Service, and no other workload is known to call it.", shown, users)
        yield _wrong_address(call, [listens], Level.LIKELY)
    level = Level.PLAUSIBLE if is_served else Level.LIKELY
    yield focus.hypothesis(
        "service_port_mismatch",
        service,
        Level.STRONG if len(names) > 1 or port in declared else level,
        has,
        uses,
        none,
        actions=[actions.advice(f"Correct the port of Service {service.name}", "Its callers use another port.", shown, users)],
    )


def _users(case: Case, service: SnapshotObject, port: int, names: Sequence[str]) -> str:
    """The evidence that these workloads use a port."""
    said = f"port {port} is used by {counted(len(names), 'workload')}: {', '.join(names[:5])}"
    return case.book.relation(service.ref, "callers", said)


def _calls_to(case: Case, service: SnapshotObject, namespace: str | None) -> Iterator[tuple[SnapshotObject, Address, int]]:
    """(workload, address, port) of each address that leads to a port of a Service, in a namespace, or in all that are read."""
    for workload, addresses_of in calls.of_workloads(case, namespace):
        for address in addresses_of:
            if address.service is not None and address.service.ref == service.ref and address.port is not None:
                yield workload, address, address.port


def _callers_by_port(case: Case, service: SnapshotObject) -> dict[int, list[tuple[SnapshotObject, Address]]]:
    found: dict[int, list[tuple[SnapshotObject, Address]]] = {}
    for workload, address, port in _calls_to(case, service, None):
        found.setdefault(port, []).append((workload, address))
    return found


def _other_callers(case: Case, workload: SnapshotObject, service: SnapshotObject, port: int) -> tuple[list[str], list[str]]:
    """Names of the other workloads that call the Service: on this port, and on another one."""
    same: set[str] = set()
    other: set[str] = set()
    for caller, _, called in _calls_to(case, service, workload.namespace):
        if (caller.name, caller.kind) != (workload.name, workload.kind):
            (same if called == port else other).add(caller.name)
    return sorted(same), sorted(other)


def _target_ports(service: SnapshotObject) -> set[object]:
    return {port.get("targetPort", port.get("port")) for port in service.many("spec.ports")}


def _container_ports(case: Case, service: SnapshotObject) -> set[object]:
    """Ports that the pods behind a Service declare."""
    pod = next(reach.backends(case, service), None)
    specs = pod.many("spec.containers") if pod is not None else []
    return {port.get("containerPort") for spec in specs for port in dicts(spec.get("ports"))}


def _workload_named(case: Case, namespace: str, host: str) -> SnapshotObject | None:
    """The workload that a Service of this name would select."""
    name = host.partition(".")[0]
    for kind in calls.CALLERS:
        if (found := case.snap.find(kind, namespace, name)) is not None:
            return found
    workloads = (obj for kind in calls.CALLERS for obj in case.snap.all(kind, namespace))
    return next((obj for obj in workloads if name in obj.map("spec.template.metadata.labels").values()), None)


def _absent(call: Call, target: SnapshotObject | None, others: Listing) -> Iterator[Hypothesis]:
    """No Service has this name or a similar one: a quota refused it, it was never created, or it was deleted."""
    case, focus, address = call.case, call.focus, call.address
    name = address.host.partition(".")[0]
    gone = case.book.absence(others, call.workload.ref, f"Service {name}", f"no Service {name} in namespace {call.namespace}")
    sentences = [*call.opening, cite("Service {object} does not exist.", gone, object=name)]
    if target is not None:
        exists = case.book.fields(target, "metadata", "name", "labels")
        selects = case.book.relation(target.ref, "pods", f"Service {name} would select {target.short_kind} {target.name}")
        sentences.append(cite(f"{target.short_kind} `{target.name}` exists, but no Service selects it.", exists, selects))
    sentences += failed_connection(call.line)
    for quota in quotas.full_for(case, call.namespace, "services"):
        title = f"Raise the quota {quota.obj.name}, then create Service {name}"
        yield focus.hypothesis(
            "quota_exceeded",
            quota.obj,
            Level.PROVEN if target is not None or call.line is not None else Level.LIKELY,
            *sentences,
            quota.sentence,
            actions=[actions.advice(title, "It allows no more Services.", *quota.sentence.evidence_ids)],
        )
    create = f"Create Service {name}, or correct {address.place}"
    is_named = call.line is not None and logs.names(call.line.text, address.host)
    yield focus.hypothesis(
        "service_missing",
        ObjectRef("Service", call.namespace, name),
        Level.STRONG if target is not None or is_named else Level.LIKELY if call.line is not None else Level.POSSIBLE,
        *sentences,
        actions=[actions.advice(create, "The name does not resolve.", gone, address.evidence_id)],
    )


def _line_about(case: Case, workload: SnapshotObject, host: str) -> LogLine | None:
    """A log line of the workload that reports a failed connection to this host."""
    seen = (container for pod in case.live_pods(workload)[:3] for container in containers(pod))
    texts = (entry for container in seen for entry in case.logs(container))
    for key, text in texts:
        for sign in logs.signs(text):
            if sign.kind == "dependency" and logs.names(sign.line, host.partition(".")[0]):
                return LogLine(case.book.log(key, sign.line), sign.line)
    return None


RULES = (
    rule(missing, {ADDRESS}, CAUSES, version=3),
    rule(unserved_port, {PORTS}, {"service_port_mismatch", "wrong_dependency_address"}, version=2),
)
