"""Paths of webhook URLs, which can be passwords, are stored sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WEBHOOKS = sa.table("webhooks", sa.column("id", sa.String), sa.column("shown_url", sa.String), sa.column("revision", sa.Integer))


def upgrade() -> None:
    connection = op.get_bind()
    for one in connection.execute(sa.select(WEBHOOKS)).all():
        masked = _masked(one.shown_url)
        if masked != one.shown_url:
            update = sa.update(WEBHOOKS).where(WEBHOOKS.c.id == one.id).values(shown_url=masked, revision=one.revision + 1)
            connection.execute(update)


def _masked(shown: str) -> str:
    scheme, _, rest = shown.partition("://")
    whole, question, query = rest.partition("?")
    host, slash, path = whole.partition("/")
    return f"{scheme}://{host}{slash}{'…' if path else ''}{question}{query}"
