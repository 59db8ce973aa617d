"""Health of what keeps data: databases, queues, search, object and block storage."""

from optral.kube.health.model import Health, State, Tree, conditions, find, items, number, part, text
from optral.kube.health.rules import Rule, condition, failing, phase, present, suspended, unless


def _cnpg(tree: Tree) -> Health | None:
    """The phase of a CloudNativePG Cluster is a sentence."""
    annotations = part(tree, "metadata", "annotations")
    if isinstance(annotations, dict) and annotations.get("cnpg.io/hibernation") == "on":
        return Health(State.SUSPENDED, "metadata.annotations.cnpg.io/hibernation")
    written = text(tree, "status", "phase")
    if not written:
        return None
    reason = text(tree, "status", "phaseReason")[:512]
    lower = written.casefold()
    if lower == "cluster in healthy state":
        archiving = find(conditions(tree), "ContinuousArchiving")
        failed = archiving is not None and archiving.status == "False"
        return (
            archiving.health(State.DEGRADED) if archiving is not None and failed else Health(State.HEALTHY, "status.phase", written[:128])
        )
    is_bad = any(
        word in lower for word in ("unrecoverable", "cannot", "not enough", "failed", "unable", "error", "unknown plugin", "inconsistent")
    )
    state = State.DEGRADED if is_bad else State.PROGRESSING
    return Health(state, "status.phase", written[:128], reason, must_end=not is_bad)


def _ceph_cluster(tree: Tree) -> Health | None:
    health = text(tree, "status", "ceph", "health")
    if text(tree, "status", "state") == "Error" or text(tree, "status", "phase") in ("Failure", "Error"):
        return Health(State.DEGRADED, "status.state", "Error", text(tree, "status", "message")[:512])
    if health in ("HEALTH_ERR", "HEALTH_WARN"):
        details = part(tree, "status", "ceph", "details")
        known = sorted(details) if isinstance(details, dict) else []
        told = [f"{name}: {text(details, name, 'message')}" for name in known[:5]]
        return Health(State.DEGRADED, "status.ceph.health", health, "; ".join(told)[:512])
    return (
        phase("state", moving="Creating Connecting Updating Deleting", good="Created Connected")(tree)
        if health != "HEALTH_OK"
        else Health(State.HEALTHY, "status.ceph.health", health)
    )


def _longhorn_volume(tree: Tree) -> Health | None:
    robustness, state = text(tree, "status", "robustness"), text(tree, "status", "state")
    if robustness in ("faulted", "degraded"):
        return Health(State.DEGRADED, "status.robustness", robustness, f"the volume is {state}"[:128])
    if state in ("creating", "attaching", "detaching", "deleting"):
        return Health(State.PROGRESSING, "status.state", state)
    return Health(State.HEALTHY, "status.robustness", robustness) if robustness or state else None


def _connector_tasks(tree: Tree) -> Health | None:
    """A connector that runs with failed tasks still fails to copy data."""
    if (failed := number(tree, "status", "failedTasksCount")) is not None and failed > 0:
        return Health(State.DEGRADED, "status.failedTasksCount", str(failed))
    return phase("connectorState", bad="FAILED", moving="UNASSIGNED", good="RUNNING", resting="PAUSED STOPPED")(tree)


def _strimzi_tasks(tree: Tree) -> Health | None:
    for task in items(tree, "status", "connectorStatus", "tasks"):
        if text(task, "state") == "FAILED":
            return Health(State.DEGRADED, "status.connectorStatus.tasks", "FAILED", text(task, "trace")[:512])
    return None


_STRIMZI: tuple[Rule, ...] = (
    condition("ReconciliationPaused", true=State.SUSPENDED, false=None),
    _strimzi_tasks,
    condition("NotReady", true=State.DEGRADED, false=None, moving="Creating"),
    condition("Ready", moving="Creating"),
)
_ROOK: tuple[Rule, ...] = (
    phase(
        "phase",
        bad="Failure Failed Error ReconcileFailed",
        moving="Progressing Reconciling Connecting Deleting",
        good="Ready Connected Created Bound",
    ),
)
_ECK: tuple[Rule, ...] = (
    phase("phase", bad="Invalid", moving="ApplyingChanges MigratingData NodeShutdownStalled"),
    phase("health", bad="red", moving="yellow", good="green", otherwise=State.UNKNOWN),
)
_PERCONA: tuple[Rule, ...] = (
    phase("state", bad="error", moving="initializing stopping resizing", good="ready", resting="paused", otherwise=State.UNKNOWN),
)
_RABBIT_TOPOLOGY: tuple[Rule, ...] = (condition("Ready"),)
_CONFLUENT: tuple[Rule, ...] = (phase("phase", moving="PROVISIONING", good="RUNNING", bad="FAILED ERROR"),)
_JOB_STATES = "CREATED RECONCILING INITIALIZING RESTARTING FAILING CANCELLING"
_TENANT_BAD = (
    "not owned by operator",
    "not controlled by operator",
    "already exists in the namespace",
    "not set properly",
    "different versions across",
    "decommissioning not allowed",
)


def _minio_tenant(tree: Tree) -> Health | None:
    """The state of a MinIO Tenant is a sentence."""
    state = text(tree, "status", "currentState")
    if state.casefold() == "initialized":
        return phase("healthStatus", bad="red", moving="yellow", good="green", otherwise=State.HEALTHY)(tree) or Health(
            State.HEALTHY, "status.currentState", state
        )
    if not state:
        return None
    is_bad = any(phrase in state.casefold() for phrase in _TENANT_BAD)
    return Health(State.DEGRADED if is_bad else State.PROGRESSING, "status.currentState", state[:128], must_end=not is_bad)


def _zalando(tree: Tree) -> Health | None:
    state = text(tree, "status", "PostgresClusterStatus") or text(tree, "status")
    if state in ("CreateFailed", "UpdateFailed", "SyncFailed", "Invalid", "AddFailed", "DeleteFailed"):
        return Health(State.DEGRADED, "status.PostgresClusterStatus", state)
    return (
        Health(State.HEALTHY if state == "Running" else State.PROGRESSING, "status.PostgresClusterStatus", state[:128]) if state else None
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "Cluster.postgresql.cnpg.io": (_cnpg,),
    "Backup.postgresql.cnpg.io": (
        phase("phase", bad="failed walArchivingFailing", moving="pending started running finalizing", good="completed"),
    ),
    "ScheduledBackup.postgresql.cnpg.io": (suspended("spec", "suspend"),),
    "Pooler.postgresql.cnpg.io": (),
    "postgresql.acid.zalan.do": (_zalando,),
    "*.pxc.percona.com": _PERCONA,
    "*.psmdb.percona.com": _PERCONA,
    "*.ps.percona.com": _PERCONA,
    "PerconaPGCluster.pgv2.percona.com": _PERCONA,
    "*.k8s.mariadb.com": (condition("Ready", false=State.PROGRESSING, bad="Failed"),),
    "InnoDBCluster.mysql.oracle.com": (
        phase(
            "cluster",
            "status",
            bad="OFFLINE NO_QUORUM OFFLINE_UNCERTAIN ONLINE_UNCERTAIN INVALID",
            moving="INITIALIZING PENDING FINALIZING ONLINE_PARTIAL",
            good="ONLINE",
        ),
    ),
    "MongoDBCommunity.mongodbcommunity.mongodb.com": (phase("phase", bad="Failed", moving="Pending", good="Running"),),
    "*.mongodb.com": (phase("phase", bad="Failed", moving="Pending Reconciling", good="Running", resting="Disabled"),),
    "RedisFailover.databases.spotahome.com": (phase("state", bad="NotHealthy", good="Healthy"),),
    "CassandraDatacenter.cassandra.datastax.com": (
        condition("Stopped", true=State.SUSPENDED, false=None),
        failing("Invalid"),
        condition("Ready", false=State.PROGRESSING),
    ),
    "ScyllaCluster.scylla.scylladb.com": (failing("Degraded"), condition("Available", false=State.PROGRESSING)),
    "ClickHouseInstallation.clickhouse.altinity.com": (phase("status", bad="Aborted", moving="InProgress Terminating", good="Completed"),),
    "ClickHouseKeeperInstallation.clickhouse-keeper.altinity.com": (
        phase("status", bad="Aborted", moving="InProgress Terminating", good="Completed"),
    ),
    "TidbCluster.pingcap.com": (condition("Ready", false=State.PROGRESSING),),
    "CrdbCluster.crdb.cockroachlabs.com": (phase("clusterStatus", bad="Failed", moving="Starting Unspecified", good="Finished"),),
    "*.kafka.strimzi.io": _STRIMZI,
    "StrimziPodSet.core.strimzi.io": (),
    "KafkaCluster.kafka.banzaicloud.io": (
        phase("state", bad="ClusterRollingUpgradeFailed", moving="ClusterReconciling ClusterRollingUpgrading", good="ClusterRunning"),
    ),
    "Connector.platform.confluent.io": (_connector_tasks,),
    "KafkaTopic.platform.confluent.io": (phase("state", bad="FAILED ERROR", moving="CREATING", good="CREATED"),),
    "*.platform.confluent.io": _CONFLUENT,
    "RabbitmqCluster.rabbitmq.com": (
        condition("ReconcileSuccess", true=None, moving="Initialising"),
        condition("AllReplicasReady", true=None, false=State.PROGRESSING),
        condition("ClusterAvailable", false=State.PROGRESSING),
    ),
    "*.rabbitmq.com": _RABBIT_TOPOLOGY,
    "*.pulsar.streamnative.io": (condition("Ready", false=State.PROGRESSING),),
    "*.k8s.elastic.co": _ECK,
    "OpenSearchCluster.opensearch.opster.io": (phase("health", bad="red", moving="yellow", good="green"),),
    "FlinkDeployment.flink.apache.org": (
        present("status", "error", reason="Error"),
        phase("jobManagerDeploymentStatus", bad="ERROR", moving="DEPLOYING DEPLOYED_NOT_READY"),
        phase("jobStatus", "state", bad="FAILED", moving=_JOB_STATES, good="RUNNING FINISHED CANCELED", resting="SUSPENDED"),
    ),
    "FlinkSessionJob.flink.apache.org": (
        present("status", "error"),
        phase("jobStatus", "state", bad="FAILED", moving=_JOB_STATES, good="RUNNING FINISHED CANCELED", resting="SUSPENDED"),
    ),
    "CephCluster.ceph.rook.io": (_ceph_cluster,),
    "*.ceph.rook.io": _ROOK,
    "ObjectBucketClaim.objectbucket.io": (phase("phase", bad="Failed", moving="Pending Released", good="Bound"),),
    "StorageCluster.ocs.openshift.io": (
        failing("Degraded"),
        phase("phase", bad="Error", moving="Progressing Not_Ready Deleting Onboarding Connecting", good="Ready"),
    ),
    "Volume.longhorn.io": (_longhorn_volume,),
    "Engine.longhorn.io": (phase("currentState", bad="error", moving="starting stopping", good="running stopped"),),
    "Replica.longhorn.io": (phase("currentState", bad="error", moving="starting stopping", good="running stopped"),),
    "Node.longhorn.io": (unless("Ready"),),
    "BackupTarget.longhorn.io": (failing("Unavailable"),),
    "Backup.longhorn.io": (phase("state", bad="Error", moving="New Pending InProgress", good="Completed"),),
    "VolumeSnapshot.snapshot.storage.k8s.io": (present("status", "error", "message"),),
    "VolumeSnapshotContent.snapshot.storage.k8s.io": (present("status", "error", "message"),),
    "Tenant.minio.min.io": (_minio_tenant,),
    "DataVolume.cdi.kubevirt.io": (
        phase(
            "phase",
            bad="Failed Error",
            good="Succeeded PendingPopulation WaitForFirstConsumer",
            resting="Paused",
            otherwise=State.PROGRESSING,
        ),
    ),
    "TridentBackendConfig.trident.netapp.io": (
        phase("lastOperationStatus", bad="Failed"),
        phase("phase", bad="Lost Unknown", moving="Unbound Deleting", good="Bound"),
    ),
    "TridentOrchestrator.trident.netapp.io": (
        phase("status", bad="Failed Error", moving="Installing Uninstalling Updating", good="Installed Uninstalled"),
    ),
    "ZookeeperCluster.zookeeper.pravega.io": (failing("Error"), condition("PodsReady", false=State.PROGRESSING)),
}
RULES = {kind: rules for kind, rules in RULES.items() if rules}
