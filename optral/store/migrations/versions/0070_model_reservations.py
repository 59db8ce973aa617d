"""What running analyses and questions may still cost, each with an end."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_reservations",
        sa.Column("org_id", sa.String(30), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("actors", Json, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_model_reservations"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("model_reservations"):
            op.execute(statement)
