"""An address that leads nowhere: a slip of the caller, a Service that is not there, or a Service that changed its port.

A name nobody has may belong to a feature nobody switched on, so it counts only with something beside it: a Service of nearly the same name,
a workload that the name means, a quota that refuses Services, or the caller's own complaint.
"""

from collections.abc import Iterator

from optral.analysis import actions, calls, logs
from optral.analysis.calibration import Level
from optral.analysis.calls import Address
from optral.analysis.case import WORKLOADS, Case, Focus, cite, containers, template_path
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules import quotas
from optral.analysis.rules.quotes import quoting
from optral.analysis.rules.rule import ADDRESS, PORTS, rule
from optral.analysis.snapshot import Thing
from optral.kube import addresses
from optral.kube.names import nearest
from optral.terms.refs import ObjectRef

Heard = tuple[str, str]
"""(evidence id, line) of a log line that says that something could not be reached."""
CAUSES = {"wrong_dependency_address", "service_missing", "service_port_mismatch", "quota_exceeded"}


def missing(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue says that a workload calls a Service that is not there. Everything the workload calls is looked at."""
    workload = case.workload(focus.thing)
    for address in calls.of_template(case, workload, template_path(workload.kind)):
        named = cite(
            f"{workload.short_kind} `{workload.name}` calls `{address.host}`.",
            case.book.fields(workload, "metadata", "name"),
            address.evidence_id,
        )
        heard = _heard(case, workload, address.host)
        yield from judge(case, focus, workload, address, [named], heard, is_asked=case.question.type == ADDRESS)


def judge(
    case: Case, focus: Focus, workload: Thing, address: Address, opening: list[Sentence], heard: Heard | None, *, is_asked: bool = False
) -> Iterator[Hypothesis]:
    """One address. `is_asked`: the issue itself is about an address, so a near name needs no further proof."""
    if address.service is not None:
        yield from _port(case, focus, workload, address, address.service, opening, heard, is_asked=is_asked)
        return
    namespace = workload.namespace or ""
    if (space := addresses.namespace_in(address.host)) is not None and space != namespace:
        yield from _other_namespace(case, focus, workload, address, space, opening, heard)
        yield from _left_home(case, focus, workload, address, space, opening, heard)
        yield from _port_elsewhere(case, focus, workload, address, space, opening, heard)
        return
    if not addresses.is_service_of(address.host, namespace) or not case.snap.sees("Service"):
        return
    near = calls.near_service(case, namespace, address)
    meant = _meant(case, namespace, address.host)
    if near is not None and (meant is None or meant.name != address.host.partition(".")[0]):
        yield _slip(case, focus, workload, address, near, opening, heard, is_asked=is_asked)
    elif is_asked or heard is not None:
        yield from _absent(case, focus, workload, address, meant, opening, heard)


def _other_namespace(
    case: Case, focus: Focus, workload: Thing, address: Address, space: str, opening: list[Sentence], heard: Heard | None
) -> Iterator[Hypothesis]:
    """A name in another namespace; that namespace itself may not be there. What it holds is not read here."""
    spaces = [one.name for one in case.snap.all("Namespace")]
    if heard is None or not spaces or space in spaces or not case.snap.sees("Namespace"):
        return
    near = nearest(space, spaces)
    gone = case.book.absence(
        workload.ref, f"Namespace {space}", f"no namespace {space}" + (f"; the closest name is {near}" if near is not None else "")
    )
    words = cite(f"`{address.variable}` names namespace `{space}`, which does not exist.", address.evidence_id, gone)
    more = [cite(f"Namespace `{near}` exists.", gone)] if near is not None else []
    yield _caller(case, focus, workload, address, [*opening, words, *more], heard, sure=Level.STRONG)


def _left_home(
    case: Case, focus: Focus, workload: Thing, address: Address, space: str, opening: list[Sentence], heard: Heard | None
) -> Iterator[Hypothesis]:
    """The caller's own namespace has a Service of this name, and the other one has none: the detector saw it, or the caller says so."""
    own = workload.namespace or ""
    here = case.snap.find("Service", own, address.host.partition(".")[0])
    facts = case.question.facts
    is_seen = facts.get("case") == "namespaceWrong" and facts.get("host") == address.host
    ports = [one.get("port") for one in here.many("spec.ports")] if here is not None else []
    if here is None or not (is_seen or heard is not None) or (address.port is not None and address.port not in ports):
        return
    proof = [case.book.fact(case.question.resource, facts, "case", "nearest")] if is_seen else []
    has = case.book.fields(here, "metadata", "name", "namespace")
    words = cite(
        f"`{address.variable}` names namespace `{space}`, but Service `{here.name}` is in `{own}`.", address.evidence_id, has, *proof
    )
    yield _caller(case, focus, workload, address, [*opening, words], heard, sure=Level.STRONG if is_seen else Level.LIKELY)


def _port_elsewhere(
    case: Case, focus: Focus, workload: Thing, address: Address, space: str, opening: list[Sentence], heard: Heard | None
) -> Iterator[Hypothesis]:
    """A port that a Service of another namespace does not have. That namespace is not read here: the detector saw the Service."""
    facts = case.question.facts
    is_seen = facts.get("case") == "portMissing" and (facts.get("host"), facts.get("port")) == (address.host, address.port)
    if not is_seen or address.port is None:
        return
    proof = case.book.fact(case.question.resource, facts, "case", "host", "port", "nearest", "offers")
    offers = facts.get("offers")
    has = f"has {', '.join(f'`{one}`' for one in offers)}" if isinstance(offers, list) and offers else "does not have it"
    words = f"`{address.variable}` uses port `{address.port}` of `{address.host}`, but Service `{facts.get('nearest')}` in `{space}` {has}."
    yield _caller(case, focus, workload, address, [*opening, cite(words, address.evidence_id, proof)], heard, sure=Level.STRONG)


def _slip(
    case: Case,
    focus: Focus,
    workload: Thing,
    address: Address,
    near: Thing,
    opening: list[Sentence],
    heard: Heard | None,
    *,
    is_asked: bool,
) -> Hypothesis:
    gone = case.book.absence(workload.ref, f"Service {address.host}", f"no Service {address.host} here; the closest name is {near.name}")
    words = cite(f"`{address.variable}` names `{address.host}`, which does not exist; `{near.name}` does.", address.evidence_id, gone)
    return _caller(
        case, focus, workload, address, [*opening, words], heard, sure=Level.STRONG if heard is not None or is_asked else Level.PLAUSIBLE
    )


def _caller(
    case: Case, focus: Focus, workload: Thing, address: Address, sentences: list[Sentence], heard: Heard | None, *, sure: Level
) -> Hypothesis:
    back = case.changed(workload, f"/env/{address.variable}")
    more = [quoting("The log reports a failed connection", heard[1], heard[0])] if heard is not None else []
    if back is not None:
        more.append(cite("The newest revision changed it.", back.evidence_id))
    remedies = [
        actions.rollback(case, workload, back.evidence_id) if back is not None else None,
        actions.advice(f"Correct {address.variable}", "Nothing listens at this address.", address.evidence_id),
    ]
    level = Level.PROVEN if back is not None else sure
    return case.hypothesis("wrong_dependency_address", workload, level, *sentences, *more, focus=focus, actions=remedies)


def _port(
    case: Case,
    focus: Focus,
    workload: Thing,
    address: Address,
    service: Thing,
    opening: list[Sentence],
    heard: Heard | None,
    *,
    is_asked: bool,
) -> Iterator[Hypothesis]:
    """The Service is there and has not the port that is asked for. Who is wrong? Whoever stands alone."""
    ports = [one.get("port") for one in service.many("spec.ports")]
    if address.port is None or not ports or address.port in ports:
        return
    shown = case.book.object(service, "spec.ports")
    words = cite(
        f"`{address.variable}` uses port `{address.port}` of `{address.host}`, but the Service has `{ports[0]}`.",
        address.evidence_id,
        shown,
    )
    same, other = _other_callers(case, workload, service, address.port)
    targets = {one.get("targetPort", one.get("port")) for one in service.many("spec.ports")}
    is_of_pods = address.port in targets or address.port in _listened(case, service)
    blames_service = Level.STRONG if same and not other else Level.LIKELY if is_of_pods and not other else Level.HINT
    if heard is None and not is_asked:
        blames_service = blames_service.lowered()
    told = [quoting("The log reports a failed connection", heard[1], heard[0])] if heard is not None else []
    if same:
        counted = case.book.relation(service.ref, "callers", f"{len(same)} more workloads use port {address.port}: {', '.join(same[:5])}")
        told.append(cite(f"`{same[0]}` uses the same port.", counted))
    elif is_of_pods:
        told.append(cite("This is the port that its pods listen on.", shown, address.evidence_id))
    if blames_service >= Level.PLAUSIBLE:
        yield case.hypothesis(
            "service_port_mismatch",
            service,
            blames_service,
            *opening,
            words,
            *told,
            focus=focus,
            actions=[actions.advice(f"Correct the port of Service {service.name}", "Its callers use another port.", shown)],
        )
    sure = (Level.STRONG if heard is not None or is_asked else Level.PLAUSIBLE) if blames_service < Level.PLAUSIBLE else Level.POSSIBLE
    yield _caller(case, focus, workload, address, [*opening, words], heard, sure=sure)


def asked_in_vain(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The issue is about a Service's ports: what its callers ask it for, and it has not."""
    service = focus.thing
    ports = {one.get("port") for one in service.many("spec.ports")}
    if service.kind != "Service" or not ports:
        return
    asked: dict[int, list[tuple[Thing, Address]]] = {}
    for kind in WORKLOADS[:3]:
        for thing in case.snap.all(kind, service.namespace):
            for address in calls.of_template(case, thing, template_path(kind)):
                if address.service is not None and address.service.name == service.name and address.port is not None:
                    asked.setdefault(address.port, []).append((thing, address))
    if not asked or asked.keys() & ports:
        return
    port, found = max(asked.items(), key=lambda item: (len(item[1]), -item[0]))
    workload, address = found[0]
    shown = case.book.object(service, "spec.ports")
    named = case.book.fields(workload, "metadata", "name")
    names = sorted({one.name for one, _ in found})
    counted = case.book.relation(service.ref, "callers", f"{len(names)} workloads use port {port}: {', '.join(names[:5])}")
    yield case.hypothesis(
        "service_port_mismatch",
        service,
        Level.STRONG if len(names) > 1 or port in _listened(case, service) else Level.LIKELY,
        cite(f"Service `{service.name}` has port `{service.get('spec.ports[0].port')}`.", shown),
        cite(f"`{workload.name}` uses port `{port}`, configured in `{address.variable}`.", named, address.evidence_id),
        cite("No caller uses a port that it has.", counted),
        focus=focus,
        actions=[actions.advice(f"Correct the port of Service {service.name}", "Its callers use another port.", shown, counted)],
    )


def _other_callers(case: Case, workload: Thing, service: Thing, port: int) -> tuple[list[str], list[str]]:
    """Names of the other workloads that call the Service: those that ask for this port, and those that ask for another."""
    same: list[str] = []
    other: list[str] = []
    for kind in WORKLOADS[:3]:
        for thing in case.snap.all(kind, workload.namespace):
            if thing.name == workload.name and thing.kind == workload.kind:
                continue
            for address in calls.of_template(case, thing, template_path(kind)):
                if address.service is not None and address.service.name == service.name and address.port is not None:
                    (same if address.port == port else other).append(thing.name)
    return sorted(set(same)), sorted(set(other))


def _listened(case: Case, service: Thing) -> set[object]:
    """Ports that pods behind a Service declare."""
    selector = service.map("spec.selector")
    found: set[object] = set()
    for pod in case.snap.all("Pod", service.namespace):
        if selector and all(pod.labels.get(key) == value for key, value in selector.items()):
            for one in pod.many("spec.containers"):
                ports = one.get("ports")
                found |= {port.get("containerPort") for port in ports if isinstance(port, dict)} if isinstance(ports, list) else set()
            break
    return found


def _meant(case: Case, namespace: str, host: str) -> Thing | None:
    """The workload a Service of this name would stand for."""
    name = host.partition(".")[0]
    for kind in WORKLOADS[:3]:
        if (found := case.snap.find(kind, namespace, name)) is not None:
            return found
    for kind in WORKLOADS[:3]:
        for thing in case.snap.all(kind, namespace):
            if name in thing.map("spec.template.metadata.labels").values():
                return thing
    return None


def _absent(
    case: Case, focus: Focus, workload: Thing, address: Address, meant: Thing | None, opening: list[Sentence], heard: Heard | None
) -> Iterator[Hypothesis]:
    """No Service of this name and none that is near: refused by a quota, never made, or deleted."""
    namespace = workload.namespace or ""
    name = address.host.partition(".")[0]
    gone = case.book.absence(workload.ref, f"Service {name}", f"no Service {name} in namespace {namespace}")
    sentences = [*opening, cite(f"Service `{name}` does not exist.", gone)]
    if meant is not None:
        there = case.book.fields(meant, "metadata", "name", "labels")
        made = case.book.relation(meant.ref, "pods", f"Service {name} would select {meant.short_kind} {meant.name}")
        sentences.append(cite(f"{meant.short_kind} `{meant.name}` exists, but no Service selects it.", there, made))
    if heard is not None:
        sentences.append(quoting("The log reports a failed connection", heard[1], heard[0]))
    for quota in quotas.full_for(case, namespace, "services"):
        yield case.hypothesis(
            "quota_exceeded",
            quota.thing,
            Level.PROVEN if meant is not None or heard is not None else Level.LIKELY,
            *sentences,
            quota.sentence,
            focus=focus,
            actions=[
                actions.advice(
                    f"Raise the quota {quota.thing.name}, then create Service {name}",
                    "It allows no more Services.",
                    *quota.sentence.evidence_ids,
                )
            ],
        )
    level = Level.STRONG if meant is not None else Level.LIKELY if heard is not None else Level.POSSIBLE
    yield case.hypothesis(
        "service_missing",
        ObjectRef("Service", namespace, name),
        level,
        *sentences,
        focus=focus,
        actions=[
            actions.advice(f"Create Service {name}, or correct {address.variable}", "The name does not resolve.", gone, address.evidence_id)
        ],
    )


def _heard(case: Case, workload: Thing, host: str) -> Heard | None:
    """A line of a pod of the workload that complains about this very host."""
    for pod in case.live_pods(workload)[:3]:
        for seen in containers(pod):
            for key, text in case.logs(seen):
                for sign in logs.signs(text):
                    if sign.kind == "dependency" and logs.names(sign.line, host.partition(".")[0]):
                        return case.book.log(key, sign.line), sign.line
    return None


RULES = (
    rule(missing, {ADDRESS}, CAUSES, version=3),
    rule(asked_in_vain, {PORTS}, {"service_port_mismatch"}),
)
