"""Clusters over HTTP, the keys that see some of them, and what repeats and races do."""

import asyncio
import re
from datetime import timedelta

import pytest
import yaml

from optral.agent.connection.bootstrap import introduction
from optral.clusters.connection import Contact
from optral.terms import ids
from optral.terms.severity import Severity
from tests.api.conftest import Api, running
from tests.api.seeds import finding, objects, observe


async def test_connect_look_rename_and_delete(api: Api) -> None:
    made = await api("POST", "/v1/clusters", json={"name": "production", "labels": {"env": "prod"}})
    assert made.status_code == 201
    cluster = made.json()
    assert made.headers["location"] == f"/v1/clusters/{cluster['id']}"
    assert cluster["enrollment"]["token"].startswith("mhe_")
    seen = await api.get(made.headers["location"])
    assert "enrollment" not in seen.json()
    assert (seen.json()["status"], seen.json()["inventory"]) == ("pending", {"stale": True})
    renamed = await api("PATCH", f"/v1/clusters/{cluster['id']}", json={"name": "prod"}, headers={"If-Match": seen.headers["etag"]})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "prod")
    gone = await api("DELETE", f"/v1/clusters/{cluster['id']}")
    assert gone.json()["uninstall"]
    assert (await api.get(f"/v1/clusters/{cluster['id']}")).status_code == 404
    assert (await api("POST", "/v1/clusters", json={"name": "prod"})).status_code == 201


async def test_a_taken_name_is_a_conflict(api: Api) -> None:
    await api.new_cluster("a")
    answer = await api("POST", "/v1/clusters", json={"name": "a"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


async def test_merge_patch_is_taken_too(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    headers = {"Content-Type": "application/merge-patch+json"}
    assert (await api("PATCH", f"/v1/clusters/{cluster_id}", content=b'{"name":"b"}', headers=headers)).json()["name"] == "b"


@pytest.mark.parametrize("tag", ['"v9"', "nonsense", 'W/"v1"', '"v99999999999999999999"'])
async def test_a_stale_or_foreign_etag_is_412(api: Api, tag: str) -> None:
    cluster_id = await api.new_cluster("a")
    for method, more in (("PATCH", {"json": {"name": "b"}}), ("DELETE", {})):
        answer = await api(method, f"/v1/clusters/{cluster_id}", headers={"If-Match": tag}, **more)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


async def test_of_two_changes_on_one_version_one_wins(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    tag = (await api.get(f"/v1/clusters/{cluster_id}")).headers["etag"]
    answers = await asyncio.gather(
        *(api("PATCH", f"/v1/clusters/{cluster_id}", json={"name": name}, headers={"If-Match": tag}) for name in ("b", "c"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_an_unchanged_object_is_304(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    first = await api.get(f"/v1/clusters/{cluster_id}")
    again = await api.get(f"/v1/clusters/{cluster_id}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_repeated_post_gets_the_first_answer(api: Api) -> None:
    headers = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(api("POST", "/v1/clusters", json={"name": "a"}, headers=headers) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", "true", "true", "true", "true"]
    assert (await api.get("/v1/clusters")).json()["total"] == 1
    other = await api("POST", "/v1/clusters", json={"name": "b"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_key_for_some_clusters_sees_those_alone(api: Api) -> None:
    mine, other = await api.new_cluster("mine"), await api.new_cluster("other")
    key = await api.new_key(clusters={mine})
    assert [one["name"] for one in (await api.get("/v1/clusters", key=key)).json()["clusters"]] == ["mine"]
    assert (await api.get(f"/v1/clusters/{other}", key=key)).status_code == 404
    assert (await api.get("/v1/issues?cluster=other", key=key)).json()["total"] == 0
    assert (await api.get("/v1/me", key=key)).json()["actor"]["clusters"] == [mine]


async def test_pages_by_number_and_by_cursor_meet(api: Api) -> None:
    for number in range(5):
        await api.new_cluster(f"c{number}")
    numbered = [one["name"] for page in (1, 2, 3) for one in (await api.get(f"/v1/clusters?pageSize=2&page={page}")).json()["clusters"]]
    walked, cursor = [], ""
    while True:
        page = (await api.get(f"/v1/clusters?pageSize=2{cursor}")).json()
        walked += [one["name"] for one in page["clusters"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert numbered == walked == [f"c{number}" for number in range(5)]
    assert (await api.get("/v1/clusters?page=9")).json() == {"clusters": [], "total": 5, "page": 9, "pageSize": 20}


@pytest.mark.parametrize("changed", ["&sort=-name", "&q=c", "&status=online"])
async def test_a_cursor_fits_its_own_list_alone(api: Api, changed: str) -> None:
    for number in range(3):
        await api.new_cluster(f"c{number}")
    cursor = (await api.get("/v1/clusters?pageSize=1")).json()["nextCursor"]
    assert (await api.get(f"/v1/clusters?pageSize=1&cursor={cursor}")).status_code == 200
    assert (await api.get(f"/v1/clusters?pageSize=1&cursor={cursor}{changed}")).json()["code"] == "bad_cursor"


@pytest.mark.parametrize("sort", ["name", "-name", "createdAt", "-createdAt"])
async def test_each_sort_walks_through_everything_once(api: Api, sort: str) -> None:
    for number in range(4):
        await api.new_cluster(f"c{number}")
        api.clock.advance(1)
    walked, cursor = [], ""
    for _ in range(4):
        page = (await api.get(f"/v1/clusters?pageSize=1&sort={sort}{cursor}")).json()
        walked += [one["name"] for one in page["clusters"]]
        cursor = f"&cursor={page.get('nextCursor', '')}"
    expected = [f"c{number}" for number in range(4)]
    assert walked == (expected[::-1] if sort.startswith("-") else expected)


@pytest.mark.parametrize("method", ["helm", "kubectl", "argocd", "flux", "local"])
async def test_the_install_command_is_complete(api: Api, method: str) -> None:
    cluster_id = await api.new_cluster("a")
    made = (await api.get(f"/v1/clusters/{cluster_id}/install?method={method}")).json()
    for part in ("http://optral.example.org", "sha256:", "mhe_"):
        assert part in made["command"]
    assert ("manifest" in made) == (method in ("kubectl", "argocd", "flux"))
    if method in ("argocd", "flux"):
        assert "mhe_" not in made["manifest"], "what goes to Git holds no token"
    assert made["warnings"] == []


async def test_the_helm_command_installs_the_chart_that_this_server_serves(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    command = (await api.get(f"/v1/clusters/{cluster_id}/install?method=helm")).json()["command"]
    (url,) = re.findall(r"http://optral\.example\.org(/charts/\S+\.tgz)", command)
    assert (await api.get(url)).headers["content-type"] == "application/gzip"
    first, _, values = command.partition("<<'OPTRAL'\n")
    assert "mhe_" not in first, "no token in a process list"
    assert yaml.safe_load(values.removesuffix("OPTRAL"))["image"] == {"registry": "example.org", "repository": "agent", "tag": "1"}


async def test_the_connection_of_a_new_cluster_waits_for_its_agent(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    found = (await api.get(f"/v1/clusters/{cluster_id}/connection")).json()
    assert [step["state"] for step in found["steps"]] == ["current", "waiting", "waiting", "waiting", "waiting"]
    assert (found["ready"], found["warnings"], found["attempts"]) == (False, [], [])
    api.clock.advance(61)
    assert (await api.get(f"/v1/clusters/{cluster_id}/connection")).json()["problem"]["code"] == "no_contact"


async def test_an_agent_that_asks_where_to_enroll_passes_on_what_it_said(store, clock) -> None:  # type: ignore[no-untyped-def]
    calls: list[tuple[str, str | None, Contact]] = []

    async def note(hint: str, pin: str | None, contact: Contact) -> None:
        calls.append((hint, pin, contact))

    async with running(store, clock, first_contact=note) as api:
        told = introduction("mhe_" + "a" * 43, "sha256:1", now=clock.now() - timedelta(seconds=90))
        for headers in ({}, told, {**told, "Optral-Agent-Time": "9" * 400}):
            assert (await api.get("/agent/bootstrap.json", headers=headers)).status_code == 200
    assert [(len(hint), pin) for hint, pin, _ in calls] == [(16, "sha256:1")] * 2
    assert [contact.clock_offset_ms for _, _, contact in calls] == [-90_000, None]
    assert calls[0][2].address == "127.0.0.1"


async def test_nothing_installs_without_a_public_address(store, clock) -> None:  # type: ignore[no-untyped-def]
    from optral.install.addresses import Addresses

    async with running(store, clock, addresses=Addresses(public_url=None, agent_address=None, ca_pin="")) as api:
        answer = await api.get(f"/v1/clusters/{await api.new_cluster('a')}/install")
    assert (answer.status_code, answer.json()["code"]) == (409, "public_address_unset")


async def test_a_fresh_token_can_be_made(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    for body in ({}, {"json": {"replace": True}}):
        made = await api("POST", f"/v1/clusters/{cluster_id}/enrollment-tokens", **body)
        assert made.status_code == 201 and made.json()["token"].startswith("mhe_")


async def test_credentials_are_revoked_and_the_cluster_stays(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    answer = await api("POST", f"/v1/clusters/{cluster_id}/revoke-credentials", json={})
    assert (answer.status_code, answer.json()) == (200, {"id": cluster_id, "name": "a", "revoked": 0})
    assert (await api.get(f"/v1/clusters/{cluster_id}")).status_code == 200
    assert (await api.get(f"/v1/audit?action=agent.revoke&target={cluster_id}")).json()["total"] == 1
    assert (await api("POST", f"/v1/clusters/{ids.new('cls')}/revoke-credentials", json={})).status_code == 404


async def test_what_was_done_is_audited(api: Api) -> None:
    cluster_id = await api.new_cluster("a")
    await api("DELETE", f"/v1/clusters/{cluster_id}")
    records = (await api.get(f"/v1/audit?target={cluster_id}")).json()
    assert [one["action"] for one in records["audit"]] == ["cluster.delete", "cluster.create"]
    assert (await api.get("/v1/audit?action=cluster.create")).json()["total"] == 1


async def test_who_and_what_plan(api: Api) -> None:
    assert (await api.get("/v1/me")).json()["organisation"]["name"] == "Shop"
    assert (await api.get("/v1/plan")).json() == {"plan": "enterprise", "requestsPerMinute": 6000}


async def test_the_list_counts_nodes_pods_and_the_worst_open_issues(api: Api) -> None:
    busy, calm, new = await api.new_cluster("busy"), await api.new_cluster("calm"), await api.new_cluster("new")
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    await objects(api, busy, "node-1", kind="Node", status=ready)
    await objects(api, busy, "node-2", kind="Node", status={})
    await objects(api, busy, "api", kind="Pod", status={"phase": "Pending"})
    await objects(api, calm, "web", kind="Pod", status={"phase": "Running", **ready})
    await observe(
        api, busy, *(finding(name, severity=Severity.HIGH, api=api) for name in ("a", "b")), finding("c", severity=Severity.LOW, api=api)
    )
    listed = {one["id"]: one["counts"] for one in (await api.get("/v1/clusters")).json()["clusters"]}
    assert listed[busy] == {
        "openIssues": 3,
        "worst": {"severity": "high", "count": 2},
        "nodes": {"ready": 1, "total": 2},
        "pods": {"notReady": 1, "total": 1},
    }
    assert listed[calm] == {"openIssues": 0, "nodes": {"ready": 0, "total": 0}, "pods": {"notReady": 0, "total": 1}}
    assert listed[new] == {"openIssues": 0, "nodes": {"ready": 0, "total": 0}, "pods": {"notReady": 0, "total": 0}}
    assert (await api.get(f"/v1/clusters/{busy}")).json()["counts"] == listed[busy]


async def test_open_issues_of_a_cluster_are_those_that_the_issue_list_shows(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, *(finding(name, api=api) for name in ("open", "snoozed")))
    ids_of = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}
    until = (api.clock.now() + timedelta(hours=1)).isoformat()
    assert (await api("PATCH", f"/v1/issues/{ids_of['snoozed']}", json={"snooze": {"until": until}})).status_code == 200
    assert (await api.get(f"/v1/clusters/{cluster_id}")).json()["counts"]["openIssues"] == 1


async def test_a_key_that_may_not_read_resources_sees_no_numbers_of_them(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await objects(api, cluster_id, "api")
    key = await api.new_key(scopes={"clusters:read"})
    [one] = (await api.get("/v1/clusters", key=key)).json()["clusters"]
    assert one["counts"] == {"openIssues": 0}
