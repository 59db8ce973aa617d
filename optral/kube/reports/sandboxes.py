"""Why the sandbox of a pod cannot be created, by the message of the container runtime that the kubelet passes on.

Sources: containerd (internal/cri), CRI-O, containernetworking/plugins, and the network plugins of clouds.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from optral.kube.reports import nodes


class Kind(StrEnum):
    """What prevents it. The values are facts of issues."""

    RUNTIME_GONE = "runtimeGone"
    NO_FREE_ADDRESS = "noFreeAddress"
    NETWORK_NOT_READY = "networkNotReady"
    NO_HANDLER = "runtimeHandler"
    NAME_IN_USE = "nameInUse"
    NETWORK = "network"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"


class SandboxFailure(NamedTuple):
    """Why a sandbox cannot be created. `is_of_node`: no workload on that node can get one."""

    name: Kind
    is_of_node: bool
    pattern: re.Pattern[str]


def _failure(name: Kind, pattern: str, *, of_node: bool) -> SandboxFailure:
    return SandboxFailure(name, of_node, re.compile(pattern, re.IGNORECASE))


_FAILURES = (
    _failure(
        Kind.RUNTIME_GONE,
        nodes.RUNTIME_DOWN.pattern,
        of_node=True,
    ),
    _failure(
        Kind.NO_FREE_ADDRESS,
        r"no ip addresses available|no more free|no free (ip|address)|address(es)? exhausted|assign an ip address|insufficientfreeaddress",
        of_node=True,
    ),
    _failure(
        Kind.NETWORK_NOT_READY,
        r"cni plugin not initialized|cni config uninitialized|network is not ready|networkpluginnotready|failed to find plugin",
        of_node=True,
    ),
    _failure(Kind.NO_HANDLER, r"no runtime for|runtime ?handler", of_node=False),
    _failure(Kind.NAME_IN_USE, r"is reserved for|already in use", of_node=False),
    _failure(Kind.NETWORK, r"network|cni\b", of_node=False),
    _failure(Kind.TIMEOUT, r"deadline exceeded|timed out|timeout", of_node=False),
)
"""The first match counts."""
UNKNOWN = _failure(Kind.UNKNOWN, r"", of_node=False)


def failure(message: str) -> SandboxFailure:
    return next((failure for failure in _FAILURES if failure.pattern.search(message)), UNKNOWN)
