"""What goes wrong in the demo cluster. Each fault is a play: what Kubernetes shows from its first moment until it is mended.

A play yields the seconds until its next step and asks `is_over` when it may heal. Messages are worded as kubelet, scheduler and
controllers word them, since detectors and people read them.
"""

from collections.abc import Callable

from optral.demo import objects, pods, rollouts
from optral.demo.objects import stamp
from optral.demo.registry import Manifest
from optral.demo.rollouts import IsOver, Play
from optral.demo.shop import NODES, REGISTRY
from optral.demo.world import App, World

BACK_OFF_S = (10, 20, 40, 80, 160, 300)
Fault = Callable[[World, IsOver], Play]


def _mendable(namespace: str, name: str, by: str, play: Fault) -> Fault:
    """The fault, over early when somebody mends the workload `by` rollback, memory, restart or scale (see writes.py)."""

    key = (namespace, name)

    def perform(world: World, is_over: IsOver) -> Play:
        world.faults[key] = by
        try:
            yield from play(world, lambda: is_over() or key in world.mended)
        finally:
            del world.faults[key]
            world.mended.discard(key)

    return _unless_changed(key, perform)


def _unless_changed(key: tuple[str, str], play: Fault) -> Fault:
    """The fault, or nothing once a user has changed its workload or node: what somebody fixed stays fixed."""

    def perform(world: World, is_over: IsOver) -> Play:
        if key not in world.changed:
            yield from play(world, is_over)

    return perform


def out_of_memory(namespace: str, name: str, *, holds_s: float = 12) -> Fault:
    """Two pods of a workload grow past their memory limit, again and again; mended by a higher limit in a new rollout."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        kills = 0
        victims = app.pods[:2]
        while not is_over():
            for pod in victims:
                _log(world, pod, 'level=warn msg="heap 97% of limit"', 'level=info msg="loading price list" entries=1840022')
                pods.end(pod, app.container, reason="OOMKilled", exit_code=137, at=world.now)
                world.save(pod)
            yield 1
            for pod in victims:
                _back_off(world, app, pod, wait_s=BACK_OFF_S[min(kills, 5)])
            yield from rollouts.pause(BACK_OFF_S[min(kills, 5)], is_over)
            for pod in victims:
                _start_again(world, app, pod)
            kills += 1
            yield holds_s
        memory = {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}
        if app.key in world.mended:
            memory = app.object["spec"]["template"]["spec"]["containers"][0]["resources"]
        yield from rollouts.replace_all(world, app, lambda spec: spec.update(resources=memory))

    return _mendable(namespace, name, "memory", play)


def crash_loop(namespace: str, name: str, *, missing: str) -> Fault:
    """A rollout dropped an environment variable: the new pod ends with exit code 1 right after its start."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append({"name": "FEATURES", "value": "v2"}))
        yield 1
        world.place(app, pod)
        yield 2
        world.start_pod(app, pod)
        yield 1
        crashes = 0
        while not is_over():
            _log(world, pod, 'level=info msg="starting"', f'level=fatal msg="required setting is missing" name={missing}')
            pods.end(pod, app.container, reason="Error", exit_code=1, at=world.now)
            world.save(pod)
            yield 1
            _back_off(world, app, pod, wait_s=BACK_OFF_S[min(crashes, 5)])
            yield from rollouts.pause(BACK_OFF_S[min(crashes, 5)], is_over)
            _start_again(world, app, pod)
            crashes += 1
            yield 2
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def image_not_found(namespace: str, name: str, *, tag: str) -> Fault:
    """A rollout names a tag that the registry does not have."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        image = f"{REGISTRY}/{namespace}/{name}:{tag}"
        pod = rollouts.begin(world, app, lambda spec: spec.update(image=image))
        yield 1
        world.place(app, pod)
        yield 1
        said = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        tries = 0
        while not is_over():
            world.tell(pod, "Pulling", f'Pulling image "{image}"', type_="Normal", field=app.container)
            world.tell(pod, "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound desc = {said}', field=app.container)
            world.tell(pod, "Failed", "Error: ErrImagePull", field=app.container)
            message = f"rpc error: code = NotFound desc = {said}"
            pods.wait(pod, app.container, reason="ErrImagePull", message=message, at=world.now)
            world.save(pod)
            yield 3
            world.tell(pod, "BackOff", f'Back-off pulling image "{image}"', type_="Normal", field=app.container)
            world.tell(pod, "Failed", "Error: ImagePullBackOff", field=app.container)
            message = f'Back-off pulling image "{image}": ErrImagePull: {message}'
            pods.wait(pod, app.container, reason="ImagePullBackOff", message=message, at=world.now)
            world.save(pod)
            yield from rollouts.pause(BACK_OFF_S[min(tries, 5)], is_over)
            tries += 1
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def missing_config_key(namespace: str, name: str, *, key: str) -> Fault:
    """A rollout reads a key that its ConfigMap does not hold."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        config = f"{name}-settings"
        entry = {"name": "FEATURES", "valueFrom": {"configMapKeyRef": {"name": config, "key": key}}}
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append(entry))
        yield 1
        world.place(app, pod)
        yield 2
        message = f"couldn't find key {key} in ConfigMap {namespace}/{config}"
        image = pod["spec"]["containers"][0]["image"]
        while not is_over():
            world.tell(pod, "Pulled", f'Container image "{image}" already present on machine', type_="Normal", field=app.container)
            world.tell(pod, "Failed", f"Error: {message}", field=app.container)
            pods.wait(pod, app.container, reason="CreateContainerConfigError", message=message, at=world.now)
            world.save(pod)
            yield 12
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def cannot_execute(namespace: str, name: str, *, path: str) -> Fault:
    """A rollout starts a file without its execute bit."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec.update(command=[path]))
        yield 1
        world.place(app, pod)
        yield 2
        message = (
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
            f'unable to start container process: error during container init: exec: "{path}": permission denied'
        )
        tries = 0
        while not is_over():
            world.tell(pod, "Failed", f"Error: {message}", field=app.container)
            pods.end(pod, app.container, reason="StartError", exit_code=126, at=world.now, started=world.now, message=message)
            pods.wait(pod, app.container, reason="RunContainerError", message=message, at=world.now)
            if tries:
                pods.restarted(pod, app.container)
            world.save(pod)
            yield from rollouts.pause(BACK_OFF_S[min(tries, 3)], is_over)
            tries += 1
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def no_room(namespace: str, name: str, *, cpu: str) -> Fault:
    """A rollout asks for more processor time than any node has."""

    def play(world: World, is_over: IsOver) -> Play:
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
        while not is_over():
            world.tell(pod, "FailedScheduling", message, component="default-scheduler")
            yield from rollouts.pause(60, is_over)
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def secret_not_mounted(namespace: str, name: str, *, secret: str) -> Fault:
    """A rollout mounts a Secret that is not there; the pod stays in ContainerCreating."""

    def play(world: World, is_over: IsOver) -> Play:
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
        while not is_over():
            world.tell(pod, "FailedMount", f'MountVolume.SetUp failed for volume "tls" : secret "{secret}" not found')
            yield from rollouts.pause(pause_s, is_over)
            pause_s = min(pause_s * 2, 122)
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def over_quota(namespace: str, name: str, *, replicas: int, cpu: str) -> Fault:
    """A workload is scaled up past its namespace's quota; the ReplicaSet cannot create the pods."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        used, requested = f"{len(app.pods) * 500}m", "500m"
        quota = world.make(
            "ResourceQuota", "compute", namespace=namespace, spec={"hard": {"requests.cpu": cpu}},
            status={"hard": {"requests.cpu": cpu}, "used": {"requests.cpu": used}},
        )  # fmt: skip
        before = app.wanted
        yield 1
        rollouts.scale(world, app, replicas)
        newest = app.replica_sets[-1]
        name_ = f"{newest['metadata']['name']}-{objects.suffix(world.rng)}"
        said = f'pods "{name_}" is forbidden: exceeded quota: compute, requested: requests.cpu={requested}, used: requests.cpu={used}, '
        said += f"limited: requests.cpu={cpu}"
        failure = {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": said,
            "lastTransitionTime": stamp(world.now),
        }
        newest["status"]["conditions"] = [failure]
        while not is_over():
            world.tell(newest, "FailedCreate", f"Error creating: {said}", component="replicaset-controller")
            yield 15
        newest["status"]["conditions"] = []
        world.remove(quota)
        rollouts.scale(world, app, before)

    return _mendable(namespace, name, "scale", play)


def selector_matches_nothing(namespace: str, name: str, *, selector: str) -> Fault:
    """Somebody edits a Service and its selector matches no pod any more."""

    def play(world: World, is_over: IsOver) -> Play:
        service = world.services[namespace, name]
        before = service["spec"]["selector"]
        service["spec"]["selector"] = {"app": selector}
        service["metadata"]["managedFields"] = [objects.managed("kubectl-edit", world.now)]
        world.save(service)
        while not is_over():
            yield 5
        service["spec"]["selector"] = before
        service["metadata"]["managedFields"] = [objects.managed("kubectl-client-side-apply", world.now)]
        world.save(service)

    return play


def node_silent(name: str) -> Fault:
    """A node's kubelet stops answering; the node controller marks it Unknown, taints it, and marks its pods not ready."""

    def play(world: World, is_over: IsOver) -> Play:
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
        world.tell(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", type_="Normal", component="node-controller")
        for app in world.apps.values():
            for pod in app.pods:
                if pod["spec"].get("nodeName") == name:
                    pods.lose_node(pod, at=world.now)
                    world.tell(pod, "NodeNotReady", "Node is not ready", component="node-controller")
                    world.save(pod)
        while not is_over():
            yield 5
        world.lost_nodes.discard(name)
        node["spec"]["taints"] = taints
        for entry in healthy:
            entry["lastHeartbeatTime"] = stamp(world.now)
            entry["lastTransitionTime"] = stamp(world.now)
        node["status"]["conditions"] = healthy
        world.save(node)
        world.tell(node, "NodeReady", f"Node {name} status is now: NodeReady", type_="Normal")
        for app in world.apps.values():
            for pod in app.pods:
                if pod["spec"].get("nodeName") == name and "containerStatuses" in pod["status"]:
                    pods.refresh(pod, at=world.now)
                    world.save(pod)

    return _unless_changed(("", name), play)


def _unreachable(since: str) -> list[Manifest]:
    key = "node.kubernetes.io/unreachable"
    return [{"key": key, "effect": "NoSchedule", "timeAdded": since}, {"key": key, "effect": "NoExecute", "timeAdded": since}]


def liveness_kills(namespace: str, name: str) -> Fault:
    """One pod hangs: its liveness probe fails three times, the kubelet kills it, and it hangs again."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        pod = app.pods[0]
        kills = 0
        said = f'Get "http://{pod["status"]["podIP"]}:{app.spec.port}/healthz/live": context deadline exceeded'
        while not is_over():
            for _ in range(3):
                world.tell(
                    pod, "Unhealthy", f"Liveness probe failed: {said} (Client.Timeout exceeded while awaiting headers)", field=app.container
                )
                yield 4
            _log(world, pod, 'level=info msg="accepting connections" workers=8', 'level=warn msg="all workers busy" waiting=412')
            world.tell(
                pod, "Killing", f"Container {app.container} failed liveness probe, will be restarted", type_="Normal", field=app.container
            )
            yield 2
            pods.end(pod, app.container, reason="Error", exit_code=137, at=world.now)
            world.save(pod)
            yield 1
            if kills >= 2:
                _back_off(world, app, pod, wait_s=BACK_OFF_S[min(kills - 2, 5)])
                yield from rollouts.pause(BACK_OFF_S[min(kills - 2, 5)], is_over)
            _start_again(world, app, pod)
            kills += 1
            yield 15
        world.delete_pod(app, pod)
        fresh = world.add_pod(app)
        world.start_pod(app, fresh)

    return _mendable(namespace, name, "restart", play)


def readiness_fails(namespace: str, name: str, *, status: int = 503) -> Fault:
    """A rollout's new pod runs and never becomes ready, so the rollout runs into its deadline."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append({"name": "MODEL_VERSION", "value": "2026-11"}))
        yield 1
        world.place(app, pod)
        yield 3
        world.start_pod(app, pod)
        pods.set_ready(pod, app.container, False, at=world.now)
        world.save(pod)
        _log(world, pod, 'level=info msg="starting"', 'level=warn msg="model not loaded" cause="403 from model store"')
        while not is_over():
            world.tell(pod, "Unhealthy", f"Readiness probe failed: HTTP probe failed with statuscode: {status}", field=app.container)
            yield 10
        rollouts.take_back(world, app)

    return _mendable(namespace, name, "rollback", play)


def claim_pending(namespace: str, name: str, *, storage_class: str, size: str) -> Fault:
    """A claim names a storage class that does not exist."""

    def play(world: World, is_over: IsOver) -> Play:
        labels = {"app": name}
        claim = world.claim(namespace, name, size=size, storage_class=storage_class, created=world.now, labels=labels, bind=False)
        while not is_over():
            said = f'storageclass.storage.k8s.io "{storage_class}" not found'
            world.tell(claim, "ProvisioningFailed", said, component="persistentvolume-controller")
            yield 15
        world.remove(claim)

    return play


def replica_without_storage(namespace: str, name: str) -> Fault:
    """A StatefulSet gets one more replica, and the storage behind its claim has no space left; its pod waits for the volume."""

    def play(world: World, is_over: IsOver) -> Play:
        app = world.apps[namespace, name]
        ordinal = app.wanted
        app.wanted += 1
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
        said = 'failed to provision volume with StorageClass "standard": rpc error: code = ResourceExhausted desc = pool has no space left'
        while not is_over():
            world.tell(claim, "ProvisioningFailed", said, component="block.csi.example.com")
            world.tell(pod, "FailedScheduling", message, component="default-scheduler")
            yield 30
        world.bind(claim)
        yield 2
        world.start_pod(app, pod)

    return _unless_changed((namespace, name), play)


def job_fails(namespace: str, name: str, *, attempts: int = 3, cron_job: Manifest | None = None, lines: tuple[str, ...] = ()) -> Fault:
    """A Job's pods end with exit code 1 until its back-off limit is reached; it stays until somebody deletes it."""

    def play(world: World, is_over: IsOver) -> Play:
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
            world.tell(job, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", type_="Normal", component="job-controller")
            pods.schedule(pod, node=world.nodes["worker-4"], at=world.now)
            world.save(pod)
            yield 1
            pods.run(pod, rng=world.rng, at=world.now)
            world.save(pod)
            yield 2
            _log(world, pod, *(lines or ('level=info msg="reading batch"', 'level=error msg="column currency does not exist"')))
            pods.end(pod, name, reason="Error", exit_code=1, at=world.now)
            world.save(pod)
            job["status"] = {**job["status"], "failed": attempt + 1, "active": 0}
            world.save(job)
            if attempt + 1 < attempts:
                yield 10 * 2**attempt
        said = "Job has reached the specified backoff limit"
        job["status"].pop("active", None)
        job["status"]["conditions"] = [
            {"type": type_, "status": "True", "reason": "BackoffLimitExceeded", "message": said, "lastProbeTime": stamp(world.now),
             "lastTransitionTime": stamp(world.now)}
            for type_ in ("FailureTarget", "Failed")
        ]  # fmt: skip
        world.save(job)
        world.tell(job, "BackoffLimitExceeded", said, component="job-controller")
        while not is_over():
            yield 30
        for one in (*attempted, job):
            world.remove(one)

    return play


def _spec_of(template: Manifest) -> Manifest:
    spec: Manifest = template["spec"]
    return {**spec, "containers": [dict(one) for one in spec["containers"]]}


def _back_off(world: World, app: App, pod: Manifest, *, wait_s: int) -> None:
    """The kubelet waits before the next start."""
    meta = pod["metadata"]
    who = f"{app.container} in pod {meta['name']}_{meta['namespace']}({meta['uid']})"
    message = f"back-off {wait_s if wait_s < 60 else f'{wait_s // 60}m{wait_s % 60}'}s restarting failed container={app.container}"
    pods.wait(
        pod,
        app.container,
        reason="CrashLoopBackOff",
        message=f"{message} pod={meta['name']}_{meta['namespace']}({meta['uid']})",
        at=world.now,
    )
    world.save(pod)
    world.tell(pod, "BackOff", f"Back-off restarting failed container {who}", field=app.container)


def _start_again(world: World, app: App, pod: Manifest) -> None:
    pods.restarted(pod, app.container)
    pods.start(pod, app.container, rng=world.rng, at=world.now)
    world.save(pod)
    world.tell(pod, "Started", f"Started container {app.container}", type_="Normal", field=app.container)


def _log(world: World, pod: Manifest, *lines: str) -> None:
    """What the container wrote last."""
    at = stamp(world.now)
    world.logs[pod["metadata"]["namespace"], pod["metadata"]["name"]] = "".join(f"{at} {line}\n" for line in lines)
