"""A container that starts and ends: by its exit, by its last words, by what the newest revision took away, by what it depends on."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis import actions, differences, logs
from optral.analysis.case import Case, Container, Focus, said
from optral.analysis.evidence import Change
from optral.analysis.model import Action, Hypothesis, Sentence
from optral.analysis.rules import services
from optral.analysis.rules.containers import container_change, exit_id, parts, spec_id
from optral.analysis.rules.rule import CRASH, JOB, LIVENESS, READINESS, rule
from optral.analysis.snapshot import LogKey, Thing, dicts

_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?(?:[/?].*)?$")
_LOOKS_LIKE_HOST = re.compile(r"[A-Za-z]")


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
    if (end := _ending(case, focus)) is None or focus.symptom in (LIVENESS, READINESS):
        return
    for cause, score, words, remedy in _by_exit(end):
        yield _blame(case, focus, end, cause, score, [said(words, end.exit)], remedy)


def _by_exit(end: Ending) -> Iterator[tuple[str, float, str, str]]:
    message = str(end.seen.exit.get("message") or "")
    reason = str(end.seen.exit.get("reason") or "")
    if (
        end.code == 127
        or "executable file not found" in message
        or ("no such file" in message and reason in ("StartError", "ContainerCannotRun"))
    ):
        yield "command_not_found", 0.93, "The program it should run is not in the image.", "Correct the command, or the image"
    elif "exec format error" in message:
        yield "wrong_architecture", 0.93, "The node cannot execute the program.", "Build the image for this platform"
    elif end.code == 126 or "permission denied" in message:
        yield "permission_denied", 0.92, "The program may not be executed.", "Set the execute bit, or run it as a user who may"
    elif end.code == 0 and end.seen.pod.text("spec.restartPolicy") in ("", "Always") and end.seen.kind != "init":
        yield "exits_zero", 0.9, "It ends without an error, and its workload starts it again.", "Run it as a Job, or let it stay"
    elif end.code in (139, 134):
        yield "segmentation_fault", 0.82, "It ends with a memory fault.", "Roll back, or take a core dump to its developers"


def last_words(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What the container wrote last, where a pattern knows it."""
    if (end := _ending(case, focus)) is None or focus.symptom in (LIVENESS, READINESS):
        return
    if end.code in (0, 126, 127, 134, 139):
        return
    for kind, (line_id, _) in end.signs.items():
        if kind not in _SAID:
            continue
        cause, score, words, remedy = _SAID[kind]
        sentences = [said(words, line_id)]
        if kind == "write":
            score, more = _writes(case, end, score)
            sentences += more
        if kind == "setting" and (dropped := _dropped_setting(case, end)) is not None:
            score = 0.96
            sentences.append(said(f"The newest revision no longer has `{_leaf(dropped)}`.", dropped.evidence_id))
        yield _blame(case, focus, end, cause, score, sentences, remedy)


_SAID: dict[str, tuple[str, float, str, str]] = {
    "architecture": ("wrong_architecture", 0.93, "It says that the node cannot execute its program.", "Build the image for this platform"),
    "command": ("command_not_found", 0.85, "It says that a program or module is missing.", "Correct the command, or the image"),
    "port": ("port_in_use", 0.9, "It says that its port is already taken.", "Give one of the two another port"),
    "heap": ("application_out_of_memory", 0.85, "It says that its own memory is used up.", "Raise the heap, and the limit above it"),
    "disk": ("disk_full", 0.88, "It says that there is no space left.", "Expand or clear the volume"),
    "certificate": (
        "certificate_invalid",
        0.82,
        "It says that a certificate is not accepted.",
        "Renew the certificate, or add its authority",
    ),
    "credentials": ("bad_credentials", 0.86, "It says that its credentials are refused.", "Correct the Secret, then restart"),
    "setting": ("missing_env_or_config", 0.88, "It says that a setting it needs is missing.", "Add the setting"),
    "config": ("invalid_config", 0.8, "It says that it cannot read its configuration.", "Correct the configuration, then restart"),
    "write": ("file_permission_denied", 0.78, "It says that it may not write or read where it has to.", "Give it the right to the volume"),
}


def lost_setting(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """No words about it, but the newest revision took a setting away and only its pods end."""
    if (end := _ending(case, focus)) is None or focus.symptom != CRASH or "setting" in end.signs:
        return
    dropped = _dropped_setting(case, end)
    if dropped is None or end.code in (0, 126, 127, 137, 139) or not case.is_new_trouble(end.workload):
        return
    words = said(f"The newest revision no longer has `{_leaf(dropped)}`, and only its pods end.", dropped.evidence_id)
    yield _blame(case, focus, end, "missing_env_or_config", 0.84 if not end.signs else 0.6, [words], "Put the setting back")


def dependency(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """It cannot reach what it calls. The Service that is broken is to blame; where none is, the address may be."""
    if (end := _ending(case, focus)) is None:
        return
    heard = end.signs.get("dependency")
    if heard is None and focus.symptom not in (LIVENESS, READINESS, CRASH):
        return
    for address in _addresses(case, end.seen):
        yield from _wrong_address(case, focus, end, address, heard)
        service = address.service
        if service is None:
            continue
        named = heard is not None and (logs.names(heard[1], service.name) or (_ip(service) in heard[1] and bool(_ip(service))))
        broken = list(services.of_service(case, Focus("ServiceNoEndpoints", service)))
        if heard is not None and broken and (named or end.code is not None or focus.symptom == READINESS):
            link = (
                end.opening,
                said("It says that it cannot reach something.", heard[0]),
                said(f"It calls `{service.name}` by `{address.variable}`.", address.evidence_id),
            )
            deep = Focus("ServiceNoEndpoints", service, None, focus.weight * (0.97 if named else 0.85), link)
            yield from services.of_service(case, deep)
            yield case.blame(
                "dependency_unavailable", service, 0.8 if named else 0.65, *link, focus=focus, actions=[actions.diagnose(service)]
            )
    if heard is not None:
        score = 0.5 if focus.symptom == CRASH else 0.4
        yield case.blame(
            "dependency_unavailable",
            end.workload,
            score,
            end.opening,
            said("It says that it cannot reach something.", heard[0]),
            focus=focus,
            actions=[actions.advice("Find out what it cannot reach", "Nothing in the cluster's objects shows it.", heard[0])],
            missing=["the state of what it calls outside of this cluster's Services"],
        )


def own_error(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Nothing better is known than that it ends by itself."""
    if (end := _ending(case, focus)) is None or focus.symptom not in (CRASH, JOB) or end.code in (None, 0, 137):
        return
    line = _last_line(case, end.seen)
    sentences = [said("Its last error is cited.", line)] if line is not None else []
    missing = [] if line is not None else [f"log lines of container {end.seen.name}"]
    remedies = [actions.rollback(case, end.workload), actions.diagnose(end.workload)]
    yield case.blame(
        "application_error",
        end.workload,
        0.46 if line is not None else 0.3,
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
    if not seen.exit and focus.symptom not in (READINESS, LIVENESS):
        return None
    if seen.exit.get("reason") == "OOMKilled":
        return None
    code = seen.exit.get("exitCode")
    ended = exit_id(case, seen)
    words = (
        f"Container `{seen.name}` of pod `{pod.name}` ends with exit code `{code}`."
        if isinstance(code, int)
        else f"Container `{seen.name}`."
    )
    return Ending(
        seen=seen,
        workload=case.workload(pod),
        exit=ended,
        code=code if isinstance(code, int) else None,
        opening=said(words, ended),
        signs=_signs(case, seen),
    )


def _signs(case: Case, seen: Container) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for key, text in case.logs(seen):
        for sign in logs.signs(text):
            if sign.kind not in found:
                found[sign.kind] = (case.book.log(key, sign.line), sign.line)
    return found


def _last_line(case: Case, seen: Container) -> str | None:
    found: list[tuple[LogKey, str]] = [(key, line) for key, text in case.logs(seen) if (line := logs.last_error(text)) is not None]
    return case.book.log(*found[0]) if found else None


def _blame(case: Case, focus: Focus, end: Ending, cause: str, score: float, sentences: list[Sentence], remedy: str) -> Hypothesis:
    back: Action | None = None
    why = [one.evidence_id for one in case.changes(end.workload)[:1]]
    if why and case.is_new_trouble(end.workload):
        back = actions.rollback(case, end.workload, *why)
    advice = actions.advice(remedy, sentences[0].text, *sentences[0].evidence_ids)
    return case.blame(cause, end.workload, score, end.opening, *sentences, focus=focus, actions=[back, advice])


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


def _writes(case: Case, end: Ending, score: float) -> tuple[float, list[Sentence]]:
    """A refused write is more certain where a volume or a security context explains it."""
    found: list[Sentence] = []
    mounts = end.seen.spec.get("volumeMounts")
    own = [one for one in dicts(mounts) if not str(one.get("mountPath", "")).startswith("/var/run/secrets")]
    if own:
        mounted = spec_id(case, end.seen, "volumeMounts")
        found.append(said(f"It mounts a volume at `{own[0].get('mountPath')}`.", mounted))
        score += 0.1
    for path in ("spec.securityContext", f"{end.seen.spec_path}.securityContext"):
        context = end.seen.pod.map(path)
        if any(name in context for name in ("runAsUser", "readOnlyRootFilesystem", "fsGroup", "runAsNonRoot")):
            found.append(said("Its security context says as whom it runs.", case.book.object(end.seen.pod, path)))
            score += 0.05
            break
    return min(score, 0.92), found


class Address(NamedTuple):
    """An address in an environment variable: what it says, and the Service it means."""

    variable: str
    host: str
    port: int | None
    service: Thing | None
    evidence_id: str


def _addresses(case: Case, seen: Container) -> Iterator[Address]:
    namespace = seen.pod.namespace or ""
    for index, one in seen.pod.indexed(f"{seen.spec_path}.env"):
        value, name = one.get("value"), str(one.get("name") or "")
        if not isinstance(value, str) or (match := _ADDRESS.match(value)) is None or not _LOOKS_LIKE_HOST.search(match.group(1)):
            continue
        host, port = match.group(1), int(match.group(2)) if match.group(2) else None
        service = _service(case, namespace, host)
        if service is None and port is None:
            continue
        yield Address(name, host, port, service, case.book.object(seen.pod, f"{seen.spec_path}.env[{index}]"))


def _service(case: Case, namespace: str, host: str) -> Thing | None:
    pieces = host.split(".")
    if len(pieces) == 1 or pieces[1] == namespace:
        return case.snap.find("Service", namespace, pieces[0])
    if len(pieces) == 2 or pieces[2] == "svc":
        return case.snap.find("Service", pieces[1], pieces[0])
    return None


def _ip(service: Thing) -> str:
    return service.text("spec.clusterIP")


def _wrong_address(case: Case, focus: Focus, end: Ending, address: Address, heard: tuple[str, str] | None) -> Iterator[Hypothesis]:
    """The address names no Service though a near one exists, or a port its Service does not have."""
    confirmed = 0.9 if heard is not None else 0.6
    if address.service is not None:
        ports = [one.get("port") for one in address.service.many("spec.ports")]
        if address.port is None or not ports or address.port in ports:
            return
        shown = case.book.object(address.service, "spec.ports")
        words = said(
            f"`{address.variable}` asks `{address.host}` for port `{address.port}`; it has `{ports[0]}`.", address.evidence_id, shown
        )
    else:
        if ("." in address.host and not address.host.endswith((".svc", ".local"))) or not case.snap.sees("Service"):
            return
        near = _near_service(case, end.seen.pod.namespace or "", address)
        if near is None:
            return
        gone = case.book.absence(
            end.seen.pod.ref, f"Service {address.host}", f"no Service {address.host} in the namespace; the nearest is {near.name}"
        )
        words = said(f"`{address.variable}` names `{address.host}`, which is no Service; `{near.name}` is one.", address.evidence_id, gone)
    back = case.changed(end.workload, f"/env/{address.variable}")
    remedies = [
        actions.rollback(case, end.workload, back.evidence_id) if back is not None else None,
        actions.advice(f"Correct {address.variable}", "It points where nothing listens.", address.evidence_id),
    ]
    more = [said("It says that it cannot reach something.", heard[0])] if heard is not None else []
    yield case.blame(
        "wrong_dependency_address",
        end.workload,
        0.96 if back is not None else confirmed,
        end.opening,
        words,
        *more,
        focus=focus,
        actions=remedies,
    )


def _near_service(case: Case, namespace: str, address: Address) -> Thing | None:
    first = address.host.partition(".")[0]
    near = differences.nearest(first, [one.name for one in case.snap.all("Service", namespace)], at_most=3)
    if near is not None:
        return case.snap.find("Service", namespace, near)
    by_port = [
        one
        for one in case.snap.all("Service", namespace)
        if address.port is not None
        and any(p.get("port") == address.port for p in one.many("spec.ports"))
        and first.startswith(one.name[:4])
    ]
    return by_port[0] if len(by_port) == 1 else None


RULES = (
    rule(
        ends,
        {CRASH, JOB},
        {"command_not_found", "wrong_architecture", "permission_denied", "exits_zero", "segmentation_fault"},
    ),
    rule(last_words, {CRASH, JOB}, {cause for cause, *_ in _SAID.values()}),
    rule(lost_setting, {CRASH}, {"missing_env_or_config"}),
    rule(
        dependency,
        {CRASH, JOB, LIVENESS, READINESS},
        {"dependency_unavailable", "wrong_dependency_address"} | services.CAUSES,
    ),
    rule(own_error, {CRASH, JOB}, {"application_error"}),
)
