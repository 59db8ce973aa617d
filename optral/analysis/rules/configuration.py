"""What a container needs before it can be created: ConfigMaps, Secrets, keys, mounts, a user, a command that exists."""

import re
from collections.abc import Iterator
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Container, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject, dicts
from optral.analysis.remedies import actions
from optral.analysis.rules.containers import (
    container_change,
    container_events,
    exit_message_id,
    node_of,
    parts,
    program,
    spec_id,
    waiting_id,
)
from optral.analysis.rules.decisions import Verdict
from optral.analysis.rules.quotes import changed, quote
from optral.analysis.rules.rule import CONFIG, CREATE, MOUNT, RUN, rule
from optral.kube.names import nearest
from optral.kube.reports.containers import NOT_ATTACHED, NOT_MOUNTED, POST_START_FAILURE, RootRefusal, root_refusal
from optral.kube.reports.mounts import is_attached_elsewhere, missing_item, missing_reference, volumes_named_in
from optral.kube.reports.runtime import Failure, device_named_in, start_failure

_SOURCES = (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName"), ("Secret", "secret", "name"))
_CAUSES = {"ConfigMap": "missing_config_map", "Secret": "missing_secret"}


def missing(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A reference to an object or a key that does not exist."""
    reported, message = _message(case, focus)
    pod = focus.obj
    named, place = (missing_reference(message), "") if missing_reference(message) else _item_of_volume(pod, message)
    if not named:
        return
    workload = case.workload(pod)
    kind, name, key = named["missingKind"], named["missingName"], named.get("missingKey")
    opening = _opening(case, focus, reported)
    sentences: list[Sentence] = [opening]
    exists = case.snap.find(kind, pod.namespace, name)
    if key is None and exists is not None:
        return  # created meanwhile: the kubelet finds it at its next attempt
    if key is not None:
        mounted = [case.book.object(pod, place)] if place else []
        sentences.append(cite(f"{kind} {{object}} has no key {{key}}.", reported, *mounted, object=name, key=key))
        sentences += existing_keys(case, exists, key)
    else:
        sentences += _similar(case, pod, kind, name, reported)
    recent = next(
        (change for change in case.changes(workload) if any(word in str(change.after) for word in (name, key) if word is not None)), None
    )
    if recent is not None:
        sentences.append(cite("The newest revision refers to it.", recent.evidence_id))
    back = actions.rollback(case, workload, recent.evidence_id) if recent is not None else None
    remedy = f"Add the key {key} to {kind} {name}" if key is not None else f"Create {kind} {name}, or correct its name"
    yield focus.hypothesis(
        "missing_key" if key is not None else _CAUSES[kind],
        workload,
        Level.PROVEN,
        *sentences,
        actions=[back, actions.advice(remedy, "The pod starts as soon as it exists.", reported)],
    )


def _item_of_volume(pod: SnapshotObject, message: str) -> tuple[dict[str, str], str]:
    """What is missing, and the path of the volume: the kubelet names the key and the volume, the volume names the ConfigMap or Secret."""
    item, named = missing_item(message), volumes_named_in(message)
    if item is None or len(named) != 1:
        return {}, ""
    for index, declared in pod.indexed("spec.volumes"):
        if declared.get("name") != named[0]:
            continue
        projected = declared.get("projected")
        for source in (declared, *dicts(projected.get("sources") if isinstance(projected, dict) else None)):
            for kind, place, member in _SOURCES:
                chosen = source.get(place)
                if isinstance(chosen, dict) and any(declared.get("key") == item[1] for declared in dicts(chosen.get("items"))):
                    found = {"missingKind": kind, "missingName": str(chosen.get(member) or ""), "missingKey": item[1]}
                    return found, f"spec.volumes[{index}]"
    return {}, ""


def existing_keys(case: Case, config: SnapshotObject | None, key: str) -> list[Sentence]:
    """What a ConfigMap has in place of a key; nothing where it cannot be read."""
    if config is None:
        return []
    keys = sorted({**config.map("data"), **config.map("binaryData")})
    has = case.book.relation(config.ref, "data", "keys: " + ", ".join(keys[:30]))
    near = nearest(key, keys)
    if near is not None:
        return [cite(f"The closest existing key is `{near}`.", has)]
    return [cite(f"Its keys are {', '.join(f'`{known}`' for known in keys[:5])}.", has)] if keys else [cite("It has no keys.", has)]


def _similar(case: Case, pod: SnapshotObject, kind: str, name: str, reported: str) -> list[Sentence]:
    """That it does not exist, and what exists under a similar name or as the other kind."""
    words = f"{kind} {{object}} does not exist in namespace `{pod.namespace}`."
    found = [cite(words, reported, case.book.fields(pod, "metadata", "namespace"), object=name)]
    if (listing := case.snap.listed(kind, pod.namespace)) is not None:
        gone = case.book.absence(listing, pod.ref, f"{kind} {name}", "not among the objects of this kind")
        found[0] = cite(words, *found[0].evidence_ids, gone, object=name)
        if (near := nearest(name, listing.names)) is not None:
            there = case.snap.find(kind, pod.namespace, near)
            if there is not None:
                found.append(cite(f"`{near}` exists, with nearly the same name.", case.book.fields(there, "metadata", "name")))
    other = "ConfigMap" if kind == "Secret" else "Secret"
    twin = case.snap.find(other, pod.namespace, name)
    if twin is not None:
        found.append(cite(f"A {other} with that name exists.", case.book.fields(twin, "metadata", "name")))
    return found


def runs_as_root(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The image runs as root, and the pod may not."""
    reported, message = _message(case, focus)
    if (refusal := root_refusal(message)) is None or focus.container is None:
        return
    workload = case.workload(focus.obj)
    own = spec_id(case, focus.container, "securityContext")
    pod_wide = case.book.object(focus.obj, "spec.securityContext")
    yield focus.hypothesis(
        "run_as_root_conflict",
        workload,
        Level.PROVEN,
        _opening(case, focus, reported),
        cite(f"It must run as non-root, but {_AS_ROOT[refusal]}.", reported, own, pod_wide),
        quote("Message from the kubelet", message, reported),
        actions=[
            actions.rollback(case, workload) if case.changed(workload, "securityContext") else None,
            actions.advice("Set runAsUser, or build the image with a non-root user", "The kubelet does not start it as root.", reported),
        ],
    )


_AS_ROOT = {
    RootRefusal.IMAGE: "no other user is set",
    RootRefusal.USER: "its runAsUser is 0",
    RootRefusal.NAME: "the user of its image is a name, which the kubelet cannot verify",
}


START_FAILURES: dict[Failure, Verdict] = {
    Failure.EXECUTABLE_MISSING: Verdict(
        "command_not_found",
        Level.PROVEN,
        "The image does not contain the program that the container runs.",
        "Correct the command or the image",
    ),
    Failure.PERMISSION_DENIED: Verdict(
        "permission_denied",
        Level.PROVEN,
        "The program is not executable by its user.",
        "Set the execute bit, or run as a user who may execute it",
    ),
    Failure.WRONG_ARCHITECTURE: Verdict(
        "wrong_architecture",
        Level.PROVEN,
        "The node cannot execute the program: it was built for another CPU architecture.",
        "Build the image for the node's platform",
    ),
    Failure.NOT_A_DIRECTORY: Verdict(
        "invalid_mount",
        Level.PROVEN,
        "A file is mounted over a directory, or a directory over a file.",
        "Correct mountPath or subPath",
    ),
    Failure.NAME_IN_USE: Verdict(
        "stale_container", Level.STRONG, "A container with the same name is left over on the node.", "Delete the pod"
    ),
    Failure.MEMORY_TOO_LOW: Verdict("init_memory_too_small", Level.PROVEN, "Its memory limit is too low to start it.", "Raise the limit"),
    Failure.FILE_MISSING: Verdict(
        "invalid_mount",
        Level.LIKELY,
        "A file or directory that it needs does not exist.",
        "Correct the mount or the path",
    ),
    Failure.SECURITY_PROFILE: Verdict(
        "security_profile_unavailable",
        Level.PROVEN,
        "The runtime cannot apply its security profile.",
        "Load the profile on the nodes where it may run, or correct the profile that it names",
    ),
    Failure.DEVICE: Verdict(
        "device_unavailable",
        Level.STRONG,
        "A device that it needs is not available on the node.",
        "Check the driver, the device plugin and the CDI specification of the node",
    ),
    Failure.HOOK: Verdict(
        "runtime_hook_failed",
        Level.STRONG,
        "A hook that runs before its program fails.",
        "Correct or remove the hook, which the runtime of the node or the container's own spec configures",
    ),
    Failure.DISK_FULL: Verdict("disk_full", Level.LIKELY, "No space is left on the node.", "Free disk space on the node"),
}


_OF_PROGRAMS = ("command_not_found", "permission_denied", "wrong_architecture")
_OF_NODES = ("security_profile_unavailable", "device_unavailable", "runtime_hook_failed", "disk_full")
_NOT_A_DIRECTORY = re.compile(r"(?:mkdir|chdir)\b[\s\S]{1,400}not a directory")


def runtime(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The container runtime reports why it cannot create or start the container."""
    if (found := parts(focus)) is None:
        return
    seen, pod = found
    reported, message = _message(case, focus)
    if _is_bad_working_directory(seen, message):
        yield _bad_working_directory(case, focus, seen, reported)
        return
    if (failure := start_failure(message)) is None or seen.waiting.get("reason") == POST_START_FAILURE:
        return
    cause, level, words, remedy = START_FAILURES[failure]
    workload = case.workload(pod)
    command = spec_id(case, seen, "securityContext" if cause == "security_profile_unavailable" else "command", "args", "image")
    change = next((c for part in ("/command", "/args", "/image") if (c := container_change(case, workload, seen, part)) is not None), None)
    sentences = [_opening(case, focus, reported), cite(words, reported), *_details(case, seen, cause, message, reported)]
    if change is not None and cause in _OF_PROGRAMS:
        sentences.append(changed(f"`{change.path.rpartition('/')[2]}`", change))
    elif cause in _OF_NODES:
        sentences += node_of(case, pod)
    else:
        sentences.append(cite("Its image is {image}.", command, image=seen.image))
    limit = seen.pod.get(f"{seen.spec_path}.resources.limits.memory")
    first = {
        "stale_container": actions.delete_pod(pod, "Its controller creates a new one.", reported),
        "init_memory_too_small": actions.raise_memory(workload, seen.name, str(limit) if limit is not None else None, reported),
    }.get(cause)
    back = actions.rollback(case, workload, change.evidence_id) if change is not None else None
    yield focus.hypothesis(cause, workload, level, *sentences, actions=[first, back, actions.advice(remedy, words, reported, command)])


def _details(case: Case, seen: Container, cause: str, message: str, reported: str) -> list[Sentence]:
    """What the cause is about: the program, the container's name, or what the runtime says about a mount or the memory."""
    if cause in _OF_PROGRAMS:
        return program(case, seen, message, reported)
    if cause == "stale_container":
        return [cite("Its name is {container}.", spec_id(case, seen), container=seen.name)]
    if cause == "device_unavailable" and (device := device_named_in(message)) is not None:
        return [cite("The device is {device}.", reported, device=device), quote("Message from the runtime", message, reported)]
    return [quote("Message from the runtime", message, reported)]


def _is_bad_working_directory(seen: Container, message: str) -> bool:
    path = str(seen.spec.get("workingDir") or "")
    return bool(path) and path in message and _NOT_A_DIRECTORY.search(message) is not None


def _bad_working_directory(case: Case, focus: Focus, seen: Container, reported: str) -> Hypothesis:
    declared = spec_id(case, seen, "workingDir")
    return focus.hypothesis(
        "working_directory_invalid",
        case.workload(seen.pod),
        Level.PROVEN,
        _opening(case, focus, reported),
        cite("Its workingDir {path} is not a directory.", reported, declared, path=seen.spec["workingDir"]),
        actions=[actions.advice("Correct workingDir", "The runtime cannot create or enter it.", reported, declared)],
    )


def volumes(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """The node cannot attach or mount a volume, and everything that the volume refers to exists."""
    reported, message = _message(case, focus)
    pod = focus.obj
    if not message or missing_reference(message) or _item_of_volume(pod, message)[0]:
        return
    workload = case.workload(pod)
    attach = next(iter(case.events(pod, "FailedAttachVolume")), None)
    opening = cite(f"Pod `{pod.name}` is waiting for a volume.", reported)
    reason = quote("Message from the kubelet", message, reported)
    if attach is not None:
        why = case.event_id(attach, pod)
        multi = is_attached_elsewhere(attach.text("message"))
        words = "It is still attached to another node." if multi else "The storage driver cannot attach it to the node."
        remedy = actions.advice("Make sure that the pod that used the volume is gone", words, why)
        yield focus.hypothesis(
            "volume_attach_failed",
            workload,
            Level.STRONG if multi else Level.LIKELY,
            opening,
            cite(words, why),
            quote("Message from the controller", attach.text("message"), why),
            actions=[remedy],
        )
        return
    claim = next(
        (c for c in _claims(pod) if (t := case.snap.find("PersistentVolumeClaim", pod.namespace, c)) and t.text("status.phase") != "Bound"),
        None,
    )
    level = Level.POSSIBLE if claim is not None else Level.LIKELY
    if "no space left" in message:
        full = cite("No space is left on the device.", reported)
        yield focus.hypothesis("disk_full", workload, Level.STRONG, opening, full, reason)
    yield focus.hypothesis(
        "volume_mount_failed",
        workload,
        level,
        opening,
        cite("The node cannot mount the volume.", reported),
        reason,
        actions=[actions.advice("Check the storage driver on that node, and the storage server", "The mount fails.", reported)],
    )


def _claims(pod: SnapshotObject) -> list[str]:
    return [
        str(volume["persistentVolumeClaim"].get("claimName"))
        for volume in pod.many("spec.volumes")
        if isinstance(volume.get("persistentVolumeClaim"), dict)
    ]


def _opening(case: Case, focus: Focus, reported: str) -> Sentence:
    if focus.container is not None:
        named = spec_id(case, focus.container, "image")
        return cite(f"Container `{focus.container.name}` of pod `{focus.obj.name}` cannot be created.", reported, named)
    return cite(f"Pod `{focus.obj.name}` cannot start.", reported)


def _message(case: Case, focus: Focus) -> tuple[str, str]:
    """(evidence id, text): the waiting message of the container, else the most specific Event, else what the detector recorded."""
    seen, pod = focus.container, focus.obj
    if focus.symptom != MOUNT and seen is not None:
        message = str(seen.waiting.get("message") or "")
        if message and "back-off" not in message.lower():
            return waiting_id(case, seen), message
        if message := str(seen.exit.get("message") or ""):
            return exit_message_id(case, seen), message
        for event in container_events(case, seen, "Failed"):
            if (message := event.text("message")) and "pull" not in message.lower():
                return case.event_id(event, pod), message
    events = case.events(pod, *NOT_MOUNTED, NOT_ATTACHED) if focus.symptom == MOUNT else []
    events.sort(key=lambda event: not (missing_reference(event.text("message")) or missing_item(event.text("message"))))
    for event in events:
        return case.event_id(event, pod), event.text("message")
    facts: dict[str, Any] = dict(case.question.facts)
    return case.book.fact(pod.ref, facts, "message"), str(facts.get("message") or "")


_REFERENCES = {"missing_config_map", "missing_secret", "missing_key"}
RULES = (
    rule(missing, {CONFIG, MOUNT}, _REFERENCES, version=2),
    rule(runs_as_root, {CONFIG}, {"run_as_root_conflict"}),
    rule(runtime, {CREATE, RUN}, {cause for cause, *_ in START_FAILURES.values()} | {"working_directory_invalid"}),
    rule(volumes, {MOUNT}, {"volume_attach_failed", "volume_mount_failed", "disk_full"}),
)
