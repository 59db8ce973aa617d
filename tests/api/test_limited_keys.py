"""A key limited to clusters: what concerns the whole organization is refused, and nothing of other clusters can be read off an answer."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.access.model import KEY_SCOPES, LIMITED_KEY_SCOPES
from optral.access.tables import api_keys
from optral.terms import ids
from optral.terms.actor import Role
from tests.api.accounts import member, signed_in
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.flows.executions.shop import Shop

RUNBOOK = """
slug: {slug}
name: Restart it
risk: low
concurrency: {concurrency}
scope: {{clusters: [{clusters}]}}
parameters:
  - {{name: name, type: string, required: true}}
steps:
  - name: Restart
    action: restart
    with: {{kind: Deployment, namespace: shop, name: "${{parameters.name}}"}}
"""


@pytest.fixture
async def own(api: Api) -> str:
    return await api.new_cluster("own-cluster")


@pytest.fixture
async def other(api: Api) -> str:
    return await api.new_cluster("zulu-other")


async def audited(api: Api) -> int:
    """How many records there are of what was done, not of what was refused."""
    return await api.store.read(api.owner, lambda tx: sum(one.outcome != "denied" for one in access.records_after(tx, 0)))


async def test_what_concerns_the_whole_organisation_is_refused_and_changes_nothing(api: Api, own: str) -> None:
    """Also with a key from before such scopes were taken from limited keys."""
    key = await api.new_key(clusters={own})
    older = sa.update(api_keys).where(api_keys.c.org_id == api.org, api_keys.c.clusters.is_not(None)).values(scopes=sorted(KEY_SCOPES))
    await api.store.write(api.owner, lambda tx: tx.execute(older).close())
    mine, invited = await api.new_key(), await member(api, Role.VIEWER, "v@example.org")
    person = (await invited.get("/v1/me")).json()["member"]["id"]
    other_key = (await api.get("/v1/me", key=mine)).json()["actor"]["id"]
    runbook = await api("POST", "/v1/runbooks", json={"source": RUNBOOK.format(slug="bounce", concurrency="perTarget", clusters="")})
    assert runbook.status_code == 201, runbook.text
    before = await audited(api)
    for method, path, body in (
        ("POST", "/v1/clusters", {"name": "more"}),
        ("POST", "/v1/executions/pause", {}),
        ("POST", "/v1/executions/resume", {}),
        ("GET", "/v1/api-keys", None),
        ("GET", f"/v1/api-keys/{other_key}", None),
        ("DELETE", f"/v1/api-keys/{other_key}", None),
        ("GET", "/v1/members", None),
        ("PATCH", f"/v1/members/{person}", {"role": "viewer"}),
        ("DELETE", f"/v1/members/{person}", None),
        ("POST", "/v1/invites", {"role": "viewer"}),
        ("POST", "/v1/runbooks", {"source": RUNBOOK.format(slug="bounce2", concurrency="perTarget", clusters="")}),
        ("PATCH", "/v1/runbooks/bounce", {"enabled": False}),
        ("DELETE", "/v1/runbooks/bounce", None),
        ("PATCH", "/v1/ai", {"enabled": True}),
        ("PATCH", "/v1/detectors", {"riskChecks": True}),
        ("PATCH", "/v1/log-capture", {"enabled": False}),
        ("PATCH", "/v1/automatic-analysis", {"enabled": False}),
        ("GET", "/v1/audit", None),
    ):
        refused = await api(method, path, key=key, **({} if body is None else {"json": body}))
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_own_clusters"), (method, path, refused.text)
    assert await audited(api) == before
    assert (await api.get("/v1/me", key=key)).json()["actor"]["scopes"] == sorted(LIMITED_KEY_SCOPES)


async def test_the_audit_log_tells_a_limited_key_nothing_about_what_exists(api: Api, own: str, other: str) -> None:
    key = await api.new_key(clusters={own})
    answers = [await api.get(f"/v1/audit?target={one}", key=key) for one in (own, other, ids.new("cls"))]
    assert [one.status_code for one in answers] == [403, 403, 403]
    assert len({one.json()["detail"] for one in answers}) == 1


async def test_a_limited_key_gets_only_scopes_that_its_limit_allows(api: Api, own: str) -> None:
    browser = await signed_in(api)
    made = await browser("POST", "/v1/api-keys", json={"name": "ci", "clusters": [own]})
    assert made.json()["scopes"] == sorted(LIMITED_KEY_SCOPES)
    refused = await browser("POST", "/v1/api-keys", json={"name": "ci", "clusters": [own], "scopes": ["issues:read", "audit:read"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_scopes")
    assert "audit:read" in refused.json()["detail"]


async def test_a_mute_rule_shows_a_limited_key_its_own_clusters_alone(api: Api, own: str, other: str) -> None:
    key, later = await api.new_key(clusters={own}), api.clock.now().date().replace(year=api.clock.now().year + 1)
    for cluster in (own, other):
        await observe(api, cluster, finding("api", api=api))
    made = await api(
        "POST", "/v1/mute-rules", json={"match": {"clusters": [own, other]}, "reason": "known", "expiresAt": f"{later}T00:00:00Z"}
    )
    assert made.json()["mutedIssues"] == 2
    for answer in (await api.get("/v1/mute-rules", key=key), await api.get(f"/v1/mute-rules/{made.json()['id']}", key=key)):
        assert other not in answer.text and own in answer.text
        assert '"mutedIssues":1' in answer.text


async def test_the_text_of_a_runbook_has_only_the_clusters_of_a_limited_key(api: Api, own: str, other: str) -> None:
    named = "own-cluster, zulu-other"
    made = await api("POST", "/v1/runbooks", json={"source": RUNBOOK.format(slug="both", concurrency="perTarget", clusters=named)})
    assert made.status_code == 201, made.text
    key = await api.new_key(clusters={own})
    seen = (await api.get("/v1/runbooks/both", key=key)).json()
    assert ("zulu-other" in seen["source"], "own-cluster" in seen["source"]) == (False, True)
    assert (await api.get("/v1/runbooks/both/versions", key=key)).json()["code"] == "beyond_own_clusters"


async def test_a_runbook_for_other_clusters_is_not_there_for_a_limited_key(api: Api, own: str, other: str) -> None:
    key = await api.new_key(clusters={own})
    for slug, named in (("theirs", "zulu-other"), ("both", f"own-cluster, {other}"), ("any", "")):
        made = await api("POST", "/v1/runbooks", json={"source": RUNBOOK.format(slug=slug, concurrency="perTarget", clusters=named)})
        assert made.status_code == 201, made.text
    listed = await api.get("/v1/runbooks?builtIn=false&sort=slug", key=key)
    assert ([one["slug"] for one in listed.json()["runbooks"]], listed.json()["total"]) == (["any", "both"], 2)
    assert "zulu" not in listed.text and other not in listed.text
    assert (await api.get("/v1/runbooks/both", key=key)).json()["scope"]["clusters"] == ["own-cluster"]
    for path in ("/v1/runbooks/theirs", "/v1/runbooks/absent"):
        assert (await api.get(path, key=key)).json()["code"] == "runbook_not_found"
    ran = await api("POST", "/v1/runbooks/theirs/execute", key=key, json={"clusterId": own, "parameters": {"name": "web"}})
    assert (ran.status_code, ran.json()["code"]) == (404, "runbook_not_found")


async def test_an_execution_elsewhere_is_named_to_nobody_who_cannot_see_it(api: Api) -> None:
    """A runbook that runs once at a time is held by another cluster's execution."""
    first, second = Shop(api.store, api.org, api.clock), Shop(api.store, api.org, api.clock)
    await first.open("own-cluster")
    await second.open("zulu-other")
    key = await api.new_key(clusters={first.cluster_id})
    await api("POST", "/v1/runbooks", json={"source": RUNBOOK.format(slug="once", concurrency="perRunbook", clusters="")})

    async def execute(cluster: str, key: str) -> Any:
        return await api("POST", "/v1/runbooks/once/execute", key=key, json={"clusterId": cluster, "parameters": {"name": "web"}})

    held = await execute(second.cluster_id, api.key)
    assert held.status_code == 202, held.text
    refused = await execute(first.cluster_id, key)
    assert (refused.status_code, refused.json()["code"]) == (409, "execution_running")
    assert held.json()["id"] not in refused.text and "zulu" not in refused.text
    assert held.json()["id"] in (await execute(first.cluster_id, api.key)).text


async def test_a_person_who_loses_rights_takes_them_from_their_keys(api: Api, own: str) -> None:
    owner, admin = await signed_in(api), await member(api, Role.ADMIN, "admin@example.org")
    whole = (await admin("POST", "/v1/api-keys", json={"name": "a"})).json()["key"]
    rolled = (await admin("POST", "/v1/api-keys", json={"name": "b", "clusters": [own]})).json()
    successor = (await admin("POST", f"/v1/api-keys/{rolled['id']}/roll", json={"overlapDays": 7})).json()["key"]
    person = (await admin.get("/v1/me")).json()["member"]["id"]
    await owner("PATCH", f"/v1/members/{person}", json={"role": "viewer"})
    api.clock.advance(1)
    for key in (whole, rolled["key"], successor):
        assert (await api.get("/v1/issues", key=key)).status_code == 200
        refused = await api("DELETE", f"/v1/clusters/{own}", key=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    await owner("DELETE", f"/v1/members/{person}")
    api.clock.advance(1)
    answers = await asyncio.gather(*(api.get("/v1/issues", key=key) for key in (whole, rolled["key"], successor)))
    assert [one.status_code for one in answers] == [401, 401, 401]
