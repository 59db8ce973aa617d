"""Why the API server rejects an object, by its message, and how the controller that wanted to create it reports that.

Sources: plugin/pkg/admission and apiserver/pkg/admission/plugin of Kubernetes. A ReplicaSet keeps the message as a condition; the other
controllers only send an Event.
"""

import re
from enum import StrEnum
from typing import NamedTuple

REPLICA_FAILURE = "ReplicaFailure"
"""The condition of a ReplicaSet whose pods are rejected."""
NOT_CREATED = "FailedCreate"
"""Reason of that condition, and of the Event of any controller."""
MAX_MESSAGE = 4000


class Kind(StrEnum):
    """What rejects an object. The values are facts of issues."""

    QUOTA_EXCEEDED = "quotaExceeded"
    LIMITS_REQUIRED = "limitsRequired"
    LIMIT_RANGE = "limitRange"
    SERVICE_ACCOUNT_MISSING = "serviceAccountMissing"
    POD_SECURITY = "podSecurity"
    WEBHOOK_FAILED = "webhookFailed"
    WEBHOOK_DENIED = "webhookDenied"
    POLICY_DENIED = "policyDenied"
    NAMESPACE_TERMINATING = "namespaceTerminating"
    PRIORITY_CLASS_MISSING = "priorityClassMissing"
    RUNTIME_CLASS_MISSING = "runtimeClassMissing"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


class Rejection(NamedTuple):
    """Why an object is rejected, and what the message names: a quota, a webhook, a ServiceAccount, a class."""

    kind: Kind
    named: str | None = None


class Exceeded(NamedTuple):
    """The amounts of an exceeded quota, by resource, as the API server writes them. Only resources with too little left are listed."""

    requested: dict[str, str]
    used: dict[str, str]
    limited: dict[str, str]


_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.QUOTA_EXCEEDED, r"exceeded quota: ([^,\s]+)"),
        (Kind.LIMITS_REQUIRED, r"failed quota: ([^:\s]+): must specify"),
        (
            Kind.LIMIT_RANGE,
            r"(?:maximum|minimum) \S+ usage per|max(?:imum)? limit to request ratio",
        ),
        (
            Kind.SERVICE_ACCOUNT_MISSING,
            r'looking up service account [^/\s]+/([^\s:]+)|serviceaccount "([^"]+)" not found',
        ),
        (Kind.POD_SECURITY, r"violates PodSecurity \"?([\w:.-]+)"),
        (Kind.WEBHOOK_FAILED, r'failed calling webhook "([^"]+)"'),
        (Kind.WEBHOOK_DENIED, r'admission webhook "([^"]+)" denied'),
        (Kind.POLICY_DENIED, r"ValidatingAdmissionPolicy '([^']+)'.{0,300} denied request"),
        (Kind.NAMESPACE_TERMINATING, r"being terminated"),
        (Kind.PRIORITY_CLASS_MISSING, r"no PriorityClass with name (\S+)"),
        (Kind.RUNTIME_CLASS_MISSING, r'RuntimeClass "([^"]+)" not found'),
        (Kind.INVALID, r"is invalid"),
        (Kind.FORBIDDEN, r"forbidden"),
    )
)
"""The first match counts."""
_AMOUNTS = re.compile(r"requested: (.+?), used: (.+?), limited: (.+)$", re.DOTALL)
_AMOUNT = re.compile(r"([A-Za-z0-9./_-]{1,200})=([^,\s]{1,40})")
_OWN_NAME = re.compile(r'"[^"]*"|\d+')
_CLAIM = re.compile(r'persistentvolumeclaims "([a-z0-9.-]{1,253})" is forbidden: exceeded quota: ')


def rejection(message: str) -> Rejection:
    for kind, pattern in _PATTERNS:
        if (match := pattern.search(message)) is not None:
            return Rejection(kind, next((group for group in match.groups() if group), None))
    return Rejection(Kind.UNKNOWN)


def is_same(one: str, other: str) -> bool:
    """Whether two messages reject objects of one controller for the same reason; the names and numbers in them may differ."""
    first, second = rejection(one), rejection(other)
    if first.named or second.named:
        return first == second
    return first == second and _OWN_NAME.sub("", one[:MAX_MESSAGE]) in _OWN_NAME.sub("", other[:MAX_MESSAGE])


def exceeded(message: str) -> Exceeded | None:
    """The amounts in the rejection of an exceeded quota."""
    found = _AMOUNTS.search(message[:MAX_MESSAGE])
    return None if found is None else Exceeded(*(dict(_AMOUNT.findall(text)) for text in found.groups()))


def refused_claim(message: str) -> str | None:
    """The claim that an exceeded quota refuses; None where it refuses pods."""
    return None if (found := _CLAIM.search(message)) is None else found.group(1)
