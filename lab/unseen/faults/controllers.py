# ruff: noqa: E501
"""What controllers refuse or cannot do: quotas, webhooks, autoscalers, budgets, Jobs, finalizers."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago
from lab.unseen.stacks import add_cron_job


def _refused(c: Cluster, app: App, message: str, edit: Edit | None = None) -> None:
    """The controller cannot create the pods of the workload."""
    for pod in c.change(app, edit):
        c.remove(pod)
    workload = c.workload(app)
    owner = c.owned(workload, "ReplicaSet")[-1] if app.kind == "Deployment" else workload
    text = message.replace("POD", f"{owner['metadata']['name']}-{c.suffix()}")
    if app.kind == "Deployment":
        owner["refused"] = text
    c.event(
        owner,
        "FailedCreate",
        f"Error creating: {text}",
        count=17,
        source="replicaset-controller" if app.kind == "Deployment" else "daemonset-controller",
    )


@fault("quota_exceeded", at="shop/catalog pipeline/ingest batch/invoice-worker")
def over_quota(c: Cluster, app: App) -> Truth:
    name = "team-budget"
    c.add(
        "ResourceQuota",
        name,
        spec={"hard": {"requests.cpu": "2"}},
        status={"hard": {"requests.cpu": "2"}, "used": {"requests.cpu": "1950m"}},
    )
    _refused(
        c,
        app,
        f'pods "POD" is forbidden: exceeded quota: {name}, requested: requests.cpu={app.cpu}, used: requests.cpu=1950m, limited: requests.cpu=2',
    )
    return Truth(app=app.name, objects=(("ResourceQuota", name),), facts=(name, "requests.cpu"))


@fault("limit_range_violation", at="search/indexer clinic/gateway")
def over_limit_range(c: Cluster, app: App) -> Truth:
    c.add("LimitRange", "per-container", spec={"limits": [{"type": "Container", "max": {"memory": "512Mi"}}]})
    limit = {"768Mi": "768Mi", "1Gi": "1Gi"}[app.memory]
    _refused(c, app, f'pods "POD" is forbidden: maximum memory usage per Container is 512Mi, but limit is {limit}')
    return Truth(app=app.name, objects=(("LimitRange", "per-container"),), facts=("512Mi",))


@fault("webhook_unavailable", at="shop/storefront edge/frontend monitoring/node-exporter")
def webhook_down(c: Cluster, app: App) -> Truth:
    c.add("Namespace", "policy-system", status={"phase": "Active"})
    hook = {"name": "validate.policies.acme.example", "failurePolicy": "Fail", "clientConfig": {"service": {"namespace": "policy-system", "name": "policy-webhook", "port": 443}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}  # fmt: skip
    c.add("ValidatingWebhookConfiguration", "policies", webhooks=[hook])
    _refused(
        c,
        app,
        'Internal error occurred: failed calling webhook "validate.policies.acme.example": failed to call webhook: Post "https://policy-webhook.policy-system.svc:443/validate?timeout=10s": no endpoints available for service "policy-webhook"',
    )
    return Truth(
        app=app.name, objects=(("ValidatingWebhookConfiguration", "policies"), ("Service", "policy-webhook")), facts=("policy-webhook",)
    )


@fault("webhook_denied", at="shop/cart search/query-api")
def denied(c: Cluster, app: App) -> Truth:
    _refused(c, app, 'admission webhook "validation.gatekeeper.sh" denied the request: [require-owner] you must provide labels: {"owner"}')
    return Truth(app=app.name, facts=("validation.gatekeeper.sh", "require-owner"))


@fault("pod_security_violation", at="edge/orders-api monitoring/node-exporter")
def restricted(c: Cluster, app: App) -> Truth:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    c.get("Namespace", c.namespace)["metadata"]["labels"] = labels
    _refused(
        c,
        app,
        f'pods "POD" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "{app.name}" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "{app.name}" must set securityContext.runAsNonRoot=true)',
    )
    return Truth(app=app.name, objects=(("Namespace", c.namespace),), facts=("restricted",))


@fault("service_account_missing", at="pipeline/enricher clinic/discovery")
def account_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-runner"

    def edit(spec: Json) -> None:
        spec["serviceAccountName"] = name

    _refused(
        c, app, f'pods "POD" is forbidden: error looking up service account {c.namespace}/{name}: serviceaccount "{name}" not found', edit
    )
    return Truth(app=app.name, objects=(("ServiceAccount", name),), facts=(name,))


@fault("too_few_healthy_pods", "readiness_probe_unhealthy", at="shop/catalog search/query-api")
def budget_broken(c: Cluster, app: App) -> Truth:
    """All pods behind a budget report that they are not ready; the cause of that is right too."""
    for pod in c.pods(app):
        c.stay_unready(pod)
        c.event(pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", container=app.name, count=90)
    budget = c.get("PodDisruptionBudget", app.name)
    budget["status"] |= {"currentHealthy": 0, "disruptionsAllowed": 0}
    return Truth(app=app.name, objects=(("PodDisruptionBudget", app.name),))


def _metrics(c: Cluster, app: App, reason: str, message: str) -> None:
    scaler = c.get("HorizontalPodAutoscaler", app.name)
    scaler["status"]["conditions"][1] |= {"status": "False", "reason": reason, "message": message, "lastTransitionTime": ago(30)}
    scaler["status"].pop("currentMetrics")
    c.event(scaler, reason, message, count=100, source="horizontal-pod-autoscaler")


@fault("metrics_unavailable", "api_group_unavailable", at="shop/catalog pipeline/ingest edge/orders-api")
def no_metrics(c: Cluster, app: App) -> Truth:
    _metrics(
        c,
        app,
        "FailedGetResourceMetric",
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)",
    )
    return Truth(app=app.name)


@fault("hpa_needs_requests", at="search/query-api pipeline/ingest")
def no_requests(c: Cluster, app: App) -> Truth:
    workload = c.workload(app)
    for owner in (workload, *c.owned(workload, "ReplicaSet"), *c.pods(app)):
        spec = owner["spec"] if owner["kind"] == "Pod" else owner["spec"]["template"]["spec"]
        spec["containers"][0]["resources"] = {}
    _metrics(
        c,
        app,
        "FailedGetResourceMetric",
        f"the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container {app.name} of Pod {c.pods(app)[0]['metadata']['name']}",
    )
    return Truth(app=app.name, facts=("cpu",))


@fault("hpa_target_missing", at="edge/orders-api shop/catalog")
def wrong_scale_target(c: Cluster, app: App) -> Truth:
    wrong = f"{app.name}-v2"
    scaler = c.get("HorizontalPodAutoscaler", app.name)
    scaler["spec"]["scaleTargetRef"]["name"] = wrong
    message = f'the HPA controller was unable to get the target\'s current scale: deployments.apps "{wrong}" not found'
    scaler["status"]["conditions"] = [
        {"type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": message, "lastTransitionTime": ago(30)}
    ]
    c.event(scaler, "FailedGetScale", message, count=100, source="horizontal-pod-autoscaler")
    return Truth(app=app.name, facts=(wrong,))


@fault("schedule_invalid", at="batch/rabbitmq shop/catalog")
def bad_schedule(c: Cluster, app: App) -> Truth:
    job = add_cron_job(c, "sync-prices", "0 25 * * *")
    job["status"] = {}
    c.event(
        job,
        "UnparseableSchedule",
        'unparseable schedule: "0 25 * * *" : end of range (25) above maximum (23): 25',
        count=90,
        source="cronjob-controller",
    )
    return Truth(objects=(("CronJob", "sync-prices"),), facts=("0 25 * * *",))


def _job(c: Cluster, name: str, minutes: float, *, code: int, log: str, **spec: int) -> Json:
    template = {
        "metadata": {"labels": {"job-name": name}},
        "spec": {
            "containers": [{"name": "main", "image": "eu.gcr.io/acme-prod/jobs:7.3.0", "args": [name]}],
            "restartPolicy": "Never",
            "serviceAccountName": "default",
        },
    }
    job = c.add("Job", name, minutes=minutes, spec={"backoffLimit": 2, "completions": 1, "parallelism": 1, "template": template} | spec)
    reasons = (
        ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        if code
        else ("DeadlineExceeded", "Job was active longer than specified deadline")
    )
    job["status"] = {
        "failed": 3,
        "startTime": ago(minutes),
        "conditions": [
            {
                "type": "Failed",
                "status": "True",
                "reason": reasons[0],
                "message": reasons[1],
                "lastTransitionTime": ago(10),
                "lastProbeTime": ago(10),
            }
        ],
    }
    c.event(job, reasons[0], reasons[1], count=1, source="job-controller", first=10, last=10)
    if code:
        pod = c.add_pod(job, minutes=14)
        ended = {"terminated": {"exitCode": code, "reason": "Error", "startedAt": ago(13.5), "finishedAt": ago(12)}}
        pod["status"]["containerStatuses"][0] |= {"ready": False, "state": ended}
        pod["status"]["phase"] = "Failed"
        c.unready(pod, reason="PodFailed")
        c.write(pod, log)
    return job


@fault("job_script_failed", at="batch/ledger-db clinic/mysql pipeline/kafka")
def job_fails(c: Cluster, app: App) -> Truth:
    _job(c, "import-prices", 30, code=3, log="reading prices.csv\nline 4812: expected 7 columns, got 6\nimport aborted\n")
    return Truth(app="import-prices", objects=(("Job", "import-prices"),), facts=("3",))


@fault("job_deadline", at="batch/ledger-db search/indexer")
def job_too_slow(c: Cluster, app: App) -> Truth:
    _job(c, "rebuild-index", 75, code=0, log="", activeDeadlineSeconds=3600)
    return Truth(app="rebuild-index", objects=(("Job", "rebuild-index"),), facts=("3600",))


@fault("finalizer_not_removed", at="shop/redis search/dashboards")
def finalizer(c: Cluster, app: App) -> Truth:
    config = c.add("ConfigMap", "legacy-flags", data={"a": "b"})
    config["metadata"] |= {"deletionTimestamp": ago(190), "deletionGracePeriodSeconds": 0, "finalizers": ["cleanup.acme.example/flags"]}
    service = c.get("Service", app.name)
    service["metadata"] |= {
        "deletionTimestamp": ago(190),
        "deletionGracePeriodSeconds": 0,
        "finalizers": ["service.kubernetes.io/load-balancer-cleanup"],
    }
    return Truth(app=app.name, objects=(("ConfigMap", "legacy-flags"),))


@fault("finalizer_not_removed", "api_group_unavailable", at="clinic/mysql edge/mongo")
def namespace_stuck(c: Cluster, app: App) -> Truth:
    """A namespace of an old environment cannot be deleted; something in it has a finalizer."""
    name = f"{c.namespace}-old"
    message = "Some content in the namespace has finalizers remaining: databases.acme.example/protect in 1 resource instances"
    conditions = [
        {
            "type": "NamespaceContentRemaining",
            "status": "True",
            "reason": "SomeResourcesRemain",
            "message": "Some resources are remaining: databases.acme.example has 1 resource instances",
            "lastTransitionTime": ago(200),
        },
        {
            "type": "NamespaceFinalizersRemaining",
            "status": "True",
            "reason": "SomeFinalizersRemain",
            "message": message,
            "lastTransitionTime": ago(200),
        },
    ]
    c.add(
        "Namespace",
        name,
        metadata={"deletionTimestamp": ago(205)},
        spec={"finalizers": ["kubernetes"]},
        status={"phase": "Terminating", "conditions": conditions},
    )
    return Truth(objects=(("Namespace", name),), facts=("databases.acme.example/protect",))
