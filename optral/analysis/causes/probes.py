"""What makes probes fail."""

from optral.analysis.causes.cause import Cause

CAUSES = (
    # --- probes
    Cause(
        "liveness_probe_wrong_port",
        "The liveness probe asks the wrong port",
        "probes",
        "The application is well, and the kubelet kills it because nothing listens where the probe knocks.",
        "Connection refused, and the probe's port is none of the container's, or differs from the port of a probe that passes.",
        "Correct the probe's port.",
    ),
    Cause(
        "liveness_probe_wrong_path",
        "The liveness probe asks a path that does not exist",
        "probes",
        "The application answers, but with 404 or 405 for the probe's path.",
        "The probe's message carries that status code.",
        "Correct the probe's path.",
    ),
    Cause(
        "liveness_probe_wrong_protocol",
        "The liveness probe speaks the wrong protocol",
        "probes",
        "The probe speaks HTTP, TCP or gRPC to a port where something else is spoken.",
        "The message shows a malformed or unexpected answer, or a sibling probe on the same port speaks another protocol.",
        "Use the probe the application implements.",
    ),
    Cause(
        "liveness_probe_too_tight",
        "The liveness probe gives the container too little time",
        "probes",
        "The container would get well, but is killed before it can.",
        "Probe time-outs, or kills earlier than the container needs to start.",
        "Add a startup probe, or raise initialDelaySeconds, timeoutSeconds or failureThreshold.",
    ),
    Cause(
        "liveness_probe_unhealthy",
        "The application fails its liveness probe",
        "probes",
        "The probe is right: the application hangs or reports that it is not well.",
        "Time-outs or 5xx answers on a port and path that used to pass.",
        "Find out what the application waits for; roll back when it began with a rollout.",
    ),
    Cause(
        "readiness_probe_wrong_port",
        "The readiness probe asks the wrong port",
        "probes",
        "The application is well and gets no traffic, because nothing listens where the probe knocks.",
        "As for the liveness probe.",
        "Correct the probe's port.",
    ),
    Cause(
        "readiness_probe_wrong_path",
        "The readiness probe asks a path that does not exist",
        "probes",
        "The application answers, but with 404 or 405 for the probe's path.",
        "The probe's message carries that status code.",
        "Correct the probe's path.",
    ),
    Cause(
        "readiness_probe_wrong_protocol",
        "The readiness probe speaks the wrong protocol",
        "probes",
        "The probe speaks HTTP, TCP or gRPC to a port where something else is spoken.",
        "As for the liveness probe.",
        "Use the probe the application implements.",
    ),
    Cause(
        "readiness_probe_too_tight",
        "The readiness probe gives the application too little time to answer",
        "probes",
        "The application answers later than the probe waits.",
        "Probe time-outs while the container runs without restarts.",
        "Raise timeoutSeconds, or give the container more CPU.",
    ),
    Cause(
        "readiness_probe_unhealthy",
        "The application says it is not ready",
        "probes",
        "The probe is right: the application waits for something or is overloaded.",
        "5xx answers or a failing command of the probe.",
        "Find out what it waits for, its dependencies first.",
    ),
)
