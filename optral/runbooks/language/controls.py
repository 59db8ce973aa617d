"""Steps that the server itself does: wait, decide, ask a person, send a message. They send no command and change nothing in a cluster.

Each is a `Verb` like those of an agent, so that a definition, a plan and a page treat all steps alike. The object is the one that its
condition is about; where none is named, it is the object that the runbook changes.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from optral.terms.verbs import KindName, Name, Namespace, Params, Verb

OTHERWISE = ("stop", "skip")
"""What a condition that does not hold does: end the execution as failed, or skip the remaining steps."""
CONDITIONS = frozenset({"until", "when"})
"""The values of a control that are conditions."""
MAX_WAIT_S = 3600  # the object and the turn of its cluster are kept meanwhile
MAX_MESSAGE = 500
TIMES: Mapping[str, tuple[int, int]] = {"wait": (1, MAX_WAIT_S), "condition": (1, 600), "approval": (60, 86_400)}
"""The least and the most `timeoutSeconds` of each control; `notify` and `report` never wait for long."""

Conditions = dict[str, Any]
Message = Annotated[str, Meta(min_length=1, max_length=MAX_MESSAGE)]


class _Control(Params, frozen=True, kw_only=True):
    kind: KindName | Literal[""] = ""
    namespace: Namespace | Literal[""] = ""
    name: Name | Literal[""] = ""

    def __post_init__(self) -> None:
        if bool(self.kind) != bool(self.name):
            raise ValueError("kind and name belong together")

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Wait(_Control, frozen=True, kw_only=True):
    """Wait so many seconds, or until a condition on the inventory holds."""

    seconds: Annotated[int, Meta(ge=1, le=MAX_WAIT_S)] | None = None
    until: Conditions | None = None

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.until is None):
            raise ValueError("seconds or until is required, and not both")
        super().__post_init__()


class Condition(_Control, frozen=True, kw_only=True):
    """Go on only when a condition holds."""

    when: Conditions
    otherwise: Literal["stop", "skip"] = "stop"


class Approval(Params, frozen=True, kw_only=True):
    """Wait for an approval of the plan in the middle of an execution. `message`: what to look at."""

    message: Message = ""

    @property
    def target(self) -> tuple[str, str, str]:
        return "", "", ""


class Notify(Params, frozen=True, kw_only=True):
    """Send a message to the webhooks that receive `runbook.notification`."""

    message: Message

    @property
    def target(self) -> tuple[str, str, str]:
        return "", "", ""


class WriteReport(Params, frozen=True, kw_only=True):
    """Write down what holds an object, what would be lost and which commands a person would run (`reports.py`)."""

    about: Literal["stuckFinalizers", "releasedVolume"]
    kind: KindName
    namespace: Namespace | Literal[""] = ""
    name: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


CONTROLS: Mapping[str, Verb] = {
    one.name: one
    for one in (
        Verb("wait", "readOnly", True, Wait, {}, timeout_s=600),
        Verb("condition", "readOnly", True, Condition, {}, timeout_s=60),
        Verb("approval", "readOnly", True, Approval, {}, timeout_s=900),
        Verb("notify", "readOnly", True, Notify, {}, timeout_s=60),
        Verb("report", "readOnly", True, WriteReport, {}, timeout_s=60),
    )
}
