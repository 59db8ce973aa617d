import json

import pytest

from optral.kube import objects, selectors
from optral.kube.objects import LabelSelector, PersistentVolumeClaim, Requirement


def test_every_pair_must_fit_and_an_empty_selector_fits_nothing() -> None:
    labels = {"app": "api", "tier": "web"}
    assert selectors.matches({"app": "api"}, labels)
    assert not selectors.matches({"app": "api", "tier": "back"}, labels)
    assert not selectors.matches({}, labels)


def test_differences_tell_what_the_labels_have_instead() -> None:
    assert selectors.differences({"app": "api", "tier": "web", "x": "y"}, {"app": "api", "tier": "back"}) == {"tier": "back", "x": None}


@pytest.mark.parametrize(
    ("operator", "values", "labels", "holds"),
    [
        ("In", ("web", "api"), {"app": "api"}, True),
        ("In", ("web",), {"app": "api"}, False),
        ("In", ("web",), {}, False),
        ("NotIn", ("web",), {"app": "api"}, True),
        ("NotIn", ("web",), {}, True),
        ("NotIn", ("api",), {"app": "api"}, False),
        ("Exists", (), {"app": ""}, True),
        ("Exists", (), {}, False),
        ("DoesNotExist", (), {}, True),
        ("DoesNotExist", (), {"app": "api"}, False),
        ("Near", ("api",), {"app": "api"}, False),
    ],
)
def test_expressions_hold_as_kubernetes_reads_them(operator: str, values: tuple[str, ...], labels: dict[str, str], holds: bool) -> None:
    selector = LabelSelector(match_expressions=(Requirement(key="app", operator=operator, values=values),))
    assert selectors.fits(selector, labels) is holds


def test_an_empty_label_selector_fits_everything_and_a_missing_one_nothing() -> None:
    assert selectors.fits(LabelSelector(), {})
    assert not selectors.fits(None, {"app": "api"})
    both = LabelSelector(match_labels={"app": "api"}, match_expressions=(Requirement(key="tier", operator="Exists"),))
    assert selectors.fits(both, {"app": "api", "tier": "x"})
    assert not selectors.fits(both, {"app": "web", "tier": "x"})


def test_expressions_survive_decoding() -> None:
    claim = {"spec": {"selector": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}, None]}}}
    made = objects.decode("PersistentVolumeClaim", json.dumps(claim).encode())
    assert isinstance(made, PersistentVolumeClaim)
    assert selectors.fits(made.spec.selector, {"disk": "ssd"})
    assert not selectors.fits(made.spec.selector, {"disk": "hdd"})
