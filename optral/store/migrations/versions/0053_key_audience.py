"""The one part of the API that a key opens, for keys of assistants."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("audience", sa.String(20), nullable=True))
