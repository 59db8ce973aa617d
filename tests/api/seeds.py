"""Things to ask for: clusters with objects and issues, put in through the packages' doors."""

from datetime import datetime, timedelta
from typing import Any

from optral.analysis import service as analyses
from optral.analysis.model import CapturedLog
from optral.clusters import service as clusters
from optral.clusters.connection import Contact
from optral.clusters.model import ClusterFreshness, ClusterState, ClusterStatus
from optral.detectors.finding import Examination, Finding
from optral.events import service as events
from optral.flows.clusters.connect import Connect
from optral.flows.issues import issue_events
from optral.issues import service as issues
from optral.kube.changes import ObjectChange
from optral.resources import reports
from optral.runbooks import service as runbooks
from optral.store.transaction import Transaction
from optral.terms import actor as actors
from optral.terms.actor import agent
from optral.terms.errors import OptralError
from optral.terms.ids import ClusterId
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.flows.executions.shop import Shop
from tests.support.agents import KEY_ENCRYPTION_KEY, AgentKey
from tests.support.objects import change

FORGE = {
    "name": "git", "kind": "github", "url": "https://github.com", "token": "example-token", "repositories": ["shop/deploy"]
}  # fmt: skip
HOOK = {"name": "on-call", "url": "https://hooks.example.com/services/T0"}


def finding(
    name: str,
    *,
    severity: Severity = Severity.CRITICAL,
    type: str = "OOMKilled",
    occurrence: str | None = None,
    namespace: str = "shop",
    api: Api,
) -> Finding:
    now = api.clock.now()
    return Finding(
        type=type,
        subject=ObjectRef("Deployment.apps", namespace, name),
        part="app",
        shown_by=ObjectRef("Pod", namespace, f"{name}-7d4f8b9c6-xk2lm", f"uid-{name}"),
        severity=severity,
        title=f"Container app of {name} was killed at its memory limit",
        category="resources",
        since=now,
        opens_at=now,
        occurrence=occurrence,
        facts={"exitCode": 137},
    )


async def observe(
    api: Api, cluster_id: str, *findings: Finding, gone: tuple[str, ...] = (), synced_at: datetime | None = None, resolve_after_s: int = 0
) -> None:
    """What a detector run would do with these findings; without `synced_at`, during the first inventory of the cluster."""
    state = ClusterState(cluster_id, "c", timedelta(), None, ClusterStatus.ONLINE, ClusterFreshness("c", False, None))
    examined = frozenset({*(one.shown_by.uid for one in findings), *(f"uid-{name}" for name in gone)})

    def job(tx: Transaction) -> None:
        moves = issues.observe(
            tx,
            state,
            Examination(findings=findings, examined=examined),
            now=tx.now,
            synced_at=synced_at,
            resolve_after_s=lambda _: resolve_after_s,
        )
        events.append(tx, issue_events.events_of(moves, cluster=state.standing))

    await api.store.write(agent(api.org, ClusterId(cluster_id)), job)


async def objects(
    api: Api, cluster_id: str, *names: str, kind: str = "Pod", version: str = "1", namespace: str = "shop", **body: Any
) -> None:
    """Put objects into the inventory."""
    more = {"rv": version, "namespace": namespace, **body}
    metadata = more.pop("metadata", {})
    changes = (change(kind, name, uid=f"uid-{name}", metadata={"labels": {"app": name}, **metadata}, **more) for name in names)
    await report(api, cluster_id, *changes)


async def report(api: Api, cluster_id: str, *changes: ObjectChange) -> None:
    """What the agent of a cluster sends."""
    await api.store.write(agent(api.org, ClusterId(cluster_id)), lambda tx: reports.apply(tx, cluster_id, changes, offset=timedelta()))


async def alerted(api: Api, cluster_id: str, pod: str, *, namespace: str = "shop") -> str:
    """The id of an alert about a pod, which a receiver of its own was sent."""
    made = await api("POST", "/v1/alert-receivers", json={"name": f"of {pod}", "clusterRule": {"cluster": cluster_id}})
    assert made.status_code == 201, made.text
    labels = {"alertname": f"{pod} is down", "namespace": namespace, "pod": pod}
    body = {"version": "4", "alerts": [{"status": "firing", "labels": labels, "startsAt": api.clock.now().isoformat()}]}
    sent = await api("POST", made.json()["path"], key=None, json=body, headers={"Authorization": f"Bearer {made.json()['secret']}"})
    assert sent.status_code == 202, sent.text
    found = (await api.get("/v1/alerts", params={"name": labels["alertname"], "cluster": cluster_id})).json()["alerts"]
    return str(found[0]["id"])


async def one_of_each(api: Api, name: str) -> dict[str, str]:
    """A cluster of this name with one of everything that a path can name; ids by the names of path parameters."""
    shop = Shop(api.store, api.org, api.clock)
    await shop.open(name)
    cluster_id = shop.cluster_id
    await observe(api, cluster_id, finding("api", api=api))
    await objects(api, cluster_id, "api")
    issue = (await api.get(f"/v1/issues?cluster={cluster_id}")).json()["issues"][0]["id"]
    later = (api.clock.now() + timedelta(days=30)).isoformat()
    target = {"kind": "Deployment", "namespace": "shop", "name": "web"}

    async def create(path: str, body: dict[str, Any]) -> str:
        answer = await api("POST", path, json=body)
        assert answer.status_code in (200, 201, 202), answer.text
        return str(answer.json()["id"])

    in_a_month = {"startsAt": later, "endsAt": (api.clock.now() + timedelta(days=31)).isoformat()}
    webhook = await create("/v1/webhooks", {**HOOK, "filters": {"clusters": [cluster_id]}})
    found = {
        "cluster_id": cluster_id,
        "issue_id": issue,
        "resource_id": (await api.get(f"/v1/resources?cluster={cluster_id}&kind=Pod&q=api")).json()["resources"][0]["id"],
        "comment_id": await create(f"/v1/issues/{issue}/comments", {"body": f"seen in {name}"}),
        "analysis_id": await create(f"/v1/issues/{issue}/analyze", {}),
        "alert_id": await alerted(api, cluster_id, "api"),
        "webhook_id": webhook,
        "delivery_id": await create(f"/v1/webhooks/{webhook}/test", {}),
        "rule_id": await create("/v1/mute-rules", {"match": {"clusters": [cluster_id]}, "reason": f"in {name}", "expiresAt": later}),
        "window_id": await create("/v1/change-windows", {"kind": "freeze", "name": name, "cluster": cluster_id, **in_a_month}),
        "execution_id": await create("/v1/runbooks/restart-workload/execute", {"clusterId": cluster_id, "parameters": target}),
    }
    await create("/v1/views", {"name": f"in {name}", "query": "ns:shop"})
    await create("/v1/forges", FORGE)
    await api("PATCH", "/v1/detectors/OOMKilled", json={"cluster": cluster_id, "openAfterSeconds": 77})
    return found


async def with_history(api: Api, name: str) -> dict[str, str]:
    """The same, and what happened to it: Events, changes, an execution that ended, log lines of a container."""
    known = await one_of_each(api, name)
    cluster_id = ClusterId(known["cluster_id"])
    shop = Shop(api.store, api.org, api.clock)
    shop.cluster_id = cluster_id
    about = {"kind": "Pod", "namespace": "shop", "name": "api", "uid": "uid-api"}
    told = {"involvedObject": about, "type": "Warning", "reason": "BackOff", "message": "again", "count": 1}
    reported = change("Event", "e", uid=f"uid-e-{name}", **told)
    log = CapturedLog(
        cluster_id=cluster_id,
        issue_id=known["issue_id"],
        namespace="shop",
        pod="api",
        container="app",
        previous=True,
        text="started\n",
        captured_at=api.clock.now(),
    )

    def job(tx: Transaction) -> None:
        reports.apply_events(tx, cluster_id, [reported], offset=timedelta())
        analyses.save_logs(tx, [log])

    await api.store.write(agent(api.org, cluster_id), job)
    shop.agent.limit, shop.agent.resource_version = "96Mi", 11
    await shop.show()
    execution = await api.store.read(shop.system, lambda tx: runbooks.get_execution(tx, known["execution_id"]))
    await shop.run(execution)
    return known


async def enroll(api: Api, secret: object, *, uid: str = "uid-1", name: str = "", key: AgentKey | None = None) -> str:
    """An agent asks to enroll: "" or the code of the refusal."""
    authority = await api.store.write(actors.system(), lambda tx: clusters.open_authority(tx, key_encryption_key=KEY_ENCRYPTION_KEY))
    contact = Contact(address="192.0.2.7", cluster_name=name)
    try:
        await Connect(api.store, api.clock, authority).enrol(
            token=str(secret), csr_der=(key or AgentKey()).csr_der, kube_system_uid=uid, nonce="n", contact=contact
        )
    except OptralError as error:
        return error.code
    return ""
