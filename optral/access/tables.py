"""Tables of access. `organisations` is a tenant table too: its primary key is the organization itself."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("plan", sa.String(20), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("is_provider_only", sa.Boolean, nullable=False, server_default=sa.false()),  # owners alone sign in by password
    sa.Column("session_hours", sa.Integer, nullable=True),
    sa.Column("idle_minutes", sa.Integer, nullable=True),
    sa.Column("session_networks", Json, nullable=True),  # CIDR; NULL: any
)

members = sa.Table(
    "members",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("password_hash", sa.String(300), nullable=True),  # argon2id; NULL: cannot sign in
    sa.Column("signed_in_at", Timestamp, nullable=True),
    sa.Column("removed_at", Timestamp, nullable=True),
    sa.Column("is_limited", sa.Boolean, nullable=False, server_default=sa.false()),  # has only what bindings give
    sa.Column("provider_id", sa.String(30), nullable=True),  # the identity provider that decides the rights
    sa.UniqueConstraint("org_id", "email"),
    sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"]),
)
sa.Index(None, members.c.email)

member_bindings = sa.Table(
    "member_bindings",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("user_id", sa.String(30), nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("clusters", Json, nullable=True),  # ids; NULL: all
    sa.Column("namespaces", Json, nullable=True),  # NULL: all, and what is in none
    sa.Column("cluster_labels", Json, nullable=True),  # of clusters that must have all of them
    sa.Column("ends_at", Timestamp, nullable=True),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("provider_id", sa.String(30), nullable=True),  # the identity provider that gave it
    sa.ForeignKeyConstraint(["user_id"], ["members.id"]),
)
sa.Index(None, member_bindings.c.org_id, member_bindings.c.user_id)
sa.Index(None, member_bindings.c.ends_at)

delegations = sa.Table(  # of the right to approve
    "delegations",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("member_id", sa.String(30), nullable=False),  # whose right it is
    sa.Column("delegate_id", sa.String(30), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("ends_at", Timestamp, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
    sa.ForeignKeyConstraint(["delegate_id"], ["members.id"]),
)
sa.Index(None, delegations.c.org_id, delegations.c.member_id)
sa.Index(None, delegations.c.org_id, delegations.c.delegate_id)
sa.Index(None, delegations.c.ends_at)

sessions = sa.Table(
    "sessions",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("user_id", sa.String(30), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),  # HMAC-SHA-256(pepper, cookie)
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    sa.Column("confirmed_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False, index=True),
    sa.Column("address", sa.String(64), nullable=True),  # where the person signed in from
    sa.Column("device", sa.String(200), nullable=True),  # the User-Agent of that request
    sa.Column("provider_id", sa.String(30), nullable=True),  # the identity provider of the sign-in; NULL: a password
    sa.Column("provider_session", sa.String(255), nullable=True),  # what the provider calls the session (`sid`)
    sa.ForeignKeyConstraint(["user_id"], ["members.id"]),
)
sa.Index(None, sessions.c.org_id, sessions.c.user_id)

invites = sa.Table(
    "invites",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("email", sa.String(254), nullable=True),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"]),
)
sa.Index(None, invites.c.org_id, invites.c.created_at, invites.c.id)

password_resets = sa.Table(
    "password_resets",
    metadata,
    tenant(),
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("user_id", sa.String(30), nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"]),
)
sa.Index(None, password_resets.c.org_id, password_resets.c.user_id)

# First-run links: who opens one belongs to no organization yet, so this table has no tenant.
setup_links = sa.Table(
    "setup_links",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("organisation_id", sa.String(30), nullable=True),  # NULL: it makes the first organization
    sa.Column("expires_at", Timestamp, nullable=False),
)

# Who starts a login of a command line belongs to no organization yet, so this table has no tenant.
notification_settings = sa.Table(
    "notification_settings",
    metadata,
    tenant(),
    sa.Column("user_id", sa.String(30), primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("criticals", sa.Boolean, nullable=False),
    sa.Column("approvals", sa.Boolean, nullable=False),
    sa.Column("quiet_from", sa.String(5), nullable=True),  # 22:00
    sa.Column("quiet_until", sa.String(5), nullable=True),
    sa.Column("time_zone", sa.String(64), nullable=True),
)
"""What a member wants to be notified of in the browser; a member without a row wants nothing."""

device_logins = sa.Table(
    "device_logins",
    metadata,
    sa.Column("device_digest", sa.LargeBinary(32), primary_key=True),  # HMAC-SHA-256(pepper, "device:" + device code)
    sa.Column("user_digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # pending, approved, denied
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False, index=True),
    sa.Column("organisation_id", sa.String(30), nullable=True),  # of the person who approved
    sa.Column("user_id", sa.String(30), nullable=True),
    sa.Column("scopes", Json, nullable=True),
    sa.Column("key_expires_at", Timestamp, nullable=True),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    tenant(),
    sa.Column("id", sa.String(30), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("hint", sa.String(20), nullable=False),  # mht_0123…cL
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),  # HMAC-SHA-256(pepper, key)
    sa.Column("scopes", Json, nullable=False),
    sa.Column("clusters", Json, nullable=True),
    sa.Column("limit_per_minute", sa.Integer, nullable=True),
    sa.Column("created_by", sa.String(30), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("revoked_at", Timestamp, nullable=True),
    sa.Column("last_used_at", Timestamp, nullable=True),
    sa.Column("replaced_by", sa.String(30), nullable=True),  # the key it was rolled into
    sa.Column("audience", sa.String(20), nullable=True),
    sa.Column("networks", Json, nullable=True),  # CIDR; NULL: any
    sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"]),
    sa.ForeignKeyConstraint(["created_by"], ["members.id"]),
)
sa.Index(None, api_keys.c.org_id, api_keys.c.created_at, api_keys.c.id)

# A bucket is an organization, a key or a network address, so this table has no tenant. PostgreSQL alone uses it;
# UNLOGGED there (see `info`): counts may be lost with a crash, their price may not be an fsync a request.
rate_windows = sa.Table(
    "rate_windows",
    metadata,
    sa.Column("bucket", sa.String(100), primary_key=True),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("ends_at", Timestamp, nullable=False, index=True),
    info={"unlogged": True},
)

# The last record of each organization's audit chain: the row a writer locks.
audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.Column("base_seq", sa.BigInteger, nullable=False),  # the last record that retention removed, and its hash:
    sa.Column("base_hash", sa.LargeBinary(32), nullable=False),  # the chain is proved from there
)

audit_records = sa.Table(
    "audit_records",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(30), nullable=False, unique=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("actor_kind", sa.String(10), nullable=False),
    sa.Column("actor_id", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("target", sa.String(300), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),  # canonical JSON, the very bytes that were hashed
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.Column("cluster_id", sa.String(30), nullable=True),  # for finding records; not hashed
)
sa.Index(None, audit_records.c.org_id, audit_records.c.at)
sa.Index("ix_audit_records_actor", audit_records.c.org_id, audit_records.c.actor_id, audit_records.c.seq)
sa.Index("ix_audit_records_cluster", audit_records.c.org_id, audit_records.c.cluster_id, audit_records.c.seq)
sa.Index("ix_audit_records_action", audit_records.c.org_id, audit_records.c.action, audit_records.c.seq)
sa.Index("ix_audit_records_target", audit_records.c.org_id, audit_records.c.target, audit_records.c.seq)

idempotent_answers = sa.Table(
    "idempotent_answers",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("actor_id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),  # SHA-256 of method, path and the caller's key
    sa.Column("digest", sa.String(64), nullable=False),  # of the body that was sent
    sa.Column("sealed", sa.LargeBinary, nullable=True),  # status, headers and body; NULL while the request is in progress
    sa.Column("created_at", Timestamp, nullable=False),
)
sa.Index(None, idempotent_answers.c.org_id, idempotent_answers.c.created_at)
