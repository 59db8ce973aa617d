from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import at, condition, make, only, when

TYPE = "CustomResourceNotReady"


def flux(*conditions: dict[str, Any], kind: str = "Kustomization.kustomize.toolkit.fluxcd.io", **more: Any) -> KubeObject:
    return make(kind, name="web", status={"conditions": list(conditions), "observedGeneration": 1}, **more)


def argo(**status: Any) -> KubeObject:
    return make("Application.argoproj.io", name="web", status=status)


@pytest.mark.parametrize("kind", ["Kustomization.kustomize.toolkit.fluxcd.io", "HelmRelease.helm.toolkit.fluxcd.io"])
def test_a_flux_resource_that_fails(kind: str) -> None:
    [finding] = only(TYPE, flux(condition("Ready", "False", reason="BuildFailed", message="no such file", ago=50), kind=kind))
    assert (finding.since, finding.opens_at, finding.facts["state"]) == (when(50), when(50 - 600), "BuildFailed")
    assert finding.title.endswith("is not ready: no such file")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param({"health": {"status": "Degraded", "lastTransitionTime": at(50)}}, "Degraded", id="its parts are not well"),
        pytest.param(
            {"operationState": {"phase": "Failed", "message": "x", "finishedAt": at(50)}, "sync": {"status": "OutOfSync"}},
            "SyncFailed",
            id="it could not be applied",
        ),
        pytest.param(
            {"conditions": [{"type": "ComparisonError", "message": "x", "lastTransitionTime": at(50)}]}, "ComparisonError", id="unreadable"
        ),
    ],
)
def test_an_application_that_fails(status: dict[str, Any], state: str) -> None:
    [finding] = only(TYPE, argo(**status))
    assert (finding.since, finding.facts["state"]) == (when(50), state)


def test_any_kind_that_fails_is_named_with_its_group_its_reason_and_its_message() -> None:
    widget = make(
        "Widget.shop.example",
        name="web",
        status={"conditions": [condition("Ready", "False", reason="SyncFailed", message="no such bucket", ago=50)]},
    )
    [finding] = only(TYPE, widget)
    assert finding.title == "Widget shop/web (shop.example) is not ready: no such bucket"
    assert (finding.since, finding.opens_at) == (when(50), when(50 - 600))
    named = {
        "kind": "Widget",
        "group": "shop.example",
        "name": "web",
        "shownBy": "Ready",
        "state": "SyncFailed",
        "message": "no such bucket",
    }
    assert finding.facts.items() >= named.items()


def test_what_it_refers_to_in_other_namespaces_is_a_fact() -> None:
    failed = {"conditions": [condition("Ready", "False", reason="SyncFailed", message="Store 'far/s' is down", ago=50)]}
    spec = {"sourceRef": {"kind": "Source", "name": "s", "namespace": "delivery"}, "nearRef": {"name": "n"}}
    [finding] = only(TYPE, make("Widget.shop.example", name="web", spec=spec, status=failed))
    assert finding.facts["refersTo"] == ["Source/delivery/s", "Store/far/s"]
    [finding] = only(TYPE, make("Widget.shop.example", name="web", spec={"nearRef": {"name": "n"}}, status={"phase": "Failed"}))
    assert "refersTo" not in finding.facts


def test_progress_becomes_a_finding_that_opens_after_an_hour() -> None:
    [finding] = only(
        TYPE, make("Widget.shop.example", name="web", status={"conditions": [condition("Ready", "False", reason="Creating", ago=50)]})
    )
    assert (finding.opens_at, finding.facts["health"]) == (when(50 - 3600), "progressing")
    assert "is still not ready" in finding.title


def test_a_failure_without_a_time_counts_from_now() -> None:
    [finding] = only(TYPE, make("Widget.shop.example", name="web", status={"phase": "Failed"}))
    assert (finding.since, finding.is_onset_unknown) == (when(0), True)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(make("Widget.shop.example", name="web", status={"phase": "InProgress"}), id="work that ends by itself"),
        pytest.param(make("Widget.shop.example", name="web"), id="no status"),
        pytest.param(flux(condition("Ready")), id="ready"),
        pytest.param(flux(condition("Ready", "False", reason="DependencyNotReady")), id="waits for another"),
        pytest.param(flux(condition("Ready", "False", reason="BuildFailed"), spec={"suspend": True}), id="suspended"),
        pytest.param(flux(condition("Ready", "False", reason="BuildFailed"), meta={"generation": 2}), id="status of an older spec"),
        pytest.param(argo(health={"status": "Healthy"}, sync={"status": "OutOfSync"}), id="only out of sync"),
        pytest.param(argo(health={"status": "Progressing"}), id="progressing"),
        pytest.param(argo(operationState={"phase": "Failed"}, sync={"status": "Synced"}), id="failed once, in sync since"),
    ],
)
def test_what_is_no_fault(shown: KubeObject) -> None:
    assert only(TYPE, shown) == []
