"""Where a container may write, and which volume is full: the mount that a log line mentions, and whether it is writable at all."""

import re
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Sentence
from optral.analysis.reading.case import Case, Container, cite
from optral.analysis.reading.snapshot import SnapshotObject, dicts
from optral.analysis.rules.containers import spec_id
from optral.terms.refs import ObjectRef

Mount = dict[str, object]
_READ_ONLY = re.compile(r"read-only file system|EROFS", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?<![\w.~/-])/\w")
_COPIES = {"configMap": "ConfigMap", "secret": "Secret", "projected": "", "downwardAPI": "", "image": ""}
"""Volumes that no container may write, whatever its mount says. Source: Kubernetes API reference, Volume."""
_CONTEXT = ("runAsUser", "readOnlyRootFilesystem", "fsGroup", "runAsNonRoot")


class RefusedWrite(NamedTuple):
    """What explains that a write is refused. `level` and `remedy` are None where the objects add nothing."""

    level: Level | None
    sentences: list[Sentence]
    remedy: str | None


class FullClaim(NamedTuple):
    sentences: list[Sentence]
    remedy: str


class KeySource(NamedTuple):
    """The key of a ConfigMap or Secret that a file or a variable comes from, and the evidence that the container refers to the object."""

    ref: ObjectRef
    key: str
    evidence_id: str


def refused_write(case: Case, seen: Container, line: str) -> RefusedWrite:
    """The mount or the security context that explains a refused write."""
    mentioned = _mentioned(dicts(seen.spec.get("volumeMounts")), line)
    mount = mentioned or _first(_data_mounts(seen), line)
    mounted = [] if mount is None else [_mounted_at(case, seen, mount)]
    if mentioned is not None and _READ_ONLY.search(line) and (lock := _lock(case, seen, mentioned)) is not None:
        return RefusedWrite(Level.PROVEN, [*mounted, lock[0]], lock[1])
    for path in (f"{seen.spec_path}.securityContext", "spec.securityContext"):
        if any(name in seen.pod.map(path) for name in _CONTEXT):
            return _by_security_context(case, seen, path, line, mount, mounted)
    return RefusedWrite(None if mount is None else Level.STRONG, mounted, None)


def _by_security_context(case: Case, seen: Container, path: str, line: str, mount: Mount | None, mounted: list[Sentence]) -> RefusedWrite:
    context, shown = seen.pod.map(path), case.book.object(seen.pod, path)
    is_read_only = _READ_ONLY.search(line) is not None
    is_of_root = _mentioned(dicts(seen.spec.get("volumeMounts")), line) is None
    if is_read_only and is_of_root and context.get("readOnlyRootFilesystem") is True:
        words = cite("Its security context makes its root file system read-only.", shown)
        return RefusedWrite(Level.PROVEN, [*mounted, words], "Mount an emptyDir where it writes, or make its root file system writable")
    settings = " and ".join(f"`{name}`" for name in _CONTEXT if name in context)
    words = cite(f"Its security context sets {settings}.", shown)
    if mount is None:
        return RefusedWrite(Level.STRONG, [words], None)
    needs_group = not is_read_only and bool(context.get("runAsUser")) and "fsGroup" not in seen.pod.map("spec.securityContext")
    remedy = f"Set fsGroup in the pod's security context, so that its user may write to the volume at {mount.get('mountPath')}"
    return RefusedWrite(Level.PROVEN, [*mounted, words], remedy if needs_group else None)


def _mounted_at(case: Case, seen: Container, mount: Mount) -> Sentence:
    return cite(f"It mounts a volume at `{mount.get('mountPath')}`.", spec_id(case, seen, "volumeMounts"))


def _lock(case: Case, seen: Container, mount: Mount) -> tuple[Sentence, str] | None:
    """Why a volume is read-only and what to do: by its type, by its own setting, or by its mount."""
    mounted = spec_id(case, seen, "volumeMounts")
    index, volume = _volume(seen, mount)
    shown = case.book.object(seen.pod, f"spec.volumes[{index}]") if volume else mounted
    path, name = mount.get("mountPath"), volume.get("name")
    for member, kind in _COPIES.items():
        source = volume.get(member)
        if isinstance(source, dict):
            what = f"{kind} {source.get('name') or source.get('secretName') or name}" if kind else f"volume {name}"
            words = cite(f"A `{member}` volume is read-only.", shown)
            return words, f"Copy {what} into an emptyDir at {path} with an init container, or write to another path"
    if mount.get("readOnly"):
        return cite("The volume is mounted read-only.", mounted), f"Mount the volume at {path} writable"
    if any(isinstance(source, dict) and source.get("readOnly") is True for source in volume.values()):
        return cite("The volume is declared read-only.", shown), f"Remove readOnly from volume {name} of the pod"
    return None


def full_claim(case: Case, seen: Container, line: str) -> FullClaim | None:
    """The claim that is full: the one at the path that the line mentions; where it mentions no path, the container's only claim."""
    mounts = [mount for mount in _data_mounts(seen) if _claim_name(seen, mount) is not None]
    mount = _mentioned(_data_mounts(seen), line) or (_first(mounts, line) if len(mounts) == 1 else None)
    name = _claim_name(seen, mount) if mount is not None else None
    if mount is None or name is None:
        return None
    index, _ = _volume(seen, mount)
    volume = case.book.object(seen.pod, f"spec.volumes[{index}]")
    sentences = [cite(f"It mounts the claim `{name}` at `{mount.get('mountPath')}`.", spec_id(case, seen, "volumeMounts"), volume)]
    claim = case.snap.find("PersistentVolumeClaim", seen.pod.namespace, name)
    size = claim.text("status.capacity.storage") if claim is not None else ""
    if claim is not None and size:
        sentences.append(cite(f"The claim's capacity is `{size}`.", case.book.fields(claim, "status", "capacity.storage")))
    return FullClaim(sentences, f"Expand the claim {name}, or delete data in it")


def source_of_file(case: Case, seen: Container, path: str) -> KeySource | None:
    """The ConfigMap or Secret whose volume is mounted where a file is, or should be, with the key that the file comes from.

    Several sources of a projected volume may hold it: the one that lists its path, else the one that has its key, else the only one.
    """
    mount = _mentioned(dicts(seen.spec.get("volumeMounts")), path)
    if mount is None:
        return None
    index, volume = _volume(seen, mount)
    inside = str(mount.get("subPath") or "") or _VERSION.sub("", path.removeprefix(str(mount.get("mountPath"))).strip("/"))
    source = _source_with(case, seen, volume, inside)
    key = inside if source is None else _keys_by_path(source).get(inside, inside)
    if source is None or not key or "/" in key:
        return None
    return KeySource(_ref(seen, source), key, case.book.object(seen.pod, f"spec.volumes[{index}]"))


def _source_with(case: Case, seen: Container, volume: Mount, inside: str) -> Mount | None:
    projected = volume.get("projected")
    found = [one for one in (volume, *dicts(projected.get("sources") if isinstance(projected, dict) else None)) if _kind_of(one)]
    listed = [one for one in found if inside in _keys_by_path(one)]
    known = [one for one in found if (config := _object(case, seen, one)) is not None and inside in config.map("data")]
    return next(iter(listed or known or (found if len(found) == 1 else [])), None)


_VERSION = re.compile(r"^\.\.[^/]{1,60}/")  # the directory that the kubelet links the keys of a volume from
_SOURCES = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"), ("secret", "Secret", "name"))
"""Of a volume, and of a source of a projected volume, the member, the kind, and the member that names the object."""


def _kind_of(source: Mount) -> tuple[str, str, dict[str, object]] | None:
    """The kind and the name of the object of a volume or source, and its spec."""
    for member, kind, name in _SOURCES:
        chosen = source.get(member)
        if isinstance(chosen, dict) and chosen.get(name):
            return kind, str(chosen[name]), chosen
    return None


def _ref(seen: Container, source: Mount) -> ObjectRef:
    kind, name, _ = _kind_of(source) or ("", "", {})
    return ObjectRef(kind, seen.pod.namespace, name)


def _keys_by_path(source: Mount) -> dict[str, str]:
    _, _, chosen = _kind_of(source) or ("", "", {})
    return {str(one.get("path")): str(one.get("key")) for one in dicts(chosen.get("items"))}


def _object(case: Case, seen: Container, source: Mount) -> SnapshotObject | None:
    ref = _ref(seen, source)
    return case.snap.at(ref) if ref.kind == "ConfigMap" else None


def sources_of_variables(case: Case, seen: Container, variable: str) -> list[KeySource]:
    """The ConfigMaps and Secrets whose keys are variables of the container, with the key that would be this variable."""
    found = []
    for index, entry in seen.pod.indexed(f"{seen.spec_path}.envFrom"):
        for member, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            source, prefix = entry.get(member), str(entry.get("prefix") or "")
            if isinstance(source, dict) and source.get("name"):
                key = variable.removeprefix(prefix) if variable.startswith(prefix) else ""
                shown = case.book.object(seen.pod, f"{seen.spec_path}.envFrom[{index}]")
                found.append(KeySource(ObjectRef(kind, seen.pod.namespace, str(source["name"])), key, shown))
    return found


def _data_mounts(seen: Container) -> list[Mount]:
    """Its mounts, without the token of its ServiceAccount."""
    return [mount for mount in dicts(seen.spec.get("volumeMounts")) if not str(mount.get("mountPath", "")).startswith("/var/run/secrets")]


def _mentioned(mounts: list[Mount], line: str) -> Mount | None:
    """The mount whose path the line mentions, the longest first. `/data` is not in `/app/data/x`, `/database` or `/data-old`."""
    found = [mount for mount in mounts if len(path := str(mount.get("mountPath") or "").rstrip("/")) > 1 and _mentions(line, path)]
    return max(found, key=lambda mount: len(str(mount.get("mountPath"))), default=None)


def _mentions(line: str, path: str) -> bool:
    return re.search(rf"(?<![\w.~/-]){re.escape(path)}(?![\w-]|\.\w)", line) is not None


def _first(mounts: list[Mount], line: str) -> Mount | None:
    """A guess for a line without an absolute path. A line with one that is in no mount is about another place."""
    return mounts[0] if mounts and _ABSOLUTE.search(line) is None else None


def _volume(seen: Container, mount: Mount) -> tuple[int, dict[str, object]]:
    """The volume of a mount and its index among the pod's; (0, {}) where there is none."""
    return next(((index, volume) for index, volume in seen.pod.indexed("spec.volumes") if volume.get("name") == mount.get("name")), (0, {}))


def _claim_name(seen: Container, mount: Mount) -> str | None:
    source = _volume(seen, mount)[1].get("persistentVolumeClaim")
    return str(source.get("claimName") or "") or None if isinstance(source, dict) else None
