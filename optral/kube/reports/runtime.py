"""Why the container runtime cannot create or start a container, by its message.

Sources: messages of runc, crun, containerd and CRI-O as the kubelet passes them on.
"""

import re

_MEMORY_TOO_LOW = r"cannot allocate memory|minimum memory|memory limit too low"
START_FAILURES = tuple(
    (name, say, re.compile(pattern, re.IGNORECASE))
    for name, say, pattern in (
        (
            "executableMissing",
            "its executable is not in the image",
            r"executable file not found|no such file or directory.*exec|stat .*no such file",
        ),
        ("notADirectory", "a file is mounted over a directory, or a directory over a file", r"mount[\s\S]*(?:not|is) a directory"),
        ("permissionDenied", "its executable has no execute permission", r"permission denied"),
        ("wrongArchitecture", "its executable is built for another CPU architecture", r"exec format error"),
        ("nameInUse", "a container with its name still exists", r"already in use|is reserved for"),
        ("memoryTooLow", "its memory limit is too low", _MEMORY_TOO_LOW),
        ("device", "a device that it needs is missing", r"\b(nvidia|gpu|cdi|device)\b"),
        ("securityProfile", "its security profile cannot be applied", r"seccomp|apparmor|selinux"),
        ("hook", "its start hook failed", r"hook"),
        ("fileMissing", "a file it needs is missing", r"no such file or directory"),
    )
)
"""(cause, in words, pattern). The first match counts; the causes are facts of issues."""
_INIT_KILLED = "OOM-killed"


def start_failure(message: str) -> tuple[str, str] | None:
    """The cause that the message names, and its description."""
    return next(((name, say) for name, say, pattern in START_FAILURES if pattern.search(message)), None)


def is_init_killed(message: str) -> bool:
    """Whether the process that sets the container or sandbox up was killed at the memory limit."""
    return _INIT_KILLED in message


def is_memory_too_low(message: str) -> bool:
    """Whether the memory limit is too low even for the process that sets the container up."""
    return is_init_killed(message) or re.search(_MEMORY_TOO_LOW, message, re.IGNORECASE) is not None
