# ruff: noqa: E501
"""Claims and volumes."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Json


@fault("pvc_unbound", at="blog/mailer shop/catalog")
def claim_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-uploads"

    def edit(spec: Json) -> None:
        spec.setdefault("volumes", []).append({"name": "uploads", "persistentVolumeClaim": {"claimName": name}})
        spec["containers"][0].setdefault("volumeMounts", []).append({"name": "uploads", "mountPath": "/uploads"})

    for pod in c.change(app, edit):
        c.unscheduled(
            pod,
            f'0/3 nodes are available: persistentvolumeclaim "{name}" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
        )
    return Truth(app=app.name, objects=(("PersistentVolumeClaim", name),), facts=(name,))


def _unbound(c: Cluster, app: App, class_name: str, reason: str, message: str) -> Truth:
    """The claim of the only pod waits for its volume."""
    pod = c.pods(app)[0]
    name = next(one["persistentVolumeClaim"]["claimName"] for one in pod["spec"]["volumes"] if "persistentVolumeClaim" in one)
    claim = c.get("PersistentVolumeClaim", name)
    c.remove(c.get("PersistentVolume", claim["spec"].pop("volumeName")))
    claim["spec"]["storageClassName"] = class_name
    for template in c.workload(app)["spec"].get("volumeClaimTemplates", ()):
        template["spec"]["storageClassName"] = class_name
    claim["status"] = {"phase": "Pending"}
    claim["metadata"]["creationTimestamp"] = pod["metadata"]["creationTimestamp"]
    c.event(claim, reason, message, count=60, source="persistentvolume-controller")
    c.unscheduled(
        pod,
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )
    return Truth(app=app.name, objects=(("PersistentVolumeClaim", name), ("StorageClass", class_name)), facts=(class_name,))


@fault("storage_class_missing", at="shop/postgres pipeline/clickhouse blog/wordpress monitoring/loki")
def class_missing(c: Cluster, app: App) -> Truth:
    return _unbound(c, app, "fast-ssd", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast-ssd" not found')


@fault("provisioner_failing", at="batch/rabbitmq edge/mongo")
def volume_too_large(c: Cluster, app: App) -> Truth:
    message = ('failed to provision volume with StorageClass "standard-rwo": rpc error: code = Internal desc = Could not create volume "pvc-7a": could not create volume in EC2: '
               "operation error EC2: CreateVolume, https response error StatusCode: 400, api error VolumeLimitExceeded: You have exceeded your maximum gp3 storage limit")  # fmt: skip
    truth = _unbound(c, app, "standard-rwo", "ProvisioningFailed", message)
    return Truth(app=truth.app, objects=truth.objects, facts=("VolumeLimitExceeded",))


@fault("volume_attach_failed", "volume_taken", at="shop/postgres clinic/mysql")
def attached_elsewhere(c: Cluster, app: App) -> Truth:
    pod = c.pods(app)[0]
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = "2026-10-05T09:12:00Z"
    c.waiting(pod, "ContainerCreating")
    volume = next(one["metadata"]["name"] for one in c.all("PersistentVolume") if app.name in one["spec"]["claimRef"]["name"])
    c.event(
        pod,
        "FailedAttachVolume",
        f'Multi-Attach error for volume "{volume}" Volume is already exclusively attached to one node and can\'t be attached to another',
        count=1,
        source="attachdetach-controller",
    )
    return Truth(app=app.name, objects=(("PersistentVolume", volume),), facts=(volume,))


@fault("disk_full", at="pipeline/clickhouse monitoring/prometheus search/opensearch")
def volume_full(c: Cluster, app: App) -> Truth:
    log = {
        "clickhouse": "2026.10.05 09:27:41.312 [ 1 ] {} <Error> Application: Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space: While executing. (NOT_ENOUGH_SPACE)\nPoco::Exception. Code: 1000, e.code() = 28, No space left on device\n",
        "go": 'time=2026-10-05T09:27:41.102Z level=ERROR source=main.go:1300 msg="Failed to open database" err="opening storage failed: open /prometheus/wal/00000192: no space left on device"\n',
        "java": "java.io.IOException: No space left on device\n\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)\n\tat org.apache.lucene.store.OutputStreamIndexOutput.close(OutputStreamIndexOutput.java:70)\n",
    }[app.runtime]  # fmt: skip
    c.crash(c.pods(app)[-1], 1, log, ran=0.4)
    return Truth(
        app=app.name,
        objects=tuple(
            ("PersistentVolumeClaim", one["metadata"]["name"])
            for one in c.all("PersistentVolumeClaim")
            if app.name in one["metadata"]["name"]
        ),
    )
