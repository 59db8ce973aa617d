"""A cluster of ten thousand pods with fifty broken ones in ten workloads, as one List: what `optral scan` is measured with.

Every broken workload has five broken pods among its healthy ones and an failure of its own. The five killed for memory run and are ready
again: who looks at the present state alone does not see them.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from tests.support.pods import BEGIN, EACH, WORKLOADS, fleet

BROKEN = 5  # pods of each broken workload
NODES = 100
Manifest = dict[str, Any]
_NOW = datetime.fromtimestamp(BEGIN, UTC)


def ago(seconds: float) -> str:
    return (_NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def objects(*, workloads: int = WORKLOADS, each: int = EACH) -> Iterator[Manifest]:
    """Everything a look at such a cluster reads; the first `len(FAILURES)` workloads are the broken ones."""
    rng = random.Random(7)
    yield from (_plain("v1", "Namespace", f"team-{number:02}") for number in range(20))
    yield from (_node(number) for number in range(NODES))
    owned: dict[tuple[str, str], list[Manifest]] = {}
    for pod in fleet(workloads=workloads, each=each):
        manifest = json.loads(replace(pod, failing=False).at(1))
        owned.setdefault((manifest["metadata"]["namespace"], manifest["metadata"]["labels"]["app.kubernetes.io/name"]), []).append(manifest)
    sick = dict(zip(sorted(owned, key=lambda key: key[1]), FAILURES.values(), strict=False))
    for (namespace, app), pods in owned.items():
        yield from _workload(namespace, app, pods, sick.get((namespace, app)), rng)


def write(file: TextIO, *, workloads: int = WORKLOADS, each: int = EACH) -> int:
    """Write them as one List, as `kubectl get … -o json` would but without its blanks; tells how many objects."""
    file.write('{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":[')
    count = 0
    for count, manifest in enumerate(objects(workloads=workloads, each=each), 1):
        file.write(("," if count > 1 else "") + json.dumps(manifest, separators=(",", ":")))
    file.write("]}\n")
    return count


def _plain(version: str, kind: str, name: str, **body: Any) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": ago(1e7)}} | body


def _node(number: int) -> Manifest:
    room = {"cpu": "16", "memory": "64Gi", "pods": "250"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": ago(20), "lastTransitionTime": ago(1e6)}
    return _plain("v1", "Node", f"node-{number:03}", spec={}, status={"capacity": room, "allocatable": room, "conditions": [ready]})


def _workload(namespace: str, app: str, pods: list[Manifest], failure: "Failure | None", rng: random.Random) -> Iterator[Manifest]:
    """The Deployment, its one ReplicaSet and its pods, the first five of which are broken."""
    labels, revision = pods[0]["metadata"]["labels"], pods[0]["metadata"]["ownerReferences"][0]
    down = BROKEN if failure is not None and failure is not _killed else 0
    ready, count = len(pods) - down, len(pods)
    template = {"metadata": {"labels": labels}, "spec": pods[0]["spec"]}
    meta = {"namespace": namespace, "uid": f"deployment-{app}", "labels": labels, "generation": 1, "creationTimestamp": ago(1e6)}
    counts = {"replicas": count, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 1}
    spec = {"replicas": count, "selector": {"matchLabels": labels}, "template": template}
    progressing = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": ago(1e6)}
    yield _plain("apps/v1", "Deployment", app, spec=spec, status=counts | {"updatedReplicas": count, "conditions": [progressing]}) | {
        "metadata": {"name": app} | meta
    }
    annotations = {"deployment.kubernetes.io/revision": "1"}
    above = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": app, "uid": meta["uid"], "controller": True}]
    mine = meta | {"uid": f"revision-{app}", "annotations": annotations, "ownerReferences": above}
    yield {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": revision["name"]} | mine, "spec": spec, "status": counts}
    for index, pod in enumerate(pods):
        pod["metadata"]["ownerReferences"][0]["uid"] = mine["uid"]
        if index < BROKEN and failure is not None:
            yield from failure(pod, rng)
        yield pod


# --- failures: each changes a pod and gives the Events that tell of it

Failure = Callable[[Manifest, random.Random], Iterator[Manifest]]


def _killed(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    _main(pod, {"running": {"startedAt": ago(110)}}, ready=True, last=_ended("OOMKilled", 137, rng), restarts=1)
    yield from ()


def _crashing(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
    _main(pod, state, last=_ended("Error", 1, rng), restarts=9)
    yield _event(pod, "BackOff", "Back-off restarting failed container main", container="main", times=40)


def _unpullable(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    image = pod["spec"]["containers"][0]["image"]
    _main(pod, {"waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}}, phase="Pending")
    yield _event(pod, "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound desc = {image}: not found', container="main")


def _unconfigured(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    _main(pod, {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "settings" not found'}}, phase="Pending")
    yield _event(pod, "Failed", 'Error: secret "settings" not found', container="main", times=12)


def _unstartable(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    message = 'failed to create containerd task: exec: "/bin/serve": stat /bin/serve: no such file or directory: unknown'
    _main(pod, {"waiting": {"reason": "RunContainerError", "message": message}}, last=_ended("StartError", 128, rng), restarts=4)
    yield _event(pod, "Failed", f"Error: {message}", container="main", times=4)


def _unscheduled(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    message = f"0/{NODES} nodes are available: {NODES} Insufficient cpu."
    pod["spec"].pop("nodeName")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message, "lastTransitionTime": ago(900)}
    pod["metadata"]["creationTimestamp"] = ago(900)
    pod["status"] = {"phase": "Pending", "conditions": [condition]}
    yield _event(pod, "FailedScheduling", message, times=3)


def _unmounted(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    _main(pod, {"waiting": {"reason": "ContainerCreating"}}, phase="Pending")
    yield _event(pod, "FailedMount", 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found', times=9)


def _unready(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    _main(pod, {"running": {"startedAt": ago(900)}}, started=True)
    yield _event(pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", container="main", times=80)


def _unresponsive(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    _main(pod, {"running": {"startedAt": ago(20)}}, last=_ended("Error", 137, rng), restarts=5, started=True)
    yield _event(pod, "Unhealthy", "Liveness probe failed: context deadline exceeded", container="main", times=15)
    yield _event(pod, "Killing", "Container main failed liveness probe, will be restarted", container="main", times=5)


def _uninitialised(pod: Manifest, rng: random.Random) -> Iterator[Manifest]:
    pod["spec"]["initContainers"] = [{"name": "migrate", "image": "registry.shop.test/migrate:1"}]
    _main(pod, {"waiting": {"reason": "PodInitializing"}}, phase="Pending")
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 2m40s restarting failed container"}}
    pod["status"]["initContainerStatuses"] = [_status("migrate", waiting, last=_ended("Error", 2, rng), restarts=6)]
    yield _event(pod, "BackOff", "Back-off restarting failed container migrate", container="migrate", times=22)


FAILURES: dict[str, Failure] = {
    "OOMKilled": _killed,
    "CrashLoopBackOff": _crashing,
    "ImagePullBackOff": _unpullable,
    "CreateContainerConfigError": _unconfigured,
    "RunContainerError": _unstartable,
    "FailedScheduling": _unscheduled,
    "FailedMount": _unmounted,
    "ReadinessProbeFailed": _unready,
    "LivenessProbeFailed": _unresponsive,
    "CrashLoopBackOff of an init container": _uninitialised,
}


def _main(
    pod: Manifest,
    state: Manifest,
    *,
    last: Manifest | None = None,
    restarts: int = 0,
    ready: bool = False,
    started: bool = False,
    phase: str = "Running",
) -> None:
    """Give the pod this state of its main container; it has existed for a quarter of an hour."""
    pod["metadata"]["creationTimestamp"] = ago(900)
    met = {"PodScheduled": True, "Initialized": True, "ContainersReady": ready, "Ready": ready}
    pod["status"] |= {
        "phase": phase,
        "startTime": ago(900),
        "conditions": [{"type": kind, "status": str(is_met), "lastTransitionTime": ago(890)} for kind, is_met in met.items()],
        "containerStatuses": [_status("main", state, last=last, restarts=restarts, ready=ready, started=started or ready)],
    }


def _status(name: str, state: Manifest, *, last: Manifest | None, restarts: int, ready: bool = False, started: bool = False) -> Manifest:
    told = {"name": name, "image": name, "imageID": name, "state": state, "ready": ready, "started": started, "restartCount": restarts}
    return told | {"lastState": last or {}}


def _ended(reason: str, code: int, rng: random.Random) -> Manifest:
    ident = f"containerd://{rng.getrandbits(256):064x}"
    return {"terminated": {"reason": reason, "exitCode": code, "startedAt": ago(170), "finishedAt": ago(120), "containerID": ident}}


def _event(pod: Manifest, reason: str, message: str, *, container: str = "", times: int = 2) -> Manifest:
    meta = pod["metadata"]
    about = {"kind": "Pod", "apiVersion": "v1", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}
    about |= {"fieldPath": f"spec.containers{{{container}}}"} if container else {}
    name = f"{meta['name']}.{reason.lower()}"
    told = {
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "type": "Warning",
        "count": times,
        "source": {"component": "kubelet"},
    }
    event = _plain("v1", "Event", name, **told, firstTimestamp=ago(800), lastTimestamp=ago(30))
    event["metadata"] |= {"namespace": meta["namespace"], "creationTimestamp": ago(800)}
    return event


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--workloads", type=int, default=WORKLOADS)
    given = parser.parse_args()
    with given.file.open("w") as out:
        print(write(out, workloads=given.workloads), "objects")
