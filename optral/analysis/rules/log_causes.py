"""Causes that the log of a container reports: a log sign selects the cause, and the objects around it make it more certain."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from optral.analysis.engine import probing
from optral.analysis.engine.calibration import Level
from optral.analysis.engine.probing import Ask, Role
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading import calls
from optral.analysis.reading.calls import Address
from optral.analysis.reading.case import Case, Container, Focus, cite
from optral.analysis.reading.evidence import Change
from optral.analysis.reading.snapshot import SnapshotObject, dicts, moment, words
from optral.analysis.rules import exits, files, log_words, sources
from optral.analysis.rules.configuration import existing_keys
from optral.analysis.rules.containers import LogLine, container_change, spec_id
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.files import KeySource
from optral.analysis.rules.rule import CRASH, INIT, JOB, LIVENESS, OF_LOGS, READINESS, STARTUP, rule
from optral.kube import certificates, server_kinds
from optral.kube.kinds import SERVED_CERTIFICATE
from optral.kube.names import nearest

_STATED_BY_CODE = (0, 126, 127, 134, 139)
"""Exit codes that exits.py explains, unless the log is more specific."""


class LogCause(NamedTuple):
    """The cause that a log sign reports: its id, level, sentence and remedy."""

    cause: str
    level: Level
    words: str
    remedy: str


CAUSES: dict[str, LogCause] = {
    "architecture": LogCause(
        "wrong_architecture",
        Level.PROVEN,
        "The log reports that the node cannot execute the program",
        "Build the image for the node's platform",
    ),
    "library": LogCause(
        "library_missing",
        Level.STRONG,
        "The log reports a library or module that is missing from the image",
        "Add it to the image, or go back to the image that had it",
    ),
    "command": LogCause(
        "command_not_found", Level.STRONG, "The log reports a program that does not exist", "Correct the command or the image"
    ),
    "port": LogCause("port_in_use", Level.STRONG, "The log reports that the port is already in use", "Give one of the two another port"),
    "heap": LogCause(
        "application_out_of_memory",
        Level.STRONG,
        "The log reports that the application's heap is exhausted",
        "Raise the heap limit, and the container's limit above it",
    ),
    "disk": LogCause("disk_full", Level.STRONG, "The log reports that no space is left on the device", "Expand the volume or delete data"),
    "certificate": LogCause(
        "certificate_invalid",
        Level.STRONG,
        "The log reports a certificate that was not accepted",
        "Renew the certificate, or add its CA",
    ),
    "protocol": LogCause(
        "connection_protocol_mismatch",
        Level.STRONG,
        "The log reports that the other side of a connection uses another protocol",
        "Use the protocol of the server's port in the address: https or TLS only where the port serves it",
    ),
    "credentials": LogCause(
        "bad_credentials",
        Level.STRONG,
        "The log reports that the credentials were rejected",
        "Correct the Secret, then restart",
    ),
    "setting": LogCause("missing_env_or_config", Level.STRONG, "The log reports a required setting that is missing", "Add the setting"),
    "config": LogCause(
        "invalid_config",
        Level.LIKELY,
        "The log reports a configuration that cannot be read",
        "Correct the configuration, then restart",
    ),
    "schema": LogCause(
        "database_schema_missing",
        Level.STRONG,
        "The log reports a database, table or column that does not exist",
        "Run the migration that creates it, or correct the name of the database",
    ),
    "migration": LogCause(
        "database_schema_missing",
        Level.LIKELY,
        "The log reports that a migration of the database failed or is pending",
        "Repair the migration, or run it",
    ),
    "file": LogCause(
        "missing_env_or_config",
        Level.PLAUSIBLE,
        "The log reports a file that does not exist",
        "Add the file to the image or to a volume, or correct its path",
    ),
    "rights": LogCause(
        "rbac_forbidden",
        Level.PROVEN,
        "The log reports that the ServiceAccount lacks a permission",
        "Grant the permission in a Role",
    ),
    "write": LogCause(
        "file_permission_denied",
        Level.LIKELY,
        "The log reports that the application is not allowed to read or write a path",
        "Give the container's user permission on the volume",
    ),
}
"""By log sign (`kube/log_table.py`)."""


def by_log_sign(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The last log lines report the cause."""
    if (exited := exits.read(case, focus)) is None:
        return
    if focus.symptom in (CRASH, JOB) and exited.code in _STATED_BY_CODE and not exits.log_is_more_specific(exited):
        return
    for sign, line in exited.lines.items():
        if (known := CAUSES.get(sign)) is None or not exits.states_sign(focus, exited, sign):
            continue
        more: list[Sentence] = []
        if (refine := _REFINEMENTS.get(sign)) is not None:
            known, more = refine(case, exited, line.text, known)
        if focus.symptom not in (CRASH, JOB) and (name := _NAMING.get(sign)) is not None:
            known, named = name(case, exited, line, known)
            more = [*more, *named]
        sentences = [log_words.reported(sign, line, known.words), *more]
        found = exits.explain(case, focus, exited, known.cause, known.level, sentences, known.remedy, reason=known.words)
        yield replace(found, asks=_certificates(case, exited, line.text)) if sign == "certificate" else found


def _certificates(case: Case, exited: Exit, line: str) -> tuple[Ask, ...]:
    """What certificate the Service that the line names presents; where it names none, the only Service that the container calls."""
    called = _called(case, exited, line)
    return tuple(ask for one in called if one.service for ask in probing.of_service(Role.CERTIFICATE, one.service, one.port, check="tls"))


def _called(case: Case, exited: Exit, line: str) -> list[Address]:
    """The Services of its settings that a line names; where it names none, the only one."""
    called = [one for one in calls.of_container(case, exited.container) if one.service is not None]
    return [one for one in called if one.host in line] or (called if len(called) == 1 else [])


def removed_setting(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The log does not report a missing setting, but the newest revision removed one and only its pods exit."""
    if (exited := exits.read(case, focus)) is None or "setting" in exited.lines:
        return
    removed = _removed_setting(case, exited)
    if removed is None or exited.code in (0, 126, 127, 137, 139) or not case.fails_only_in_newest_revision(exited.workload):
        return
    words = cite("The newest revision removed {setting}, and only its pods exit.", removed.evidence_id, setting=_setting_name(removed))
    level = Level.PLAUSIBLE if exited.lines else Level.STRONG
    yield exits.explain(case, focus, exited, "missing_env_or_config", level, [words], "Restore the setting")


def missing_permission(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container runs, is not ready, and logs that the API server denies its requests."""
    exited = exits.read(case, focus)
    line = exited.lines.get("rights") if exited is not None else None
    if exited is None or line is None:
        return
    known = CAUSES["rights"]
    words = log_words.reported("rights", line, known.words)
    yield exits.explain(case, focus, exited, known.cause, Level.STRONG, [words], known.remedy, reason=known.words)


# --- what the objects add to a log line


def _refused_write(case: Case, exited: Exit, line: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    refusal = files.refused_write(case, exited.container, line)
    return known._replace(level=refusal.level or known.level, remedy=refusal.remedy or known.remedy), refusal.sentences


def _full_disk(case: Case, exited: Exit, line: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    claim = files.full_claim(case, exited.container, line)
    return (known, []) if claim is None else (known._replace(remedy=claim.remedy), claim.sentences)


def _credentials_of_secret(case: Case, exited: Exit, line: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The Secret that the password or token comes from."""
    found = _secret(case, exited, line)
    if found is None:
        return known, []
    name, sentence = found
    return known._replace(remedy=f"Correct Secret {name}, then restart"), [sentence]


def _shared_port(case: Case, exited: Exit, line: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """Which port it is, and who else has it: containers of a pod share its ports."""
    seen = exited.container
    for number, index in _ports_declared_twice(seen.pod, seen.name).items():
        other = case.book.fields(seen.pod, f"spec.containers[{index}]", "name", "ports")
        name = seen.pod.text(f"spec.containers[{index}].name")
        evidence = (spec_id(case, seen, "ports"), other)
        words = cite("Container {container} of the same pod also declares port {port}.", *evidence, container=name, port=number)
        return known._replace(level=Level.PROVEN, remedy=f"Change containerPort {number} of {seen.name} or of {name}"), [words]
    if (port := _PORT.search(line)) is None:
        return _undeclared_port(case, exited, known)
    taken = port.group(1) or port.group(2)
    logged = cite("The port is {port}.", exited.lines["port"].evidence_id, port=taken)
    return known._replace(remedy=f"Make {seen.name} listen on a port other than {taken}, or stop the process that uses it"), [logged]


def _undeclared_port(case: Case, exited: Exit, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The only port that the container declares, where the line names none; and a container of the pod with that number in a setting."""
    seen = exited.container
    declared = {one["containerPort"] for one in dicts(seen.spec.get("ports")) if isinstance(one.get("containerPort"), int)}
    if len(declared) != 1:
        return known, []
    (port,) = declared
    found = [cite("The container declares port {port}.", spec_id(case, seen, "ports"), port=port)]
    for index, other in seen.pod.indexed("spec.containers"):
        setting = next((str(one.get("name")) for one in dicts(other.get("env")) if one.get("value") == str(port)), None)
        if other.get("name") != seen.name and setting is not None:
            shown = case.book.fields(seen.pod, f"spec.containers[{index}]", "name", "env")
            words = f"Container {{container}} of the same pod has `{setting}` set to `{port}`."
            found.append(cite(words, shown, container=other["name"]))
            return known._replace(remedy=f"Change {setting} of {other['name']}: containers of a pod share its ports"), found
    return known._replace(remedy=f"Make {seen.name} listen on a port other than {port}, or stop the process that uses it"), found


def _named_file(case: Case, exited: Exit, _: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """A line that names the file states the cause; one that does not may be about something that the program received.

    Of a file from a ConfigMap or Secret, its key and line are what has to be corrected.
    """
    line = exited.lines["config"]
    if not (file := line.slots.get("file", "")):
        return known, []
    known, found = known._replace(level=Level.STRONG), files.source_of_file(case, exited.container, file)
    config = case.snap.at(found.ref) if found is not None and found.ref.kind == "ConfigMap" else None
    if found is None or (config is not None and found.key not in config.map("data")):
        return known, []
    number = line.slots.get("line", "")
    place = f"key {found.key} of {found.ref.short_kind} {found.ref.name}"
    words = f"The file is key {{key}} of {found.ref.short_kind} {{object}}."
    shown = cite(words, found.evidence_id, case.book.relation(found.ref, "key", place), key=found.key, object=found.ref.name)
    remedy = f"Correct {f'line {number} of ' if number else ''}{place}, then restart"
    return known._replace(remedy=remedy), [shown]


def _lost_setting(case: Case, exited: Exit, _: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    removed = _removed_setting(case, exited)
    if removed is None:
        return known, []
    words = cite("The newest revision removed {setting}.", removed.evidence_id, setting=_setting_name(removed))
    return known._replace(level=Level.PROVEN), [words]


# --- what the objects around a container that runs add to a log line


def _server(case: Case, exited: Exit, line: LogLine, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The Service that refuses: the one that the settings or the line name."""
    for one in _called(case, exited, line.text)[:1]:
        if one.service is None:
            continue
        named = {"service": one.service.name, "setting": one.place}
        if one.host == one.service.name:
            return known, [cite("It calls {service}, set in {setting}.", one.evidence_id, **named)]
        words = "It calls Service {service} at {address}, set in {setting}."
        return known, [cite(words, one.evidence_id, _name(case, one.service), address=one.host, **named)]
    for service in calls.named_in(case, exited.container.pod.namespace or "", line.text)[:1]:
        return known, [cite("The log mentions {service}.", _name(case, service), line.evidence_id, service=service.name)]
    return known, []


def _certificate(case: Case, exited: Exit, line: LogLine, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The Service whose certificate is refused, and what it presents, where the agent may look."""
    known, named = _server(case, exited, line, known)
    known = known._replace(remedy=next((remedy for reason, remedy in _REASONS if reason.search(line.text)), known.remedy))
    called = _called(case, exited, line.text)[:1]
    namespace, host = exited.container.pod.namespace or "", line.slots.get("host") or (called[0].host if called else "")
    service = (called[0].service if called else None) or (calls.service_named(case, namespace, host) if host else None)
    return known, [*named, *(_presented(case, service, host) if service is not None else [])]


_REASONS = (
    (re.compile(r"expired|not yet valid|NotAfter", re.IGNORECASE), "Renew the certificate"),
    (
        re.compile(r"valid for|match|alt(?:ernative)? ?name|IP SANs", re.IGNORECASE),
        "Call the server by a name that its certificate has, or issue a certificate for the name that is called",
    ),
    (
        re.compile(r"unknown authority|self[- ]signed|issuer|certification path|unknown ca\b", re.IGNORECASE),
        "Add the CA that signed the certificate to those that the client trusts",
    ),
)
"""Why a line says that a certificate is refused, and what to do; the first that matches."""


def _presented(case: Case, service: SnapshotObject, host: str) -> Iterator[Sentence]:
    """Of each certificate that a Service presents, what a caller by this name refuses: its names or its time; else who has signed it."""
    report = case.snap.find(SERVED_CERTIFICATE.id, service.namespace, service.name)
    if report is None or all(one.get("uid") != service.uid for one in report.many("metadata.ownerReferences")):
        return
    for index, port in report.indexed("status.ports"):
        seen = case.book.fields(report, f"status.ports[{index}]", "port", "names", "issuer", "notAfter")
        names, end, of_port = (
            words(port.get("names")),
            moment(port.get("notAfter")),
            f"Its port `{port.get('port')}` presents a certificate",
        )
        if end is not None and end <= case.now:
            yield cite(f"{of_port} that was valid until {{expiry}}.", seen, expiry=port.get("notAfter"))
        elif host and names and not any(certificates.covers(name, host) for name in names):
            shown = ", ".join(f"`{name}`" for name in names[:4])
            yield cite(f"{of_port} for {shown}, not for the name that is called.", seen)
        elif port.get("issuer"):
            yield cite(f"{of_port} of `{port.get('issuer')}`.", seen)


def _name(case: Case, service: SnapshotObject) -> str:
    return case.book.fields(service, "metadata", "name")


def _account(case: Case, exited: Exit, line: LogLine, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The ServiceAccount that the API server denies: of the line, else of the pod."""
    pod, match = exited.container.pod, _ACCOUNT.search(line.text)
    named, words = pod.text("spec.serviceAccountName"), []
    if match is not None:
        named = match[2]
        words = [cite(f"The ServiceAccount is {{user}} in namespace `{match[1]}`.", line.evidence_id, user=named)]
    elif named:
        words = [cite("The ServiceAccount of the pod is {user}.", case.book.fields(pod, "spec", "serviceAccountName"), user=named)]
    verb, resource = line.slots.get("verb"), line.slots.get("resource")
    denied = f"{verb} on {resource}" if verb and resource else "the permission"
    return known._replace(remedy=f"Grant {denied} in a Role, and bind it to ServiceAccount {named or 'default'}"), words


def _mounted_file(case: Case, exited: Exit, _: str, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The ConfigMap or Secret that should hold the file; of a ConfigMap, that it has no such key."""
    found = files.source_of_file(case, exited.container, exited.lines["file"].slots.get("file", ""))
    if found is None:
        return known, []
    source = cite(f"{found.ref.short_kind} {{object}} is mounted there.", found.evidence_id, object=found.ref.name)
    explained, sentences = _missing_key(case, known, found, [source])
    if exited.code is not None and explained.cause != known.cause:  # programs also look for files that they can do without
        config = case.snap.at(found.ref)
        is_near = config is not None and nearest(found.key, config.map("data")) is not None
        explained = explained._replace(level=Level.STRONG if is_near else Level.LIKELY)
    return explained, sentences


def _source_of_setting(case: Case, exited: Exit, line: LogLine, known: LogCause) -> tuple[LogCause, list[Sentence]]:
    """The ConfigMap or Secret that all variables of the container come from, if there is one; of a ConfigMap, that it has no such key."""
    variable = line.slots.get("key", "")
    found = files.sources_of_variables(case, exited.container, variable)
    if len(found) != 1 or not found[0].key or _VARIABLE.fullmatch(variable) is None or _sets(exited.container, variable):
        return known, []
    source = cite(f"Its variables come from {found[0].ref.short_kind} {{object}}.", found[0].evidence_id, object=found[0].ref.name)
    explained, sentences = _missing_key(case, known, found[0], [source])
    config = case.snap.at(found[0].ref)
    has_near = config is not None and nearest(found[0].key, config.map("data")) is not None
    return (explained if has_near else known._replace(remedy=explained.remedy)), sentences


def _sets(container: Container, variable: str) -> bool:
    return any(one.get("name") == variable for one in dicts(container.spec.get("env")))


def _missing_key(case: Case, known: LogCause, source: KeySource, sentences: list[Sentence]) -> tuple[LogCause, list[Sentence]]:
    remedy = f"Add key {source.key} to {source.ref.short_kind} {source.ref.name}, then restart"
    config = case.snap.at(source.ref) if source.ref.kind == "ConfigMap" else None
    if config is None:
        return known._replace(level=max(known.level, Level.LIKELY), remedy=remedy), sentences
    if source.key in {**config.map("data"), **config.map("binaryData")}:
        return known, sentences
    gone = case.book.absence(config, source.ref, f"data/{source.key}", f"no key {source.key}")
    words = cite("ConfigMap {object} has no key {key}.", gone, object=source.ref.name, key=source.key)
    known = known._replace(cause="missing_key", level=Level.PROVEN, remedy=remedy)
    return known, [*sentences, words, *existing_keys(case, config, source.key)]


_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{1,100}")
_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})")
_NAMING: dict[str, Callable[[Case, Exit, LogLine, LogCause], tuple[LogCause, list[Sentence]]]] = {
    "certificate": _certificate,
    "credentials": _server,
    "protocol": _server,
    "schema": _server,
    "migration": _server,
    "rights": _account,
    "setting": _source_of_setting,
}
_PORT = re.compile(r"\bport\W{0,3}(\d{2,5})\b|(?<![\d:]):+(\d{2,5})\b(?!:\d)", re.IGNORECASE)
_REFINEMENTS: dict[str, Callable[[Case, Exit, str, LogCause], tuple[LogCause, list[Sentence]]]] = {
    "write": _refused_write,
    "disk": _full_disk,
    "credentials": _credentials_of_secret,
    "port": _shared_port,
    "setting": _lost_setting,
    "config": _named_file,
    "file": _mounted_file,
}


def _removed_setting(case: Case, exited: Exit) -> Change | None:
    """A variable, a reference to a ConfigMap or Secret, an argument or a mount that the newest revision no longer has."""
    for part in ("/env/", "/envfrom", "/args", "/command", "/volumemounts/"):
        change = container_change(case, exited.workload, exited.container, part)
        if change is not None and (change.after is None or part in ("/args", "/command", "/envfrom")):
            return change
    return None


def _setting_name(change: Change) -> str:
    pieces = change.path.split("/")
    return pieces[-1] if pieces[-1] not in ("value", "valueFrom") else pieces[-2]


def _ports_declared_twice(pod: SnapshotObject, name: str) -> dict[int, int]:
    """Ports of this container that another container of the pod declares too → the index of the other."""
    ports: dict[str, set[int]] = {}
    places: dict[str, int] = {}
    for index, spec in pod.indexed("spec.containers"):
        places[str(spec.get("name"))] = index
        ports[str(spec.get("name"))] = {p["containerPort"] for p in dicts(spec.get("ports")) if isinstance(p.get("containerPort"), int)}
    own = ports.get(name, set())
    return {port: places[other] for other, theirs in ports.items() if other != name for port in sorted(own & theirs)}


def _secret(case: Case, exited: Exit, line: str) -> tuple[str, Sentence] | None:
    """The key of a Secret that the container takes a password or token from, else any key, else the Secret of all its variables; none of
    which is for a server of another kind than the line is about."""
    credentials, every = (
        [one for one in sources.of_container(case, exited.container, names) if one.ref.kind == "Secret" and _may_mean(one.names, line)]
        for names in (sources.CREDENTIAL, sources.ANY)
    )
    if found := credentials or every:
        source = next((one for one in found if sources.PASSWORD.search(one.variable.upper())), found[0])
        return source.ref.name, source.sentence()
    pod, base = exited.container.pod, exited.container.spec_path
    for index, entry in pod.indexed(f"{base}.envFrom"):
        chosen = entry.get("secretRef")
        if isinstance(chosen, dict) and (name := chosen.get("name")) and _may_mean((str(name),), line):
            return name, cite(f"Environment variables come from Secret `{name}`.", case.book.object(pod, f"{base}.envFrom[{index}]"))
    return None


def _may_mean(names: tuple[str, ...], line: str) -> bool:
    """Whether a setting may be of the server that a line is about: neither or only one of them says the kind, or both the same."""
    kinds, named = server_kinds.in_text(line), server_kinds.in_names(names)
    return not kinds or not named or not kinds.isdisjoint(named)


RULES = (
    rule(by_log_sign, OF_LOGS, {known.cause for known in CAUSES.values()} | {"missing_key"}, version=9),
    rule(removed_setting, {CRASH}, {"missing_env_or_config"}),
    rule(missing_permission, {LIVENESS, READINESS, STARTUP, INIT}, {"rbac_forbidden"}),
)
