"""What an annotation about detectors reaches: every object that it applies to is examined again at once."""

import pytest

from optral import detectors
from optral.detectors import reach, tuning
from optral.detectors.tuning import DEFAULT
from optral.kube import owners
from optral.kube.changes import ObjectChange, Op
from optral.kube.kinds import KINDS
from optral.kube.objects import KubeObject, Namespace
from optral.kube.view import ClusterView
from tests.detectors.build import NOON, at, condition, make, owned_by, view_of

DAY_S = 86400
SAID = "CertificateExpiring.soonSeconds=60d, ResourceQuotaAlmostFull.fullFrom=0.5, JobNotCompleted.patienceSeconds=1h"
TUNED = frozenset(item.partition(".")[0] for item in SAID.split(", "))
NAMESPACED = frozenset(kind.id for kind in KINDS if kind.namespaced)


def shop(annotation: str = "") -> KubeObject:
    return make("Namespace", name="shop", namespace=None, meta={"uid": "home", "annotations": {tuning.ANNOTATION: annotation}})


def nightly(annotation: str = "") -> KubeObject:
    return make(
        "CronJob.batch",
        name="nightly",
        meta={"uid": "nightly", "annotations": {tuning.ANNOTATION: annotation}},
        spec={"schedule": "@daily"},
    )


def things() -> list[KubeObject]:
    """What is well by the defaults, and not by what is said."""
    ready = {"notAfter": at(-30 * DAY_S), "conditions": [condition("Ready")]}
    job = {"meta": {"ownerReferences": owned_by(nightly())}, "status": {"active": 1, "startTime": at(3 * 3600)}}
    return [
        make("Certificate.cert-manager.io", name="web", spec={"secretName": "web-tls"}, status=ready),
        make("ResourceQuota", name="pods", spec={"hard": {"pods": "10"}}, status={"hard": {"pods": "10"}, "used": {"pods": "8"}}),
        make("Job.batch", name="nightly-1", ago=3 * 3600, **job),
    ]


def changed(stood: list[KubeObject], obj: KubeObject) -> ClusterView:
    change = ObjectChange(Op.UPSERT, obj.kind, obj.uid, obj.namespace or "", obj.name, "2", b"")
    return view_of(*stood).with_changes([(change, obj)])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(shop(), shop(SAID), TUNED, id="of a namespace"),
        pytest.param(nightly(), nightly(SAID), {"JobNotCompleted"}, id="of a schedule"),
    ],
)
def test_thresholds_hold_with_the_annotation_and_end_with_it(before: KubeObject, after: KubeObject, told: set[str]) -> None:
    around = [obj for obj in (shop(), nightly()) if obj.kind != before.kind]
    stood = things()
    for was, obj, expected in ((before, after, told), (after, before, set())):
        overlay = changed([*around, *stood, was], obj)
        limits = tuning.limits(DEFAULT, overlay, cluster_id="c1")
        seen = detectors.examine(overlay, [owners.ref(obj)], now=NOON, include_risk=True, limits=limits)
        whole = detectors.examine_all(overlay, now=NOON, include_risk=True, limits=limits)
        assert {one.type for one in seen.findings} & TUNED == {one.type for one in whole.findings} & TUNED == expected
        assert {one.uid for one in stood if one.kind == "Job.batch" or obj.kind == Namespace.kind} <= seen.examined


@pytest.mark.parametrize("kind", sorted({kind for one in detectors.DETECTORS for kind in one.looks_at} & NAMESPACED))
def test_a_namespace_reaches_every_kind_that_is_judged(kind: str) -> None:
    near, far, home = make(kind, name="near"), make(kind, name="far", namespace="till"), shop("StuckFinalizer=off")
    examination = detectors.examine(changed([near, far], home), [owners.ref(home)], now=NOON, include_risk=True)
    assert near.uid in examination.examined
    assert far.uid not in examination.examined, "another namespace's"


def test_what_a_namespace_reaches_is_bounded_and_leaves_out_the_many() -> None:
    stood = [make("ConfigMap", name=f"settings-{n}") for n in range(reach.MAX_IN_NAMESPACE)] + [make("Pod", name="api-1")]
    home = shop("UnusedConfigMap=off")
    examined = detectors.examine(changed(stood, home), [owners.ref(home)], now=NOON, include_risk=True).examined
    assert stood[-1].uid in examined
    assert len(examined - {home.uid}) == reach.MAX_IN_NAMESPACE
