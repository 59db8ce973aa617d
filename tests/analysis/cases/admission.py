"""Pods that the API server refuses."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, row
from tests.analysis.cluster import World, at, deployment, event, obj, replica_set


def refused(message: str, *extra: Any) -> tuple[World, Explanation]:
    web = deployment(replicas=3, status={"replicas": 1})
    conditions = [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]
    owner = replica_set(web, replicas=3, status={"replicas": 1, "conditions": conditions})
    world = World([web, owner, *extra])
    return world, world.ask("FailedCreate", owner, owner=web)


@case("quota_exceeded", "team")
def exceeds_its_quota() -> tuple[World, Explanation]:
    quota = obj("v1", "ResourceQuota", "team", status={"hard": {"cpu": "4"}, "used": {"cpu": "4"}})
    return refused('pods "api-1-y" is forbidden: exceeded quota: team, requested: cpu=1, used: cpu=4, limited: cpu=4', quota)


TOO_MUCH = (
    'pods "api-1-y" is forbidden: exceeded quota: team, requested: limits.memory=1536Mi,pods=1, '
    "used: limits.memory=3584Mi,pods=2, limited: limits.memory=4Gi,pods=2"
)


def team(hard: dict[str, str], used: dict[str, str]) -> Any:
    return obj("v1", "ResourceQuota", "team", spec={"hard": hard}, status={"hard": hard, "used": used})


@case("quota_exceeded", "team")
def exceeds_two_entries_of_its_quota() -> tuple[World, Explanation]:
    return refused(TOO_MUCH, team({"limits.memory": "4Gi", "pods": "2"}, {"limits.memory": "3584Mi", "pods": "2"}))


@case("quota_exceeded", "team")
def needs_far_more_than_its_quota() -> tuple[World, Explanation]:
    message = 'pods "api-1-y" is forbidden: exceeded quota: team, requested: cpu=8, used: cpu=500m, limited: cpu=1'
    return refused(message, team({"cpu": "1"}, {"cpu": "500m"}))


@case("quota_needs_resources", "api")
def does_not_say_what_it_needs() -> tuple[World, Explanation]:
    return refused("pods is forbidden: failed quota: team: must specify cpu for: api")


@case("limit_range_violation", "api")
def is_beyond_the_bounds() -> tuple[World, Explanation]:
    return refused("pods is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi")


@case("service_account_missing", "api")
def has_no_account() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: error looking up service account orders/api-runner: serviceaccount "api-runner" not found')


@case("pod_security_violation", "api")
def is_not_restricted() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true')


@case("pod_security_violation", "api")
def lacks_three_settings_of_the_restricted_level() -> tuple[World, Explanation]:
    of = 'container "api" must set securityContext'
    return refused(
        'pods "api" is forbidden: violates PodSecurity "baseline:v1.34": allowPrivilegeEscalation != false '
        f"({of}.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or {of}.runAsNonRoot=true), "
        f'seccompProfile (pod or {of}.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )


@case("forbidden", "api")
def names_a_runtime_class_that_nobody_made() -> tuple[World, Explanation]:
    return refused('pods "api" is forbidden: pod rejected: RuntimeClass "gvisor" not found')


@case("webhook_denied", "api")
def is_denied_by_a_policy() -> tuple[World, Explanation]:
    return refused('admission webhook "policy.test" denied the request: images must be signed')


@case("webhook_unavailable", "hook")
def is_refused_since_nobody_answers() -> tuple[World, Explanation]:
    return refused('Internal error: failed calling webhook "policy.test": Post "https://hook.guard.svc:443/v": connect: connection refused')


row("forbidden", "api", "is_forbidden", lambda: refused('pods "api" is forbidden: something new'))
row(
    "forbidden",
    "api",
    "is_denied_by_a_policy_of_the_api_server",
    lambda: refused(
        "pods \"api-1-y\" is forbidden: ValidatingAdmissionPolicy 'image-registry' with binding 'image-registry-prod' denied request: "
        "images must come from registry.test"
    ),
)
row(
    "forbidden",
    "api",
    "has_an_invalid_template",
    lambda: refused(
        'Pod "api-1-y" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'
    ),
)
row(
    "forbidden",
    "api",
    "has_a_selector_that_its_namespace_does_not_allow",
    lambda: refused('pods "api-1-y" is forbidden: pod node label selector conflicts with its namespace node label selector'),
)
row(
    "forbidden",
    "api",
    "is_created_while_its_namespace_goes",
    lambda: refused('pods "api-1-y" is forbidden: unable to create new content in namespace orders because it is being terminated'),
)
row("forbidden", "api", "is_not_created_for_a_slow_store", lambda: refused("etcdserver: request timed out"))


@case("limit_range_violation", "api")
def exceeds_one_of_two_limit_ranges() -> tuple[World, Explanation]:
    pods = obj("v1", "LimitRange", "pods", spec={"limits": [{"type": "Pod", "max": {"memory": "4Gi"}}]})
    each = obj("v1", "LimitRange", "containers", spec={"limits": [{"type": "Container", "max": {"memory": "1024Mi"}}]})
    return refused("pods is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi", pods, each)


FIRST = 'pods "api-1-y" is forbidden: error looking up service account orders/robot: serviceaccount "robot" not found'


def refused_again(message: str, *extra: Any) -> tuple[World, Explanation]:
    """The condition keeps the first rejection; the newest Event reports this one."""
    web = deployment(replicas=3, status={"replicas": 1})
    told = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": FIRST, "lastTransitionTime": at(50)}
    web["status"]["conditions"] = [told]
    owner = replica_set(web, replicas=3, status={"replicas": 1, "conditions": [told]})
    events = [
        event(owner, "FailedCreate", f"Error creating: {FIRST}", minutes_ago=40),
        event(owner, "FailedCreate", f"Error creating: {message}", minutes_ago=2),
    ]
    world = World([web, owner, *events, obj("v1", "ServiceAccount", "robot"), *extra])
    return world, world.ask("FailedCreate", owner, owner=web)


@case("quota_exceeded", "team")
def exceeds_its_quota_since_its_account_exists() -> tuple[World, Explanation]:
    return refused_again(TOO_MUCH, team({"limits.memory": "4Gi", "pods": "2"}, {"limits.memory": "3584Mi", "pods": "2"}))


@case("webhook_denied", "api")
def is_denied_since_its_account_exists() -> tuple[World, Explanation]:
    return refused_again('admission webhook "policy.test" denied the request: images must be signed')


@case("service_account_missing", "api")
def lacks_its_account_since_its_quota_was_raised() -> tuple[World, Explanation]:
    world, _ = refused_again(
        FIRST.replace("robot", "runner"), team({"limits.memory": "16Gi", "pods": "20"}, {"limits.memory": "3584Mi", "pods": "2"})
    )
    for one in world.objects:
        for condition in one.get("status", {}).get("conditions", ()):
            condition["message"] = TOO_MUCH
    return world, world.again()


@case("quota_exceeded", "team")
def exceeded_a_quota_that_has_room_by_now() -> tuple[World, Explanation]:
    return refused(TOO_MUCH, team({"limits.memory": "16Gi", "pods": "20"}, {"limits.memory": "3584Mi", "pods": "2"}))
