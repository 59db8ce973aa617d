"""The search language for resources: its keys, and a query as part of a `ResourceFilter`.

`KEYS` is the only list of the keys: documentation, completion, SQL (`query_sql.py`) and tests follow it. A term that a filter already
knows goes into its field, so that it uses the same statement and index; what is left becomes `ResourceFilter.terms`. Names of clusters, and
nodes into the ids of their pods, are resolved by whoever reads the query.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from optral.kit import search_keys
from optral.kit.search_keys import NONE, Criterion, Key
from optral.kit.search_terms import Term, Value
from optral.kube.statuses import State
from optral.resources.model import ResourceFilter, is_short

STATES = tuple(state.name.lower() for state in State)
KEYS = (
    Key(
        name="kind",
        field="kinds",
        about="Kind, with or without its API group",
        takes_patterns=True,
        example="kind:Pod,Deployment.apps",
    ),
    Key(name="cluster", field="clusters", about="Name or id of the cluster", takes_patterns=True, example="cluster:prod-*"),
    Key(
        name="namespace",
        aliases=("ns",),
        field="namespaces",
        about="Namespace; `none` for cluster-scoped objects",
        has_none=True,
        takes_patterns=True,
        example="ns:shop",
    ),
    Key(name="name", about="Name", takes_patterns=True, example="-name:test*"),
    Key(
        name="owner",
        about="Name of the owner, such as a ReplicaSet; `none` for objects without an owner",
        has_none=True,
        takes_patterns=True,
        example="owner:web-7d4f*",
    ),
    Key(name="node", about="Name of the node that a pod is on", takes_minus=False, is_single=True, example="node:node-1"),
    Key(
        name="status",
        field="statuses",
        about="Status as the list shows it",
        takes_patterns=True,
        example="status:CrashLoopBackOff",
    ),
    Key(name="state", field="states", about="What the status says", values=STATES, example="state:failing,pending"),
    Key(
        name="label",
        about="Label of the object: `name=value`, or `name` for any value",
        takes_patterns=True,
        check=search_keys.is_label,
        example="label:app=web",
    ),
)
BY_NAME = search_keys.by_name(KEYS)


def read(text: str) -> tuple[Term, ...]:
    """The terms of a query, each with the full name of its key and valid values. Raises `Malformed`."""
    return search_keys.read(text, BY_NAME)


def narrowed(wanted: ResourceFilter, terms: Iterable[Term]) -> ResourceFilter:
    """The filter with the conditions of these terms, which `read` has returned."""
    for term in terms:
        wanted = _with(wanted, _positive(term))
    return wanted


def _positive(term: Term) -> Term:
    """States that are left out as the states that are left: an index knows the objects that fail or wait."""
    if term.key != "state" or not term.is_negated:
        return term
    left = tuple(Value(state) for state in STATES if Value(state) not in term.values)
    return replace(term, values=left, is_negated=False) if left else term


def _with(wanted: ResourceFilter, term: Term) -> ResourceFilter:
    exact = search_keys.exact(term)
    if not _is_field(term):
        return replace(wanted, terms=(*wanted.terms, _criterion(term)))
    match term.key:
        case "node":
            return replace(wanted, ids=frozenset(exact) if wanted.ids is None else wanted.ids & frozenset(exact))
        case "" if wanted.q is None:
            return replace(wanted, q=exact[0])
        case "name" if wanted.name is None and len(exact) == 1:
            return replace(wanted, name=exact[0])
        case "label" if (pair := _pair(exact)) is not None and pair[0] not in wanted.labels:
            return replace(wanted, labels={**wanted.labels, pair[0]: pair[1]})
        case "state" if not wanted.states:
            return replace(wanted, states=frozenset(State[one.upper()] for one in exact))
        case "kind" if not wanted.kinds and not wanted.groups:
            return replace(wanted, kinds=frozenset(exact))
        case "cluster" | "namespace" | "status" if not getattr(wanted, str(BY_NAME[term.key].field)):
            chosen: dict[str, Any] = {str(BY_NAME[term.key].field): frozenset(exact)}
            return replace(wanted, **chosen)
    return replace(wanted, terms=(*wanted.terms, _criterion(term)))


def _is_field(term: Term) -> bool:
    """Whether a field of the filter can have this meaning."""
    if term.is_negated or any(value.is_pattern for value in term.values):
        return False
    return not (term.key and BY_NAME[term.key].has_none and NONE in search_keys.exact(term))


def _pair(exact: list[str]) -> tuple[str, str] | None:
    """The name and the value of the only label, or None."""
    name, separator, value = exact[0].replace(":", "=", 1).partition("=")
    return (name, value) if len(exact) == 1 and separator else None


def _criterion(term: Term) -> Criterion:
    found = search_keys.criterion(term, BY_NAME)
    if term.key != "kind":
        return found
    grouped = {f"{name}.*" for name in (*found.values, *found.patterns) if is_short(name)}
    return replace(found, patterns=tuple(sorted({*found.patterns, *grouped})))
