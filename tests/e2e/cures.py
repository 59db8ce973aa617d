"""Faults whose cure is a built-in runbook: what to apply, the issue that opens, and what a person decides or does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.e2e.faults import GROW, IDLE, SERVE, container, deployment, job, pod_spec, probe, service

Json = dict[str, Any]
PORTS = {"ports": [{"name": "http", "containerPort": 8080}]}
SLOW = f"sleep 20; {SERVE}"
NEEDS_ENV = "[ -n \"$DATABASE_URL\" ] || { echo 'FATAL: environment variable DATABASE_URL is not set'; exit 1; }; " + IDLE
NODE = "node-2"


class Cure(NamedTuple):
    """One fault with the runbook that ends it.

    `types`: the issue has one of these. `owner`: the workload, or the object itself. `before`: applied, and running, before the fault.
    `decided`: parameters that the analysis leaves to a person. `first`: what a person repairs before the runbook makes sense.
    """

    runbook: str
    types: str
    owner: str
    fault: tuple[Json, ...]
    before: tuple[Json, ...] = ()
    decided: Mapping[str, Any] = MappingProxyType({})
    first: tuple[Json, ...] = ()


def memory(limit: str) -> Json:
    return {"requests": {"memory": "16Mi"}, "limits": {"memory": limit}}


def hungry(limit: str) -> Json:
    """Needs some 30 MiB."""
    return {**container(), "command": ["awk", GROW.replace("60000000", "15000000")], "resources": memory(limit)}


def workload(home: str, kind: str, name: str, one: Json) -> Json:
    """A StatefulSet or DaemonSet."""
    spec: Json = {"selector": {"matchLabels": {"app": name}}}
    spec |= {"serviceName": name, "podManagementPolicy": "Parallel"} if kind == "StatefulSet" else {}
    spec["template"] = {"metadata": {"labels": {"app": name}}, "spec": pod_spec(one)}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": home}, "spec": spec}


def pods_quota(home: str, pods: int) -> Json:
    spec = {"hard": {"pods": str(pods)}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": home}, "spec": spec}


def cures(home: str) -> tuple[Cure, ...]:
    """All of them. Quotas are for a namespace of their own, because they limit everything in it."""

    def run(name: str, one: Json, **more: Any) -> Json:
        return deployment(home, name, one, **more)

    return (*_memory(run), *_rollouts(home, run), *_probes(run), *_services(home, run), *_others(home, run))


def _memory(run: Any) -> tuple[Cure, ...]:
    small = {
        "initContainers": [
            {**hungry("20Mi"), "name": "prepare", "command": ["awk", GROW.replace("60000000", "15000000").replace("while (1)", "if (0)")]}
        ]
    }
    return (
        Cure("raise-memory-limit", "OOMKilled", "hungry", (run("hungry", hungry("20Mi")),)),
        Cure("rollback-workload", "OOMKilled", "lowered", (run("lowered", hungry("20Mi")),), before=(run("lowered", hungry("400Mi")),)),
        Cure("raise-memory-limit", "OOMKilled InitContainerStuck", "prepared", (run("prepared", container(), **small),)),
    )


def _rollouts(home: str, run: Any) -> tuple[Cure, ...]:
    """A new revision that does not run; the one before it did."""

    def rolled(name: str, types: str, bad: Json, kind: str = "Deployment", **more: Any) -> Cure:
        made = run if kind == "Deployment" else lambda name, one: workload(home, kind, name, one)
        governing = (headless(home, name),) if kind == "StatefulSet" else ()
        return Cure("rollback-workload", types, name, (made(name, bad, **more),), before=(*governing, made(name, container())))

    absent = {"volumes": [{"name": "settings", "configMap": {"name": "settings-v2"}}]}
    mounts = container(volumeMounts=[{"name": "settings", "mountPath": "/settings"}])
    return (
        rolled("needs-env", "CrashLoopBackOff", container(NEEDS_ENV)),
        rolled("set-needs-env", "CrashLoopBackOff", container(NEEDS_ENV), kind="StatefulSet"),
        rolled("daemon-needs-env", "CrashLoopBackOff", container(NEEDS_ENV), kind="DaemonSet"),
        rolled(
            "no-such-command",
            "RunContainerError CreateContainerError CrashLoopBackOff",
            {**container(), "command": ["/usr/bin/serve"]},
        ),
        rolled("no-settings", "FailedMount MissingReference", mounts, **absent),
        rolled("too-large", "FailedScheduling", container(resources={"requests": {"cpu": "200"}})),
        Cure(
            "fix-image-tag",
            "ImagePullBackOff",
            "new-tag",
            (run("new-tag", container() | {"image": "docker.io/library/busybox:1.63"}),),
            before=(run("new-tag", container()),),
        ),
    )


def _probes(run: Any) -> tuple[Cure, ...]:
    def serve(**probes: Json) -> Json:
        return container(SERVE, **PORTS, **probes)

    impatient = {"startupProbe": probe("/", 8080, failureThreshold=2), "livenessProbe": probe("/", 8080)}
    return (
        Cure("set-probe", "ReadinessProbeFailed", "ready-wrong-port", (run("ready-wrong-port", serve(readinessProbe=probe("/", 9090))),)),
        Cure(
            "set-probe",
            "LivenessProbeFailed",
            "alive-wrong-port",
            (run("alive-wrong-port", serve(livenessProbe=probe("/", 9090, failureThreshold=2))),),
        ),
        Cure(
            "set-probe-path",
            "ReadinessProbeFailed",
            "ready-wrong-path",
            (run("ready-wrong-path", serve(readinessProbe=probe("/healthz", 8080))),),
            decided={"value": "/"},
        ),
        Cure(
            "set-probe-path",
            "LivenessProbeFailed",
            "alive-wrong-path",
            (run("alive-wrong-path", serve(livenessProbe=probe("/healthz", 8080, failureThreshold=2))),),
            decided={"value": "/"},
        ),
        Cure(
            "set-probe",
            "StartupProbeFailed",
            "slow-start",
            (run("slow-start", container(SLOW, **PORTS, **impatient)),),
            decided={"field": "startupProbe.failureThreshold", "value": 60},
        ),
        Cure(
            "set-probe",
            "StartupProbeFailed",
            "start-wrong-port",
            (run("start-wrong-port", serve(startupProbe=probe("/", 9090, failureThreshold=5))),),
        ),
    )


def _services(home: str, run: Any) -> tuple[Cure, ...]:
    served = container(SERVE, **PORTS)
    return (
        Cure(
            "set-service-selector", "ServiceNoEndpoints", "lost", (service(home, "lost", {"app": "fuond"}),), before=(run("found", served),)
        ),
        Cure(
            "set-target-port",
            "ServiceTargetPortMismatch ServiceNoEndpoints",
            "wrong-port",
            (service(home, "wrong-port", {"app": "served"}, "web"),),
            before=(run("served", served),),
        ),
        Cure(
            "scale-workload",
            "ServiceNoEndpoints ScaledToZero",
            "asleep",
            (run("asleep", served, replicas=0),),
            before=(run("asleep", served), service(home, "asleep", {"app": "asleep"})),
        ),
    )


def headless(home: str, name: str) -> Json:
    """The Service that a StatefulSet names."""
    made = service(home, name, {"app": name})
    made["spec"]["clusterIP"] = "None"
    return made


def _others(home: str, run: Any) -> tuple[Cure, ...]:
    full = f"{home}-full"
    pinned = {"nodeSelector": {"kubernetes.io/hostname": NODE}}
    asks = job(home, "import", '[ -n "$CATALOG_SERVICE_HOST" ] || { echo "wget: bad address \'catalog\'"; exit 1; }')
    asks["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "CATALOG_URL", "value": "http://catalog"}]
    return (
        Cure(
            "raise-quota",
            "FailedCreate ResourceQuotaExceeded",
            "crowded few",
            (pods_quota(full, 1), deployment(full, "crowded", container(), replicas=2)),
        ),
        Cure("uncordon-node", "FailedScheduling NodeCordoned", f"pinned {NODE}", (run("pinned", container(), **pinned),)),
        Cure(
            "rerun-job",
            "JobFailed",
            "import",
            (asks,),
            first=(run("catalog", container(SERVE, **PORTS)), service(home, "catalog", {"app": "catalog"})),
        ),
        Cure(
            "restart-job",
            "JobNotCompleted",
            "report",
            (job(home, "report", f"nslookup ledger.{home}.svc.cluster.local || sleep 100000"),),
            first=(run("ledger", container(SERVE, **PORTS)), service(home, "ledger", {"app": "ledger"})),
        ),
    )
