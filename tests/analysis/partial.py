"""Snapshots of which a part was not loaded: a namespace, a kind, or the rest of each list."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question
from optral.analysis.reading import scope
from optral.analysis.reading.snapshot import Snapshot, SnapshotObject
from optral.analysis.reading.stored_snapshot import NearbySnapshot
from optral.kube.kinds import EVENT
from tests.analysis.losses import replaced

_CHECKED = re.compile(r"; (?:\d+ (\w+) objects?|looked up by name)(?: in namespace (\S+))?(?: checked)?$")
UNSPECIFIC = {
    "all_backends_not_ready": "the state of the pods",
    "application_error": "the log",
    "application_logs_error": "the log",
    "bad_rollout": "the newest revision fails and the one before does not",
    "dependency_unavailable": "the log",
    "evicted": "the status of the pod",
    "image_pull_unauthorized": "the message of the registry",
    "image_tag_moved": "the digests of pods that fail and of pods that run",
    "image_tag_not_found": "the message of the registry",
    "init_container_hangs": "the state of the container",
    "job_script_failed": "the exit of the pod",
    "liveness_probe_unhealthy": "the probe fails",
    "memory_limit_too_low": "the kill, and the limit",
    "missing_env_or_config": "the log",
    "pvc_unbound": "the phase of the claim",
    "readiness_probe_too_tight": "the message of the probe",
    "readiness_probe_unhealthy": "the probe fails",
    "reported_by_controller": "the condition of the object",
    "route_not_accepted": "the condition of the route",
    "service_missing": "no such Service, whatever prevents it",
    "service_port_mismatch": "the same two ports as in wrong_dependency_address",
    "slow_itself": "the measurements of the workload",
    "startup_probe_unhealthy": "the probe fails",
    "target_port_mismatch": "the ports of the pods that are selected",
    "unreachable_for_one_caller": "the logs of all callers",
}
"""Causes that say no more than what is shown, and what shows it: less is known, and what is said is right."""


class Part(NamedTuple):
    """A snapshot, and what it lacks."""

    name: str
    snapshot: Snapshot


class FirstOfEach:
    """A source whose lists hold one object; by its name, each is found."""

    def __init__(self, snap: Snapshot) -> None:
        self._snap = snap

    def kinds(self) -> Collection[str]:
        return list(self._snap.kinds())

    def named(self, kind: str, namespace: str | None, name: str) -> SnapshotObject | None:
        return self._snap.find(kind, namespace, name)

    def every(self, kind: str, namespace: str | None) -> Sequence[SnapshotObject]:
        return list(self._snap.all(kind, namespace))[:1]

    def owned(self, uid: str) -> Sequence[SnapshotObject]:
        return [obj for kind in self._snap.kinds() for obj in self._snap.all(kind) if (owner := obj.owner()) and owner.uid == uid]

    def events(self, uid: str) -> Sequence[SnapshotObject]:
        return self._snap.events(SnapshotObject(EVENT.id, {"metadata": {"uid": uid}}))

    def names_among(self, words: Collection[str]) -> set[str]:
        return self._snap.names_among(words)


def parts(question: Question, snap: Snapshot) -> Iterator[Part]:
    """The snapshot without each kind, without each namespace, without all but that of the issue, and with lists that are cut."""
    objects = [obj for kind in sorted(snap.kinds()) for obj in snap.all(kind)]
    events = [event for obj in objects for event in snap.events(obj)]
    for kind in sorted(snap.kinds()):
        rest = [obj for obj in objects if obj.kind != kind]
        yield Part(f"kind {kind}", replaced(snap, rest, events, visible=snap.visible - {kind}))
    places = {obj.namespace for obj in objects if obj.namespace} | {scope.SYSTEM_NAMESPACE}
    own = question.resource.namespace
    for lost in [*({place} for place in sorted(places - {own})), places - {own}, places]:
        rest = [obj for obj in objects if obj.namespace not in lost or obj.kind in scope.ANYWHERE]
        left = replaced(snap, rest, events, namespaces=frozenset(places - lost), anywhere=scope.ANYWHERE)
        yield Part(f"namespaces {sorted(lost)}", left)
    fields = {name: getattr(snap, name) for name in ("now", "visible", "logs", "log_errors", "history", "reservations", "probes")}
    yield Part("the rest of each list", NearbySnapshot(FirstOfEach(snap), **fields))


def false_claims(question: Question, snap: Snapshot, before: Explanation) -> list[str]:
    """What the answers of parts of the snapshot claim wrongly: another cause, or that something is missing which was not loaded."""
    found = []
    for part in parts(question, snap):
        after = engine.explain(engine.investigate(question, part.snapshot))
        if is_another(question, before, after):
            found.append(f"without {part.name}: {_named(before)} became {_named(after)}: {after.summary}")
        found += [f"without {part.name}: {text}" for text in unfounded(after, part.snapshot)]
    return found


def is_another(question: Question, before: Explanation, after: Explanation) -> bool:
    """Whether both name a cause, and not the same; the object may be one that the first answer
    names, or a part of the workload.
    """
    if before.root_cause is None or after.root_cause is None:
        return False
    (cause, name), (other, another) = _named(before), _named(after)
    if cause != other:
        return other not in UNSPECIFIC
    own = (question.owner.name, question.resource.name, name, "kube-scheduler")
    is_own = any(another.startswith(known) or known.startswith(another) for known in own)
    is_source = after.root_cause["subject"]["kind"] == "Secret"  # that the address of an unknown server comes from
    return not is_own and not is_source and another not in str(before.body)


def _named(found: Explanation) -> tuple[str, str]:
    """The cause and the name of its object; empty without a cause."""
    return (found.cause_id or "", str(found.root_cause["subject"]["name"])) if found.root_cause is not None else ("", "")


def unfounded(found: Explanation, snap: Snapshot) -> Iterator[str]:
    """The facts about what is missing, where an object that was not loaded may be what is missing."""
    for fact in found.body["evidence"]:
        if fact["kind"] != "absence" or (checked := _CHECKED.search(fact["excerpt"])) is None:
            continue
        short = checked[1] or fact["path"].partition(" ")[0]
        kind = next((kind for kind in snap.visible if kind.partition(".")[0] == short), short)
        if not snap.holds(kind, checked[2]) or (isinstance(snap, NearbySnapshot) and checked[1]):
            yield f"{fact['path']}: {fact['excerpt']}"
