"""Which runbooks the page of an issue offers: none that is for other places, or that starting it refuses."""

from dataclasses import replace
from typing import Any

import pytest

from optral.flows.executions import suggestions
from optral.flows.executions.start import Request, start
from optral.issues import service as issues
from optral.runbooks import service as runbooks
from optral.terms.errors import Invalid, Refused
from optral.terms.ids import ClusterId
from optral.terms.reach import Area, Reach
from tests.flows.executions.shop import Shop

WEB = {"kind": "Deployment", "namespace": "${target.namespace}", "name": "${target.name}"}
NODE = {"name": "Cordon", "action": "cordon", "with": {"node": "n1"}}


async def create(shop: Shop, *, scope: dict[str, Any] | None = None, step: dict[str, Any] | None = None) -> None:
    given = {
        "slug": "own",
        "name": "Own",
        "risk": "low",
        "match": {"issueTypes": ["OOMKilled"]},
        "scope": scope or {},
        "steps": [step or {"name": "Restart", "action": "restart", "with": WEB}],
    }
    await shop.store.write(shop.owner, lambda tx: runbooks.create(tx, runbooks.read_value(given), by="usr_1"))


def restart(namespace: str) -> dict[str, Any]:
    return {"name": "Restart", "action": "restart", "with": WEB | {"namespace": namespace}}


@pytest.mark.parametrize(
    ("made", "code"),
    [
        pytest.param({}, None, id="everywhere"),
        pytest.param({"scope": {"clusters": ["prod"], "namespaces": ["shop"]}}, None, id="this cluster and namespace"),
        pytest.param({"scope": {"clusters": ["staging"]}}, "out_of_scope", id="another cluster"),
        pytest.param({"scope": {"namespaces": ["billing"]}}, "out_of_scope", id="another namespace"),
        pytest.param({"step": restart("kube-system")}, "out_of_scope", id="a protected namespace"),
        pytest.param({"scope": {"namespaces": ["shop"]}, "step": restart("billing")}, "out_of_scope", id="a step outside of the scope"),
        pytest.param({"scope": {"namespaces": ["shop"]}, "step": NODE}, None, id="a node"),
    ],
)
async def test_offers_what_can_be_started(shop: Shop, made: dict[str, Any], code: str | None) -> None:
    await create(shop, **made)
    issue_id = await shop.observe(shown=True)
    found = await shop.store.read(shop.owner, lambda tx: suggestions.find(tx, issues.get(tx, issue_id)))
    assert ("own" in {one.slug for one in found}) is (code is None)
    assert "raise-memory-limit" in {one.slug for one in found}
    asked = Request(runbook="own", issue_id=issue_id, parameters={}, dry_run=True)
    if code is None:
        await shop.store.write(shop.owner, lambda tx: start(tx, asked))
        return
    with pytest.raises(Invalid) as refused:
        await shop.store.write(shop.owner, lambda tx: start(tx, asked))
    assert refused.value.code == code


@pytest.mark.parametrize("step", [pytest.param(NODE, id="a node"), pytest.param(restart("billing"), id="another namespace")])
async def test_offers_nothing_beyond_the_reach_of_the_caller(shop: Shop, step: dict[str, Any]) -> None:
    await create(shop, step=step)
    issue_id = await shop.observe(shown=True)
    area = Area(frozenset({ClusterId(shop.cluster_id)}), frozenset({"shop"}))
    limited = replace(shop.owner, reach=Reach((area,)))
    for caller, is_offered in ((shop.owner, True), (limited, False)):
        found = await shop.store.read(caller, lambda tx: suggestions.find(tx, issues.get(tx, issue_id)))
        assert ("own" in {one.slug for one in found}) is is_offered
        assert "raise-memory-limit" in {one.slug for one in found}
    asked = Request(runbook="own", issue_id=issue_id, parameters={}, dry_run=True)
    with pytest.raises(Refused, match="the inventory of prod has no"):
        await shop.store.write(limited, lambda tx: start(tx, asked))
