"""Containers that end, images, configuration, probes, scheduling, storage, admission, Services, nodes, Jobs and rollouts."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, crash, limited, one_pod
from tests.analysis.cluster import (
    World,
    at,
    container,
    deployment,
    ended,
    event,
    node,
    pod,
    replica_set,
    service,
    state,
    template,
    thing,
    waiting,
)

# --- memory


@case("memory_limit_too_low", "api")
def killed_again_and_again() -> tuple[World, Explanation]:
    return one_pod("OOMKilled", state(restarts=4, now=waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled")), spec=limited("128Mi"))


@case("memory_limit_lowered", "api")
def killed_after_the_limit_was_lowered() -> tuple[World, Explanation]:
    status = state(restarts=2, last=ended(137, "OOMKilled"))
    return one_pod("OOMKilled", status, spec=limited("96Mi"), before=limited("512Mi"))


@case("memory_regression_after_rollout", "api")
def killed_since_another_image_runs() -> tuple[World, Explanation]:
    status = state(restarts=2, last=ended(137, "OOMKilled"))
    return one_pod("OOMKilled", status, spec=limited("256Mi", image="r.test/api:2"), before=limited("256Mi", image="r.test/api:1"))


@case("memory_leak", "api")
def killed_after_hours() -> tuple[World, Explanation]:
    return one_pod("OOMKilled", state(restarts=3, last=ended(137, "OOMKilled", ran_minutes=400)), spec=limited("256Mi"))


@case("init_memory_too_small", "api")
def killed_before_it_began() -> tuple[World, Explanation]:
    words = "Failed to create pod sandbox: container init was OOM-killed (memory limit too low?)"
    return one_pod("OOMKilled", state(now=waiting("ContainerCreating")), spec=limited("4Mi"), events=(("FailedCreatePodSandBox", words),))


@case("node_pressure", "node-1")
def killed_without_a_limit() -> tuple[World, Explanation]:
    return one_pod("OOMKilled", state(restarts=1, last=ended(137, "OOMKilled")))


# --- crashes


@case("command_not_found", "api")
def ends_with_127() -> tuple[World, Explanation]:
    return crash(127)


@case("permission_denied", "api")
def ends_with_126() -> tuple[World, Explanation]:
    return crash(126)


@case("wrong_architecture", "api")
def cannot_be_executed() -> tuple[World, Explanation]:
    return crash(1, "exec /app/server: exec format error")


@case("exits_zero", "api")
def ends_well_for_ever() -> tuple[World, Explanation]:
    return crash(0, reason="Completed")


@case("segmentation_fault", "api")
def ends_with_a_signal() -> tuple[World, Explanation]:
    return crash(139)


@case("missing_env_or_config", "api")
def says_that_a_setting_is_missing() -> tuple[World, Explanation]:
    return crash(1, "starting\nFATAL: required environment variable STORE_DSN is not set\n")


@case("missing_env_or_config", "api")
def lost_a_setting_silently() -> tuple[World, Explanation]:
    kept = {"name": "TZ", "value": "UTC"}
    return crash(1, spec=container(env=[kept]), before=container(env=[kept, {"name": "STORE_DSN", "value": "x"}]))


@case("invalid_config", "api")
def cannot_read_its_configuration() -> tuple[World, Explanation]:
    return crash(2, "error: failed to parse config file /etc/app/config.yaml: line 3")


@case("port_in_use", "api")
def finds_its_port_taken() -> tuple[World, Explanation]:
    return crash(1, "listen tcp :8080: bind: address already in use")


@case("application_out_of_memory", "api")
def has_no_heap_left() -> tuple[World, Explanation]:
    return crash(3, "java.lang.OutOfMemoryError: Java heap space")


@case("disk_full", "api")
def has_no_space_left() -> tuple[World, Explanation]:
    return crash(1, "write /data/wal: no space left on device")


@case("certificate_invalid", "api")
def does_not_trust() -> tuple[World, Explanation]:
    return crash(1, 'Get "https://pay.test": x509: certificate has expired or is not yet valid')


@case("bad_credentials", "api")
def is_not_let_in() -> tuple[World, Explanation]:
    return crash(1, "FATAL: password authentication failed for user app")


@case("file_permission_denied", "api")
def may_not_write() -> tuple[World, Explanation]:
    mounted = container(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    return crash(1, "open /data/lock: permission denied", spec=mounted, securityContext={"runAsUser": 1000})


@case("application_error", "api")
def fails_by_itself() -> tuple[World, Explanation]:
    return crash(1, "panic: index out of range [3] with length 3")


@case("wrong_dependency_address", "api")
def calls_a_name_that_is_nearly_right() -> tuple[World, Explanation]:
    spec = container(env=[{"name": "STORE_ADDR", "value": "stroe:6379"}])
    store = service("store", selector={"app": "store"}, ports=[{"port": 6379, "targetPort": 6379}])
    return crash(1, "dial tcp: lookup stroe: no such host", spec=spec, extra=(store,))


@case("selector_mismatch", "store")
def calls_a_service_that_selects_nobody() -> tuple[World, Explanation]:
    spec = container(env=[{"name": "STORE_ADDR", "value": "store:6379"}])
    store = deployment("store", of=template(container("store"), labels={"app": "store"}))
    backend = pod(store, "store-1", ready=True)
    broken = service("store", selector={"app": "stor"}, ports=[{"port": 6379, "targetPort": 6379}])
    return crash(1, "dial tcp store:6379: connect: connection refused", spec=spec, extra=(store, backend, broken))


@case("dependency_unavailable", "api")
def calls_what_is_outside() -> tuple[World, Explanation]:
    return crash(1, "dial tcp: lookup api.partner.test: no such host")


@case("bad_rollout", "api")
def fails_since_the_last_change_and_says_nothing() -> tuple[World, Explanation]:
    world, _ = crash(1, spec=container(image="r.test/api:2"), before=container(image="r.test/api:1"))
    earlier = next(one for one in world.objects if one["metadata"]["name"] == "api-1")
    world.objects.append(pod(earlier, "api-0-y", ready=True, status={"containerStatuses": [state(ready=True)]}))
    failing = next(one for one in world.objects if one["metadata"]["name"] == "api-1-x")
    return world, world.ask("CrashLoopBackOff", failing, owner=world.objects[0], container="api")


# --- probes

HTTP = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 1}
GRPC = {"grpc": {"port": 8080}, "periodSeconds": 10, "failureThreshold": 3}


def unready(message: str, probe: Any, **more: Any) -> tuple[World, Explanation]:
    spec = container(readinessProbe=probe, ports=[{"containerPort": 8080}], **more)
    return one_pod("ReadinessProbeFailed", state(), spec=spec, events=(("Unhealthy", f"Readiness probe failed: {message}"),))


def killed_by_probe(message: str, probe: Any, *, ran_minutes: float = 0.5, **more: Any) -> tuple[World, Explanation]:
    spec = container(livenessProbe=probe, ports=[{"containerPort": 8080}], **more)
    status = state(restarts=4, last=ended(137, ran_minutes=ran_minutes))
    told = (("Killing", "Container api failed liveness probe, will be restarted"), ("Unhealthy", f"Liveness probe failed: {message}"))
    return one_pod("LivenessProbeFailed", status, spec=spec, events=told)


def port(probe: Any, number: int) -> Any:
    return probe | {"httpGet": {"path": "/healthz", "port": number}}


REFUSED = 'Get "http://10.0.0.9:8081/healthz": dial tcp 10.0.0.9:8081: connect: connection refused'


@case("readiness_probe_wrong_port", "api")
def unready_at_a_port_nobody_has() -> tuple[World, Explanation]:
    return unready(REFUSED, port(HTTP, 8081))


@case("readiness_probe_wrong_path", "api")
def unready_at_a_path_nobody_has() -> tuple[World, Explanation]:
    return unready("HTTP probe failed with statuscode: 404", HTTP)


@case("readiness_probe_wrong_protocol", "api")
def unready_in_another_language() -> tuple[World, Explanation]:
    return unready('net/http: HTTP/1.x transport connection broken: malformed HTTP response "x"', HTTP, livenessProbe=GRPC)


@case("readiness_probe_too_tight", "api")
def unready_because_it_is_slow() -> tuple[World, Explanation]:
    probe = HTTP | {"timeoutSeconds": 1}
    return unready("context deadline exceeded", probe, livenessProbe=HTTP)


@case("readiness_probe_unhealthy", "api")
def unready_and_says_so() -> tuple[World, Explanation]:
    return unready("HTTP probe failed with statuscode: 503", HTTP)


@case("liveness_probe_wrong_port", "api")
def killed_at_a_port_nobody_has() -> tuple[World, Explanation]:
    return killed_by_probe(REFUSED, port(HTTP, 8081), readinessProbe=HTTP)


@case("liveness_probe_wrong_path", "api")
def killed_at_a_path_nobody_has() -> tuple[World, Explanation]:
    return killed_by_probe("HTTP probe failed with statuscode: 405", HTTP)


@case("liveness_probe_wrong_protocol", "api")
def killed_in_another_language() -> tuple[World, Explanation]:
    return killed_by_probe("http: server gave HTTP response to HTTPS client", HTTP)


@case("liveness_probe_too_tight", "api")
def killed_before_it_can_start() -> tuple[World, Explanation]:
    probe = {"grpc": {"port": 8080}, "initialDelaySeconds": 1, "periodSeconds": 1, "failureThreshold": 1}
    return killed_by_probe('timeout: failed to connect service "10.0.0.9:8080" within 1s', probe, ran_minutes=0.1)


@case("liveness_probe_unhealthy", "api")
def killed_after_it_had_been_well() -> tuple[World, Explanation]:
    return killed_by_probe("context deadline exceeded", HTTP, ran_minutes=300)


@case("liveness_probe_unhealthy", "api")
def killed_while_its_like_are_well() -> tuple[World, Explanation]:
    world, _ = killed_by_probe(REFUSED, port(HTTP, 8081))
    owner = next(one for one in world.objects if one["kind"] == "ReplicaSet")
    world.objects.append(pod(owner, "api-1-y", ready=True, status={"containerStatuses": [state(ready=True)]}))
    failing = next(one for one in world.objects if one["kind"] == "Pod")
    return world, world.ask("LivenessProbeFailed", failing, owner=world.objects[0], container="api")


# --- images


def pull(message: str, image: str = "registry.test/team/api:1.4", **more: Any) -> tuple[World, Explanation]:
    text = f'Failed to pull image "{image}": {message}'
    return one_pod(
        "ImagePullBackOff", state(now=waiting("ImagePullBackOff")), spec=container(image=image), events=(("Failed", text),), **more
    )


@case("image_tag_not_found", "api")
def pulls_what_is_not_there() -> tuple[World, Explanation]:
    return pull("manifest unknown: not found", before=container(image="registry.test/team/api:1.3"))


@case("image_registry_unreachable", "api")
def pulls_from_nowhere() -> tuple[World, Explanation]:
    return pull("dial tcp: lookup registry.test: no such host")


@case("image_pull_unauthorized", "api")
def pulls_without_a_right() -> tuple[World, Explanation]:
    return pull("failed to authorize: failed to fetch anonymous token: 401 Unauthorized")


@case("image_tag_not_found", "api")
def is_refused_where_others_are_served() -> tuple[World, Explanation]:
    other = pod(None, "web-1", ready=True, spec={"containers": [container("web", "registry.test/team/web:3")]})
    other["status"]["containerStatuses"] = [state("web", ready=True)]
    return pull("pull access denied, repository does not exist or may require authorization", extra=(other,))


@case("invalid_image_name", "api")
def names_no_image() -> tuple[World, Explanation]:
    words = 'Failed to apply default image tag "Team/API": couldn\'t parse image name: invalid reference format'
    return one_pod("ImagePullBackOff", state(now=waiting("InvalidImageName", words)), spec=container(image="Team/API"))


@case("pull_rate_limited", "api")
def pulls_too_often() -> tuple[World, Explanation]:
    return pull("429 Too Many Requests - toomanyrequests: you have reached your pull rate limit")


@case("wrong_architecture", "api")
def pulls_for_another_platform() -> tuple[World, Explanation]:
    return pull("no match for platform in manifest: not found")


@case("certificate_invalid", "api")
def pulls_over_a_bad_certificate() -> tuple[World, Explanation]:
    return pull("tls: failed to verify certificate: x509: certificate signed by unknown authority")


@case("disk_full", "api")
def pulls_onto_a_full_disk() -> tuple[World, Explanation]:
    return pull("write /var/lib/containerd/x: no space left on device")


# --- configuration


def config(message: str, **more: Any) -> tuple[World, Explanation]:
    return one_pod("CreateContainerConfigError", state(now=waiting("CreateContainerConfigError", message)), **more)


@case("missing_config_map", "api")
def needs_a_config_map() -> tuple[World, Explanation]:
    near = thing("v1", "ConfigMap", "api-settings", data={"level": "info"})
    return config('configmap "api-setings" not found', extra=(near,))


@case("missing_secret", "api")
def needs_a_secret() -> tuple[World, Explanation]:
    return config('secret "api-login" not found')


@case("missing_key", "api")
def needs_a_key() -> tuple[World, Explanation]:
    here = thing("v1", "ConfigMap", "api-settings", data={"log_level": "info"})
    return config("couldn't find key log_levle in ConfigMap orders/api-settings", extra=(here,))


@case("run_as_root_conflict", "api")
def must_not_be_root() -> tuple[World, Explanation]:
    return config("container has runAsNonRoot and image will run as root")


def start(type_: str, message: str, **more: Any) -> tuple[World, Explanation]:
    return one_pod(type_, state(now=waiting(type_, message)), **more)


@case("command_not_found", "api")
def starts_what_is_not_in_the_image() -> tuple[World, Explanation]:
    spec, before = container(command=["/bin/srv"]), container(command=["/bin/server"])
    return start("RunContainerError", 'exec: "/bin/srv": stat /bin/srv: no such file or directory', spec=spec, before=before)


@case("permission_denied", "api")
def starts_what_may_not_run() -> tuple[World, Explanation]:
    return start("RunContainerError", 'exec: "/app/run.sh": permission denied')


@case("invalid_mount", "api")
def mounts_a_file_on_a_directory() -> tuple[World, Explanation]:
    return start("CreateContainerError", 'error mounting "/etc/app": not a directory')


@case("stale_container", "api")
def finds_its_name_taken() -> tuple[World, Explanation]:
    return start("CreateContainerError", 'name "api_0" is reserved for "4f2a"')


def mount(*events: tuple[str, str], extra: tuple[Any, ...] = (), **spec: Any) -> tuple[World, Explanation]:
    web = deployment(of=template(container(), **spec))
    owner = replica_set(web)
    failing = pod(owner, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([web, owner, failing, node(), *(event(failing, *told) for told in events), *extra])
    return world, world.ask("FailedMount", failing, owner=web)


@case("missing_secret", "api")
def mounts_a_secret_that_is_not_there() -> tuple[World, Explanation]:
    return mount(("FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "api-tls" not found'))


@case("volume_attach_failed", "api")
def waits_for_a_volume_that_another_node_holds() -> tuple[World, Explanation]:
    return mount(("FailedAttachVolume", 'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) db-0'))


@case("volume_mount_failed", "api")
def waits_for_a_mount() -> tuple[World, Explanation]:
    return mount(("FailedMount", "Unable to attach or mount volumes: unmounted volumes=[data]: timed out waiting for the condition"))


# --- scheduling


def unplaced(message: str, *others: Any, spec: Any = None, **pod_spec: Any) -> tuple[World, Explanation]:
    web = deployment(of=template(spec or container(), **pod_spec))
    owner = replica_set(web)
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    failing = pod(owner, node=None, status={"phase": "Pending", "conditions": conditions})
    world = World([web, owner, failing, *(others or (node("node-1"), node("node-2")))])
    return world, world.ask("FailedScheduling", failing, owner=web)


def asks(**requests: str) -> Any:
    return container(resources={"requests": requests})


@case("insufficient_cpu", "api")
def asks_for_more_cpu_than_any_node_has() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 Insufficient cpu.", spec=asks(cpu="12"))


@case("insufficient_memory", "api")
def asks_for_more_memory_than_is_left() -> tuple[World, Explanation]:
    hungry = [pod(None, f"eater-{n}", node=f"node-{n}", spec={"containers": [asks(memory="7Gi")]}, ready=True) for n in (1, 2)]
    return unplaced("0/2 nodes are available: 2 Insufficient memory.", node("node-1"), node("node-2"), *hungry, spec=asks(memory="2Gi"))


@case("insufficient_resource", "api")
def asks_for_what_no_node_offers() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 Insufficient example.com/gpu.", spec=asks(**{"example.com/gpu": "1"}))


@case("node_selector_mismatch", "api")
def selects_a_label_that_no_node_has() -> tuple[World, Explanation]:
    nodes = (node("node-1", labels={"disk": "ssd"}), node("node-2", labels={"disk": "ssd"}))
    return unplaced("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", *nodes, nodeSelector={"disk": "sdd"})


@case("node_affinity_mismatch", "api")
def requires_an_affinity_that_no_node_meets() -> tuple[World, Explanation]:
    terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["north"]}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    return unplaced("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", affinity=affinity)


@case("untolerated_taint", "api")
def does_not_tolerate() -> tuple[World, Explanation]:
    nodes = [node(name, spec={"taints": [{"key": "pool", "value": "batch", "effect": "NoSchedule"}]}) for name in ("node-1", "node-2")]
    return unplaced("0/2 nodes are available: 2 node(s) had untolerated taint(s).", *nodes)


@case("node_cordoned", "api")
def fits_a_cordoned_node_alone() -> tuple[World, Explanation]:
    nodes = (node("node-1", labels={"disk": "ssd"}, spec={"unschedulable": True}), node("node-2", labels={"disk": "hdd"}))
    words = "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable."
    return unplaced(words, *nodes, nodeSelector={"disk": "ssd"})


@case("anti_affinity", "api")
def must_be_alone_and_is_not() -> tuple[World, Explanation]:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "api"}}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    others = [pod(None, f"api-{n}", node=f"node-{n}", ready=True) for n in (1, 2)]
    words = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
    return unplaced(words, node("node-1"), node("node-2"), *others, affinity=affinity)


@case("host_port_conflict", "api")
def wants_a_port_of_the_node_that_is_taken() -> tuple[World, Explanation]:
    open_port = container(ports=[{"containerPort": 80, "hostPort": 80}])
    other = pod(None, "edge", node="node-1", spec={"containers": [open_port]}, ready=True)
    return unplaced("0/1 nodes are available: 1 node(s) didn't have free ports.", node("node-1"), other, spec=open_port)


@case("affinity_mismatch", "api")
def cannot_be_spread() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.")


@case("volume_node_conflict", "api")
def has_its_volume_elsewhere() -> tuple[World, Explanation]:
    return unplaced("0/2 nodes are available: 2 node(s) had volume node affinity conflict.")


VOLUME = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."


@case("pvc_unbound", "api")
def needs_a_claim_that_is_not_there() -> tuple[World, Explanation]:
    return unplaced('0/2 nodes are available: persistentvolumeclaim "data" not found.', volumes=VOLUME)


@case("kubelet_unreachable", "node-1")
def finds_only_a_lost_node() -> tuple[World, Explanation]:
    lost = node(
        "node-1",
        spec={"taints": [{"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"}]},
        conditions=[
            {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
        ],
    )
    return unplaced("0/1 nodes are available: 1 node(s) had untolerated taint(s).", lost)


@case("scheduler_unavailable", "scheduling-1")
def nobody_looks_at_it() -> tuple[World, Explanation]:
    web = deployment()
    owner = replica_set(web)
    left = pod(owner, node=None, status={"phase": "Pending", "conditions": []})
    own = pod(None, "kube-scheduler-x", node="scheduling-1", metadata={"labels": {}})
    own["metadata"]["namespace"] = "kube-system"
    world = World([web, owner, left, own, node("scheduling-1"), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])


# --- storage


def claim(name: str = "data", *volumes: Any, events: tuple[tuple[str, str], ...] = (), **spec: Any) -> tuple[World, Explanation]:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}} | spec
    made = thing("v1", "PersistentVolumeClaim", name, spec=wanted, status={"phase": "Pending"})
    world = World([made, *volumes, *(event(made, *told) for told in events)])
    return world, world.ask("PersistentVolumeClaimPending", made)


def volume(name: str = "pv-1", **spec: Any) -> Any:
    body = {"capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "manual"} | spec
    return thing("v1", "PersistentVolume", name, namespace=None, spec=body, status={"phase": "Available"})


def storage_class(name: str, provisioner: str = "disk.test/csi", **more: Any) -> Any:
    return thing("storage.k8s.io/v1", "StorageClass", name, namespace=None, provisioner=provisioner, **more)


@case("storage_class_missing", "data")
def names_a_class_that_is_not_there() -> tuple[World, Explanation]:
    return claim("data", storage_class("archive"), storageClassName="archvie")


@case("no_default_storage_class", "data")
def names_no_class() -> tuple[World, Explanation]:
    return claim("data", storage_class("archive"))


@case("no_matching_volume", "data", "asks for too much")
def asks_for_too_much() -> tuple[World, Explanation]:
    return claim("data", volume(capacity={"storage": "5Gi"}), storageClassName="manual")


@case("no_matching_volume", "data")
def asks_for_another_access() -> tuple[World, Explanation]:
    return claim("data", volume(), storageClassName="manual", accessModes=["ReadWriteMany"])


@case("volume_taken", "data")
def wants_a_volume_that_is_taken() -> tuple[World, Explanation]:
    taken = volume(claimRef={"namespace": "orders", "name": "other"})
    return claim("data", taken, storageClassName="manual", volumeName="pv-1")


@case("provisioner_failing", "data")
def waits_for_its_provisioner() -> tuple[World, Explanation]:
    told = (("ProvisioningFailed", "failed to provision volume: rpc error: code = ResourceExhausted desc = out of space"),)
    return claim("data", storage_class("fast"), events=told, storageClassName="fast")


# --- admission


def refused(message: str, *extra: Any) -> tuple[World, Explanation]:
    web = deployment(replicas=3, status={"replicas": 1})
    conditions = [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]
    owner = replica_set(web, replicas=3, status={"replicas": 1, "conditions": conditions})
    world = World([web, owner, *extra])
    return world, world.ask("FailedCreate", owner, owner=web)


@case("quota_exceeded", "team")
def is_over_quota() -> tuple[World, Explanation]:
    quota = thing("v1", "ResourceQuota", "team", status={"hard": {"cpu": "4"}, "used": {"cpu": "4"}})
    return refused('pods "api-1-y" is forbidden: exceeded quota: team, requested: cpu=1, used: cpu=4, limited: cpu=4', quota)


@case("quota_needs_resources", "api")
def does_not_say_what_it_needs() -> tuple[World, Explanation]:
    return refused("pods is forbidden: failed quota: team: must specify cpu for: api")


@case("limit_range_violation", "api")
def is_beyond_the_bounds() -> tuple[World, Explanation]:
    return refused("pods is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi")


@case("service_account_missing", "api")
def has_no_account() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: error looking up service account orders/api-runner: serviceaccount "api-runner" not found')


@case("pod_security_violation", "api")
def is_not_restricted() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true')


@case("webhook_denied", "api")
def is_denied_by_a_policy() -> tuple[World, Explanation]:
    return refused('admission webhook "policy.test" denied the request: images must be signed')


@case("webhook_unavailable", "hook")
def is_refused_since_nobody_answers() -> tuple[World, Explanation]:
    return refused('Internal error: failed calling webhook "policy.test": Post "https://hook.guard.svc:443/v": connect: connection refused')


@case("forbidden", "api")
def is_forbidden() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: something new')


# --- services


@case("selector_mismatch", "api")
def selects_a_label_nobody_has() -> tuple[World, Explanation]:
    web = deployment()
    backend = pod(web, ready=True)
    broken = service(selector={"app": "apl"})
    world = World([web, backend, broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("target_port_mismatch", "api")
def sends_to_a_port_by_a_name_nobody_gave() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"name": "web", "containerPort": 8080}])))
    broken = service(ports=[{"port": 80, "targetPort": "http"}])
    world = World([web, pod(web, ready=True), broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("service_protocol_mismatch", "api")
def speaks_another_protocol() -> tuple[World, Explanation]:
    web = deployment(of=template(container(ports=[{"containerPort": 8080, "protocol": "TCP"}])))
    broken = service(ports=[{"port": 80, "targetPort": 8080, "protocol": "UDP"}])
    world = World([web, pod(web, ready=True), broken])
    return world, world.ask("ServiceNoEndpoints", broken)


@case("scaled_to_zero", "api")
def sends_to_what_is_switched_off() -> tuple[World, Explanation]:
    web = deployment(replicas=0)
    world = World([web, service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[1])


@case("all_backends_not_ready", "api")
def sends_to_pods_that_are_not_ready() -> tuple[World, Explanation]:
    web = deployment()
    world = World([web, pod(web), service(), node()])
    return world, world.ask("ServiceNoEndpoints", world.objects[2])


@case("no_workload", "api")
def sends_to_nobody() -> tuple[World, Explanation]:
    world = World([service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[0])


# --- nodes


def lost(status: str, reason: str, message: str, *more: Any) -> tuple[World, Explanation]:
    ready = {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": at(3)}
    world = World([node("node-1", conditions=[*more, ready])])
    return world, world.ask("NodeNotReady", world.objects[0])


@case("kubelet_unreachable", "node-1")
def says_nothing_any_more() -> tuple[World, Explanation]:
    return lost("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


@case("runtime_not_ready", "node-1")
def has_no_runtime() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "PLEG is not healthy: pleg was last seen active 3m ago")


@case("network_plugin_not_ready", "node-1")
def has_no_network() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "container runtime network not ready: NetworkPluginNotReady cni plugin not initialized")


@case("node_not_ready", "node-1")
def is_not_ready_for_its_own_reasons() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "node is shutting down")


@case("node_pressure", "node-1", "has no disk left")
def has_no_disk_left() -> tuple[World, Explanation]:
    return lost("False", "KubeletNotReady", "busy", {"type": "DiskPressure", "status": "True", "message": "kubelet has disk pressure"})


@case("sandbox_failed", "node-1")
def gets_no_sandbox() -> tuple[World, Explanation]:
    words = "Failed to create pod sandbox: plugin type=calico failed: no IP addresses available"
    web = deployment()
    failing = pod(web, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([web, failing, node(), event(failing, "FailedCreatePodSandBox", words), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])


# --- jobs and rollouts


def job(reason: str, code: int = 1, log: str = "") -> tuple[World, Explanation]:
    conditions = [{"type": "Failed", "status": "True", "reason": reason, "message": "Job has failed"}]
    gave_up = thing("batch/v1", "Job", "report", spec={"backoffLimit": 2, "template": template()}, status={"conditions": conditions})
    last = pod(gave_up, "report-x", status={"phase": "Failed", "containerStatuses": [state(now={"terminated": ended(code)})]})
    world = World([gave_up, last, node()], {("report-x", "api"): log} if log else {})
    return world, world.ask("JobFailed", gave_up)


@case("job_deadline", "report")
def ran_too_long() -> tuple[World, Explanation]:
    return job("DeadlineExceeded", code=143)


@case("job_script_failed", "report")
def failed_each_time() -> tuple[World, Explanation]:
    return job("BackoffLimitExceeded", log="ValueError: no such month")


@case("missing_env_or_config", "report")
def failed_for_want_of_a_setting() -> tuple[World, Explanation]:
    return job("BackoffLimitExceeded", log="KeyError: 'REPORT_BUCKET'")


@case("job_policy_failed", "report")
def was_ended_by_its_policy() -> tuple[World, Explanation]:
    return job("PodFailurePolicy")


@case("image_tag_not_found", "api")
def is_stuck_for_want_of_an_image() -> tuple[World, Explanation]:
    world, _ = pull("manifest unknown: not found")
    return world, world.ask("DeploymentProgressDeadlineExceeded", world.objects[0])


@case("too_slow_rollout", "api")
def is_only_slow() -> tuple[World, Explanation]:
    progress = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}
    web = deployment(status={"replicas": 1, "conditions": [progress]})
    slow = pod(replica_set(web), status={"containerStatuses": [state()]})
    world = World([web, replica_set(web), slow, node()])
    return world, world.ask("DeploymentProgressDeadlineExceeded", web)


@case("node_pressure", "node-1", "was evicted")
def was_evicted() -> tuple[World, Explanation]:
    web = deployment()
    gone = pod(web, status={"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."})
    world = World([web, gone, node(), service()])
    return world, world.ask("ServiceNoEndpoints", world.objects[-1])
