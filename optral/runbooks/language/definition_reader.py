"""Reads a definition from a document, by the members that `definition.py` declares, and reports each mistake with its line."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, replace
from typing import Any, TypeVar

from optral.kube.quantities import read_milli
from optral.runbooks.language import actions, condition_reader, controls, defaults
from optral.runbooks.language.defaults import TARGET_FIELDS
from optral.runbooks.language.definition import ONLY_OF, REFERENCE, TYPES, Action, Definition, Parameter, bad_pattern, misfit
from optral.runbooks.language.document import Node, problem
from optral.runbooks.language.keys import Choice, Condition, Edge, Group, Groups, Kept, Key, Member, Text, Texts, members
from optral.terms.errors import Invalid
from optral.terms.risks import NEED_APPROVAL, highest

D = TypeVar("D")
MAX_ERRORS = 50


def read(root: Node) -> Definition:
    """The definition in a document. Raises `Invalid("invalid_runbook")` with every mistake and its line."""
    reader = _Reader()
    made = reader.definition(root)
    if reader.errors or made is None:
        first = reader.errors[0]
        more = f" (and {len(reader.errors) - 1} more)" if len(reader.errors) > 1 else ""
        raise Invalid(
            "invalid_runbook",
            say=f"the runbook does not fit: {first['field']}: {first['message']}{more}",
            errors=reader.errors[:MAX_ERRORS],
        )
    return made


@dataclass
class _Reader:
    errors: list[dict[str, str]] = field(default_factory=list)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    """Those read so far; they stand before the steps that refer to them."""

    def say(self, why: str, node: Node, path: str, *, code: str = "invalid_value") -> None:
        self.errors.append(problem(why, node.line, field=path[:200], code=code))

    def miss(self, line: int, path: str) -> None:
        self.errors.append(problem("is missing", line, field=path, code="missing"))

    # --- by the members that are declared

    def record(self, of: type[D], node: Node, path: str = "") -> D | None:
        """What the mapping holds; a member that does not fit has its default. None for what is no mapping."""
        first = self._mapping(node, path)
        if first is None:
            return None
        known = [member for member in members(of) if not isinstance(member.key, Kept)]
        nodes = {"": first}
        unknown = self._unknown(first, path, {one.outer or one.name for one in known})
        for outer in dict.fromkeys(one.outer for one in known if one.outer in first):
            nodes[outer] = self._mapping(first[outer], outer) or {}
            unknown += self._unknown(nodes[outer], outer, {one.name for one in known if one.outer == outer})
        values = {one.field: self._member(one, nodes.get(one.outer, {}), node.line, path) for one in known}
        for at, inner in unknown:
            self.say("is not known here", inner, at, code="unknown")
        made: D = self._judged(of(**values), node, path)
        return made

    def _mapping(self, node: Node, path: str) -> dict[str, Node] | None:
        if isinstance(node.value, dict):
            found: dict[str, Node] = node.value
            return found
        self.say("must be a mapping", node, path)
        return None

    def _unknown(self, nodes: Mapping[str, Node], path: str, known: set[str]) -> list[tuple[str, Node]]:
        return [(_join(path, name), nodes[name]) for name in sorted(nodes.keys() - known)]

    def _member(self, member: Member, nodes: Mapping[str, Node], line: int, path: str) -> Any:
        at, node = _join(path, member.outer, member.name), nodes.get(member.name)
        default = _blank(member.key) if member.default is MISSING else member.default
        if node is not None:
            value = self._value(member.key, node, at)
            return default if value is None else value
        if member.is_needed:
            self.miss(line, at)
        return default

    def _value(self, key: Key, node: Node, path: str) -> Any:
        """The value of a member; None, with the reason told, for one that does not fit."""
        match key:
            case Groups():
                items = [self.record(key.of, one, at) for one, at in self._items(node, path, most=key.most)]
                return tuple(item for item in items if item is not None)
            case Group():
                return self.record(key.of, node, path)
            case Texts():
                return self._texts(key, node, path)
            case Condition():
                return condition_reader.read(node, path, self.parameters, self.say)
        if (why := key.misfit(value := node.plain())) is None:
            return value
        self.say(why, node, path)
        return None

    def _items(self, node: Node, path: str, *, most: int) -> list[tuple[Node, str]]:
        if not isinstance(node.value, list) or len(node.value) > most:
            self.say(f"must be a list of at most {most}", node, path)
            return []
        return [(one, f"{path}[{index}]") for index, one in enumerate(node.value)]

    def _texts(self, key: Texts, node: Node, path: str) -> tuple[str, ...]:
        items = self._items(node, path, most=key.most)
        misfits = {at: (why, one) for one, at in items if (why := key.misfit_of_item(one.value)) is not None}
        for at, (why, one) in misfits.items():
            self.say(why, one, at)
        return tuple(dict.fromkeys(one.value for one, at in items if at not in misfits))

    def _judged(self, made: Any, node: Node, path: str) -> Any:
        match made:
            case Parameter():
                return self._judge_parameter(made, node, path)
            case Action() if made.verb:
                values = node.value.get("with", Node({}, node.line))
                if isinstance(values.value, dict):
                    self._judge_values(made.verb, values, _join(path, "with"))
                self._judge_step(made, node.value, node, path)
        return made

    # --- what concerns two members

    def definition(self, root: Node) -> Definition | None:
        made = self.record(Definition, root)
        if made is not None:
            self._judge_steps(made.steps, root)
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

    def _judge_steps(self, made: Sequence[Action], root: Node) -> None:
        given = root.value.get("steps", Node([])).value
        if not given:
            self.errors.append(problem("needs at least one step", root.line, field="steps", code="missing"))
        if made and all(one.is_control for one in made):
            self.say("needs a step that an agent does", given[0], "steps")
        places = [(node, f"steps[{index}]") for index, node in enumerate(given if made else ()) if isinstance(node.value, dict)]
        for index, (one, (node, path)) in enumerate(zip(made, places, strict=True)):
            self._judge_place(one, made[:index], node, path)

    def _judge_place(self, made: Action, before: Sequence[Action], node: Node, path: str) -> None:
        if made.name and any(made.name == other.name for other in before):
            self.say("two steps have this name", node, f"{path}.name", code="duplicate")
        if made.on_error == "rollback" and not any(other.verb and other.is_write for other in before):
            self.say("rollback needs an earlier step that changes something", node, f"{path}.onError")

    def _judge_parameter(self, made: Parameter, node: Node, path: str) -> Parameter:
        before = len(self.errors)
        if made.name in self.parameters:
            self.say("is given twice", node, _join(path, "name"), code="duplicate")
        made = replace(made, **{name: self._edge(made, name, node, path) for name in ("minimum", "maximum")})
        if (made.type in ONLY_OF["enum"]) != bool(made.enum):
            self.say("enum belongs to type enum, and is needed there", node, f"{path}.enum")
        if made.pattern is not None:
            if made.type not in ONLY_OF["pattern"]:
                self.say("pattern belongs to type string", node, f"{path}.pattern")
            elif (why := bad_pattern(made.pattern)) is not None:
                self.say(why, node, f"{path}.pattern")
        if made.default is not None and made.type in TYPES:
            self._judge_default(made, node.value["default"], f"{path}.default", fits_otherwise=len(self.errors) == before)
        if made.name:
            self.parameters[made.name] = made
        return made

    def _judge_default(self, made: Parameter, node: Node, path: str, *, fits_otherwise: bool) -> None:
        why = None
        if isinstance(node.value, str) and "${" in node.value:
            why = defaults.bad_reference(node.value)
        elif fits_otherwise:
            why = misfit(made, made.default)
        if why is not None:
            self.say(why, node, path)

    def _edge(self, made: Parameter, name: str, node: Node, path: str) -> Any:
        if (value := getattr(made, name)) is None:
            return None
        if made.type == "integer" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if made.type == "quantity" and read_milli(value) is not None:
            return str(value)
        self.say(Edge.WHY, node.value[name], _join(path, name))
        return None

    def _judge_step(self, made: Action, given: Mapping[str, Node], node: Node, path: str) -> None:
        if made.optional and made.is_write:
            self.say("only a step that reads may be optional", node, f"{path}.optional")
        if made.is_control and made.retry is not None:
            self.say(f"{made.verb} is never retried", given["retry"], f"{path}.retry")
        if made.on_error not in (allowed := actions.errors_of(made.verb)):
            self.say(f"must be one of {', '.join(allowed)} for {made.verb}", given["onError"], f"{path}.onError")
        times = actions.times_of(made.verb)
        if made.timeout_s is not None and (times is None or not times[0] <= made.timeout_s <= times[1]):
            why = f"{made.verb} takes no timeout" if times is None else f"must be from {times[0]} to {times[1]} for {made.verb}"
            self.say(why, given["timeoutSeconds"], f"{path}.timeoutSeconds")

    def _judge_values(self, verb: str, node: Node, path: str) -> None:
        known = actions.fields_of(verb)
        for name, inner in node.value.items():
            if name not in known:
                self.say(f"{verb} takes no such value; it takes {', '.join(known)}", inner, f"{path}.{name}", code="unknown")
            elif verb in controls.CONTROLS and name in controls.CONDITIONS:
                condition_reader.read(inner, f"{path}.{name}", self.parameters, self.say)
            else:
                self._judge_references(inner, f"{path}.{name}")
        for name, is_needed in known.items():
            if is_needed and name not in node.value:
                self.miss(node.line, f"{path}.{name}")
        misfits = actions.misfits(verb, node.plain())
        for name, unfit in misfits.items():
            self.say(unfit, node.value[name], f"{path}.{name}")
        if not misfits and set(node.value) <= set(known) and (why := actions.misfit(verb, node.plain())) is not None:
            self.say(why, node, path)

    def _judge_references(self, node: Node, path: str) -> None:
        if isinstance(node.value, dict):
            for name, inner in node.value.items():
                self._judge_references(inner, f"{path}.{name}")
        elif isinstance(node.value, list):
            self.say("lists are not taken here", node, path)
        elif isinstance(node.value, str) and "${" in node.value and (why := self._bad_reference(node.value)) is not None:
            self.say(why, node, path)

    def _bad_reference(self, text: str) -> str | None:
        found = REFERENCE.fullmatch(text)
        if found is None:
            return "a reference is the whole value: ${parameters.NAME} or ${target.NAME}"
        if found[1] == "target":
            is_known = found[2] in TARGET_FIELDS and not found[3]
            return None if is_known else f"unknown target field; known: {', '.join(TARGET_FIELDS)}"
        parameter = self.parameters.get(found[2])
        if parameter is None:
            return f"there is no parameter {found[2]}"
        if (parameter.type == "resource") != bool(found[3]):
            return f"{found[2]} is of type {parameter.type}: .kind, .namespace and .name belong to type resource, and are needed there"
        return None


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _blank(key: Key) -> Any:
    """What stands for a needed value that is missing or does not fit."""
    return "" if isinstance(key, Text | Choice) else ()
