"""Custom resources that report a failure: what they report, and the object behind it.

A resource often repeats what another one reports: the part that it made, or what it refers to. The walk follows parts, references and the
objects that its message names to the last one that fails itself. If that one's message names an object that does not exist, this is it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.analysis.rules.policy import MISSING, named_alike
from optral.analysis.rules.quotes import quote, quote_if_any
from optral.analysis.rules.rule import rule
from optral.kube import health, references
from optral.kube.health import Health, State
from optral.kube.health.model import NOT_OBSERVED
from optral.kube.kinds import KINDS, is_custom
from optral.kube.names import nearest
from optral.kube.references import PART, Reference
from optral.terms.refs import ObjectRef

CUSTOM = "CustomResourceNotReady"
MAX_STEPS = 6
MAX_TOLD = 2  # conditions beside the one that sums the resource up

_BY_NAME = {"Secret": True} | {kind.id: kind.namespaced for kind in KINDS}


class Chain(NamedTuple):
    """`obj` is the last object that fails, `via` the sentences that lead to it."""

    obj: SnapshotObject
    via: tuple[Sentence, ...] = ()
    steps: int = 0


def custom_resource(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A resource of an add-on that reports that it failed or is not ready, by the same rules as its detector."""
    if _health(focus.obj).state not in (State.DEGRADED, State.PROGRESSING):
        return
    end = chain(case, focus.obj)
    if is_custom(end.obj.kind):
        yield from at_end(case, focus.next(CUSTOM, end.obj, *end.via, steps=end.steps))
    else:  # a workload, whose pods show the cause
        yield from at_end(case, focus.next(CUSTOM, focus.obj, steps=0, lower=3 if case.live_pods(end.obj) else 0))


def at_end(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What the last object of a chain reports, and what it names that does not exist."""
    obj, found, reported = focus.obj, _health(focus.obj), stated(case, focus.obj)
    told = [found.message, *(one.message for one in health.failing_conditions(obj.raw))]
    for named in dict.fromkeys(one for message in told for one in references.missing_in(message)):
        yield from _missing(case, focus, reported, named)
    remedy = actions.advice("Read the message from the resource's controller", "The resource reports it.", *reported[0].evidence_ids)
    yield focus.hypothesis("reported_by_controller", obj, Level.LIKELY, *reported, actions=[remedy])


def stated(case: Case, obj: SnapshotObject) -> list[Sentence]:
    """What a custom resource reports: the condition or field that sums it up, and the conditions that say more."""
    found = _health(obj)
    path, condition = obj.condition(found.shown_by)
    shown_by = f"{found.shown_by} = {condition.get('status')}" if path and condition.get("status") else found.shown_by
    reported = case.book.relation(obj.ref, path or found.shown_by, f"{shown_by}: {found.reason} {found.message}".strip(" :"))
    opening = cite(f"{obj.short_kind} `{obj.name}` reports {{condition}}.", reported, condition=shown_by)
    reason = [cite("Reason: {reason}.", reported, reason=found.reason)] if found.reason else []
    return [opening, *reason, *quote_if_any("Message", found.message, reported), *_specific(case, obj, found)]


def _specific(case: Case, obj: SnapshotObject, found: Health) -> Iterator[Sentence]:
    """The conditions that say more than the one that sums the resource up."""
    others = [one for one in health.failing_conditions(obj.raw) if one.shown_by != found.shown_by and one.message]
    for one in [one for one in others if one.message not in found.message][:MAX_TOLD]:
        reported = case.book.fields(obj, obj.condition(one.shown_by)[0], "type", "status", "reason", "message")
        yield quote(f"Condition `{one.shown_by}` reports {{reason}}", one.message, reported, reason=one.reason or one.shown_by)


# --- the walk


def chain(case: Case, start: SnapshotObject) -> Chain:
    """From a custom resource that fails to the last object that fails behind it; the resource itself where there is none."""
    return case.once(_chain, start.ref)


def _chain(case: Case, start: ObjectRef) -> Chain:
    obj = case.snap.at(start)
    assert obj is not None
    found, seen = Chain(obj), {obj.ref[:3]}
    while found.steps < MAX_STEPS and is_custom(found.obj.kind):
        step = next((one for one in _next(case, found.obj) if one.obj.ref[:3] not in seen), None)
        if step is None:
            return found
        seen.add(step.obj.ref[:3])
        found = Chain(step.obj, (*found.via, *step.via), found.steps + 1)
    return found


def _next(case: Case, obj: SnapshotObject) -> Iterator[Chain]:
    """The failing objects behind a custom resource: those that its message names, its parts, and what it refers to."""
    found = _health(obj)
    said = f"{found.reason} {found.message}"
    owners = {(str(owner.get("kind")), str(owner.get("name"))) for owner in obj.many("metadata.ownerReferences")}
    linked = [
        (reference, other)
        for reference in (*references.named_in(found.message), *references.of(obj.kind, obj.raw))
        for other in targets(case, reference, obj.namespace)
        if (other.short_kind, other.name) not in owners and _fails(other)
    ]
    named = [(reference, other) for reference, other in linked if references.names(said, other.name)]
    parts = [(Reference(PART, "", "", ""), part) for kind in case.snap.kinds() for part in case.snap.owned(obj, kind) if _fails(part)]
    earlier = [
        (reference, other)
        for reference, other in linked
        if _is_earlier(other, found) and references.may_explain(reference, said, _health(other).message)
    ]
    for reference, other in (*named, *parts, *earlier):
        yield Chain(other, (_says(case, obj, found), _leads(case, obj, reference, other)))


def targets(case: Case, reference: Reference, namespace: str | None) -> list[SnapshotObject]:
    """The objects that a reference may mean."""
    found = []
    for kind in case.snap.kinds():
        if reference.is_of(kind):
            places = (reference.namespace or namespace, None)
            found += [one for where in places if (one := case.snap.find(kind, where, reference.name)) is not None][:1]
    return found


def _says(case: Case, obj: SnapshotObject, found: Health) -> Sentence:
    """What an object on the way reports, without facts: the last object states them."""
    told = case.book.relation(obj.ref, found.shown_by, f"{found.shown_by}: {found.reason} {found.message}".strip(" :"))
    return Sentence(quote(f"{obj.short_kind} `{obj.name}` is not ready", found.message or found.reason, told).text, (told,))


def _leads(case: Case, obj: SnapshotObject, reference: Reference, other: SnapshotObject) -> Sentence:
    named = case.book.fields(other, "metadata", "name", "ownerReferences[0].name")
    if reference.role == PART:
        return Sentence(f"Its {other.short_kind} `{other.name}` is failing.", (named,))
    role = f" by {reference.role}" if reference.role else ""
    written = case.book.relation(obj.ref, reference.role or "message", f"{reference.role} {other.short_kind} {other.name}".strip())
    return Sentence(f"It refers to {other.short_kind} `{other.name}`{role}, which is failing.", (written, named))


def _health(obj: SnapshotObject) -> Health:
    return health.assess(obj.kind, obj.raw) if is_custom(obj.kind) else health.UNKNOWN


def _fails(obj: SnapshotObject) -> bool:
    """Whether an object behind another one fails: by what it reports, or because pods of it are missing."""
    if obj.is_deleting:
        return False
    if is_custom(obj.kind):
        found = _health(obj)
        is_waiting = found.state is State.PROGRESSING and bool(found.message) and found.reason != NOT_OBSERVED
        return found.state is State.DEGRADED or is_waiting
    if obj.kind == "Job.batch":
        return obj.condition("Failed")[1].get("status") == "True"
    if obj.kind in ("Deployment.apps", "StatefulSet.apps"):
        return obj.number("status.readyReplicas") < obj.number("spec.replicas", 1)
    return obj.kind == "DaemonSet.apps" and obj.number("status.numberUnavailable") > 0


def _is_earlier(other: SnapshotObject, found: Health) -> bool:
    """Whether the other object did not begin to fail long after this one, as far as both say when."""
    began = _health(other).since
    return began is None or found.since is None or (began - found.since).total_seconds() < 120


# --- what does not exist


def _missing(case: Case, focus: Focus, said: list[Sentence], named: Reference) -> Iterator[Hypothesis]:
    """An object that a message reports as not found, unless it exists now."""
    if (ref := _ref_of(case, focus.obj, named)) is None or case.snap.at(ref) is not None:
        return
    others = case.snap.listed(ref.kind, ref.namespace)
    told = case.book.relation(focus.obj.ref, "message", f"{named.kind} {ref.name} not found")
    text, names = "not among the objects of this kind", others.names if others is not None else []
    gone = [case.book.absence(others, ref, f"{ref.short_kind} {ref.name}", text)] if others is not None and names else []
    near = nearest(ref.name, names)
    remedy = f"Create {ref.short_kind} {ref.name}, or " + ("correct the reference" if near is None else f"refer to {near}")
    yield focus.hypothesis(
        MISSING.get(ref.short_kind, ("", "reference_missing"))[1],
        ref,
        Level.STRONG if gone else Level.LIKELY,
        *said,
        cite(
            f"{ref.short_kind} {{object}} {'is reported as not found' if others is None else 'does not exist'}.",
            told,
            *gone,
            object=ref.name,
        ),
        *named_alike(case, ref.kind, ref.namespace, near),
        actions=[actions.advice(remedy, "The resource needs it.", told)],
    )


def _ref_of(case: Case, obj: SnapshotObject, reported: Reference) -> ObjectRef | None:
    """What a message means by words such as `secrets "login"`: an object that the resource, or what it refers to, names; else a kind of
    Kubernetes or of the cluster."""
    for one in _references_near(case, obj, reported.name):
        short = next((short for short in one.short_kinds if references.names_kind(reported.kind, short)), "")
        if short:
            written = one._replace(kind=one.kind or short)
            kind = next(filter(written.is_of, sorted(case.snap.kinds())), written.kind)
            return _placed(kind, one.namespace or reported.namespace or obj.namespace, reported.name)
    known = (*_BY_NAME, *sorted(case.snap.kinds()))
    found = next((kind for kind in known if references.names_kind(reported.kind, kind)), None)
    return None if found is None else _placed(found, reported.namespace or obj.namespace, reported.name)


def _references_near(case: Case, obj: SnapshotObject, name: str) -> list[Reference]:
    """The references to this name of an object, and of the objects that it refers to."""
    own = references.of(obj.kind, obj.raw)
    others = [other for reference in own for other in targets(case, reference, obj.namespace)]
    return [one for one in (*own, *(one for other in others for one in references.of(other.kind, other.raw))) if one.name == name]


def _placed(kind: str, namespace: str | None, name: str) -> ObjectRef:
    is_cluster_wide = kind.casefold().startswith("cluster") or not _BY_NAME.get(kind, True)
    return ObjectRef(kind, None if is_cluster_wide else namespace, name)


_CAUSES = {"reported_by_controller", "reference_missing", *(cause for _, cause in MISSING.values())}
RULES = (rule(custom_resource, {CUSTOM}, _CAUSES, version=2),)
