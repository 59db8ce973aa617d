"""Other applications, as a real API server shows them: what they depend on, start with, and write to."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case
from tests.analysis.cluster import (
    NAMESPACE,
    World,
    at,
    container,
    deployment,
    ended,
    event,
    node,
    obj,
    pod,
    replica_set,
    service,
    state,
    template,
    waiting,
)

Told = tuple[tuple[str, str], ...]


def labelled(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": "estate"}


def workload(name: str, spec: Any, **of: Any) -> tuple[Any, Any]:
    """A Deployment and its ReplicaSet, with the labels a chart gives them."""
    replicas = of.pop("replicas", 1)
    owner = deployment(name, of=template(spec, labels=labelled(name), **of), replicas=replicas)
    return owner, replica_set(owner, replicas=replicas)


def well(name: str, *, port: int, ready: bool = True, replicas: int = 1, target: int | str | None = None) -> list[Any]:
    """A server with its Service; without pods when it is scaled to nothing."""
    spec = container(name, f"ghcr.test/estate/{name}:5", ports=[{"containerPort": port, "protocol": "TCP"}])
    owner, revision = workload(name, spec, replicas=replicas)
    front = service(
        name,
        selector=labelled(name),
        ports=[{"port": port, "targetPort": port if target is None else target, "protocol": "TCP"}],
        clusterIP="10.96.44.7",
        type="ClusterIP",
    )
    pods = [pod(revision, f"{name}-1-a", ready=ready, status={"containerStatuses": [state(name, ready=ready)]})] * min(replicas, 1)
    return [owner, revision, front, *pods]


def crashes(
    name: str,
    log: str,
    *beside: Any,
    code: int = 1,
    reason: str = "Error",
    ran_s: float = 4,
    message: str = "",
    told: Told = (),
    **spec: Any,
) -> tuple[World, Explanation]:
    """A workload whose only container ends again and again, with these last words."""
    pod_spec = spec.pop("of", {})
    labels = pod_spec.pop("labels", None)
    owner, revision = workload(name, container(name, spec.pop("image", f"ghcr.test/estate/{name}:2.4.1"), **spec), **pod_spec)
    if labels:
        owner["spec"]["template"]["metadata"]["labels"] |= labels
    shown = state(name, restarts=7, now=waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container"))
    shown["lastState"] = {"terminated": ended(code, reason, ran_minutes=ran_s / 60, message=message)}
    failing = pod(revision, f"{name}-1-x", status={"phase": "Running", "containerStatuses": [shown]})
    events = [event(failing, why, words, container=name) for why, words in told]
    world = World([owner, revision, failing, node(), *events, *beside], {(f"{name}-1-x", name): log} if log else {})
    return world, world.ask("CrashLoopBackOff", failing, owner=owner, container=name)


# --- dependencies


@case("wrong_dependency_address", "journal")
def looks_up_a_service_by_its_old_name() -> tuple[World, Explanation]:
    """The address is in no variable but in a ConfigMap's file; the log alone tells the name."""
    words = "failed to open store: dial tcp: lookup archive-pg on 10.96.0.10:53: no such host"
    return crashes("journal", words, *well("archive-postgres", port=5432), env=[{"name": "PGHOST", "value": "archive-pg"}])


@case("wrong_dependency_address", "journal")
def leaves_out_the_namespace_of_what_it_calls() -> tuple[World, Explanation]:
    """The Service stands in another namespace, which only a full name reaches: nothing here has that name."""
    words = 'could not translate host name "archive-pg.vault.svc.cluster.local" to address: Name or service not known'
    env = [{"name": "DATABASE_URL", "value": "postgres://archive-pg.vault.svc.cluster.local:5432/journal"}]
    spaces = [obj("v1", "Namespace", name, namespace=None) for name in (NAMESPACE, "vaults")]
    return crashes("journal", words, *spaces, env=env)


@case("scaled_to_zero", "broker")
def calls_what_somebody_scaled_to_nothing() -> tuple[World, Explanation]:
    words = "amqp: dial tcp 10.96.44.7:5672: connect: connection refused"
    env = [{"name": "AMQP_URL", "value": "amqp://broker:5672/"}]
    return crashes("courier", words, *well("broker", port=5672, replicas=0), env=env)


@case("scaled_to_zero", "archive-pg")
def calls_by_the_variables_of_libpq() -> tuple[World, Explanation]:
    env = [{"name": "PGHOST", "value": "archive-pg"}, {"name": "PGPORT", "value": "5432"}]
    return crashes("journal", "dial tcp 10.96.44.7:5432: connect: connection refused", *well("archive-pg", port=5432, replicas=0), env=env)


@case("target_port_mismatch", "broker")
def calls_a_service_that_sends_past_its_pods() -> tuple[World, Explanation]:
    words = "Error: connect ECONNREFUSED 10.96.44.7:5672"
    env = [{"name": "AMQP_URL", "value": "amqp://broker:5672/"}]
    return crashes("courier", words, *well("broker", port=5672, target=5762), env=env)


@case("network_policy_blocks", "broker-private")
def is_kept_out_by_a_policy_of_what_it_calls() -> tuple[World, Explanation]:
    """Time-outs, everything well behind the Service, and a policy there that names other callers."""
    rule = {
        "from": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "console"}}}],
        "ports": [{"port": 5672, "protocol": "TCP"}],
    }
    spec = {"podSelector": {"matchLabels": labelled("broker")}, "policyTypes": ["Ingress"], "ingress": [rule]}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "broker-private", spec=spec)
    words = "pika.exceptions.AMQPConnectionError: connection to broker:5672 failed: Connection timed out"
    return crashes("courier", words, *well("broker", port=5672), policy, env=[{"name": "BROKER", "value": "broker:5672"}], ran_s=130)


@case("network_policy_blocks", "broker-private", "a policy whose callers complain")
def cuts_off_who_complains() -> tuple[World, Explanation]:
    """The same, asked of the policy: what its caller says of it makes it sure."""
    world, _ = is_kept_out_by_a_policy_of_what_it_calls()
    policy = next(one for one in world.objects if one["kind"] == "NetworkPolicy")
    return world, world.ask("NetworkPolicyBlocks", policy, workloads=[f"Deployment/{NAMESPACE}/courier"], case="ingress")


@case("scaled_to_zero", "ledger-db")
def waits_in_its_init_container_for_a_database() -> tuple[World, Explanation]:
    first = container("wait-for-db", "busybox:1.36", command=["sh", "-c", "until nc -z ledger-db 5432; do echo waiting; sleep 2; done"])
    owner, revision = workload("ledger", container("ledger"), initContainers=[first])
    statuses = [state("wait-for-db", now={"running": {"startedAt": at(40)}})]
    conditions = [{"type": kind, "status": "False"} for kind in ("Initialized", "Ready")] + [{"type": "PodScheduled", "status": "True"}]
    own = [state("ledger", now=waiting("PodInitializing"))]
    stuck = {"phase": "Pending", "conditions": conditions, "initContainerStatuses": statuses, "containerStatuses": own}
    failing = pod(revision, "ledger-1-x", status=stuck)
    log = "waiting\nnc: bad address 'ledger-db'\n" * 3
    world = World([owner, revision, failing, node(), *well("ledger-db", port=5432, replicas=0)], {("ledger-1-x", "wait-for-db"): log})
    return world, world.ask("InitContainerStuck", failing, owner=owner, container="wait-for-db")


# --- memory


@case("memory_limit_too_low", "catalogue")
def has_a_heap_beyond_its_limit() -> tuple[World, Explanation]:
    """The JVM may take 2 GiB and the container 512 MiB: the kernel comes before the collector."""
    limits = {"limits": {"memory": "512Mi", "cpu": "1"}, "requests": {"memory": "512Mi", "cpu": "250m"}}
    spec = container(
        "catalogue", "ghcr.test/estate/catalogue:9", resources=limits, env=[{"name": "JAVA_TOOL_OPTIONS", "value": "-Xms256m -Xmx2g"}]
    )
    owner, revision = workload("catalogue", spec)
    shown = state("catalogue", restarts=5, now=waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled", ran_minutes=3))
    failing = pod(revision, "catalogue-1-x", status={"containerStatuses": [shown]})
    world = World([owner, revision, failing, node()])
    return world, world.ask("OOMKilled", failing, owner=owner, container="catalogue")


@case("application_out_of_memory", "catalogue")
def fills_its_heap_within_its_limit() -> tuple[World, Explanation]:
    log = (
        'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)\n'
    )
    log += "Terminating due to java.lang.OutOfMemoryError: Java heap space\n"
    limits = {"limits": {"memory": "2Gi"}, "requests": {"memory": "2Gi"}}
    return crashes("catalogue", log, code=3, resources=limits, env=[{"name": "JAVA_OPTS", "value": "-Xmx256m"}], ran_s=70)


# --- files


@case("file_permission_denied", "press")
def writes_into_an_image_that_may_only_be_read() -> tuple[World, Explanation]:
    log = '[emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)'
    return crashes("press", log, image="docker.io/library/nginx:1.27", securityContext={"readOnlyRootFilesystem": True})


@case("file_permission_denied", "press")
def may_not_write_to_its_own_claim() -> tuple[World, Explanation]:
    log = "Error: EACCES: permission denied, mkdir '/srv/uploads/tmp'"
    volumes = [{"name": "uploads", "persistentVolumeClaim": {"claimName": "uploads"}}]
    claim = obj("v1", "PersistentVolumeClaim", "uploads", spec={"volumeName": "pv-u"}, status={"phase": "Bound"})
    return crashes(
        "press",
        log,
        claim,
        volumeMounts=[{"name": "uploads", "mountPath": "/srv/uploads"}],
        of={"volumes": volumes, "securityContext": {"runAsUser": 1000, "runAsNonRoot": True}},
    )


@case("disk_full", "recorder")
def has_filled_its_claim() -> tuple[World, Explanation]:
    log = 'PANIC:  could not write to file "pg_wal/xlogtemp.29": No space left on device'
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "recorder-data"}}]
    spec = {"volumeName": "pv-9", "resources": {"requests": {"storage": "8Gi"}}, "storageClassName": "gp3"}
    claim = obj("v1", "PersistentVolumeClaim", "recorder-data", spec=spec, status={"phase": "Bound", "capacity": {"storage": "8Gi"}})
    mounts = [{"name": "data", "mountPath": "/var/lib/postgresql/data"}]
    return crashes("recorder", log, claim, volumeMounts=mounts, of={"volumes": volumes})


# --- programs


@case("library_missing", "painter")
def lacks_a_shared_library() -> tuple[World, Explanation]:
    log = "painter: error while loading shared libraries: libvips.so.42: cannot open shared object file: No such file or directory"
    return crashes("painter", log, code=127)


@case("wrong_architecture", "painter")
def is_built_for_another_processor() -> tuple[World, Explanation]:
    return crashes("painter", "exec /usr/local/bin/painter: exec format error", code=255, ran_s=0)


@case("command_not_found", "painter")
def is_started_by_a_wrong_name() -> tuple[World, Explanation]:
    words = (
        "failed to create containerd task: failed to create shim task: runc create failed: unable to start container "
        'process: exec: "gunicron": executable file not found in $PATH: unknown'
    )
    return crashes("painter", "", code=128, reason="StartError", message=words, command=["gunicron", "wsgi:app"])


@case("library_missing", "forecast")
def lacks_a_module() -> tuple[World, Explanation]:
    log = 'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    import pandas as pd\n'
    return crashes("forecast", log + "ModuleNotFoundError: No module named 'pandas'\n")


@case("library_missing", "ledger")
def lacks_a_gem() -> tuple[World, Explanation]:
    return crashes("ledger", "kernel_require.rb:136:in `require': cannot load such file -- bigdecimal (LoadError)\n")


@case("dependency_unavailable", "quotes-db")
def aborts_because_its_database_does_not_answer() -> tuple[World, Explanation]:
    log = "terminate called after throwing an instance of 'pqxx::broken_connection'\n"
    log += '  what():  connection to server at "quotes-db" (10.0.3.7), port 5432 failed: Connection refused\n'
    env = [{"name": "DB_HOST", "value": "quotes-db:5432"}]
    return crashes("quotes", log, *well("quotes-db", port=5432, ready=False), code=134, env=env)


@case("dns_policy_wrong", "tagger")
def names_the_host_in_the_outer_of_two_exceptions() -> tuple[World, Explanation]:
    log = 'Traceback (most recent call last):\n  File "/app/tagger.py", line 9, in connect\n'
    log += "socket.gaierror: [Errno -2] Name or service not known\n\n"
    log += "During handling of the above exception, another exception occurred:\n"
    log += "ConnectionError: Error -2 connecting to labels:6379. Name or service not known.\n"
    env = [{"name": "LABELS_HOST", "value": "labels:6379"}, {"name": "IMAGES_HOST", "value": "images:9000"}]
    return crashes("tagger", log, *well("labels", port=6379), *well("images", port=9000), env=env, of={"dnsPolicy": "Default"})


@case("dependency_disk_full", "gallery-db")
def has_a_volume_and_calls_a_server_with_a_full_disk() -> tuple[World, Explanation]:
    log = 'gallery-db:3306 ERROR 1021 (HY000): Disk full (/var/lib/mysql/tmp/#sql_1); waiting (errno: 28 "No space left on device")\n'
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "gallery-data"}}]
    return crashes("gallery", log, *well("gallery-db", port=3306), of={"volumes": volumes})


@case("database_schema_missing", "billing")
def finds_no_table() -> tuple[World, Explanation]:
    log = 'psycopg2.errors.UndefinedTable: relation "invoices" does not exist\nLINE 1: SELECT count(*) FROM invoices\n'
    return crashes("billing", log, *well("billing-db", port=5432), env=[{"name": "DB_HOST", "value": "billing-db"}])


@case("job_script_failed", "billing-migrate")
def cannot_migrate() -> tuple[World, Explanation]:
    log = 'Running migration 0042_add_currency\nERROR: column "currency" of relation "invoices" already exists\nmigration failed\n'
    told = [
        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}
    ]
    spec = {"backoffLimit": 3, "template": template(container("migrate"), restartPolicy="Never")}
    gave_up = obj("batch/v1", "Job", "billing-migrate", spec=spec, status={"failed": 4, "conditions": told})
    last = pod(
        gave_up, "billing-migrate-x", status={"phase": "Failed", "containerStatuses": [state("migrate", now={"terminated": ended(1)})]}
    )
    world = World([gave_up, last, node()], {("billing-migrate-x", "migrate"): log})
    return world, world.ask("JobFailed", gave_up)


@case("certificate_invalid", "courier")
def calls_a_server_whose_certificate_has_ended() -> tuple[World, Explanation]:
    log = "Error: certificate has expired\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1674:34) {\n  code: 'CERT_HAS_EXPIRED'\n}\n"
    return crashes("courier", log)


@case("bad_credentials", "billing")
def has_an_old_password() -> tuple[World, Explanation]:
    log = 'FATAL:  password authentication failed for user "billing"\nconnection to server at "billing-db" (10.96.44.7), port 5432 failed\n'
    source = {"secretKeyRef": {"name": "billing-db", "key": "password"}}
    env = [{"name": "DB_HOST", "value": "billing-db"}, {"name": "DB_PASSWORD", "valueFrom": source}]
    return crashes("billing", log, *well("billing-db", port=5432), env=env)


@case("network_policy_blocks", "courier-egress")
def may_not_ask_for_names() -> tuple[World, Explanation]:
    """Egress to one port alone, and DNS forgotten."""
    rule = {"to": [{"podSelector": {"matchLabels": labelled("broker")}}], "ports": [{"port": 5672, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": labelled("courier")}, "policyTypes": ["Egress"], "egress": [rule]}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "courier-egress", spec=spec)
    words = "dial tcp: lookup broker on 10.96.0.10:53: read udp 10.1.4.9:40155->10.96.0.10:53: i/o timeout"
    return crashes("courier", words, *well("broker", port=5672), policy, env=[{"name": "BROKER", "value": "broker:5672"}], ran_s=30)


@case("scaled_to_zero", "ledger-db", "waits without a word for a database")
def waits_without_a_word() -> tuple[World, Explanation]:
    world, _ = waits_in_its_init_container_for_a_database()
    world.logs = {}
    return world, world.again()
