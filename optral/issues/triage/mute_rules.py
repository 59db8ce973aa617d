"""Mute rules: create, change and end them, and find the issues that they may concern.

`triage.apply_rules` mutes and unmutes the issues. A rule that was created, changed or ended is applied in batches (`next_batch`,
`mark_applied`); the rule itself records how far that has come.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from optral.issues.triage import mutes, triage_repository as rows
from optral.issues.triage.mutes import Match, MuteRule
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import require_reach
from optral.terms.errors import NotFound, Refused, Stale

MAX_AT_ONCE = 500
SECOND_PASS_AFTER = timedelta(seconds=5)
"""An observation that read the rules before a change has committed by then; the issues are checked again."""


def create(tx: Transaction, match: Match, *, reason: str, expires_at: datetime) -> MuteRule:
    """Create a rule that applies from now on; then apply it to the existing issues (`next_batch`).

    Raises `Invalid("invalid_mute_rule")`, `Refused("too_many_mute_rules")`, and `Forbidden("beyond_own_clusters")` for a key limited to
    clusters that would mute in others.
    """
    mutes.check(match, expires_at, now=tx.now)
    _require_all(tx, match)
    if len(in_force(tx)) >= mutes.MAX_RULES:
        raise Refused("too_many_mute_rules", say=f"{mutes.MAX_RULES} mute rules are in force; delete one first")
    created = MuteRule(
        id=ids.new("mut"), match=match, reason=reason, expires_at=expires_at, created_by=tx.actor.id, created_at=tx.now, updated_at=tx.now
    )
    rows.insert_rule(tx, created, swept_to="")
    return created


def get(tx: Transaction, rule_id: str) -> MuteRule:
    """The rule, even if it has ended. Raises `NotFound`."""
    found = rows.rule(tx, rule_id)
    if found is None or not _may_see(tx, found.rule):
        raise NotFound("mute_rule_not_found", say=f"no mute rule has the id {rule_id}")
    return found.rule


def find(tx: Transaction) -> list[MuteRule]:
    """The rules in force that concern what the actor may see, oldest first."""
    return [rule for rule in in_force(tx) if _may_see(tx, rule)]


def in_force(tx: Transaction) -> list[MuteRule]:
    return rows.rules_in_force(tx, mutes.MAX_RULES)


def visible_part(tx: Transaction, rule: MuteRule) -> MuteRule:
    """The rule as the actor may see it: without clusters that the actor may not see."""
    visible = tuple(cluster for cluster in rule.match.clusters if tx.actor.may_see_cluster(cluster))
    return replace(rule, match=replace(rule.match, clusters=visible))


def change(
    tx: Transaction, rule_id: str, *, reason: str | None = None, expires_at: datetime | None = None, if_version: int | None = None
) -> MuteRule:
    """Change the reason or the expiry of a rule; its conditions cannot change. Raises as `create`, `NotFound`, `Stale`, `Refused`."""
    before = _changeable(tx, rule_id, if_version)
    if expires_at is not None and expires_at != before.expires_at:
        mutes.check_expiry(expires_at, now=tx.now)
    after = replace(before, reason=reason or before.reason, expires_at=expires_at or before.expires_at)
    if after == before:
        return before
    after = replace(after, version=before.version + 1, updated_at=tx.now)
    stored = rows.rule(tx, rule_id)
    _update(tx, before, after, swept_to=None if stored is None else stored.swept_to)
    return after


def end(tx: Transaction, rule_id: str, *, if_version: int | None = None) -> MuteRule:
    """End a rule; then unmute its issues (`next_batch`). Raises `NotFound`, `Stale`, `Forbidden`."""
    before = _changeable(tx, rule_id, if_version)
    after = replace(before, ended_at=tx.now, updated_at=tx.now, version=before.version + 1)
    _update(tx, before, after, swept_to="")
    return after


def _update(tx: Transaction, before: MuteRule, after: MuteRule, *, swept_to: str | None) -> None:
    """Store a change, unless the rule has changed since it was read: an ended rule must not come back."""
    if not rows.update_rule(tx, after, swept_to=swept_to, known=before.version):
        raise Stale("stale_version", say="the rule was changed in the meantime; read it again")


def expired(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, rule) of rules that have expired and not ended yet, of all organizations."""
    return rows.expired_rules(tx, now, limit)


def unapplied(tx: Transaction, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(organization, rule) of rules that were changed and not yet applied to all issues, of all organizations."""
    return rows.unswept_rules(tx, now - SECOND_PASS_AFTER, limit)


def next_batch(tx: Transaction, rule_id: str, *, after: str | None = None, limit: int = MAX_AT_ONCE) -> list[str]:
    """Ids of the next issues that a created or ended rule may concern; `after` None continues where the last batch ended."""
    stored = rows.rule(tx, rule_id)
    if stored is None or (after is None and stored.swept_to is None):
        return []
    place = after if after is not None else stored.swept_to or ""
    if stored.rule.ended_at is not None:
        return rows.muted_by(tx, rule_id, place, limit)
    return rows.live_after(tx, stored.rule.match, place, limit)


def mark_applied(tx: Transaction, rule: MuteRule, *, to: str | None) -> None:
    """Record up to which issue this version of the rule was applied; None: to all. A rule that has changed since is applied again."""
    rows.set_swept(tx, rule.id, to, known=rule.version)


def count_muted(tx: Transaction, rule_ids: Collection[str]) -> dict[str, int]:
    """How many unresolved issues that the actor may see each rule mutes."""
    return rows.muted(tx, rule_ids, within=tx.actor.within(None))


def delete_old(tx: Transaction, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` rules that ended before that time, of all organizations; returns how many."""
    return rows.delete_old_rules(tx, before, limit)


def _changeable(tx: Transaction, rule_id: str, if_version: int | None) -> MuteRule:
    """The rule, if the actor may change it and it has not ended."""
    before = get(tx, rule_id)
    if before.ended_at is not None:
        raise NotFound("mute_rule_not_found", say=f"mute rule {rule_id} has ended")
    _require_all(tx, before.match)
    if if_version is not None and if_version != before.version:
        raise Stale("stale_version", say=f"the rule now has version {before.version}; read it again")
    return before


def _may_see(tx: Transaction, rule: MuteRule) -> bool:
    """A rule names namespaces and workloads, so whoever is limited to namespaces sees the rules that concern nothing else."""
    if not tx.actor.sees_whole_clusters:
        return tx.actor.reaches(rule.match.clusters, rule.match.namespaces)  # a pattern is the name of no namespace
    return not rule.match.clusters or any(tx.actor.may_see_cluster(cluster) for cluster in rule.match.clusters)


def _require_all(tx: Transaction, match: Match) -> None:
    field = "match.clusters" if tx.actor.sees_whole_clusters else "match.clusters and match.namespaces"
    require_reach(tx.actor, match.clusters, match.namespaces, field=field)
