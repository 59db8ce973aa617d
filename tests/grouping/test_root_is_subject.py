"""Grouping and analysis over the clusters of these tests: a cause that the analysis names is about the root that grouping chooses.

These clusters hold only the fields that grouping reads, mostly without status and Events, so the analysis often names no cause. What it
names must not contradict the root. The same over clusters with all fields is in `tests/analysis/test_root_is_subject.py`.
"""

import inspect
from collections.abc import Iterator, Sequence

import msgspec
import pytest

from optral.analysis.engine import engine
from optral.analysis.model import Question
from optral.analysis.reading.snapshot import Snapshot
from optral.grouping.failure_index import Place, place
from optral.grouping.model import Arrangement, Failure
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from tests.detectors import build
from tests.grouping import graphs, test_graph, test_graph_rules

_UNSEEN = "the pod has no PodScheduled condition, so for the analysis no scheduler has seen it"
DIFFER = {
    ("test_a_node_that_goes_down_with_forty_pods_is_one_root", "FailedScheduling", "NodeNotReady"): _UNSEEN,
    (
        "test_rule_6_a_full_cluster_is_one_failure_and_a_pod_that_fits_nowhere_another",
        "FailedScheduling",
        "FailedScheduling",
    ): _UNSEEN,
    ("test_rule_6_a_cordon_holds_up_only_what_would_go_there", "FailedScheduling", "NodeCordoned"): _UNSEEN,
    ("test_rule_1_pressure_takes_evictions", "Evicted", "NodeDiskPressure"): "the pod has no message that names the resource",
}
"""(test, type of the symptom, type of the root) whose cause is about another object than the root, and why."""
TESTS = vars(test_graph) | vars(test_graph_rules)
CLUSTERS = sorted(
    name for name, test in TESTS.items() if name.startswith("test_") and not getattr(test, "pytestmark", None)
    and inspect.isfunction(test) and not inspect.signature(test).parameters
)  # fmt: skip


def _clusters(name: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sequence[Failure], tuple[KubeObject, ...], Arrangement]]:
    """The failures and objects that a test groups, and the result."""
    kept: list[tuple[Sequence[Failure], tuple[KubeObject, ...], Arrangement]] = []
    arrange = graphs.arranged

    def arranged(found: Sequence[Failure], *things: KubeObject) -> Arrangement:
        kept.append((list(found), things, arrange(found, *things)))
        return kept[-1][2]

    for module in (graphs, test_graph, test_graph_rules):
        if hasattr(module, "arranged"):
            monkeypatch.setattr(module, "arranged", arranged)
    TESTS[name]()
    return kept


def _symptoms(found: Sequence[Failure], arrangement: Arrangement) -> Iterator[tuple[Failure, Failure]]:
    """Each symptom with its root, once for each pair of types."""
    by_key = {failure.key: failure for failure in found}
    seen: set[tuple[str, str]] = set()
    for key in arrangement.parent_of:
        root = key
        while root in arrangement.parent_of:
            root = arrangement.parent_of[root].key
        types = (by_key[key].type, by_key[root].type)
        if types not in seen:
            seen.add(types)
            yield by_key[key], by_key[root]


def _subject(symptom: Failure, snapshot: Snapshot) -> Place | None:
    """The subject of the cause that an analysis of the symptom names."""
    question = Question(
        type=symptom.type,
        cluster_id="cls_x",
        resource=symptom.objects[0].ref,
        owner=symptom.subject,
        container=symptom.part,
        facts=symptom.facts,
        since=symptom.since,
    )
    cause = engine.explain(engine.investigate(question, snapshot)).root_cause
    if cause is None:
        return None
    named = cause["subject"]
    return place(ObjectRef(named["kind"], named.get("namespace"), named["name"]))


def _snapshot(things: Sequence[KubeObject]) -> Snapshot:
    return Snapshot(now=build.NOON).load((obj.kind, msgspec.to_builtins(obj)) for obj in things)


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_named_cause_is_about_the_root(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    differ: set[tuple[str, str, str]] = set()
    for found, things, arrangement in _clusters(name, monkeypatch):
        snapshot = _snapshot(things)
        for symptom, root in _symptoms(found, arrangement):
            subject = _subject(symptom, snapshot)
            if subject is not None and subject not in {place(root.subject), *(place(affected.ref) for affected in root.objects)}:
                differ.add((name, symptom.type, root.type))
    assert differ == {key for key in DIFFER if key[0] == name}


def test_the_exceptions_are_clusters_of_grouping() -> None:
    assert {name for name, _, _ in DIFFER} <= set(CLUSTERS)
