"""Health of what delivers and operates software: Argo, Flux, Flagger, Tekton, OLM, Crossplane, cloud controllers, Velero."""

from optral.kube.health.model import MAX_MESSAGE, MAX_REASON, UNKNOWN, Health, State, Tree, dated, items, number, part, text
from optral.kube.health.rules import Rule, condition, failing, of_members, phase, suspended, unless


def _argo_application(tree: Tree) -> Health | None:
    """The health of what the Application keeps, unless it cannot be compared or synced at all. Its conditions have no status."""
    for item in items(tree, "status", "conditions"):
        if (kind := text(item, "type")).endswith("Error"):
            return Health(State.DEGRADED, kind[:MAX_REASON], kind[:MAX_REASON], text(item, "message")[:MAX_MESSAGE], dated(item))
    operation = part(tree, "status", "operationState")
    ended = text(operation, "phase")
    if ended == "Running" and number(operation, "retryCount"):
        ended = "Failed"
    if ended in ("Failed", "Error") and text(tree, "status", "sync", "status") != "Synced":
        message = text(operation, "message")[:MAX_MESSAGE]
        return Health(State.DEGRADED, "status.operationState.phase", f"Sync{ended}", message, dated(operation))
    return phase("health", "status", bad="Degraded", moving="Progressing Missing", good="Healthy", resting="Suspended")(tree) or UNKNOWN


_FLUX: tuple[Rule, ...] = (
    suspended("spec", "suspend"),
    failing("Stalled"),
    condition("Ready", moving="Progressing ProgressingWithRetry", waiting="DependencyNotReady"),
)
_ACK: tuple[Rule, ...] = (failing("ACK.Terminal"), condition("ACK.ResourceSynced", false=State.PROGRESSING))
_MANAGED: tuple[Rule, ...] = (
    condition("Synced", true=None, resting="ReconcilePaused"),
    unless("LastAsyncOperation"),
    condition("Ready", false=State.PROGRESSING, bad="Unavailable"),
)
_PACKAGE: tuple[Rule, ...] = (
    condition("Installed", true=None, moving="ActivePackageRevision UnknownPackageRevisionHealth", resting="InactivePackageRevision"),
    condition("Healthy", true=State.HEALTHY),
)
_CONNECTOR: tuple[Rule, ...] = (
    condition("Ready", moving="Updating Creating Deleting UpToDate", waiting="DependencyNotReady DependencyNotFound"),
)
_TEKTON: tuple[Rule, ...] = (condition("Succeeded", resting="PipelineRunPending"),)
_VELERO_RUN: tuple[Rule, ...] = (
    phase(
        "phase",
        bad="Failed FailedValidation PartiallyFailed FinalizingPartiallyFailed WaitingForPluginOperationsPartiallyFailed Canceled",
        moving="New Queued InProgress WaitingForPluginOperations Finalizing Accepted Prepared Canceling Uploading Deleting ReadyToStart",
        good="Completed Enabled Processed",
    ),
)
_WORKFLOW: tuple[Rule, ...] = (
    phase("phase", bad="Failed Error", moving="Pending Running", good="Succeeded Successful", resting="Inconclusive"),
)

RULES: dict[str, tuple[Rule, ...]] = {
    "Application.argoproj.io": (_argo_application,),
    "ApplicationSet.argoproj.io": (failing("ErrorOccurred"), condition("ResourcesUpToDate", false=State.PROGRESSING)),
    "Rollout.argoproj.io": (
        failing("InvalidSpec"),
        phase("phase", bad="Degraded", moving="Progressing", good="Healthy", resting="Paused"),
    ),
    "Workflow.argoproj.io": _WORKFLOW,
    "AnalysisRun.argoproj.io": _WORKFLOW,
    "Experiment.argoproj.io": _WORKFLOW,
    "CronWorkflow.argoproj.io": (failing("SubmissionError", "SpecError"),),
    "ArgoCD.argoproj.io": (phase("phase", bad="Failed", moving="Pending", good="Available"),),
    "*.toolkit.fluxcd.io": _FLUX,
    "Terraform.infra.contrib.fluxcd.io": _FLUX,
    "FluxInstance.fluxcd.controlplane.io": _FLUX,
    "ResourceSet.fluxcd.controlplane.io": _FLUX,
    "Canary.flagger.app": (
        phase(
            "phase",
            bad="Failed",
            moving="Initializing Waiting Progressing WaitingPromotion Promoting Finalising Terminating",
            good="Initialized Succeeded",
        ),
    ),
    "PipelineRun.tekton.dev": _TEKTON,
    "TaskRun.tekton.dev": _TEKTON,
    "CustomRun.tekton.dev": _TEKTON,
    "TektonConfig.operator.tekton.dev": (condition("Ready"),),
    "ClusterServiceVersion.operators.coreos.com": (
        phase("phase", bad="Failed Unknown", moving="Pending InstallReady Installing Replacing Deleting", good="Succeeded"),
    ),
    "Subscription.operators.coreos.com": (
        failing("CatalogSourcesUnhealthy", "InstallPlanFailed", "ResolutionFailed", "BundleUnpackFailed"),
        condition("InstallPlanPending", true=State.PROGRESSING, false=None, resting="RequiresApproval"),
        condition("InstallPlanMissing", true=None, false=None),
        phase("state", moving="UpgradePending UpgradeAvailable", good="AtLatestKnown", bad="UpgradeFailed"),
    ),
    "InstallPlan.operators.coreos.com": (
        phase("phase", bad="Failed", moving="Planning Installing", good="Complete", resting="RequiresApproval"),
    ),
    "CatalogSource.operators.coreos.com": (
        phase("connectionState", "lastObservedState", bad="TRANSIENT_FAILURE SHUTDOWN", moving="CONNECTING IDLE", good="READY"),
    ),
    "ClusterExtension.olm.operatorframework.io": (unless("Installed", "Progressing"),),
    "*.pkg.crossplane.io": _PACKAGE,
    "CompositeResourceDefinition.apiextensions.crossplane.io": (condition("Established"),),
    "*.crossplane.io": _MANAGED,
    "*.upbound.io": _MANAGED,
    "*.services.k8s.aws": _ACK,
    "*.cnrm.cloud.google.com": _CONNECTOR,
    "*.azure.com": (
        condition("Ready", moving="Reconciling Deleting", waiting="WaitingForOwner ReferenceNotFound SecretNotFound", bad="Failed"),
    ),
    "Backup.velero.io": _VELERO_RUN,
    "Restore.velero.io": _VELERO_RUN,
    "Schedule.velero.io": (phase("phase", bad="FailedValidation", moving="New", good="Enabled"),),
    "PodVolumeBackup.velero.io": _VELERO_RUN,
    "PodVolumeRestore.velero.io": _VELERO_RUN,
    "DataUpload.velero.io": _VELERO_RUN,
    "DataDownload.velero.io": _VELERO_RUN,
    "BackupStorageLocation.velero.io": (phase("phase", bad="Unavailable", good="Available"),),
    "BackupRepository.velero.io": (phase("phase", bad="NotReady", moving="New", good="Ready"),),
    "AnsibleJob.tower.ansible.com": (
        phase("ansibleJobResult", "status", bad="failed error canceled", moving="pending waiting new running", good="successful"),
    ),
    "Workspace.app.terraform.io": (phase("run_status", bad="errored canceled discarded", good="applied planned_and_finished"),),
    "Stack.pulumi.com": (
        failing("Stalled"),
        phase("lastUpdate", "state", bad="failed", good="succeeded"),
    ),
    "HelmChart.helm.cattle.io": (failing("Failed"),),
    "Bundle.fleet.cattle.io": (condition("Ready", bad="Error", moving="WaitApplied"),),
    "GitRepo.fleet.cattle.io": (failing("Stalled"), condition("Ready", moving="WaitApplied")),
    "Plan.upgrade.cattle.io": (condition("Validated", true=None), condition("Complete", false=State.PROGRESSING)),
    "Integration.camel.apache.org": (
        phase("phase", bad="Error", moving="Initialization Waiting_For_Platform Building_Kit Resolving_Kit Deploying Waiting_For_Bindings"),
    ),
    "ManifestWork.work.open-cluster-management.io": (
        unless("Applied", "Available"),
        of_members("status", "resourceStatus", "manifests", bad=lambda one: State.DEGRADED if one.status == "False" else None),
    ),
    "Backup.k8up.io": (failing("Failed"),),
    "*.operator.cluster.x-k8s.io": (condition("Ready"),),
    "*.stackable.tech": (unless("Available"),),
    "SealedSecret.bitnami.com": (condition("Synced"),),
    "ExternalSecret.kubernetes-client.io": (phase("status", good="SUCCESS", otherwise=State.DEGRADED),),
    "VaultStaticSecret.secrets.hashicorp.com": (unless("SecretSynced", "Healthy", "Ready"),),
    "OnePasswordItem.onepassword.com": (condition("Ready"),),
    "InfisicalSecret.secrets.infisical.com": (unless("secrets.infisical.com/ReadyToSyncSecrets"),),
    "*.external-secrets.io": (condition("Ready", moving="Pending"),),
}
