"""Faults of the cluster: scheduling, quotas, storage, Services, nodes and Jobs. Messages have the wording of Kubernetes' components."""

import msgspec

from optral.demo import objects, pods, rollouts
from optral.demo.faults.common import Fault, fixable, unless_changed, write_log
from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.shop import NODES, REGISTRY
from optral.demo.world import World
from optral.kube.kinds import BY_ID
from optral.kube.quantities import to_milli


def cpu_insufficient(namespace: str, name: str, *, cpu: str) -> Fault:
    """A rollout requests more CPU than any node has."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        resources = {"requests": {"cpu": cpu, "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
        pod = rollouts.begin(world, app, lambda spec: spec.update(resources=resources))
        fitting = sum(1 for _, pool, *_ in NODES if pool not in ("control-plane", "edge"))
        message = (
            f"0/{len(NODES)} nodes are available: 1 node(s) had untolerated taint {{edge: }}, 1 node(s) had untolerated taint "
            f"{{node-role.kubernetes.io/control-plane: }}, {fitting} Insufficient cpu. preemption: 0/{len(NODES)} nodes are available: "
            f"2 Preemption is not helpful for scheduling, {fitting} No preemption victims found for incoming pod."
        )
        yield 1
        pods.unschedulable(pod, message=message, at=world.now)
        world.save(pod)
        while not should_end():
            world.emit(pod, "FailedScheduling", message, component="default-scheduler")
            yield from rollouts.pause(60, should_end)
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def secret_not_mounted(namespace: str, name: str, *, secret: str) -> Fault:
    """A rollout mounts a Secret that does not exist; the pod stays in ContainerCreating."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        pod = rollouts.begin(
            world, app, lambda spec: spec["volumeMounts"].append({"name": "tls", "mountPath": "/etc/tls", "readOnly": True})
        )
        volume = {"name": "tls", "secret": {"secretName": secret, "defaultMode": 420}}
        app.template["spec"]["volumes"].append(volume)
        if volume not in pod["spec"]["volumes"]:
            pod["spec"]["volumes"].append(volume)
        world.save(app.object)
        yield 1
        world.place(app, pod)
        pause_s = 1.0
        while not should_end():
            world.emit(pod, "FailedMount", f'MountVolume.SetUp failed for volume "tls" : secret "{secret}" not found')
            yield from rollouts.pause(pause_s, should_end)
            pause_s = min(pause_s * 2, 122)
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def over_quota(namespace: str, name: str, *, replicas: int, cpu: str) -> Fault:
    """A workload is scaled beyond the quota of its namespace; the ReplicaSet cannot create the pods."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        used, requested = f"{len(app.pods) * 500}m", "500m"
        quota = world.make(
            "ResourceQuota", "compute", namespace=namespace, spec={"hard": {"requests.cpu": cpu}},
            status={"hard": {"requests.cpu": cpu}, "used": {"requests.cpu": used}},
        )  # fmt: skip
        before = app.desired
        yield 1
        rollouts.scale(world, app, replicas)
        newest = app.replica_sets[-1]
        name_ = f"{newest['metadata']['name']}-{objects.suffix(world.rng)}"
        message = f'pods "{name_}" is forbidden: exceeded quota: compute, requested: requests.cpu={requested}, used: requests.cpu={used}, '
        message += f"limited: requests.cpu={cpu}"
        failure = {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": message,
            "lastTransitionTime": stamp(world.now),
        }
        newest["status"]["conditions"] = [failure]
        while not should_end() and not _has_room(world, quota, replicas):
            world.emit(newest, "FailedCreate", f"Error creating: {message}", component="replicaset-controller")
            yield 15
        newest["status"]["conditions"] = []
        if not _has_room(world, quota, replicas):
            world.remove(quota)
            rollouts.scale(world, app, before)
            return
        while len(app.pods) < app.desired:
            pod = world.add_pod(app)
            world.place(app, pod)
            yield 2
            world.start_pod(app, pod)
        hard = _stored(world, quota)["spec"]["hard"]
        world.save({**_stored(world, quota), "status": {"hard": hard, "used": {"requests.cpu": f"{500 * len(app.pods)}m"}}})

    return unless_changed((namespace, "compute"), fixable(namespace, name, "scale", play))


def _stored(world: World, quota: Manifest) -> Manifest:
    """The quota as it is now: a user may have raised it."""
    stored = world.registry.get(BY_ID["ResourceQuota"], quota["metadata"]["namespace"], quota["metadata"]["name"])
    found: Manifest = quota if stored is None else msgspec.json.decode(stored.raw)
    return found


def _has_room(world: World, quota: Manifest, count: int) -> bool:
    """Whether so many pods of 500m fit."""
    return to_milli(_stored(world, quota)["spec"]["hard"]["requests.cpu"]) >= 500 * count


def selector_matches_nothing(namespace: str, name: str, *, selector: str) -> Fault:
    """Somebody edits a Service so that its selector matches no pod."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        service = world.services[namespace, name]
        before = service["spec"]["selector"]
        broken = {"app": selector}
        service["spec"]["selector"] = broken
        service["metadata"]["managedFields"] = [objects.managed("kubectl-edit", world.now)]
        world.save(service)
        while not should_end() and service["spec"]["selector"] == broken:
            yield 5
        if service["spec"]["selector"] != broken:
            return  # a user has corrected it
        service["spec"]["selector"] = before
        service["metadata"]["managedFields"] = [objects.managed("kubectl-client-side-apply", world.now)]
        world.save(service)

    return unless_changed((namespace, name), play)


def node_silent(name: str) -> Fault:
    """The kubelet of a node stops reporting; the node controller marks it Unknown, taints it, and marks its pods not ready."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        node = world.nodes[name]
        healthy = node["status"]["conditions"]
        taints = node["spec"].get("taints", [])
        world.lost_nodes.add(name)
        silent_since = world.now
        node["status"]["conditions"] = [
            objects.node_condition(
                type_, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", at=world.now, heartbeat=silent_since
            )
            for type_, *_ in objects.HEALTHY_NODE
        ]
        node["spec"]["taints"] = [*taints, *_unreachable(stamp(world.now))]
        world.save(node)
        world.emit(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", type_="Normal", component="node-controller")
        for app in world.apps.values():
            for pod in app.pods:
                if pod["spec"].get("nodeName") == name:
                    pods.lose_node(pod, at=world.now)
                    world.emit(pod, "NodeNotReady", "Node is not ready", component="node-controller")
                    world.save(pod)
        while not should_end():
            yield 5
        world.lost_nodes.discard(name)
        node["spec"]["taints"] = taints
        for entry in healthy:
            entry["lastHeartbeatTime"] = stamp(world.now)
            entry["lastTransitionTime"] = stamp(world.now)
        node["status"]["conditions"] = healthy
        world.save(node)
        world.emit(node, "NodeReady", f"Node {name} status is now: NodeReady", type_="Normal")
        for app in world.apps.values():
            for pod in app.pods:
                if pod["spec"].get("nodeName") == name and "containerStatuses" in pod["status"]:
                    pods.refresh(pod, at=world.now)
                    world.save(pod)

    return unless_changed(("", name), play)


def _unreachable(since: str) -> list[Manifest]:
    key = "node.kubernetes.io/unreachable"
    return [{"key": key, "effect": "NoSchedule", "timeAdded": since}, {"key": key, "effect": "NoExecute", "timeAdded": since}]


def claim_pending(namespace: str, name: str, *, storage_class: str, size: str) -> Fault:
    """A claim names a storage class that does not exist."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        labels = {"app": name}
        claim = world.claim(namespace, name, size=size, storage_class=storage_class, created=world.now, labels=labels, bind=False)
        while not should_end():
            message = f'storageclass.storage.k8s.io "{storage_class}" not found'
            world.emit(claim, "ProvisioningFailed", message, component="persistentvolume-controller")
            yield 15
        world.remove(claim)

    return play


def replica_without_storage(namespace: str, name: str) -> Fault:
    """A StatefulSet gets another replica, and no storage is left for its claim; its pod waits for the volume."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        ordinal = app.desired
        app.desired += 1
        pod = world.add_pod(app, ordinal=ordinal)
        claim = world.claim(
            namespace, f"data-{pod['metadata']['name']}", size=app.spec.storage or "10Gi", storage_class="standard", created=world.now,
            labels={"app": name}, bind=False,
        )  # fmt: skip
        message = f"0/{len(NODES)} nodes are available: pod has unbound immediate PersistentVolumeClaims."
        pods.unschedulable(
            pod, message=f"{message} preemption: 0/{len(NODES)} nodes are available: 7 Preemption is not helpful.", at=world.now
        )
        world.save(pod)
        failure = (
            'failed to provision volume with StorageClass "standard": rpc error: code = ResourceExhausted desc = pool has no space left'
        )
        while not should_end():
            world.emit(claim, "ProvisioningFailed", failure, component="block.csi.example.com")
            world.emit(pod, "FailedScheduling", message, component="default-scheduler")
            yield 30
        world.bind(claim)
        yield 2
        world.start_pod(app, pod)

    return unless_changed((namespace, name), play)


def job_fails(namespace: str, name: str, *, attempts: int = 3, cron_job: Manifest | None = None, lines: tuple[str, ...] = ()) -> Fault:
    """The pods of a Job exit with code 1 until its backoff limit is reached; it remains until somebody deletes it."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        labels = {"job-name": name, "batch.kubernetes.io/job-name": name}
        command = objects.container(name, f"{REGISTRY}/{namespace}/{name}:2.1.0", probes=False)
        template = {"metadata": {"labels": labels}, "spec": objects.pod_spec([command], restart_policy="Never")}
        body = {"backoffLimit": attempts - 1, "completions": 1, "parallelism": 1, "template": template}
        job = world.make("Job.batch", name, namespace=namespace, labels=labels, owner=cron_job, spec=body, status={}, annotations=None)
        job["status"] = {"startTime": stamp(world.now), "active": 1}
        world.save(job)
        attempted = []
        for attempt in range(attempts):
            pod = world.make(
                "Pod",
                f"{name}-{objects.suffix(world.rng)}",
                namespace=namespace,
                labels=labels,
                owner=job,
                spec=_spec_of(template),
                status={},
            )
            attempted.append(pod)
            world.emit(job, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", type_="Normal", component="job-controller")
            pods.schedule(pod, node=world.nodes["worker-4"], at=world.now)
            world.save(pod)
            yield 1
            pods.run(pod, rng=world.rng, at=world.now)
            world.save(pod)
            yield 2
            write_log(world, pod, *(lines or ('level=info msg="reading batch"', 'level=error msg="column currency does not exist"')))
            pods.end(pod, name, reason="Error", exit_code=1, at=world.now)
            world.save(pod)
            job["status"] = {**job["status"], "failed": attempt + 1, "active": 0}
            world.save(job)
            if attempt + 1 < attempts:
                yield 10 * 2**attempt
        message = "Job has reached the specified backoff limit"
        job["status"].pop("active", None)
        job["status"]["conditions"] = [
            {"type": type_, "status": "True", "reason": "BackoffLimitExceeded", "message": message, "lastProbeTime": stamp(world.now),
             "lastTransitionTime": stamp(world.now)}
            for type_ in ("FailureTarget", "Failed")
        ]  # fmt: skip
        world.save(job)
        world.emit(job, "BackoffLimitExceeded", message, component="job-controller")
        while not should_end():
            yield 30
        for manifest in (*attempted, job):
            world.remove(manifest)

    return play


def _spec_of(template: Manifest) -> Manifest:
    spec: Manifest = template["spec"]
    return {**spec, "containers": [dict(container) for container in spec["containers"]]}
