"""Why the container runtime cannot create or start a container, by its message.

Sources: messages of runc, crun, containerd and CRI-O as the kubelet passes them on, and pkg/kubelet (cm/devicemanager, kuberuntime).
"""

import re
from enum import StrEnum


class Failure(StrEnum):
    """What the runtime reports. The values are facts of issues."""

    SECURITY_PROFILE = "securityProfile"
    DEVICE = "device"
    HOOK = "hook"
    EXECUTABLE_MISSING = "executableMissing"
    NOT_A_DIRECTORY = "notADirectory"
    PERMISSION_DENIED = "permissionDenied"
    WRONG_ARCHITECTURE = "wrongArchitecture"
    NAME_IN_USE = "nameInUse"
    MEMORY_TOO_LOW = "memoryTooLow"
    DISK_FULL = "diskFull"
    FILE_MISSING = "fileMissing"


_MEMORY_TOO_LOW = r"cannot allocate memory|minimum memory|memory limit too low"
_PATTERNS = tuple(
    (failure, re.compile(pattern, re.IGNORECASE))
    for failure, pattern in (
        # what prepares the container fails with errors of its own: a missing file, a denied permission
        (
            Failure.SECURITY_PROFILE,
            r"\b(?:seccomp|apparmor|selinux) (?:profile|filter|label|spec opts|(?:is )?not (?:supported|enabled)|failed)|init seccomp",
        ),
        (
            Failure.DEVICE,
            r"\bCDI device|nvidia-container-(?:cli|runtime)|device plugin|device information|custom device|no such device"
            r"|(?:unhealthy|number of) devices|unregistered device",
        ),
        (Failure.HOOK, r"\b(?:running|executing)(?: \w+)? hook|hook failed"),
        (
            Failure.EXECUTABLE_MISSING,
            r"executable file not found|no such file or directory.*exec|stat .*no such file|exec:? \"?/[^\s\":]+\"?: no such file",
        ),
        (
            Failure.NOT_A_DIRECTORY,
            r"mount[\s\S]*(?:not|is) a directory",
        ),
        (Failure.PERMISSION_DENIED, r"permission denied"),
        (Failure.WRONG_ARCHITECTURE, r"exec format error"),
        (Failure.NAME_IN_USE, r"already in use|is reserved for"),
        (Failure.MEMORY_TOO_LOW, _MEMORY_TOO_LOW),
        (Failure.DISK_FULL, r"no space left"),
        (Failure.FILE_MISSING, r"no such file or directory"),
    )
)
"""The first match counts."""
_DEVICE = re.compile(
    r"(?:unresolvable CDI devices|unhealthy devices|unregistered device|devices unavailable for|custom device) \"?([\w./=:-]{1,253}[\w])"
)
_INIT_KILLED = "OOM-killed"


def start_failure(message: str) -> Failure | None:
    """The failure that the message reports."""
    return next((failure for failure, pattern in _PATTERNS if pattern.search(message)), None)


def device_named_in(message: str) -> str | None:
    """The device that is missing, as the runtime or the kubelet names it, or its resource: `nvidia.com/gpu=0`, `nvidia.com/gpu`."""
    return None if (named := _DEVICE.search(message)) is None else named.group(1)


def is_init_killed(message: str) -> bool:
    """Whether the process that sets the container or sandbox up was killed at the memory limit."""
    return _INIT_KILLED in message


def is_memory_too_low(message: str) -> bool:
    """Whether the memory limit is too low even for the process that sets the container up."""
    return is_init_killed(message) or re.search(_MEMORY_TOO_LOW, message, re.IGNORECASE) is not None
