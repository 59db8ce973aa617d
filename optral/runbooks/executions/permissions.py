"""Permissions that the agent lacks for a plan, and what grants them: a rule of RBAC, or values of the chart `optral-agent`.

The agent asks its API server before each dry run (SelfSubjectAccessReview) and lists what is missing. Only what the verb of the step is
known to need is kept of that list.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from optral.kit.yamls import on_one_line
from optral.runbooks.executions.effects import CommandReport
from optral.runbooks.model import Step
from optral.terms.verbs import MISSING, VERBS, Missing

MAX_SAID = 5


class MissingGrant(NamedTuple):
    """A permission that a step needs and the agent does not have."""

    step: str
    action: str
    missing: Missing

    @property
    def role(self) -> str:
        """The kind of role that the rule belongs in."""
        return "Role" if self.missing.namespace else "ClusterRole"

    @property
    def chart_values(self) -> dict[str, Any]:
        """What the values of the chart `optral-agent` have to contain, so that it grants the permission."""
        if not VERBS[self.action].is_namespaced:
            return profile_of([self.action], [])
        made = profile_of([self.action], [self.missing.namespace])
        return made | {"operate": made["operate"] | {"verbs": [self.action]}}

    def plain(self) -> dict[str, Any]:
        """As the plan stores it."""
        return {"step": self.step, "action": self.action, **self.missing._asdict()}


def profile_of(verbs: Sequence[str], namespaces: Sequence[str]) -> dict[str, Any]:
    """The values of the chart `optral-agent` with which the agent does these verbs, those of workloads in these namespaces."""
    operate: dict[str, Any] = {"namespaces": list(namespaces)} if namespaces else {}
    operate |= {} if all(VERBS[verb].is_namespaced for verb in verbs) else {"nodes": True}
    return {"profile": "operate", "operate": operate | ({"drain": True} if "drain" in verbs else {})}


def of_report(step: Step, report: CommandReport) -> list[MissingGrant]:
    """What the agent lacks for a step, as the report of its dry run says."""
    listed = (report.result or {}).get(MISSING)
    said = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    needed = VERBS[step.verb].permissions.get(step.kind, ())
    return [
        MissingGrant(step.name, step.verb, Missing(*one, step.namespace or "")) for one in needed if any(_is(one, each) for each in said)
    ]


def _is(needed: tuple[str, ...], said: Mapping[str, Any]) -> bool:
    return tuple(said.get(name) for name in Missing._fields[: len(needed)]) == tuple(needed)


def of_plan(plan: Mapping[str, Any]) -> list[MissingGrant]:
    """What the agent lacks for a plan, in the order of its steps."""
    return [
        MissingGrant(permission["step"], permission["action"], Missing(*(permission[name] for name in Missing._fields)))
        for permission in plan.get("missingPermissions") or ()
    ]


def refusal(lacking: Sequence[MissingGrant]) -> str:
    """Why the plan is not executed, and what to do about it."""
    said = [
        f"step {one.step!r} needs {one.missing}: add the rule {on_one_line(one.missing.permission.rule)} to a {one.role} of the agent, "
        f"or set {on_one_line(one.chart_values)} in the values of the optral-agent chart"
        for one in lacking[:MAX_SAID]
    ]
    more = [f"and {len(lacking) - MAX_SAID} more, which the plan lists"] if len(lacking) > MAX_SAID else []
    return "the agent lacks permissions for this plan; " + "; ".join(said + more) + "; nothing was changed"
