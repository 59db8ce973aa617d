"""What is left when no node explains why a pod finds none: the scheduler's own words."""

import pytest

from tests.analysis.cases.scheduling import unplaced

KEPT = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        pytest.param(f"0/5 nodes are available: {KEPT}, 4 Insufficient cpu.", "insufficient_cpu", id="cpu"),
        pytest.param(f"0/5 nodes are available: {KEPT}, 4 Insufficient memory.", "insufficient_memory", id="memory"),
        pytest.param(
            "0/5 nodes are available: 1 node(s) were unschedulable, 4 node(s) didn't match Pod's node affinity/selector.",
            "node_selector_mismatch",
            id="what rules out most nodes",
        ),
        pytest.param(f"0/1 nodes are available: {KEPT}.", "untolerated_taint", id="only the control plane"),
    ],
)
def test_the_words_about_most_nodes_come_first_and_the_control_planes_taint_last(words: str, cause: str) -> None:
    _, found = unplaced(words)
    assert found.body["hypotheses"][0]["id"] == cause
    assert found.confidence < 0.5
