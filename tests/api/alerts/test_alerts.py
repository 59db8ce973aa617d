"""Alert receivers over HTTP, the requests with alerts, and who sees which alert."""

import json
from typing import Any

import pytest
from standardwebhooks import Webhook as Signer

from optral.access.limiter import HOOKS_PER_MINUTE
from optral.alerts import model
from optral.flows.alerts.joining import AlertWorker
from tests.api.conftest import Api, another_organisation
from tests.api.overview.test_coverage import healthy
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe
from tests.flows.executions.shop import Shop

RECEIVER: dict[str, Any] = {"name": "platform", "clusterRule": {"cluster": "prod"}}
GENERIC: dict[str, Any] = {
    "name": "other",
    "kind": "generic",
    "auth": "hmac",
    "clusterRule": {"label": "env", "clusters": {"eu-1": "prod"}},
    "mapping": {"name": "/title", "startsAt": "/at", "moreLabels": {"namespace": "/ns", "deployment": "/app", "env": "/env"}},
}


def alert(api: Api, fingerprint: str = "f1", **labels: str) -> dict[str, Any]:
    named = {"alertname": "Broken", "namespace": "shop", "deployment": "web", **labels}
    return {"status": "firing", "labels": named, "startsAt": api.clock.now().isoformat(), "fingerprint": fingerprint}


async def create(api: Api, body: dict[str, Any] = RECEIVER) -> Any:
    answer = await api("POST", "/v1/alert-receivers", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def send(api: Api, receiver: dict[str, Any], *alerts: Any, secret: str = "", content: bytes | None = None) -> Any:
    body = json.dumps({"version": "4", "alerts": alerts}).encode() if content is None else content
    headers = {"Authorization": f"Bearer {secret or receiver['secret']}", "Content-Type": "application/json"}
    return await api("POST", receiver["path"], key=None, content=body, headers=headers)


async def test_a_receiver_from_its_creation_to_its_deletion(api: Api, shop: Shop) -> None:
    made = await create(api)
    path = f"/v1/alert-receivers/{made['id']}"
    assert made["path"] == f"/v1/hooks/alertmanager/{made['id']}"
    assert made["clusterRule"] == {"clusterId": shop.cluster_id}
    assert made["secret"] not in (await api.get(path)).text
    changed = await api("PATCH", path, json={"name": "new", "clusterRule": {"label": "cluster"}}, headers={"If-Match": '"v1"'})
    assert (changed.json()["name"], changed.json()["clusterRule"], changed.json()["version"]) == ("new", {"label": "cluster"}, 2)
    assert (await api("PATCH", path, json={"name": "late"}, headers={"If-Match": '"v1"'})).status_code == 412
    rolled = (await api("POST", path + "/roll", json={})).json()
    assert rolled["secret"] != made["secret"]
    assert (await send(api, made, alert(api, cluster="prod"))).status_code == 202  # the old secret, for a day
    assert (await api.get("/v1/alert-receivers")).json()["total"] == 1
    assert (await api("PATCH", path, json={"enabled": False})).status_code == 200
    assert (await send(api, made, alert(api))).json()["code"] == "receiver_disabled"
    assert (await api("DELETE", path)).status_code == 200
    assert (await api.get(path)).json()["code"] == "receiver_not_found"
    assert (await api.get("/v1/alerts")).json()["total"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"clusterRule": {"cluster": "prod", "label": "cluster"}}, "invalid_receiver", id="two rules"),
        pytest.param({"clusterRule": {}}, "invalid_receiver", id="no rule"),
        pytest.param({"clusterRule": {"cluster": "nowhere"}}, "unknown_cluster", id="an unknown cluster"),
        pytest.param({"kind": "generic"}, "invalid_receiver", id="generic without a mapping"),
        pytest.param({"mapping": {}}, "invalid_receiver", id="Alertmanager with a mapping"),
        pytest.param({"kind": "generic", "mapping": {"name": "title"}}, "invalid_receiver", id="no pointer"),
        pytest.param({"clusterRule": {"label": "c", "clusters": {"": "prod"}}}, "invalid_receiver", id="an empty value"),
    ],
)
async def test_a_receiver_that_could_not_work_is_refused(api: Api, shop: Shop, change: dict[str, Any], code: str) -> None:
    answer = await api("POST", "/v1/alert-receivers", json=RECEIVER | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_an_alert_is_evidence_of_the_issue_of_its_workload(api: Api, shop: Shop) -> None:
    await observe(api, shop.cluster_id, finding("web", api=api), synced_at=api.clock.now())
    (issue,) = (await api.get("/v1/issues")).json()["issues"]
    receiver = await create(api)
    given = alert(api) | {"generatorURL": "http://prometheus/graph?g0.expr=up+%3D%3D+0", "annotations": {"summary": "down"}}
    answer = await send(api, receiver, given, alert(api, "f2", deployment="cache"))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "known": 0, "rejected": 0})
    (one,) = (await api.get(f"/v1/issues/{issue['id']}/alerts")).json()["alerts"]
    assert (one["outcome"], one["issueId"], one["issueTitle"]) == ("joined", issue["id"], issue["title"])
    assert (one["expression"], one["annotations"], one["object"]) == ("up == 0", {"summary": "down"}, {"kind": "Deployment", "name": "web"})
    assert (await api.get(f"/v1/alerts/{one['id']}")).json() == one
    (lost,) = (await api.get("/v1/alerts?outcome=unresolved")).json()["alerts"]
    assert (lost["code"], "namespace" in lost) == ("unknown_namespace", False)
    for query, total in (("status=firing", 2), ("name=Broken", 2), ("name=Other", 0), ("cluster=prod", 2), ("outcome=joined", 1)):
        assert (await api.get(f"/v1/alerts?{query}")).json()["total"] == total, query
    assert (await api.get("/v1/issues")).json()["total"] == 1


async def test_the_quality_of_alerts_tells_what_flaps_repeats_and_is_missing(api: Api, shop: Shop) -> None:
    for name in ("web", "cart", "api"):
        await observe(api, shop.cluster_id, finding(name, api=api), synced_at=api.clock.now())
        await objects(api, shop.cluster_id, name, kind="Deployment.apps")
    receiver = await create(api)
    for deployment in ("web", "cart"):
        await send(api, receiver, alert(api, f"a-{deployment}", alertname="Early", deployment=deployment))
    for _ in range(3):
        api.clock.advance(1)
        for deployment in ("web", "cart"):
            await send(api, receiver, alert(api, f"b-{deployment}", alertname="Late", deployment=deployment))
    found = (await api.get("/v1/alerts/quality?range=24h")).json()
    late, early = found["alerts"]
    assert (late["name"], late["fired"], late["flapping"], late["repeats"], late["issues"], late["actedOn"]) == (
        "Late",
        6,
        2,
        "Early",
        2,
        0,
    )
    assert (early["fired"], early["flapping"], "repeats" in early) == (2, 0, False)
    assert (found["failures"], found["failuresWithoutAlert"], found["isWhole"]) == (3, 1, True)
    assert [one["title"].split()[3] for one in found["issuesWithoutAlert"]] == ["api"]
    web = next(one for one in (await api.get("/v1/issues")).json()["issues"] if one["owner"]["name"] == "web")
    await api("PATCH", f"/v1/issues/{web['id']}", json={"status": "acknowledged"})
    assert [one["actedOn"] for one in (await api.get("/v1/alerts/quality")).json()["alerts"]] == [1, 1]


async def test_a_generic_sender_signs_its_requests(api: Api, shop: Shop) -> None:
    receiver = await create(api, GENERIC)
    body = json.dumps({"title": "5xx", "at": api.clock.now().isoformat(), "ns": "shop", "app": "web", "env": "eu-1"})
    now = api.clock.now()

    async def post(content: str, signature: str) -> Any:
        signed = {"webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
        headers = signed | {"Content-Type": "application/json"}
        return await api("POST", receiver["path"], key=None, content=content.encode(), headers=headers)

    signature = Signer(receiver["secret"]).sign("m1", now, body)
    assert (await post(body, signature)).json() == {"accepted": 1, "known": 0, "rejected": 0}
    assert (await post(body, signature)).json() == {"accepted": 1, "known": 1, "rejected": 0}
    assert (await post(body + " ", signature)).json()["code"] == "invalid_secret"
    (one,) = (await api.get("/v1/alerts")).json()["alerts"]
    assert (one["name"], one["clusterId"], one["labels"]["deployment"]) == ("5xx", shop.cluster_id, "web")


async def test_bad_requests_are_refused_and_listed_with_a_reason(api: Api, shop: Shop) -> None:
    receiver = await create(api)
    wrong = await send(api, receiver, alert(api), secret="whsec_wrong")
    nowhere = {**receiver, "path": "/v1/hooks/alertmanager/alr_00000000000000000000000000"}
    unknown, other_path = await send(api, nowhere, alert(api)), receiver["path"].replace("alertmanager", "alerts")
    other = await send(api, {**receiver, "path": other_path}, alert(api))
    for answer in (wrong, unknown, other):
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_secret")
    assert len({answer.json()["detail"] for answer in (wrong, unknown, other)}) == 1
    bad = await send(api, receiver, content=b'{"version": "3"}')
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid_alerts")
    assert (await send(api, receiver, content=b" " * (1024 * 1024 + 1))).json()["code"] == "body_too_large"
    assert (await send(api, receiver, {"status": "firing"}, alert(api))).json() == {"accepted": 1, "known": 0, "rejected": 1}
    found = (await api.get(f"/v1/alert-receivers/{receiver['id']}/rejected")).json()
    assert [one["code"] for one in found["rejected"]] == ["invalid_labels", "unsupported_version"]
    assert found["rejected"][1]["excerpt"] == '{"version": "3"}'


async def test_a_flood_is_refused_and_keeps_no_trigger_from_firing(api: Api, shop: Shop) -> None:
    receiver = await create(api)
    for _ in range(model.ALERTS_PER_MINUTE // model.MAX_ALERTS):
        await api.services.limiter.hit_alerts(receiver["id"], model.MAX_ALERTS, limit=model.ALERTS_PER_MINUTE)
    refused = await send(api, receiver, alert(api))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_alerts")
    for _ in range(HOOKS_PER_MINUTE):
        await api.services.limiter.hit_alert_hook("127.0.0.1")
    assert (await send(api, receiver, alert(api))).json()["code"] == "rate_limited"
    hook = await api("POST", "/v1/hooks/trg_00000000000000000000000000", key=None, json={})
    assert hook.json()["code"] == "invalid_signature"


async def test_each_organization_sees_its_own_alerts(api: Api, shop: Shop) -> None:
    receiver = await create(api)
    await send(api, receiver, alert(api))
    (one,) = (await api.get("/v1/alerts")).json()["alerts"]
    stranger = await api.new_key(maker=await another_organisation(api))
    assert (await api.get("/v1/alerts", key=stranger)).json()["total"] == 0
    assert (await api.get(f"/v1/alerts/{one['id']}", key=stranger)).json()["code"] == "alert_not_found"
    assert (await api.get(f"/v1/alert-receivers/{receiver['id']}/rejected", key=stranger)).json()["code"] == "receiver_not_found"
    assert (await api("DELETE", f"/v1/alert-receivers/{receiver['id']}", key=stranger)).json()["code"] == "receiver_not_found"


async def test_no_failure_is_said_where_everything_that_is_needed_was_read(api: Api) -> None:
    cluster_id = await healthy(api, "prod")
    await objects(api, cluster_id, "web", kind="Deployment.apps")
    await send(api, await create(api), alert(api))
    api.clock.advance(301)
    await presence(api, cluster_id, "online", last_seen=api.clock.now())
    await AlertWorker(api.store, api.clock).step()
    (found,) = (await api.get("/v1/alerts")).json()["alerts"]
    assert (found["outcome"], found["code"], found["coverage"]["complete"]) == ("unexplained", "no_failure_found", True)
    assert found["reason"].startswith("No failure of Deployment/shop/web found. Looked at 1 cluster")
