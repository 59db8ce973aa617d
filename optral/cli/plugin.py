"""`kubectl optral`: the same commands as a plugin of kubectl, for the cluster of the current kubeconfig context.

kubectl finds the program `kubectl-optral` in PATH. A list that can be filtered by cluster shows the cluster that kubectl works on, if a
cluster in Optral has the name of that context or of its cluster; `--cluster all` shows all.
"""

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING

from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.client.client import Client

PROGRAM = "kubectl-optral"
NAME = "kubectl optral"
ALL = "all"
FILTERED = frozenset({"list", "watch", "facets", "counts"})
"""Commands whose `--cluster` only narrows what is shown."""


def is_plugin() -> bool:
    """Whether kubectl runs this program."""
    return PurePath(sys.argv[0]).stem == PROGRAM


def chosen(client: "Client", names: list[str]) -> str | None:
    """The first of the names that a cluster has."""
    for name in names:
        if any(cluster.name == name for cluster in client.clusters.list(q=name, page_size=100).value.clusters):
            return name
    return None


def context_names() -> list[str]:
    """The names of the current kubeconfig context and of its cluster; none without a usable kubeconfig, which is kubectl's to report."""
    from optral.up import kubeconfig

    try:
        target = kubeconfig.find(None, None)
    except Misconfigured:
        return []
    return list(dict.fromkeys((target.context, target.cluster)))
