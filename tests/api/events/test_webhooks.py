"""Webhooks over HTTP: made with a secret shown once, changed, tried against a real endpoint, and nobody else's."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from standardwebhooks import Webhook as Verifier

from optral.flows.webhooks.delivery import DeliveryWorker
from optral.flows.webhooks.dispatch import Notifier
from optral.webhooks.http_sender import HttpSender
from optral.webhooks.model import MAX_WEBHOOKS
from tests.api.conftest import Api, another_organisation
from tests.api.seeds import finding, observe
from tests.support.serving import on_loop

BODY = {"name": "on-call", "url": "https://hooks.example.com/services/T0/B0/hidden"}


@dataclass
class Endpoint:
    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    one = Endpoint()
    app = web.Application()
    app.router.add_post("/hook", one.handle)
    async with on_loop(app) as url:
        one.url = f"{url}/hook"
        yield one


@asynccontextmanager
async def delivering(api: Api, *, private: bool = True) -> AsyncIterator[DeliveryWorker]:
    sender = HttpSender(private=[ipaddress.ip_network("127.0.0.0/8")] if private else [])
    delivery_worker = DeliveryWorker(api.store, api.clock, key=api.services.sealing_key, sender=sender)
    yield delivery_worker
    await delivery_worker.idle()
    await sender.close()


async def create_webhook(api: Api, **more: object) -> dict[str, object]:
    answer = await api("POST", "/v1/webhooks", json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(api: Api) -> None:
    answer = await api("POST", "/v1/webhooks", json=BODY)
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["secret"].startswith("whsec_")
    seen = await api.get(answer.headers["location"])
    assert "secret" not in seen.json() and seen.headers["etag"] == answer.headers["etag"]
    found = (await api.get("/v1/webhooks")).json()
    assert [one["id"] for one in found["webhooks"]] == [answer.json()["id"]] and found["total"] == 1
    assert seen.json()["filters"]["events"] == sorted(seen.json()["filters"]["events"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "http://hooks.example.com/x"}, None),
        ({"url": "ftp://hooks.example.com/x"}, "invalid_webhook_url"),
        ({"url": "https://user:word@hooks.example.com/"}, "invalid_webhook_url"),
        ({"filters": {"events": ["nothing.such"]}}, "invalid_body"),
        ({"filters": {"clusters": ["nowhere"]}}, "unknown_cluster"),
        ({"form": "xml"}, "invalid_body"),
        ({"name": "a\nb"}, "invalid_body"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(api: Api, change: dict[str, object], code: str | None) -> None:
    answer = await api("POST", "/v1/webhooks", json={**BODY, **change})
    assert (answer.status_code, answer.json().get("code")) == ((201, None) if code is None else (422, code))


async def test_a_change_by_an_old_version_is_refused(api: Api) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}"
    seen = {"If-Match": (await api.get(path)).headers["etag"]}
    first = await api("PATCH", path, json={"name": "pager"}, headers=seen)
    assert first.status_code == 200 and first.json()["name"] == "pager"
    late = await api("PATCH", path, json={"name": "mail"}, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")


async def test_what_was_changed_meanwhile_is_not_deleted(api: Api) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}"
    seen = {"If-Match": (await api.get(path)).headers["etag"]}
    changed = await api("PATCH", path, json={"name": "pager"}, headers=seen)
    late = await api("DELETE", path, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert (await api("DELETE", path, headers={"If-Match": changed.headers["etag"]})).status_code == 200
    assert (await api.get(path)).status_code == 404


async def test_the_list_tells_the_version_that_a_change_may_be_made_on(api: Api) -> None:
    path = f"/v1/webhooks/{(await create_webhook(api))['id']}"
    listed = (await api.get("/v1/webhooks")).json()["webhooks"][0]
    tag = {"If-Match": f'"v{listed["version"]}"'}
    after = await api("PATCH", path, json={"name": "pager"}, headers=tag)
    assert after.status_code == 200 and after.headers["etag"] == f'"v{after.json()["version"]}"'
    assert (await api("PATCH", path, json={"name": "mail"}, headers=tag)).status_code == 412


async def test_a_test_arrives_signed_and_its_delivery_tells(api: Api, endpoint: Endpoint) -> None:
    hook = await create_webhook(api, url=endpoint.url)
    async with delivering(api) as delivery_worker:
        sent = await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})
        assert sent.status_code == 202
        await delivery_worker.step()
        await delivery_worker.idle()
        told = (await api.get(sent.headers["location"])).json()
    assert (told["status"], told["statusCode"], told["attempts"]) == ("delivered", 204, 1)
    headers, body = endpoint.got[0]
    assert headers["webhook-id"] == sent.json()["id"] and told["body"].encode() == body
    _verify(str(hook["secret"]), headers, body, at=api.clock.now().timestamp())


def _verify(secret: str, headers: dict[str, str], body: bytes, *, at: float) -> None:
    """The specification's own verifier, which also looks at the clock on the wall: so at the signature only."""
    verifier = Verifier(secret)
    assert abs(int(headers["webhook-timestamp"]) - at) < 60
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert verifier.sign(headers["webhook-id"], moment, body.decode()) in headers["webhook-signature"].split(" ")


async def test_what_was_done_with_a_webhook_is_audited_a_test_too(api: Api) -> None:
    hook = await create_webhook(api)
    one = f"/v1/webhooks/{hook['id']}"
    sent = (await api("POST", f"{one}/test", json={})).json()
    await api("POST", f"{one}/deliveries/{sent['id']}/redeliver", json={})
    await api("POST", f"{one}/roll", json={})
    records = (await api.get(f"/v1/audit?target={hook['id']}")).json()["audit"]
    assert [one["action"] for one in records] == ["webhook.roll", "webhook.redeliver", "webhook.test", "webhook.create"]
    assert records[2]["detail"] == {"name": hook["name"], "delivery": sent["id"]}


async def test_a_failed_delivery_is_sent_again_by_hand_under_the_same_id(api: Api, endpoint: Endpoint) -> None:
    endpoint.status = 400
    hook = await create_webhook(api, url=endpoint.url)
    async with delivering(api) as delivery_worker:
        sent = (await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})).json()
        await delivery_worker.step()
        await delivery_worker.idle()
        path = f"/v1/webhooks/{hook['id']}/deliveries"
        assert (await api.get(f"{path}/{sent['id']}")).json()["statusCode"] == 400
        endpoint.status = 200
        again = await api("POST", f"{path}/{sent['id']}/redeliver", json={})
        assert again.status_code == 202, again.text
        await delivery_worker.step()
        await delivery_worker.idle()
        assert [one["status"] for one in (await api.get(f"{path}?status=delivered")).json()["deliveries"]] == ["delivered"]
    assert len({headers["webhook-id"] for headers, _ in endpoint.got}) == 1 and len(endpoint.got) == 2


async def test_a_list_of_deliveries_names_the_issue_of_each(api: Api) -> None:
    hook = await create_webhook(api)
    cluster = await api.new_cluster("production")
    await observe(api, cluster, finding("web", api=api), synced_at=api.clock.now())
    (issue,) = (await api.get("/v1/issues")).json()["issues"]
    api.clock.advance(5)
    await Notifier(api.store, api.clock).step()
    await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})
    found = (await api.get(f"/v1/webhooks/{hook['id']}/deliveries?sort=createdAt")).json()["deliveries"]
    assert [(one["event"], one.get("subjectTitle")) for one in found] == [("issue.created", issue["title"]), ("webhook.test", None)]


async def test_an_address_inside_is_refused_when_it_is_dialled(api: Api, endpoint: Endpoint) -> None:
    hook = await create_webhook(api, url=endpoint.url)
    async with delivering(api, private=False) as delivery_worker:
        sent = await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})
        await delivery_worker.step()
        await delivery_worker.idle()
        told = (await api.get(sent.headers["location"])).json()
    assert told["error"] == "refused_address" and endpoint.got == []


async def test_switched_off_it_sends_nothing(api: Api) -> None:
    hook = await create_webhook(api)
    off = await api("PATCH", f"/v1/webhooks/{hook['id']}", json={"enabled": False})
    assert (off.json()["enabled"], off.json()["disabledReason"]) == (False, "manual")
    on = await api("PATCH", f"/v1/webhooks/{hook['id']}", json={"enabled": True})
    assert on.json()["enabled"] and "disabledReason" not in on.json()


async def test_a_rolled_secret_is_another_one(api: Api) -> None:
    hook = await create_webhook(api)
    rolled = await api("POST", f"/v1/webhooks/{hook['id']}/roll", json={})
    assert rolled.json()["secret"].startswith("whsec_") and rolled.json()["secret"] != hook["secret"]


async def test_deleted_it_is_gone_with_its_deliveries(api: Api) -> None:
    hook = await create_webhook(api)
    await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})
    assert (await api("DELETE", f"/v1/webhooks/{hook['id']}")).status_code == 200
    gone = await api.get(f"/v1/webhooks/{hook['id']}/deliveries")
    assert (gone.status_code, gone.json()["code"]) == (404, "webhook_not_found")


async def test_another_organisation_sees_and_changes_nothing(api: Api) -> None:
    hook = await create_webhook(api)
    sent = (await api("POST", f"/v1/webhooks/{hook['id']}/test", json={})).json()
    key = await api.new_key(maker=await another_organisation(api))
    one = f"/v1/webhooks/{hook['id']}"
    assert (await api.get("/v1/webhooks", key=key)).json()["total"] == 0
    for method, path in (
        ("GET", one),
        ("DELETE", one),
        ("POST", f"{one}/test"),
        ("POST", f"{one}/roll"),
        ("GET", f"{one}/deliveries"),
        ("GET", f"{one}/deliveries/{sent['id']}"),
        ("POST", f"{one}/deliveries/{sent['id']}/redeliver"),
    ):
        assert (await api(method, path, key=key, **({"json": {}} if method == "POST" else {}))).status_code == 404
    changed = await api("PATCH", one, key=key, json={"enabled": False})
    assert changed.status_code == 404
    assert (await api.get(one)).json()["enabled"]


async def test_reading_takes_a_scope_and_changing_another(api: Api) -> None:
    reader = await api.new_key(scopes={"webhooks:read"})
    assert (await api.get("/v1/webhooks", key=reader)).status_code == 200
    refused = await api("POST", "/v1/webhooks", key=reader, json=BODY)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    other = await api.new_key(scopes={"issues:read"})
    assert (await api.get("/v1/webhooks", key=other)).status_code == 403


async def test_a_cluster_can_be_named_by_its_id_and_by_its_name(api: Api) -> None:
    cluster = await api.new_cluster("prod")
    assert (await create_webhook(api, filters={"clusters": ["prod", cluster]}))["filters"]["clusters"] == [cluster]


async def test_a_key_limited_to_clusters_has_webhooks_for_those_alone(api: Api) -> None:
    mine, _ = await api.new_cluster("mine"), await api.new_cluster("other")
    key = await api.new_key(clusters={mine})
    wide, theirs = await create_webhook(api, name="wide"), await create_webhook(api, name="theirs", filters={"clusters": ["mine", "other"]})
    sent = (await api("POST", f"/v1/webhooks/{wide['id']}/test", json={})).json()
    for filters in ({}, {"events": ["issue.created"]}):
        refused = await api("POST", "/v1/webhooks", key=key, json={**BODY, "filters": filters})
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_own_clusters")
    unknown = await api("POST", "/v1/webhooks", key=key, json={**BODY, "filters": {"clusters": ["other"]}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_cluster")
    own = (await api("POST", "/v1/webhooks", key=key, json={**BODY, "filters": {"clusters": ["mine"]}})).json()
    found = (await api.get("/v1/webhooks", key=key)).json()
    assert ([one["id"] for one in found["webhooks"]], found["total"]) == ([own["id"]], 1)
    for hidden in (wide, theirs):
        one = f"/v1/webhooks/{hidden['id']}"
        for method, path in (("GET", one), ("DELETE", one), ("POST", f"{one}/roll"), ("POST", f"{one}/test"), ("GET", f"{one}/deliveries")):
            assert (await api(method, path, key=key, **({"json": {}} if method == "POST" else {}))).status_code == 404
        assert (await api("PATCH", one, key=key, json={"enabled": False})).status_code == 404
    delivery = f"/v1/webhooks/{wide['id']}/deliveries/{sent['id']}"
    assert (await api.get(delivery, key=key)).status_code == 404
    assert (await api("POST", f"{delivery}/redeliver", key=key, json={})).status_code == 404
    widened = await api("PATCH", f"/v1/webhooks/{own['id']}", key=key, json={"filters": {"events": ["issue.created"]}})
    assert (widened.status_code, widened.json()["code"]) == (403, "beyond_own_clusters")
    assert (await api("PATCH", f"/v1/webhooks/{own['id']}", key=key, json={"name": "mine alone"})).status_code == 200
    assert (await api.get("/v1/webhooks")).json()["total"] == 3


async def test_there_is_a_limit(api: Api) -> None:
    await asyncio.gather(*(create_webhook(api) for _ in range(MAX_WEBHOOKS)))
    answer = await api("POST", "/v1/webhooks", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


TICKETS = {
    "name": "tickets",
    "form": "ticket",
    "url": "https://shop.atlassian.net/rest/api/2/project/OPS",
    "credentials": {"token": "example-token"},
}
TEMPLATE = {
    "title": "{severity}: {title}",
    "labels": ["ops", "team:{team}"],
    "issueType": "Task",
    "fields": {"priority": {"name": "High"}, "customfield_1": 1.5},
}


async def test_a_template_of_tickets_stays_until_it_is_replaced_or_removed(api: Api) -> None:
    made = await create_webhook(api, **TICKETS, ticket=TEMPLATE)
    path = f"/v1/webhooks/{made['id']}"
    assert made["ticket"] == (await api.get(path)).json()["ticket"] == TEMPLATE
    assert (await api("PATCH", path, json={"name": "renamed"})).json()["ticket"] == TEMPLATE
    assert (await api("PATCH", path, json={"ticket": {"assignee": "ada"}})).json()["ticket"] == {"assignee": "ada"}
    assert "ticket" not in (await api("PATCH", path, json={"ticket": None})).json()
    audited = (await api.get(f"/v1/audit?target={made['id']}")).json()["audit"]
    assert audited[-1]["detail"]["ticket"] == ["fields", "issueType", "labels", "title"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"form": "json"}, "ticket", "invalid_ticket_template"),
        ({"url": "https://api.github.com/repos/shop/ops/issues"}, "ticket.issueType", "invalid_ticket_template"),
        ({"ticket": {"title": "{pod}"}}, "ticket.title", "invalid_ticket_template"),
        ({"ticket": {"title": "a\nb"}}, "ticket.title", "invalid_body"),
        ({"ticket": {"labels": ["a,b"]}}, "ticket.labels.0", "invalid_body"),
        ({"ticket": {"label": "a"}}, "ticket.label", "invalid_body"),
    ],
)
async def test_a_template_that_cannot_be_is_refused_by_its_field(api: Api, change: dict[str, object], field: str, code: str) -> None:
    answer = await api("POST", "/v1/webhooks", json={**TICKETS, "ticket": TEMPLATE, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in [error["field"] for error in answer.json()["errors"]]
