import pytest

from optral import detectors
from tests.detectors.build import NOON, container, view_of
from tests.detectors.risk.ask import risks, where, workload

TYPE = "ImageTagLatest"


@pytest.mark.parametrize(
    ("image", "is_risky"),
    [
        ("shop/api:latest", True),
        ("shop/api", True),
        ("registry.example:5000/shop/api", True),
        ("registry.example:5000/shop/api:1.4", False),
        ("shop/api@sha256:0123", False),
        ("", False),
    ],
)
def test_an_image_needs_a_fixed_version(image: str, is_risky: bool) -> None:
    assert bool(where(TYPE, workload(container(image=image)))) is is_risky


def test_one_row_names_all_containers() -> None:
    shown = workload(container("api", image="a"), container("web", image="b:latest"), container("db", image="c:1"))
    [finding] = risks(TYPE, shown)
    assert finding.title == "Deployment shop/api runs images without a fixed version: api, web"
    assert (finding.category, finding.severity) == ("risk", "low")


def test_risks_are_reported_only_on_request() -> None:
    shown = workload(container(image="a"))
    assert detectors.examine_all(view_of(shown), now=NOON).findings == ()


def test_components_of_the_cluster_are_ignored() -> None:
    assert where(TYPE, workload(container(image="a"), namespace="kube-system")) == []
