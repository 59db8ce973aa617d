"""Links with which members set a new password."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Timestamp

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_resets",
        sa.Column("org_id", sa.String(30), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", sa.String(30), nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.org_id"], name="fk_password_resets_org_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_org_id_user_id", "password_resets", ["org_id", "user_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("password_resets"):
            op.execute(statement)
