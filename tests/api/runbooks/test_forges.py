"""Connections to forges over HTTP: the token goes in and never comes out, admins alone change them, and a test says what is missing."""

from typing import Any

import httpx2
import pytest

from optral.forges import service as forges
from optral.forges.model import MAX_FORGES, Kind
from tests.api.conftest import Api, another_organisation
from tests.flows.executions.shop import Shop
from tests.forges.fakes import TOKEN, FakeForge
from tests.forges.hooks import merged, signed

BODY: dict[str, Any] = {
    "name": "git",
    "kind": "gitea",
    "url": "https://git.example.com/",
    "token": TOKEN,
    "repositories": ["shop/deploy"],
}


async def create(api: Api, **more: object) -> dict[str, Any]:
    answer = await api("POST", "/v1/forges", json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def connect(api: Api, forge: FakeForge) -> FakeForge:
    api.services.forge_caller = forge
    return forge


async def test_a_connection_is_made_and_its_token_is_never_shown(api: Api) -> None:
    made = await create(api)
    one = await api.get(f"/v1/forges/{made['id']}")
    listed = await api.get("/v1/forges")
    changed = await api("PATCH", f"/v1/forges/{made['id']}", json={"name": "main git"})
    audit = await api.get("/v1/audit")
    assert made["url"] == "https://git.example.com" and made["branchPrefix"] == "optral/"
    assert listed.json()["total"] == 1 and listed.json()["forges"] == [one.json()]
    assert changed.json()["name"] == "main git" and changed.json()["version"] == 2
    assert all(TOKEN not in answer.text for answer in (one, listed, changed, audit))
    rows = await api.store.read(api.owner, forges.find)
    assert TOKEN.encode() not in rows[0].token and TOKEN not in repr(rows[0])
    assert forges.token_of(rows[0], key=api.services.sealing_key) == TOKEN


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "ftp://git.example.com"}, "invalid_forge_url"),
        ({"url": "https://user:word@git.example.com"}, "invalid_forge_url"),
        ({"repositories": ["deploy"]}, "invalid_repository"),
        ({"repositories": []}, "invalid_body"),
        ({"branchPrefix": "../x"}, "invalid_branch_prefix"),
        ({"kind": "svn"}, "invalid_body"),
        ({"token": "with space in it"}, "invalid_body"),
        ({"token": "token\r\nx-other: 1"}, "invalid_body"),
        ({"name": "a\nb"}, "invalid_body"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(api: Api, change: dict[str, object], code: str) -> None:
    answer = await api("POST", "/v1/forges", json={**BODY, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "example-token" not in answer.text


async def test_a_token_is_not_sent_to_another_address(api: Api) -> None:
    made = await create(api)
    path = f"/v1/forges/{made['id']}"
    refused = await api("PATCH", path, json={"url": "https://git.example.org"})
    assert (refused.status_code, refused.json()["code"]) == (409, "token_needed")
    moved = await api("PATCH", path, json={"url": "https://git.example.org", "token": "another-token"})
    assert moved.status_code == 200 and moved.json()["url"] == "https://git.example.org"


async def test_a_change_by_an_old_version_is_refused(api: Api) -> None:
    made = await create(api)
    path, old = f"/v1/forges/{made['id']}", {"If-Match": '"v1"'}
    assert (await api("PATCH", path, json={"name": "new"}, headers=old)).status_code == 200
    assert (await api("PATCH", path, json={"name": "newer"}, headers=old)).status_code == 412
    assert (await api("DELETE", path, headers=old)).status_code == 412
    assert (await api("DELETE", path)).status_code == 200 and (await api.get(path)).status_code == 404


async def test_there_is_an_end_to_connections(api: Api) -> None:
    for number in range(MAX_FORGES):
        await create(api, name=f"git {number}")
    answer = await api("POST", "/v1/forges", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_forges")


async def test_nobody_elses_connection_is_seen_or_changed(api: Api) -> None:
    made = await create(api)
    other = await api.new_key(maker=await another_organisation(api))
    path = f"/v1/forges/{made['id']}"
    for method in ("GET", "PATCH", "DELETE"):
        more = {"json": {"name": "x"}} if method == "PATCH" else {}
        assert (await api(method, path, key=other, **more)).status_code == 404
    assert (await api("POST", f"{path}/test", key=other, json={})).status_code == 404
    assert (await api.get("/v1/forges", key=other)).json()["total"] == 0


# --- its webhook


async def test_the_secret_of_the_webhook_is_shown_once_and_wakes_nobody_else(api: Api) -> None:
    made = await create(api)
    path = f"/v1/forges/{made['id']}"
    assert (made["webhookPath"], made["hasWebhookSecret"]) == (f"/v1/hooks/forges/{made['id']}", False)
    rolled = (await api("POST", f"{path}/roll", json={})).json()
    secret = rolled.pop("webhookSecret")
    assert rolled == made | {"hasWebhookSecret": True, "version": 2, "updatedAt": rolled["updatedAt"]}
    answers = [await api.get(path), await api.get("/v1/forges"), await api.get("/v1/audit")]
    assert all(answer.status_code == 200 and secret not in answer.text for answer in answers)
    assert "forge.roll" in answers[-1].text
    body = merged(Kind.GITEA, "shop/deploy", 1)
    taken = await api("POST", made["webhookPath"], key=None, content=body, headers=signed(Kind.GITEA, body, secret))
    assert (taken.status_code, taken.json()) == (202, {"awaited": False})


async def test_a_webhook_without_the_right_signature_is_refused(api: Api) -> None:
    made = await create(api)
    body = merged(Kind.GITEA, "shop/deploy", 1)
    answers = [
        await api("POST", path, key=None, content=body, headers=signed(Kind.GITEA, body, "guessed"))
        for path in (made["webhookPath"], "/v1/hooks/forges/frg_01jd3q4m6ve5jt8cmykq3rzm0a", "/v1/hooks/forges/x")
    ]
    found = {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert found == {(401, "invalid_signature", "the request is not signed with the secret of this connection")}
    other = await api.new_key(maker=await another_organisation(api))
    assert (await api("POST", f"/v1/forges/{made['id']}/roll", key=other, json={})).status_code == 404


# --- the test of a connection


async def trial(api: Api, forge_id: str) -> httpx2.Response:
    answer = await api("POST", f"/v1/forges/{forge_id}/test", json={})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_test_names_the_account_and_what_is_missing(api: Api, kind: Kind) -> None:
    forge = connect(api, FakeForge(kind))
    url = "https://github.com" if kind is Kind.GITHUB else BODY["url"]
    made = await create(api, kind=kind.value, url=url, repositories=["shop/deploy", "shop/other", "shop/*"])
    found = (await trial(api, made["id"])).json()
    assert (found["ok"], found["account"]) == (False, "optral-bot")
    good, missing = found["repositories"]
    assert good == {"repository": "shop/deploy", "ok": True, "defaultBranch": "main"}
    assert not missing["ok"] and "does not show this to the token" in missing["message"]
    forge.may_push = False
    assert (await trial(api, made["id"])).json()["repositories"][0]["message"].startswith("the token may not push to it: it needs ")
    assert all(method == "GET" for method, _ in forge.asked)


async def test_a_test_with_a_bad_token_says_so(api: Api) -> None:
    connect(api, FakeForge(Kind.GITEA))
    made = await create(api, token="another-token")
    found = (await trial(api, made["id"])).json()
    assert (found["ok"], found["code"]) == (False, "token_refused") and "set a new one" in found["message"]


# --- proposing


async def test_a_proposal_of_what_no_tool_applies_is_refused_in_plain_words(api: Api) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open()
    cluster_id, target = shop.cluster_id, {"kind": "Deployment", "namespace": "shop", "name": "web"}
    body = {"clusterId": cluster_id, "parameters": target, "dryRun": True}
    planned = (await api("POST", "/v1/runbooks/restart-workload/execute", json=body)).json()
    assert planned["byPullRequest"] is False
    too_early = await api("POST", f"/v1/executions/{planned['id']}/propose", json={})
    assert (too_early.status_code, too_early.json()["code"]) == (409, "not_repeatable")
    await api("POST", f"/v1/executions/{planned['id']}/cancel", json={"leavePullRequestOpen": True})
    refused = await api("POST", f"/v1/executions/{planned['id']}/propose", json={"reason": "because"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_managed")
