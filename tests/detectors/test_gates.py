"""Every gate, where it holds and where it does not: as a function, and through `examine`. G14 has no function: see the module."""

from typing import Any

import pytest

from optral import detectors
from optral.detectors import gates
from optral.kube import owners
from optral.kube.objects import Container, Deployment, Job, KubeObject, Node, PersistentVolumeClaim, Pod, Probe, ReplicaSet, Service
from tests.detectors.build import (
    NOON,
    at,
    condition,
    container,
    deployment,
    event,
    make,
    owned_by,
    pod,
    replica_set,
    running,
    status,
    terminated,
    view_of,
    waiting,
)

COMPLETE = {"conditions": [condition("Complete")]}


def rolling(reason: str, ago: float = 60, state: str = "True") -> KubeObject:
    return deployment(status={"conditions": [condition("Progressing", state, reason=reason, ago=ago)]})


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        pytest.param(gates.is_deleting(pod(meta={"deletionTimestamp": "2026-03-02T11:59:00Z"})), True, id="G1 deleting"),
        pytest.param(gates.is_deleting(pod()), False, id="G1 staying"),
        pytest.param(gates.is_normal_wait("PodInitializing"), True, id="G4 waits for init"),
        pytest.param(gates.is_normal_wait("ErrImagePull"), False, id="G4 waits for an image"),
        pytest.param(gates.is_sidecar(Container(restart_policy="Always")), True, id="G4 native sidecar"),
        pytest.param(gates.is_sidecar(Container()), False, id="G4 plain init container"),
        pytest.param(gates.is_switched_off(deployment(replicas=0)), True, id="G6 scaled to zero"),
        pytest.param(gates.is_switched_off(deployment()), False, id="G6 scaled up"),
        pytest.param(gates.is_switched_off(make("CronJob.batch", name="c", spec={"suspend": True})), True, id="G6 suspended"),
        pytest.param(gates.is_switched_off(make("CronJob.batch", name="c")), False, id="G6 not suspended"),
        pytest.param(gates.is_switched_off(None), False, id="G6 not seen"),
        pytest.param(gates.is_paused(deployment(spec={"paused": True})), True, id="G6 paused"),
        pytest.param(gates.is_paused(deployment()), False, id="G6 not paused"),
        pytest.param(gates.is_kept_by_kubelet("kube-root-ca.crt"), True, id="G11 made by a controller"),
        pytest.param(gates.is_kept_by_kubelet("settings"), False, id="G11 made by people"),
    ],
)
def test_gates_that_look_at_one_object(claim: bool, expected: bool) -> None:
    assert claim is expected


@pytest.mark.parametrize(("phase", "expected"), [("Succeeded", True), ("Running", False)])
def test_g2_a_finished_pod(phase: str, expected: bool) -> None:
    assert gates.has_finished(_pod(phase=phase)) is expected


def test_g2_a_job_that_succeeded_after_retries_or_in_a_later_run() -> None:
    cron = make("CronJob.batch", name="report")
    owner = {"ownerReferences": owned_by(cron)}
    failed = make("Job.batch", name="r-1", ago=600, meta=owner)
    assert isinstance(failed, Job)
    assert not gates.has_succeeded_since(failed, view_of(cron, failed))
    assert not gates.has_succeeded_since(failed, view_of(cron, failed, make("Job.batch", name="r-0", ago=900, meta=owner, status=COMPLETE)))
    assert gates.has_succeeded_since(failed, view_of(cron, failed, make("Job.batch", name="r-2", ago=300, meta=owner, status=COMPLETE)))
    done = make("Job.batch", name="r-3", status=COMPLETE)
    assert isinstance(done, Job)
    assert gates.has_succeeded_since(done, view_of(done))


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        pytest.param(rolling("ReplicaSetUpdated"), True, id="deployment on its way"),
        pytest.param(rolling("NewReplicaSetAvailable"), False, id="deployment arrived"),
        pytest.param(rolling("ReplicaSetUpdated", ago=700), False, id="deployment past its deadline"),
        pytest.param(rolling("ProgressDeadlineExceeded", state="False"), False, id="deployment stuck"),
        pytest.param(
            make("StatefulSet.apps", name="db", spec={"replicas": 3}, status={"updatedReplicas": 1}), False, id="no pod made lately"
        ),
        pytest.param(None, False, id="not seen"),
    ],
)
def test_g3_a_rollout_that_still_has_time(workload: KubeObject | None, expected: bool) -> None:
    view = view_of(*([workload] if workload is not None else []))
    assert gates.is_rolling_out(workload, view, now=NOON) is expected


def test_g3_a_stateful_or_daemon_set_that_replaces_pods() -> None:
    sts = make("StatefulSet.apps", name="db", spec={"replicas": 3}, status={"updatedReplicas": 1})
    daemons = make("DaemonSet.apps", name="agent", status={"desiredNumberScheduled": 3, "updatedNumberScheduled": 1})
    for workload in (sts, daemons):
        fresh = pod(meta={"ownerReferences": owned_by(workload)}, ago=60)
        assert gates.is_rolling_out(workload, view_of(workload, fresh), now=NOON)


@pytest.mark.parametrize(
    ("spec", "status", "is_rollout"),
    [
        pytest.param({"partition": 2}, {"updatedReplicas": 1}, False, id="the replicas above the partition are updated"),
        pytest.param({"partition": 2}, {"updatedReplicas": 0}, True, id="the replica above the partition is not updated"),
        pytest.param(
            {}, {"updatedReplicas": 2, "currentRevision": "a", "updateRevision": "a"}, False, id="a replica is missing and no update began"
        ),
        pytest.param({}, {"updatedReplicas": 2, "currentRevision": "a", "updateRevision": "b"}, True, id="an update began"),
        pytest.param({"type": "OnDelete"}, {"updatedReplicas": 1}, False, id="people delete the pods"),
    ],
)
def test_g3_a_stateful_set_replaces_only_what_its_strategy_allows(spec: dict[str, Any], status: dict[str, Any], is_rollout: bool) -> None:
    kind = spec.get("type", "RollingUpdate")
    strategy = {"type": kind, "rollingUpdate": {"partition": spec.get("partition", 0)}}
    workload = make("StatefulSet.apps", name="db", spec={"replicas": 3, "updateStrategy": strategy}, status=status)
    fresh = pod(meta={"ownerReferences": owned_by(workload)}, ago=60)
    assert gates.is_rolling_out(workload, view_of(workload, fresh), now=NOON) is is_rollout


@pytest.mark.parametrize(("state", "expected"), [("True", True), ("False", False)])
def test_g5_a_pod_that_is_disrupted_on_purpose(state: str, expected: bool) -> None:
    shown = _pod(conditions=[condition("DisruptionTarget", state, reason="PreemptionByScheduler")])
    assert gates.is_disrupted(shown) is expected


@pytest.mark.parametrize(
    ("spec", "conditions", "expected"),
    [
        pytest.param({"taints": [{"key": "karpenter.sh/disrupted"}]}, [], True, id="taken away by its autoscaler"),
        pytest.param({}, ["DrainInProgress"], True, id="being drained"),
        pytest.param({"unschedulable": True}, [], False, id="a cordon alone"),
        pytest.param({"taints": [{"key": "dedicated", "value": "gpu"}]}, ["EtcdIsVoter"], False, id="an ordinary taint"),
    ],
)
def test_g5_a_node_that_is_removed_on_purpose(spec: dict[str, object], conditions: list[str], expected: bool) -> None:
    node = make("Node", name="n", namespace=None, spec=spec, status={"conditions": [condition(name) for name in conditions]})
    assert isinstance(node, Node)
    assert gates.is_leaving(node) is expected


def test_g7_old_events_and_those_about_an_earlier_object_of_that_name_do_not_count() -> None:
    shown = pod()
    namesake = make("Pod", name=shown.name)
    fresh, old = event(shown, "Unhealthy", ago=590), event(shown, "Unhealthy", ago=610)
    view = view_of(shown, fresh, old, event(namesake, "Unhealthy"), event(shown, "Pulled"), event(shown, "Unhealthy", ago=-7200))
    assert [found.uid for found in gates.fresh_events(view, shown.uid, ("Unhealthy",), now=NOON)] == [fresh.uid]
    assert not gates.is_fresh(None, now=NOON)


def test_g7_a_reboot_restarts_everything_and_is_no_crash() -> None:
    shown, node = _pod(), make("Node", name="node-1", namespace=None)
    by_name = {"kind": "Node", "name": "node-1", "uid": "node-1"}  # a kubelet writes the name where the uid belongs
    rebooted = make("Event", name="n.1", involvedObject=by_name, reason="Rebooted", lastTimestamp=at(60))
    assert gates.was_rebooted(shown, view_of(shown, node, rebooted), now=NOON)
    assert gates.was_rebooted(shown, view_of(shown, node, event(node, "Rebooted")), now=NOON)
    assert gates.was_rebooted(shown, view_of(shown, event(shown, "SandboxChanged")), now=NOON)
    assert not gates.was_rebooted(shown, view_of(shown, node, event(node, "Rebooted", ago=700)), now=NOON)
    assert not gates.was_rebooted(shown, view_of(shown, node), now=NOON)


def test_g8_a_claim_that_waits_for_its_first_consumer() -> None:
    claim = make("PersistentVolumeClaim", name="data", spec={"storageClassName": "fast"})
    assert isinstance(claim, PersistentVolumeClaim)
    late = make("StorageClass.storage.k8s.io", name="fast", namespace=None, volumeBindingMode="WaitForFirstConsumer")
    at_once = make("StorageClass.storage.k8s.io", name="fast", namespace=None, volumeBindingMode="Immediate")
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    placed, homeless = pod(spec={"volumes": volumes}), pod(spec={"volumes": volumes, "nodeName": ""})
    assert gates.waits_for_consumer(claim, view_of(claim, late))
    assert gates.waits_for_consumer(claim, view_of(claim, late, homeless))
    assert not gates.waits_for_consumer(claim, view_of(claim, late, placed))
    assert not gates.waits_for_consumer(claim, view_of(claim, at_once))
    assert not gates.waits_for_consumer(claim, view_of(claim))


@pytest.mark.parametrize(("observed", "expected"), [(1, True), (2, False), (None, False)])
def test_g9_a_status_of_an_older_spec(observed: int | None, expected: bool) -> None:
    shown = deployment(meta={"generation": 2}, status={"observedGeneration": observed})
    assert isinstance(shown, Deployment)
    assert gates.is_status_stale(shown) is expected


def test_g10_pods_of_a_superseded_revision() -> None:
    top = deployment()
    old = replica_set(top, name="api-a", revision=1, replicas=0, status={"replicas": 1})
    new = replica_set(top, name="api-b", revision=2)
    view = view_of(top, old, new)
    assert isinstance(old, ReplicaSet)
    assert isinstance(new, ReplicaSet)
    assert gates.is_superseded(_pod(owner=old), view)
    assert not gates.is_superseded(_pod(owner=new), view)
    assert not gates.is_superseded(_pod(), view)
    assert not gates.is_scaling_down(old, view_of(top, old))


@pytest.mark.parametrize(
    ("spec", "more", "expected"),
    [
        pytest.param({"type": "ExternalName", "selector": {"app": "api"}}, [], True, id="external"),
        pytest.param({}, [], True, id="no selector"),
        pytest.param({"selector": {"app": "api"}}, [deployment(replicas=0)], True, id="workload off"),
        pytest.param({"selector": {"app": "api"}}, [deployment()], False, id="workload on"),
        pytest.param({"selector": {"app": "api"}}, [], False, id="nothing behind it"),
        pytest.param(
            {"selector": {"app": "api"}},
            [make("Job.batch", name="j", spec={"template": {"metadata": {"labels": {"app": "api"}}}})],
            True,
            id="a job behind it",
        ),
    ],
)
def test_g12_services_that_rightly_have_no_endpoints(spec: dict[str, object], more: list[KubeObject], expected: bool) -> None:
    shown = make("Service", name="api", spec=spec)
    assert isinstance(shown, Service)
    assert gates.needs_no_endpoints(shown, view_of(shown, *more)) is expected


def test_g12_a_headless_service_of_kube_system() -> None:
    spec = {"selector": {"app": "etcd"}, "clusterIP": "None"}
    system, shop = (make("Service", name="etcd", namespace=where, spec=spec) for where in ("kube-system", "shop"))
    assert isinstance(system, Service)
    assert isinstance(shop, Service)
    assert gates.needs_no_endpoints(system, view_of(system))
    assert not gates.needs_no_endpoints(shop, view_of(shop))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Container(), 60),
        (Container(readiness_probe=Probe(initial_delay_seconds=100, period_seconds=10, failure_threshold=5)), 150),
        (Container(startup_probe=Probe(period_seconds=10, failure_threshold=30), readiness_probe=Probe()), 300),
        (Container(startup_probe=Probe(period_seconds=1, failure_threshold=3)), 60),
        (Container(startup_probe=Probe(period_seconds=2**62, failure_threshold=2**62)), 10 * 365 * 86400),
    ],
)
def test_g13_the_startup_budget(shape: Container, expected: float) -> None:
    assert gates.startup_budget_s(shape) == expected


@pytest.mark.parametrize(("ago", "expected"), [(299, True), (301, False)])
def test_g13_a_node_that_has_just_joined(ago: float, expected: bool) -> None:
    node = make("Node", name="n", namespace=None, ago=ago)
    assert isinstance(node, Node)
    assert gates.is_young(node, now=NOON) is expected
    assert (gates.settled_at(node) > NOON) is expected


def test_g15_pods_that_are_held_back_on_purpose() -> None:
    assert gates.is_gated(_pod(spec={"schedulingGates": [{"name": "x"}]}))
    assert gates.is_gated(_pod(conditions=[condition("PodScheduled", "False", reason="SchedulingGated")]))
    assert not gates.is_gated(_pod(conditions=[condition("PodScheduled", "False", reason="Unschedulable")]))


def test_g16_the_last_event_of_the_autoscaler_counts() -> None:
    shown = _pod()
    up, no = event(shown, "TriggeredScaleUp", ago=60), event(shown, "NotTriggerScaleUp", ago=30)
    assert gates.scale_up_until(shown, view_of(up), now=NOON) is not None
    assert gates.scale_up_until(shown, view_of(up, no), now=NOON) is None
    assert gates.scale_up_until(shown, view_of(), now=NOON) is None
    assert gates.is_scale_up_impossible(shown, view_of(up, no), now=NOON)
    assert not gates.is_scale_up_impossible(shown, view_of(up), now=NOON)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(pod(status()), True, id="running and ready"),
        pytest.param(pod(status(last=terminated(ago=5000), restarts=9)), True, id="restarted long ago"),
        pytest.param(pod(status(last=terminated(ago=700), restarts=9)), False, id="restarted lately"),
        pytest.param(pod(status(ready=False)), False, id="not ready"),
        pytest.param(pod(status(state=waiting("CrashLoopBackOff"))), False, id="waiting"),
        pytest.param(pod(status(state=running()), phase="Pending"), False, id="pending"),
        pytest.param(pod(), False, id="nothing reported yet"),
        pytest.param(
            pod(status(), init=[container("i")], init_statuses=[status("i", state=terminated(ago=9, reason="Completed", code=0))]),
            True,
            id="its init container is done",
        ),
    ],
)
def test_the_ordinary_pod_is_skipped_at_once(shown: KubeObject, expected: bool) -> None:
    assert isinstance(shown, Pod)
    assert gates.is_quiet(shown, now=NOON) is expected


# --- All gates, through `examine`: the same failure is an issue, or is not because of the gate

BACK_OFF = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=5)
KILL = {"reason": "OOMKilled", "code": 137}
SOON, LONG_AGO = 60, 7200
USER = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}


def crashing(**more: Any) -> KubeObject:
    return pod(BACK_OFF, **more)


def short(progress: str = "NewReplicaSetAvailable", *, ago: float = LONG_AGO, replicas: int = 2, **more: Any) -> list[KubeObject]:
    """A Deployment that has lacked a pod for two hours."""
    told = [condition("Progressing", reason=progress, ago=ago), condition("Available", "False", ago=LONG_AGO)]
    counts = {"conditions": told, "readyReplicas": 0} | more.pop("status", {})
    top = deployment(replicas=replicas, available=0, status=counts, **more)
    between = replica_set(top, ready=0)
    return [top, between, pod(status(ready=False), owner=between, conditions=[condition("Ready", "False", ago=LONG_AGO)])]


def revision(number: int, top: KubeObject, *, replicas: int) -> KubeObject:
    return replica_set(top, name=f"api-{number}", revision=number, replicas=replicas, ready=0, status={"replicas": 1})


def superseded(number: int) -> list[KubeObject]:
    top = deployment(available=0)
    revisions = [revision(1, top, replicas=0), revision(2, top, replicas=2)]
    return [crashing(owner=revisions[number - 1]), *revisions, top]


def initialising(spec: dict[str, Any], *, ran: float = LONG_AGO) -> list[KubeObject]:
    told = [condition("PodScheduled"), condition("Initialized", "False")]
    runs = status("i", state=running(ran), ready=False)
    return [
        pod(status(state=waiting("PodInitializing")), phase="Pending", conditions=told, init=[container("i", **spec)], init_statuses=[runs])
    ]


def down_node(taint: str) -> list[KubeObject]:
    told = {"conditions": [condition("Ready", "Unknown", reason="NodeStatusUnknown", ago=LONG_AGO)]}
    return [make("Node", name="n", namespace=None, ago=LONG_AGO, spec={"taints": [{"key": taint}]}, status=told)]


def claim(mode: str) -> list[KubeObject]:
    storage_class = make("StorageClass.storage.k8s.io", name="fast", namespace=None, volumeBindingMode=mode)
    asked = make("PersistentVolumeClaim", name="data", spec={"storageClassName": "fast"}, status={"phase": "Pending"}, ago=LONG_AGO)
    return [asked, storage_class, pod(phase="Pending", spec=USER | {"nodeName": ""}, conditions=[])]


def mounting(message: str, *, ago: float = 20) -> list[KubeObject]:
    shown = pod(status(state=waiting("ContainerCreating")), phase="Pending", ago=LONG_AGO)
    return [shown, event(shown, "FailedMount", message, ago=ago, first=ago + 200, times=5)]


def service(spec: dict[str, Any], *, is_slice_seen: bool = True, replicas: int = 2) -> list[KubeObject]:
    shown = make("Service", name="api", spec={"ports": [{"port": 80}]} | spec, ago=LONG_AGO)
    labels = {"kubernetes.io/service-name": "api"}
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"labels": labels}, endpoints=[], ago=LONG_AGO)
    lacking = {"conditions": [condition("Available", "False" if replicas else "True", ago=LONG_AGO)]}
    return [shown, deployment(replicas=replicas, available=0, status=lacking), *([piece] if is_slice_seen else [])]


def unready(started: float, probe: dict[str, Any]) -> list[KubeObject]:
    told = [condition("ContainersReady", "False", ago=started), condition("Ready", "False", ago=started)]
    shown = pod(status(state=running(started), ready=False, started=True), conditions=told, containers=[container(readinessProbe=probe)])
    return [shown, event(shown, "Unhealthy", "Readiness probe failed: 503", ago=20, times=9)]


def stuck_sandbox(node_age: float) -> list[KubeObject]:
    shown = pod(status(state=waiting("ContainerCreating")), phase="Pending", ago=250)
    said = event(shown, "FailedCreatePodSandBox", "cni plugin not initialized", ago=20, first=240, times=9)
    return [shown, said, make("Node", name="node-1", namespace=None, ago=node_age)]


def unplaced(reason: str = "Unschedulable", *said: str, gates: tuple[str, ...] = (), ago: float = 300) -> list[KubeObject]:
    told = [condition("PodScheduled", "False", reason=reason, message="0/3 nodes are available: 3 Insufficient cpu.", ago=ago)]
    spec = {"nodeName": "", "schedulingGates": [{"name": name} for name in gates]}
    shown = pod(phase="Pending", conditions=told, spec=spec, ago=ago)
    return [shown, *(event(shown, name, kind="Normal") for name in said)]


DELETED = {"deletionTimestamp": "2026-03-02T11:59:50Z", "deletionGracePeriodSeconds": 30}
DISRUPTED = [condition("DisruptionTarget", reason="EvictionByEvictionAPI")]
JOB, DONE = make("Job.batch", name="report"), make("Job.batch", name="report", status=COMPLETE)
SELECTS = {"selector": {"app": "api"}}
SECRET, TOKEN = (f'MountVolume.SetUp failed for volume "{name}" : timed out' for name in ("certs", "kube-api-access-x1"))


def attempt(job: KubeObject) -> list[KubeObject]:
    return [pod(status(state=terminated(ago=60, **KILL)), phase="Failed", owner=job), job]


def never_ready(owner: KubeObject | None = None) -> list[KubeObject]:
    told = [condition("Ready", "False", ago=LONG_AGO)]
    return [pod(status(), conditions=told, owner=owner), *([owner] if owner is not None else [])]


THROUGH_EXAMINE = [
    pytest.param("CrashLoopBackOff", [crashing(meta=DELETED)], [crashing()], id="G1 a pod being deleted"),
    pytest.param("CrashLoopBackOff", [crashing(phase="Succeeded")], [crashing()], id="G2 a pod that has finished"),
    pytest.param("OOMKilled", attempt(DONE), attempt(JOB), id="G2 a failed attempt of a Job that succeeded"),
    pytest.param(
        "DeploymentReplicasUnavailable",
        short("ReplicaSetUpdated", ago=SOON),
        short(),
        id="G3 a rollout that has time",
    ),
    pytest.param("InitContainerStuck", initialising({"restartPolicy": "Always"}), initialising({}), id="G4 a native sidecar"),
    pytest.param("InitContainerStuck", initialising({}, ran=SOON), initialising({}), id="G4 an init container that has just begun"),
    pytest.param("CrashLoopBackOff", [crashing(conditions=DISRUPTED)], [crashing()], id="G5 a pod that is drained"),
    pytest.param("NodeNotReady", down_node("ToBeDeletedByClusterAutoscaler"), down_node("dedicated"), id="G5 a node that is taken away"),
    pytest.param(
        "DeploymentReplicasUnavailable",
        short(replicas=0),
        short(),
        id="G6 scaled to zero",
    ),
    pytest.param("DeploymentReplicasUnavailable", short(spec={"paused": True}), short(), id="G6 paused by hand"),
    pytest.param("ServiceNoEndpoints", service(SELECTS, replicas=0), service(SELECTS), id="G6 and G12 the workload behind it is off"),
    pytest.param(
        "OOMKilled",
        [pod(status(last=terminated(ago=LONG_AGO, **KILL), restarts=99))],
        [pod(status(last=terminated(ago=SOON, **KILL), restarts=1))],
        id="G7 an exit long ago",
    ),
    pytest.param("FailedMount", mounting(SECRET, ago=700), mounting(SECRET), id="G7 an Event long ago"),
    pytest.param("PersistentVolumeClaimPending", claim("WaitForFirstConsumer"), claim("Immediate"), id="G8 a claim without a consumer"),
    pytest.param(
        "DeploymentReplicasUnavailable",
        short(meta={"generation": 2}, status={"observedGeneration": 1}),
        short(meta={"generation": 2}, status={"observedGeneration": 2}),
        id="G9 a status of an older spec",
    ),
    pytest.param("CrashLoopBackOff", superseded(1), superseded(2), id="G10 a revision on its way out"),
    pytest.param("FailedMount", mounting(TOKEN), mounting(SECRET), id="G11 what a controller makes for every pod"),
    pytest.param("ServiceNoEndpoints", service({}), service(SELECTS), id="G12 no selector"),
    pytest.param("ServiceNoEndpoints", service(SELECTS | {"type": "ExternalName"}), service(SELECTS), id="G12 outside the cluster"),
    pytest.param(
        "ReadinessProbeFailed",
        unready(300, {"initialDelaySeconds": 600}),
        unready(300, {"periodSeconds": 5}),
        id="G13 a container inside its startup budget",
    ),
    pytest.param("FailedCreatePodSandBox", stuck_sandbox(280), stuck_sandbox(LONG_AGO), id="G13 a node that has just joined"),
    pytest.param(
        "ServiceNoEndpoints",
        service(SELECTS, is_slice_seen=False),
        service(SELECTS),
        id="G14 endpoints nobody has seen are not endpoints that do not exist",
    ),
    pytest.param("FailedScheduling", unplaced("SchedulingGated", gates=("example.com/x",)), unplaced(), id="G15 held back by a gate"),
    pytest.param(
        "PodNotReady",
        unplaced("SchedulingGated", gates=("kueue.x-k8s.io/admission",), ago=LONG_AGO),
        never_ready(),
        id="G15 held back by a queue",
    ),
    pytest.param("PodNotReady", never_ready(JOB), never_ready(), id="G15 a Job's pod need not be ready"),
    pytest.param("FailedScheduling", unplaced("Unschedulable", "TriggeredScaleUp"), unplaced(), id="G16 a node is on its way"),
    pytest.param(
        "FailedScheduling", unplaced(ago=20), unplaced("Unschedulable", "NotTriggerScaleUp", ago=20), id="G16 no node would help: at once"
    ),
]


@pytest.mark.parametrize(("kind", "held", "let_through"), THROUGH_EXAMINE)
def test_a_gate_holds_and_lets_through(kind: str, held: list[KubeObject], let_through: list[KubeObject]) -> None:
    assert kind not in issues_now(*held)
    assert kind in issues_now(*let_through)


def issues_now(*things: KubeObject) -> set[str]:
    """The types that examining all of these together finds and that count now."""
    examination = detectors.examine(view_of(*things), [owners.ref(obj) for obj in things], now=NOON)
    assert not examination.failures
    return {finding.type for finding in examination.findings if finding.opens_at <= NOON}


def test_a_rollout_excuses_missing_replicas_and_never_crashes() -> None:
    top, between, _ = short("ReplicaSetUpdated", ago=SOON)
    assert issues_now(top, between, crashing(owner=between)) == {"CrashLoopBackOff"}


def test_g14_what_was_not_examined_is_not_over() -> None:
    seen, unseen = crashing(name="api-1"), crashing(name="api-2")
    examination = detectors.examine(view_of(seen, unseen), [owners.ref(seen)], now=NOON)
    assert unseen.uid not in examination.examined
    assert {finding.shown_by.uid for finding in examination.findings} == {seen.uid}


def test_every_gate_is_in_the_table() -> None:
    named = {str(case.id).partition(" ")[0] for case in THROUGH_EXAMINE}
    assert named == {f"G{number}" for number in range(1, 17)}


def _pod(**more: object) -> Pod:
    made = pod(**more)  # type: ignore[arg-type]
    assert isinstance(made, Pod)
    return made
