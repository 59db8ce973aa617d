"""Where a container may write, and what is full: the volume that a line speaks of, and whether it may be written at all."""

import re

from optral.analysis.case import Case, Container, said
from optral.analysis.model import Sentence
from optral.analysis.rules.containers import spec_id
from optral.analysis.snapshot import dicts

_READ_ONLY = re.compile(r"read-only file system|EROFS", re.IGNORECASE)
_CONTEXT = ("runAsUser", "readOnlyRootFilesystem", "fsGroup", "runAsNonRoot")


def refused(case: Case, seen: Container, score: float, line: str, remedy: str) -> tuple[float, list[Sentence], str]:
    """A refused write is surer where a mount or a security context explains it: (score, words, what to do)."""
    found: list[Sentence] = []
    mount = _mount(seen, line)
    is_locked = _READ_ONLY.search(line) is not None
    if mount is not None:
        mounted = spec_id(case, seen, "volumeMounts")
        found.append(said(f"It mounts a volume at `{mount.get('mountPath')}`.", mounted))
        score += 0.1
        if is_locked and mount.get("readOnly"):
            found.append(said("That volume is mounted to be read only.", mounted))
            return 0.93, found, f"Mount the volume at {mount.get('mountPath')} writable"
    for path in (f"{seen.spec_path}.securityContext", "spec.securityContext"):
        context = seen.pod.map(path)
        if not any(name in context for name in _CONTEXT):
            continue
        shown = case.book.object(seen.pod, path)
        score += 0.05
        if is_locked and context.get("readOnlyRootFilesystem") is True:
            found.append(said("Its own file system may only be read, by its security context.", shown))
            return 0.94, found, "Mount an emptyDir where it writes, or let its file system be written"
        found.append(said("Its security context says as whom it runs.", shown))
        if mount is not None and not is_locked and "fsGroup" not in seen.pod.map("spec.securityContext") and context.get("runAsUser"):
            remedy = f"Set fsGroup in the pod's security context, so that the volume at {mount.get('mountPath')} is its user's, too"
        break
    return min(score, 0.92), found, remedy


def full(case: Case, seen: Container, line: str, remedy: str) -> tuple[list[Sentence], str]:
    """The claim or the scratch volume that is full: the one the line speaks of, else the only claim it mounts."""
    mounts = [one for one in _own(seen) if _claim(seen, one) is not None]
    mount = _mount(seen, line, is_sure=True) or (mounts[0] if len(mounts) == 1 else None)
    name = _claim(seen, mount) if mount is not None else None
    if mount is None or name is None:
        return [], remedy
    shown = spec_id(case, seen, "volumeMounts")
    volume = next(index for index, one in seen.pod.indexed("spec.volumes") if one.get("name") == mount.get("name"))
    words = said(
        f"It mounts the claim `{name}` at `{mount.get('mountPath')}`.", shown, case.book.object(seen.pod, f"spec.volumes[{volume}]")
    )
    claim = case.snap.find("PersistentVolumeClaim", seen.pod.namespace, name)
    size = claim.text("status.capacity.storage") if claim is not None else ""
    more = (
        [said(f"That claim holds `{size}`.", case.book.fields(claim, "status", "capacity.storage"))] if claim is not None and size else []
    )
    return [words, *more], f"Expand the claim {name}, or clear what it holds"


def _own(seen: Container) -> list[dict[str, object]]:
    mounts = seen.spec.get("volumeMounts")
    return [one for one in dicts(mounts) if not str(one.get("mountPath", "")).startswith("/var/run/secrets")]


def _mount(seen: Container, line: str, *, is_sure: bool = False) -> dict[str, object] | None:
    """The mount the line speaks of by its path, the longest first; else, unless that must be sure, the first of all."""
    own = _own(seen)
    spoken = [one for one in own if len(path := str(one.get("mountPath") or "").rstrip("/")) > 1 and path in line]
    if spoken:
        return max(spoken, key=lambda one: len(str(one.get("mountPath"))))
    return own[0] if own and not is_sure else None


def _claim(seen: Container, mount: dict[str, object]) -> str | None:
    for one in seen.pod.many("spec.volumes"):
        source = one.get("persistentVolumeClaim")
        if one.get("name") == mount.get("name") and isinstance(source, dict):
            return str(source.get("claimName") or "") or None
    return None
