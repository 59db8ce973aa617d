"""Looks up from which repository a manager applies an object: by the resources of Argo CD and Flux in the inventory of the same cluster."""

from collections.abc import Mapping
from typing import Any

from optral.flows.executions.inventory import manifest_of, tree
from optral.kit.paging import PageRequest
from optral.resources import lookup, service as resources
from optral.resources.model import ResourceFilter
from optral.runbooks import source
from optral.runbooks.managed import Manager
from optral.runbooks.source import Named, Source
from optral.store.transaction import Transaction


def find(tx: Transaction, cluster_id: str, manager: Manager, manifest: Mapping[str, Any]) -> Source | None:
    """The source, or None: the manager has none, its resource is in another cluster, or the agent may not read it."""
    keeper = source.keeper(manager, manifest)
    held = None if keeper is None else _read(tx, cluster_id, keeper)
    if keeper is None or held is None:
        return None
    if keeper.kind == source.APPLICATION:
        return source.of_application(held)
    if keeper.kind == source.RELEASE:
        return source.of_release(held)
    repository = source.repository_of(held)
    return source.of_kustomization(held, None if repository is None else _read(tx, cluster_id, repository))


def _read(tx: Transaction, cluster_id: str, wanted: Named) -> dict[str, Any] | None:
    """The resource; without a namespace, the only one of that name."""
    if wanted.namespace:
        found = lookup.named(tx, cluster_id, wanted.kind, wanted.namespace, wanted.name)
        return None if found is None else tree(found.read())
    fits = ResourceFilter(clusters=frozenset({cluster_id}), kinds=frozenset({wanted.kind}), name=wanted.name)
    rows = resources.find(tx, fits, PageRequest(size=2))
    return manifest_of(tx, rows[0].id) if len(rows) == 1 else None
