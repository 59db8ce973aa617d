"""The member who was shown the secret of a trigger: the one it acts for, as far as that is known."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("triggers", sa.Column("secret_by", sa.String(length=64), nullable=True))
    op.execute("UPDATE triggers SET secret_by = acts_for WHERE secret IS NOT NULL")
