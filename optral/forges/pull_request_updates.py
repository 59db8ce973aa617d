"""Webhooks of forges: who signed a request, and which pull request it is about. Pure.

Nothing in a request is believed but that a pull request should be looked at: a repeated request looks once more. Sources: GitHub
documentation, "Validating webhook deliveries"; GitLab documentation, "Webhooks"; Gitea documentation, "Webhooks".
"""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from optral.forges.model import Kind
from optral.kit import signature
from optral.terms.errors import Invalid

_EVENTS = {
    Kind.GITHUB: ("x-github-event", "pull_request"),
    Kind.GITLAB: ("x-gitlab-event", "Merge Request Hook"),
    Kind.GITEA: ("x-gitea-event", "pull_request"),
}
MAX_NUMBER = 2**31 - 1
_ENDS = frozenset({"closed", "close", "merge", "reopened", "reopen"})


class PullRequestUpdate(NamedTuple):
    """A pull request that was merged, closed or opened again."""

    repository: str
    number: int


def is_signed(kind: Kind, headers: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Whether the forge that has this secret sent the body; takes as long for any other. The names of headers are in lower case."""
    if kind is Kind.GITLAB:  # sends the secret itself
        return hmac.compare_digest(headers.get("x-gitlab-token", "").encode(), secret.encode())
    given = headers.get("x-gitea-signature", "") if kind is Kind.GITEA else headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    return signature.is_hex_signed([given], body, keys=[secret])


def read(kind: Kind, headers: Mapping[str, str], body: bytes) -> PullRequestUpdate | None:
    """What a request reports; None for another event. Raises `Invalid("invalid_body")` for an event that cannot be read."""
    name, wanted = _EVENTS[kind]
    if headers.get(name, "") != wanted:
        return None
    try:
        given = msgspec.json.decode(body)
        found = _merge_request(given) if kind is Kind.GITLAB else _pull_request(given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, ValueError):
        say = "the body is no pull request event in JSON; set the content type of the webhook to application/json"
        raise Invalid("invalid_body", say=say, errors=[{"field": "", "code": "invalid_body", "message": say}]) from None
    action, news = found
    return news if action in _ENDS and 0 < news.number <= MAX_NUMBER else None


def _pull_request(given: Any) -> tuple[str, PullRequestUpdate]:
    return str(given["action"]), PullRequestUpdate(str(given["repository"]["full_name"]), int(given["pull_request"]["number"]))


def _merge_request(given: Any) -> tuple[str, PullRequestUpdate]:
    found = given["object_attributes"]
    return str(found.get("action", "")), PullRequestUpdate(str(given["project"]["path_with_namespace"]), int(found["iid"]))
