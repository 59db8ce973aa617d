"""What a plan says of missing permissions, at a real kube-apiserver with RBAC: the rule that it names is the one that helps."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure, Tools
from optral.agent.commands.commands_writes import Writer
from optral.kit.clock import SystemClock
from optral.kube.redact import Redactor
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.runbooks.executions import permissions
from optral.runbooks.executions.effects import CommandReport, Outcome
from optral.runbooks.model import Step
from tests.agent.kubeworld import World
from tests.agent.test_verbs_kubeapi import make_set
from tests.support.kubeapi import RealApi

pytestmark = pytest.mark.kubeapi
USER = "nobody"
READS = [{"apiGroups": ["apps"], "resources": ["statefulsets", "replicasets"], "verbs": ["get", "list", "watch"]}]


@pytest.fixture
async def limited(real_api: RealApi) -> AsyncIterator[Writer]:
    """The agent of a user who has no permissions but those that the test gives."""
    access = credentials.load(real_api.kubeconfig, USER)
    async with KubeClient(access) as client:
        yield Writer(Tools(client, Redactor(b"s" * 32)), SystemClock())


async def grant(world: World, name: str, rules: list[dict[str, Any]]) -> None:
    """A Role in the namespace of the test, for the user."""
    path, meta = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{world.namespace}", {"name": name, "namespace": world.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subjects = [{"kind": "User", "name": USER, "apiGroup": "rbac.authorization.k8s.io"}]
    await world.client.post(f"{path}/roles", json.dumps({"metadata": meta, "rules": rules}).encode())
    await world.client.post(f"{path}/rolebindings", json.dumps({"metadata": meta, "subjects": subjects, "roleRef": role}).encode())


def lacking(world: World, failure: Failure) -> list[permissions.MissingGrant]:
    """As the server reads it from the report of the dry run."""
    step = Step(
        id="stp_1", execution_id="exe_1", position=0, name="Roll back", verb="rollback", values={}, is_write=True, is_optional=False,
        kind="StatefulSet", namespace=world.namespace, object_name="db", uid="",
    )  # fmt: skip
    return permissions.of_report(step, CommandReport(outcome=Outcome.REJECTED, code=failure.code, result=failure.result))


async def test_the_rules_that_a_plan_names_are_those_that_it_lacks(world: World, limited: Writer) -> None:
    await make_set(world, "StatefulSet")
    await grant(world, "reads", READS)
    order = world.order("rollback", dry_run=True, kind="StatefulSet", namespace=world.namespace, name="db")
    with pytest.raises(Failure) as refused:
        await limited.dry_run(order)
    missing = lacking(world, refused.value)
    where = f"in {world.namespace}"
    assert [str(one.missing) for one in missing] == [f"patch statefulsets.apps {where}", f"list controllerrevisions.apps {where}"]

    await grant(world, "first", [missing[0].missing.permission.rule])
    with pytest.raises(Failure) as refused:
        await _when_granted(limited, order, allowed=1)
    assert [str(one.missing) for one in lacking(world, refused.value)] == [f"list controllerrevisions.apps {where}"]

    await grant(world, "second", [missing[1].missing.permission.rule])
    assert (await _when_granted(limited, order, allowed=2))["diff"]


async def _when_granted(limited: Writer, order: Any, *, allowed: int) -> dict[str, Any]:
    """The dry run as soon as the API server has noticed the roles."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await limited.dry_run(order)
            except Failure as failure:
                if failure.code != "RBAC_DENIED" or len((failure.result or {}).get("missingPermissions", ())) == 2 - allowed:
                    raise
