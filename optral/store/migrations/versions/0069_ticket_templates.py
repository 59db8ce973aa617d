"""The template of the tickets that a webhook creates."""

import sqlalchemy as sa
from alembic import op

from optral.store.metadata import Json

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("ticket", Json))
