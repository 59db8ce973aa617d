"""How people of an organization may sign in, for how long, and from where; and the networks of API keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("organisations", sa.Column("is_provider_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("organisations", sa.Column("session_hours", sa.Integer(), nullable=True))
    op.add_column("organisations", sa.Column("idle_minutes", sa.Integer(), nullable=True))
    op.add_column("organisations", sa.Column("session_networks", JSON, nullable=True))
    op.add_column("api_keys", sa.Column("networks", JSON, nullable=True))
