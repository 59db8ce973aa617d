"""Identity providers whose session ends with signing out of Optral."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_providers", sa.Column("ends_provider_session", sa.Boolean(), nullable=False, server_default=sa.false()))
