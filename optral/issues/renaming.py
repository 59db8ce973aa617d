"""Fingerprints that were computed the old way, brought up to the new one when the same trouble is seen again.

An upgrade that changes how fingerprints are made (`detectors/fingerprint.py`) would otherwise end every open issue and open it anew, with
its comments, its snooze and its history left behind. With one version there is nothing to do, and nothing is asked.
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


def bring_up(tx: Transaction, cluster_id: str, findings: Iterable[Finding]) -> None:
    """Give what is stored about these findings under an older fingerprint their present one, unless that has issues of its own already."""
    if len(fingerprint.VERSIONS) == 1:
        return
    renamed = {old: new for finding in findings for new, *older in [fingerprint.all_of(cluster_id, finding)] for old in older}
    if not renamed:
        return
    marks = [*renamed, *set(renamed.values())]
    used = {row[0] for one in _in_use for row in tx.execute(one, {"org": tx.org_id, "cluster": cluster_id, "marks": marks})}
    for old in sorted(used & renamed.keys()):
        if renamed[old] not in used:
            used.add(renamed[old])
            for statement in _rename:
                tx.execute(statement, {"org": tx.org_id, "cluster": cluster_id, "old": old, "new": renamed[old]})
