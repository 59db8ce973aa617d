"""The keys of a definition: which there are, what each takes, and what it is for.

`definition_reader.py` reads by these tables, and `definition_schema.py` makes the JSON Schema of them, so a key is described once. A key
that has no row here is unknown to both. What concerns two keys at a time (such as the risk and its steps) is judged in the reader alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optral.runbooks.language import actions
from optral.runbooks.language.definition import (
    APPROVALS,
    CONCURRENCY,
    ISSUE_TYPE,
    MAX_BACKOFF_S,
    MAX_ENUM,
    MAX_PARAMETERS,
    MAX_PATTERN,
    MAX_RETRIES,
    MAX_STEPS,
    PARAMETER,
    SLUG,
    TYPES,
)
from optral.terms.fields import QUANTITY
from optral.terms.risks import RISKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key with any value; the reader judges the value itself. `about` is shown to people who write a definition."""

    about: str
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Key):
    most: int = 200
    fits: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Key):
    """One of several words; without a default it has to be given."""

    among: Sequence[str]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Key):
    default: int
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Key):
    """A whole number whose default follows from something else."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Key):
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Key):
    """True or false; false if it is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Key):
    """A list of texts of at most 253 characters."""

    most: int = MAX_ENUM
    fits: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Key):
    """A mapping with keys of its own."""

    keys: Mapping[str, Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Key):
    """A list of such mappings."""

    keys: Mapping[str, Key]
    most: int
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Key):
    """A whole number or a quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Key):
    """A text, a number, true or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(Key):
    """The values of an action, as the action takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Key):
    """A condition (`condition_reader.py`)."""


PARAMETER_TYPES: Mapping[str, str] = {
    "string": "Text",
    "integer": "A whole number",
    "boolean": "true or false",
    "enum": "One of the texts in enum",
    "quantity": 'A Kubernetes quantity such as "256Mi" or "500m"',
    "resource": 'An object as "Kind/namespace/name"; refer to its .kind, .namespace and .name',
}
ONLY_OF: Mapping[str, tuple[str, ...]] = {
    "enum": ("enum",),
    "pattern": ("string",),
    "minimum": ("integer", "quantity"),
    "maximum": ("integer", "quantity"),
}
"""The keys of a parameter that only some types take."""

PARAMETER_KEYS: Mapping[str, Key] = {
    "name": Text(about="Name of the parameter. Steps refer to it as ${parameters.NAME}.", needed=True, fits=PARAMETER),
    "type": Choice(about="What values the parameter takes.", needed=True, among=TYPES),
    "required": Flag(about="Whether an execution has to give a value."),
    "default": Scalar(about="Value if none is given. ${target.NAME}, ${issue.NAME} and ${analysis.NAME} take it from the issue."),
    "enum": Texts(about="The values to choose from; only of type enum."),
    "pattern": Text(about="Regular expression (RE2) that the whole value must match; only of type string.", most=MAX_PATTERN),
    "minimum": Edge(about="Smallest value; only of the types integer and quantity."),
    "maximum": Edge(about="Largest value; only of the types integer and quantity."),
    "description": Text(about="What the parameter is for; shown beside its field.", most=500),
}
BOUND_KEYS: Mapping[str, Key] = {
    "path": Text(about="Suffix of a path in the diff of the plan, such as limits.memory.", needed=True),
    "onlyRaise": Flag(about="Whether the new value must be larger than the current one."),
    "maxFactor": Number(
        about="How many times the current value the new value may be. A current value of zero is not limited.", least=1, most=100
    ),
    "upTo": Text(about='A quantity that maxFactor does not limit, such as "64Mi".', most=30, fits=QUANTITY),
}
RETRY_KEYS: Mapping[str, Key] = {
    "times": Whole(about="How often the step is tried again.", default=1, least=1, most=MAX_RETRIES),
    "backoffSeconds": Whole(
        about="How long to wait before the second attempt; twice as long before each further one.", default=10, least=1, most=MAX_BACKOFF_S
    ),
}
STEP_KEYS: Mapping[str, Key] = {
    "name": Text(about="Name of the step, different from those of the other steps.", needed=True, most=100),
    "action": Choice(about="What the step does.", needed=True, among=actions.in_steps()),
    "with": Values(about="Values of the action: a literal, ${parameters.NAME} or ${target.NAME}."),
    "bounds": Groups(about="How far the step may change a value, checked against the diff of the plan.", keys=BOUND_KEYS, most=8),
    "optional": Flag(about="Whether the execution continues if this step fails; only of steps that read."),
    "if": Test(about="Condition; the step is skipped if it does not hold."),
    "timeoutSeconds": Limit(about="How long the step may take; the default follows from the action.", least=1, most=86_400),
    "retry": Group(about="Attempts after a failure that had no effect.", keys=RETRY_KEYS),
    "onError": Choice(
        about="If the step fails: stop ends the execution, continue goes on, rollback ends it and undoes the earlier steps.",
        among=actions.ON_ERROR,
        default="stop",
    ),
}
ROOT_KEYS: Mapping[str, Key] = {
    "slug": Text(about="Short name for addresses and commands. It cannot be changed later.", needed=True, most=63, fits=SLUG),
    "name": Text(about="Name that people see.", needed=True, most=100),
    "description": Text(about="What the runbook does, when to use it and when not.", most=4000),
    "risk": Choice(
        about="How much harm it can do, at least the risk of each step. high and destructive need an approval.",
        needed=True,
        among=RISKS,
    ),
    "match": Group(
        about="The issues that the runbook is suggested for.",
        keys={"issueTypes": Texts(about="Issue types; empty for any.", fits=ISSUE_TYPE)},
    ),
    "scope": Group(
        about="Where the runbook may run.",
        keys={
            "clusters": Texts(about="Cluster names or ids; empty for all."),
            "namespaces": Texts(about="Namespaces; empty for all except system namespaces."),
        },
    ),
    "parameters": Groups(about="The values that an execution gives.", keys=PARAMETER_KEYS, most=MAX_PARAMETERS),
    "steps": Groups(about="The steps, in the order in which they run.", needed=True, keys=STEP_KEYS, most=MAX_STEPS, least=1),
    "approval": Group(
        about="Whether another member has to approve the plan.",
        keys={
            "required": Choice(
                about="byRisk (for high and destructive), always, or never (only for a low risk).",
                among=APPROVALS,
                default="byRisk",
            ),
            "expiresAfterSeconds": Whole(about="How long a plan waits for its approval.", default=900, least=60, most=86_400),
        },
    ),
    "cooldownSeconds": Whole(about="How long the runbook leaves an object alone after it changed it.", default=0, least=0, most=86_400),
    "concurrency": Choice(about="Whether one execution runs for each target, or one in all.", among=CONCURRENCY, default="perTarget"),
    "verify": Group(
        about="How the result is checked.",
        keys={
            "stableSeconds": Whole(about="How long all checks must pass without interruption.", default=60, least=0, most=3600),
            "timeoutSeconds": Whole(about="When the verification ends at the latest.", default=600, least=10, most=7200),
        },
    ),
}
