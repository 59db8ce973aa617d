"""Reads a condition of a runbook from a document and reports each mistake with its line."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from optral.kube import diff
from optral.kube.quantities import read_milli
from optral.runbooks.language.conditions import COMBINED, ISSUE_FIELDS, MAX_COMPARISONS, MAX_DEPTH, MAX_LIST, OPERATORS
from optral.runbooks.language.definition import REFERENCE, Parameter
from optral.runbooks.language.document import Node

Say = Callable[[str, Node, str], None]
AMOUNTS = ("integer", "quantity")
MEMBERS = ("field", "is", "value")
MAX_FIELD = 200
PATH = re.compile(r"[A-Za-z0-9_.:@/\[\]-]+")


def read(node: Node, path: str, parameters: Mapping[str, Parameter], say: Say) -> dict[str, Any] | None:
    """The condition as it is kept; None, and every mistake told to `say`, when it is none."""
    reader = _Reader(parameters, say)
    reader.condition(node, path, 1)
    return None if reader.has_mistake else dict(node.plain())


class _Reader:
    def __init__(self, parameters: Mapping[str, Parameter], say: Say) -> None:
        self._parameters, self._say, self._count = parameters, say, 0
        self.has_mistake = False

    def say(self, why: str, node: Node, path: str) -> None:
        self.has_mistake = True
        self._say(why, node, path)

    def condition(self, node: Node, path: str, depth: int) -> None:
        if not isinstance(node.value, dict):
            return self.say("must be a condition: field, is and value, or one of all, any, not", node, path)
        if depth > MAX_DEPTH:
            return self.say(f"conditions are nested deeper than {MAX_DEPTH}", node, path)
        named = [name for name in COMBINED if name in node.value]
        if not named:
            return self._comparison(node, path)
        if len(node.value) > 1:
            return self.say(f"{named[0]} stands alone", node, path)
        inner = node.value[named[0]]
        if named[0] == "not":
            return self.condition(inner, f"{path}.not", depth + 1)
        if not isinstance(inner.value, list) or not 1 <= len(inner.value) <= MAX_LIST:
            return self.say(f"must be a list of 1 to {MAX_LIST} conditions", inner, f"{path}.{named[0]}")
        for index, one in enumerate(inner.value):
            self.condition(one, f"{path}.{named[0]}[{index}]", depth + 1)
        return None

    def _comparison(self, node: Node, path: str) -> None:
        self._count += 1
        if self._count > MAX_COMPARISONS:
            return self.say(f"there are more than {MAX_COMPARISONS} comparisons", node, path)
        for name in sorted(node.value.keys() - set(MEMBERS)):
            self.say(f"is not known here; a comparison has {', '.join(MEMBERS)}", node.value[name], f"{path}.{name}")
        if (mistake := self._mistake(node.value)) is not None:
            name, why = mistake
            self.say(why, node.value.get(name) or node, f"{path}.{name}")
        return None

    def _mistake(self, given: Mapping[str, Node]) -> tuple[str, str] | None:
        """The member of a comparison that does not fit, and why."""
        field, how, value = (given.get(name) for name in MEMBERS)
        if field is None:
            return "field", "is missing"
        if (why := self._bad_field(field.value)) is not None:
            return "field", why
        operator = None if how is None or not isinstance(how.value, str) else OPERATORS.get(how.value)
        if operator is None:
            return "is", f"must be one of {', '.join(OPERATORS)}"
        if operator.takes != "nothing" and field.value == "object":
            return "field", "object takes exists or absent; to compare, name a field of it"
        kind = self._type_of(field.value)
        if operator.takes == "amount" and kind not in (None, *AMOUNTS):
            return "field", f"{field.value} is of type {kind}, which is no number"
        why = self._bad_value(operator.takes, value)
        return None if why is None else ("value", why)

    def _bad_field(self, field: Any) -> str | None:
        spaces = "object.PATH, parameters.NAME or issue.NAME"
        if not isinstance(field, str) or len(field) > MAX_FIELD:
            return f"must be {spaces}"
        space, _, rest = field.partition(".")
        if space == "object":
            return None if field == "object" or _is_path(rest) else "is no path of an object, such as object.spec.replicas"
        if space == "parameters":
            return None if rest in self._parameters else f"there is no parameter {rest[:63]}"
        if space == "issue":
            return None if rest in ISSUE_FIELDS else f"unknown field of an issue; known: {', '.join(ISSUE_FIELDS)}"
        return f"must be {spaces}"

    def _type_of(self, field: str) -> str | None:
        """The declared type; None for a field of an object, whose type is known only when it is read."""
        space, _, rest = field.partition(".")
        return self._parameters[rest].type if space == "parameters" else ISSUE_FIELDS.get(rest) if space == "issue" else None

    def _bad_value(self, takes: str, node: Node | None) -> str | None:
        if takes == "nothing":
            return None if node is None else "belongs to no condition that asks whether something exists"
        if node is None:
            return "is missing"
        if takes == "list":
            if not isinstance(node.value, list) or not 1 <= len(node.value) <= MAX_LIST:
                return f"must be a list of 1 to {MAX_LIST} values"
            return next((why for one in node.value if (why := self._bad_scalar(one.value, "value")) is not None), None)
        return self._bad_scalar(node.value, takes)

    def _bad_scalar(self, value: Any, takes: str) -> str | None:
        if isinstance(value, str) and "${" in value:
            return self._bad_reference(value, takes)
        if not isinstance(value, bool | int | str) or (isinstance(value, str) and not 1 <= len(value) <= 253):
            return "must be text, a whole number, true or false"
        if takes == "amount" and read_milli(value) is None:
            return "must be a whole number or a quantity, such as 3 or 256Mi"
        return None

    def _bad_reference(self, text: str, takes: str) -> str | None:
        found = REFERENCE.fullmatch(text)
        if found is None or found[1] != "parameters" or found[3]:
            return "a condition refers to ${parameters.NAME} alone, as the whole value"
        if (parameter := self._parameters.get(found[2])) is None:
            return f"there is no parameter {found[2]}"
        if takes == "amount" and parameter.type not in AMOUNTS:
            return f"{found[2]} is of type {parameter.type}, which is no number"
        return None


def _is_path(text: str) -> bool:
    if PATH.fullmatch(text) is None:
        return False
    try:
        diff.steps(text)
    except ValueError:
        return False
    return True
