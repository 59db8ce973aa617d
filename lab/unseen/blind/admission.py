# fmt: off
# ruff: noqa: E501
"""Classes i and j: what the API server says of a refusal, and conditions that keep the first message while the refusal changed."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago
from lab.unseen.site import Site

i = partial(fault, group="i")
j = partial(fault, group="j")


def _resources(**given: Json) -> Edit:
    def edit(spec: Json) -> None:
        spec["containers"][0]["resources"] = given

    return edit


def _limits(c: Site, namespace: str, **limits: Json) -> None:
    c.add("LimitRange", "container-limits", namespace=namespace, spec={"limits": [{"type": "Container", **limits}]})


def _quota(c: Site, namespace: str, name: str, hard: Json, used: Json) -> None:
    c.add("ResourceQuota", name, namespace=namespace, spec={"hard": hard}, status={"hard": hard, "used": used})


@i("limit_range_violation", at="telemetry/transcoder")
def above_the_maximum_of_memory(c: Site, app: App) -> Truth:
    _limits(c, "media", max={"memory": "2Gi"})
    c.refuse(app.name, 'pods "{pod}" is forbidden: maximum memory usage per Container is 2Gi, but limit is 4Gi', edit=_resources(requests={"cpu": "500m", "memory": "1Gi"}, limits={"memory": "4Gi"}))
    return Truth(app=app.name, objects=(("LimitRange", "container-limits"),), facts=("2Gi", "4Gi"))


@i("limit_range_violation", at="freight/tariffs")
def below_the_minimum_of_cpu(c: Site, app: App) -> Truth:
    _limits(c, "core", min={"cpu": "100m", "memory": "64Mi"})
    c.refuse(app.name, 'pods "{pod}" is forbidden: [minimum cpu usage per Container is 100m, but request is 20m, minimum memory usage per Container is 64Mi, but request is 32Mi]', edit=_resources(requests={"cpu": "20m", "memory": "32Mi"}, limits={"memory": "128Mi"}))
    return Truth(app=app.name, objects=(("LimitRange", "container-limits"),), facts=("100m", "20m"))


@i("quota_exceeded", at="telemetry/transcoder")
def quota_of_an_extended_resource(c: Site, app: App) -> Truth:
    _quota(c, "media", "gpus", {"requests.nvidia.com/gpu": "2"}, {"requests.nvidia.com/gpu": "2"})
    gpu = {"cpu": "500m", "memory": "1Gi", "nvidia.com/gpu": "1"}
    c.refuse(app.name, 'pods "{pod}" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=2, limited: requests.nvidia.com/gpu=2', edit=_resources(requests=gpu, limits={"memory": "1Gi", "nvidia.com/gpu": "1"}))
    return Truth(app=app.name, objects=(("ResourceQuota", "gpus"),), facts=("gpus", "requests.nvidia.com/gpu"))


@i("quota_exceeded", at="freight/dispatch")
def quota_of_a_priority_class(c: Site, app: App) -> Truth:
    _quota(c, "core", "critical-pods", {"pods": "4"}, {"pods": "4"})
    c.get("ResourceQuota", "critical-pods", "core")["spec"]["scopeSelector"] = {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["critical"]}]}
    c.add("PriorityClass", "critical", value=1000000, globalDefault=False)

    def edit(spec: Json) -> None:
        spec["priorityClassName"] = "critical"

    c.refuse(app.name, 'pods "{pod}" is forbidden: exceeded quota: critical-pods, requested: pods=1, used: pods=4, limited: pods=4', edit=edit)
    return Truth(app=app.name, objects=(("ResourceQuota", "critical-pods"),), facts=("critical-pods",))


@i("forbidden", at="freight/quotes telemetry/rules")
def validating_admission_policy(c: Site, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] = "docker.io/acme/experimental:latest"

    c.refuse(app.name, "pods \"{pod}\" is forbidden: ValidatingAdmissionPolicy 'trusted-registries' with binding 'trusted-registries-all' denied request: image docker.io/acme/experimental:latest is not from an approved registry", edit=edit)
    return Truth(app=app.name, facts=("trusted-registries", "docker.io/acme/experimental:latest"))


@i("webhook_denied", at="freight/billing")
def policy_of_kyverno(c: Site, app: App) -> Truth:
    text = 'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/core/{pod} was blocked due to the following policies \n\nrequire-non-root:\n  run-as-non-root: \'validation error: Running as root is not allowed. rule run-as-non-root failed at path /spec/securityContext/runAsNonRoot/\'\n'
    c.refuse(app.name, text)
    return Truth(app=app.name, facts=("require-non-root", "/spec/securityContext/runAsNonRoot/"))


@i("webhook_denied", at="telemetry/devices")
def constraint_of_gatekeeper(c: Site, app: App) -> Truth:
    c.refuse(app.name, 'admission webhook "validation.gatekeeper.sh" denied the request: [must-have-owner] you must provide labels: {{"acme.dev/owner"}}')
    return Truth(app=app.name, facts=("must-have-owner", "acme.dev/owner"))


@i("pod_security_violation", at="freight/edge-proxy")
def level_of_pod_security(c: Site, app: App) -> Truth:
    c.get("Namespace", "front")["metadata"]["labels"] |= {"pod-security.kubernetes.io/enforce": "restricted"}
    text = 'pods "{pod}" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "edge-proxy" must set securityContext.allowPrivilegeEscalation=false), seccompProfile (pod or container "edge-proxy" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    c.refuse(app.name, text)
    return Truth(app=app.name, objects=(("Namespace", "front"),), facts=("restricted", "allowPrivilegeEscalation"))


@i("quota_exceeded", at="telemetry/minio")
def quota_for_a_claim_that_was_never_created(c: Site, app: App) -> Truth:
    """The set was scaled to two; the second claim is refused, so that there is neither claim nor pod."""
    _quota(c, "media", "storage", {"requests.storage": "400Gi"}, {"requests.storage": "280Gi"})
    workload = c.workload(app)
    workload["spec"]["replicas"] = 2
    workload["metadata"]["generation"] = 2
    refusal = 'persistentvolumeclaims "data-minio-1" is forbidden: exceeded quota: storage, requested: requests.storage=200Gi, used: requests.storage=280Gi, limited: requests.storage=400Gi'
    c.event(workload, "FailedCreate", f"create Claim data-minio-1 for Pod minio-1 in StatefulSet minio failed error: {refusal}", source="statefulset-controller", count=19, first=33, last=2)
    c.event(workload, "FailedCreate", f"create Pod minio-1 in StatefulSet minio failed error: failed to create PVC data-minio-1: {refusal}", source="statefulset-controller", count=19, first=33, last=2)
    return Truth(app=app.name, objects=(("ResourceQuota", "storage"), ("PersistentVolumeClaim", "data-minio-1")), facts=("200Gi", "data-minio-1"))


@i(at="freight/claims telemetry/caddy")
def control_limits_that_are_kept(c: Site, app: App) -> Truth:
    _limits(c, app.namespace, max={"memory": "8Gi"}, min={"memory": "32Mi"})
    _quota(c, app.namespace, "compute", {"pods": "60", "requests.memory": "40Gi"}, {"pods": "22", "requests.memory": "11Gi"})
    return Truth()


# --- stale conditions

QUOTA = 'pods "{pod}" is forbidden: exceeded quota: compute, requested: requests.memory=256Mi, used: requests.memory=4Gi, limited: requests.memory=4Gi'


@j("service_account_missing", at="freight/billing")
def quota_was_raised_and_the_account_is_missing(c: Site, app: App) -> Truth:
    _quota(c, "core", "compute", {"requests.memory": "16Gi"}, {"requests.memory": "4Gi"})

    def edit(spec: Json) -> None:
        spec["serviceAccountName"] = "billing"

    c.refuse(app.name, QUOTA, now='pods "{pod}" is forbidden: error looking up service account core/billing: serviceaccount "billing" not found', edit=edit, minutes=25)
    return Truth(app=app.name, objects=(("ServiceAccount", "billing"),), facts=("billing",))


@j("webhook_denied", at="telemetry/player-api")
def quota_was_raised_and_a_policy_denies(c: Site, app: App) -> Truth:
    _quota(c, "media", "compute", {"requests.memory": "24Gi"}, {"requests.memory": "6Gi"})
    c.refuse(app.name, QUOTA, now='admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/media/{pod} was blocked due to the following policies \n\ndisallow-latest:\n  tag: \'validation error: an image tag is required\'\n', minutes=25)
    return Truth(app=app.name, facts=("disallow-latest",))


@j("webhook_unavailable", "scaled_to_zero", at="telemetry/devices")
def limit_was_lifted_and_the_webhook_is_down(c: Site, app: App) -> Truth:
    policy = App(name="policy", namespace="platform", image="harbor.corp.example/platform/policy:1.3", port=8443, runtime="go", service_port=443)
    c.deploy(policy)
    for pod in c.pods(policy):
        c.remove(pod)
    c.workload(policy)["spec"]["replicas"] = 0
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], "scope": "Namespaced"}
    client = {"service": {"name": "policy", "namespace": "platform", "path": "/validate", "port": 443}}
    c.add("ValidatingWebhookConfiguration", "policy", webhooks=[{"name": "pods.policy.acme.dev", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"], "rules": [rule], "clientConfig": client}])
    c.refuse(app.name, 'pods "{pod}" is forbidden: maximum memory usage per Container is 256Mi, but limit is 512Mi', now='Internal error occurred: failed calling webhook "pods.policy.acme.dev": failed to call webhook: Post "https://policy.platform.svc:443/validate?timeout=10s": no endpoints available for service "policy"', minutes=25)
    return Truth(app=app.name, objects=(("ValidatingWebhookConfiguration", "policy"), ("Service", "policy"), ("Deployment", "policy")), facts=("pods.policy.acme.dev",))


@j("missing_secret", at="telemetry/ingestor")
def first_a_config_map_and_now_a_secret(c: Site, app: App) -> Truth:
    """The ConfigMap was created 20 minutes ago; the Secret is still missing."""

    def edit(spec: Json) -> None:
        spec["volumes"] = [{"name": "profiles", "configMap": {"name": "ingestor-profiles"}}, {"name": "tls", "secret": {"secretName": "ingestor-tls"}}]
        spec["containers"][0]["volumeMounts"] = [{"name": "profiles", "mountPath": "/profiles"}, {"name": "tls", "mountPath": "/tls"}]

    c.enter("fleet")
    c.add("ConfigMap", "ingestor-profiles", data={"default.json": "{}"}, minutes=20)
    for pod in c.roll(app.name, edit, minutes=45):
        c.waiting(pod, "ContainerCreating", minutes=45)
        c.event(pod, "FailedMount", 'MountVolume.SetUp failed for volume "profiles" : configmap "ingestor-profiles" not found', count=19, first=45, last=21)
        c.event(pod, "FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "ingestor-tls" not found', count=27, first=45, last=1)
    return Truth(app=app.name, objects=(("Secret", "ingestor-tls"),), facts=("ingestor-tls",))


@j("webhook_denied", at="freight/claims")
def policy_was_relaxed_and_another_denies(c: Site, app: App) -> Truth:
    """Both refusals come from policies; only the name in the newest Event holds."""
    first = 'admission webhook "validation.gatekeeper.sh" denied the request: [must-have-owner] you must provide labels: {{"acme.dev/owner"}}'
    now = 'admission webhook "validation.gatekeeper.sh" denied the request: [block-host-path] hostPath volumes are not allowed'
    c.refuse(app.name, first, now=now, minutes=25)
    return Truth(app=app.name, facts=("block-host-path",))


@j(at="freight/claims")
def control_refused_revision_that_was_replaced(c: Site, app: App) -> Truth:
    """An old revision keeps the condition of its refusal; it has no replicas any more."""
    workload = c.workload(app)
    old = c.add("ReplicaSet", "claims-5f6b7c8d9", namespace="core", owner=workload, minutes=12000, metadata={"labels": {"app.kubernetes.io/name": app.name, "pod-template-hash": "5f6b7c8d9"}, "annotations": {"deployment.kubernetes.io/revision": "0"}}, spec={"replicas": 0, "selector": {"matchLabels": {"pod-template-hash": "5f6b7c8d9"}}, "template": workload["spec"]["template"]})
    c.event(old, "FailedCreate", f"Error creating: {QUOTA.format(pod='claims-5f6b7c8d9-x2k4p')}", source="replicaset-controller", count=3, first=55, last=52)
    c.objects = {("ReplicaSet", "core", "claims-5f6b7c8d9"): old} | c.objects
    workload["metadata"]["creationTimestamp"] = ago(13000)
    return Truth()
