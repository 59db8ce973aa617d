"""Tables of the store itself: what shows that a secret kept outside the database is the one its rows were made with."""

import sqlalchemy as sa

from optral.store.metadata import metadata

secret_checks = sa.Table(
    "secret_checks",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.LargeBinary(32), nullable=False),
)
