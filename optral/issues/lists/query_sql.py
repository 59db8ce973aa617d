"""The columns that the search language for issues compares."""

from optral.issues.tables import issues
from optral.store.search_sql import Columns

COLUMNS = Columns(
    of={
        "status": issues.c.status,
        "severity": issues.c.severity,
        "type": issues.c.type,
        "category": issues.c.category,
        "substatus": issues.c.shown_as,
        "cluster": issues.c.cluster_id,
        "namespace": issues.c.namespace,
        "kind": issues.c.owner_kind,
        "owner": issues.c.owner_name,
        "resource": issues.c.resource,
        "container": issues.c.container,
        "assignee": issues.c.assignee,
        "team": issues.c.team,
    },
    claims={"snoozed": issues.c.snooze, "muted": issues.c.mute_rule_id},
    labels=issues.c.labels,
    text=(issues.c.title, issues.c.resource, issues.c.owner_name),
)
