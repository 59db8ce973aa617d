"""All SQL of fleet tokens and their uses. Every statement on a tenant table names its organization."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam as b

from optral.clusters.fleet import EnrollmentState, FleetEnrollment, FleetToken
from optral.clusters.tables import clusters, fleet_enrollments as uses, fleet_tokens as tokens
from optral.kit import records
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction

_moment = tokens.c.created_at.type
_OWNER = sa.select(tokens.c.org_id, tokens.c.id).where(tokens.c.hash == b("the_hash"))
_one = sa.and_(tokens.c.org_id == b("org"), tokens.c.id == b("the_id"))
_GET = sa.select(tokens).where(_one)
_HOLD = _GET.with_for_update()
_active = sa.and_(
    tokens.c.org_id == b("org"),
    tokens.c.revoked_at.is_(None),
    tokens.c.expires_at > b("now", type_=_moment),
    tokens.c.uses < tokens.c.max_uses,
)
_newest_first = (tokens.c.created_at.desc(), tokens.c.id.desc())
_LIST = sa.select(tokens).where(tokens.c.org_id == b("org")).order_by(*_newest_first)
_BEFORE = sa.tuple_(tokens.c.created_at, tokens.c.id) < sa.tuple_(b("at", type_=_moment), b("last_id", type_=sa.String))
_COUNT = sa.select(sa.func.count()).select_from(tokens).where(tokens.c.org_id == b("org"))
_LIVE = sa.select(tokens).where(tokens.c.org_id == b("org"), tokens.c.revoked_at.is_(None), tokens.c.expires_at > b("now", type_=_moment))
_COUNT_ACTIVE = sa.select(sa.func.count()).select_from(tokens).where(_active)
_SPEND = (
    sa.update(tokens)
    .where(_active, tokens.c.id == b("the_id"))
    .values(uses=tokens.c.uses + 1, last_used_at=b("now", type_=_moment))
    .returning(tokens.c.uses)
)
_REVOKE = sa.update(tokens).where(_one, tokens.c.revoked_at.is_(None)).values(revoked_at=b("now", type_=_moment))
_OLD = sa.select(tokens.c.id).where(
    tokens.c.org_id == b("org"),
    sa.or_(tokens.c.revoked_at < b("before", type_=_moment), tokens.c.expires_at < b("before", type_=_moment)),
)
_DROP_USES = sa.delete(uses).where(uses.c.org_id == b("org"), uses.c.token_id == b("the_id"))
_DROP = sa.delete(tokens).where(_one)
_use = sa.and_(uses.c.org_id == b("org"), uses.c.cluster_id == b("the_id"))
_GET_USE = sa.select(uses).where(_use)
_NEWEST_USE = (
    sa.select(uses)
    .where(uses.c.org_id == b("org"), uses.c.token_id == b("the_id"), uses.c.kube_system_uid == b("uid"))
    .order_by(uses.c.used_at.desc(), uses.c.cluster_id.desc())
    .limit(1)
)
_UPDATE_USE = (
    sa.update(uses)
    .where(_use)
    .values(
        state=b("new_state"), used_key=b("key"), used_nonce=b("nonce"), address=b("new_address"), fingerprint=b("print"),
        used_at=b("at", type_=uses.c.used_at.type),
    )
)  # fmt: skip
_DECIDE = (
    sa.update(uses)
    .where(_use, uses.c.state == EnrollmentState.WAITING.value)
    .values(state=b("new_state"), decided_by=b("by"), decided_at=b("now", type_=_moment))
)
_OF_TOKEN = (
    sa.select(uses)
    .where(uses.c.org_id == b("org"), uses.c.token_id == b("the_id"))
    .order_by(uses.c.used_at.desc(), uses.c.cluster_id.desc())
)
_WAITING = (
    sa.select(uses)
    .join(clusters, clusters.c.id == uses.c.cluster_id)
    .where(uses.c.org_id == b("org"), uses.c.state == EnrollmentState.WAITING.value, clusters.c.deleted_at.is_(None))
    .order_by(uses.c.used_at, uses.c.cluster_id)
)
_WITH_UID = sa.select(clusters.c.id, clusters.c.name).where(
    clusters.c.org_id == b("org"), clusters.c.kube_system_uid == b("uid"), clusters.c.deleted_at.is_(None)
)
_SET_UID = (
    sa.update(clusters)
    .where(clusters.c.org_id == b("org"), clusters.c.id == b("the_id"))
    .values(
        kube_system_uid=b("uid"),
        status_reason=b("reason"),
        version=clusters.c.version + 1,
        updated_at=b("now", type_=clusters.c.updated_at.type),
    )
)


def owner(tx: Transaction, hashed: str) -> tuple[str, str] | None:
    row = tx.execute(_OWNER, {"the_hash": hashed}).one_or_none()
    return None if row is None else (row.org_id, row.id)


def insert(tx: Transaction, token: FleetToken, *, hashed: str) -> None:
    tx.execute(sa.insert(tokens), records.row(token) | {"org_id": tx.org_id, "hash": hashed})


def get(tx: Transaction, token_id: str, *, lock: bool = False) -> FleetToken | None:
    row = tx.execute(_HOLD if lock else _GET, {"org": tx.org_id, "the_id": token_id}).one_or_none()
    return None if row is None else records.from_columns(FleetToken, row)


def find(tx: Transaction, page: PageRequest) -> list[FleetToken]:
    """Newest first; the page has no other order."""
    statement, parameters = _LIST, dict[str, Any](org=tx.org_id)
    if page.after is not None:
        statement = _LIST.where(_BEFORE)
        parameters |= {"at": page.after.value, "last_id": page.after.id}
    return [records.from_columns(FleetToken, row) for row in tx.execute(statement.limit(page.size).offset(page.offset), parameters)]


def live(tx: Transaction) -> list[FleetToken]:
    return [records.from_columns(FleetToken, row) for row in tx.execute(_LIVE.order_by(*_newest_first), {"org": tx.org_id, "now": tx.now})]


def count(tx: Transaction) -> int:
    return int(tx.execute(_COUNT, {"org": tx.org_id}).scalar_one())


def count_active(tx: Transaction) -> int:
    return int(tx.execute(_COUNT_ACTIVE, {"org": tx.org_id, "now": tx.now}).scalar_one())


def spend(tx: Transaction, token_id: str) -> int | None:
    """Count one use and return its number; None when there is none left: of many at once, no more than allowed get a number."""
    found: int | None = tx.execute(_SPEND, {"org": tx.org_id, "the_id": token_id, "now": tx.now}).scalar_one_or_none()
    return found


def revoke(tx: Transaction, token_id: str) -> bool:
    return tx.execute(_REVOKE, {"org": tx.org_id, "the_id": token_id, "now": tx.now}).rowcount == 1


def drop_ended(tx: Transaction, *, before: datetime) -> list[str]:
    """Forget tokens that ended before then, with their uses; the ids."""
    ended = list(tx.execute(_OLD, {"org": tx.org_id, "before": before}).scalars())
    for token_id in ended:
        for statement in (_DROP_USES, _DROP):
            tx.execute(statement, {"org": tx.org_id, "the_id": token_id})
    return ended


def insert_use(tx: Transaction, use: FleetEnrollment) -> None:
    values = {name: getattr(use, name) for name in use.__slots__}
    tx.execute(sa.insert(uses), {**values, "org_id": tx.org_id, "state": use.state.value})


def use_of(tx: Transaction, cluster_id: str) -> FleetEnrollment | None:
    row = tx.execute(_GET_USE, {"org": tx.org_id, "the_id": cluster_id}).one_or_none()
    return None if row is None else _enrollment(row)


def newest_use(tx: Transaction, token_id: str, kube_system_uid: str) -> FleetEnrollment | None:
    row = tx.execute(_NEWEST_USE, {"org": tx.org_id, "the_id": token_id, "uid": kube_system_uid}).one_or_none()
    return None if row is None else _enrollment(row)


def update_use(tx: Transaction, use: FleetEnrollment) -> None:
    parameters = {
        "org": tx.org_id, "the_id": use.cluster_id, "new_state": use.state.value, "key": use.used_key, "nonce": use.used_nonce,
        "new_address": use.address, "print": use.fingerprint, "at": use.used_at,
    }  # fmt: skip
    tx.execute(_UPDATE_USE, parameters)


def decide(tx: Transaction, cluster_id: str, state: EnrollmentState) -> bool:
    """Approve or reject a use that waits; False when it does not wait."""
    parameters = {"org": tx.org_id, "the_id": cluster_id, "new_state": state.value, "by": tx.actor.id, "now": tx.now}
    return tx.execute(_DECIDE, parameters).rowcount == 1


def uses_of(tx: Transaction, token_id: str, *, limit: int) -> list[FleetEnrollment]:
    """Newest first."""
    return [_enrollment(row) for row in tx.execute(_OF_TOKEN.limit(limit), {"org": tx.org_id, "the_id": token_id})]


def waiting(tx: Transaction, *, limit: int) -> list[FleetEnrollment]:
    return [_enrollment(row) for row in tx.execute(_WAITING.limit(limit), {"org": tx.org_id})]


def cluster_with_uid(tx: Transaction, kube_system_uid: str) -> tuple[str, str] | None:
    """Id and name of a live cluster that is this Kubernetes cluster."""
    row = tx.execute(_WITH_UID.limit(1), {"org": tx.org_id, "uid": kube_system_uid}).one_or_none()
    return None if row is None else (row.id, row.name)


def set_uid(tx: Transaction, cluster_id: str, kube_system_uid: str, *, reason: str) -> None:
    tx.execute(_SET_UID, {"org": tx.org_id, "the_id": cluster_id, "uid": kube_system_uid, "reason": reason, "now": tx.now})


def _enrollment(row: sa.Row[Any]) -> FleetEnrollment:
    values = {name: getattr(row, name) for name in FleetEnrollment.__slots__} | {"state": EnrollmentState(row.state)}
    return FleetEnrollment(**values)
