"""Who else manages an object."""

from typing import Any

import pytest

from optral.runbooks.executions.managed import managers_of, sets_replicas

HPA = {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}


def owner(api_version: str, kind: str) -> dict[str, Any]:
    return {"ownerReferences": [{"apiVersion": api_version, "kind": kind, "name": "db", "controller": True}]}


@pytest.mark.parametrize(
    ("verb", "metadata", "who"),
    [
        pytest.param("restart", {}, [], id="nobody"),
        pytest.param(
            "restart", {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:x/y"}}, ["Argo CD shop"], id="argocd"
        ),
        pytest.param("scale", {"labels": {"helm.toolkit.fluxcd.io/name": "web"}}, ["Flux web"], id="flux"),
        pytest.param("rollback", {"annotations": {"meta.helm.sh/release-name": "web"}}, ["Helm web"], id="helm"),
        pytest.param("setResources", owner("databases.example.com/v1", "Postgres"), ["the operator of Postgres/db"], id="operator"),
        pytest.param("setResources", owner("apps/v1", "Deployment"), [], id="a built-in owner is none"),
        pytest.param("setResources", {"managedFields": [{"manager": "argocd-controller"}]}, ["Argo CD"], id="by its hand"),
        pytest.param("setImage", {"labels": {"argocd.argoproj.io/instance": "shop"}}, ["Argo CD shop"], id="an image"),
        pytest.param("patch", {"annotations": {"meta.helm.sh/release-name": "web"}}, ["Helm web"], id="a field"),
        pytest.param("rerunJob", {"annotations": {"meta.helm.sh/release-name": "web"}}, [], id="a new Job is no drift"),
        pytest.param("deletePod", {"labels": {"app.kubernetes.io/managed-by": "Helm"}}, [], id="deleting a pod is no drift"),
        pytest.param("restart", {"labels": "nonsense", "ownerReferences": 7}, [], id="nonsense"),
    ],
)
def test_names_them(verb: str, metadata: dict[str, Any], who: list[str]) -> None:
    assert [str(one) for one in managers_of(verb, {"metadata": {"name": "web", **metadata}})] == who


@pytest.mark.parametrize(("verb", "who"), [("scale", ["HorizontalPodAutoscaler web"]), ("restart", [])])
def test_an_autoscaler_matters_to_scaling_alone(verb: str, who: list[str]) -> None:
    obj = {"kind": "Deployment", "metadata": {"name": "web"}}
    assert [str(one) for one in managers_of(verb, obj, [HPA, {"spec": None}])] == who
    assert managers_of(verb, {"kind": "StatefulSet", "metadata": {"name": "web"}}, [HPA]) == []


@pytest.mark.parametrize(
    ("verb", "values", "is_so"),
    [("scale", {}, True), ("patch", {"field": "replicas"}, True), ("patch", {"field": "limits.cpu"}, False), ("restart", {}, False)],
)
def test_a_patch_of_replicas_scales_too(verb: str, values: dict[str, str], is_so: bool) -> None:
    assert sets_replicas(verb, values) is is_so
