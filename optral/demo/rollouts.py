"""Rollouts of a Deployment: a new template creates a new ReplicaSet, pods are replaced one by one, and a bad rollout can be rolled back."""

from collections.abc import Callable, Iterator

from optral.demo.registry import Manifest
from optral.demo.world import App, World

Steps = Iterator[float]
"""Steps of something that happens: each value is how many seconds pass until the next step."""
ShouldEnd = Callable[[], bool]


def begin(world: World, app: App, change: Callable[[Manifest], None]) -> Manifest:
    """Change the template and start one pod of it beside the old ones, as maxSurge allows. `change` gets the first container's spec.

    Returns the new pod, scheduled and about to be created.
    """
    template = _fresh(app.template)
    change(template["spec"]["containers"][0])
    app.template = app.object["spec"]["template"] = template
    world.save(app.object)
    newest = world.add_replica_set(app)
    newest["spec"]["replicas"] = 1
    app.rollout_since = world.now
    world.emit(app.object, "ScalingReplicaSet", _scaled("up", newest, 0, 1), type_="Normal", component="deployment-controller")
    pod = world.add_pod(app)
    world.emit(newest, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", type_="Normal", component="replicaset-controller")
    return pod


def finish(world: World, app: App) -> Steps:
    """Replace the remaining old pods, one every few seconds."""
    newest, old = app.replica_sets[-1], app.replica_sets[-2]
    for pod in [pod for pod in app.pods if not _is_of(pod, newest)]:
        if not any(pod is present for present in app.pods):
            continue  # somebody deleted it, or another rollout replaced it meanwhile
        old["spec"]["replicas"] = max(0, old["spec"]["replicas"] - 1)
        world.emit(pod, "Killing", f"Stopping container {app.container}", type_="Normal", field=app.container)
        world.delete_pod(app, pod)
        if newest["spec"]["replicas"] < app.desired:
            newest["spec"]["replicas"] += 1
            fresh = world.add_pod(app)
            world.place(app, fresh)
            yield 3
            world.start_pod(app, fresh)
        yield 4
    _forget_old(world, app)


def roll_back(world: World, app: App) -> None:
    """Roll back to the previous template: the bad pods are deleted, and the old ReplicaSet becomes the newest revision."""
    bad, good = app.replica_sets[-1], app.replica_sets[-2]
    for pod in [pod for pod in app.pods if _is_of(pod, bad)]:
        world.delete_pod(app, pod)
    bad["spec"]["replicas"] = 0
    world.save(bad)
    revision = str(int(bad["metadata"]["annotations"]["deployment.kubernetes.io/revision"]) + 1)
    good["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = revision
    app.object["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = revision
    app.replica_sets.remove(good)
    app.replica_sets.append(good)
    labels = {key: value for key, value in good["spec"]["template"]["metadata"]["labels"].items() if key != "pod-template-hash"}
    app.template = app.object["spec"]["template"] = {**good["spec"]["template"], "metadata": {"labels": labels}}
    app.rollout_since = None
    world.emit(app.object, "ScalingReplicaSet", _scaled("down", bad, 1, 0), type_="Normal", component="deployment-controller")


def replace_all(world: World, app: App, change: Callable[[Manifest], None]) -> Steps:
    """A complete healthy rollout."""
    pod = begin(world, app, change)
    yield 1
    world.place(app, pod)
    yield 4
    world.start_pod(app, pod)
    yield 5
    yield from finish(world, app)


def pause(seconds: float, should_end: ShouldEnd) -> Steps:
    """Let time pass, but no longer than the fault lasts."""
    left_s = seconds
    while left_s > 0 and not should_end():
        step_s = min(left_s, 5.0)
        yield step_s
        left_s -= step_s


def scale(world: World, app: App, replicas: int) -> None:
    """Request another number of replicas; surplus pods are deleted at once, missing ones are created by the caller."""
    before, app.desired = app.desired, replicas
    newest = app.replica_sets[-1]
    newest["spec"]["replicas"] = replicas
    direction = "up" if replicas > before else "down"
    world.emit(
        app.object, "ScalingReplicaSet", _scaled(direction, newest, before, replicas), type_="Normal", component="deployment-controller"
    )
    for pod in app.pods[replicas:]:
        world.delete_pod(app, pod)


def _forget_old(world: World, app: App) -> None:
    """Keep a short history of ReplicaSets, as revisionHistoryLimit does."""
    while len(app.replica_sets) > 4:
        world.remove(app.replica_sets.pop(0))


def _is_of(pod: Manifest, replica_set: Manifest) -> bool:
    return bool(pod["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"])


def _scaled(direction: str, replica_set: Manifest, before: int, after: int) -> str:
    return f"Scaled {direction} replica set {replica_set['metadata']['name']} from {before} to {after}"


def _fresh(template: Manifest) -> Manifest:
    """A template with its own list of containers; the rest is shared, since it never changes."""
    spec = template["spec"]
    first = {**spec["containers"][0]}
    first["env"] = list(first.get("env", []))
    first["volumeMounts"] = list(first["volumeMounts"])
    return {**template, "spec": {**spec, "containers": [first, *spec["containers"][1:]], "volumes": list(spec["volumes"])}}
