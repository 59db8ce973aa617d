"""When a webhook of the form e-mail gets its weekly digest."""

import sqlalchemy as sa
from alembic import op

from optral.store.metadata import Timestamp

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("digest_at", Timestamp))
    where = sa.text("digest_at IS NOT NULL")
    op.create_index("ix_webhooks_digest_at", "webhooks", ["digest_at"], sqlite_where=where, postgresql_where=where)
