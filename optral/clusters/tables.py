"""Clusters, enrollment tokens (hashed) of one cluster and of fleets, what was seen of agents that connect, certificates, the sealed
authorities (see authority.py) and their rotation."""

import sqlalchemy as sa

from optral.store.metadata import Json, Timestamp, metadata, tenant

clusters = sa.Table(
    "clusters",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("name", sa.String(63), nullable=False),
    sa.Column("labels", Json, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("status_reason", sa.String(32)),
    sa.Column("last_heartbeat_at", Timestamp),
    sa.Column("closed_at", Timestamp),  # since the last heartbeat: the agent ended its session knowingly
    sa.Column("closed_reason", sa.String(32)),
    sa.Column("agent_version", sa.String(100)),
    sa.Column("agent_instance", sa.String(100)),
    sa.Column("agent_capabilities", Json, nullable=False),
    sa.Column("agent_cert_expires_at", Timestamp),
    sa.Column("kubernetes_version", sa.String(100)),
    sa.Column("kube_system_uid", sa.String(100)),
    sa.Column("clock_offset_ms", sa.BigInteger),
    sa.Column("trusted_cas", Json),  # pins of the server CAs that its agent says it trusts
    sa.Column("synced_at", Timestamp),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("deleted_at", Timestamp),  # the row stays as the name of what its issues say
    sa.Column("purged_at", Timestamp),
)
sa.Index(
    "uq_clusters_live_name",
    clusters.c.org_id,
    clusters.c.name,
    unique=True,
    sqlite_where=clusters.c.deleted_at.is_(None),
    postgresql_where=clusters.c.deleted_at.is_(None),
)
sa.Index("ix_clusters_status", clusters.c.status)
sa.Index("ix_clusters_kube_system_uid", clusters.c.org_id, clusters.c.kube_system_uid)

enrollment_tokens = sa.Table(
    "enrollment_tokens",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),  # SHA-256: the token holds 256 random bits, nothing to guess
    tenant(),
    sa.Column("cluster_id", sa.String(30), sa.ForeignKey("clusters.id"), nullable=False),
    sa.Column("replaces", sa.Boolean, nullable=False),  # another kube-system uid than recorded is expected
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
    sa.Column("used_key", sa.String(64)),
    sa.Column("used_nonce", sa.String(100)),
    sa.Column("fingerprint", sa.String(64)),
)
sa.Index("ix_enrollment_tokens_cluster", enrollment_tokens.c.org_id, enrollment_tokens.c.cluster_id)

fleet_tokens = sa.Table(
    "fleet_tokens",
    metadata,
    sa.Column("id", sa.String(30), primary_key=True),
    tenant(),
    sa.Column("hash", sa.String(64), nullable=False),  # SHA-256, as of the tokens above
    sa.Column("name", sa.String(63), nullable=False),
    sa.Column("name_pattern", sa.String(80), nullable=False),
    sa.Column("labels", Json, nullable=False),
    sa.Column("max_uses", sa.Integer, nullable=False),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("sources", Json, nullable=False),  # networks in CIDR notation; empty: any
    sa.Column("needs_approval", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("last_used_at", Timestamp),
    sa.Column("revoked_at", Timestamp),
)
sa.Index("uq_fleet_tokens_hash", fleet_tokens.c.hash, unique=True)
sa.Index("ix_fleet_tokens_org", fleet_tokens.c.org_id, fleet_tokens.c.created_at, fleet_tokens.c.id)

fleet_enrollments = sa.Table(
    "fleet_enrollments",
    metadata,
    sa.Column("cluster_id", sa.String(30), sa.ForeignKey("clusters.id"), primary_key=True),  # each use creates a cluster of its own
    tenant(),
    sa.Column("token_id", sa.String(30), sa.ForeignKey("fleet_tokens.id"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # waiting, approved, rejected, issued
    sa.Column("kube_system_uid", sa.String(100), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("used_key", sa.String(64), nullable=False),  # digest of the agent's public key
    sa.Column("used_nonce", sa.String(100), nullable=False),
    sa.Column("used_at", Timestamp, nullable=False),
    sa.Column("fingerprint", sa.String(64)),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("decided_at", Timestamp),
)
sa.Index("ix_fleet_enrollments_token", fleet_enrollments.c.org_id, fleet_enrollments.c.token_id, fleet_enrollments.c.kube_system_uid)

connection_attempts = sa.Table(
    "connection_attempts",
    metadata,
    sa.Column("org_id", sa.String(30), primary_key=True),
    sa.Column("subject_id", sa.String(30), primary_key=True),  # a cluster, or a fleet token
    sa.Column("code", sa.String(32), primary_key=True),  # of `connection.Code`, so that the rows of a subject are bounded
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_at", Timestamp, nullable=False),
    sa.Column("last_at", Timestamp, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent_version", sa.String(100), nullable=False),
    sa.Column("clock_offset_ms", sa.BigInteger),  # the agent's clock minus the server's, where the agent sent its time
)

agent_certificates = sa.Table(
    "agent_certificates",
    metadata,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    tenant(),
    sa.Column("cluster_id", sa.String(30), sa.ForeignKey("clusters.id"), nullable=False),
    sa.Column("serial", sa.String(40), nullable=False),
    sa.Column("chain_pem", sa.Text, nullable=False),
    sa.Column("kube_system_uid", sa.String(100), nullable=False),
    sa.Column("replaces", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # issued, active, revoked
    sa.Column("issued_at", Timestamp, nullable=False),
    sa.Column("not_after", Timestamp, nullable=False),
    sa.Column("first_used_at", Timestamp),
    sa.Column("revoked_at", Timestamp),
    sa.Column("revoke_reason", sa.String(32)),
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),  # of the authority that signed it
)
sa.Index("ix_agent_certificates_cluster", agent_certificates.c.org_id, agent_certificates.c.cluster_id)

authorities = sa.Table(
    "authorities",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),  # agents, servers; agents-2, servers-2 …
    sa.Column("trust_domain", sa.String(200), nullable=False),
    sa.Column("certificate_pem", sa.Text, nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
)

ca_rotation = sa.Table(
    "ca_rotation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # always 1
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("current", sa.Integer, nullable=False),
    sa.Column("upcoming", sa.Integer),
    sa.Column("is_automatic", sa.Boolean, nullable=False),
    sa.Column("since", Timestamp),
    sa.Column("started_at", Timestamp),
)

ca_replicas = sa.Table(
    "ca_replicas",
    metadata,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # of ca_rotation, as this server has loaded it
    sa.Column("seen_at", Timestamp, nullable=False),
)
