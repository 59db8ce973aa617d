"""For each kind with rules: a status that is a failure and one that is none. Written from the documentation of the projects.

A key of a group (`*.GROUP`) names the kind to try first. A whole object (with `status` in it) is taken as it is, anything else as a status.
"""

from typing import Any

Status = dict[str, Any]


def conditions(*given: str, **more: Any) -> Status:
    """`Ready=False:BuildFailed` and so on; the reason may be missing."""
    found = []
    for text in given:
        state, _, reason = text.partition(":")
        kind, _, status = state.rpartition("=")
        found.append({"type": kind, "status": status, "reason": reason, "message": "", "lastTransitionTime": "2026-03-02T11:00:00Z"})
    return {"conditions": found} | more


def members(path: str, *given: str) -> Status:
    return {path: [conditions(*given)]}


def phase(value: str, key: str = "phase") -> Status:
    return {key: value}


READY = (conditions("Ready=False:SetupFailed"), conditions("Ready=True"))
_RUN = (phase("PartiallyFailed"), phase("InProgress"))
_FLUX = (conditions("Ready=False:BuildFailed"), conditions("Ready=False:DependencyNotReady"))
_MANAGED = (conditions("Synced=False:ReconcileError", "Ready=True"), conditions("Synced=True", "Ready=False:Creating"))
_ROUTE = (members("parents", "Accepted=True", "ResolvedRefs=False:BackendNotFound"), members("parents", "Accepted=False:Pending"))
_TRAINING = (conditions("Running=False", "Failed=True:JobFailed"), conditions("Running=True"))
_GLOO = ({"statuses": {"gloo-system": {"state": "Rejected", "reason": "no such upstream"}}}, {"state": 1})
_PERCONA = (phase("error", "state"), phase("initializing", "state"))
_PROMETHEUS = (conditions("Available=False:NoPodReady", "Reconciled=True"), conditions("Available=True", "Reconciled=True"))
_KARMADA = (
    conditions("Scheduled=True", "FullyApplied=True", aggregatedStatus=[{"clusterName": "east", "applied": True, "health": "Unhealthy"}]),
    conditions("Scheduled=False:NoClusterFit", "FullyApplied=False"),
)
_OPENSHIFT = (conditions("Available=True", "Degraded=True:SyncLoopFailed"), conditions("Available=True", "Degraded=False"))
_DONE = (conditions("Failed=True:DeadlineExceeded"), conditions("Complete=True"))
_VM_STATES = ({"printableStatus": "ErrorUnschedulable"}, {"printableStatus": "Stopped"})

EXAMPLES: dict[str, tuple[Status, Status]] = {
    # delivery
    "Application.argoproj.io": ({"health": {"status": "Degraded"}}, {"health": {"status": "Progressing"}}),
    "ApplicationSet.argoproj.io": (
        conditions("ErrorOccurred=True:RenderError"),
        conditions("ErrorOccurred=False", "ResourcesUpToDate=True"),
    ),
    "Rollout.argoproj.io": (phase("Degraded"), phase("Paused")),
    "Workflow.argoproj.io": (phase("Error"), phase("Running")),
    "AnalysisRun.argoproj.io": (phase("Failed"), phase("Successful")),
    "Experiment.argoproj.io": (phase("Failed"), phase("Running")),
    "CronWorkflow.argoproj.io": (conditions("SpecError=True"), conditions("SpecError=False")),
    "ArgoCD.argoproj.io": (phase("Failed"), phase("Available")),
    "Kustomization.kustomize.toolkit.fluxcd.io": _FLUX,
    "Terraform.infra.contrib.fluxcd.io": _FLUX,
    "FluxInstance.fluxcd.controlplane.io": _FLUX,
    "ResourceSet.fluxcd.controlplane.io": _FLUX,
    "Canary.flagger.app": (phase("Failed"), phase("WaitingPromotion")),
    "PipelineRun.tekton.dev": (conditions("Succeeded=False:TaskRunFailed"), conditions("Succeeded=Unknown:Running")),
    "TaskRun.tekton.dev": (conditions("Succeeded=False:TaskRunTimeout"), conditions("Succeeded=True:Succeeded")),
    "CustomRun.tekton.dev": (conditions("Succeeded=False:Failed"), conditions("Succeeded=True")),
    "TektonConfig.operator.tekton.dev": READY,
    "ClusterServiceVersion.operators.coreos.com": (phase("Failed"), phase("Installing")),
    "Subscription.operators.coreos.com": (conditions("ResolutionFailed=True:ErrorPreventedResolution"), phase("AtLatestKnown", "state")),
    "InstallPlan.operators.coreos.com": (phase("Failed"), phase("RequiresApproval")),
    "CatalogSource.operators.coreos.com": (
        {"connectionState": {"lastObservedState": "TRANSIENT_FAILURE"}},
        {"connectionState": {"lastObservedState": "READY"}},
    ),
    "ClusterExtension.olm.operatorframework.io": (conditions("Installed=False:Failed"), conditions("Installed=True", "Progressing=True")),
    "Provider.pkg.crossplane.io": (
        conditions("Installed=True", "Healthy=False:UnhealthyPackageRevision"),
        conditions("Installed=True", "Healthy=True"),
    ),
    "CompositeResourceDefinition.apiextensions.crossplane.io": (
        conditions("Established=False:RenderFailed"),
        conditions("Established=True"),
    ),
    "Bucket.s3.aws.crossplane.io": _MANAGED,
    "Bucket.s3.aws.upbound.io": _MANAGED,
    "Bucket.s3.services.k8s.aws": (conditions("ACK.Terminal=True:Invalid"), conditions("ACK.ResourceSynced=False")),
    "StorageBucket.storage.cnrm.cloud.google.com": (conditions("Ready=False:UpdateFailed"), conditions("Ready=False:Updating")),
    "ResourceGroup.resources.azure.com": (conditions("Ready=False:AuthorizationFailed"), conditions("Ready=False:Reconciling")),
    "Backup.velero.io": _RUN,
    "Restore.velero.io": _RUN,
    "Schedule.velero.io": (phase("FailedValidation"), phase("Enabled")),
    "PodVolumeBackup.velero.io": (phase("Failed"), phase("Completed")),
    "PodVolumeRestore.velero.io": (phase("Failed"), phase("Completed")),
    "DataUpload.velero.io": (phase("Failed"), phase("Accepted")),
    "DataDownload.velero.io": (phase("Failed"), phase("Prepared")),
    "BackupStorageLocation.velero.io": (phase("Unavailable"), phase("Available")),
    "BackupRepository.velero.io": (phase("NotReady"), phase("Ready")),
    "AnsibleJob.tower.ansible.com": ({"ansibleJobResult": {"status": "error"}}, {"ansibleJobResult": {"status": "running"}}),
    "Workspace.app.terraform.io": (phase("errored", "run_status"), phase("applied", "run_status")),
    "Stack.pulumi.com": ({"lastUpdate": {"state": "failed"}}, {"lastUpdate": {"state": "succeeded"}}),
    "HelmChart.helm.cattle.io": (conditions("Failed=True:JobFailed"), conditions("Failed=False")),
    "Bundle.fleet.cattle.io": (conditions("Ready=False:Error"), conditions("Ready=False:WaitApplied")),
    "GitRepo.fleet.cattle.io": (conditions("Stalled=True:GitError"), conditions("Ready=True")),
    "Plan.upgrade.cattle.io": (conditions("Validated=False:PlanIsInvalid"), conditions("Validated=True", "Complete=False")),
    "Integration.camel.apache.org": (phase("Error"), phase("Building Kit")),
    "ManifestWork.work.open-cluster-management.io": (
        conditions("Applied=False:AppliedManifestWorkFailed"),
        conditions("Applied=True", "Available=True"),
    ),
    "Backup.k8up.io": (conditions("Failed=True"), conditions("Completed=True")),
    "CoreProvider.operator.cluster.x-k8s.io": READY,
    "ZookeeperCluster.zookeeper.stackable.tech": (conditions("Available=False:Missing"), conditions("Available=True")),
    "SealedSecret.bitnami.com": (conditions("Synced=False:DecryptFailed"), conditions("Synced=True")),
    "ExternalSecret.kubernetes-client.io": ({"status": "ERROR, no such parameter"}, {"status": "SUCCESS"}),
    "VaultStaticSecret.secrets.hashicorp.com": (conditions("SecretSynced=False:VaultError"), conditions("SecretSynced=True")),
    "OnePasswordItem.onepassword.com": READY,
    "InfisicalSecret.secrets.infisical.com": (
        conditions("secrets.infisical.com/ReadyToSyncSecrets=False:Error"),
        conditions("secrets.infisical.com/ReadyToSyncSecrets=True"),
    ),
    "ExternalSecret.external-secrets.io": (conditions("Ready=False:SecretSyncedError"), conditions("Ready=True:SecretSynced")),
    # network
    "GatewayClass.gateway.networking.k8s.io": (conditions("Accepted=False:InvalidParameters"), conditions("Accepted=Unknown:Pending")),
    "Gateway.gateway.networking.k8s.io": (
        conditions("Accepted=True", "Programmed=False:AddressNotUsable"),
        conditions("Programmed=False:Pending"),
    ),
    "ListenerSet.gateway.networking.k8s.io": (conditions("Accepted=False:NotAllowed"), conditions("Accepted=True", "Programmed=True")),
    "HTTPRoute.gateway.networking.k8s.io": _ROUTE,
    "GRPCRoute.gateway.networking.k8s.io": _ROUTE,
    "TLSRoute.gateway.networking.k8s.io": _ROUTE,
    "TCPRoute.gateway.networking.k8s.io": _ROUTE,
    "UDPRoute.gateway.networking.k8s.io": _ROUTE,
    "BackendTLSPolicy.gateway.networking.k8s.io": (members("ancestors", "Accepted=False:Invalid"), members("ancestors", "Accepted=True")),
    "BackendTrafficPolicy.gateway.envoyproxy.io": (members("ancestors", "Accepted=False:Invalid"), members("ancestors", "Accepted=True")),
    "Certificate.cert-manager.io": (
        conditions("Issuing=False:Failed", "Ready=False:Expired"),
        conditions("Issuing=True", "Ready=False:Expired"),
    ),
    "CertificateRequest.cert-manager.io": (conditions("Denied=True:Denied"), conditions("Ready=False:Pending")),
    "Issuer.cert-manager.io": (conditions("Ready=False:ErrRegisterACMEAccount"), conditions("Ready=True")),
    "ClusterIssuer.cert-manager.io": (conditions("Ready=False:ErrInitIssuer"), conditions("Ready=True")),
    "Order.acme.cert-manager.io": (phase("errored", "state"), phase("pending", "state")),
    "Challenge.acme.cert-manager.io": (phase("invalid", "state"), phase("valid", "state")),
    "VirtualService.networking.istio.io": (
        {"validationMessages": [{"level": "ERROR", "type": {"name": "ReferencedResourceNotFound"}}]},
        {"validationMessages": [{"level": "WARNING"}]},
    ),
    "IstioOperator.install.istio.io": (phase("ERROR", "status"), phase("RECONCILING", "status")),
    "Istio.sailoperator.io": (conditions("Reconciled=False:ReconcileError"), conditions("Reconciled=True", "Ready=False:IstiodNotReady")),
    "CiliumNetworkPolicy.cilium.io": (conditions("Valid=False"), conditions("Valid=True")),
    "CiliumClusterwideNetworkPolicy.cilium.io": (conditions("Valid=False"), conditions("Valid=True")),
    "HTTPProxy.projectcontour.io": (phase("orphaned", "currentStatus"), phase("valid", "currentStatus")),
    "ExtensionService.projectcontour.io": (conditions("Valid=False:ErrorPresent"), conditions("Valid=True")),
    "Service.serving.knative.dev": (conditions("Ready=False:RevisionMissing"), conditions("Ready=Unknown:Deploying")),
    "Broker.eventing.knative.dev": READY,
    "Channel.messaging.knative.dev": READY,
    "PingSource.sources.knative.dev": READY,
    "KnativeServing.operator.knative.dev": (
        conditions("InstallSucceeded=True", "Ready=False:NotReady"),
        conditions("InstallSucceeded=False"),
    ),
    **{
        f"{kind}.gateway.solo.io": _GLOO
        for kind in (
            "Gateway",
            "MatchableHttpGateway",
            "MatchableTcpGateway",
            "RouteOption",
            "RouteTable",
            "VirtualHostOption",
            "VirtualService",
        )
    },
    "Upstream.gloo.solo.io": _GLOO,
    "IngressController.operator.openshift.io": _OPENSHIFT,
    "Route.route.openshift.io": (members("ingress", "Admitted=False:HostAlreadyClaimed"), members("ingress", "Admitted=True")),
    "TigeraStatus.operator.tigera.io": (conditions("Degraded=True:PodFailure"), conditions("Available=False", "Progressing=True")),
    "NodeNetworkConfigurationPolicy.nmstate.io": (conditions("Degraded=True:FailedToConfigure"), conditions("Available=True")),
    "NodeNetworkConfigurationEnactment.nmstate.io": (conditions("Failing=True:FailedToConfigure"), conditions("Available=True")),
    # data
    "Cluster.postgresql.cnpg.io": (phase("Not enough disk space"), phase("Setting up primary")),
    "Backup.postgresql.cnpg.io": (phase("walArchivingFailing"), phase("running")),
    "ScheduledBackup.postgresql.cnpg.io": ({"error": "no such cluster"}, {"lastScheduleTime": "2026-03-02T11:00:00Z"}),
    "postgresql.acid.zalan.do": (phase("SyncFailed", "PostgresClusterStatus"), phase("Updating", "PostgresClusterStatus")),
    "PerconaXtraDBCluster.pxc.percona.com": _PERCONA,
    "PerconaServerMongoDB.psmdb.percona.com": _PERCONA,
    "PerconaServerMySQL.ps.percona.com": _PERCONA,
    "PerconaPGCluster.pgv2.percona.com": _PERCONA,
    "MariaDB.k8s.mariadb.com": (conditions("Ready=False:Failed"), conditions("Ready=False:StatefulSetNotReady")),
    "InnoDBCluster.mysql.oracle.com": ({"cluster": {"status": "NO_QUORUM"}}, {"cluster": {"status": "ONLINE"}}),
    "MongoDBCommunity.mongodbcommunity.mongodb.com": (phase("Failed"), phase("Pending")),
    "MongoDB.mongodb.com": (phase("Failed"), phase("Reconciling")),
    "RedisFailover.databases.spotahome.com": (phase("NotHealthy", "state"), phase("Healthy", "state")),
    "CassandraDatacenter.cassandra.datastax.com": (conditions("Stopped=False", "Invalid=True"), conditions("Stopped=True", "Ready=False")),
    "ScyllaCluster.scylla.scylladb.com": (conditions("Degraded=True:Error"), conditions("Available=False")),
    "ClickHouseInstallation.clickhouse.altinity.com": (phase("Aborted", "status"), phase("InProgress", "status")),
    "ClickHouseKeeperInstallation.clickhouse-keeper.altinity.com": (phase("Aborted", "status"), phase("Completed", "status")),
    "TidbCluster.pingcap.com": ({"error": "no such volume"}, conditions("Ready=False:TiKVStoreNotUp")),
    "CrdbCluster.crdb.cockroachlabs.com": (phase("Failed", "clusterStatus"), phase("Finished", "clusterStatus")),
    "Kafka.kafka.strimzi.io": (conditions("NotReady=True:InvalidResourceException"), conditions("NotReady=True:Creating")),
    "KafkaCluster.kafka.banzaicloud.io": (phase("ClusterRollingUpgradeFailed", "state"), phase("ClusterReconciling", "state")),
    "Connector.platform.confluent.io": ({"connectorState": "RUNNING", "failedTasksCount": 2}, {"connectorState": "PAUSED"}),
    "KafkaTopic.platform.confluent.io": (phase("FAILED", "state"), phase("CREATED", "state")),
    "Kafka.platform.confluent.io": (phase("FAILED"), phase("PROVISIONING")),
    "RabbitmqCluster.rabbitmq.com": (
        conditions("ReconcileSuccess=False:Error"),
        conditions("ReconcileSuccess=True", "AllReplicasReady=False:NotAllPodsReady"),
    ),
    "Queue.rabbitmq.com": (conditions("Ready=False:FailedCreateOrUpdate"), conditions("Ready=True")),
    "PulsarBroker.pulsar.streamnative.io": ({"error": "no metadata store"}, conditions("Ready=False:PodsNotReady")),
    "Elasticsearch.elasticsearch.k8s.elastic.co": ({"health": "red", "phase": "Ready"}, {"health": "yellow", "phase": "Ready"}),
    "OpenSearchCluster.opensearch.opster.io": (phase("red", "health"), phase("green", "health")),
    "FlinkDeployment.flink.apache.org": ({"jobStatus": {"state": "FAILED"}}, {"jobStatus": {"state": "RECONCILING"}}),
    "FlinkSessionJob.flink.apache.org": ({"error": "no such jar"}, {"jobStatus": {"state": "RUNNING"}}),
    "CephCluster.ceph.rook.io": (
        {"ceph": {"health": "HEALTH_WARN", "details": {"OSD_DOWN": {"message": "1 osds down"}}}},
        {"ceph": {"health": "HEALTH_OK"}, "state": "Created"},
    ),
    "CephFilesystem.ceph.rook.io": (phase("Failure"), phase("Progressing")),
    "ObjectBucketClaim.objectbucket.io": (phase("Failed"), phase("Bound")),
    "StorageCluster.ocs.openshift.io": (phase("Error"), phase("Progressing")),
    "Volume.longhorn.io": ({"state": "attached", "robustness": "degraded"}, {"state": "detached", "robustness": "unknown"}),
    "Engine.longhorn.io": (phase("error", "currentState"), phase("running", "currentState")),
    "Replica.longhorn.io": (phase("error", "currentState"), phase("stopped", "currentState")),
    "Node.longhorn.io": (conditions("Ready=False:ManagerPodDown"), conditions("Ready=True")),
    "BackupTarget.longhorn.io": (conditions("Unavailable=True:Error"), conditions("Unavailable=False")),
    "Backup.longhorn.io": (phase("Error", "state"), phase("InProgress", "state")),
    "VolumeSnapshot.snapshot.storage.k8s.io": ({"readyToUse": False, "error": {"message": "no such class"}}, {"readyToUse": True}),
    "VolumeSnapshotContent.snapshot.storage.k8s.io": ({"error": {"message": "no such handle"}}, {"readyToUse": True}),
    "Tenant.minio.min.io": (
        phase("Tenant credentials are not set properly", "currentState"),
        {"currentState": "Initialized", "healthStatus": "green"},
    ),
    "DataVolume.cdi.kubevirt.io": (phase("Failed"), phase("ImportInProgress")),
    "TridentBackendConfig.trident.netapp.io": (
        {"phase": "", "lastOperationStatus": "Failed"},
        {"phase": "Bound", "lastOperationStatus": "Success"},
    ),
    "TridentOrchestrator.trident.netapp.io": (phase("Failed", "status"), phase("Installing", "status")),
    "ZookeeperCluster.zookeeper.pravega.io": (conditions("Error=True:UpgradeFailed"), conditions("PodsReady=False")),
    # compute
    "ScaledObject.keda.sh": (
        conditions("Ready=False:ScaledObjectCheckFailed"),
        conditions("Paused=True", "Ready=False:ScaledObjectCheckFailed"),
    ),
    "ScaledJob.keda.sh": (conditions("Ready=True", "Fallback=True"), conditions("Ready=True", "Fallback=False:NoFallbackFound")),
    "NodePool.karpenter.sh": (conditions("Ready=False:NodeClassNotReady"), conditions("Ready=True")),
    "NodeClaim.karpenter.sh": (conditions("Launched=False:LaunchFailed"), conditions("Launched=True", "Ready=Unknown")),
    "EC2NodeClass.karpenter.k8s.aws": (conditions("Ready=False:SubnetsNotFound"), conditions("Ready=True")),
    "AKSNodeClass.karpenter.azure.com": (conditions("Ready=False:ImagesNotFound"), conditions("Ready=True")),
    "Machine.cluster.x-k8s.io": (
        {"conditions": [{"type": "Ready", "status": "False", "severity": "Error", "reason": "InstanceProvisionFailed"}]},
        {"conditions": [{"type": "Ready", "status": "False", "severity": "Info", "reason": "WaitingForNodeRef"}]},
    ),
    "VirtualMachine.kubevirt.io": _VM_STATES,
    "VirtualMachineInstance.kubevirt.io": (phase("Failed"), phase("Scheduling")),
    "CloneSet.apps.kruise.io": (
        conditions("FailedScale=True:Forbidden", replicas=2, readyReplicas=0, updatedReplicas=0),
        {"readyReplicas": 1, "updatedReplicas": 1},
    ),
    "StatefulSet.apps.kruise.io": (
        conditions("FailedCreatePod=True:Forbidden", readyReplicas=0),
        {"readyReplicas": 0, "updatedReplicas": 1},
    ),
    "DaemonSet.apps.kruise.io": (
        {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberUnavailable": 1},
        {"desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberUnavailable": 1},
    ),
    "BroadcastJob.apps.kruise.io": (phase("failed"), phase("paused")),
    "AdvancedCronJob.apps.kruise.io": ({"error": "no such schedule"}, {"lastScheduleTime": "2026-03-02T11:00:00Z"}),
    "Rollout.rollouts.kruise.io": (phase("Disabled"), phase("Progressing")),
    "InferenceService.serving.kserve.io": (
        conditions("Ready=True", modelStatus={"transitionStatus": "BlockedByFailedLoad"}),
        conditions("Ready=Unknown", modelStatus={"transitionStatus": "InProgress"}),
    ),
    "InferenceGraph.serving.kserve.io": READY,
    "RayCluster.ray.io": (phase("failed", "state"), phase("ready", "state")),
    "RayJob.ray.io": (phase("Failed", "jobDeploymentStatus"), phase("Running", "jobDeploymentStatus")),
    "RayService.ray.io": ({"error": "no serve config"}, conditions("Ready=False:NonZeroServeEndpoints")),
    "SparkApplication.sparkoperator.k8s.io": (
        {"applicationState": {"state": "SUBMISSION_FAILED", "errorMessage": "no such image"}},
        {"applicationState": {"state": "RUNNING"}},
    ),
    **{f"{kind}.kubeflow.org": _TRAINING for kind in ("MPIJob", "PyTorchJob", "TFJob", "XGBoostJob", "PaddleJob", "JAXJob")},
    "TrainJob.trainer.kubeflow.org": _DONE,
    "JobSet.jobset.x-k8s.io": (conditions("Failed=True:FailedJobs"), conditions("Suspended=True")),
    "LeaderWorkerSet.leaderworkerset.x-k8s.io": ({"error": "no such template"}, conditions("Available=False:GroupsProgressing")),
    "ClusterQueue.kueue.x-k8s.io": (conditions("Active=False:FlavorNotFound"), conditions("Active=True")),
    "LocalQueue.kueue.x-k8s.io": (conditions("Active=False:ClusterQueueIsInactive"), conditions("Active=True")),
    "Job.batch.volcano.sh": ({"state": {"phase": "Aborted"}}, {"state": {"phase": "Running"}}),
    "Pipeline.numaflow.numaproj.io": (phase("Failed"), phase("Paused")),
    "PipelineRollout.numaplane.numaproj.io": (
        conditions("ProgressiveUpgradeSucceeded=False:Failed"),
        conditions("ChildResourcesHealthy=True"),
    ),
    "GameServer.agones.dev": (phase("Unhealthy", "state"), phase("Allocated", "state")),
    "DeploymentConfig.apps.openshift.io": (
        conditions("Progressing=False:ProgressDeadlineExceeded"),
        conditions("Available=False", "Progressing=True"),
    ),
    "AutoscalingRunnerSet.actions.github.com": ({"error": "no such token"}, {"currentRunners": 2}),
    "EphemeralRunner.actions.github.com": (phase("Failed"), phase("Running")),
    # platform
    "Prometheus.monitoring.coreos.com": _PROMETHEUS,
    "PrometheusAgent.monitoring.coreos.com": _PROMETHEUS,
    "Alertmanager.monitoring.coreos.com": _PROMETHEUS,
    "ThanosRuler.monitoring.coreos.com": _PROMETHEUS,
    "VMAgent.operator.victoriametrics.com": (phase("failed", "updateStatus"), phase("expanding", "updateStatus")),
    "Grafana.grafana.integreatly.org": (phase("failed", "stageStatus"), phase("success", "stageStatus")),
    "GrafanaDashboard.grafana.integreatly.org": (
        conditions("DashboardSynchronized=False:ApplyFailed"),
        conditions("DashboardSynchronized=True"),
    ),
    "Kiali.kiali.io": (conditions("Failure=True:Failed"), conditions("Running=True:Running")),
    "LokiStack.loki.grafana.com": (conditions("Degraded=True:MissingObjectStorageSecret"), conditions("Ready=False", "Pending=True")),
    "TempoStack.tempo.grafana.com": (conditions("ConfigurationError=True"), conditions("Ready=True")),
    "DatadogAgent.datadoghq.com": (conditions("DatadogAgentReconcileError=True"), conditions("DatadogAgentReconcileError=False")),
    "ClusterPolicy.kyverno.io": ({"error": "no such rule"}, conditions("Ready=False")),
    "Policy.kyverno.io": ({"error": "no such rule"}, conditions("Ready=True:Succeeded")),
    "ClusterPolicy.nvidia.com": ({"error": "no driver"}, phase("notReady", "state")),
    "Policy.policy.open-cluster-management.io": (phase("NonCompliant", "compliant"), phase("Compliant", "compliant")),
    "ManagedCluster.cluster.open-cluster-management.io": (
        conditions("HubAcceptedManagedCluster=True", "ManagedClusterConditionAvailable=Unknown:LeaseExpired"),
        conditions("HubAcceptedManagedCluster=False"),
    ),
    "Keycloak.k8s.keycloak.org": (conditions("Ready=False", "HasErrors=True"), conditions("Ready=False", "HasErrors=False")),
    "KeycloakRealmImport.k8s.keycloak.org": (conditions("HasErrors=True"), conditions("Done=True", "HasErrors=False")),
    "ResourceBinding.work.karmada.io": _KARMADA,
    "ClusterResourceBinding.work.karmada.io": _KARMADA,
    "Cluster.cluster.karmada.io": (conditions("Ready=False:ClusterNotReachable"), conditions("Ready=True")),
    "Shoot.core.gardener.cloud": ({"lastOperation": {"state": "Failed"}}, {"lastOperation": {"state": "Processing", "type": "Reconcile"}}),
    "ClusterOperator.config.openshift.io": _OPENSHIFT,
    "ClusterVersion.config.openshift.io": (
        conditions("Available=True", "Failing=True:UpdatePayloadFailed"),
        conditions("Available=True", "Progressing=True"),
    ),
    "MachineConfigPool.machineconfiguration.openshift.io": (conditions("NodeDegraded=True"), conditions("Updated=True", "Degraded=False")),
    "Machine.machine.openshift.io": (phase("Failed"), phase("Provisioning")),
    "Etcd.operator.openshift.io": _OPENSHIFT,
    "Cluster.management.cattle.io": (conditions("Connected=False:Disconnected"), conditions("Connected=True", "Ready=True")),
    "Cluster.provisioning.cattle.io": (conditions("Stalled=True:Error"), conditions("Ready=False")),
    "BareMetalHost.metal3.io": (phase("error", "operationalStatus"), phase("OK", "operationalStatus")),
    "ImagePolicy.policy.sigstore.dev": READY,
    "CustomResourceDefinition.apiextensions.k8s.io": (
        conditions("NamesAccepted=False:PluralConflict"),
        conditions("NamesAccepted=True", "Established=True"),
    ),
}
