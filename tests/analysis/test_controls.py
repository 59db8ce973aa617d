"""Nothing is invented where nothing is wrong, and little is claimed where the proof is gone."""

from copy import deepcopy
from dataclasses import replace

import pytest

from optral.analysis.engine import engine
from optral.analysis.model import Explanation, Question, Status
from optral.analysis.reading.snapshot import LogKey, Snapshot
from optral.detectors import DETECTORS
from optral.kube.objects import kind_id_of
from tests.analysis import removal
from tests.analysis.cases import CASES
from tests.analysis.cluster import NAMESPACE, NOON, World, reference
from tests.analysis.controls import healthy
from tests.support.examples import some

CONTROLS = 40
NOT_JUDGED = frozenset({"PDBBlocksEviction", "NetworkPolicyBlocks"})


def asked_of(world: World) -> list[tuple[str, Explanation]]:
    """Every type of issue asked of every object it looks at."""
    snap, found = world.snapshot(), []
    for one in world.objects:
        if one["kind"] == "Event":
            continue
        kind = kind_id_of(one["apiVersion"], one["kind"])
        for detector in DETECTORS:
            if kind not in detector.looks_at or detector.type in NOT_JUDGED:
                continue
            containers = [part["name"] for part in one.get("spec", {}).get("containers", [])] if kind == "Pod" else []
            ref = reference(one)
            owner = ref
            for above in one["metadata"].get("ownerReferences", []):
                owner = ref._replace(kind=kind_id_of(above["apiVersion"], above["kind"]), name=above["name"], uid="")
            question = Question(type=detector.type, cluster_id="cls_x", resource=ref, owner=owner, container=next(iter(containers), None))
            found.append((f"{detector.type} of {one['kind']} {ref.name}", engine.explain(engine.investigate(question, snap))))
    return found


@pytest.mark.parametrize("seed", some(range(CONTROLS)))
def test_invents_nothing_in_a_healthy_cluster(seed: int) -> None:
    named = [(what, found.cause_id, found.confidence) for what, found in asked_of(healthy(seed)) if found.root_cause is not None]
    assert named == []


def without_proof(name: str) -> tuple[Explanation, Explanation]:
    world, before = CASES[name][2]()
    objects = deepcopy(world.objects)
    logs = {f"{pod}/{part}": text for (pod, part), text in world.logs.items()}
    facts = removal.key_evidence(before)
    objects, logs, unseen = removal.without(objects, logs, facts)
    visible = frozenset(kind for kind in world.visible if kind.partition(".")[0] not in unseen)
    lines = {LogKey(NAMESPACE, key.partition("/")[0], key.partition("/")[2], True): text for key, text in logs.items()}
    snap = Snapshot(now=NOON, visible=visible, logs=lines)
    snap.load((kind_id_of(one["apiVersion"], one["kind"]), one) for one in objects)
    assert world.asked is not None
    asked = replace(world.asked, facts={}) if removal.is_remembered(facts) else world.asked
    return before, engine.explain(engine.investigate(asked, snap))


def test_abstains_or_doubts_when_the_proof_is_gone() -> None:
    """In at least 95 of 100 cases."""
    sure = {}
    for name in CASES:
        _, after = without_proof(name)
        if after.status is Status.READY and after.confidence >= 0.5:
            sure[name] = (after.cause_id, after.confidence)
    assert len(sure) <= 0.05 * len(CASES), sure
