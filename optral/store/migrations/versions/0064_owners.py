"""The team that owns what fails, and how an organization finds it."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json, Timestamp

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

HAS_TEAM = sa.text("team IS NOT NULL")


def upgrade() -> None:
    op.add_column("issues", sa.Column("team", sa.String(100)))
    op.add_column("issues", sa.Column("team_reason", sa.String(300)))
    op.create_index("ix_issues_team", "issues", ["org_id", "team", "detected_at", "id"], sqlite_where=HAS_TEAM, postgresql_where=HAS_TEAM)
    op.create_table(
        "owner_settings",
        sa.Column("org_id", sa.String(30), nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("labels", Json, nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_by", sa.String(64), nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("org_id", name="pk_owner_settings"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("owner_settings"):
            op.execute(statement)
