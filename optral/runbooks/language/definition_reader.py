"""Reads a definition from a document and reports each mistake with its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from optral.kube.quantities import read_milli
from optral.runbooks.language import actions, condition_reader, controls, defaults
from optral.runbooks.language.definition import (
    REFERENCE,
    TARGET_FIELDS,
    TYPES,
    Action,
    Bound,
    Definition,
    Parameter,
    Retry,
    bad_pattern,
    misfit,
)
from optral.runbooks.language.document import Node, problem
from optral.runbooks.language.keys import (
    ONLY_OF,
    ROOT_KEYS,
    Choice,
    Edge,
    Flag,
    Group,
    Groups,
    Key,
    Limit,
    Number,
    Scalar,
    Test,
    Text,
    Texts,
    Values,
    Whole,
)
from optral.terms.errors import Invalid
from optral.terms.risks import NEED_APPROVAL, highest

K = TypeVar("K", bound=Key)


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
    """The members of one mapping, read by the table of its keys; what the table does not have, or no caller reads, is unknown."""

    def __init__(self, reader: "_Reader", node: Node, path: str, keys: Mapping[str, Key]) -> None:
        self._reader, self._keys, self.origin, self.path, self.line = reader, keys, node, path, node.line
        self._nodes: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        self._left = set(self._nodes)
        if not isinstance(node.value, dict):
            reader.say("must be a mapping", node, path)

    def node(self, name: str, of: type[Key] = Key) -> Node | None:
        """The value of a key. Reports a key that is needed and not given."""
        key = self._key(name, of)
        self._left.discard(name)
        if (node := self._nodes.get(name)) is None and key.needed:
            self._reader.miss(self.line, self.at(name))
        return node

    def _key(self, name: str, of: type[K]) -> K:
        key = self._keys[name]
        assert isinstance(key, of), f"{name} is no {of.__name__}"
        return key

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str:
        key, node = self._key(name, Text), self.node(name)
        if node is None:
            return ""
        value = node.value
        if not isinstance(value, str) or not value.strip() or len(value) > key.most or any(ord(c) < 32 and c not in "\n\t" for c in value):
            self._reader.say(f"must be text of 1 to {key.most} characters", node, self.at(name))
            return ""
        if key.fits is not None and key.fits.fullmatch(value) is None:
            self._reader.say(f"does not fit {key.fits.pattern}", node, self.at(name))
            return ""
        return value

    def choice(self, name: str) -> str:
        key, node = self._key(name, Choice), self.node(name)
        if node is None:
            return key.default or ""
        if not isinstance(node.value, str) or node.value not in key.among:
            self._reader.say(f"must be one of {', '.join(key.among)}", node, self.at(name))
            return key.default or ""
        return node.value

    def whole(self, name: str) -> int:
        key, node = self._key(name, Whole), self.node(name)
        if node is None:
            return key.default
        if not isinstance(node.value, int) or isinstance(node.value, bool) or not key.least <= node.value <= key.most:
            self._reader.say(f"must be a whole number from {key.least} to {key.most}", node, self.at(name))
            return key.default
        return node.value

    def limit(self, name: str) -> int | None:
        key, node = self._key(name, Limit), self.node(name)
        if node is None:
            return None
        if not isinstance(node.value, int) or isinstance(node.value, bool) or not key.least <= node.value <= key.most:
            self._reader.say(f"must be a whole number from {key.least} to {key.most}", node, self.at(name))
            return None
        return node.value

    def number(self, name: str) -> float | None:
        key, node = self._key(name, Number), self.node(name)
        if node is None:
            return None
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not key.least <= value <= key.most:
            self._reader.say(f"must be a number from {key.least:g} to {key.most:g}", node, self.at(name))
            return None
        return value

    def yes(self, name: str) -> bool:
        self._key(name, Flag)
        if (node := self.node(name)) is None:
            return False
        if not isinstance(node.value, bool):
            self._reader.say("must be true or false", node, self.at(name))
            return False
        return node.value

    def texts(self, name: str) -> tuple[str, ...]:
        key = self._key(name, Texts)
        made = []
        for index, node in enumerate(self._items(name, most=key.most)):
            path = f"{self.at(name)}[{index}]"
            if not isinstance(node.value, str) or not 1 <= len(node.value) <= 253 or (key.fits and key.fits.fullmatch(node.value) is None):
                self._reader.say("must be text" + (f" that fits {key.fits.pattern}" if key.fits else ""), node, path)
            else:
                made.append(node.value)
        return tuple(dict.fromkeys(made))

    def groups(self, name: str) -> list["_Fields"]:
        """The mappings in a list, each as its own members."""
        key = self._key(name, Groups)
        nodes = self._items(name, most=key.most)
        return [_Fields(self._reader, node, f"{self.at(name)}[{index}]", key.keys) for index, node in enumerate(nodes)]

    def group(self, name: str) -> "_Fields":
        key = self._key(name, Group)
        return _Fields(self._reader, self.node(name) or Node({}, self.line), self.at(name), key.keys)

    def has(self, name: str) -> bool:
        return name in self._nodes

    def _items(self, name: str, *, most: int) -> list[Node]:
        node = self.node(name)
        if node is None:
            return []
        if not isinstance(node.value, list) or len(node.value) > most:
            self._reader.say(f"must be a list of at most {most}", node, self.at(name))
            return []
        return list(node.value)

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
        top = _Fields(self, root, "", ROOT_KEYS)
        if self.errors:
            return None
        match, scope, approval, verify = (top.group(name) for name in ("match", "scope", "approval", "verify"))
        parameters = self._parameters(top)
        made = Definition(
            slug=top.text("slug"),
            name=top.text("name"),
            description=top.text("description"),
            risk=top.choice("risk"),
            issue_types=match.texts("issueTypes"),
            clusters=scope.texts("clusters"),
            namespaces=scope.texts("namespaces"),
            parameters=parameters,
            steps=self._steps(top, {one.name: one for one in parameters}),
            approval=approval.choice("required"),
            approval_expires_s=approval.whole("expiresAfterSeconds"),
            cooldown_s=top.whole("cooldownSeconds"),
            concurrency=top.choice("concurrency"),
            stable_s=verify.whole("stableSeconds"),
            verify_timeout_s=verify.whole("timeoutSeconds"),
        )
        for fields in (top, match, scope, approval, verify):
            fields.end()
        self._judge_risk(made, root)
        return made

    def _judge_risk(self, made: Definition, root: Node) -> None:
        for step in made.steps:
            if made.risk and step.verb and highest(made.risk, step.least_risk) != made.risk:
                say = f"must be at least {step.least_risk}, because of step {step.name!r} ({step.verb})"
                self.say(say, root.value.get("risk", root), "risk")
        if made.approval == "never" and made.risk in NEED_APPROVAL:
            self.say("a runbook of high or destructive risk cannot go without approval", root.value["approval"], "approval.required")
        if made.stable_s >= made.verify_timeout_s:
            self.say("must be longer than stableSeconds", root.value.get("verify", root), "verify.timeoutSeconds")

    def _parameters(self, top: _Fields) -> tuple[Parameter, ...]:
        made: dict[str, Parameter] = {}
        for given in top.groups("parameters"):
            one = self._parameter(given)
            if one.name in made:
                self.say("is given twice", given.origin, given.at("name"), code="duplicate")
            made[one.name] = one
        return tuple(made.values())

    def _parameter(self, given: _Fields) -> Parameter:
        kind = given.choice("type")
        default = given.node("default", Scalar)
        made = Parameter(
            name=given.text("name"),
            type=kind,
            required=given.yes("required"),
            default=None if default is None else default.plain(),
            enum=given.texts("enum"),
            pattern=given.text("pattern") or None,
            minimum=self._edge(given, "minimum", kind),
            maximum=self._edge(given, "maximum", kind),
            description=given.text("description"),
        )
        given.end()
        self._judge_parameter(made, given.origin, given.path, default)
        return made

    def _judge_parameter(self, made: Parameter, node: Node, path: str, default: Node | None) -> None:
        if (made.type in ONLY_OF["enum"]) != bool(made.enum):
            self.say("enum belongs to type enum, and is needed there", node, f"{path}.enum")
        if made.pattern is not None:
            if made.type not in ONLY_OF["pattern"]:
                self.say("pattern belongs to type string", node, f"{path}.pattern")
            elif (why := bad_pattern(made.pattern)) is not None:
                self.say(why, node, f"{path}.pattern")
        if default is None or made.type not in TYPES:
            return
        if isinstance(default.value, str) and "${" in default.value:
            if (why := defaults.bad_reference(default.value)) is not None:
                self.say(why, default, f"{path}.default")
        elif self.errors == [] and (why := misfit(made, made.default)) is not None:
            self.say(why, default, f"{path}.default")

    def _edge(self, given: _Fields, name: str, kind: str) -> Any:
        if (node := given.node(name, Edge)) is None:
            return None
        if kind == "integer" and isinstance(node.value, int) and not isinstance(node.value, bool):
            return node.value
        if kind == "quantity" and read_milli(node.value) is not None:
            return str(node.value)
        self.say("must be a whole number (integer) or a quantity (quantity), and belongs to no other type", node, given.at(name))
        return None

    def _steps(self, top: _Fields, parameters: Mapping[str, Parameter]) -> tuple[Action, ...]:
        given = top.groups("steps")
        if not given:
            self.errors.append(problem("needs at least one step", top.line, field="steps", code="missing"))
        made = tuple(self._step(one, parameters) for one in given)
        names = [one.name for one in made]
        for index, name in enumerate(names):
            if name in names[:index]:
                self.say("two steps have this name", given[index].origin, given[index].at("name"), code="duplicate")
        self._judge_order(made, given)
        return made

    def _judge_order(self, made: Sequence[Action], given: Sequence[_Fields]) -> None:
        if made and all(one.is_control for one in made):
            self.say("needs a step that an agent does", given[0].origin, "steps")
        for index, one in enumerate(made):
            if one.on_error == "rollback" and not any(before.verb and before.is_write for before in made[:index]):
                self.say("rollback needs an earlier step that changes something", given[index].origin, given[index].at("onError"))

    def _step(self, given: _Fields, parameters: Mapping[str, Parameter]) -> Action:
        verb = given.choice("action")
        values = given.node("with", Values) or Node({}, given.line)
        made = Action(
            name=given.text("name"),
            verb=verb,
            values=values.plain() if isinstance(values.value, dict) else {},
            bounds=tuple(self._bound(one) for one in given.groups("bounds")),
            optional=given.yes("optional"),
            condition=self._condition(given.node("if", Test), given.at("if"), parameters),
            timeout_s=given.limit("timeoutSeconds"),
            retry=self._retry(given),
            on_error=given.choice("onError"),
        )
        given.end()
        if verb:
            self._judge_values(verb, values, given.at("with"), parameters)
            self._judge_step(made, given)
        return made

    def _condition(self, node: Node | None, path: str, parameters: Mapping[str, Parameter]) -> dict[str, Any] | None:
        return None if node is None else condition_reader.read(node, path, parameters, self.say)

    def _retry(self, given: _Fields) -> Retry | None:
        if not given.has("retry"):
            return None
        inner = given.group("retry")
        made = Retry(times=inner.whole("times"), backoff_s=inner.whole("backoffSeconds"))
        inner.end()
        return made

    def _judge_step(self, made: Action, given: _Fields) -> None:
        members = given.origin.value
        if made.optional and made.is_write:
            self.say("only a step that reads may be optional", given.origin, given.at("optional"))
        if made.is_control and made.retry is not None:
            self.say(f"{made.verb} is never retried", members["retry"], given.at("retry"))
        if made.on_error not in (allowed := actions.errors_of(made.verb)):
            self.say(f"must be one of {', '.join(allowed)} for {made.verb}", members["onError"], given.at("onError"))
        times = actions.times_of(made.verb)
        if made.timeout_s is not None and (times is None or not times[0] <= made.timeout_s <= times[1]):
            why = f"{made.verb} takes no timeout" if times is None else f"must be from {times[0]} to {times[1]} for {made.verb}"
            self.say(why, members["timeoutSeconds"], given.at("timeoutSeconds"))

    def _bound(self, given: _Fields) -> Bound:
        made = Bound(
            path=given.text("path"),
            only_raise=given.yes("onlyRaise"),
            max_factor=given.number("maxFactor"),
            up_to=given.text("upTo") or None,
        )
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
            elif verb in controls.CONTROLS and name in controls.CONDITIONS:
                self._condition(inner, f"{path}.{name}", parameters)
            else:
                self._judge_references(inner, f"{path}.{name}", parameters)
        for name, is_needed in known.items():
            if is_needed and name not in node.value:
                self.miss(node.line, f"{path}.{name}")
        misfits = actions.misfits(verb, node.plain())
        for name, unfit in misfits.items():
            self.say(unfit, node.value[name], f"{path}.{name}")
        if not misfits and set(node.value) <= set(known) and (why := actions.misfit(verb, node.plain())) is not None:
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
