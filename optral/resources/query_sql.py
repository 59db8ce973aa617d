"""The columns that the search language for resources compares."""

import sqlalchemy as sa

from optral.kube.statuses import State
from optral.resources.tables import resources
from optral.store.search_sql import Columns

_NAMES = {int(state): sa.literal(state.name.lower(), sa.String) for state in State}
COLUMNS = Columns(
    of={
        "kind": resources.c.kind,
        "cluster": resources.c.cluster_id,
        "namespace": sa.func.nullif(resources.c.namespace, sa.literal_column("''"), type_=sa.String),
        "name": resources.c.name,
        "owner": resources.c.owner_name,
        "status": resources.c.status,
        "state": sa.case(_NAMES, value=resources.c.state),
    },
    labels=resources.c.labels,
    text=(resources.c.name,),
)
