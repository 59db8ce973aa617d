"""Delegations of the right to approve."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("member_id", sa.String(length=30), nullable=False),
        sa.Column("delegate_id", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_delegations_member_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["members.id"], name=op.f("fk_delegations_delegate_id")),
    )
    op.create_index(op.f("ix_delegations_org_id_member_id"), "delegations", ["org_id", "member_id"])
    op.create_index(op.f("ix_delegations_org_id_delegate_id"), "delegations", ["org_id", "delegate_id"])
    op.create_index(op.f("ix_delegations_ends_at"), "delegations", ["ends_at"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("delegations"):
            op.execute(statement)
