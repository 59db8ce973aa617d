"""What a search for issues compares, in a table of short rows; the severity in the indexes of what opened and ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from optral.store import tenancy

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TIMES = (
    ("ix_issues_opened", ["org_id", "detected_at", "cluster_id", "severity_rank", "parent_issue_id"], "parent_issue_id IS NULL"),
    (
        "ix_issues_ended",
        ["org_id", "resolved_at", "detected_at", "cluster_id", "severity_rank", "parent_issue_id"],
        "parent_issue_id IS NULL AND resolved_at IS NOT NULL",
    ),
)


def upgrade() -> None:
    op.create_table(
        "issue_texts",
        sa.Column("org_id", sa.String(length=30), nullable=False),
        sa.Column("issue_id", sa.String(length=30), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "issue_id", name=op.f("pk_issue_texts")),
        sqlite_with_rowid=False,
    )
    line = "chr(10)" if op.get_bind().dialect.name == "postgresql" else "char(10)"
    text = f"substr(lower(title || {line} || resource || {line} || owner_name), 1, 1000)"
    op.execute(f"INSERT INTO issue_texts (issue_id, org_id, text) SELECT id, org_id, {text} FROM issues")
    if op.get_bind().dialect.name == "postgresql":
        for statement in tenancy.policy("issue_texts"):
            op.execute(statement)
    for name, columns, where in _TIMES:
        op.drop_index(name, "issues")
        op.create_index(name, "issues", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
