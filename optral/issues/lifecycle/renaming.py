"""Replace fingerprints of an older version when the same failure is found again.

Without this, an upgrade that changes the algorithm (`detectors/fingerprint.py`) would resolve every open issue and open a new one, without
its comments, its snooze and its history. With only one version no query is made.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from optral.detectors import fingerprint
from optral.detectors.finding import Finding
from optral.issues.tables import issue_conditions, issues
from optral.store.transaction import Transaction

_TABLES = (issues, issue_conditions)
_in_use = tuple(
    sa.select(table.c.fingerprint)
    .distinct()
    .where(
        table.c.org_id == sa.bindparam("org"),
        table.c.cluster_id == sa.bindparam("cluster"),
        table.c.fingerprint.in_(sa.bindparam("marks", expanding=True)),
    )
    for table in _TABLES
)
_rename = tuple(
    sa.update(table)
    .where(
        table.c.org_id == sa.bindparam("org"),
        table.c.cluster_id == sa.bindparam("cluster"),
        table.c.fingerprint == sa.bindparam("old"),
    )
    .values(fingerprint=sa.bindparam("new"))
    for table in _TABLES
)


def update_fingerprints(tx: Transaction, cluster_id: str, findings: Iterable[Finding]) -> None:
    """Store the current fingerprint where these findings are stored under an older one, unless issues with the current one exist."""
    if len(fingerprint.VERSIONS) == 1:
        return
    renamed = {old: new for finding in findings for new, *older in [fingerprint.all_of(cluster_id, finding)] for old in older}
    if not renamed:
        return
    marks = [*renamed, *set(renamed.values())]
    used = {row[0] for statement in _in_use for row in tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id, "marks": marks})}
    for old in sorted(used & renamed.keys()):
        if renamed[old] not in used:
            used.add(renamed[old])
            for update in _rename:
                tx.execute(update, {"org": tx.org_id, "cluster": cluster_id, "old": old, "new": renamed[old]})
