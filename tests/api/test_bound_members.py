"""A member who is bound to a namespace finds out nothing about the others, by any route.

One cluster holds the same things twice: in the namespace `shop`, which the member is bound to, and in `zulu`. Everything that is not the
member's, also outside of namespaces, has `zulu` in its name.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from optral.access import service as access
from optral.analysis.tables import analyses
from optral.api.http.cookies import PLAIN
from optral.events import service as events
from optral.events.model import NewEvent
from optral.issues.tables import issues
from optral.terms import ids
from optral.terms.actor import Role
from tests.api.access_table import TABLE
from tests.api.accounts import PASSWORD, Browser, member, signed_in
from tests.api.conftest import DOCUMENT, Api
from tests.api.seeds import alerted, finding, objects, observe
from tests.flows.executions.shop import Shop

FOREIGN = "zulu"


def evidence(number: str, namespace: str | None, name: str, kind: str = "Pod") -> dict[str, Any]:
    ref = {"kind": kind, "name": name} | ({} if namespace is None else {"namespace": namespace})
    return {
        "id": f"ev_{number}",
        "kind": "object",
        "ref": ref,
        "path": "status",
        "excerpt": f"of {name}",
        "trust": "kube",
        "stance": "supports",
    }


RESULT: dict[str, Any] = {
    "summary": "zulu-db is full.",
    "rootCause": {
        "id": "disk_full",
        "title": "The disk of `zulu-db` is full",
        "category": "storage",
        "subject": {"kind": "StatefulSet", "namespace": FOREIGN, "name": "zulu-db"},
        "explanation": "`api` waits. `zulu-db` is full.",
        "claims": [{"text": "`api` waits.", "evidenceIds": ["ev_1"]}, {"text": "`zulu-db` is full.", "evidenceIds": ["ev_2"]}],
        "facts": [{"name": "host", "value": "zulu-db"}],
    },
    "confidence": 0.9,
    "confidenceLabel": "high",
    "hypotheses": [
        {
            "id": "disk_full",
            "title": "zulu-db is full",
            "subject": {"kind": "StatefulSet", "namespace": FOREIGN, "name": "zulu-db"},
            "score": 1.0,
            "verdict": "accepted",
            "why": "zulu-db is full",
            "evidenceIds": ["ev_2"],
        }
    ],
    "evidence": [evidence("1", "shop", "api"), evidence("2", FOREIGN, "zulu-db-0"), evidence("3", None, "zulu-node", "Node")],
    "changes": [],
    "timeline": [{"at": "2026-01-01T00:00:00Z", "text": "zulu-db filled up", "evidenceId": "ev_2"}],
    "affected": [{"kind": "Pod", "namespace": FOREIGN, "name": "zulu-db-0"}],
    "recommendedActions": [
        {
            "title": "Restart zulu-db",
            "why": "zulu-db is full",
            "risk": "low",
            "runbook": "restart-workload",
            "parameters": {"kind": "StatefulSet", "namespace": FOREIGN, "name": "zulu-db"},
            "evidenceIds": ["ev_1"],
        }
    ],
    "missingEvidence": ["the log of zulu-db"],
    "warnings": ["zulu"],
    "engine": {"name": "rules", "ruleset": "x"},
}


@dataclass
class World:
    """`own` and `other` are ids by the names of path parameters; `caller` is the member who is bound to `shop`."""

    api: Api
    owner: Browser
    caller: Browser
    person_id: str
    own: dict[str, str]
    other: dict[str, str]


async def side(api: Api, cluster_id: str, namespace: str, name: str) -> dict[str, str]:
    """One of each kind of thing in a namespace."""
    await observe(api, cluster_id, finding(name, namespace=namespace, api=api))
    await objects(api, cluster_id, name, namespace=namespace)
    await objects(api, cluster_id, f"{name}-app", kind="Deployment.apps", namespace=namespace)
    issue = (await api.get(f"/v1/issues?namespace={namespace}")).json()["issues"][0]["id"]

    async def create(path: str, body: dict[str, Any]) -> str:
        answer = await api("POST", path, json=body)
        assert answer.status_code in (200, 201, 202), answer.text
        return str(answer.json()["id"])

    later = (api.clock.now() + timedelta(days=30)).isoformat()
    match = {"clusters": [cluster_id], "namespaces": [namespace], "names": [f"{name}-none"]}
    target = {"kind": "Deployment", "namespace": namespace, "name": f"{name}-app"}
    found = {
        "issue_id": issue,
        "resource_id": (await api.get(f"/v1/resources?namespace={namespace}&kind=Pod&q={name}")).json()["resources"][0]["id"],
        "comment_id": await create(f"/v1/issues/{issue}/comments", {"body": f"about {name}"}),
        "analysis_id": await create(f"/v1/issues/{issue}/analyze", {}),
        "rule_id": await create("/v1/mute-rules", {"match": match, "reason": f"known in {name}", "expiresAt": later}),
        "execution_id": await create("/v1/runbooks/restart-workload/execute", {"clusterId": cluster_id, "parameters": target}),
    }
    answered = sa.update(analyses).where(analyses.c.id == found["analysis_id"]).values(status="ready", result=RESULT)
    await api.store.write(api.owner, lambda tx: tx.execute(answered.where(analyses.c.org_id == api.org)).close())
    return found | {"cluster_id": cluster_id, "alert_id": await alerted(api, cluster_id, name, namespace=namespace)}


@pytest.fixture
async def world(api: Api) -> World:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    await objects(api, shop.cluster_id, "zulu-node", kind="Node", namespace="")
    await objects(api, shop.cluster_id, "zulu-volume", kind="PersistentVolume", namespace="")
    own = await side(api, shop.cluster_id, "shop", "api")
    other = await side(api, shop.cluster_id, FOREIGN, "zulu-db")
    await observe(api, shop.cluster_id, finding("cart", api=api))  # a symptom of the issue in the other namespace
    symptom = sa.update(issues).where(issues.c.org_id == api.org, issues.c.owner_name == "cart").values(parent_issue_id=other["issue_id"])
    await api.store.write(api.owner, lambda tx: tx.execute(symptom).close())
    owner, caller = await signed_in(api), await member(api, Role.OPERATOR, "bound@example.org")
    person_id = (await caller.get("/v1/me")).json()["member"]["id"]
    await bind(owner, person_id, role="admin", clusters=["prod"], namespaces=["shop"], password=PASSWORD)
    return World(api, owner, caller, person_id, own, other)


async def bind(owner: Browser, person_id: str, **binding: Any) -> dict[str, Any]:
    made = await owner("POST", f"/v1/members/{person_id}/bindings", json=binding)
    assert made.status_code == 201, made.text
    shown: dict[str, Any] = made.json()
    return shown


def path_of(template: str, known: dict[str, str]) -> str:
    return re.sub(
        r"\{([^}]+)\}",
        lambda found: {"detector_type": "OOMKilled", "runbook_id": "restart-workload"}.get(found[1]) or known[found[1]],
        template,
    )


def leaks(answer: httpx2.Response, world: World) -> list[str]:
    ids_elsewhere = [one for name, one in world.other.items() if name != "cluster_id"]
    return [one for one in (FOREIGN, *ids_elsewhere) if one in answer.text]


def readable() -> list[str]:
    """Paths of what the member may read, without those that do not end or ask an agent."""
    skipped = ("/v1/openapi", "/api/events", "/v1/events/stream", "/v1/resources/{resource_id}/logs", "/v1/logs", "/v1/resources/compare")
    return [
        row.path for row in TABLE if row.method == "GET" and row.in_namespace in ("within", "named") and not row.path.startswith(skipped)
    ]


def queries(path: str) -> list[str]:
    """Every order of a list, every filter that names something elsewhere, and a search for it."""
    found = [""]
    for one in DOCUMENT["paths"][path]["get"].get("parameters", []):
        if one["in"] != "query":
            continue
        schema = one["schema"].get("items", one["schema"])
        values = schema.get("enum", []) if one["name"] == "sort" else {"namespace": [FOREIGN], "q": [FOREIGN, "a"]}.get(one["name"], [])
        found += [f"?{one['name']}={value}" for value in values]
    return found


async def test_no_answer_shows_anything_of_other_namespaces(world: World) -> None:
    for path in readable():
        plain = path_of(path, world.own)
        asked = (
            [f"{plain}?q={FOREIGN}", f"{plain}?q=node", f"{plain}?q={world.other['issue_id']}"]
            if path == "/v1/search"
            else [plain + one for one in queries(path)]
        )
        for one in asked:
            answer = await world.caller.get(one)
            assert answer.status_code in (200, 409, 503), (one, answer.text)
            is_repeated = f"q={FOREIGN}" in one and ("/facets" in one or path == "/v1/digest")  # the query that was sent
            shown = (
                re.sub(rf"{FOREIGN}(?=[\"&])|(?<=Digest of 7 days until \d{{4}}-\d\d-\d\d: ){FOREIGN}", "", answer.text)
                if is_repeated
                else answer.text
            )
            assert not [found for found in leaks(answer, world) if found in shown], (one, answer.text)


async def test_a_foreign_id_looks_like_none(world: World) -> None:
    asked = 0
    for row in TABLE:
        names = re.findall(r"\{([^}]+)\}", row.path)
        if row.in_namespace != "within" or not set(names) & (set(world.other) - {"cluster_id"}) or not set(names) <= set(world.other):
            continue
        asked += 1
        absent = {name: ids.new(value.partition("_")[0]) for name, value in world.other.items()}
        more: dict[str, Any] = {} if row.method in ("GET", "DELETE") else {"json": bodies(row.path)}
        answers = [await world.caller(row.method, path_of(row.path, known), **more) for known in (world.other, absent)]
        known, unknown = [re.sub(r"(iss|res|cmt|ana|mut|exe|alt)_\w+|req_\w+", "ID", one.text) for one in answers]
        assert (answers[0].status_code, known) == (answers[1].status_code, unknown), (row, answers[0].text)
        assert answers[0].status_code in (404, 422), (row, answers[0].text)
    assert asked >= 30
    assert (await world.api.get(f"/v1/issues/{world.other['issue_id']}")).json()["status"] == "open"


def bodies(path: str) -> dict[str, Any]:
    return {
        "/v1/issues/{issue_id}": {"status": "acknowledged"},
        "/v1/analyses/{analysis_id}/feedback": {"helpful": True},
        "/v1/mute-rules/{rule_id}": {"reason": "known"},
    }.get(path, {"body": "hello"} if "comments" in path else {})


async def test_no_object_is_compared_with_a_foreign_one(world: World) -> None:
    own, other, absent = world.own["resource_id"], world.other["resource_id"], ids.new("res")
    for left, right in ((own, other), (other, own)):
        answer = await world.caller.get(f"/v1/resources/compare?left={left}&right={right}")
        unknown = await world.caller.get(f"/v1/resources/compare?left={left}&right={right}".replace(other, absent))
        assert (answer.status_code, answer.json()["code"]) == (unknown.status_code, unknown.json()["code"]) == (404, "resource_not_found")


async def test_a_tag_of_a_foreign_version_says_nothing(world: World) -> None:
    headers = {"If-None-Match": "*", "Sec-Fetch-Site": "same-origin"}
    for path in (f"/v1/issues/{world.other['issue_id']}", f"/v1/executions/{world.other['execution_id']}"):
        assert (await world.caller.get(path, headers=headers)).status_code == 404, path


async def test_counts_are_those_of_the_namespace(world: World) -> None:
    """`shop` has two roots of its own for this member: `api`, and `cart`, whose root is elsewhere."""
    listed = (await world.caller.get("/v1/issues")).json()
    assert ([one["owner"]["name"] for one in listed["issues"]], listed["total"]) == (["cart", "api"], 2)
    assert all("parentIssueId" not in one for one in listed["issues"])
    overview = (await world.caller.get("/v1/overview")).json()
    assert overview["issues"]["open"]["total"] == 2
    assert overview["executions"]["newest"] and all(one["target"]["namespace"] == "shop" for one in overview["executions"]["newest"])
    assert "nodes" not in overview["clusters"][0] and "pods" not in overview["clusters"][0]
    facets = (await world.caller.get("/v1/issues/facets")).json()
    assert facets["namespace"] == [{"value": "shop", "count": 2}]
    kinds = (await world.caller.get("/v1/resources/counts")).json()["counts"]
    assert {one["namespace"] for one in kinds} == {"shop"}
    assert (await world.caller.get("/v1/executions")).json()["total"] == 1
    assert (await world.api.get("/v1/issues")).json()["total"] == 2  # `api` and `zulu-db`, whose symptom `cart` is


async def test_a_cursor_of_another_caller_shows_nothing_more(world: World) -> None:
    cursor = (await world.owner.get("/v1/issues?pageSize=1&parent=any")).json()["nextCursor"]
    answer = await world.caller.get(f"/v1/issues?pageSize=50&parent=any&cursor={cursor}")
    assert not leaks(answer, world), answer.text


async def test_an_explanation_says_that_something_is_hidden_and_not_what(world: World) -> None:
    """The cause is in another namespace; the rest of it concerns the member's own pod."""
    shown = (await world.caller.get(f"/v1/issues/{world.own['issue_id']}")).json()["analysis"]
    assert shown["summary"] == "The cause is outside of the namespaces that your access includes."
    assert ([one["id"] for one in shown["evidence"]], shown["hidden"]) == (["ev_1"], 2)
    assert "rootCause" not in shown and shown["recommendedActions"] == [] == shown["hypotheses"]
    whole = (await world.api.get(f"/v1/issues/{world.own['issue_id']}")).json()["analysis"]
    assert whole["rootCause"]["subject"]["name"] == "zulu-db" and "hidden" not in whole


async def test_a_cause_elsewhere_is_named_by_no_other_answer(world: World) -> None:
    """Neither where a runbook is suggested, nor by what a trigger would match, nor in events."""
    caused = sa.update(analyses).where(analyses.c.org_id == world.api.org).values(cause_id="disk_full")
    await world.api.store.write(world.api.owner, lambda tx: tx.execute(caused).close())
    suggestions = "/v1/runbooks/restart-workload/suggestions"
    shown = (await world.caller.get(suggestions)).json()
    assert "disk_full" not in json.dumps(shown["issues"])
    assert [one for one in shown["issues"] if one["by"] == "analysis"] == []
    assert "disk_full" in json.dumps((await world.api.get(suggestions)).json()["issues"])
    match = {"json": {"match": {"causes": ["disk_full"]}}}
    assert (await world.caller("POST", "/v1/triggers/preview", **match)).json()["matching"] == 0
    ready = {
        "id": world.own["analysis_id"],
        "issueId": world.own["issue_id"],
        "clusterId": world.own["cluster_id"],
        "status": "ready",
        "trigger": "auto",
        "rootCause": "disk_full",
        "confidence": 0.9,
        "summary": "zulu-db is full",
    }
    made = NewEvent("analysis.ready", world.own["cluster_id"], world.own["issue_id"], ready, "shop")
    await world.api.store.write(world.api.owner, lambda tx: events.append(tx, [made]))
    (event, *_) = (await world.caller.get("/v1/events?types=analysis.ready")).json()["events"]
    assert event["data"] == ready | {"rootCause": None, "summary": None}
    found = [one for one in await streamed(world, world.caller) if one.get("issueId") == world.own["issue_id"]]
    assert found and "disk_full" not in json.dumps(found)


async def streamed(world: World, person: Browser) -> list[dict[str, Any]]:
    """Everything that the stream replays to this person, up to the newest event of the list."""
    newest = str((await person.get("/v1/events?pageSize=1&sort=-id")).json()["events"][0]["id"])
    found: list[dict[str, Any]] = []
    async with opened(world, person, "?lastEventId=0") as lines, asyncio.timeout(20):
        at = ""
        async for line in lines:
            at = line.removeprefix("id: ") if line.startswith("id: ") else at
            found += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
            if line.startswith("data: ") and at == newest:
                break
    return found


@asynccontextmanager
async def opened(world: World, person: Browser, query: str = "") -> AsyncIterator[AsyncIterator[str]]:
    headers = {"Cookie": f"{PLAIN}={person.cookie}", "Sec-Fetch-Site": "same-origin"}
    async with world.api.client.stream("GET", f"/v1/events/stream{query}", headers=headers) as answer:
        yield answer.aiter_lines()


async def test_the_stream_replays_what_is_in_the_namespace_and_the_state_of_the_cluster(world: World) -> None:
    mine, whole = await streamed(world, world.caller), await streamed(world, world.owner)
    text = json.dumps(mine)
    assert FOREIGN not in text and not [one for name, one in world.other.items() if name != "cluster_id" and one in text]
    assert {one["namespace"] for one in mine if "detectedAt" in one} == {"shop"}
    assert len(mine) < len(whole) and FOREIGN in json.dumps(whole)


async def test_a_runbook_finds_no_object_of_another_namespace(world: World) -> None:
    async def start(namespace: str, name: str) -> httpx2.Response:
        body = {"clusterId": "prod", "parameters": {"kind": "Deployment", "namespace": namespace, "name": name}}
        return await world.caller("POST", "/v1/runbooks/restart-workload/execute", json=body)

    known, unknown = await start(FOREIGN, "zulu-db-app"), await start(FOREIGN, "zulu-nothing")
    assert (known.status_code, known.json()["code"]) == (409, "target_not_found")
    assert known.json()["detail"].replace("zulu-db-app", "X") == unknown.json()["detail"].replace("zulu-nothing", "X")
    cordon = {"clusterId": "prod", "parameters": {"node": "zulu-node"}}
    refused = await world.caller("POST", "/v1/runbooks/cordon-node/execute", json=cordon)
    assert refused.json()["code"] == "target_not_found", refused.text
    assert (await start("shop", "api-app")).status_code == 202  # the one that runs


async def test_a_mute_rule_covers_only_the_own_namespace(world: World) -> None:
    async def create(**match: Any) -> httpx2.Response:
        body = {"match": match, "reason": "known", "expiresAt": (world.api.clock.now() + timedelta(days=2)).isoformat()}
        return await world.caller("POST", "/v1/mute-rules", json=body)

    cluster = world.own["cluster_id"]
    for match in ({"namespaces": ["shop"]}, {"clusters": [cluster]}, {"clusters": [cluster], "namespaces": ["shop", "z*"]}):
        assert (await create(**match)).json()["code"] == "beyond_own_namespaces", match
    assert (await create(clusters=[cluster], namespaces=["shop"])).status_code == 201


async def test_a_bulk_change_by_query_reaches_only_the_own_namespace(world: World) -> None:
    change = {"query": "status:open", "expected": 2, "change": {"status": "resolved"}}
    done = (await world.caller("POST", "/v1/issues/bulk", json=change)).json()
    assert (done["matching"], done["changed"], done["refused"]) == (2, 2, 0)
    left = (await world.api.get("/v1/issues?status=open&parent=any")).json()["issues"]
    assert [one["id"] for one in left] == [world.other["issue_id"]]


async def test_roles_differ_by_place(world: World) -> None:
    """An operator in one namespace and a viewer in another changes nothing in the latter."""
    viewer = await member(world.api, Role.OPERATOR, "two@example.org")
    person_id = (await viewer.get("/v1/me")).json()["member"]["id"]
    await bind(world.owner, person_id, role="viewer", clusters=["prod"], namespaces=["shop"])
    await bind(world.owner, person_id, role="operator", namespaces=[FOREIGN])
    assert (await viewer.get("/v1/issues?parent=any")).json()["total"] == 3
    change = {"json": {"status": "acknowledged"}}
    assert (await viewer("PATCH", f"/v1/issues/{world.own['issue_id']}", **change)).status_code == 404
    assert (await viewer("PATCH", f"/v1/issues/{world.other['issue_id']}", **change)).status_code == 200
    assert "manifest" not in (await viewer.get(f"/v1/resources/{world.own['resource_id']}")).json()
    assert "manifest" in (await viewer.get(f"/v1/resources/{world.other['resource_id']}")).json()


async def test_a_binding_by_labels_follows_the_labels(world: World) -> None:
    person = await member(world.api, Role.VIEWER, "labels@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    await bind(world.owner, person_id, role="viewer", clusterLabels={"env": "prod"})
    assert (await person.get("/v1/clusters")).json()["total"] == 0
    await world.owner("PATCH", f"/v1/clusters/{world.own['cluster_id']}", json={"labels": {"env": "prod"}})
    assert [one["name"] for one in (await person.get("/v1/clusters")).json()["clusters"]] == ["prod"]


async def test_a_binding_ends_at_its_time(world: World) -> None:
    person = await member(world.api, Role.OPERATOR, "guest@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    end = world.api.clock.now() + timedelta(minutes=5)
    await bind(world.owner, person_id, role="viewer", namespaces=["shop"], endsAt=end.isoformat())
    assert (await person.get("/v1/issues")).json()["total"] == 2
    world.api.clock.advance(301)
    refused = await person.get("/v1/issues")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert (await person.get("/v1/me")).json()["actor"]["places"] == []
    found = (await person.get("/v1/search?q=api")).json()
    assert not any(found.values())


async def test_an_open_stream_ends_with_the_binding(world: World) -> None:
    members = (await world.owner.get("/v1/members")).json()["members"]
    binding = next(one for one in members if one["id"] == world.person_id)["bindings"][0]
    async with opened(world, world.caller) as lines, asyncio.timeout(20):
        await anext(lines)
        assert (await world.owner("DELETE", f"/v1/members/{world.person_id}/bindings/{binding['id']}")).status_code == 200
        assert not [line async for line in lines if line.startswith("event:")]
    assert (await world.caller.get("/v1/issues")).json()["code"] == "missing_scope"


async def test_a_key_has_no_more_than_the_member_who_created_it(world: World) -> None:
    person = await member(world.api, Role.ADMIN, "maker@example.org")
    person_id = (await person.get("/v1/me")).json()["member"]["id"]
    key = (await person("POST", "/v1/api-keys", json={"name": "ci"})).json()["key"]
    assert (await world.api.get("/v1/issues?parent=any", key=key)).json()["total"] == 3
    await bind(world.owner, person_id, role="viewer", namespaces=["shop"])
    world.api.clock.advance(1)
    assert (await world.api.get("/v1/issues?parent=any", key=key)).json()["total"] == 2
    assert (await world.api.get("/v1/audit", key=key)).json()["code"] == "beyond_own_namespaces"


async def test_who_may_bind_a_member(world: World) -> None:
    admin = await member(world.api, Role.ADMIN, "admin@example.org")
    owner_id = (await world.owner.get("/v1/me")).json()["member"]["id"]
    admin_id = (await admin.get("/v1/me")).json()["member"]["id"]

    async def code(person: Browser, user_id: str, **binding: Any) -> str:
        answer = await person("POST", f"/v1/members/{user_id}/bindings", json={"role": "viewer", "namespaces": ["shop"]} | binding)
        return str(answer.json().get("code", answer.status_code))

    assert await code(admin, owner_id) == "beyond_own_rights"
    assert await code(world.owner, owner_id) == "owner_not_limited"
    assert await code(world.owner, admin_id, role="admin") == "password_required"
    assert await code(world.owner, admin_id, role="admin", password="wrong " + PASSWORD) == "wrong_password"
    assert await code(world.caller, admin_id) == "beyond_own_namespaces"
    assert await code(world.owner, admin_id, namespaces=["team-*"]) == "invalid_binding"
    assert await code(world.owner, admin_id, clusters=["nowhere"]) == "invalid_binding"
    unlimited = await world.owner("POST", f"/v1/members/{admin_id}/bindings", json={"role": "viewer"})
    assert unlimited.json()["code"] == "invalid_binding"
    assert await code(world.owner, ids.new("usr")) == "not_found"


async def test_a_limit_is_lifted_only_by_hand_and_recorded(world: World) -> None:
    """Whoever loses the last binding sees nothing, and not everything."""
    found = next(one for one in (await world.owner.get("/v1/members")).json()["members"] if one["id"] == world.person_id)
    assert (found["limited"], [one["namespaces"] for one in found["bindings"]]) == (True, [["shop"]])
    await world.owner("DELETE", f"/v1/members/{world.person_id}/bindings/{found['bindings'][0]['id']}")
    assert (await world.caller.get("/v1/issues")).status_code == 403
    lifted = await world.owner("PATCH", f"/v1/members/{world.person_id}", json={"limited": False})
    assert lifted.json()["limited"] is False and lifted.json()["role"] == "operator"
    assert (await world.caller.get("/v1/issues?parent=any")).json()["total"] == 3
    recorded = await world.api.store.read(world.api.owner, lambda tx: [one.action for one in access.records_after(tx, 0)])
    assert [one for one in recorded if one in ("member.bind", "member.unbind", "member.lift")] == [
        "member.bind",
        "member.unbind",
        "member.lift",
    ]
