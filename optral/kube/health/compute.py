"""Health of what runs and scales work: KEDA, Karpenter, Cluster API, KubeVirt, Kruise, KServe, Kubeflow, Ray, Spark, Kueue, Numaflow."""

from optral.kube.health.model import Health, Reported, State, Tree, conditions, find, generation, number, part, text
from optral.kube.health.rules import Rule, condition, failing, phase, suspended, unless


def _cluster_api(tree: Tree) -> Health | None:
    """Version v1beta1 gives each false condition a severity; v1beta2 has `Available` and none."""
    if (failure := _cluster_api_failure(tree)) is not None:
        return failure
    ready = find(conditions(tree), "Ready", "Available")
    if ready is None or ready.status == "True":
        return None if ready is None else Health(State.HEALTHY, ready.type)
    if ready.severity == "Error" or (not ready.severity and ready.status == "False" and "fail" in ready.reason.casefold()):
        return ready.health(State.DEGRADED)
    failed = next((one for one in conditions(tree) if one.status == "False" and one.severity == "Error"), None)
    return failed.health(State.DEGRADED) if failed is not None else ready.health(State.PROGRESSING, must_end=True)


def _cluster_api_failure(tree: Tree) -> Health | None:
    for name in ("failureMessage", "failureReason"):
        if message := text(tree, "status", name):
            return Health(State.DEGRADED, f"status.{name}", text(tree, "status", "failureReason")[:128] or "Failed", message[:512])
    return Health(State.DEGRADED, "status.phase", "Failed") if text(tree, "status", "phase") == "Failed" else None


def _node_claim(tree: Tree) -> Health | None:
    """A claim that was initialized once is not starting any more."""
    reported = conditions(tree)
    ready, initialized = find(reported, "Ready"), find(reported, "Initialized")
    if ready is not None and ready.status == "False" and initialized is not None and initialized.status == "True":
        return ready.health(State.DEGRADED)
    launched = find(reported, "Launched")
    if launched is not None and launched.status == "False":
        return launched.health(State.DEGRADED)
    return None


def _inference(tree: Tree) -> Health | None:
    transition = text(tree, "status", "modelStatus", "transitionStatus")
    if transition in ("InvalidSpec", "BlockedByFailedLoad"):
        info = text(tree, "status", "modelStatus", "lastFailureInfo", "message")
        return Health(State.DEGRADED, "status.modelStatus.transitionStatus", transition, info[:512])
    stopped = find(conditions(tree), "Stopped")
    return stopped.health(State.SUSPENDED) if stopped is not None and stopped.status == "True" else None


def _replicated(tree: Tree) -> Health | None:
    """Kruise workloads count their replicas as the built-in ones do."""
    wanted = number(tree, "spec", "replicas")
    if (wanted := 1 if wanted is None else wanted) == 0:
        return Health(State.HEALTHY, "spec.replicas", "0")
    ready, updated = number(tree, "status", "readyReplicas") or 0, number(tree, "status", "updatedReplicas") or 0
    for one in conditions(tree):
        if one.type.startswith("Failed") and one.status == "True" and ready < wanted:
            return one.health(State.DEGRADED)
    pause = part(tree, "spec", "updateStrategy", "paused") or part(tree, "spec", "updateStrategy", "rollingUpdate", "paused")
    if pause is True:
        return Health(State.SUSPENDED, "spec.updateStrategy.paused")
    is_whole = ready >= wanted and (updated >= wanted or number(tree, "status", "updatedReplicas") is None)
    return Health(
        State.HEALTHY if is_whole else State.PROGRESSING, "status.readyReplicas", f"{ready} of {wanted} ready", must_end=not is_whole
    )


def _kruise_daemon_set(tree: Tree) -> Health | None:
    if part(tree, "spec", "updateStrategy", "rollingUpdate", "paused") is True:
        return Health(State.SUSPENDED, "spec.updateStrategy.rollingUpdate.paused")
    wanted, updated = number(tree, "status", "desiredNumberScheduled") or 0, number(tree, "status", "updatedNumberScheduled") or 0
    missing = number(tree, "status", "numberUnavailable") or 0
    if updated < wanted:
        return Health(State.PROGRESSING, "status.updatedNumberScheduled", f"{updated} of {wanted} updated", must_end=True)
    if missing:
        return Health(State.DEGRADED, "status.numberUnavailable", f"{missing} of {wanted} unavailable")
    return Health(State.HEALTHY, "status.numberReady")


def _kubeflow(tree: Tree) -> Health | None:
    for kind, state in (("Failed", State.DEGRADED), ("Suspended", State.SUSPENDED), ("Succeeded", State.HEALTHY)):
        one = find(conditions(tree), kind)
        if one is not None and one.status == "True":
            return one.health(state)
    return Health(State.PROGRESSING, "status.conditions", "Running") if conditions(tree) else None


def _pods_and_daemon(one: Reported) -> bool:
    return one.type in ("DaemonHealthy", "DaemonServiceHealthy", "PodsHealthy", "VerticesHealthy", "ChildrenResourcesHealthy")


def _numaflow(tree: Tree) -> Health | None:
    if text(tree, "status", "phase") == "Failed":
        return Health(State.DEGRADED, "status.phase", "Failed", text(tree, "status", "message")[:512])
    if text(tree, "status", "phase") == "Paused":
        return Health(State.SUSPENDED, "status.phase", "Paused")
    current = generation(tree)
    for one in conditions(tree):
        if one.status == "False" and (one.observed is None or one.observed >= current) and _pods_and_daemon(one):
            return one.health(State.DEGRADED)
    return None


_BATCH: tuple[Rule, ...] = (failing("Failed"), condition("Complete", false=State.PROGRESSING))
_KEDA: tuple[Rule, ...] = (
    condition("Paused", true=State.SUSPENDED, false=None, unknown=None),
    condition("Ready", true=None, unknown=None, bad="PartialTriggerError TriggerError"),
    failing("Fallback"),
    condition("Ready"),
)
_KARPENTER: tuple[Rule, ...] = (condition("Ready"),)
_TRAINING = ("MPIJob", "PyTorchJob", "TFJob", "XGBoostJob", "PaddleJob", "JAXJob")

RULES: dict[str, tuple[Rule, ...]] = {
    "ScaledObject.keda.sh": _KEDA,
    "ScaledJob.keda.sh": _KEDA,
    "NodePool.karpenter.sh": _KARPENTER,
    "NodeClaim.karpenter.sh": (_node_claim,),
    "EC2NodeClass.karpenter.k8s.aws": _KARPENTER,
    "AKSNodeClass.karpenter.azure.com": _KARPENTER,
    "*.cluster.x-k8s.io": (_cluster_api,),
    "VirtualMachine.kubevirt.io": (
        phase(
            "printableStatus",
            bad="CrashLoopBackOff ErrorUnschedulable ErrImagePull ImagePullBackOff ErrorPvcNotFound DataVolumeError",
            moving="Provisioning Starting Stopping Terminating Migrating WaitingForVolumeBinding WaitingForReceiver",
            good="Running",
            resting="Stopped Paused",
        ),
    ),
    "VirtualMachineInstance.kubevirt.io": (
        condition("Paused", true=State.SUSPENDED, false=None, unknown=None),
        phase("phase", bad="Failed Unknown", moving="Pending Scheduling Scheduled WaitForSync"),
    ),
    "CloneSet.apps.kruise.io": (_replicated,),
    "StatefulSet.apps.kruise.io": (_replicated,),
    "DaemonSet.apps.kruise.io": (_kruise_daemon_set,),
    "BroadcastJob.apps.kruise.io": (phase("phase", bad="failed", moving="running", good="completed", resting="paused"),),
    "Rollout.rollouts.kruise.io": (phase("phase", bad="Disabled", moving="Initial Progressing Terminating Disabling", good="Healthy"),),
    "InferenceService.serving.kserve.io": (_inference, condition("Ready", unknown=State.PROGRESSING)),
    "InferenceGraph.serving.kserve.io": (condition("Ready"),),
    "RayCluster.ray.io": (phase("state", bad="failed", good="ready", resting="suspended"),),
    "RayJob.ray.io": (
        phase("jobDeploymentStatus", bad="Failed", moving="Initializing Running Waiting Retrying", good="Complete", resting="Suspended"),
    ),
    "RayService.ray.io": (condition("Ready", false=State.PROGRESSING),),
    "SparkApplication.sparkoperator.k8s.io": (
        phase(
            "applicationState",
            "state",
            bad="FAILED SUBMISSION_FAILED FAILING",
            moving="NEW SUBMITTED RUNNING SUCCEEDING PENDING_RERUN INVALIDATING",
            good="COMPLETED",
            resting="SUSPENDED SUSPENDING",
        ),
    ),
    **{f"{kind}.kubeflow.org": (_kubeflow,) for kind in _TRAINING},
    "TrainJob.trainer.kubeflow.org": _BATCH,
    "JobSet.jobset.x-k8s.io": (condition("Suspended", true=State.SUSPENDED, false=None), failing("Failed")),
    "LeaderWorkerSet.leaderworkerset.x-k8s.io": (condition("Available", false=State.PROGRESSING),),
    "ClusterQueue.kueue.x-k8s.io": (condition("Active"),),
    "LocalQueue.kueue.x-k8s.io": (condition("Active"),),
    "Job.batch.volcano.sh": (
        phase(
            "state", "phase", bad="Failed Aborted", moving="Pending Running Restarting Completing Terminating Aborting", good="Completed"
        ),
    ),
    "*.numaflow.numaproj.io": (_numaflow,),
    "*.numaplane.numaproj.io": (unless("ProgressiveUpgradeSucceeded"),),
    "GameServer.agones.dev": (
        phase("state", bad="Error Unhealthy", moving="PortAllocation Creating Starting Scheduled RequestReady Shutdown"),
    ),
    "DeploymentConfig.apps.openshift.io": (unless("Progressing"), condition("Progressing", false=None, unknown=None), unless("Available")),
    "AutoscalingRunnerSet.actions.github.com": (suspended("spec", "paused"),),
    "EphemeralRunner.actions.github.com": (phase("phase", bad="Failed", moving="Pending Running", good="Finished"),),
    "AdvancedCronJob.apps.kruise.io": (suspended("spec", "paused"),),
}
