"""Whether an organisation lets a language model be asked, and what that cost it each day."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("destination", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_model_settings")),
    )
    op.create_table(
        "model_spending",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("booked_tokens", sa.BigInteger(), nullable=False),
        sa.Column("booked_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "day", name=op.f("pk_model_spending")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("model_settings", "model_spending"):
            for statement in tenancy.policy(table):
                op.execute(statement)
