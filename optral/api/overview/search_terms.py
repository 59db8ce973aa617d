"""Queries of the search language as requests bring them: errors with their position, and ids in place of the names of clusters."""

from collections.abc import Callable
from dataclasses import replace

from optral.api.http.problems import Problem
from optral.clusters import service as clusters
from optral.kit.search_terms import Malformed, Term, Value
from optral.store.transaction import Transaction

_NO_CLUSTER = Value("none")


def read(language: Callable[[str], tuple[Term, ...]], text: str, *, field: str) -> tuple[Term, ...]:
    """The terms of the query in this field. Raises `Problem` 400 with the position of the error."""
    try:
        return language(text)
    except Malformed as error:
        raise refused(error, field=field) from None


def refused(error: Malformed, *, field: str) -> Problem:
    """The answer to a query that is not valid."""
    errors = [{"field": field, "code": "bad_query", "message": str(error)}]
    return Problem(400, "bad_query", say=f"{field}: {error}; docs/search.md lists the keys", errors=errors)


def with_cluster_ids(tx: Transaction, term: Term) -> Term:
    """The term with ids in place of names of clusters."""
    if term.key != "cluster":
        return term
    return replace(term, values=tuple(Value(found) for value in term.values for found in _clusters(tx, value)) or (_NO_CLUSTER,))


def _clusters(tx: Transaction, value: Value) -> list[str]:
    """Ids of the clusters with this id or name, or with a name of this pattern."""
    if value.is_pattern:
        return clusters.matching(tx, value.text)
    return [found] if (found := clusters.resolve(tx, value.text)) is not None else []
