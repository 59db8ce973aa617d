"""Passwords of members, sessions, invitations, first-run links, and what a key was rolled into."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TENANTS = ("sessions", "invites")


def upgrade() -> None:
    op.add_column("members", sa.Column("password_hash", sa.String(length=300), nullable=True))
    op.add_column("members", sa.Column("signed_in_at", sa.BigInteger(), nullable=True))
    op.add_column("members", sa.Column("removed_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE members SET email = lower(email)")
    op.create_index(op.f("ix_members_email"), "members", ["email"], unique=False)
    op.add_column("api_keys", sa.Column("replaced_by", sa.String(length=30), nullable=True))
    op.create_table(
        "sessions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["members.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_org_id_user_id"), "sessions", ["org_id", "user_id"], unique=False)
    op.create_table(
        "invites",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name=op.f("fk_invites_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("digest", name=op.f("uq_invites_digest")),
    )
    op.create_index(op.f("ix_invites_org_id_created_at_id"), "invites", ["org_id", "created_at", "id"], unique=False)
    op.create_table(
        "setup_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=30), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_setup_links")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            for statement in tenancy.policy(table):
                op.execute(statement)
