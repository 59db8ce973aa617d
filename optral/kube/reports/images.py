"""Why the kubelet cannot use an image: its waiting reasons, and the messages of registries and runtimes.

Sources: pkg/kubelet/images/types.go, cri-api (pkg/errors). The waiting message often reports only the back-off; the cause is in the Event
"Failed" of the pull.
"""

import re
from enum import StrEnum
from typing import NamedTuple

PULL_REASONS = frozenset({"ImagePullBackOff", "ErrImagePull", "RegistryUnavailable", "SignatureValidationFailed"})
"""Waiting reasons of a container whose image cannot be pulled."""
INVALID_NAME, NEVER_PULL, INSPECT = "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"
UNUSABLE = (INVALID_NAME, NEVER_PULL, INSPECT)
"""Waiting reasons of a container whose image the kubelet does not even try to pull."""


class Kind(StrEnum):
    """What makes a pull fail. The values are facts of issues."""

    RATE_LIMITED = "rateLimited"
    HOST_UNKNOWN = "hostUnknown"
    PLATFORM = "platform"
    SIGNATURE = "signature"
    TLS = "tls"
    DISK_FULL = "diskFull"
    DENIED = "denied"
    NOT_FOUND = "notFound"
    INVALID_NAME = "invalidName"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class PullFailure(NamedTuple):
    """Why a pull fails. `is_permanent`: pulling the same image again will not help."""

    name: Kind
    is_permanent: bool
    pattern: re.Pattern[str]


def _failure(name: Kind, pattern: str, *, permanent: bool) -> PullFailure:
    return PullFailure(name, permanent, re.compile(pattern, re.IGNORECASE))


_FAILURES = (  # the first match wins: a message about denied access often also contains "not found"
    _failure(Kind.RATE_LIMITED, r"toomanyrequests|too many requests|\b429\b", permanent=False),
    _failure(
        Kind.HOST_UNKNOWN,
        r"no such host|server misbehaving|failure in name resolution",
        permanent=False,
    ),
    _failure(Kind.PLATFORM, r"no match for platform|exec format error", permanent=True),
    _failure(Kind.SIGNATURE, r"signature ?validation|source image rejected", permanent=True),
    _failure(Kind.TLS, r"x509|tls:|certificate|http response to https", permanent=False),
    _failure(Kind.DISK_FULL, r"no space left", permanent=False),
    _failure(
        Kind.DENIED,
        r"\b40[13]\b|unauthorized|denied|authoriz|insufficient_scope|anonymous token|no basic auth|authentication (?:is )?required",
        permanent=True,
    ),
    _failure(Kind.NOT_FOUND, r"not ?found|manifest unknown|name unknown|does not exist|\b404\b", permanent=True),
    _failure(
        Kind.INVALID_NAME,
        r"invalid reference|couldn't parse image|invalid image name|short.name .*(?:did not resolve|ambiguous)",
        permanent=True,
    ),
    _failure(
        Kind.UNREACHABLE,
        r"timeout|timed out|registry(?: is )?unavailable|deadline exceeded|connection refused|connection reset|unreachable"
        r"|no route to host|\beof\b|context canceled|\b50\d [a-z]",
        permanent=False,
    ),
)
_NAMES = re.compile(r'"[^"\s]*"|\S*/\S+')
UNKNOWN = _failure(Kind.UNKNOWN, r"", permanent=False)


def pull_failure(message: str) -> PullFailure:
    """The failure that a message of the kubelet or the runtime names; the names of images and registries do not count."""
    words = _NAMES.sub(" ", message)
    return next((failure for failure in _FAILURES if failure.pattern.search(words)), UNKNOWN)
