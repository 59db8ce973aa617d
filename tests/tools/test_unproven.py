"""Taking a case's proof away leaves nothing that is claimed."""

from tests.analysis.cases import CASES
from tests.analysis.cluster import NAMESPACE, NOON
from tests.tools import unproven


def test_an_answer_without_its_proof_is_none() -> None:
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
    found = unproven.unproven(bundle)
    assert found is not None
    before, after, rounds = found
    assert before.cause_id == "selector_mismatch"
    assert unproven.is_modest(after)
    assert rounds == 1
