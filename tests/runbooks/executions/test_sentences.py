"""Plans as people read them."""

from typing import Any

import pytest

from optral.runbooks.executions import sentences, verification
from optral.terms import verbs

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web", "uid": "uid-web"}
NODE = {"kind": "Node", "namespace": None, "name": "n1", "uid": "uid-n1"}
SAYS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("restart", WEB, {}, "Restarts Deployment shop/web."),
    ("scale", WEB, {"replicas": 1}, "Scales Deployment shop/web to 1 replica."),
    ("scale", WEB, {"replicas": 0}, "Scales Deployment shop/web to 0 replicas."),
    (
        "setResources",
        WEB,
        {"container": "app", "limits": {"memory": "256Mi"}, "requests": {"cpu": "100m"}},
        "Sets the memory limit to 256Mi and the cpu request to 100m for container app of Deployment shop/web.",
    ),
    ("setImage", WEB, {"container": "app", "tag": "1.4.2"}, "Sets the image of container app of Deployment shop/web to 1.4.2."),
    (
        "patch",
        WEB,
        {"field": "readinessProbe.path", "container": "app", "value": "/ready"},
        "Sets readinessProbe.path for container app of Deployment shop/web to /ready.",
    ),
    ("patch", WEB | {"kind": "CronJob"}, {"field": "suspend", "value": True}, "Sets suspend of CronJob shop/web to true."),
    (
        "patch",
        WEB | {"kind": "Service"},
        {"field": "selector", "key": "track", "remove": True},
        "Removes selector[track] of Service shop/web.",
    ),
    ("rollback", WEB, {"toRevision": 4}, "Rolls back Deployment shop/web to revision 4."),
    ("rollback", WEB, {}, "Rolls back Deployment shop/web to the previous revision."),
    ("rerunJob", WEB | {"kind": "Job"}, {}, "Runs Job shop/web again."),
    ("renewCertificate", WEB | {"kind": "Certificate"}, {}, "Renews Certificate shop/web."),
    ("deletePod", WEB | {"kind": "Pod"}, {}, "Deletes Pod shop/web."),
    ("evict", WEB | {"kind": "Pod"}, {}, "Evicts Pod shop/web."),
    ("cordon", NODE, {}, "Marks Node n1 as unschedulable."),
    ("uncordon", NODE, {}, "Marks Node n1 as schedulable."),
    ("drain", NODE, {}, "Drains Node n1."),
]


@pytest.mark.parametrize(("verb", "ref", "values", "says"), SAYS)
def test_a_step_is_a_sentence(verb: str, ref: dict[str, Any], values: dict[str, Any], says: str) -> None:
    assert sentences.of_step({"verb": verb, "object": ref, "values": values, "isWrite": True}, None) == says


def test_each_action_that_writes_has_a_sentence() -> None:
    assert {verb for verb, *_ in SAYS} == set(verbs.WRITES)


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        ({}, "Replaces and removes no pods."),
        ({"podsReplaced": 1, "unavailableAtOnce": 0, "unavailableSeconds": 0}, "Replaces 1 pod, no downtime."),
        (
            {"podsReplaced": 3, "unavailableAtOnce": 1, "unavailableSeconds": 12},
            "Replaces 3 pods, 1 at a time unavailable, for about 12 s in all.",
        ),
        ({"podsRemoved": 2, "unavailableAtOnce": 2}, "Removes 2 pods, 2 at a time unavailable, for an unknown time."),
        ({"dependents": ["Service shop/web"], "unavailableAtOnce": None}, "Downtime unknown."),
    ],
)
def test_an_impact_is_a_sentence(taken: dict[str, Any], says: str) -> None:
    taken = {"podsReplaced": 0, "podsRemoved": 0, "dependents": []} | taken
    assert sentences.of_impact(taken) == says
    step = {"verb": "restart", "object": WEB, "values": {}, "isWrite": True}
    assert sentences.of_step(step, taken) == f"Restarts Deployment shop/web. {says}"
    assert sentences.of_step(step | {"verb": "get", "isWrite": False}, taken) is None


@pytest.mark.parametrize(
    ("name", "message", "says"),
    [
        ("finding", "the failure is gone: no object shows it any more", "The failure is gone: no object shows it any more"),
        ("available Deployment/shop/web", "rolling out: 1 of 3 updated", "Rolling out: 1 of 3 updated (Deployment/shop/web)"),
    ],
)
def test_a_check_is_a_sentence(name: str, message: str, says: str) -> None:
    assert verification.Check(name, verification.PASSED, message).text == says


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("setResources", {"limits": {"memory": "64Mi"}})], "The memory limit of 64Mi did not suffice."),
        (
            [("setResources", {"limits": {"memory": "1Gi"}, "requests": {"cpu": "100m"}})],
            "The memory limit of 1Gi and the cpu request of 100m did not suffice.",
        ),
        ([("setResources", {"limits": {"memory": "1Gi"}}), ("restart", {})], "The runbook Fix it did not help."),
        ([("restart", {})], "The runbook Fix it did not help."),
    ],
)
def test_what_did_not_help_is_a_sentence(steps: list[tuple[str, dict[str, Any]]], says: str) -> None:
    assert sentences.of_failure("Fix it", steps) == says
