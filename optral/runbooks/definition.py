"""A runbook's definition as a typed value, and the reading of it: every mistake is named with its line, all of them at once.

There is no template language. A value of a step is a literal, or as a whole `${parameters.NAME}` or `${target.NAME}`; a value that
merely contains one is refused, so nothing is ever put together out of text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from optral.kube.quantities import BadQuantity, to_milli
from optral.runbooks import actions
from optral.runbooks.document import Node, problem
from optral.terms.errors import Invalid

RISKS = ("readOnly", "low", "high", "destructive")
APPROVALS = ("never", "byRisk", "always")
CONCURRENCY = ("perTarget", "perRunbook")
TYPES = ("string", "integer", "boolean", "enum", "quantity", "resource")
TARGET_FIELDS = ("kind", "namespace", "name", "container", "pod", "node")
MAX_STEPS, MAX_PARAMETERS, MAX_ENUM = 20, 32, 100
MAX_PATTERN = 200
REFERENCE = re.compile(r"\$\{(parameters|target)\.([A-Za-z][A-Za-z0-9]{0,62})(?:\.(kind|namespace|name))?\}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PARAMETER = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
_ISSUE_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a caller gives. `default` may be `${target.…}`; `minimum` and `maximum` are integers, or quantities as text."""

    name: str
    type: str
    required: bool = False
    default: Any = None
    enum: Sequence[str] = ()
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How far a step may move a value (`path` as in the diff): only up, and at most `max_factor` times what it was."""

    path: str
    only_raise: bool = False
    max_factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step: a verb and its values, literal or whole references."""

    name: str
    verb: str
    values: Mapping[str, Any]
    bounds: Sequence[Bound] = ()
    optional: bool = False

    @property
    def is_write(self) -> bool:
        return actions.BY_NAME[self.verb].is_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a runbook. Times in seconds."""

    slug: str
    name: str
    description: str = ""
    risk: str
    issue_types: Sequence[str] = ()
    clusters: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    parameters: Sequence[Parameter] = ()
    steps: Sequence[Action]
    approval: str = "byRisk"
    approval_expires_s: int = 900
    cooldown_s: int = 0
    concurrency: str = "perTarget"
    stable_s: int = 60
    verify_timeout_s: int = 600

    @property
    def needs_approval(self) -> bool:
        """Whether somebody else must say yes first."""
        return self.approval == "always" or (self.approval == "byRisk" and self.risk in ("high", "destructive"))

    @property
    def writes(self) -> bool:
        return any(step.is_write for step in self.steps)


def as_json(made: Definition) -> dict[str, Any]:
    """The definition as it is written, kept and shown: `read` and `of_json` of it give it back."""
    return {
        "slug": made.slug,
        "name": made.name,
        **({"description": made.description} if made.description else {}),
        "risk": made.risk,
        "match": {"issueTypes": list(made.issue_types)},
        "scope": {"clusters": list(made.clusters), "namespaces": list(made.namespaces)},
        "parameters": [_parameter_json(one) for one in made.parameters],
        "steps": [_step_json(one) for one in made.steps],
        "approval": {"required": made.approval, "expiresAfterSeconds": made.approval_expires_s},
        "cooldownSeconds": made.cooldown_s,
        "concurrency": made.concurrency,
        "verify": {"stableSeconds": made.stable_s, "timeoutSeconds": made.verify_timeout_s},
    }


def _parameter_json(one: Parameter) -> dict[str, Any]:
    said = {
        "default": one.default,
        "enum": list(one.enum) or None,
        "pattern": one.pattern,
        "minimum": one.minimum,
        "maximum": one.maximum,
        "description": one.description or None,
    }
    return {"name": one.name, "type": one.type, "required": one.required} | {k: v for k, v in said.items() if v is not None}


def _step_json(one: Action) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "action": one.verb, "with": dict(one.values)}
    if one.bounds:
        made["bounds"] = [
            {"path": b.path, "onlyRaise": b.only_raise} | ({"maxFactor": b.max_factor} if b.max_factor is not None else {})
            for b in one.bounds
        ]
    return made | ({"optional": True} if one.optional else {})


def of_json(kept: Mapping[str, Any]) -> Definition:
    """A definition that was kept, as it was when it was judged: rules that grew stricter since do not make it unreadable."""
    return Definition(
        slug=kept["slug"],
        name=kept["name"],
        description=kept.get("description", ""),
        risk=kept["risk"],
        issue_types=tuple(kept["match"]["issueTypes"]),
        clusters=tuple(kept["scope"]["clusters"]),
        namespaces=tuple(kept["scope"]["namespaces"]),
        parameters=tuple(Parameter(**{**one, "enum": tuple(one.get("enum", ()))}) for one in kept["parameters"]),
        steps=tuple(_step_of_json(one) for one in kept["steps"]),
        approval=kept["approval"]["required"],
        approval_expires_s=kept["approval"]["expiresAfterSeconds"],
        cooldown_s=kept["cooldownSeconds"],
        concurrency=kept["concurrency"],
        stable_s=kept["verify"]["stableSeconds"],
        verify_timeout_s=kept["verify"]["timeoutSeconds"],
    )


def _step_of_json(kept: Mapping[str, Any]) -> Action:
    bounds = tuple(
        Bound(path=one["path"], only_raise=one.get("onlyRaise", False), max_factor=one.get("maxFactor")) for one in kept.get("bounds", ())
    )
    return Action(name=kept["name"], verb=kept["action"], values=dict(kept["with"]), bounds=bounds, optional=kept.get("optional", False))


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
            slug=top.text("slug", most=63, fits=_SLUG),
            name=top.text("name", most=100),
            description=top.text("description", default="", most=4000),
            risk=top.choice("risk", RISKS),
            issue_types=match.texts("issueTypes", fits=_ISSUE_TYPE),
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
            name=given.text("name", fits=_PARAMETER),
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
        if kind == "quantity" and _milli(node.value) is not None:
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


def misfit(parameter: Parameter, value: Any) -> str | None:
    """Why a value does not fit its parameter; None when it does."""
    judge = _JUDGES[parameter.type]
    return judge(parameter, value)


def _string(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= 253 or any(ord(c) < 32 or ord(c) == 127 for c in value):
        return "must be text of 1 to 253 printable characters"
    if "${" in value:
        return "must not contain ${"
    if parameter.pattern is not None and _pattern(parameter.pattern).fullmatch(value) is None:
        return f"must fit {parameter.pattern}"
    return None


def _integer(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number"
    if parameter.minimum is not None and value < parameter.minimum:
        return f"must be at least {parameter.minimum}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"must be at most {parameter.maximum}"
    return None


def _boolean(_parameter: Parameter, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _enum(parameter: Parameter, value: Any) -> str | None:
    return None if isinstance(value, str) and value in parameter.enum else f"must be one of {', '.join(parameter.enum)}"


def _quantity(parameter: Parameter, value: Any) -> str | None:
    amount = _milli(value)
    if amount is None:
        return 'must be a quantity such as "256Mi" or "500m"'
    if parameter.minimum is not None and amount < to_milli(parameter.minimum):
        return f"must be at least {parameter.minimum}"
    if parameter.maximum is not None and amount > to_milli(parameter.maximum):
        return f"must be at most {parameter.maximum}"
    return None


def _resource(_parameter: Parameter, value: Any) -> str | None:
    return None if isinstance(value, str) and split_resource(value) is not None else "must be Kind/namespace/name or Kind/name"


_JUDGES: Mapping[str, Callable[[Parameter, Any], str | None]] = {
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "enum": _enum,
    "quantity": _quantity,
    "resource": _resource,
}
_RESOURCE = re.compile(r"([A-Z][A-Za-z0-9]{0,62})(?:/([a-z0-9-]{1,63}))?/([a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?)")


def split_resource(text: str) -> dict[str, str | None] | None:
    """`Deployment/shop/api` as kind, namespace and name; None when it is none."""
    found = _RESOURCE.fullmatch(text)
    return None if found is None else {"kind": found[1], "namespace": found[2], "name": found[3]}


def bad_pattern(pattern: str) -> str | None:
    """Why a pattern is not taken; RE2 runs in linear time, so that no pattern can hold the server up."""
    try:
        _pattern(pattern)
    except re2.error as error:
        return f"is no regular expression (RE2): {str(error)[:100]}"
    return None


@lru_cache(maxsize=256)
def _pattern(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(text, options)


def _milli(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return to_milli(value)
    except BadQuantity:
        return None
