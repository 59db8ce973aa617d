"""The shapes the API answers with. Fields that may be absent have a default; fields this version does not know are ignored."""

from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Base: camelCase on the wire, snake_case here."""


class Agent(Shape, frozen=True):
    version: str | None = None
    capabilities: list[str] = []
    cert_expires_at: str | None = None


class Inventory(Shape, frozen=True):
    synced_at: str | None = None
    stale: bool = False


class Cluster(Shape, frozen=True):
    id: str
    name: str
    status: str
    status_reason: str | None = None
    labels: dict[str, str] = {}
    last_heartbeat_at: str | None = None
    agent: Agent | None = None
    kubernetes_version: str | None = None
    counts: dict[str, int] = {}
    clock_offset_ms: int | None = None
    inventory: Inventory | None = None
    created_at: str | None = None
    version: int = 0


class Enrollment(Shape, frozen=True):
    """What a new agent needs: shown once."""

    token: str
    ca_pin: str = ""
    expires_at: str | None = None


class CreatedCluster(Cluster, frozen=True, kw_only=True):
    enrollment: Enrollment


class RevokedCredentials(Shape, frozen=True):
    """`revoked` counts the certificates that were valid until now."""

    id: str
    name: str
    revoked: int


class DeletedCluster(Shape, frozen=True):
    id: str
    name: str
    uninstall: list[str] = []


class Install(Shape, frozen=True):
    method: str
    command: str
    manifest: str | None = None
    expires_at: str | None = None


class Owner(Shape, frozen=True):
    kind: str
    name: str


class Affected(Shape, frozen=True):
    kind: str
    name: str
    namespace: str | None = None
    since: str | None = None


class Snooze(Shape, frozen=True):
    """Nobody is told of the issue until the first of these comes."""

    by: str
    at: str
    until: str | None = None
    occurrences: int | None = None
    occurrences_left: int | None = None
    severity_rises: bool = False


class Issue(Shape, frozen=True):
    id: str
    type: str
    severity: str
    status: str
    cluster: str
    resource: str
    detected_at: str
    namespace: str | None = None
    has_analysis: bool = False
    cluster_id: str = ""
    resource_id: str | None = None
    resource_kind: str = ""
    owner: Owner | None = None
    container: str | None = None
    title: str = ""
    category: str = ""
    substatus: str = ""
    first_seen_at: str | None = None
    last_seen_at: str | None = None
    resolved_at: str | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    count: int = 1
    affected: list[Affected] = []
    assignee: str | None = None
    labels: dict[str, str] = {}
    parent_issue_id: str | None = None
    previous_issue_id: str | None = None
    snooze: Snooze | None = None
    mute_rule_id: str | None = None
    comment_count: int = 0
    facts: dict[str, Any] = {}
    version: int = 0


class Resource(Shape, frozen=True):
    id: str
    kind: str
    name: str
    namespace: str | None = None
    cluster: str = ""
    cluster_id: str = ""
    uid: str = ""
    group: str | None = None
    status: str | None = None
    stale: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    manifest: str | None = None


class ApiKey(Shape, frozen=True):
    id: str
    name: str
    prefix: str = ""
    scopes: list[str] = []
    created_at: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None
    replaced_by: str | None = None


class CreatedKey(ApiKey, frozen=True):
    """A new key with its secret, shown once."""

    key: str = ""


class Member(Shape, frozen=True):
    id: str
    email: str
    role: str
    created_at: str | None = None
    signed_in_at: str | None = None


class Invite(Shape, frozen=True):
    id: str
    role: str
    email: str | None = None
    created_by: str = ""
    created_at: str | None = None
    expires_at: str | None = None


class CreatedInvite(Invite, frozen=True):
    """A new invitation with its link, shown once."""

    token: str = ""
    url: str = ""


class Event(Shape, frozen=True):
    """One entry of the event log; `data` depends on the type (contracts/events.json)."""

    type: str
    id: str | int = ""
    at: str | None = None
    cluster_id: str | None = None
    subject_id: str | None = None
    data: Any = None


class Clusters(Shape, frozen=True):
    clusters: list[Cluster]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None


class Issues(Shape, frozen=True):
    issues: list[Issue]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None


class Resources(Shape, frozen=True):
    resources: list[Resource]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None


class ApiKeys(Shape, frozen=True):
    api_keys: list[ApiKey]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None


class Members(Shape, frozen=True):
    members: list[Member]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None


class Invites(Shape, frozen=True):
    invites: list[Invite]
    total: int
    page: int = 1
    page_size: int = 20


class Events(Shape, frozen=True):
    events: list[Event]
    total: int
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = None
