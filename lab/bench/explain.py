"""What asking why costs: manifests as they are stored, read, judged, checked and put into words, in a namespace of five hundred objects."""

import gc
import statistics
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from lab.bench.rows import Options, Row
from optral.analysis.engine import engine
from optral.analysis.model import Question
from optral.analysis.reading import logs as log_reader
from optral.analysis.reading.snapshot import LogKey, Snapshot, reservation
from optral.kube.objects import kind_id_of
from tests.analysis import cluster
from tests.analysis.cluster import NAMESPACE, NOON, VISIBLE

WORKLOADS = 72  # each with two ReplicaSets, two pods, a Service and an Event
NODES = 20
ELSEWHERE = 2000  # pods of other namespaces, which count where a pod finds no node
ROUNDS = 20
WANTED_MS = 250


def explain(_: Options) -> Iterator[Row]:
    """CPU of the 95th of a hundred analyses, and of the median; beside decoding the same manifests, the least that reading them takes."""
    rows, questions, logs, reserved = namespace()
    inside = sum(b'"namespace"' in raw for _, raw in rows)
    took, floor = [], []
    gc.collect()
    gc.freeze()  # as the server does when it has started
    for _round in range(ROUNDS):
        for question in questions:
            log_reader.forget()  # every log is read for the first time
            floor.append(_timed(lambda: [msgspec.json.decode(raw) for _, raw in rows]))
            took.append(_timed(lambda asked=question: _explain(asked, rows, logs, reserved)))
    base, middle = statistics.median(floor), statistics.median(took)
    worst = statistics.quantiles(took, n=20)[-1]
    what = f"CPU of an analysis among {inside} objects"
    yield Row(f"{what}, p95", worst, "ms", f"<= {WANTED_MS}", worst <= WANTED_MS, f"decoding them {base:.1f} ms", worst / base)
    yield Row(f"  median among {inside}", middle, "ms", "<= 100", middle <= 100, f"decoding them {base:.1f} ms", middle / base)


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _explain(question: Question, rows: list[tuple[str, bytes]], logs: dict[LogKey, str], reserved: list[bytes]) -> None:
    elsewhere = [one for raw in reserved if (one := reservation(raw)) is not None] if question.type == "FailedScheduling" else []
    snap = Snapshot(now=NOON, visible=VISIBLE, logs=logs, reservations=elsewhere)
    found = engine.explain(engine.investigate(question, snap.load(rows)))
    if found.root_cause is None:
        raise RuntimeError(f"nothing was found for {question.type}")


def namespace() -> tuple[list[tuple[str, bytes]], list[Question], dict[LogKey, str], list[bytes]]:
    """(manifests, what is asked, log lines, pods elsewhere): workloads that call each other, six of them broken, each in its way."""
    objects: list[Any] = [cluster.node(f"node-{index}", labels={"zone": str(index % 3)}) for index in range(NODES)]
    questions, logs = [], {}
    for index in range(WORKLOADS):
        name, failure = f"app-{index}", _FAILURES.get(index, "")
        made, asked, log = _workload(name, failure)
        objects += made
        if asked is not None:
            questions.append(asked)
            logs[LogKey(NAMESPACE, f"{name}-2-0", name, True)] = log
    rows = [(kind_id_of(one["apiVersion"], one["kind"]), msgspec.json.encode(one)) for one in objects]
    requests = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    reserved = [
        msgspec.json.encode(
            {"metadata": {"name": f"p-{index}"}, "spec": {"nodeName": f"node-{index % NODES}", "containers": [{"resources": requests}]}}
        )
        for index in range(ELSEWHERE)
    ]
    return rows, questions, logs, reserved


_FAILURES = {
    3: "OOMKilled",
    13: "CrashLoopBackOff",
    23: "ImagePullBackOff",
    33: "FailedScheduling",
    43: "ServiceNoEndpoints",
    53: "DeploymentProgressDeadlineExceeded",
}


def _workload(name: str, failure: str) -> tuple[list[Any], Question | None, str]:
    env = [{"name": f"PEER_{peer}_ADDR", "value": f"app-{peer}:80"} for peer in range(10)]
    env += [{"name": f"SETTING_{index}", "value": f"value {index}"} for index in range(20)]
    limits = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    if failure == "FailedScheduling":
        limits = {"requests": {"cpu": "64"}, "limits": {"memory": "256Mi"}}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}}
    spec = cluster.container(name, env=env, resources=limits, ports=[{"containerPort": 8080}], readinessProbe=probe, livenessProbe=probe)
    is_ill = bool(failure)
    replicas = {"replicas": 2} if is_ill else {"replicas": 2, "readyReplicas": 2}
    web = cluster.deployment(name, of=cluster.template(spec, labels={"app": name}), replicas=2, status=replicas)
    newest = cluster.replica_set(web, 2, minutes_ago=5, replicas=2)
    earlier = cluster.replica_set(web, 1, of=cluster.template(spec | {"image": "r.test/old:1"}, labels={"app": name}), replicas=0)
    status, message, log = _shown(name, failure)
    pods = [
        cluster.pod(newest, f"{name}-2-{index}", ready=not is_ill, status=status, node=None if failure == "FailedScheduling" else "node-1")
        for index in range(2)
    ]
    told = cluster.event(pods[0], "Failed" if is_ill else "Pulled", message or "pulled", container=name)
    selector = {"app": name if failure != "ServiceNoEndpoints" else f"{name}x"}
    door = cluster.service(name, selector=selector)
    by_type = {"ServiceNoEndpoints": door, "DeploymentProgressDeadlineExceeded": web}
    about = by_type.get(failure, pods[0])
    asked = None
    if is_ill:
        owner = about if about is not pods[0] else web
        part = name if about is pods[0] and failure != "FailedScheduling" else None
        asked = Question(
            type=failure, cluster_id="cls_x", resource=cluster.reference(about), owner=cluster.reference(owner), container=part, since=NOON
        )
    return [web, newest, earlier, *pods, told, door], asked, log


def _shown(name: str, failure: str) -> tuple[Any, str, str]:
    """(status of the pods, Event, log) of one failure."""
    if failure in ("", "ServiceNoEndpoints"):
        return {"containerStatuses": [cluster.state(name, ready=True)]}, "", ""
    if failure == "FailedScheduling":
        words = "0/20 nodes are available: 20 Insufficient cpu."
        told = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}]
        return {"phase": "Pending", "conditions": told}, words, ""
    if failure == "OOMKilled":
        return {"containerStatuses": [cluster.state(name, restarts=4, last=cluster.ended(137, "OOMKilled"))]}, "", ""
    if failure == "CrashLoopBackOff":
        log = "2026-03-01 request served in 12 ms\n" * 1500 + "dial tcp: lookup app-404: no such host\n"
        shown = cluster.state(name, restarts=9, now=cluster.waiting("CrashLoopBackOff"), last=cluster.ended(1))
        return {"containerStatuses": [shown]}, "", log
    words = 'Failed to pull image "registry.test/team/api:1.4": not found'
    return {"phase": "Pending", "containerStatuses": [cluster.state(name, now=cluster.waiting("ImagePullBackOff", words))]}, words, ""


ROWS = {"analysis": explain}
