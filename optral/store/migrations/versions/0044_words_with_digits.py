"""Words of names that have digits as well, for search: `oauth2` is found by `auth`.

Reads every set once: about 2 us each. The rules are those of the day of this migration, on purpose.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

BATCH = 5_000
_WORD = re.compile(r"[a-z0-9]+")
_SPEAKABLE = re.compile(r"(?=[a-z]*[aeiouy])[a-z]{3,}$|(?:[a-z]{0,2}[0-9](?=[a-z]{4}))?(?=[a-z]*[aeiouy])(?=[a-z]*[g-z])[a-z]{3,}")


def upgrade() -> None:
    connection = op.get_bind()
    page = sa.text("SELECT number, org_id, name FROM resource_sets WHERE number > :after ORDER BY number LIMIT :size")
    insert = sa.text("INSERT INTO resource_words (org_id, word) VALUES (:org_id, :word) ON CONFLICT DO NOTHING")
    after = -1
    while rows := connection.execute(page, {"after": after, "size": BATCH}).all():
        after = rows[-1].number
        words = {(row.org_id, word) for row in rows for word in _words(row.name)}
        if words:
            connection.execute(insert, [{"org_id": org_id, "word": word} for org_id, word in sorted(words)])


def _words(name: str) -> list[str]:
    return [found[0][:64] for word in _WORD.findall(name.lower()) if (found := _SPEAKABLE.match(word))]
