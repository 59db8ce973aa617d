import pytest

from optral import detectors
from optral.kube.objects import KubeObject
from tests.detectors.build import NOON, make, tuned, view_of


def node(name: str, version: str) -> KubeObject:
    return make("Node", name=name, namespace=None, status={"nodeInfo": {"kubeletVersion": version}})


@pytest.mark.parametrize(
    ("versions", "behind"),
    [
        pytest.param(["v1.31.2", "v1.33.0"], ["node-0"], id="two behind"),
        pytest.param(["v1.32.2+k3s1", "v1.33.0-eks-1"], [], id="one behind: an upgrade is on its way"),
        pytest.param(["v1.33.0", "v1.33.9"], [], id="patches do not matter"),
        pytest.param(["", "v1.33.0"], [], id="does not say"),
        pytest.param(["odd", "odder"], [], id="no versions at all"),
    ],
)
def test_nodes_that_are_more_than_one_minor_behind(versions: list[str], behind: list[str]) -> None:
    view = view_of(*(node(f"node-{number}", version) for number, version in enumerate(versions)))
    found = detectors.examine_all(view, now=NOON, include_risk=True).findings
    assert [finding.subject.name for finding in found if finding.type == "VersionSkew"] == behind


@pytest.mark.parametrize(("most", "behind"), [(0, ["node-0", "node-1"]), (1, ["node-0"]), (2, [])])
def test_how_far_behind_it_may_be_can_be_set(most: int, behind: list[str]) -> None:
    found = tuned("VersionSkew", node("node-0", "v1.31.2"), node("node-1", "v1.32.0"), node("node-2", "v1.33.0"), maxBehind=most)
    assert [(finding.subject.name, finding.facts["maxBehind"]) for finding in found] == [(name, most) for name in behind]
