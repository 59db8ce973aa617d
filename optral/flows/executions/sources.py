"""Looks up from which repository a manager applies an object: by the resources of Argo CD and Flux in the inventory of the same cluster."""

from collections.abc import Mapping
from typing import Any

from optral.flows.executions.inventory import manifest_of, tree
from optral.kit.paging import PageRequest
from optral.resources import lookup, service as resources
from optral.resources.model import ResourceFilter
from optral.runbooks.executions import applications, managed, source
from optral.runbooks.executions.managed import Manager
from optral.runbooks.executions.source import Named, Source
from optral.store.transaction import Transaction


def find(tx: Transaction, cluster_id: str, manager: Manager, manifest: Mapping[str, Any]) -> Source | None:
    """The source, or None: the manager has none, its resource is in another cluster, or the agent may not read it."""
    found = _find(tx, cluster_id, manager, manifest, is_own=False)
    return None if found is None else found[0]


def reporter(tx: Transaction, cluster_id: str, manager: Manager, manifest: Mapping[str, Any]) -> Named | None:
    """The resource that says which revision was applied."""
    found = _find(tx, cluster_id, manager, manifest, is_own=False)
    return None if found is None else found[1]


def _find(
    tx: Transaction, cluster_id: str, manager: Manager, manifest: Mapping[str, Any], *, is_own: bool
) -> tuple[Source, Named | None] | None:
    """The source and the reporter. `is_own`: of the resource that keeps an object, which is not asked in turn where itself comes from."""
    keeper = source.keeper(manager, manifest)
    held = None if keeper is None else _read(tx, cluster_id, keeper)
    if keeper is None or held is None:
        return None
    own = None if is_own or keeper.kind == source.KUSTOMIZATION else _own(tx, cluster_id, held)
    if keeper.kind == source.APPLICATION:
        made = applications.of_application(held, None if own is None else own[0])
        return None if made is None else (made, keeper)
    if keeper.kind == source.RELEASE:
        charts = source.chart_repository(held)
        found = source.of_release(held, None if own is None else own[0], None if charts is None else _read(tx, cluster_id, charts))
        return found, None if own is None else own[1]
    repository = source.repository_of(held)
    return source.of_kustomization(held, None if repository is None else _read(tx, cluster_id, repository)), keeper


def _own(tx: Transaction, cluster_id: str, held: Mapping[str, Any]) -> tuple[Source, Named | None] | None:
    """Where the resource that keeps an object comes from itself."""
    for manager in managed.declared_by(held):
        if (found := _find(tx, cluster_id, manager, held, is_own=True)) is not None:
            return found
    return None


def _read(tx: Transaction, cluster_id: str, wanted: Named) -> dict[str, Any] | None:
    """The resource; without a namespace, the only one of that name."""
    if wanted.namespace:
        found = lookup.named(tx, cluster_id, wanted.kind, wanted.namespace, wanted.name)
        return None if found is None else tree(found.read())
    fits = ResourceFilter(clusters=frozenset({cluster_id}), kinds=frozenset({wanted.kind}), name=wanted.name)
    rows = resources.find(tx, fits, PageRequest(size=2))
    return manifest_of(tx, rows[0].id) if len(rows) == 1 else None
