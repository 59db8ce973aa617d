"""Queries of the search language as requests bring them: errors with their position."""

from collections.abc import Callable

from optral.api.http.problems import Problem
from optral.kit.search_terms import Malformed, Term


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
