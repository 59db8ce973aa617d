"""Triggers over HTTP, and the signed requests that fire them."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Signer

from optral.access.model import ROLE_SCOPES
from optral.flows.triggers.firing import TriggerWorker
from optral.runbooks import service as runbooks
from optral.terms import ids
from optral.terms.actor import Actor, Role
from optral.terms.severity import Severity
from tests.api.accounts import member, signed_in
from tests.api.conftest import Api, another_organisation
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop

ISSUE = {"source": "issue", "name": "on oom", "runbook": "restart-workload", "match": {"types": ["OOMKilled"]}}
HOOK: dict[str, Any] = {
    "source": "webhook",
    "name": "deployed",
    "runbook": "restart-workload",
    "cluster": "prod",
    "parameters": {"kind": "Deployment", "namespace": "shop"},
    "accepts": ["name"],
}
BODY = json.dumps({"parameters": {"name": "web"}, "sentBy": "a pipeline"})


async def create(api: Api, body: dict[str, Any]) -> Any:
    answer = await api("POST", "/v1/triggers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def send(
    api: Api, trigger: str, secret: str, body: str = BODY, *, message: str = "msg_1", at: datetime | None = None, **headers: str
) -> Any:
    moment = at or api.clock.now()
    signed = {
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Signer(secret).sign(message, moment, body),
        "Content-Type": "application/json",
    }
    return await api("POST", f"/v1/hooks/{trigger}", key=None, content=body.encode(), headers=signed | headers)


async def firings(api: Api, trigger: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/v1/triggers/{trigger}/firings")).json()["firings"]
    return found


async def test_a_trigger_from_its_creation_to_its_deletion(api: Api, shop: Shop) -> None:
    made = await create(api, ISSUE)
    path = f"/v1/triggers/{made['id']}"
    assert "secret" not in made
    assert (made["match"], made["enabled"], made["failures"]) == ({"types": ["OOMKilled"]}, True, 0)
    assert (await api.get("/v1/triggers")).json()["total"] == 1
    changed = await api("PATCH", path, json={"name": "other", "enabled": False}, headers={"If-Match": '"v1"'})
    assert (changed.json()["name"], changed.json()["enabled"], changed.json()["version"]) == ("other", False, 2)
    assert (await api("PATCH", path, json={"name": "late"}, headers={"If-Match": '"v1"'})).status_code == 412
    assert (await api("POST", path + "/roll", json={})).json()["code"] == "not_a_webhook_trigger"
    assert (await api("DELETE", path)).status_code == 200
    assert (await api.get(path)).json()["code"] == "trigger_not_found"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"match": {"namespaces": ["shop"]}}, 422, "invalid_trigger", id="every issue of a namespace"),
        pytest.param({"match": None}, 422, "invalid_trigger", id="every issue"),
        pytest.param({"schedule": "0 3 * * *"}, 422, "invalid_trigger", id="a schedule too"),
        pytest.param({"source": "schedule", "match": None}, 422, "invalid_trigger", id="a schedule without a cluster"),
        pytest.param(
            {"source": "schedule", "match": None, "cluster": "prod", "schedule": "0 3 * * *"}, 422, "invalid_parameters", id="no parameters"
        ),
        pytest.param({"runbook": "no-such"}, 404, "runbook_not_found", id="no runbook"),
        pytest.param({"parameters": {"nonsense": 1}}, 422, "invalid_parameters", id="an unknown parameter"),
        pytest.param({"accepts": ["name"]}, 422, "invalid_trigger", id="accepts without requests"),
        pytest.param({"match": {"types": ["OOMKilled"], "clusters": ["nowhere"]}}, 422, "unknown_cluster", id="no such cluster"),
        pytest.param({"match": {"types": ["OOMKilled"], "minConfidence": 1.5}}, 422, "invalid_body", id="no confidence"),
        pytest.param({"match": {"types": ["OOMKilled", "OomKiled"]}}, 422, "invalid_trigger", id="no such type"),
        pytest.param({"match": {"types": ["Node*"]}}, 422, "invalid_trigger", id="a pattern, which types are not"),
        pytest.param({"match": {"causes": ["memory_limit"]}}, 422, "invalid_trigger", id="no such cause"),
    ],
)
async def test_what_is_no_trigger_is_refused(api: Api, shop: Shop, change: dict[str, Any], status: int, code: str) -> None:
    answer = await api("POST", "/v1/triggers", json=ISSUE | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_mistyped_issue_type_is_named_with_what_was_meant(api: Api, shop: Shop) -> None:
    made = await create(api, ISSUE)
    for answer in (
        await api("POST", "/v1/triggers", json=ISSUE | {"match": {"types": ["OOMKiled"]}}),
        await api("PATCH", f"/v1/triggers/{made['id']}", json={"match": {"types": ["OOMKiled"]}}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "match.types")
        assert answer.json()["detail"] == "there is no issue type 'OOMKiled'; did you mean OOMKilled?"
    assert (await api("PATCH", f"/v1/triggers/{made['id']}", json={"match": {"causes": ["memory_limit_too_low"]}})).status_code == 200


async def test_a_bad_schedule_names_its_field(api: Api, shop: Shop) -> None:
    given = {"source": "schedule", "name": "n", "runbook": "collect-diagnostics", "cluster": "prod", "schedule": "0 99 * * *"}
    answer = await api("POST", "/v1/triggers", json=given)
    assert answer.json()["errors"][0]["field"] == "schedule"
    zone = await api("POST", "/v1/triggers", json=given | {"schedule": "0 9 * * *", "timeZone": "Moon/Base"})
    assert zone.json()["errors"][0]["field"] == "timeZone"


async def test_viewers_and_operators_read_triggers(api: Api, shop: Shop) -> None:
    made = await create(api, ISSUE)
    for role in (Role.VIEWER, Role.OPERATOR):
        key = await api.new_key(scopes=set(ROLE_SCOPES[role]))
        assert (await api.get(f"/v1/triggers/{made['id']}", key=key)).status_code == 200
        assert (await api("POST", "/v1/triggers", json=ISSUE, key=key)).json()["code"] == "missing_scope"
        assert (await api("PATCH", f"/v1/triggers/{made['id']}", json={"enabled": False}, key=key)).status_code == 403
    writer = await api.new_key(scopes={"runbooks:read", "runbooks:write"})
    refused = await api("POST", "/v1/triggers", json=ISSUE, key=writer)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope"), "it would run what the key may not run"


async def test_another_organization_sees_nothing(api: Api, shop: Shop) -> None:
    made = await create(api, ISSUE)
    stranger = await api.new_key(maker=await another_organisation(api))
    assert (await api.get("/v1/triggers", key=stranger)).json()["total"] == 0
    for method, path in (("GET", ""), ("GET", "/firings"), ("DELETE", ""), ("POST", "/unblock")):
        body = {"json": {}} if method == "POST" else {}
        assert (await api(method, f"/v1/triggers/{made['id']}{path}", key=stranger, **body)).status_code == 404


# --- signed requests


async def test_a_signed_request_fires_once_with_the_parameters_it_may_set(api: Api, shop: Shop) -> None:
    made = await create(api, HOOK)
    first = await send(api, made["id"], made["secret"])
    assert first.status_code == 202
    again = await send(api, made["id"], made["secret"])
    assert (again.status_code, again.json()) == (202, first.json())
    for _ in range(3):
        await TriggerWorker(api.store, api.clock).step()
    (fired,) = await firings(api, made["id"])
    assert (fired["state"], fired["key"]) == ("started", "msg_1")
    execution = (await api.get(f"/v1/executions/{fired['executionId']}")).json()
    assert (execution["status"], execution["triggerId"]) == ("pendingApproval", made["id"])
    assert execution["parameters"] == {"kind": "Deployment", "namespace": "shop", "name": "web"}


async def test_every_request_that_is_not_signed_gets_one_answer(api: Api, shop: Shop) -> None:
    made, other = await create(api, HOOK), await create(api, ISSUE)
    secret, now = made["secret"], api.clock.now()
    wrong = "whsec_" + "A" * 43 + "="
    answers = [
        await send(api, made["id"], wrong),
        await send(api, ids.new("trg"), secret),
        await send(api, "nonsense", secret),
        await send(api, other["id"], secret),
        await send(api, made["id"], secret, at=now - timedelta(seconds=301)),
        await send(api, made["id"], secret, at=now + timedelta(seconds=301)),
        await send(api, made["id"], secret, **{"webhook-id": "msg_2"}),
        await send(api, made["id"], secret, **{"webhook-timestamp": "soon"}),
        await send(api, made["id"], secret, **{"webhook-signature": ""}),
        await send(api, made["id"], secret, **{"webhook-signature": "v1,!?"}),
        await send(api, made["id"], secret, **{"webhook-signature": " ".join(["v1,AAAA"] * 500)}),
        await send(api, made["id"], wrong, "no JSON"),
        await api("POST", f"/v1/hooks/{made['id']}", key=None, json={}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [{name: value for name, value in answer.json().items() if name != "requestId"} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert await firings(api, made["id"]) == []


async def test_a_request_that_is_not_signed_does_not_wait_for_the_writer(api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made, writes = await create(api, HOOK), []
    write = api.store.write
    monkeypatch.setattr(api.services.refusals, "take", lambda *_, **__: None)  # what is recorded of some comes after their answers

    async def noted(who: Actor, job: Any) -> Any:
        writes.append(who.org_id)
        return await write(who, job)

    monkeypatch.setattr(api.store, "write", noted)
    assert (await send(api, made["id"], "whsec_" + "A" * 43 + "=")).status_code == 401
    assert api.org not in writes
    assert (await send(api, made["id"], made["secret"])).status_code == 202
    assert api.org in writes


@pytest.mark.parametrize("seconds", [-299, 299])
async def test_a_clock_may_be_a_little_off(api: Api, shop: Shop, seconds: int) -> None:
    made = await create(api, HOOK)
    assert (await send(api, made["id"], made["secret"], at=api.clock.now() + timedelta(seconds=seconds))).status_code == 202


async def test_a_rolled_secret_signs_for_a_day_more(api: Api, shop: Shop) -> None:
    made = await create(api, HOOK)
    rolled = (await api("POST", f"/v1/triggers/{made['id']}/roll", json={})).json()
    assert rolled["secret"] != made["secret"]
    assert "secret" not in (await api.get(f"/v1/triggers/{made['id']}")).json()
    assert (await send(api, made["id"], made["secret"], message="a")).status_code == 202
    assert (await send(api, made["id"], rolled["secret"], message="b")).status_code == 202
    api.clock.advance(24 * 3600)
    assert (await send(api, made["id"], made["secret"], message="c")).status_code == 401
    assert (await send(api, made["id"], rolled["secret"], message="d")).status_code == 202


async def test_who_rotates_the_secret_cannot_approve_what_it_starts(api: Api, shop: Shop) -> None:
    """And who knows the old one cannot start anything in the name of the other."""
    owner = await signed_in(api)
    made = (await owner("POST", "/v1/triggers", json=HOOK)).json()
    other = await member(api, Role.ADMIN, "other@example.org")
    rolled = (await other("POST", f"/v1/triggers/{made['id']}/roll", json={})).json()
    other_id = (await other.get("/v1/me")).json()["member"]["id"]
    assert rolled["actsFor"] == other_id != made["actsFor"]
    assert (await send(api, made["id"], made["secret"], message="a")).status_code == 401
    assert (await send(api, made["id"], rolled["secret"], message="b")).status_code == 202
    for _ in range(3):
        await TriggerWorker(api.store, api.clock).step()
    (fired,) = await firings(api, made["id"])
    one = (await api.get(f"/v1/executions/{fired['executionId']}")).json()
    assert one["requestedBy"] == other_id
    await shop.settle(await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, one["id"])))
    refused = await other("POST", f"/v1/executions/{one['id']}/approve", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_request")
    assert (await owner("POST", f"/v1/executions/{one['id']}/approve", json={})).json()["status"] == "queued"


async def test_who_knows_the_secret_cannot_approve_what_it_starts_for_another(api: Api, shop: Shop) -> None:
    """The other member changed the trigger, and did not see its secret: it acts for them."""
    owner = await signed_in(api)
    made = (await owner("POST", "/v1/triggers", json=HOOK)).json()
    other, third = [await member(api, Role.ADMIN, f"{name}@example.org") for name in ("other", "third")]
    changed = (await other("PATCH", f"/v1/triggers/{made['id']}", json={"name": "renamed"})).json()
    assert changed["actsFor"] != made["actsFor"]
    assert (await send(api, made["id"], made["secret"])).status_code == 202
    for _ in range(3):
        await TriggerWorker(api.store, api.clock).step()
    (fired,) = await firings(api, made["id"])
    await shop.settle(await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, fired["executionId"])))
    path = f"/v1/executions/{fired['executionId']}/approve"
    for person in (owner, other):
        refused = await person("POST", path, json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "own_request")
    assert (await third("POST", path, json={})).json()["status"] == "queued"


async def test_requests_of_programs_keep_nobody_from_signing_in(api: Api, shop: Shop) -> None:
    """A forge or a pipeline, and people, may share an address."""
    for number in range(40):
        path = f"/v1/hooks/{ids.new('trg')}" if number % 2 else f"/v1/hooks/forges/{ids.new('frg')}"
        assert (await api("POST", path, key=None, json={})).status_code == 401
    assert await signed_in(api)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param('{"parameters": {"namespace": "pay"}}', 422, "invalid_parameters", id="a parameter that is fixed"),
        pytest.param('{"parameters": [1]}', 422, "invalid_body", id="no object"),
        pytest.param("[1]", 422, "invalid_body", id="a list"),
        pytest.param("{", 400, "malformed_json", id="no JSON"),
        pytest.param('{"parameters": {"name": "a\\u0000b"}}', 400, "malformed_json", id="NUL"),
        pytest.param('{"parameters": {"name": ' + "[" * 500 + "]" * 500 + "}}", 400, "malformed_json", id="500 deep"),
        pytest.param('{"parameters": {"name": 1' + "0" * 400 + "}}", 400, "malformed_json", id="400 digits"),
        pytest.param('{"parameters": {"name": "\\ud800"}}', 400, "malformed_json", id="half a surrogate pair"),
        pytest.param(json.dumps({"x": "a" * 20_000}), 413, "body_too_large", id="too large"),
    ],
)
async def test_a_signed_request_that_cannot_be_used_says_why(api: Api, shop: Shop, body: str, status: int, code: str) -> None:
    made = await create(api, HOOK)
    answer = await send(api, made["id"], made["secret"], body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await firings(api, made["id"]) == []


async def test_a_request_without_a_body_uses_the_parameters_of_the_trigger(api: Api, shop: Shop) -> None:
    made = await create(api, HOOK | {"parameters": {**HOOK["parameters"], "name": "web"}})
    assert (await send(api, made["id"], made["secret"], "")).status_code == 202


async def test_a_disabled_trigger_refuses_and_a_flood_is_limited(api: Api, shop: Shop) -> None:
    made = await create(api, HOOK)
    answers = [(await send(api, made["id"], made["secret"], message=f"m{one}")).status_code for one in range(22)]
    assert answers == [202] * 20 + [429] * 2
    await api("PATCH", f"/v1/triggers/{made['id']}", json={"enabled": False})
    refused = await send(api, made["id"], made["secret"], message="late")
    assert (refused.status_code, refused.json()["code"]) == (409, "trigger_disabled")


async def preview(api: Api, **body: Any) -> Any:
    return await api("POST", "/v1/triggers/preview", json=body)


async def issues_in(api: Api) -> None:
    """A cluster in which two issues of different severity opened after its first inventory, and one before it."""
    cluster = await api.new_cluster("staging")
    await observe(api, cluster, finding("old", api=api))
    api.clock.advance(60)
    since = api.clock.now()
    found = [finding("web", api=api), finding("pay", api=api, severity=Severity.HIGH, namespace="pay"), finding("old", api=api)]
    await observe(api, cluster, *found, synced_at=since - timedelta(seconds=30))


@pytest.mark.parametrize(
    ("match", "names"),
    [
        pytest.param({"types": ["OOMKilled"]}, {"web", "pay"}, id="the type; not the preexisting one"),
        pytest.param({"types": ["OOMKilled"], "minSeverity": "critical"}, {"web"}, id="the severity"),
        pytest.param({"types": ["OOMKilled"], "namespaces": ["pay"]}, {"pay"}, id="the namespace"),
        pytest.param({"types": ["OOMKilled"], "clusters": ["staging"]}, {"web", "pay"}, id="the cluster by name"),
        pytest.param({"types": ["CrashLoopBackOff"]}, set(), id="another type"),
        pytest.param({"types": ["OOMKilled"], "causes": ["memory_limit_too_low"]}, set(), id="a cause that no analysis named"),
        pytest.param({"types": ["OOMKilled"], "labels": {"team": "pay"}}, set(), id="a label that none has"),
    ],
)
async def test_a_preview_names_the_open_issues_that_match_now(api: Api, match: dict[str, Any], names: set[str]) -> None:
    await issues_in(api)
    found = (await preview(api, match=match)).json()
    assert (found["matching"], found["isWhole"]) == (len(names), True)
    assert all(any(name in one["title"] for name in names) for one in found["issues"])
    assert (await api.get("/v1/triggers")).json()["total"] == 0


async def test_a_preview_gives_the_next_times_of_a_schedule(api: Api) -> None:
    found = (await preview(api, schedule="30 3 * * *", timeZone="Europe/Berlin")).json()
    assert found == {"nextTimes": [f"2026-01-{day}T02:30:00Z" for day in (16, 17, 18)]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"match": {"namespaces": ["shop"]}}, "match", id="every issue of a namespace"),
        pytest.param({"match": {"types": ["OOMKilled"], "clusters": ["nowhere"]}}, "match.clusters", id="no such cluster"),
        pytest.param({"schedule": "0 99 * * *"}, "schedule", id="no such hour"),
        pytest.param({"schedule": "0 9 * * *", "timeZone": "Moon/Base"}, "timeZone", id="no such zone"),
    ],
)
async def test_a_preview_says_at_the_field_what_is_wrong(api: Api, body: dict[str, Any], field: str) -> None:
    answer = await preview(api, **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_preview_shows_a_limited_key_only_its_clusters(api: Api) -> None:
    await issues_in(api)
    other = await api.new_cluster("other")
    key = await api.new_key(scopes={"issues:read"}, clusters={other})
    found = await api("POST", "/v1/triggers/preview", json={"match": {"types": ["OOMKilled"]}}, key=key)
    assert found.json()["matching"] == 0
