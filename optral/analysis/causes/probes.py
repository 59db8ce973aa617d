"""What makes probes fail."""

from optral.analysis.causes.cause import Cause


def _wrong(probe: str, effect: str, silence: str) -> tuple[Cause, ...]:
    """The causes of a probe that is wrong itself: its effect on an application that works, and what it does without a result."""
    return (
        Cause(
            f"{probe}_probe_wrong_port",
            f"The {probe} probe checks the wrong port",
            "probes",
            f"Nothing listens on the port of the probe, so {effect}.",
            "Connection refused, and the container, another probe, a Service or the log names another port; without that it is plausible.",
            "Correct the probe's port.",
            ("port",),
        ),
        Cause(
            f"{probe}_probe_wrong_path",
            f"The {probe} probe checks a path that does not exist",
            "probes",
            "The application responds, but with 404 or 405 for the path of the probe.",
            "The status code in the probe's message.",
            "Correct the probe's path.",
            ("path", "status"),
        ),
        Cause(
            f"{probe}_probe_wrong_protocol",
            f"The {probe} probe uses the wrong protocol",
            "probes",
            "The probe uses HTTP, TCP or gRPC on a port that serves another protocol.",
            "The message shows a malformed or unexpected response, or another probe on the same port uses another protocol.",
            "Use the kind of probe that the application supports.",
            ("handler|message",),
        ),
        Cause(
            f"{probe}_probe_wrong_command",
            f"The {probe} probe runs a command that is not in the image",
            "probes",
            f"The check cannot run, so {effect}; if it gives no result at all, the probe {silence}.",
            "The runtime or the shell reports that the probe's program does not exist or is not executable.",
            "Correct the probe's command, or add the program to the image.",
            ("program",),
        ),
    )


CAUSES = (
    # --- probes
    *_wrong("liveness", "the kubelet kills an application that works", "never restarts one that hangs"),
    Cause(
        "liveness_probe_too_tight",
        "The liveness probe gives the container too little time",
        "probes",
        "The container is killed before it has started.",
        "Probe timeouts, or kills before the application listens on the probe's port.",
        "Add a startup probe, or raise initialDelaySeconds, timeoutSeconds or failureThreshold.",
        ("timeout",),
    ),
    Cause(
        "liveness_probe_unhealthy",
        "The application fails its liveness probe",
        "probes",
        "The probe is correct: the application hangs or reports a failure.",
        "Timeouts or 5xx responses on a port and path that worked before.",
        "Find out what the application waits for; roll back if it started with a rollout.",
        ("status|message|program",),
    ),
    *_wrong("readiness", "an application that works gets no traffic", "never passes"),
    Cause(
        "readiness_probe_too_tight",
        "The readiness probe gives the application too little time to respond",
        "probes",
        "The application responds more slowly than the probe's timeout.",
        "Probe timeouts while the container runs without restarts.",
        "Raise timeoutSeconds, or give the container more CPU.",
        ("timeout",),
    ),
    Cause(
        "readiness_probe_unhealthy",
        "The application reports that it is not ready",
        "probes",
        "The probe is correct: the application waits for a dependency or is overloaded.",
        "5xx responses, or a probe command that fails.",
        "Find out what it waits for; check its dependencies first.",
        ("status|message|program",),
    ),
    Cause(
        "startup_probe_wrong",
        "The startup probe is misconfigured",
        "probes",
        "The application starts, but its startup probe uses a port, path or protocol that the application does not serve.",
        "The probe is compared with the container's ports, its other probes and the response.",
        "Correct the probe.",
        ("port|path|handler|program",),
    ),
    Cause(
        "startup_probe_too_tight",
        "The startup probe gives the container too little time",
        "probes",
        "The container is killed before it has started.",
        "Kills earlier than the container needs to start, according to the probe's own settings.",
        "Raise failureThreshold or periodSeconds of the startup probe.",
        ("timeout",),
    ),
    Cause(
        "startup_probe_unhealthy",
        "The application does not start in time",
        "probes",
        "The probe is correct: the application hangs during startup.",
        "Timeouts or error responses throughout the startup.",
        "Find out what it waits for; roll back if it started with a rollout.",
        ("status|message|program",),
    ),
    Cause(
        "application_slow",
        "The application responds more slowly than before",
        "probes",
        "Successful probes take longer than they did, and some exceed their timeout.",
        "The kubelet's metrics: how long probes took in the last fifteen minutes and in the hour before.",
        "Find out what it waits for, starting with what it calls and with the CPU of its node. A longer timeout only hides it.",
        ("handler", "current", "previous"),
    ),
    Cause(
        "packets_lost",
        "The pod's network interface loses packets",
        "probes",
        "Packets of the pod are dropped or damaged, so that connections stall and probes time out.",
        "The kubelet's metrics: errors and drops of the pod's interface, against the packets that arrived.",
        "Compare with the other pods of the node: if they lose packets too, the node's network is at fault.",
        ("count", "share"),
    ),
    Cause(
        "readiness_gate_not_met",
        "A readiness gate is not met",
        "probes",
        "All containers are ready, but a condition that another controller sets is not true.",
        "The gate in the pod's spec and the condition in its status.",
        "Check the controller that sets the condition, often a load balancer controller.",
        ("condition",),
    ),
)
