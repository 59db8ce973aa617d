"""What pods and nodes use, as the agent reports it (`optral/agent/metrics`): CPU in millicores, memory and volumes in bytes.

A number that is not known is 0, a part that is not known is None. A level is what a value did not fall below in the last ten minutes.
"""

from typing import ClassVar

from optral.kube.objects.base import Int, KubeObject, Part, Time


def uid_of_report(uid: str) -> str:
    """The uid of the report about the object with this uid."""
    return f"{uid}-usage"


class Trend(Part, frozen=True):
    """A straight line: its rise per hour, how well it fits (R², 0 to 1), and over how many seconds."""

    per_hour: Int = 0
    fit: float = 0.0
    over_seconds: Int = 0


class CpuUse(Part, frozen=True):
    now_millis: Int = 0
    level_millis: Int = 0
    p95_millis: Int = 0
    limit_millis: Int = 0
    capacity_millis: Int = 0
    trend: Trend | None = None


class MemoryUse(Part, frozen=True):
    """`rss_bytes` is what the kernel cannot give back without swap; the other values count files that are in use, too."""

    now_bytes: Int = 0
    level_bytes: Int = 0
    p95_bytes: Int = 0
    first_bytes: Int = 0
    rss_bytes: Int = 0
    limit_bytes: Int = 0
    capacity_bytes: Int = 0
    trend: Trend | None = None


class Throttling(Part, frozen=True):
    """In which share of the scheduler's periods a container was stopped at its CPU limit, in the last `window_seconds`."""

    share: float = 0.0
    periods: Int = 0
    throttled_periods: Int = 0
    window_seconds: Int = 0


class ContainerUse(Part, frozen=True):
    name: str = ""
    cpu: CpuUse = CpuUse()
    memory: MemoryUse = MemoryUse()
    throttling: Throttling | None = None


class FilledVolume(Part, frozen=True):
    """A volume or file system. `full_in_seconds`: if it keeps growing as it does; None if it does not grow steadily."""

    name: str = ""
    claim: str = ""
    used_bytes: Int = 0
    capacity_bytes: Int = 0
    trend: Trend | None = None
    full_in_seconds: Int | None = None
    inodes_used: Int = 0
    inodes: Int = 0
    inodes_full_in_seconds: Int | None = None


class PodUsageStatus(Part, frozen=True):
    observed_at: Time | None = None
    containers: tuple[ContainerUse, ...] = ()
    volumes: tuple[FilledVolume, ...] = ()


class PodUsage(KubeObject, frozen=True):
    kind: ClassVar[str] = "PodUsage.usage.optral.io"

    status: PodUsageStatus = PodUsageStatus()


class NodeUsageStatus(Part, frozen=True):
    observed_at: Time | None = None
    cpu: CpuUse = CpuUse()
    memory: MemoryUse = MemoryUse()
    filesystem: FilledVolume | None = None


class NodeUsage(KubeObject, frozen=True):
    kind: ClassVar[str] = "NodeUsage.usage.optral.io"

    status: NodeUsageStatus = NodeUsageStatus()
