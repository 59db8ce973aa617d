"""A runbook's definition as a typed value, its JSON, and the values that fit its parameters. `definition_reader.py` reads one from text.

There is no template language. A value of a step is a literal, or as a whole `${parameters.NAME}` or `${target.NAME}`; a value that
merely contains one is refused, so nothing is ever put together out of text. The default of a parameter may also be `${issue.NAME}` or
`${analysis.NAME}` (`defaults.py`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from optral.kit.mappings import without_none
from optral.kube.quantities import read_milli, to_milli
from optral.runbooks.language import actions, controls
from optral.terms.risks import NEED_APPROVAL, highest

APPROVALS = ("never", "byRisk", "always")
CONCURRENCY = ("perTarget", "perRunbook")
TYPES = ("string", "integer", "boolean", "enum", "quantity", "resource")
TARGET_FIELDS = ("kind", "namespace", "name", "container", "pod", "node")
MAX_RETRIES, MAX_BACKOFF_S = 5, 600
MAX_STEPS, MAX_PARAMETERS, MAX_ENUM = 20, 32, 100
MAX_PATTERN = 200
REFERENCE = re.compile(r"\$\{(parameters|target)\.([A-Za-z][A-Za-z0-9]{0,62})(?:\.(kind|namespace|name))?\}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
PARAMETER = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
ISSUE_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")


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
    up_to: str | None = None
    """A quantity that the factor does not limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a step that failed without an effect is tried again: after `backoff_s` seconds, then after twice as long each time."""

    times: int
    backoff_s: int = 10

    def after_s(self, attempt: int) -> int:
        """Seconds between the end of this attempt (from 1) and the next one."""
        return min(self.backoff_s << (attempt - 1), MAX_BACKOFF_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step: a verb of an agent or a control (`controls.py`), and its values, literal or whole references.

    `condition`: run the step only when it holds. `timeout_s` None: the default of the verb. `on_error` is one of `actions.ON_ERROR`.
    """

    name: str
    verb: str
    values: Mapping[str, Any]
    bounds: Sequence[Bound] = ()
    optional: bool = False
    condition: Mapping[str, Any] | None = None
    timeout_s: int | None = None
    retry: Retry | None = None
    on_error: str = "stop"
    expects: Mapping[str, Any] = field(default_factory=dict)
    """The values that it has to find, by path as in the diff; only of an undo."""

    @property
    def is_write(self) -> bool:
        return actions.BY_NAME[self.verb].is_write

    @property
    def least_risk(self) -> str:
        """The least risk of the step, as far as its values are known."""
        return actions.least_risk(self.verb, self.values)

    @property
    def is_control(self) -> bool:
        """Whether the server itself does it, without a command."""
        return self.verb in controls.CONTROLS

    @property
    def may_fail(self) -> bool:
        """Whether the execution goes on after it failed without an effect."""
        return self.optional or self.on_error == "continue"

    @property
    def time_s(self) -> int:
        """How long it may take, in seconds."""
        return actions.BY_NAME[self.verb].timeout_s if self.timeout_s is None else self.timeout_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a runbook. `risk` is at least that of each step. Times in seconds."""

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
        """Whether somebody else must approve it, as far as its values are known."""
        return self.needs_approval_at(self.risk)

    def needs_approval_at(self, risk: str) -> bool:
        """Whether somebody else must approve an execution of this risk. `never` holds for a low risk alone."""
        return self.approval == "always" or risk in NEED_APPROVAL

    def risk_with(self, steps: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
        """The risk of an execution with these steps: verbs, and their values as they are sent."""
        return highest(self.risk, *(actions.least_risk(*step) for step in steps))

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
    return {"name": one.name, "type": one.type, "required": one.required} | without_none(said)


def _step_json(one: Action) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "action": one.verb, "with": dict(one.values)}
    if one.bounds:
        made["bounds"] = [
            {"path": b.path, "onlyRaise": b.only_raise}
            | ({"maxFactor": b.max_factor} if b.max_factor is not None else {})
            | ({"upTo": b.up_to} if b.up_to is not None else {})
            for b in one.bounds
        ]
    retry = None if one.retry is None else {"times": one.retry.times, "backoffSeconds": one.retry.backoff_s}
    said = {
        "optional": one.optional or None,
        "if": one.condition,
        "timeoutSeconds": one.timeout_s,
        "retry": retry,
        "onError": None if one.on_error == "stop" else one.on_error,
        "expects": dict(one.expects) or None,
    }
    return made | without_none(said)


def of_json(kept: Mapping[str, Any]) -> Definition:
    """A definition that was kept, as it was when it was judged: rules that grew stricter since do not make it unreadable.

    A lower risk than the least one of its steps is raised.
    """
    steps = tuple(_step_of_json(one) for one in kept["steps"])
    return Definition(
        slug=kept["slug"],
        name=kept["name"],
        description=kept.get("description", ""),
        risk=highest(kept["risk"], *(step.least_risk for step in steps)),
        issue_types=tuple(kept["match"]["issueTypes"]),
        clusters=tuple(kept["scope"]["clusters"]),
        namespaces=tuple(kept["scope"]["namespaces"]),
        parameters=tuple(Parameter(**{**one, "enum": tuple(one.get("enum", ()))}) for one in kept["parameters"]),
        steps=steps,
        approval=kept["approval"]["required"],
        approval_expires_s=kept["approval"]["expiresAfterSeconds"],
        cooldown_s=kept["cooldownSeconds"],
        concurrency=kept["concurrency"],
        stable_s=kept["verify"]["stableSeconds"],
        verify_timeout_s=kept["verify"]["timeoutSeconds"],
    )


def _step_of_json(kept: Mapping[str, Any]) -> Action:
    bounds = tuple(
        Bound(path=one["path"], only_raise=one.get("onlyRaise", False), max_factor=one.get("maxFactor"), up_to=one.get("upTo"))
        for one in kept.get("bounds", ())
    )
    return Action(
        name=kept["name"],
        verb=kept["action"],
        values=dict(kept["with"]),
        bounds=bounds,
        optional=kept.get("optional", False),
        condition=kept.get("if"),
        timeout_s=kept.get("timeoutSeconds"),
        retry=Retry(times=kept["retry"]["times"], backoff_s=kept["retry"]["backoffSeconds"]) if "retry" in kept else None,
        on_error=kept.get("onError", "stop"),
        expects=dict(kept.get("expects", {})),
    )


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
    amount = read_milli(value)
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
