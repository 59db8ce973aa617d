"""Reads a definition from a document and reports each mistake with its line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optral.runbooks import actions
from optral.runbooks.definition import (
    APPROVALS,
    CONCURRENCY,
    ISSUE_TYPE,
    MAX_ENUM,
    MAX_PARAMETERS,
    MAX_PATTERN,
    MAX_STEPS,
    PARAMETER,
    REFERENCE,
    RISKS,
    SLUG,
    TARGET_FIELDS,
    TYPES,
    Action,
    Bound,
    Definition,
    Parameter,
    bad_pattern,
    milli_of,
    misfit,
)
from optral.runbooks.document import Node, problem
from optral.terms.errors import Invalid


def read(root: Node) -> Definition:
    """The definition in a document. Raises `Invalid("invalid_runbook")` with every mistake and its line."""
    reader = _Reader()
    made = reader.definition(root)
    if reader.errors or made is None:
        first = reader.errors[0]
        say = f"the runbook does not fit: {first['field']}: {first['message']}" + (
            f" (and {len(reader.errors) - 1} more)" if len(reader.errors) > 1 else ""
        )
        raise Invalid("invalid_runbook", say=say, errors=reader.errors[:50])
    return made


class _Fields:
    """The members of one mapping; what no caller reads is unknown."""

    def __init__(self, reader: "_Reader", node: Node, path: str) -> None:
        self._reader, self._path, self.line = reader, path, node.line
        self._nodes: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        self._left = set(self._nodes)
        if not isinstance(node.value, dict):
            reader.say("must be a mapping", node, path)

    def node(self, name: str) -> Node | None:
        self._left.discard(name)
        return self._nodes.get(name)

    def at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, *, default: str | None = None, most: int = 200, fits: re.Pattern[str] | None = None) -> str:
        node = self.node(name)
        if node is None:
            if default is None:
                self._reader.miss(self.line, self.at(name))
            return default or ""
        value = node.value
        if not isinstance(value, str) or not value.strip() or len(value) > most or any(ord(c) < 32 and c not in "\n\t" for c in value):
            self._reader.say(f"must be text of 1 to {most} characters", node, self.at(name))
            return ""
        if fits is not None and fits.fullmatch(value) is None:
            self._reader.say(f"does not fit {fits.pattern}", node, self.at(name))
            return ""
        return value

    def choice(self, name: str, among: Sequence[str], *, default: str | None = None) -> str:
        node = self.node(name)
        if node is None:
            if default is None:
                self._reader.miss(self.line, self.at(name))
            return default or ""
        if not isinstance(node.value, str) or node.value not in among:
            self._reader.say(f"must be one of {', '.join(among)}", node, self.at(name))
            return default or ""
        return node.value

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        node = self.node(name)
        if node is None:
            return default
        if not isinstance(node.value, int) or isinstance(node.value, bool) or not least <= node.value <= most:
            self._reader.say(f"must be a whole number from {least} to {most}", node, self.at(name))
            return default
        return node.value

    def yes(self, name: str, *, default: bool = False) -> bool:
        node = self.node(name)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self._reader.say("must be true or false", node, self.at(name))
            return default
        return node.value

    def texts(self, name: str, *, fits: re.Pattern[str] | None = None, most: int = MAX_ENUM) -> tuple[str, ...]:
        made = []
        for index, node in enumerate(self.items(name, most=most)):
            path = f"{self.at(name)}[{index}]"
            if not isinstance(node.value, str) or not 1 <= len(node.value) <= 253 or (fits and fits.fullmatch(node.value) is None):
                self._reader.say("must be text" + (f" that fits {fits.pattern}" if fits else ""), node, path)
            else:
                made.append(node.value)
        return tuple(dict.fromkeys(made))

    def items(self, name: str, *, most: int) -> list[Node]:
        node = self.node(name)
        if node is None:
            return []
        if not isinstance(node.value, list) or len(node.value) > most:
            self._reader.say(f"must be a list of at most {most}", node, self.at(name))
            return []
        return list(node.value)

    def inner(self, name: str) -> "_Fields":
        return _Fields(self._reader, self.node(name) or Node({}, self.line), self.at(name))

    def end(self) -> None:
        for name in sorted(self._left):
            self._reader.say("is not known here", self._nodes[name], self.at(name), code="unknown")


@dataclass
class _Reader:
    errors: list[dict[str, str]] = field(default_factory=list)

    def say(self, why: str, node: Node, path: str, *, code: str = "invalid_value") -> None:
        self.errors.append(problem(why, node.line, field=path[:200], code=code))

    def miss(self, line: int, path: str) -> None:
        self.errors.append(problem("is missing", line, field=path, code="missing"))

    def definition(self, root: Node) -> Definition | None:
        top = _Fields(self, root, "")
        if self.errors:
            return None
        match, scope, approval, verify = (top.inner(name) for name in ("match", "scope", "approval", "verify"))
        parameters = self._parameters(top)
        made = Definition(
            slug=top.text("slug", most=63, fits=SLUG),
            name=top.text("name", most=100),
            description=top.text("description", default="", most=4000),
            risk=top.choice("risk", RISKS),
            issue_types=match.texts("issueTypes", fits=ISSUE_TYPE),
            clusters=scope.texts("clusters"),
            namespaces=scope.texts("namespaces"),
            parameters=parameters,
            steps=self._steps(top, {one.name: one for one in parameters}),
            approval=approval.choice("required", APPROVALS, default="byRisk"),
            approval_expires_s=approval.whole("expiresAfterSeconds", default=900, least=60, most=86_400),
            cooldown_s=top.whole("cooldownSeconds", default=0, least=0, most=86_400),
            concurrency=top.choice("concurrency", CONCURRENCY, default="perTarget"),
            stable_s=verify.whole("stableSeconds", default=60, least=0, most=3600),
            verify_timeout_s=verify.whole("timeoutSeconds", default=600, least=10, most=7200),
        )
        for fields in (top, match, scope, approval, verify):
            fields.end()
        self._judge_risk(made, root)
        return made

    def _judge_risk(self, made: Definition, root: Node) -> None:
        node = root.value.get("risk", root)
        if made.risk == "readOnly" and any(step.verb in actions.BY_NAME and step.is_write for step in made.steps):
            self.say("readOnly does not fit a runbook whose steps change something", node, "risk")
        if made.approval == "never" and made.risk in ("high", "destructive"):
            self.say("a runbook of high or destructive risk cannot go without approval", root.value["approval"], "approval.required")
        if made.stable_s >= made.verify_timeout_s:
            self.say("must be longer than stableSeconds", root.value.get("verify", root), "verify.timeoutSeconds")

    def _parameters(self, top: _Fields) -> tuple[Parameter, ...]:
        made: dict[str, Parameter] = {}
        for index, node in enumerate(top.items("parameters", most=MAX_PARAMETERS)):
            one = self._parameter(node, f"parameters[{index}]")
            if one.name in made:
                self.say("is given twice", node, f"parameters[{index}].name", code="duplicate")
            made[one.name] = one
        return tuple(made.values())

    def _parameter(self, node: Node, path: str) -> Parameter:
        given = _Fields(self, node, path)
        kind = given.choice("type", TYPES)
        default = given.node("default")
        made = Parameter(
            name=given.text("name", fits=PARAMETER),
            type=kind,
            required=given.yes("required"),
            default=None if default is None else default.plain(),
            enum=given.texts("enum"),
            pattern=given.text("pattern", default="", most=MAX_PATTERN) or None,
            minimum=self._edge(given, "minimum", kind),
            maximum=self._edge(given, "maximum", kind),
            description=given.text("description", default="", most=500),
        )
        given.end()
        self._judge_parameter(made, node, path, default)
        return made

    def _judge_parameter(self, made: Parameter, node: Node, path: str, default: Node | None) -> None:
        if (made.type == "enum") != bool(made.enum):
            self.say("enum belongs to type enum, and is needed there", node, f"{path}.enum")
        if made.pattern is not None:
            if made.type != "string":
                self.say("pattern belongs to type string", node, f"{path}.pattern")
            elif (why := bad_pattern(made.pattern)) is not None:
                self.say(why, node, f"{path}.pattern")
        if default is None or made.type not in TYPES:
            return
        if isinstance(default.value, str) and "${" in default.value:
            found = REFERENCE.fullmatch(default.value)
            if found is None or found[1] != "target" or found[2] not in TARGET_FIELDS or found[3]:
                self.say(f"a default may refer to ${{target.X}} alone, X of {', '.join(TARGET_FIELDS)}", default, f"{path}.default")
        elif self.errors == [] and (why := misfit(made, made.default)) is not None:
            self.say(why, default, f"{path}.default")

    def _edge(self, given: _Fields, name: str, kind: str) -> Any:
        if (node := given.node(name)) is None:
            return None
        if kind == "integer" and isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        if kind == "quantity" and milli_of(node.value) is not None:
            return str(node.value)
        self.say("must be a whole number (integer) or a quantity (quantity), and belongs to no other type", node, given.at(name))
        return None

    def _steps(self, top: _Fields, parameters: Mapping[str, Parameter]) -> tuple[Action, ...]:
        nodes = top.items("steps", most=MAX_STEPS)
        if not nodes:
            self.errors.append(problem("needs at least one step", top.line, field="steps", code="missing"))
        made = tuple(self._step(node, f"steps[{index}]", parameters) for index, node in enumerate(nodes))
        names = [one.name for one in made]
        for index, name in enumerate(names):
            if name in names[:index]:
                self.say("two steps have this name", nodes[index], f"steps[{index}].name", code="duplicate")
        return made

    def _step(self, node: Node, path: str, parameters: Mapping[str, Parameter]) -> Action:
        given = _Fields(self, node, path)
        verb = given.choice("action", tuple(actions.BY_NAME))
        values = given.node("with") or Node({}, node.line)
        made = Action(
            name=given.text("name", most=100),
            verb=verb,
            values=values.plain() if isinstance(values.value, dict) else {},
            bounds=tuple(self._bound(one, f"{path}.bounds[{i}]") for i, one in enumerate(given.items("bounds", most=8))),
            optional=given.yes("optional"),
        )
        given.end()
        if verb:
            self._judge_values(verb, values, f"{path}.with", parameters)
            if made.optional and made.is_write:
                self.say("only a step that reads may be optional", node, f"{path}.optional")
        return made

    def _bound(self, node: Node, path: str) -> Bound:
        given = _Fields(self, node, path)
        factor = given.node("maxFactor")
        value = None if factor is None else factor.value
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 100):
            self.say("must be a number from 1 to 100", factor or node, f"{path}.maxFactor")
            value = None
        made = Bound(path=given.text("path"), only_raise=given.yes("onlyRaise"), max_factor=value)
        given.end()
        return made

    def _judge_values(self, verb: str, node: Node, path: str, parameters: Mapping[str, Parameter]) -> None:
        if not isinstance(node.value, dict):
            self.say("must be a mapping", node, path)
            return
        known = actions.fields_of(verb)
        for name, inner in node.value.items():
            if name not in known:
                self.say(f"{verb} takes no such value; it takes {', '.join(known)}", inner, f"{path}.{name}", code="unknown")
            else:
                self._judge_references(inner, f"{path}.{name}", parameters)
        for name, is_needed in known.items():
            if is_needed and name not in node.value:
                self.miss(node.line, f"{path}.{name}")
        if set(node.value) <= set(known) and (why := actions.misfit(verb, node.plain())) is not None:
            self.say(why, node, path)

    def _judge_references(self, node: Node, path: str, parameters: Mapping[str, Parameter]) -> None:
        if isinstance(node.value, dict):
            for name, inner in node.value.items():
                self._judge_references(inner, f"{path}.{name}", parameters)
        elif isinstance(node.value, list):
            self.say("lists are not taken here", node, path)
        elif isinstance(node.value, str) and "${" in node.value and (why := self._bad_reference(node.value, parameters)) is not None:
            self.say(why, node, path)

    def _bad_reference(self, text: str, parameters: Mapping[str, Parameter]) -> str | None:
        found = REFERENCE.fullmatch(text)
        if found is None:
            return "a reference is the whole value: ${parameters.NAME} or ${target.NAME}"
        if found[1] == "target":
            is_known = found[2] in TARGET_FIELDS and not found[3]
            return None if is_known else f"unknown target field; known: {', '.join(TARGET_FIELDS)}"
        parameter = parameters.get(found[2])
        if parameter is None:
            return f"there is no parameter {found[2]}"
        if (parameter.type == "resource") != bool(found[3]):
            return f"{found[2]} is of type {parameter.type}: .kind, .namespace and .name belong to type resource, and are needed there"
        return None
