"""Labeled cases made harder, to see whether an answer rests on names or on quiet surroundings.

    python -m lab.tools.perturb FOLDER OUT [--rename] [--noise] [--seed N]

FOLDER holds `cases/*.json.gz` (bundles, as `optral eval` reads them) and `answers.json`; OUT gets the same cases with every object renamed
(consistently, log lines and addresses too) and with two broken workloads that have nothing to do with the case. Slips of names stay slips:
letters are exchanged one for one, so what was nearly a name is nearly its new name. The cases stay wherever they are kept, never in here.
"""

import argparse
import gzip
import json
import random
import re
import string
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from optral.kube.names import edits

KEPT_NAMESPACES = frozenset({"kube-system", "kube-node-lease", "kube-public", "default"})
KEPT_NAMES = frozenset({"default", "kubernetes", "kube-root-ca.crt"})
KEPT_LABELS = ("kubernetes.io/role",)
NOISE = ("zz-noise-crash", "zz-noise-pull")
_WORD = re.compile(r"[a-z][a-z0-9]{3,}(?:-[a-z0-9]+)*")
Json = dict[str, Any]


def renamed(bundle: Json, answer: Json, *, seed: int) -> tuple[Json, Json]:
    """A bundle and its answer with other names for everything outside the system's namespaces."""
    exchange = _exchange(seed)
    names = {name: exchange(name) for name in _names(bundle)}
    for word in _words(bundle):
        if word not in names and any(edits(word, name, limit=3) <= 3 and len(name) > 5 for name in list(names)):
            names[word] = exchange(word)
    if not names:
        return bundle, answer
    found = re.compile(r"(?<![A-Za-z0-9])(" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")(?![A-Za-z0-9])")

    def put(text: str) -> str:
        return found.sub(lambda match: names[match.group(1)], text)

    return _walk(bundle, put), answer | {"faultObject": put(answer["faultObject"])}


def _exchange(seed: int) -> Callable[[str], str]:
    letters = list(string.ascii_lowercase)
    random.Random(seed).shuffle(letters)
    table = str.maketrans(string.ascii_lowercase, "".join(letters))
    return lambda name: name.translate(table)


def _names(bundle: Json) -> Iterator[str]:
    for one in bundle["objects"]["items"]:
        meta = one["metadata"]
        if one["kind"] in ("Pod", "ReplicaSet", "Event", "EndpointSlice", "Lease", "ControllerRevision"):
            continue  # named after others
        if meta.get("namespace", "") in KEPT_NAMESPACES or meta["name"] in KEPT_NAMES | KEPT_NAMESPACES:
            continue
        yield meta["name"]


def _words(bundle: Json) -> set[str]:
    """Words in settings that could be a name with a slip in it."""
    found: set[str] = set()
    for one in bundle["objects"]["items"]:
        if one["kind"] in ("Pod", "Deployment", "StatefulSet"):
            spec = one["spec"] if one["kind"] == "Pod" else one["spec"]["template"]["spec"]
            for container in spec.get("containers", []):
                for setting in container.get("env", []):
                    found |= set(_WORD.findall(str(setting.get("value", ""))))
    return found


def _walk(value: Any, put: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return put(value)
    if isinstance(value, list):
        return [_walk(one, put) for one in value]
    if isinstance(value, dict):
        return {
            (put(key) if "/" in key and "." not in key.partition("/")[0] else key): one if key in KEPT_LABELS else _walk(one, put)
            for key, one in value.items()
        }
    return value


def with_noise(bundle: Json) -> Json:
    """Two workloads of the case's own namespace that have been broken for a day: one crashes, one has an image nobody pushed."""
    bundle = deepcopy(bundle)
    namespace, now = bundle["meta"]["namespace"], bundle["meta"]["now"]
    node = next((one["metadata"]["name"] for one in bundle["objects"]["items"] if one["kind"] == "Node"), "")
    crash, pull = NOISE
    ended = {"exitCode": 2, "reason": "Error", "startedAt": now, "finishedAt": now}
    crashing = {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}, "lastState": {"terminated": ended}}
    message = 'Failed to pull image "registry.invalid/none:0": not found'
    pulling = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}, "lastState": {}}
    for name, image, state, restarts in ((crash, "registry.invalid/crash:1", crashing, 40), (pull, "registry.invalid/none:0", pulling, 0)):
        bundle["objects"]["items"] += _broken(name, namespace, node, image, {"restartCount": restarts, **state}, now)
    bundle.setdefault("logs", {})[f"{namespace}/{crash}-1-x/main.previous"] = (
        "FATAL: required environment variable LICENCE_KEY is not set\n"
    )
    return bundle


def _broken(name: str, namespace: str, node: str, image: str, status: Json, now: str) -> list[Json]:
    labels = {"noise": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    made = re.sub(r"^\d{4}", lambda year: str(int(year.group()) - 1), now)

    def meta(suffix: str, owner: str = "", kind: str = "") -> Json:
        found: Json = {
            "name": name + suffix,
            "namespace": namespace,
            "uid": f"uid-{name}{suffix}",
            "creationTimestamp": made,
            "labels": labels,
        }
        if owner:
            found["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": f"uid-{owner}", "controller": True}]
        return found

    waits = status["state"]["waiting"]
    ready = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": made}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta("-1-x", f"{name}-1", "ReplicaSet"),
        "spec": template["spec"] | {"nodeName": node},
        "status": {
            "phase": "Running" if status["restartCount"] else "Pending",
            "startTime": made,
            "conditions": [ready, {"type": "PodScheduled", "status": "True", "lastTransitionTime": made}],
            "containerStatuses": [{"name": "main", "ready": False, "image": image, **status}],
        },
    }
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    told = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": meta("-told"),
        "involvedObject": {"kind": "Pod", "name": f"{name}-1-x", "namespace": namespace, "uid": f"uid-{name}-1-x"},
        "reason": "Failed",
        "type": "Warning",
        "message": waits["message"],
        "lastTimestamp": now,
        "count": 9,
    }
    replica_set = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": meta("-1", name, "Deployment"),
        "spec": spec,
        "status": {"replicas": 1},
    }
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(""), "spec": spec, "status": {"replicas": 1}}
    return [deployment, replica_set, pod, *([told] if "pull" in waits["message"] else [])]


def main() -> None:
    arguments = argparse.ArgumentParser(description="Make labeled cases harder.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--rename", action="store_true")
    arguments.add_argument("--noise", action="store_true")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    answers: dict[str, Json] = json.loads((given.folder / "answers.json").read_text())
    (given.out / "cases").mkdir(parents=True, exist_ok=True)
    for path in sorted((given.folder / "cases").glob("*.json.gz")):
        name = path.name.removesuffix(".json.gz")
        bundle = json.loads(gzip.decompress(path.read_bytes()))
        if given.rename:
            bundle, answers[name] = renamed(bundle, answers[name], seed=given.seed)
        if given.noise:
            bundle = with_noise(bundle)
        (given.out / "cases" / path.name).write_bytes(gzip.compress(json.dumps(bundle).encode(), 5))
    (given.out / "answers.json").write_text(json.dumps(answers, indent=1))


if __name__ == "__main__":
    main()
