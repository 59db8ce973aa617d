"""Asks for risks, which are left out unless somebody asks."""

from typing import Any

from optral import detectors
from optral.detectors.finding import Finding
from optral.kube.objects import KubeObject
from tests.detectors.build import NOON, container, deployment, make, view_of


def risks(kind: str, *things: KubeObject) -> list[Finding]:
    """What one type of risk says about these objects together."""
    examination = detectors.examine_all(view_of(*things), now=NOON, include_risk=True)
    assert not examination.failures
    return [finding for finding in examination.findings if finding.type == kind]


def where(kind: str, *things: KubeObject) -> list[str]:
    """The names that type gives, of all its findings."""
    return [name for finding in risks(kind, *things) for name in finding.facts["where"]]


def workload(*containers: dict[str, Any], spec: dict[str, Any] | None = None, **more: Any) -> KubeObject:
    """A Deployment whose pods are made of these containers; `spec` is merged into the pod's, `outer` into its own."""
    labels = more.pop("labels", {"app": "api"})
    template = {"metadata": {"labels": labels}, "spec": {"containers": list(containers) or [container()]} | (spec or {})}
    return deployment(spec={"template": template} | more.pop("outer", {}), **more)


def service(name: str = "api", **spec: Any) -> KubeObject:
    return make("Service", name=name, spec={"selector": {"app": "api"}} | spec)
