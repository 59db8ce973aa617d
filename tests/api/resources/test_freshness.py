"""Nothing of a cluster that is not online looks current: every GET route of the contract and every event type has a decision here.

A route that shows what is in a cluster names the members of its answer that carry `stale` and `staleSince`. The others say why they need
none. A new route or event type without a decision fails.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from optral.api.events.event_shapes import BY_TYPE
from optral.clusters.tables import clusters as clusters_table
from optral.flows.analysis import analyze
from optral.flows.clusters.presence import Presence
from optral.kube.changes import KindCursor, KindMark, Phase
from optral.resources import reports
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from tests.api.conftest import DOCUMENT, Api
from tests.api.issues.test_captured import keep
from tests.api.seeds import finding, objects, observe, report
from tests.support.objects import change

WHOLE = ""  # the answer itself has the two members

SHOWS_A_CLUSTER: dict[str, tuple[str, ...]] = {
    "/v1/analyses/{analysis_id}": (WHOLE,),
    "/v1/clusters": ("clusters[].inventory",),
    "/v1/clusters/{cluster_id}": ("inventory",),
    "/v1/clusters/{cluster_id}/kinds": (WHOLE,),
    "/v1/clusters/{cluster_id}/map": (WHOLE,),
    "/v1/coverage": ("clusters[]",),
    "/v1/issues": ("issues[]",),
    "/v1/issues/facets": (WHOLE,),
    "/v1/issues/groups": (WHOLE,),
    "/v1/issues/{issue_id}": (WHOLE, "analysis"),
    "/v1/issues/{issue_id}/analyses": ("analyses[]",),
    "/v1/issues/{issue_id}/captured": (WHOLE,),
    "/v1/overview": ("clusters[]", "issues.urgent[]"),
    "/v1/issues/{issue_id}/topology": (WHOLE,),
    "/v1/owners": (WHOLE,),
    "/v1/resources": ("resources[]",),
    "/v1/resources/compare": ("left", "right"),
    "/v1/resources/counts": ("counts[]",),
    "/v1/resources/{resource_id}": (WHOLE,),
    "/v1/resources/{resource_id}/events": (WHOLE,),
    "/v1/resources/{resource_id}/history": (WHOLE,),
    "/v1/resources/{resource_id}/rollout": (WHOLE,),
    "/v1/resources/{resource_id}/tree": ("root", "owners[]", "children[]"),
    "/v1/resources/{resource_id}/usage": (WHOLE,),
    "/v1/runbooks/{runbook_id}/suggestions": ("issues[]",),
    "/v1/search": ("issues[]", "resources[]", "clusters[]"),
}
_RECORD = "each row is what happened or was said at the time it names"
_SETTINGS = "what people set up here, not what is in a cluster"
_SELF = "about the caller, the organization or this server"
SHOWS_NONE: dict[str, str] = {
    "/v1/ai": _SETTINGS,
    "/v1/ai/usage": "counts of a month",
    "/v1/analyses/feedback": "counts of what people said in a range of time",
    "/v1/analyses/{analysis_id}/feedback": _RECORD,
    "/v1/api-keys": _SETTINGS,
    "/v1/api-keys/{key_id}": _SETTINGS,
    "/v1/audit": _RECORD,
    "/v1/audit/export": _RECORD,
    "/v1/audit/verify": _RECORD,
    "/v1/automatic-analysis": _SETTINGS,
    "/v1/clusters/{cluster_id}/connection": "how far a connection has come; each step and each attempt names its time",
    "/v1/clusters/{cluster_id}/install": _SETTINGS,
    "/v1/mail": _RECORD,
    "/v1/detectors": "settings; openIssues counts issues that are stored, and an offline cluster keeps its issues",
    "/v1/detectors/{detector_type}": "settings, with the same count",
    "/v1/events": _RECORD,
    "/v1/events/stream": _RECORD,
    "/v1/executions": _RECORD,
    "/v1/executions/pause": _SETTINGS,
    "/v1/executions/{execution_id}": _RECORD,
    "/v1/executions/{execution_id}/change-record": _RECORD,
    "/v1/executions/{execution_id}/logs": _RECORD,
    "/v1/fleet-tokens": _SETTINGS,
    "/v1/fleet-tokens/waiting": _RECORD,
    "/v1/fleet-tokens/{token_id}": _SETTINGS,
    "/v1/forges": _SETTINGS,
    "/v1/forges/{forge_id}": _SETTINGS,
    "/v1/identity-providers": _SETTINGS,
    "/v1/identity-providers/{provider_id}": _SETTINGS,
    "/v1/identity-providers/{provider_id}/scim": _SETTINGS,
    "/v1/invites": _SETTINGS,
    "/v1/issues/{issue_id}/activity": _RECORD,
    "/v1/issues/{issue_id}/comments": _RECORD,
    "/v1/digest": "what happened in past days; the handover says which clusters are not current",
    "/v1/handover": "the section on coverage names each cluster that is not current, and when it was last seen",
    "/v1/issues/{issue_id}/post-mortem": "the section on what was looked at says when the inventory is not current",
    "/v1/issues/{issue_id}/similar": _RECORD,
    "/v1/issues/trends": "counts of what happened in a range of time",
    "/v1/log-capture": _SETTINGS,
    "/v1/me": _SELF,
    "/v1/me/notifications": _SELF,
    "/v1/members": _SETTINGS,
    "/v1/members/{member_id}/bindings": _SETTINGS,
    "/v1/members/{member_id}/removal": _SETTINGS,
    "/v1/delegations": _SETTINGS,
    "/v1/mute-rules": _SETTINGS,
    "/v1/mute-rules/{rule_id}": _SETTINGS,
    "/v1/openapi.json": _SELF,
    "/v1/openapi.yaml": _SELF,
    "/v1/owners/rules": _SETTINGS,
    "/v1/plan": _SELF,
    "/v1/logs": "read from the clusters at that moment; a cluster whose agent is not connected is refused or named",
    "/v1/resources/{resource_id}/logs": "read from the cluster at that moment; refused while its agent is not connected",
    "/v1/runbooks": _SETTINGS,
    "/v1/runbooks/schema": "what every definition can have",
    "/v1/runbooks/{runbook_id}": _SETTINGS,
    "/v1/runbooks/{runbook_id}/versions": _SETTINGS,
    "/v1/runbooks/{runbook_id}/versions/{version}": _SETTINGS,
    "/v1/sessions": _SELF,
    "/v1/session": _SELF,
    "/v1/safeguards": _SETTINGS,
    "/v1/alert-receivers": _SETTINGS,
    "/v1/alert-receivers/{receiver_id}": _SETTINGS,
    "/v1/alert-receivers/{receiver_id}/rejected": _RECORD,
    "/v1/alerts": _RECORD,
    "/v1/alerts/quality": _RECORD,
    "/v1/alerts/{alert_id}": _RECORD,
    "/v1/issues/{issue_id}/alerts": _RECORD,
    "/v1/issues/{issue_id}/silences": "copies of what an Alertmanager has; each names its times",
    "/v1/issues/{issue_id}/tickets": _RECORD,
    "/v1/sign-in-policy": _SETTINGS,
    "/v1/triggers": _SETTINGS,
    "/v1/triggers/{trigger_id}": _SETTINGS,
    "/v1/triggers/{trigger_id}/firings": _RECORD,
    "/v1/change-windows": _SETTINGS,
    "/v1/change-windows/{window_id}": _SETTINGS,
    "/v1/views": _SETTINGS,
    "/v1/webhooks": _SETTINGS,
    "/v1/webhooks/{webhook_id}": _SETTINGS,
    "/v1/webhooks/{webhook_id}/deliveries": _RECORD,
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}": _RECORD,
}
EVENTS_SHOW_A_CLUSTER = {"issue.created", "issue.updated", "issue.resolved", "cluster.online", "cluster.offline", "cluster.updated"}
EVENTS_SHOW_NONE = {
    **dict.fromkeys(
        ("runbook.started", "runbook.completed", "runbook.notification", "execution.updated", "execution.breakGlass"),
        "a step of an execution, at the time of the event",
    ),
    **dict.fromkeys(
        ("approval.requested", "approval.approved", "approval.rejected", "approval.expired"),
        "what a person decided",
    ),
    "analysis.ready": "that an analysis ended; the analysis itself is read from its route",
    "analysis.feedback": "what people said",
    "cluster.connection": "what the server saw of an agent, at the time of the event",
    "trigger.updated": "what people set up here, and what it started",
    "safeguards.updated": "what people set up here",
    "fleet.updated": "what people set up here",
    "member.updated": "what people set up here",
    "audit.anchor": "about the audit log",
    "stream.reset": "about the stream",
}


QUERIES = {"/v1/search": "?q=p", "/v1/resources/compare": "?left={resource_id}&right={other_id}"}
"""The parameters that a route requires."""


@dataclass(frozen=True)
class Seeded:
    cluster: str
    issue: str
    analysis: str
    resource: str
    other: str
    workload: str

    def path(self, template: str) -> str:
        resource = self.workload if template.endswith("/rollout") else self.resource
        ids = {"cluster_id": self.cluster, "issue_id": self.issue, "analysis_id": self.analysis, "resource_id": resource}
        return (template + QUERIES.get(template, "")).format_map(ids | {"other_id": self.other, "runbook_id": "raise-memory-limit"})


async def presence(api: Api, cluster_id: str, status: str, *, last_seen: datetime | None) -> None:
    def job(tx: Transaction) -> None:
        mine = sa.and_(clusters_table.c.org_id == tx.org_id, clusters_table.c.id == cluster_id)
        tx.execute(sa.update(clusters_table).where(mine).values(status=status, last_heartbeat_at=last_seen, synced_at=last_seen))

    await api.store.write(actors.system(api.org), job)


@pytest.fixture
async def seeded(api: Api) -> Seeded:
    """An online cluster with a Deployment that owns a ReplicaSet that owns a pod, and an analyzed issue with captured logs."""
    cluster_id = await api.new_cluster("production")
    await presence(api, cluster_id, "online", last_seen=api.clock.now())
    await objects(api, cluster_id, "api", kind="Deployment.apps")
    await owned(api, cluster_id, "api-7d4f8b9c6", kind="ReplicaSet.apps", owner=("apps/v1", "Deployment", "api"))
    await owned(api, cluster_id, "api-7d4f8b9c6-xk2lm", kind="Pod", owner=("apps/v1", "ReplicaSet", "api-7d4f8b9c6"))
    await observe(api, cluster_id, finding("api", api=api))
    issue_id = str((await api.get("/v1/issues")).json()["issues"][0]["id"])
    await keep(api, issue_id, cluster_id, text="one\n")
    analysis = await api.store.write(api.owner, lambda tx: analyze.ask(tx, issue_id))
    sets = (await api.get("/v1/resources?kind=ReplicaSet")).json()["resources"]
    pods = (await api.get("/v1/resources?kind=Pod")).json()["resources"]
    [workload] = (await api.get("/v1/resources?kind=Deployment")).json()["resources"]
    return Seeded(cluster_id, issue_id, analysis.id, str(sets[0]["id"]), str(pods[0]["id"]), str(workload["id"]))


async def owned(api: Api, cluster_id: str, name: str, *, kind: str, owner: tuple[str, str, str]) -> None:
    version, owner_kind, owner_name = owner
    reference = {"apiVersion": version, "kind": owner_kind, "name": owner_name, "uid": f"uid-{owner_name}", "controller": True}
    await report(api, cluster_id, change(kind, name, uid=f"uid-{name}", owner=reference))


def found(answer: Any, path: str) -> Iterator[Mapping[str, Any]]:
    """The objects at a path such as `clusters[].inventory`; there must be some."""
    if path == WHOLE:
        yield answer
        return
    name, _, rest = path.partition(".")
    inner = answer[name.removesuffix("[]")]
    rows = inner if name.endswith("[]") else [inner]
    assert rows, f"{path} is empty: the test shows nothing"
    for row in rows:
        yield from found(row, rest)


def test_every_get_route_has_a_decision() -> None:
    routes = {path for path, item in DOCUMENT["paths"].items() if "get" in item}
    assert routes == SHOWS_A_CLUSTER.keys() | SHOWS_NONE.keys()
    assert not SHOWS_A_CLUSTER.keys() & SHOWS_NONE.keys()


def test_every_event_type_has_a_decision() -> None:
    assert set(BY_TYPE) == EVENTS_SHOW_A_CLUSTER | EVENTS_SHOW_NONE.keys()
    for name in EVENTS_SHOW_A_CLUSTER:
        assert {"stale", "staleSince"} <= BY_TYPE[name]["properties"].keys(), name


def test_routes_that_show_no_cluster_promise_nothing() -> None:
    """A member `stale` in an answer that is said to show no cluster would mean that the table above is wrong.

    A record of coverage that is kept with an alert says what was current when it was made.
    """
    for path in SHOWS_NONE:
        content = DOCUMENT["paths"][path]["get"]["responses"]["200"].get("content", {}).get("application/json", {})
        assert '"stale"' not in json.dumps(_resolved(content.get("schema", {}), frozenset({"CoverageShape"}))), path


def _resolved(schema: Any, seen: frozenset[str] = frozenset()) -> Any:
    if isinstance(schema, list):
        return [_resolved(one, seen) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if (ref := schema.get("$ref")) is not None:
        name = ref.rpartition("/")[2]
        return {} if name in seen else _resolved(DOCUMENT["components"]["schemas"][name], seen | {name})
    return {key: _resolved(value, seen) for key, value in schema.items()}


@pytest.mark.parametrize("template", SHOWS_A_CLUSTER)
async def test_an_answer_is_current_while_the_agent_is_connected(api: Api, seeded: Seeded, template: str) -> None:
    answer = (await api.get(seeded.path(template))).json()
    for path in SHOWS_A_CLUSTER[template]:
        assert [(one["stale"], one.get("staleSince")) for one in found(answer, path)] == [(False, None)] * len(list(found(answer, path)))


@pytest.mark.parametrize("status", ["degraded", "offline"])
@pytest.mark.parametrize("template", SHOWS_A_CLUSTER)
async def test_an_answer_about_a_cluster_that_is_not_online_says_since_when(api: Api, seeded: Seeded, template: str, status: str) -> None:
    last_seen = api.clock.now()
    fresh = await api.get(seeded.path(template))
    api.clock.advance(46)
    await presence(api, seeded.cluster, status, last_seen=last_seen)
    tag = {"If-None-Match": fresh.headers["etag"]} if "etag" in fresh.headers else {}
    answer = await api.get(seeded.path(template), headers=tag)
    assert answer.status_code == 200, "a copy from before must not count as unchanged"
    for path in SHOWS_A_CLUSTER[template]:
        for one in found(answer.json(), path):
            assert one["stale"] is True, path
            assert datetime.fromisoformat(one["staleSince"]) == last_seen, path


async def test_a_server_that_was_down_for_hours_does_not_trust_the_stored_status(api: Api, seeded: Seeded) -> None:
    last_seen = api.clock.now()
    api.clock.advance(5 * 3600)
    await Presence(api.store, api.clock).step()  # a server takes it before it answers anybody
    listed = (await api.get("/v1/resources")).json()["resources"]
    assert {(one["stale"], one["staleSince"]) for one in listed} == {(True, listed[0]["staleSince"])}
    assert datetime.fromisoformat(listed[0]["staleSince"]) == last_seen
    cluster = (await api.get(f"/v1/clusters/{seeded.cluster}")).json()
    assert cluster["inventory"]["stale"] is True


async def test_an_event_about_an_issue_of_an_offline_cluster_is_marked_stale(api: Api, seeded: Seeded) -> None:
    last_seen = api.clock.now()
    await presence(api, seeded.cluster, "offline", last_seen=last_seen)
    changed = await api("PATCH", f"/v1/issues/{seeded.issue}", json={"status": "acknowledged"})
    assert changed.json()["stale"] is True
    event = (await api.get("/v1/events?types=issue.updated")).json()["events"][-1]["data"]
    assert (event["stale"], datetime.fromisoformat(event["staleSince"])) == (True, last_seen)


async def test_the_tag_of_a_stale_answer_still_guards_a_change(api: Api, seeded: Seeded) -> None:
    await presence(api, seeded.cluster, "offline", last_seen=api.clock.now())
    tag = (await api.get(f"/v1/issues/{seeded.issue}")).headers["etag"]
    first = await api("PATCH", f"/v1/issues/{seeded.issue}", json={"status": "acknowledged"}, headers={"If-Match": tag})
    second = await api("PATCH", f"/v1/issues/{seeded.issue}", json={"status": "open"}, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)


async def test_after_a_reconnection_an_object_is_stale_until_the_new_list_brings_it(api: Api, seeded: Seeded) -> None:
    async def stale() -> dict[str, bool]:
        return {one["name"]: one["stale"] for one in (await api.get("/v1/resources?kind=Pod")).json()["resources"]}

    async def say(*marks: KindMark) -> None:
        for one in marks:
            await api.store.write(actors.system(api.org), lambda tx, one=one: reports.mark(tx, seeded.cluster, one))

    pod = "api-7d4f8b9c6-xk2lm"
    await say(KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g2"))
    await owned(api, seeded.cluster, pod, kind="Pod", owner=("apps/v1", "ReplicaSet", "api-7d4f8b9c6"))
    await say(KindMark("Pod", Phase.SNAPSHOT_END, "g2", count=1))
    assert await stale() == {pod: False}
    other = [KindCursor("Pod", "another", 0, 0)]
    modes = await api.store.write(actors.system(api.org), lambda tx: reports.begin(tx, seeded.cluster, frozenset({"Pod"}), other))
    assert modes == {"Pod": "snapshot"}
    assert await stale() == {pod: True}, "the agent is back, but has not listed pods yet"
    await say(KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g3"))
    assert await stale() == {pod: True}
    await owned(api, seeded.cluster, pod, kind="Pod", owner=("apps/v1", "ReplicaSet", "api-7d4f8b9c6"))
    assert await stale() == {pod: False}


@pytest.mark.parametrize("phase", [Phase.FORBIDDEN, Phase.GONE])
async def test_a_kind_that_the_agent_no_longer_follows_is_stale(api: Api, seeded: Seeded, phase: Phase) -> None:
    since = api.clock.now()
    await api.store.write(actors.system(api.org), lambda tx: reports.mark(tx, seeded.cluster, KindMark("ReplicaSet.apps", phase, "")))
    api.clock.advance(30)
    for path in ("/v1/resources?kind=ReplicaSet", "/v1/resources/counts?kind=ReplicaSet"):
        [one] = next(iter(value for value in (await api.get(path)).json().values() if isinstance(value, list)))
        assert (one["stale"], datetime.fromisoformat(one["staleSince"])) == (True, since)
    history = (await api.get(f"/v1/resources/{seeded.resource}/history")).json()
    assert history["stale"] is True
