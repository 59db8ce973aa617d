"""When the object is gone: what the detector wrote down while it was there. Less is known, so less is claimed."""

from collections.abc import Iterator

from optral.analysis import actions
from optral.analysis.calibration import Level
from optral.analysis.case import Case, Focus, cite
from optral.analysis.model import Hypothesis
from optral.analysis.rules.rule import CONFIG, CREATE, LIVENESS, OOM, PULL, RUN, rule
from optral.detectors.pods import image_pull_back_off
from optral.detectors.pods.create_container_config_error import missing_reference

GONE = "Gone"
"""The symptom of an object that is no longer there."""
_IMAGE = {
    "notFound": "image_tag_not_found",
    "denied": "image_pull_unauthorized",
    "hostUnknown": "image_registry_unreachable",
    "unreachable": "image_registry_unreachable",
    "rateLimited": "pull_rate_limited",
    "platform": "wrong_architecture",
    "tls": "certificate_invalid",
    "diskFull": "disk_full",
    "invalidName": "invalid_image_name",
}
_RUNTIME = {
    "executableMissing": "command_not_found",
    "permissionDenied": "permission_denied",
    "wrongArchitecture": "wrong_architecture",
    "notADirectory": "invalid_mount",
    "nameInUse": "stale_container",
    "memoryTooLow": "init_memory_too_small",
}


def remembered(case: Case, focus: Focus) -> Iterator[Hypothesis]:
    question, facts = case.question, case.question.facts
    seen = case.book.fact(question.resource, facts, "image", "limitBytes", "exitCode", "reason", "cause", "message")
    opening = cite(f"{question.resource.short_kind} `{question.resource.name}` no longer exists; this is its last known state.", seen)
    cause, level, words = _judge(question.type, dict(facts))
    if cause is None:
        return
    remedy = actions.advice("Check whether it happens again", "The object that failed no longer exists.", seen)
    yield case.hypothesis(
        cause, focus.thing, level, opening, cite(words, seen), focus=focus, actions=[remedy], missing=["the object that failed"]
    )


def _judge(type_: str, facts: dict[str, object]) -> tuple[str | None, Level, str]:
    message = str(facts.get("message") or "")
    if type_ == OOM:
        if facts.get("isKilledAtStart"):
            return "init_memory_too_small", Level.LIKELY, "Its memory limit was too low to start it."
        return "memory_limit_too_low", Level.PLAUSIBLE, "It was killed for memory."
    if type_ == PULL:
        kind = str(facts.get("cause") or image_pull_back_off.cause_of(message).name)
        return _IMAGE.get(kind), Level.LIKELY, "Its image could not be pulled."
    if type_ in (CREATE, RUN):
        return _RUNTIME.get(str(facts.get("cause"))), Level.LIKELY, "The container runtime could not start it."
    if type_ == CONFIG:
        named = missing_reference(message)
        if "missingKey" in named:
            return "missing_key", Level.LIKELY, "A key that it needs was missing."
        if named:
            return (
                ("missing_secret" if named["missingKind"] == "Secret" else "missing_config_map"),
                Level.LIKELY,
                "An object that it refers to was missing.",
            )
        return (
            ("run_as_root_conflict" if "runAsNonRoot" in message else None),
            Level.LIKELY,
            "It must not run as root, and no other user was set.",
        )
    if type_ == LIVENESS:
        return "liveness_probe_unhealthy", Level.POSSIBLE, "Its liveness probe failed."
    return None, Level.HINT, ""


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
