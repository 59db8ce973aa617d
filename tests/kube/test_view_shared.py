"""What detectors ask the view together: one answer for all of them, the same as each would have got alone."""

from typing import cast

from optral.kube import view
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import KubeObject, Pod
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.detectors.build import deployment, pod, replica_set


def test_what_is_asked_once_is_forgotten_as_the_view_moves() -> None:
    one = pod(name="a")
    base = view.of([one])
    asked = []

    def ask(seen: ClusterView, obj: KubeObject) -> int:
        asked.append(obj.name)
        return seen.count("Pod")

    assert [base.once(ask, one), base.once(ask, one)] == [1, 1]
    assert asked == ["a"]
    other = pod(name="b")
    overlay = base.with_changes([(ObjectChange(Op.UPSERT, "Pod", other.uid, "shop", "b", "1", b""), other)])
    assert overlay.once(ask, one) == 2
    assert base.once(ask, one) == 1, "the overlay remembers for itself"
    base.absorb(overlay)
    assert base.once(ask, one) == 2


def test_groups_pods_by_workload_as_it_finds_the_workload_of_each() -> None:
    owners_of = [replica_set(deployment(name), name=f"{name}-1") for name in ("web", "api")]
    unseen = replica_set(None, name="job-5d4f9c")
    pods = [pod(name=f"p{n}", owner=owner) for n, owner in enumerate([owners_of[0], owners_of[0], owners_of[1], owners_of[0], None, None])]
    hashed = {"app": "job", "pod-template-hash": "5d4f9c"}
    pods += [pod(name="q1", owner=unseen, labels=hashed), pod(name="q2", owner=unseen), pod(name="q3", owner=unseen, labels=hashed)]
    seen = view.of([*owners_of, *pods])
    alone: dict[ObjectRef, list[KubeObject]] = {}
    for one in pods:
        alone.setdefault(seen.workload_of(one), []).append(one)
    assert seen.by_workload(cast(list[Pod], pods)) == alone
    assert len(alone) == 6
