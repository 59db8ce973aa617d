# fmt: off
# ruff: noqa: E501
"""Class g: the half of the evidence that decides: which pod made it happen, since when, which one, and what has to be done by hand."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Json, ago
from lab.unseen.site import Site, conditions

g = partial(fault, group="g")


def _fill_nodes(c: Site) -> None:
    """No node has 100m of CPU left."""
    for name in c.nodes:
        requests = [one["resources"]["requests"]["cpu"] for pod in c.all("Pod") if pod["spec"].get("nodeName") == name and pod["status"]["phase"] == "Running" for one in pod["spec"]["containers"]]
        used = sum(int(one.removesuffix("m")) if one.endswith("m") else 1000 * int(one) for one in requests)
        status = c.get("Node", name)["status"]
        status["allocatable"] = status["allocatable"] | {"cpu": f"{used + 50}m"}


@g("preempted", "insufficient_cpu", at="telemetry/thumbs")
def preempted_by_a_pod_with_priority(c: Site, app: App) -> Truth:
    """The pod was removed for one of transcoder, and no node has room for the one that replaces it."""
    c.add("PriorityClass", "realtime", value=100000, globalDefault=False, preemptionPolicy="PreemptLowerPriority", description="live channels")

    def edit(spec: Json) -> None:
        spec |= {"priorityClassName": "realtime", "priority": 100000}
        spec["containers"][0]["resources"]["requests"]["cpu"] = "2"

    c.amend("transcoder", edit)
    winner, old = c.pods_of("transcoder")[0], c.pods(app)[0]
    winner["spec"]["nodeName"] = old["spec"]["nodeName"]
    winner["metadata"]["creationTimestamp"] = ago(22)
    c.remove(old)
    c.event(old, "Preempted", f"Preempted by pod {winner['metadata']['uid']} on node {old['spec']['nodeName']}", kind="Normal", count=1, first=22, last=22, source="default-scheduler")
    _fill_nodes(c)
    workload = c.workload(app)
    pod = c.add_pod(workload, minutes=22)
    c.unscheduled(pod, "0/4 nodes are available: 4 Insufficient cpu. preemption: 0/4 nodes are available: 4 No preemption victims found for incoming pod.", minutes=22)
    return Truth(app=app.name, facts=("transcoder",))


@g("image_tag_not_found", "bad_rollout", at="freight/billing")
def rollout_stuck_since_an_old_revision(c: Site, app: App) -> Truth:
    """The image of the newest revision never existed; the pods of the revision before serve for six days."""
    days, image = 6 * 24 * 60, "registry.acme.dev/freight/billing:8.4.0-rc7"

    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] = image

    for pod in c.roll(app.name, edit, minutes=days):
        c.waiting(pod, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found', minutes=days)
        c.event(pod, "Failed", "Error: ImagePullBackOff", container=app.name, count=39211, first=days, last=1)
    return Truth(app=app.name, facts=("8.4.0-rc7",))


@g("rollout_paused", at="freight/quotes")
def rollout_paused_in_the_middle(c: Site, app: App) -> Truth:
    """Half of the pods are new; somebody paused it four hours ago and forgot."""
    workload = c.workload(app)
    workload["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.acme.dev/freight/quotes:8.5.0"
    workload["metadata"]["generation"] = 3
    workload["spec"]["paused"] = True
    c.remove(c.pods(app)[-1])
    c.add_revision(workload, minutes=250)
    c.add_pod(workload, minutes=249)
    return Truth(app=app.name, facts=("paused",))


@g("image_tag_not_found", "update_held_back", "bad_rollout", at="freight/nats")
def ordinal_that_has_to_be_deleted_by_hand(c: Site, app: App) -> Truth:
    """The template is corrected, but the controller waits for the broken pod of the revision before to become ready."""
    wrong = "docker.io/library/nats:2.10.222"
    pod = c.pods(app)[2]
    pod["spec"]["containers"][0]["image"] = wrong
    pod["metadata"]["creationTimestamp"] = ago(70)
    pod["status"]["containerStatuses"][0]["image"] = wrong
    c.waiting(pod, "ImagePullBackOff", f'Back-off pulling image "{wrong}": ErrImagePull: failed to resolve reference "{wrong}": {wrong}: not found', minutes=70)
    c.event(pod, "Failed", f'Failed to pull image "{wrong}": failed to resolve reference "{wrong}": {wrong}: not found', container=app.name, count=18, first=70, last=4)
    c.workload(app)["metadata"]["generation"] = 3

    def after() -> None:
        pod["metadata"]["labels"]["controller-revision-hash"] = "nats-7f8b6d9c55"
        c.get("StatefulSet", "nats", "data")["status"] |= {"currentReplicas": 2, "updatedReplicas": 2}

    c.after.append(after)
    return Truth(app=app.name, facts=("nats-2",))


@g("wrong_dependency_address", at="freight/dispatch")
def variable_given_twice(c: Site, app: App) -> Truth:
    """The last one counts: an overlay added it to the end."""

    def edit(spec: Json) -> None:
        spec["containers"][0]["env"].append({"name": "NATS_URL", "value": "nats://nats-staging.data:4222"})

    c.fail(app.name, c.says(app.name, "connect to broker: dial tcp: lookup nats-staging.data on 10.96.0.10:53: no such host"), pods=c.roll(app.name, edit))
    return Truth(app=app.name, facts=("NATS_URL", "nats-staging.data", "nats.data"))


@g("finalizer_not_removed", at="freight/tracking")
def namespace_that_keeps_custom_resources(c: Site, app: App) -> Truth:
    c.enter("sandbox")
    found = c.get("Namespace", "sandbox")
    found["metadata"]["deletionTimestamp"] = ago(190)
    found["status"] = {"phase": "Terminating", "conditions": conditions(
        ("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
        ("NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        ("NamespaceContentRemaining", "True", "SomeResourcesRemain", "Some resources are remaining: streams.jetstream.nats.io has 2 resource instances"),
        ("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: jetstream.nats.io/finalizer in 2 resource instances"),
        minutes=189)}
    return Truth(objects=(("Namespace", "sandbox"),), facts=("jetstream.nats.io/finalizer",))


@g("finalizer_not_removed", "scaled_to_zero", at="telemetry/minio")
def finalizer_of_a_controller_without_pods(c: Site, app: App) -> Truth:
    """The operator of the resource is scaled to zero."""
    operator = App(name="bucket-operator", namespace="platform", image="harbor.corp.example/platform/bucket-operator:0.9", runtime="go")
    c.deploy(operator)
    for pod in c.pods(operator):
        c.remove(pod)
    c.workload(operator)["spec"]["replicas"] = 0
    c.enter("media")
    found = c.custom("storage.acme.dev/v1", "Bucket", "renditions", spec={"server": "minio.media"}, status={"conditions": conditions(("Ready", "True", "Available", ""), minutes=9000)})
    found["metadata"] |= {"deletionTimestamp": ago(130), "deletionGracePeriodSeconds": 0, "finalizers": ["storage.acme.dev/bucket-operator"]}
    return Truth(objects=(("Bucket", "renditions"), ("Deployment", "bucket-operator")), facts=("storage.acme.dev/bucket-operator",))


@g("volume_attach_failed", at="freight/documents")
def volume_that_another_pod_holds(c: Site, app: App) -> Truth:
    """An update of a Deployment with a ReadWriteOnce volume: the new pod is on another node than the old one."""
    old = c.pods(app)[0]
    old["spec"]["nodeName"] = c.nodes[0]
    pod = c.roll(app.name, minutes=26)[0]
    pod["spec"]["nodeName"] = c.nodes[1]
    c.waiting(pod, "ContainerCreating", minutes=26)
    volume = c.get("PersistentVolumeClaim", "documents-data")["spec"]["volumeName"]
    c.event(pod, "FailedAttachVolume", f'Multi-Attach error for volume "{volume}" Volume is already used by pod(s) {old["metadata"]["name"]}', count=1, first=26, last=26, source="attachdetach-controller")
    return Truth(app=app.name, objects=(("PersistentVolumeClaim", "documents-data"), ("PersistentVolume", volume)), facts=(old["metadata"]["name"],))


@g("insufficient_memory", "volume_node_conflict", at="telemetry/media-db")
def local_volume_on_a_node_that_is_full(c: Site, app: App) -> Truth:
    """The pod can run on one node only, and there another workload has taken the memory."""
    c.remove(c.pods(app)[0])
    volume = c.get("PersistentVolume", c.get("PersistentVolumeClaim", "data-media-db-0")["spec"]["volumeName"])
    term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [c.nodes[0]]}]}
    volume["spec"]["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    del volume["spec"]["csi"]
    volume["spec"]["local"] = {"path": "/var/lib/disks/ssd1"}
    hog = c.pods_of("transcoder")[0]
    hog["spec"]["nodeName"] = c.nodes[0]
    hog["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "500m", "memory": "13Gi"}, "limits": {"memory": "13Gi"}}
    pod = c.add_pod(c.workload(app), minutes=25, ordinal=0)
    c.unscheduled(pod, "0/4 nodes are available: 1 Insufficient memory, 3 node(s) had volume node affinity conflict. preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.", minutes=25)
    return Truth(app=app.name, objects=(("PersistentVolume", volume["metadata"]["name"]), ("PersistentVolumeClaim", "data-media-db-0")), facts=(c.nodes[0],))


def _waits(c: Site, name: str, other: str, port: int) -> None:
    """An init container polls the Service of the other workload."""
    wait = {"name": f"wait-for-{other}", "image": "docker.io/library/busybox:1.36", "command": ["sh", "-c", f"until nc -z {other} {port}; do echo waiting for {other}; sleep 2; done"]}

    def edit(spec: Json) -> None:
        spec["initContainers"] = [wait]

    c.fresh = True
    for pod in c.change(c.apps[name], edit, minutes=35):
        for condition in pod["status"]["conditions"]:
            if condition["type"] == "Initialized":
                condition |= {"status": "False", "reason": "ContainersNotInitialized", "message": f"containers with incomplete status: [wait-for-{other}]"}
        pod["status"]["initContainerStatuses"] = [{"name": wait["name"], "image": wait["image"], "imageID": "", "ready": False, "started": True, "restartCount": 0, "state": {"running": {"startedAt": ago(34)}}, "lastState": {}}]
        c.waiting(pod, "PodInitializing", minutes=34)
        c.write(pod, f"waiting for {other}\n" * 40, container=wait["name"])


@g("circular_wait", "init_container_hangs", "dependency_unavailable", at="telemetry/rules")
def two_workloads_that_wait_for_each_other(c: Site, app: App) -> Truth:
    _waits(c, "rules", "devices", 8080)
    _waits(c, "devices", "rules", 8081)
    return Truth(app=app.name, objects=(("Deployment", "devices"), ("Service", "devices")), facts=("wait-for-devices", "wait-for-rules"))


@g(at="freight/tracking")
def control_equal_variable_twice_and_an_update_by_hand(c: Site, app: App) -> Truth:
    """The same value twice does no harm."""
    c.amend(app.name, lambda spec: spec["containers"][0]["env"].append({"name": "NATS_URL", "value": "nats://nats.data:4222"}))
    return Truth()


@g(at="telemetry/transcoder")
def control_preempted_and_running_elsewhere(c: Site, app: App) -> Truth:
    old = c.pods_of("thumbs")[0]
    c.remove(old)
    c.add_pod(c.workload(c.apps["thumbs"]), minutes=50, node=c.nodes[3])
    c.event(old, "Preempted", f"Preempted by pod {c.pods(app)[0]['metadata']['uid']} on node {c.nodes[0]}", kind="Normal", count=1, first=50, last=50, source="default-scheduler")
    return Truth()
