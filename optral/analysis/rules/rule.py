"""Rules: pure functions from a case and a focus to hypotheses, with the symptoms that they explain and the causes that they may name.

Each rule has the same order: the conditions (else return), what contradicts it, the level, the object at fault, the sentences with their
evidence, and what to do. A rule that changes its answers gets a new `version`.
"""

from collections.abc import Callable, Iterator, Set as AbstractSet
from typing import NamedTuple

from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case, Focus

OOM = "OOMKilled"
CRASH = "CrashLoopBackOff"
LIVENESS = "LivenessProbeFailed"
READINESS = "ReadinessProbeFailed"
PULL = "ImagePullBackOff"
CONFIG = "CreateContainerConfigError"
CREATE = "CreateContainerError"
RUN = "RunContainerError"
SCHEDULING = "FailedScheduling"
MOUNT = "FailedMount"
REFUSED = "FailedCreate"
DEADLINE = "DeploymentProgressDeadlineExceeded"
JOB = "JobFailed"
NODE = "NodeNotReady"
CLAIM = "PersistentVolumeClaimPending"
SERVICE = "ServiceNoEndpoints"
UNSCHEDULED = "SchedulerUnavailable"
"""A pod that no scheduler has processed; also a symptom of other issues."""
EVICTED = "Evicted"
STARTUP = "StartupProbeFailed"
RESTARTS = "FrequentRestarts"
INIT = "InitContainerStuck"
HOOK = "LifecycleHookFailed"
SANDBOX = "FailedCreatePodSandBox"
CREATING = "ContainerCreating"
"""A pod whose containers are not created, without a failure of its own."""
GATED = "SchedulingGated"
PREEMPTED = "Preempted"
FAILED = "PodFailed"
NOT_READY = "PodNotReady"
TERMINATING = "PodStuckTerminating"
RESIZE = "PodResizeInfeasible"
ADDRESS = "ServiceMissing"
UNRESOLVABLE = "ServiceNameUnresolvable"
STALE = "ServiceEndpointsStale"
PORTS = "ServiceTargetPortMismatch"
BROAD = "ServiceSelectorTooBroad"
BLOCKED = "NetworkPolicyBlocks"
BALANCER = "LoadBalancerPending"
QUOTA = "ResourceQuotaExceeded"
ZERO = "ScaledToZero"
THROTTLED = "CPUThrottled"
NEAR_LIMIT = "MemoryNearLimit"
FILLING = "VolumeFillingUp"
SATURATED = "NodeSaturated"
SLOW = "WorkloadSlow"
LOGGING = "LogSigns"
"""A container that runs and keeps logging a failure: the symptom of the issue types in `log_reports.SIGNS_OF`."""

OF_LOGS = frozenset({CRASH, JOB, LIVENESS, READINESS, STARTUP, INIT, LOGGING})
"""The symptoms of containers whose log may tell why."""

Judge = Callable[[Case, Focus], Iterator[Hypothesis]]


class Rule(NamedTuple):
    name: str
    symptoms: frozenset[str]
    causes: frozenset[str]
    judge: Judge
    version: int = 1


def rule(judge: Judge, symptoms: AbstractSet[str], causes: AbstractSet[str], *, version: int = 1) -> Rule:
    return Rule(f"{judge.__module__.rpartition('.')[2]}.{judge.__name__}", frozenset(symptoms), frozenset(causes), judge, version)
