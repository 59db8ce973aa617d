"""Users of SCIM whose membership somebody else than their provider ended."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scim_users", sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE scim_users SET is_removed = true, revision = revision + 1"
        " WHERE NOT has_ended AND member_id IN (SELECT id FROM members WHERE removed_at IS NOT NULL)"
    )
