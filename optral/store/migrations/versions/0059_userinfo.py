"""Identity providers whose userinfo endpoint gives the claims that ID tokens lack."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_providers", sa.Column("reads_userinfo", sa.Boolean(), nullable=False, server_default=sa.false()))
