from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, make, only, pod, when

TYPE = "StuckFinalizer"


def going(kind: str = "ConfigMap", finalizer: str | None = "example.com/clean", namespace: str | None = "shop", **body: Any) -> KubeObject:
    meta = {"deletionTimestamp": at(60), "finalizers": [finalizer] if finalizer else []}
    return make(kind, name="data", namespace=namespace, meta=meta, **body)


def test_it_opens_a_quarter_of_an_hour_after_the_deletion() -> None:
    [finding] = only(TYPE, going())
    assert (finding.since, finding.opens_at) == (when(60), when(60 - 900))
    assert finding.title == "ConfigMap shop/data was deleted but still exists: finalizer example.com/clean remains"
    assert [str(suspect.ref) for suspect in finding.suspects] == ["Namespace/shop"]


@pytest.mark.parametrize("kind", ["Deployment.apps", "PersistentVolumeClaim", "Application.argoproj.io", "Service"])
def test_any_watched_kind_may_be_stuck(kind: str) -> None:
    assert len(only(TYPE, going(kind))) == 1


MOUNT = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}


@pytest.mark.parametrize(
    "things",
    [
        pytest.param([going(finalizer=None)], id="nothing holds it"),
        pytest.param([make("ConfigMap", name="c", meta={"finalizers": ["example.com/clean"]})], id="nobody deleted it"),
        pytest.param([going("PersistentVolumeClaim"), pod(spec=MOUNT)], id="a pod still mounts it"),
        pytest.param(
            [
                going("PersistentVolume", namespace=None, spec={"claimRef": {"namespace": "shop", "name": "c"}}),
                make("PersistentVolumeClaim", name="c"),
            ],
            id="its claim is still there",
        ),
        pytest.param([going("Node", namespace=None, spec={"taints": [{"key": "karpenter.sh/disrupted"}]})], id="a node that is drained"),
        pytest.param([going("CustomResourceDefinition.apiextensions.k8s.io", namespace=None)], id="has a type of its own"),
    ],
)
def test_finalizers_that_wait_rightly(things: list[KubeObject]) -> None:
    assert only(TYPE, *things) == []
