"""A runbook's definition as a typed value, its JSON, and the values that fit its parameters. `definition_reader.py` reads one from text.

Each member is declared here once: its type, what it takes (`keys.py`), its text for people, and its default.

There is no template language. A value of a step is a literal, or as a whole `${parameters.NAME}` or `${target.NAME}`; a value that
merely contains one is refused, so nothing is ever put together out of text. The default of a parameter may also be `${issue.NAME}` or
`${analysis.NAME}` (`defaults.py`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any

import re2

from optral.kube.quantities import read_milli, to_milli
from optral.runbooks.language import actions, controls, defaults
from optral.runbooks.language.keys import (
    Choice,
    Condition,
    Edge,
    Flag,
    Group,
    Groups,
    Kept,
    Number,
    Scalar,
    Text,
    Texts,
    Values,
    Whole,
    loaded,
    written,
)
from optral.terms.fields import QUANTITY
from optral.terms.risks import NEED_APPROVAL, RISKS, highest

APPROVALS = ("never", "byRisk", "always")
CONCURRENCY = ("perTarget", "perRunbook")
TYPES: Mapping[str, str] = {
    "string": "Text",
    "integer": "A whole number",
    "boolean": "true or false",
    "enum": "One of the texts in enum",
    "quantity": 'A Kubernetes quantity such as "256Mi" or "500m"',
    "resource": 'An object as "Kind/namespace/name"; refer to its .kind, .namespace and .name',
}
"""The types of parameters, with a text for people."""
MAX_RETRIES, MAX_BACKOFF_S = 5, 600
MAX_STEPS, MAX_PARAMETERS = 20, 32
MAX_PATTERN = 200
REFERENCE = re.compile(r"\$\{(parameters|target)\.([A-Za-z][A-Za-z0-9]{0,62})(?:\.(kind|namespace|name))?\}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
PARAMETER = re.compile(r"[a-z][A-Za-z0-9]{0,62}")
ISSUE_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
ONLY_OF: Mapping[str, tuple[str, ...]] = {
    "enum": ("enum",),
    "pattern": ("string",),
    "minimum": ("integer", "quantity"),
    "maximum": ("integer", "quantity"),
}
"""The members of a parameter that only some types take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a caller gives. `default` may be `${target.…}`; `minimum` and `maximum` are integers, or quantities as text."""

    name: Annotated[str, Text("Name of the parameter. Steps refer to it as ${parameters.NAME}.", fits=PARAMETER)]
    type: Annotated[str, Choice("What values the parameter takes.", among=TYPES)]
    required: Annotated[bool, Flag("Whether an execution has to give a value.")] = False
    default: Annotated[
        Any,
        Scalar(
            "Value if none is given. ${target.NAME}, ${issue.NAME} and ${analysis.NAME} take it from the issue.",
            examples=[f"${{{source}.{name}}}" for source, names in defaults.FIELDS.items() for name in names],
        ),
    ] = None
    enum: Annotated[Sequence[str], Texts("The values to choose from; only of type enum.", is_brief=True)] = ()
    pattern: Annotated[
        str | None, Text("Regular expression (RE2) that the whole value must match; only of type string.", most=MAX_PATTERN)
    ] = None
    minimum: Annotated[Any, Edge("Smallest value; only of the types integer and quantity.")] = None
    maximum: Annotated[Any, Edge("Largest value; only of the types integer and quantity.")] = None
    description: Annotated[str, Text("What the parameter is for; shown beside its field.", most=500)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How far a step may move a value (`path` as in the diff): only up, and at most `max_factor` times what it was."""

    path: Annotated[str, Text("Suffix of a path in the diff of the plan, such as limits.memory.")]
    only_raise: Annotated[bool, Flag("Whether the new value must be larger than the current one.")] = False
    max_factor: Annotated[
        float | None,
        Number("How many times the current value the new value may be. A current value of zero is not limited.", least=1, most=100),
    ] = None
    up_to: Annotated[str | None, Text('A quantity that maxFactor does not limit, such as "64Mi".', most=30, fits=QUANTITY)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a step that failed without an effect is tried again: after `backoff_s` seconds, then after twice as long each time."""

    times: Annotated[int, Whole("How often the step is tried again.", least=1, most=MAX_RETRIES)] = 1
    backoff_s: Annotated[
        int,
        Whole(
            "How long to wait before the second attempt; twice as long before each further one.",
            path="backoffSeconds",
            least=1,
            most=MAX_BACKOFF_S,
        ),
    ] = 10

    def after_s(self, attempt: int) -> int:
        """Seconds between the end of this attempt (from 1) and the next one."""
        return min(self.backoff_s << (attempt - 1), MAX_BACKOFF_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step: a verb of an agent or a control (`controls.py`), and its values, literal or whole references.

    `condition`: run the step only when it holds. `timeout_s` None: the default of the verb.
    """

    name: Annotated[str, Text("Name of the step, different from those of the other steps.", most=100)]
    verb: Annotated[str, Choice("What the step does.", path="action", among={verb: actions.ABOUT[verb] for verb in actions.in_steps()})]
    values: Annotated[Mapping[str, Any], Values("Values of the action: a literal, ${parameters.NAME} or ${target.NAME}.", path="with")] = (
        field(default_factory=dict)
    )
    bounds: Annotated[
        Sequence[Bound],
        Groups("How far the step may change a value, checked against the diff of the plan.", of=Bound, most=8, is_brief=True),
    ] = ()
    optional: Annotated[bool, Flag("Whether the execution continues if this step fails; only of steps that read.", is_brief=True)] = False
    condition: Annotated[Mapping[str, Any] | None, Condition("Condition; the step is skipped if it does not hold.", path="if")] = None
    timeout_s: Annotated[
        int | None, Whole("How long the step may take; the default follows from the action.", path="timeoutSeconds", least=1, most=86_400)
    ] = None
    retry: Annotated[Retry | None, Group("Attempts after a failure that had no effect.", of=Retry)] = None
    on_error: Annotated[
        str,
        Choice(
            "If the step fails: stop ends the execution, continue goes on, rollback ends it and undoes the earlier steps.",
            among=actions.ON_ERROR,
            is_brief=True,
        ),
    ] = "stop"
    expects: Annotated[Mapping[str, Any], Kept(is_brief=True)] = field(default_factory=dict)
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


GROUPS: Mapping[str, str] = {
    "match": "The issues that the runbook is suggested for.",
    "scope": "Where the runbook may run.",
    "approval": "Whether another member has to approve the plan.",
    "verify": "How the result is checked.",
}
"""The mappings that members of a definition are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a runbook. `risk` is at least that of each step. Times in seconds."""

    slug: Annotated[str, Text("Short name for addresses and commands. It cannot be changed later.", most=63, fits=SLUG)]
    name: Annotated[str, Text("Name that people see.", most=100)]
    description: Annotated[str, Text("What the runbook does, when to use it and when not.", most=4000)] = ""
    risk: Annotated[
        str, Choice("How much harm it can do, at least the risk of each step. high and destructive need an approval.", among=RISKS)
    ]
    issue_types: Annotated[Sequence[str], Texts("Issue types; empty for any.", path="match.issueTypes", fits=ISSUE_TYPE)] = ()
    clusters: Annotated[Sequence[str], Texts("Cluster names or ids; empty for all.", path="scope.clusters")] = ()
    namespaces: Annotated[Sequence[str], Texts("Namespaces; empty for all except system namespaces.", path="scope.namespaces")] = ()
    parameters: Annotated[Sequence[Parameter], Groups("The values that an execution gives.", of=Parameter, most=MAX_PARAMETERS)] = ()
    steps: Annotated[Sequence[Action], Groups("The steps, in the order in which they run.", of=Action, most=MAX_STEPS, least=1)]
    approval: Annotated[
        str, Choice("byRisk (for high and destructive), always, or never (only for a low risk).", path="approval.required", among=APPROVALS)
    ] = "byRisk"
    approval_expires_s: Annotated[
        int, Whole("How long a plan waits for its approval.", path="approval.expiresAfterSeconds", least=60, most=86_400)
    ] = 900
    cooldown_s: Annotated[
        int, Whole("How long the runbook leaves an object alone after it changed it.", path="cooldownSeconds", least=0, most=86_400)
    ] = 0
    concurrency: Annotated[str, Choice("Whether one execution runs for each target, or one in all.", among=CONCURRENCY)] = "perTarget"
    stable_s: Annotated[
        int, Whole("How long all checks must pass without interruption.", path="verify.stableSeconds", least=0, most=3600)
    ] = 60
    verify_timeout_s: Annotated[
        int, Whole("When the verification ends at the latest.", path="verify.timeoutSeconds", least=10, most=7200)
    ] = 600

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
    return written(made)


def of_json(kept: Mapping[str, Any]) -> Definition:
    """A definition that was kept, as it was when it was judged: rules that grew stricter since do not make it unreadable.

    A lower risk than the least one of its steps is raised.
    """
    made = loaded(Definition, kept)
    return replace(made, risk=highest(made.risk, *(step.least_risk for step in made.steps)))


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
