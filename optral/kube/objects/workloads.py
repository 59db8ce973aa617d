"""What makes pods: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs."""

from typing import ClassVar

from optral.kube import revisions
from optral.kube.objects.base import Condition, DatedMetadata, Int, KubeObject, LabelSelector, Metadata, Part, Time
from optral.kube.objects.templates import RevisionTemplate, Template


class RollingShare(Part, frozen=True):
    max_unavailable: int | str | None = None


class RolloutStrategy(Part, frozen=True):
    """Of Deployments."""

    type: str = ""
    rolling_update: RollingShare | None = None


class ReplicatedSpec(Part, frozen=True):
    replicas: Int = 1
    strategy: RolloutStrategy = RolloutStrategy()
    paused: bool = False
    min_ready_seconds: Int = 0
    progress_deadline_seconds: Int = 600
    selector: LabelSelector = LabelSelector()
    template: Template = Template()


class ReplicatedStatus(Part, frozen=True):
    observed_generation: Int | None = None
    replicas: Int = 0
    updated_replicas: Int = 0
    ready_replicas: Int = 0
    available_replicas: Int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(KubeObject, frozen=True):
    kind: ClassVar[str] = "Deployment.apps"
    metadata: DatedMetadata = DatedMetadata()
    spec: ReplicatedSpec = ReplicatedSpec()
    status: ReplicatedStatus = ReplicatedStatus()


class RevisionSpec(Part, frozen=True):
    replicas: Int = 1
    selector: LabelSelector = LabelSelector()
    template: RevisionTemplate = RevisionTemplate()


class ReplicaSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "ReplicaSet.apps"
    spec: RevisionSpec = RevisionSpec()
    status: ReplicatedStatus = ReplicatedStatus()

    @property
    def revision(self) -> int:
        """Its revision of the Deployment, counted from 1; 0 without the annotation. See `kube/rollouts.py` for their order."""
        return revisions.number(self.metadata.annotations.revision)


class ClaimTemplateSpec(Part, frozen=True):
    storage_class_name: str | None = None


class ClaimTemplate(Part, frozen=True):
    metadata: Metadata = Metadata()
    spec: ClaimTemplateSpec = ClaimTemplateSpec()


class RollingUpdate(Part, frozen=True):
    partition: Int = 0


class UpdateStrategy(Part, frozen=True):
    """Of StatefulSets and DaemonSets. See `kube/rollouts.py` for what a partition and `OnDelete` mean."""

    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None

    @property
    def partition(self) -> int:
        return 0 if self.rolling_update is None else self.rolling_update.partition


class Ordinals(Part, frozen=True):
    start: Int = 0


class StatefulSetSpec(ReplicatedSpec, frozen=True):
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()
    service_name: str = ""
    update_strategy: UpdateStrategy = UpdateStrategy()
    ordinals: Ordinals | None = None


class StatefulSetStatus(ReplicatedStatus, frozen=True):
    current_revision: str = ""
    update_revision: str = ""


class StatefulSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "StatefulSet.apps"
    metadata: DatedMetadata = DatedMetadata()
    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


class DaemonSetSpec(Part, frozen=True):
    selector: LabelSelector = LabelSelector()
    min_ready_seconds: Int = 0
    update_strategy: UpdateStrategy = UpdateStrategy()
    template: Template = Template()


class DaemonSetStatus(Part, frozen=True):
    observed_generation: Int | None = None
    desired_number_scheduled: Int = 0
    current_number_scheduled: Int = 0
    updated_number_scheduled: Int = 0
    number_ready: Int = 0
    number_available: Int = 0
    number_misscheduled: Int = 0
    conditions: tuple[Condition, ...] = ()


class DaemonSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "DaemonSet.apps"
    metadata: DatedMetadata = DatedMetadata()
    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class JobSpec(Part, frozen=True):
    parallelism: Int = 1
    completions: Int | None = None
    backoff_limit: Int = 6
    active_deadline_seconds: Int | None = None
    suspend: bool = False
    template: Template = Template()


class JobStatus(Part, frozen=True):
    active: Int = 0
    succeeded: Int = 0
    failed: Int = 0
    start_time: Time | None = None
    completion_time: Time | None = None
    conditions: tuple[Condition, ...] = ()


class Job(KubeObject, frozen=True):
    kind: ClassVar[str] = "Job.batch"
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Part, frozen=True):
    spec: JobSpec = JobSpec()


class CronJobSpec(Part, frozen=True):
    job_template: JobTemplate = JobTemplate()
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False
    concurrency_policy: str = "Allow"
    starting_deadline_seconds: Int | None = None


class CronJobStatus(Part, frozen=True):
    last_schedule_time: Time | None = None
    last_successful_time: Time | None = None


class CronJob(KubeObject, frozen=True):
    kind: ClassVar[str] = "CronJob.batch"
    metadata: DatedMetadata = DatedMetadata()
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
