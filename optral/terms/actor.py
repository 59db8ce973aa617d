"""Who does something: a person, an API key, the agent of one cluster, or the system itself. Every transaction carries one."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from optral.terms.errors import Forbidden
from optral.terms.ids import ClusterId, KeyId, OrgId, UserId
from optral.terms.reach import Area, Areas, Grant, Reach, bounds


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
    """Who acts, for which organization. `org_id` None is the system across organizations (start-up, clean-up, sign-in).

    `id` is a key_, usr_ or cls_ id, or "system". `reach` None means the whole organization. `grants` are what `reach` and `scopes` come
    from where the scopes differ by place: of a member with bindings, and of that member's keys. `request_id` and `address` (of the caller)
    go into the audit record; an edge sets them with `dataclasses.replace`. A person who is signed in acts through a session, and last typed
    the password at `confirmed_at`.
    """

    kind: ActorKind
    org_id: OrgId | None
    id: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    reach: Reach | None = None
    grants: tuple[Grant, ...] | None = None
    role: Role | None = None
    request_id: str = field(default="", compare=False)
    address: str = field(default="", compare=False)
    session_id: str = field(default="", compare=False)
    confirmed_at: datetime | None = field(default=None, compare=False)

    @property
    def credential(self) -> str:
        """What lets the actor in, and ends when it is taken back: a session, or the key itself."""
        return self.session_id or self.id

    @property
    def clusters(self) -> frozenset[str] | None:
        """The clusters that the actor may see something of; None: every cluster."""
        return None if self.reach is None else self.reach.clusters

    @property
    def ends_at(self) -> datetime | None:
        """When the first of the grants ends, so that the actor may see less than before; None: never."""
        return min((grant.ends_at for grant in self.grants or () if grant.ends_at is not None), default=None)

    @property
    def sees_whole_clusters(self) -> bool:
        """Whether the clusters that the actor may see are seen as a whole, with what is outside of namespaces."""
        return self.reach is None or not self.reach.has_namespaces

    def may_see_cluster(self, cluster_id: str) -> bool:
        """Tell whether the actor may see the cluster itself; `may_see` asks for what is in it."""
        return self.reach is None or self.reach.has_cluster(cluster_id)

    def may_see(self, cluster_id: str, namespace: str | None) -> bool:
        """Tell whether the actor may see an object of this namespace (None or empty: outside of namespaces)."""
        return self.reach is None or self.reach.has(cluster_id, namespace)

    def may(self, scope: str, cluster_id: str, namespace: str | None) -> bool:
        """Tell whether the actor may see an object and has the scope there."""
        if self.grants is None:
            return scope in self.scopes and self.may_see(cluster_id, namespace)
        return any(scope in grant.scopes and grant.area.has(cluster_id, namespace) for grant in self.grants)

    def within(self, clusters: Collection[str] | None, namespaces: Collection[str] | None = None) -> Areas:
        """What the actor may see of these clusters and namespaces. None stands for all of them, given and returned."""
        if self.reach is not None:
            return self.reach.within(clusters, namespaces)
        if clusters is None and namespaces is None:
            return None
        return Reach((Area(),)).within(clusters, namespaces)

    def within_whole(self, clusters: Collection[str] | None) -> frozenset[str] | None:
        """Those of these clusters that the actor sees as a whole, for what has no namespace. None stands for all, given and returned."""
        areas = self.within(clusters)
        return None if areas is None else bounds(area for area in areas if area.namespaces is None).clusters

    def reaches(self, clusters: Collection[str] | None, namespaces: Collection[str] | None = None) -> bool:
        """Tell whether the actor may act on all of this; no clusters mean the whole organization, no namespaces whole clusters."""
        return self.reach is None or self.reach.covers(clusters, namespaces)

    def using(self, scope: str) -> "Actor":
        """The same actor where it has this scope: it neither sees nor changes anything elsewhere. Itself without grants."""
        if self.grants is None:
            return self
        return replace(self, **_from(tuple(grant for grant in self.grants if scope in grant.scopes)), grants=self.grants)

    def on_whole_clusters(self) -> "Actor":
        """The same actor in the clusters that it reaches as a whole. Raises `Forbidden("beyond_own_namespaces")` without any."""
        if self.sees_whole_clusters or self.reach is None:
            return self
        whole = tuple(area for area in self.reach.areas if area.namespaces is None)
        if not whole:
            say = "your access is limited to namespaces and this concerns whole clusters; ask an owner or admin of the organization"
            raise Forbidden("beyond_own_namespaces", say=say)
        return replace(self, reach=Reach(whole))


def _from(grants: tuple[Grant, ...]) -> dict[str, Any]:
    """Reach, scopes and role of somebody with these grants. The role is the lowest of them, for what is asked of a role alone."""
    order = tuple(Role)
    return {
        "reach": Reach(Reach(tuple(grant.area for grant in grants)).within()),
        "scopes": frozenset().union(*(grant.scopes for grant in grants)),
        "role": max((Role(grant.role) for grant in grants), key=order.index, default=None),
    }


def bound(actor: Actor, grants: tuple[Grant, ...]) -> Actor:
    """The actor with these grants alone."""
    return replace(actor, **_from(grants), grants=grants)


def require_reach(
    actor: Actor, clusters: Collection[str] | None = None, namespaces: Collection[str] | None = None, *, field: str = ""
) -> None:
    """Raise `Forbidden` when an actor who is limited to clusters or namespaces would act beyond those.

    `clusters` and `namespaces` are what the action concerns, as `Actor.reaches` takes them. `field` is the field of the request that names
    them, if any. The codes are "beyond_own_clusters" and, for a limit to namespaces, "beyond_own_namespaces".
    """
    if actor.reaches(clusters, namespaces):
        return
    what = "clusters" if actor.sees_whole_clusters else "namespaces"
    if actor.kind is ActorKind.PERSON:
        instead = f"name only those, in {field}" if field else "ask an owner or admin of the organization"
        raise Forbidden(f"beyond_own_{what}", say=f"you have access to some {what} only, and this request includes others; {instead}")
    instead = f"name only those, in {field}" if field else "use a key without that limit, or sign in"
    raise Forbidden(f"beyond_own_{what}", say=f"this API key has access to some {what} only, and this request includes others; {instead}")


def of_clusters(clusters: Collection[str] | None) -> Reach | None:
    """The reach of whoever is limited to whole clusters."""
    return None if clusters is None else Reach((Area(frozenset(clusters)),))


def system(org_id: OrgId | None = None) -> Actor:
    """The system acting for one organization, or across all of them."""
    return Actor(kind=ActorKind.SYSTEM, org_id=org_id, id="system")


def agent(org_id: OrgId, cluster_id: ClusterId) -> Actor:
    """The agent of one cluster; it sees that cluster alone."""
    return Actor(kind=ActorKind.AGENT, org_id=org_id, id=cluster_id, reach=of_clusters({cluster_id}))


def key(org_id: OrgId, key_id: KeyId, *, scopes: frozenset[str], clusters: frozenset[ClusterId] | None, role: Role) -> Actor:
    """An API key, acting for the person who made it."""
    return Actor(kind=ActorKind.KEY, org_id=org_id, id=key_id, scopes=scopes, reach=of_clusters(clusters), role=role)


def person(org_id: OrgId, user_id: UserId, *, scopes: frozenset[str], role: Role) -> Actor:
    """A signed-in member of the organization."""
    return Actor(kind=ActorKind.PERSON, org_id=org_id, id=user_id, scopes=scopes, role=role)
