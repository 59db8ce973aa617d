"""A typo in a selector or a reference is fixed with the value that was intended."""

from dataclasses import replace
from typing import Any

import pytest

from optral.analysis.reading.snapshot import SnapshotObject
from optral.analysis.rules import intended_target
from tests.analysis.cases import typos
from tests.analysis.cases.typos import budgeted, chart, sends_to, workload
from tests.analysis.cluster import pod, service


@pytest.mark.parametrize(
    ("ask", "title"),
    [
        (typos.slips_in_its_only_label, "Change the selector of Service lookup to app=found"),
        (typos.slips_in_one_of_many_labels, "Change the selector of Service lookup to app.kubernetes.io/name=ledger"),
        (typos.selects_by_another_key, "Change the selector of Service lookup to app=found"),
        (typos.guards_nobody, "Change the selector of PodDisruptionBudget found-budget to app=found"),
        (typos.protects_nobody, "Change the selector of NetworkPolicy found-only to app=found"),
        (typos.scales_a_name_that_slipped, "Change scaleTargetRef to Deployment found"),
        (typos.scales_another_kind, "Change scaleTargetRef to Deployment found"),
        (typos.is_entered_by_a_name_that_slipped, "Change the backend of the Ingress to Service lookup"),
    ],
)
def test_proposes_the_intended_value(ask: object, title: str) -> None:
    _, found = ask()  # type: ignore[operator]
    assert title in [one["title"] for one in found.body["recommendedActions"]]
    assert found.confidence > 0.85


def test_is_not_sure_of_pods_that_another_service_leads_to() -> None:
    _, found = typos.shares_only_what_everybody_has()
    assert found.confidence < 0.65


def test_labels_in_another_namespace_change_neither_the_advice_nor_the_confidence() -> None:
    """They are equal wherever staging and production share a cluster, and say nothing about what is missing here."""
    world, found = typos.has_a_namesake_in_another_namespace()
    assert [one["title"] for one in found.body["recommendedActions"]] == [
        "Deploy the workload behind Service lookup, or delete the Service"
    ]
    assert world.asked is not None
    world.asked = replace(world.asked, facts={"case": "nothingSelected"})
    assert world.again().body == found.body


def beside(name: str) -> tuple[Any, Any]:
    return workload(name, app=name)


@pytest.mark.parametrize(
    ("name", "selector", "objects"),
    [
        pytest.param("rel-web", chart("rel", "web"), workload("rel-worker", **chart("rel", "worker")), id="another part of a release"),
        pytest.param(
            "shop",
            chart("shop", "shop") | {"component": "web"},
            workload("shop-worker", **chart("shop", "shop"), component="worker"),
            id="another part of a release of the same name",
        ),
        pytest.param("order", {"app": "order"}, beside("orders"), id="one letter more"),
        pytest.param("cart", {"app": "cart"}, beside("card"), id="another letter"),
        pytest.param("api", {"app": "api"}, beside("app"), id="two letters swapped"),
        pytest.param("auth", {"app": "auth"}, beside("auth-worker"), id="one part more"),
        pytest.param("api-svc", {"app": "api"}, beside("app"), id="a name that says its kind"),
        pytest.param("lookup", {"team": "blue", "app": "zeta"}, workload("mailer", team="blue", app="mailer"), id="of the same team"),
    ],
)
def test_says_both_when_the_workload_may_as_well_be_missing(name: str, selector: dict[str, str], objects: tuple[Any, Any]) -> None:
    """A Service that asks for its own name asks for what it was made for, however like the neighbor's name is."""
    _, found = sends_to(selector, *objects, name=name)
    assert {"selector_mismatch", "no_workload"} <= {one["id"] for one in found.body["hypotheses"]}
    assert found.confidence < 0.7


@pytest.mark.parametrize(
    ("name", "selector", "objects"),
    [
        pytest.param("found", {"app": "fuond"}, workload("found", app="found"), id="slip in the selector"),
        pytest.param("found", {"app": "found"}, workload("found", app="fuond"), id="slip in the workload's labels"),
        pytest.param("found-svc", {"app": "found"}, workload("found", app="fuond"), id="slip in the labels, and a name that says its kind"),
        pytest.param("found", {"name": "found"}, workload("found-v1", app="found"), id="its own name under another key"),
        pytest.param("rel-web", chart("rel", "wbe"), workload("rel-web", **chart("rel", "web")), id="slip in one label of a release"),
        pytest.param("found", {"app": "found", "tier": "back"}, workload("found", app="found", tier="web"), id="the workload of its name"),
    ],
)
def test_stays_sure_of_a_slip(name: str, selector: dict[str, str], objects: tuple[Any, Any]) -> None:
    _, found = sends_to(selector, *objects, name=name)
    assert found.cause_id == "selector_mismatch"
    assert found.confidence > 0.85


@pytest.mark.parametrize("name", ["api", "api-pdb"])
def test_does_not_let_a_budget_guard_another_application(name: str) -> None:
    _, found = budgeted(name, {"app": "api"}, *workload("app", app="app"))
    assert found.cause_id == "policy_selects_nobody"
    assert [one["title"] for one in found.body["recommendedActions"]] == [f"Correct the selector of {name}, or delete it"]


def test_does_not_compare_every_pod_with_every_workload(monkeypatch: pytest.MonkeyPatch) -> None:
    """2000 pods of 400 workloads took three seconds: each pod asked every workload whether a label is its own alone."""
    objects: list[Any] = []
    for number in range(60):
        name = f"w{number:02}x"
        owner, first = workload(name, app=name, team="blue")
        more = [pod(owner, f"{name}-{copy}", ready=True) for copy in (2, 3, 4)]
        objects += [owner, first, *more, service(name, selector={"app": name})]
    world, _ = sends_to({"team": "blue", "app": "zeta"}, *objects, name="zeta")
    read: list[SnapshotObject] = []
    monkeypatch.setattr(intended_target, "labels_of", lambda one, plain=intended_target.labels_of: read.append(one) or plain(one))
    assert world.again().cause_id == "no_workload"
    assert len(read) < 4 * len(objects)
