"""The pieces that rules of single kinds are made of.

A rule takes an object and answers with its health, or None where it does not decide; the first rule of a kind that decides wins, and the
generic rule decides when none does.
"""

from collections.abc import Callable, Iterable

from optral.kube.health import lexicon
from optral.kube.health.generic import current, message_beside, message_of
from optral.kube.health.model import (
    MAX_MESSAGE,
    MAX_REASON,
    Health,
    Reported,
    State,
    Tree,
    conditions,
    dated,
    find,
    generation,
    items,
    part,
    text,
)

Rule = Callable[[Tree], Health | None]


def phase(
    *path: str,
    bad: str = "",
    moving: str = "",
    good: str = "",
    resting: str = "",
    otherwise: State | None = None,
    must_end: bool = False,
) -> Rule:
    """Decide by one text at a path below `status`; each argument lists its values in any case, separated by spaces ("_" stands for one)."""
    states = {
        value.replace("_", " "): state
        for values, state in ((bad, State.DEGRADED), (moving, State.PROGRESSING), (good, State.HEALTHY), (resting, State.SUSPENDED))
        for value in values.casefold().split()
    }

    def rule(tree: Tree) -> Health | None:
        value = text(tree, "status", *path)
        state = states.get(value.casefold().replace("_", " "), otherwise) if value else None
        if state is None:
            return None
        beside = part(tree, "status", *path[:-1])
        message = (message_beside(beside) if len(path) > 1 else "") or message_of(tree)
        is_late = must_end and state is State.PROGRESSING
        return Health(state, ".".join(("status", *path)), value[:MAX_REASON], message, dated(beside), is_late)

    return rule


def condition(
    kind: str,
    *,
    true: State | None = State.HEALTHY,
    false: State | None = State.DEGRADED,
    unknown: State | None = State.PROGRESSING,
    moving: str = "",
    waiting: str = "",
    bad: str = "",
    resting: str = "",
) -> Rule:
    """Decide by one condition. `moving`, `waiting`, `bad` and `resting` list reasons that decide whatever the status is, unless it is good.

    What waits for another object can do so for any time: that object is the one to report.
    """
    waits = frozenset(waiting.split())
    reasons = {
        reason: state
        for given, state in ((f"{moving} {waiting}", State.PROGRESSING), (bad, State.DEGRADED), (resting, State.SUSPENDED))
        for reason in given.split()
    }

    def rule(tree: Tree) -> Health | None:
        one = find(current(tree), kind)
        if one is None:
            return None
        state = {"True": true, "False": false}.get(one.status, unknown)
        if one.reason in reasons and state is not State.HEALTHY:
            state = reasons[one.reason]
        elif state is State.DEGRADED and one.status == "False" and not _tells_failure(one):
            state = State.PROGRESSING
        must_end = state is State.PROGRESSING and true is State.HEALTHY and one.reason not in waits
        return None if state is None else one.health(state, must_end=must_end)

    return rule


def failing(*kinds: str) -> Rule:
    """Degraded while one of these conditions is True; does not decide otherwise."""

    def rule(tree: Tree) -> Health | None:
        one = next((one for one in current(tree) if one.type in kinds and one.status == "True"), None)
        return None if one is None else one.health(State.DEGRADED)

    return rule


def unless(*kinds: str) -> Rule:
    """Degraded while one of these conditions is False; does not decide otherwise."""

    def rule(tree: Tree) -> Health | None:
        one = next((one for one in current(tree) if one.type in kinds and one.status == "False"), None)
        return None if one is None else one.health(State.DEGRADED)

    return rule


def suspended(*path: str, value: object = True) -> Rule:
    """Suspended while the field at this path has this value."""

    def rule(tree: Tree) -> Health | None:
        return Health(State.SUSPENDED, ".".join(path)) if part(tree, *path) == value else None

    return rule


def present(*path: str, reason: str = "Error") -> Rule:
    """Degraded while there is a text at this path."""

    def rule(tree: Tree) -> Health | None:
        found = text(tree, *path)
        return Health(State.DEGRADED, ".".join(path), reason, found[:MAX_MESSAGE]) if found else None

    return rule


def of_members(*path: str, bad: Callable[[Reported], State | None]) -> Rule:
    """Decide by the conditions of the members of a list, such as the parents of a route: the worst state wins."""

    def rule(tree: Tree) -> Health | None:
        current = generation(tree)
        found: list[Health] = []
        for at, member in enumerate(items(tree, *path)):
            for one in conditions(member, "conditions"):
                state = bad(one) if one.observed is None or one.observed >= current else State.PROGRESSING
                if state is not None:
                    health = one.health(state)
                    found.append(health._replace(shown_by=".".join((*path, str(at), one.type))[:MAX_REASON]))
        return worst(found)

    return rule


def worst(found: Iterable[Health]) -> Health | None:
    """The first of the worst states."""
    ranked = sorted(found, key=lambda health: _ORDER.index(health.state))
    return ranked[0] if ranked else None


_ORDER = (State.DEGRADED, State.SUSPENDED, State.PROGRESSING, State.UNKNOWN, State.HEALTHY)


def _tells_failure(one: Reported) -> bool:
    """Whether a condition that is False gives a reason other than that work goes on."""
    return bool(one.reason or one.message) and not lexicon.names_work(one.reason)
