"""Who does something: a person, an API key, the agent of one cluster, or the system itself. Every transaction carries one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from optral.terms.errors import Forbidden
from optral.terms.ids import ClusterId, KeyId, OrgId, UserId


class ActorKind(StrEnum):
    PERSON = "person"
    KEY = "key"
    AGENT = "agent"
    SYSTEM = "system"


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, for which organisation. `org_id` None is the system across organizations (start-up, clean-up, sign-in).

    `id` is a key_, usr_ or cls_ id, or "system". `clusters` None means every cluster of the organisation. `request_id` and `address`
    (of the caller) go into the audit record; an edge sets them with `dataclasses.replace`. A person who is signed in acts through a
    session, and last typed the password at `confirmed_at`.
    """

    kind: ActorKind
    org_id: OrgId | None
    id: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    clusters: frozenset[ClusterId] | None = None
    role: Role | None = None
    request_id: str = field(default="", compare=False)
    address: str = field(default="", compare=False)
    session_id: str = field(default="", compare=False)
    confirmed_at: datetime | None = field(default=None, compare=False)

    @property
    def credential(self) -> str:
        """What lets the actor in, and ends when it is taken back: a session, or the key itself."""
        return self.session_id or self.id

    def may_see(self, cluster_id: str) -> bool:
        """Tell whether this actor's key is allowed to see the cluster."""
        return self.clusters is None or cluster_id in self.clusters

    def within(self, clusters: Collection[str] | None) -> Collection[str] | None:
        """Those of these clusters that the actor may see. None stands for all clusters of the organisation, given and returned."""
        if self.clusters is None:
            return clusters
        return self.clusters if clusters is None else self.clusters.intersection(clusters)

    def reaches(self, clusters: Collection[str] | None) -> bool:
        """Tell whether the actor may act on all of these clusters; None or none of them means the whole organisation."""
        return self.clusters is None or (bool(clusters) and self.clusters.issuperset(clusters or ()))


def require_reach(actor: Actor, clusters: Collection[str] | None = None, *, field: str = "") -> None:
    """Raise `Forbidden("beyond_own_clusters")` when a key that is limited to clusters would act beyond those.

    `clusters` are what the action concerns, as `Actor.reaches` takes them. `field` is the field of the request that names them, if any.
    """
    if actor.reaches(clusters):
        return
    instead = f"name only those, in {field}" if field else "use a key without that limit, or sign in"
    raise Forbidden("beyond_own_clusters", say=f"this API key is limited to clusters and this concerns others too; {instead}")


def system(org_id: OrgId | None = None) -> Actor:
    """The system acting for one organisation, or across all of them."""
    return Actor(kind=ActorKind.SYSTEM, org_id=org_id, id="system")


def agent(org_id: OrgId, cluster_id: ClusterId) -> Actor:
    """The agent of one cluster; it sees that cluster alone."""
    return Actor(kind=ActorKind.AGENT, org_id=org_id, id=cluster_id, clusters=frozenset({cluster_id}))


def key(org_id: OrgId, key_id: KeyId, *, scopes: frozenset[str], clusters: frozenset[ClusterId] | None, role: Role) -> Actor:
    """An API key, acting for the person who made it."""
    return Actor(kind=ActorKind.KEY, org_id=org_id, id=key_id, scopes=scopes, clusters=clusters, role=role)


def person(org_id: OrgId, user_id: UserId, *, scopes: frozenset[str], role: Role) -> Actor:
    """A signed-in member of the organisation."""
    return Actor(kind=ActorKind.PERSON, org_id=org_id, id=user_id, scopes=scopes, role=role)
