"""Routes of a gateway's configuration that lead to another Service than the one of their path (`kube/misroutes.py`).

How routes are named is no failure. It explains one: a container whose log shows that requests to such a path fail, or a Service that does
not exist. Where requests to the path succeed as well, the route is right. The Service that should be reached is the subject, since nothing
else shows why its clients do not reach it.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls, logs
from optral.analysis.reading.case import Case, Focus, cite, template_path
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import exits
from optral.analysis.rules.containers import LogLine
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import changed, quote_line
from optral.analysis.rules.rule import ADDRESS, LOGGING, rule
from optral.analysis.rules.run_logs import Text
from optral.kube import access_logs, addresses, calls as kube_calls, config_files, misroutes, settings
from optral.kube.diff import pointer
from optral.kube.misroutes import Misroute, Target
from optral.kube.objects import ConfigMap

MAX_WORKLOADS = 200  # of a namespace that are looked at for those that read a file
MAX_LOGS = 40
REFUSALS = ("404", "405")
LEVEL: Table[Level | None] = Table(
    row(None, "succeeds"),
    row(Level.PROVEN, "missing", "reported"),
    row(Level.PROVEN, "fails", "changed"),
    row(Level.STRONG, "fails", "refused"),
    row(Level.LIKELY, "fails"),
    row(Level.POSSIBLE, "of_gateway", "silent"),
    row(None),
)
"""How well a misroute explains the focus. The signs:

- `missing`: no Service has the name that the route leads to; `reported`: the issue or the log is about this name;
- `fails`: the log of the container shows requests to the path that fail; `succeeds`: half of them or more succeed;
- `refused`: the server does not know the path (404, 405), as one that is reached by mistake says;
- `changed`: the history shows that the route was changed;
- `of_gateway`: the container reads the file; `silent`: its log shows no path.
"""


class _Found(NamedTuple):
    """A misroute, the ConfigMap that holds it, and the workloads that read it."""

    misroute: Misroute
    config: SnapshotObject
    readers: tuple[SnapshotObject, ...]

    @property
    def place(self) -> str:
        return f"ConfigMap {self.config.name}, key {self.misroute.route.key}, line {self.misroute.route.line}"


def misrouted(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The first misroute that explains the requests that fail, or the Service that does not exist."""
    namespace = focus.obj.namespace or ""
    if not case.snap.sees("Service") or not (found := case.once(_of_namespace, namespace)):
        return
    yield from islice((one for each in found for one in _explained(case, focus, each)), 1)


def _explained(case: Case, focus: Focus, found: _Found) -> Iterator[Hypothesis]:
    exited = exits.read(case, focus) if focus.symptom == LOGGING else None
    subject = case.snap.find("Service", found.config.namespace, found.misroute.expected)
    if subject is None or (exited is None and focus.symptom == LOGGING):
        return
    seen, change = _seen(case, found, exited), _change(case, found)
    level = LEVEL.decide(missing=found.misroute.is_missing, changed=change is not None, **seen.signs)
    if level is None:
        return
    yield focus.hypothesis(
        "route_backend_wrong",
        subject,
        level,
        *([] if exited is None else [exited.opening]),
        *([] if seen.line is None else [quote_line("The log reports a request that fails", seen.line)]),
        *_stated(case, found, subject),
        *([] if change is None else [changed("The route", change)]),
        actions=[
            actions.advice(
                f"Route {found.misroute.route.path} to {subject.name} in {found.place}, then restart {found.readers[0].name}",
                "Requests to this path do not reach their Service.",
                case.book.fields(subject, "metadata", "name"),
            )
        ],
    )


def _stated(case: Case, found: _Found, subject: SnapshotObject) -> Iterator[Sentence]:
    misroute, route = found.misroute, found.misroute.route
    others = "; ".join(f"{one.route.path} to {one.service}" for one in misroute.alike[:5])
    text = f"{route.key}, line {route.line}: {route.path} leads to {route.upstream}; other routes: {others}; none leads to {subject.name}"
    shown, reads = case.book.relation(found.config.ref, "routes", text), case.book.fields(found.readers[0], "metadata", "name")
    named = {"object": found.config.name, "key": route.key, "line": route.line, "path": route.path, "service": misroute.wrong}
    end = ", which does not exist." if misroute.is_missing else "."
    yield cite(f"Line {{line}} of key {{key}} in ConfigMap {{object}} routes {{path}} to {{service}}{end}", shown, reads, **named)
    of_paths = f"other routes lead to the Services of their paths, such as `{misroute.alike[0].route.path}`"
    exists = case.book.fields(subject, "metadata", "name")
    yield cite(f"`{subject.name}` is the Service for this path, and no route in a ConfigMap leads to it; {of_paths}.", exists, shown)


def _change(case: Case, found: _Found) -> Change | None:
    route = found.misroute.route
    return case.changed(found.config, pointer(("routes", f"{route.key} {route.host}{route.path}"))[1:])


# --- what the logs show


class _Seen(NamedTuple):
    """What the issue and the log show of a route: signs of `LEVEL`, and a line."""

    signs: dict[str, bool]
    line: LogLine | None = None


def _seen(case: Case, found: _Found, exited: Exit | None) -> _Seen:
    route = found.misroute.route
    is_reported = case.question.facts.get("host") == route.target
    if exited is None:
        return _Seen({**dict.fromkeys(("fails", "refused", "succeeds", "of_gateway", "silent"), False), "reported": is_reported})
    failed, statuses = _requests(case, [*exited.log.texts, *case.logs(exited.container)], route.path)
    refused = sum(statuses[status] for status in REFUSALS)
    count = refused + sum(number for status, number in statuses.items() if status[0] == "5")
    line = exited.lines.get("dependency")
    names_it = line is not None and logs.names(line.text, route.target)
    signs = {
        "reported": is_reported or names_it,
        "fails": failed is not None,
        "refused": refused > 0,
        "succeeds": 2 * count <= statuses.total() > 0,
        "of_gateway": any(exited.workload.uid == reader.uid for reader in found.readers),
        "silent": not any(access_logs.answered(one.text) for one in exited.lines.values()),
    }
    return _Seen(signs, failed or (line if names_it else None))


def _requests(case: Case, texts: list[Text], path: str) -> tuple[LogLine | None, Counter[str]]:
    """The newest request to a path that failed, and how many there are, by status."""
    failed, statuses = None, Counter[str]()
    for key, text in texts[:MAX_LOGS]:
        for line in reversed(logs.lines(text)):
            asked = access_logs.answered(line) if path in line else None
            if asked is not None and f"{asked[0]}/".startswith(f"{path}/"):
                statuses[asked[1]] += 1
                is_failure = asked[1] in REFUSALS or asked[1][0] == "5"
                failed = failed or (LogLine(case.book.log(key, line), line) if is_failure else None)
    return failed, statuses


# --- the files


def _of_namespace(case: Case, namespace: str) -> list[_Found]:
    """The misroutes in the ConfigMaps of a namespace that its workloads read."""
    tables: list[tuple[SnapshotObject, tuple[SnapshotObject, ...], list[Target]]] = []
    for config in case.snap.all("ConfigMap", namespace):
        if config_files.ROUTES in config.raw and (readers := _readers(case, config)):
            decoded = kube_calls.decode_config(config.raw)
            keys = dict.fromkeys(route.key for route in decoded.routes)
            tables += [(config, readers, _targets(case, decoded, key, readers)) for key in keys]
    services = {service.name for service in case.snap.all("Service", namespace) if service.map("spec.selector")} if tables else set()
    found = misroutes.find([targets for _, _, targets in tables], services)
    return [_Found(one, *tables[one.table][:2]) for one in found if _is_clear(case, namespace, one)]


def _readers(case: Case, config: SnapshotObject) -> tuple[SnapshotObject, ...]:
    found = calls.callers(case, config.namespace, at_most=MAX_WORKLOADS)
    return tuple(one for one in found if any(config.name in _names(one, index) for index, _ in one.indexed(_containers(one))))


def _containers(workload: SnapshotObject) -> str:
    return f"{template_path(workload.kind)}.containers"


def _names(workload: SnapshotObject, index: int) -> Iterator[str]:
    container = kube_calls.decode_container(workload.map(f"{_containers(workload)}[{index}]"))
    return settings.names_of_configs(container, kube_calls.decode_volumes(workload.many(f"{template_path(workload.kind)}.volumes")))


def _targets(case: Case, config: ConfigMap, key: str, readers: tuple[SnapshotObject, ...]) -> list[Target]:
    configs = partial(calls.config, case, config.metadata.namespace)
    trees = (reader.map(f"{_containers(reader)}[{index}]") for reader in readers for index, _ in reader.indexed(_containers(reader)))
    environments = (settings.environment(kube_calls.decode_container(tree), configs) for tree in trees)
    variables = {name: setting.text for environment in environments for name, setting in environment.items()}
    return misroutes.table(config, key, variables, partial(_service, case, config.metadata.namespace))


def _service(case: Case, namespace: str, host: str) -> str | None:
    """The Service that a host means, as `Target` has it."""
    service = calls.service_named(case, namespace, host)
    if service is None:
        return None if addresses.is_service_of(host, namespace) else host
    return service.name if service.namespace == namespace else host


def _is_clear(case: Case, namespace: str, one: Misroute) -> bool:
    """Whether the two Services have pods of their own, and the one that is reached does not call the other: then it stands before it."""
    pods = {name: {pod.uid for pod in _pods(case, namespace, name)} for name in (one.wrong, one.expected)}
    if one.is_missing or not pods[one.wrong]:
        return True
    if pods[one.wrong] & pods[one.expected]:
        return False
    reached = case.workload(next(_pods(case, namespace, one.wrong)))
    return all(address.service is None or address.service.name != one.expected for address in calls.of_workload(case, reached))


def _pods(case: Case, namespace: str, name: str) -> Iterator[SnapshotObject]:
    service = case.snap.find("Service", namespace, name)
    return iter(() if service is None else case.snap.selected(service.strings("spec.selector"), namespace))


RULES = (rule(misrouted, {LOGGING, ADDRESS}, {"route_backend_wrong"}),)
