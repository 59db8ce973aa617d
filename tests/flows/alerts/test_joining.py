"""What an alert is about, which issue explains it, and what happens when it comes first, twice, or about nothing; on both engines."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.alerts import repository, service as alerts
from optral.alerts.model import Alert, AlertStatus, ClusterRule, Kind, Outcome, Receiver, ReceiverSettings
from optral.alerts.service import AlertFilter
from optral.clusters import service as clusters
from optral.clusters.model import ClusterFreshness, ClusterState, ClusterStatus
from optral.detectors.finding import Examination, Finding
from optral.flows.alerts import joining, manage, quality, receiving
from optral.flows.alerts.joining import AlertWorker
from optral.flows.alerts.receiving import Received
from optral.issues import service as issues
from optral.issues.lists import of_objects
from optral.issues.model import IssueFilter
from optral.kit.paging import PageRequest
from optral.kit.times import rfc3339
from optral.kube.changes import ObjectChange
from optral.resources import reports
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor, ids
from optral.terms.errors import Invalid, Unauthenticated
from optral.terms.ids import ClusterId, OrgId
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.api.test_query_plans import COUNTED, recorded
from tests.support.agents import KEY_ENCRYPTION_KEY
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

SCRAPED = {"job": "kube-state-metrics", "instance": "10.244.1.9:8080", "container": "kube-state-metrics"}
"""What Prometheus adds to a series of kube-state-metrics."""


def objects() -> list[ObjectChange]:
    """A shop on two nodes, with a StatefulSet, a Job, an exporter on the network of its node, and kube-state-metrics."""
    web = {"metadata": {"labels": {"app": "web"}}}
    return [
        *(change("Namespace", name, namespace="") for name in ("shop", "monitoring")),
        *(
            change("Node", name, namespace="", status={"addresses": [{"type": "InternalIP", "address": ip}]})
            for name, ip in (("n1", "10.0.0.1"), ("n2", "10.0.0.2"))
        ),
        change("Deployment.apps", "web"),
        change("ReplicaSet.apps", "web-7d4f8b9c6", owner=reference("Deployment.apps", "web")),
        change(
            "Pod", "web-7d4f8b9c6-xk2lm", owner=reference("ReplicaSet.apps", "web-7d4f8b9c6"),
            spec={"nodeName": "n1"}, status={"podIP": "10.244.1.5"}, **web,
        ),
        change("Service", "web", spec={"selector": {"app": "web"}}),
        change(
            "Ingress.networking.k8s.io", "public",
            spec={"rules": [{"host": "shop.example.com", "http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}]},
        ),
        change("StatefulSet.apps", "db"),
        change("Job.batch", "import"),
        change("PersistentVolumeClaim", "data-db-0"),
        change("HorizontalPodAutoscaler.autoscaling", "web", spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}}),
        change(
            "Pod", "node-exporter-4xkzp", namespace="monitoring", owner=reference("DaemonSet.apps", "node-exporter"),
            spec={"nodeName": "n2", "hostNetwork": True}, status={"podIP": "10.0.0.2", "hostIP": "10.0.0.2"},
        ),
        change(
            "Pod", "kube-state-metrics-5f6c7d8b9-2xqpl", namespace="monitoring",
            spec={"nodeName": "n1"}, status={"podIP": "10.244.1.9"},
        ),
    ]  # fmt: skip


class World:
    """An organization with one cluster, its inventory, and a receiver of an Alertmanager."""

    def __init__(self, store: Store, org: OrgId, clock: FakeClock) -> None:
        self.store, self.org, self.clock = store, org, clock
        self.system = actor.system(org)
        self.worker = AlertWorker(store, clock)
        self.counted = 0

    async def open(self) -> None:
        self.cluster_id = await self.store.write(self.system, lambda tx: clusters.create(tx, name="prod").id)
        await self.report(*objects())
        self.receiver, self.secret = await self.add(ReceiverSettings(name="platform"))

    async def add(self, settings: ReceiverSettings) -> tuple[Receiver, str]:
        return await self.store.write(self.system, lambda tx: manage.create(tx, settings, key=KEY_ENCRYPTION_KEY))

    async def report(self, *changes: ObjectChange) -> None:
        who = actor.agent(self.org, ClusterId(self.cluster_id))
        await self.store.write(who, lambda tx: reports.apply(tx, self.cluster_id, changes, offset=timedelta()))

    async def fail(
        self, ref: ObjectRef, *, shown_by: ObjectRef | None = None, type_: str = "OOMKilled", container: str | None = None
    ) -> str:
        """Open an issue about an object; its id."""
        now, state = self.clock.now(), ClusterState(
            self.cluster_id, "prod", timedelta(), None, ClusterStatus.ONLINE, ClusterFreshness("prod", False, None)
        )  # fmt: skip
        shown = shown_by or ref._replace(uid=f"uid-{ref.kind}-{ref.name}-{container}")
        finding = Finding(
            type=type_, subject=ref, part=container, shown_by=shown, severity=Severity.HIGH, title=f"{ref} fails",
            category="resources", since=now, opens_at=now, facts={},
        )  # fmt: skip

        def job(tx: Transaction) -> str:
            moves = issues.observe(
                tx, state, Examination(findings=[finding], examined=frozenset({shown.uid})),
                now=tx.now, synced_at=now, resolve_after_s=lambda _: 0,
            )  # fmt: skip
            joining.on_moves(tx, moves)
            return next(move.issue.id for move in moves if move.kind == "created")

        return await self.store.write(self.system, job)

    async def send(self, *given: dict[str, Any], receiver: Receiver | None = None, secret: str = "") -> Received:
        body = json.dumps({"version": "4", "alerts": list(given)}).encode()
        return await self.post(body, receiver=receiver, secret=secret)

    async def post(self, body: bytes, *, receiver: Receiver | None = None, secret: str = "", id_: str = "") -> Received:
        to = receiver or self.receiver
        return await receiving.receive(
            self.store, to.kind, id_ or to.id, headers={"authorization": f"Bearer {secret or self.secret}"}, body=body,
            key=KEY_ENCRYPTION_KEY, meter=self.count,
        )  # fmt: skip

    async def count(self, _receiver_id: str, count: int) -> None:
        self.counted += count

    def alert(self, fingerprint: str = "f1", /, *, status: str = "firing", **labels: str) -> dict[str, Any]:
        named = {"alertname": "Broken", "cluster": "prod", **labels}
        return {
            "status": status, "labels": {name: value for name, value in named.items() if value},
            "startsAt": rfc3339(self.clock.now()), "fingerprint": fingerprint,
        }  # fmt: skip

    async def all(self) -> list[Alert]:
        return await self.store.read(self.system, lambda tx: alerts.find(tx, AlertFilter(), PageRequest(size=100)))

    async def one(self) -> Alert:
        (found,) = await self.all()
        return found

    async def about(self, **labels: str) -> tuple[str | None, list[str]]:
        """(code, objects) of an alert with these labels."""
        await self.send(self.alert(**labels))
        found = await self.one()
        return found.code, [str(ref) for ref in found.refs]


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> AsyncIterator[World]:
    made = World(store, org, clock)
    await made.open()
    yield made


WEB = ["Pod/shop/web-7d4f8b9c6-xk2lm", "Deployment/shop/web"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({"namespace": "shop", "pod": "web-7d4f8b9c6-xk2lm"}, WEB, id="pod"),
        pytest.param({"namespace": "shop", "pod": "web-7d4f8b9c6-xk2lm", **SCRAPED}, WEB, id="pod, from kube-state-metrics"),
        pytest.param(
            {"namespace": "monitoring", "pod": "kube-state-metrics-5f6c7d8b9-2xqpl", "exported_namespace": "shop",
             "exported_pod": "web-7d4f8b9c6-xk2lm"}, WEB, id="labels of the target keep their names",
        ),
        pytest.param({"k8s.namespace.name": "shop", "k8s.pod.name": "web-7d4f8b9c6-xk2lm"}, WEB, id="OpenTelemetry"),
        pytest.param(
            {"namespace": "shop", "pod": "web-7d4f8b9c6-bbbbb"}, ["ReplicaSet/shop/web-7d4f8b9c6", "Deployment/shop/web"],
            id="a pod that is gone",
        ),
        pytest.param({"namespace": "shop", "pod": "db-0"}, ["StatefulSet/shop/db"], id="a pod of a StatefulSet that is gone"),
        pytest.param({"namespace": "shop", "deployment": "web", **SCRAPED}, ["Deployment/shop/web"], id="deployment"),
        pytest.param({"namespace": "shop", "workload": "web", "workload_type": "deployment"}, ["Deployment/shop/web"], id="workload"),
        pytest.param({"namespace": "shop", "job_name": "import", "job": "kube-state-metrics"}, ["Job/shop/import"], id="Job"),
        pytest.param(
            {"namespace": "shop", "persistentvolumeclaim": "data-db-0", "node": "n1"}, ["PersistentVolumeClaim/shop/data-db-0"],
            id="claim",
        ),
        pytest.param(
            {"namespace": "shop", "horizontalpodautoscaler": "web"}, ["HorizontalPodAutoscaler/shop/web", "Deployment/shop/web"],
            id="scaler",
        ),
        pytest.param({"namespace": "shop", "service": "web"}, ["Service/shop/web", "Deployment/shop/web"], id="service"),
        pytest.param({"instance": "10.0.0.2:10250"}, ["Node/n2"], id="node by address"),
        pytest.param({"instance": "n1"}, ["Node/n1"], id="node by name"),
        pytest.param({"namespace": "shop", "instance": "10.244.1.5:8080"}, WEB, id="pod by address"),
        pytest.param(
            {"node": "n2", "namespace": "monitoring", "pod": "kube-state-metrics-5f6c7d8b9-2xqpl", **SCRAPED}, ["Node/n2"],
            id="a node that an exporter on another one reports about",
        ),
        pytest.param(
            {"namespace": "monitoring", "pod": "node-exporter-4xkzp", "instance": "10.0.0.2:9100"},
            ["Node/n2", "Pod/monitoring/node-exporter-4xkzp", "DaemonSet/monitoring/node-exporter"], id="an exporter of its node",
        ),
        pytest.param(
            {"instance": "https://shop.example.com/health", "job": "blackbox"},
            ["Ingress/shop/public", "Service/shop/web", "Deployment/shop/web"], id="a URL through its route",
        ),
        pytest.param({"instance": "http://web.shop.svc:8080/"}, ["Service/shop/web", "Deployment/shop/web"], id="a URL of a Service"),
    ],
)  # fmt: skip
async def test_labels_lead_to_the_objects_that_they_name(world: World, labels: dict[str, str], expected: list[str]) -> None:
    assert await world.about(**labels) == (None, expected)


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        pytest.param({"cluster": ""}, "no_cluster_label", id="no cluster"),
        pytest.param({"cluster": "staging"}, "unknown_cluster", id="another cluster"),
        pytest.param({"severity": "page"}, "no_object_label", id="a watchdog"),
        pytest.param({"pod": "web-7d4f8b9c6-xk2lm"}, "no_namespace_label", id="a pod of any namespace"),
        pytest.param({"namespace": "nowhere", "pod": "x"}, "unknown_namespace", id="namespace"),
        pytest.param({"namespace": "shop", "pod": "cache-0"}, "unknown_object", id="a pod of nothing"),
        pytest.param({"namespace": "shop", "job": "web"}, "no_object_label", id="a scrape job that is no Job"),
        pytest.param({"instance": "192.0.2.7:9100"}, "no_object_label", id="a machine outside"),
    ],
)
async def test_what_cannot_be_resolved_says_why(world: World, labels: dict[str, str], code: str) -> None:
    assert await world.about(**labels) == (code, [])
    found = await world.one()
    assert (found.outcome, found.issue_id, bool(found.reason)) == (Outcome.UNRESOLVED, None, True)


async def test_fifty_alerts_of_one_incident_are_evidence_of_one_issue(world: World) -> None:
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    pods = [world.alert(f"f{n}", namespace="shop", deployment="web", reason=str(n)) for n in range(50)]
    assert await world.send(*pods) == Received(50, 0, 0)
    assert {(one.outcome, one.issue_id) for one in await world.all()} == {(Outcome.JOINED, opened)}
    assert await world.store.read(world.system, lambda tx: issues.count(tx, IssueFilter())) == 1


async def test_the_same_alert_again_changes_its_row_and_adds_none(world: World) -> None:
    await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    given = world.alert(namespace="shop", deployment="web")
    await world.send(given, given)
    world.clock.advance(60)
    over = {**given, "status": "resolved", "endsAt": rfc3339(world.clock.now())}
    assert await world.send(over) == Received(1, 1, 0)
    await world.send(given)  # late, and out of order
    found = await world.one()
    assert (found.status.value, found.ends_at) == ("resolved", world.clock.now())
    world.clock.advance(60)
    await world.send(world.alert(namespace="shop", deployment="web"))
    assert len(await world.all()) == 2  # it started again


async def test_an_alert_whose_end_was_lost_ends_when_it_starts_again(world: World) -> None:
    await world.send(world.alert(namespace="shop", deployment="web"))
    world.clock.advance(600)
    await world.send(world.alert(namespace="shop", deployment="web"))
    newest, oldest = await world.all()
    assert (newest.status.value, oldest.status.value, oldest.ends_at) == ("firing", "resolved", world.clock.now())


async def test_a_later_occurrence_leaves_the_end_of_an_earlier_one(world: World) -> None:
    """Alerts of one rule start at the same time, so that the start of another one finds the earlier occurrence again."""
    first, other = (world.alert(one, namespace="shop", deployment="web") for one in ("f1", "f2"))
    world.clock.advance(60)
    over = rfc3339(world.clock.now())
    await world.send({**first, "status": "resolved", "endsAt": over}, other)
    world.clock.advance(600)
    await world.send(world.alert("f1", namespace="shop", deployment="web"), other)
    (earlier,) = [one for one in await world.all() if one.fingerprint == "f1" and one.status.value == "resolved"]
    assert earlier.ends_at is not None and rfc3339(earlier.ends_at) == over


async def test_an_alert_that_is_not_reported_any_more_joins_no_new_issue(world: World) -> None:
    """The notification that it ended was lost, or is not sent at all: that it still fires after two days of silence would be a guess."""
    given = [world.alert(one, namespace="shop", deployment="web") for one in ("f1", "f2")]
    await world.send(*given)
    world.clock.advance(301)
    await world.worker.step()
    world.clock.advance(24 * 3600)
    await world.send(given[1])
    world.clock.advance(36 * 3600)
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    assert {one.fingerprint: one.issue_id for one in await world.all()} == {"f1": None, "f2": opened}


async def test_an_alert_before_its_issue_joins_when_the_issue_opens(world: World) -> None:
    await world.send(world.alert("f1", namespace="shop", service="web"), world.alert("f2", namespace="shop", pod="db-0"))
    assert {one.outcome for one in await world.all()} == {Outcome.WAITING}
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    assert {one.fingerprint: one.issue_id for one in await world.all()} == {"f1": opened, "f2": None}


async def test_an_alert_that_nothing_explains_is_answered_and_still_joins_an_issue_while_it_fires(world: World) -> None:
    await world.send(world.alert(namespace="shop", deployment="web"))
    await world.worker.step()
    assert (await world.one()).outcome is Outcome.WAITING
    world.clock.advance(301)
    await world.worker.step()
    found = await world.one()
    assert (found.outcome, found.code, found.due_at) == (Outcome.UNEXPLAINED, "not_fully_examined", None)
    assert str(found.reason).startswith("No failure of Deployment/shop/web found in what could be read, which does not mean")
    assert (found.coverage["complete"], found.coverage["namespaces"]) == (False, ["shop"])  # the agent has never connected
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    assert (await world.one()).issue_id == opened


async def test_the_quality_of_a_week_reads_no_alerts_of_other_weeks(world: World) -> None:
    await world.send(world.alert(namespace="shop", deployment="web"))
    kept = await world.one()
    past = [
        replace(
            kept, id=ids.new("alt"), starts_at=kept.starts_at - timedelta(days=30, minutes=number),
            received_at=kept.received_at - timedelta(days=30, minutes=number),
        )
        for number in range(3000)
    ]  # fmt: skip
    await world.store.write(world.system, lambda tx: alerts.add(tx, past))

    def look(tx: Transaction) -> int:
        if tx.dialect == "postgresql":
            tx.connection.exec_driver_sql("ANALYZE alerts")
        with recorded() as found:
            rated = quality.of(tx, tx.now - timedelta(days=7))
        assert [one.fired for one in rated.alerts] == [1]
        return sum(COUNTED[tx.dialect](tx, statement, parameters).visited for statement, parameters in found)

    assert await world.store.write(world.system, look) < 1000


async def test_an_alert_joins_an_issue_that_was_open_when_it_started(world: World) -> None:
    """Alertmanager groups for half a minute, and a short failure has resolved by then."""
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    given = world.alert(namespace="shop", deployment="web")
    world.clock.advance(30)
    await world.store.write(world.system, lambda tx: issues.resolve_cluster(tx, world.cluster_id))
    await world.send(given)
    assert (await world.one()).issue_id == opened
    world.clock.advance(30)
    await world.send(world.alert("later", namespace="shop", deployment="web"))
    assert {one.fingerprint: one.outcome for one in await world.all()}["later"] is Outcome.WAITING


async def test_workloads_of_the_same_name_in_other_namespaces_hide_no_issue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where each branch has a namespace of its own: the newest issues of that name are all in other namespaces."""
    monkeypatch.setattr(of_objects, "MOST", 2)
    opened = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))
    for branch in ("branch-1", "branch-2", "branch-3"):
        world.clock.advance(1)
        web = ObjectRef("Deployment.apps", branch, "web", f"uid-{branch}")
        await world.fail(web, shown_by=web)
    await world.send(world.alert(namespace="shop", deployment="web"))
    assert (await world.one()).issue_id == opened


async def test_a_risk_explains_no_alert_and_containers_differ(world: World) -> None:
    web = ObjectRef("Deployment.apps", "shop", "web")
    await world.fail(web, type_="CronJobSuspended", container="app")
    await world.send(world.alert("f1", namespace="shop", deployment="web"))
    assert (await world.one()).outcome is Outcome.WAITING
    await world.fail(web, container="sidecar")
    app = await world.fail(web, type_="CrashLoopBackOff", container="app")
    await world.send(world.alert("f2", namespace="shop", deployment="web", container="app"))
    assert {one.fingerprint: one.issue_id for one in await world.all()}["f2"] == app


async def test_an_alert_about_a_claim_joins_the_issue_that_the_claim_shows(world: World) -> None:
    claim = ObjectRef("PersistentVolumeClaim", "shop", "data-db-0", "uid-PersistentVolumeClaim-data-db-0")
    opened = await world.fail(ObjectRef("StatefulSet.apps", "shop", "db"), shown_by=claim, type_="VolumeFillingUp")
    await world.send(world.alert(namespace="shop", persistentvolumeclaim="data-db-0"))
    assert (await world.one()).issue_id == opened


async def test_the_root_of_an_issue_explains_its_alerts(world: World) -> None:
    root = await world.fail(ObjectRef("StatefulSet.apps", "shop", "db"))
    symptom = await world.fail(ObjectRef("Deployment.apps", "shop", "web"))

    def attach(tx: Transaction) -> dict[str, str]:
        from optral.issues import repository

        repository.update(tx, [replace(issues.get(tx, symptom), parent_issue_id=root)])
        return of_objects.roots(tx, [symptom, root])

    assert await world.store.write(world.system, attach) == {symptom: root, root: root}


async def test_an_alert_that_flaps_is_found_without_reading_its_past(world: World) -> None:
    given = world.alert(namespace="shop", deployment="web")
    await world.send(given)
    kept = await world.one()
    past = [
        replace(kept, id=ids.new("alt"), status=AlertStatus.RESOLVED, starts_at=kept.starts_at - timedelta(minutes=5 * number))
        for number in range(1, 2001)
    ]
    await world.store.write(world.system, lambda tx: alerts.add(tx, past))

    def look(tx: Transaction) -> int:
        if tx.dialect == "postgresql":
            tx.connection.exec_driver_sql("ANALYZE alerts")
        with recorded() as found:
            known = repository.known(tx, world.receiver.id, [("f1", kept.starts_at), ("f1", past[0].starts_at)])
        assert len(known) == 2
        return sum(COUNTED[tx.dialect](tx, statement, parameters).visited for statement, parameters in found)

    assert await world.store.write(world.system, look) < 1000


async def test_the_quality_of_alerts_takes_no_more_queries_for_more_issues(world: World) -> None:
    async def queries() -> int:
        with recorded() as found:
            await world.store.read(world.system, lambda tx: quality.of(tx, tx.now - timedelta(days=1)))
        return len(found)

    async def fail(*names: str) -> None:
        for name in names:
            web = ObjectRef("Deployment.apps", "shop", name)
            await world.report(change("Deployment.apps", name))
            await world.fail(web)
            await world.send(world.alert(name, namespace="shop", deployment=name))

    await fail("one")
    few = await queries()
    await fail("two", "three", "four")
    assert await queries() == few
    found = await world.store.read(world.system, lambda tx: quality.of(tx, tx.now - timedelta(days=1)))
    assert [(one.name, one.fired, one.issues) for one in found.alerts] == [("Broken", 4, 4)]


async def test_a_receiver_of_one_cluster_needs_no_label_and_one_with_a_mapping_takes_other_names(world: World) -> None:
    fixed, secret = await world.add(ReceiverSettings(name="fixed", cluster_rule=ClusterRule(cluster_id=world.cluster_id)))
    await world.send(world.alert(cluster="", namespace="shop", deployment="web"), receiver=fixed, secret=secret)
    rule = ClusterRule(label="env", clusters={"eu-1": world.cluster_id})
    mapped, secret = await world.add(ReceiverSettings(name="mapped", cluster_rule=rule))
    await world.send(world.alert("f2", cluster="", env="eu-1", namespace="shop", deployment="web"), receiver=mapped, secret=secret)
    assert {one.cluster_id for one in await world.all()} == {world.cluster_id}


async def test_requests_without_the_secret_store_nothing(world: World) -> None:
    other, secret = await world.add(ReceiverSettings(name="other"))
    body = json.dumps({"version": "4", "alerts": [world.alert(namespace="shop", deployment="web")]}).encode()
    for wrong, id_ in (("whsec_wrong", ""), (secret, ""), (world.secret, "alr_00000000000000000000000000"), (world.secret, other.id)):
        with pytest.raises(Unauthenticated):
            await world.post(body, secret=wrong, id_=id_)
    with pytest.raises(Unauthenticated):
        await receiving.receive(
            world.store, Kind.GENERIC, world.receiver.id, headers={"authorization": f"Bearer {world.secret}"}, body=body,
            key=KEY_ENCRYPTION_KEY, meter=world.count,
        )  # fmt: skip
    assert (await world.all(), world.counted) == ([], 0)


async def test_what_cannot_be_read_is_listed_with_a_reason_and_the_newest_are_kept(world: World) -> None:
    with pytest.raises(Invalid):
        await world.post(b"{")
    await world.send({"labels": {}}, world.alert(namespace="shop", deployment="web"))
    for _ in range(3):
        await world.send(*({"labels": {}} for _ in range(100)), world.alert(namespace="shop", deployment="web"))

    def look(tx: Transaction) -> tuple[int, set[str]]:
        found = alerts.rejected(tx, world.receiver.id, PageRequest(size=100))
        return alerts.count_rejected(tx, world.receiver.id), {one.code for one in found}

    assert await world.store.read(world.system, look) == (200, {"invalid_labels"})
    assert len(await world.all()) == 1
