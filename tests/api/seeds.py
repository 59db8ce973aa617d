"""Things to ask for: clusters with objects and issues, put in through the rooms' doors."""

import json
from datetime import timedelta
from typing import Any

from optral.clusters.model import ClusterState, Standing, Status
from optral.detectors.finding import Examination, Finding
from optral.events import service as events
from optral.flows.issues import issue_events
from optral.issues import service as issues
from optral.kube.changes import ObjectChange, Op
from optral.resources import reports
from optral.store.transaction import Transaction
from optral.terms.actor import agent
from optral.terms.ids import ClusterId
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.api.conftest import Api


def finding(
    name: str, *, severity: Severity = Severity.CRITICAL, type: str = "OOMKilled", occurrence: str | None = None, api: Api
) -> Finding:
    now = api.clock.now()
    return Finding(
        type=type,
        subject=ObjectRef("Deployment.apps", "shop", name),
        part="app",
        shown_by=ObjectRef("Pod", "shop", f"{name}-7d4f8b9c6-xk2lm", f"uid-{name}"),
        severity=severity,
        title=f"Container app of {name} was killed at its memory limit",
        category="resources",
        since=now,
        opens_at=now,
        occurrence=occurrence,
        facts={"exitCode": 137},
    )


async def observe(api: Api, cluster_id: str, *findings: Finding, gone: tuple[str, ...] = ()) -> None:
    """What a detector run would do with these findings."""
    state = ClusterState(cluster_id, "c", timedelta(), None, Status.ONLINE, Standing("c", False, None))
    examined = frozenset({*(one.shown_by.uid for one in findings), *(f"uid-{name}" for name in gone)})

    def job(tx: Transaction) -> None:
        moves = issues.observe(
            tx, state, Examination(findings=findings, examined=examined), now=tx.now, synced_at=None, resolve_after_s=lambda _: 0
        )
        events.append(tx, issue_events.events_of(moves, cluster=state.standing))

    await api.store.write(agent(api.org, ClusterId(cluster_id)), job)


async def objects(api: Api, cluster_id: str, *names: str, kind: str = "Pod", **body: Any) -> None:
    """Put objects into the inventory."""
    changes = []
    for name in names:
        metadata = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": "1", "labels": {"app": name}}
        changes.append(ObjectChange(Op.UPSERT, kind, f"uid-{name}", "shop", name, "1", json.dumps({"metadata": metadata, **body}).encode()))
    await api.store.write(agent(api.org, ClusterId(cluster_id)), lambda tx: reports.apply(tx, cluster_id, changes, offset=timedelta()))
