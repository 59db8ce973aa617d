"""The index with which issues of one owner are found."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_issues_owner_name", "issues", ["org_id", "owner_name", "detected_at", "id"])
