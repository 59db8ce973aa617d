"""Before a dry run the agent asks whether its role allows the change, and lists every permission that is missing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.terms import verbs
from optral.terms.verbs import VERBS, WRITES, Missing
from tests.agent.commanding import Agent, name
from tests.support import kubedouble
from tests.support.kubedouble import KubeDouble

WEB: dict[str, Any] = {"kind": "StatefulSet", "namespace": "shop", "name": "web"}
POD: dict[str, Any] = {"namespace": "shop", "name": "web-1"}
ORDERS: dict[str, dict[str, Any]] = {
    "restart": WEB,
    "scale": {**WEB, "replicas": 2},
    "setResources": {**WEB, "container": "api", "limits": {"memory": "64Mi"}},
    "setImage": {**WEB, "container": "api", "tag": "1.2"},
    "patch": {**WEB, "field": "replicas", "value": 2},
    "rollback": WEB,
    "rerunJob": {"namespace": "shop", "name": "import"},
    "renewCertificate": {"namespace": "shop", "name": "web-tls"},
    "deletePod": POD,
    "evict": POD,
    "cordon": {"node": "n1"},
    "uncordon": {"node": "n1"},
    "drain": {"node": "n1"},
}


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        made.put("/api/v1/nodes/n1", {"metadata": {"name": "n1"}, "spec": {}})
        yield made


def listed(result: bytes) -> list[Missing]:
    return [Missing(**one) for one in msgspec.json.decode(result)["missingPermissions"]]


@pytest.mark.parametrize("verb", sorted(WRITES))
async def test_a_dry_run_lists_all_that_the_role_lacks(double: KubeDouble, tmp_path: Path, verb: str) -> None:
    double.is_allowed = False
    order = ORDERS[verb]
    async with Agent(double, tmp_path) as agent:
        dry, real = await agent.do(verb, dry_run=True, **order), await agent.do(verb, **order)
    needed = VERBS[verb].permissions[verbs.check(VERBS[verb], order).target[0]]
    assert (name(dry), dry.code) == (name(real), real.code) == ("REJECTED", "RBAC_DENIED")
    assert listed(dry.result_json) == [Missing(*one, order.get("namespace", "")) for one in needed]
    assert all(str(one) in dry.message for one in listed(dry.result_json))
    assert double.changes == 0


async def test_only_what_is_missing_is_listed(double: KubeDouble, tmp_path: Path) -> None:
    double.forbidden = {"create pods/eviction"}
    async with Agent(double, tmp_path) as agent:
        dry = await agent.do("drain", dry_run=True, node="n1")
    assert dry.message == "the agent's role does not allow it to create pods/eviction in the whole cluster"
    assert listed(dry.result_json) == [Missing("create", "", "pods", "eviction")]


async def test_a_dry_run_of_what_is_allowed_lists_nothing(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path) as agent:
        dry = await agent.do("drain", dry_run=True, node="n1")
    assert name(dry) == "SUCCEEDED"
    assert "missingPermissions" not in msgspec.json.decode(dry.result_json)
