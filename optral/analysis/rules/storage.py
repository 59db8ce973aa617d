"""Claims and volumes: lost, failed, released, not expanded, full, or missing."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules import quotas
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import SCHEDULING, rule
from optral.kube.names import nearest
from optral.kube.quantities import human_bytes, read_bytes
from optral.kube.reports import pods, volumes
from optral.kube.reports.volumes import Change

_STORAGE = "requests.storage"


def by_phase(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """Lost claims, and failed or released volumes: their phase states the cause."""
    obj = focus.obj
    phase = obj.text("status.phase")
    shown = case.book.fields(obj, "status", "phase", "reason", "message")
    opening = cite(f"{obj.short_kind} `{obj.name}` is `{phase or 'without a phase'}`.", shown) if phase else None
    if obj.kind == "PersistentVolumeClaim" and phase == volumes.LOST and opening is not None:
        declared = case.book.fields(obj, "spec", "volumeName")
        yield focus.hypothesis(
            "volume_lost",
            obj,
            Level.PROVEN,
            opening,
            cite("Volume {volume}, which it was bound to, no longer exists.", declared, shown, volume=obj.text("spec.volumeName")),
            actions=[actions.advice("Restore the volume from a backup and recreate the claim", "Its data is lost to the cluster.", shown)],
        )
    elif obj.kind == "PersistentVolume" and phase == "Failed" and opening is not None:
        yield focus.hypothesis(
            "volume_reclaim_failed",
            obj,
            Level.PROVEN,
            opening,
            quote("The storage behind it could not be reclaimed", obj.text("status.message"), shown),
            actions=[actions.advice("Check the storage backend, then delete the volume manually", "It is neither used nor free.", shown)],
        )
    elif obj.kind == "PersistentVolume" and phase == volumes.RELEASED and opening is not None:
        yield focus.hypothesis(
            "volume_left_over",
            obj,
            Level.STRONG,
            opening,
            cite(
                "Its claim {claim} is gone, and the volume is retained.",
                shown,
                case.book.object(obj, "spec.claimRef"),
                claim=obj.text("spec.claimRef.name"),
            )
            if obj.text("spec.claimRef.name")
            else cite("Its claim is gone, and the volume is retained.", shown),
            actions=[
                actions.advice("Delete it, or bind another claim to it", "It costs money and is not in use.", shown),
                actions.report_volume(obj, shown),
            ],
        )


class _Resize(NamedTuple):
    """A failed change of a claim: its evidence, the message of the component, what was to change, and how sure it is."""

    reported: str
    message: str
    change: Change
    level: Level


def resize(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A claim that does not get the size or the attributes that it requests, by its conditions, its status or Events."""
    claim = focus.obj
    if (failed := _failed_resize(case, claim)) is None:
        return
    declared = case.book.fields(claim, "", "spec.resources.requests", "status.capacity")
    words = f"The attributes of claim `{claim.name}` were not changed."
    if failed.change is Change.SIZE:
        words = f"Claim `{claim.name}` was not expanded."
    yield focus.hypothesis(
        "volume_resize_failed",
        claim,
        failed.level,
        cite(words, declared, failed.reported),
        quote("Reason", failed.message, failed.reported),
        actions=[
            actions.advice(
                "Restart its pod if the expansion only waits for that; otherwise read the driver's message",
                "The expansion does not finish on its own.",
                failed.reported,
            )
            if failed.change is Change.SIZE
            else actions.advice(
                "Correct its VolumeAttributesClass, or read the driver's message", "The change was rejected.", failed.reported
            )
        ],
    )


def _failed_resize(case: Case, claim: SnapshotObject) -> _Resize | None:
    for kind, change in volumes.ERRORS.items():
        if (reported := _condition(case, claim, kind)) is not None:
            return _Resize(*reported, change, Level.PROVEN if change is Change.SIZE else Level.STRONG)
    for path, change in volumes.STATUSES.items():
        state = claim.get(path)
        for status in state.values() if isinstance(state, dict) else ():
            if volumes.is_infeasible(str(status)):
                return _Resize(case.book.object(claim, path), str(status), change, Level.PROVEN)
    if (reported := _condition(case, claim, volumes.WAITS_FOR_POD)) is not None:
        return _Resize(*reported, Change.SIZE, Level.LIKELY)
    for event in case.events(claim, *volumes.EVENTS):
        return _Resize(case.event_id(event, claim), event.text("message"), volumes.EVENTS[event.text("reason")], Level.STRONG)
    return None


def _condition(case: Case, claim: SnapshotObject, kind: str) -> tuple[str, str] | None:
    """(evidence id, message) of a condition that is true."""
    path, condition = claim.condition(kind)
    if condition.get("status") != "True":
        return None
    return case.book.fields(claim, path, "type", "reason", "message"), str(condition.get("message") or "")


def filling_up(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A volume is full: a program said so before it ended, as the detector recorded. What is measured is for `usage.volume_fills`."""
    facts = case.question.facts
    if not facts.get("message"):
        return
    names = [name for name in ("claims", "message", "saidBy", "free", "usedBy") if facts.get(name)]
    seen = case.book.fact(case.question.resource, facts, *names)
    yield focus.hypothesis(
        "disk_full",
        focus.obj,
        Level.STRONG,
        *_almost_full(facts, seen),
        actions=[actions.advice("Expand the claim, or delete data", "Writes fail when the volume is full.", seen)],
    )


def _almost_full(facts: Mapping[str, Any], seen: str) -> list[Sentence]:
    claims = [name for name in facts.get("claims") or () if isinstance(name, str)]
    named = [cite("Claim {claim} is almost full.", seen, claim=claims[0])] if claims else [cite("A volume is almost full.", seen)]
    return [*named, *quote_if_any("Message", facts.get("message"), seen)]


def missing_claim(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A pod uses a claim that does not exist."""
    pod = focus.obj
    if (claims := case.snap.listed("PersistentVolumeClaim", pod.namespace)) is None:
        return
    names = claims.names
    for name, mounted in _claims_of(case, pod):
        if name in names:
            continue
        gone = case.book.absence(
            claims, pod.ref, f"PersistentVolumeClaim {name}", "the namespace has " + (", ".join(sorted(names)[:20]) or "none")
        )
        near = nearest(name, names)
        opening = cite(f"Pod `{pod.name}` needs the claim {{claim}}.", mounted, case.book.fields(pod, "metadata", "name"), claim=name)
        sentences = [opening, cite("The claim does not exist.", gone)]
        if near is None:
            yield from _refused_by_quota(case, focus, sentences)
            sentences += _little_left(case, pod)
        else:
            sentences.append(cite(f"`{near}` exists, with nearly the same name.", gone))
        yield focus.hypothesis(
            "pvc_unbound",
            case.workload(pod),
            Level.STRONG,
            *sentences,
            actions=[actions.advice(f"Create the claim {name}, or correct its name", "The pod waits for it.", gone)],
        )


def _refused_by_quota(case: Case, focus: Focus, sentences: list[Sentence]) -> Iterator[Hypothesis]:
    for quota in quotas.full_for(case, focus.obj.namespace or "", "persistentvolumeclaims", _STORAGE):
        title = f"Raise the quota {quota.obj.name}, then create the claim"
        yield focus.hypothesis(
            "quota_exceeded",
            quota.obj,
            Level.PROVEN,
            *sentences,
            quota.sentence,
            actions=[actions.advice(title, "It allows no more storage.", *quota.sentence.evidence_ids)],
        )


def _little_left(case: Case, pod: SnapshotObject) -> list[Sentence]:
    """A quota that refuses a claim of the size that the claims of the namespace have. What the missing claim requested is not known."""
    claims = [claim for claim in case.snap.all("PersistentVolumeClaim", pod.namespace) if _requested(claim)]
    smallest = min(claims, key=_requested, default=None)
    for quota in case.snap.all("ResourceQuota", pod.namespace) if smallest is not None else ():
        hard, used = (read_bytes(quota.map(f"status.{part}").get(_STORAGE)) for part in ("hard", "used"))
        if smallest is not None and hard is not None and used is not None and used < hard < used + _requested(smallest):
            shown = case.book.fields(quota, "status", "hard", "used"), case.book.object(smallest, "spec.resources.requests")
            size = smallest.get("spec.resources.requests.storage")
            left = f"ResourceQuota {{quota}} has `{human_bytes(hard - used)}` of `{_STORAGE}` left"
            return [cite(f"{left}; claim `{smallest.name}` requests {{request}}.", *shown, quota=quota.name, request=size)]
    return []


def _requested(claim: SnapshotObject) -> int:
    """The bytes that a claim requests; 0 where that cannot be read."""
    return read_bytes(claim.get("spec.resources.requests.storage")) or 0


def unbound_claim(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A pod cannot be scheduled because its claim is not bound. Why the claim is not bound is analyzed at the claim."""
    pod = focus.obj
    path, scheduled = pod.condition(pods.SCHEDULED)
    if scheduled.get("status") != "False":
        return
    condition = case.book.fields(pod, path, "reason", "message")
    for name, mounted in _claims_of(case, pod):
        claim = case.snap.find("PersistentVolumeClaim", pod.namespace, name)
        if claim is None or claim.text("status.phase") == "Bound":
            continue
        phase = case.book.fields(claim, "status", "phase")
        yield focus.hypothesis(
            "pvc_unbound",
            claim,
            Level.PLAUSIBLE,
            cite(f"Pod `{pod.name}` cannot be scheduled: it needs the claim {{claim}}.", condition, mounted, claim=name),
            cite(f"The claim is `{claim.text('status.phase') or 'Pending'}`.", phase),
        )


def _claims_of(case: Case, pod: SnapshotObject) -> Iterator[tuple[str, str]]:
    """(name, evidence id) of each claim that a pod uses."""
    for index, volume in pod.indexed("spec.volumes"):
        source = volume.get("persistentVolumeClaim")
        if isinstance(source, dict) and (name := str(source.get("claimName") or "")):
            yield name, case.book.object(pod, f"spec.volumes[{index}]")


RULES = (
    rule(
        by_phase,
        {"PersistentVolumeClaimLost", "PersistentVolumeFailed", "PersistentVolumeReleased"},
        {"volume_lost", "volume_reclaim_failed", "volume_left_over"},
    ),
    rule(resize, {"VolumeResizeFailed"}, {"volume_resize_failed"}),
    rule(filling_up, {"VolumeFillingUp"}, {"disk_full"}, version=2),
    rule(missing_claim, {"PersistentVolumeClaimNotFound", SCHEDULING}, {"pvc_unbound", "quota_exceeded"}),
    rule(unbound_claim, {SCHEDULING}, {"pvc_unbound"}),
)
