"""The status of a pod: what the kubelet writes when containers wait, run, fail and restart.

Each function changes the pod in place and leaves it consistent: phase and conditions always follow from the containers.
"""

import hashlib
import random
from datetime import datetime
from typing import Any

from optral.demo.objects import managed, stamp
from optral.demo.registry import Manifest


def schedule(pod: Manifest, *, node: Manifest, at: datetime) -> None:
    """Bind the pod to a node; its containers wait to be created."""
    pod["spec"]["nodeName"] = node["metadata"]["name"]
    status = pod.setdefault("status", {})
    status["hostIP"] = node["status"]["addresses"][0]["address"]
    status["startTime"] = stamp(at)
    status["qosClass"] = "Burstable"
    status["containerStatuses"] = [_status(spec, {"waiting": {"reason": "ContainerCreating"}}) for spec in pod["spec"]["containers"]]
    _set_condition(pod, "PodScheduled", "True", at=at)
    refresh(pod, at=at)


def unschedulable(pod: Manifest, *, message: str, at: datetime) -> None:
    """Leave the pod Pending: the scheduler finds no node and gives the reason."""
    pod["status"] = {"phase": "Pending", "qosClass": "Burstable"}
    _set_condition(pod, "PodScheduled", "False", at=at, reason="Unschedulable", message=message)


def run(pod: Manifest, *, rng: random.Random, at: datetime, is_ready: bool = True) -> None:
    """Start every container that is not running."""
    for spec in pod["spec"]["containers"]:
        if "running" not in container_status(pod, spec["name"])["state"]:
            start(pod, spec["name"], rng=rng, at=at, is_ready=is_ready)


def start(pod: Manifest, name: str, *, rng: random.Random, at: datetime, is_ready: bool = True) -> None:
    """The container has been running since `at`; its previous exit stays in lastState."""
    entry = container_status(pod, name)
    if (ended := entry["state"].get("terminated")) is not None:
        entry["lastState"] = {"terminated": ended}
    entry["state"] = {"running": {"startedAt": stamp(at)}}
    entry |= {"ready": is_ready, "started": True, "containerID": _container_id(rng)}
    entry["imageID"] = f"{entry['image'].rpartition(':')[0]}@sha256:{hashlib.sha256(entry['image'].encode()).hexdigest()}"
    if "podIP" not in pod["status"]:
        pod["status"]["podIP"] = f"10.244.{rng.randrange(1, 8)}.{rng.randrange(2, 250)}"
        pod["status"]["podIPs"] = [{"ip": pod["status"]["podIP"]}]
    refresh(pod, at=at)


def wait(pod: Manifest, name: str, *, reason: str, message: str = "", at: datetime) -> None:
    """The container waits with this reason; its last exit moves to lastState."""
    entry = container_status(pod, name)
    if (ended := entry["state"].get("terminated")) is not None:
        entry["lastState"] = {"terminated": ended}
    entry["state"] = {"waiting": {"reason": reason} | ({"message": message} if message else {})}
    entry |= {"ready": False, "started": False}
    refresh(pod, at=at)


def end(pod: Manifest, name: str, *, reason: str, exit_code: int, at: datetime, started: datetime | None = None, message: str = "") -> None:
    """The container exited at `at`; it started when it was last running, unless `started` is given."""
    entry = container_status(pod, name)
    running = entry["state"].get("running", {}).get("startedAt", stamp(at))
    ended: dict[str, Any] = {"exitCode": exit_code, "reason": reason, "startedAt": stamp(started) if started else running}
    ended |= {"finishedAt": stamp(at), "containerID": entry.get("containerID", "")} | ({"message": message} if message else {})
    entry["state"] = {"terminated": ended}
    entry |= {"ready": False, "started": False}
    refresh(pod, at=at)


def restarted(pod: Manifest, name: str) -> int:
    """Count one restart; returns the number of restarts so far."""
    entry = container_status(pod, name)
    entry["restartCount"] += 1
    return int(entry["restartCount"])


def set_ready(pod: Manifest, name: str, is_ready: bool, *, at: datetime) -> None:
    """Set the result of the readiness probe of a running container."""
    container_status(pod, name)["ready"] = is_ready
    refresh(pod, at=at)


def is_ready(pod: Manifest) -> bool:
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in pod.get("status", {}).get("conditions", []))


def container_status(pod: Manifest, name: str) -> Manifest:
    found: Manifest = next(entry for entry in pod["status"]["containerStatuses"] if entry["name"] == name)
    return found


def lose_node(pod: Manifest, *, at: datetime) -> None:
    """The node of the pod stopped reporting: the node controller marks the pod not ready, its containers keep their last state."""
    _set_condition(pod, "Ready", "False", at=at, reason="", message="")


def refresh(pod: Manifest, *, at: datetime) -> None:
    """Derive phase and conditions from the containers, as the kubelet does."""
    status = pod["status"]
    entries = status["containerStatuses"]
    status["phase"] = _phase(entries, is_restarted=pod["spec"]["restartPolicy"] == "Always")
    has_sandbox = "podIP" in status or any(entry["state"].get("waiting", {}).get("reason") != "ContainerCreating" for entry in entries)
    _set_condition(pod, "PodReadyToStartContainers", "True" if has_sandbox else "False", at=at)
    _set_condition(pod, "Initialized", "True", at=at)
    unready = [entry["name"] for entry in entries if not entry["ready"]]
    why: dict[str, str] = {}
    if status["phase"] == "Succeeded":
        why = {"reason": "PodCompleted"}
    elif unready:
        why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
    for type_ in ("Ready", "ContainersReady"):
        _set_condition(pod, type_, "False" if why else "True", at=at, **why)
    pod["metadata"]["managedFields"] = [pod["metadata"]["managedFields"][0], managed("kubelet", at, subresource="status")]


def _phase(entries: list[Manifest], *, is_restarted: bool) -> str:
    ended = [entry["state"].get("terminated") for entry in entries]
    if not is_restarted and all(ended):
        return "Failed" if any(one["exitCode"] for one in ended) else "Succeeded"
    has_begun = any("running" in entry["state"] or "terminated" in entry["state"] or entry["lastState"] for entry in entries)
    return "Running" if has_begun else "Pending"


def _status(spec: Manifest, state: Manifest) -> Manifest:
    return {
        "name": spec["name"],
        "image": spec["image"],
        "imageID": "",
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": state,
        "lastState": {},
    }


def _set_condition(pod: Manifest, type_: str, status: str, *, at: datetime, reason: str = "", message: str = "") -> None:
    """Set a condition; its transition time changes only with its status."""
    conditions = pod["status"].setdefault("conditions", [])
    known = next((entry for entry in conditions if entry["type"] == type_), None)
    if known is None:
        known = {"type": type_, "lastProbeTime": None}
        conditions.append(known)
    if known.get("status") != status:
        known["lastTransitionTime"] = stamp(at)
    known["status"] = status
    for key, value in (("reason", reason), ("message", message)):
        known.pop(key, None)
        if value:
            known[key] = value


def _container_id(rng: random.Random) -> str:
    return f"containerd://{rng.getrandbits(256):064x}"
