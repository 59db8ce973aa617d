"""The JSON Schema says what the reader accepts: each key, action, value, enumeration and limit is tried on both."""

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from optral.runbooks.builtin import builtin
from optral.runbooks.language import actions, definition, definition_reader, definition_schema, document, keys
from optral.terms.errors import Invalid

SCHEMA = definition_schema.document(["OOMKilled"])
VALID = jsonschema.Draft7Validator(SCHEMA)
GET = {"name": "Read", "action": "get", "with": {"kind": "Pod", "namespace": "shop", "name": "web"}}
BASE: dict[str, Any] = {
    "slug": "look",
    "name": "Look at it",
    "description": "Reads a pod.",
    "risk": "low",
    "match": {"issueTypes": ["OOMKilled"]},
    "scope": {"clusters": ["prod"], "namespaces": ["shop"]},
    "parameters": [{"name": "pod", "type": "string", "required": True, "default": "web", "description": "A pod."}],
    "steps": [{**GET, "bounds": [{"path": "limits.memory", "onlyRaise": True, "maxFactor": 2}], "optional": False}],
    "approval": {"required": "byRisk", "expiresAfterSeconds": 900},
    "cooldownSeconds": 0,
    "concurrency": "perTarget",
    "verify": {"stableSeconds": 0, "timeoutSeconds": 600},
}
_STEP, _PARAMETER = SCHEMA["properties"]["steps"]["items"], SCHEMA["properties"]["parameters"]["items"]
GROUPS = {
    "": (definition.Definition, SCHEMA),
    **{name: (definition.Definition, SCHEMA["properties"][name]) for name in definition.GROUPS},
    "parameters[0]": (definition.Parameter, _PARAMETER),
    "steps[0]": (definition.Action, _STEP),
    "steps[0].bounds[0]": (definition.Bound, _STEP["properties"]["bounds"]["items"]),
}
"""Each mapping of a definition: its path, the class that declares it, its schema."""
SAMPLES: dict[str, Any] = {
    "kind": "Deployment",
    "field": "replicas",
    "value": 2,
    "cpu": "500m",
    "memory": "1Gi",
    "tag": "v1",
    "digest": "sha256:" + "0" * 64,
    "host": "db.example.com",
    "until": {"field": "object.spec.replicas", "is": "atLeast", "value": 2},
    "when": {"field": "issue.severity", "is": "oneOf", "value": ["high", "critical"]},
}


def members_of(path: str) -> list[keys.Member]:
    outer = path if path in definition.GROUPS else ""
    return [one for one in keys.members(GROUPS[path][0]) if one.outer == outer]


def mistakes(value: Any) -> list[str]:
    """The fields that the reader refuses."""
    try:
        definition_reader.read(document.of(value))
    except Invalid as refused:
        return [one["field"] for one in refused.errors]
    return []


def put(doc: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(doc)
    at: Any = made
    *way, last = path.replace("[0]", ".0").split(".")
    for name in way:
        at = at[int(name)] if name == "0" else at[name]
    if value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return made


def values_around(one: dict[str, Any]) -> Iterator[Any]:
    """Values at, inside and beyond the limits of a schema, and of other types."""
    yield from one.get("enum", ())
    yield from (7, -1, 2.5, True, "no such word", "", " ", {}, [], ["x"], [7], "x" * 63, "x" * 64, "x" * 5000)
    yield from ("${target.name}", "x${target.name}")
    for name, step in (("minimum", 1), ("maximum", -1)):
        if name in one:
            yield from (one[name], one[name] + step, one[name] - step)
    if "maxLength" in one:
        yield from ("x" * one["maxLength"], "x" * (one["maxLength"] + 1))
    if "maxItems" in one and "properties" not in one.get("items", {}):
        yield from (["x"] * one["maxItems"], ["x"] * (one["maxItems"] + 1))


def test_the_base_fits_both() -> None:
    assert mistakes(BASE) == []
    assert list(VALID.iter_errors(BASE)) == []


@pytest.mark.parametrize("one", builtin.all_of_them().values(), ids=lambda one: one.definition.slug)
def test_the_builtin_runbooks_fit_the_schema(one: builtin.Builtin) -> None:
    assert [error.message for error in VALID.iter_errors(definition.as_json(one.definition))] == []


@pytest.mark.parametrize("path", GROUPS)
def test_each_mapping_has_the_members_that_are_declared_and_no_others(path: str) -> None:
    declared, of = [one for one in members_of(path) if not isinstance(one.key, keys.Kept)], GROUPS[path][1]
    assert [name for name in of["properties"] if name not in definition.GROUPS] == [one.name for one in declared]
    assert of["required"] == [one.name for one in declared if one.is_needed]
    assert all(one["description"] for one in of["properties"].values())
    other = f"{path}.hooks".lstrip(".")
    assert other in mistakes(put(BASE, other, "x"))
    assert not VALID.is_valid(put(BASE, other, "x"))


# Wider than the reader, because the reader judges it with another key or with RE2.
OF_TWO = {
    "steps[0].onError",
    "parameters[0].default",
    "parameters[0].minimum",
    "parameters[0].maximum",
    "parameters[0].enum",
    "parameters[0].pattern",
}


@pytest.mark.parametrize(
    "path",
    [f"{path}.{one.name}".lstrip(".") for path in GROUPS for one in members_of(path) if not isinstance(one.key, keys.Values | keys.Kept)],
)
def test_a_value_fits_the_schema_exactly_if_the_reader_takes_it(path: str) -> None:
    group, _, name = path.rpartition(".")
    of = GROUPS[group][1]["properties"][name]
    wrong = []
    for value in (None, *values_around(of)):
        doc = put(BASE, path, value)
        taken = not any(field == path or field.startswith((f"{path}.", f"{path}[")) for field in mistakes(doc))
        fits = VALID.is_valid(doc) or (path == "parameters[0].type" and value == "enum" and value in of["enum"])
        if taken != fits and not (path == "steps[0].action" and taken) and not (path in OF_TWO and fits):
            wrong.append((value, taken, fits))
    assert wrong == []


@pytest.mark.parametrize("kind", definition.TYPES)
@pytest.mark.parametrize(("name", "value"), [("enum", ["a"]), ("pattern", "a+"), ("minimum", 1), ("minimum", "1"), ("maximum", 2)])
def test_a_key_that_only_some_types_take(kind: str, name: str, value: Any) -> None:
    given = {"name": "pod", "type": kind, name: value} | ({"enum": ["a"]} if kind == "enum" else {})
    doc = {**BASE, "parameters": [given]}
    is_edge_of_other_type = name in ("minimum", "maximum") and kind == "integer" and isinstance(value, str)
    assert VALID.is_valid(doc) == (not mistakes(doc) or is_edge_of_other_type)


# --- actions


def literal(one: dict[str, Any]) -> dict[str, Any]:
    return one["anyOf"][0]


def sample(name: str, one: dict[str, Any]) -> Any:
    if "enum" in literal(one):
        return literal(one)["enum"][0]
    if name in SAMPLES:
        return SAMPLES[name]
    if literal(one)["type"] == "object":
        return {"memory": "1Gi"}
    return {"integer": 80, "boolean": True, "string": "web"}[literal(one)["type"]]


def values_of(verb: str) -> dict[str, Any]:
    chosen = next(
        one["then"] for one in SCHEMA["properties"]["steps"]["items"]["allOf"] if one["if"]["properties"]["action"]["const"] == verb
    )
    return chosen["properties"]["with"]


def test_every_action_can_be_chosen_and_is_described() -> None:
    chosen = [one["if"]["properties"]["action"]["const"] for one in SCHEMA["properties"]["steps"]["items"]["allOf"]]
    said = SCHEMA["properties"]["steps"]["items"]["properties"]["action"]
    assert chosen == said["enum"] == list(actions.in_steps())
    assert all(said["enumDescriptions"])
    assert set(actions.BY_NAME) - set(chosen) == {"metrics"}  # needs a list, and no value of a step is one


@pytest.mark.parametrize("verb", actions.in_steps())
def test_an_action_takes_the_values_of_its_schema(verb: str) -> None:
    of = values_of(verb)
    assert set(of["properties"]) == set(actions.fields_of(verb))
    assert of["required"] == [name for name, is_needed in actions.fields_of(verb).items() if is_needed]
    assert [name for name, one in of["properties"].items() if not one.get("description")] == []
    needed = {name: sample(name, of["properties"][name]) for name in of["required"]}
    step = {"name": "Do it", "action": verb, "with": needed}
    doc = {**BASE, "steps": [step]}
    assert VALID.is_valid(doc)
    wrong = []
    for name, one in of["properties"].items():
        cases = [
            sample(name, one),
            "${target.name}",
            "${parameters.pod}",
            "x${target.name}",
            "${env.HOME}",
            ["x"],
            {"x": 1},
            2.5,
            "No Such",
        ]
        cases += [*literal(one).get("enum", ()), *(value for value in values_around(literal(one)) if not isinstance(value, (dict, list)))]
        for value in cases:
            changed = put(doc, f"steps[0].with.{name}", value)
            taken = not any(field.startswith(f"steps[0].with.{name}") for field in mistakes(changed))
            if taken != VALID.is_valid(changed):
                wrong.append((name, value, taken))
    assert wrong == []
    assert "steps[0].with.image" in mistakes(put(doc, "steps[0].with.image", "x"))
    assert not VALID.is_valid(put(doc, "steps[0].with.image", "x"))
    for name in of["required"]:
        assert f"steps[0].with.{name}" in mistakes(put(doc, f"steps[0].with.{name}", None))
        assert not VALID.is_valid(put(doc, f"steps[0].with.{name}", None))
