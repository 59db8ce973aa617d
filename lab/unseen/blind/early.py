# fmt: off
# ruff: noqa: E501
"""Class l: rollouts that began minutes ago. What is missing is known already; its twins are merely in progress."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Json, ago
from lab.unseen.site import Site

l_ = partial(fault, group="l")


@l_("missing_secret", at="freight/quotes")
def secret_missing_for_three_minutes(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["env"].append({"name": "SIGNING_KEY", "valueFrom": {"secretKeyRef": {"name": "quotes-signing", "key": "key"}}})

    for pod in c.roll(app.name, edit, minutes=3):
        c.waiting(pod, "CreateContainerConfigError", 'secret "quotes-signing" not found', minutes=2.8)
        c.event(pod, "Failed", 'Error: secret "quotes-signing" not found', container=app.name, count=14, first=2.8, last=0.1)
    return Truth(app=app.name, objects=(("Secret", "quotes-signing"),), facts=("quotes-signing",))


@l_("quota_exceeded", at="telemetry/rules")
def quota_exceeded_for_two_minutes(c: Site, app: App) -> Truth:
    hard = {"limits.memory": "8Gi"}
    c.add("ResourceQuota", "team", namespace="fleet", spec={"hard": hard}, status={"hard": hard, "used": {"limits.memory": "7936Mi"}})
    revision = c.refuse(app.name, 'pods "{pod}" is forbidden: exceeded quota: team, requested: limits.memory=512Mi, used: limits.memory=7936Mi, limited: limits.memory=8Gi', minutes=2.5)
    for event in c.all("Event"):
        if event["involvedObject"]["uid"] == revision["metadata"]["uid"]:
            event |= {"count": 6}
    return Truth(app=app.name, objects=(("ResourceQuota", "team"),), facts=("team", "512Mi"))


@l_("image_tag_not_found", at="telemetry/thumbs")
def image_missing_for_two_minutes(c: Site, app: App) -> Truth:
    image = "harbor.corp.example/media/thumbs:2.4.0"

    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] = image

    text = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
    for pod in c.roll(app.name, edit, minutes=2):
        c.waiting(pod, "ErrImagePull", f"rpc error: code = NotFound desc = {text}", minutes=1.9)
        c.event(pod, "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound desc = {text}', container=app.name, count=3, first=1.9, last=0.3)
    return Truth(app=app.name, facts=(image,))


@l_("node_selector_mismatch", at="freight/traefik")
def no_node_for_two_minutes(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["nodeSelector"] = {"acme.dev/edge": "true"}

    for pod in c.roll(app.name, edit, minutes=2.5):
        c.unscheduled(pod, "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.", minutes=2.5)
    return Truth(app=app.name, facts=("acme.dev/edge",))


@l_("missing_config_map", at="telemetry/mosquitto")
def config_map_missing_for_four_minutes(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["volumes"].append({"name": "acl", "configMap": {"name": "mosquitto-acl"}})
        spec["containers"][0]["volumeMounts"].append({"name": "acl", "mountPath": "/mosquitto/acl"})

    for pod in c.roll(app.name, edit, minutes=4):
        c.waiting(pod, "ContainerCreating", minutes=4)
        c.event(pod, "FailedMount", 'MountVolume.SetUp failed for volume "acl" : configmap "mosquitto-acl" not found', count=9, first=4, last=0.2)
    return Truth(app=app.name, objects=(("ConfigMap", "mosquitto-acl"),), facts=("mosquitto-acl",))


@l_(at="freight/claims telemetry/player-api")
def control_rollout_in_progress(c: Site, app: App) -> Truth:
    """The new pod starts; its readiness probe has failed twice, as at every start."""
    for pod in c.roll(app.name, minutes=0.8):
        status = pod["status"]["containerStatuses"][0]
        status |= {"ready": False, "state": {"running": {"startedAt": ago(0.6)}}}
        c.unready(pod, minutes=0.8)
        c.event(pod, "Unhealthy", f'Readiness probe failed: Get "http://{pod["status"]["podIP"]}:{app.port}{app.path}": dial tcp {pod["status"]["podIP"]}:{app.port}: connect: connection refused', container=app.name, count=2, first=0.5, last=0.3)
        c.write(pod, c.says(app.name, "warming up caches", level="INFO"))
    return Truth()


@l_(at="freight/nats")
def control_set_in_progress(c: Site, app: App) -> Truth:
    """The last pod was replaced 20 seconds ago and pulls its image."""
    for pod in c.roll(app.name, minutes=0.4):
        c.waiting(pod, "ContainerCreating", minutes=0.3)
        c.event(pod, "Pulling", f'Pulling image "{app.image}"', kind="Normal", container=app.name, count=1, first=0.3, last=0.3)
    return Truth()
