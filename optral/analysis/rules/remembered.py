"""Objects that no longer exist: what the detector recorded while they did. Less is known, so the levels are lower."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from optral.analysis.engine.calibration import Level
from optral.analysis.model import Hypothesis
from optral.analysis.reading.case import Case, Focus, cite
from optral.analysis.remedies import actions
from optral.analysis.rules.rule import CONFIG, CREATE, LIVENESS, OOM, PULL, RUN, rule
from optral.kube.reports import images
from optral.kube.reports.containers import root_refusal
from optral.kube.reports.images import Kind
from optral.kube.reports.mounts import missing_reference
from optral.kube.reports.runtime import Failure

GONE = "Gone"
"""The symptom of an object that no longer exists."""
_IMAGE: dict[str, str] = {
    Kind.NOT_FOUND: "image_tag_not_found",
    Kind.DENIED: "image_pull_unauthorized",
    Kind.HOST_UNKNOWN: "image_registry_unreachable",
    Kind.UNREACHABLE: "image_registry_unreachable",
    Kind.RATE_LIMITED: "pull_rate_limited",
    Kind.PLATFORM: "wrong_architecture",
    Kind.SIGNATURE: "image_signature_rejected",
    Kind.TLS: "certificate_invalid",
    Kind.DISK_FULL: "disk_full",
    Kind.INVALID_NAME: "invalid_image_name",
}
_RUNTIME: dict[str, str] = {
    Failure.EXECUTABLE_MISSING: "command_not_found",
    Failure.PERMISSION_DENIED: "permission_denied",
    Failure.WRONG_ARCHITECTURE: "wrong_architecture",
    Failure.NOT_A_DIRECTORY: "invalid_mount",
    Failure.NAME_IN_USE: "stale_container",
    Failure.MEMORY_TOO_LOW: "init_memory_too_small",
    Failure.FILE_MISSING: "invalid_mount",
    Failure.SECURITY_PROFILE: "security_profile_unavailable",
    Failure.DEVICE: "device_unavailable",
    Failure.HOOK: "runtime_hook_failed",
    Failure.DISK_FULL: "disk_full",
}


class _Known(NamedTuple):
    cause: str
    level: Level
    words: str


def remembered(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    """What the facts of the issue state about an object that no longer exists."""
    question, facts = case.question, case.question.facts
    read = _READERS.get(question.type)
    known = read(dict(facts)) if read is not None else None
    if known is None:
        return
    detected = case.book.fact(question.resource, facts, "image", "limitBytes", "exitCode", "reason", "cause", "message")
    words = f"{question.resource.short_kind} `{question.resource.name}` no longer exists; this is its last known state."
    remedy = actions.advice("Check whether it happens again", "The object that failed no longer exists.", detected)
    yield focus.hypothesis(
        known.cause,
        focus.obj,
        known.level,
        cite(words, detected),
        cite(known.words, detected),
        actions=[remedy],
        missing=["the object that failed"],
    )


def _memory(facts: dict[str, object]) -> _Known:
    if facts.get("isKilledAtStart"):
        return _Known("init_memory_too_small", Level.LIKELY, "Its memory limit was too low to start it.")
    return _Known("memory_limit_too_low", Level.PLAUSIBLE, "It was OOM-killed.")


def _image(facts: dict[str, object]) -> _Known | None:
    kind = str(facts.get("cause") or images.pull_failure(_message(facts)).name)
    return _known(_IMAGE.get(kind), "Its image could not be pulled.")


def _runtime(facts: dict[str, object]) -> _Known | None:
    return _known(_RUNTIME.get(str(facts.get("cause"))), "The container runtime could not start it.")


def _configuration(facts: dict[str, object]) -> _Known | None:
    missing = missing_reference(_message(facts))
    if "missingKey" in missing:
        return _known("missing_key", "A key that it needs was missing.")
    if missing:
        cause = "missing_secret" if missing["missingKind"] == "Secret" else "missing_config_map"
        return _known(cause, "An object that it refers to was missing.")
    refusal = root_refusal(_message(facts))
    return _known("run_as_root_conflict" if refusal is not None else None, "It must not run as root, and no other user was set.")


def _liveness(_: dict[str, object]) -> _Known:
    return _Known("liveness_probe_unhealthy", Level.POSSIBLE, "Its liveness probe failed.")


def _known(cause: str | None, words: str) -> _Known | None:
    return None if cause is None else _Known(cause, Level.LIKELY, words)


def _message(facts: dict[str, object]) -> str:
    return str(facts.get("message") or "")


_READERS: dict[str, Callable[[dict[str, object]], _Known | None]] = {
    OOM: _memory,
    PULL: _image,
    CREATE: _runtime,
    RUN: _runtime,
    CONFIG: _configuration,
    LIVENESS: _liveness,
}
"""By issue type."""
RULES = (
    rule(
        remembered,
        {GONE},
        {
            *_IMAGE.values(),
            *_RUNTIME.values(),
            "memory_limit_too_low",
            "missing_key",
            "missing_secret",
            "missing_config_map",
            "run_as_root_conflict",
            "liveness_probe_unhealthy",
        },
    ),
)
