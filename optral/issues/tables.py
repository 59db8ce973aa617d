"""Tables of issues.

A condition is one object that shows one failure; an issue is based on the conditions with its fingerprint. Everything that time alone
will change has a `due_at` with an index, so that no table is scanned. `issue_looks` holds the same for objects without a condition.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from optral.store.deadlines import deadline
from optral.store.metadata import Json, Timestamp, metadata, tenant


def _where(condition: str) -> dict[str, Any]:
    """A partial index."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


ROOT = "parent_issue_id IS NULL"
"""No symptom of another issue."""
NEEDS_WORK = f"status <> 'resolved' AND {ROOT} AND mute_rule_id IS NULL AND snooze IS NULL"
"""What the issue list shows by default. Indexes with this condition serve only queries that repeat it word for word.

SQLite looks a condition up in the row unless its columns are in the index too, so the indexes that are counted in have them.
"""

issues = sa.Table(
    "issues",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("type", sa.String(128), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("severity_rank", sa.SmallInteger, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("status_rank", sa.SmallInteger, nullable=False),
    sa.Column("substatus", sa.String(16), nullable=False),
    sa.Column("resource", sa.String(253), nullable=False),
    sa.Column("resource_id", sa.String(30)),
    sa.Column("resource_kind", sa.String(128), nullable=False),
    sa.Column("namespace", sa.String(253)),
    sa.Column("owner_kind", sa.String(128), nullable=False),
    sa.Column("owner_name", sa.String(253), nullable=False),
    sa.Column("container", sa.String(253)),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("detected_at", Timestamp, nullable=False),
    sa.Column("first_seen_at", Timestamp, nullable=False),
    sa.Column("last_seen_at", Timestamp, nullable=False),
    sa.Column("moved_at", Timestamp, nullable=False),
    sa.Column("resolved_at", Timestamp),
    sa.Column("resolved_by", sa.String(64)),
    sa.Column("resolution", sa.String(24)),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("affected", Json, nullable=False),
    sa.Column("affected_total", sa.Integer, nullable=False),
    sa.Column("affected_at_start", sa.Integer, nullable=False),
    sa.Column("occurrences", sa.Integer, nullable=False),
    sa.Column("reopened", Json, nullable=False),
    sa.Column("assignee", sa.String(64)),
    sa.Column("labels", Json, nullable=False),
    sa.Column("parent_issue_id", sa.String(30)),
    sa.Column("previous_issue_id", sa.String(30)),
    sa.Column("facts", Json, nullable=False),
    sa.Column("has_analysis", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("told_at", Timestamp, nullable=False),
    sa.Column("told_count", sa.Integer, nullable=False),
    sa.Column("pace", Json, nullable=False, server_default="{}"),
    sa.Column("family_severity", sa.String(10)),
    sa.Column("computed_severity", sa.String(10)),
    sa.Column("severity_set", sa.String(10)),
    sa.Column("severity_set_by", sa.String(64)),
    sa.Column("impact", Json, nullable=False, server_default="{}"),
    sa.Column("told_impact", Json, nullable=False, server_default="{}"),
    sa.Column("urgency", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("shown_as", sa.String(16), nullable=False, server_default="ongoing"),
    sa.Column("snooze", Json),
    sa.Column("snoozed_until", Timestamp),
    sa.Column("mute_rule_id", sa.String(30)),
    sa.Column("comment_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("team", sa.String(100)),
    sa.Column("team_reason", sa.String(300)),
    sa.Index("ix_issues_detected_at", "org_id", "detected_at", "id"),
    sa.Index("ix_issues_last_seen_at", "org_id", "last_seen_at", "id"),
    sa.Index("ix_issues_status", "org_id", "status", "detected_at", "id"),
    sa.Index("ix_issues_severity", "org_id", "severity_rank", "id"),
    sa.Index("ix_issues_urgency", "org_id", "urgency", "id"),
    sa.Index("ix_issues_status_rank", "org_id", "status_rank", "id"),
    sa.Index("ix_issues_cluster_id", "org_id", "cluster_id", "status", "detected_at", "id"),
    sa.Index("ix_issues_type", "org_id", "type", "detected_at", "id"),
    sa.Index("ix_issues_namespace", "org_id", "namespace", "detected_at", "id"),
    sa.Index("ix_issues_category", "org_id", "category", "detected_at", "id"),
    sa.Index("ix_issues_owner_kind", "org_id", "owner_kind", "detected_at", "id"),
    sa.Index("ix_issues_owner_name", "org_id", "owner_name", "detected_at", "id"),
    sa.Index("ix_issues_cluster_owner", "org_id", "cluster_id", "owner_name", "detected_at"),
    sa.Index("ix_issues_container", "org_id", "container", "detected_at", "id", **_where("container IS NOT NULL")),
    sa.Index("ix_issues_fingerprint", "org_id", "cluster_id", "fingerprint", "detected_at"),
    sa.Index(
        "ix_issues_parent_issue_id",
        "org_id",
        "parent_issue_id",
        "id",
        sqlite_where=sa.text("parent_issue_id IS NOT NULL"),
        postgresql_where=sa.text("parent_issue_id IS NOT NULL"),
    ),
    sa.Index(
        "uq_issues_live",
        "org_id",
        "cluster_id",
        "fingerprint",
        unique=True,
        sqlite_where=sa.text("status <> 'resolved'"),
        postgresql_where=sa.text("status <> 'resolved'"),
    ),
    sa.Index("ix_issues_live", "org_id", "id", **_where("status <> 'resolved'")),
    sa.Index("ix_issues_needs_work", "org_id", "status_rank", "urgency", "id", **_where(NEEDS_WORK)),
    sa.Index(
        "ix_issues_needs_work_by_cluster",
        *("org_id", "cluster_id", "severity_rank", "status", "parent_issue_id", "mute_rule_id", "snooze"),
        **_where(NEEDS_WORK),
    ),
    sa.Index("ix_issues_opened", "org_id", "detected_at", "cluster_id", "severity_rank", "parent_issue_id", **_where(ROOT)),
    sa.Index(
        "ix_issues_ended",
        *("org_id", "resolved_at", "detected_at", "cluster_id", "severity_rank", "parent_issue_id"),
        **_where(f"{ROOT} AND resolved_at IS NOT NULL"),
    ),
    sa.Index("ix_issues_assignee", "org_id", "assignee", "detected_at", "id", **_where("assignee IS NOT NULL")),
    sa.Index("ix_issues_team", "org_id", "team", "detected_at", "id", **_where("team IS NOT NULL")),
    sa.Index("ix_issues_shown_as", "org_id", "shown_as", "detected_at", "id"),
    sa.Index("ix_issues_mute_rule_id", "org_id", "mute_rule_id", "id", **_where("mute_rule_id IS NOT NULL")),
    sa.Index("ix_issues_muted", "org_id", "mute_rule_id", "id", **_where("mute_rule_id IS NOT NULL AND status <> 'resolved'")),
    sa.Index("ix_issues_snoozed_until", "snoozed_until", "id", **_where("snoozed_until IS NOT NULL")),
    sa.Index(
        "ix_issues_resolved_at",
        "resolved_at",
        sqlite_where=sa.text("resolved_at IS NOT NULL"),
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    ),
)

issue_texts = sa.Table(
    "issue_texts",
    metadata,
    tenant(primary_key=True),
    sa.Column("issue_id", sa.String(30), primary_key=True),
    sa.Column("text", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), nullable=False),
    sqlite_with_rowid=False,
)
"""What a search compares: title, resource and owner in lower case. A row of `issues` is twenty times as long."""

issue_conditions = sa.Table(
    "issue_conditions",
    metadata,
    tenant(),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("uid", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("type", sa.String(128), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("issue_id", sa.String(30)),
    sa.Column("kind", sa.String(128), nullable=False),
    sa.Column("namespace", sa.String(253)),
    sa.Column("name", sa.String(253), nullable=False),
    sa.Column("subject_kind", sa.String(128), nullable=False),
    sa.Column("subject_namespace", sa.String(253)),
    sa.Column("subject_name", sa.String(253), nullable=False),
    sa.Column("part", sa.String(253)),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("since", Timestamp, nullable=False),
    sa.Column("opens_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("opened_at", Timestamp),
    sa.Column("false_since", Timestamp),
    sa.Column("occurrence", sa.String(255)),
    sa.Column("resolve_after_s", sa.Integer, nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("suspects", Json, nullable=False, server_default="[]"),
    sa.Column("impact", Json, nullable=False, server_default="{}"),
    sa.Column("due_at", Timestamp),
    sa.Index("ix_issue_conditions_fingerprint", "org_id", "cluster_id", "fingerprint"),
    sa.Index("ix_issue_conditions_issue_id", "org_id", "issue_id"),
    sa.Index("ix_issue_conditions_due_at", "org_id", "cluster_id", "due_at"),
)

issue_relations = sa.Table(
    "issue_kin",
    metadata,
    sa.Column("issue_id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), nullable=False),
    sa.Column("ailment", sa.Text, key="failure", nullable=False),
    sa.Column("relation", sa.String(255)),
    sa.Column("attached_at", Timestamp),
    sa.Column("orphaned_at", Timestamp),
    sa.Index("ix_issue_kin_cluster_id", "org_id", "cluster_id", "issue_id"),
)
"""What grouping compares of every unresolved issue. `orphaned_at`: since when no issue explains a symptom that still has its parent."""

issue_groupings = sa.Table(
    "issue_groupings",
    metadata,
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("due_at", Timestamp, nullable=False, info=deadline(timedelta(minutes=10))),
)
"""When the issues of a cluster must be grouped again without a new report."""

issue_looks = sa.Table(
    "issue_looks",
    metadata,
    tenant(),
    sa.Column("cluster_id", sa.String(30), primary_key=True),
    sa.Column("uid", sa.String(255), primary_key=True),
    sa.Column("due_at", Timestamp, nullable=False),
    sa.Index("ix_issue_looks_due_at", "org_id", "cluster_id", "due_at"),
)

ACKNOWLEDGED = "action = 'acknowledged'"

issue_activity = sa.Table(
    "issue_activity",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("issue_id", sa.String(30), nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("actor_kind", sa.String(10), nullable=False),
    sa.Column("actor_id", sa.String(30), nullable=False),
    sa.Column("action", sa.String(24), nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Index("ix_issue_activity_issue_id", "org_id", "issue_id", "id"),
    sa.Index("ix_issue_activity_acknowledged", "org_id", "at", "issue_id", **_where(ACKNOWLEDGED)),
)

mute_rules = sa.Table(
    "mute_rules",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("reason", sa.String(1000), nullable=False),
    sa.Column("match", Json, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("ended_at", Timestamp),
    sa.Column("swept_to", sa.String(30)),
    sa.Index("ix_mute_rules_created_at", "org_id", "created_at", "id"),
    sa.Index("ix_mute_rules_expires_at", "expires_at", **_where("expires_at IS NOT NULL AND ended_at IS NULL")),
    sa.Index("ix_mute_rules_swept_to", "swept_to", **_where("swept_to IS NOT NULL")),
)
"""`swept_to`: the issue up to which the current version of the rule was applied; NULL: to all."""

issue_comments = sa.Table(
    "issue_comments",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("issue_id", sa.String(30), nullable=False),
    sa.Column("author_id", sa.String(64), nullable=False),
    sa.Column("key_id", sa.String(30)),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("edited_at", Timestamp),
    sa.Index("ix_issue_comments_issue_id", "org_id", "issue_id", "id"),
)

issue_views = sa.Table(
    "issue_views",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("owner_id", sa.String(64), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("query", sa.String(500), nullable=False),
    sa.Column("sort", sa.String(20), nullable=False),
    sa.Column("is_shared", sa.Boolean, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("display", Json, nullable=False, server_default="{}"),
    sa.Index("ix_issue_views_owner", "org_id", "owner_id", "name"),
    sa.Index("ix_issue_views_shared", "org_id", "name", **_where("is_shared")),
)
"""Saved views of the issue list."""
