"""The SQL of triage: mute rules, comments, and snoozes and rules that are due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from optral.issues.model import Comment, Issue
from optral.issues.repository import WHOLE, issue_of
from optral.issues.tables import issue_comments, issues, mute_rules
from optral.issues.triage.mutes import Match, MuteRule
from optral.kit.paging import PageRequest
from optral.store import areas
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

_org: sa.BindParameter[str] = sa.bindparam("org")
_ids: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_limit: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_live = issues.c.status != sa.literal_column("'resolved'")  # no parameter: SQLite would not use a partial index


def _moment(name: str, column: sa.Column[Any]) -> Any:
    return sa.bindparam(name, type_=column.type)


# --- issues

_BY_IDS = WHOLE.where(issues.c.org_id == _org, issues.c.id.in_(_ids)).order_by(issues.c.id)
_CLUSTERS_OF = sa.select(issues.c.cluster_id).where(issues.c.org_id == _org, issues.c.id.in_(_ids)).distinct().order_by(issues.c.cluster_id)
_MUTED_BY = (
    sa.select(issues.c.id)
    .where(issues.c.org_id == _org, issues.c.mute_rule_id == sa.bindparam("rule"), issues.c.id > sa.bindparam("after"), _live)
    .order_by(issues.c.id)
    .limit(_limit)
)
_MUTED = (
    sa.select(issues.c.mute_rule_id, sa.func.count().label("number"))
    .where(issues.c.org_id == _org, issues.c.mute_rule_id.in_(_ids), _live)
    .group_by(issues.c.mute_rule_id)
)
_ASSIGNED = (
    sa.select(issues.c.id)
    .where(issues.c.org_id == _org, issues.c.assignee == sa.bindparam("person"), _live)
    .order_by(issues.c.id)
    .limit(_limit)
)
_DUE_SNOOZES = (
    sa.select(issues.c.org_id, issues.c.id)
    .where(issues.c.snoozed_until <= _moment("now", issues.c.snoozed_until))
    .order_by(issues.c.snoozed_until, issues.c.id)
    .limit(_limit)
)


def issues_of(tx: Transaction, ids: Collection[str]) -> list[Issue]:
    """The issues with these ids that exist, by id."""
    return [issue_of(row) for row in tx.execute(_BY_IDS, {"org": tx.org_id, "ids": list(ids)})] if ids else []


def clusters_of(tx: Transaction, ids: Collection[str]) -> list[str]:
    return list(tx.execute(_CLUSTERS_OF, {"org": tx.org_id, "ids": list(ids)}).scalars()) if ids else []


def live_after(tx: Transaction, match: Match, after: str, limit: int) -> list[str]:
    """Ids of the next unresolved issues that the rule may match."""
    statement = sa.select(issues.c.id).where(issues.c.org_id == _org, _live, issues.c.id > after).order_by(issues.c.id).limit(limit)
    for column, chosen in ((issues.c.type, match.types), (issues.c.cluster_id, match.clusters), (issues.c.owner_kind, match.kinds)):
        if chosen:
            statement = statement.where(column.in_(chosen))
    return list(tx.execute(statement, {"org": tx.org_id}).scalars())


def muted_by(tx: Transaction, rule_id: str, after: str, limit: int) -> list[str]:
    """Ids of the next unresolved issues that the rule mutes."""
    return list(tx.execute(_MUTED_BY, {"org": tx.org_id, "rule": rule_id, "after": after, "limit": limit}).scalars())


def muted(tx: Transaction, rule_ids: Collection[str], *, within: Areas = None) -> dict[str, int]:
    """How many unresolved issues each rule mutes in these areas."""
    if not rule_ids:
        return {}
    found = _MUTED.where(*areas.inside(areas.pattern_of(within), issues.c.cluster_id, issues.c.namespace))
    values = {"org": tx.org_id, "ids": list(rule_ids), **areas.values_of(within)}
    return {row.mute_rule_id: row.number for row in tx.execute(found, values)}


def assigned_to(tx: Transaction, person: str, limit: int) -> list[str]:
    return list(tx.execute(_ASSIGNED, {"org": tx.org_id, "person": person, "limit": limit}).scalars())


def due_snoozes(tx: Transaction, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, issue) of snoozes that have ended by time, of all organizations."""
    return [(row.org_id, row.id) for row in tx.execute(_DUE_SNOOZES, {"now": now, "limit": limit})]


# --- mute rules


@dataclass(frozen=True, slots=True)
class Stored:
    """A rule, and the issue up to which its current version was applied; None: to all."""

    rule: MuteRule
    swept_to: str | None


_IN_FORCE = (
    sa.select(mute_rules)
    .where(mute_rules.c.org_id == _org, mute_rules.c.ended_at.is_(None))
    .order_by(mute_rules.c.created_at, mute_rules.c.id)
    .limit(_limit)
)
_RULE = sa.select(mute_rules).where(mute_rules.c.org_id == _org, mute_rules.c.id == sa.bindparam("rule"))
_INSERT_RULE = sa.insert(mute_rules)
_as_known = (mute_rules.c.org_id == _org, mute_rules.c.id == sa.bindparam("rule"), mute_rules.c.version == sa.bindparam("known"))
_UPDATE_RULE = (
    sa.update(mute_rules)
    .where(*_as_known)
    .values({name: sa.bindparam("p_" + name) for name in ("reason", "expires_at", "updated_at", "version", "ended_at", "swept_to")})
)
_SWEPT = sa.update(mute_rules).where(*_as_known).values(swept_to=sa.bindparam("to", type_=mute_rules.c.swept_to.type))
_EXPIRED = (
    sa.select(mute_rules.c.org_id, mute_rules.c.id)
    .where(mute_rules.c.expires_at <= _moment("now", mute_rules.c.expires_at), mute_rules.c.ended_at.is_(None))
    .order_by(mute_rules.c.expires_at)
    .limit(_limit)
)
_UNSWEPT = (
    sa.select(mute_rules.c.org_id, mute_rules.c.id)
    .where(mute_rules.c.swept_to.is_not(None), mute_rules.c.updated_at <= _moment("before", mute_rules.c.updated_at))
    .limit(_limit)
)
_OLD_RULES = sa.select(mute_rules.c.id).where(mute_rules.c.ended_at < _moment("before", mute_rules.c.ended_at)).limit(_limit)
_DELETE_RULES = sa.delete(mute_rules).where(mute_rules.c.id.in_(_ids))


def rules_in_force(tx: Transaction, limit: int) -> list[MuteRule]:
    """Rules that have not ended, oldest first."""
    return [_rule(row) for row in tx.execute(_IN_FORCE, {"org": tx.org_id, "limit": limit})]


def rule(tx: Transaction, rule_id: str) -> Stored | None:
    row = tx.execute(_RULE, {"org": tx.org_id, "rule": rule_id}).first()
    return None if row is None else Stored(_rule(row), row.swept_to)


def insert_rule(tx: Transaction, new: MuteRule, *, swept_to: str | None) -> None:
    row = {
        "id": new.id,
        "org_id": tx.org_id,
        "reason": new.reason,
        "match": new.match.plain(),
        "expires_at": new.expires_at,
        "created_by": new.created_by,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
        "version": new.version,
        "ended_at": new.ended_at,
        "swept_to": swept_to,
    }
    tx.execute(_INSERT_RULE, row)


def update_rule(tx: Transaction, after: MuteRule, *, swept_to: str | None, known: int) -> bool:
    """Replace version `known`; False if the rule has another version by now."""
    names = ("reason", "expires_at", "updated_at", "version", "ended_at")
    values = {"p_" + name: getattr(after, name) for name in names} | {"p_swept_to": swept_to}
    return tx.execute(_UPDATE_RULE, values | {"org": tx.org_id, "rule": after.id, "known": known}).rowcount == 1


def set_swept(tx: Transaction, rule_id: str, to: str | None, *, known: int) -> None:
    tx.execute(_SWEPT, {"org": tx.org_id, "rule": rule_id, "to": to, "known": known})


def expired_rules(tx: Transaction, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, rule) of expired rules that have not ended yet, of all organizations."""
    return [(row.org_id, row.id) for row in tx.execute(_EXPIRED, {"now": now, "limit": limit})]


def unswept_rules(tx: Transaction, before: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, rule) of rules changed before that time that are not yet applied to all issues, of all organizations."""
    return [(row.org_id, row.id) for row in tx.execute(_UNSWEPT, {"before": before, "limit": limit})]


def delete_old_rules(tx: Transaction, before: datetime, limit: int) -> int:
    ids = list(tx.execute(_OLD_RULES, {"before": before, "limit": limit}).scalars())
    if ids:
        tx.execute(_DELETE_RULES, {"ids": ids})
    return len(ids)


def _rule(row: Any) -> MuteRule:
    return MuteRule(
        id=row.id,
        match=Match(**row.match),
        reason=row.reason,
        expires_at=row.expires_at,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        ended_at=row.ended_at,
    )


# --- comments

_COMMENT_FIELDS = ("id", "issue_id", "author_id", "key_id", "body", "created_at", "edited_at")
_comment_columns = [issue_comments.c[name] for name in _COMMENT_FIELDS]
_of_issue = sa.select(*_comment_columns).where(issue_comments.c.org_id == _org, issue_comments.c.issue_id == sa.bindparam("issue"))
_COMMENT = _of_issue.where(issue_comments.c.id == sa.bindparam("comment"))
_INSERT_COMMENT = sa.insert(issue_comments)
_one_comment = (issue_comments.c.org_id == _org, issue_comments.c.id == sa.bindparam("comment"))
_EDIT_COMMENT = (
    sa.update(issue_comments)
    .where(*_one_comment)
    .values(body=sa.bindparam("new_body"), edited_at=_moment("now", issue_comments.c.edited_at))
)
_DELETE_COMMENT = sa.delete(issue_comments).where(*_one_comment)


def comments(tx: Transaction, issue_id: str, page: PageRequest) -> list[Comment]:
    query, column = _of_issue, issue_comments.c.id
    if page.after is not None:
        query = query.where(column < page.after.id if page.descending else column > page.after.id)
    query = query.order_by(column.desc() if page.descending else column).limit(page.size).offset(page.offset)
    return [_comment(row) for row in tx.execute(query, {"org": tx.org_id, "issue": issue_id})]


def comment(tx: Transaction, issue_id: str, comment_id: str) -> Comment | None:
    row = tx.execute(_COMMENT, {"org": tx.org_id, "issue": issue_id, "comment": comment_id}).first()
    return None if row is None else _comment(row)


def insert_comment(tx: Transaction, new: Comment) -> None:
    tx.execute(_INSERT_COMMENT, {name: getattr(new, name) for name in _COMMENT_FIELDS} | {"org_id": tx.org_id})


def edit_comment(tx: Transaction, comment_id: str, body: str) -> None:
    tx.execute(_EDIT_COMMENT, {"org": tx.org_id, "comment": comment_id, "new_body": body, "now": tx.now})


def delete_comment(tx: Transaction, comment_id: str) -> None:
    tx.execute(_DELETE_COMMENT, {"org": tx.org_id, "comment": comment_id})


def _comment(row: Sequence[Any]) -> Comment:
    return Comment(**dict(zip(_COMMENT_FIELDS, row, strict=True)))
