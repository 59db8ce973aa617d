"""Where a container may write, and what is full: the volume that a line speaks of, and whether it may be written at all."""

import re

from optral.analysis.calibration import Level
from optral.analysis.case import Case, Container, cite
from optral.analysis.model import Sentence
from optral.analysis.rules.containers import spec_id
from optral.analysis.snapshot import dicts

_READ_ONLY = re.compile(r"read-only file system|EROFS", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?<![\w.~/-])/\w")
_COPIES = {"configMap": "ConfigMap", "secret": "Secret", "projected": "", "downwardAPI": "", "image": ""}
"""Volumes that no container may write, whatever its mount says. Source: Kubernetes API reference, Volume."""
_CONTEXT = ("runAsUser", "readOnlyRootFilesystem", "fsGroup", "runAsNonRoot")


def refused(case: Case, seen: Container, level: Level, line: str, remedy: str) -> tuple[Level, list[Sentence], str]:
    """A refused write is surer where a mount or a security context explains it: (level, words, what to do)."""
    found: list[Sentence] = []
    spoken = _spoken(dicts(seen.spec.get("volumeMounts")), line)
    mount = spoken or _first(_own(seen), line)
    is_locked = _READ_ONLY.search(line) is not None
    if mount is not None:
        mounted = spec_id(case, seen, "volumeMounts")
        found.append(cite(f"It mounts a volume at `{mount.get('mountPath')}`.", mounted))
        level = Level.STRONG
        lock = _lock(case, seen, mount, mounted) if is_locked and spoken is not None else None
        if lock is not None:
            return Level.PROVEN, [*found, lock[0]], lock[1]
    for path in (f"{seen.spec_path}.securityContext", "spec.securityContext"):
        context = seen.pod.map(path)
        if not any(name in context for name in _CONTEXT):
            continue
        shown = case.book.object(seen.pod, path)
        level = Level.PROVEN if mount is not None else Level.STRONG
        if is_locked and spoken is None and context.get("readOnlyRootFilesystem") is True:
            found.append(cite("Its root file system is read-only, by its security context.", shown))
            return Level.PROVEN, found, "Mount an emptyDir where it writes, or make its root file system writable"
        found.append(cite("Its security context sets the user.", shown))
        if mount is not None and not is_locked and "fsGroup" not in seen.pod.map("spec.securityContext") and context.get("runAsUser"):
            remedy = f"Set fsGroup in the pod's security context, so that its user may write to the volume at {mount.get('mountPath')}"
        break
    return level, found, remedy


def _lock(case: Case, seen: Container, mount: dict[str, object], mounted: str) -> tuple[Sentence, str] | None:
    """Why a volume may only be read, and what to do: it is of such a kind, it says so itself, or its mount does."""
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


def full(case: Case, seen: Container, line: str, remedy: str) -> tuple[list[Sentence], str]:
    """The claim that is full: the one the line speaks of; the only claim it mounts where the line tells no path."""
    mounts = [one for one in _own(seen) if _claim(seen, one) is not None]
    mount = _spoken(_own(seen), line) or (_first(mounts, line) if len(mounts) == 1 else None)
    name = _claim(seen, mount) if mount is not None else None
    if mount is None or name is None:
        return [], remedy
    shown = spec_id(case, seen, "volumeMounts")
    index, _ = _volume(seen, mount)
    words = cite(
        f"It mounts the claim `{name}` at `{mount.get('mountPath')}`.", shown, case.book.object(seen.pod, f"spec.volumes[{index}]")
    )
    claim = case.snap.find("PersistentVolumeClaim", seen.pod.namespace, name)
    size = claim.text("status.capacity.storage") if claim is not None else ""
    more = (
        [cite(f"The claim's capacity is `{size}`.", case.book.fields(claim, "status", "capacity.storage"))]
        if claim is not None and size
        else []
    )
    return [words, *more], f"Expand the claim {name}, or delete data in it"


def _own(seen: Container) -> list[dict[str, object]]:
    mounts = seen.spec.get("volumeMounts")
    return [one for one in dicts(mounts) if not str(one.get("mountPath", "")).startswith("/var/run/secrets")]


def _spoken(mounts: list[dict[str, object]], line: str) -> dict[str, object] | None:
    """The mount the line speaks of by its path, the longest first. `/data` is not in `/app/data/x`, `/database` or `/data-old`."""
    found = [one for one in mounts if len(path := str(one.get("mountPath") or "").rstrip("/")) > 1 and _is_told(path, line)]
    return max(found, key=lambda one: len(str(one.get("mountPath"))), default=None)


def _is_told(path: str, line: str) -> bool:
    return re.search(rf"(?<![\w.~/-]){re.escape(path)}(?![\w-]|\.\w)", line) is not None


def _first(mounts: list[dict[str, object]], line: str) -> dict[str, object] | None:
    """A guess, for a line that tells no path from the root: one that does and speaks of no mount speaks of another place."""
    return mounts[0] if mounts and _ABSOLUTE.search(line) is None else None


def _volume(seen: Container, mount: dict[str, object]) -> tuple[int, dict[str, object]]:
    """The volume of a mount and its place among the pod's; (0, {}) where there is none."""
    return next(((index, one) for index, one in seen.pod.indexed("spec.volumes") if one.get("name") == mount.get("name")), (0, {}))


def _claim(seen: Container, mount: dict[str, object]) -> str | None:
    source = _volume(seen, mount)[1].get("persistentVolumeClaim")
    return str(source.get("claimName") or "") or None if isinstance(source, dict) else None
