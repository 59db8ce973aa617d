"""What the kubelet reports about the probes of a container. `probe` is liveness, readiness or startup.

Sources: pkg/kubelet/prober/prober.go, pkg/kubelet/kuberuntime/kuberuntime_manager.go.
"""

import re

KILLING = "Killing"
UNHEALTHY = "Unhealthy"
_KILLED = re.compile(r"^Container (\S{1,253}) failed (liveness|startup) probe")


def killed_by(message: str) -> tuple[str, str] | None:
    """(container, probe) of an Event "Killing" that a probe caused."""
    match = _KILLED.match(message)
    return None if match is None else (match.group(1), match.group(2))


def is_about(message: str, probe: str) -> bool:
    """Whether an Event "Unhealthy" is about this probe, which failed or could not run."""
    return message.lower().startswith(f"{probe} probe ")


def could_not_run(message: str, probe: str) -> bool:
    """Whether an Event "Unhealthy" reports that the kubelet could not run this probe, which is no result of it."""
    return message.lower().startswith(f"{probe} probe errored")
