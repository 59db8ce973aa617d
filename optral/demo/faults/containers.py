"""Faults of containers: they are killed, crash, cannot start, or do not become ready. Messages have the wording of kubelet and runtime."""

from optral.demo import pods, rollouts
from optral.demo.faults.common import BACK_OFF_S, Fault, back_off, fixable, start_again, write_log
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.shop import REGISTRY
from optral.demo.world import World


def out_of_memory(namespace: str, name: str, *, holds_s: float = 12) -> Fault:
    """Two pods of a workload repeatedly exceed their memory limit; a higher limit in a new rollout fixes it."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        kills = 0
        victims = app.pods[:2]
        while not should_end():
            for pod in victims:
                write_log(world, pod, 'level=warn msg="heap 97% of limit"', 'level=info msg="loading price list" entries=1840022')
                pods.end(pod, app.container, reason="OOMKilled", exit_code=137, at=world.now)
                world.save(pod)
            yield 1
            for pod in victims:
                back_off(world, app, pod, wait_s=BACK_OFF_S[min(kills, 5)])
            yield from rollouts.pause(BACK_OFF_S[min(kills, 5)], should_end)
            for pod in victims:
                start_again(world, app, pod)
            kills += 1
            yield holds_s
        memory = {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}
        if app.key in world.fixed:
            memory = app.object["spec"]["template"]["spec"]["containers"][0]["resources"]
        yield from rollouts.replace_all(world, app, lambda spec: spec.update(resources=memory))

    return fixable(namespace, name, "memory", play)


def crash_loop(namespace: str, name: str, *, missing: str) -> Fault:
    """A rollout removed an environment variable: the new pod exits with code 1 right after its start."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append({"name": "FEATURES", "value": "v2"}))
        yield 1
        world.place(app, pod)
        yield 2
        world.start_pod(app, pod)
        yield 1
        crashes = 0
        while not should_end():
            write_log(world, pod, 'level=info msg="starting"', f'level=fatal msg="required setting is missing" name={missing}')
            pods.end(pod, app.container, reason="Error", exit_code=1, at=world.now)
            world.save(pod)
            yield 1
            back_off(world, app, pod, wait_s=BACK_OFF_S[min(crashes, 5)])
            yield from rollouts.pause(BACK_OFF_S[min(crashes, 5)], should_end)
            start_again(world, app, pod)
            crashes += 1
            yield 2
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def image_not_found(namespace: str, name: str, *, tag: str) -> Fault:
    """A rollout names a tag that the registry does not have."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        image = f"{REGISTRY}/{namespace}/{name}:{tag}"
        pod = rollouts.begin(world, app, lambda spec: spec.update(image=image))
        yield 1
        world.place(app, pod)
        yield 1
        failure = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        attempts = 0
        while not should_end():
            world.emit(pod, "Pulling", f'Pulling image "{image}"', type_="Normal", field=app.container)
            world.emit(pod, "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound desc = {failure}', field=app.container)
            world.emit(pod, "Failed", "Error: ErrImagePull", field=app.container)
            message = f"rpc error: code = NotFound desc = {failure}"
            pods.wait(pod, app.container, reason="ErrImagePull", message=message, at=world.now)
            world.save(pod)
            yield 3
            world.emit(pod, "BackOff", f'Back-off pulling image "{image}"', type_="Normal", field=app.container)
            world.emit(pod, "Failed", "Error: ImagePullBackOff", field=app.container)
            message = f'Back-off pulling image "{image}": ErrImagePull: {message}'
            pods.wait(pod, app.container, reason="ImagePullBackOff", message=message, at=world.now)
            world.save(pod)
            yield from rollouts.pause(BACK_OFF_S[min(attempts, 5)], should_end)
            attempts += 1
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def missing_config_key(namespace: str, name: str, *, key: str) -> Fault:
    """A rollout reads a key that its ConfigMap does not have."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        config = f"{name}-settings"
        entry = {"name": "FEATURES", "valueFrom": {"configMapKeyRef": {"name": config, "key": key}}}
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append(entry))
        yield 1
        world.place(app, pod)
        yield 2
        message = f"couldn't find key {key} in ConfigMap {namespace}/{config}"
        image = pod["spec"]["containers"][0]["image"]
        while not should_end():
            world.emit(pod, "Pulled", f'Container image "{image}" already present on machine', type_="Normal", field=app.container)
            world.emit(pod, "Failed", f"Error: {message}", field=app.container)
            pods.wait(pod, app.container, reason="CreateContainerConfigError", message=message, at=world.now)
            world.save(pod)
            yield 12
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def cannot_execute(namespace: str, name: str, *, path: str) -> Fault:
    """A rollout starts a file without execute permission."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec.update(command=[path]))
        yield 1
        world.place(app, pod)
        yield 2
        message = (
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
            f'unable to start container process: error during container init: exec: "{path}": permission denied'
        )
        attempts = 0
        while not should_end():
            world.emit(pod, "Failed", f"Error: {message}", field=app.container)
            pods.end(pod, app.container, reason="StartError", exit_code=126, at=world.now, started=world.now, message=message)
            pods.wait(pod, app.container, reason="RunContainerError", message=message, at=world.now)
            if attempts:
                pods.restarted(pod, app.container)
            world.save(pod)
            yield from rollouts.pause(BACK_OFF_S[min(attempts, 3)], should_end)
            attempts += 1
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)


def liveness_kills(namespace: str, name: str) -> Fault:
    """One pod hangs: its liveness probe fails three times, the kubelet kills it, and it hangs again."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        pod = app.pods[0]
        kills = 0
        message = f'Get "http://{pod["status"]["podIP"]}:{app.spec.port}/healthz/live": context deadline exceeded'
        while not should_end():
            for _ in range(3):
                world.emit(
                    pod,
                    "Unhealthy",
                    f"Liveness probe failed: {message} (Client.Timeout exceeded while awaiting headers)",
                    field=app.container,
                )
                yield 4
            write_log(world, pod, 'level=info msg="accepting connections" workers=8', 'level=warn msg="all workers busy" waiting=412')
            world.emit(
                pod, "Killing", f"Container {app.container} failed liveness probe, will be restarted", type_="Normal", field=app.container
            )
            yield 2
            pods.end(pod, app.container, reason="Error", exit_code=137, at=world.now)
            world.save(pod)
            yield 1
            if kills >= 2:
                back_off(world, app, pod, wait_s=BACK_OFF_S[min(kills - 2, 5)])
                yield from rollouts.pause(BACK_OFF_S[min(kills - 2, 5)], should_end)
            start_again(world, app, pod)
            kills += 1
            yield 15
        world.delete_pod(app, pod)
        fresh = world.add_pod(app)
        world.start_pod(app, fresh)

    return fixable(namespace, name, "restart", play)


def readiness_fails(namespace: str, name: str, *, status: int = 503) -> Fault:
    """The new pod of a rollout runs and never becomes ready, so the rollout exceeds its deadline."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        app = world.apps[namespace, name]
        pod = rollouts.begin(world, app, lambda spec: spec["env"].append({"name": "MODEL_VERSION", "value": "2026-11"}))
        yield 1
        world.place(app, pod)
        yield 3
        world.start_pod(app, pod)
        pods.set_ready(pod, app.container, False, at=world.now)
        world.save(pod)
        write_log(world, pod, 'level=info msg="starting"', 'level=warn msg="model not loaded" cause="403 from model store"')
        while not should_end():
            world.emit(pod, "Unhealthy", f"Readiness probe failed: HTTP probe failed with statuscode: {status}", field=app.container)
            yield 10
        rollouts.roll_back(world, app)

    return fixable(namespace, name, "rollback", play)
