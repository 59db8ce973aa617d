"""What an issue is in another system: a message in a chat, or a ticket."""

import sqlalchemy as sa
from alembic import op

from optral.store import tenancy
from optral.store.metadata import Json, Timestamp

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_threads",
        sa.Column("org_id", sa.String(30), nullable=False),
        sa.Column("webhook_id", sa.String(30), nullable=False),
        sa.Column("issue_id", sa.String(30), nullable=False),
        sa.Column("remote_id", sa.String(200)),
        sa.Column("remote_url", sa.Text),
        sa.Column("state", Json, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "issue_id", name="pk_webhook_threads"),
    )
    op.create_index("ix_webhook_threads_issue_id", "webhook_threads", ["org_id", "issue_id"])
    op.create_index("ix_webhook_threads_remote_id", "webhook_threads", ["org_id", "webhook_id", "remote_id"])
    op.create_index("ix_webhook_threads_updated_at", "webhook_threads", ["updated_at"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("webhook_threads"):
            op.execute(statement)
