"""Whether an organisation wants severe issues analysed by themselves."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analysis_settings",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_analysis_settings")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("analysis_settings"):
            op.execute(statement)
