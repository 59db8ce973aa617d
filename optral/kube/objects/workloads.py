"""What makes pods: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs."""

from typing import ClassVar

from optral.kube.objects.base import Condition, Int, KubeObject, LabelSelector, Metadata, Part, Time
from optral.kube.objects.pods import ContainerPort


class TemplateMetadata(Part, frozen=True):
    labels: dict[str, str] = {}


class EnvVar(Part, frozen=True):
    """One variable; `value` is readable only where the redactor takes it for an address or a harmless setting."""

    name: str = ""
    value: str = ""


class TemplateContainer(Part, frozen=True):
    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    ports: tuple[ContainerPort, ...] = ()


class TemplateSpec(Part, frozen=True):
    containers: tuple[TemplateContainer, ...] = ()


class Template(Part, frozen=True):
    metadata: TemplateMetadata = TemplateMetadata()
    spec: TemplateSpec = TemplateSpec()


class ReplicatedSpec(Part, frozen=True):
    replicas: Int = 1
    paused: bool = False
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
    spec: ReplicatedSpec = ReplicatedSpec()
    status: ReplicatedStatus = ReplicatedStatus()


class ReplicaSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "ReplicaSet.apps"
    spec: ReplicatedSpec = ReplicatedSpec()
    status: ReplicatedStatus = ReplicatedStatus()

    @property
    def revision(self) -> int:
        """The rollout it belongs to; 0 where nobody wrote it down."""
        text = self.metadata.annotations.revision
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


class ClaimTemplate(Part, frozen=True):
    metadata: Metadata = Metadata()


class StatefulSetSpec(ReplicatedSpec, frozen=True):
    volume_claim_templates: tuple[ClaimTemplate, ...] = ()


class StatefulSetStatus(ReplicatedStatus, frozen=True):
    current_revision: str = ""
    update_revision: str = ""


class StatefulSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "StatefulSet.apps"
    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


class DaemonSetSpec(Part, frozen=True):
    selector: LabelSelector = LabelSelector()
    template: Template = Template()


class DaemonSetStatus(Part, frozen=True):
    observed_generation: Int | None = None
    desired_number_scheduled: Int = 0
    current_number_scheduled: Int = 0
    updated_number_scheduled: Int = 0
    number_ready: Int = 0
    number_available: Int = 0
    conditions: tuple[Condition, ...] = ()


class DaemonSet(KubeObject, frozen=True):
    kind: ClassVar[str] = "DaemonSet.apps"
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


class CronJobSpec(Part, frozen=True):
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool = False


class CronJobStatus(Part, frozen=True):
    last_schedule_time: Time | None = None
    last_successful_time: Time | None = None


class CronJob(KubeObject, frozen=True):
    kind: ClassVar[str] = "CronJob.batch"
    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()
