"""Conditions of a runbook: comparisons of what is known now, combined by `all`, `any` and `not`. There is no code in them.

A comparison is `{field: object.status.availableReplicas, is: atLeast, value: 2}`. What is not known (an agent that is away, an inventory
that does not show the last change yet) neither holds nor fails to hold: the answer is None.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from optral.kube import diff
from optral.kube.quantities import read_milli
from optral.runbooks.language.definition import REFERENCE

COMBINED = ("all", "any", "not")
ISSUE_FIELDS: Mapping[str, str] = {"type": "string", "severity": "string", "status": "string"}
"""The fields of the issue that can be compared, with their types."""
MAX_DEPTH, MAX_COMPARISONS, MAX_LIST = 4, 20, 20
Condition = Mapping[str, Any]


class Facts(NamedTuple):
    """What a condition is judged by. `object`: the manifest, empty when it does not exist, None when that is not known."""

    object: Mapping[str, Any] | None
    issue: Mapping[str, Any]
    parameters: Mapping[str, Any]


NOTHING_KNOWN = Facts(None, {}, {})


class Operator(NamedTuple):
    """How two values are compared. `takes`: "value", "amount" (a whole number or a quantity), "list", or "nothing"."""

    says: str
    takes: str
    holds: Callable[[Any, Any], bool]


def _same(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None or isinstance(found, bool) != isinstance(wanted, bool):
        return False
    amounts = read_milli(found), read_milli(wanted)
    return bool(found == wanted) or (None not in amounts and amounts[0] == amounts[1])


def _compared(by: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(found: Any, wanted: Any) -> bool:
        amounts = read_milli(found), read_milli(wanted)
        return None not in amounts and by(*amounts)

    return holds


OPERATORS: Mapping[str, Operator] = {
    "equals": Operator("is", "value", _same),
    "notEquals": Operator("is not", "value", lambda found, wanted: not _same(found, wanted)),
    "lessThan": Operator("is less than", "amount", _compared(lt)),
    "atMost": Operator("is at most", "amount", _compared(le)),
    "moreThan": Operator("is more than", "amount", _compared(gt)),
    "atLeast": Operator("is at least", "amount", _compared(ge)),
    "oneOf": Operator("is one of", "list", lambda found, wanted: any(_same(found, one) for one in wanted)),
    "exists": Operator("exists", "nothing", lambda found, _: found is not None),
    "absent": Operator("is absent", "nothing", lambda found, _: found is None),
}
"""By the name that follows `is`. A field that is absent equals nothing, and is neither more nor less than anything."""


def judge(condition: Condition, facts: Facts) -> bool | None:
    """Whether it holds; None when that is not known."""
    if "not" in condition:
        inner = judge(condition["not"], facts)
        return None if inner is None else not inner
    if "all" in condition:
        return _all([judge(one, facts) for one in condition["all"]])
    if "any" in condition:
        none_of_them = _all([None if found is None else not found for found in (judge(one, facts) for one in condition["any"])])
        return None if none_of_them is None else not none_of_them
    return _holds(condition, facts)


def _all(found: Sequence[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _holds(comparison: Condition, facts: Facts) -> bool | None:
    space, _, path = str(comparison["field"]).partition(".")
    if space == "object" and (facts.object is None or not _is_current(facts.object, path)):
        return None
    return OPERATORS[comparison["is"]].holds(_found(space, path, facts), _wanted(comparison.get("value"), facts))


def _is_current(manifest: Mapping[str, Any], path: str) -> bool:
    """A status that its controller wrote before the last change of the object says nothing about it."""
    observed, present = diff.at(manifest, "status.observedGeneration"), diff.at(manifest, "metadata.generation")
    return not path.startswith("status") or observed is None or present is None or observed >= present


def _found(space: str, path: str, facts: Facts) -> Any:
    if space == "object":
        manifest = facts.object or {}
        return diff.at(manifest, path) if path else (manifest or None)
    return (facts.issue if space == "issue" else facts.parameters).get(path)


def _wanted(value: Any, facts: Facts) -> Any:
    if isinstance(value, list):
        return [_wanted(one, facts) for one in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else facts.parameters.get(found[2])


def describe(condition: Condition) -> str:
    """The condition in words: `object.status.availableReplicas is at least 2`."""
    for name, joint in (("all", " and "), ("any", " or ")):
        if name in condition:
            return joint.join(_inner(one) for one in condition[name])
    if "not" in condition:
        return f"not ({describe(condition['not'])})"
    value = condition.get("value")
    shown = "" if value is None else " " + (", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return f"{condition['field']} {OPERATORS[condition['is']].says}{shown}"


def _inner(condition: Condition) -> str:
    text = describe(condition)
    return f"({text})" if "all" in condition or "any" in condition else text
