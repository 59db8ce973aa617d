"""What the objects add to a message of a program (`field_causes.py`): who else, where it is set, what to change."""

import re
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case, cite, template_path
from optral.analysis.reading.snapshot import dicts
from optral.analysis.remedies import edits
from optral.analysis.remedies.edits import Edit
from optral.analysis.rules.containers import LogLine, container_change, spec_id
from optral.analysis.rules.exits import Exit
from optral.analysis.rules.quotes import changed
from optral.kube import log_signs

MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a mount path of containers, not a file of ours
FIRST_FREE_PORT = 1024


class Detail(NamedTuple):
    """What the objects say about the message: sentences, a remedy and an edit. A `level` overrides that of the row."""

    sentences: list[Sentence]
    remedy: str | None = None
    edit: Edit | None = None
    level: Level | None = None


class MessageMatch(NamedTuple):
    """A message that was found: the case, the exit, the line, and the match of its pattern, if it has one of its own."""

    case: Case
    exited: Exit
    line: LogLine
    match: re.Match[str] | None = None

    def group(self, name: str) -> str:
        """What the pattern names so; "" where it names nothing."""
        return (self.match[name] or "") if self.match is not None else ""


def nothing(_: MessageMatch) -> Detail:
    return Detail([])


def shared_memory(found: MessageMatch) -> Detail | None:
    mounts = dicts(found.exited.container.spec.get("volumeMounts"))
    mounted = next((mount for mount in mounts if mount.get("mountPath") == SHARED_MEMORY), None)
    shown = spec_id(found.case, found.exited.container, "volumeMounts")
    if mounted is None:
        pod = found.exited.container.pod
        text = f"no volume of container {found.exited.container.name} is at {SHARED_MEMORY}"
        gone = found.case.book.absence(pod, pod.ref, "volumeMounts", text)
        words = "The container has no volume at {path}, so its size is the runtime's default."
        return Detail([cite(words, gone, shown, path=SHARED_MEMORY)])
    return Detail(
        [cite("Volume {volume} is mounted at {path}.", shown, volume=mounted.get("name"), path=SHARED_MEMORY)], "Raise its sizeLimit"
    )


def service_link(found: MessageMatch) -> Detail | None:
    """The Service whose address Kubernetes put into the variable, and the variable, unless the template sets it itself."""
    pod = found.exited.container.pod
    if pod.get("spec.enableServiceLinks") is False:
        return None
    address = found.group("ip")
    service = next((one for one in found.case.snap.all("Service", pod.namespace) if one.text("spec.clusterIP") == address), None)
    if service is None:
        return None
    variable = f"{service.name.upper().replace('-', '_')}_PORT"
    if any(one.get("name") == variable for one in dicts(found.exited.container.spec.get("env"))):
        return None
    shown = found.case.book.relation(service.ref, "variables", f"Service {service.name}, clusterIP {address}, is the variable {variable}")
    words = "For Service {service} Kubernetes sets {setting} to this address, and the program reads it as its own port."
    steps = (*template_path(found.exited.workload.kind).split("."), "enableServiceLinks")
    return Detail(
        [cite(words, shown, found.line.evidence_id, service=service.name, setting=variable)],
        f"Set enableServiceLinks to false, or set {variable} in the container",
        edits.edit(found.exited.workload, steps, False),
    )


def privileged_port(found: MessageMatch) -> Detail | None:
    port = int(next((group for group in (found.match.groups() if found.match is not None else ()) if group), 0))
    if not 0 < port < FIRST_FREE_PORT:
        return None
    shown = [
        found.case.book.object(found.exited.container.pod, path)
        for path in ("spec.securityContext", f"{found.exited.container.spec_path}.securityContext")
    ]
    words = "Port {port} is reserved for root and for containers with the capability `NET_BIND_SERVICE`."
    note = found.case.book.relation(
        found.exited.workload.ref, "port", f"{port} is below {FIRST_FREE_PORT}: it needs root or NET_BIND_SERVICE"
    )
    return Detail(
        [cite(words, found.line.evidence_id, note, *shown, port=port)], f"Listen on port {FIRST_FREE_PORT} or higher instead of {port}"
    )


def descriptors(found: MessageMatch) -> Detail:
    is_inotify = "inotify" in found.line.text.lower() or "watch" in found.line.text.lower()
    limit = "fs.inotify" if is_inotify else "nofile"
    text = f"{limit}: {'a limit of the node, shared by all its pods' if is_inotify else 'the limit of open files of the process'}"
    noted = found.case.book.relation(found.exited.workload.ref, "limit", text)
    node = found.exited.container.pod.text("spec.nodeName")
    where = found.case.book.fields(found.exited.container.pod, "spec", "nodeName")
    words = "The limit is {setting} of node {node}, shared by its pods." if is_inotify and node else "The limit is {setting}."
    facts = {"setting": limit} | ({"node": node} if is_inotify and node else {})
    return Detail(
        [cite(words, noted, where, **facts)], "Raise fs.inotify on the node, or lower the number of watches" if is_inotify else None
    )


def user(found: MessageMatch) -> Detail:
    """The number of the user, and where the pod sets it."""
    number = next((group for group in (found.match.groups() if found.match is not None else ()) if group), "")
    pod, base = found.exited.container.pod, found.exited.container.spec_path
    for path, place in ((f"{base}.securityContext.runAsUser", "container"), ("spec.securityContext.runAsUser", "pod")):
        if str(pod.get(path)) == number:
            words = f"The securityContext of the {place} sets `runAsUser` to {{user}}."
            shown = found.case.book.fields(pod, path.rpartition(".")[0], "runAsUser")
            return Detail(
                [cite(words, shown, user=number)], f"Set runAsUser to a user of the image, or add user {number} to its /etc/passwd"
            )
    return Detail([cite("It runs as user {user}.", found.line.evidence_id, user=number)])


def on_node(found: MessageMatch) -> Detail:
    node = found.exited.container.pod.text("spec.nodeName")
    if not node:
        return Detail([])
    return Detail([cite("The pod runs on node {node}.", found.case.book.fields(found.exited.container.pod, "spec", "nodeName"), node=node)])


def kernel_setting(found: MessageMatch) -> Detail:
    words = "On the node, {setting} is {current}."
    where = on_node(found)
    return Detail([cite(words, found.line.evidence_id, setting=found.group("setting"), current=found.group("value")), *where.sentences])


def image_changed(found: MessageMatch) -> Detail:
    seen = found.exited.container
    words = cite("Its image is {image}.", spec_id(found.case, seen, "image"), image=seen.image)
    change = container_change(found.case, found.exited.workload, seen, "/image")
    return Detail([words] if change is None else [words, changed("The image", change)])


def locked(found: MessageMatch) -> Detail:
    """Other pods that mount a claim of this pod."""
    pod = found.exited.container.pod
    for index, volume in pod.indexed("spec.volumes"):
        source = volume.get("persistentVolumeClaim")
        claim = str(source.get("claimName")) if isinstance(source, dict) else ""
        others = [
            one.name
            for one in found.case.snap.all("Pod", pod.namespace)
            if claim and one.name != pod.name and _mounts(one.many("spec.volumes"), claim)
        ]
        if others:
            shown = found.case.book.object(pod, f"spec.volumes[{index}]")
            both = found.case.book.relation(pod.ref, "claim", f"claim {claim} is also mounted by {', '.join(others[:5])}")
            words = cite("Pod {pod} mounts the same claim {claim}.", shown, both, pod=others[0], claim=claim)
            return Detail(
                [words],
                f"Let one pod use the claim {claim}: one replica with the strategy Recreate, or a claim for each",
                level=Level.PROVEN,
            )
    return Detail([])


def _mounts(volumes: list[dict[str, object]], claim: str) -> bool:
    return any(isinstance(source := volume.get("persistentVolumeClaim"), dict) and source.get("claimName") == claim for volume in volumes)


def kind(found: MessageMatch) -> Detail:
    kind, version = found.group("kind"), found.group("version")
    words = "The cluster does not serve {object} in version {current}."
    remedy = f"Install the CustomResourceDefinition of {kind}, or use a version of the program that knows the APIs of this cluster"
    return Detail([cite(words, found.line.evidence_id, object=kind, current=version)], remedy)


def token(found: MessageMatch) -> Detail | None:
    pod = found.exited.container.pod
    account = found.case.snap.find("ServiceAccount", pod.namespace, pod.text("spec.serviceAccountName") or "default")
    if pod.get("spec.automountServiceAccountToken") is False:
        shown = found.case.book.object(pod, "spec.automountServiceAccountToken")
        place = "The pod"
    elif (
        account is not None
        and account.get("automountServiceAccountToken") is False
        and pod.get("spec.automountServiceAccountToken") is None
    ):
        shown = found.case.book.object(account, "automountServiceAccountToken")
        place = f"ServiceAccount `{account.name}`"
    else:
        return None
    words = f"{place} sets {{setting}} to `false`, so no token is mounted at {{path}}."
    noted = found.case.book.relation(pod.ref, "token", f"automountServiceAccountToken: false; no token at {MOUNT_PATH}")
    steps = (*template_path(found.exited.workload.kind).split("."), "automountServiceAccountToken")
    sentence = cite(words, shown, noted, setting="automountServiceAccountToken", path=MOUNT_PATH)
    return Detail([sentence], "Set automountServiceAccountToken to true", edits.edit(found.exited.workload, steps, True))


def rate(found: MessageMatch) -> Detail:
    hosts = [address.host for address in log_signs.hosts(found.line.text)]
    return Detail([cite("The server is {address}.", found.line.evidence_id, address=hosts[0])] if hosts else [])
