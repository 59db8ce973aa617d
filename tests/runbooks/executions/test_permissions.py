"""What the agent lacks for a plan: only what the verb is known to need, and how it is granted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from optral.runbooks.executions import permissions
from optral.runbooks.executions.effects import CommandReport, Outcome
from optral.runbooks.model import Step
from optral.terms.verbs import Missing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATCH = Missing("patch", "apps", "statefulsets", "", "shop")._asdict()
LIST = Missing("list", "apps", "controllerrevisions", "", "shop")._asdict()


def step(verb: str, kind: str = "StatefulSet", namespace: str | None = "shop") -> Step:
    return Step(
        id="stp_1", execution_id="exe_1", position=0, name="Do it", verb=verb, values={}, is_write=True, is_optional=False,
        kind=kind, namespace=namespace, object_name="web", uid="uid",
    )  # fmt: skip


def lacking(found: Step, said: Any) -> list[permissions.MissingGrant]:
    return permissions.of_report(found, CommandReport(outcome=Outcome.REJECTED, code="RBAC_DENIED", result={"missingPermissions": said}))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([PATCH, LIST], ["patch statefulsets.apps in shop", "list controllerrevisions.apps in shop"], id="both"),
        pytest.param([LIST], ["list controllerrevisions.apps in shop"], id="one"),
        pytest.param([{**PATCH, "namespace": "other"}], ["patch statefulsets.apps in shop"], id="another namespace is not believed"),
        pytest.param([{**PATCH, "resource": "secrets"}], [], id="nothing that the verb does not need"),
        pytest.param([{"verb": "*"}, 7, None, "patch"], [], id="no permissions"),
        pytest.param({"verb": "patch"}, [], id="no list"),
        pytest.param(None, [], id="an agent that lists none"),
    ],
)
def test_only_what_the_verb_needs_is_kept(said: Any, expected: list[str]) -> None:
    assert [str(one.missing) for one in lacking(step("rollback"), said)] == expected


@pytest.mark.parametrize(
    ("found", "said", "text"),
    [
        pytest.param(
            step("rollback"),
            [PATCH],
            "the agent lacks permissions for this plan; step 'Do it' needs patch statefulsets.apps in shop: add the rule "
            "{apiGroups: [apps], resources: [statefulsets], verbs: [patch]} to a Role of the agent, or set "
            "{profile: operate, operate: {namespaces: [shop], verbs: [rollback]}} in the values of the optral-agent chart; "
            "nothing was changed",
            id="in a namespace",
        ),
        pytest.param(
            step("drain", "Node", None),
            [Missing("create", "", "pods", "eviction")._asdict()],
            "the agent lacks permissions for this plan; step 'Do it' needs create pods/eviction in the whole cluster: add the rule "
            "{apiGroups: [''], resources: [pods/eviction], verbs: [create]} to a ClusterRole of the agent, or set "
            "{profile: operate, operate: {nodes: true, drain: true}} in the values of the optral-agent chart; nothing was changed",
            id="in the whole cluster",
        ),
    ],
)
def test_the_refusal_says_what_grants_it(found: Step, said: Any, text: str) -> None:
    assert permissions.refusal(lacking(found, said)) == text


def test_a_long_list_is_cut_in_the_refusal_only() -> None:
    found = [one for _ in range(4) for one in lacking(step("rollback"), [PATCH, LIST])]
    said = permissions.refusal(found)
    assert (said.count("add the rule"), "and 3 more, which the plan lists" in said) == (5, True)


def test_a_plan_keeps_what_is_lacking() -> None:
    found = lacking(step("rollback"), [PATCH, LIST])
    assert permissions.of_plan({"missingPermissions": [one.plain() for one in found]}) == found
    assert permissions.of_plan({}) == []
