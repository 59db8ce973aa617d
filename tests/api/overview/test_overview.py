"""The overview and the trends: what a person sees of the whole fleet at once, and what a limited or narrow key sees of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from optral.analysis import service as analyses
from optral.analysis.model import Explanation, Status as AnalysisStatus
from optral.api.overview.overview import health
from optral.clusters.model import ClusterStatus
from optral.flows.analysis import analyze
from optral.issues import tables as issue_tables
from optral.issues.lists import trends
from optral.resources import rollouts_repository
from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe, one_of_each, report
from tests.support.objects import change


async def overview(api: Api, query: str = "", **more: Any) -> dict[str, Any]:
    answer = await api.get(f"/v1/overview{query}", **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def trend(api: Api, query: str = "", **more: Any) -> dict[str, Any]:
    answer = await api.get(f"/v1/issues/trends{query}", **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def online(api: Api, name: str) -> str:
    cluster_id = await api.new_cluster(name)
    await presence(api, cluster_id, "online", last_seen=api.clock.now())
    return cluster_id


async def first_issue(api: Api) -> str:
    return str((await api.get("/v1/issues")).json()["issues"][0]["id"])


async def test_an_empty_organization_has_zeros_and_no_clusters(api: Api) -> None:
    found = await overview(api)
    assert found["issues"]["open"] == {"critical": 0, "high": 0, "medium": 0, "low": 0, "total": 0, "unacknowledged": 0}
    assert found["fleet"] == {"total": 0, "critical": 0, "warning": 0, "unreachable": 0, "incomplete": 0, "pending": 0, "healthy": 0}
    assert (found["clusters"], found["issues"]["urgent"], found["executions"]["newest"], found["changes"]["newest"]) == ([], [], [], [])
    assert (await trend(api))["timeToResolve"] == {"issues": 0}


@pytest.mark.parametrize(
    ("status", "worst", "word"),
    [
        (ClusterStatus.ONLINE, None, "healthy"),
        (ClusterStatus.ONLINE, Severity.LOW, "healthy"),
        (ClusterStatus.ONLINE, Severity.MEDIUM, "warning"),
        (ClusterStatus.ONLINE, Severity.HIGH, "warning"),
        (ClusterStatus.ONLINE, Severity.CRITICAL, "critical"),
        (ClusterStatus.DEGRADED, None, "warning"),
        (ClusterStatus.DEGRADED, Severity.CRITICAL, "critical"),
        (ClusterStatus.OFFLINE, None, "unreachable"),
        (ClusterStatus.OFFLINE, Severity.CRITICAL, "unreachable"),
        (ClusterStatus.PENDING, None, "pending"),
    ],
)
def test_a_cluster_is_healthy_only_while_its_agent_reports(status: ClusterStatus, worst: Severity | None, word: str) -> None:
    assert health(status, worst) == word
    assert health(status, worst, unread=["Node cannot be read"]) == ("incomplete" if word == "healthy" else word)


async def test_clusters_come_worst_first_with_their_counts(api: Api) -> None:
    await online(api, "calm")
    busy, lost = await online(api, "busy"), await online(api, "lost")
    await observe(api, busy, finding("api", api=api), finding("web", severity=Severity.HIGH, api=api))
    await observe(api, lost, finding("db", severity=Severity.MEDIUM, api=api))
    await presence(api, lost, "offline", last_seen=api.clock.now())
    found = await overview(api)
    assert [(one["name"], one["health"], one.get("worstSeverity"), one["stale"]) for one in found["clusters"]] == [
        ("busy", "critical", "critical", False),
        ("lost", "unreachable", "medium", True),
        ("calm", "incomplete", None, False),  # its first inventory is not there yet
    ]
    assert found["clusters"][0]["openIssues"] == {"critical": 1, "high": 1, "medium": 0, "low": 0, "total": 2, "unacknowledged": 2}
    assert found["fleet"] == {"total": 3, "critical": 1, "warning": 0, "unreachable": 1, "incomplete": 1, "pending": 0, "healthy": 0}
    assert found["issues"]["open"]["total"] == 3
    assert found["issues"]["lastHour"] == {"opened": 3, "resolved": 0}
    assert [one["cluster"] for one in found["issues"]["urgent"]] == ["busy", "busy", "lost"]


async def test_the_counts_are_those_of_the_issue_list(api: Api) -> None:
    """Snoozed, muted and resolved issues do not count; acknowledged ones do; issues of low severity are not listed as urgent."""
    cluster_id = await online(api, "production")
    names = ("snoozed", "muted", "resolved", "acknowledged", "open")
    await observe(api, cluster_id, *(finding(name, api=api) for name in names), finding("low", severity=Severity.LOW, api=api))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues?pageSize=50")).json()["issues"]}
    changes: dict[str, dict[str, Any]] = {
        "snoozed": {"snooze": {"until": (api.clock.now() + timedelta(hours=1)).isoformat()}},
        "resolved": {"status": "resolved"},
        "acknowledged": {"status": "acknowledged"},
    }
    for name, body in changes.items():
        assert (await api("PATCH", f"/v1/issues/{ids[name]}", json=body)).status_code == 200
    later = (api.clock.now() + timedelta(days=1)).isoformat()
    rule = {"match": {"names": ["muted"]}, "reason": "known", "expiresAt": later}
    made = await api("POST", "/v1/mute-rules", json=rule)
    assert made.status_code == 201, made.text
    found = await overview(api)
    listed = (await api.get("/v1/issues?status=open,acknowledged&snoozed=false&muted=false")).json()
    assert found["issues"]["open"]["total"] == listed["total"] == 3
    assert found["issues"]["open"]["unacknowledged"] == 2
    assert found["issues"]["unacknowledged"] == {"critical": 1, "high": 0, "medium": 0, "low": 1}
    assert [one["owner"]["name"] for one in found["issues"]["urgent"]] == ["open", "acknowledged"]


async def test_issues_can_be_those_of_a_team(api: Api) -> None:
    cluster_id = await online(api, "production")
    await observe(api, cluster_id, finding("api", api=api), finding("web", api=api))
    table = issue_tables.issues
    owned = sa.update(table).where(table.c.org_id == api.org, table.c.owner_name == "api").values(team="data team")
    await api.store.write(system(api.org), lambda tx: tx.execute(owned))
    for team, names in (("data team", ["api"]), ("none", ["web"]), ("other", [])):
        found = await overview(api, params={"team": team})
        assert [one["owner"]["name"] for one in found["issues"]["urgent"]] == names, team
        assert found["issues"]["lastHour"]["opened"] == found["issues"]["open"]["total"] == len(names)
        assert found["clusters"][0]["openIssues"]["total"] == 2, "the health of a cluster is not that of a team"


async def test_what_is_unchanged_for_a_day_comes_after_what_is_new(api: Api) -> None:
    """It counts as one severity less, and begins when it was first seen, not when the cluster was connected."""
    cluster_id = await online(api, "production")
    weeks = replace(finding("weeks", api=api), since=api.clock.now() - timedelta(days=20))
    new = [finding(name, severity=severity, api=api) for name, severity in (("high", Severity.HIGH), ("medium", Severity.MEDIUM))]
    await observe(api, cluster_id, weeks, *new)
    urgent = (await overview(api))["issues"]["urgent"]
    assert [one["owner"]["name"] for one in urgent] == ["high", "weeks", "medium"]
    assert urgent[1]["unchangedSince"] == urgent[1]["firstSeenAt"]
    api.clock.advance(60)
    await observe(api, cluster_id, gone=("weeks",))
    await observe(api, cluster_id, finding("weeks", api=api))
    [again, *_] = (await overview(api))["issues"]["urgent"]
    assert (again["owner"]["name"], again["unchangedSince"] > again["firstSeenAt"]) == ("weeks", True)


async def test_an_urgent_issue_names_its_cause(api: Api) -> None:
    cluster_id = await online(api, "production")
    await observe(api, cluster_id, finding("api", api=api))
    assert "cause" not in (await overview(api))["issues"]["urgent"][0]
    await explained(api, await first_issue(api))
    cause = (await overview(api))["issues"]["urgent"][0]["cause"]
    assert (cause["id"], cause["confidenceLabel"]) == ("memory_limit_too_low", "high")
    assert cause["title"] and cause["explanation"]


async def explained(api: Api, issue_id: str, *, is_published: bool = False) -> None:
    """An analysis of the issue that names a cause, as the engine would save it; `is_published`: with its event."""
    cause = {
        "id": "memory_limit_too_low",
        "title": "The memory limit is too low",
        "category": "resources",
        "subject": {"kind": "Deployment", "namespace": "shop", "name": "api"},
        "explanation": "The container needs more than its limit.",
        "claims": [],
    }
    body = {"rootCause": cause, "confidenceLabel": "high", "confidence": 0.9, "summary": cause["title"]}
    answer = Explanation(
        status=AnalysisStatus.READY, summary=str(cause["title"]), root_cause=cause, confidence=0.9, body=body, evidence_hash="e" * 8
    )
    asked = await api.store.write(api.owner, lambda tx: analyze.ask(tx, issue_id))

    def job(tx: Transaction) -> None:
        held = replace(analyses.get(tx, asked.id), waits_for=())
        done = analyses.finish(tx, held, answer)
        if is_published and done is not None:
            analyze._publish(tx, done)

    await api.store.write(api.owner, job)


async def test_nodes_and_pods_that_do_not_work_are_counted(api: Api) -> None:
    cluster_id = await online(api, "production")
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    waiting = {"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
    await objects(api, cluster_id, "node-1", "node-2", kind="Node", status=ready)
    await objects(api, cluster_id, "node-3", kind="Node", status={})
    await objects(api, cluster_id, "runs", "runs-too", kind="Pod", status={"phase": "Running", **ready})
    await objects(api, cluster_id, "runs-without-being-ready", kind="Pod", status={"phase": "Running"})
    await objects(api, cluster_id, "ended", kind="Pod", status={"phase": "Succeeded"})
    await objects(api, cluster_id, "crashes", kind="Pod", status=waiting)
    await objects(api, cluster_id, "pending", kind="Pod", status={"phase": "Pending"})
    [one] = (await overview(api))["clusters"]
    assert (one["nodes"], one["pods"]) == ({"ready": 2, "total": 3}, {"notReady": 3, "total": 6})


async def test_a_change_of_the_last_hour_is_shown_and_an_older_one_is_not(api: Api) -> None:
    cluster_id = await online(api, "production")
    await changed(api, cluster_id, "1", replicas=1)

    await changed(api, cluster_id, "2", replicas=3)
    [one] = (await overview(api))["changes"]["newest"]
    assert (one["kind"], one["name"], one["cluster"], one["action"]) == ("Deployment", "web", "production", "changed")
    assert one["fields"] == [{"path": "/spec/replicas", "from": 1, "to": 3}]
    api.clock.advance(3601)
    assert (await overview(api))["changes"] | {"since": ""} == {"since": "", "total": 0, "newest": []}


async def changed(api: Api, cluster_id: str, version: str, **spec: Any) -> None:
    body = {"metadata": {"generation": int(version)}, "spec": spec}
    await report(api, cluster_id, change("Deployment.apps", "web", uid="uid-web", rv=version, **body))


async def test_executions_that_run_or_wait_are_shown(api: Api) -> None:
    await one_of_each(api, "production")
    found = (await overview(api))["executions"]
    assert found["running"] + found["waiting"] == 1
    [one] = found["newest"]
    assert (one["cluster"], one["target"]) == ("production", {"kind": "Deployment", "namespace": "shop", "name": "web"})


async def test_a_key_sees_only_the_parts_that_its_scopes_allow(api: Api) -> None:
    await online(api, "production")
    narrow = await api.new_key(scopes={"issues:read"})
    assert (await overview(api, key=narrow)).keys() == {"at", "coverage", "issues"}
    with_clusters = await overview(api, key=await api.new_key(scopes={"issues:read", "clusters:read"}))
    assert "changes" not in with_clusters
    assert "pods" not in with_clusters["clusters"][0]


async def test_a_limited_key_sees_nothing_of_other_clusters(api: Api) -> None:
    own, other = await online(api, "own"), await online(api, "other")
    for cluster_id in (own, other):
        await observe(api, cluster_id, finding("api", api=api), finding("web", api=api))
        await changed(api, cluster_id, "1", replicas=1)
        await changed(api, cluster_id, "2", replicas=2)
    for one in (await api.get("/v1/issues?pageSize=50")).json()["issues"]:
        await api("PATCH", f"/v1/issues/{one['id']}", json={"status": "acknowledged"})
        await explained(api, one["id"])
    key = await api.new_key(clusters={own})
    found, past = await overview(api, key=key), await trend(api, key=key)
    assert [one["name"] for one in found["clusters"]] == ["own"]
    assert (found["issues"]["open"]["total"], found["issues"]["lastHour"]["opened"], found["changes"]["total"]) == (2, 2, 1)
    assert (past["opened"], past["timeToAcknowledge"]["issues"], past["timeToExplain"]["issues"]) == (2, 2, 2)
    assert "other" not in str(found) + str(past)
    everything = await trend(api)
    assert (everything["opened"], everything["timeToAcknowledge"]["issues"], everything["timeToExplain"]["issues"]) == (4, 4, 4)
    for beyond in ("other", "unknown"):
        answer = await overview(api, f"?cluster={beyond}", key=key)
        assert (answer["clusters"], answer["issues"]["open"]["total"], answer["changes"]["total"]) == ([], 0, 0)
    assert (await overview(api, "?cluster=other"))["issues"]["open"]["total"] == 2


@pytest.mark.parametrize(("range_", "buckets", "seconds"), [("24h", 24, 3600), ("7d", 28, 21600), ("30d", 30, 86400)])
async def test_trends_count_per_bucket_and_time_what_people_did(api: Api, range_: str, buckets: int, seconds: int) -> None:
    cluster_id = await online(api, "production")
    await observe(api, cluster_id, finding("api", api=api))
    issue = await first_issue(api)
    api.clock.advance(60)
    await explained(api, issue)
    api.clock.advance(120)
    await api("PATCH", f"/v1/issues/{issue}", json={"status": "acknowledged"})
    api.clock.advance(420)
    await api("PATCH", f"/v1/issues/{issue}", json={"status": "resolved"})
    await observe(api, cluster_id, finding("web", api=api), finding("db", api=api))
    found = await trend(api, f"?range={range_}")
    assert (found["range"], len(found["buckets"]), found["bucketSeconds"]) == (range_, buckets, seconds)
    assert (found["opened"], found["resolved"]) == (3, 1)
    assert sum(one["opened"] for one in found["buckets"][-2:]) == 3  # the clock may have passed the edge of a bucket
    assert found["timeToExplain"] == {"medianSeconds": 60.0, "issues": 1}
    assert found["timeToAcknowledge"] == {"medianSeconds": 180.0, "issues": 1}
    assert found["timeToResolve"] == {"medianSeconds": 600.0, "issues": 1}
    assert found["types"] == [{"type": "OOMKilled", "opened": 3, "unresolved": 2, "severity": "critical"}]
    assert {(one["kind"], one["namespace"], one["name"], one["unresolved"]) for one in found["owners"]} == {
        ("Deployment", "shop", "api", 0),
        ("Deployment", "shop", "web", 1),
        ("Deployment", "shop", "db", 1),
    }


async def test_what_happened_before_the_range_does_not_count(api: Api) -> None:
    cluster_id = await online(api, "production")
    await observe(api, cluster_id, finding("api", api=api))
    api.clock.advance(25 * 3600)
    await api("PATCH", f"/v1/issues/{await first_issue(api)}", json={"status": "acknowledged"})
    day, week = await trend(api), await trend(api, "?range=7d")
    assert (day["opened"], day["timeToAcknowledge"]) == (0, {"issues": 0})
    assert (week["opened"], week["timeToAcknowledge"]) == (1, {"medianSeconds": 90000.0, "issues": 1})


def template(image: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "app", "image": image}]}}


async def rolled_out(api: Api, cluster_id: str, *images: str) -> None:
    """A Deployment whose image was each of these, one after the other."""
    for version, image in enumerate(images, 1):
        await changed(api, cluster_id, str(version), replicas=1, template=template(image))


async def test_rollouts_are_counted_in_the_bucket_of_their_change(api: Api) -> None:
    cluster_id = await online(api, "production")
    await rolled_out(api, cluster_id, "web:1", "web:2", "web:3")
    api.clock.advance(3600)
    await changed(api, cluster_id, "4", replicas=1, template=template("web:4"))
    found = (await trend(api))["buckets"]
    assert [one["rollouts"] for one in found] == [*[0] * 22, 2, 1]
    [newest] = found[-1]["newestRollouts"]
    assert newest | {"resourceId": "", "at": ""} == {
        "resourceId": "",
        "cluster": "production",
        "clusterId": cluster_id,
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "at": "",
    }
    assert (await api.get(f"/v1/resources/{newest['resourceId']}/history")).json()["history"][0]["at"] == newest["at"]


@pytest.mark.parametrize("second", [{"replicas": 3}, {"replicas": 1, "paused": True}], ids=["scaled", "paused"])
async def test_a_change_that_replaces_no_pods_is_no_rollout(api: Api, second: dict[str, Any]) -> None:
    cluster_id = await online(api, "production")
    await changed(api, cluster_id, "1", replicas=1, template=template("web:1"))
    await changed(api, cluster_id, "2", template=template("web:1"), **second)
    assert sum(one["rollouts"] for one in (await trend(api))["buckets"]) == 0


async def test_rollouts_are_shown_to_those_who_see_the_workloads(api: Api) -> None:
    own, other = await online(api, "own"), await online(api, "other")
    for cluster_id in (own, other):
        await rolled_out(api, cluster_id, "web:1", "web:2")
    limited = await trend(api, key=await api.new_key(clusters={own}))
    assert (sum(one["rollouts"] for one in limited["buckets"]), "other" in str(limited)) == (1, False)
    assert sum(one["rollouts"] for one in (await trend(api, "?cluster=other"))["buckets"]) == 1
    narrow = await trend(api, key=await api.new_key(scopes={"issues:read"}))
    assert not any("rollouts" in one or "newestRollouts" in one for one in narrow["buckets"])


async def test_buckets_before_the_newest_changes_are_not_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollouts_repository, "MOST_COUNTED", 1)
    cluster_id = await online(api, "production")
    await rolled_out(api, cluster_id, "web:1", "web:2")
    for version in ("3", "4"):
        api.clock.advance(3600)
        await changed(api, cluster_id, version, replicas=1, template=template(f"web:{version}"))
    counted = [one.get("rollouts") for one in (await trend(api))["buckets"]]
    assert counted == [*[None] * 22, 1, 1]


async def test_an_unknown_range_is_refused(api: Api) -> None:
    answer = await api.get("/v1/issues/trends?range=1y")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "range")


def test_a_span_ends_now_and_starts_at_the_edge_of_a_bucket() -> None:
    now = datetime(2026, 1, 15, 12, 20, tzinfo=UTC)
    of = trends.span(now, width=timedelta(hours=1), buckets=24)
    assert (of.start, of.buckets[-1], len(of.buckets)) == (
        now.replace(minute=20) - timedelta(hours=23, minutes=20),
        now.replace(minute=0),
        24,
    )
    edge = trends.span(now.replace(minute=0), width=timedelta(hours=1), buckets=24)
    assert edge.buckets[-1] == now.replace(minute=0)
