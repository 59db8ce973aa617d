import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import make, tuned
from tests.detectors.risk.ask import risks, where


def storage_class(name: str, default: bool) -> KubeObject:
    meta = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}} if default else {}
    return make("StorageClass.storage.k8s.io", name=name, namespace=None, meta=meta)


def node(version: str = "v1.34.1", name: str = "n1", **allocatable: str) -> KubeObject:
    return make("Node", name=name, namespace=None, status={"nodeInfo": {"kubeletVersion": version}, "allocatable": allocatable})


def quota(**hard: str) -> KubeObject:
    return make("ResourceQuota", name="q", spec={"hard": {f"requests.{name}": value for name, value in hard.items()}})


DEFAULT = make("Namespace", name="default", namespace=None)


def definition(deprecated: bool) -> KubeObject:
    versions = [{"name": "v1alpha1", "served": True, "storage": deprecated, "deprecated": True}]
    versions += [{"name": "v1", "served": True, "storage": not deprecated}]
    return make("CustomResourceDefinition.apiextensions.k8s.io", name="x.example.com", namespace=None, spec={"versions": versions})


@pytest.mark.parametrize(
    ("kind", "things", "names"),
    [
        ("DefaultStorageClass", [storage_class("a", False)], ["no class is the default"]),
        ("DefaultStorageClass", [storage_class("a", True), storage_class("b", True)], ["a", "b", "a", "b"]),
        ("DefaultStorageClass", [storage_class("a", True), storage_class("b", False)], []),
        ("QuotaOvercommit", [DEFAULT, node(cpu="4", memory="8Gi"), quota(cpu="7", memory="8Gi")], ["cpu"]),
        ("QuotaOvercommit", [DEFAULT, node(cpu="4", memory="8Gi"), quota(cpu="6")], []),
        ("QuotaOvercommit", [DEFAULT, quota(cpu="6")], []),
        ("EOLVersion", [node("v1.29.3+k3s1")], ["Kubernetes 1.29"]),
        ("EOLVersion", [node("v1.19.0")], ["Kubernetes 1.19"]),
        ("EOLVersion", [node("v1.35.0"), node("v1.40.0", name="n2"), node("strange", name="n3")], []),
        ("DeprecatedAPI", [definition(deprecated=True)], ["v1alpha1"]),
        ("DeprecatedAPI", [definition(deprecated=False)], []),
    ],
)
def test_risks_of_the_whole_cluster(kind: str, things: list[KubeObject], names: list[str]) -> None:
    assert where(kind, *things) == names


def test_many_nodes_are_one_issue() -> None:
    found = risks("EOLVersion", node("v1.28.1"), node("v1.28.2", name="n2"))
    assert len({(finding.subject, finding.part) for finding in found}) == 1


def test_the_overcommit_threshold_can_be_set() -> None:
    things = [DEFAULT, node(cpu="4"), quota(cpu="7")]
    assert tuned("QuotaOvercommit", *things, mostPromised=2) == []
    [finding] = tuned("QuotaOvercommit", *things, mostPromised=1.25)
    assert "has quotas for more than 1.25 times the resources of its nodes" in finding.title
    assert finding.facts == {"where": ["cpu"], "mostPromised": 1.25}
