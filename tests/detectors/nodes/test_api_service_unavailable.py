from typing import Any

import pytest

from tests.detectors.build import condition, make, only, when

TYPE = "APIServiceUnavailable"


def extension(status: str = "False", *, is_local: bool = False) -> Any:
    spec: dict[str, Any] = {"group": "metrics.k8s.io", "version": "v1beta1"}
    if not is_local:
        spec["service"] = {"namespace": "kube-system", "name": "metrics-server"}
    conditions = [condition("Available", status, reason="MissingEndpoints", ago=400)]
    return make(
        "APIService.apiregistration.k8s.io", name="v1beta1.metrics.k8s.io", namespace=None, spec=spec, status={"conditions": conditions}
    )


@pytest.mark.parametrize("status", ["False", "Unknown"])
def test_opens_after_five_minutes(status: str) -> None:
    [finding] = only(TYPE, extension(status))
    assert (finding.since, finding.opens_at) == (when(400), when(100))
    assert (finding.facts["reason"], finding.facts["service"]) == ("MissingEndpoints", "kube-system/metrics-server")


@pytest.mark.parametrize("shown", [extension("True"), extension(is_local=True)], ids=["answers", "the API server's own"])
def test_an_available_api_is_no_issue(shown: Any) -> None:
    assert only(TYPE, shown) == []
