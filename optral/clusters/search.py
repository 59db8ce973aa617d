"""Ids in place of the names of clusters in the terms of a query."""

from dataclasses import replace

from optral.clusters import service as clusters
from optral.kit.search_terms import Term, Value
from optral.store.transaction import Transaction

_NO_CLUSTER = Value("none")


def with_ids(tx: Transaction, term: Term) -> Term:
    """The term with ids in place of names of clusters."""
    if term.key != "cluster":
        return term
    return replace(term, values=tuple(Value(found) for value in term.values for found in _clusters(tx, value)) or (_NO_CLUSTER,))


def _clusters(tx: Transaction, value: Value) -> list[str]:
    """Ids of the clusters with this id or name, or with a name of this pattern."""
    if value.is_pattern:
        return clusters.matching(tx, value.text)
    return [found] if (found := clusters.resolve(tx, value.text)) is not None else []
