"""A real Alertmanager and Prometheus send their alerts to Optral."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from optral.flows.webhooks import alert_bodies
from optral.issues.model import Issue, Status
from optral.terms.severity import Severity
from optral.webhooks.model import Filters
from tests.api.alerts.alertmanager import alertmanager, prometheus
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop
from tests.flows.webhooks.deliveries import issue
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow
WITHIN_S = 60.0


@pytest.fixture
def clock() -> FakeClock:
    """Alertmanager and Prometheus have the time of the machine."""
    return FakeClock(datetime.now(UTC))


async def receiver(api: Api) -> dict[str, Any]:
    made: dict[str, Any] = (await api("POST", "/v1/alert-receivers", json={"name": "platform"})).json()
    return made


async def alerts_when(api: Api, is_there: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    async with asyncio.timeout(WITHIN_S):
        for wait_s in itertools.repeat(0.05):
            found: list[dict[str, Any]] = (await api.get("/v1/alerts?pageSize=100")).json()["alerts"]
            if is_there(found):
                break
            await asyncio.sleep(wait_s)
    return found


async def test_ten_rules_of_prometheus_about_one_broken_database_are_evidence_of_one_issue(api: Api, shop: Shop, tmp_path: Path) -> None:
    await observe(api, shop.cluster_id, finding("web", api=api), synced_at=api.clock.now())
    (issue,) = (await api.get("/v1/issues")).json()["issues"]
    made = await receiver(api)
    labels = {"namespace": "shop", "deployment": "web"}
    rules = [
        {"alert": f"Broken{n}", "expr": f"vector({n}) >= {n}", "labels": labels, "annotations": {"summary": "Broken."}} for n in range(10)
    ]
    async with (
        alertmanager(tmp_path / "a", url=api.url + made["path"], secret=made["secret"]) as sender,
        prometheus(tmp_path / "p", target=sender.url, rules=rules),
    ):
        found = await alerts_when(api, lambda all_: len(all_) == 10)
    assert {(one["outcome"], one["issueId"], one["clusterId"]) for one in found} == {("joined", issue["id"], shop.cluster_id)}
    assert {one["name"]: one["expression"] for one in found}["Broken7"] == "vector(7) >= 7"
    assert (await api.get("/v1/issues")).json()["total"] == 1
    assert (await api.get(f"/v1/issues/{issue['id']}/alerts")).json()["total"] == 10


async def test_an_alert_that_ends_in_alertmanager_is_resolved(api: Api, shop: Shop, tmp_path: Path) -> None:
    made = await receiver(api)
    labels = {"alertname": "Broken", "cluster": "prod", "namespace": "shop", "deployment": "web"}
    async with alertmanager(tmp_path, url=api.url + made["path"], secret=made["secret"]) as sender:
        began = datetime.now(UTC) - timedelta(seconds=10)
        await sender.fire(labels, startsAt=began)
        (first,) = await alerts_when(api, lambda all_: len(all_) == 1)
        await sender.fire(labels, startsAt=began, endsAt=datetime.now(UTC))
        (last,) = await alerts_when(api, lambda all_: all_[0]["status"] == "resolved")
    assert (first["status"], first["id"]) == ("firing", last["id"])
    assert last["endsAt"] > last["startsAt"]


async def test_alertmanager_takes_an_issue_and_ends_its_alert_with_it(api: Api, tmp_path: Path) -> None:
    made, now = issue(api.org, "cls_x", severity=Severity.HIGH, first_seen_at=datetime.now(UTC) - timedelta(minutes=1)), datetime.now(UTC)
    async with alertmanager(tmp_path, url="http://127.0.0.1:9/", secret="none") as sender:

        async def active(given: Issue) -> list[str]:
            await sender("POST", "/alerts", alert_bodies.body(given, Filters(), cluster="prod", link="", now=now))
            return [one["labels"]["severity"] for one in await sender("GET", "/alerts?active=true")]

        assert await active(made) == ["high"]
        assert await active(replace(made, severity=Severity.CRITICAL)) == ["critical"]
        assert await active(replace(made, mute_rule_id="mut_x")) == []
        assert await active(made) == ["high"]
        assert await active(replace(made, status=Status.RESOLVED, resolved_at=now)) == []
