"""Requests as the webhooks of forges send them. Fields are those of their public documentation, as far as Optral reads them."""

import hashlib
import hmac
import json
from typing import Any

from optral.forges.model import Kind

EVENTS = {
    Kind.GITHUB: ("x-github-event", "pull_request"),
    Kind.GITLAB: ("x-gitlab-event", "Merge Request Hook"),
    Kind.GITEA: ("x-gitea-event", "pull_request"),
}
MERGED = {Kind.GITHUB: "closed", Kind.GITLAB: "merge", Kind.GITEA: "closed"}


def merged(kind: Kind, repository: str, number: int, *, action: str = "") -> bytes:
    """The body for a pull request that was merged."""
    action = action or MERGED[kind]
    if kind is Kind.GITLAB:
        found: dict[str, Any] = {
            "object_kind": "merge_request",
            "project": {"path_with_namespace": repository},
            "object_attributes": {"iid": number, "action": action, "state": "merged"},
        }
    else:
        pull = {"number": number, "merged": True, "state": "closed"}
        found = {"action": action, "number": number, "pull_request": pull, "repository": {"full_name": repository}}
    return json.dumps(found).encode()


def signed(kind: Kind, body: bytes, secret: str, *, event: str = "") -> dict[str, str]:
    """The headers of a forge that has this secret."""
    name, usual = EVENTS[kind]
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    proof = {
        Kind.GITHUB: {"x-hub-signature-256": f"sha256={digest}"},
        Kind.GITLAB: {"x-gitlab-token": secret},
        Kind.GITEA: {"x-gitea-signature": digest},
    }[kind]
    return {"content-type": "application/json", name: event or usual} | proof
