"""Without its key evidence, an answer is withdrawn."""

from lab.tools import unproven
from tests.analysis.cases import CASES
from tests.analysis.cluster import NAMESPACE, NOON


def test_an_answer_without_its_evidence_is_withdrawn() -> None:
    world, _ = CASES["selects_a_label_nobody_has"][2]()
    slices = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "api-1", "namespace": NAMESPACE, "uid": "slice", "labels": {"kubernetes.io/service-name": "api"}},
        "endpoints": [],
    }
    bundle = {
        "meta": {"now": NOON.isoformat()},
        "objects": {"kind": "List", "apiVersion": "v1", "items": [*world.objects, slices]},
        "logs": {},
    }
    result = unproven.explain_without_evidence(bundle)
    assert result is not None
    before, after, rounds = result
    assert before.cause_id == "selector_mismatch"
    assert unproven.is_unsure(after)
    assert rounds == 1
