"""What the logs of running containers keep showing, as the agent reports it (`optral/agent/logs`): one object for each pod."""

from typing import ClassVar

from optral.kube.objects.base import Int, KubeObject, Part, Time


class LogSign(Part, frozen=True):
    """`sign` is a name of `kube/log_table.py`, `message` the newest line that shows it, redacted, and `names` what that line names."""

    sign: str = ""
    count: Int = 0
    first_at: Time | None = None
    last_at: Time | None = None
    message: str = ""
    names: dict[str, str] = {}


class ContainerLog(Part, frozen=True):
    name: str = ""
    started_at: Time | None = None
    signs: tuple[LogSign, ...] = ()


class LogSignsStatus(Part, frozen=True):
    """`observed_at` is the time of the newest line."""

    observed_at: Time | None = None
    containers: tuple[ContainerLog, ...] = ()


class LogSigns(KubeObject, frozen=True):
    kind: ClassVar[str] = "LogSigns.logs.optral.io"

    status: LogSignsStatus = LogSignsStatus()
