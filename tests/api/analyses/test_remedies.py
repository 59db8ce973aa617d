"""What stands beside a recommended action: its command, and that the agent is read-only."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.api.analyses import remedies
from optral.clusters.tables import clusters
from optral.terms import verbs
from optral.terms.errors import Refused
from tests.api.conftest import Api
from tests.flows.executions.shop import Shop

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
LIMIT = {"runbook": "raise-memory-limit", "parameters": WEB | {"container": "api", "limit": "256Mi"}}
READ_ONLY = ["commands.v1", "read-only", *(f"verb:{name}" for name in verbs.READS)]
SAYS = "Optral's agent is read-only in this cluster, so it cannot make this change"


COMMAND = "kubectl -n shop set resources deployment/web -c api --limits=memory=256Mi"


async def say(shop: Shop, capabilities: list[str]) -> None:
    """What the agent says that it can do."""
    await shop.store.write(
        shop.system,
        lambda tx: tx.execute(sa.update(clusters).where(clusters.c.org_id == tx.org_id).values(agent_capabilities=capabilities)),
    )


async def shown(shop: Shop, *actions: dict[str, Any], public_url: str | None = None) -> list[dict[str, Any]]:
    analysis = {"clusterId": shop.cluster_id, "recommendedActions": list(actions)}
    found = await shop.store.read(shop.owner, lambda tx: remedies.at_actions(tx, analysis, public_url=public_url))
    return list(found["recommendedActions"])


async def test_an_action_has_its_command(shop: Shop) -> None:
    edit = {"edit": {"command": "kubectl patch …"}}
    manual: dict[str, Any] = {"title": "Find out why"}
    commands = [one.get("command") for one in await shown(shop, LIMIT, LIMIT | edit, edit, manual)]
    assert commands == [
        "kubectl -n shop set resources deployment/web -c api --limits=memory=256Mi",
        "kubectl patch …",
        "kubectl patch …",
        None,
    ]


async def test_what_a_run_would_wait_for_is_known_beforehand(shop: Shop) -> None:
    """While it runs, and until its cooldown ends; for another object it says nothing."""
    other = {**LIMIT, "parameters": {**LIMIT["parameters"], "name": "db"}}
    assert [one.get("hold") for one in await shown(shop, LIMIT)] == [None]
    running = await shop.raise_limit("256Mi")
    begun, elsewhere = await shown(shop, LIMIT, other)
    assert begun["hold"]["code"] == "execution_running"
    assert running.id in begun["hold"]["message"]
    assert "hold" not in elsewhere
    await shop.settle(running)
    await shop.approve(running, by=shop.person("approver"))
    done = await shop.run(running)
    (just_done,) = await shown(shop, LIMIT)
    assert done.finished_at is not None
    assert just_done["hold"] == {
        "code": "cooling_down",
        "message": "raise-memory-limit changed Deployment shop/web recently",
        "until": done.finished_at + timedelta(seconds=300),
    }
    with pytest.raises(Refused) as refused:
        await shop.raise_limit("512Mi")
    assert refused.value.code == "cooling_down"
    shop.clock.advance(301)
    assert [one.get("hold") for one in await shown(shop, LIMIT)] == [None]


async def test_a_read_only_agent_is_known_beforehand(shop: Shop) -> None:
    await say(shop, READ_ONLY)
    reads = {"runbook": "collect-diagnostics", "parameters": WEB}
    change, read = await shown(shop, LIMIT, reads, public_url="https://optral.example.com")
    assert "obstacle" not in read
    assert change["obstacle"]["code"] == "agent_read_only"
    assert change["obstacle"]["message"] == f"{SAYS}."
    assert change["obstacle"]["chartValues"] == {"profile": "operate", "operate": {"namespaces": ["shop"]}}
    assert change["obstacle"]["helm"].startswith("helm upgrade optral-agent https://optral.example.com/")
    assert change["obstacle"]["helm"].endswith("--reuse-values --set profile=operate --set 'operate.namespaces={shop}'")
    assert change["obstacle"]["up"] == "optral up --allow-writes --namespaces shop"
    (alone,) = await shown(shop, LIMIT)
    assert "helm" not in alone["obstacle"]


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_read_only_agent_gets_no_change(api: Api, shop: Shop, dry_run: bool) -> None:
    await say(shop, READ_ONLY)
    body = {"clusterId": "prod", "parameters": LIMIT["parameters"], "dryRun": dry_run}
    refused = await api("POST", "/v1/runbooks/raise-memory-limit/execute", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "agent_read_only")
    assert refused.json()["detail"].startswith(f"{SAYS}; run it yourself: {COMMAND}; or, to allow it, set {{profile: operate")
    assert (await api.get("/v1/executions")).json()["total"] == 0
    body = {"clusterId": "prod", "parameters": WEB}
    assert (await api("POST", "/v1/runbooks/collect-diagnostics/execute", json=body)).status_code == 202
