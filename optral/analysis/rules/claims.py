"""A claim that is not bound: its class, its provisioner, and the volumes that it could use."""

from collections.abc import Iterator
from typing import Any

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis, Sentence
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.reading.snapshot import Listing, SnapshotObject, words
from optral.analysis.remedies import actions
from optral.analysis.rules.quotes import quote
from optral.analysis.rules.rule import CLAIM, rule
from optral.kube import selectors
from optral.kube.names import nearest
from optral.kube.quantities import read_bytes
from optral.kube.reports.volumes import NOT_PROVISIONED

STORAGE_CLASS = "StorageClass.storage.k8s.io"
_NO_PROVISIONER = "kubernetes.io/no-provisioner"


def pending(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """A claim that is not bound: its volume, its class, its provisioner, or volumes that nearly match."""
    claim = focus.obj
    if claim.kind != "PersistentVolumeClaim" or claim.text("status.phase") == "Bound":
        return
    phase = case.book.fields(claim, "status", "phase")
    opening = cite(f"Claim `{claim.name}` is `{claim.text('status.phase') or 'Pending'}`.", phase)
    if claim.text("spec.volumeName"):
        yield from _named_volume(case, focus, claim, opening)
    name = _class_of(claim)
    if not name:
        classes = case.snap.listed(STORAGE_CLASS) if name is None else None
        if classes is not None and not any(map(_is_default, classes.objects)):
            yield _no_default(case, focus, claim, opening, classes)
            yield from _static(case, focus, claim, "", opening, lower=1)
        else:
            yield from _static(case, focus, claim, "", opening)
        return
    storage_class = case.snap.find(STORAGE_CLASS, None, name)
    if storage_class is None:
        if (classes := case.snap.listed(STORAGE_CLASS)) is not None:
            yield from _missing_class(case, focus, claim, name, opening, classes)
    elif storage_class.text("provisioner") not in ("", _NO_PROVISIONER):
        yield from _provisioner(case, focus, claim, storage_class, opening)
        yield from _static(case, focus, claim, name, opening, lower=1, is_served=True)
    else:
        yield from _static(case, focus, claim, name, opening)


def _missing_class(case: Case, focus: Focus, claim: SnapshotObject, name: str, opening: Sentence, classes: Listing) -> Iterator[Hypothesis]:
    volumes = case.snap.listed("PersistentVolume")
    if volumes is None:
        return
    has_volumes = any(volume.text("spec.storageClassName") == name for volume in volumes.objects)
    yield _no_class(case, focus, claim, name, opening, classes, has_volumes=has_volumes)
    if has_volumes:  # a class can exist only as a name on volumes, to bind them by hand
        yield from _static(case, focus, claim, name, opening)


def _class_of(claim: SnapshotObject) -> str | None:
    """The class that the claim names; "" requests none, and None the default."""
    wanted = claim.get("spec.storageClassName")
    return wanted if isinstance(wanted, str) else None


def _no_default(case: Case, focus: Focus, claim: SnapshotObject, opening: Sentence, classes: Listing) -> Hypothesis:
    none = case.book.absence(classes, claim.ref, "default StorageClass", "no StorageClass of the cluster is marked as the default")
    return focus.hypothesis(
        "no_default_storage_class",
        claim,
        Level.STRONG,
        opening,
        cite("It names no storage class, and there is no default class.", case.book.fields(claim, "spec", "storageClassName"), none),
        actions=[actions.advice("Name a storage class in the claim", "There is no default class.", none)],
    )


def _no_class(
    case: Case, focus: Focus, claim: SnapshotObject, name: str, opening: Sentence, classes: Listing, *, has_volumes: bool
) -> Hypothesis:
    declared = case.book.fields(claim, "spec", "storageClassName")
    names = classes.names
    gone = case.book.absence(classes, claim.ref, f"StorageClass {name}", "the cluster has " + (", ".join(sorted(names)[:20]) or "none"))
    sentences = [opening, cite("StorageClass {object} does not exist.", declared, gone, object=name)]
    near = nearest(name, names)
    if near is not None:
        sentences.append(cite(f"`{near}` exists, with nearly the same name.", gone))
    remedy = actions.advice("Recreate the claim with an existing class", "The class of a claim cannot be changed.", declared, gone)
    return focus.hypothesis("storage_class_missing", claim, Level.POSSIBLE if has_volumes else Level.PROVEN, *sentences, actions=[remedy])


def _named_volume(case: Case, focus: Focus, claim: SnapshotObject, opening: Sentence) -> Iterator[Hypothesis]:
    """The claim requests a volume by name."""
    name = claim.text("spec.volumeName")
    volume = case.snap.find("PersistentVolume", None, name)
    declared = case.book.fields(claim, "spec", "volumeName")
    if volume is None:
        if (missing := case.snap.missing("PersistentVolume", None, name)) is not None:
            gone = case.book.absence(missing, claim.ref, f"PersistentVolume {name}", "not among the cluster's volumes")
            yield focus.hypothesis(
                "no_matching_volume",
                claim,
                Level.PROVEN,
                opening,
                cite("It requests volume {volume}, which does not exist.", declared, gone, volume=name),
            )
        return
    if (other := _holder(volume, claim)) is None:
        wanted = claim.text("spec.storageClassName")
        misses = _misses(claim, volume, wanted) - ({"class"} if claim.get("spec.storageClassName") is None else set())
        first = cite("It requests volume {volume}.", declared, volume=name)
        yield from _differing(case, focus, claim, volume, misses, [opening, first], wanted)
    else:
        held = case.book.object(volume, "spec.claimRef")
        whose = "a previous claim with the same name, {claim}" if other == claim.name and _is_of_earlier(volume, claim) else "claim {claim}"
        yield focus.hypothesis(
            "volume_taken",
            claim,
            Level.PROVEN,
            opening,
            cite(f"It requests volume {{volume}}, which is bound to {whose}.", declared, held, volume=name, claim=other),
            actions=[actions.advice(f"Release volume {name}, or create another one", "Another claim uses it.", held)],
        )


def _static(
    case: Case, focus: Focus, claim: SnapshotObject, name: str, opening: Sentence, *, lower: int = 0, is_served: bool = False
) -> Iterator[Hypothesis]:
    """The volume that matches the claim best, and what differs. `is_served`: a provisioner creates volumes for such claims."""
    if claim.text("spec.volumeName") or (known := case.snap.listed("PersistentVolume")) is None:
        return
    volumes = [volume for volume in known.objects if not is_served or _holder(volume, claim) is None]
    misses = sorted(((_misses(claim, volume, name), volume) for volume in volumes), key=lambda pair: (_cost(pair[0]), pair[1].name))
    if not misses:
        if not is_served and (case.snap.find(STORAGE_CLASS, None, name) if name else case.snap.listed(STORAGE_CLASS)) is not None:
            none = case.book.absence(known, claim.ref, "PersistentVolumes", "the cluster has no PersistentVolume")
            yield focus.hypothesis(
                "no_matching_volume",
                claim,
                Level.POSSIBLE.lowered(lower),
                opening,
                cite("No volume exists for claim {claim}, and no provisioner creates one.", none, claim=claim.name),
            )
        return
    differs, volume = misses[0]
    yield from _differing(case, focus, claim, volume, differs, [opening], name, lower=lower)


def _differing(
    case: Case,
    focus: Focus,
    claim: SnapshotObject,
    volume: SnapshotObject,
    differs: set[str],
    opening: list[Sentence],
    name: str,
    *,
    lower: int = 0,
) -> Iterator[Hypothesis]:
    """Why a claim does not bind to the volume that it should have; nothing when they match. `name`: the claim's class."""
    for what in sorted(differs, key=_ORDER.index):
        sentence = _difference(case, claim, volume, what)
        level = (Level.PROVEN if len(differs) == 1 else Level.LIKELY).lowered(lower)
        if what == "taken":
            yield focus.hypothesis(
                "volume_taken",
                claim,
                level if len(differs) == 1 else level.lowered(2),
                *opening,
                sentence,
                actions=[
                    actions.advice(f"Release volume {volume.name}, or create another one", "Another claim uses it.", *sentence.evidence_ids)
                ],
            )
        else:
            yield focus.hypothesis(
                "storage_class_missing"
                if what == "class" and name and case.snap.missing(STORAGE_CLASS, None, name) is not None
                else "no_matching_volume",
                claim,
                level,
                *opening,
                sentence,
                actions=[
                    actions.advice("Recreate the claim so that it matches a volume", sentence.text.replace("`", ""), *sentence.evidence_ids)
                ],
            )


_ORDER = ("selector", "access", "size", "mode", "class", "taken")


def _cost(differs: set[str]) -> int:
    """How far a volume is from the claim: another class, or another claim that holds it, weighs more than a wrong size."""
    return sum({"class": 3, "taken": 3}.get(what, 1) for what in differs)


def _misses(claim: SnapshotObject, volume: SnapshotObject, name: str) -> set[str]:
    found = set()
    if volume.text("spec.storageClassName") != name:
        found.add("class")
    if (read_bytes(volume.get("spec.capacity.storage")) or 0) < (read_bytes(claim.get("spec.resources.requests.storage")) or 0):
        found.add("size")
    if not set(words(claim.get("spec.accessModes"))) <= set(words(volume.get("spec.accessModes"))):
        found.add("access")
    if (claim.text("spec.volumeMode") or "Filesystem") != (volume.text("spec.volumeMode") or "Filesystem"):
        found.add("mode")
    selector = selectors.parse(claim.get("spec.selector"))
    if selector is not None and not selectors.fits(selector, volume.labels):
        found.add("selector")
    if _holder(volume, claim) is not None:
        found.add("taken")
    return found


def _holder(volume: SnapshotObject, claim: SnapshotObject) -> str | None:
    """The other claim that a volume is bound to or reserved for."""
    held = volume.map("spec.claimRef")
    is_own = (held.get("namespace"), held.get("name")) == (claim.namespace, claim.name) and not _is_of_earlier(volume, claim)
    return None if is_own or not held.get("name") else str(held["name"])


def _is_of_earlier(volume: SnapshotObject, claim: SnapshotObject) -> bool:
    """Whether the volume belongs to an earlier claim of the same name: a volume is bound to a claim's uid."""
    uid = volume.text("spec.claimRef.uid")
    return bool(uid and claim.uid) and uid != claim.uid


def _difference(case: Case, claim: SnapshotObject, volume: SnapshotObject, what: str) -> Sentence:
    base = case.book.fields(volume, "metadata", "name")
    if what == "size":
        asks, has = claim.get("spec.resources.requests.storage"), volume.get("spec.capacity.storage")
        pair = (case.book.object(claim, "spec.resources.requests"), case.book.object(volume, "spec.capacity"))
        return cite("It requests {request}; volume {volume} has {capacity}.", *pair, base, request=asks, volume=volume.name, capacity=has)
    if what == "access":
        asks, has = _first_mode(claim.get("spec.accessModes")), _first_mode(volume.get("spec.accessModes"))
        pair = (case.book.object(claim, "spec.accessModes"), case.book.object(volume, "spec.accessModes"))
        words = "It requests access mode {request}; volume {volume} allows {capacity}."
        return cite(words, *pair, base, request=asks, volume=volume.name, capacity=has)
    if what == "selector":
        pair = (case.book.object(claim, "spec.selector"), case.book.object(volume, "metadata.labels"))
        return cite("Its selector does not match the labels of volume {volume}.", *pair, base, volume=volume.name)
    if what == "taken":
        held = case.book.object(volume, "spec.claimRef")
        holder = volume.text("spec.claimRef.name")
        return cite("Volume {volume} is bound to claim {claim}.", held, base, volume=volume.name, claim=holder)
    if what == "mode":
        pair = (case.book.fields(claim, "spec", "volumeMode"), case.book.fields(volume, "spec", "volumeMode"))
        return cite("It requests a different volume mode than volume {volume} has.", *pair, base, volume=volume.name)
    asks, has = claim.text("spec.storageClassName"), volume.text("spec.storageClassName")
    pair = (case.book.fields(claim, "spec", "storageClassName"), case.book.fields(volume, "spec", "storageClassName"))
    if not (asks and has):
        return cite("Volume {volume} has a different class.", *pair, base, volume=volume.name)
    words = "It requests class {object}; volume {volume} has class {capacity}."
    return cite(words, *pair, base, object=asks, volume=volume.name, capacity=has)


def _provisioner(case: Case, focus: Focus, claim: SnapshotObject, found: SnapshotObject, opening: Sentence) -> Iterator[Hypothesis]:
    failed = next(iter(case.events(claim, NOT_PROVISIONED)), None)
    if failed is None and found.text("volumeBindingMode") == "WaitForFirstConsumer":
        return
    provisioner = found.text("provisioner")
    declared = case.book.fields(found, "", "provisioner", "volumeBindingMode")
    named = case.book.fields(found, "metadata", "name")
    words = [cite(f"Its class `{found.name}` uses the provisioner {{provisioner}}.", declared, named, provisioner=provisioner)]
    if failed is not None:
        words.append(quote("Provisioner error", failed.text("message"), case.event_id(failed, claim)))
    remedy = actions.advice("Check the provisioner and its storage backend", "It does not create the volume.", declared)
    yield focus.hypothesis(
        "provisioner_failing", claim, Level.STRONG if failed is not None else Level.PLAUSIBLE, opening, *words, actions=[remedy]
    )


def _is_default(storage_class: SnapshotObject) -> bool:
    return storage_class.map("metadata.annotations").get("storageclass.kubernetes.io/is-default-class") == "true"


def _first_mode(value: Any) -> str:
    """The first access mode."""
    return str(value[0]) if isinstance(value, list) and value else "nothing"


RULES = (
    rule(
        pending,
        {CLAIM},
        {"storage_class_missing", "no_default_storage_class", "no_matching_volume", "volume_taken", "provisioner_failing"},
    ),
)
