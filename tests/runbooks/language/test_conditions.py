"""Conditions: each comparison on what is there, what is absent and what is not known; and the words for them."""

from typing import Any

import pytest

from optral.runbooks.language import condition_reader, conditions, document
from optral.runbooks.language.conditions import OPERATORS, Facts, judge
from optral.runbooks.language.definition import Parameter

WEB = {
    "metadata": {"generation": 2},
    "spec": {
        "replicas": 3,
        "paused": True,
        "template": {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "1Gi"}}}]}},
    },
    "status": {"observedGeneration": 2, "availableReplicas": 3},
}
FACTS = Facts(WEB, {"severity": "critical", "type": "OOMKilled"}, {"limit": "2Gi", "replicas": 3})
MEMORY = "object.spec.template.spec.containers[api].resources.limits.memory"


def compare(field: str, how: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        (compare("object.spec.replicas", "equals", 3), True),
        (compare("object.spec.replicas", "equals", "3"), True),
        (compare("object.spec.replicas", "equals", True), False),
        (compare("object.spec.paused", "equals", True), True),
        (compare("object.spec.paused", "equals", 1), False),
        (compare("object.spec.replicas", "notEquals", 4), True),
        (compare("object.spec.replicas", "lessThan", 3), False),
        (compare("object.spec.replicas", "atMost", 3), True),
        (compare("object.spec.replicas", "atLeast", "${parameters.replicas}"), True),
        (compare("object.spec.replicas", "moreThan", "${parameters.gone}"), False),
        (compare(MEMORY, "equals", "1024Mi"), True),
        (compare(MEMORY, "lessThan", "${parameters.limit}"), True),
        (compare("parameters.limit", "moreThan", "1Gi"), True),
        (compare("issue.severity", "oneOf", ["high", "critical"]), True),
        (compare("issue.type", "oneOf", ["CrashLoopBackOff"]), False),
        (compare("object.spec.nothing", "equals", 3), False),
        (compare("object.spec.nothing", "notEquals", 3), True),
        (compare("object.spec.nothing", "atMost", 3), False),
        (compare("object.spec.nothing", "absent"), True),
        (compare("object.spec.replicas", "exists"), True),
        (compare("object", "exists"), True),
        (compare("object.spec.template", "atLeast", 3), False),
    ],
    ids=str,
)
def test_compares_what_is_there(comparison: dict[str, Any], holds: bool) -> None:
    assert judge(comparison, FACTS) is holds


def test_what_is_not_known_neither_holds_nor_fails_to() -> None:
    unknown, holds, fails = compare("object.spec.replicas", "atLeast", 1), compare("issue.type", "exists"), compare("issue.type", "absent")
    facts = FACTS._replace(object=None)
    assert judge(unknown, facts) is None
    assert judge({"not": unknown}, facts) is None
    assert [judge({"all": [unknown, one]}, facts) for one in (holds, fails)] == [None, False]
    assert [judge({"any": [unknown, one]}, facts) for one in (holds, fails)] == [True, None]
    assert judge(compare("object", "absent"), FACTS._replace(object={})) is True


def test_a_status_from_before_the_last_change_is_not_known() -> None:
    lagging = FACTS._replace(object=WEB | {"metadata": {"generation": 3}})
    assert judge(compare("object.status.availableReplicas", "atLeast", 3), lagging) is None
    assert judge(compare("object.spec.replicas", "atLeast", 3), lagging) is True


def test_says_it_in_words() -> None:
    few = compare("object.spec.replicas", "atMost", 3)
    assert conditions.describe({"all": [few, {"any": [compare("issue.type", "exists"), {"not": few}]}]}) == (
        "object.spec.replicas is at most 3 and (issue.type exists or not (object.spec.replicas is at most 3))"
    )
    assert conditions.describe(compare("issue.severity", "oneOf", ["high", "low"])) == "issue.severity is one of high, low"


PARAMETERS = {"limit": Parameter(name="limit", type="quantity"), "name": Parameter(name="name", type="string")}


def mistakes(text: str) -> list[str]:
    found: list[str] = []
    kept = condition_reader.read(
        document.read(text), "if", PARAMETERS, lambda why, node, path: found.append(f"{path}: line {node.line}: {why}")
    )
    assert (kept is None) == bool(found)
    return found


@pytest.mark.parametrize("how", OPERATORS)
def test_each_operator_is_read(how: str) -> None:
    value = {"value": "value: 3", "amount": "value: 256Mi", "list": "value: [1, 2]", "nothing": ""}[OPERATORS[how].takes]
    assert mistakes(f"field: object.spec.replicas\nis: {how}\n{value}\n") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1]", "if: line 1: must be a condition"),
        ("{}", "if.field: line 1: is missing"),
        ("field: spec.replicas\nis: exists", "if.field: line 1: must be object.PATH"),
        ("field: object.spec..replicas\nis: exists", "if.field: line 1: is no path"),
        ("field: parameters.other\nis: exists", "if.field: line 1: there is no parameter other"),
        ("field: issue.password\nis: exists", "if.field: line 1: unknown field"),
        ("field: object.spec.replicas\nis: bigger\nvalue: 1", "if.is: line 2: must be one of equals"),
        ("field: object.spec.replicas\nis: atLeast", "if.value: line 1: is missing"),
        ("field: object.spec.replicas\nis: atLeast\nvalue: many", "if.value: line 3: must be a whole number or a quantity"),
        ("field: object.spec.replicas\nis: atLeast\nvalue: ${parameters.name}", "if.value: line 3: name is of type string"),
        ("field: object.spec.replicas\nis: equals\nvalue: ${target.name}", "if.value: line 3: a condition refers to"),
        ("field: object.spec.replicas\nis: equals\nvalue: x-${parameters.name}", "if.value: line 3: a condition refers to"),
        ("field: object.spec.replicas\nis: equals\nvalue: {a: 1}", "if.value: line 3: must be text"),
        ("field: object.spec.replicas\nis: exists\nvalue: 1", "if.value: line 3: belongs to no condition"),
        ("field: parameters.name\nis: moreThan\nvalue: 1", "if.field: line 1: parameters.name is of type string"),
        ("field: issue.severity\nis: lessThan\nvalue: 1", "if.field: line 1: issue.severity is of type string"),
        ("field: object\nis: equals\nvalue: 1", "if.field: line 1: object takes exists or absent"),
        ("field: object.spec\nis: oneOf\nvalue: []", "if.value: line 3: must be a list"),
        ("field: object.spec\nis: exists\nrun: rm", "if.run: line 3: is not known here"),
        ("any: []", "if.any: line 1: must be a list"),
        ("any: [{field: object, is: exists}]\nnot: {field: object, is: exists}", "if: line 1: any stands alone"),
        ("not: {not: {not: {not: {field: object, is: exists}}}}", "nested deeper than 4"),
        ("any: [" + "{field: object, is: exists}," * 21 + "]", "must be a list of 1 to 20"),
    ],
)
def test_names_each_mistake_with_its_line(text: str, says: str) -> None:
    found = mistakes(text)
    assert any(says in one for one in found), found


def test_the_number_of_comparisons_is_bounded() -> None:
    ten = "{any: [" + ",".join(["{field: object, is: exists}"] * 10) + "]}"
    assert mistakes(f"all: [{ten}, {ten}]") == []
    assert "more than 20 comparisons" in mistakes(f"all: [{ten}, {ten}, {ten}]")[0]
