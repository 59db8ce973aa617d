"""An index of the alerts that fire: each notification asks for those of its fingerprints."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

FIRING = sa.text("status = 'firing'")


def upgrade() -> None:
    columns = ["org_id", "receiver_id", "fingerprint", "status"]
    op.create_index("ix_alerts_firing", "alerts", columns, sqlite_where=FIRING, postgresql_where=FIRING)
