"""Bindings of members: a role for some clusters and namespaces, with or without an end. No I/O.

A limited member has only what bindings give, and no access when none is in force: a binding that ends or is removed never gives more than
before. A binding names clusters by id or by the labels that people gave them in Optral. Labels of Kubernetes
objects do not count: whoever may write an object could let others see it, and issues, events and executions have no such labels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from optral.access.model import LIMITED_KEY_SCOPES, ROLE_SCOPES
from optral.terms.actor import Role
from optral.terms.errors import Invalid
from optral.terms.ids import UserId
from optral.terms.reach import Area, Grant
from optral.terms.refs import why_no_namespace

MAX_BINDINGS = 20
"""Of one member."""
MAX_PLACES = 100
MAX_LABELS = 8
LONGEST = timedelta(days=366)
KEPT = timedelta(days=30)
"""So long a binding is listed after its end."""
OF_WHOLE_CLUSTERS = frozenset({"clusters:write", "webhooks:read", "webhooks:write", "detectors:write", "resources:probe"})
"""What no role gives in namespaces alone, since it concerns whole clusters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingSettings:
    """What people set. None of `clusters` (ids), `namespaces`, `cluster_labels`: no limit; a cluster must be named and have all labels."""

    role: Role
    clusters: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None
    cluster_labels: Mapping[str, str] | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding(BindingSettings):
    """One binding of a member."""

    id: str
    user_id: UserId
    created_by: str
    created_at: datetime
    provider_id: str | None = None
    """The identity provider that gave it, and replaces it at the next sign-in; None: people gave it here."""

    def is_active(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at

    def grant(self, labelled: frozenset[str] | None) -> Grant:
        """What it gives. `labelled` are the clusters that have its labels now; None where it has none."""
        clusters = self.clusters if labelled is None else labelled if self.clusters is None else self.clusters & labelled
        return Grant(self.role.value, scopes_of(self), Area(clusters, self.namespaces), self.ends_at)


def scopes_of(binding: Binding) -> frozenset[str]:
    """What may be done in the places of a binding: what its role may, but for what concerns the whole organization."""
    scopes = ROLE_SCOPES[binding.role] & LIMITED_KEY_SCOPES
    return scopes if binding.namespaces is None else scopes - OF_WHOLE_CLUSTERS


def in_force(grants: Iterable[Grant], now: datetime) -> tuple[Grant, ...]:
    """Those that have not ended."""
    return tuple(grant for grant in grants if grant.ends_at is None or now < grant.ends_at)


def of_key(grants: Iterable[Grant], *, scopes: frozenset[str], clusters: frozenset[str] | None) -> tuple[Grant, ...]:
    """What is left of its creator's grants for an API key with these scopes, limited to these clusters (None: not limited)."""
    narrowed = ((grant, grant.area.narrowed(clusters, None)) for grant in grants)
    return tuple(Grant(one.role, one.scopes & scopes, area, one.ends_at) for one, area in narrowed if area is not None)


def check(binding: BindingSettings, *, now: datetime) -> None:
    """Raise `Invalid` for a binding that no member can have."""
    if binding.role is Role.OWNER:
        raise _invalid("role", "an owner owns the whole organization; choose admin, operator or viewer")
    if binding.clusters is None and binding.namespaces is None and binding.cluster_labels is None and binding.ends_at is None:
        raise _invalid("clusters", "name clusters, clusterLabels or namespaces, or give endsAt; otherwise change the member's role")
    for field, given, most in (
        ("clusters", binding.clusters, MAX_PLACES),
        ("namespaces", binding.namespaces, MAX_PLACES),
        ("clusterLabels", binding.cluster_labels, MAX_LABELS),
    ):
        if given is not None and not 1 <= len(given) <= most:
            raise _invalid(field, f"{field}: give 1 to {most}, or omit it")
    for name in sorted(binding.namespaces or ()):
        if (why := why_no_namespace(name)) is not None:
            raise _invalid("namespaces", why)
    if binding.ends_at is not None and not now < binding.ends_at <= now + LONGEST:
        raise _invalid("endsAt", "endsAt must be in the future and at most one year away")


def _invalid(field: str, say: str) -> Invalid:
    return Invalid("invalid_binding", say=say, errors=[{"field": field, "code": "invalid_binding", "message": say}])
