"""The JSON Schema of a definition (draft 7, which editors support), made of the members that the reader reads by.

It has every key, action, enumeration and limit. What concerns two keys at a time and regular expressions of RE2 is left to the reader:
a definition that fits the schema can still be refused on save.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from optral.runbooks.language import actions
from optral.runbooks.language.condition_reader import MAX_FIELD, PATH
from optral.runbooks.language.conditions import COMBINED, ISSUE_FIELDS, MAX_LIST, OPERATORS
from optral.runbooks.language.controls import CONDITIONS, CONTROLS
from optral.runbooks.language.defaults import TARGET_FIELDS
from optral.runbooks.language.definition import GROUPS, ONLY_OF, PARAMETER, Action, Definition, Parameter
from optral.runbooks.language.keys import Choice, Flag, Group, Groups, Kept, Member, Schema, Whole, members

_DIALECT = "http://json-schema.org/draft-07/schema#"
_CONDITION = {"$ref": "#/definitions/condition"}
_REFERENCE = {"$ref": "#/definitions/reference"}
_NO_REFERENCE = r"^(?![\s\S]*\$\{)"


def document(issue_types: Sequence[str]) -> Schema:
    """The schema; `issue_types` are offered as examples, for a definition may also name others."""
    made = _mapping(Definition)
    made["properties"]["match"]["properties"]["issueTypes"]["items"]["examples"] = list(issue_types)
    reference = rf"^\$\{{(?:parameters\.{PARAMETER.pattern}(?:\.(?:kind|namespace|name))?|target\.(?:{'|'.join(TARGET_FIELDS)}))\}}$"
    definitions = {
        "reference": {"type": "string", "pattern": reference, "examples": [f"${{target.{one}}}" for one in TARGET_FIELDS]},
        "condition": _condition(),
    }
    return {"$schema": _DIALECT, "title": "Optral runbook", **made, "definitions": definitions}


def _condition() -> Schema:
    """A comparison, or several of them."""
    many = {"type": "array", "items": _CONDITION, "minItems": 1, "maxItems": MAX_LIST}
    combined: Schema = {name: _CONDITION if name == "not" else many for name in COMBINED}
    return {"oneOf": [*(_only({name: one}) for name, one in combined.items()), *_comparisons()]}


def _only(properties: Mapping[str, Any]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False}


def _comparisons() -> list[Schema]:
    """One schema for all operators that take the same sort of value."""
    spaces = rf"object(?:\.{PATH.pattern})?|parameters\.{PARAMETER.pattern}|issue\.(?:{'|'.join(ISSUE_FIELDS)})"
    field = {"type": "string", "pattern": f"^(?:{spaces})$", "maxLength": MAX_FIELD, "examples": ["object.spec.replicas"]}
    value: Schema = {"type": ["string", "integer", "boolean"]}
    takes: dict[str, Schema] = {
        "value": {"value": value},
        "amount": {"value": {"type": ["string", "integer"]}},
        "list": {"value": {"type": "array", "items": value, "minItems": 1, "maxItems": MAX_LIST}},
        "nothing": {},
    }
    names = {kind: [name for name, one in OPERATORS.items() if one.takes == kind] for kind in takes}
    return [_only({"field": field, "is": {"enum": names[kind]}, **given}) for kind, given in takes.items()]


def _mapping(of: type) -> Schema:
    known = [member for member in members(of) if not isinstance(member.key, Kept)]
    made = _object([one for one in known if not one.outer])
    for one in known:
        if one.outer:
            group = made["properties"].setdefault(one.outer, {"description": GROUPS[one.outer], **_object([])})
            group["properties"][one.name] = _member(one)
    made["properties"] = {name: made["properties"][name] for name in dict.fromkeys(one.outer or one.name for one in known)}
    if of is Action:
        made["allOf"] = [_when("action", verb, _with(verb)) for verb in actions.in_steps()]
    if of is Parameter:
        made["allOf"] = [
            *(_only_of(name, types) for name, types in ONLY_OF.items()),
            _when("type", "enum", {"required": ["enum"], "properties": {"enum": {"minItems": 1}}}),
        ]
    return made


def _object(of: Sequence[Member]) -> Schema:
    return {
        "type": "object",
        "properties": {one.name: _member(one) for one in of},
        "required": [one.name for one in of if one.is_needed],
        "additionalProperties": False,
    }


def _member(one: Member) -> Schema:
    about = {"description": one.key.about}
    match one.key:
        case Group(of=of):
            return about | _mapping(of)
        case Groups(of=of, least=least, most=most):
            return about | {"type": "array", "items": _mapping(of), "minItems": least, "maxItems": most}
        case Whole() | Choice() | Flag() if one.default is not None and not one.is_needed:
            return about | one.key.schema() | {"default": one.default}
    return about | one.key.schema()


def _when(name: str, value: str, then: Schema) -> Schema:
    return {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": then}


def _only_of(name: str, types: Sequence[str]) -> Schema:
    given = {"required": [name], "properties": {name: {"minItems": 1}}}
    return {"if": given, "then": {"properties": {"type": {"enum": list(types)}}}}


# --- the values of an action


def _with(verb: str) -> Schema:
    """What a step with this action has to give in `with`."""
    full = actions.schema_of(verb)
    values = _values(full["$defs"][full["$ref"].rpartition("/")[2]], full["$defs"])
    made: Schema = {"with": values, "timeoutSeconds": _time(verb), "onError": {"enum": list(actions.errors_of(verb))}}
    if verb in CONTROLS:
        made["retry"] = False
    return {"properties": made} | ({"required": ["with"]} if values["required"] else {})


def _time(verb: str) -> Schema | bool:
    times = actions.times_of(verb)
    return False if times is None else {"minimum": times[0], "maximum": times[1]}


def _values(of: Mapping[str, Any], shared: Mapping[str, Any]) -> Schema:
    properties = {
        name: ({"anyOf": [_CONDITION]} if name in CONDITIONS else _value(one, shared)) | _about(name)
        for name, one in of["properties"].items()
        if one.get("type") != "array"
    }
    return {"type": "object", "properties": properties, "required": list(of["required"]), "additionalProperties": False}


def _about(name: str) -> Schema:
    return {"description": actions.VALUES[name]} if name in actions.VALUES else {}


def _value(one: Mapping[str, Any], shared: Mapping[str, Any]) -> Schema:
    """The value as a literal of this schema, or as a reference. An empty text stands for a value that is not given, and is none itself."""
    default = {"default": one["default"]} if one.get("default") not in (None, "") else {}
    return {"anyOf": [*(_literal(each, shared) for each in one.get("anyOf", [one]) if each.get("enum") != [""]), _REFERENCE]} | default


def _literal(one: Mapping[str, Any], shared: Mapping[str, Any]) -> Schema:
    if "$ref" in one:
        return _values(shared[one["$ref"].rpartition("/")[2]], shared)
    made = {name: value for name, value in one.items() if name not in ("default", "title", "description")}
    if "pattern" in made:
        made["pattern"] = re.sub(r"\\Z$", "$", made["pattern"])
    elif made.get("type") == "string":
        made["pattern"] = _NO_REFERENCE
    return made
