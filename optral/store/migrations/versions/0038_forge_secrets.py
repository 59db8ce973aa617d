"""The secret that signs the webhooks of a forge."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("forges", sa.Column("secret", sa.LargeBinary))
