"""What questions to the language model cost, by who asked and month."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_usage",
        sa.Column("org_id", sa.String(30), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("actor_id", sa.String(30), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("cost_micros", sa.BigInteger, nullable=False),
        sa.Column("booked_tokens", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "month", "actor_id", name="pk_model_usage"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("model_usage"):
            op.execute(statement)
