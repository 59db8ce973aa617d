"""What grows is deleted: one table of rules, with the tables of the schema that each rule keeps small, and the reason for all others.

`flows/retention.py` applies the rules. Adding a table that grows: a row here; any other table: a reason in `BOUNDED`
(`tests/server/test_retention.py` compares both with the schema, and docs/settings.md has the settings).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from optral.access import bindings_service, delegations_service, device_service, people_service, service as access
from optral.alerts import service as alerts
from optral.analysis import service as analyses, spending
from optral.commands import service as commands
from optral.events import service as events
from optral.events.model import Retention as EventRetention
from optral.flows.retention import Rule
from optral.forges import service as forges
from optral.issues import service as issues
from optral.issues.triage import mute_rules
from optral.mail import service as mail
from optral.resources import service as resources
from optral.runbooks import service as runbooks
from optral.server.settings import Settings
from optral.store.transaction import Transaction
from optral.terms.ids import OrgId
from optral.triggers import service as triggers
from optral.webhooks import service as webhooks, threads

READS_AGE = timedelta(hours=24)  # logs and manifests that somebody requested are no archive
WRITES_AGE = timedelta(days=365)
Delete = Callable[[Transaction, datetime, int], int]
"""Deletes at most so many rows of before that moment; returns how many."""


class Row(NamedTuple):
    """What is deleted, the tables kept small, its age, the package's function, and the setting that gives the age (empty: fixed)."""

    name: str
    tables: frozenset[str]
    age: Callable[[Settings], timedelta]
    delete: Delete
    setting: str = ""


def _days(setting: str) -> Callable[[Settings], timedelta]:
    return lambda settings: timedelta(days=getattr(settings, setting))


def _fixed(**age: int) -> Callable[[Settings], timedelta]:
    return lambda _: timedelta(**age)


def _in_every_organisation(delete: Delete) -> Delete:
    """A function of one organization as one of them all, still at most `limit` rows a call."""

    def apply(tx: Transaction, before: datetime, limit: int) -> int:
        deleted = 0
        for org_id in access.organisation_ids(tx):
            deleted += delete(tx.acting_for(org_id), before, limit - deleted)
            if deleted >= limit:
                break
        return deleted

    return apply


def _commands(tx: Transaction, before: datetime, limit: int) -> int:
    """Reads of before that moment; writes stay a year, as long as the executions that they belong to."""
    return commands.delete_old(tx, reads_before=before, writes_before=before - (WRITES_AGE - READS_AGE), limit=limit)


def _threads(tx: Transaction, before: datetime, limit: int) -> int:
    """What an issue is in other systems, once the issue is deleted: until then a ticket is closed with it, however old."""
    deleted = 0
    by_org: dict[str, list[tuple[str, str]]] = {}
    for org_id, *pair in threads.old(tx, before=before, limit=limit):
        by_org.setdefault(org_id, []).append((pair[0], pair[1]))
    for org_id, pairs in by_org.items():
        of_org = tx.acting_for(OrgId(org_id))
        kept = {one.id for one in issues.find_all(of_org, {issue_id for _, issue_id in pairs})}
        threads.touch(of_org, [pair for pair in pairs if pair[1] in kept])
        for webhook_id, issue_id in pairs:
            if issue_id not in kept:
                threads.delete(of_org, webhook_id, issue_id)
                deleted += 1
    return deleted


TABLE: tuple[Row, ...] = (
    Row(
        "kubernetes events",
        frozenset({"kubernetes_events"}),
        lambda settings: timedelta(hours=settings.retention_kubernetes_events_hours),
        lambda tx, before, limit: resources.delete_old_events(tx, before=before, limit=limit),
        "retention_kubernetes_events_hours",
    ),
    Row(
        "resource history",
        frozenset({"resource_history"}),
        _days("retention_history_days"),
        lambda tx, before, limit: resources.delete_old_history(tx, before=before, limit=limit),
        "retention_history_days",
    ),
    Row(
        "names and labels of deleted objects",
        frozenset({"resource_sets", "resource_names", "resource_labels"}),
        _fixed(days=1),
        lambda tx, before, limit: resources.delete_unused_sets(tx, before=before, limit=limit),
    ),
    Row(
        "resolved issues",
        frozenset({"issues", "issue_activity", "issue_comments", "issue_texts"}),
        _days("retention_issues_days"),
        lambda tx, before, limit: issues.delete_old(tx, before=before, limit=limit),
        "retention_issues_days",
    ),
    Row(
        "analyses",
        frozenset({"analyses"}),
        _days("retention_issues_days"),
        lambda tx, before, limit: analyses.delete_old(tx, before=before, limit=limit),
        "retention_issues_days",
    ),
    Row(
        "feedback on analyses",
        frozenset({"analysis_feedback"}),
        _days("retention_issues_days"),
        lambda tx, before, limit: analyses.delete_old_feedback(tx, before=before, limit=limit),
        "retention_issues_days",
    ),
    Row(
        "ended mute rules",
        frozenset({"mute_rules"}),
        _days("retention_issues_days"),
        lambda tx, before, limit: mute_rules.delete_old(tx, before=before, limit=limit),
        "retention_issues_days",
    ),
    Row(
        "captured log lines",
        frozenset({"captured_logs", "captured_surroundings"}),
        _fixed(days=14),
        lambda tx, before, limit: analyses.delete_old_logs(tx, before=before, limit=limit),
    ),
    Row("commands", frozenset({"commands", "command_outputs"}), lambda _: READS_AGE, _commands),
    Row(
        "executions",
        frozenset({"executions", "execution_steps", "execution_logs", "approvals", "approval_decisions"}),
        lambda _: WRITES_AGE,
        lambda tx, before, limit: runbooks.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "pull requests",
        frozenset({"proposals"}),
        lambda _: WRITES_AGE,
        lambda tx, before, limit: forges.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "webhook deliveries",
        frozenset({"webhook_deliveries"}),
        _fixed(days=30),
        lambda tx, before, limit: webhooks.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "messages and tickets of issues",
        frozenset({"webhook_threads"}),
        _days("retention_issues_days"),
        _threads,
        "retention_issues_days",
    ),
    Row(
        "e-mail",
        frozenset({"mail_messages"}),
        _fixed(days=30),
        lambda tx, before, limit: mail.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "trigger firings",
        frozenset({"trigger_firings"}),
        _fixed(days=90),
        lambda tx, before, limit: triggers.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "alerts",
        frozenset({"alerts"}),
        _fixed(days=90),
        lambda tx, before, limit: alerts.delete_old(tx, before=before, limit=limit),
    ),
    Row(
        "cost of model calls",
        frozenset({"model_spending", "model_usage"}),
        _days("retention_audit_days"),
        lambda tx, before, limit: spending.delete_old(tx, before=before, limit=limit),
        "retention_audit_days",
    ),
    Row(
        "expired sign-ins, invitations and password resets",
        frozenset({"sessions", "invites", "password_resets"}),
        _fixed(days=0),  # each has its own expiry
        lambda tx, _before, _limit: people_service.prune(tx),
    ),
    Row(
        "ended bindings of members",
        frozenset({"member_bindings"}),
        _fixed(days=30),  # bindings.KEPT
        lambda tx, _before, limit: bindings_service.delete_ended(tx, limit=limit),
    ),
    Row(
        "ended delegations",
        frozenset({"delegations"}),
        _fixed(days=30),  # delegations.KEPT
        lambda tx, _before, limit: delegations_service.delete_ended(tx, limit=limit),
    ),
    Row(
        "expired logins of command lines",
        frozenset({"device_logins"}),
        _fixed(days=0),
        lambda tx, _before, limit: device_service.prune(tx, limit=limit),
    ),
    Row(
        "audit records",
        frozenset({"audit_records"}),
        _days("retention_audit_days"),
        _in_every_organisation(lambda tx, before, limit: access.prune_audit(tx, before=before, limit=limit)),
        "retention_audit_days",
    ),
    Row(
        "idempotent answers",
        frozenset({"idempotent_answers"}),
        _fixed(hours=24),  # access.ANSWERS_KEPT: the contract of Idempotency-Key
        _in_every_organisation(lambda tx, _before, limit: access.prune_answers(tx, limit=limit)),
    ),
)

EVENT_LOG = "events"  # pruned by age and by number: `_event_log`
BOUNDED: dict[str, str] = {
    "forges": "made by people, and limited in number",
    "resource_words": "the letters of the words of all names so far, each once; a language has few",
    "issue_views": "at most 50 of a member, and 50 shared in an organization",
    "alert_receivers": "made by people, and limited in number",
    "alert_silences": "copies of at most 500 silences of an Alertmanager",
    "alert_rejections": "the newest 200 of a receiver",
    "agent_certificates": "one row a renewal of a cluster's certificate; deleted with the cluster",
    "analysis_settings": "one row an organization",
    "api_keys": "made by people, and limited in number",
    "audit_heads": "one row an organization",
    "authorities": "one row a CA; two during a rotation",
    "ca_replicas": "one row a running server; old ones are replaced by the rotation",
    "ca_rotation": "one row",
    "capture_settings": "one row an organization or namespace that people set",
    "change_windows": "made by people, and limited in number",
    "clusters": "made by people; a deleted one is purged",
    "connection_attempts": "one row an outcome of a cluster or fleet token; deleted with it",
    "detector_switches": "one row a detector that people set",
    "detector_tunings": "made by people, and limited in number",
    "enrollment_tokens": "one row a cluster",
    "identity_providers": "made by people, and limited in number",
    "identities": "one row a member and identity provider; removed with the member",
    "scim_tokens": "one row an identity provider",
    "scim_users": "at most 20,000 of an identity provider",
    "scim_groups": "at most 2,000 of an identity provider",
    "scim_memberships": "at most 10,000 of a group; removed with the group or the user",
    "event_heads": "one row an organization",
    "fleet_enrollments": "one row a cluster that a fleet token enrolled; deleted with the token",
    "fleet_tokens": "made by people, and limited in number; ended ones are deleted when another is created",
    "issue_conditions": "what open issues are made of; deleted when they resolve",
    "issue_groupings": "one row a cluster",
    "issue_kin": "relations of open issues; deleted when they resolve",
    "issue_looks": "one row an object that is due; deleted when it was examined",
    "members": "people of the organization",
    "notification_settings": "one row a member",
    "owner_settings": "one row an organization",
    "model_reservations": "one row a running analysis or question; that of a killed server ends with the next one",
    "model_settings": "one row an organization",
    "organisations": "made by people",
    "rate_windows": "one row a key and window, replaced",
    "resource_counts": "one row a kind and namespace of a cluster",
    "resource_dictionaries": "one row a kind and version of its dictionary",
    "resource_kinds": "one row a kind and cluster",
    "resources": "the objects of the clusters as they are now; a deleted one goes after its history",
    "runbook_switches": "one row an organization",
    "runbook_versions": "versions that people wrote, at most 100 of a runbook",
    "runbooks": "made by people, and limited in number",
    "safeguards": "one row an organization",
    "secret_checks": "one row",
    "setup_links": "one row",
    "triggers": "made by people, and limited in number",
    "webhooks": "made by people, and limited in number",
}
"""Every other table, and why it does not grow."""


def rules(settings: Settings) -> list[Rule]:
    """What the retention worker deletes in each round; each rule deletes at most `limit` rows."""
    return [*(_rule(row, settings) for row in TABLE), _event_log(settings)]


def _rule(row: Row, settings: Settings) -> Rule:
    age = row.age(settings)
    return lambda tx, limit: row.delete(tx, tx.now - age, limit)


def _event_log(settings: Settings) -> Rule:
    def prune(tx: Transaction, before: datetime, limit: int) -> int:
        return events.prune(tx, EventRetention(before=before, keep=settings.retention_events_rows), limit=limit)

    in_all = _in_every_organisation(prune)
    return lambda tx, limit: in_all(tx, tx.now - timedelta(days=settings.retention_events_days), limit)
