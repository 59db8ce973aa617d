"""Silences of a real Alertmanager: shown on the issue that they concern, created and ended from it."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from optral.flows import idempotency
from optral.flows.webhooks.refresh import AlertRefresher
from optral.kit.outbound import CallFailed, Reply, Request
from optral.kit.outbound_lazy import CallerOnDemand
from optral.kit.times import rfc3339
from tests.api.alerts.alertmanager import Alertmanager, alertmanager
from tests.api.alerts.test_alerts import alert, create, send
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop
from tests.support.clock import FakeClock
from tests.support.commandline import optral

pytestmark = pytest.mark.slow
C = TypeVar("C", bound=CallerOnDemand)
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def clock() -> FakeClock:
    """Alertmanager has the time of the machine."""
    return FakeClock(datetime.now(UTC))


@dataclass
class World:
    api: Api
    there: Alertmanager
    refresher: AlertRefresher
    issue_id: str
    webhook_id: str

    async def refresh(self) -> None:
        self.api.clock.advance(60)
        await self.refresher.step()
        await self.refresher.idle()

    async def read(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/v1/issues/{self.issue_id}/silences")).json()
        return found

    def wish(self, **more: Any) -> dict[str, Any]:
        ends_at = rfc3339(datetime.now(UTC) + timedelta(hours=2))
        return {"webhookId": "alertmanager", "endsAt": ends_at, "comment": "replaced tonight"} | more

    async def silence(self, **more: Any) -> Any:
        return await self.api("POST", f"/v1/issues/{self.issue_id}/silences", json=self.wish(**more))

    @asynccontextmanager
    async def calling_by(self, caller: C) -> AsyncIterator[C]:
        self.api.services.webhook_caller = caller
        try:
            yield caller
        finally:
            await caller.close()

    async def silenced(self) -> list[str]:
        """Names of the alerts that Alertmanager holds back."""
        found = await self.there("GET", "/alerts?active=false&inhibited=false&unprocessed=false&silenced=true")
        return sorted(one["labels"]["alertname"] for one in found)


@pytest.fixture
async def world(api: Api, shop: Shop, tmp_path: Path) -> AsyncIterator[World]:
    await observe(api, shop.cluster_id, finding("web", api=api), synced_at=api.clock.now())
    (issue,) = (await api.get("/v1/issues")).json()["issues"]
    caller = CallerOnDemand(private=LOOPBACK)
    api.services.webhook_caller = caller
    async with alertmanager(tmp_path, url="http://127.0.0.1:9/", secret="none") as there:
        body = {"name": "alertmanager", "form": "alerts", "url": f"{there.url}/api/v2/alerts"}
        webhook = (await api("POST", "/v1/webhooks", json=body)).json()
        refresher = AlertRefresher(api.store, api.clock, key=api.services.sealing_key, caller=caller)
        yield World(api, there, refresher, issue["id"], webhook["id"])
    await caller.close()


async def test_a_silence_of_alertmanager_is_shown_on_the_issue_whose_alert_it_silences(world: World) -> None:
    await world.refresh()
    (alert,) = await world.there("GET", "/alerts")
    assert alert["labels"]["optral_issue"] == world.issue_id
    made = {
        "startsAt": rfc3339(datetime.now(UTC)), "endsAt": rfc3339(datetime.now(UTC) + timedelta(hours=1)),
        "createdBy": "someone", "comment": "known",
    }  # fmt: skip
    here = [{"name": "namespace", "value": "sh.*", "isRegex": True, "isEqual": True}]
    elsewhere = [{"name": "namespace", "value": "shop", "isRegex": False, "isEqual": False}]
    silence_id = (await world.there("POST", "/silences", made | {"matchers": here}))["silenceID"]
    await world.there("POST", "/silences", made | {"matchers": elsewhere})
    await world.refresh()
    found = await world.read()
    (shown,) = found["silences"]
    assert (shown["id"], shown["createdBy"], shown["comment"], shown["about"]) == (silence_id, "someone", "known", ["issue"])
    assert shown["createdHere"] is False
    assert found["alertmanagers"][0].keys() == {"webhookId", "name", "readAt"}
    refused = await world.api("DELETE", f"/v1/issues/{world.issue_id}/silences/{silence_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "silence_elsewhere")
    await world.there("DELETE", f"/silence/{silence_id}")
    await world.refresh()
    assert (await world.read())["silences"] == []


async def test_a_silence_is_created_from_an_issue_once_and_ended(world: World) -> None:
    await world.refresh()
    wish = world.wish()
    first = await world.silence(**wish)
    again = await world.silence(**wish)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    await world.refresh()
    (kept,) = await world.there("GET", "/silences")
    assert (kept["comment"], kept["createdBy"]) == ("replaced tonight", "owner@example.org (Optral)")
    assert len(await world.silenced()) == 1
    (shown,) = (await world.read())["silences"]
    assert shown["createdHere"] is True
    assert (await world.api.get(f"/v1/issues/{world.issue_id}")).json()["substatus"] != "muted"
    ended = await world.api("DELETE", f"/v1/issues/{world.issue_id}/silences/{kept['id']}")
    assert ended.status_code == 200
    assert await world.silenced() == [] and (await world.read())["silences"] == []
    actions = [one["action"] for one in (await world.api.get("/v1/audit?pageSize=5")).json()["audit"]]
    assert actions[:2] == ["issue.unsilence", "issue.silence"] and actions.count("issue.silence") == 1


class Holds(CallerOnDemand):
    """Holds the creation of a silence until it is released, or another one is created."""

    def __init__(self) -> None:
        super().__init__(private=LOOPBACK)
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    async def call(self, request: Request) -> Reply:
        if request.method == "POST" and request.url.endswith("/silences"):
            if self.begun.is_set():
                self.released.set()
            self.begun.set()
            await self.released.wait()
        return await super().call(request)


async def test_two_requests_at_once_create_one_silence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await world.api.new_key()
    path = f"/v1/issues/{world.issue_id}/silences"
    both = await asyncio.gather(world.silence(), world.api("POST", path, json=world.wish(comment="me too"), key=other))
    assert [one.status_code for one in both] == [201, 201], "the later one waits"
    assert len({one.json()["id"] for one in both}) == 1
    await world.api("DELETE", f"{path}/{both[0].json()['id']}")

    monkeypatch.setattr(idempotency, "TURN_WAITS_S", ())
    wish = world.wish()
    async with world.calling_by(Holds()) as holding:
        first = asyncio.create_task(world.silence(**wish))
        await holding.begun.wait()
        refused = await world.api("POST", path, json=wish, key=other)
        holding.released.set()
        assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, "request_in_progress", "5")
        assert ((await first).json()["outcome"], (await world.silence(**wish)).json()["outcome"]) == ("created", "unchanged")


async def test_whoever_sees_only_some_clusters_silences_in_an_alertmanager_of_all(world: World, shop: Shop) -> None:
    key = await world.api.new_key(clusters={shop.cluster_id})
    path = f"/v1/issues/{world.issue_id}/silences"
    assert (await world.api("GET", "/v1/webhooks", key=key)).json()["webhooks"] == []
    shown = (await world.api("GET", path, key=key)).json()
    assert [one["name"] for one in shown["alertmanagers"]] == ["alertmanager"]
    made = await world.api("POST", path, json=world.wish(), key=key)
    assert made.status_code == 201, made.text
    assert [one["id"] for one in (await world.api("GET", path, key=key)).json()["silences"]] == [made.json()["id"]]


class LosesOneAnswer(CallerOnDemand):
    """Loses the answer to the first silence that is created."""

    is_lost = False

    async def call(self, request: Request) -> Reply:
        reply = await super().call(request)
        if request.method == "POST" and request.url.endswith("/silences") and not self.is_lost:
            self.is_lost = True
            raise CallFailed("timeout")
        return reply


async def test_a_silence_whose_answer_was_lost_is_found_by_the_next_attempt(world: World) -> None:
    wish = world.wish(endsAt=(datetime.now(UTC) + timedelta(hours=2)).isoformat())  # in microseconds; Alertmanager has milliseconds
    async with world.calling_by(LosesOneAnswer(private=LOOPBACK)) as losing:
        assert ((await world.silence(**wish)).status_code, losing.is_lost) == (503, True)
        again = await world.silence(**wish)
        other = await world.silence(**wish | {"comment": "of another release"})
    (kept,) = await world.there("GET", "/silences")
    assert (again.status_code, again.json()["id"]) == (201, kept["id"])
    assert [one["createdHere"] for one in (await world.read())["silences"]] == [True]
    assert other.json()["id"] == kept["id"], "the same matchers and end"
    assert [one.json()["outcome"] for one in (again, other)] == ["unchanged", "unchanged"]


async def test_a_silence_that_is_wanted_for_longer_is_extended_and_not_created_again(world: World) -> None:
    """As the same command typed again, which ends two hours from then."""
    first = await world.silence()
    longer = await world.silence(endsAt=rfc3339(datetime.now(UTC) + timedelta(hours=3)), comment="takes longer")
    shorter = await world.silence()
    (kept,) = [one for one in await world.there("GET", "/silences") if one["status"]["state"] == "active"]
    assert {one.json()["id"] for one in (first, longer, shorter)} == {kept["id"]}
    assert [one.json()["outcome"] for one in (first, longer, shorter)] == ["created", "extended", "unchanged"]
    assert (kept["comment"], shorter.json()["endsAt"]) == ("takes longer", longer.json()["endsAt"])
    (shown,) = (await world.read())["silences"]
    assert (shown["endsAt"], shown["comment"], shown["createdHere"]) == (longer.json()["endsAt"], "takes longer", True)
    assert [one["action"] for one in (await world.api.get("/v1/audit?pageSize=5")).json()["audit"]].count("issue.silence") == 2


async def test_the_command_typed_again_says_that_it_extended_the_silence(world: World) -> None:
    words = ("alerts", "silences", "create", world.issue_id, "--alertmanager", "alertmanager", "--comment", "replaced tonight", "--yes")
    for span, said in (("1h", ""), ("2h", "already has this silence; it now ends at"), ("1h", "which is not changed; it ends at")):
        done = await asyncio.to_thread(optral, *words, "--for", span, url=world.api.url, key=world.api.key)
        assert (done.returncode, said in done.stdout, "already" in done.stdout) == (0, True, bool(said)), done.stderr
    assert len(await world.there("GET", "/silences")) == 1


async def test_a_silence_that_was_ended_in_alertmanager_is_created_again(world: World) -> None:
    first = (await world.silence()).json()
    await world.there("DELETE", f"/silence/{first['id']}")
    again = (await world.silence()).json()
    assert again["outcome"] == "created" and again["id"] != first["id"]


async def test_joined_alerts_are_silenced_by_the_labels_that_all_of_them_have(world: World, shop: Shop) -> None:
    assert (await world.silence(about="alerts")).json()["code"] == "no_alerts_to_silence"
    made = await create(world.api)
    names = ("WebDown", "WebSlow")
    labels = [{"alertname": name, "cluster": "prod", "namespace": "shop", "deployment": "web", name: "x"} for name in names]
    await send(world.api, made, *(alert(world.api, one["alertname"], **one) for one in labels))
    await world.there.fire(*labels, {"alertname": "WebDown", "cluster": "prod", "namespace": "other", "deployment": "web"})
    answer = await world.silence(about="alerts")
    assert answer.status_code == 201, answer.text
    assert {one["name"]: one["value"] for one in answer.json()["matchers"]} == {
        "alertname": "WebDown|WebSlow", "cluster": "prod", "deployment": "web", "namespace": "shop",
    }  # fmt: skip
    assert await world.silenced() == ["WebDown", "WebSlow"]
    assert (await world.read())["silences"][0]["about"] == ["alerts"]


async def test_alerts_that_share_only_general_labels_are_not_silenced_together(world: World, shop: Shop) -> None:
    made, general = await create(world.api), {"severity": "critical", "cluster": "prod"}
    await send(world.api, made, alert(world.api, "WebDown", alertname="WebDown", **general, namespace="shop", deployment="web"))
    assert [one["name"] for one in (await world.read())["matchers"]["alerts"]] == [
        "alertname", "cluster", "deployment", "namespace", "severity",
    ]  # fmt: skip
    slow = {"alertname": "WebSlow", **general, "kubernetes_namespace": "shop", "kubernetes_deployment": "web"}
    await send(world.api, made, alert(world.api, "WebSlow") | {"labels": slow})
    assert (await world.read())["matchers"]["alerts"] == []
    refused = await world.silence(about="alerts")
    assert (refused.status_code, refused.json()["code"]) == (409, "alerts_share_too_little")


@pytest.mark.parametrize(
    ("more", "code"),
    [({"endsAt": "2020-01-01T00:00:00Z"}, "invalid_silence"), ({"webhookId": "nobody"}, "invalid_silence")],
)
async def test_what_cannot_be_a_silence_is_refused(world: World, more: dict[str, Any], code: str) -> None:
    answer = await world.silence(**more)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_an_alertmanager_that_is_gone_is_said(world: World) -> None:
    url = "http://127.0.0.1:9/api/v2/alerts"
    await world.api("PATCH", f"/v1/webhooks/{world.webhook_id}", json={"url": url})
    answer = await world.silence()
    assert (answer.status_code, answer.json()["code"]) == (503, "alertmanager_failed")
    await world.refresh()
    (shown,) = (await world.read())["alertmanagers"]
    assert shown["error"] == "connect"
