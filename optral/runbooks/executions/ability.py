"""Whether the agent of a cluster makes a change at all, as far as its capabilities say, and what would let it.

A read-only agent has no journal of changes: it stays read-only until it starts again, and then says so. What else a policy allows can
change while the agent runs, so only that is certain.
"""

import shlex
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from optral.kit.yamls import on_one_line
from optral.runbooks.executions import permissions
from optral.runbooks.model import PROTECTED_NAMESPACES
from optral.terms.verbs import MAX_NAMESPACES, VERBS, WRITES

READ_ONLY = "read-only"
READ_ONLY_CODE = "agent_read_only"
_WHOLE = 64  # capabilities that a cluster keeps: of more, some are missing
Change = tuple[str, str | None]
"""A verb that writes, and the namespace of its object."""


class Obstacle(NamedTuple):
    """Why the changes are not made; `values` of the chart `optral-agent` and the command `up` that allow them, empty if nothing does."""

    code: str
    say: str
    values: dict[str, Any]
    up: tuple[str, ...]

    @property
    def advice(self) -> str:
        """What a person can do."""
        up = f", or start it with {shlex.join(self.up)}" if self.up else ""
        return f"to allow it, set {on_one_line(self.values)} in the values of the optral-agent chart{up}"

    @property
    def helm(self) -> tuple[str, ...]:
        """The values as arguments of Helm."""
        if not self.values:
            return ()
        operate = [f"operate.{name}={_setting(value)}" for name, value in self.values["operate"].items()]
        return tuple(word for one in (f"profile={self.values['profile']}", *operate) for word in ("--set", one))


def obstacle(capabilities: Collection[str], changes: Iterable[Change]) -> Obstacle | None:
    """Why an agent with these capabilities does not make these changes; None when it may, or when it is not known."""
    wanted = [(verb, namespace) for verb, namespace in changes if verb in WRITES]
    if protected := [namespace for _, namespace in wanted if namespace in PROTECTED_NAMESPACES]:
        return Obstacle("namespace_protected", f"Runbooks never change anything in {protected[0]}", {}, ())
    if not wanted or not any(capability.startswith("verb:") for capability in capabilities):
        return None
    if READ_ONLY in capabilities:
        return _blocked(READ_ONLY_CODE, "Optral's agent is read-only in this cluster, so it cannot make this change", wanted)
    return None if len(capabilities) >= _WHOLE else _denied(capabilities, wanted)


def _denied(capabilities: Collection[str], wanted: Sequence[Change]) -> Obstacle | None:
    """The verb or the namespace that the policy does not name. Of as many namespaces as an agent names, there may be more."""
    if denied := [verb for verb, _ in wanted if f"verb:{verb}" not in capabilities]:
        return _blocked("verb_not_allowed", f"The policy of Optral's agent in this cluster does not allow {denied[0]}", wanted)
    named = {capability.removeprefix("namespace:") for capability in capabilities if capability.startswith("namespace:")}
    outside = [namespace for verb, namespace in wanted if VERBS[verb].is_namespaced and not named & {namespace, "*"}]
    if not outside or len(named) >= MAX_NAMESPACES:
        return None
    return _blocked("namespace_not_allowed", f"The policy of Optral's agent in this cluster does not allow changes in {outside[0]}", wanted)


def _blocked(code: str, say: str, wanted: Collection[Change]) -> Obstacle:
    namespaces = sorted({namespace for verb, namespace in wanted if namespace and VERBS[verb].is_namespaced})
    up = ("optral", "up", "--allow-writes", "--namespaces", ",".join(namespaces)) if namespaces else ()
    return Obstacle(code, say, permissions.profile_of([verb for verb, _ in wanted], namespaces), up)


def _setting(value: Any) -> str:
    return "{" + ",".join(value) + "}" if isinstance(value, list) else str(value).lower()
