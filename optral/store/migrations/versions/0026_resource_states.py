"""What fails and what waits, in an index of its own: the state of each object that is stored, from its status.

A pod that runs and is not ready counts as healthy until it changes: its status alone does not tell. Rows are written once for each status
that says something else than "healthy", which few have.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

HEALTHY = ("Running", "Ready", "Active", "Bound", "Available", "Complete", "Completed", "Succeeded", "Healthy", "Suspended")
PENDING = ("Pending", "Progressing", "Terminating", "Released", "Unknown", "ContainerCreating", "PodInitializing")


def upgrade() -> None:
    op.add_column("resources", sa.Column("state", sa.SmallInteger(), nullable=False, server_default="2"))
    found = op.get_bind().execute(sa.text("SELECT DISTINCT status FROM resources WHERE status IS NOT NULL")).scalars().all()
    for status in found:
        if (state := _state(status)) < 2:
            statement = "UPDATE resources SET state = :state WHERE status = :status"
            if state == 0 and "/" not in status and not status.startswith("Degraded"):
                statement += " AND kind NOT LIKE '%.%.%'"  # of a custom resource, a word that is not known is no failure
            op.execute(sa.text(statement).bindparams(state=state, status=status))
    where = sa.text("state < 2")
    op.create_index("ix_resources_unhealthy", "resources", ["org_id", "state", "name", "id"], sqlite_where=where, postgresql_where=where)


def _state(status: str) -> int:
    ready, slash, wanted = status.partition("/")
    if slash and ready.isdecimal() and wanted.isdecimal():
        return 2 if int(ready) >= int(wanted) else 1 if int(ready) else 0
    word = status.partition(" ")[0]
    return 2 if word in HEALTHY else 1 if word in PENDING else 0
