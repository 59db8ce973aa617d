"""Rules of approvals, and what each person decided on a requested approval."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# One decision for each approval that was decided before several could be needed.
_FILL = """
INSERT INTO approval_decisions (org_id, id, execution_id, approval_id, verdict, member_id, "by", via, at, reason)
SELECT org_id, id, execution_id, id, decision, decided_by, decided_by, coalesce(decided_via, decided_by), decided_at, message
FROM approvals WHERE decision IN ('approved', 'rejected') AND decided_by IS NOT NULL AND decided_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "approval_decisions",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("execution_id", sa.String(length=30), nullable=False),
        sa.Column("approval_id", sa.String(length=30), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_decisions")),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_approval_decisions_execution_id")),
    )
    op.create_index("ix_approval_decisions_execution_id", "approval_decisions", ["org_id", "execution_id", "at"])
    op.execute(_FILL)
    op.add_column("approvals", sa.Column("needed", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("approvals", sa.Column("groups", Json, nullable=True))
    op.add_column("safeguards", sa.Column("approval_rules", Json, nullable=False, server_default="[]"))
    op.add_column("safeguards", sa.Column("break_glass_roles", Json, nullable=False, server_default='["owner"]'))
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("approval_decisions"):
            op.execute(statement)
