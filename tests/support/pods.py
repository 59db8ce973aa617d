"""Synthetic pods of about 8 KB: 200 workloads of 50, with the randomness of real ones (hashes, uids, digests, addresses).

A change of a pod is a new resourceVersion and a new status; the rest of its bytes stay, as in a real cluster.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

WORKLOADS = 200
EACH = 50
BEGIN = int(time.time())  # of this process; what failed long ago is no issue any more
FAILING_EVERY = 100  # one pod in a hundred fails; 0 for none
PER_SECOND = 3000  # versions of the whole fleet; times in a status only move forward, as those of real pods do
BACK_OFF_S = 10  # the kubelet waits at least that long between two restarts of a container that fails
_RV, _STATUS = "@rv@", "@status@"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod in three pieces of bytes, between which its version and its status go."""

    uid: str
    namespace: str
    name: str
    pieces: tuple[bytes, bytes, bytes]
    failing: bool

    def at(self, version: int) -> bytes:
        """The pod's JSON at this resourceVersion; each version has another status."""
        rv = str(version).encode()
        return b"".join((self.pieces[0], rv, self.pieces[1], _status(version, failing=self.failing), self.pieces[2]))


def fleet(
    seed: int = 1, *, workloads: int = WORKLOADS, each: int = EACH, failing_every: int = FAILING_EVERY, has_environment: bool = True
) -> list[Pod]:
    """All pods in random order; one in `failing_every` is failing, none with 0."""
    rng = random.Random(seed)
    pods = [pod for number in range(workloads) for pod in _workload(number, each, failing_every, rng, has_environment)]
    rng.shuffle(pods)
    return pods


def objects(seed: int = 1, *, workloads: int = WORKLOADS, each: int = EACH) -> Iterator[dict[str, Any]]:
    """The same pods as decoded manifests, for a stub API server."""
    for pod in fleet(seed, workloads=workloads, each=each):
        yield json.loads(pod.at(1))


def _workload(number: int, each: int, failing_every: int, rng: random.Random, has_environment: bool) -> Iterator[Pod]:
    app, namespace = f"service-{number:03}", f"team-{number % 20:02}"
    environments = [_environment(app, rng) if has_environment else [] for _ in ("main", "sidecar")]
    image, template_hash, revision = f"registry.shop.test/{app}@sha256:{_hex(rng, 64)}", _hex(rng, 10), _hex(rng, 40)
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": f"{app}-{template_hash}",
        "uid": _uid(rng),
        "controller": True,
        "blockOwnerDeletion": True,
    }
    for index in range(each):
        failing = failing_every > 0 and (number * each + index) % failing_every == 0
        yield _pod(app, index, namespace, template_hash, owner, image, environments, revision, failing, rng)


def _environment(app: str, rng: random.Random) -> list[dict[str, Any]]:
    names = [
        f"{word}_{what}" for word in ("HTTP", "CACHE", "QUEUE", "DB", "TRACE", "FEATURE") for what in ("HOST", "PORT", "MODE", "LEVEL")
    ]
    plain = [{"name": name, "value": f"{_hex(rng, 30)}.{app}.svc"} for name in names[::2]]
    return plain + [
        {"name": name, "valueFrom": {"configMapKeyRef": {"name": f"{app}-{_hex(rng, 8)}", "key": name.lower()}}} for name in names[1::2]
    ]


def _pod(
    app: str,
    index: int,
    namespace: str,
    template_hash: str,
    owner: dict[str, Any],
    image: str,
    environments: list[list[Any]],
    revision: str,
    failing: bool,
    rng: random.Random,
) -> Pod:
    name, uid = f"{app}-{template_hash}-{index:02x}{_hex(rng, 3)}", _uid(rng)
    volume = f"kube-api-access-{_hex(rng, 5)}"
    mounts = [
        {"name": volume, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
        {"name": "config", "mountPath": "/etc/app"},
    ]
    probe = {
        "httpGet": {"path": "/ready", "port": 8080, "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    common = {"image": image, "resources": resources, "volumeMounts": mounts, "imagePullPolicy": "IfNotPresent"}
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "generateName": f"{app}-{template_hash}-",
            "namespace": namespace,
            "uid": uid,
            "resourceVersion": _RV,
            "creationTimestamp": "2026-01-15T09:00:00Z",
            "labels": {"app.kubernetes.io/name": app, "pod-template-hash": template_hash, "team": namespace},
            "annotations": {
                "checksum/config": _hex(rng, 64),
                "cni.projectcalico.org/containerID": _hex(rng, 64),
                "deploy/revision": revision,
                "sidecar.shop.test/status": _hex(rng, 700),
            },
            "ownerReferences": [owner],
            "managedFields": [
                {"manager": "kube-controller-manager", "operation": "Update", "time": "2026-01-15T09:00:00Z"},
                {"manager": "kubelet", "operation": "Update", "subresource": "status", "time": "2026-01-15T09:00:07Z"},
            ],
        },
        "spec": {
            "containers": [
                {
                    "name": "main",
                    "readinessProbe": probe,
                    "livenessProbe": probe,
                    "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                    "env": environments[0],
                    **common,
                },
                {
                    "name": "sidecar",
                    "args": ["--upstream", f"{app}.{namespace}.svc:8080", "--trace", _hex(rng, 16)],
                    "env": environments[1],
                    **common,
                },
            ],
            "volumes": [
                {
                    "name": volume,
                    "projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}], "defaultMode": 420},
                },
                {"name": "config", "configMap": {"name": f"{app}-{_hex(rng, 8)}", "defaultMode": 420}},
            ],
            "nodeName": f"node-{rng.randrange(100):03}",
            "serviceAccountName": app,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                for key in ("not-ready", "unreachable")
            ],
        },
        "status": _STATUS,
    }
    text = json.dumps(manifest, separators=(",", ":"))
    before, rest = text.split(_RV)
    middle, after = rest.split(f'"{_STATUS}"')
    return Pod(uid, namespace, name, (before.encode(), middle.encode(), after.encode()), failing)


def _status(version: int, *, failing: bool) -> bytes:
    passed = min(59, version // PER_SECOND)
    moment, exited = _at(passed), _at(passed // BACK_OFF_S * BACK_OFF_S)
    digest = f"{version * 2654435761 % (1 << 64):016x}" * 4
    state = _FAILING % (exited, digest, exited, exited) if failing else _RUNNING % (moment, digest)
    conditions = _conditions(moment, is_ready=not failing)
    return (
        b'{"phase":"Running","hostIP":"10.0.%d.%d","podIP":"10.1.%d.%d","qosClass":"Burstable","startTime":"%s","conditions":[%s],"containerStatuses":[%s]}'
        % (
            *(version % 250, version // 250 % 250, version % 251, version // 251 % 251),
            moment.encode(),
            conditions,
            state.encode(),
        )
    )


@lru_cache(maxsize=128)
def _conditions(moment: str, *, is_ready: bool) -> bytes:
    ready = b"True" if is_ready else b"False"
    return b",".join(
        b'{"type":"%s","status":"%s","lastTransitionTime":"%s"}'
        % (kind, ready if kind in (b"Ready", b"ContainersReady") else b"True", moment.encode())
        for kind in _CONDITIONS
    )


@lru_cache(maxsize=128)
def _at(passed_s: int) -> str:
    """RFC 3339; the minute before this process began is the one in which everything happens."""
    return datetime.fromtimestamp(BEGIN - 60 + passed_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_CONDITIONS = (b"PodScheduled", b"Initialized", b"ContainersReady", b"Ready")
_RUNNING = (
    '{"name":"main","ready":true,"started":true,"restartCount":0,"image":"main","imageID":"main","state":{"running":{"startedAt":"%s"}},'
    '"containerID":"containerd://%s"}'
)
_FAILING = (
    '{"name":"main","ready":false,"started":false,"restartCount":7,"image":"main","imageID":"main","state":{"waiting":{"reason":"CrashLoopBackOff",'
    '"message":"back-off 5m0s restarting failed container"}},'
    '"lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"startedAt":"%s",'
    '"containerID":"containerd://%s","finishedAt":"%s"}},"lastTransitionTime":"%s"}'
)


def _hex(rng: random.Random, length: int) -> str:
    return f"{rng.getrandbits(length * 4):0{length}x}"


def _uid(rng: random.Random) -> str:
    text = _hex(rng, 32)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
