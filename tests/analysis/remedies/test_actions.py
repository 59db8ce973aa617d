"""Remedies and the runbooks that they name agree."""

import pytest

from optral.analysis.model import Action
from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.remedies import actions
from optral.runbooks.builtin import builtin

WORKLOAD = SnapshotObject("Deployment.apps", {"metadata": {"namespace": "shop", "name": "api", "uid": "u1"}})
POD = SnapshotObject("Pod", {"metadata": {"namespace": "shop", "name": "api-1", "uid": "u2"}})
NODE = SnapshotObject("Node", {"metadata": {"name": "worker-1", "uid": "u3"}})
REMEDIES = [
    actions.raise_memory(WORKLOAD, "api", "128Mi"),
    actions.restart(WORKLOAD, "why"),
    actions.scale(WORKLOAD, 3, "why"),
    actions.delete_pod(POD, "why"),
    actions.cordon(NODE, "why"),
    actions.uncordon(NODE, "why"),
    actions.diagnose(POD),
]


@pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: remedy.runbook)
def test_a_remedy_is_as_risky_as_its_runbook(remedy: Action) -> None:
    assert remedy.runbook is not None
    assert remedy.risk == builtin.all_of_them()[builtin.id_of(remedy.runbook)].definition.risk


@pytest.mark.parametrize("slug", actions.RUNBOOKS)
def test_what_an_analysis_gives_a_runbook_is_what_the_runbook_takes(slug: str) -> None:
    definition = builtin.all_of_them()[builtin.id_of(slug)].definition
    needed, taken = {one.name for one in definition.parameters if one.required}, {one.name for one in definition.parameters}
    assert needed <= set(actions.RUNBOOKS[slug]) <= taken
    kinds = {str(values["kind"]) for step in definition.steps if "kind" in (values := getattr(step, "values", {}))}
    assert kinds <= {"${parameters.kind}", actions.KINDS.get(slug)}
