"""What a container cannot be made without: ConfigMaps, Secrets, keys, mounts, a user, a command that exists."""

import re
from collections.abc import Iterator
from typing import Any

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Container, Focus, cite
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.rules.containers import container_change, container_events, exit_id, parts, spec_id, waiting_id
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import CONFIG, CREATE, MOUNT, RUN, rule
from optral.analysis.snapshot import Thing, dicts
from optral.detectors.pods import create_container_error
from optral.detectors.pods.create_container_config_error import missing_reference
from optral.kube.names import nearest

_NO_ITEM = re.compile(r"references non-existent (?:config|secret) key: ([\w.-]{1,253})")
_VOLUME = re.compile(r'for volume "([^"]{1,253})"')
_SOURCES = (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName"), ("Secret", "secret", "name"))
_CAUSES = {"ConfigMap": "missing_config_map", "Secret": "missing_secret"}


def missing(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A reference to something that is not there."""
    told, message = _told(case, focus)
    pod = focus.thing
    named, place = (missing_reference(message), "") if missing_reference(message) else _item_of_volume(pod, message)
    if not named:
        return
    workload = case.workload(pod)
    kind, name, key = named["missingKind"], named["missingName"], named.get("missingKey")
    opening = _opening(case, focus, told)
    sentences: list[Sentence] = [opening]
    exists = case.snap.find(kind, pod.namespace, name)
    if key is None and exists is not None:
        return  # made meanwhile: the kubelet will see it at its next try
    if key is not None:
        mounted = [case.book.object(pod, place)] if place else []
        sentences.append(cite(f"{kind} `{name}` has no key `{key}`.", told, *mounted))
        sentences += _keys(case, exists, key)
    else:
        sentences += _nearby(case, pod, kind, name, told)
    changed = next((one for one in case.changes(workload) if name in str(one.after) or (key is not None and key in str(one.after))), None)
    if changed is not None:
        sentences.append(cite("The newest revision refers to it.", changed.evidence_id))
    back = actions.rollback(case, workload, changed.evidence_id) if changed is not None else None
    remedy = f"Add the key {key} to {kind} {name}" if key is not None else f"Create {kind} {name}, or correct its name"
    yield case.hypothesis(
        "missing_key" if key is not None else _CAUSES[kind],
        workload,
        Level.PROVEN,
        *sentences,
        focus=focus,
        actions=[back, actions.advice(remedy, "The pod starts as soon as it exists.", told)],
    )


def _item_of_volume(pod: Thing, message: str) -> tuple[dict[str, str], str]:
    """What is missing where the kubelet names the key and the volume, and the volume the ConfigMap or Secret; and the volume's place."""
    item, volume = _NO_ITEM.search(message), _VOLUME.search(message)
    if item is None or volume is None:
        return {}, ""
    for index, one in pod.indexed("spec.volumes"):
        if one.get("name") != volume.group(1):
            continue
        projected = one.get("projected")
        for source in (one, *dicts(projected.get("sources") if isinstance(projected, dict) else None)):
            for kind, place, member in _SOURCES:
                chosen = source.get(place)
                if isinstance(chosen, dict) and any(asked.get("key") == item.group(1) for asked in dicts(chosen.get("items"))):
                    found = {"missingKind": kind, "missingName": str(chosen.get(member) or ""), "missingKey": item.group(1)}
                    return found, f"spec.volumes[{index}]"
    return {}, ""


def _keys(case: Case, config: Thing | None, key: str) -> list[Sentence]:
    if config is None:
        return []
    keys = sorted({**config.map("data"), **config.map("binaryData")})
    has = case.book.relation(config.ref, "data", "keys: " + ", ".join(keys[:30]))
    near = nearest(key, keys)
    if near is not None:
        return [cite(f"The closest existing key is `{near}`.", has)]
    return [cite(f"It has `{len(keys)}` keys." if not keys else "It has other keys.", has)] if keys else [cite("It has no keys.", has)]


def _nearby(case: Case, pod: Thing, kind: str, name: str, told: str) -> list[Sentence]:
    """That it is not there, and what is there under a near name or as the other kind."""
    found = [cite(f"{kind} `{name}` does not exist in namespace `{pod.namespace}`.", told, case.book.fields(pod, "metadata", "namespace"))]
    if case.snap.sees(kind):
        names = [one.name for one in case.snap.all(kind, pod.namespace)]
        gone = case.book.absence(pod.ref, f"{kind} {name}", f"not among the {len(names)} objects of this kind in the namespace")
        found[0] = cite(found[0].text, *found[0].evidence_ids, gone)
        if (near := nearest(name, names)) is not None:
            there = case.snap.find(kind, pod.namespace, near)
            if there is not None:
                found.append(cite(f"`{near}` exists, which is nearly the same name.", case.book.fields(there, "metadata", "name")))
    other = "ConfigMap" if kind == "Secret" else "Secret"
    twin = case.snap.find(other, pod.namespace, name)
    if twin is not None:
        found.append(cite(f"A {other} with that name exists.", case.book.fields(twin, "metadata", "name")))
    return found


def refused_user(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    told, message = _told(case, focus)
    if ("runAsNonRoot" not in message and "non-numeric user" not in message) or focus.container is None:
        return
    workload = case.workload(focus.thing)
    own = spec_id(case, focus.container, "securityContext")
    pod_wide = case.book.object(focus.thing, "spec.securityContext")
    yield case.hypothesis(
        "run_as_root_conflict",
        workload,
        Level.PROVEN,
        _opening(case, focus, told),
        cite("It must not run as root, and no other user is set.", told, own, pod_wide),
        focus=focus,
        actions=[
            actions.rollback(case, workload) if case.changed(workload, "securityContext") else None,
            actions.advice("Set runAsUser, or build the image with a non-root user", "The kubelet does not start it as root.", told),
        ],
    )


_RUNTIME: dict[str, tuple[str, Level, str, str]] = {
    "executableMissing": (
        "command_not_found",
        Level.PROVEN,
        "The image does not contain the program that the container runs.",
        "Correct the command or the image",
    ),
    "permissionDenied": (
        "permission_denied",
        Level.PROVEN,
        "The program is not executable by its user.",
        "Set the execute bit, or run as a user who may execute it",
    ),
    "wrongArchitecture": (
        "wrong_architecture",
        Level.PROVEN,
        "The node cannot execute the program: it was built for another CPU architecture.",
        "Build the image for the node's platform",
    ),
    "notADirectory": (
        "invalid_mount",
        Level.PROVEN,
        "A file is mounted over a directory, or a directory over a file.",
        "Correct mountPath or subPath",
    ),
    "nameInUse": ("stale_container", Level.STRONG, "A container with the same name is left over on the node.", "Delete the pod"),
    "memoryTooLow": ("init_memory_too_small", Level.PROVEN, "Its memory limit is too low to start it.", "Raise the limit"),
    "fileMissing": ("invalid_mount", Level.LIKELY, "A file or directory that it needs does not exist.", "Correct the mount or the path"),
}


_NO_WAY_IN = re.compile(r"(?:mkdir|chdir)\b[\s\S]{1,400}not a directory")


def runtime(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container runtime says why it cannot make or start the container."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    told, message = _told(case, focus)
    if (path := str(seen.spec.get("workingDir") or "")) and path in message and _NO_WAY_IN.search(message):
        asked = spec_id(case, seen, "workingDir")
        yield case.hypothesis(
            "working_directory_invalid",
            case.workload(pod),
            Level.PROVEN,
            _opening(case, focus, told),
            cite(f"Its workingDir `{path}` is not a directory.", told, asked),
            focus=focus,
            actions=[actions.advice("Correct workingDir", "The runtime cannot create or enter it.", told, asked)],
        )
        return
    name = next((cause for cause, _, pattern in create_container_error.CAUSES if pattern.search(message)), "")
    if name not in _RUNTIME:
        return
    cause, level, words, remedy = _RUNTIME[name]
    workload = case.workload(pod)
    sentences = [_opening(case, focus, told), cite(words, told)]
    command = spec_id(case, seen, "command", "args", "image")
    changed = next((c for part in ("/command", "/args", "/image") if (c := container_change(case, workload, seen, part)) is not None), None)
    if changed is not None and cause in ("command_not_found", "permission_denied", "wrong_architecture"):
        sentences.append(cite("The newest revision changed the image or command.", changed.evidence_id))
    else:
        sentences.append(quote("It runs", seen.image, command))
    limit = seen.pod.get(f"{seen.spec_path}.resources.limits.memory")
    first = {
        "stale_container": actions.delete_pod(pod, "Its controller creates a new one.", told),
        "init_memory_too_small": actions.raise_memory(workload, seen.name, str(limit) if limit is not None else None, told),
    }.get(cause)
    back = actions.rollback(case, workload, changed.evidence_id) if changed is not None else None
    yield case.hypothesis(
        cause, workload, level, *sentences, focus=focus, actions=[first, back, actions.advice(remedy, words, told, command)]
    )


def volumes(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The node cannot attach or mount a volume, and nothing it refers to is missing."""
    told, message = _told(case, focus)
    pod = focus.thing
    if not message or missing_reference(message) or _item_of_volume(pod, message)[0]:
        return
    workload = case.workload(pod)
    attach = next(iter(case.events(pod, "FailedAttachVolume")), None)
    opening = cite(f"Pod `{pod.name}` waits for a volume.", told)
    if attach is not None:
        why = case.event_id(attach, pod)
        multi = "Multi-Attach" in attach.text("message")
        words = "It is still attached to another node." if multi else "The storage driver cannot attach it to the node."
        remedy = actions.advice("Make sure that the pod that used the volume is gone", words, why)
        yield case.hypothesis(
            "volume_attach_failed",
            workload,
            Level.STRONG if multi else Level.LIKELY,
            opening,
            cite(words, why),
            focus=focus,
            actions=[remedy],
        )
        return
    claim = next(
        (c for c in _claims(pod) if (t := case.snap.find("PersistentVolumeClaim", pod.namespace, c)) and t.text("status.phase") != "Bound"),
        None,
    )
    level = Level.POSSIBLE if claim is not None else Level.LIKELY
    if "no space left" in message:
        yield case.hypothesis("disk_full", workload, Level.STRONG, opening, cite("No space is left on the device.", told), focus=focus)
    yield case.hypothesis(
        "volume_mount_failed",
        workload,
        level,
        opening,
        cite("The node cannot mount the volume.", told),
        focus=focus,
        actions=[actions.advice("Check the storage driver on that node, and the storage server", "The mount fails.", told)],
    )


def _claims(pod: Thing) -> list[str]:
    return [
        str(one["persistentVolumeClaim"].get("claimName"))
        for one in pod.many("spec.volumes")
        if isinstance(one.get("persistentVolumeClaim"), dict)
    ]


def _opening(case: Case, focus: Focus, told: str) -> Sentence:
    if focus.container is not None:
        named = spec_id(case, focus.container, "image")
        return cite(f"Container `{focus.container.name}` of pod `{focus.thing.name}` cannot be created.", told, named)
    return cite(f"Pod `{focus.thing.name}` cannot be started.", told)


def _told(case: Case, focus: Focus) -> tuple[str, str]:
    """(evidence id, text): what the container waits with, else the Event that tells most, else what the detector saw."""
    seen, pod = focus.container, focus.thing
    if focus.symptom != MOUNT and seen is not None:
        message = str(seen.waiting.get("message") or "")
        if message and "back-off" not in message.lower():
            return waiting_id(case, seen), message
        if message := str(seen.exit.get("message") or ""):
            return exit_message_id(case, seen), message
        for event in container_events(case, seen, "Failed"):
            if (message := event.text("message")) and "pull" not in message.lower():
                return case.event_id(event, pod), message
    reasons = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
    events = case.events(pod, *reasons) if focus.symptom == MOUNT else []
    events.sort(key=lambda event: not (missing_reference(event.text("message")) or _NO_ITEM.search(event.text("message"))))
    for event in events:
        return case.event_id(event, pod), event.text("message")
    facts: dict[str, Any] = dict(case.question.facts)
    return case.book.fact(pod.ref, facts, "message"), str(facts.get("message") or "")


def exit_message_id(case: Case, seen: Container) -> str:
    """How it ended, with the runtime's message."""
    if not seen.exit_path:
        return exit_id(case, seen)
    last = seen.exit_path.removeprefix(seen.status_path + ".")
    return case.book.fields(seen.pod, seen.status_path, "name", f"{last}.reason", f"{last}.exitCode", f"{last}.message")


_REFERENCES = {"missing_config_map", "missing_secret", "missing_key"}
RULES = (
    rule(missing, {CONFIG, MOUNT}, _REFERENCES, version=2),
    rule(refused_user, {CONFIG}, {"run_as_root_conflict"}),
    rule(runtime, {CREATE, RUN}, {cause for cause, *_ in _RUNTIME.values()} | {"working_directory_invalid"}),
    rule(volumes, {MOUNT}, {"volume_attach_failed", "volume_mount_failed", "disk_full"}),
)
