"""A container that starts and ends: by its exit, by its last words, by what the newest revision took away, by what it depends on."""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis import actions, calls, logs
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Container, Focus, cite
from optral.analysis.evidence import Change
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules import callers, files, reach, services
from optral.analysis.rules.containers import container_change, exit_id, parts, spec_id
from optral.analysis.rules.decisions import Table, row
from optral.analysis.rules.quotes import quoting
from optral.analysis.rules.rule import CRASH, INIT, JOB, LIVENESS, READINESS, SERVICE, STARTUP, rule
from optral.analysis.snapshot import LogKey, Thing, dicts
from optral.kube import log_signs


class Ending(NamedTuple):
    """What is known of how the container ends: the exit, what it wrote last, and what the evidence is called."""

    seen: Container
    workload: Thing
    exit: str
    code: int | None
    opening: Sentence
    signs: dict[str, tuple[str, str]]  # kind → (evidence id, line)


def ends(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The exit code and the runtime's message speak for themselves."""
    if (end := _ending(case, focus)) is None or focus.symptom in (LIVENESS, READINESS, STARTUP, INIT):
        return
    for cause, level, words, remedy in _by_exit(case, end):
        yield _hypothesis(case, focus, end, cause, level, [cite(words, end.exit)], remedy)


def _by_exit(case: Case, end: Ending) -> Iterator[tuple[str, Level, str, str]]:
    reason = str(end.seen.exit.get("reason") or "")
    # Of a program that ran, the message is whatever the program left: only the runtime's own words count.
    message = str(end.seen.exit.get("message") or "") if reason in ("StartError", "ContainerCannotRun") else ""
    is_restarted = end.seen.pod.text("spec.restartPolicy") in ("", "Always") and end.seen.kind != "init"
    exited = _EXITS.decide(
        log_is_better=_tells_more(end),
        not_found=end.code == 127 or "executable file not found" in message or "no such file" in message,
        wrong_format="exec format error" in message,
        denied=end.code == 126 or "permission denied" in message,
        success=end.code == 0 and is_restarted,
        stoppable=_may_be_stopped(case, end),
        fault=end.code == 139,
        abort=end.code == 134,
        logged=case.has_logs(end.seen),
    )
    if exited is not None:
        yield exited


_ZERO = "It exits without an error, and its workload restarts it.", "Run it as a Job, or use a command that keeps running"
_ABORT = "It aborts itself, for example on a failed assertion.", "Roll back, or give the developers a core dump"
_EXITS: Table[tuple[str, Level, str, str] | None] = Table(
    row(None, "log_is_better"),
    row(
        (
            "command_not_found",
            Level.PROVEN,
            "The image does not contain the program that the container runs.",
            "Correct the command or the image",
        ),
        "not_found",
    ),
    row(
        (
            "wrong_architecture",
            Level.PROVEN,
            "The node cannot execute the program: it was built for another CPU architecture.",
            "Build the image for the node's platform",
        ),
        "wrong_format",
    ),
    row(
        (
            "permission_denied",
            Level.PROVEN,
            "The program is not executable by its user.",
            "Set the execute bit, or run as a user who may execute it",
        ),
        "denied",
    ),
    row(("exits_zero", Level.POSSIBLE, *_ZERO), "success", "stoppable"),
    row(("exits_zero", Level.STRONG, *_ZERO), "success"),
    row(("segmentation_fault", Level.STRONG, "It crashes with a memory fault.", _ABORT[1]), "fault"),
    row(("segmentation_fault", Level.STRONG, *_ABORT), "abort", "logged"),
    row(("segmentation_fault", Level.PLAUSIBLE, *_ABORT), "abort"),
    row(None),
)
"""(cause, level, sentence, remedy) by the exit. The signs:

- `log_is_better`: the log explains the same exit code more exactly;
- `not_found` (127), `wrong_format`, `denied` (126): by exit code or by the runtime's message;
- `success`: exit code 0, and the container is restarted; `stoppable`: the kubelet may have stopped it for a probe whose Event is lost;
- `fault` (139), `abort` (134); `logged`: it wrote something. A program aborts itself for many reasons.
"""


def _may_be_stopped(case: Case, end: Ending) -> bool:
    """Whether the kubelet may have ended it, politely, for a probe: it has one, and of the kubelet nothing is heard any more."""
    is_probed = bool(end.seen.spec.get("livenessProbe") or end.seen.spec.get("startupProbe"))
    return is_probed and not case.events(end.seen.pod)


def _tells_more(end: Ending) -> bool:
    """Whether its words are surer than its exit code: the loader says what lacks, or it gave itself up when its heap was full."""
    return (end.code == 127 and "library" in end.signs) or (end.code == 134 and "heap" in end.signs)


def last_words(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What the container wrote last, where a pattern knows it."""
    if (end := _ending(case, focus)) is None or focus.symptom in (LIVENESS, READINESS, STARTUP, INIT):
        return
    if end.code in (0, 126, 127, 134, 139) and not _tells_more(end):
        return
    for kind, (line_id, line) in end.signs.items():
        if kind not in _SAID:
            continue
        cause, level, words, remedy = _SAID[kind]
        sentences = [quoting(words, line, line_id)]
        if kind == "write":
            level, more, remedy = files.refused(case, end.seen, level, line, remedy)
            sentences += more
        if kind == "disk":
            more, remedy = files.full(case, end.seen, line, remedy)
            sentences += more
        if kind == "credentials":
            more, remedy = _from_secret(case, end, remedy)
            sentences += more
        if kind == "port":
            level, more = _shared_port(case, end, level)
            sentences += more
        if kind == "setting" and (dropped := _dropped_setting(case, end)) is not None:
            level = Level.PROVEN
            sentences.append(cite(f"The newest revision removed `{_leaf(dropped)}`.", dropped.evidence_id))
        yield _hypothesis(case, focus, end, cause, level, sentences, remedy)


_SAID: dict[str, tuple[str, Level, str, str]] = {
    "architecture": (
        "wrong_architecture",
        Level.PROVEN,
        "The log reports that the node cannot execute the program",
        "Build the image for the node's platform",
    ),
    "library": (
        "library_missing",
        Level.STRONG,
        "The log reports a library or module that is missing from the image",
        "Add it to the image, or go back to the image that had it",
    ),
    "command": ("command_not_found", Level.STRONG, "The log reports a program that does not exist", "Correct the command or the image"),
    "port": ("port_in_use", Level.STRONG, "The log reports that the port is already in use", "Give one of the two another port"),
    "heap": (
        "application_out_of_memory",
        Level.STRONG,
        "The log reports that the application's heap is full",
        "Raise the heap limit, and the container's limit above it",
    ),
    "disk": ("disk_full", Level.STRONG, "The log reports that no space is left on the device", "Expand the volume or delete data"),
    "certificate": (
        "certificate_invalid",
        Level.STRONG,
        "The log reports a certificate that is not accepted",
        "Renew the certificate, or add its CA",
    ),
    "credentials": (
        "bad_credentials",
        Level.STRONG,
        "The log reports that the credentials were rejected",
        "Correct the Secret, then restart",
    ),
    "setting": ("missing_env_or_config", Level.STRONG, "The log reports a required setting that is missing", "Add the setting"),
    "config": (
        "invalid_config",
        Level.LIKELY,
        "The log reports a configuration that cannot be read",
        "Correct the configuration, then restart",
    ),
    "schema": (
        "database_schema_missing",
        Level.STRONG,
        "The log reports a database, table or column that does not exist",
        "Run the migration that creates it, or correct the name of the database",
    ),
    "rights": (
        "rbac_forbidden",
        Level.PROVEN,
        "The log reports that the ServiceAccount lacks a permission",
        "Grant the permission in a Role",
    ),
    "write": (
        "file_permission_denied",
        Level.LIKELY,
        "The log reports that the application may not read or write a path",
        "Give the user of the container permission on the volume",
    ),
}


def lost_setting(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """No words about it, but the newest revision took a setting away and only its pods end."""
    if (end := _ending(case, focus)) is None or focus.symptom != CRASH or "setting" in end.signs:
        return
    dropped = _dropped_setting(case, end)
    if dropped is None or end.code in (0, 126, 127, 137, 139) or not case.fails_only_in_newest_revision(end.workload):
        return
    words = cite(f"The newest revision removed `{_leaf(dropped)}`, and only its pods exit.", dropped.evidence_id)
    yield _hypothesis(
        case, focus, end, "missing_env_or_config", Level.STRONG if not end.signs else Level.PLAUSIBLE, [words], "Restore the setting"
    )


def dependency(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """It cannot reach what it calls. The Service that is broken is to blame; where none is, the address may be."""
    if (end := _ending(case, focus)) is None:
        return
    heard = end.signs.get("dependency")
    if heard is None and focus.symptom not in (LIVENESS, READINESS, STARTUP, CRASH, INIT):
        return
    origins = 0
    addresses = calls.of_container(case, end.seen)
    for address in addresses:
        yield from callers.judge(case, focus, end.workload, address, [end.opening], heard)
    for service, named, link in _called(case, end, addresses, heard):
        broken = list(services.of_service(case, Focus(SERVICE, service)))
        if heard is not None and not broken:
            blocked = list(_blocked(case, focus, end, service, link, heard, is_named=named))
            origins += len(blocked)
            yield from blocked
        if not broken or not _matters(focus, end, heard, is_named=named):
            continue
        origins += 1
        deep = Focus(SERVICE, service, via=link, steps=focus.steps + 1, lower=focus.lower + (0 if named else 1))
        yield from services.of_service(case, deep)
        yield case.hypothesis(
            "dependency_unavailable",
            service,
            Level.LIKELY if named else Level.PLAUSIBLE,
            *link,
            focus=focus,
            actions=[actions.diagnose(service)],
        )
    if heard is not None and log_signs.is_dns_silent(heard[1]):
        yield from _silenced(case, focus, end, heard)
    if heard is not None and not origins:
        yield _unseen_dependency(case, focus, end, heard)


def _matters(focus: Focus, end: Ending, heard: tuple[str, str] | None, *, is_named: bool) -> bool:
    """Whether a broken Service that the container calls can explain this: its log complains, or it is an init container that waits."""
    if heard is None:
        return focus.symptom == INIT
    return is_named or end.code is not None or focus.symptom in (READINESS, INIT)


def _blocked(
    case: Case, focus: Focus, end: Ending, service: Thing, link: tuple[Sentence, ...], heard: tuple[str, str], *, is_named: bool
) -> Iterator[Hypothesis]:
    """What it calls is well, and a NetworkPolicy does not let it there. Packets are dropped, so it waits; a few plugins refuse."""
    selector = service.map("spec.selector")
    target = next((pod for pod in case.snap.all("Pod", service.namespace) if selector and _is_own(service, pod)), None)
    if target is None:
        return
    caller = end.seen.pod
    port = reach.target_port(service, _asked_port(case, end, service), target)
    blocking = (
        (reach.blocking_ingress(case, caller, target, port), "in"),
        (reach.blocking_egress(case, caller, target, port), "out"),
    )
    for policies, words in blocking:
        for policy in policies[:2]:
            shown = case.book.fields(policy, "spec", "podSelector", "policyTypes", "ingress", "egress")
            own = case.book.fields(caller, "metadata", "name", "labels")
            way = (
                f"selects the pods behind `{service.name}` and does not allow traffic from these pods"
                if words == "in"
                else "does not allow traffic from these pods to `{service.name}`"
            )
            there = case.book.fields(service, "metadata", "name")
            level = (Level.STRONG if is_named else Level.LIKELY) if log_signs.is_timeout(heard[1]) else Level.POSSIBLE
            yield case.hypothesis(
                "network_policy_blocks",
                policy,
                level,
                *link,
                cite(f"NetworkPolicy `{policy.name}` {way}.", shown, own, there),
                focus=focus,
                actions=[
                    actions.advice(
                        f"Allow {end.workload.name} in NetworkPolicy {policy.name}", "Traffic that no rule allows is dropped.", shown
                    )
                ],
                missing=["whether the cluster's network plugin enforces NetworkPolicies"],
            )


def _asked_port(case: Case, end: Ending, service: Thing) -> int | None:
    """The port of the Service that the container asks for, as far as its template names one."""
    addresses = calls.of_container(case, end.seen)
    return next((one.port for one in addresses if one.service is not None and one.service.uid == service.uid and one.port), None)


def _silenced(case: Case, focus: Focus, end: Ending, heard: tuple[str, str]) -> Iterator[Hypothesis]:
    """It cannot look names up, and a NetworkPolicy keeps it from asking."""
    for policy in reach.blocking_dns(case, end.seen.pod)[:1]:
        shown = case.book.fields(policy, "spec", "podSelector", "policyTypes", "egress")
        yield case.hypothesis(
            "network_policy_blocks",
            policy,
            Level.STRONG,
            end.opening,
            quoting("The log reports names that do not resolve", heard[1], heard[0]),
            cite(f"NetworkPolicy `{policy.name}` allows these pods some egress, but not to the cluster's DNS.", shown),
            focus=focus,
            actions=[actions.advice(f"Allow port {reach.DNS_PORT} in NetworkPolicy {policy.name}", "Without DNS no name resolves.", shown)],
            missing=["whether the cluster's network plugin enforces NetworkPolicies"],
        )


def _called(
    case: Case, end: Ending, addresses: list[calls.Address], heard: tuple[str, str] | None
) -> Iterator[tuple[Thing, bool, tuple[Sentence, ...]]]:
    """(Service, whether the complaint names it, the words that lead there): those it has an address of, and those it names."""
    seen: set[str] = set()
    for address in addresses:
        service = address.service
        if service is None or service.uid in seen:
            continue
        seen.add(service.uid)
        named = heard is not None and (logs.names(heard[1], service.name) or (bool(_ip(service)) and logs.names(heard[1], _ip(service))))
        told = cite(f"It calls `{service.name}`, configured in `{address.variable}`.", address.evidence_id)
        yield service, named, (end.opening, *_complaint(heard), told)
    for service in calls.named_in(case, end.seen.pod.namespace or "", heard[1]) if heard is not None else ():
        if service.uid not in seen and not _is_own(service, end.seen.pod):
            seen.add(service.uid)
            there = case.book.fields(service, "metadata", "name")
            yield service, True, (end.opening, *_complaint(heard), cite(f"The log mentions `{service.name}`.", there, *_ids(heard)))


def _complaint(heard: tuple[str, str] | None) -> list[Sentence]:
    return [] if heard is None else [quoting("The log reports a failed connection", heard[1], heard[0])]


def _ids(heard: tuple[str, str] | None) -> list[str]:
    return [] if heard is None else [heard[0]]


def _is_own(service: Thing, pod: Thing) -> bool:
    selector = service.map("spec.selector")
    return bool(selector) and all(pod.labels.get(key) == value for key, value in selector.items())


def _unseen_dependency(case: Case, focus: Focus, end: Ending, heard: tuple[str, str]) -> Hypothesis:
    """Everything of this cluster that it calls looks well, or it calls something outside."""
    return case.hypothesis(
        "dependency_unavailable",
        end.workload,
        Level.POSSIBLE,
        end.opening,
        quoting("The log reports a failed connection", heard[1], heard[0]),
        focus=focus,
        actions=[actions.advice("Find out which address it cannot reach", "Nothing in the cluster's objects shows a fault.", heard[0])],
        missing=["the state of what it calls outside of this cluster's Services"],
    )


_AT_ITS_SERVER = {
    "full": (
        "dependency_connections_exhausted",
        "The log reports that the server accepts no more connections",
        "Raise the server's connection limit, or reduce the callers' pools",
    ),
    "frozen": (
        "dependency_read_only",
        "The log reports that the server is read-only",
        "Make the server writable, or point the callers to its primary",
    ),
}


def at_its_server(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The server behind a Service answers and refuses: it is full, or may only be read. Not the caller is ill but what it calls."""
    if (end := _ending(case, focus)) is None:
        return
    addresses = calls.of_container(case, end.seen)
    for kind, (cause, words, remedy) in _AT_ITS_SERVER.items():
        heard = end.signs.get(kind)
        if heard is None:
            continue
        told = quoting(words, heard[1], heard[0])
        found = [one for one in _called(case, end, addresses, heard) if one[1]] or _only(list(_called(case, end, addresses, heard)))
        for service, named, link in found[:2]:
            subject, behind = _behind(case, service)
            yield case.hypothesis(
                cause,
                subject,
                Level.STRONG if named else Level.LIKELY,
                link[0],
                told,
                link[-1],
                *behind,
                focus=focus,
                actions=[actions.advice(remedy, words, heard[0]), actions.diagnose(subject)],
            )
        if not found:
            advice = actions.advice(remedy, words, heard[0])
            yield case.hypothesis(cause, end.workload, Level.PLAUSIBLE, end.opening, told, focus=focus, actions=[advice])


def may_not(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """It runs on, is not ready, and says that the API server refuses what it tries."""
    end = _ending(case, focus)
    heard = end.signs.get("rights") if end is not None else None
    if end is None or heard is None:
        return
    cause, _, words, remedy = _SAID["rights"]
    advice = actions.advice(remedy, words, heard[0])
    yield case.hypothesis(cause, end.workload, Level.STRONG, end.opening, quoting(words, heard[1], heard[0]), focus=focus, actions=[advice])


def _only(found: list[tuple[Thing, bool, tuple[Sentence, ...]]]) -> list[tuple[Thing, bool, tuple[Sentence, ...]]]:
    return found if len(found) == 1 else []


def _behind(case: Case, service: Thing) -> tuple[Thing, list[Sentence]]:
    """The workload behind a Service; the Service itself when none is."""
    selector = service.map("spec.selector")
    for pod in case.snap.all("Pod", service.namespace):
        if selector and all(pod.labels.get(key) == value for key, value in selector.items()):
            workload = case.workload(pod)
            chosen, named = case.book.object(service, "spec.selector"), case.book.fields(workload, "metadata", "name")
            return workload, [cite(f"Behind it runs {workload.short_kind} `{workload.name}`.", chosen, named)]
    return service, []


def own_error(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Nothing better is known than that it ends by itself."""
    if (end := _ending(case, focus)) is None or focus.symptom not in (CRASH, JOB) or end.code in (None, 0, 137):
        return
    line = _last_line(case, end.seen)
    sentences = [quoting("Last error", line[1], line[0])] if line is not None else []
    missing = [] if line is not None else [f"log lines of container {end.seen.name}"]
    remedies = [actions.rollback(case, end.workload), actions.diagnose(end.workload)]
    yield case.hypothesis(
        "application_error",
        end.workload,
        Level.POSSIBLE if line is not None else Level.HINT,
        end.opening,
        *sentences,
        focus=focus,
        actions=remedies,
        missing=missing,
    )


# --- pieces


def _ending(case: Case, focus: Focus) -> Ending | None:
    if (found := parts(focus)) is None:
        return None
    seen, pod = found
    if not seen.exit and focus.symptom not in (READINESS, LIVENESS, STARTUP, INIT):
        return None
    if seen.exit.get("reason") == "OOMKilled":
        return None
    code = seen.exit.get("exitCode")
    ended = exit_id(case, seen)
    words = (
        f"Container `{seen.name}` of pod `{pod.name}` exited with code `{code}`." if isinstance(code, int) else f"Container `{seen.name}`."
    )
    return Ending(
        seen=seen,
        workload=case.workload(pod),
        exit=ended,
        code=code if isinstance(code, int) else None,
        opening=cite(words, ended),
        signs=_signs(case, seen),
    )


def _signs(case: Case, seen: Container) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for key, text in case.logs(seen):
        for sign in logs.signs(text):
            if sign.kind not in found:
                found[sign.kind] = (case.book.log(key, sign.line), sign.line)
    return found


def _last_line(case: Case, seen: Container) -> tuple[str, str] | None:
    """(evidence id, text) of the last log line that reports an error."""
    found: list[tuple[LogKey, str]] = [(key, line) for key, text in case.logs(seen) if (line := logs.last_error(text)) is not None]
    return (case.book.log(*found[0]), found[0][1]) if found else None


def _hypothesis(case: Case, focus: Focus, end: Ending, cause: str, level: Level, sentences: list[Sentence], remedy: str) -> Hypothesis:
    back: Action | None = None
    why = [one.evidence_id for one in case.changes(end.workload)[:1]]
    if why and case.fails_only_in_newest_revision(end.workload):
        back = actions.rollback(case, end.workload, *why)
    reason = sentences[0].text.partition(": `")[0].rstrip(".")  # an action quotes nothing
    advice = actions.advice(remedy, f"{reason}.", *sentences[0].evidence_ids)
    return case.hypothesis(cause, end.workload, level, end.opening, *sentences, focus=focus, actions=[back, advice])


def _dropped_setting(case: Case, end: Ending) -> Change | None:
    """A variable, a reference to a ConfigMap or Secret, an argument or a mount that the newest revision no longer has."""
    for part in ("/env/", "/envfrom", "/args", "/command", "/volumemounts/"):
        change = container_change(case, end.workload, end.seen, part)
        if change is not None and (change.after is None or part in ("/args", "/command", "/envfrom")):
            return change
    return None


def _leaf(change: Change) -> str:
    pieces = change.path.split("/")
    return pieces[-1] if pieces[-1] not in ("value", "valueFrom") else pieces[-2]


def _shared_port(case: Case, end: Ending, level: Level) -> tuple[Level, list[Sentence]]:
    """All containers of a pod share its ports: two that declare the same one cannot both have it."""
    for number, index in _declared(end.seen.pod, end.seen.name).items():
        other = case.book.fields(end.seen.pod, f"spec.containers[{index}]", "name", "ports")
        name = end.seen.pod.text(f"spec.containers[{index}].name")
        return Level.PROVEN, [
            cite(f"Container `{name}` of the same pod also declares port `{number}`.", spec_id(case, end.seen, "ports"), other)
        ]
    return level, []


def _declared(pod: Thing, name: str) -> dict[int, int]:
    """Ports of this container that another one of its pod declares, too, with the other's place."""
    ports: dict[str, set[int]] = {}
    places: dict[str, int] = {}
    for index, one in pod.indexed("spec.containers"):
        places[str(one.get("name"))] = index
        ports[str(one.get("name"))] = {p["containerPort"] for p in dicts(one.get("ports")) if isinstance(p.get("containerPort"), int)}
    own = ports.get(name, set())
    return {port: places[other] for other, theirs in ports.items() if other != name for port in sorted(own & theirs)}


def _from_secret(case: Case, end: Ending, remedy: str) -> tuple[list[Sentence], str]:
    """The Secret its password or token is taken from, where the template tells it."""
    base = end.seen.spec_path
    for index, one in end.seen.pod.indexed(f"{base}.env"):
        source = one.get("valueFrom")
        chosen = source.get("secretKeyRef") if isinstance(source, dict) else None
        if isinstance(chosen, dict) and chosen.get("name"):
            shown = case.book.object(end.seen.pod, f"{base}.env[{index}]")
            words = cite(f"`{one.get('name')}` comes from Secret `{chosen['name']}`.", shown)
            return [words], f"Correct Secret {chosen['name']}, then restart"
    for index, one in end.seen.pod.indexed(f"{base}.envFrom"):
        chosen = one.get("secretRef")
        if isinstance(chosen, dict) and chosen.get("name"):
            shown = case.book.object(end.seen.pod, f"{base}.envFrom[{index}]")
            return [
                cite(f"Environment variables come from Secret `{chosen['name']}`.", shown)
            ], f"Correct Secret {chosen['name']}, then restart"
    return [], remedy


def _ip(service: Thing) -> str:
    """Its address, when it has one that can be told apart from other words."""
    address = service.text("spec.clusterIP")
    return address if len(address) > 6 else ""


RULES = (
    rule(
        ends,
        {CRASH, JOB},
        {"command_not_found", "wrong_architecture", "permission_denied", "exits_zero", "segmentation_fault"},
    ),
    rule(last_words, {CRASH, JOB}, {cause for cause, *_ in _SAID.values()}, version=5),
    rule(lost_setting, {CRASH}, {"missing_env_or_config"}),
    rule(
        dependency,
        {CRASH, JOB, LIVENESS, READINESS, STARTUP, INIT},
        {"dependency_unavailable", "network_policy_blocks"} | callers.CAUSES | services.CAUSES,
        version=5,
    ),
    rule(at_its_server, {CRASH, JOB, LIVENESS, READINESS, STARTUP, INIT}, {cause for cause, *_ in _AT_ITS_SERVER.values()}),
    rule(may_not, {LIVENESS, READINESS, STARTUP, INIT}, {"rbac_forbidden"}),
    rule(own_error, {CRASH, JOB}, {"application_error"}),
)
